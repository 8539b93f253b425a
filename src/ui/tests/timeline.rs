//! The timeline panel and the dialog that exports an animation.

use std::path::PathBuf;

use super::names::assert_named;
use super::snapshots::{pictured, save};
use super::*;
use crate::editor::{AnimationOptions, TimelineCommand};
use crate::timeline::Preset;

/// States of the panel: empty, a preset at its middle, exporting, and the dialog.
fn states() -> Vec<(&'static str, EditorState)> {
    let mut empty = loaded_editor();
    apply(&mut empty, Command::Do(Action::PanelTimeline));
    let mut shown = loaded_editor();
    apply(&mut shown, Command::Timeline(TimelineCommand::UsePreset(Preset::LeftToRight)));
    apply(&mut shown, Command::Timeline(TimelineCommand::Scrub(0.7)));
    let mut exporting = loaded_editor();
    apply(&mut exporting, Command::Timeline(TimelineCommand::UsePreset(Preset::NoSmileToSmile)));
    apply(&mut exporting, Command::Io(IoDone::AnimationFileChosen("/tmp/film.gif".into())));
    let mut dialog = loaded_editor();
    apply(&mut dialog, Command::Timeline(TimelineCommand::UsePreset(Preset::NoSmileToSmile)));
    apply(&mut dialog, Command::Do(Action::ExportAnimation));
    vec![("empty", empty), ("shown", shown), ("exporting", exporting), ("dialog", dialog)]
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
fn keyframes_are_dragged_clicked_and_added() {
    let mut state = loaded_editor();
    apply(&mut state, Command::Timeline(TimelineCommand::UsePreset(Preset::LeftToRight)));
    let mut window = window(state, [1280.0, 800.0], Theme::Dark);
    window.run_steps(3);
    let times = |window: &Harness<'_, Window>| {
        let timeline = &window.state().state.document.timeline;
        timeline.keyframes().iter().map(|keyframe| keyframe.at_s).collect::<Vec<_>>()
    };
    assert_eq!(times(&window), [0.0, 0.75, 1.5, 2.25, 3.0]);
    let second = window.get_by_role_and_label(Role::RadioButton, "Keyframe 2 at 0.75 s").rect().center();
    window.hover_at(second);
    window.run_steps(1);
    window.drag_at(second);
    window.run_steps(1);
    for step in 1..=6 {
        window.hover_at(second - egui::vec2(step as f32 * 10.0, 0.0));
        window.run_steps(1);
    }
    window.drop_at(second - egui::vec2(60.0, 0.0));
    window.run_steps(3);
    let moved = times(&window);
    assert!(moved[1] < 0.7 && moved[1] > 0.3 && moved[2] == 1.5, "{moved:?}");

    window.get_by_role_and_label(Role::RadioButton, "Keyframe 3 at 1.50 s").click();
    window.run_steps(2);
    assert_eq!((window.state().state.timeline.selected, window.state().state.timeline.playhead_s), (Some(2), 1.5));
    window.get_by_role_and_label(Role::Slider, "Playhead").set_value_accesskit(0.25);
    window.run_steps(2);
    assert_eq!(window.state().state.timeline.playhead_s, 0.25);
    window.get_by_role_and_label(Role::Button, "Add keyframe").click();
    window.run_steps(2);
    assert_eq!(times(&window)[1], 0.25);
    window.get_by_role_and_label(Role::Button, "Play timeline").click();
    window.run_steps(2);
    assert!(window.state().state.timeline.is_playing());
}

#[test]
fn the_dialog_sets_what_is_exported() {
    let mut window = window(states().pop().unwrap().1, [900.0, 600.0], Theme::Light);
    window.run_steps(3);
    assert_eq!(window.state().state.timeline.options, AnimationOptions::default());
    assert!(window.query_by_label_contains("64 frames in 4.0 s").is_some());
    window.get_by_role_and_label(Role::Button, "Export…").click();
    window.run_steps(2);
    assert!(window.state().state.dialog.is_none());
}

#[test]
fn timeline_states() {
    let Some(folder) = std::env::var_os("SCGAN_SNAPSHOTS").map(PathBuf::from) else {
        println!("skipped: SCGAN_SNAPSHOTS names no folder for the pictures");
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for (name, state) in states() {
        save(&folder, &format!("timeline-{name}"), &mut pictured(state, [1280.0, 800.0], 1.0, Theme::Dark));
    }
    for (name, state) in states() {
        save(&folder, &format!("timeline-small-{name}"), &mut pictured(state, [900.0, 600.0], 1.0, Theme::Light));
    }
}
