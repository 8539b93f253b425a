//! Where a lifted region lies: moved, scaled and turned.

use std::ops::Range;

use crate::document::symmetry::Reflection;
use crate::document::{LabelMap, PaintRules, Point, Region};
use crate::taxonomy::LabelId;

/// Places further away than this from the origin are brought here.
const REACH_PX: f64 = 32768.0;
/// No side gets shorter than this, in mask pixels.
const SHORTEST_PX: f64 = 1.0;

/// A place in mask pixels, precise enough that moving back and forth ends where it began.
pub(super) type Place = [f64; 2];

pub(super) fn place(point: Point) -> Place {
    [point.x, point.y].map(|coordinate| f64::from(coordinate).clamp(-REACH_PX, REACH_PX))
}

pub(super) fn point(place: Place) -> Point {
    Point::new(place[0] as f32, place[1] as f32)
}

/// How a region lies: scaled along its own sides, then turned, its middle at `centre`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    /// Middle of the region where it was taken.
    pivot: Place,
    /// Half of its width and height there.
    half: Place,
    /// Its middle now.
    centre: Place,
    /// Factors along its sides; negative ones mirror. Never 0.
    scale: [f64; 2],
    /// Clockwise on the screen.
    angle_rad: f64,
}

impl Placement {
    /// The region where it was taken.
    pub(super) fn at_rest(region: &Region) -> Self {
        let half = [region.width() as f64 / 2.0, region.height() as f64 / 2.0];
        let pivot = [f64::from(region.left()) + half[0], f64::from(region.top()) + half[1]];
        Self { pivot, half, centre: pivot, scale: [1.0, 1.0], angle_rad: 0.0 }
    }

    /// Whether it is no more than moved.
    pub(super) fn is_upright(&self) -> bool {
        self.scale == [1.0, 1.0] && self.rotation() == [1.0, 0.0]
    }

    pub(super) fn moved(self, by: Place) -> Self {
        let centre = [0, 1].map(|axis| (self.centre[axis] + by[axis]).clamp(-REACH_PX, REACH_PX));
        Self { centre, ..self }
    }

    /// Turned around its middle by as much as the direction from there turned from one place to another. The angle comes
    /// to a multiple of `step_rad` when one is given.
    pub(super) fn turned(self, from: Place, to: Place, step_rad: Option<f64>) -> Self {
        let direction = |at: Place| (at[1] - self.centre[1]).atan2(at[0] - self.centre[0]);
        let angle_rad = self.angle_rad + direction(to) - direction(from);
        let angle_rad = step_rad.map_or(angle_rad, |step| (angle_rad / step).round() * step);
        Self { angle_rad: angle_rad.rem_euclid(std::f64::consts::TAU), ..self }
    }

    /// Scaled so that the corner on the sides `sides` (−1 or 1 along each axis) comes as far as `by` says while the
    /// opposite corner stays. Never turns inside out.
    pub(super) fn scaled(self, sides: Place, by: Place, keep_proportions: bool) -> Self {
        let diagonal = [0, 1].map(|axis| 2.0 * sides[axis] * self.half[axis]);
        let was = [0, 1].map(|axis| self.scale[axis] * diagonal[axis]);
        let [cos, sin] = self.rotation();
        let by = [cos * by[0] + sin * by[1], cos * by[1] - sin * by[0]];
        let wanted = [was[0] + by[0], was[1] + by[1]];
        let least = [0, 1].map(|axis| SHORTEST_PX / was[axis].abs());
        let factors = if keep_proportions {
            let factor = (wanted[0] * was[0] + wanted[1] * was[1]) / (was[0] * was[0] + was[1] * was[1]);
            [factor.max(least[0]).max(least[1]); 2]
        } else {
            [0, 1].map(|axis| (wanted[axis] / was[axis]).max(least[axis]))
        };
        let opposite = self.corner([-sides[0], -sides[1]]);
        let scale = [self.scale[0] * factors[0], self.scale[1] * factors[1]];
        let scaled = Self { scale, ..self };
        let corner = scaled.corner([-sides[0], -sides[1]]);
        scaled.moved([opposite[0] - corner[0], opposite[1] - corner[1]])
    }

    /// Mirrored left to right on the screen, around its middle.
    pub(super) fn flipped_horizontally(self) -> Self {
        Self { scale: [-self.scale[0], self.scale[1]], angle_rad: -self.angle_rad, ..self }
    }

    /// Mirrored upside down on the screen, around its middle.
    pub(super) fn flipped_vertically(self) -> Self {
        Self { scale: [self.scale[0], -self.scale[1]], angle_rad: -self.angle_rad, ..self }
    }

    /// Whether its own upper side lies below, before it is turned.
    pub(super) fn is_upside_down(&self) -> bool {
        self.scale[1] < 0.0
    }

    /// Where the corner on these sides is; 0 is the middle of a side.
    pub(super) fn corner(&self, sides: Place) -> Place {
        self.forward([0, 1].map(|axis| self.pivot[axis] + sides[axis] * self.half[axis]))
    }

    /// Lengths of the sides, in mask pixels.
    pub(super) fn size(&self) -> Place {
        [0, 1].map(|axis| 2.0 * self.half[axis] * self.scale[axis].abs())
    }

    /// A direction of the screen turned with the region.
    pub(super) fn turn(&self, along: Place) -> Place {
        let [cos, sin] = self.rotation();
        [cos * along[0] - sin * along[1], sin * along[0] + cos * along[1]]
    }

    /// Where a place of the map that the region was taken from is now.
    pub(super) fn forward(&self, place: Place) -> Place {
        let along = self.turn([0, 1].map(|axis| self.scale[axis] * (place[axis] - self.pivot[axis])));
        [self.centre[0] + along[0], self.centre[1] + along[1]]
    }

    /// [`Placement::forward`] for points.
    pub(super) fn forward_point(&self, at: Point) -> Point {
        point(self.forward([f64::from(at.x), f64::from(at.y)]))
    }

    /// Tells where a place was taken from: the inverse of [`Placement::forward`].
    pub(super) fn backward(&self) -> impl Fn(Place) -> Place + use<> {
        let ([cos, sin], [across, down]) = (self.rotation(), self.scale);
        let rows = [[cos / across, sin / across], [-sin / down, cos / down]];
        let (pivot, centre) = (self.pivot, self.centre);
        move |place| {
            let (x, y) = (place[0] - centre[0], place[1] - centre[1]);
            [pivot[0] + rows[0][0] * x + rows[0][1] * y, pivot[1] + rows[1][0] * x + rows[1][1] * y]
        }
    }

    /// Whether a place lies within the turned rectangle.
    pub(super) fn holds(&self, place: Place) -> bool {
        let from = self.backward()(place);
        [0, 1].iter().all(|&axis| (from[axis] - self.pivot[axis]).abs() <= self.half[axis])
    }

    /// Cosine and sine of the angle, exact at quarter turns, where pixels come to lie on pixels.
    fn rotation(&self) -> [f64; 2] {
        let (sin, cos) = self.angle_rad.sin_cos();
        let exact = |value: f64| if (value - value.round()).abs() < 1e-12 { value.round() } else { value };
        [exact(cos), exact(sin)]
    }

    /// The pixels of a map of this size that the turned rectangle reaches.
    pub(super) fn reach(&self, size: (u32, u32)) -> Reach {
        Reach::around(self.corners(), size)
    }

    /// The pixels that its mirror image reaches.
    pub(super) fn mirrored_reach(&self, reflection: &Reflection, size: (u32, u32)) -> Reach {
        Reach::around(self.corners().map(|corner| reflection.place(corner)), size)
    }

    fn corners(&self) -> [Place; 4] {
        [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|sides| self.corner(sides))
    }
}

/// The pixels of a map that a region may reach.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) columns: Range<u32>,
    pub(super) rows: Range<u32>,
}

impl Reach {
    /// Of the corners of whatever it is, on a map of this size.
    fn around(corners: [Place; 4], (width, height): (u32, u32)) -> Self {
        let pixels = |axis: usize, side: u32| {
            let along = corners.map(|corner| corner[axis]);
            let low = along.into_iter().fold(f64::MAX, f64::min).floor().clamp(0.0, f64::from(side));
            let high = along.into_iter().fold(f64::MIN, f64::max).ceil().clamp(0.0, f64::from(side));
            low as u32..high as u32
        };
        Self { columns: pixels(0, width), rows: pixels(1, height) }
    }

    /// The smallest one around both.
    pub(super) fn union(&self, other: &Self) -> Self {
        let union = |a: &Range<u32>, b: &Range<u32>| a.start.min(b.start)..a.end.max(b.end);
        Self { columns: union(&self.columns, &other.columns), rows: union(&self.rows, &other.rows) }
    }
}

/// Puts what `sample` tells onto a map, as far as the rules allow pixels of `before` to change.
pub(super) fn draw(
    map: &mut LabelMap,
    reach: &Reach,
    before: &LabelMap,
    rules: PaintRules,
    sample: impl Fn(u32, u32) -> Option<LabelId>,
) {
    let (mut row, mut old) = (Vec::new(), Vec::new());
    let everything = rules.allow_all();
    for y in reach.rows.clone() {
        map.read_row(y, reach.columns.clone(), &mut row);
        before.read_row(y, reach.columns.clone(), &mut old);
        for ((x, id), old) in reach.columns.clone().zip(&mut row).zip(&old) {
            if let Some(new) = sample(x, y)
                && (everything || rules.allow(*old, new))
            {
                *id = new;
            }
        }
        map.write_row(y, reach.columns.start, &row);
    }
}

/// What `sample` tells, as a region; `None` when the reach is empty.
pub(super) fn rasterised(reach: &Reach, sample: impl Fn(u32, u32) -> Option<LabelId>) -> Option<Region> {
    let Reach { columns, rows } = reach.clone();
    let ids = rows.clone().flat_map(|y| columns.clone().map(move |x| (x, y))).map(|(x, y)| sample(x, y)).collect();
    Region::from_ids(columns.start as i32, rows.start as i32, columns.len(), ids)
}

/// Tells what a region brings to a pixel of the map: what it holds at the place that the pixel's centre came from.
pub(super) fn sampler(region: &Region, placement: &Placement) -> impl Fn(u32, u32) -> Option<LabelId> {
    let backward = placement.backward();
    move |x, y| held(region, cell(backward([f64::from(x) + 0.5, f64::from(y) + 0.5])))
}

/// As [`sampler`], for the region on the other side of an axis that goes the mirrored way. Where pixels mirror pixels, it
/// brings the mirror image of what [`sampler`] brings, to the pixel.
pub(super) fn mirrored_sampler(
    region: &Region,
    placement: &Placement,
    reflection: &Reflection,
) -> impl Fn(u32, u32) -> Option<LabelId> {
    let backward = placement.backward();
    move |x, y| {
        let from = backward(reflection.place([f64::from(x) + 0.5, f64::from(y) + 0.5]));
        held(region, reflection.cell(cell(from)).unwrap_or_else(|| cell(reflection.place(from))))
    }
}

fn cell(place: Place) -> [i64; 2] {
    place.map(|coordinate| coordinate.floor() as i64)
}

fn held(region: &Region, [x, y]: [i64; 2]) -> Option<LabelId> {
    let (x, y) = (x - i64::from(region.left()), y - i64::from(region.top()));
    if x >= 0 && y >= 0 { region.get(x as usize, y as usize) } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn handles_bring_the_corner_to_the_pointer_and_keep_the_opposite_one(
            from_angle in -3.0f64..3.0, to in (-30.0f64..150.0, -30.0f64..150.0), corner in 0usize..4, constrain: bool,
        ) {
            let region = Region::from_ids(58, 60, 10, vec![Some(2); 200]).unwrap();
            let start = Placement::at_rest(&region).turned([64.0, 70.0], [63.0 + from_angle.cos(), 70.0 + from_angle.sin()], None);
            let sides = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]][corner];
            let from = start.corner(sides);
            let scaled = start.scaled(sides, [to.0 - from[0], to.1 - from[1]], constrain);
            let distance = |a: Place, b: Place| (a[0] - b[0]).hypot(a[1] - b[1]);
            let opposite = [-sides[0], -sides[1]];
            prop_assert!(distance(scaled.corner(opposite), start.corner(opposite)) < 1e-9);
            let (size, was) = (scaled.size(), start.size());
            prop_assert!(size[0] > 0.999 && size[1] > 0.999);
            if constrain {
                prop_assert!((size[0] * was[1] - size[1] * was[0]).abs() < 1e-6 * was[0] * was[1]);
            } else if size[0] > 1.001 && size[1] > 1.001 {
                prop_assert!(distance(scaled.corner(sides), [to.0, to.1]) < 1e-6);
            }
            let there = scaled.backward()(scaled.forward([60.0, 66.0]));
            prop_assert!(distance(there, [60.0, 66.0]) < 1e-6);
        }
    }
}
