#![allow(clippy::unwrap_used)]

use std::f32::consts::{FRAC_PI_2, PI};

use super::*;
use proptest::prelude::*;

fn axes() -> impl Strategy<Value = MirrorAxis> {
    let angle = prop_oneof![Just(0.0f32), Just(FRAC_PI_2), Just(-FRAC_PI_2), Just(PI), -7.0f32..7.0];
    (-10.0f32..70.0, -10.0f32..60.0, angle)
        .prop_map(|(x, y, angle_rad)| MirrorAxis { through: Point::new(x, y), angle_rad })
}

fn close(a: Point, b: Point) -> bool {
    (a.x - b.x).hypot(a.y - b.y) < 1e-3
}

const SIZE: (u32, u32) = (61, 47);

proptest! {
    #[test]
    fn reflecting_twice_changes_nothing_and_keeps_distances(
        axis in axes(), a in (-99.0f32..99.0, -99.0f32..99.0), b in (-99.0f32..99.0, -99.0f32..99.0),
    ) {
        let (a, b) = (Point::new(a.0, a.1), Point::new(b.0, b.1));
        let (image_a, image_b) = (axis.reflect(a), axis.reflect(b));
        prop_assert!(close(axis.reflect(image_a), a));
        prop_assert!(((a.x - b.x).hypot(a.y - b.y) - (image_a.x - image_b.x).hypot(image_a.y - image_b.y)).abs() < 1e-3);
        let reflection = axis.reflection();
        let off_axis = (a.x - image_a.x).hypot(a.y - image_a.y) > 1e-3;
        prop_assert!(!off_axis || reflection.side(a) == reflection.side(image_a).opposite());
    }

    #[test]
    fn points_along_the_axis_stay(axis in axes(), t in -50.0f32..50.0) {
        let (through, (dx, dy)) = (axis.snapped_through(), axis.direction());
        let on = Point::new(through.x + t * dx, through.y + t * dy);
        prop_assert!(close(axis.reflect(on), on), "{:?} becomes {:?}", on, axis.reflect(on));
        prop_assert!(dy < 0.0 || dx > 0.99, "up, or to the right");
    }

    #[test]
    fn the_sides_hold_the_pixels_whose_centres_lie_there(axis in axes(), y in 0u32..47) {
        let reflection = axis.reflection();
        for x in 0..SIZE.0 {
            let height = reflection.height_over(f64::from(x) + 0.5, f64::from(y) + 0.5);
            if height.abs() > 1e-6 || reflection.is_exact() {
                prop_assert_eq!(reflection.columns_on(Side::Left, y, SIZE.0).contains(&x), height > 0.0);
                prop_assert_eq!(reflection.columns_on(Side::Right, y, SIZE.0).contains(&x), height < 0.0);
            }
        }
    }

    #[test]
    fn runs_and_pixels_are_mirrored_alike(axis in axes(), y in 0u32..47, start in 0u32..61, length in 1u32..61) {
        let reflection = axis.reflection();
        let columns = start..(start + length).min(SIZE.0);
        let mut pixels: Vec<_> = columns.clone().filter_map(|x| reflection.pixel(x, y, SIZE)).collect();
        for &(x, y) in &pixels {
            let centre = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            let back = reflection.point(centre);
            prop_assert!(back.x > columns.start as f32 - 1.0 && back.x < columns.end as f32 + 1.0);
        }
        pixels.sort_unstable();
        if reflection.is_exact() {
            let span = reflection.span(y, &columns, SIZE);
            let expected: Vec<_> = span.into_iter().flat_map(|(y, columns)| columns.map(move |x| (x, y))).collect();
            prop_assert_eq!(pixels, expected);
        } else {
            prop_assert_eq!(reflection.span(y, &columns, SIZE), None);
        }
    }
}

#[test]
fn upright_and_level_axes_snap_to_half_pixels() {
    let axis = |x, y, angle_rad| MirrorAxis { through: Point::new(x, y), angle_rad };
    assert_eq!(axis(10.2, 0.0, 0.0).reflection(), Reflection::Upright { sum: 20 });
    assert_eq!(axis(10.3, 0.0, 0.0005).reflection(), Reflection::Upright { sum: 21 });
    assert_eq!(axis(10.3, 7.6, PI).reflection(), Reflection::Upright { sum: 21 });
    assert_eq!(axis(10.3, 7.6, -FRAC_PI_2).reflection(), Reflection::Level { sum: 15 });
    assert_eq!(axis(10.3, 7.6, FRAC_PI_2).snapped_through(), Point::new(10.3, 7.5));
    assert!(!axis(10.3, 7.6, 0.01).reflection().is_exact());
    assert_eq!(MirrorAxis::centred(63, 10).reflection(), Reflection::Upright { sum: 63 });
    assert_eq!(MirrorAxis::centred(63, 10).reflection().pixel(31, 4, SIZE), Some((31, 4)));
}

#[test]
fn left_is_left_or_above() {
    let left = Point::new(-50.0, -50.0);
    for angle_rad in [0.0, FRAC_PI_2, PI, -FRAC_PI_2, 0.3, 0.3 + PI, 0.3 - PI] {
        let axis = MirrorAxis { through: Point::new(3.0, 2.0), angle_rad };
        assert_eq!(axis.reflection().side(left), Side::Left, "{angle_rad}");
    }
}

#[test]
fn an_axis_that_is_no_line_is_harmless() {
    for bad in [f32::NAN, f32::INFINITY, f32::MIN, 1e30] {
        for axis in [
            MirrorAxis { through: Point::new(bad, bad), angle_rad: 0.0 },
            MirrorAxis { through: Point::new(bad, 1.0), angle_rad: 0.7 },
            MirrorAxis { through: Point::new(1.0, 1.0), angle_rad: bad },
        ] {
            let reflection = axis.reflection();
            assert!(axis.reflect(Point::new(4.0, 5.0)).is_finite());
            for side in [Side::Left, Side::Right] {
                assert!(reflection.columns_on(side, 3, 61).end <= 61);
            }
            let _ = reflection.pixel(60, 46, SIZE);
        }
    }
}

#[test]
fn an_axis_survives_the_way_through_ron() {
    let axis = MirrorAxis { through: Point::new(12.5, -3.0), angle_rad: 0.25 };
    assert_eq!(ron::from_str::<MirrorAxis>(&ron::to_string(&axis).unwrap()).unwrap(), axis);
}
