//! The dialog that changes keys.

use super::*;
use crate::editor::ShortcutCommand;

fn open() -> Harness<'static, Window> {
    let mut state = loaded_editor();
    apply(&mut state, Command::Do(Action::EditShortcuts));
    with_dialog(state)
}

fn find(window: &mut Harness<'_, Window>, filter: &str) {
    apply(&mut window.state_mut().state, Command::Shortcut(ShortcutCommand::Filter(filter.to_owned())));
    window.run_steps(3);
}

fn keys(window: &Harness<'_, Window>, action: Action) -> Vec<String> {
    action.keys(&window.state().state).into_iter().map(str::to_owned).collect()
}

fn press(window: &mut Harness<'_, Window>, modifiers: egui::Modifiers, key: egui::Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(3);
}

#[test]
fn a_key_can_be_changed_and_reset() {
    let mut window = open();
    find(&mut window, "eraser");
    window.get_by_role_and_label(Role::Button, "E for Eraser").click();
    window.run_steps(3);
    press(&mut window, egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::J);
    assert_eq!(keys(&window, Action::Eraser), ["Ctrl+Shift+J"]);
    assert_eq!(window.state().state.dialog, Some(Dialog::EditShortcuts));
    window.get_by_role_and_label(Role::Button, "Usual keys for Eraser").click();
    window.run_steps(3);
    assert_eq!(keys(&window, Action::Eraser), ["E"]);
    window.get_by_role_and_label(Role::Button, "Remove E for Eraser").click();
    window.run_steps(3);
    assert!(keys(&window, Action::Eraser).is_empty());
    window.get_by_role_and_label(Role::Button, "Reset all").click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::Button, "Reset").click();
    window.run_steps(3);
    assert!(!window.state().state.has_any_own_keys());
}

#[test]
fn a_key_of_another_action_is_asked_about() {
    let mut window = open();
    find(&mut window, "eraser");
    for (answer, fill) in [("Cancel", vec!["G"]), ("Use them", vec![])] {
        window.get_by_role_and_label(Role::Button, "Add keys for Eraser").click();
        window.run_steps(3);
        press(&mut window, egui::Modifiers::NONE, egui::Key::G);
        assert!(window.query_by_label_contains("G starts «Fill»").is_some());
        window.get_by_role_and_label(Role::Button, answer).click();
        window.run_steps(3);
        assert_eq!(keys(&window, Action::Fill), fill, "{answer}");
    }
    assert_eq!(keys(&window, Action::Eraser), ["E", "G"]);
}

/// While it waits, no key closes the dialog, moves on, or presses a button.
#[test]
fn while_it_waits_every_key_is_its_own() {
    let mut window = open();
    find(&mut window, "eraser");
    for key in [egui::Key::Enter, egui::Key::Space, egui::Key::ArrowDown] {
        window.get_by_role_and_label(Role::Button, "E for Eraser").click();
        window.run_steps(3);
        press(&mut window, egui::Modifiers::NONE, key);
        assert!(window.state().state.shortcut_editor.refusal.is_some(), "{key:?}");
    }
    window.get_by_role_and_label(Role::Button, "E for Eraser").click();
    window.run_steps(3);
    press(&mut window, egui::Modifiers::NONE, egui::Key::Escape);
    assert_eq!(window.state().state.shortcut_editor.listening, None);
    assert_eq!(window.state().state.dialog, Some(Dialog::EditShortcuts));
    press(&mut window, egui::Modifiers::NONE, egui::Key::Escape);
    assert_eq!(window.state().state.dialog, None);
}

/// With the keyboard alone: to the key, into waiting, and a new one.
#[test]
fn the_keyboard_is_enough() {
    let mut window = open();
    find(&mut window, "eraser");
    let is_focused = |window: &Harness<'_, Window>| {
        window.get_by_role_and_label(Role::Button, "E for Eraser").accesskit_node().is_focused()
    };
    for _ in 0..40 {
        if is_focused(&window) {
            break;
        }
        press(&mut window, egui::Modifiers::NONE, egui::Key::Tab);
    }
    assert!(is_focused(&window), "out of the keyboard's reach");
    press(&mut window, egui::Modifiers::NONE, egui::Key::Enter);
    assert!(window.state().state.shortcut_editor.listening.is_some());
    press(&mut window, egui::Modifiers::ALT, egui::Key::E);
    assert_eq!(keys(&window, Action::Eraser), ["Alt+E"]);
}

#[test]
fn the_clipboard_s_keys_can_be_taken_away() {
    let mut state = loaded_editor();
    let name = Action::CopyPart.name();
    for (own, copies) in [(Some(vec![]), false), (None, true)] {
        state.preferences.shortcuts.clear();
        state.preferences.shortcuts.extend(own.map(|keys| (name.clone(), keys)));
        let mut window = window(loaded_with_part(&state), [1360.0, 860.0], Theme::Dark);
        window.run_steps(2);
        window.event(egui::Event::Copy);
        window.run_steps(2);
        assert_eq!(window.state().state.clipboard.is_some(), copies);
    }
}

/// An editor with these preferences whose nose is selected.
fn loaded_with_part(like: &EditorState) -> EditorState {
    use crate::document::tools::PointerEvent;
    let mut state = loaded_editor();
    state.preferences = like.preferences.clone();
    apply(&mut state, Command::Do(Action::Transform));
    let nose = state.taxonomy.label_id("nose").unwrap();
    let image = state.document.labels.to_image();
    let at = image.ids().iter().position(|id| *id == nose).unwrap();
    let at = crate::document::Point::new((at % 512) as f32 + 0.5, (at / 512) as f32 + 0.5);
    for event in [PointerEvent::Press { at, extend: false, constrain: false }, PointerEvent::Release { at }] {
        apply(&mut state, Command::Pointer(event, crate::editor::PointerModifiers::default()));
    }
    assert!(state.holds_part());
    state
}
