//! Lines in steps of 15°.

use crate::document::Point;

/// cos of 0°, 15°, … 90°: constants, so that the result is the same on every machine and exact along the axes.
const COSINES: [f64; 7] = [
    1.0,
    0.965_925_826_289_068_3,
    0.866_025_403_784_438_6,
    std::f64::consts::FRAC_1_SQRT_2,
    0.5,
    0.258_819_045_102_520_76,
    0.0,
];

/// The point nearest to `to` on a line through `from` whose angle is a multiple of 15°.
pub(super) fn in_steps_of_15_degrees(from: Point, to: Point) -> Point {
    let (dx, dy) = (f64::from(to.x) - f64::from(from.x), f64::from(to.y) - f64::from(from.y));
    // The direction that the way to the point goes along furthest.
    let (along, (x, y)) = directions()
        .map(|(x, y)| (dx * x + dy * y, (x, y)))
        .fold((0.0, (0.0, 0.0)), |best, candidate| if candidate.0 > best.0 { candidate } else { best });
    Point::new((f64::from(from.x) + along * x) as f32, (f64::from(from.y) + along * y) as f32)
}

/// The 24 unit vectors.
fn directions() -> impl Iterator<Item = (f64, f64)> {
    (0..6).flat_map(|step| {
        let (cos, sin) = (COSINES[step], COSINES[6 - step]);
        [(cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_angle_is_a_multiple_of_15_degrees_and_the_nearest(dx in -200.0f32..200.0, dy in -200.0f32..200.0) {
            let from = Point::new(31.0, 17.0);
            let to = in_steps_of_15_degrees(from, Point::new(from.x + dx, from.y + dy));
            let (sx, sy) = (to.x - from.x, to.y - from.y);
            let length = sx.hypot(sy);
            prop_assume!(length > 1.0);
            let steps = sy.atan2(sx).to_degrees() / 15.0;
            prop_assert!((steps - steps.round()).abs() < 0.01, "{} steps", steps);
            let turn = (dy.atan2(dx) - sy.atan2(sx)).to_degrees().rem_euclid(360.0);
            prop_assert!(turn.min(360.0 - turn) < 7.51, "turned by {}", turn);
            prop_assert!((length - dx.hypot(dy)).abs() < dx.hypot(dy) * 0.009, "not much shorter");
        }
    }

    #[test]
    fn level_and_upright_lines_are_exact() {
        let from = Point::new(10.1, 20.3);
        assert_eq!(in_steps_of_15_degrees(from, Point::new(90.0, 22.0)).y, from.y);
        assert_eq!(in_steps_of_15_degrees(from, Point::new(9.0, -50.0)).x, from.x);
        assert_eq!(in_steps_of_15_degrees(from, from), from);
        assert!(in_steps_of_15_degrees(from, Point::new(1e30, -1e30)).is_finite());
    }
}
