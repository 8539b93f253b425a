use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn settings(diameter_px: f32) -> ToolSettings<'static> {
    ToolSettings { label: 1, diameter_px, ..ToolSettings::default() }
}

fn press(at: Point, extend: bool) -> PointerEvent {
    PointerEvent::Press { at, extend, constrain: false }
}

fn drag(at: Point) -> PointerEvent {
    PointerEvent::Move { at, constrain: false }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(x, y)
}

/// Replays a stroke through `path` on an empty map.
fn stroke(path: &[Point], diameter_px: f32) -> LabelMap {
    let mut map = LabelMap::new(100, 80, 0);
    let mut brush = Brush::default();
    let settings = settings(diameter_px);
    brush.handle(press(path[0], false), &mut map, &settings);
    for &at in &path[1..] {
        brush.handle(drag(at), &mut map, &settings);
    }
    brush.handle(PointerEvent::Release { at: path[path.len() - 1] }, &mut map, &settings);
    map
}

fn painted(map: &LabelMap) -> Vec<(u32, u32)> {
    let places = (0..map.height()).flat_map(|y| (0..map.width()).map(move |x| (x, y)));
    places.filter(|&(x, y)| map.get(x, y) == Some(1)).collect()
}

fn distance_to_path(path: &[Point], x: u32, y: u32) -> f32 {
    let to_segment = |a: Point, b: Point| {
        let (px, py, dx, dy) = (x as f32 + 0.5 - a.x, y as f32 + 0.5 - a.y, b.x - a.x, b.y - a.y);
        let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        (px - t * dx).hypot(py - t * dy)
    };
    path.iter().zip(&path[path.len().min(2) - 1..]).map(|(&a, &b)| to_segment(a, b)).fold(f32::MAX, f32::min)
}

fn paths() -> impl Strategy<Value = Vec<Point>> {
    vec((0.0f32..100.0, 0.0f32..80.0).prop_map(|(x, y)| point(x, y)), 1..8)
}

proptest! {
    #[test]
    fn a_stroke_covers_its_path_and_stays_within_the_radius(path in paths(), diameter_px in 1.0f32..30.0) {
        let map = stroke(&path, diameter_px);
        for (x, y) in (0..80).flat_map(|y| (0..100).map(move |x| (x, y))) {
            let excess = distance_to_path(&path, x, y) - diameter_px / 2.0;
            let is_painted = map.get(x, y) == Some(1);
            // The pixel under the press is painted even when its centre is out of a thin brush's reach.
            let is_pressed = map.pixel_at(path[0]) == Some((x, y));
            prop_assert!(!is_painted || excess < 0.01 || is_pressed, "{} {} painted, {} outside", x, y, excess);
            prop_assert!(is_painted || (excess > -0.01 && !is_pressed), "{} {} left out, {} inside", x, y, -excess);
        }
    }

    #[test]
    fn a_stroke_has_no_gaps(path in paths(), diameter_px in 1.0f32..3.0) {
        let mut open = painted(&stroke(&path, diameter_px));
        let mut reached: Vec<_> = open.pop().into_iter().collect();
        let mut next = 0;
        while next < reached.len() {
            let (x, y) = reached[next];
            let (near, far) = open.into_iter().partition(|&(a, b): &(u32, u32)| a.abs_diff(x) <= 1 && b.abs_diff(y) <= 1);
            reached.extend::<Vec<_>>(near);
            open = far;
            next += 1;
        }
        prop_assert!(open.is_empty(), "{:?} are not joined to the rest", open);
    }

    #[test]
    fn the_rate_of_events_does_not_matter(corners in vec((0u8..25, 0u8..20), 2..6), diameter_px in 1.0f32..20.0) {
        let corners: Vec<_> = corners.iter().map(|&(x, y)| point(f32::from(x) * 4.0, f32::from(y) * 4.0)).collect();
        // Sixteenths of a segment between such corners are exact.
        let dense: Vec<_> = corners.windows(2).flat_map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            (0..=16).map(move |i| f32::from(i as u8) / 16.0).map(move |t| point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
        }).collect();
        prop_assert!(stroke(&dense, diameter_px) == stroke(&corners, diameter_px));
    }

    #[test]
    fn a_press_of_diameter_one_paints_the_pixel_under_the_pointer(x in 0.0f32..100.0, y in 0.0f32..80.0) {
        for at in [point(x, y), point(x.floor(), y.floor()), point(x.floor(), y)] {
            prop_assert_eq!(painted(&stroke(&[at], 1.0)), vec![(at.x as u32, at.y as u32)]);
        }
    }
}

#[test]
fn a_line_goes_on_from_where_the_last_stroke_ended() {
    let mut map = LabelMap::new(100, 80, 0);
    let mut brush = Brush::default();
    let settings = settings(3.0);
    let (a, b) = (point(10.0, 10.0), point(70.0, 50.0));
    for (at, extend) in [(a, true), (b, true)] {
        brush.handle(press(at, extend), &mut map, &settings);
        assert_eq!(
            brush.handle(PointerEvent::Release { at }, &mut map, &settings),
            ToolOutput::Finished { label: "Paint" }
        );
    }
    assert_eq!(map, stroke(&[a, b], 3.0));
}

#[test]
fn a_cancelled_stroke_leaves_no_trace_not_even_its_last_point() {
    let mut map = LabelMap::new(100, 80, 0);
    let mut brush = Brush::default();
    let settings = settings(5.0);
    let (a, b, c) = (point(10.0, 10.0), point(90.0, 70.0), point(20.0, 60.0));
    brush.handle(press(a, false), &mut map, &settings);
    brush.handle(PointerEvent::Release { at: a }, &mut map, &settings);
    let before = map.clone();
    brush.handle(press(b, false), &mut map, &settings);
    brush.handle(drag(c), &mut map, &settings);
    assert_ne!(map, before);
    assert_eq!(brush.handle(PointerEvent::Cancel, &mut map, &settings), ToolOutput::Cancelled);
    assert_eq!(map, before);
    brush.handle(press(c, true), &mut map, &settings);
    assert_eq!(map, stroke(&[a, c], 5.0));
}

#[test]
fn a_stroke_whose_release_was_lost_goes_on_without_a_line() {
    let mut map = LabelMap::new(100, 80, 0);
    let mut brush = Brush::default();
    let settings = settings(5.0);
    for at in [point(10.0, 10.0), point(90.0, 70.0)] {
        brush.handle(press(at, false), &mut map, &settings);
    }
    assert_eq!(map.get(50, 40), Some(0));
    brush.handle(PointerEvent::Cancel, &mut map, &settings);
    assert_eq!(map, LabelMap::new(100, 80, 0));
}
