//! egui panels: they read the editor state and push commands.

mod action_button;
mod attribute_panel;
pub mod canvas;
mod command_palette;
mod controls_panel;
mod dialogs;
mod dock;
mod hints;
mod history_panel;
mod keyboard;
mod label_palette;
mod latent_panel;
mod menus;
mod model_card;
mod photo;
mod picture_textures;
mod section;
mod shortcut_editor;
mod shortcut_sheet;
mod status_bar;
mod status_pill;
mod template_gallery;
pub mod theme;
mod timeline_panel;
mod tool_options;
mod tool_rail;
mod top_bar;
mod training_panel;
mod value_slider;
mod variations_panel;

use eframe::egui;
use eframe::egui::{Frame, Margin, Panel, Ui};

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
    Panel::left("tools")
        .exact_size(theme::TOOL_RAIL_WIDTH)
        .resizable(false)
        .frame(Frame::new().fill(palette.panel))
        .show(ui, |ui| tool_rail::show(ui, state, commands));
    let frame = Frame::new().fill(palette.surround);
    let places = egui::CentralPanel::default().frame(frame).show(ui, |ui| dock::show(ui, state, commands)).inner;
    hints::show(ui, state, &places, commands);
    photo::fit_card(ui, state, &places, commands);
    dialogs::show(ui, state, commands);
}

#[cfg(test)]
mod offscreen;
#[cfg(test)]
mod tests;
