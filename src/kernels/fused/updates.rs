//! What happens to the weights of a network after a backward pass: an update of Adam, and the moving average. One kernel
//! does it for many tensors, each with a loop of its own: most of them are small, and a launch costs more than they do.

use cubecl::calculate_cube_count_elemwise;
use cubecl::client::Client;
use cubecl::prelude::*;

use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::FloatDType;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use crate::kernels::AdamStep;

/// Most weights of one launch.
const GROUP: usize = 16;

#[cube(launch)]
#[allow(clippy::too_many_arguments)]
fn adam_kernel(
    values: &Sequence<OwnedTensor<f32>>,
    gradients: &Sequence<OwnedTensor<f32>>,
    firsts: &mut Sequence<OwnedTensor<f32>>,
    seconds: &mut Sequence<OwnedTensor<f32>>,
    updated: &mut Sequence<OwnedTensor<f32>>,
    beta1: f32,
    beta2: f32,
    fresh1: f32,
    fresh2: f32,
    rate: f32,
    root: f32,
    epsilon: f32,
    scale: f32,
    #[comptime] count: usize,
) {
    let at = ABSOLUTE_POS;
    #[unroll]
    for row in 0..count {
        let updated = updated.index_mut(row).as_mut_slice();
        let (first, second) = (firsts.index_mut(row).as_mut_slice(), seconds.index_mut(row).as_mut_slice());
        if at < updated.len() {
            let gradient = gradients.index(row).as_slice()[at] / scale;
            let mean = first[at] * beta1 + gradient * fresh1;
            let square = second[at] * beta2 + gradient * gradient * fresh2;
            first[at] = mean;
            second[at] = square;
            updated[at] = values.index(row).as_slice()[at] - mean / (square.sqrt() / root + epsilon) * rate;
        }
    }
}

#[cube(launch)]
fn average_kernel(
    averages: &Sequence<OwnedTensor<f32>>,
    values: &Sequence<OwnedTensor<f32>>,
    updated: &mut Sequence<OwnedTensor<f32>>,
    decay: f32,
    fresh: f32,
    #[comptime] count: usize,
) {
    let at = ABSOLUTE_POS;
    #[unroll]
    for row in 0..count {
        let updated = updated.index_mut(row).as_mut_slice();
        if at < updated.len() {
            updated[at] = averages.index(row).as_slice()[at] * decay + values.index(row).as_slice()[at] * fresh;
        }
    }
}

/// Of the weights of one launch.
type Columns<const N: usize> = [Vec<CubeTensor>; N];

/// Tensors that come in rows of N, as columns of groups that a device can take in one launch with `results` more columns.
fn groups<const N: usize>(tensors: Vec<CubeTensor>, results: usize) -> Vec<Columns<N>> {
    let Some(tensor) = tensors.first() else { return Vec::new() };
    let buffers = tensor.client.properties().hardware.max_bindings as usize;
    // One is for lengths and numbers.
    let group = (buffers.saturating_sub(1) / (N + results)).clamp(1, GROUP);
    let mut groups = Vec::new();
    for (at, tensor) in tensors.into_iter().enumerate() {
        if at % (N * group) == 0 {
            groups.push([const { Vec::new() }; N]);
        }
        if let Some(columns) = groups.last_mut() {
            columns[at % N].push(into_contiguous(tensor));
        }
    }
    groups
}

fn empty_like(tensors: &[CubeTensor]) -> Vec<CubeTensor> {
    let empty =
        |tensor: &CubeTensor| CubeBackend::float_empty(tensor.meta.shape().clone(), &tensor.device, FloatDType::F32);
    tensors.iter().map(empty).collect()
}

fn arguments(tensors: impl IntoIterator<Item = CubeTensor>) -> SequenceArg<OwnedTensor<f32>> {
    tensors.into_iter().map(CubeTensor::into_tensor_arg).collect()
}

/// Where a launch gets one unit for every value of the largest tensor.
fn units(client: &Client, tensors: &[CubeTensor]) -> (CubeCount, CubeDim) {
    let most = tensors.iter().map(|tensor| tensor.meta.num_elements()).max().unwrap_or(1);
    let units = CubeDim::new(client, most);
    (calculate_cube_count_elemwise(client, most, units), units)
}

/// Rows of value, gradient, first and second moment → rows of value, first and second moment after a step. Moments that
/// nothing else holds are changed in place.
pub(super) fn adam(rows: Vec<CubeTensor>, step: AdamStep) -> Vec<CubeTensor> {
    let AdamStep { beta1, beta2, rate, root, epsilon, scale } = step;
    let mut results = Vec::with_capacity(rows.len() / 4 * 3);
    for [values, gradients, firsts, seconds] in groups::<4>(rows, 1) {
        let own = |moment: CubeTensor| if moment.can_mut() { moment } else { moment.copy() };
        let [firsts, seconds] =
            [firsts, seconds].map(|moments| moments.into_iter().map(own).collect::<Vec<CubeTensor>>());
        let updated = empty_like(&values);
        let (count, client) = (values.len(), updated[0].client.clone());
        let (cubes, units) = units(&client, &values);
        adam_kernel::launch(
            &client,
            cubes,
            units,
            arguments(values),
            arguments(gradients),
            arguments(firsts.iter().cloned()),
            arguments(seconds.iter().cloned()),
            arguments(updated.iter().cloned()),
            beta1 as f32,
            beta2 as f32,
            (1.0 - beta1) as f32,
            (1.0 - beta2) as f32,
            rate as f32,
            root as f32,
            epsilon as f32,
            scale as f32,
            count,
        );
        results.extend(updated.into_iter().zip(firsts).zip(seconds).flat_map(|((a, b), c)| [a, b, c]));
    }
    results
}

/// Rows of average and value → averages after `average ← decay·average + (1 − decay)·value`.
pub(super) fn averages(rows: Vec<CubeTensor>, decay: f64) -> Vec<CubeTensor> {
    let mut results = Vec::with_capacity(rows.len() / 2);
    for [averages, values] in groups::<2>(rows, 1) {
        let updated = empty_like(&values);
        let (count, client) = (values.len(), updated[0].client.clone());
        let (cubes, units) = units(&client, &values);
        average_kernel::launch(
            &client,
            cubes,
            units,
            arguments(averages),
            arguments(values),
            arguments(updated.iter().cloned()),
            decay as f32,
            (1.0 - decay) as f32,
            count,
        );
        results.extend(updated);
    }
    results
}
