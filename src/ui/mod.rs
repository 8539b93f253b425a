//! egui panels: they read the editor state and push commands.

mod action_button;
mod attribute_panel;
pub mod canvas;
mod dialogs;
mod keyboard;
mod label_palette;
mod latent_panel;
mod menus;
mod section;
mod status_bar;
mod status_pill;
pub mod theme;
mod top_bar;
mod value_slider;

use eframe::egui::{Frame, Margin, Panel, ScrollArea, Ui};

use crate::editor::{Command, EditorState};

/// Draws the whole window and pushes what the user did.
pub fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    if state.dialog.is_none() {
        keyboard::shortcuts(ui.ctx(), state, commands);
    }
    let palette = theme::palette(ui.visuals());
    let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(8, 0));
    Panel::top("top_bar")
        .exact_size(theme::TOP_BAR_HEIGHT)
        .frame(bar)
        .show(ui, |ui| top_bar::show(ui, state, commands));
    Panel::bottom("status_bar")
        .exact_size(theme::STATUS_BAR_HEIGHT)
        .frame(bar)
        .show(ui, |ui| status_bar::show(ui, state));
    let side = Frame::new().fill(palette.panel);
    Panel::left("labels")
        .exact_size(theme::LABELS_WIDTH)
        .resizable(false)
        .frame(side)
        .show(ui, |ui| scrolled(ui, |ui| label_palette::show(ui, state, commands)));
    Panel::right("controls").exact_size(theme::CONTROLS_WIDTH).resizable(false).frame(side).show(ui, |ui| {
        scrolled(ui, |ui| {
            attribute_panel::show(ui, state, commands);
            latent_panel::show(ui, state, commands);
        });
    });
    canvas::show(ui, state, commands);
    dialogs::show(ui, state, commands);
}

fn scrolled(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(12, 10)).show(ui, contents);
    });
}

#[cfg(test)]
mod offscreen;
#[cfg(test)]
mod tests;
