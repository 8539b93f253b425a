//! How a convolution is laid out in memory, so that its inner loop reads rows of pixels as they lie.
//!
//! All images of a batch are copied into one *slab* per channel: rows one after the other with `pad` zeros between
//! them, which are the right edge of one row and the left edge of the next. Position q of the output is
//! `(image · rows + y) · row + x`, and what a tap of the kernel reads there lies at a fixed distance from q, whatever
//! the position. The positions between rows are computed like the others and then left out (1 in `row`).
//!
//! - stride 1: one slab, a tap per kernel cell.
//! - stride 2: the slab is four planes, one per parity of row and column, and every tap reads one of them.
//! - transposed, stride 2: the output is made in four *phases*, one per parity of its rows and columns, each a
//!   stride-1 convolution of the input with a quarter of the kernel's cells.
//!
//! Small images would be mostly padding: of 2×2 px 9 positions are computed for 4. There the slab is *gathered*: a plane
//! for each of the taps' distances, which holds what they read at the output's pixels, and nothing in between.

use super::scratch::Scratch;
use super::{Convolution, Direction};

/// Positions are rounded up to this many, so that no vector ends past a row.
pub(super) const ALIGNMENT: usize = 16;
/// What it costs to gather a value, in products.
const GATHERING: usize = 100;

/// A pixel that enters an output pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tap {
    /// Distance in the slab from the output's position.
    pub(super) offset: usize,
    /// Cell of the kernel, `ky · k + kx`.
    pub(super) cell: usize,
}

/// The outputs of one parity of rows and columns (or all).
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// What enters.
    pub(super) taps: Vec<Tap>,
}

/// Sides of a batch of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Images.
    pub(super) batch: usize,
    /// Height in px.
    pub(super) height: usize,
    /// Width in px.
    pub(super) width: usize,
}

impl Size {
    pub(super) fn pixels(self) -> usize {
        self.height * self.width
    }
}

/// The layout of one convolution of one size.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Images that enter.
    pub(super) input: Size,
    /// Images that leave.
    pub(super) output: Size,
    /// Positions from one row to the next.
    pub(super) row: usize,
    /// Rows from one image to the next.
    pub(super) rows: usize,
    /// Computed positions, a multiple of [`ALIGNMENT`].
    pub(super) positions: usize,
    /// Length of a channel's slab.
    pub(super) slab: usize,
    /// Length of one of the slab's planes.
    plane: usize,
    /// Zeros above and left of an image.
    pad: usize,
    /// Whether the slab is split by parity.
    split: bool,
    /// One, or four: `2 · (parity of the row) + parity of the column`.
    pub(super) phases: Vec<Phase>,
    /// Where the slab is gathered from another plan's.
    gathered: Option<Gathered>,
}

/// The plan with padding that a slab is gathered from.
#[derive(Clone, Debug)]
struct Gathered {
    padded: Box<Plan>,
    /// The distance in its slab that each plane is read at.
    distances: Vec<usize>,
}

impl Plan {
    /// The plan of `convolution` on images of `input` for `channels` that leave; `output` are the sides it must have.
    pub(super) fn new(convolution: Convolution, input: Size, output: Size, channels: usize) -> Self {
        let padded = Self::padded(convolution, input, output);
        let (computed, needed) = (padded.rows * padded.row, padded.computed_rows() * padded.computed_columns());
        let distances = padded.distances();
        let taps: usize = padded.phases.iter().map(|phase| phase.taps.len()).sum();
        let saved = computed.saturating_sub(needed) * taps * channels;
        if needed > 0 && saved > GATHERING * needed * distances.len() { padded.gathered(distances) } else { padded }
    }

    fn padded(convolution: Convolution, input: Size, output: Size) -> Self {
        let Convolution { kernel, stride, padding, direction } = convolution;
        match (direction, stride) {
            (Direction::Forward, 1) => Self::keeping(input, output, kernel, padding, false),
            // The transpose of a convolution with stride 1 is the one with the kernel turned around.
            (Direction::Transposed, 1) => Self::keeping(input, output, kernel, kernel - 1 - padding, true),
            (Direction::Forward, _) => Self::halving(input, output, kernel, padding),
            (Direction::Transposed, _) => Self::doubling(input, output, kernel, padding),
            // Four cells per side of the derived kernel, see `weights::derived`.
            (Direction::Upsampling, _) => Self::doubling(input, output, 4, 1),
        }
    }

    fn keeping(input: Size, output: Size, kernel: usize, pad: usize, turned: bool) -> Self {
        let (row, rows) = (input.width + pad, input.height + pad);
        let cells = kernel * kernel;
        let taps = (0..cells).map(|cell| Tap {
            offset: cell / kernel * row + cell % kernel,
            cell: if turned { cells - 1 - cell } else { cell },
        });
        let phases = vec![Phase { taps: taps.collect() }];
        Self::finish(input, output, row, rows, output.height, pad, false, phases)
    }

    fn halving(input: Size, output: Size, kernel: usize, pad: usize) -> Self {
        let (row, rows) = ((input.width + 2 * pad).div_ceil(2), (input.height + 2 * pad).div_ceil(2));
        // Which plane a tap reads is entered below, when the planes' length is known.
        let taps = (0..kernel * kernel).map(|cell| {
            let (ky, kx) = (cell / kernel, cell % kernel);
            Tap { offset: ky / 2 * row + kx / 2, cell }
        });
        let phases = vec![Phase { taps: taps.collect() }];
        let mut plan = Self::finish(input, output, row, rows, output.height, pad, true, phases);
        for tap in plan.phases.iter_mut().flat_map(|phase| &mut phase.taps) {
            let (ky, kx) = (tap.cell / kernel, tap.cell % kernel);
            tap.offset += (ky % 2 * 2 + kx % 2) * plan.plane;
        }
        plan
    }

    fn doubling(input: Size, output: Size, kernel: usize, padding: usize) -> Self {
        // Row 2u + d of the output takes row u + (d + padding − ky)/2 of the input, for every ky that makes it whole.
        let shift = |d: usize, k: usize| (d + padding).wrapping_sub(k) as isize / 2;
        let whole = |d: usize, k: usize| (d + padding + k).is_multiple_of(2);
        let reach =
            (0..2).flat_map(|d| (0..kernel).filter(move |&k| whole(d, k)).map(move |k| shift(d, k).unsigned_abs()));
        let pad = reach.max().unwrap_or(0);
        let half = |side: usize| side.div_ceil(2);
        let row = input.width.max(half(output.width)) + pad;
        let rows = input.height.max(half(output.height)) + pad;
        let phases = (0..4).map(|phase| {
            let (dy, dx) = (phase / 2, phase % 2);
            let cells = (0..kernel * kernel).filter(|cell| whole(dy, cell / kernel) && whole(dx, cell % kernel));
            let taps = cells.map(|cell| {
                let at = |d: usize, k: usize| (pad as isize + shift(d, k)) as usize;
                Tap { offset: at(dy, cell / kernel) * row + at(dx, cell % kernel), cell }
            });
            Phase { taps: taps.collect() }
        });
        let phases = phases.collect();
        Self::finish(input, output, row, rows, half(output.height), pad, false, phases)
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of what it makes")]
    fn finish(
        input: Size,
        output: Size,
        row: usize,
        rows: usize,
        computed_rows: usize,
        pad: usize,
        split: bool,
        phases: Vec<Phase>,
    ) -> Self {
        let computed = (input.batch.saturating_sub(1) * rows + computed_rows) * row;
        let positions = computed.next_multiple_of(ALIGNMENT);
        let reach = phases.iter().flat_map(|phase| &phase.taps).map(|tap| tap.offset).max().unwrap_or(0);
        let held = (input.batch * rows + pad) * row + pad;
        // An odd number of cache lines, so that the channels do not compete for the same few sets of a cache.
        let plane = (positions + reach).max(held).next_multiple_of(ALIGNMENT) | ALIGNMENT;
        let slab = if split { 4 * plane } else { plane };
        Self { input, output, row, rows, positions, slab, plane, pad, split, phases, gathered: None }
    }

    /// Rows and columns that a phase has to compute.
    fn computed_rows(&self) -> usize {
        if self.phases.len() > 1 { self.output.height.div_ceil(2) } else { self.output.height }
    }

    fn computed_columns(&self) -> usize {
        if self.phases.len() > 1 { self.output.width.div_ceil(2) } else { self.output.width }
    }

    /// The distances of all taps, each once.
    fn distances(&self) -> Vec<usize> {
        let mut distances: Vec<usize> =
            self.phases.iter().flat_map(|phase| &phase.taps).map(|tap| tap.offset).collect();
        distances.sort_unstable();
        distances.dedup();
        distances
    }

    /// The plan without positions between the rows, for a padded one and its taps' distances.
    fn gathered(self, distances: Vec<usize>) -> Self {
        let (row, rows) = (self.computed_columns(), self.computed_rows());
        let positions = (self.input.batch * rows * row).next_multiple_of(ALIGNMENT);
        let plane = positions | ALIGNMENT;
        let mut phases = self.phases.clone();
        for tap in phases.iter_mut().flat_map(|phase| &mut phase.taps) {
            tap.offset = distances.partition_point(|distance| *distance < tap.offset) * plane;
        }
        Self {
            row,
            rows,
            positions,
            plane,
            slab: distances.len() * plane,
            phases,
            input: self.input,
            output: self.output,
            pad: 0,
            split: false,
            gathered: Some(Gathered { padded: Box::new(self), distances }),
        }
    }

    /// Writes one channel's slab. `image(b)` are the channel's pixels in image b.
    #[inline(always)]
    pub(super) fn fill<'a>(&self, slab: &mut [f32], image: impl Fn(usize) -> &'a [f32]) {
        match &self.gathered {
            Some(gathered) => self.gather(gathered, slab, image),
            None => self.fill_padded(slab, image),
        }
    }

    #[inline(always)]
    fn fill_padded<'a>(&self, slab: &mut [f32], image: impl Fn(usize) -> &'a [f32]) {
        slab.fill(0.0);
        let Size { batch, height, width } = self.input;
        for b in 0..batch {
            let pixels = image(b);
            for (y, line) in pixels.chunks_exact(width.max(1)).enumerate().take(height) {
                if self.split {
                    let (line_y, plane_y) = ((y + self.pad) / 2, (y + self.pad) % 2);
                    let start = 2 * plane_y * self.plane + (b * self.rows + line_y) * self.row;
                    for parity in 0..2 {
                        // The first column of this parity, and where it goes.
                        let first = (parity + self.pad) % 2;
                        let target = &mut slab[start + parity * self.plane + (first + self.pad) / 2..];
                        let source = line.get(first..).unwrap_or_default();
                        for (to, pair) in target.iter_mut().zip(source.chunks(2)) {
                            *to = pair[0];
                        }
                    }
                } else {
                    let start = (b * self.rows + y + self.pad) * self.row + self.pad;
                    slab[start..start + width].copy_from_slice(line);
                }
            }
        }
    }

    #[inline(always)]
    fn gather<'a>(&self, gathered: &Gathered, slab: &mut [f32], image: impl Fn(usize) -> &'a [f32]) {
        let Gathered { padded, distances } = gathered;
        let mut held = Scratch::new(padded.slab);
        padded.fill_padded(&mut held, image);
        for (plane, distance) in slab.chunks_exact_mut(self.plane).zip(distances) {
            let rows = plane.chunks_exact_mut(self.row.max(1)).take(self.input.batch * self.rows);
            for (at, row) in rows.enumerate() {
                let start = (at / self.rows * padded.rows + at % self.rows) * padded.row + distance;
                for (to, from) in row.iter_mut().zip(&held[start..]) {
                    *to = *from;
                }
            }
            plane[self.input.batch * self.rows * self.row..].fill(0.0);
        }
    }

    /// Position of an image's first pixel.
    #[inline(always)]
    pub(super) fn image_start(&self, image: usize) -> usize {
        image * self.rows * self.row
    }
}
