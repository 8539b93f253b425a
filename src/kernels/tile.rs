//! The two inner loops: a tile of outputs held in registers while the sum runs over channels and taps, or, for the
//! gradient at the weights, over positions.
//!
//! They are plain loops over indices. An iterator's `next` that the compiler does not inline here, which depends on how the
//! crate is built, is compiled without the vector instructions and makes the loop three times slower.

use pulp::Simd;

use super::plan::{ALIGNMENT, Tap};

/// Output channels computed together.
pub(super) const BLOCK: usize = 12;
/// Output channels in the last block, where no more than this many are left.
pub(super) const SMALL_BLOCK: usize = 6;

/// What a block of output channels is computed from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// The channels' slabs.
    pub(super) slabs: &'a [f32],
    /// Length of one.
    pub(super) slab: usize,
    /// What enters at each position.
    pub(super) taps: &'a [Tap],
}

/// Products per output and visit of its sum. What they take, the weights of a block and the pixels under a tile, stays in
/// the first-level cache while every tile passes by.
const PRODUCTS: usize = 128;
/// Vectors of positions in a tile. With six rows of outputs it takes 15 of 16 registers, with twelve 27 of 32; one more and
/// the compiler keeps sums in memory.
const VECTORS: usize = 2;

/// `rows[o][q] = Σ over channels and taps of weights[channel][tap][o] · slab[start + q + tap]` for blocks of [`BLOCK`] rows,
/// the last of which may be one of [`SMALL_BLOCK`]; the blocks' weights lie one after the other.
#[inline(always)]
pub(super) fn convolve_blocks<S: Simd>(
    simd: S,
    weights: &[f32],
    source: &Source,
    start: usize,
    rows: &mut [&mut [f32]],
) {
    if S::REGISTER_COUNT >= 32 {
        convolve_by::<S, BLOCK>(simd, weights, source, start, rows);
    } else {
        convolve_by::<S, SMALL_BLOCK>(simd, weights, source, start, rows);
    }
}

/// [`convolve_blocks`], `M` rows of a large block at a time: a divisor of [`BLOCK`].
#[inline(always)]
pub(super) fn convolve_by<S: Simd, const M: usize>(
    simd: S,
    weights: &[f32],
    source: &Source,
    start: usize,
    rows: &mut [&mut [f32]],
) {
    let taps = source.taps.len();
    // There are none where nothing enters a position, as between the pixels of a 1×1 kernel's transposed map.
    if weights.is_empty() || taps == 0 {
        rows.iter_mut().for_each(|row| row.fill(0.0));
        return;
    }
    let per_row = weights.len() / rows.len();
    let channels = (PRODUCTS / taps).max(1);
    for (visit, first) in (0..per_row).step_by(channels * taps).enumerate() {
        let slabs = &source.slabs[visit * channels * source.slab + start..];
        let length = (channels * taps).min(per_row - first);
        let mut before = 0;
        // All blocks while these pixels are in the first-level cache.
        for rows in rows.chunks_mut(BLOCK) {
            let weights = &weights[before * per_row + first * rows.len()..][..length * rows.len()];
            before += rows.len();
            let part = Part { source: Source { slabs, ..*source }, weights, is_first: visit == 0 };
            if rows.len() == BLOCK {
                convolve_rows::<S, M, BLOCK>(simd, &part, rows);
            } else {
                convolve_rows::<S, SMALL_BLOCK, SMALL_BLOCK>(simd, &part, rows);
            }
        }
    }
}

/// Some channels of a source, and their weights.
struct Part<'a> {
    source: Source<'a>,
    weights: &'a [f32],
    /// Whether the sums begin here.
    is_first: bool,
}

/// All `P` rows, `M` at a time.
#[inline(always)]
fn convolve_rows<S: Simd, const M: usize, const P: usize>(simd: S, part: &Part, rows: &mut [&mut [f32]]) {
    let length = rows.first().map_or(0, |row| row.len());
    let mut at = 0;
    while at + VECTORS * S::F32_LANES <= length {
        convolve_column::<S, M, VECTORS, P>(simd, part, at, rows);
        at += VECTORS * S::F32_LANES;
    }
    while at + S::F32_LANES <= length {
        convolve_column::<S, M, 1, P>(simd, part, at, rows);
        at += S::F32_LANES;
    }
}

/// All rows, at `V` vectors of positions.
#[inline(always)]
fn convolve_column<S: Simd, const M: usize, const V: usize, const P: usize>(
    simd: S,
    part: &Part,
    at: usize,
    rows: &mut [&mut [f32]],
) {
    convolve_tile::<S, M, V, P, 0>(simd, part, at, rows);
    if M < P {
        convolve_tile::<S, M, V, P, SMALL_BLOCK>(simd, part, at, rows);
    }
}

/// `M` rows from `R` on, at `V` vectors of positions.
#[expect(clippy::manual_memcpy, reason = "see the module")]
#[inline(always)]
fn convolve_tile<S: Simd, const M: usize, const V: usize, const P: usize, const R: usize>(
    simd: S,
    part: &Part,
    at: usize,
    rows: &mut [&mut [f32]],
) {
    let Part { source, weights, is_first } = part;
    let rows = &mut rows[R..][..M];
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    if !is_first {
        for m in 0..M {
            let (from, _) = S::as_simd_f32s(&rows[m][at..][..V * S::F32_LANES]);
            for v in 0..V {
                sums[m][v] = from[v];
            }
        }
    }
    let (weights, _) = weights.as_chunks::<P>();
    let taps = source.taps;
    for channel in 0..weights.len() / taps.len() {
        let weights = &weights[channel * taps.len()..][..taps.len()];
        let slab = &source.slabs[channel * source.slab + at..];
        for t in 0..taps.len() {
            let (pixels, _) = S::as_simd_f32s(&slab[taps[t].offset..][..V * S::F32_LANES]);
            for m in 0..M {
                let weight = simd.splat_f32s(weights[t][R + m]);
                for v in 0..V {
                    sums[m][v] = simd.mul_add_f32s(weight, pixels[v], sums[m][v]);
                }
            }
        }
    }
    for m in 0..M {
        let (to, _) = S::as_mut_simd_f32s(&mut rows[m][at..][..V * S::F32_LANES]);
        for v in 0..V {
            to[v] = sums[m][v];
        }
    }
}

/// Rows of [`correlate_block`]: pairs of an input channel and a tap.
pub(super) const CORRELATED: usize = 12;

/// Vectors of output channels that [`correlate_block`] takes.
pub(super) const CORRELATED_VECTORS: usize = 2;

/// `sums[r][o] += Σ over q of pixels[r][q] · gradient[q][o]` for [`CORRELATED`] rows r and [`CORRELATED_VECTORS`]
/// vectors of output channels o. The rows of `pixels` are as long as `gradient` has positions, a multiple of [`ALIGNMENT`].
#[inline(always)]
pub(super) fn correlate_block<S: Simd>(simd: S, pixels: &[&[f32]; CORRELATED], gradient: &[f32], sums: &mut [f32]) {
    let width = CORRELATED_VECTORS * S::F32_LANES;
    if S::REGISTER_COUNT >= 32 {
        correlate_tile::<S, CORRELATED>(simd, pixels, gradient, sums);
    } else {
        let (first, second) = sums.split_at_mut(CORRELATED / 2 * width);
        for (pixels, sums) in pixels.as_chunks::<{ CORRELATED / 2 }>().0.iter().zip([first, second]) {
            correlate_tile::<S, { CORRELATED / 2 }>(simd, pixels, gradient, sums);
        }
    }
}

/// [`correlate_block`] for `R` rows.
#[inline(always)]
pub(super) fn correlate_tile<S: Simd, const R: usize>(
    simd: S,
    pixels: &[&[f32]; R],
    gradient: &[f32],
    sums: &mut [f32],
) {
    const V: usize = CORRELATED_VECTORS;
    let (gradient, _) = S::as_simd_f32s(gradient);
    let mut held = [[simd.splat_f32s(0.0); V]; R];
    let mut run = [&[0.0; ALIGNMENT]; R];
    // Runs of a length that the compiler knows, so that it need not look where they end.
    for at in 0..gradient.len() / (V * ALIGNMENT) {
        let gradient = &gradient[at * V * ALIGNMENT..][..V * ALIGNMENT];
        for r in 0..R {
            run[r] = &pixels[r].as_chunks().0[at];
        }
        for q in 0..ALIGNMENT {
            for r in 0..R {
                let pixel = simd.splat_f32s(run[r][q]);
                for v in 0..V {
                    held[r][v] = simd.mul_add_f32s(pixel, gradient[q * V + v], held[r][v]);
                }
            }
        }
    }
    let (sums, _) = S::as_mut_simd_f32s(sums);
    let sums = &mut sums[..R * V];
    for r in 0..R {
        for v in 0..V {
            sums[r * V + v] = simd.add_f32s(sums[r * V + v], held[r][v]);
        }
    }
}
