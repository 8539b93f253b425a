//! The latent code: seed, directions, two pinned codes and the coordinates of z.

mod coordinates;
mod directions;
mod pins;
mod seed;

use eframe::egui::Ui;

use super::{section, theme};
use crate::editor::{Command, EditorState};

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    if state.latent_locked {
        section::group(ui, "Locked: nothing here changes the picture until you unlock it.");
    } else if state.document.latent.blend.is_some() {
        section::group(ui, "Blending A and B. Any change below goes back to your own latent.");
    }
    ui.add_enabled_ui(!state.latent_locked, |ui| seed::show(ui, state, commands));
    ui.add_space(theme::GAP_SMALL);
    pins::show(ui, state, commands);
    ui.add_space(theme::GAP_SMALL);
    ui.add_enabled_ui(!state.latent_locked, |ui| {
        directions::show(ui, state, commands);
        coordinates::show(ui, state, commands);
    });
}
