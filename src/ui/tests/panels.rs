//! The panels around the canvas, from the pointer's and the keyboard's point of view.

use super::*;
use crate::editor::{DockLayout, Hint, Panel as Place};

fn open(state: EditorState) -> Harness<'static, Window> {
    let mut window = window(state, [1360.0, 860.0], Theme::Dark);
    window.run_steps(3);
    window
}

fn drag(window: &mut Harness<'_, Window>, from: egui::Pos2, to: egui::Pos2) {
    window.hover_at(from);
    window.run_steps(1);
    window.drag_at(from);
    window.run_steps(1);
    for step in 1..=8 {
        window.hover_at(from.lerp(to, step as f32 / 8.0));
        window.run_steps(1);
    }
    // `drop_at` would take the pointer away in the same frame, and then there is no place to drop at.
    let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
    window.event(egui::Event::PointerButton { pos: to, button, pressed: false, modifiers });
    window.run_steps(3);
}

#[test]
fn a_panel_can_be_hidden_resized_and_put_back() {
    let mut window = open(loaded_editor());
    assert!(window.state().state.preferences.dock_layout.is_empty());
    let line = window.get_by_label("Width of Labels").rect().center();
    drag(&mut window, line, line + egui::vec2(60.0, 0.0));
    let wider = window.state().state.dock();
    assert_ne!(wider, DockLayout::default());
    let moved = window.get_by_label("Width of Labels").rect().center();
    assert!((moved.x - line.x - 60.0).abs() < 4.0, "{moved:?} {line:?}");

    apply(&mut window.state_mut().state, Command::Do(Action::PanelHistory));
    window.run_steps(3);
    assert!(window.query_by_role_and_label(Role::Tab, "History").is_none());
    assert!(!window.state().state.dock().shows(Place::History));
    apply(&mut window.state_mut().state, Command::Do(Action::ResetLayout));
    window.run_steps(3);
    assert!(window.query_by_role_and_label(Role::Tab, "History").is_some());
    assert_eq!(window.state().state.dock(), DockLayout::default());
}

#[test]
fn a_panel_can_be_dragged_onto_another_as_a_tab() {
    let mut window = open(loaded_editor());
    let from = window.get_by_role_and_label(Role::Tab, "History").rect().left_center() + egui::vec2(20.0, 0.0);
    let onto = window.get_by_role_and_label(Role::Slider, "Direction 6").rect().center();
    drag(&mut window, from, onto);
    let layout = window.state().state.dock();
    assert_ne!(layout, DockLayout::default());
    assert!(layout.validate().is_ok());
    assert!(window.query_by_role_and_label(Role::Tab, "History").is_some());
}

#[test]
fn nothing_covers_the_canvas() {
    let mut window = open(loaded_editor());
    let from = window.get_by_role_and_label(Role::Tab, "History").rect().center();
    let mask = window.get_by_role_and_label(Role::Canvas, "Mask").rect();
    drag(&mut window, from, egui::pos2(mask.right(), mask.center().y));
    assert!(window.query_by_role_and_label(Role::Canvas, "Mask").is_some());
    assert!(window.state().state.dock().validate().is_ok());
}

#[test]
fn the_panels_keep_their_width_when_the_window_grows() {
    let width = |size: [f32; 2]| {
        let mut window = window(loaded_editor(), size, Theme::Dark);
        window.run_steps(3);
        let left = window.get_by_label("Width of Labels").rect().center().x;
        let right = window.get_by_label("Width of Attributes").rect().center().x;
        (left, size[0] - right)
    };
    let (small, large) = (width([1360.0, 860.0]), width([2560.0, 1400.0]));
    assert!((small.0 - large.0).abs() < 1.5 && (small.1 - large.1).abs() < 1.5, "{small:?} {large:?}");
    let (left, right) = width([700.0, 500.0]);
    assert!(700.0 - left - right > 240.0, "the canvas keeps room: {left} {right}");
}

#[test]
fn the_palette_finds_and_starts_a_command() {
    let mut window = open(loaded_editor());
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    window.run_steps(3);
    assert_eq!(window.state().state.dialog, Some(Dialog::CommandPalette));
    for letter in ["r", "a", "n", "d"] {
        window.event(egui::Event::Text(letter.to_owned()));
        window.run_steps(2);
    }
    assert_eq!(window.state().state.search.query, "rand");
    let seed = window.state().state.document.latent.seed;
    window.key_press(egui::Key::Enter);
    window.run_steps(3);
    assert_eq!(window.state().state.dialog, None);
    assert_ne!(window.state().state.document.latent.seed, seed);

    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    window.run_steps(2);
    window.key_press(egui::Key::ArrowDown);
    window.run_steps(2);
    assert_eq!(window.state().state.search.marked, 1);
    window.key_press(egui::Key::Escape);
    window.run_steps(2);
    assert_eq!(window.state().state.dialog, None);
}

#[test]
fn own_keys_take_the_place_of_the_usual_ones() {
    let mut state = loaded_editor();
    state.preferences.shortcuts.insert(Action::Eraser.name(), vec!["Ctrl+Alt+X".to_owned(), "nonsense".to_owned()]);
    let mut window = open(state);
    window.key_press(egui::Key::E);
    window.run_steps(2);
    assert_eq!(Action::Eraser.is_on(&window.state().state), Some(false));
    window.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::ALT, egui::Key::X);
    window.run_steps(2);
    assert_eq!(Action::Eraser.is_on(&window.state().state), Some(true));
}

#[test]
fn the_hints_come_one_after_the_other_and_never_again() {
    let mut state = loaded_editor();
    state.preferences.hints_seen = false;
    let mut window = open(state);
    for hint in Hint::ALL {
        assert!(window.query_by_label(hint.title()).is_some(), "{hint:?}");
        window.get_by_role_and_label(Role::Button, "Got it").click();
        window.run_steps(3);
    }
    assert!(window.state().state.preferences.hints_seen && window.query_by_label("Got it").is_none());
}

#[test]
fn a_label_can_be_locked_hidden_and_shown_alone() {
    let mut window = open(loaded_editor());
    let hair = window.state().state.taxonomy.label_id("hair").unwrap();
    for name in ["Lock Hair", "Hide Hair", "Solo Hair"] {
        window.get_by_role_and_label(Role::CheckBox, name).click();
        window.run_steps(2);
    }
    let state = &window.state().state;
    assert!(state.painting.rules.locked.contains(hair) && state.canvas_view.hidden.contains(hair));
    assert_eq!(state.canvas_view.solo, Some(hair));
    assert!(Action::UnlockLabels.is_enabled(state) && Action::ShowAllLabels.is_enabled(state));
}

#[test]
fn a_click_in_the_history_goes_there() {
    let mut state = loaded_editor();
    for attribute in [5, 6, 7] {
        apply(&mut state, Command::ToggleAttribute(attribute));
    }
    let all = state.document.clone();
    let mut window = open(state);
    window.get_by_role_and_label(Role::ListBoxOption, "Start").click();
    window.run_steps(2);
    assert_eq!(window.state().state.history_position(), 0);
    let last = window.state().state.history.entries().last().map(|entry| entry.label.to_owned()).unwrap();
    window.get_by_role_and_label(Role::ListBoxOption, &last).click();
    window.run_steps(2);
    assert_eq!(window.state().state.document, all);
}

#[test]
fn the_canvas_says_where_the_picture_disobeys() {
    let mut state = loaded_editor();
    super::snapshots::with_obedience(&mut state);
    let mut window = open(state);
    assert!(window.query_by_label_contains("Obedience: S agrees on").is_some());
    let row = window.get_by_role_and_label(Role::RadioButton, "Hair").rect().center();
    window.hover_at(row);
    window.run_steps(40);
    assert!(window.query_by_label_contains("of the pixels that the mask or S calls so").is_some());

    // The first pixel of the picture that is read as something else.
    let obedience = window.state().state.shown_obedience().cloned().expect("there is a comparison");
    let first = obedience.differences.iter().position(|read| *read != crate::engine::AGREES).expect("some differ");
    let side = obedience.side as usize;
    let part = egui::vec2((first % side) as f32 + 0.5, (first / side) as f32 + 0.5) / side as f32;
    let state = &window.state().state;
    let (canvas, view) = (state.canvas(), state.view);
    let area = window.get_by_role_and_label(Role::Canvas, "Mask").rect();
    let [x, y] = view.origin_px(&canvas);
    let at = area.min + egui::vec2(x, y) + part * canvas.mask[0] * view.zoom(&canvas);
    window.hover_at(at);
    window.run_steps(2);
    assert!(window.query_by_label_contains("S reads").is_some(), "the status line says it");

    window.get_by_role_and_label(Role::Button, "Obedience").click_accesskit();
    window.run_steps(2);
    assert!(window.query_by_label_contains("Obedience: S agrees on").is_none());
}
