//! A cut-out of a label map, to carry elsewhere.

use super::outline::trace;
use super::{LabelMap, PaintRules, PixelSet, Point, fill_with_nearest};
use crate::taxonomy::LabelId;

/// Pixels taken out of a map, with their labels and where they were. It may lie partly or wholly outside of the map that
/// it is put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    left: i32,
    top: i32,
    width: usize,
    height: usize,
    /// Row-major; `None` where the cut-out has no pixel.
    ids: Vec<Option<LabelId>>,
}

impl Region {
    /// The labels of a set of pixels.
    pub fn copy(map: &LabelMap, pixels: &PixelSet) -> Self {
        let rect = pixels.rect();
        let (width, mut row, mut ids) = (rect.width as usize, Vec::new(), Vec::with_capacity(pixels.cells().len()));
        for (y, cells) in (rect.y..).zip(pixels.cells().chunks_exact(width)) {
            map.read_row(y, rect.x..rect.x + rect.width, &mut row);
            ids.extend(cells.iter().zip(&row).map(|(inside, id)| inside.then_some(*id)));
        }
        // A row that the map lacks would leave the region short.
        ids.resize(pixels.cells().len(), None);
        Self { left: rect.x as i32, top: rect.y as i32, width, height: rect.height as usize, ids }
    }

    /// Takes those of the pixels out of the map that the rules let go, and fills the hole with the nearest labels that
    /// are not locked. `None`, and nothing changes, when the rules let none go.
    pub fn cut(map: &mut LabelMap, pixels: &PixelSet, rules: PaintRules) -> Option<Self> {
        let pixels = pixels.changeable(map, rules)?;
        let region = Self::copy(map, &pixels);
        fill_with_nearest(map, &pixels, |id| !rules.locked.contains(id));
        Some(region)
    }

    /// Puts the pixels down, `(dx, dy)` to the right of and below where they were, as far as there is a map and the rules
    /// allow. True when a pixel changed.
    pub fn paste(&self, map: &mut LabelMap, dx: i32, dy: i32, rules: PaintRules) -> bool {
        let (left, top) = (i64::from(self.left) + i64::from(dx), i64::from(self.top) + i64::from(dy));
        let mut changed = false;
        for (y, row) in (top..).zip(self.ids.chunks_exact(self.width)) {
            for (x, id) in (left..).zip(row) {
                let (Some(id), Ok(x), Ok(y)) = (*id, u32::try_from(x), u32::try_from(y)) else { continue };
                changed |= map.get(x, y).is_some_and(|old| rules.allow(old, id)) && map.set(x, y, id);
            }
        }
        changed
    }

    /// Turns the pixels around, left to right in place, and gives each the mirrored label of its own: so a left eye
    /// becomes a right one. An id beyond the table's end stays.
    pub fn flip_horizontally(&mut self, mirror_labels: &[LabelId]) {
        self.ids.chunks_exact_mut(self.width).for_each(<[_]>::reverse);
        self.mirror_labels(mirror_labels);
    }

    /// Turns the pixels upside down in place.
    pub fn flip_vertically(&mut self) {
        let rows = self.ids.chunks_exact(self.width).rev();
        self.ids = rows.flatten().copied().collect();
    }

    /// Gives each pixel the mirrored label of its own, by id; an id beyond the table's end stays.
    pub fn mirror_labels(&mut self, mirror_labels: &[LabelId]) {
        for id in self.ids.iter_mut().flatten() {
            *id = mirror_labels.get(usize::from(*id)).copied().unwrap_or(*id);
        }
    }

    /// The pixels further right by `dx` and further down by `dy`.
    #[must_use]
    pub fn moved(self, dx: i32, dy: i32) -> Self {
        Self { left: self.left.saturating_add(dx), top: self.top.saturating_add(dy), ..self }
    }

    /// First column, in the pixels of the map that it was taken from.
    pub fn left(&self) -> i32 {
        self.left
    }

    /// First row, in the pixels of the map that it was taken from.
    pub fn top(&self) -> i32 {
        self.top
    }

    /// Columns; at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows; at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The label at column `x` and row `y` of the region itself; `None` where it has no pixel.
    pub fn get(&self, x: usize, y: usize) -> Option<LabelId> {
        if x < self.width && y < self.height { self.ids[y * self.width + x] } else { None }
    }

    /// The border of the pixels, as closed lines along their edges, in the pixels of the map.
    pub fn outline(&self) -> Vec<Vec<Point>> {
        let mut lines = trace(self.width, self.height, |x, y| self.ids[y * self.width + x].is_some());
        for point in lines.iter_mut().flatten() {
            *point = Point::new(point.x + self.left as f32, point.y + self.top as f32);
        }
        lines
    }

    /// A region from its rows; `None` when there is not a row of at least one pixel.
    pub(super) fn from_ids(left: i32, top: i32, width: usize, ids: Vec<Option<LabelId>>) -> Option<Self> {
        let height = ids.len().checked_div(width)?;
        (height > 0 && ids.len() == width * height).then_some(Self { left, top, width, height, ids })
    }
}

#[cfg(test)]
mod tests;
