#![allow(clippy::unwrap_used)]

use super::*;
use crate::document::tools::OutlineKind;
use crate::document::{LabelMap, Point};
use crate::editor::{Action, Command, apply};
use crate::taxonomy::Taxonomy;

const CORNERS: [(f32, f32); 3] = [(100.0, 100.0), (400.0, 100.0), (100.0, 400.0)];

fn editor(taxonomy: &str) -> EditorState {
    let mut state = EditorState::new(Taxonomy::builtin(taxonomy).unwrap(), 1);
    state.document.labels = LabelMap::new(512, 512, 0);
    state
}

fn send(state: &mut EditorState, event: PointerEvent) {
    apply(state, Command::Pointer(event, PointerModifiers::default()));
}

fn press((x, y): (f32, f32)) -> PointerEvent {
    PointerEvent::Press { at: Point::new(x, y), extend: false, constrain: false }
}

fn click(state: &mut EditorState, at: (f32, f32)) {
    send(state, PointerEvent::Move { at: Point::new(at.0, at.1), constrain: false });
    send(state, press(at));
    send(state, PointerEvent::Release { at: Point::new(at.0, at.1) });
}

#[test]
fn a_polygon_is_one_entry_over_all_its_clicks() {
    let mut state = editor("portrait");
    state.painting.tool = ToolKind::Polygon;
    apply(&mut state, Command::SelectLabel(3));
    for corner in CORNERS {
        click(&mut state, corner);
        assert!(state.painting.is_active() && state.tool_overlay().outlines[0].kind == OutlineKind::Shape);
    }
    assert!(state.document.labels == LabelMap::new(512, 512, 0), "nothing is painted before it is closed");
    send(&mut state, PointerEvent::Confirm);
    assert!(!state.painting.is_active() && state.tool_overlay().outlines.is_empty());
    assert!(state.pixel_counts[3].abs_diff(300 * 300 / 2) < 400, "{} pixels", state.pixel_counts[3]);
    assert_eq!(state.history.undo_label(), Some("Polygon Eyes"));
    apply(&mut state, Command::Do(Action::Undo));
    assert!(state.document.labels == LabelMap::new(512, 512, 0) && !state.history.can_undo());
}

#[test]
fn picking_a_label_meanwhile_does_not_break_a_polygon_off_but_another_tool_does() {
    let mut state = editor("portrait");
    state.document.labels.fill_row(500, 0..512, 7);
    state.painting.tool = ToolKind::Polygon;
    CORNERS.into_iter().for_each(|corner| click(&mut state, corner));
    let alt = PointerModifiers { alt: true, ..PointerModifiers::default() };
    apply(&mut state, Command::Pointer(press((50.0, 500.5)), alt));
    send(&mut state, PointerEvent::Release { at: Point::new(50.0, 500.5) });
    assert_eq!((state.painting.label, state.painting.is_active()), (7, true));
    click(&mut state, CORNERS[0]);
    assert!(state.pixel_counts[7] > 40_000, "a click on the first corner closed it, with the label picked");

    CORNERS.into_iter().for_each(|corner| click(&mut state, corner));
    let before = state.document.labels.clone();
    state.painting.tool = ToolKind::Rectangle;
    send(&mut state, press((10.0, 10.0)));
    assert!(state.painting.is_active());
    send(&mut state, PointerEvent::Cancel);
    assert!(state.document.labels == before && !state.painting.is_active() && !state.has_open_edit());
    assert_eq!(state.history.entries().count(), 1);
}

#[test]
fn a_stroke_whose_release_was_lost_is_kept() {
    let mut state = editor("portrait");
    send(&mut state, press((50.0, 50.0)));
    click(&mut state, (300.0, 300.0));
    assert_eq!(state.history.entries().count(), 1);
    assert!(state.document.labels.get(50, 50) == Some(1) && state.document.labels.get(300, 300) == Some(1));
}

#[test]
fn rules_and_symmetry_reach_the_tools() {
    let mut state = editor("celebamask-19");
    let [left, right] = ["l_eye", "r_eye"].map(|name| state.taxonomy.label_id(name).unwrap());
    let locked = state.taxonomy.label_id("hair").unwrap();
    state.document.labels.fill_row(100, 0..512, locked);
    state.painting.rules.locked.set(locked, true);
    state.painting.symmetry = Some(MirrorAxis::centred(512, 512));
    apply(&mut state, Command::SelectLabel(left));
    click(&mut state, (100.5, 100.5));
    let labels = &state.document.labels;
    assert_eq!((labels.get(100, 104), labels.get(411, 104)), (Some(left), Some(right)));
    assert!((0..512).all(|x| labels.get(x, 100) == Some(locked)));
    assert!(labels.counts()[usize::from(left)] == labels.counts()[usize::from(right)]);
}

#[test]
fn a_moved_part_is_one_entry_and_stays_when_another_tool_or_undo_comes() {
    let mut state = editor("portrait");
    (200..220).for_each(|y| _ = state.document.labels.fill_row(y, 200..240, 3));
    let before = state.document.labels.clone();
    for comes_undo in [false, true] {
        state.painting.tool = ToolKind::Transform;
        click(&mut state, (220.0, 210.0));
        assert!(state.painting.is_active() && state.document.labels == before);
        for (from, to) in [((220.0, 210.0), (100.0, 100.0)), ((100.0, 100.0), (150.0, 110.0))] {
            send(&mut state, press(from));
            send(&mut state, PointerEvent::Release { at: Point::new(to.0, to.1) });
        }
        let moved = state.document.labels.clone();
        assert!(moved.get(150, 110) == Some(3) && moved.get(220, 210) == Some(0) && state.has_open_edit());
        if !comes_undo {
            state.painting.tool = ToolKind::Picker;
            click(&mut state, (5.0, 5.0));
            assert!(state.document.labels == moved && !state.painting.is_active());
            assert_eq!(state.history.undo_label(), Some("Move part"));
        }
        apply(&mut state, Command::Do(Action::Undo));
        assert!(state.document.labels == before && !state.history.can_undo() && !state.painting.is_active());
    }
}

#[test]
fn undo_during_a_gesture_takes_back_the_gesture_alone() {
    let mut state = editor("portrait");
    click(&mut state, (50.0, 50.0));
    let painted = state.document.labels.clone();
    state.painting.tool = ToolKind::Polygon;
    CORNERS.into_iter().take(2).for_each(|corner| click(&mut state, corner));
    apply(&mut state, Command::Do(Action::Undo));
    assert!(
        !state.painting.is_active() && state.document.labels == painted,
        "the open polygon is gone, the dab is not"
    );
    apply(&mut state, Command::Do(Action::Undo));
    assert!(state.document.labels != painted);
}
