//! Differentiable augmentation: D never sees a picture, real or generated, but through a random change, and G learns
//! through the same change. So D cannot learn few pictures by heart, and G need not learn the changes.

use burn::tensor::{Device, Tensor, TensorData};

use super::config::TrainConfig;
use crate::model::Noise;

/// Change of brightness at full strength, to either side.
const BRIGHTNESS: f32 = 0.5;
/// Change of the factor on saturation at full strength, to either side.
const SATURATION: f32 = 1.0;
/// Change of the factor on contrast at full strength, to either side.
const CONTRAST: f32 = 0.5;
/// Farthest shift at full strength, as a part of the side.
const SHIFT: f64 = 0.125;
/// Side of the hole at full strength, as a part of the picture's.
const HOLE: f64 = 0.5;

/// How strong each kind of change is, 0 (none) to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Augmentation {
    /// Brightness, saturation and contrast.
    pub color: f64,
    /// Shifts.
    pub translation: f64,
    /// A hole.
    pub cutout: f64,
}

impl Augmentation {
    /// The augmentation of a configuration.
    pub fn new(config: &TrainConfig) -> Self {
        Self { color: config.augment_color, translation: config.augment_translation, cutout: config.augment_cutout }
    }

    /// Draws a change for each of `batch` pictures of `side` px; nothing is drawn of kinds that are off, and none at all
    /// when all are.
    pub fn draw(&self, noise: &mut Noise, batch: usize, side: usize, device: &Device) -> Option<Transforms> {
        let color = (self.color > 0.0).then(|| Color::draw(self.color as f32, noise, batch, device));
        let farthest = (self.translation * SHIFT * side as f64).round() as i64;
        let shift = (farthest > 0).then(|| Shift::draw(farthest, noise, batch, side, device));
        let hole = (self.cutout * HOLE * side as f64).round() as i64;
        let kept = (hole > 0).then(|| kept(hole, noise, batch, side, device));
        (color.is_some() || shift.is_some() || kept.is_some()).then_some(Transforms { color, shift, kept })
    }
}

/// A change for each picture of a batch. The real and the generated picture of one place get the same one, since the
/// gradient penalty looks at what lies between the two: with two holes that would be neither's kind of picture.
#[derive(Clone, Debug)]
pub struct Transforms {
    color: Option<Color>,
    shift: Option<Shift>,
    /// 0 in the hole, else 1, `[b, 1, R, R]`.
    kept: Option<Tensor<4>>,
}

impl Transforms {
    /// `[b, 3, R, R] → [b, 3, R, R]`; values may leave [−1, 1]. What comes in over an edge, and the hole, is 0 (grey).
    pub fn apply(&self, picture: Tensor<4>) -> Tensor<4> {
        let picture = match &self.color {
            Some(color) => color.apply(picture),
            None => picture,
        };
        let picture = match &self.shift {
            Some(shift) => shift.apply(picture),
            None => picture,
        };
        match &self.kept {
            Some(kept) => picture * kept.clone(),
            None => picture,
        }
    }
}

/// Each `[b, 1, 1, 1]`.
#[derive(Clone, Debug)]
struct Color {
    brightness: Tensor<4>,
    saturation: Tensor<4>,
    contrast: Tensor<4>,
}

impl Color {
    fn draw(strength: f32, noise: &mut Noise, batch: usize, device: &Device) -> Self {
        let mut around = |centre: f32, reach: f32| {
            let values: Vec<f32> =
                (0..batch).map(|_| centre + strength * reach * (2.0 * noise.uniform() - 1.0)).collect();
            Tensor::from_data(TensorData::new(values, [batch, 1, 1, 1]), device)
        };
        Self {
            brightness: around(0.0, BRIGHTNESS),
            saturation: around(1.0, SATURATION),
            contrast: around(1.0, CONTRAST),
        }
    }

    fn apply(&self, picture: Tensor<4>) -> Tensor<4> {
        let picture = picture + self.brightness.clone();
        let grey = picture.clone().mean_dim(1);
        let picture = (picture - grey.clone()) * self.saturation.clone() + grey;
        let mean = picture.clone().mean_dim(1).mean_dim(2).mean_dim(3);
        (picture - mean.clone()) * self.contrast.clone() + mean
    }
}

/// Shifts as products with matrices of zeros and ones, which differentiate fast on every device.
#[derive(Clone, Debug)]
struct Shift {
    /// `[b, R, R]`, one at (i, i + dx).
    columns: Tensor<3>,
    /// `[b, R, R]`, one at (i, i + dy).
    rows: Tensor<3>,
}

impl Shift {
    fn draw(farthest: i64, noise: &mut Noise, batch: usize, side: usize, device: &Device) -> Self {
        let mut matrices = || {
            let mut values = vec![0.0f32; batch * side * side];
            for matrix in values.chunks_exact_mut(side * side) {
                let by = between(-farthest, farthest, noise);
                for (from, row) in matrix.chunks_exact_mut(side).enumerate() {
                    let to = usize::try_from(from as i64 + by).ok();
                    if let Some(value) = to.and_then(|to| row.get_mut(to)) {
                        *value = 1.0;
                    }
                }
            }
            Tensor::from_data(TensorData::new(values, [batch, side, side]), device)
        };
        Self { columns: matrices(), rows: matrices() }
    }

    fn apply(&self, picture: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = picture.dims();
        let along = |x: Tensor<4>, matrices: &Tensor<3>| {
            let x = x.reshape([batch, channels * height, width]).matmul(matrices.clone());
            x.reshape([batch, channels, height, width])
        };
        along(along(picture, &self.columns).swap_dims(2, 3), &self.rows).swap_dims(2, 3)
    }
}

/// 0 in a square of `hole` px whose centre lies anywhere in the picture, else 1.
fn kept(hole: i64, noise: &mut Noise, batch: usize, side: usize, device: &Device) -> Tensor<4> {
    let mut values = Vec::with_capacity(batch * side * side);
    for _ in 0..batch {
        let [left, top] = [0, 1].map(|_| between(0, side as i64, noise) - hole / 2);
        let inside = |at: i64, start: i64| (start..start + hole).contains(&at);
        for y in 0..side as i64 {
            values.extend((0..side as i64).map(|x| f32::from(u8::from(!(inside(x, left) && inside(y, top))))));
        }
    }
    Tensor::from_data(TensorData::new(values, [batch, 1, side, side]), device)
}

/// A whole number of `least..=most`, all equally likely.
fn between(least: i64, most: i64, noise: &mut Noise) -> i64 {
    let count = most - least + 1;
    least + ((f64::from(noise.uniform()) * count as f64) as i64).min(count - 1)
}
