//! A model that answers requests, running only the generator steps that a request outdates.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};

use super::protocol::{LatentRequest, LiveFrame, LiveRequest, ModelRef};
use super::step_cache::StepCache;
use crate::gpu::ComputeDevice;
use crate::label_image::LabelImage;
use crate::model::parameters::ParameterError;
use crate::model::{LatentDirections, Model, ModelCard, ModelFileError, latent_from_seed, one_hot};

/// How many of the leading latent directions a request can move along.
pub const LATENT_DIRECTIONS: usize = 12;

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
    /// An attribute strength or a latent offset is infinite or not a number.
    #[error("an attribute or latent offset is not a finite number: set it to a number")]
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
    cache: Cache,
}

/// Inputs of the three steps, then their outputs: spatial and basic features, and the pixels as RGBA.
type Cache = StepCache<Arc<LabelImage>, LatentRequest, Arc<[f32]>, Tensor<4>, Tensor<4>, Vec<u8>>;

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
        })
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
        self.check(request)?;
        // The model file allows at most 512 px.
        let side = self.model.card.resolution() as u32;
        let labels = resampled(&request.labels, side);
        let steps = self.cache.keep_valid(&labels, &request.latent, &request.attributes);
        let rgba = match self.run_steps(labels, request) {
            Ok(rgba) => rgba,
            Err(error) => {
                self.cache.clear();
                return Err(error);
            }
        };
        Ok(LiveFrame {
            generation: request.generation,
            width: side,
            height: side,
            rgba,
            steps,
            render_ms: began.elapsed().as_secs_f32() * 1e3,
        })
    }

    /// Forgets the step outputs, so that the next request runs every step.
    pub fn forget(&mut self) {
        self.cache.clear();
    }

    fn run_steps(&mut self, labels: Arc<LabelImage>, request: &LiveRequest) -> Result<Vec<u8>, RenderError> {
        let Self { model, device, directions, cache } = self;
        let generator = &model.generator;
        let resolution = model.card.resolution();
        let n_labels = model.card.taxonomy.n_labels();
        let spatial = cache
            .spatial::<RenderError>(labels, |labels| {
                Ok(generator.spatial(one_hot(labels.ids(), 1, n_labels, resolution, device)))
            })?
            .clone();
        let basic = cache
            .latent::<RenderError>(request.latent.clone(), |latent| {
                let mut z = latent_from_seed(latent.seed, model.card.generator.n_z);
                directions.displace(&mut z, &latent.offsets);
                Ok(generator.latent(spatial, row(z, device)))
            })?
            .clone();
        cache
            .attributes(Arc::clone(&request.attributes), |attributes| {
                let image = generator.attributes(basic, row(attributes.to_vec(), device));
                image
                    .try_into_data_as::<f32>()
                    .map_err(|error| RenderError::Device(error.to_string()))
                    .and_then(|data| to_rgba(data, resolution))
            })
            .cloned()
    }

    fn check(&self, request: &LiveRequest) -> Result<(), RenderError> {
        let card = &self.model.card;
        let id = request.labels.max_id();
        if usize::from(id) >= card.taxonomy.n_labels() {
            return Err(RenderError::UnknownLabel {
                id,
                model: card.name.clone(),
                count: card.taxonomy.n_labels(),
                taxonomy: card.taxonomy.name.clone(),
            });
        }
        if request.attributes.len() != card.taxonomy.n_attributes() {
            return Err(RenderError::AttributeCount {
                model: card.name.clone(),
                expected: card.taxonomy.n_attributes(),
                got: request.attributes.len(),
            });
        }
        let mut numbers = request.attributes.iter().chain(&request.latent.offsets);
        if numbers.any(|number| !number.is_finite()) {
            return Err(RenderError::NotFinite);
        }
        Ok(())
    }
}

fn resampled(labels: &Arc<LabelImage>, side: u32) -> Arc<LabelImage> {
    if (labels.width(), labels.height()) == (side, side) {
        Arc::clone(labels)
    } else {
        Arc::new(labels.resize_majority(side, side))
    }
}

fn row(values: Vec<f32>, device: &Device) -> Tensor<2> {
    let shape = [1, values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Planar RGB in [−1, 1] to opaque interleaved RGBA; not-a-number becomes 0.
fn to_rgba(image: TensorData, resolution: usize) -> Result<Vec<u8>, RenderError> {
    let planes = image.as_slice::<f32>().map_err(|error| RenderError::Device(format!("{error:?}")))?;
    let size = resolution * resolution;
    if planes.len() != 3 * size {
        return Err(RenderError::Device(format!(
            "{} values instead of an image of {resolution}×{resolution}",
            planes.len()
        )));
    }
    Ok((0..size)
        .flat_map(|at| [to_byte(planes[at]), to_byte(planes[size + at]), to_byte(planes[2 * size + at]), u8::MAX])
        .collect())
}

/// [−1, 1] to 0–255, rounded to the nearest; values outside are clamped.
fn to_byte(value: f32) -> u8 {
    (value * 127.5 + 127.5).round() as u8
}

#[cfg(test)]
mod tests;
