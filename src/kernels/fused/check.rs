//! Whether the kernels may be used on a device: they must have given there what Burn's own operations give.

use burn::tensor::{DType, Device, FloatDType, Tensor, TensorData};

use super::{adam, averages, biased_leaky, gate, instance_norm, label_entropy};
use crate::kernels::trial::{Trial, distance, read, wave};
use crate::kernels::{AdamStep, Affine, Moments, Weight, is_gpu, twin};

/// How far the results may be apart, of values around one.
const TOLERANCE: f32 = 1e-3;
/// How far f16 results may be, of their size: Burn rounds elsewhere, which moves gradients by up to 0.3 %.
const HALF_TOLERANCE: f64 = 2e-2;

/// 0 does without the kernels, 1 uses them without a trial.
const FUSED: &str = "SCGAN_FUSED_KERNELS";

static NORMS: Trial = Trial::new(FUSED, "norms");
static LEAKY: Trial = Trial::new(FUSED, "biases with leaky ReLUs");
static ENTROPIES: Trial = Trial::new(FUSED, "cross-entropies");
static UPDATES: Trial = Trial::new(FUSED, "updates of weights");

/// Kernels that are tried together; what fails is left to Burn's own operations.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) enum Part {
    /// [`instance_norm`].
    Norms,
    /// [`biased_leaky`] and [`gate`].
    Leaky,
    /// [`label_entropy`].
    Entropies,
    /// [`adam`] and [`averages`].
    Updates,
}

impl Part {
    /// All of them.
    pub(in crate::kernels) const ALL: [Self; 4] = [Self::Norms, Self::Leaky, Self::Entropies, Self::Updates];

    /// Whether the kernels are for a device: a GPU that computes them right. The first call for each tries.
    pub(in crate::kernels) fn serves(self, device: &Device) -> bool {
        is_gpu(device)
            && match self {
                Self::Norms => NORMS.passed(device, norms_are_right),
                Self::Leaky => LEAKY.passed(device, leaky_is_right),
                Self::Entropies => ENTROPIES.passed(device, entropies_are_right),
                Self::Updates => UPDATES.passed(device, updates_are_right),
            }
    }
}

/// With everything, forward and backward.
fn norms_are_right(device: &Device) -> bool {
    let ours = |x, affine, residual| instance_norm(x, affine, Some(residual), true, FloatDType::F32);
    let twins = |x, affine, residual| twin::instance_norm(x, affine, Some(residual), true);
    near(norm_results(device, ours), norm_results(device, twins))
}

/// In f16, so by its own measure; nothing asks for it where there is none.
fn leaky_is_right(device: &Device) -> bool {
    if !device.supports_dtype(DType::F16) {
        return true;
    }
    let (found, expected) =
        (leaky_results(device, biased_leaky, gate), leaky_results(device, twin::biased_leaky, twin::gate));
    let (Some(found), Some(expected)) = (found, expected) else { return false };
    let mut pairs = found.iter().zip(&expected);
    found.len() == expected.len() && pairs.all(|(found, expected)| distance(found, expected) < HALF_TOLERANCE)
}

fn entropies_are_right(device: &Device) -> bool {
    near(entropy_results(device, label_entropy), entropy_results(device, twin::label_entropy))
}

fn updates_are_right(device: &Device) -> bool {
    near(adam_results(device, adam), adam_results(device, one_by_one))
        && near(average_results(device, averages), average_results(device, twin::averages))
}

/// Whether both could be computed, and are the same.
fn near(found: Option<Vec<f32>>, expected: Option<Vec<f32>>) -> bool {
    let (Some(found), Some(expected)) = (found, expected) else { return false };
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE;
    found.len() == expected.len() && found.iter().zip(&expected).all(near)
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
) -> Option<Vec<Vec<f32>>> {
    let device = device.clone().autodiff();
    let shape = [2, 3, 18, 22];
    let picture = |pace| Tensor::<4>::from_data(TensorData::new(wave(shape.iter().product(), pace), shape), &device);
    let half = |pace| picture(pace).cast(FloatDType::F16).detach();
    let (x, gated) = (half(0.7).require_grad(), half(0.3).require_grad());
    let bias = Tensor::<1>::from_data(TensorData::new(wave(3, 0.9), [3]), &device);
    let bias = bias.require_grad();
    let results = [biased_leaky(x.clone(), bias.clone(), 0.2), gate(gated.clone(), half(0.4).inner(), 0.2)];
    let weighted = |y: &Tensor<4>| (y.clone().cast(FloatDType::F32) * picture(0.2).inner().mul_scalar(0.1)).sum();
    let gradients = (weighted(&results[0]) + weighted(&results[1])).backward();
    let results = results.into_iter().map(Tensor::inner);
    let pictures = results.chain([x, gated].into_iter().filter_map(|of| of.grad(&gradients)));
    let mut rows: Vec<_> = pictures.map(|of| of.cast(FloatDType::F32).flatten::<1>(0, 3)).collect();
    rows.extend(bias.grad(&gradients));
    rows.into_iter().map(|row| read(vec![row])).collect()
}

fn entropy_results(device: &Device, entropy: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<1>) -> Option<Vec<f32>> {
    let device = device.clone().autodiff();
    let shape = [2, 5, 18, 22];
    let picture = |pace| Tensor::<4>::from_data(TensorData::new(wave(shape.iter().product(), pace), shape), &device);
    let logits = picture(0.7).mul_scalar(3.0).detach().require_grad();
    // Of values around one, as everything here.
    let loss = entropy(logits.clone(), picture(0.3).abs()).div_scalar(800.0);
    let gradients = loss.clone().mul_scalar(800.0).backward();
    read(vec![loss.inner(), logits.grad(&gradients)?.flatten::<1>(0, 3)])
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
