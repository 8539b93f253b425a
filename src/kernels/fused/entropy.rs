//! Cross-entropy of the labels of pixels, and its gradient.

use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

use burn::tensor::{DType, Shape};
use burn_cubecl::tensor::CubeTensor;

use super::planes::{UNITS, empty, empty_like, sum_of_lanes};

/// Most workgroups that sum; a last one has a unit for each of theirs.
const PARTS: usize = UNITS;

/// Where the first channel of a pixel is in memory, of pixels counted in rows and images.
#[cube]
fn first_channel(of: &Tensor<f32>, pixel: usize) -> usize {
    let (height, width) = (of.shape(2), of.shape(3));
    let row = pixel / width;
    row / height * of.stride(0) + row % height * of.stride(2) + pixel % width * of.stride(3)
}

/// The logarithm of the sum of the exponentials of a pixel's channels, and the sum of its targets.
#[cube]
fn normaliser(logits: &Tensor<f32>, targets: &Tensor<f32>, pixel: usize) -> (f32, f32) {
    let (of_logits, of_targets) = (first_channel(logits, pixel), first_channel(targets, pixel));
    let mut most = logits[of_logits];
    for channel in 1..logits.shape(1) {
        let logit = logits[of_logits + channel * logits.stride(1)];
        most = select(logit > most, logit, most);
    }
    let mut sum = 0.0f32;
    let mut weight = 0.0f32;
    for channel in 0..logits.shape(1) {
        sum += (logits[of_logits + channel * logits.stride(1)] - most).exp();
        weight += targets[of_targets + channel * targets.stride(1)];
    }
    (most + sum.ln(), weight)
}

/// Sums of −target · log softmax(logits) over the pixels of a workgroup.
#[cube(launch)]
fn entropy_kernel(logits: &Tensor<f32>, targets: &Tensor<f32>, parts: &mut Tensor<f32>, pixels: usize) {
    let mut sums = Shared::new_slice(UNITS);
    let mut part = 0.0f32;
    let mut pixel = CUBE_POS * UNITS + UNIT_POS as usize;
    while pixel < pixels {
        let (normaliser, _weight) = normaliser(logits, targets, pixel);
        let (of_logits, of_targets) = (first_channel(logits, pixel), first_channel(targets, pixel));
        for channel in 0..logits.shape(1) {
            let target = targets[of_targets + channel * targets.stride(1)];
            part += target * (normaliser - logits[of_logits + channel * logits.stride(1)]);
        }
        pixel += parts.len() * UNITS;
    }
    let sum = sum_of_lanes(part, &mut sums, 0usize);
    if UNIT_POS == 0 {
        parts[CUBE_POS] = sum;
    }
}

/// The sum of at most [`PARTS`] values.
#[cube(launch)]
fn total_kernel(parts: &Tensor<f32>, total: &mut Tensor<f32>) {
    let mut sums = Shared::new_slice(UNITS);
    let unit = UNIT_POS as usize;
    let mut part = 0.0f32;
    if unit < parts.len() {
        part = parts[unit];
    }
    let sum = sum_of_lanes(part, &mut sums, 0usize);
    if unit == 0 {
        total[0] = sum;
    }
}

/// `at_logits = gradient · (softmax(logits) · Σ targets − targets)`.
#[cube(launch)]
fn entropy_gradient_kernel(
    logits: &Tensor<f32>,
    targets: &Tensor<f32>,
    gradient: &Tensor<f32>,
    at_logits: &mut Tensor<f32>,
    pixels: usize,
) {
    let pixel = ABSOLUTE_POS;
    if pixel >= pixels {
        terminate!();
    }
    let (normaliser, weight) = normaliser(logits, targets, pixel);
    let (of_logits, of_targets) = (first_channel(logits, pixel), first_channel(targets, pixel));
    let (row, column) = (pixel / logits.shape(3), pixel % logits.shape(3));
    let (image, row) = (row / logits.shape(2), row % logits.shape(2));
    let to = image * at_logits.stride(0) + row * at_logits.stride(2) + column * at_logits.stride(3);
    let factor = gradient[0];
    for channel in 0..logits.shape(1) {
        let share = (logits[of_logits + channel * logits.stride(1)] - normaliser).exp();
        let target = targets[of_targets + channel * targets.stride(1)];
        let at = to + channel * at_logits.stride(1);
        at_logits[at] = factor * (share * weight - target);
    }
}

fn pixels_of(logits: &CubeTensor) -> usize {
    let [batch, _, height, width] = logits.meta.shape().dims();
    batch * height * width
}

/// Σ −target · log softmax(logits), `[1]`; both `[b, n, h, w]`.
pub(super) fn forward(logits: CubeTensor, targets: CubeTensor) -> CubeTensor {
    let pixels = pixels_of(&logits);
    let count = pixels.div_ceil(UNITS).clamp(1, PARTS);
    let parts = empty(Shape::from([count]), DType::F32, &logits);
    let total = empty(Shape::from([1]), DType::F32, &logits);
    let client = logits.client.clone();
    let units = CubeDim::new_1d(UNITS as u32);
    let (logits, targets) = (logits.into_tensor_arg(), targets.into_tensor_arg());
    let cubes = CubeCount::Static(count as u32, 1, 1);
    entropy_kernel::launch(&client, cubes, units, logits, targets, parts.clone().into_tensor_arg(), pixels);
    let cubes = CubeCount::Static(1, 1, 1);
    total_kernel::launch(&client, cubes, units, parts.into_tensor_arg(), total.clone().into_tensor_arg());
    total
}

/// At the logits, from the gradient `[1]` at what [`forward`] gave.
pub(super) fn gradient(logits: CubeTensor, targets: CubeTensor, gradient: CubeTensor) -> CubeTensor {
    let pixels = pixels_of(&logits);
    let at_logits = empty_like(logits.meta.shape().clone(), DType::F32, &logits);
    let client = logits.client.clone();
    let units = CubeDim::new(&client, pixels);
    entropy_gradient_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, pixels, units),
        units,
        logits.into_tensor_arg(),
        targets.into_tensor_arg(),
        gradient.into_tensor_arg(),
        at_logits.clone().into_tensor_arg(),
        pixels,
    );
    at_logits
}
