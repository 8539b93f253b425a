//! A region of the mask as weights of the picture's pixels.

use crate::document::PixelSet;

/// How much of every pixel of a picture lies within a region, in `0..=1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    size: (u32, u32),
    weights: Vec<f32>,
}

impl Coverage {
    /// Of a region of a `mask` for a `picture`, both as width and height. The two show the same, whatever their sizes, so
    /// also a region smaller than a pixel of the picture weighs something.
    pub fn new(region: &PixelSet, mask: (u32, u32), picture: (u32, u32)) -> Self {
        let mut weights = vec![0.0; picture.0 as usize * picture.1 as usize];
        let rect = region.rect();
        let columns: Vec<_> = (rect.x..rect.x + rect.width).map(|x| overlaps(x, mask.0, picture.0)).collect();
        for y in rect.y..rect.y + rect.height {
            let rows = overlaps(y, mask.1, picture.1);
            for (x, columns) in (rect.x..).zip(&columns) {
                if !region.contains(x, y) {
                    continue;
                }
                for &(row, height) in &rows {
                    for &(column, width) in columns {
                        weights[row as usize * picture.0 as usize + column as usize] += width * height;
                    }
                }
            }
        }
        // Sums of parts may be off by a rounding.
        weights.iter_mut().for_each(|weight| *weight = weight.min(1.0));
        Self { size: picture, weights }
    }

    /// Width and height of the picture.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// A weight per pixel, row by row.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }
}

/// The cells of a line of `to` cells that cell `at` of `from` cells over the same length lies in, with the part of each that it
/// takes up.
fn overlaps(at: u32, from: u32, to: u32) -> Vec<(u32, f32)> {
    let (at, from, to) = (u64::from(at), u64::from(from.max(1)), u64::from(to));
    // In units that both kinds of cells are whole numbers of: a source cell has `to`, a target cell `from`.
    let (start, end) = (at * to, (at + 1) * to);
    let cells = start / from..end.div_ceil(from).min(to);
    cells
        .map(|cell| {
            let shared = end.min((cell + 1) * from).saturating_sub(start.max(cell * from));
            (cell as u32, shared as f32 / from as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::document::{LabelMap, Point};

    proptest! {
        /// A region covers the same part of the picture as of the mask, at any two sizes.
        #[test]
        fn a_lasso_s_area_is_kept(
            corners in proptest::collection::vec((0.0f32..64.0, 0.0f32..48.0), 3..9),
            width in 1u32..90, height in 1u32..90,
        ) {
            let map = LabelMap::new(64, 48, 0);
            let corners: Vec<Point> = corners.into_iter().map(|(x, y)| Point::new(x, y)).collect();
            let Some(region) = PixelSet::polygon(&map, &corners) else { return Ok(()) };
            let coverage = Coverage::new(&region, (64, 48), (width, height));
            prop_assert!(coverage.weights().iter().all(|weight| (0.0..=1.0).contains(weight)));
            let part = coverage.weights().iter().sum::<f32>() / (width * height) as f32;
            let expected = region.count() as f32 / (64.0 * 48.0);
            prop_assert!((part - expected).abs() < 1e-3 * expected + 1e-6, "{} instead of {}", part, expected);
        }

        /// At the mask's own size, the weights are the region.
        #[test]
        fn at_the_same_size_pixels_are_in_or_out(corners in proptest::collection::vec((0.0f32..30.0, 0.0f32..20.0), 3..7)) {
            let map = LabelMap::new(30, 20, 0);
            let corners: Vec<Point> = corners.into_iter().map(|(x, y)| Point::new(x, y)).collect();
            let Some(region) = PixelSet::polygon(&map, &corners) else { return Ok(()) };
            let coverage = Coverage::new(&region, (30, 20), (30, 20));
            for (at, weight) in (0u32..).zip(coverage.weights()) {
                prop_assert_eq!(*weight, f32::from(u8::from(region.contains(at % 30, at / 30))));
            }
        }
    }
}
