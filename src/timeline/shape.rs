//! A piece of a mask: where it is, how large, and how far every pixel around is from its outline.

use super::distance::nearest;
use crate::document::Rect;

/// Pixels of one label that move together, as flags over the whole mask's grid.
pub(super) struct Piece {
    /// Indices into the mask, ascending.
    pub(super) pixels: Vec<u32>,
    /// The smallest rectangle around them.
    pub(super) bounds: Rect,
    /// Mean of the pixels' centres.
    pub(super) centre: [f32; 2],
    /// Standard deviation along x and y, in pixels.
    pub(super) spread: [f32; 2],
}

impl Piece {
    /// `None` without pixels.
    pub(super) fn of(mut pixels: Vec<u32>, width: u32) -> Option<Self> {
        pixels.sort_unstable();
        let count = pixels.len() as f64;
        let (mut low, mut high) = ([u32::MAX; 2], [0; 2]);
        let (mut sum, mut squares) = ([0.0; 2], [0.0; 2]);
        for &pixel in &pixels {
            for (axis, at) in [pixel % width, pixel / width].into_iter().enumerate() {
                low[axis] = low[axis].min(at);
                high[axis] = high[axis].max(at);
                sum[axis] += f64::from(at);
                squares[axis] += f64::from(at) * f64::from(at);
            }
        }
        if pixels.is_empty() {
            return None;
        }
        let centre = sum.map(|sum| sum / count);
        // A pixel is not a point: a single one has a spread too.
        let spread = [0, 1].map(|axis| {
            let variance = squares[axis] / count - centre[axis] * centre[axis];
            (variance.max(0.0) + 1.0 / 12.0).sqrt() as f32
        });
        let bounds = Rect { x: low[0], y: low[1], width: high[0] - low[0] + 1, height: high[1] - low[1] + 1 };
        Some(Self { pixels, bounds, centre: centre.map(|at| at as f32), spread })
    }

    /// Number of pixels.
    pub(super) fn area(&self) -> usize {
        self.pixels.len()
    }

    /// How far each pixel of the window is from the outline, in pixels, negative inside; and for each of the piece's own
    /// pixels the nearest pixel outside, as an index into the mask, unless the piece is all there is.
    pub(super) fn signed_distances(&self, window: Rect, width: u32) -> (Vec<f32>, Option<Vec<u32>>) {
        let (columns, rows) = (window.width as usize, window.height as usize);
        let mut inside = vec![false; columns * rows];
        let in_window = |pixel: u32| {
            let (x, y) = (pixel % width - window.x, pixel / width - window.y);
            y as usize * columns + x as usize
        };
        for &pixel in &self.pixels {
            inside[in_window(pixel)] = true;
        }
        let to_inside = nearest(columns, rows, |index| inside[index]);
        let to_outside = nearest(columns, rows, |index| !inside[index]);
        let whole = (columns + rows) as f32;
        let distance = |found: &Option<super::distance::Nearest>, index: usize| {
            found.as_ref().map_or(whole, |found| (found.squared[index] as f32).sqrt())
        };
        let signed = |index: usize| {
            if inside[index] { 0.5 - distance(&to_outside, index) } else { distance(&to_inside, index) - 0.5 }
        };
        let field = (0..columns * rows).map(signed).collect();
        let around = to_outside.map(|found| {
            let outside = |&pixel: &u32| {
                let site = found.site[in_window(pixel)];
                let (x, y) = (site % window.width + window.x, site / window.width + window.y);
                y * width + x
            };
            self.pixels.iter().map(outside).collect()
        });
        (field, around)
    }
}

/// Every connected piece of a label; pixels that touch at a corner belong together.
pub(super) fn pieces(ids: &[u8], width: u32, label: u8) -> Vec<Piece> {
    let height = ids.len() as u32 / width;
    let mut seen = vec![false; ids.len()];
    let mut found = Vec::new();
    let mut open = Vec::new();
    for start in 0..ids.len() as u32 {
        if ids[start as usize] != label || seen[start as usize] {
            continue;
        }
        let mut pixels = Vec::new();
        seen[start as usize] = true;
        open.push(start);
        while let Some(pixel) = open.pop() {
            pixels.push(pixel);
            let (x, y) = (pixel % width, pixel / width);
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = (near_y * width + near_x) as usize;
                    if ids[near] == label && !seen[near] {
                        seen[near] = true;
                        open.push(near as u32);
                    }
                }
            }
        }
        found.extend(Piece::of(pixels, width));
    }
    found
}
