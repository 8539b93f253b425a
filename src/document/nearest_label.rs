//! Fills holes of a label map with the label of the nearest pixel that stays.
//!
//! Exact Euclidean distances in two passes (Felzenszwalb and Huttenlocher; Meijster): along columns, then along rows as
//! the lower envelope of parabolas. All in integers.

use super::{LabelMap, PixelSet, Rect};
use crate::taxonomy::LabelId;

/// Distance of a column that holds no source.
const NONE: u16 = u16::MAX;
/// Squared distances are counted in this many units, so that the label can break ties below the comma.
const UNITS: i64 = 256;

/// Gives every pixel of `hole` the label of the nearest pixel that is outside of it and whose label `may_fill`. Of labels
/// that are equally near the lowest id wins, so the outcome does not depend on the direction in which the map is read.
/// Where there is no such pixel at all, the hole keeps its labels. True when a pixel changed.
///
/// Looks only as far around the hole as the answer needs.
pub fn fill_with_nearest(map: &mut LabelMap, hole: &PixelSet, may_fill: impl Fn(LabelId) -> bool) -> bool {
    let may_fill: [bool; 256] = std::array::from_fn(|id| may_fill(id as LabelId));
    let mut margin = 1;
    loop {
        let window = around(hole.rect(), margin, map);
        let is_whole = (window.width, window.height) == (map.width(), map.height());
        let columns = ColumnDistances::new(map, hole, &may_fill, window);
        let (fill, farthest_squared) = columns.nearest(hole);
        // A source outside of the window is further away than its margin. And where the window's rim holds sources
        // only, each of them is nearer than all that lies behind it.
        let reaches = farthest_squared.is_some_and(|squared| squared <= i64::from(margin) * i64::from(margin));
        if is_whole || reaches || rim_is_full(map, &may_fill, window) {
            return write(map, hole, &fill);
        }
        margin = margin.saturating_mul(4);
    }
}

/// A rectangle with a margin on each side that the map has room for.
fn around(rect: Rect, margin: u32, map: &LabelMap) -> Rect {
    let (x, y) = (rect.x.saturating_sub(margin), rect.y.saturating_sub(margin));
    let right = (rect.x + rect.width).saturating_add(margin).min(map.width());
    let bottom = (rect.y + rect.height).saturating_add(margin).min(map.height());
    Rect { x, y, width: right - x, height: bottom - y }
}

/// Whether all pixels along those sides of the window that do not lie on the map's edge may fill.
fn rim_is_full(map: &LabelMap, may_fill: &[bool; 256], window: Rect) -> bool {
    let (right, bottom) = (window.x + window.width, window.y + window.height);
    let level = [(window.y, window.y > 0), (bottom - 1, bottom < map.height())];
    let upright = [(window.x, window.x > 0), (right - 1, right < map.width())];
    let fills = |id: LabelId| may_fill[usize::from(id)];
    let level = level.iter().filter(|(_, is_inner)| *is_inner).map(|(y, _)| *y);
    let upright = upright.iter().filter(|(_, is_inner)| *is_inner).map(|(x, _)| *x);
    let is_full = |x: u32, y: u32| map.get(x, y).is_some_and(fills);
    level.into_iter().all(|y| (window.x..right).all(|x| is_full(x, y)))
        && upright.into_iter().all(|x| (window.y..bottom).all(|y| is_full(x, y)))
}

/// For each pixel of a window the nearest source in its column: how far, and its label.
struct ColumnDistances {
    window: Rect,
    distances: Vec<u16>,
    labels: Vec<LabelId>,
}

impl ColumnDistances {
    fn new(map: &LabelMap, hole: &PixelSet, may_fill: &[bool; 256], window: Rect) -> Self {
        let width = window.width as usize;
        let mut distances = vec![NONE; width * window.height as usize];
        let mut labels = Vec::with_capacity(distances.len());
        let mut row = Vec::new();
        for (y, distances) in (window.y..).zip(distances.chunks_exact_mut(width)) {
            map.read_row(y, window.x..window.x + window.width, &mut row);
            for ((x, &id), distance) in (window.x..).zip(&row).zip(distances) {
                if may_fill[usize::from(id)] && !hole.contains(x, y) {
                    *distance = 0;
                }
            }
            labels.extend_from_slice(&row);
        }
        let mut columns = Self { window, distances, labels };
        for row in 1..window.height as usize {
            columns.pass_on(row - 1, row);
        }
        for row in (1..window.height as usize).rev() {
            columns.pass_on(row, row - 1);
        }
        columns
    }

    /// Takes the neighbouring row's sources where they are nearer.
    fn pass_on(&mut self, from: usize, to: usize) {
        let width = self.window.width as usize;
        for column in 0..width {
            let (from, to) = (from * width + column, to * width + column);
            let passed = (self.distances[from].saturating_add(1), self.labels[from]);
            if self.distances[from] != NONE && passed < (self.distances[to], self.labels[to]) {
                (self.distances[to], self.labels[to]) = passed;
            }
        }
    }

    /// The nearest label of each pixel of the hole, row by row over its rectangle, and the square of the largest distance
    /// met; `None` for it when there is no source.
    fn nearest(&self, hole: &PixelSet) -> (Vec<Option<LabelId>>, Option<i64>) {
        let rect = hole.rect();
        let mut fill = vec![None; hole.cells().len()];
        let mut farthest = Some(0);
        let (mut envelope, width) = (Vec::new(), rect.width as usize);
        let cells = fill.chunks_exact_mut(width).zip(hole.cells().chunks_exact(width));
        for (y, (fill, cells)) in (rect.y..).zip(cells) {
            self.envelope((y - self.window.y) as usize, &mut envelope);
            let mut nearest = envelope.iter().peekable();
            let mut piece: Option<&Parabola> = None;
            for (x, (fill, _)) in fill.iter_mut().zip(cells).enumerate().filter(|(_, (_, is_hole))| **is_hole) {
                let x = x as i64 + i64::from(rect.x - self.window.x);
                while let Some(next) = nearest.next_if(|next| next.start <= x) {
                    piece = Some(next);
                }
                let cost = piece.map(|piece| piece.cost(x));
                *fill = cost.map(|cost| (cost % UNITS) as LabelId);
                farthest = farthest.zip(cost).map(|(farthest, cost)| farthest.max(cost / UNITS));
            }
        }
        (fill, farthest)
    }

    /// The lower envelope of the parabolas of a row's columns, from left to right.
    fn envelope(&self, row: usize, envelope: &mut Vec<Parabola>) {
        envelope.clear();
        let width = self.window.width as usize;
        let columns = self.distances[row * width..].iter().zip(&self.labels[row * width..]).take(width);
        for (column, (&distance, &label)) in columns.enumerate().filter(|(_, (distance, _))| **distance != NONE) {
            let height = UNITS * i64::from(distance) * i64::from(distance) + i64::from(label);
            let mut next = Parabola { column: column as i64, height, start: 0 };
            while let Some(last) = envelope.last() {
                next.start = last.end_before(&next);
                if next.start > last.start {
                    break;
                }
                envelope.pop();
                next.start = 0;
            }
            if next.start < i64::from(self.window.width) {
                envelope.push(next);
            }
        }
    }
}

/// What a column's nearest source costs along the row: the squared distance in [`UNITS`], and the label.
struct Parabola {
    column: i64,
    /// The cost at the column itself.
    height: i64,
    /// The first place at which this is the lowest of all so far.
    start: i64,
}

impl Parabola {
    fn cost(&self, x: i64) -> i64 {
        UNITS * (x - self.column) * (x - self.column) + self.height
    }

    /// The first place at which a parabola further to the right costs less.
    fn end_before(&self, right: &Parabola) -> i64 {
        let rise = right.height - self.height + UNITS * (right.column * right.column - self.column * self.column);
        rise.div_euclid(2 * UNITS * (right.column - self.column)) + 1
    }
}

fn write(map: &mut LabelMap, hole: &PixelSet, fill: &[Option<LabelId>]) -> bool {
    let rect = hole.rect();
    let (mut row, mut changed) = (Vec::new(), false);
    for (y, fill) in (rect.y..).zip(fill.chunks_exact(rect.width as usize)) {
        map.read_row(y, rect.x..rect.x + rect.width, &mut row);
        row.iter_mut().zip(fill).for_each(|(id, fill)| *id = fill.unwrap_or(*id));
        changed |= map.write_row(y, rect.x, &row);
    }
    changed
}

#[cfg(test)]
mod tests;
