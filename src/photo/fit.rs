//! Looking for the latent code whose picture comes nearest to a photograph, mask and attributes being given.
//!
//! The best of a few random codes is improved by Adam on a difference of pixels and of the segmentor's features, as in
//! projecting photographs into a GAN's latent space (Zhu et al. 2016; Abdal et al. 2019).

use std::f64::consts::PI;

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

use super::{PhotoError, to_picture, to_tensor, values};
use crate::gpu::ComputeDevice;
use crate::kernels::{self, AdamStep, Moments};
use crate::label_image::LabelImage;
use crate::model::{Generator, Model, Segmentor, latent_from_seed, one_hot};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// The last step's learning rate, as a part of the first one's.
const LAST_RATE: f64 = 0.1;
/// Background counts as much less than what is on it: nobody looks for a wall.
const BACKGROUND_WEIGHT: f32 = 0.3;
/// Weight of colours averaged over 4×4 and 16×16 pixels, beside single pixels.
const COLOR_WEIGHT: f32 = 1.0;
/// Weight of the segmentor's features.
const FEATURE_WEIGHT: f32 = 0.3;
/// No coordinate goes further; what the editor allows.
const COORDINATE_LIMIT: f32 = 4.0;

/// How a code is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct FitSettings {
    /// Random codes that are tried; the best one is the start. At least one is tried.
    pub candidates: usize,
    /// Steps of Adam.
    pub steps: usize,
    /// Its learning rate at first; it falls along a cosine.
    pub rate: f64,
    /// Seed of the first random code; the others follow.
    pub seed: u64,
}

impl Default for FitSettings {
    /// Some 20 s on two processor cores, at 128×128.
    fn default() -> Self {
        Self { candidates: 16, steps: 120, rate: 0.08, seed: 0 }
    }
}

/// What is to be matched.
#[derive(Clone, Debug, PartialEq)]
pub struct FitTarget {
    /// The framed photo, of the model's resolution.
    pub photo: RgbImage,
    /// The mask, of any size.
    pub labels: LabelImage,
    /// A strength per attribute.
    pub attributes: Vec<f32>,
}

/// How far a fit is. Losses are mean differences, 0 for equal pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct FitProgress {
    /// Steps of Adam so far; 0 while random codes are tried.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// The best code so far.
    pub best: Fit,
}

/// A code and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// `[n_z]`, finite.
    pub z: Vec<f32>,
    /// Its difference from the photo.
    pub loss: f32,
    /// Difference of the best random code.
    pub start_loss: f32,
    /// Its picture.
    pub picture: RgbImage,
}

/// Looks for the code of a photo with a model that lies on `compute.autodiff()`. `go_on` hears of every step and is asked
/// before each half of one; `None` as soon as it says no. The same arguments give the same code on the same device.
///
/// # Errors
/// The target does not fit the model, nothing but differences that are no numbers came up, or the device fails.
pub fn fit(
    model: &Model,
    compute: &ComputeDevice,
    target: &FitTarget,
    settings: &FitSettings,
    go_on: &mut dyn FnMut(Option<&FitProgress>) -> bool,
) -> Result<Option<Fit>, PhotoError> {
    let device = compute.autodiff().device;
    let problem = Problem::new(model, target, &device)?;
    let n_z = model.card.generator.n_z;
    let Some(start) = best_candidate(&problem, n_z, settings, go_on)? else { return Ok(None) };
    let mut best = start;
    let mut z = best.z.clone();
    let zeros = Tensor::zeros([n_z], &compute.device);
    let mut moments = Moments { first: zeros.clone(), second: zeros };
    for step in 0..settings.steps {
        if !go_on(Some(&FitProgress { step, steps: settings.steps, best: best.clone() })) {
            return Ok(None);
        }
        let row = Tensor::<2>::from_data(TensorData::new(z.clone(), [1, n_z]), &device).require_grad();
        let (picture, loss) = problem.difference(row.clone());
        let value = scalar(loss.clone())?;
        if !value.is_finite() {
            // What was found before is still good.
            break;
        }
        if value < best.loss {
            best = Fit { z: z.clone(), loss: value, start_loss: best.start_loss, picture: to_picture(picture)? };
        }
        if !go_on(None) {
            return Ok(None);
        }
        let gradients = loss.backward();
        let Some(gradient) = row.grad(&gradients) else { break };
        let update = adam_step(step, settings);
        let before = Tensor::<1>::from_data(TensorData::from(z.as_slice()), &compute.device);
        let (after, new) = kernels::adam(before, gradient.reshape([n_z]), moments, update);
        moments = new;
        z = values(after)?;
        if !z.iter().all(|value| value.is_finite()) {
            break;
        }
        onto_shell(&mut z);
    }
    Ok(Some(best))
}

fn adam_step(step: usize, settings: &FitSettings) -> AdamStep {
    let count = step as i32 + 1;
    let part = step as f64 / settings.steps.max(1) as f64;
    let rate = settings.rate * (LAST_RATE + (1.0 - LAST_RATE) * (0.5 + 0.5 * (PI * part).cos()));
    AdamStep {
        beta1: BETA1,
        beta2: BETA2,
        rate: rate / (1.0 - BETA1.powi(count)),
        root: (1.0 - BETA2.powi(count)).sqrt(),
        epsilon: EPSILON,
        scale: 1.0,
    }
}

/// Standard normal codes are as long as √n_z, nearly; no other does the generator know.
pub(super) fn onto_shell(z: &mut [f32]) {
    let length = z.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        let scale = (z.len() as f32).sqrt() / length;
        z.iter_mut().for_each(|value| *value = (*value * scale).clamp(-COORDINATE_LIMIT, COORDINATE_LIMIT));
    }
}

/// The best of the first random codes.
fn best_candidate(
    problem: &Problem,
    n_z: usize,
    settings: &FitSettings,
    go_on: &mut dyn FnMut(Option<&FitProgress>) -> bool,
) -> Result<Option<Fit>, PhotoError> {
    let mut best: Option<Fit> = None;
    for candidate in 0..settings.candidates.max(1) as u64 {
        let progress = best.as_ref().map(|best| FitProgress { step: 0, steps: settings.steps, best: best.clone() });
        if !go_on(progress.as_ref()) {
            return Ok(None);
        }
        let mut z = latent_from_seed(settings.seed.wrapping_add(candidate), n_z);
        onto_shell(&mut z);
        let row = Tensor::<2>::from_data(TensorData::new(z.clone(), [1, n_z]), &problem.device);
        let (picture, loss) = problem.difference(row);
        let loss = scalar(loss)?;
        if loss.is_finite() && best.as_ref().is_none_or(|best| loss < best.loss) {
            best = Some(Fit { z, loss, start_loss: loss, picture: to_picture(picture)? });
        }
    }
    best.map(Some).ok_or(PhotoError::NotFinite)
}

/// Everything that stays the same from step to step.
struct Problem {
    device: Device,
    generator: Generator,
    segmentor: Option<Segmentor>,
    /// Step 1's output for the mask.
    spatial: Tensor<4>,
    attributes: Tensor<2>,
    photo: Tensor<4>,
    /// The segmentor's features of the photo.
    features: Option<Tensor<4>>,
    /// How much each pixel counts, `[1, 1, R, R]`; 1 on the mean.
    weights: Tensor<4>,
}

impl Problem {
    fn new(model: &Model, target: &FitTarget, device: &Device) -> Result<Self, PhotoError> {
        let card = &model.card;
        let mismatch = |what| PhotoError::Mismatch { what, model: card.name.clone() };
        let side = card.resolution();
        let n_labels = card.taxonomy.n_labels();
        if target.photo.dimensions() != (side as u32, side as u32) {
            return Err(mismatch("the pixels"));
        }
        if usize::from(target.labels.max_id()) >= n_labels {
            return Err(mismatch("the labels"));
        }
        let finite = target.attributes.iter().all(|strength| strength.is_finite());
        if target.attributes.len() != card.taxonomy.n_attributes() || !finite {
            return Err(mismatch("the attributes"));
        }
        let generator = model.generator.clone().no_grad();
        let segmentor = model.segmentor.clone().map(|segmentor| segmentor.no_grad());
        let labels = target.labels.resize_majority(side as u32, side as u32);
        let photo = to_tensor(&target.photo, device);
        let attributes = TensorData::new(target.attributes.clone(), [1, target.attributes.len()]);
        Ok(Self {
            spatial: generator.spatial(one_hot(labels.ids(), 1, n_labels, side, device)),
            attributes: Tensor::from_data(attributes, device),
            features: segmentor.as_ref().map(|segmentor| segmentor.features(photo.clone())),
            weights: weights(&labels, device),
            device: device.clone(),
            generator,
            segmentor,
            photo,
        })
    }

    /// The picture of z `[1, n_z]`, and its difference from the photo, `[1]`.
    fn difference(&self, z: Tensor<2>) -> (Tensor<4>, Tensor<1>) {
        let basic = self.generator.latent(self.spatial.clone(), z);
        let picture = self.generator.attributes(basic, self.attributes.clone());
        let difference = picture.clone() - self.photo.clone();
        let mut loss = (difference.clone().abs() * self.weights.clone()).mean();
        let weighted = difference * self.weights.clone();
        let coarse = averaged(weighted, 4);
        loss = loss + coarse.clone().abs().mean() * COLOR_WEIGHT + averaged(coarse, 4).abs().mean() * COLOR_WEIGHT;
        if let (Some(segmentor), Some(features)) = (&self.segmentor, &self.features) {
            loss = loss + (segmentor.features(picture.clone()) - features.clone()).abs().mean() * FEATURE_WEIGHT;
        }
        (picture, loss)
    }
}

fn weights(labels: &LabelImage, device: &Device) -> Tensor<4> {
    let weights: Vec<f32> = labels.ids().iter().map(|id| if *id == 0 { BACKGROUND_WEIGHT } else { 1.0 }).collect();
    let mean = weights.iter().sum::<f32>() / weights.len() as f32;
    let weights: Vec<f32> = weights.into_iter().map(|weight| weight / mean).collect();
    let shape = [1, 1, labels.height() as usize, labels.width() as usize];
    Tensor::from_data(TensorData::new(weights, shape), device)
}

/// Mean of boxes of `by`×`by`, `[b, c, h, w] → [b, c, h/by, w/by]`.
fn averaged(x: Tensor<4>, by: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch * channels, height / by, by, width / by, by]);
    x.mean_dim(4).mean_dim(2).reshape([batch, channels, height / by, width / by])
}

fn scalar(loss: Tensor<1>) -> Result<f32, PhotoError> {
    values(loss)?.first().copied().ok_or(PhotoError::NotFinite)
}
