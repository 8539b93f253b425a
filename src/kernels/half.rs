//! Convolutions of f16 values on GPUs, with kernels chosen by rule instead of by autotuning.
//!
//! Burn tries a dozen kernels for every new shape, and compiling some of them takes eight seconds each: minutes before
//! a training begins. Measured on an H100 (`benches/gpu_convolution.rs`), one rule is as good: implicit GEMM on matrix
//! units, except for the gradient at the weight, where the products are so long and the result is so small that few
//! units would work. There the sum is split by image (`weight_gradient`).

use std::sync::OnceLock;

use burn::backend::ops::ConvOptions;
use burn::backend::ops::ConvTransposeOptions;
use burn::backend::ops::ModuleOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, DispatchDevice, TensorMetadata, backend_extension};
use burn::tensor::{DType, FloatDType, Shape, Slice, Tensor};
use burn_cubecl::kernel::conv::{ConvStrategy, conv_data_backward, conv_forward};

use super::twin::upsample_nearest;
use super::{Activation, Convolution, Direction};

/// Set to 1 to compute by rule. Off otherwise: each part was measured on a GPU, but not a whole training.
const BY_RULE: &str = "SCGAN_CONVOLUTIONS_BY_RULE";

/// Implemented for GPUs, and there with autodiff; all tensors are f16, x is `[b, i, h, w]`.
#[backend_extension(Cube, Fusion, Autodiff)]
pub(super) trait HalfConvolutions: Backend {
    /// A forward or transposed convolution without bias.
    #[fusion(dtype = x, shape = output_shape(x, weight, convolution))]
    fn half_convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self>;
}

/// `[b, o, h', w']`.
fn output_shape(x: &Shape, weight: &Shape, convolution: &Convolution) -> Shape {
    let ([batch, _, height, width], (_, outputs)) = (x.dims(), convolution.channels(weight.dims()));
    Shape::from([batch, outputs, convolution.output_side(height), convolution.output_side(width)])
}

impl HalfConvolutions for CubeBackend {
    fn half_convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self> {
        let Convolution { stride, padding, direction, .. } = convolution;
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        // What a rule cannot serve, such as a device without matrix units, Burn's own choice can.
        if direction == Direction::Forward {
            let strategy = ConvStrategy::ImplicitGemm;
            return conv_forward::<2>(x.clone(), weight.clone(), None, options.clone(), strategy)
                .unwrap_or_else(|_| Self::conv2d(x, weight, None, options));
        }
        // Implicit GEMM knows no gradient of a stride; the other way is a matrix product and adding up.
        let strategy = if stride == 1 { ConvStrategy::ImplicitGemm } else { ConvStrategy::Direct };
        let shape = output_shape(&x.shape(), &weight.shape(), &convolution);
        conv_data_backward::<2>(x.clone(), weight.clone(), shape, options, strategy).unwrap_or_else(|_| {
            let options = ConvTransposeOptions::new([stride; 2], [padding; 2], [0, 0], [1, 1], 1);
            Self::conv_transpose2d(x, weight, None, options)
        })
    }
}

/// The gradient at the weight of a forward convolution, f32 `[o, i, k, k]`: from its input f16 `[b, i, h, w]` and the
/// gradient at its output, f16 `[b, o, h', w']`.
///
/// Per image, the gradient times the pixels that each tap of the kernel saw; then the sum over images in f32.
pub(super) fn weight_gradient<B: Backend>(
    x: FloatTensor<B>,
    gradient: FloatTensor<B>,
    Convolution { kernel, stride, padding, .. }: Convolution,
) -> FloatTensor<B> {
    let ([batch, inputs, height, width], [_, outputs, out_height, out_width]) =
        (x.shape().dims::<4>(), gradient.shape().dims::<4>());
    let padded = [batch, inputs, height + 2 * padding, width + 2 * padding];
    let x = if padding == 0 {
        x
    } else {
        let zeros = B::float_zeros(Shape::from(padded), &x.device(), FloatDType::F16);
        let inside = |side: usize| Slice::from(padding..padding + side);
        B::float_slice_assign(zeros, &[all(batch), all(inputs), inside(height), inside(width)], x)
    };
    let seen = |first: usize, count: usize| {
        Slice::new(first as isize, Some((first + (count - 1) * stride + 1) as isize), stride as isize)
    };
    let pixels = out_height * out_width;
    let taps: Vec<_> = (0..kernel * kernel)
        .map(|tap| {
            let (row, column) = (seen(tap / kernel, out_height), seen(tap % kernel, out_width));
            let seen = B::float_slice(x.clone(), &[all(batch), all(inputs), row, column]);
            B::float_reshape(seen, Shape::from([batch, inputs, pixels]))
        })
        .collect();
    let columns = if taps.len() == 1 { taps.into_iter().next() } else { Some(B::float_cat(taps, 1)) };
    let Some(columns) = columns else { return gradient };
    let gradient = B::float_reshape(gradient, Shape::from([batch, outputs, pixels]));
    let products = B::float_matmul(gradient, B::float_swap_dims(columns, 1, 2));
    let sum = B::float_sum_dim(B::float_cast(products, FloatDType::F32), 0);
    let sum = B::float_reshape(sum, Shape::from([outputs, kernel, kernel, inputs]));
    B::float_permute(sum, &[0, 3, 1, 2])
}

fn all(count: usize) -> Slice {
    Slice::from(0..count)
}

/// Whether [`HalfConvolutions::half_convolve`] computes this; bias and activation are added in f32, so elsewhere.
pub(super) fn serves(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    convolution: Convolution,
    activation: Activation,
) -> bool {
    let on_gpu = match x.device().as_dispatch() {
        DispatchDevice::Cube(_) => true,
        DispatchDevice::Autodiff(device) => matches!(**device, DispatchDevice::Cube(_)),
        DispatchDevice::Flex(_) => false,
    };
    let half = (x.dtype(), weight.dtype()) == (DType::F16, DType::F16);
    let alone = bias.is_none() && activation == Activation::None;
    on_gpu && half && alone && convolution.stride <= 2 && is_wanted()
}

/// Whether the environment asks for convolutions by rule.
pub fn is_wanted() -> bool {
    static WANTED: OnceLock<bool> = OnceLock::new();
    *WANTED.get_or_init(|| std::env::var_os(BY_RULE).is_some_and(|value| value == "1"))
}

/// What [`serves`] says yes to.
pub(super) fn convolve(x: Tensor<4>, weight: Tensor<4>, convolution: Convolution) -> Tensor<4> {
    let (x, convolution) = match convolution.direction {
        Direction::Upsampling => (upsample_nearest(x), Convolution::forward(3, 1, 1)),
        Direction::Forward | Direction::Transposed => (x, convolution),
    };
    Tensor::from_dispatch(Dispatch::half_convolve(x.into_dispatch(), weight.into_dispatch(), convolution))
}
