//! What controls a region.

use std::path::PathBuf;

use super::names::assert_named;
use super::snapshots::{pictured, save};
use super::*;
use crate::editor::{Control, ControlsCommand, Effect, End};
use crate::engine::{InfluenceRequest, Measurement, PicturePixels};
use crate::influence::Change;

fn tick(state: &mut EditorState) {
    apply(state, Command::Files(FilesCommand::Tick(std::time::Duration::from_secs(1))));
}

fn asked(effects: Vec<Effect>) -> InfluenceRequest {
    let request = effects.into_iter().find_map(|effect| match effect {
        Effect::MeasureInfluence(request) => Some(*request),
        _ => None,
    });
    request.unwrap()
}

/// What the engine would say of so many moves: the mask, tinted by the control.
fn measured(state: &EditorState, request: &InfluenceRequest, moves: usize) -> Command {
    let mask = state.document.labels.to_image().to_rgb(&state.taxonomy);
    let mask = image::imageops::blur(&image::imageops::thumbnail(&mask, 128, 128), 1.5);
    let picture = |tint: i32| {
        let rgba = mask.pixels().flat_map(|pixel| {
            let shade = |at: usize| (i32::from(pixel[at]) * 3 / 4 + tint * (at as i32 - 1)).clamp(0, 255) as u8;
            [shade(0), shade(1), shade(2), 255]
        });
        PicturePixels { width: 128, height: 128, rgba: rgba.collect::<Vec<_>>().into() }
    };
    let measured = request.moves.iter().take(moves).map(|wanted| {
        let index = (wanted.id & 0xffff) as i32;
        let change = Change { inside: (index * 37 % 23) as f32, outside: (index * 17 % 11) as f32 };
        let pictures = wanted.keeps_pictures.then(|| [-1, 1].map(|side| picture(side * (20 + index * 13 % 50))));
        Measurement { id: wanted.id, change, pictures }
    });
    Command::Controls(ControlsCommand::Measured { number: request.number, measured: measured.collect() })
}

/// An editor that has looked at the hair, so far.
fn looked(part: f32) -> EditorState {
    let mut state = loaded_editor();
    let hair = state.taxonomy.label_id("hair").unwrap();
    apply(&mut state, Command::SelectLabel(hair));
    let request = asked(apply(&mut state, Command::Do(Action::ControlsOfLabel)));
    tick(&mut state);
    let command = measured(&state, &request, (request.moves.len() as f32 * part) as usize);
    apply(&mut state, command);
    state
}

fn best_direction(state: &EditorState) -> usize {
    let direction = state.controls.findings().find_map(|finding| match finding.control {
        Control::Direction(direction) => Some(direction),
        Control::Attribute(_) => None,
    });
    direction.unwrap()
}

/// States of the panel: nothing yet, choosing, at work, done, naming, outdated, and no model.
fn states() -> Vec<(&'static str, EditorState)> {
    let mut empty = loaded_editor();
    apply(&mut empty, Command::Do(Action::PanelControls));
    let mut choosing = loaded_editor();
    apply(&mut choosing, Command::Do(Action::ControlsOfRegion));
    let mut naming = looked(1.0);
    let direction = best_direction(&naming);
    apply(&mut naming, Command::Controls(ControlsCommand::BeginName(direction)));
    let mut outdated = looked(1.0);
    let direction = best_direction(&outdated);
    for command in [
        ControlsCommand::BeginName(direction),
        ControlsCommand::TypeName("Fringe".to_owned()),
        ControlsCommand::EndName { keep: true },
        ControlsCommand::Move(Control::Direction(direction), End::High),
    ] {
        apply(&mut outdated, Command::Controls(command));
    }
    let mut alone = loaded_editor();
    alone.model.loaded = None;
    apply(&mut alone, Command::Do(Action::PanelControls));
    let (working, done) = (looked(0.4), looked(1.0));
    let all = [
        ("empty", empty),
        ("choosing", choosing),
        ("beginning", looked(0.1)),
        ("working", working),
        ("done", done),
        ("naming", naming),
        ("outdated", outdated),
        ("no-model", alone),
    ];
    all.into()
}

#[test]
fn every_control_has_a_name() {
    for (size, theme) in [([1280.0, 800.0], Theme::Dark), ([900.0, 600.0], Theme::Light)] {
        for (name, state) in states() {
            let mut window = window(state, size, theme);
            window.run_steps(4);
            assert_named(&window, name);
        }
    }
}

#[test]
fn a_region_is_drawn_round_on_the_mask_and_on_the_result() {
    for role in [(Role::Canvas, "Mask"), (Role::Image, "Result")] {
        let mut state = loaded_editor();
        super::snapshots::with_picture(&mut state);
        let mut window = window(state, [1280.0, 800.0], Theme::Dark);
        window.run_steps(2);
        window.key_press(egui::Key::Q);
        window.run_steps(3);
        assert!(window.state().state.controls.is_choosing());
        let before = window.state().state.document.clone();
        let middle = window.get_by_role_and_label(role.0, role.1).rect().center();
        window.hover_at(middle);
        window.run_steps(1);
        window.drag_at(middle);
        window.run_steps(1);
        for corner in [[60.0, 0.0], [60.0, 50.0], [0.0, 50.0]] {
            window.hover_at(middle + egui::Vec2::from(corner));
            window.run_steps(1);
        }
        window.drop_at(middle + egui::vec2(0.0, 50.0));
        window.run_steps(3);
        let state = &window.state().state;
        let region = state.controls.region().expect(role.1);
        assert!(region.part() > 0.002 && !state.controls.is_choosing(), "{} of the picture", region.part());
        assert!(state.document == before && !state.history.can_undo());
    }
}

#[test]
fn escape_ends_choosing() {
    let mut state = loaded_editor();
    apply(&mut state, Command::Do(Action::ControlsOfRegion));
    let mut window = window(state, [1280.0, 800.0], Theme::Dark);
    window.run_steps(2);
    window.key_press(egui::Key::Escape);
    window.run_steps(2);
    assert!(!window.state().state.controls.is_choosing());
}

#[test]
fn pictures_are_shown_and_taken_and_directions_become_sliders() {
    let state = looked(1.0);
    let direction = best_direction(&state);
    let usual = state.direction_name(direction);
    let mut window = window(state, [1280.0, 1400.0], Theme::Dark);
    window.run_steps(3);
    let high = window.get_by_role_and_label(Role::RadioButton, &format!("{usual}: +2 σ")).rect().center();
    window.hover_at(high);
    window.run_steps(2);
    assert!(window.state().state.previewed_control().is_some() && window.query_by_label("Preview").is_some());
    window.drag_at(high);
    window.run_steps(1);
    window.drop_at(high);
    window.run_steps(2);
    assert_eq!(window.state().state.offset(direction), 2.0);
    assert!(window.query_by_label("Look again").is_some(), "the picture is another one now");

    window.get_by_role_and_label(Role::Button, &format!("Add {usual} as slider")).click();
    window.run_steps(3);
    window.get_by_role_and_label(Role::TextInput, "Name of the slider").type_text("Fringe");
    window.run_steps(2);
    window.key_press(egui::Key::Enter);
    window.run_steps(3);
    let state = &window.state().state;
    assert_eq!((state.named_directions(), state.controls.naming()), (vec![direction], None));
    assert!(window.query_by_role_and_label(Role::Slider, "Fringe").is_some());
    window.get_by_role_and_label(Role::Button, "Rename the slider Fringe").click();
    window.run_steps(2);
    window.key_press(egui::Key::Escape);
    window.run_steps(2);
    assert_eq!(window.state().state.direction_name(direction), "Fringe");
}

#[test]
fn controls_states() {
    let Some(folder) = std::env::var_os("SCGAN_SNAPSHOTS").map(PathBuf::from) else {
        println!("skipped: SCGAN_SNAPSHOTS names no folder for the pictures");
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for (name, state) in states() {
        save(&folder, &format!("controls-{name}"), &mut pictured(state, [1280.0, 800.0], 1.0, Theme::Dark));
    }
    for (name, state) in states() {
        save(&folder, &format!("controls-small-{name}"), &mut pictured(state, [900.0, 600.0], 1.0, Theme::Light));
    }
}
