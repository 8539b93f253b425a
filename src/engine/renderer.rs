//! A model that answers requests, running only the generator steps that a request outdates.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};

use self::wall::WallCache;
use super::obedience::{Obedience, Reader};
use super::passes::Passes;
use super::picture::{Picture, PicturePixels};
use super::protocol::{LiveFrame, LiveRequest, ModelRef, StepCounts, StepsRun};
use super::step_cache::StepCache;
use crate::document::{LabelMap, LatentState};
use crate::gpu::{ComputeDevice, TextureOutput};
use crate::label_image::LabelImage;
use crate::model::parameters::ParameterError;
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
    cache: Steps<Rendered>,
    mask: MaskAtModelSize,
    counts: StepCounts,
    textures: Option<Box<dyn TextureOutput>>,
    /// Where pictures become textures: draws them in place of the generator's own operations.
    passes: Option<Passes>,
    texture_failure: Option<String>,
    /// Made when it is first needed; inside, none for a model without a segmentor.
    reader: Option<Option<Box<Reader>>>,
    wall: WallCache,
}

/// Inputs of the three steps, then their outputs: spatial and basic features, and the picture. The latent's input is z
/// itself, so that two states with the same code share its output.
type Steps<I> = StepCache<Arc<LabelImage>, Vec<f32>, Arc<[f32]>, Tensor<4>, AttributeBase, I>;

/// Step 3's output, and how it is shown.
struct Rendered {
    /// `[1, 3, R, R]` in [−1, 1].
    image: Tensor<4>,
    picture: Picture,
}

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
            textures: None,
            passes: None,
            texture_failure: None,
            reader: None,
            wall: WallCache::default(),
        })
    }

    /// Pictures become textures from now on. After the first failure of `output` they become pixels again.
    #[must_use]
    pub fn with_textures(mut self, output: Box<dyn TextureOutput>) -> Self {
        self.cache.clear();
        let Model { generator, card, .. } = &self.model;
        self.passes = output.pass().and_then(|device| Passes::new(device, generator, &card.generator));
        self.textures = Some(output);
        self
    }

    /// Why pictures are no textures any more, once.
    pub fn take_texture_failure(&mut self) -> Option<String> {
        self.texture_failure.take()
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
        let (steps, picture) = match self.passed(request)? {
            Some(drawn) => drawn,
            None => self.rendered(request).map(|(steps, rendered)| (steps, rendered.picture.clone()))?,
        };
        let side = self.side_px();
        let render_ms = began.elapsed().as_secs_f32() * 1e3;
        Ok(LiveFrame { generation: request.generation, width: side, height: side, picture, steps, render_ms })
    }

    /// Renders a request, or takes the last picture if it is that, and reads its pixels.
    ///
    /// On the device that draws the window this holds a frame up for as long as the copy takes, some milliseconds. A
    /// second device would not, but it would need the model once more and compile every kernel again, which takes many
    /// seconds; and an export is a click, not a drag. So exports are read from the device that drew the picture, and
    /// show exactly what was on screen.
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderError> {
        let resolution = self.model.card.resolution();
        if self.passed(request)?.is_some()
            && let Some(passes) = &self.passes
        {
            let values = passes.read().map_err(|error| RenderError::Device(error.to_string()))?;
            let rgba = to_rgba(&values, resolution)?;
            return Ok(PicturePixels { width: self.side_px(), height: self.side_px(), rgba });
        }
        let (_, rendered) = self.rendered(request)?;
        let rgba = match &rendered.picture {
            Picture::Pixels(rgba) => Arc::clone(rgba),
            Picture::Texture(_) => pixels(rendered.image.clone(), resolution)?,
        };
        Ok(PicturePixels { width: self.side_px(), height: self.side_px(), rgba })
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

    /// The picture by compute passes; none where there are none, or no more.
    fn passed(&mut self, request: &LiveRequest) -> Result<Option<(StepsRun, Picture)>, RenderError> {
        if self.passes.is_none() {
            return Ok(None);
        }
        self.check(&request.attributes, &request.latent)?;
        let labels = self.labels(&request.labels)?;
        let z = compose(&request.latent, self.model.card.generator.n_z, &self.directions);
        let drawn = self.passes.as_mut().map(|passes| passes.draw(&labels, z, &request.attributes));
        match drawn {
            Some(Ok((steps, picture))) => {
                self.counts.spatial += u64::from(steps.spatial);
                self.counts.latent += u64::from(steps.latent);
                self.counts.attributes += u64::from(steps.attributes);
                Ok(Some((steps, picture)))
            }
            Some(Err(error)) => {
                // The device may still do what Burn asks of it; if not, that says so.
                tracing::warn!("pictures by compute passes: {error}");
                self.passes = None;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn rendered(&mut self, request: &LiveRequest) -> Result<(StepsRun, &Rendered), RenderError> {
        self.check(&request.attributes, &request.latent)?;
        let labels = self.labels(&request.labels)?;
        let z = compose(&request.latent, self.model.card.generator.n_z, &self.directions);
        let steps = self.cache.keep_valid(&labels, &z, &request.attributes);
        if let Err(error) = self.run_steps(labels, z, &request.attributes) {
            self.cache.clear();
            return Err(error);
        }
        let rendered = self.cache.attributes(Arc::clone(&request.attributes), |_| {
            Err(RenderError::Device("the picture was lost between two steps".to_owned()))
        })?;
        Ok((steps, rendered))
    }

    fn run_steps(&mut self, labels: Arc<LabelImage>, z: Vec<f32>, attributes: &Arc<[f32]>) -> Result<(), RenderError> {
        let Self { model, device, cache, counts, textures, texture_failure, .. } = self;
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
            let image = model.generator.attributes_on(base, row(attributes.to_vec(), device));
            let picture = match draw(textures, &image, texture_failure) {
                Some(picture) => picture,
                None => Picture::Pixels(pixels(image.clone(), resolution)?),
            };
            Ok(Rendered { image, picture })
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

/// The picture as a texture. After a failure, and a word about it, there are no more of them.
fn draw(
    textures: &mut Option<Box<dyn TextureOutput>>,
    image: &Tensor<4>,
    failure: &mut Option<String>,
) -> Option<Picture> {
    match textures.as_ref()?.draw(image) {
        Ok(texture) => Some(Picture::Texture(texture)),
        Err(error) => {
            *failure = Some(error.to_string());
            *textures = None;
            None
        }
    }
}

fn row(values: Vec<f32>, device: &Device) -> Tensor<2> {
    let shape = [1, values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Reads `[1, 3, R, R]` in [−1, 1] back as opaque interleaved RGBA; not-a-number becomes 0.
fn pixels(image: Tensor<4>, resolution: usize) -> Result<Arc<[u8]>, RenderError> {
    let data = image.try_into_data_as::<f32>().map_err(|error| RenderError::Device(error.to_string()))?;
    to_rgba(data.as_slice::<f32>().map_err(|error| RenderError::Device(format!("{error:?}")))?, resolution)
}

/// Three planes of `resolution²` values in [−1, 1].
fn to_rgba(planes: &[f32], resolution: usize) -> Result<Arc<[u8]>, RenderError> {
    let size = resolution * resolution;
    if planes.len() != 3 * size {
        return Err(RenderError::Device(format!(
            "{} values instead of an image of {resolution}×{resolution}",
            planes.len()
        )));
    }
    let (red, others) = planes.split_at(size);
    let (green, blue) = others.split_at(size);
    let mut rgba = vec![u8::MAX; 4 * size];
    for (pixel, ((red, green), blue)) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(red.iter().zip(green).zip(blue)) {
        *pixel = [to_byte(*red), to_byte(*green), to_byte(*blue), u8::MAX];
    }
    Ok(rgba.into())
}

/// [−1, 1] to 0–255, rounded to the nearest; values outside are clamped. Without a call of `round`, which most processors'
/// common instructions lack.
fn to_byte(value: f32) -> u8 {
    (value * 127.5 + 128.0) as u8
}

mod wall;

#[cfg(test)]
mod tests;
