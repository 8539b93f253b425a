//! egui panels: they read the editor state and push commands.

mod action_button;
mod attribute_panel;
mod brush_cursor;
mod command_palette;
mod dialogs;
mod dock;
mod hints;
mod history_panel;
mod keyboard;
mod label_palette;
mod latent_panel;
mod mask_canvas;
mod menus;
mod model_card;
mod result_view;
mod section;
mod shortcut_sheet;
mod status_bar;
mod status_pill;
mod template_gallery;
pub mod theme;
mod tool_options;
mod tool_rail;
mod top_bar;
mod value_slider;

use eframe::egui;
use eframe::egui::{Frame, Margin, Panel, TextureId, Ui};

use crate::editor::{Command, EditorState};

/// Pictures on the graphics card that the panels show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Textures {
    /// The mask in label colours, one texel per mask pixel.
    pub mask: Option<TextureId>,
    /// The generated picture.
    pub result: Option<TextureId>,
}

/// Below this much room for mask and result, they go above each other.
const SIDE_BY_SIDE_WIDTH: f32 = 640.0;

/// Draws the whole window and pushes what the user did.
pub fn show(ui: &mut Ui, state: &EditorState, textures: &Textures, commands: &mut Vec<Command>) {
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
    let places =
        egui::CentralPanel::default().frame(frame).show(ui, |ui| dock::show(ui, state, textures, commands)).inner;
    hints::show(ui, state, &places, commands);
    dialogs::show(ui, state, commands);
}

/// Mask and result share the middle, beside each other or above each other.
fn stages(ui: &mut Ui, state: &EditorState, textures: &Textures, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.visuals());
    let area = ui.available_rect_before_wrap();
    let result = if area.width() >= SIDE_BY_SIDE_WIDTH {
        Panel::right("result").exact_size((area.width() / 2.0).round())
    } else {
        Panel::bottom("result_below").exact_size((area.height() / 2.0).round())
    };
    let frame = Frame::new().fill(palette.surround);
    result.resizable(false).frame(frame).show(ui, |ui| result_view::show(ui, state, textures.result, commands));
    egui::CentralPanel::default().frame(frame).show(ui, |ui| mask_canvas::show(ui, state, textures.mask, commands));
}

#[cfg(test)]
mod tests;
