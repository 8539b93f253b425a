//! Which pixels of a map: a connected part, the inside of a polygon, all of a label.

use std::ops::Range;

use super::{LabelMap, PaintRules, Point, Rect};
use crate::taxonomy::LabelId;

/// Corners of polygons further away than this from the origin are brought here.
const REACH_PX: f32 = 32768.0;

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
        let id = map.get(x, y)?;
        let mut found = Drawing::new(map);
        let mut open = vec![(y, run_around(map, x, y, id))];
        while let Some((y, run)) = open.pop() {
            if found.holds(run.start, y) {
                continue;
            }
            found.add(y, run.clone());
            let reach = run.start.saturating_sub(1)..run.end.saturating_add(1).min(map.width());
            for neighbour in [y.checked_sub(1), y.checked_add(1).filter(|&y| y < map.height())].into_iter().flatten() {
                push_runs(map, neighbour, reach.clone(), id, &mut open);
            }
        }
        found.into_set()
    }

    /// The pixels of a map whose centres a closed polygon surrounds, in whichever direction and however often it crosses
    /// itself (non-zero winding). Corners that are no numbers are left out. `None` when it surrounds none.
    pub fn polygon(map: &LabelMap, corners: &[Point]) -> Option<Self> {
        let corners: Vec<[f64; 2]> =
            corners.iter().filter(|corner| corner.is_finite()).map(|&c| within_reach(c)).collect();
        let edges = || corners.iter().zip(corners.iter().cycle().skip(1));
        let top = corners.iter().map(|corner| corner[1]).fold(f64::MAX, f64::min);
        let bottom = corners.iter().map(|corner| corner[1]).fold(f64::MIN, f64::max);
        let mut found = Drawing::new(map);
        for y in pixels_between(top, bottom, map.height()) {
            let level = f64::from(y) + 0.5;
            let mut crossings: Vec<(f64, i32)> = edges().filter_map(|(a, b)| crossing(a, b, level)).collect();
            crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            for pair in crossings.windows(2) {
                winding += pair[0].1;
                if winding != 0 {
                    found.add(y, pixels_between(pair[0].0, pair[1].0, map.width()));
                }
            }
        }
        found.into_set()
    }

    /// All pixels of a label. `None` when there is none.
    pub fn of_label(map: &LabelMap, id: LabelId) -> Option<Self> {
        let mut found = Drawing::new(map);
        for y in 0..map.height() {
            let mut start = 0;
            while let Some(x) = map.find_in_row(y, start..map.width(), |found| found == id) {
                let end = map.find_in_row(y, x..map.width(), |found| found != id).unwrap_or(map.width());
                found.add(y, x..end);
                start = end;
            }
        }
        found.into_set()
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

    fn holds(&self, x: u32, y: u32) -> bool {
        self.inside[y as usize * self.width + x as usize]
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

/// Pushes the runs of `id` in row `y` that touch `columns`.
fn push_runs(map: &LabelMap, y: u32, mut columns: Range<u32>, id: LabelId, open: &mut Vec<(u32, Range<u32>)>) {
    while let Some(x) = map.find_in_row(y, columns.clone(), |found| found == id) {
        let run = run_around(map, x, y, id);
        columns.start = run.end;
        open.push((y, run));
    }
}

/// The unbroken run of `id` in row `y` that holds column `x`.
fn run_around(map: &LabelMap, x: u32, y: u32, id: LabelId) -> Range<u32> {
    let end = map.find_in_row(y, x..map.width(), |found| found != id).unwrap_or(map.width());
    let start = map.find_last_in_row(y, 0..x, |found| found != id).map_or(0, |last| last + 1);
    start..end
}

fn within_reach(corner: Point) -> [f64; 2] {
    [corner.x, corner.y].map(|coordinate| f64::from(coordinate.clamp(-REACH_PX, REACH_PX)))
}

/// Where an edge crosses a level line, and whether on its way down (1) or up (−1). Of an edge's ends, the upper one
/// belongs to it.
fn crossing(a: &[f64; 2], b: &[f64; 2], level: f64) -> Option<(f64, i32)> {
    if (a[1] <= level) == (b[1] <= level) {
        return None;
    }
    let x = a[0] + (level - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
    Some((x, if a[1] <= level { 1 } else { -1 }))
}

/// The pixels of a side whose centres lie from `low` on and before `high`.
fn pixels_between(low: f64, high: f64, side: u32) -> Range<u32> {
    let first = |edge: f64| (edge - 0.5).ceil().clamp(0.0, f64::from(side)) as u32;
    first(low)..first(high)
}

#[cfg(test)]
mod tests;
