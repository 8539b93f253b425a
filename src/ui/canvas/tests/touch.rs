//! Fingers on the canvas.

use eframe::egui::{TouchDeviceId, TouchId};

use super::*;

fn touch(id: u64, phase: TouchPhase, pos: Pos2) -> Event {
    Event::Touch { device_id: TouchDeviceId(1), id: TouchId(id), phase, pos, force: None }
}

/// The first finger comes as a touch and as a pointer, as egui's backend sends it.
#[test]
fn a_finger_paints_once_and_a_second_one_takes_its_stroke_back() {
    let mut screen = screen(loaded_editor(), 2.0, |_| {});
    let before = screen.state().state.document.labels.clone();
    let first = mask_middle(&screen);
    let second = first + vec2(120.0, 10.0);
    frame_of(&mut screen, [touch(1, TouchPhase::Start, first), Event::PointerMoved(first), button(first, true)]);
    let moved = first + vec2(20.0, 0.0);
    frame_of(&mut screen, [touch(1, TouchPhase::Move, moved), Event::PointerMoved(moved)]);
    assert_eq!(pointer_events(&screen).len(), 2, "one press and one move");
    assert_ne!(screen.state().state.document.labels, before);
    frame_of(&mut screen, [touch(2, TouchPhase::Start, second)]);
    assert_eq!(pointer_events(&screen).last(), Some(&PointerEvent::Cancel));
    assert!(screen.state().state.document.labels == before, "the stroke is taken back");
    let (apart, spread) = (moved - vec2(40.0, 0.0), second + vec2(40.0, 0.0));
    frame_of(
        &mut screen,
        [touch(1, TouchPhase::Move, apart), Event::PointerMoved(apart), touch(2, TouchPhase::Move, spread)],
    );
    let state = &screen.state().state;
    assert!(state.view.zoom(&state.canvas()) > View::Fit.zoom(&state.canvas()), "pulling apart zooms in");
    frame_of(&mut screen, [touch(2, TouchPhase::End, spread)]);
    frame_of(&mut screen, [touch(1, TouchPhase::Move, first), Event::PointerMoved(first)]);
    frame_of(&mut screen, [touch(1, TouchPhase::End, first), button(first, false), Event::PointerGone]);
    let state = &screen.state().state;
    assert!(state.document.labels == before && !state.history.can_undo() && !state.painting.is_active());
    // A new finger paints again.
    frame_of(&mut screen, [touch(3, TouchPhase::Start, first), Event::PointerMoved(first), button(first, true)]);
    frame_of(&mut screen, [touch(3, TouchPhase::End, first), button(first, false), Event::PointerGone]);
    assert_ne!(screen.state().state.document.labels, before);
}

#[test]
fn a_touch_that_the_system_takes_away_paints_nothing() {
    let mut screen = screen(loaded_editor(), 1.0, |_| {});
    let before = screen.state().state.document.labels.clone();
    let at = mask_middle(&screen);
    frame_of(&mut screen, [touch(1, TouchPhase::Start, at), Event::PointerMoved(at), button(at, true)]);
    frame_of(&mut screen, [touch(1, TouchPhase::Cancel, at), Event::PointerGone]);
    assert!(screen.state().state.document.labels == before && !screen.state().state.painting.is_active());
}
