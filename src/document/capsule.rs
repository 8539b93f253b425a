//! Exact rasterisation of a brush segment.

use std::ops::Range;

use super::Point;

/// Fixed-point units per mask pixel.
pub(super) const UNITS_PER_PX: i64 = 512;
/// Points further away than this from the origin are brought here, so that no product below overflows.
const REACH_PX: f32 = 32768.0;

/// Smallest and largest brush diameter, in mask pixels.
pub const DIAMETER_RANGE_PX: std::ops::RangeInclusive<f32> = 1.0..=256.0;

/// Everything within a radius of a segment: what a round brush covers on its way from one point to another.
///
/// The rule: a pixel is covered when its centre is at most half a diameter away from the segment. Points are first
/// rounded to the middle of a cell of 1/256 pixel, where none is ever on the edge between two pixels: so a diameter
/// of 1 at a point covers exactly the pixel that holds the point or, near a corner, none; and a level or upright stroke
/// of a whole diameter is exactly that many pixels wide wherever it runs. All arithmetic is in integers, so cutting a
/// segment at points on it covers the same pixels.
pub(super) struct Capsule {
    from: (i64, i64),
    /// From the segment's first point to its second.
    along: (i64, i64),
    radius: i64,
    /// ⌊radius · length⌋: how large the cross product of `along` and a covered point's position may be.
    reach: i64,
}

impl Capsule {
    pub(super) fn new(from: Point, to: Point, diameter_px: f32) -> Self {
        let (from, to) = ((units(from.x), units(from.y)), (units(to.x), units(to.y)));
        let along = (to.0 - from.0, to.1 - from.1);
        let radius = radius_units(diameter_px);
        let length_squared = along.0 * along.0 + along.1 * along.1;
        let reach = (i128::from(radius * radius) * i128::from(length_squared)).isqrt() as i64;
        Self { from, along, radius, reach }
    }

    /// The covered pixels of a `width` by `height` map, as one run per row, from top to bottom.
    pub(super) fn spans(self, (width, height): (u32, u32)) -> impl Iterator<Item = (u32, Range<u32>)> {
        let (top, bottom) = min_max(self.from.1, self.from.1 + self.along.1);
        pixels(top - self.radius, bottom + self.radius, height).filter_map(move |y| {
            let (left, right) = self.section(i64::from(y) * UNITS_PER_PX + UNITS_PER_PX / 2)?;
            Some((y, pixels(left, right, width)))
        })
    }

    /// The covered positions, both ends included, on the level line at `y`. A capsule is convex, so they are one piece:
    /// the hull of the pieces from the discs at both ends and from the band between them.
    fn section(&self, y: i64) -> Option<(i64, i64)> {
        let to = (self.from.0 + self.along.0, self.from.1 + self.along.1);
        [self.disc_section(self.from, y), self.disc_section(to, y), self.band_section(y)]
            .into_iter()
            .flatten()
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn disc_section(&self, centre: (i64, i64), y: i64) -> Option<(i64, i64)> {
        let half_squared = self.radius * self.radius - (y - centre.1) * (y - centre.1);
        let half = (half_squared >= 0).then(|| half_squared.isqrt())?;
        Some((centre.0 - half, centre.0 + half))
    }

    /// Points whose foot lies between the ends (0 ≤ p·along ≤ along²) and whose distance is at most the radius
    /// (|p × along| ≤ radius · length), with p measured from the first end.
    fn band_section(&self, y: i64) -> Option<(i64, i64)> {
        let (dx, dy) = self.along;
        if (dx, dy) == (0, 0) {
            return None;
        }
        let py = y - self.from.1;
        let foot = solve(dx, -py * dy, dx * dx + dy * dy - py * dy)?;
        let distance = solve(dy, py * dx - self.reach, py * dx + self.reach)?;
        let (left, right) = (foot.0.max(distance.0), foot.1.min(distance.1));
        (left <= right).then(|| (self.from.0 + left, self.from.0 + right))
    }
}

/// The integers x with low ≤ factor · x ≤ high, both ends included.
fn solve(factor: i64, low: i64, high: i64) -> Option<(i64, i64)> {
    let (low, high) = if factor < 0 { (-high, -low) } else { (low, high) };
    let size = factor.abs();
    let (left, right) = match size {
        // Half of the range keeps sums with such a bound from overflowing.
        0 => return (low <= 0 && high >= 0).then_some((i64::MIN / 2, i64::MAX / 2)),
        _ => (-(-low).div_euclid(size), high.div_euclid(size)),
    };
    (left <= right).then_some((left, right))
}

/// The pixels of a side whose centres lie in `low..=high`.
pub(super) fn pixels(low: i64, high: i64, side: u32) -> Range<u32> {
    let half = UNITS_PER_PX / 2;
    let first = -(half - low).div_euclid(UNITS_PER_PX);
    let end = (high - half).div_euclid(UNITS_PER_PX) + 1;
    first.clamp(0, i64::from(side)) as u32..end.clamp(0, i64::from(side)) as u32
}

/// A coordinate in units: the middle of its cell of 1/256 pixel, so never a whole number of half pixels.
pub(super) fn units(coordinate_px: f32) -> i64 {
    let cell = (f64::from(coordinate_px.clamp(-REACH_PX, REACH_PX)) * (UNITS_PER_PX / 2) as f64).floor();
    2 * cell as i64 + 1
}

fn radius_units(diameter_px: f32) -> i64 {
    let (low, high) = DIAMETER_RANGE_PX.into_inner();
    let diameter_px = if diameter_px.is_nan() { low } else { diameter_px.clamp(low, high) };
    (f64::from(diameter_px) * (UNITS_PER_PX / 2) as f64).round() as i64
}

fn min_max(a: i64, b: i64) -> (i64, i64) {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LabelMap;
    use proptest::prelude::*;

    /// Distance in pixels from the centre of a pixel to the segment, in floating point and by projection.
    fn distance(from: Point, to: Point, x: u32, y: u32) -> f64 {
        let snap = |value: f32| ((f64::from(value) * 256.0).floor() + 0.5) / 256.0;
        let (ax, ay, bx, by) = (snap(from.x), snap(from.y), snap(to.x), snap(to.y));
        let (px, py) = (f64::from(x) + 0.5 - ax, f64::from(y) + 0.5 - ay);
        let (dx, dy) = (bx - ax, by - ay);
        let length_squared = dx * dx + dy * dy;
        let t = if length_squared > 0.0 { ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0) } else { 0.0 };
        (px - t * dx).hypot(py - t * dy)
    }

    fn points() -> impl Strategy<Value = Point> {
        // Some points on pixel edges and centres, where ties lurk, and some off the map.
        let free = (-20.0f32..90.0, -20.0f32..90.0).prop_map(|(x, y)| Point::new(x, y));
        let half = (-40i16..180, -40i16..180).prop_map(|(x, y)| Point::new(f32::from(x) / 2.0, f32::from(y) / 2.0));
        prop_oneof![free, half]
    }

    fn diameters() -> impl Strategy<Value = f32> {
        prop_oneof![1.0f32..40.0, (1u8..40).prop_map(f32::from)]
    }

    fn painted(segments: &[(Point, Point)], diameter_px: f32) -> LabelMap {
        let mut map = LabelMap::new(70, 66, 0);
        for &(from, to) in segments {
            for (y, columns) in Capsule::new(from, to, diameter_px).spans((70, 66)) {
                map.fill_row(y, columns, 1);
            }
        }
        map
    }

    proptest! {
        #[test]
        fn covers_the_pixels_within_the_radius(from in points(), to in points(), diameter_px in diameters()) {
            let map = painted(&[(from, to)], diameter_px);
            for (x, y) in (0..66).flat_map(|y| (0..70).map(move |x| (x, y))) {
                let excess = distance(from, to, x, y) - f64::from((diameter_px * 256.0).round() / 512.0);
                if excess.abs() > 1e-9 {
                    prop_assert_eq!(map.get(x, y), Some(u8::from(excess < 0.0)), "pixel {} {}, excess {}", x, y, excess);
                }
            }
        }

        #[test]
        fn cutting_a_segment_changes_nothing(
            from in (-50i16..50, -50i16..50), step in (-9i16..9, -9i16..9), cuts in 1u8..16, diameter_px in diameters(),
        ) {
            let at = |i: u8| Point::new(
                f32::from(from.0) / 4.0 + f32::from(step.0) / 4.0 * f32::from(i),
                f32::from(from.1) / 4.0 + f32::from(step.1) / 4.0 * f32::from(i),
            );
            let pieces: Vec<_> = (0..cuts).map(|i| (at(i), at(i + 1))).collect();
            prop_assert!(painted(&pieces, diameter_px) == painted(&[(at(0), at(cuts))], diameter_px));
        }

        #[test]
        fn a_level_stroke_is_exactly_as_wide_as_its_diameter(diameter in 1u8..50, twice_y in 60u16..70, shift in 0.0f32..1.0) {
            for y in [f32::from(twice_y) / 2.0, 30.0 + shift] {
                let (left, right) = (Point::new(30.0, y), Point::new(40.0, y));
                let map = painted(&[(left, right)], f32::from(diameter));
                let column = (0..66).filter(|&y| map.get(35, y) == Some(1)).count();
                prop_assert_eq!(column, usize::from(diameter));
            }
        }

        #[test]
        fn a_disc_centred_on_a_pixel_or_a_corner_is_symmetric(diameter in 1u8..30) {
            // Odd diameters fit a pixel's centre, even ones a corner.
            let centre = 32.0 + f32::from(diameter % 2) / 2.0;
            let map = painted(&[(Point::new(centre, centre), Point::new(centre, centre))], f32::from(diameter));
            let last = 63 + u32::from(diameter % 2);
            for (x, y) in (0..64).flat_map(|y| (0..64).map(move |x| (x, y))) {
                prop_assert_eq!(map.get(x, y), map.get(last - x, y));
                prop_assert_eq!(map.get(x, y), map.get(y, x));
            }
            prop_assert_eq!(map.counts()[1] > 0, true);
        }
    }

    #[test]
    fn points_far_away_do_not_overflow() {
        for far in [f32::MAX, f32::MIN, 1e9, -32769.0] {
            let map = painted(
                &[(Point::new(far, far), Point::new(-far, 3.5)), (Point::new(1.0, far), Point::new(2.0, -far))],
                256.0,
            );
            assert!(map.counts()[1] > 0);
        }
    }
}
