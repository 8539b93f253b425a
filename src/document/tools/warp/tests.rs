#![allow(clippy::unwrap_used)]

use super::*;
use crate::document::{History, LabelSet, LatentState, Snapshot, Timeline};
use proptest::collection::vec;
use proptest::prelude::*;

const SIDE: u32 = 160;

fn settings(diameter_px: f32) -> ToolSettings<'static> {
    ToolSettings { label: 1, diameter_px, ..Default::default() }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(x, y)
}

/// Stripes, rings and a thin line: borders in every direction.
fn pattern() -> LabelMap {
    let mut map = LabelMap::new(SIDE, SIDE, 0);
    for (x, y) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))) {
        let radius = (x as f32 - 80.0).hypot(y as f32 - 80.0);
        let id = if radius < 60.0 { 1 + (radius / 15.0) as u8 } else { (y / 20 % 2) as u8 };
        map.set(x, y, id);
    }
    map
}

/// A stroke through some places with `between` events on each way.
fn stroke(map: &mut LabelMap, path: &[Point], between: u16, settings: &ToolSettings) {
    let mut tool = Warp::default();
    tool.handle(PointerEvent::Press { at: path[0], extend: false, constrain: false }, map, settings);
    for pair in path.windows(2) {
        for i in 1..=between {
            let share = f32::from(i) / f32::from(between);
            let at = point(pair[0].x + (pair[1].x - pair[0].x) * share, pair[0].y + (pair[1].y - pair[0].y) * share);
            tool.handle(PointerEvent::Move { at, constrain: false }, map, settings);
        }
    }
    let output = tool.handle(PointerEvent::Release { at: path[path.len() - 1] }, map, settings);
    assert_eq!(output, ToolOutput::Finished { label: "Warp" });
}

fn different(a: &LabelMap, b: &LabelMap) -> usize {
    let places = (0..a.height()).flat_map(|y| (0..a.width()).map(move |x| (x, y)));
    places.filter(|&(x, y)| a.get(x, y) != b.get(x, y)).count()
}

fn places() -> impl Strategy<Value = Point> {
    (10.0f32..150.0, 10.0f32..150.0).prop_map(|(x, y)| point(x, y))
}

/// A brush and two places not further apart than its radius.
fn ways() -> impl Strategy<Value = (f32, [Point; 2])> {
    let way = (16.0f32..70.0, 55.0f32..105.0, 55.0f32..105.0, 0.0f32..0.5, 0.0f32..std::f32::consts::TAU);
    way.prop_map(|(diameter_px, x, y, share, angle)| {
        let (dy, dx) = angle.sin_cos();
        (diameter_px, [point(x, y), point(x + diameter_px * share * dx, y + diameter_px * share * dy)])
    })
}

fn snapshot(labels: &LabelMap) -> Snapshot {
    Snapshot {
        labels: labels.clone(),
        attributes: Vec::new(),
        latent: LatentState::default(),
        timeline: Timeline::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_rate_of_events_hardly_matters(path in vec(places(), 2..5), diameter_px in 4.0f32..90.0, between in 2u16..40) {
        let (mut few, mut many) = (pattern(), pattern());
        stroke(&mut few, &path, 1, &settings(diameter_px));
        stroke(&mut many, &path, between, &settings(diameter_px));
        let share = different(&few, &many) as f32 / different(&few, &pattern()).max(200) as f32;
        prop_assert!(share < 0.01, "{} of the changed pixels differ", share);
    }

    #[test]
    fn there_and_back_is_nearly_nowhere((diameter_px, [from, to]) in ways(), two_strokes: bool) {
        let mut map = pattern();
        let settings = settings(diameter_px);
        if two_strokes {
            stroke(&mut map, &[from, to], 5, &settings);
            stroke(&mut map, &[to, from], 7, &settings);
        } else {
            stroke(&mut map, &[from, to, from], 5, &settings);
        }
        let touched = diameter_px * ((to.x - from.x).hypot(to.y - from.y) + diameter_px);
        let share = different(&map, &pattern()) as f32 / touched;
        prop_assert!(share < 0.06, "{} of the touched pixels differ", share);
    }

    #[test]
    fn locked_labels_never_change_and_only_one_label_is_warped(
        path in vec(places(), 2..6), diameter_px in 1.0f32..100.0, locked in vec(0u8..5, 0..3),
        only_over in proptest::option::of(0u8..5), mirrored: bool,
    ) {
        let rules = PaintRules { locked: locked.into_iter().collect::<LabelSet>(), only_over };
        let symmetry = mirrored.then(|| MirrorAxis::centred(SIDE, SIDE));
        let (before, mut map) = (pattern(), pattern());
        stroke(&mut map, &path, 4, &ToolSettings { rules, symmetry, ..settings(diameter_px) });
        prop_assert_eq!(map.counts().iter().sum::<u64>(), u64::from(SIDE * SIDE));
        for (x, y) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))) {
            let (old, new) = (before.get(x, y).unwrap(), map.get(x, y).unwrap());
            prop_assert!(old == new || rules.allow(old, new), "{} became {}", old, new);
        }
    }

    #[test]
    fn nothing_happens_out_of_reach(from in places(), to in places(), diameter_px in 1.0f32..90.0) {
        let (before, mut map) = (pattern(), pattern());
        stroke(&mut map, &[from, to], 6, &settings(diameter_px));
        for (x, y) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))) {
            let (px, py, dx, dy) = (x as f32 + 0.5 - from.x, y as f32 + 0.5 - from.y, to.x - from.x, to.y - from.y);
            let share = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
            let distance = (px - share * dx).hypot(py - share * dy);
            prop_assert!(distance < diameter_px / 2.0 + 0.01 || map.get(x, y) == before.get(x, y));
        }
    }

    #[test]
    fn a_mirrored_stroke_leaves_a_mirrored_map(path in vec(places(), 2..5), diameter_px in 4.0f32..90.0) {
        let mut map = pattern();
        // The pattern's own axis runs through the middle of column 80; a copy of one half makes it symmetric.
        (0..SIDE).for_each(|y| (0..80).for_each(|x| _ = map.set(159 - x, y, map.get(x, y).unwrap())));
        let before = map.clone();
        let symmetry = Some(MirrorAxis::centred(SIDE, SIDE));
        stroke(&mut map, &path, 5, &ToolSettings { symmetry, ..settings(diameter_px) });
        let places = (0..SIDE).flat_map(|y| (0..80).map(move |x| (x, y)));
        let odd = places.filter(|&(x, y)| map.get(x, y) != map.get(159 - x, y)).count();
        prop_assert!(odd as f32 <= 0.01 * different(&map, &before) as f32, "{} pixels have another mirror image", odd);
    }

    #[test]
    fn a_push_by_up_to_the_radius_folds_nothing((diameter_px, [from, to]) in ways(), mirrored: bool) {
        let symmetry = mirrored.then(|| MirrorAxis::centred(SIDE, SIDE));
        let mut map = pattern();
        let mut stroke = Stroke::new(from, &map, &ToolSettings { symmetry, ..settings(diameter_px) });
        stroke.drag_to(to, &mut map);
        let from = |x: u32, y: u32| {
            let [dx, dy] = stroke.field.row(y, x, 1)[0];
            [x as f32 + dx, y as f32 + dy]
        };
        for (x, y) in (0..SIDE - 1).flat_map(|y| (0..SIDE - 1).map(move |x| (x, y))) {
            let (a, b, c) = (from(x, y), from(x + 1, y), from(x, y + 1));
            let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
            prop_assert!(area > 0.0, "turned inside out at {} {}: {}", x, y, area);
        }
    }

    #[test]
    fn a_stroke_is_cancelled_or_undone_whole(path in vec(places(), 2..6), diameter_px in 1.0f32..90.0) {
        let (before, mut map, settings) = (pattern(), pattern(), settings(diameter_px));
        let mut tool = Warp::default();
        for &at in &path {
            tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings);
            let to = point(at.x + 9.0, at.y - 5.0);
            tool.handle(PointerEvent::Move { at: to, constrain: false }, &mut map, &settings);
        }
        prop_assert_eq!(tool.handle(PointerEvent::Cancel, &mut map, &settings), ToolOutput::Cancelled);
        prop_assert!(map == before && !tool.is_active());
        stroke(&mut map, &path, 3, &settings);
        let mut history = History::new(usize::MAX);
        history.commit("Warp", snapshot(&before), &snapshot(&map));
        if let Some(undone) = history.undo(&snapshot(&map)) {
            prop_assert!(undone.labels == before);
            prop_assert!(history.redo(&undone).unwrap().labels == map);
        }
    }
}

#[test]
fn a_push_carries_what_is_in_the_middle() {
    let mut map = LabelMap::new(SIDE, SIDE, 0);
    (76..84).for_each(|y| _ = map.fill_row(y, 76..84, 3));
    stroke(&mut map, &[point(80.0, 80.0), point(110.0, 80.0)], 11, &settings(80.0));
    assert_eq!((map.get(109, 80), map.get(78, 80)), (Some(3), Some(0)));
    let grown = map.counts()[3] as f32 / 64.0;
    assert!((0.7..1.6).contains(&grown), "{grown} times the area");
}

#[test]
fn a_thousand_events_leave_a_thin_line_whole() {
    let mut map = LabelMap::new(SIDE, SIDE, 0);
    (79..82).for_each(|y| _ = map.fill_row(y, 0..SIDE, 5));
    let path: Vec<_> = (0..=20).map(|i| point(80.0, if i % 2 == 0 { 80.0 } else { 110.0 })).collect();
    stroke(&mut map, &path, 50, &settings(60.0));
    assert!((0..SIDE).all(|x| (0..SIDE).filter(|&y| map.get(x, y) == Some(5)).count() >= 2), "the line is broken");
}

#[test]
fn the_edge_of_the_map_follows_without_a_gap() {
    let mut map = LabelMap::new(SIDE, SIDE, 2);
    stroke(&mut map, &[point(-3.0, 50.0), point(60.0, 50.0), point(f32::MAX, 1e30)], 3, &settings(60.0));
    assert_eq!(map, LabelMap::new(SIDE, SIDE, 2));
}

/// `cargo test --release --lib warp -- --ignored --nocapture`
#[test]
#[ignore = "measures time"]
fn how_long_an_event_takes() {
    let noisy = |side: u32| {
        let mut map = LabelMap::new(side, side, 0);
        (0..side).for_each(|y| (0..side).for_each(|x| _ = map.set(x, y, ((x / 16 + y / 16) % 5) as u8)));
        map
    };
    for (side, diameter_px, step_px, mirrored) in
        [(512, 128.0, 4.0, false), (512, 128.0, 12.0, false), (512, 128.0, 4.0, true), (1024, 256.0, 8.0, false)]
    {
        let mut map = noisy(side);
        let symmetry = mirrored.then(|| MirrorAxis::centred(side, side));
        let settings = ToolSettings { symmetry, ..settings(diameter_px) };
        let mut tool = Warp::default();
        let middle = side as f32 / 2.0;
        let at = |turn: f32| point(middle + middle / 2.0 * turn.cos(), middle + middle / 2.0 * turn.sin());
        let started = std::time::Instant::now();
        tool.handle(PointerEvent::Press { at: at(0.0), extend: false, constrain: false }, &mut map, &settings);
        let pressed = started.elapsed();
        let mut times: Vec<_> = (1..=200u16)
            .map(|i| {
                let at = at(f32::from(i) * step_px / (middle / 2.0));
                let started = std::time::Instant::now();
                tool.handle(PointerEvent::Move { at, constrain: false }, &mut map, &settings);
                started.elapsed()
            })
            .collect();
        times.sort_unstable();
        let mean = times.iter().sum::<std::time::Duration>() / 200;
        println!(
            "{side}², {diameter_px} px, {step_px} px an event, mirrored {mirrored}: press {pressed:?}, an event {mean:?}, half under {:?}, at worst {:?}",
            times[100], times[199]
        );
    }
}
