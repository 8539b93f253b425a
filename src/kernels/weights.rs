//! Weights in the order in which the inner loop reads them.

use std::sync::Arc;

use rayon::prelude::*;

use super::plan::{Phase, Plan};
use super::tile::{BLOCK, SMALL_BLOCK};
use super::{Convolution, Direction};

/// Cells of a 3×3 kernel, and of the 4×4 one that replaces it after doubling by repetition.
const CELLS: usize = 9;
const DERIVED_CELLS: usize = 16;
/// Pairs of channels per task.
const PAIRS_PER_TASK: usize = 512;

/// A kernel as `value(o, c, cell)`, whatever its layout.
#[derive(Clone, Copy)]
pub(super) struct Kernel<'a> {
    values: &'a [f32],
    /// Channels that leave.
    pub(super) outputs: usize,
    /// Channels that enter.
    pub(super) inputs: usize,
    /// Cells of the kernel of one pair of channels.
    cells: usize,
    output_stride: usize,
    input_stride: usize,
}

impl<'a> Kernel<'a> {
    /// Of a convolution's weight: `[o, i, k, k]`, transposed `[i, o, k, k]`, for upsampling the [`derived`] one.
    pub(super) fn new(convolution: Convolution, values: &'a [f32], inputs: usize, outputs: usize) -> Self {
        let cells = match convolution.direction {
            Direction::Upsampling => DERIVED_CELLS,
            Direction::Forward | Direction::Transposed => convolution.kernel * convolution.kernel,
        };
        let (output_stride, input_stride) = match convolution.direction {
            Direction::Forward | Direction::Upsampling => (inputs * cells, cells),
            Direction::Transposed => (cells, outputs * cells),
        };
        Self { values, outputs, inputs, cells, output_stride, input_stride }
    }

    fn cells_of(&self, output: usize, input: usize) -> &'a [f32] {
        &self.values[output * self.output_stride + input * self.input_stride..][..self.cells]
    }

    /// The kernel of the transposed map.
    pub(super) fn swapped(self) -> Self {
        Self {
            outputs: self.inputs,
            inputs: self.outputs,
            output_stride: self.input_stride,
            input_stride: self.output_stride,
            ..self
        }
    }
}

/// Rows that a packed kernel computes: the outputs, rounded up to whole blocks.
pub(super) fn padded_outputs(outputs: usize) -> usize {
    let rest = outputs % BLOCK;
    outputs - rest
        + if rest == 0 {
            0
        } else if rest <= SMALL_BLOCK {
            SMALL_BLOCK
        } else {
            BLOCK
        }
}

/// A kernel packed for every phase of a plan.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Per phase, `[block of outputs][channel][tap][output]`.
    pub(super) phases: Vec<Vec<f32>>,
    pub(super) outputs: usize,
}

impl Packed {
    pub(super) fn new(kernel: Kernel, plan: &Plan) -> Arc<Self> {
        let phases = plan.phases.iter().map(|phase| pack(kernel, phase)).collect();
        Arc::new(Self { phases, outputs: kernel.outputs })
    }
}

fn pack(kernel: Kernel, phase: &Phase) -> Vec<f32> {
    let per_output = kernel.inputs * phase.taps.len();
    let mut packed = vec![0.0; padded_outputs(kernel.outputs) * per_output];
    // The last block may be a small one; chunks of the large size end with it.
    packed.par_chunks_mut((BLOCK * per_output).max(1)).enumerate().for_each(|(block, packed)| {
        let first = block * BLOCK;
        let width = packed.len() / per_output.max(1);
        let present = width.min(kernel.outputs - first);
        match (kernel.cells, present) {
            // What the networks are made of, with sizes the compiler knows.
            (1, BLOCK) => pack_block::<1>(kernel, phase, first, packed),
            (9, BLOCK) => pack_block::<9>(kernel, phase, first, packed),
            (16, BLOCK) => pack_block::<16>(kernel, phase, first, packed),
            _ => {
                for (channel, packed) in packed.chunks_exact_mut((width * phase.taps.len()).max(1)).enumerate() {
                    for o in 0..present {
                        let cells = kernel.cells_of(first + o, channel);
                        for (tap, packed) in phase.taps.iter().zip(packed[o..].iter_mut().step_by(width)) {
                            *packed = cells[tap.cell];
                        }
                    }
                }
            }
        }
    });
    packed
}

/// A whole block of kernels with `N` cells.
fn pack_block<const N: usize>(kernel: Kernel, phase: &Phase, first: usize, packed: &mut [f32]) {
    let (packed, _) = packed.as_chunks_mut::<BLOCK>();
    for (channel, packed) in packed.chunks_exact_mut(phase.taps.len().max(1)).enumerate() {
        let cells: [[f32; N]; BLOCK] = std::array::from_fn(|o| {
            kernel.cells_of(first + o, channel).first_chunk().copied().unwrap_or([f32::NAN; N])
        });
        for (tap, packed) in phase.taps.iter().zip(packed) {
            *packed = std::array::from_fn(|o| cells[o][tap.cell]);
        }
    }
}

/// The 4×4 kernels of the transposed convolution that equals doubling by repetition and then a 3×3 convolution:
/// `[o, i, 3, 3] → [o, i, 4, 4]`. It has 4 products per output pixel instead of 9.
pub(super) fn derived(weight: &[f32]) -> Vec<f32> {
    let mut derived = vec![0.0; weight.len() / CELLS * DERIVED_CELLS];
    let (from, to) = (weight.as_chunks::<CELLS>().0, derived.as_chunks_mut::<DERIVED_CELLS>().0);
    from.par_iter().zip(to).with_min_len(PAIRS_PER_TASK).for_each(|(from, to)| {
        let [a, b, c] = [0, 3, 6].map(|row| spread([from[row], from[row + 1], from[row + 2]]));
        for x in 0..4 {
            let column = spread([a[x], b[x], c[x]]);
            for y in 0..4 {
                to[4 * y + x] = column[y];
            }
        }
    });
    derived
}

/// The gradient at the weight from the gradient at what [`derived`] made of it, `[i, o, 4, 4] → [o, i, 3, 3]`.
pub(super) fn derived_gradient(gradient: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    let mut weight = vec![0.0; inputs * outputs * CELLS];
    let (from, to) = (gradient.as_chunks::<DERIVED_CELLS>().0, weight.as_chunks_mut::<CELLS>().0);
    to.par_iter_mut().enumerate().with_min_len(PAIRS_PER_TASK).for_each(|(at, to)| {
        let (output, input) = (at / inputs, at % inputs);
        let from = &from[input * outputs + output];
        let [a, b, c, d] = [0, 4, 8, 12].map(|row| gather([from[row], from[row + 1], from[row + 2], from[row + 3]]));
        for x in 0..3 {
            let column = gather([a[x], b[x], c[x], d[x]]);
            for y in 0..3 {
                to[3 * y + x] = column[y];
            }
        }
    });
    weight
}

/// A row (or column) of the 3×3 kernel becomes one of the 4×4 kernel: repeating pixels lets neighbours of the kernel fall on
/// one pixel of the input.
fn spread([a, b, c]: [f32; 3]) -> [f32; 4] {
    [c, b + c, a + b, a]
}

/// The transpose of [`spread`].
fn gather([a, b, c, d]: [f32; 4]) -> [f32; 3] {
    [c + d, b + c, a + b]
}
