//! The wall of variations.

use std::path::PathBuf;

use super::names::assert_named;
use super::snapshots::{pictured, save};
use super::*;
use crate::document::LatentState;
use crate::editor::{Columns, Effect, GridKind, Reach, TileAt, VariationCommand};
use crate::engine::{PicturePixels, WallPicture, WallRequest};

fn tick(state: &mut EditorState) -> Option<WallRequest> {
    let effects = apply(state, Command::Files(FilesCommand::Tick(std::time::Duration::from_secs(1))));
    effects.into_iter().find_map(|effect| match effect {
        Effect::DrawWall(wall) => Some(*wall),
        _ => None,
    })
}

/// What the engine would say of some tiles: the mask, tinted by the latent.
fn drawn(state: &EditorState, wall: &WallRequest, tiles: usize) -> Command {
    let mask = state.document.labels.to_image().to_rgb(&state.taxonomy);
    let mask = image::imageops::blur(&image::imageops::thumbnail(&mask, 128, 128), 1.5);
    let pictures = wall.tiles.iter().take(tiles).map(|tile| {
        let LatentState { seed, offsets, .. } = &tile.latent;
        let moved = offsets.first().map_or(0.0, |offset| offset * 30.0) as i32;
        let tint = [*seed as i32 % 90 + moved, (*seed / 90) as i32 % 90 - moved, (*seed / 8100) as i32 % 90];
        let dark = tile.attributes.first().map_or(0, |strength| (strength * 60.0) as i32);
        let rgba = mask.pixels().flat_map(|pixel| {
            let shade = |at: usize| (i32::from(pixel[at]) * 3 / 4 + tint[at] - dark).clamp(0, 255) as u8;
            [shade(0), shade(1), shade(2), 255]
        });
        let picture = PicturePixels { width: 128, height: 128, rgba: rgba.collect::<Vec<_>>().into() };
        WallPicture { id: tile.id, picture }
    });
    Command::Variation(VariationCommand::Drawn { number: wall.number, pictures: pictures.collect() })
}

/// An editor with the wall open, so many tiles of it drawn.
fn opened(tiles: usize, prepare: &[VariationCommand]) -> EditorState {
    let mut state = loaded_editor();
    apply(&mut state, Command::Variation(VariationCommand::SetColumns(Columns::One)));
    apply(&mut state, Command::Do(Action::PanelVariations));
    tick(&mut state);
    let mut wall = None;
    for command in prepare {
        let effects = apply(&mut state, Command::Variation(command.clone()));
        wall = effects.into_iter().find_map(|effect| match effect {
            Effect::DrawWall(wall) => Some(*wall),
            _ => None,
        });
    }
    if wall.is_none() {
        // Another arrangement of the panels, and back: everything that is missing is asked for anew.
        apply(&mut state, Command::Do(Action::PanelVariations));
        tick(&mut state);
        apply(&mut state, Command::Do(Action::PanelVariations));
        wall = tick(&mut state);
    }
    let command = drawn(&state, &wall.unwrap(), tiles);
    apply(&mut state, command);
    state
}

/// States of the panel: filling in, near variations with a pinned one, columns, an export, and no model.
fn states() -> Vec<(&'static str, EditorState)> {
    let at = |row| TileAt { row, column: 0 };
    let filling = opened(14, &[]);
    let mut near = opened(24, &[VariationCommand::SetReach(Reach::NEAR)]);
    for command in
        [VariationCommand::TogglePin(at(1)), VariationCommand::TogglePin(at(8)), VariationCommand::Take(at(3))]
    {
        apply(&mut near, Command::Variation(command));
    }
    let columns = opened(60, &[VariationCommand::SetColumns(Columns::Group(0))]);
    let mut exporting = opened(24, &[]);
    let kind = GridKind::Latents;
    apply(&mut exporting, Command::Io(IoDone::GridFileChosen { path: "/tmp/grid.png".into(), kind }));
    let mut alone = loaded_editor();
    alone.model.loaded = None;
    apply(&mut alone, Command::Do(Action::PanelVariations));
    vec![("filling", filling), ("near", near), ("columns", columns), ("exporting", exporting), ("no-model", alone)]
}

#[test]
fn every_control_has_a_name() {
    for (size, theme) in [([1280.0, 800.0], Theme::Dark), ([900.0, 600.0], Theme::Light)] {
        for (name, state) in states() {
            let mut window = window(state, size, theme);
            window.run_steps(4);
            if let Some(tile) = window.query_by_role_and_label(Role::RadioButton, "Variation 1") {
                let tile = tile.rect().center();
                window.hover_at(tile);
                window.run_steps(2);
                assert!(window.query_by_role_and_label(Role::Button, "Pin: variation 1").is_some(), "{name}");
            }
            assert_named(&window, name);
        }
    }
}

#[test]
fn the_pointer_shows_a_tile_and_a_click_takes_it() {
    let mut window = window(opened(24, &[]), [1280.0, 800.0], Theme::Dark);
    window.run_steps(3);
    let at = |window: &Harness<'_, Window>, name: &str| {
        window.get_by_role_and_label(Role::RadioButton, name).rect().center()
    };
    let second = at(&window, "Variation 2");
    window.hover_at(second);
    window.run_steps(2);
    assert!(window.state().state.previewed_frame().is_some());
    assert!(window.query_by_label("Variation").is_some(), "the heading says what is seen");
    let elsewhere = window.get_by_role_and_label(Role::Canvas, "Mask").rect().center();
    window.hover_at(elsewhere);
    window.run_steps(2);
    assert!(window.state().state.previewed_frame().is_none());

    window.hover_at(second);
    window.run_steps(1);
    window.drag_at(second);
    window.run_steps(1);
    window.drop_at(second);
    window.run_steps(2);
    let state = &window.state().state;
    assert_eq!((state.history.undo_label(), state.history.entries().count()), (Some("Variation"), 1));

    window.hover_at(second);
    window.run_steps(2);
    window.get_by_role_and_label(Role::Button, "Pin: variation 2").click();
    window.run_steps(2);
    assert_eq!(Action::PinVariation.is_on(&window.state().state), Some(true));
}

#[test]
fn arrows_and_enter_do_the_same() {
    let mut window = window(opened(24, &[]), [1280.0, 800.0], Theme::Light);
    window.run_steps(3);
    window.get_by_role_and_label(Role::RadioButton, "Variation 1").focus();
    window.run_steps(2);
    assert_eq!(window.state().state.previewed_tile(), Some(TileAt { row: 0, column: 0 }));
    window.key_press(egui::Key::ArrowRight);
    window.run_steps(3);
    assert_eq!(window.state().state.previewed_tile(), Some(TileAt { row: 1, column: 0 }));
    window.key_press(egui::Key::ArrowDown);
    window.run_steps(3);
    let below = window.state().state.previewed_tile().unwrap();
    assert!(below.row > 2, "{below:?}");
    window.key_press(egui::Key::ArrowUp);
    window.run_steps(3);
    window.key_press(egui::Key::Enter);
    window.run_steps(3);
    let state = &window.state().state;
    assert_eq!(state.history.undo_label(), Some("Variation"));
    assert_eq!(state.previewed_tile(), Some(TileAt { row: 1, column: 0 }));
    window.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::P);
    window.run_steps(2);
    assert_eq!(Action::PinVariation.is_on(&window.state().state), Some(true));
}

#[test]
fn variation_states() {
    let Some(folder) = std::env::var_os("SCGAN_SNAPSHOTS").map(PathBuf::from) else {
        println!("skipped: SCGAN_SNAPSHOTS names no folder for the pictures");
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for (name, state) in states() {
        let mut window = pictured(state, [1280.0, 800.0], 1.0, Theme::Dark);
        if name == "near" {
            let tile = window.get_by_role_and_label(Role::RadioButton, "Variation 5").rect().center();
            window.hover_at(tile);
        }
        save(&folder, &format!("variations-{name}"), &mut window);
    }
    for (name, state) in states() {
        save(&folder, &format!("variations-small-{name}"), &mut pictured(state, [900.0, 600.0], 1.0, Theme::Light));
    }
    let mut window = pictured(loaded_editor(), [1280.0, 800.0], 1.0, Theme::Dark);
    window.get_by_role_and_label(Role::Button, "Explore").click();
    save(&folder, "menu-explore", &mut window);
}
