//! A convolution from slabs to positions, and its gradient at the weights.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::plan::{ALIGNMENT, Plan, Size, Tap};
use super::scratch::Scratch;
use super::simd::{dispatch, lanes};
use super::tile::{BLOCK, CORRELATED, CORRELATED_VECTORS, Source, convolve_blocks, correlate_block};
use super::weights::{Packed, padded_outputs};

/// f32 of the input that a task works on: about half of a core's second-level cache.
const TASK_VALUES: usize = 128 << 10;
/// Blocks of output channels that a task computes at a time: their sums, weights and pixels fit into the first-level cache.
const BLOCKS: usize = 3;
/// Tasks per thread at least, where there is work for them.
const TASKS_PER_THREAD: usize = 4;
/// f32 of the gradient between two visits of the sums of a weight's gradient: half of the first-level cache.
const CORRELATED_VALUES: usize = 4 << 10;
/// Pixels, of all images, whose patches are few enough to be written out.
const FEW_PLACES: usize = 64;
/// Rows of the sums that are turned into columns at a time: they fit into the first-level cache.
const TURNED: usize = 64;

/// Copies images `[b, c, h, w]` into the plan's slabs.
pub(super) fn slabs(plan: &Plan, x: &[f32], channels: usize) -> Scratch {
    let pixels = plan.input.pixels();
    let mut slabs = Scratch::new(channels * plan.slab);
    slabs.par_chunks_mut(plan.slab).enumerate().for_each(|(channel, slab)| {
        plan.fill(slab, |image| &x[(image * channels + channel) * pixels..][..pixels]);
    });
    slabs
}

/// What a convolution computed: per phase and output channel a row of positions.
pub(super) struct Positions {
    values: Scratch,
    /// Rows per phase.
    rows: usize,
    /// From one row to the next.
    stride: usize,
}

impl Positions {
    pub(super) fn row(&self, phase: usize, channel: usize) -> &[f32] {
        &self.values[(phase * self.rows + channel) * self.stride..][..self.stride]
    }
}

/// Blocks of output channels over a range of positions.
struct Task<'a> {
    weights: &'a [f32],
    taps: &'a [Tap],
    start: usize,
    rows: Vec<&'a mut [f32]>,
}

impl<'a> Task<'a> {
    /// Of neighbouring blocks of rows, in spans of positions.
    fn of_blocks(
        weights: &'a [f32],
        taps: &'a [Tap],
        rows: impl Iterator<Item = &'a mut [f32]>,
        length: usize,
        span: usize,
    ) -> Vec<Self> {
        let empty = |start| Task { weights, taps, start, rows: Vec::new() };
        let mut tasks: Vec<Self> = (0..length).step_by(span).map(empty).collect();
        for row in rows {
            for (task, part) in tasks.iter_mut().zip(row.chunks_mut(span)) {
                task.rows.push(part);
            }
        }
        tasks
    }
}

fn carry_out(mut tasks: Vec<Task>, slabs: &[f32], slab: usize) {
    // Neighbouring tasks read the same pixels.
    tasks.sort_by_key(|task| task.start);
    tasks.into_par_iter().for_each(|task| dispatch(Convolve { slabs, slab, task }));
}

/// Sums over input channels and taps, without bias.
pub(super) fn convolve(plan: &Plan, slabs: &[f32], channels: usize, packed: &Packed) -> Positions {
    let (rows, length) = (padded_outputs(packed.outputs), plan.positions);
    // As with slabs: the rows of a block must not compete for the same few sets of a cache.
    let stride = length | ALIGNMENT;
    let mut values = Scratch::new(plan.phases.len() * rows * stride);
    let group = BLOCKS * BLOCK;
    let span = span(length, channels, plan.phases.len() * rows.div_ceil(group));
    let mut tasks: Vec<Task> = Vec::new();
    for ((phase, weights), values) in
        plan.phases.iter().zip(&packed.phases).zip(values.chunks_mut((rows * stride).max(1)))
    {
        let per_group = group * channels * phase.taps.len();
        for (at, values) in values.chunks_mut(group * stride).enumerate() {
            let weights = &weights[at * per_group..];
            let weights = &weights[..per_group.min(weights.len())];
            let rows = values.chunks_exact_mut(stride).map(|row| &mut row[..length]);
            tasks.extend(Task::of_blocks(weights, &phase.taps, rows, length, span));
        }
    }
    carry_out(tasks, slabs, plan.slab);
    Positions { values, rows, stride }
}

/// Positions per task.
fn span(length: usize, channels: usize, blocks: usize) -> usize {
    let cached = TASK_VALUES / channels.max(1);
    let wanted = rayon::current_num_threads() * TASKS_PER_THREAD;
    let balanced = length / wanted.div_ceil(blocks.max(1));
    cached.min(balanced).max(6 * ALIGNMENT).next_multiple_of(2 * ALIGNMENT)
}

struct Convolve<'a> {
    slabs: &'a [f32],
    slab: usize,
    task: Task<'a>,
}

impl WithSimd for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { slabs, slab, mut task } = self;
        let source = Source { slabs, slab, taps: task.taps };
        convolve_blocks(simd, task.weights, &source, task.start, &mut task.rows);
    }
}

/// The gradient at a forward convolution's weight, `[o, c, k, k]`, from its input's slabs and the gradient
/// `[b, o, h', w']` at its output.
pub(super) fn weight_gradient(
    plan: &Plan,
    slabs: &[f32],
    channels: usize,
    gradient: &[f32],
    outputs: usize,
) -> Vec<f32> {
    let Some(phase) = plan.phases.first() else { return Vec::new() };
    let places = plan.output.batch * plan.output.pixels();
    let length = channels * phase.taps.len();
    if (1..=FEW_PLACES).contains(&places) && length > 0 && length.is_multiple_of(ALIGNMENT) {
        return from_patches(plan, slabs, channels, gradient, outputs);
    }
    let width = CORRELATED_VECTORS * lanes();
    let gradient = position_major(plan, gradient, outputs, width);
    let taps = phase.taps.len();
    let rows: Vec<usize> =
        (0..channels).flat_map(|channel| phase.taps.iter().map(move |tap| channel * plan.slab + tap.offset)).collect();
    let padded_rows = rows.len().next_multiple_of(CORRELATED);
    let blocks = outputs.div_ceil(width);
    let mut sums = Scratch::new(blocks * padded_rows * width);
    // Rows per task: whole groups, few enough that all threads have some.
    let groups = padded_rows / CORRELATED;
    let wanted = rayon::current_num_threads() * TASKS_PER_THREAD;
    let per_task = (groups * blocks / wanted).clamp(1, groups.max(1)) * CORRELATED;
    let of_block: Vec<(usize, &mut [f32])> = sums
        .chunks_mut((padded_rows * width).max(1))
        .enumerate()
        .flat_map(|(block, sums)| sums.chunks_mut(per_task * width).map(move |sums| (block, sums)).enumerate())
        .map(|(part, (block, sums))| (block * padded_rows + part * per_task, sums))
        .collect();
    of_block.into_par_iter().for_each(|(first, sums)| {
        let (block, first) = (first / padded_rows, first % padded_rows);
        let gradient = &gradient[block * plan.positions * width..][..plan.positions * width];
        dispatch(Correlate { rows: &rows, first, slabs, gradient, width, sums });
    });
    // A forward plan's taps are the kernel's cells in order, so a row of the sums is a value of the weight.
    let per_output = channels * taps;
    let mut weight = vec![0.0; outputs * per_output];
    let of_block =
        weight.par_chunks_mut((width * per_output).max(1)).zip(sums.par_chunks((padded_rows * width).max(1)));
    of_block.for_each(|(weight, sums)| {
        for (part, sums) in sums[..per_output * width].chunks(TURNED * width).enumerate() {
            let start = part * TURNED;
            for (o, weight) in weight.chunks_exact_mut(per_output.max(1)).enumerate() {
                let length = TURNED.min(per_output - start);
                for (weight, sum) in weight[start..][..length].iter_mut().zip(sums[o..].iter().step_by(width)) {
                    *weight = *sum;
                }
            }
        }
    });
    weight
}

/// [`weight_gradient`] where few pixels leave. Then the weight is larger than what it is made of, so it is written once,
/// as it lies: the product of the gradient `[o, places]` and the patches of pixels `[places, c·k·k]` it came from.
fn from_patches(plan: &Plan, slabs: &[f32], channels: usize, gradient: &[f32], outputs: usize) -> Vec<f32> {
    let Some(phase) = plan.phases.first() else { return Vec::new() };
    let (taps, pixels, columns) = (&phase.taps, plan.output.pixels(), plan.output.width);
    let (places, length) = (plan.output.batch * pixels, channels * taps.len());
    let stride = length | ALIGNMENT;
    let mut patches = Scratch::new(places * stride);
    patches.par_chunks_mut(stride).enumerate().for_each(|(place, patch)| {
        let (image, pixel) = (place / pixels, place % pixels);
        let position = plan.image_start(image) + pixel / columns * plan.row + pixel % columns;
        // A forward plan's taps are the kernel's cells in order.
        for (patch, slab) in patch.chunks_exact_mut(taps.len()).zip(slabs.chunks_exact(plan.slab)) {
            for (to, tap) in patch.iter_mut().zip(taps) {
                *to = slab[position + tap.offset];
            }
        }
    });
    let rows = padded_outputs(outputs);
    let mut factors = vec![0.0; rows * places];
    for (block, factors) in factors.chunks_mut(BLOCK * places).enumerate() {
        let width = factors.len() / places;
        for o in 0..width.min(outputs - block * BLOCK) {
            for (place, factors) in factors.chunks_exact_mut(width).enumerate() {
                let channel = place / pixels * outputs + block * BLOCK + o;
                factors[o] = gradient[channel * pixels + place % pixels];
            }
        }
    }
    let mut weight = vec![0.0; outputs * length];
    // What the last block computes beyond the outputs.
    let mut beyond = Scratch::new((rows - outputs) * length);
    let mut of_outputs = weight.chunks_exact_mut(length).chain(beyond.chunks_exact_mut(length));
    let span = span(length, places, rows.div_ceil(BLOCK));
    let mut tasks = Vec::new();
    for factors in factors.chunks(BLOCK * places) {
        let rows = of_outputs.by_ref().take(factors.len() / places);
        tasks.extend(Task::of_blocks(factors, &[Tap { offset: 0, cell: 0 }], rows, length, span));
    }
    carry_out(tasks, &patches, stride);
    weight
}

struct Correlate<'a> {
    rows: &'a [usize],
    first: usize,
    slabs: &'a [f32],
    gradient: &'a [f32],
    width: usize,
    sums: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { rows, first, slabs, gradient, width, sums } = self;
        sums.fill(0.0);
        let positions = CORRELATED_VALUES / width;
        for (part, gradient) in gradient.chunks(positions * width).enumerate() {
            let (start, length) = (part * positions, gradient.len() / width);
            for (group, sums) in sums.chunks_exact_mut(CORRELATED * width).enumerate() {
                let mut pixels = [&slabs[..length]; CORRELATED];
                let of_group = rows.iter().skip(first + group * CORRELATED);
                for (pixels, row) in pixels.iter_mut().zip(of_group) {
                    *pixels = &slabs[row + start..][..length];
                }
                correlate_block(simd, &pixels, gradient, sums);
            }
        }
    }
}

/// `[b, o, h', w']` → `[block of outputs][position][output]`, zero at positions between rows and past the last output.
fn position_major(plan: &Plan, gradient: &[f32], outputs: usize, width: usize) -> Scratch {
    let Size { batch, width: columns, .. } = plan.output;
    let pixels = plan.output.pixels();
    let blocks = outputs.div_ceil(width);
    let mut sorted = Scratch::new(blocks * plan.positions * width);
    // Runs of positions, so that there is work for all threads where outputs are few.
    let run = plan.row * width;
    let mut tasks: Vec<(usize, usize, &mut [f32])> = Vec::new();
    for (block, sorted) in sorted.chunks_mut((plan.positions * width).max(1)).enumerate() {
        tasks.extend(sorted.chunks_mut(run.max(1)).enumerate().map(|(line, sorted)| (block, line, sorted)));
    }
    tasks.into_par_iter().with_min_len(8).for_each(|(block, line, sorted)| {
        let (image, y) = (line / plan.rows, line % plan.rows);
        dispatch(|| {
            if image >= batch || y >= plan.output.height {
                sorted.fill(0.0);
                return;
            }
            let first = block * width;
            let line = |o: usize| {
                let start = (image * outputs + first + o) * pixels + y * columns;
                &gradient[start..start + columns]
            };
            let present = width.min(outputs - first);
            if present < width || columns * width < sorted.len() {
                sorted.fill(0.0);
            }
            // Four lines at a time: each store then fills a quarter of a cache line's worth of neighbours.
            let mut o = 0;
            while o + 4 <= present {
                let (a, b, c, d) = (line(o), line(o + 1), line(o + 2), line(o + 3));
                for ((((to, a), b), c), d) in sorted.chunks_exact_mut(width).zip(a).zip(b).zip(c).zip(d) {
                    to[o..o + 4].copy_from_slice(&[*a, *b, *c, *d]);
                }
                o += 4;
            }
            for o in o..present {
                for (to, value) in sorted.chunks_exact_mut(width).zip(line(o)) {
                    to[o] = *value;
                }
            }
        });
    });
    sorted
}
