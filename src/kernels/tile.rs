//! The two inner loops: a tile of outputs held in registers while the sum runs over channels and taps, or, for the
//! gradient at the weights, over positions.

use pulp::Simd;

use super::plan::Tap;

/// Output channels computed together.
pub(super) const BLOCK: usize = 8;
/// Output channels in the last block, where no more than this many are left.
pub(super) const SMALL_BLOCK: usize = 4;

/// What a block of output channels is computed from.
pub(super) struct Source<'a> {
    /// The channels' slabs.
    pub(super) slabs: &'a [f32],
    /// Length of one.
    pub(super) slab: usize,
    /// Input channels.
    pub(super) channels: usize,
    /// What enters at each position.
    pub(super) taps: &'a [Tap],
}

/// `rows[o][q] = Σ over channels and taps of weights[channel][tap][o] · slab[start + q + tap]` for a block of rows.
/// `weights` holds a multiple of [`BLOCK`] or [`SMALL_BLOCK`] values per channel and tap, as many as there are rows.
#[inline(always)]
pub(super) fn convolve_block<S: Simd>(
    simd: S,
    weights: &[f32],
    source: &Source,
    start: usize,
    rows: &mut [&mut [f32]],
) {
    let many_registers = S::REGISTER_COUNT >= 32;
    match (rows.len(), many_registers) {
        (BLOCK, true) => convolve_rows::<S, BLOCK, 3, BLOCK>(simd, weights, source, start, rows),
        (BLOCK, false) => {
            let (first, second) = rows.split_at_mut(SMALL_BLOCK);
            convolve_rows::<S, SMALL_BLOCK, 2, BLOCK>(simd, weights, source, start, first);
            // There are none where nothing enters a position, as between the pixels of a 1×1 kernel's transposed map.
            let weights = weights.get(SMALL_BLOCK..).unwrap_or_default();
            convolve_rows::<S, SMALL_BLOCK, 2, BLOCK>(simd, weights, source, start, second);
        }
        (_, true) => convolve_rows::<S, SMALL_BLOCK, 6, SMALL_BLOCK>(simd, weights, source, start, rows),
        (_, false) => convolve_rows::<S, SMALL_BLOCK, 2, SMALL_BLOCK>(simd, weights, source, start, rows),
    }
}

/// `M` rows, `V` vectors at a time; weights are `P` apart.
#[inline(always)]
fn convolve_rows<S: Simd, const M: usize, const V: usize, const P: usize>(
    simd: S,
    weights: &[f32],
    source: &Source,
    start: usize,
    rows: &mut [&mut [f32]],
) {
    let length = rows.first().map_or(0, |row| row.len());
    let mut at = 0;
    while at + V * S::F32_LANES <= length {
        convolve_tile::<S, M, V, P>(simd, weights, source, start + at, at, rows);
        at += V * S::F32_LANES;
    }
    if V > 2 && at + 2 * S::F32_LANES <= length {
        convolve_tile::<S, M, 2, P>(simd, weights, source, start + at, at, rows);
        at += 2 * S::F32_LANES;
    }
    while at + S::F32_LANES <= length {
        convolve_tile::<S, M, 1, P>(simd, weights, source, start + at, at, rows);
        at += S::F32_LANES;
    }
}

#[inline(always)]
fn convolve_tile<S: Simd, const M: usize, const V: usize, const P: usize>(
    simd: S,
    weights: &[f32],
    source: &Source,
    position: usize,
    at: usize,
    rows: &mut [&mut [f32]],
) {
    let mut sums = [[simd.splat_f32s(0.0); V]; M];
    let mut weights = weights.chunks(P);
    for channel in 0..source.channels {
        let slab = &source.slabs[channel * source.slab + position..];
        for tap in source.taps {
            let (pixels, _) = S::as_simd_f32s(&slab[tap.offset..][..V * S::F32_LANES]);
            let Some(weights) = weights.next() else { return };
            let weights = &weights[..M];
            for m in 0..M {
                let weight = simd.splat_f32s(weights[m]);
                for v in 0..V {
                    sums[m][v] = simd.mul_add_f32s(weight, pixels[v], sums[m][v]);
                }
            }
        }
    }
    for (row, sums) in rows.iter_mut().zip(&sums) {
        let (to, _) = S::as_mut_simd_f32s(&mut row[at..][..V * S::F32_LANES]);
        to.copy_from_slice(sums);
    }
}

/// Rows of [`correlate_block`]: pairs of an input channel and a tap.
pub(super) const CORRELATED: usize = 8;

/// Vectors of output channels that [`correlate_block`] takes.
pub(super) const CORRELATED_VECTORS: usize = 2;

/// `sums[r][o] += Σ over q of pixels[r][q] · gradient[q][o]` for [`CORRELATED`] rows r and [`CORRELATED_VECTORS`]
/// vectors of output channels o. The rows of `pixels` are as long as `gradient` has positions.
#[inline(always)]
pub(super) fn correlate_block<S: Simd>(simd: S, pixels: &[&[f32]; CORRELATED], gradient: &[f32], sums: &mut [f32]) {
    let width = CORRELATED_VECTORS * S::F32_LANES;
    if S::REGISTER_COUNT >= 32 {
        correlate_tile::<S, CORRELATED>(simd, pixels, gradient, sums);
    } else {
        let (first, second) = sums.split_at_mut(CORRELATED / 2 * width);
        let [a, b, c, d, e, f, g, h] = *pixels;
        correlate_tile::<S, { CORRELATED / 2 }>(simd, &[a, b, c, d], gradient, first);
        correlate_tile::<S, { CORRELATED / 2 }>(simd, &[e, f, g, h], gradient, second);
    }
}

#[inline(always)]
fn correlate_tile<S: Simd, const R: usize>(simd: S, pixels: &[&[f32]; R], gradient: &[f32], sums: &mut [f32]) {
    const V: usize = CORRELATED_VECTORS;
    let width = V * S::F32_LANES;
    let length = gradient.len() / width;
    let pixels = pixels.map(|row| &row[..length]);
    let mut held = [[simd.splat_f32s(0.0); V]; R];
    for (q, gradient) in gradient.chunks_exact(width).enumerate() {
        let (gradient, _) = S::as_simd_f32s(gradient);
        for r in 0..R {
            let pixel = simd.splat_f32s(pixels[r][q]);
            for v in 0..V {
                held[r][v] = simd.mul_add_f32s(pixel, gradient[v], held[r][v]);
            }
        }
    }
    for (sums, held) in sums.chunks_exact_mut(width).zip(&held) {
        let (sums, _) = S::as_mut_simd_f32s(sums);
        for v in 0..V {
            sums[v] = simd.add_f32s(sums[v], held[v]);
        }
    }
}
