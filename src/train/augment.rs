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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::parameters::to_host;

    const SIDE: usize = 32;
    const ALL: Augmentation = Augmentation { color: 1.0, translation: 1.0, cutout: 1.0 };
    const NONE: Augmentation = Augmentation { color: 0.0, translation: 0.0, cutout: 0.0 };

    fn device() -> Device {
        ComputeDevice::cpu().device
    }

    fn draw(augmentation: Augmentation, seed: u64, batch: usize) -> Transforms {
        augmentation.draw(&mut Noise::new(seed), batch, SIDE, &device()).unwrap()
    }

    fn pictures(seed: u64, batch: usize) -> Vec<f32> {
        Noise::new(seed).normal(batch * 3 * SIDE * SIDE).into_iter().map(|value| value.clamp(-1.0, 1.0)).collect()
    }

    fn tensor(values: Vec<f32>) -> Tensor<4> {
        let batch = values.len() / (3 * SIDE * SIDE);
        Tensor::from_data(TensorData::new(values, [batch, 3, SIDE, SIDE]), &device())
    }

    fn applied(transforms: &Transforms, values: &[f32]) -> Vec<f32> {
        to_host(transforms.apply(tensor(values.to_vec())), "augmented").unwrap().values
    }

    fn strength() -> impl Strategy<Value = f64> {
        prop_oneof![Just(0.0), 1e-9..1.0, Just(1.0)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_comes_out_is_finite_bounded_and_repeatable(
            seed: u64, color in strength(), translation in strength(), cutout in strength(),
        ) {
            let augmentation = Augmentation { color, translation, cutout };
            let draw = |seed| augmentation.draw(&mut Noise::new(seed), 2, SIDE, &device());
            let values = pictures(seed, 2);
            match (draw(seed), draw(seed)) {
                (Some(one), Some(again)) => {
                    let out = applied(&one, &values);
                    // 1 and 0.5 of brightness, twice from grey by saturation, one and a half times by contrast.
                    prop_assert!(out.iter().all(|value| value.is_finite() && value.abs() < 20.0));
                    prop_assert_eq!(out, applied(&again, &values));
                }
                (None, None) => prop_assert!(color == 0.0 && translation < 0.5 / 4.0 && cutout < 0.5 / 16.0),
                _ => prop_assert!(false, "one draw is not the other"),
            }
        }

        #[test]
        fn a_picture_is_changed_the_same_way_wherever_it_comes_from(seed: u64) {
            // The real and the generated picture of one place; the neighbour is changed in another way.
            let transforms = draw(ALL, seed, 2);
            let picture = pictures(seed ^ 1, 1);
            let beside = |other: u64| [picture.clone(), pictures(other, 1)].concat();
            let half = 3 * SIDE * SIDE;
            prop_assert_eq!(&applied(&transforms, &beside(3))[..half], &applied(&transforms, &beside(4))[..half]);
            let twins = applied(&transforms, &[picture.clone(), picture.clone()].concat());
            prop_assert_ne!(&twins[..half], &twins[half..]);
        }
    }

    #[test]
    fn nothing_is_drawn_of_what_is_off() {
        let mut noise = Noise::new(5);
        assert!(NONE.draw(&mut noise, 4, SIDE, &device()).is_none());
        assert_eq!(noise, Noise::new(5), "the paper's training draws what it always drew");
    }

    #[test]
    fn shifts_move_whole_pixels_and_bring_in_grey() {
        let transforms = draw(Augmentation { translation: 1.0, ..NONE }, 6, 16);
        let marked: Vec<f32> = (0..16 * 3 * SIDE * SIDE).map(|at| 0.1 + (at % (SIDE * SIDE)) as f32 / 2000.0).collect();
        let out = applied(&transforms, &marked);
        let mut shifts = std::collections::BTreeSet::new();
        for (before, after) in marked.chunks(SIDE * SIDE).zip(out.chunks(SIDE * SIDE)) {
            let at = |x: i64, y: i64| {
                let inside = |at: i64| (0..SIDE as i64).contains(&at);
                if inside(x) && inside(y) { before[y as usize * SIDE + x as usize] } else { 0.0 }
            };
            let reach = || -4..=4i64;
            let is_shift = |dx: i64, dy: i64| {
                (0..SIDE as i64)
                    .all(|y| (0..SIDE as i64).all(|x| after[y as usize * SIDE + x as usize] == at(x - dx, y - dy)))
            };
            let found: Vec<_> =
                reach().flat_map(|dx| reach().map(move |dy| (dx, dy))).filter(|&(dx, dy)| is_shift(dx, dy)).collect();
            assert_eq!(found.len(), 1);
            shifts.extend(found);
        }
        assert!(shifts.len() > 8, "{shifts:?}");
        let farthest = shifts.iter().map(|(dx, dy)| dx.abs().max(dy.abs())).max();
        assert_eq!(farthest, Some(4), "an eighth of the side: {shifts:?}");
    }

    #[test]
    fn holes_are_squares_of_half_the_side_cut_by_the_edges() {
        let transforms = draw(Augmentation { cutout: 1.0, ..NONE }, 7, 64);
        let out = applied(&transforms, &vec![0.7; 64 * 3 * SIDE * SIDE]);
        let mut largest = 0;
        for picture in out.chunks(3 * SIDE * SIDE) {
            let planes: Vec<&[f32]> = picture.chunks(SIDE * SIDE).collect();
            assert!(planes[0] == planes[1] && planes[1] == planes[2]);
            let empty = |at: &usize| planes[0][*at] == 0.0;
            let hole: Vec<usize> = (0..SIDE * SIDE).filter(empty).collect();
            assert!(planes[0].iter().all(|value| *value == 0.0 || *value == 0.7));
            let extent = |of: &dyn Fn(usize) -> usize| {
                let (least, most) = (hole.iter().map(|at| of(*at)).min(), hole.iter().map(|at| of(*at)).max());
                most.unwrap() - least.unwrap() + 1
            };
            let (width, height) = (extent(&|at| at % SIDE), extent(&|at| at / SIDE));
            assert_eq!(width * height, hole.len(), "a rectangle");
            assert!(width <= SIDE / 2 && height <= SIDE / 2 && width >= SIDE / 4 && height >= SIDE / 4);
            largest = largest.max(hole.len());
        }
        assert_eq!(largest, SIDE * SIDE / 4);
    }

    #[test]
    fn colours_change_by_brightness_saturation_and_contrast() {
        let transforms = draw(Augmentation { color: 1.0, ..NONE }, 8, 32);
        let values = pictures(9, 32);
        let out = applied(&transforms, &values);
        let planes = |values: &[f32]| values.chunks(SIDE * SIDE).map(<[f32]>::to_vec).collect::<Vec<_>>();
        for (before, after) in values.chunks(3 * SIDE * SIDE).zip(out.chunks(3 * SIDE * SIDE)) {
            let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
            let brightness = mean(after) - mean(before);
            assert!(brightness.abs() <= 0.5 + 1e-4, "{brightness}");
            // Differences between channels grow by saturation and contrast alike, grey's deviations by contrast only.
            let (mean_before, mean_after) = (mean(before), mean(after));
            let (before, after) = (planes(before), planes(after));
            let grey = |planes: &[Vec<f32>], mean: f32| {
                (0..SIDE * SIDE).map(|at| (planes[0][at] + planes[1][at] + planes[2][at]) / 3.0 - mean).collect()
            };
            let redness = |planes: &[Vec<f32>]| planes[0].iter().zip(&planes[1]).map(|(r, g)| r - g).collect();
            let factor = |before: Vec<f32>, after: Vec<f32>| {
                let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
                product(&before, &after) / product(&before, &before)
            };
            let contrast = factor(grey(&before, mean_before), grey(&after, mean_after));
            let both = factor(redness(&before), redness(&after));
            assert!((0.49..1.51).contains(&contrast), "{contrast}");
            assert!((-0.01..2.01).contains(&(both / contrast)), "{both} {contrast}");
            for at in 0..SIDE * SIDE {
                let expected = (before[0][at] - before[1][at]) * both;
                assert!((after[0][at] - after[1][at] - expected).abs() < 2e-3);
            }
        }
    }
}
