//! InstanceNorm of whole planes.

use cubecl::calculate_cube_count_elemwise;
use cubecl::ir::ElemType;
use cubecl::prelude::*;

use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::planes::{Shares, UNITS, elem, empty, empty_like, place, sum_of_lanes};
use super::{Added, Norm, at_residual};

/// Epsilon of every InstanceNorm.
const EPSILON: f32 = 1e-5;

/// Numbers below zero have bits from these of −0 to those of −∞; behind them comes NaN.
const MINUS_ZERO: u32 = 0x8000_0000;
const MINUS_INFINITY: u32 = 0xff80_0000;

#[cube(launch)]
#[allow(clippy::too_many_arguments)]
fn norm_kernel<X: Float, R: Float, Y: Float>(
    x: &Tensor<X>,
    scale: &Tensor<f32>,
    shift: &Tensor<f32>,
    residual: &Tensor<R>,
    y: &mut Tensor<Y>,
    statistics: &mut Tensor<f32>,
    groups: usize,
    epsilon: f32,
    #[comptime] log2_group: usize,
    #[comptime] same: bool,
    #[comptime] doubled: bool,
    #[comptime] relu: bool,
    #[define(X, R, Y)] _types: [ElemType; 3],
) {
    if CUBE_POS >= groups {
        terminate!();
    }
    let group = comptime!(1usize << log2_group);
    let lanes = comptime!(UNITS >> log2_group);
    let (channels, width) = (x.shape(1), x.shape(3));
    let pixels = x.shape(2) * width;
    let groups_per_image = channels.div_ceil(group);
    let image = CUBE_POS / groups_per_image;
    let unit = UNIT_POS as usize;
    let channel = CUBE_POS % groups_per_image * group + unit % group;
    let lane = unit / group;
    // The last group of an image may have channels to spare.
    let end = select(channel < channels, pixels, 0usize);
    let of_x = image * x.stride(0) + channel * x.stride(1);
    let mut sums = Shared::new_slice(UNITS);

    let mut part = 0.0f32;
    let mut pixel = lane;
    while pixel < end {
        part += f32::cast_from(x[place::<X>(x, of_x, pixel / width, pixel % width)]);
        pixel += lanes;
    }
    let mean = sum_of_lanes(part, &mut sums, log2_group) / f32::cast_from(pixels);

    let mut part = 0.0f32;
    let mut pixel = lane;
    while pixel < end {
        let centred = f32::cast_from(x[place::<X>(x, of_x, pixel / width, pixel % width)]) - mean;
        part += centred * centred;
        pixel += lanes;
    }
    let variance = sum_of_lanes(part, &mut sums, log2_group) / f32::cast_from(pixels);
    let inverse_deviation = 1.0f32 / (variance + epsilon).sqrt();

    if channel >= channels {
        terminate!();
    }
    let factor = scale[channel] * inverse_deviation;
    let offset = shift[channel];
    let of_y = image * y.stride(0) + channel * y.stride(1);
    let mut pixel = lane;
    while pixel < end {
        let (row, column) = (pixel / width, pixel % width);
        let mut value = (f32::cast_from(x[place::<X>(x, of_x, row, column)]) - mean) * factor + offset;
        if same {
            let of_residual = image * residual.stride(0) + channel * residual.stride(1);
            value += f32::cast_from(residual[place::<R>(residual, of_residual, row, column)]);
        }
        if doubled {
            let of_residual = image * residual.stride(0) + channel * residual.stride(1);
            value += f32::cast_from(residual[place::<R>(residual, of_residual, row / 2, column / 2)]);
        }
        if relu {
            // By its bits: drivers make a comparison a maximum, which hides NaN.
            let bits = u32::reinterpret(value);
            let (negative, number) = (bits >= MINUS_ZERO, bits <= MINUS_INFINITY);
            value = select(negative && number, 0.0f32, value);
        }
        let to = of_y + row * y.stride(2) + column * y.stride(3);
        y[to] = Y::cast_from(value);
        pixel += lanes;
    }
    if lane == 0 {
        let plane = image * channels + channel;
        statistics[2 * plane] = mean;
        statistics[2 * plane + 1] = inverse_deviation;
    }
}

/// The gradient behind the ReLU.
#[cube]
fn behind_relu<Y: Float>(
    gradient: &Tensor<Y>,
    y: &Tensor<Y>,
    image: usize,
    channel: usize,
    row: usize,
    column: usize,
    #[comptime] relu: bool,
) -> f32 {
    let of_gradient = image * gradient.stride(0) + channel * gradient.stride(1);
    let mut behind = f32::cast_from(gradient[place::<Y>(gradient, of_gradient, row, column)]);
    if relu {
        let of_y = image * y.stride(0) + channel * y.stride(1);
        behind = select(f32::cast_from(y[place::<Y>(y, of_y, row, column)]) > 0.0f32, behind, 0.0f32);
    }
    behind
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)]
fn norm_gradient_kernel<X: Float, Y: Float>(
    x: &Tensor<X>,
    y: &Tensor<Y>,
    statistics: &Tensor<f32>,
    scale: &Tensor<f32>,
    gradient: &Tensor<Y>,
    at_x: &mut Tensor<X>,
    at_residual: &mut Tensor<f32>,
    at_affine: &mut Tensor<f32>,
    groups: usize,
    #[comptime] log2_group: usize,
    #[comptime] same: bool,
    #[comptime] doubled: bool,
    #[comptime] relu: bool,
    #[define(X, Y)] _types: [ElemType; 2],
) {
    if CUBE_POS >= groups {
        terminate!();
    }
    let group = comptime!(1usize << log2_group);
    let lanes = comptime!(UNITS >> log2_group);
    let (channels, width) = (x.shape(1), x.shape(3));
    let pixels = x.shape(2) * width;
    let groups_per_image = channels.div_ceil(group);
    let image = CUBE_POS / groups_per_image;
    let unit = UNIT_POS as usize;
    let channel = CUBE_POS % groups_per_image * group + unit % group;
    let lane = unit / group;
    let end = select(channel < channels, pixels, 0usize);
    let of_x = image * x.stride(0) + channel * x.stride(1);
    let plane = select(channel < channels, image * channels + channel, 0usize);
    let (mean, inverse_deviation) = (statistics[2 * plane], statistics[2 * plane + 1]);
    let mut sums = Shared::new_slice(UNITS);

    let mut at_shift = 0.0f32;
    let mut at_scale = 0.0f32;
    let mut pixel = lane;
    while pixel < end {
        let (row, column) = (pixel / width, pixel % width);
        let behind = behind_relu::<Y>(gradient, y, image, channel, row, column, relu);
        at_shift += behind;
        at_scale += behind * (f32::cast_from(x[place::<X>(x, of_x, row, column)]) - mean);
        pixel += lanes;
    }
    let at_shift = sum_of_lanes(at_shift, &mut sums, log2_group);
    let at_scale = sum_of_lanes(at_scale, &mut sums, log2_group) * inverse_deviation;

    if channel >= channels {
        terminate!();
    }
    let count = f32::cast_from(pixels);
    let factor = scale[channel] * inverse_deviation;
    let (constant, slope) = (at_shift / count, at_scale / count * inverse_deviation);
    let of_at_x = image * at_x.stride(0) + channel * at_x.stride(1);
    let mut pixel = lane;
    while pixel < end {
        let (row, column) = (pixel / width, pixel % width);
        let behind = behind_relu::<Y>(gradient, y, image, channel, row, column, relu);
        let centred = f32::cast_from(x[place::<X>(x, of_x, row, column)]) - mean;
        let to = of_at_x + row * at_x.stride(2) + column * at_x.stride(3);
        at_x[to] = X::cast_from(factor * (behind - constant - centred * slope));
        if same {
            let of_residual = image * at_residual.stride(0) + channel * at_residual.stride(1);
            let to = of_residual + row * at_residual.stride(2) + column * at_residual.stride(3);
            at_residual[to] = behind;
        }
        pixel += lanes;
    }
    if doubled {
        let half = width / 2;
        let of_residual = image * at_residual.stride(0) + channel * at_residual.stride(1);
        let mut pixel = lane;
        while pixel < end / 4 {
            let (row, column) = (pixel / half, pixel % half);
            let mut sum = 0.0f32;
            #[unroll]
            for corner in 0..4usize {
                let (row, column) = (2 * row + corner / 2, 2 * column + corner % 2);
                sum += behind_relu::<Y>(gradient, y, image, channel, row, column, relu);
            }
            let to = of_residual + row * at_residual.stride(2) + column * at_residual.stride(3);
            at_residual[to] = sum;
            pixel += lanes;
        }
    }
    if lane == 0 {
        at_affine[2 * plane] = at_scale;
        at_affine[2 * plane + 1] = at_shift;
    }
}

/// The gradients at scale and shift of single planes `[b, c, 2]`, summed over the images.
#[cube(launch)]
fn affine_gradient_kernel(planes: &Tensor<f32>, at_scale: &mut Tensor<f32>, at_shift: &mut Tensor<f32>) {
    let channels = planes.shape(1);
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    let mut scale = 0.0f32;
    let mut shift = 0.0f32;
    for image in 0..planes.shape(0) {
        let at = 2 * (image * channels + channel);
        scale += planes[at];
        shift += planes[at + 1];
    }
    at_scale[channel] = scale;
    at_shift[channel] = shift;
}

pub(super) fn forward(
    x: CubeTensor,
    affine: [CubeTensor; 2],
    residual: CubeTensor,
    norm: Norm,
) -> (CubeTensor, CubeTensor) {
    let [scale, shift] = affine.map(into_contiguous);
    let [batch, channels, _, _] = x.meta.shape().dims();
    let y = empty_like(x.meta.shape().clone(), norm.dtype(), &x);
    let statistics = empty(Shape::from([batch, channels, 2]), DType::F32, &x);
    let Shares { log2_group, groups, count, units } = Shares::new(&x);
    let types = [x.dtype, residual.dtype, y.dtype].map(elem);
    let client = x.client.clone();
    norm_kernel::launch(
        &client,
        count,
        units,
        x.into_tensor_arg(),
        scale.into_tensor_arg(),
        shift.into_tensor_arg(),
        residual.into_tensor_arg(),
        y.clone().into_tensor_arg(),
        statistics.clone().into_tensor_arg(),
        groups,
        EPSILON,
        log2_group,
        norm.added == Added::Same,
        norm.added == Added::Doubled,
        norm.relu,
        types,
    );
    (y, statistics)
}

/// What went into a norm and came out of it.
pub(super) struct Passed {
    pub(super) x: CubeTensor,
    pub(super) y: CubeTensor,
    pub(super) statistics: CubeTensor,
    pub(super) scale: CubeTensor,
}

/// At x, scale, shift and the residual.
pub(super) fn gradients(
    Passed { x, y, statistics, scale }: Passed,
    gradient: CubeTensor,
    norm: Norm,
) -> (CubeTensor, CubeTensor, CubeTensor, CubeTensor) {
    let scale = into_contiguous(scale);
    let shape = x.meta.shape().clone();
    let [batch, channels, _, _] = shape.dims();
    let at_x = empty_like(shape.clone(), x.dtype, &x);
    let of_residual = at_residual(&shape, norm);
    let to_residual = of_residual.is_some();
    let residual = match of_residual {
        Some(shape) => empty_like(shape, DType::F32, &x),
        None => statistics.clone(),
    };
    let parts = empty(Shape::from([batch, channels, 2]), DType::F32, &x);
    let [at_scale, at_shift] = [(); 2].map(|()| empty(Shape::from([channels]), DType::F32, &x));
    let Shares { log2_group, groups, count, units } = Shares::new(&x);
    let types = [x.dtype, y.dtype].map(elem);
    let client = x.client.clone();
    norm_gradient_kernel::launch(
        &client,
        count,
        units,
        x.into_tensor_arg(),
        y.into_tensor_arg(),
        statistics.into_tensor_arg(),
        scale.into_tensor_arg(),
        gradient.into_tensor_arg(),
        at_x.clone().into_tensor_arg(),
        residual.clone().into_tensor_arg(),
        parts.clone().into_tensor_arg(),
        groups,
        log2_group,
        to_residual && norm.added == Added::Same,
        to_residual && norm.added == Added::Doubled,
        norm.relu,
        types,
    );
    let units = CubeDim::new(&client, channels);
    affine_gradient_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, channels, units),
        units,
        parts.into_tensor_arg(),
        at_scale.clone().into_tensor_arg(),
        at_shift.clone().into_tensor_arg(),
    );
    (at_x, at_scale, at_shift, residual)
}
