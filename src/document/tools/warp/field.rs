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
}

impl Push {
    pub(super) fn new(from: Vector, to: Vector, radius_px: f32) -> Self {
        let centre = [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0];
        Self { centre, by: [to[0] - from[0], to[1] - from[1]], radius_px }
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
    fn carries(&self, at: Vector) -> Vector {
        let (x, y) = (at[0] - self.centre[0], at[1] - self.centre[1]);
        let left = (1.0 - (x * x + y * y) / (self.radius_px * self.radius_px)).max(0.0);
        [left * left * self.by[0], left * left * self.by[1]]
    }
}

fn carry(pushes: &[Push], at: Vector) -> Vector {
    pushes.iter().map(|push| push.carries(at)).fold([0.0, 0.0], |sum, by| [sum[0] + by[0], sum[1] + by[1]])
}

/// For each pixel of a map, the way from its centre to the place where its label comes from.
#[derive(Clone, Debug)]
pub(super) struct Field {
    width: u32,
    height: u32,
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
        Self { width, height, displacements: vec![[0.0, 0.0]; width as usize * height as usize] }
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
        let mut displacements = Vec::with_capacity(rect.width as usize * rect.height as usize);
        for y in rect.y..rect.y + rect.height {
            for (x, &old) in (rect.x..).zip(self.row(y, rect.x, rect.width)) {
                displacements.push(self.displacement(pushes, [x as f32 + 0.5, y as f32 + 0.5], old));
            }
        }
        Patch { rect, displacements }
    }

    /// The displacement at a pixel's centre after some pushes. The label that comes to lie there is followed back along
    /// the push, with what carries it halfway (the midpoint rule), so that the opposite push leads back.
    fn displacement(&self, pushes: &[Push], at: Vector, old: Vector) -> Vector {
        let first = carry(pushes, at);
        if first == [0.0, 0.0] {
            return old;
        }
        let by = carry(pushes, [at[0] - first[0] / 2.0, at[1] - first[1] / 2.0]);
        let from = self.sample([at[0] - by[0], at[1] - by[1]]);
        [from[0] - by[0], from[1] - by[1]]
    }

    /// The displacement at any place, linear between the pixels' centres.
    fn sample(&self, at: Vector) -> Vector {
        let cell = |at: f32, side: u32| {
            let at = (at - 0.5).clamp(0.0, (side - 1) as f32);
            let low = at as u32;
            (low as usize, (low + 1).min(side - 1) as usize, at - low as f32)
        };
        let (left, right, across) = cell(at[0], self.width);
        let (top, bottom, down) = cell(at[1], self.height);
        let width = self.width as usize;
        let mix = |a: Vector, b: Vector, share: f32| [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
        let level = |row: usize| mix(self.displacements[row + left], self.displacements[row + right], across);
        mix(level(top * width), level(bottom * width), down)
    }
}

impl Patch {
    pub(super) fn rect(&self) -> Rect {
        self.rect
    }

    /// The first column and the displacements of row `y`; `None` where the patch has no such row.
    pub(super) fn row(&self, y: u32) -> Option<(u32, &[Vector])> {
        let row = y.checked_sub(self.rect.y).filter(|row| *row < self.rect.height)?;
        let start = row as usize * self.rect.width as usize;
        Some((self.rect.x, &self.displacements[start..start + self.rect.width as usize]))
    }
}
