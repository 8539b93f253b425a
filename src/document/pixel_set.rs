//! Which pixels of a map: a connected part, the inside of a polygon, all of a label.

use std::ops::Range;

use super::connected::connected_over_corners;
use super::outline::trace;
use super::polygon::polygon_spans;
use super::{LabelMap, PaintRules, Point, Rect};
use crate::taxonomy::LabelId;

/// A set of pixels of a map. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelSet {
    /// The smallest rectangle around them.
    rect: Rect,
    /// Row-major over `rect`.
    inside: Vec<bool>,
}

impl PixelSet {
    /// The pixels connected to `(x, y)` through pixels of its label, over edges and corners (8-connected), so that a
    /// slanted line of single pixels is one part. `None` outside the map.
    pub fn part(map: &LabelMap, x: u32, y: u32) -> Option<Self> {
        let mut found = Drawing::new(map);
        connected_over_corners(map, x, y).runs().for_each(|(y, run)| found.add(y, run));
        found.into_set()
    }

    /// The pixels of a map that the lasso tool would paint along the same closed line. Corners that are no numbers are
    /// left out. `None` when there is none.
    pub fn polygon(map: &LabelMap, corners: &[Point]) -> Option<Self> {
        let mut found = Drawing::new(map);
        let corners = corners.iter().copied().filter(|corner| corner.is_finite());
        polygon_spans(corners, map.size()).for_each(|(y, columns)| found.add(y, columns));
        found.into_set()
    }

    /// All pixels of a label. `None` when there is none.
    pub fn of_label(map: &LabelMap, id: LabelId) -> Option<Self> {
        let rect = Rect { x: 0, y: 0, width: map.width(), height: map.height() };
        Self::tight(rect, map.to_ids().iter().map(|found| *found == id).collect())
    }

    /// Those of the pixels for whose label `keep` holds. `None` when none is left.
    pub fn filter(&self, map: &LabelMap, keep: impl Fn(LabelId) -> bool) -> Option<Self> {
        let kept = |x, y| self.contains(x, y) && map.get(x, y).is_some_and(&keep);
        Self::tight(self.rect, places(self.rect).map(|(x, y)| kept(x, y)).collect())
    }

    /// Those of the pixels whose label the rules allow to change. `None` when none is left.
    pub fn changeable(&self, map: &LabelMap, rules: PaintRules) -> Option<Self> {
        self.filter(map, |id| !rules.locked.contains(id) && rules.only_over.is_none_or(|label| label == id))
    }

    /// The pixels of either set.
    pub fn union(&self, other: &Self) -> Self {
        let rect = self.rect.union(other.rect);
        let inside = places(rect).map(|(x, y)| self.contains(x, y) || other.contains(x, y)).collect();
        Self { rect, inside }
    }

    /// The smallest rectangle around the pixels.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// The pixels, row by row.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, u32)> {
        places(self.rect).zip(&self.inside).filter(|(_, inside)| **inside).map(|(place, _)| place)
    }

    /// Whether a pixel belongs to both sets.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.places().any(|(x, y)| other.contains(x, y))
    }

    /// Closed lines around the parts and around the holes in them, in pixels of the map.
    pub fn outlines(&self) -> Vec<Vec<Point>> {
        let (width, height) = (self.rect.width as usize, self.rect.height as usize);
        let mut lines = trace(width, height, |x, y| self.inside[y * width + x]);
        for point in lines.iter_mut().flatten() {
            *point = Point::new(point.x + self.rect.x as f32, point.y + self.rect.y as f32);
        }
        lines
    }

    /// How many pixels they are; at least 1.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Whether pixel `(x, y)` is one of them.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        let (column, row) = (x.wrapping_sub(self.rect.x), y.wrapping_sub(self.rect.y));
        let is_near = column < self.rect.width && row < self.rect.height;
        is_near && self.inside[row as usize * self.rect.width as usize + column as usize]
    }

    /// Whether each pixel of the rectangle belongs to the set, row by row.
    pub(super) fn cells(&self) -> &[bool] {
        &self.inside
    }

    /// Cuts away empty rows and columns.
    fn tight(rect: Rect, inside: Vec<bool>) -> Option<Self> {
        let places = places(rect).zip(&inside).filter(|(_, inside)| **inside);
        let tight = places.map(|((x, y), _)| Rect { x, y, width: 1, height: 1 }).reduce(Rect::union)?;
        if tight == rect {
            return Some(Self { rect, inside });
        }
        let loose = Self { rect, inside };
        Some(Self { rect: tight, inside: self::places(tight).map(|(x, y)| loose.contains(x, y)).collect() })
    }
}

/// The pixels of a rectangle, row by row.
fn places(rect: Rect) -> impl Iterator<Item = (u32, u32)> {
    (rect.y..rect.y + rect.height).flat_map(move |y| (rect.x..rect.x + rect.width).map(move |x| (x, y)))
}

/// A set in the making.
struct Drawing {
    width: usize,
    inside: Vec<bool>,
    rect: Option<Rect>,
}

impl Drawing {
    fn new(map: &LabelMap) -> Self {
        let width = map.width() as usize;
        Self { width, inside: vec![false; width * map.height() as usize], rect: None }
    }

    fn add(&mut self, y: u32, columns: Range<u32>) {
        if columns.is_empty() {
            return;
        }
        let row = y as usize * self.width;
        self.inside[row + columns.start as usize..row + columns.end as usize].fill(true);
        let run = Rect { x: columns.start, y, width: columns.end - columns.start, height: 1 };
        self.rect = Some(self.rect.map_or(run, |rect| rect.union(run)));
    }

    fn into_set(self) -> Option<PixelSet> {
        let rect = self.rect?;
        let mut inside = Vec::with_capacity(rect.width as usize * rect.height as usize);
        for y in rect.y..rect.y + rect.height {
            let start = y as usize * self.width + rect.x as usize;
            inside.extend_from_slice(&self.inside[start..start + rect.width as usize]);
        }
        Some(PixelSet { rect, inside })
    }
}

#[cfg(test)]
mod tests;
