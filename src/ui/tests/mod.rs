#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compared;
mod controls;
mod names;
mod panels;
mod photo;
mod shortcuts;
mod snapshots;
mod timeline;
mod training;
mod variations;

use eframe::egui;
use eframe::egui::Theme;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder};

use std::time::SystemTime;

use super::*;
use crate::editor::{Action, Dialog, FilesCommand, Intent, IoDone, ModelSummary, apply};
use crate::engine::ModelRef;
use crate::label_image::{LabelImage, RawMask};
use crate::model::Provenance;
use crate::session::RecoveryEntry;
use crate::taxonomy::Taxonomy;

pub(super) fn loaded_editor() -> EditorState {
    editor_of("portrait", "Drawn portraits")
}

fn editor_of(taxonomy: &str, title: &str) -> EditorState {
    let taxonomy = Taxonomy::builtin(taxonomy).unwrap();
    let mut state = EditorState::new(taxonomy.clone(), 1);
    state.preferences.hints_seen = true;
    let summary = ModelSummary {
        reference: ModelRef::Bundled(taxonomy.name.clone()),
        name: taxonomy.name.clone(),
        title: title.to_owned(),
        taxonomy,
        resolution: 128,
        license: "CC0-1.0".to_owned(),
        n_z: 64,
        provenance: Provenance::default(),
        direction_names: Default::default(),
        hash: String::new(),
        directions: vec![1.0; 24],
        has_segmentor: true,
    };
    apply(&mut state, Command::ModelLoaded(Box::new(summary)));
    state
}

struct Window {
    state: EditorState,
    commands: Vec<Command>,
}

/// The window without a graphics card: commands are kept and carried out, effects dropped.
fn window(state: EditorState, size: [f32; 2], theme: Theme) -> Harness<'static, Window> {
    window_from(Harness::builder(), state, size, theme)
}

fn window_from(
    builder: HarnessBuilder<Window>,
    state: EditorState,
    size: [f32; 2],
    theme: Theme,
) -> Harness<'static, Window> {
    let draw = |ui: &mut Ui, window: &mut Window| {
        let mut commands = Vec::new();
        show(ui, &window.state, &mut commands);
        for command in commands {
            apply(&mut window.state, command.clone());
            window.commands.push(command);
        }
    };
    builder
        .with_size(size)
        .with_theme(theme)
        .with_context_setup(theme::install)
        .build_ui_state(draw, Window { state, commands: Vec::new() })
}

#[test]
fn clicks_become_commands() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
    window.run_steps(2);
    window.get_by_role_and_label(Role::CheckBox, "Smiling").click();
    window.run_steps(2);
    let smiling = window.state().state.taxonomy.attribute_index("Smiling").unwrap();
    assert!(window.state().commands.iter().any(|c| matches!(c, Command::ToggleAttribute(index) if *index == smiling)));
    assert_eq!(window.state().state.document.attributes[smiling], 1.0);

    window.get_by_role_and_label(Role::RadioButton, "Hair").click();
    window.get_by_role_and_label(Role::Button, "Eraser").click();
    window.run_steps(2);
    let hair = window.state().state.taxonomy.label_id("hair").unwrap();
    assert_eq!(window.state().state.painting.label, hair);
    assert_eq!(Action::Eraser.is_on(&window.state().state), Some(true));
}

#[test]
fn keys_become_actions() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Light);
    window.run_steps(2);
    window.key_press(egui::Key::E);
    window.key_press(egui::Key::Num9);
    window.run_steps(2);
    let hair = window.state().state.taxonomy.label_id("hair").unwrap();
    assert_eq!(window.state().state.painting.label, hair);
    window.key_press(egui::Key::R);
    window.run_steps(2);
    assert!(window.state().state.history.can_undo());
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.run_steps(2);
    assert!(!window.state().state.history.can_undo() && window.state().state.history.can_redo());
    window.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, egui::Key::Z);
    window.run_steps(2);
    assert!(!window.state().state.history.can_redo());
}

#[test]
fn a_screen_reader_moves_a_latent_direction_as_one_entry() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
    window.run_steps(2);
    window.get_by_role_and_label(Role::Slider, "Direction 2").set_value_accesskit(1.5);
    window.run_steps(3);
    assert_eq!(window.state().state.offset(1), 1.5);
    assert!(window.state().state.history.can_undo() && !window.state().state.has_open_edit());
}

#[test]
fn painting_with_the_pointer_is_one_stroke() {
    let mut window = window(loaded_editor(), [1360.0, 860.0], Theme::Dark);
    window.run_steps(2);
    let before = window.state().state.document.labels.clone();
    let middle = window.get_by_role_and_label(Role::Canvas, "Mask").rect().center();
    window.hover_at(middle);
    window.run_steps(1);
    window.drag_at(middle);
    window.run_steps(1);
    for step in 1..10 {
        window.hover_at(middle + egui::vec2(step as f32 * 6.0, 0.0));
        window.run_steps(1);
    }
    window.drop_at(middle + egui::vec2(60.0, 0.0));
    window.run_steps(2);
    let state = &window.state().state;
    assert_ne!(state.document.labels, before);
    assert_eq!(state.history.entries().count(), 1);
}

#[test]
fn dialogs_can_be_left() {
    for dialog in [Dialog::Shortcuts, Dialog::EditShortcuts, Dialog::ModelCard, Dialog::About, Dialog::Preferences] {
        let mut state = loaded_editor();
        state.dialog = Some(dialog);
        let mut window = window(state, [900.0, 600.0], Theme::Dark);
        window.run_steps(3);
        window.get_by_role_and_label(Role::Button, "Close").click();
        window.run_steps(3);
        assert_eq!(window.state().state.dialog, None);
    }
}

/// A window that shows a dialog, after a few frames.
fn with_dialog(state: EditorState) -> Harness<'static, Window> {
    let mut window = window(state, [900.0, 600.0], Theme::Light);
    window.run_steps(3);
    window
}

#[test]
fn recovery_offers_each_document_by_name() {
    let mut state = loaded_editor();
    let entry = |id: &str, original: Option<&str>| RecoveryEntry {
        id: id.to_owned(),
        original: original.map(Into::into),
        modified: SystemTime::now(),
        bytes: 5000,
    };
    let found = vec![entry("1-a.1.scgan", Some("/home/Gesicht.scgan")), entry("1-a.2.scgan", None)];
    apply(&mut state, Command::Io(IoDone::RecoveryFound(found)));
    let mut window = with_dialog(state);
    assert!(window.query_by_label("Gesicht.scgan").is_some() && window.query_by_label("Untitled").is_some());
    window.get_all_by_role_and_label(Role::Button, "Recover").next().unwrap().click();
    window.run_steps(2);
    let recovered =
        |command: &Command| matches!(command, Command::Files(FilesCommand::Recover(id)) if id == "1-a.1.scgan");
    assert!(window.state().commands.iter().any(recovered));
}

#[test]
fn foreign_labels_are_listed_with_a_choice_each() {
    let mut state = loaded_editor();
    let foreign = Taxonomy::builtin("celebamask-19").unwrap();
    let labels = LabelImage::from_ids(4, 1, vec![17, 17, 14, 13]).unwrap();
    let raw = Box::new(RawMask::from_labels(&labels, &foreign));
    apply(&mut state, Command::Io(IoDone::MaskUnknown { path: "m.png".into(), raw }));
    let outside = with_dialog(loaded_editor()).get_all_by_role(Role::ComboBox).count();
    let mut window = with_dialog(state);
    let choices = window.get_all_by_role(Role::ComboBox).count();
    assert_eq!(choices - outside, 3);
    assert!(window.query_by_label("Label 14").is_some());
    window.get_by_role_and_label(Role::Button, "Open mask").click();
    window.run_steps(2);
    assert!(window.state().state.dialog.is_none() && window.state().state.history.can_undo());
}

#[test]
fn preferences_change_at_once() {
    let mut state = loaded_editor();
    apply(&mut state, Command::Do(Action::ShowPreferences));
    let mut window = with_dialog(state);
    window.get_by_role_and_label(Role::CheckBox, "Offer unsaved work at the next start").click();
    window.get_by_role_and_label(Role::RadioButton, "Light").click();
    window.run_steps(2);
    let state = &window.state().state;
    assert!(!state.preferences.autosave && Action::ThemeLight.is_on(state) == Some(true));
    window.get_by_role_and_label(Role::Button, "Close").click();
    window.run_steps(2);
    assert!(window.state().state.dialog.is_none());
}

#[test]
fn a_session_open_elsewhere_and_a_revert_leave_a_choice() {
    for (dialog, buttons) in [
        (Dialog::OpenElsewhere("/home/face.scgan".into()), ["Open a copy", "Open anyway", "Cancel"].as_slice()),
        (Dialog::Unsaved(Intent::Revert), &["Revert", "Cancel"]),
    ] {
        let mut state = loaded_editor();
        state.dialog = Some(dialog);
        let window = with_dialog(state);
        for button in buttons {
            assert!(window.query_by_role_and_label(Role::Button, button).is_some(), "{button}");
        }
    }
}
