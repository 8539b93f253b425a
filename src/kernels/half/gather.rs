//! GPU kernels that move values to where a convolution or a product wants them: pixels into a matrix of patches, four
//! phases into one image, an image to twice its side, weights into channels-last memory; and one that adds up partial
//! products. Images are read by their strides and written with channels last, as convolutions take them without a copy.

use cubecl::calculate_cube_count_elemwise;
use cubecl::client::Client;
use cubecl::prelude::*;

use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::{FloatDType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use half::f16;

use crate::kernels::{Convolution, Direction};

/// Pixels that one unit writes at once, where rows are so long.
const RUN: usize = 8;

/// Per group of images `g`, channel `i` and tap `t` a row of pixels: `columns[g, i, t, image, y, x]` is the pixel of x
/// `[g·image, i, h, w]`, each of whose pixels counts for `repeats`×`repeats`, that tap `t` of a k×k kernel sees at `(y, x)`
/// of its output; zero in the padding.
#[cube(launch)]
fn patches_kernel<E: Float, N: Size>(
    x: &Tensor<E>,
    columns: &mut Tensor<Vector<E, N>>,
    work: usize,
    #[comptime] kernel: usize,
    #[comptime] stride: usize,
    #[comptime] padding: usize,
    #[comptime] repeats: usize,
) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let run = N::value().comptime();
    let (channels, images) = (columns.shape(1), columns.shape(3));
    let (height, runs) = (columns.shape(4), columns.shape(5) / run);
    let first = (ABSOLUTE_POS % runs) * run;
    let rest = ABSOLUTE_POS / runs;
    let row = rest % height;
    let rest = rest / height;
    let image = rest % images;
    let rest = rest / images;
    let tap = rest % (kernel * kernel);
    let rest = rest / (kernel * kernel);
    let channel = rest % channels;
    let group = rest / channels;

    // One beyond the edge counts as one inside, by `padding` to the left and above.
    let y = row * stride + tap / kernel;
    let left = first * stride + tap % kernel;
    let inside = y >= padding && y < repeats * x.shape(2) + padding;
    let base = (group * images + image) * x.stride(0) + channel * x.stride(1);
    let mut pixels = Vector::<E, N>::empty();
    #[unroll]
    for step in 0..run {
        let at = left + step * stride;
        let mut pixel = E::from_int(0);
        if inside && at >= padding && at < repeats * x.shape(3) + padding {
            pixel = x[base + (y - padding) / repeats * x.stride(2) + (at - padding) / repeats * x.stride(3)];
        }
        pixels.insert(step, pixel);
    }
    columns[ABSOLUTE_POS] = pixels;
}

/// `image[b, y, x, o] = phases[b, p·o_count + o, (y + 1) / 2, (x + 1) / 2]` with p = 2 (y mod 2) + (x mod 2).
#[cube(launch)]
fn interleave_kernel<E: Float>(phases: &Tensor<E>, image: &mut Tensor<E>, work: usize) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (height, width, channels) = (image.shape(1), image.shape(2), image.shape(3));
    let channel = ABSOLUTE_POS % channels;
    let rest = ABSOLUTE_POS / channels;
    let x = rest % width;
    let rest = rest / width;
    let y = rest % height;
    let batch = rest / height;
    let phase = 2 * (y % 2) + x % 2;
    let from = batch * phases.stride(0)
        + (phase * channels + channel) * phases.stride(1)
        + (y / 2 + y % 2) * phases.stride(2)
        + (x / 2 + x % 2) * phases.stride(3);
    image[ABSOLUTE_POS] = phases[from];
}

/// `image[b, y, x, c] = x[b, c, y / 2, x / 2]`.
#[cube(launch)]
fn doubled_kernel<E: Float>(small: &Tensor<E>, image: &mut Tensor<E>, work: usize) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (height, width, channels) = (image.shape(1), image.shape(2), image.shape(3));
    let channel = ABSOLUTE_POS % channels;
    let rest = ABSOLUTE_POS / channels;
    let x = rest % width;
    let rest = rest / width;
    let y = rest % height;
    let batch = rest / height;
    let from = batch * small.stride(0) + channel * small.stride(1) + y / 2 * small.stride(2) + x / 2 * small.stride(3);
    image[ABSOLUTE_POS] = small[from];
}

/// `small[b, y, x, c]` is the sum of the four `image[b, c, 2y + {0, 1}, 2x + {0, 1}]`.
#[cube(launch)]
fn halved_kernel<E: Float>(image: &Tensor<E>, small: &mut Tensor<E>, work: usize) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (height, width, channels) = (small.shape(1), small.shape(2), small.shape(3));
    let channel = ABSOLUTE_POS % channels;
    let rest = ABSOLUTE_POS / channels;
    let x = rest % width;
    let rest = rest / width;
    let y = rest % height;
    let batch = rest / height;
    let base = batch * image.stride(0) + channel * image.stride(1);
    let mut sum = 0.0f32;
    #[unroll]
    for corner in 0..4usize {
        let (row, column) = (2 * y + corner / 2, 2 * x + corner % 2);
        sum += f32::cast_from(image[base + row * image.stride(2) + column * image.stride(3)]);
    }
    small[ABSOLUTE_POS] = E::cast_from(sum);
}

/// `cast[o, i, y, x] = weight[o, i, y, x]`, with `i` innermost in memory.
#[cube(launch)]
fn channels_last_kernel(weight: &Tensor<f32>, cast: &mut Tensor<f16>, work: usize) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (inputs, height, width) = (weight.shape(1), weight.shape(2), weight.shape(3));
    let input = ABSOLUTE_POS % inputs;
    let rest = ABSOLUTE_POS / inputs;
    let x = rest % width;
    let rest = rest / width;
    let y = rest % height;
    let output = rest / height;
    let from = output * weight.stride(0) + input * weight.stride(1) + y * weight.stride(2) + x * weight.stride(3);
    cast[ABSOLUTE_POS] = f16::cast_from(weight[from]);
}

/// `phases[(2a + b)·o_count + o, i, y, x] = weight[i, o, 3 − a − 2y, 3 − b − 2x]`, with `i` innermost in memory.
#[cube(launch)]
fn phase_weights_kernel<E: Float>(weight: &Tensor<E>, phases: &mut Tensor<E>, work: usize) {
    if ABSOLUTE_POS >= work {
        terminate!();
    }
    let (inputs, outputs) = (weight.shape(0), weight.shape(1));
    let input = ABSOLUTE_POS % inputs;
    let rest = ABSOLUTE_POS / inputs;
    let x = rest % 2;
    let rest = rest / 2;
    let y = rest % 2;
    let rest = rest / 2;
    let output = rest % outputs;
    let phase = rest / outputs;
    let from = input * weight.stride(0)
        + output * weight.stride(1)
        + (3 - phase / 2 - 2 * y) * weight.stride(2)
        + (3 - phase % 2 - 2 * x) * weight.stride(3);
    phases[ABSOLUTE_POS] = weight[from];
}

/// `sum[i] = Σ_g parts[g, i]`, in that order.
#[cube(launch)]
fn sum_of_parts_kernel(parts: &Tensor<f32>, sum: &mut Tensor<f32>, count: usize) {
    if ABSOLUTE_POS >= count {
        terminate!();
    }
    let mut total = 0.0f32;
    for part in 0..parts.shape(0) {
        total += parts[part * count + ABSOLUTE_POS];
    }
    sum[ABSOLUTE_POS] = total;
}

/// f16 x `[b, i, h, w]` → `[b / images, i·k², images · pixels of the output]`; `images` divides b.
pub(super) fn patches(x: CubeTensor, convolution: Convolution, images: usize) -> CubeTensor {
    let Convolution { kernel, stride, padding, direction } = convolution;
    let repeats = if direction == Direction::Upsampling { 2 } else { 1 };
    let [batch, channels, height, width] = x.meta.shape().dims();
    let (height, width) = (convolution.output_side(height), convolution.output_side(width));
    let (groups, taps) = (batch / images, kernel * kernel);
    let shape = Shape::from([groups, channels, taps, images, height, width]);
    let columns = CubeBackend::float_empty(shape, &x.device, FloatDType::F16);
    let run = if width.is_multiple_of(RUN) { RUN } else { 1 };
    let work = columns.meta.num_elements() / run;
    let cube = CubeDim::new(&x.client, work);
    let client = x.client.clone();
    patches_kernel::launch::<f16>(
        &client,
        calculate_cube_count_elemwise(&client, work, cube),
        cube,
        run,
        x.into_tensor_arg(),
        columns.clone().into_tensor_arg(),
        work,
        kernel,
        stride,
        padding,
        repeats,
    );
    CubeBackend::float_reshape(columns, Shape::from([groups, channels * taps, images * height * width]))
}

/// f16 phases `[b, 4o, h + 1, w + 1]` → `[b, o, 2h, 2w]`.
pub(super) fn interleave(phases: CubeTensor) -> CubeTensor {
    let [batch, channels, height, width] = phases.meta.shape().dims();
    image(phases, [batch, channels / 4, 2 * (height - 1), 2 * (width - 1)], interleave_kernel::launch::<f16>)
}

/// Every pixel repeated 2×2; f16 `[b, c, h, w]` → `[b, c, 2h, 2w]`.
pub(super) fn doubled(small: CubeTensor) -> CubeTensor {
    let [batch, channels, height, width] = small.meta.shape().dims();
    image(small, [batch, channels, 2 * height, 2 * width], doubled_kernel::launch::<f16>)
}

/// Sums of 2×2 pixels; f16 `[b, c, 2h, 2w]` → `[b, c, h, w]`.
pub(super) fn halved(large: CubeTensor) -> CubeTensor {
    let [batch, channels, height, width] = large.meta.shape().dims();
    image(large, [batch, channels, height / 2, width / 2], halved_kernel::launch::<f16>)
}

/// An f16 image `[b, c, h, w]` with channels last in memory, which a kernel makes of another one.
fn image(
    from: CubeTensor,
    [batch, channels, height, width]: [usize; 4],
    kernel: impl FnOnce(&Client, CubeCount, CubeDim, TensorArg, TensorArg, usize),
) -> CubeTensor {
    let to = empty_half([batch, height, width, channels], &from);
    let work = to.meta.num_elements();
    let units = CubeDim::new(&from.client, work);
    let client = from.client.clone();
    let cubes = calculate_cube_count_elemwise(&client, work, units);
    kernel(&client, cubes, units, from.into_tensor_arg(), to.clone().into_tensor_arg(), work);
    CubeBackend::float_permute(to, &[0, 3, 1, 2])
}

/// f32 weight `[o, i, k, k]` → f16, channels last in memory, as convolutions want it.
pub(super) fn channels_last(weight: CubeTensor) -> CubeTensor {
    let [outputs, inputs, height, width] = weight.meta.shape().dims();
    let cast = empty_half([outputs, height, width, inputs], &weight);
    let work = cast.meta.num_elements();
    let cube = CubeDim::new(&weight.client, work);
    let client = weight.client.clone();
    channels_last_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, work, cube),
        cube,
        weight.into_tensor_arg(),
        cast.clone().into_tensor_arg(),
        work,
    );
    CubeBackend::float_permute(cast, &[0, 3, 1, 2])
}

/// f16 weight `[i, o, 4, 4]` of a transposed convolution of stride 2 → `[4o, i, 2, 2]`: what each of the four pixels of
/// a cell of the output needs.
pub(super) fn phase_weights(weight: CubeTensor) -> CubeTensor {
    let [inputs, outputs, _, _] = weight.meta.shape().dims();
    let phases = empty_half([4 * outputs, 2, 2, inputs], &weight);
    let work = phases.meta.num_elements();
    let cube = CubeDim::new(&weight.client, work);
    let client = weight.client.clone();
    phase_weights_kernel::launch::<f16>(
        &client,
        calculate_cube_count_elemwise(&client, work, cube),
        cube,
        weight.into_tensor_arg(),
        phases.clone().into_tensor_arg(),
        work,
    );
    CubeBackend::float_permute(phases, &[0, 3, 1, 2])
}

/// f32 parts `[g, n, m]` → their sum, `[n, m]`.
pub(super) fn sum_of_parts(parts: CubeTensor) -> CubeTensor {
    let parts = into_contiguous(parts);
    let [_, rows, columns] = parts.meta.shape().dims();
    let sum = CubeBackend::float_empty(Shape::from([rows, columns]), &parts.device, FloatDType::F32);
    let work = rows * columns;
    let cube = CubeDim::new(&parts.client, work);
    let client = parts.client.clone();
    sum_of_parts_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, work, cube),
        cube,
        parts.into_tensor_arg(),
        sum.clone().into_tensor_arg(),
        work,
    );
    sum
}

fn empty_half<const D: usize>(shape: [usize; D], like: &CubeTensor) -> CubeTensor {
    CubeBackend::float_empty(Shape::from(shape), &like.device, FloatDType::F16)
}
