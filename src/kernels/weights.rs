//! Weights in the order in which the inner loop reads them.

use std::sync::Arc;

use rayon::prelude::*;

use super::plan::{Phase, Plan};
use super::tile::{BLOCK, SMALL_BLOCK};
use super::{Convolution, Direction};

/// Cells of a 3×3 kernel, and of the 4×4 one that replaces it after doubling by repetition.
const CELLS: usize = 9;
const DERIVED_CELLS: usize = 16;
/// Which rows (and columns) of the 3×3 kernel each row of the 4×4 kernel sums: repeating pixels lets neighbours of the
/// kernel fall on one pixel of the input.
const DERIVED_FROM: [&[usize]; 4] = [&[2], &[1, 2], &[0, 1], &[0]];

/// A kernel as `value(o, c, cell)`, whatever its layout.
#[derive(Clone, Copy)]
pub(super) struct Kernel<'a> {
    values: &'a [f32],
    /// Channels that leave.
    pub(super) outputs: usize,
    /// Channels that enter.
    pub(super) inputs: usize,
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
        Self { values, outputs, inputs, output_stride, input_stride }
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
        for (channel, packed) in packed.chunks_exact_mut((width * phase.taps.len()).max(1)).enumerate() {
            for o in 0..width.min(kernel.outputs - first) {
                let start = (first + o) * kernel.output_stride + channel * kernel.input_stride;
                for (tap, packed) in phase.taps.iter().zip(packed[o..].iter_mut().step_by(width)) {
                    *packed = kernel.values[start + tap.cell];
                }
            }
        }
    });
    packed
}

/// The 4×4 kernels of the transposed convolution that equals doubling by repetition and then a 3×3 convolution:
/// `[o, i, 3, 3] → [o, i, 4, 4]`. It has 4 products per output pixel instead of 9.
pub(super) fn derived(weight: &[f32]) -> Vec<f32> {
    let mut derived = vec![0.0; weight.len() / CELLS * DERIVED_CELLS];
    for (from, to) in weight.chunks_exact(CELLS).zip(derived.chunks_exact_mut(DERIVED_CELLS)) {
        for (cell, to) in to.iter_mut().enumerate() {
            *to = sources(cell).map(|cell| from[cell]).sum();
        }
    }
    derived
}

/// The gradient at the weight from the gradient at what [`derived`] made of it, `[i, o, 4, 4] → [o, i, 3, 3]`.
pub(super) fn derived_gradient(gradient: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    let mut weight = vec![0.0; inputs * outputs * CELLS];
    for (at, to) in weight.chunks_exact_mut(CELLS).enumerate() {
        let (output, input) = (at / inputs, at % inputs);
        let from = &gradient[(input * outputs + output) * DERIVED_CELLS..][..DERIVED_CELLS];
        for (cell, &from) in from.iter().enumerate() {
            for cell in sources(cell) {
                to[cell] += from;
            }
        }
    }
    weight
}

/// The cells of the 3×3 kernel that a cell of the 4×4 kernel sums.
fn sources(derived: usize) -> impl Iterator<Item = usize> {
    let (rows, columns) = (DERIVED_FROM[derived / 4], DERIVED_FROM[derived % 4]);
    rows.iter().flat_map(move |row| columns.iter().map(move |column| 3 * row + column))
}
