#![allow(clippy::unwrap_used)]

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

const SETTINGS: ToolSettings<'static> = ToolSettings {
    label: 1,
    diameter_px: 5.0,
    fill_everywhere: false,
    rules: crate::document::PaintRules { locked: crate::document::LabelSet::EMPTY, only_over: None },
    symmetry: None,
    mirror_labels: &[],
    px_per_mask_px: 1.0,
};

fn forms() -> impl Strategy<Value = Form> {
    prop_oneof![Just(Form::Line), Just(Form::Rectangle), Just(Form::Ellipse)]
}

fn points() -> impl Strategy<Value = Point> {
    (-20.0f32..120.0, -20.0f32..100.0).prop_map(|(x, y)| Point::new(x, y))
}

fn press(at: Point, extend: bool, constrain: bool) -> PointerEvent {
    PointerEvent::Press { at, extend, constrain }
}

fn drawn(form: Form, path: &[Point], extend: bool, constrain: bool) -> LabelMap {
    let (mut map, mut shape) = (LabelMap::new(100, 80, 0), Shape::new(form));
    shape.handle(press(path[0], extend, constrain), &mut map, &SETTINGS);
    for &at in &path[1..] {
        shape.handle(PointerEvent::Move { at, constrain }, &mut map, &SETTINGS);
    }
    shape.handle(PointerEvent::Release { at: path[path.len() - 1] }, &mut map, &SETTINGS);
    map
}

proptest! {
    /// The way there leaves no trace.
    #[test]
    fn only_the_ends_of_a_drag_matter(form in forms(), path in vec(points(), 2..8), extend: bool, constrain: bool) {
        let ends = [path[0], path[path.len() - 1]];
        prop_assert!(drawn(form, &path, extend, constrain) == drawn(form, &ends, extend, constrain));
    }

    #[test]
    fn a_circle_is_round_and_a_square_square(from in points(), to in points(), extend: bool) {
        for form in [Form::Rectangle, Form::Ellipse] {
            // On a map that surely holds it.
            let (mut map, mut shape) = (LabelMap::new(500, 500, 0), Shape::new(form));
            let inside = |point: Point| Point::new(point.x + 200.0, point.y + 200.0);
            shape.handle(press(inside(from), extend, true), &mut map, &SETTINGS);
            shape.handle(PointerEvent::Release { at: inside(to) }, &mut map, &SETTINGS);
            if let Some(rect) = map.changed_rect_since(&LabelMap::new(500, 500, 0)) {
                prop_assert_eq!(rect.width, rect.height);
            }
        }
    }
}

#[test]
fn a_click_makes_a_dab_of_a_line_and_nothing_of_the_others() {
    let at = Point::new(50.5, 40.5);
    for (form, painted) in [(Form::Line, 21), (Form::Rectangle, 0), (Form::Ellipse, 0)] {
        assert_eq!(drawn(form, &[at], false, false).counts()[1], painted, "{form:?}");
    }
}

#[test]
fn shift_goes_on_from_the_last_line() {
    let (mut map, mut shape) = (LabelMap::new(100, 80, 0), Shape::new(Form::Line));
    let (a, b, c) = (Point::new(10.0, 10.0), Point::new(60.0, 12.0), Point::new(70.0, 70.0));
    for (from, to, extend) in [(a, b, false), (c, c, true)] {
        shape.handle(press(from, extend, false), &mut map, &SETTINGS);
        shape.handle(PointerEvent::Release { at: to }, &mut map, &SETTINGS);
    }
    let mut expected = drawn(Form::Line, &[a, b], false, false);
    SETTINGS.painter(&mut expected, b).capsule(b, c, 5.0, 1);
    assert_eq!(map, expected);
}

#[test]
fn the_overlay_frames_the_shape_and_its_mirror_image() {
    let (mut map, mut shape) = (LabelMap::new(100, 80, 0), Shape::new(Form::Rectangle));
    let settings = ToolSettings { symmetry: Some(crate::document::MirrorAxis::centred(100, 80)), ..SETTINGS };
    assert_eq!(shape.overlay(&settings), Overlay::default());
    shape.handle(press(Point::new(10.2, 10.7), false, false), &mut map, &settings);
    shape.handle(PointerEvent::Move { at: Point::new(30.9, 20.1), constrain: false }, &mut map, &settings);
    let overlay = shape.overlay(&settings);
    let of = |kind| overlay.outlines.iter().filter(move |outline| outline.kind == kind).collect::<Vec<_>>();
    let corners = [(10.0, 10.0), (31.0, 10.0), (31.0, 21.0), (10.0, 21.0)];
    assert_eq!(of(OutlineKind::Shape)[0].points, corners.map(|(x, y)| Point::new(x, y)));
    assert_eq!(of(OutlineKind::Guide)[0].points, corners.map(|(x, y)| Point::new(100.0 - x, y)));
    assert_eq!(of(OutlineKind::Handle).len(), 4);
    assert_eq!(map.counts()[1], 2 * 21 * 11);
}
