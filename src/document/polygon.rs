//! Exact rasterisation of a polygon.

use std::ops::Range;

use super::Point;
use super::capsule::{UNITS_PER_PX, pixels, units};

/// The pixels of a `width` by `height` map that a polygon covers, as runs in rows, from top to bottom and from left to
/// right. The last corner is joined to the first.
///
/// The rule: a pixel is covered when a ray from its centre crosses the outline an odd number of times, so where the
/// polygon covers itself there is a hole. A centre on an edge belongs to the area to its right, so polygons that share
/// an edge share no pixel. Corners are rounded as a brush's points are, and all arithmetic is in integers.
pub(super) fn polygon_spans(
    corners: impl Iterator<Item = Point>,
    (width, height): (u32, u32),
) -> impl Iterator<Item = (u32, Range<u32>)> {
    let corners: Vec<_> = corners.map(|corner| (units(corner.x), units(corner.y))).collect();
    let mut crossings = Vec::new();
    for (index, &from) in corners.iter().enumerate() {
        let to = corners[(index + 1) % corners.len()];
        for y in pixels(from.1.min(to.1), from.1.max(to.1), height) {
            crossings.push((y, first_column(from, to, y).clamp(0, i64::from(width)) as u32));
        }
    }
    crossings.sort_unstable();
    // A closed outline crosses each row an even number of times, so pairs never straddle rows.
    let runs = (0..crossings.len() / 2)
        .map(move |pair| (crossings[2 * pair].0, crossings[2 * pair].1..crossings[2 * pair + 1].1));
    runs.filter(|(_, columns)| !columns.is_empty())
}

/// The first column whose centre in row `y` is not left of an edge that crosses the row. No corner is ever level with a
/// pixel's centre, so the edge is not level and crosses the row at one place.
fn first_column(from: (i64, i64), to: (i64, i64), y: u32) -> i64 {
    let half = UNITS_PER_PX / 2;
    let (upper, lower) = if from.1 < to.1 { (from, to) } else { (to, from) };
    let rise = lower.1 - upper.1;
    let below = i64::from(y) * UNITS_PER_PX + half - upper.1;
    let crossing = (upper.0 - half) * rise + (lower.0 - upper.0) * below;
    -(-crossing).div_euclid(UNITS_PER_PX * rise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LabelMap;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn painted(corners: &[Point]) -> LabelMap {
        let mut map = LabelMap::new(70, 66, 0);
        for (y, columns) in polygon_spans(corners.iter().copied(), (70, 66)) {
            assert!(columns.clone().all(|x| map.get(x, y) == Some(0)), "runs do not overlap");
            map.fill_row(y, columns, 1);
        }
        map
    }

    /// Whether a ray to the left crosses the outline an odd number of times; `None` too close to an edge to say.
    fn inside(corners: &[Point], x: f64, y: f64) -> Option<bool> {
        let snap = |value: f32| ((f64::from(value) * 256.0).floor() + 0.5) / 256.0;
        let corners: Vec<_> = corners.iter().map(|corner| (snap(corner.x), snap(corner.y))).collect();
        let mut odd = false;
        for (index, &(ax, ay)) in corners.iter().enumerate() {
            let (bx, by) = corners[(index + 1) % corners.len()];
            if (ay < y) != (by < y) {
                let crossing = ax + (bx - ax) * (y - ay) / (by - ay);
                if (crossing - x).abs() < 1e-9 {
                    return None;
                }
                odd ^= crossing < x;
            }
        }
        Some(odd)
    }

    fn corners() -> impl Strategy<Value = Vec<Point>> {
        let free = (-20.0f32..90.0, -20.0f32..90.0).prop_map(|(x, y)| Point::new(x, y));
        let half = (-40i16..180, -40i16..180).prop_map(|(x, y)| Point::new(f32::from(x) / 2.0, f32::from(y) / 2.0));
        vec(prop_oneof![free, half], 0..12)
    }

    proptest! {
        #[test]
        fn covers_the_pixels_inside(corners in corners()) {
            let map = painted(&corners);
            for (x, y) in (0..66).flat_map(|y| (0..70).map(move |x| (x, y))) {
                if let Some(inside) = inside(&corners, f64::from(x) + 0.5, f64::from(y) + 0.5) {
                    prop_assert_eq!(map.get(x, y), Some(u8::from(inside)), "pixel {} {}", x, y);
                }
            }
        }

        #[test]
        fn neither_the_first_corner_nor_the_direction_matters(corners in corners(), turn in 0usize..12) {
            let mut other = corners.clone();
            other.rotate_left(turn % corners.len().max(1));
            prop_assert!(painted(&other) == painted(&corners));
            other.reverse();
            prop_assert!(painted(&other) == painted(&corners));
        }

        /// The edges between two polygons belong to one of them.
        #[test]
        fn a_cut_polygon_covers_the_same_pixels(a in corners(), b in corners(), by in (0.0f32..70.0, 0.0f32..66.0)) {
            prop_assume!(!a.is_empty() && !b.is_empty());
            // From b's first corner to a's there is a cut by way of another point.
            let by = [Point::new(by.0, by.1)];
            let (left, right) = ([&by, &a[..], &b[..1]].concat(), [&b[..], &a[..1], &by].concat());
            let whole = [&a[..], &b[..]].concat();
            let (left, right, whole) = (painted(&left), painted(&right), painted(&whole));
            for (x, y) in (0..66).flat_map(|y| (0..70).map(move |x| (x, y))) {
                let parts = [&left, &right].iter().filter(|part| part.get(x, y) == Some(1)).count();
                prop_assert_eq!(whole.get(x, y), Some((parts % 2) as u8));
            }
        }
    }

    #[test]
    fn whole_pixels_and_places_far_away() {
        let square = [(10.0, 10.0), (20.0, 10.0), (20.0, 30.0), (10.0, 30.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!(painted(&square).counts()[1], 200);
        let all = [(-1e30, -1e30), (1e30, -1e30), (1e30, 1e30), (-1e30, 1e30)].map(|(x, y)| Point::new(x, y));
        assert_eq!(painted(&all).counts()[1], 70 * 66);
        let line = [(1.0, 1.0), (60.0, 60.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!(painted(&line).counts()[1] + painted(&[]).counts()[1], 0);
    }
}
