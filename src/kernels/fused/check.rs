//! Whether the kernels may be used on a device: they must have given there what Burn's own operations give.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::{adam, averages, biased_leaky, gate, instance_norm};
use crate::kernels::{AdamStep, Affine, Moments, Weight, is_gpu, twin};

/// Set to 0 to do without the kernels, to 1 to use them on any GPU without a trial.
const FUSED: &str = "SCGAN_FUSED_KERNELS";
/// How far the results may be apart, of values around one.
const TOLERANCE: f32 = 1e-3;

/// Devices that were looked at, and whether they passed.
static CHECKED: Mutex<Vec<(Device, bool)>> = Mutex::new(Vec::new());

/// Whether the kernels are for a device: a GPU that computes them right. The first call for each tries.
pub(in crate::kernels) fn serves(device: &Device) -> bool {
    if !is_gpu(device) {
        return false;
    }
    let device = device.clone().inner();
    let Ok(mut checked) = CHECKED.lock() else { return false };
    if let Some((_, passed)) = checked.iter().find(|(known, _)| *known == device) {
        return *passed;
    }
    let passed = match std::env::var(FUSED).as_deref() {
        Ok("0") => false,
        Ok("1") => true,
        // A driver may take a kernel so badly that Burn panics; what the kernels replace still works there.
        _ => catch_unwind(AssertUnwindSafe(|| is_right(&device))).unwrap_or(false),
    };
    checked.push((device, passed));
    passed
}

/// Tries a norm with everything and a leaky ReLU with its bias, forward and backward, an update of Adam and one of the
/// moving average.
fn is_right(device: &Device) -> bool {
    let ours = |x, affine, residual| instance_norm(x, affine, Some(residual), true, FloatDType::F32);
    let twins = |x, affine, residual| twin::instance_norm(x, affine, Some(residual), true);
    let right = near(norm_results(device, ours), norm_results(device, twins))
        && near(leaky_results(device, biased_leaky, gate), leaky_results(device, twin::biased_leaky, twin::gate))
        && near(adam_results(device, adam), adam_results(device, one_by_one))
        && near(average_results(device, averages), average_results(device, twin::averages));
    if !right {
        tracing::warn!("this GPU computes norms or updates wrongly; Burn's own operations are used instead, slower");
    }
    right
}

/// Whether both could be computed, and are the same.
fn near(found: Option<Vec<f32>>, expected: Option<Vec<f32>>) -> bool {
    let (Some(found), Some(expected)) = (found, expected) else { return false };
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE;
    found.len() == expected.len() && found.iter().zip(&expected).all(near)
}

fn read(rows: Vec<Tensor<1>>) -> Option<Vec<f32>> {
    Tensor::cat(rows, 0).try_into_data().ok()?.try_into_vec::<f32>().ok()
}

fn wave(count: usize, pace: f32) -> Vec<f32> {
    (0..count).map(|at| (at as f32 * pace).sin()).collect()
}

fn norm_results(device: &Device, norm: impl Fn(Tensor<4>, Affine, Tensor<4>) -> Tensor<4>) -> Option<Vec<f32>> {
    let device = device.clone().autodiff();
    let picture = |shape: [usize; 4], pace| {
        Tensor::<4>::from_data(TensorData::new(wave(shape.iter().product(), pace), shape), &device).require_grad()
    };
    let row = |pace| Tensor::<1>::from_data(TensorData::new(wave(3, pace), [3]), &device).require_grad();
    let (x, residual, scale, shift) = (picture([2, 3, 18, 22], 0.7), picture([2, 3, 9, 11], 0.3), row(1.1), row(0.9));
    let affine = Affine { scale: scale.clone(), shift: shift.clone() };
    let y = norm(x.clone(), affine, residual.clone());
    let gradients = (y.clone() * picture([2, 3, 18, 22], 0.2).inner().mul_scalar(0.1)).sum().backward();
    let mut results = vec![y.inner().flatten::<1>(0, 3)];
    results.extend([x, residual].into_iter().filter_map(|of| of.grad(&gradients)).map(|of| of.flatten::<1>(0, 3)));
    results.extend([scale, shift].into_iter().filter_map(|of| of.grad(&gradients)));
    read(results)
}

fn leaky_results(
    device: &Device,
    biased_leaky: impl Fn(Tensor<4>, Tensor<1>, f32) -> Tensor<4>,
    gate: impl Fn(Tensor<4>, Tensor<4>, f32) -> Tensor<4>,
) -> Option<Vec<f32>> {
    let device = device.clone().autodiff();
    let shape = [2, 3, 18, 22];
    let picture = |pace| Tensor::<4>::from_data(TensorData::new(wave(shape.iter().product(), pace), shape), &device);
    let half = |pace| picture(pace).cast(FloatDType::F16);
    let (x, gated) = (half(0.7).require_grad(), half(0.3).require_grad());
    let bias = Tensor::<1>::from_data(TensorData::new(wave(3, 0.9), [3]), &device).require_grad();
    let y = biased_leaky(x.clone(), bias.clone(), 0.2) + gate(gated.clone(), half(0.4).inner(), 0.2);
    let gradients = (y.clone().cast(FloatDType::F32) * picture(0.2).inner().mul_scalar(0.1)).sum().backward();
    let pictures = [Some(y.inner()), x.grad(&gradients), gated.grad(&gradients)].into_iter().flatten();
    let mut results: Vec<_> = pictures.map(|of| of.cast(FloatDType::F32).flatten::<1>(0, 3)).collect();
    results.extend(bias.grad(&gradients));
    read(results)
}

/// Sizes of weights that are updated together.
const SIZES: [usize; 3] = [300, 1, 77];

fn row(count: usize, pace: f32, device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(wave(count, pace), [count]), device)
}

fn one_by_one(weights: Vec<Weight>, step: AdamStep) -> Vec<(Tensor<1>, Moments)> {
    weights.into_iter().map(|weight| twin::adam(weight.value, weight.gradient, weight.moments, step)).collect()
}

fn adam_results(
    device: &Device,
    update: impl Fn(Vec<Weight>, AdamStep) -> Vec<(Tensor<1>, Moments)>,
) -> Option<Vec<f32>> {
    let weight = |count| {
        let row = |pace| row(count, pace, device);
        let moments = Moments { first: row(0.3), second: row(0.4).powi_scalar(2) };
        Weight { value: row(0.1), gradient: row(0.2), moments }
    };
    let step = AdamStep { beta1: 0.5, beta2: 0.999, rate: 0.1, root: 0.8, epsilon: 1e-8, scale: 2.0 };
    let updated = update(SIZES.map(weight).into(), step);
    read(updated.into_iter().flat_map(|(value, Moments { first, second })| [value, first, second]).collect())
}

fn average_results(device: &Device, average: impl Fn(Vec<[Tensor<1>; 2]>, f64) -> Vec<Tensor<1>>) -> Option<Vec<f32>> {
    read(average(SIZES.map(|count| [row(count, 0.6, device), row(count, 0.5, device)]).into(), 0.7))
}
