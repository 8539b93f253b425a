//! Convolutions of f16 values on GPUs, with kernels chosen by rule instead of by autotuning.
//!
//! Burn tries a dozen kernels for every new shape, and compiling some of them takes eight seconds each: minutes before
//! a training begins. Measured on an H100 (`benches/gpu_convolution.rs`), one rule is as good: implicit GEMM on matrix
//! units. It is no rule for two gradients. At a weight the sums are so long and the result is so small that few units
//! would work, so the sum is split by images, each a product with a matrix of patches. And where a stride must be
//! turned back, four small convolutions make the four pixels of a cell ([`doubling`]).

mod autodiff;
mod check;
mod gather;

use burn::backend::ops::{ConvOptions, ConvTransposeOptions, FloatTensorOps, ModuleOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{DType, Device, FloatDType, Shape, Slice, Tensor};
use burn_cubecl::kernel::conv::{ConvStrategy, conv_data_backward, conv_forward};
use burn_cubecl::kernel::matmul::{MatmulStrategy, matmul};
use burn_cubecl::tensor::CubeTensor;

use super::{Activation, Convolution, Direction, is_gpu};

/// Workgroups that keep a large GPU busy, about two for each of its cores.
const BUSY: usize = 256;
/// Side of the tile of a product that one workgroup computes, about.
const TILE: usize = 64;
/// Values of patches at a time, 512 MB.
const PATCHES: usize = 256 << 20;

/// Implemented for GPUs, and there with autodiff; all tensors are f16 where nothing else is said, x is `[b, i, h, w]`.
#[backend_extension(Cube, Fusion, Autodiff)]
pub(super) trait HalfConvolutions: Backend {
    /// A convolution without bias. With autodiff the weight is f32, and so is its gradient.
    #[fusion(dtype = x, shape = output_shape(x, weight, convolution))]
    fn half_convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self>;

    /// An f32 weight `[o, i, k, k]` as f16, in the memory order in which convolutions read it. Not differentiable.
    #[fusion(dtype = { let _ = weight; DType::F16 }, shape = weight)]
    fn half_weight(weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Sums of 2×2 pixels, `[b, c, 2h, 2w] → [b, c, h, w]`: back through the doubling of an upsampling convolution. Not
    /// differentiable.
    #[fusion(dtype = x, shape = halved_shape(x))]
    fn half_sum_of_cells(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The f32 gradient at the weight of a forward or upsampling convolution, `[o, i, k, k]`: from its input `[b, i, h, w]`
    /// and the gradient at its output, `[b, o, h', w']`. Not differentiable.
    #[fusion(dtype = { let _ = (x, gradient); DType::F32 }, shape = weight_shape(x, gradient, convolution))]
    fn half_weight_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self>;
}

/// `[b, o, h', w']`.
fn output_shape(x: &Shape, weight: &Shape, convolution: &Convolution) -> Shape {
    let ([batch, _, height, width], (_, outputs)) = (x.dims(), convolution.channels(weight.dims()));
    Shape::from([batch, outputs, convolution.output_side(height), convolution.output_side(width)])
}

/// `[b, c, h / 2, w / 2]`.
fn halved_shape(x: &Shape) -> Shape {
    let [batch, channels, height, width] = x.dims();
    Shape::from([batch, channels, height / 2, width / 2])
}

/// `[o, i, k, k]`.
fn weight_shape(x: &Shape, gradient: &Shape, Convolution { kernel, .. }: &Convolution) -> Shape {
    Shape::from([gradient.dims::<4>()[1], x.dims::<4>()[1], *kernel, *kernel])
}

impl HalfConvolutions for CubeBackend {
    fn half_convolve(x: CubeTensor, weight: CubeTensor, convolution: Convolution) -> CubeTensor {
        let Convolution { kernel, stride, padding, direction } = convolution;
        let x = if direction == Direction::Upsampling { gather::doubled(x) } else { x };
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        // What a rule cannot serve, such as a device without matrix units, Burn's own choice can.
        if direction != Direction::Transposed {
            return conv_forward::<2>(x.clone(), weight.clone(), None, options.clone(), ConvStrategy::ImplicitGemm)
                .unwrap_or_else(|_| Self::conv2d(x, weight, None, options));
        }
        if stride == 1 {
            let shape = output_shape(&x.shape(), &weight.shape(), &convolution);
            if let Ok(y) =
                conv_data_backward::<2>(x.clone(), weight.clone(), shape, options, ConvStrategy::ImplicitGemm)
            {
                return y;
            }
        } else if (kernel, stride, padding) == (4, 2, 1) {
            return doubling(x, weight);
        }
        let options = ConvTransposeOptions::new([stride; 2], [padding; 2], [0, 0], [1, 1], 1);
        Self::conv_transpose2d(x, weight, None, options)
    }

    fn half_weight(weight: CubeTensor) -> CubeTensor {
        gather::channels_last(weight)
    }

    fn half_sum_of_cells(x: CubeTensor) -> CubeTensor {
        gather::halved(x)
    }

    fn half_weight_gradient(x: CubeTensor, gradient: CubeTensor, convolution: Convolution) -> CubeTensor {
        let (x_shape, out_shape) = (x.shape(), gradient.shape());
        let shape = weight_shape(&x_shape, &out_shape, &convolution);
        let [outputs, inputs, kernel, _] = shape.dims();
        let [batch, _, height, width] = out_shape.dims();
        let (rows, pixels) = (inputs * kernel * kernel, height * width);
        let images = images_per_product(batch, outputs, rows);
        let groups_at_once = (PATCHES / (rows * pixels * images)).max(1);
        let mut parts: Option<CubeTensor> = None;
        for first in (0..batch).step_by(groups_at_once * images) {
            let count = (groups_at_once * images).min(batch - first);
            let part = |tensor: &CubeTensor| {
                let [_, channels, height, width] = tensor.shape().dims();
                let ranges = [first..first + count, 0..channels, 0..height, 0..width].map(Slice::from);
                if count == batch { tensor.clone() } else { Self::float_slice(tensor.clone(), &ranges) }
            };
            let gradient = pixels_last(part(&gradient), count / images);
            let columns = if convolution == Convolution::forward(1, 1, 0) {
                pixels_last(part(&x), count / images)
            } else {
                gather::patches(part(&x), convolution, images)
            };
            let columns = Self::float_swap_dims(columns, 1, 2);
            let products = matmul(gradient.clone(), columns.clone(), None, MatmulStrategy::Cube, DType::F32)
                .unwrap_or_else(|_| Self::float_cast(Self::float_matmul(gradient, columns), FloatDType::F32));
            parts = Some(match parts {
                Some(parts) => Self::float_cat(vec![parts, products], 0),
                None => products,
            });
        }
        match parts {
            Some(parts) if parts.shape().dims::<3>()[0] == 1 => Self::float_reshape(parts, shape),
            Some(parts) => Self::float_reshape(gather::sum_of_parts(parts), shape),
            None => Self::float_zeros(shape, &x.device, FloatDType::F32),
        }
    }
}

/// `[b, o, h, w]` → `[g, o, (b / g)·h·w]`, without a copy where channels are last in memory.
fn pixels_last(x: CubeTensor, groups: usize) -> CubeTensor {
    let [batch, channels, height, width] = x.shape().dims();
    let (images, pixels) = (batch / groups, height * width);
    if x.meta.strides()[1] == 1 {
        let x = CubeBackend::float_permute(x, &[0, 2, 3, 1]);
        let x = CubeBackend::float_reshape(x, Shape::from([groups, images * pixels, channels]));
        return CubeBackend::float_swap_dims(x, 1, 2);
    }
    let x = CubeBackend::float_reshape(x, Shape::from([groups, images, channels, pixels]));
    let x = CubeBackend::float_permute(x, &[0, 2, 1, 3]);
    CubeBackend::float_reshape(x, Shape::from([groups, channels, images * pixels]))
}

/// How many images are summed within one product; the largest divisor of the batch that still makes enough workgroups.
fn images_per_product(batch: usize, outputs: usize, rows: usize) -> usize {
    let tiles = outputs.div_ceil(TILE) * rows.div_ceil(TILE);
    (1..=batch).rev().find(|images| batch.is_multiple_of(*images) && tiles * (batch / images) >= BUSY).unwrap_or(1)
}

/// The transposed map of a 4×4 convolution with stride 2 and padding 1: `[b, i, h, w]`, weight `[i, o, 4, 4]`
/// → `[b, o, 2h, 2w]`.
///
/// Each of the four pixels of an output cell sees 2×2 pixels of x, with every other row and column of the turned
/// kernel. So four 2×2 convolutions do, and they are one with four times the channels.
fn doubling(x: CubeTensor, weight: CubeTensor) -> CubeTensor {
    gather::interleave(CubeBackend::half_convolve(x, gather::phase_weights(weight), Convolution::forward(2, 1, 1)))
}

/// Whether [`HalfConvolutions::half_convolve`] computes this; bias and activation are added in f32, so elsewhere.
pub(super) fn serves(
    x: &Tensor<4>,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    convolution: Convolution,
    activation: Activation,
) -> bool {
    let half = (x.dtype(), weight.dtype()) == (DType::F16, DType::F32);
    let alone = bias.is_none() && activation == Activation::None;
    half && alone && convolution.stride <= 2 && serves_on(&x.device())
}

/// Whether convolutions go by rule on a device: a GPU that computes them right.
pub(super) fn serves_on(device: &Device) -> bool {
    is_gpu(device) && check::passed(device)
}

/// What [`serves`] says yes to.
pub(super) fn convolve(x: Tensor<4>, weight: Tensor<4>, convolution: Convolution) -> Tensor<4> {
    let records = [x.device(), weight.device()].iter().any(Device::is_autodiff);
    let (x, mut weight) = (x.into_dispatch(), weight.into_dispatch());
    if !records {
        weight = Dispatch::half_weight(weight);
    }
    Tensor::from_dispatch(Dispatch::half_convolve(x, weight, convolution))
}
