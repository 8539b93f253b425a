//! A displacement field: for each pixel, where its label comes from.

use crate::document::Rect;

/// A displacement, in mask pixels.
type Vector = [f32; 2];

/// A push of everything within a radius, along a short way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Push {
    /// Middle of the way.
    centre: Vector,
    by: Vector,
    radius_px: f32,
    /// 1 / radius².
    inverse: f32,
}

impl Push {
    pub(super) fn new(from: Vector, to: Vector, radius_px: f32) -> Self {
        let centre = [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0];
        Self { centre, by: [to[0] - from[0], to[1] - from[1]], radius_px, inverse: 1.0 / (radius_px * radius_px) }
    }

    /// The pixels of a map whose centres it can reach; `None` when there is none.
    pub(super) fn area(&self, width: u32, height: u32) -> Option<Rect> {
        let range = |centre: f32, side: u32| {
            let edge = |at: f32| at.clamp(0.0, side as f32) as u32;
            (edge((centre - self.radius_px).floor()), edge((centre + self.radius_px).ceil()))
        };
        let ((left, right), (top, bottom)) = (range(self.centre[0], width), range(self.centre[1], height));
        let is_empty = left >= right || top >= bottom;
        (!is_empty).then(|| Rect { x: left, y: top, width: right - left, height: bottom - top })
    }

    /// How far it carries what is at a place: by all of its way in the middle, fading smoothly to nothing at the radius.
    #[inline]
    fn carries(&self, at: Vector) -> Vector {
        let (x, y) = (at[0] - self.centre[0], at[1] - self.centre[1]);
        let left = (1.0 - (x * x + y * y) * self.inverse).max(0.0);
        [left * left * self.by[0], left * left * self.by[1]]
    }
}

/// For each pixel of a map, the way from its centre to the place where its label comes from.
#[derive(Clone, Debug)]
pub(super) struct Field {
    width: u32,
    height: u32,
    /// The last column and row.
    last: Vector,
    displacements: Vec<Vector>,
}

/// A rectangle of a [`Field`].
#[derive(Clone, Debug)]
pub(super) struct Patch {
    rect: Rect,
    displacements: Vec<Vector>,
}

impl Field {
    /// Every label where it is.
    pub(super) fn still(width: u32, height: u32) -> Self {
        let displacements = vec![[0.0, 0.0]; width as usize * height as usize];
        Self { width, height, last: [(width - 1) as f32, (height - 1) as f32], displacements }
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// The displacements of `columns` pixels of row `y` from column `x` on.
    pub(super) fn row(&self, y: u32, x: u32, columns: u32) -> &[Vector] {
        let start = y as usize * self.width as usize + x as usize;
        &self.displacements[start..start + columns as usize]
    }

    pub(super) fn put(&mut self, patch: &Patch) {
        let Patch { rect, displacements } = patch;
        for (y, row) in (rect.y..).zip(displacements.chunks_exact(rect.width as usize)) {
            let start = y as usize * self.width as usize + rect.x as usize;
            self.displacements[start..start + row.len()].copy_from_slice(row);
        }
    }

    /// A rectangle of the field after some pushes at once.
    pub(super) fn pushed(&self, pushes: &[Push], rect: Rect) -> Patch {
        match pushes {
            [push] => self.carried(rect, |at| push.carries(at)),
            _ => self.carried(rect, |at| {
                let carried = pushes.iter().map(|push| push.carries(at));
                carried.fold([0.0, 0.0], |sum, by| [sum[0] + by[0], sum[1] + by[1]])
            }),
        }
    }

    /// A rectangle of the field after everything has been carried along. The label that comes to lie at a pixel's centre
    /// is followed back with what carries it halfway (the midpoint rule), so that the opposite push leads back.
    fn carried(&self, rect: Rect, carry: impl Fn(Vector) -> Vector) -> Patch {
        let mut displacements = Vec::with_capacity(rect.width as usize * rect.height as usize);
        for y in rect.y..rect.y + rect.height {
            let level = y as f32 + 0.5;
            displacements.extend((rect.x..).zip(self.row(y, rect.x, rect.width)).map(|(x, &old)| {
                let at = [x as f32 + 0.5, level];
                let first = carry(at);
                if first == [0.0, 0.0] {
                    return old;
                }
                let by = carry([at[0] - first[0] / 2.0, at[1] - first[1] / 2.0]);
                let from = self.sample([at[0] - by[0], at[1] - by[1]]);
                [from[0] - by[0], from[1] - by[1]]
            }));
        }
        Patch { rect, displacements }
    }

    /// The displacement at any place, linear between the pixels' centres.
    #[inline]
    fn sample(&self, at: Vector) -> Vector {
        let (x, y) = ((at[0] - 0.5).clamp(0.0, self.last[0]), (at[1] - 0.5).clamp(0.0, self.last[1]));
        let (left, top) = (x as usize, y as usize);
        let (across, down) = (x - left as f32, y - top as f32);
        let width = self.width as usize;
        // Nothing comes from behind the last row and column, where the share of what would lie there is 0.
        let right = usize::from(left + 1 < width);
        let upper = top * width + left;
        let lower = if top + 1 < self.height as usize { upper + width } else { upper };
        let mix = |a: Vector, b: Vector, share: f32| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
        let level = |start: usize| mix(self.displacements[start], self.displacements[start + right], across);
        mix(level(upper), level(lower), down)
    }
}

impl Patch {
    pub(super) fn rect(&self) -> Rect {
        self.rect
    }

    /// Puts its part of row `y` into a piece of that row that starts at column `x`.
    pub(super) fn put_row(&self, y: u32, x: u32, row: &mut [Vector]) {
        let own = self.rect;
        let (start, end) = (own.x.max(x), (own.x + own.width).min(x + row.len() as u32));
        if start < end && (own.y..own.y + own.height).contains(&y) {
            let from = (y - own.y) as usize * own.width as usize + (start - own.x) as usize;
            let length = (end - start) as usize;
            row[(start - x) as usize..][..length].copy_from_slice(&self.displacements[from..from + length]);
        }
    }
}
