//! InstanceNorm of whole tensors, forward and backward.

use rayon::prelude::*;

use super::norm::{AffineGradient, Residual, Statistics, backward, normalise, statistics};
use super::simd::dispatch;

/// Sides of images that are normalised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Images {
    pub(super) batch: usize,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Images {
    pub(super) fn new([batch, channels, height, width]: [usize; 4]) -> Self {
        Self { batch, channels, height, width }
    }

    pub(super) fn pixels(self) -> usize {
        self.height * self.width
    }

    /// The residual of one channel of one image, where there is one; half the side or the same.
    pub(super) fn residual<'a>(self, residual: Option<&'a [f32]>, at: usize) -> Residual<'a> {
        let Some(residual) = residual else { return Residual::None };
        let (all, pixels) = (self.batch * self.channels * self.pixels(), self.pixels());
        if residual.len() == all {
            Residual::Same(&residual[at * pixels..][..pixels])
        } else {
            let quarter = pixels / 4;
            Residual::Doubled(&residual[at * quarter..][..quarter], self.width)
        }
    }
}

/// Normalises `[b, c, h, w]`; what backward needs comes along.
pub(super) fn forward(
    x: &[f32],
    images: Images,
    [scale, shift]: [&[f32]; 2],
    residual: Option<&[f32]>,
    relu: bool,
) -> (Vec<f32>, Vec<Statistics>) {
    let pixels = images.pixels();
    let mut y = vec![0.0; x.len()];
    let channels = y.par_chunks_mut(pixels.max(1)).zip(x.par_chunks(pixels.max(1))).enumerate();
    let found = channels.map(|(at, (y, x))| {
        let channel = at % images.channels;
        dispatch(|| {
            let of = statistics(x);
            y.copy_from_slice(x);
            normalise(y, of, [scale[channel], shift[channel]], images.residual(residual, at), relu);
            of
        })
    });
    let found = found.collect();
    (y, found)
}

/// What flows back.
pub(super) struct Gradients {
    pub(super) x: Vec<f32>,
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
    /// As long as the residual was.
    pub(super) residual: Option<Vec<f32>>,
}

/// The gradients from `gradient` at the output; `y` is that output where a ReLU made it.
pub(super) fn gradients(
    x: &[f32],
    images: Images,
    of: &[Statistics],
    scale: &[f32],
    y: Option<&[f32]>,
    gradient: &[f32],
    residual: Option<usize>,
) -> Gradients {
    let pixels = images.pixels().max(1);
    let mut at_x = vec![0.0; x.len()];
    let mut at_residual = residual.map(|length| vec![0.0; length]);
    let doubled = residual.is_some_and(|length| length != x.len());
    let of_residual: Vec<Option<&mut [f32]>> = match &mut at_residual {
        Some(all) => all.chunks_exact_mut(if doubled { (pixels / 4).max(1) } else { pixels }).map(Some).collect(),
        None => (0..x.len() / pixels).map(|_| None).collect(),
    };
    let channels = at_x.par_chunks_mut(pixels).zip(of_residual).enumerate();
    let affine = channels.map(|(at, (at_x, at_residual))| {
        let range = at * pixels..(at + 1) * pixels;
        dispatch(|| {
            at_x.copy_from_slice(&gradient[range.clone()]);
            if let Some(y) = y {
                for (g, y) in at_x.iter_mut().zip(&y[range.clone()]) {
                    *g = if *y > 0.0 { *g } else { 0.0 };
                }
            }
            match at_residual {
                Some(to) if doubled => quarter_sums(at_x, images.width, to),
                Some(to) => to.copy_from_slice(at_x),
                None => {}
            }
            backward(&x[range], of[at], scale[at % images.channels], at_x)
        })
    });
    let affine: Vec<AffineGradient> = affine.collect();
    let mut sums = vec![AffineGradient::default(); images.channels];
    for image in affine.chunks_exact(images.channels.max(1)) {
        for (sum, part) in sums.iter_mut().zip(image) {
            sum.scale += part.scale;
            sum.shift += part.shift;
        }
    }
    let (scale, shift) = sums.iter().map(|sum| (sum.scale, sum.shift)).unzip();
    Gradients { x: at_x, scale, shift, residual: at_residual }
}

/// Sums of 2×2 pixels.
#[inline(always)]
fn quarter_sums(pixels: &[f32], width: usize, sums: &mut [f32]) {
    let half = (width / 2).max(1);
    for (two_lines, sums) in pixels.chunks_exact((2 * width).max(1)).zip(sums.chunks_exact_mut(half)) {
        let (upper, lower) = two_lines.split_at(width);
        let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for (([a, b], [c, d]), sum) in pairs.zip(sums) {
            *sum = a + b + (c + d);
        }
    }
}
