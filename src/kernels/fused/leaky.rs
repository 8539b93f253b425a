//! A bias and a leaky ReLU behind an f16 convolution, and what they do to gradients: read and written in f16, computed in
//! f32.

use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use half::f16;

use super::planes::{Shares, UNITS, empty, empty_like, place, sum_of_lanes};

/// Where a pixel is in memory.
#[cube]
fn place_of(of: &Tensor<f16>, image: usize, channel: usize, row: usize, column: usize) -> usize {
    place::<f16>(of, image * of.stride(0) + channel * of.stride(1), row, column)
}

/// `value`, times `slope` where `by` is below zero.
#[cube]
fn leaky(value: f32, by: f32, slope: f32) -> f32 {
    // NaN is not below zero and stays.
    select(by < 0.0f32, value * slope, value)
}

/// Image, channel, row and column of the value number `at`, counted with channels innermost.
#[cube]
fn pixel_of(at: usize, of: &Tensor<f16>) -> (usize, usize, usize, usize) {
    let (channels, height, width) = (of.shape(1), of.shape(2), of.shape(3));
    let pixel = at / channels;
    (pixel / width / height, at % channels, pixel / width % height, pixel % width)
}

#[cube(launch)]
fn leaky_kernel(x: &Tensor<f16>, bias: &Tensor<f32>, y: &mut Tensor<f16>, work: usize, slope: f32) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (image, channel, row, column) = pixel_of(ABSOLUTE_POS, x);
    let value = f32::cast_from(x[place_of(x, image, channel, row, column)]) + bias[channel];
    let to = image * y.stride(0) + channel * y.stride(1) + row * y.stride(2) + column * y.stride(3);
    y[to] = f16::cast_from(leaky(value, value, slope));
}

#[cube(launch)]
fn gate_kernel(x: &Tensor<f16>, by: &Tensor<f16>, gated: &mut Tensor<f16>, work: usize, slope: f32) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (image, channel, row, column) = pixel_of(ABSOLUTE_POS, x);
    let value = f32::cast_from(x[place_of(x, image, channel, row, column)]);
    let by = f32::cast_from(by[place_of(by, image, channel, row, column)]);
    let to = image * gated.stride(0) + channel * gated.stride(1) + row * gated.stride(2) + column * gated.stride(3);
    gated[to] = f16::cast_from(leaky(value, by, slope));
}

/// The gradient before the leaky ReLU, and its sum over every plane, `[b, c]`.
#[cube(launch)]
fn leaky_gradient_kernel(
    gradient: &Tensor<f16>,
    y: &Tensor<f16>,
    at_x: &mut Tensor<f16>,
    parts: &mut Tensor<f32>,
    groups: usize,
    slope: f32,
    #[comptime] log2_group: usize,
) {
    if CUBE_POS >= groups {
        terminate!();
    }
    let group = comptime!(1usize << log2_group);
    let lanes = comptime!(UNITS >> log2_group);
    let (channels, width) = (y.shape(1), y.shape(3));
    let groups_per_image = channels.div_ceil(group);
    let image = CUBE_POS / groups_per_image;
    let unit = UNIT_POS as usize;
    let channel = CUBE_POS % groups_per_image * group + unit % group;
    let lane = unit / group;
    // The last group of an image may have channels to spare.
    let end = select(channel < channels, y.shape(2) * width, 0usize);
    let mut sums = Shared::new_slice(UNITS);
    let mut part = 0.0f32;
    let mut pixel = lane;
    while pixel < end {
        let (row, column) = (pixel / width, pixel % width);
        let behind = f32::cast_from(gradient[place_of(gradient, image, channel, row, column)]);
        let by = f32::cast_from(y[place_of(y, image, channel, row, column)]);
        let before = leaky(behind, by, slope);
        let to = image * at_x.stride(0) + channel * at_x.stride(1) + row * at_x.stride(2) + column * at_x.stride(3);
        at_x[to] = f16::cast_from(before);
        part += before;
        pixel += lanes;
    }
    let sum = sum_of_lanes(part, &mut sums, log2_group);
    if lane == 0 && channel < channels {
        parts[image * channels + channel] = sum;
    }
}

/// Sums over the images, `[b, c] → [c]`.
#[cube(launch)]
fn bias_gradient_kernel(parts: &Tensor<f32>, at_bias: &mut Tensor<f32>) {
    let channels = parts.shape(1);
    let channel = ABSOLUTE_POS;
    if channel >= channels {
        terminate!();
    }
    let mut sum = 0.0f32;
    for image in 0..parts.shape(0) {
        sum += parts[image * channels + channel];
    }
    at_bias[channel] = sum;
}

/// f16 x `[b, c, h, w]` plus the bias `[c]`, times `slope` where that is below zero.
pub(super) fn forward(x: CubeTensor, bias: CubeTensor, slope: f32) -> CubeTensor {
    let bias = into_contiguous(bias);
    let y = empty_like(x.meta.shape().clone(), DType::F16, &x);
    let work = y.meta.num_elements();
    let client = x.client.clone();
    let units = CubeDim::new(&client, work);
    let cubes = calculate_cube_count_elemwise(&client, work, units);
    let (x, bias, to) = (x.into_tensor_arg(), bias.into_tensor_arg(), y.clone().into_tensor_arg());
    leaky_kernel::launch(&client, cubes, units, x, bias, to, work, slope);
    y
}

/// f16 x, times `slope` where `by` is below zero.
pub(super) fn gated(x: CubeTensor, by: CubeTensor, slope: f32) -> CubeTensor {
    let gated = empty_like(x.meta.shape().clone(), DType::F16, &x);
    let work = gated.meta.num_elements();
    let client = x.client.clone();
    let units = CubeDim::new(&client, work);
    let cubes = calculate_cube_count_elemwise(&client, work, units);
    let (x, by, to) = (x.into_tensor_arg(), by.into_tensor_arg(), gated.clone().into_tensor_arg());
    gate_kernel::launch(&client, cubes, units, x, by, to, work, slope);
    gated
}

/// At x and the bias, from what [`forward`] gave and the gradient there.
pub(super) fn gradients(y: CubeTensor, gradient: CubeTensor, slope: f32) -> (CubeTensor, CubeTensor) {
    let [batch, channels, _, _] = y.meta.shape().dims();
    let at_x = empty_like(y.meta.shape().clone(), DType::F16, &y);
    let parts = empty(Shape::from([batch, channels]), DType::F32, &y);
    let at_bias = empty(Shape::from([channels]), DType::F32, &y);
    let Shares { log2_group, groups, count, units } = Shares::new(&y);
    let client = y.client.clone();
    leaky_gradient_kernel::launch(
        &client,
        count,
        units,
        gradient.into_tensor_arg(),
        y.into_tensor_arg(),
        at_x.clone().into_tensor_arg(),
        parts.clone().into_tensor_arg(),
        groups,
        slope,
        log2_group,
    );
    let units = CubeDim::new(&client, channels);
    bias_gradient_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, channels, units),
        units,
        parts.into_tensor_arg(),
        at_bias.clone().into_tensor_arg(),
    );
    (at_x, at_bias)
}
