//! A model that answers requests, running only the generator steps that a request outdates.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};

use self::wall::WallCache;
use super::obedience::{Obedience, Reader};
use super::passes::{Form, Passes};
use super::picture::{Picture, PicturePixels, to_rgba};
use super::protocol::{LiveFrame, LiveRequest, ModelRef, StepCounts, StepsRun};
use super::step_cache::StepCache;
use crate::document::{LabelMap, LatentState};
use crate::gpu::{ComputeDevice, TextureError, TexturePass};
use crate::label_image::LabelImage;
use crate::model::parameters::{self, ParameterError, TensorMap};
use crate::model::{AttributeBase, LatentDirections, Model, ModelCard, ModelFileError, compose, one_hot};

/// How many of the leading latent directions a request can move along.
pub const LATENT_DIRECTIONS: usize = 36;

/// Why a request has no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The label map uses a label that the model lacks.
    #[error(
        "the mask uses label {id}, but the model {model} has only {count} labels: choose a mask of its taxonomy ({taxonomy})"
    )]
    UnknownLabel {
        /// The label.
        id: u8,
        /// The model's name.
        model: String,
        /// How many labels it has.
        count: usize,
        /// The taxonomy it was trained with.
        taxonomy: String,
    },
    /// The number of attribute strengths is not the model's.
    #[error("{got} attributes were given, but the model {model} has {expected}: choose attributes of its taxonomy")]
    AttributeCount {
        /// The model's name.
        model: String,
        /// How many it has.
        expected: usize,
        /// How many were given.
        got: usize,
    },
    /// An attribute strength or a number of the latent code is infinite or not a number.
    #[error("an attribute or a number of the latent code is not finite: set it to a number")]
    NotFinite,
    /// The device could not compute or hand over the picture.
    #[error("the compute device failed: {0}; try again, or use --device cpu")]
    Device(String),
}

/// Why there is no renderer for a model.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no such model, or its file is not one.
    #[error(transparent)]
    File(#[from] ModelFileError),
    /// The device could not hand over the weights that the latent directions are computed from.
    #[error("the compute device failed: {0}; try again, or use --device cpu")]
    Device(#[from] ParameterError),
}

/// A loaded model on a device, with the step outputs of its last picture.
pub struct Renderer {
    model: Model,
    device: Device,
    directions: LatentDirections,
    cache: Steps<Arc<[u8]>>,
    mask: MaskAtModelSize,
    counts: StepCounts,
    /// Draws in place of the generator's own operations.
    passes: Option<Passes>,
    /// Made when it is first needed; inside, none for a model without a segmentor.
    reader: Option<Option<Box<Reader>>>,
    wall: WallCache,
}

/// Inputs of the three steps, then their outputs: spatial and basic features, and the picture. The latent's input is z
/// itself, so that two states with the same code share its output.
type Steps<I> = StepCache<Arc<LabelImage>, Vec<f32>, Arc<[f32]>, Tensor<4>, AttributeBase, I>;

/// The last mask beside what came of it at the model's size. Most requests bring the mask of the one before, which shares
/// its tiles, so that seeing this costs next to nothing.
#[derive(Default)]
struct MaskAtModelSize(Option<(LabelMap, Arc<LabelImage>)>);

impl MaskAtModelSize {
    /// What came of this mask, if it is the last one.
    fn known(&self, labels: &LabelMap) -> Option<Arc<LabelImage>> {
        self.0.as_ref().filter(|(last, _)| last == labels).map(|(_, made)| Arc::clone(made))
    }

    fn get<E>(
        &mut self,
        labels: &LabelMap,
        make: impl FnOnce(LabelImage) -> Result<LabelImage, E>,
    ) -> Result<Arc<LabelImage>, E> {
        if let Some(made) = self.known(labels) {
            return Ok(made);
        }
        let made = Arc::new(make(labels.to_image())?);
        self.0 = Some((labels.clone(), Arc::clone(&made)));
        Ok(made)
    }
}

impl Renderer {
    /// Loads a model onto a device.
    ///
    /// # Errors
    /// When there is no such model, its file cannot be read or is not a valid model file, or the device fails.
    pub fn load(model: &ModelRef, compute: &ComputeDevice) -> Result<Self, LoadError> {
        let model = match model {
            ModelRef::Bundled(name) => Model::bundled(name, compute)?,
            ModelRef::File(path) => Model::load(path, compute)?,
        };
        Ok(Self::new(model, compute)?)
    }

    /// Renders with a model that lies on `compute`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn new(model: Model, compute: &ComputeDevice) -> Result<Self, ParameterError> {
        Ok(Self {
            directions: LatentDirections::of(&model.generator, LATENT_DIRECTIONS)?,
            model,
            device: compute.device.clone(),
            cache: StepCache::default(),
            mask: MaskAtModelSize::default(),
            counts: StepCounts::default(),
            passes: None,
            reader: None,
            wall: WallCache::default(),
        })
    }

    /// Draws by compute passes on a device from now on; the model stays where it is for the rest.
    ///
    /// # Errors
    /// The device refuses or fails, or computes something else than the CPU; the generator is not step by step.
    pub fn draw_on(&mut self, device: &TexturePass, form: Form) -> Result<(), RenderError> {
        let failed = |error: String| RenderError::Device(error);
        let tensors = self.tensors().map_err(|error| failed(error.to_string()))?;
        let passes = Passes::new(device, &tensors, &self.model.card.generator, form);
        self.draw_by(passes.map_err(|error| failed(error.to_string()))?);
        Ok(())
    }

    /// Draws by these compute passes, which are of this model's generator, from now on.
    pub(super) fn draw_by(&mut self, passes: Passes) {
        self.forget();
        self.passes = Some(passes);
    }

    /// The generator's weights, for [`Passes::new`].
    pub(super) fn tensors(&self) -> Result<TensorMap, ParameterError> {
        parameters::read(&self.model.generator, "generator")
    }

    /// How often each step has run on this renderer.
    pub fn step_counts(&self) -> StepCounts {
        self.counts
    }

    /// What the model says about itself.
    pub fn card(&self) -> &ModelCard {
        &self.model.card
    }

    /// How strongly each latent direction acts, strongest first.
    pub fn singular_values(&self) -> &[f32] {
        &self.directions.singular_values
    }

    /// Renders a request.
    ///
    /// # Errors
    /// When the request does not fit the model, or the device fails. The next request starts afresh then.
    pub fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderError> {
        let began = Instant::now();
        let drawn = self.by_passes(&request.labels, &request.latent, &request.attributes, Passes::draw)?;
        let (steps, picture) = match drawn {
            Some(drawn) => drawn,
            None => self.rendered(request).map(|(steps, rgba)| (steps, Picture::Pixels(rgba)))?,
        };
        let side = self.side_px();
        let render_ms = began.elapsed().as_secs_f32() * 1e3;
        Ok(LiveFrame { generation: request.generation, width: side, height: side, picture, steps, render_ms })
    }

    /// Renders a request, or takes the last picture if it is that, and reads its pixels.
    ///
    /// It comes from the device that drew the picture, so it shows exactly what was on screen.
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderError> {
        let (width, height) = (self.side_px(), self.side_px());
        if let Some((_, values)) =
            self.by_passes(&request.labels, &request.latent, &request.attributes, Passes::values)?
        {
            return Ok(PicturePixels { width, height, rgba: to_rgba(&values) });
        }
        let (_, rendered) = self.rendered(request)?;
        Ok(PicturePixels { width, height, rgba: Arc::clone(&rendered) })
    }

    /// Reads the picture of a request with the model's segmentor. `None` where there is no segmentor, or as soon as `go_on`
    /// says no.
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub fn obedience(
        &mut self,
        request: &LiveRequest,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Obedience>, RenderError> {
        if self.reader.is_none() {
            let reader = Reader::of(&self.model).map_err(|error| RenderError::Device(error.to_string()))?;
            self.reader = Some(reader.map(Box::new));
        }
        let picture = self.read(request)?;
        let mask = self.labels(&request.labels)?;
        match self.reader.as_ref().and_then(Option::as_ref) {
            Some(reader) => reader.read(request.generation, &picture, &mask, go_on),
            None => Ok(None),
        }
    }

    /// Forgets the step outputs, so that the next request runs every step.
    pub fn forget(&mut self) {
        self.cache.clear();
        if let Some(passes) = &mut self.passes {
            passes.forget();
        }
        self.wall = WallCache::default();
    }

    fn side_px(&self) -> u32 {
        // The model file allows at most 512 px.
        self.model.card.resolution() as u32
    }

    /// What compute passes make of a request; none where there are none.
    fn by_passes<T>(
        &mut self,
        labels: &LabelMap,
        latent: &LatentState,
        attributes: &Arc<[f32]>,
        make: impl FnOnce(&mut Passes, &Arc<LabelImage>, Vec<f32>, &Arc<[f32]>) -> Result<(StepsRun, T), TextureError>,
    ) -> Result<Option<(StepsRun, T)>, RenderError> {
        if self.passes.is_none() {
            return Ok(None);
        }
        self.check(attributes, latent)?;
        let labels = self.labels(labels)?;
        let z = compose(latent, self.model.card.generator.n_z, &self.directions);
        let Some(passes) = &mut self.passes else { return Ok(None) };
        let made = make(passes, &labels, z, attributes).map_err(|error| RenderError::Device(error.to_string()))?;
        let StepsRun { spatial, latent, attributes } = made.0;
        self.counts.spatial += u64::from(spatial);
        self.counts.latent += u64::from(latent);
        self.counts.attributes += u64::from(attributes);
        Ok(Some(made))
    }

    fn rendered(&mut self, request: &LiveRequest) -> Result<(StepsRun, Arc<[u8]>), RenderError> {
        self.check(&request.attributes, &request.latent)?;
        let labels = self.labels(&request.labels)?;
        let z = compose(&request.latent, self.model.card.generator.n_z, &self.directions);
        let steps = self.cache.keep_valid(&labels, &z, &request.attributes);
        if let Err(error) = self.run_steps(labels, z, &request.attributes) {
            self.cache.clear();
            return Err(error);
        }
        let rgba = self.cache.attributes(Arc::clone(&request.attributes), |_| {
            Err(RenderError::Device("the picture was lost between two steps".to_owned()))
        })?;
        Ok((steps, Arc::clone(rgba)))
    }

    fn run_steps(&mut self, labels: Arc<LabelImage>, z: Vec<f32>, attributes: &Arc<[f32]>) -> Result<(), RenderError> {
        let Self { model, device, cache, counts, .. } = self;
        let resolution = model.card.resolution();
        let spatial = cache
            .spatial::<RenderError>(labels, |labels| {
                counts.spatial += 1;
                Ok(spatial(model, labels, device))
            })?
            .clone();
        let base = cache
            .latent::<RenderError>(z, |z| {
                counts.latent += 1;
                Ok(attribute_base(model, spatial, z, device))
            })?
            .clone();
        cache.attributes(Arc::clone(attributes), |attributes| {
            counts.attributes += 1;
            pixels(model.generator.attributes_on(base, row(attributes.to_vec(), device)), resolution)
        })?;
        Ok(())
    }

    /// The mask at the model's size, as long as the model knows its labels.
    fn labels(&mut self, labels: &LabelMap) -> Result<Arc<LabelImage>, RenderError> {
        self.mask.get(labels, |labels| at_model_size(&self.model.card, labels))
    }

    fn check(&self, attributes: &[f32], latent: &LatentState) -> Result<(), RenderError> {
        let card = &self.model.card;
        if attributes.len() != card.taxonomy.n_attributes() {
            return Err(RenderError::AttributeCount {
                model: card.name.clone(),
                expected: card.taxonomy.n_attributes(),
                got: attributes.len(),
            });
        }
        if !attributes.iter().all(|number| number.is_finite()) || !latent.is_finite() {
            return Err(RenderError::NotFinite);
        }
        Ok(())
    }
}

/// A mask at the model's size, as long as the model knows its labels.
fn at_model_size(card: &ModelCard, labels: LabelImage) -> Result<LabelImage, RenderError> {
    let (id, side) = (labels.max_id(), card.resolution() as u32);
    if usize::from(id) >= card.taxonomy.n_labels() {
        return Err(RenderError::UnknownLabel {
            id,
            model: card.name.clone(),
            count: card.taxonomy.n_labels(),
            taxonomy: card.taxonomy.name.clone(),
        });
    }
    let fits = (labels.width(), labels.height()) == (side, side);
    Ok(if fits { labels } else { labels.resize_majority(side, side) })
}

/// Step 1: the features of a mask at the model's size.
fn spatial(model: &Model, labels: &LabelImage, device: &Device) -> Tensor<4> {
    let card = &model.card;
    model.generator.spatial(one_hot(labels.ids(), 1, card.taxonomy.n_labels(), card.resolution(), device))
}

/// Step 2, and as much of step 3 as attributes have no part in.
fn attribute_base(model: &Model, spatial: Tensor<4>, z: &[f32], device: &Device) -> AttributeBase {
    let basic = model.generator.latent(spatial, row(z.to_vec(), device));
    // On a GPU there is little to win, and each shape of a convolution has to be tuned at first.
    let splits = *device == Device::flex();
    if splits { model.generator.attribute_base(basic, model.card.taxonomy.n_attributes()) } else { basic.into() }
}

fn row(values: Vec<f32>, device: &Device) -> Tensor<2> {
    let shape = [1, values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Reads `[n, 3, R, R]` in [−1, 1] back, one picture behind the other; not-a-number becomes 0.
fn all_pixels(images: Tensor<4>, resolution: usize) -> Result<Vec<Arc<[u8]>>, RenderError> {
    let data = images.try_into_data_as::<f32>().map_err(|error| RenderError::Device(error.to_string()))?;
    let values = data.as_slice::<f32>().map_err(|error| RenderError::Device(format!("{error:?}")))?;
    Ok(values.chunks_exact(3 * resolution * resolution).map(to_rgba).collect())
}

fn pixels(image: Tensor<4>, resolution: usize) -> Result<Arc<[u8]>, RenderError> {
    let picture = all_pixels(image, resolution)?.pop();
    picture.ok_or_else(|| RenderError::Device("the device handed over less than a picture".to_owned()))
}

mod wall;

#[cfg(test)]
mod tests;
