//! One update of Adam in one pass over memory.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::fused::{self, Part};
use super::ops::Kernels;
use super::profile::timed;
use super::simd::dispatch;
use super::{is_ours, twin};

/// Values per task.
const PART: usize = 16 << 10;

/// First and second moment of a parameter, flattened.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Mean of the gradients.
    pub first: Tensor<1>,
    /// Mean of their squares.
    pub second: Tensor<1>,
}

/// The numbers of an update.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Learning rate over the first moment's bias correction.
    pub rate: f64,
    /// Root of the second moment's bias correction.
    pub root: f64,
    /// Keeps the divisor from zero.
    pub epsilon: f64,
    /// Divides the gradient.
    pub scale: f64,
}

/// A weight before an update; all `[n]`, without graph.
#[derive(Clone, Debug)]
pub struct Weight {
    /// Its value.
    pub value: Tensor<1>,
    /// The gradient there.
    pub gradient: Tensor<1>,
    /// What Adam keeps of it.
    pub moments: Moments,
}

/// [`adam`] for many weights of one device, in their order.
pub fn adam_all(weights: Vec<Weight>, step: AdamStep) -> Vec<(Tensor<1>, Moments)> {
    let Some(device) = weights.first().map(|weight| weight.value.device()) else { return Vec::new() };
    if Part::Updates.serves(&device) {
        return timed(Some(&device), || "Adam".to_owned(), || fused::adam(weights, step));
    }
    let one = |Weight { value, gradient, moments }| adam(value, gradient, moments, step);
    weights.into_iter().map(one).collect()
}

/// `decay·average + (1 − decay)·value` for rows of average and value, each `[n]` and without graph, of one device.
pub fn averages(rows: Vec<[Tensor<1>; 2]>, decay: f64) -> Vec<Tensor<1>> {
    match rows.first() {
        Some([average, _]) if Part::Updates.serves(&average.device()) => fused::averages(rows, decay),
        _ => twin::averages(rows, decay),
    }
}

/// `value` after one update of Adam (Kingma and Ba 2015) by `gradient`, and the new moments; all `[n]`, without graph. On a
/// GPU [`adam_all`] takes fewer launches.
pub fn adam(value: Tensor<1>, gradient: Tensor<1>, moments: Moments, step: AdamStep) -> (Tensor<1>, Moments) {
    let device = value.device();
    let run = || {
        if !is_ours(&value, gradient.dtype()) {
            return twin::adam(value, gradient, moments, step);
        }
        let [value, gradient, first, second] =
            [value, gradient, moments.first, moments.second].map(Tensor::into_dispatch);
        let (value, first, second) = Dispatch::adam(value, gradient, first, second, step);
        let [value, first, second] = [value, first, second].map(Tensor::from_dispatch);
        (value, Moments { first, second })
    };
    timed(Some(&device), || "Adam".to_owned(), run)
}

/// The new values; the moments are changed in place.
pub(super) fn updated(
    value: &[f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    step: AdamStep,
) -> Vec<f32> {
    let mut updated = vec![0.0; value.len()];
    let parts = updated.par_chunks_mut(PART).zip(value.par_chunks(PART)).zip(gradient.par_chunks(PART));
    let parts = parts.zip(first.par_chunks_mut(PART)).zip(second.par_chunks_mut(PART));
    parts.for_each(|((((to, value), gradient), first), second)| {
        dispatch(|| update(to, value, gradient, first, second, step));
    });
    updated
}

#[inline(always)]
fn update(to: &mut [f32], value: &[f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], step: AdamStep) {
    let [beta1, beta2, rate, root, epsilon, scale] =
        [step.beta1, step.beta2, step.rate, step.root, step.epsilon, step.scale].map(|number| number as f32);
    let [fresh1, fresh2] = [step.beta1, step.beta2].map(|beta| (1.0 - beta) as f32);
    for ((((to, value), gradient), first), second) in to.iter_mut().zip(value).zip(gradient).zip(first).zip(second) {
        let gradient = gradient / scale;
        *first = *first * beta1 + gradient * fresh1;
        *second = *second * beta2 + gradient * gradient * fresh2;
        *to = value - *first / (second.sqrt() / root + epsilon) * rate;
    }
}
