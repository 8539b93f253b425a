//! How a picture comes to the size that the network takes.

use image::RgbImage;
use rayon::prelude::*;

use super::SIDE;

/// Where a row (or column) of the result lies between two of the picture.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    /// Weight of the second.
    part: f32,
}

/// `[b, 3, 299, 299]` in [−1, 1]. Bilinear, pixels' centres at halves, without smoothing when it shrinks: what
/// `interpolate(mode="bilinear", align_corners=False)` of PyTorch does.
pub(super) fn to_network_input(pictures: &[RgbImage]) -> Vec<f32> {
    let plane = SIDE * SIDE;
    let mut values = vec![0.0; pictures.len() * 3 * plane];
    values.par_chunks_exact_mut(3 * plane).zip(pictures).for_each(|(values, picture)| {
        let (rows, columns) = (positions(picture.height() as usize), positions(picture.width() as usize));
        let (pixels, stride) = (picture.as_raw().as_slice(), 3 * picture.width() as usize);
        for (channel, plane) in values.chunks_exact_mut(plane).enumerate() {
            for (line, row) in plane.chunks_exact_mut(SIDE).zip(&rows) {
                let (upper, lower) = (&pixels[row.first * stride..], &pixels[row.second * stride..]);
                for (value, column) in line.iter_mut().zip(&columns) {
                    let along = |line: &[u8]| {
                        let at = |x: usize| f32::from(line[3 * x + channel]) / 255.0;
                        at(column.first) * (1.0 - column.part) + at(column.second) * column.part
                    };
                    *value = 2.0 * (along(upper) * (1.0 - row.part) + along(lower) * row.part) - 1.0;
                }
            }
        }
    });
    values
}

/// Where each of 299 lies among `side`, at least one.
fn positions(side: usize) -> Vec<Between> {
    let scale = side as f32 / SIDE as f32;
    let position = |at: usize| {
        let source = ((at as f32 + 0.5) * scale - 0.5).max(0.0);
        let first = (source as usize).min(side - 1);
        Between { first, second: (first + 1).min(side - 1), part: source - first as f32 }
    };
    (0..SIDE).map(position).collect()
}
