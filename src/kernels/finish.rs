//! From positions back to images `[b, o, h, w]`, and what is done to them on the way.

use rayon::prelude::*;

use super::Activation;
use super::convolution::Positions;
use super::norm::{Residual, normalise, statistics};
use super::plan::Plan;
use super::simd::{dispatch, sum};

/// f32 per task where every value stands alone.
const PART: usize = 16 << 10;

/// Copies one channel of one image out of the computed positions.
#[inline(always)]
fn crop(plan: &Plan, positions: &Positions, image: usize, channel: usize, pixels: &mut [f32]) {
    let start = plan.image_start(image);
    let width = plan.output.width;
    if let [_] = plan.phases[..] {
        let from = &positions.row(0, channel)[start..];
        for (line, from) in pixels.chunks_exact_mut(width.max(1)).zip(from.chunks(plan.row)) {
            line.copy_from_slice(&from[..width]);
        }
        return;
    }
    for (y, line) in pixels.chunks_exact_mut(width.max(1)).enumerate() {
        let at = start + y / 2 * plan.row;
        let [even, odd] = [0, 1].map(|dx| &positions.row(y % 2 * 2 + dx, channel)[at..]);
        let (pairs, last) = line.as_chunks_mut::<2>();
        let half = pairs.len();
        for (([a, b], even), odd) in pairs.iter_mut().zip(&even[..half]).zip(&odd[..half]) {
            *a = *even;
            *b = *odd;
        }
        if let [last] = last {
            *last = even[half];
        }
    }
}

/// Images of the positions, with bias and activation.
pub(super) fn activated(
    plan: &Plan,
    positions: &Positions,
    channels: usize,
    bias: Option<&[f32]>,
    activation: Activation,
) -> Vec<f32> {
    images(plan, channels, |image, channel, pixels| {
        crop(plan, positions, image, channel, pixels);
        let bias = bias.map_or(0.0, |bias| bias[channel]);
        match activation {
            Activation::None if bias == 0.0 => {}
            Activation::None => pixels.iter_mut().for_each(|x| *x += bias),
            Activation::LeakyRelu(slope) => pixels.iter_mut().for_each(|x| {
                let y = *x + bias;
                *x = if y < 0.0 { y * slope } else { y };
            }),
        }
    })
}

/// Images of the positions, normalised.
pub(super) fn normalised<'a>(
    plan: &Plan,
    positions: &Positions,
    channels: usize,
    affine: [&[f32]; 2],
    residual: impl Fn(usize) -> Residual<'a> + Sync,
    relu: bool,
) -> Vec<f32> {
    images(plan, channels, |image, channel, pixels| {
        crop(plan, positions, image, channel, pixels);
        let of = statistics(pixels);
        normalise(pixels, of, affine.map(|values| values[channel]), residual(image * channels + channel), relu);
    })
}

fn images(plan: &Plan, channels: usize, write: impl Fn(usize, usize, &mut [f32]) + Sync) -> Vec<f32> {
    let pixels = plan.output.pixels();
    let mut images = vec![0.0; plan.output.batch * channels * pixels];
    images
        .par_chunks_mut(pixels.max(1))
        .enumerate()
        .for_each(|(at, pixels)| dispatch(|| write(at / channels, at % channels, pixels)));
    images
}

/// The gradient behind a leaky ReLU, from its output and the gradient there. At zero: that of the upper side, or none
/// where the slope is zero, as in Burn.
pub(super) fn behind_leaky_relu(y: &[f32], gradient: &[f32], slope: f32) -> Vec<f32> {
    let mut behind = vec![0.0; gradient.len()];
    let parts = behind.par_chunks_mut(PART).zip(y.par_chunks(PART)).zip(gradient.par_chunks(PART));
    parts.for_each(|((behind, y), gradient)| {
        dispatch(|| {
            for ((to, y), g) in behind.iter_mut().zip(y).zip(gradient) {
                let below = if slope == 0.0 { *y <= 0.0 } else { *y < 0.0 };
                *to = if below { g * slope } else { *g };
            }
        });
    });
    behind
}

/// Sums over images and pixels, `[b, c, h, w] → [c]`.
pub(super) fn channel_sums(values: &[f32], channels: usize, pixels: usize) -> Vec<f32> {
    let of_channel = |channel: usize| {
        let images = values.chunks_exact((channels * pixels).max(1));
        dispatch(|| images.map(|image| sum(&image[channel * pixels..][..pixels], |x| x)).sum())
    };
    (0..channels).into_par_iter().map(of_channel).collect()
}
