#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod names;
mod panels;
mod snapshots;

use eframe::egui;
use eframe::egui::Theme;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder};

use super::*;
use crate::editor::{Action, Dialog, ModelSummary, apply};
use crate::model::Provenance;
use crate::taxonomy::Taxonomy;

pub(super) fn loaded_editor() -> EditorState {
    editor_of("portrait", "Drawn portraits")
}

fn editor_of(taxonomy: &str, title: &str) -> EditorState {
    let taxonomy = Taxonomy::builtin(taxonomy).unwrap();
    let mut state = EditorState::new(taxonomy.clone(), 1);
    state.hints_seen = true;
    let summary = ModelSummary {
        name: taxonomy.name.clone(),
        title: title.to_owned(),
        taxonomy,
        resolution: 128,
        license: "CC0-1.0".to_owned(),
        n_z: 64,
        provenance: Provenance::default(),
        hash: String::new(),
        directions: vec![1.0; 24],
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
    for dialog in [Dialog::Shortcuts, Dialog::ModelCard, Dialog::About] {
        let mut state = loaded_editor();
        state.dialog = Some(dialog);
        let mut window = window(state, [900.0, 600.0], Theme::Dark);
        window.run_steps(3);
        window.get_by_role_and_label(Role::Button, "Close").click();
        window.run_steps(3);
        assert_eq!(window.state().state.dialog, None);
    }
}
