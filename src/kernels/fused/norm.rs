//! InstanceNorm of whole planes, one workgroup for each channel of each image.

use cubecl::calculate_cube_count_elemwise;
use cubecl::ir::ElemType;
use cubecl::prelude::*;

use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::{DType, FloatDType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::{Added, Norm, at_residual};

/// Epsilon of every InstanceNorm.
const EPSILON: f32 = 1e-5;
/// Of [`UNITS`].
const LOG2_UNITS: usize = 8;
/// Units of a workgroup.
const UNITS: usize = 1 << LOG2_UNITS;

/// The sum of a value over all units of a workgroup, for each of them.
#[cube]
fn sum_of_units(value: f32, sums: &mut Shared<[f32]>) -> f32 {
    let unit = UNIT_POS as usize;
    // Whoever still reads the last sum.
    sync_cube();
    sums[unit] = value;
    sync_cube();
    #[unroll]
    for halving in 0..LOG2_UNITS {
        let half = comptime!(UNITS >> (halving + 1));
        if unit < half {
            sums[unit] = sums[unit] + sums[unit + half];
        }
        sync_cube();
    }
    sums[0]
}

/// The pixel of a picture of half the side that lies under a pixel.
#[cube]
fn under(pixel: usize, width: usize) -> usize {
    (pixel / width / 2) * (width / 2) + pixel % width / 2
}

#[cube(launch)]
#[allow(clippy::too_many_arguments)]
fn norm_kernel<X: Float, R: Float, Y: Float>(
    x: &Tensor<X>,
    scale: &Tensor<f32>,
    shift: &Tensor<f32>,
    residual: &Tensor<R>,
    y: &mut Tensor<Y>,
    statistics: &mut Tensor<f32>,
    planes: usize,
    epsilon: f32,
    #[comptime] same: bool,
    #[comptime] doubled: bool,
    #[comptime] relu: bool,
    #[define(X, R, Y)] _types: [ElemType; 3],
) {
    let plane = CUBE_POS;
    if plane >= planes {
        terminate!();
    }
    let (channels, width) = (x.shape(1), x.shape(3));
    let pixels = x.shape(2) * width;
    let (base, channel, unit) = (plane * pixels, plane % channels, UNIT_POS as usize);
    let mut sums = Shared::new_slice(UNITS);

    let mut part = 0.0f32;
    let mut pixel = unit;
    while pixel < pixels {
        part += f32::cast_from(x[base + pixel]);
        pixel += UNITS;
    }
    let mean = sum_of_units(part, &mut sums) / f32::cast_from(pixels);

    let mut part = 0.0f32;
    let mut pixel = unit;
    while pixel < pixels {
        let centred = f32::cast_from(x[base + pixel]) - mean;
        part += centred * centred;
        pixel += UNITS;
    }
    let variance = sum_of_units(part, &mut sums) / f32::cast_from(pixels);
    let inverse_deviation = 1.0f32 / (variance + epsilon).sqrt();

    let factor = scale[channel] * inverse_deviation;
    let offset = shift[channel];
    let mut pixel = unit;
    while pixel < pixels {
        let mut value = (f32::cast_from(x[base + pixel]) - mean) * factor + offset;
        if same {
            value += f32::cast_from(residual[base + pixel]);
        }
        if doubled {
            value += f32::cast_from(residual[base / 4 + under(pixel, width)]);
        }
        if relu {
            // Not a maximum: that might hide NaN.
            value = select(value < 0.0f32, 0.0f32, value);
        }
        y[base + pixel] = Y::cast_from(value);
        pixel += UNITS;
    }
    if unit == 0 {
        statistics[2 * plane] = mean;
        statistics[2 * plane + 1] = inverse_deviation;
    }
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
    planes: usize,
    #[comptime] same: bool,
    #[comptime] doubled: bool,
    #[comptime] relu: bool,
    #[define(X, Y)] _types: [ElemType; 2],
) {
    let plane = CUBE_POS;
    if plane >= planes {
        terminate!();
    }
    let (channels, width) = (x.shape(1), x.shape(3));
    let pixels = x.shape(2) * width;
    let (base, channel, unit) = (plane * pixels, plane % channels, UNIT_POS as usize);
    let (mean, inverse_deviation) = (statistics[2 * plane], statistics[2 * plane + 1]);
    let mut sums = Shared::new_slice(UNITS);

    let mut at_shift = 0.0f32;
    let mut at_scale = 0.0f32;
    let mut pixel = unit;
    while pixel < pixels {
        let at = base + pixel;
        let mut behind = f32::cast_from(gradient[at]);
        if relu {
            behind = select(f32::cast_from(y[at]) > 0.0f32, behind, 0.0f32);
        }
        at_shift += behind;
        at_scale += behind * (f32::cast_from(x[at]) - mean);
        if same {
            at_residual[at] = behind;
        }
        pixel += UNITS;
    }
    let at_shift = sum_of_units(at_shift, &mut sums);
    let at_scale = sum_of_units(at_scale, &mut sums) * inverse_deviation;

    let count = f32::cast_from(pixels);
    let factor = scale[channel] * inverse_deviation;
    let (constant, slope) = (at_shift / count, at_scale / count * inverse_deviation);
    let mut pixel = unit;
    while pixel < pixels {
        let at = base + pixel;
        let mut behind = f32::cast_from(gradient[at]);
        if relu {
            behind = select(f32::cast_from(y[at]) > 0.0f32, behind, 0.0f32);
        }
        at_x[at] = X::cast_from(factor * (behind - constant - (f32::cast_from(x[at]) - mean) * slope));
        pixel += UNITS;
    }
    if doubled {
        let half = width / 2;
        let mut pixel = unit;
        while pixel < pixels / 4 {
            let first = base + pixel / half * 2 * width + pixel % half * 2;
            let mut sum = 0.0f32;
            #[unroll]
            for corner in 0..4usize {
                let at = first + corner / 2 * width + corner % 2;
                let mut behind = f32::cast_from(gradient[at]);
                if relu {
                    behind = select(f32::cast_from(y[at]) > 0.0f32, behind, 0.0f32);
                }
                sum += behind;
            }
            at_residual[base / 4 + pixel] = sum;
            pixel += UNITS;
        }
    }
    if unit == 0 {
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

/// One workgroup for each of so many planes.
fn workgroups(like: &CubeTensor, planes: usize) -> (CubeCount, CubeDim) {
    let units = CubeDim::new_1d(UNITS as u32);
    (calculate_cube_count_elemwise(&like.client, planes * UNITS, units), units)
}

fn elem(dtype: DType) -> ElemType {
    dtype_to_storage_type(dtype)
}

fn empty(shape: Shape, dtype: DType, like: &CubeTensor) -> CubeTensor {
    let dtype = if dtype == DType::F16 { FloatDType::F16 } else { FloatDType::F32 };
    CubeBackend::float_empty(shape, &like.device, dtype)
}

pub(super) fn forward(
    x: CubeTensor,
    affine: [CubeTensor; 2],
    residual: CubeTensor,
    norm: Norm,
) -> (CubeTensor, CubeTensor) {
    let (x, residual, [scale, shift]) = (into_contiguous(x), into_contiguous(residual), affine.map(into_contiguous));
    let [batch, channels, _, _] = x.meta.shape().dims();
    let y = empty(x.meta.shape().clone(), norm.dtype(), &x);
    let statistics = empty(Shape::from([batch, channels, 2]), DType::F32, &x);
    let planes = batch * channels;
    let (count, units) = workgroups(&x, planes);
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
        planes,
        EPSILON,
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
    let [x, y, scale, gradient] = [x, y, scale, gradient].map(into_contiguous);
    let shape = x.meta.shape().clone();
    let [batch, channels, _, _] = shape.dims();
    let planes = batch * channels;
    let at_x = empty(shape.clone(), x.dtype, &x);
    let of_residual = at_residual(&shape, norm);
    let to_residual = of_residual.is_some();
    let residual = match of_residual {
        Some(shape) => empty(shape, DType::F32, &x),
        None => statistics.clone(),
    };
    let parts = empty(Shape::from([batch, channels, 2]), DType::F32, &x);
    let [at_scale, at_shift] = [(); 2].map(|()| empty(Shape::from([channels]), DType::F32, &x));
    let (count, units) = workgroups(&x, planes);
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
        planes,
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
