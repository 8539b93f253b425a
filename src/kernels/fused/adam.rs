//! One update of Adam as one kernel.

use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::FloatDType;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use crate::kernels::AdamStep;

#[cube(launch)]
#[allow(clippy::too_many_arguments)]
fn adam_kernel(
    value: &Tensor<f32>,
    gradient: &Tensor<f32>,
    first: &mut Tensor<f32>,
    second: &mut Tensor<f32>,
    updated: &mut Tensor<f32>,
    beta1: f32,
    beta2: f32,
    fresh1: f32,
    fresh2: f32,
    rate: f32,
    root: f32,
    epsilon: f32,
    scale: f32,
) {
    let at = ABSOLUTE_POS;
    if at >= updated.len() {
        terminate!();
    }
    let gradient = gradient[at] / scale;
    let mean = first[at] * beta1 + gradient * fresh1;
    let square = second[at] * beta2 + gradient * gradient * fresh2;
    first[at] = mean;
    second[at] = square;
    updated[at] = value[at] - mean / (square.sqrt() / root + epsilon) * rate;
}

/// The value, the first and the second moment after a step. Moments that nothing else holds are changed in place.
pub(super) fn update(
    value: CubeTensor,
    gradient: CubeTensor,
    first: CubeTensor,
    second: CubeTensor,
    step: AdamStep,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let [value, gradient, first, second] = [value, gradient, first, second].map(into_contiguous);
    let [first, second] = [first, second].map(|moment| if moment.can_mut() { moment } else { moment.copy() });
    let shape = value.meta.shape().clone();
    let count = shape.num_elements();
    let updated = CubeBackend::float_empty(shape, &value.device, FloatDType::F32);
    let client = value.client.clone();
    let units = CubeDim::new(&client, count);
    let AdamStep { beta1, beta2, rate, root, epsilon, scale } = step;
    adam_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, count, units),
        units,
        value.into_tensor_arg(),
        gradient.into_tensor_arg(),
        first.clone().into_tensor_arg(),
        second.clone().into_tensor_arg(),
        updated.clone().into_tensor_arg(),
        beta1 as f32,
        beta2 as f32,
        (1.0 - beta1) as f32,
        (1.0 - beta2) as f32,
        rate as f32,
        root as f32,
        epsilon as f32,
        scale as f32,
    );
    (updated, first, second)
}
