#![allow(clippy::unwrap_used)]

use super::*;
use crate::document::{History, LabelSet, LatentState, MirrorAxis, Side, Snapshot, Timeline, copy_half};
use crate::taxonomy::LabelId;
use proptest::collection::vec;
use proptest::prelude::*;

const MIRROR: [LabelId; 6] = [0, 1, 2, 4, 3, 5];
const SIDE: u32 = 128;

fn settings() -> ToolSettings<'static> {
    ToolSettings { label: 1, px_per_mask_px: 4.0, mirror_labels: &MIRROR, ..Default::default() }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(x, y)
}

fn block(map: &mut LabelMap, (x, y): (u32, u32), (width, height): (u32, u32), id: LabelId) {
    (y..y + height).for_each(|y| _ = map.fill_row(y, x..x + width, id));
}

/// Background with a skin, on it a nose, two eyes and a slanted brow of single pixels.
fn face() -> LabelMap {
    let mut map = LabelMap::new(SIDE, SIDE, 0);
    block(&mut map, (16, 16), (96, 100), 1);
    block(&mut map, (58, 60), (10, 20), 2);
    block(&mut map, (36, 45), (12, 6), 3);
    block(&mut map, (80, 45), (12, 6), 4);
    (0..14).for_each(|i| _ = map.set(34 + i, 40 - i / 2, 5));
    map
}

const NOSE: Point = Point::new(62.5, 70.5);
const LEFT_EYE: Point = Point::new(40.5, 48.0);

fn press(tool: &mut Transform, at: Point, map: &mut LabelMap) -> ToolOutput {
    tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, map, &settings())
}

fn drag(tool: &mut Transform, from: Point, to: Point, constrain: bool, map: &mut LabelMap) {
    press(tool, from, map);
    tool.handle(PointerEvent::Move { at: to, constrain }, map, &settings());
    tool.handle(PointerEvent::Release { at: to }, map, &settings());
}

fn click(tool: &mut Transform, at: Point, extend: bool, map: &mut LabelMap) {
    tool.handle(PointerEvent::Press { at, extend, constrain: false }, map, &settings());
    tool.handle(PointerEvent::Release { at }, map, &settings());
}

/// A tool with the part under a point selected.
fn selected(at: Point, map: &mut LabelMap) -> Transform {
    let mut tool = Transform::default();
    let before = map.clone();
    click(&mut tool, at, false, map);
    assert!(tool.is_active() && *map == before, "selecting alone changes nothing");
    tool
}

fn pixels(map: &LabelMap, id: LabelId) -> Vec<(u32, u32)> {
    let places = (0..map.height()).flat_map(|y| (0..map.width()).map(move |x| (x, y)));
    places.filter(|&(x, y)| map.get(x, y) == Some(id)).collect()
}

fn events() -> impl Strategy<Value = PointerEvent> {
    let at = || (-20.0f32..150.0, -20.0f32..150.0).prop_map(|(x, y)| point(x, y));
    let on_part = prop_oneof![Just(NOSE), Just(LEFT_EYE), Just(point(86.0, 48.0)), Just(point(30.0, 100.0))];
    let press = (prop_oneof![2 => on_part, 1 => at()], any::<bool>());
    prop_oneof![
        3 => press.prop_map(|(at, extend)| PointerEvent::Press { at, extend, constrain: false }),
        6 => (at(), any::<bool>()).prop_map(|(at, constrain)| PointerEvent::Move { at, constrain }),
        3 => at().prop_map(|at| PointerEvent::Release { at }),
        1 => Just(PointerEvent::Confirm),
    ]
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
    #[test]
    fn locked_labels_never_change_and_only_one_label_is_painted_over(
        gesture in vec((events(), 0u8..8), 1..30), locked in vec(0u8..6, 0..3), only_over in proptest::option::of(0u8..3),
    ) {
        let locked: LabelSet = locked.into_iter().collect();
        let settings = ToolSettings { rules: PaintRules { locked, only_over }, ..settings() };
        let (mut map, mut tool) = (face(), Transform::default());
        let mut at_rest = map.clone();
        for (event, key) in gesture {
            tool.handle(event, &mut map, &settings);
            match key {
                0 => drop(tool.flip_horizontally(&mut map, &MIRROR)),
                1 => drop(tool.flip_vertically(&mut map)),
                2 => drop(tool.nudge(5, -3, &mut map)),
                _ => {}
            }
            prop_assert_eq!(map.counts().iter().sum::<u64>(), u64::from(SIDE * SIDE));
            for (x, y) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))) {
                let (old, new) = (at_rest.get(x, y).unwrap(), map.get(x, y).unwrap());
                prop_assert!(old == new || settings.rules.allow(old, new), "{} became {}", old, new);
            }
            if !tool.is_active() {
                at_rest = map.clone();
            }
        }
        let was_active = tool.is_active();
        let output = tool.handle(PointerEvent::Cancel, &mut map, &settings);
        prop_assert_eq!(output, if was_active { ToolOutput::Cancelled } else { ToolOutput::Nothing });
        prop_assert!(map == at_rest && !tool.is_active());
    }

    #[test]
    fn a_hundred_small_moves_equal_one_big_one(dx in -60.0f32..60.0, dy in -60.0f32..60.0, nose: bool) {
        let at = if nose { NOSE } else { LEFT_EYE };
        let end = point(at.x + dx, at.y + dy);
        let way = |i: u16| point(at.x + dx * f32::from(i) / 100.0, at.y + dy * f32::from(i) / 100.0);
        let (mut once, mut often, mut thrice) = (face(), face(), face());
        drag(&mut selected(at, &mut once), at, end, false, &mut once);
        // In one gesture, and in many.
        let mut tool = selected(at, &mut often);
        press(&mut tool, at, &mut often);
        (1..=100).for_each(|i| _ = tool.handle(PointerEvent::Move { at: way(i), constrain: false }, &mut often, &settings()));
        tool.handle(PointerEvent::Move { at: end, constrain: false }, &mut often, &settings());
        prop_assert!(often == once);
        let mut tool = selected(at, &mut thrice);
        for pair in [(at, way(37)), (way(37), way(62)), (way(62), end)] {
            drag(&mut tool, pair.0, pair.1, false, &mut thrice);
        }
        prop_assert!(thrice == once);
    }

    #[test]
    fn whole_steps_carry_every_pixel_and_there_and_back_is_nowhere(dx in -40i32..40, dy in -40i32..40) {
        let (before, mut map) = (face(), face());
        let mut tool = selected(NOSE, &mut map);
        tool.nudge(dx, dy, &mut map);
        let moved = |(x, y): &(u32, u32)| (x.saturating_add_signed(dx), y.saturating_add_signed(dy));
        prop_assert_eq!(pixels(&map, 2), pixels(&before, 2).iter().map(moved).collect::<Vec<_>>());
        let there = point(NOSE.x + dx as f32, NOSE.y + dy as f32);
        drag(&mut tool, there, NOSE, false, &mut map);
        prop_assert!(map == before);
        prop_assert_eq!(tool.handle(PointerEvent::Confirm, &mut map, &settings()), ToolOutput::Finished { label: SELECT });
        prop_assert!(map == before && !tool.is_active());
    }

    #[test]
    fn undo_takes_back_a_whole_transform_and_redo_brings_it_again(gesture in vec(events(), 1..20)) {
        let (before, mut map, mut tool) = (face(), face(), Transform::default());
        for event in gesture {
            tool.handle(event, &mut map, &settings());
        }
        tool.handle(PointerEvent::Confirm, &mut map, &settings());
        let mut history = History::new(usize::MAX);
        history.commit("Transform part", snapshot(&before), &snapshot(&map));
        prop_assert_eq!(history.can_undo(), map != before);
        if let Some(undone) = history.undo(&snapshot(&map)) {
            prop_assert!(undone.labels == before);
            prop_assert!(history.redo(&undone).unwrap().labels == map);
        }
    }
}

/// The handle that turns, as the overlay shows it.
fn turn_handle(tool: &Transform) -> Point {
    let overlay = tool.overlay(&settings());
    let stalk = overlay.outlines.iter().find(|line| line.kind == OutlineKind::Guide && !line.closed).unwrap();
    stalk.points[1]
}

#[test]
fn quarter_turns_carry_every_pixel_and_four_of_them_are_nowhere() {
    let (before, mut map) = (face(), face());
    let mut tool = selected(NOSE, &mut map);
    // The nose's middle; to the right of it is a quarter turn from above it.
    let middle = point(63.0, 70.0);
    for quarter in 1..=4 {
        let handle = turn_handle(&tool);
        let (dx, dy) = (handle.x - middle.x, handle.y - middle.y);
        // A little off, for the constraint to put right.
        drag(&mut tool, handle, point(middle.x - dy + 0.3, middle.y + dx - 0.2), true, &mut map);
        let expected: Vec<_> = match quarter % 2 {
            1 => (65..75).flat_map(|y| (53..73).map(move |x| (x, y))).collect(),
            _ => pixels(&before, 2),
        };
        assert_eq!(pixels(&map, 2), expected, "quarter {quarter}");
    }
    assert_eq!(map, before);
    tool.handle(PointerEvent::Confirm, &mut map, &settings());
    assert_eq!(map, before);
}

#[test]
fn doubling_both_sides_makes_four_pixels_of_each() {
    let mut map = face();
    let mut tool = selected(NOSE, &mut map);
    drag(&mut tool, point(68.0, 80.0), point(78.0, 100.0), false, &mut map);
    let expected: Vec<_> = (60..100).flat_map(|y| (58..78).map(move |x| (x, y))).collect();
    assert_eq!(pixels(&map, 2), expected);
    assert_eq!(
        tool.handle(PointerEvent::Confirm, &mut map, &settings()),
        ToolOutput::Finished { label: "Transform part" }
    );
}

#[test]
fn flips_turn_around_the_part_and_exchange_left_and_right() {
    let (before, mut map) = (face(), face());
    let mut tool = selected(point(38.5, 38.5), &mut map);
    tool.flip_horizontally(&mut map, &MIRROR);
    let mirrored = pixels(&before, 5).into_iter().map(|(x, y)| (34 + 47 - x, y));
    let mut mirrored: Vec<_> = mirrored.collect();
    mirrored.sort_unstable_by_key(|&(x, y)| (y, x));
    assert_eq!(pixels(&map, 5), mirrored);
    tool.flip_horizontally(&mut map, &MIRROR);
    assert_eq!(map, before);
    assert!(tool.selection.as_ref().unwrap().untouched_pixels().is_some());

    let mut tool = selected(LEFT_EYE, &mut map);
    tool.flip_horizontally(&mut map, &MIRROR);
    assert_eq!((map.counts()[3], map.counts()[4]), (0, 144));
    tool.flip_vertically(&mut map);
    tool.flip_horizontally(&mut map, &MIRROR);
    tool.flip_vertically(&mut map);
    assert_eq!(map, before);
}

#[test]
fn a_press_elsewhere_puts_down_what_was_moved_and_else_selects_anew() {
    let mut map = face();
    let mut tool = selected(NOSE, &mut map);
    click(&mut tool, LEFT_EYE, false, &mut map);
    drag(&mut tool, LEFT_EYE, point(30.5, 100.0), false, &mut map);
    assert_eq!((pixels(&map, 2), map.get(30, 100)), (pixels(&face(), 2), Some(3)));
    let shown = map.clone();
    assert_eq!(press(&mut tool, NOSE, &mut map), ToolOutput::Finished { label: "Move part" });
    assert!(!tool.is_active() && map == shown);
}

#[test]
fn a_part_within_the_rectangle_of_another_can_be_selected() {
    let (before, mut map) = (face(), face());
    let mut tool = selected(point(30.5, 100.0), &mut map);
    drag(&mut tool, NOSE, point(NOSE.x + 3.0, NOSE.y), false, &mut map);
    assert_eq!(pixels(&map, 2), pixels(&before, 2).iter().map(|(x, y)| (x + 3, *y)).collect::<Vec<_>>());
}

#[test]
fn shift_adds_parts() {
    let (before, mut map) = (face(), face());
    let mut tool = selected(LEFT_EYE, &mut map);
    click(&mut tool, point(86.0, 48.0), true, &mut map);
    click(&mut tool, NOSE, true, &mut map);
    tool.nudge(0, 7, &mut map);
    for id in [2, 3, 4] {
        assert_eq!(pixels(&map, id), pixels(&before, id).iter().map(|(x, y)| (*x, y + 7)).collect::<Vec<_>>());
    }
    assert_eq!(pixels(&map, 5), pixels(&before, 5));
}

#[test]
fn a_lasso_from_the_background_takes_what_it_surrounds_but_no_background() {
    let (before, mut map) = (face(), face());
    let mut tool = Transform::default();
    press(&mut tool, point(5.0, 5.0), &mut map);
    for (x, y) in [(60.0, 5.0), (60.0, 30.0), (5.0, 30.0)] {
        tool.handle(PointerEvent::Move { at: point(x, y), constrain: false }, &mut map, &settings());
    }
    let lines = tool.overlay(&settings()).outlines;
    assert_eq!((lines.len(), lines[0].kind, lines[0].points.len()), (1, OutlineKind::Shape, 4));
    tool.handle(PointerEvent::Release { at: point(5.0, 30.0) }, &mut map, &settings());
    assert!(map == before && tool.is_active());
    assert_eq!(tool.copy().map(|region| (region.left(), region.width(), region.height())), Some((16, 44, 14)));

    // Around nothing but background it selects nothing.
    let mut tool = Transform::default();
    press(&mut tool, point(2.0, 2.0), &mut map);
    tool.handle(PointerEvent::Move { at: point(9.0, 2.0), constrain: false }, &mut map, &settings());
    let output = tool.handle(PointerEvent::Release { at: point(9.0, 9.0) }, &mut map, &settings());
    assert_eq!(output, ToolOutput::Finished { label: SELECT });
    assert!(!tool.is_active());
}

#[test]
fn the_press_that_selects_moves_only_after_some_way() {
    let (before, mut map) = (face(), face());
    let mut tool = Transform::default();
    press(&mut tool, NOSE, &mut map);
    let move_by = |dx: f32| PointerEvent::Move { at: point(NOSE.x + dx, NOSE.y), constrain: false };
    assert_eq!(tool.handle(move_by(0.9), &mut map, &settings()), ToolOutput::Nothing);
    assert_eq!(tool.handle(move_by(2.0), &mut map, &settings()), ToolOutput::Editing);
    assert_eq!(tool.handle(move_by(0.0), &mut map, &settings()), ToolOutput::Editing);
    assert_eq!(map, before);
}

#[test]
fn even_the_smallest_part_can_be_moved_and_the_overlay_shows_its_pixels_edges() {
    let mut map = LabelMap::new(SIDE, SIDE, 0);
    block(&mut map, (50, 50), (2, 2), 3);
    let mut tool = selected(point(51.0, 51.0), &mut map);
    let overlay = tool.overlay(&settings());
    let border = &overlay.outlines[0];
    let corners = [(52.0, 50.0), (52.0, 52.0), (50.0, 52.0), (50.0, 50.0)].map(|(x, y)| point(x, y));
    assert_eq!((border.kind, border.closed, &border.points[..]), (OutlineKind::Selection, true, &corners[..]));
    assert_eq!(overlay.outlines.iter().filter(|line| line.kind == OutlineKind::Handle).count(), 5);
    drag(&mut tool, point(51.0, 51.0), point(71.0, 61.0), false, &mut map);
    assert_eq!(pixels(&map, 3), [(70, 60), (71, 60), (70, 61), (71, 61)]);
    assert_eq!(tool.overlay(&settings()).outlines[0].points[0], point(72.0, 60.0));
}

#[test]
fn a_map_changed_by_others_is_left_alone() {
    let mut map = face();
    let mut tool = selected(NOSE, &mut map);
    tool.nudge(3, 3, &mut map);
    map.set(0, 0, 4);
    let changed = map.clone();
    assert_eq!(tool.handle(PointerEvent::Cancel, &mut map, &settings()), ToolOutput::Nothing);
    assert!(map == changed && !tool.is_active());
}

#[test]
fn a_part_is_cut_copied_and_pasted() {
    let (before, mut map) = (face(), face());
    let mut tool = selected(NOSE, &mut map);
    let copied = tool.copy().unwrap();
    assert_eq!(tool.remove(&mut map), ToolOutput::Finished { label: "Cut part" });
    assert_eq!((map.counts()[2], map.counts()[1], tool.is_active()), (0, before.counts()[1] + 200, false));
    let without = map.clone();
    assert_eq!(tool.paste(copied.clone(), &mut map, PaintRules::default()), ToolOutput::Editing);
    assert_eq!(map, before);
    tool.nudge(20, 0, &mut map);
    assert_eq!(map.counts()[2], 200);
    assert_eq!(tool.handle(PointerEvent::Cancel, &mut map, &settings()), ToolOutput::Cancelled);
    assert_eq!(map, without);
    tool.paste(copied, &mut map, PaintRules::default());
    assert_eq!(tool.handle(PointerEvent::Confirm, &mut map, &settings()), ToolOutput::Finished { label: "Paste part" });
    assert_eq!(map, before);
}

/// `cargo test --release --lib transform -- --ignored --nocapture`
#[test]
#[ignore = "measures time"]
fn how_long_a_drag_takes() {
    let mut map = LabelMap::new(512, 512, 0);
    block(&mut map, (128, 128), (256, 256), 1);
    let locked = PaintRules { locked: [9].into_iter().collect(), only_over: None };
    for (name, rules, from) in [
        ("move", PaintRules::default(), point(256.0, 256.0)),
        ("move, a label locked", locked, point(256.0, 256.0)),
        ("scale", PaintRules::default(), point(384.0, 384.0)),
        ("turn", PaintRules::default(), point(256.0, 121.0)),
    ] {
        let settings = ToolSettings { rules, ..settings() };
        let (mut map, mut tool) = (map.clone(), Transform::default());
        let started = std::time::Instant::now();
        tool.handle(
            PointerEvent::Press { at: point(256.0, 256.0), extend: false, constrain: false },
            &mut map,
            &settings,
        );
        println!("select: {:?}", started.elapsed());
        tool.handle(PointerEvent::Release { at: point(256.0, 256.0) }, &mut map, &settings);
        tool.handle(PointerEvent::Press { at: from, extend: false, constrain: false }, &mut map, &settings);
        let started = std::time::Instant::now();
        for i in 1..=100u16 {
            let at = point(from.x + f32::from(i), from.y + f32::from(i) / 2.0);
            assert_eq!(
                tool.handle(PointerEvent::Move { at, constrain: false }, &mut map, &settings),
                ToolOutput::Editing
            );
        }
        println!("{name}: {:?} an event", started.elapsed() / 100);
    }
}

/// A face whose halves mirror each other, and the axis between them.
fn symmetric_face(tilted: bool) -> (LabelMap, ToolSettings<'static>) {
    let axis = MirrorAxis { through: point(64.0, 64.0), angle_rad: if tilted { 0.2 } else { 0.0 } };
    let mut map = face();
    copy_half(&mut map, MirrorAxis::centred(SIDE, SIDE), Side::Left, PaintRules::default(), &MIRROR);
    (map, ToolSettings { symmetry: Some(axis), ..settings() })
}

/// What can be done to a part.
#[derive(Clone, Debug)]
enum Deed {
    Nudge(i32, i32),
    Flip(bool),
    /// Of a corner or the turning handle.
    Pull(usize, Point, bool),
}

fn deeds() -> impl Strategy<Value = Deed> {
    let at = (-20.0f32..150.0, -20.0f32..150.0).prop_map(|(x, y)| point(x, y));
    prop_oneof![
        (-50i32..50, -50i32..50).prop_map(|(dx, dy)| Deed::Nudge(dx, dy)),
        any::<bool>().prop_map(Deed::Flip),
        (0usize..5, at, any::<bool>()).prop_map(|(handle, to, constrain)| Deed::Pull(handle, to, constrain)),
    ]
}

fn handles(tool: &Transform, settings: &ToolSettings<'_>) -> Vec<Point> {
    let overlay = tool.overlay(settings);
    let handles = overlay.outlines.iter().filter(|line| line.kind == OutlineKind::Handle);
    handles
        .map(|line| {
            let n = line.points.len() as f32;
            point(
                line.points.iter().map(|at| at.x).sum::<f32>() / n,
                line.points.iter().map(|at| at.y).sum::<f32>() / n,
            )
        })
        .collect()
}

fn act(tool: &mut Transform, deed: &Deed, map: &mut LabelMap, settings: &ToolSettings<'_>) {
    match *deed {
        Deed::Nudge(dx, dy) => _ = tool.nudge(dx, dy, map),
        Deed::Flip(true) => _ = tool.flip_horizontally(map, &MIRROR),
        Deed::Flip(false) => _ = tool.flip_vertically(map),
        Deed::Pull(handle, to, constrain) => {
            let from = handles(tool, settings)[handle];
            tool.handle(PointerEvent::Press { at: from, extend: false, constrain }, map, settings);
            tool.handle(PointerEvent::Move { at: to, constrain }, map, settings);
            tool.handle(PointerEvent::Release { at: to }, map, settings);
        }
    }
}

proptest! {
    #[test]
    fn a_part_beside_the_axis_takes_the_other_side_with_it(
        deeds in vec(deeds(), 1..6), from_the_right: bool, locked in vec(proptest::sample::select(vec![0u8, 2, 5]), 0..2),
    ) {
        let (before, settings) = symmetric_face(false);
        let settings = ToolSettings { rules: PaintRules { locked: locked.into_iter().collect(), only_over: None }, ..settings };
        let (mut map, mut tool) = (before.clone(), Transform::default());
        let at = if from_the_right { point(86.0, 48.0) } else { LEFT_EYE };
        tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings);
        tool.handle(PointerEvent::Release { at }, &mut map, &settings);
        prop_assert_eq!(tool.has_twin(), Some(true));
        for deed in &deeds {
            act(&mut tool, deed, &mut map, &settings);
            for (x, y) in (0..SIDE).flat_map(|y| (0..SIDE / 2).map(move |x| (x, y))) {
                let image = map.get(SIDE - 1 - x, y).map(|label| MIRROR[usize::from(label)]);
                prop_assert_eq!(map.get(x, y), image, "{:?} at {} {}", deed, x, y);
            }
        }
        tool.handle(PointerEvent::Cancel, &mut map, &settings);
        prop_assert!(map == before);
    }
}

fn select_with(at: Point, map: &mut LabelMap, settings: &ToolSettings<'_>) -> Transform {
    let mut tool = Transform::default();
    tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, map, settings);
    tool.handle(PointerEvent::Release { at }, map, settings);
    tool
}

#[test]
fn the_other_eye_goes_the_mirrored_way_and_is_cut_too() {
    let (before, settings) = symmetric_face(false);
    let mut map = before.clone();
    let mut tool = select_with(LEFT_EYE, &mut map, &settings);
    assert_eq!(tool.overlay(&settings).outlines.iter().filter(|line| line.kind == OutlineKind::Selection).count(), 2);
    tool.nudge(4, 6, &mut map);
    let moved = |id: LabelId, dx: i32| -> Vec<_> {
        let pixels = pixels(&before, id).into_iter();
        pixels.map(|(x, y)| (x.saturating_add_signed(dx), y + 6)).collect()
    };
    assert_eq!((pixels(&map, 3), pixels(&map, 4)), (moved(3, 4), moved(4, -4)));
    let copied = tool.copy().unwrap();
    assert_eq!((copied.left(), copied.width()), (40, 48), "both are copied");
    tool.remove(&mut map);
    assert_eq!((map.counts()[3], map.counts()[4]), (0, 0));
    assert_eq!(tool.paste(copied, &mut map, PaintRules::default()), ToolOutput::Editing);
    assert_eq!((pixels(&map, 3), pixels(&map, 4)), (moved(3, 4), moved(4, -4)));
    assert_eq!(tool.has_twin(), Some(false), "what is pasted goes alone");
}

#[test]
fn a_part_on_the_axis_or_without_a_counterpart_goes_alone() {
    let (before, settings) = symmetric_face(false);
    let mut map = before.clone();
    map.fill_row(100, 20..26, 5);
    for at in [NOSE, point(22.0, 100.5)] {
        assert_eq!(select_with(at, &mut map.clone(), &settings).has_twin(), Some(false), "{at:?}");
    }
    // Both eyes at once go one way.
    let mut tool = select_with(LEFT_EYE, &mut map, &settings);
    tool.handle(PointerEvent::Press { at: point(86.0, 48.0), extend: true, constrain: false }, &mut map, &settings);
    assert_eq!(tool.has_twin(), Some(false));
    // Without an axis nothing is mirrored, and a tilted one finds what lies there.
    assert_eq!(selected(LEFT_EYE, &mut before.clone()).has_twin(), Some(false));
    let (mut map, settings) = symmetric_face(true);
    let at = point(40.5, 48.0);
    let image = settings.symmetry.unwrap().reflect(at);
    let (x, y) = map.pixel_at(image).unwrap();
    map.fill_row(y, x - 2..x + 3, 4);
    let mut tool = select_with(at, &mut map, &settings);
    assert_eq!(tool.has_twin(), Some(true));
    let before = pixels(&map, 4);
    tool.nudge(0, 9, &mut map);
    assert!(pixels(&map, 4) != before && !pixels(&map, 4).is_empty(), "it lies elsewhere now");
}

#[test]
fn the_counterpart_need_not_lie_exactly_across() {
    let (_, settings) = symmetric_face(false);
    let mut map = LabelMap::new(SIDE, SIDE, 1);
    block(&mut map, (30, 40), (12, 6), 3);
    // Across would be columns 86 to 97.
    block(&mut map, (94, 43), (12, 6), 4);
    let mut tool = select_with(point(32.5, 42.0), &mut map, &settings);
    assert_eq!(tool.has_twin(), Some(true));
    tool.nudge(3, 2, &mut map);
    assert_eq!((pixels(&map, 3)[0], pixels(&map, 4)[0]), ((33, 42), (91, 45)));
    // What does not even overlap belongs to something else.
    let mut map = LabelMap::new(SIDE, SIDE, 1);
    block(&mut map, (30, 40), (12, 6), 3);
    block(&mut map, (100, 43), (12, 6), 4);
    assert_eq!(select_with(point(32.5, 42.0), &mut map, &settings).has_twin(), Some(false));
}

#[test]
fn a_lasso_takes_what_lies_across_too() {
    let (before, settings) = symmetric_face(false);
    let (mut map, mut tool) = (before, Transform::default());
    tool.handle(PointerEvent::Press { at: point(5.0, 5.0), extend: false, constrain: false }, &mut map, &settings);
    for (x, y) in [(40.0, 5.0), (40.0, 30.0), (5.0, 30.0)] {
        tool.handle(PointerEvent::Move { at: point(x, y), constrain: false }, &mut map, &settings);
    }
    tool.handle(PointerEvent::Release { at: point(5.0, 30.0) }, &mut map, &settings);
    assert_eq!(tool.has_twin(), Some(true));
    tool.nudge(-10, -10, &mut map);
    let skin = pixels(&map, 1);
    assert!(skin.contains(&(10, 10)) && skin.contains(&(SIDE - 1 - 10, 10)));
}
