//! Convolutions and norms that use the whole CPU, forward and backward; and those that keep a GPU busy.
//!
//! Each kernel has a twin in Burn's own operations ([`twin`]), which every device and precision runs that the kernel
//! is not for: most are for f32 tensors on Burn's CPU backend, Flex; `half` and `fused` are for GPUs. Callers need
//! not care.
//!
//! A convolution reads its input from zero-padded rows (`plan`), with a tile of outputs held in registers (`tile`), so
//! no matrix of patches is ever written. Doubling the side by repetition and then a 3×3 convolution is done on the
//! small image with a derived 4×4 kernel (`weights`), in 4 products per output pixel instead of 9.

mod adam;
mod autodiff;
mod convolution;
mod finish;
mod flex;
mod fused;
mod geometry;
mod half;
mod instance_norm;
mod list;
mod norm;
mod ops;
mod packed;
mod plan;
pub mod profile;
mod scratch;
mod simd;
mod slices;
#[cfg(test)]
mod tests;
mod tile;
mod trial;
pub mod twin;
mod weights;

use burn::backend::{Dispatch, DispatchDevice};
use burn::tensor::{DType, Device, FloatDType, Tensor};

pub use adam::{AdamStep, Moments, Weight, adam, adam_all, averages};
pub use geometry::{Activation, Convolution, Direction};

/// Whether f16 convolutions go by rule on a device: on GPUs that compute them right.
pub fn convolves_by_rule(device: &Device) -> bool {
    half::serves_on(device)
}

/// Whether norms, losses and updates are single kernels on a device: on GPUs that compute all of them right.
pub fn fuses(device: &Device) -> bool {
    Part::ALL.into_iter().all(|part| part.serves(device))
}

use fused::Part;
use ops::Kernels;
use profile::timed;

/// Scale and shift of a norm, each `[c]`.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Factor of the normalised values.
    pub scale: Tensor<1>,
    /// Added to them.
    pub shift: Tensor<1>,
}

/// Whether the kernels are for a tensor.
fn is_ours<const D: usize>(x: &Tensor<D>, weight: DType) -> bool {
    (x.dtype(), weight) == (DType::F32, DType::F32) && is_flex(&x.device())
}

fn is_flex(device: &Device) -> bool {
    match device.as_dispatch() {
        DispatchDevice::Flex(_) => true,
        DispatchDevice::Autodiff(device) => matches!(**device, DispatchDevice::Flex(_)),
        DispatchDevice::Cube(_) => false,
    }
}

/// Whether a device is a GPU, with or without autodiff.
fn is_gpu(device: &Device) -> bool {
    match device.as_dispatch() {
        DispatchDevice::Cube(_) => true,
        DispatchDevice::Autodiff(device) => matches!(**device, DispatchDevice::Cube(_)),
        DispatchDevice::Flex(_) => false,
    }
}

/// `activation(convolution(x) + bias)`, `[b, i, h, w] → [b, o, h', w']`. The weight's layout is the direction's. Where x
/// is f16 the weight, f32, is rounded to it, and so is the result.
pub fn convolve(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    convolution: Convolution,
    activation: Activation,
) -> Tensor<4> {
    let (device, entering, kernel) = (x.device(), x.dims(), weight.dims());
    let run = || {
        if half::serves(&x, &weight, bias.as_ref(), convolution, activation) {
            return half::convolve(x, weight, convolution);
        }
        if !is_ours(&x, weight.dtype()) || convolution.stride > 2 {
            let weight = weight.cast(x.dtype());
            return twin::convolve(x, weight, bias, convolution, activation);
        }
        let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.map(Tensor::into_dispatch).into());
        Tensor::from_dispatch(Dispatch::convolve(x, weight, bias, convolution, activation))
    };
    timed(Some(&device), || convolution.describe(entering, kernel), run)
}

/// InstanceNorm over the pixels of each channel of each image (eps 1e-5) with scale and shift, plus `residual` of the
/// same or half the side (then every pixel of it counts for four), then ReLU if asked for. `[b, c, h, w]` → same.
pub fn instance_norm(x: Tensor<4>, affine: Affine, residual: Option<Tensor<4>>, relu: bool) -> Tensor<4> {
    let (device, entering) = (x.device(), x.dims());
    let run = || {
        if Part::Norms.serves(&device) {
            return fused::instance_norm(x, affine, residual, relu, FloatDType::F32);
        }
        if !is_ours(&x, affine.scale.dtype()) {
            return twin::instance_norm(x, affine, residual, relu);
        }
        let residual = residual.map(Tensor::into_dispatch).into();
        let Affine { scale, shift } = affine;
        let (scale, shift) = (scale.into_dispatch(), shift.into_dispatch());
        Tensor::from_dispatch(Dispatch::instance_norm(x.into_dispatch(), scale, shift, residual, relu))
    };
    timed(Some(&device), || geometry::describe("norm", entering), run)
}

/// [`instance_norm`] of f32 or f16 pixels to f32 or f16 ones, computed in f32.
pub fn instance_norm_to(
    x: Tensor<4>,
    affine: Affine,
    residual: Option<Tensor<4>>,
    relu: bool,
    to: FloatDType,
) -> Tensor<4> {
    let (device, entering) = (x.device(), x.dims());
    if !Part::Norms.serves(&device) {
        let residual = residual.map(|residual| residual.cast(FloatDType::F32));
        return instance_norm(x.cast(FloatDType::F32), affine, residual, relu).cast(to);
    }
    let run = || fused::instance_norm(x, affine, residual, relu, to);
    timed(Some(&device), || geometry::describe("norm", entering), run)
}

/// f16 x `[b, c, h, w]` plus the bias `[c]` behind a leaky ReLU, computed in f32 and rounded to f16.
pub fn biased_leaky(x: Tensor<4>, bias: Tensor<1>, slope: f32) -> Tensor<4> {
    let (device, entering) = (x.device(), x.dims());
    let run = || {
        if Part::Leaky.serves(&device) {
            fused::biased_leaky(x, bias, slope)
        } else {
            twin::biased_leaky(x, bias, slope)
        }
    };
    timed(Some(&device), || geometry::describe("bias", entering), run)
}

/// Σ −target · log softmax(logits) over everything, `[1]`; logits and targets f32 `[b, n, h, w]`, softmax over n.
/// Differentiable in the logits alone.
pub fn label_entropy(logits: Tensor<4>, targets: Tensor<4>) -> Tensor<1> {
    let (device, entering) = (logits.device(), logits.dims());
    let run = || {
        if Part::Entropies.serves(&device) {
            fused::label_entropy(logits, targets)
        } else {
            twin::label_entropy(logits, targets)
        }
    };
    timed(Some(&device), || geometry::describe("entropy", entering), run)
}

/// What a leaky ReLU does to a gradient: x, times `slope` where its input or output `by` is below zero. Differentiable
/// in x alone. Both are f32 or both are f16. `[b, c, h, w]` → same.
pub fn gate(x: Tensor<4>, by: Tensor<4>, slope: f32) -> Tensor<4> {
    let (device, entering) = (x.device(), x.dims());
    let run = || {
        if (x.dtype(), by.dtype()) == (DType::F16, DType::F16) && Part::Leaky.serves(&device) {
            return fused::gate(x, by, slope);
        }
        if !is_ours(&x, by.dtype()) {
            return twin::gate(x, by, slope);
        }
        Tensor::from_dispatch(Dispatch::gate(x.into_dispatch(), by.into_dispatch(), slope))
    };
    timed(Some(&device), || geometry::describe("gate", entering), run)
}

/// [`instance_norm`] of [`convolve`]; in one pass where no gradients are recorded. The bias does not matter to the
/// value: the norm takes it away again.
pub fn convolve_norm(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    convolution: Convolution,
    affine: Affine,
    residual: Option<Tensor<4>>,
    relu: bool,
) -> Tensor<4> {
    let records = [x.device(), weight.device()].iter().any(Device::is_autodiff);
    if records || !is_ours(&x, weight.dtype()) || convolution.stride > 2 {
        let y = convolve(x, weight, bias, convolution, Activation::None);
        return instance_norm(y, affine, residual, relu);
    }
    let (device, entering, kernel) = (x.device(), x.dims(), weight.dims());
    let run = || {
        let residual = residual.map(Tensor::into_dispatch).into();
        let [scale, shift] = [affine.scale, affine.shift].map(Tensor::into_dispatch);
        let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
        Tensor::from_dispatch(Dispatch::convolve_norm(x, weight, scale, shift, residual, convolution, relu))
    };
    timed(Some(&device), || format!("{} + norm", convolution.describe(entering, kernel)), run)
}
