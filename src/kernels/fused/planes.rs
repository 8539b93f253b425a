//! How kernels go through the planes of pictures, and sum over them.
//!
//! Convolutions on a GPU have their channels last in memory, whatever the order of the dimensions says. So every tensor
//! is read by its strides, no copy is made, and results lie as the input does. What differs is who works together: where
//! the pixels of a channel are neighbours, a workgroup has one channel of an image; where the channels of a pixel are,
//! sixteen.

use cubecl::calculate_cube_count_elemwise;
use cubecl::ir::ElemType;
use cubecl::prelude::*;

use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::{DType, FloatDType, Shape};
use burn_cubecl::tensor::CubeTensor;

/// Of the channels that a workgroup has where they are neighbours: 32 bytes of f16.
const LOG2_GROUP: usize = 4;
/// Of [`UNITS`].
const LOG2_UNITS: usize = 8;
/// Units of a workgroup.
pub(super) const UNITS: usize = 1 << LOG2_UNITS;

/// The sum of a value over all units of a workgroup that have the same channel, for each of them.
#[cube]
pub(super) fn sum_of_lanes(value: f32, sums: &mut Shared<[f32]>, #[comptime] log2_group: usize) -> f32 {
    let unit = UNIT_POS as usize;
    // Whoever still reads the last sum.
    sync_cube();
    sums[unit] = value;
    sync_cube();
    #[unroll]
    for halving in 0..LOG2_UNITS - log2_group {
        let half = comptime!(UNITS >> (halving + 1));
        if unit < half {
            sums[unit] += sums[unit + half];
        }
        sync_cube();
    }
    sums[unit % comptime!(1usize << log2_group)]
}

/// Where a pixel of a channel of an image is in memory.
#[cube]
pub(super) fn place<E: Float>(of: &Tensor<E>, channel_start: usize, row: usize, column: usize) -> usize {
    channel_start + row * of.stride(2) + column * of.stride(3)
}

/// How planes are shared out.
pub(super) struct Shares {
    /// Channels of a workgroup.
    pub(super) log2_group: usize,
    /// Of them, over all images.
    pub(super) groups: usize,
    pub(super) count: CubeCount,
    pub(super) units: CubeDim,
}

impl Shares {
    pub(super) fn new(x: &CubeTensor) -> Self {
        let [batch, channels, _, _] = x.meta.shape().dims();
        let log2_group = if channels_last(x) { LOG2_GROUP } else { 0 };
        let groups = batch * channels.div_ceil(1 << log2_group);
        let units = CubeDim::new_1d(UNITS as u32);
        let count = calculate_cube_count_elemwise(&x.client, groups * UNITS, units);
        Self { log2_group, groups, count, units }
    }
}

/// Whether the channels of a pixel are neighbours in memory.
fn channels_last(x: &CubeTensor) -> bool {
    let [_, channels, height, width] = x.meta.shape().dims();
    channels > 1 && height * width > 1 && x.meta.strides()[1] == 1
}

/// A picture for results, in memory as `like` is.
pub(super) fn empty_like(shape: Shape, dtype: DType, like: &CubeTensor) -> CubeTensor {
    if !channels_last(like) {
        return empty(shape, dtype, like);
    }
    let [batch, channels, height, width] = shape.dims();
    CubeBackend::float_permute(empty(Shape::from([batch, height, width, channels]), dtype, like), &[0, 3, 1, 2])
}

pub(super) fn elem(dtype: DType) -> ElemType {
    dtype_to_storage_type(dtype)
}

pub(super) fn empty(shape: Shape, dtype: DType, like: &CubeTensor) -> CubeTensor {
    let dtype = if dtype == DType::F16 { FloatDType::F16 } else { FloatDType::F32 };
    CubeBackend::float_empty(shape, &like.device, dtype)
}
