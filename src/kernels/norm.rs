//! InstanceNorm of one channel of one image, with what follows it.

use super::simd::{sum, sum2};

/// Epsilon of every InstanceNorm.
const EPSILON: f32 = 1e-5;

/// Mean and inverse deviation of a channel of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statistics {
    pub(super) mean: f32,
    pub(super) inverse_deviation: f32,
}

/// What is added after the norm.
#[derive(Clone, Copy)]
pub(super) enum Residual<'a> {
    None,
    /// Pixel by pixel.
    Same(&'a [f32]),
    /// Half the side; every pixel counts for four. With the width of what it is added to.
    Doubled(&'a [f32], usize),
}

/// Of the pixels of one channel of one image. To be called inside [`super::simd::dispatch`].
#[inline(always)]
pub(super) fn statistics(pixels: &[f32]) -> Statistics {
    let count = pixels.len() as f32;
    let mean = sum(pixels, |x| x) / count;
    let variance = sum(pixels, |x| (x - mean) * (x - mean)) / count;
    Statistics { mean, inverse_deviation: 1.0 / (variance + EPSILON).sqrt() }
}

/// `(x − mean) / deviation · scale + shift + residual`, with ReLU or without, in place.
#[inline(always)]
pub(super) fn normalise(pixels: &mut [f32], of: Statistics, [scale, shift]: [f32; 2], residual: Residual, relu: bool) {
    let factor = scale * of.inverse_deviation;
    // The mean is taken away first: folded into the shift it would cancel digits.
    let affine = |x: f32| (x - of.mean) * factor + shift;
    if relu {
        finish(pixels, residual, affine, rectified);
    } else {
        finish(pixels, residual, affine, |x| x);
    }
}

/// ReLU that passes NaN on.
#[inline(always)]
fn rectified(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

#[inline(always)]
fn finish(pixels: &mut [f32], residual: Residual, affine: impl Fn(f32) -> f32, activation: impl Fn(f32) -> f32) {
    match residual {
        Residual::None => {
            for x in pixels {
                *x = activation(affine(*x));
            }
        }
        Residual::Same(residual) => {
            for (x, r) in pixels.iter_mut().zip(residual) {
                *x = activation(affine(*x) + r);
            }
        }
        Residual::Doubled(residual, width) => {
            let half = width / 2;
            for (y, line) in pixels.chunks_exact_mut(width.max(1)).enumerate() {
                let residual = &residual[y / 2 * half..][..half];
                for ([a, b], r) in line.as_chunks_mut::<2>().0.iter_mut().zip(residual) {
                    *a = activation(affine(*a) + r);
                    *b = activation(affine(*b) + r);
                }
            }
        }
    }
}

/// Gradients of one channel of one image at scale and shift.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AffineGradient {
    pub(super) scale: f32,
    pub(super) shift: f32,
}

/// Backward: `gradient` is the one after the ReLU, on entry to `at_input` its copy behind the ReLU; on return
/// `at_input` is the gradient at the norm's input `pixels`.
#[inline(always)]
pub(super) fn backward(pixels: &[f32], of: Statistics, scale: f32, at_input: &mut [f32]) -> AffineGradient {
    let count = pixels.len() as f32;
    let Statistics { mean, inverse_deviation } = of;
    let shift_gradient = sum(at_input, |g| g);
    let scale_gradient = sum2(pixels, at_input, |x, g| (x - mean) * g) * inverse_deviation;
    let factor = scale * inverse_deviation;
    let (constant, slope) = (shift_gradient / count, scale_gradient / count * inverse_deviation);
    for (g, x) in at_input.iter_mut().zip(pixels) {
        *g = factor * (*g - constant - (x - mean) * slope);
    }
    AffineGradient { scale: scale_gradient, shift: shift_gradient }
}
