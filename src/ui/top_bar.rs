//! Menus, tools, brush size, undo and redo.

use eframe::egui::{Align, Frame, Layout, Margin, MenuBar, RichText, Ui, vec2};

use super::value_slider::value_slider;
use super::{action_button, menus, theme};
use crate::document::tools::{DIAMETER_RANGE_PX, ToolKind};
use crate::editor::{Action, Command, EditorState, ThemeChoice};

const TOOLS: [Action; 4] = [Action::Brush, Action::Eraser, Action::Fill, Action::Picker];
const SIZE_WIDTH: f32 = 110.0;
const MENUS_WIDTH: f32 = 330.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        // A menu bar takes all the width it is given, so it is given no more than its words need.
        ui.allocate_ui_with_layout(vec2(MENUS_WIDTH, theme::ICON_BUTTON), Layout::left_to_right(Align::Center), |ui| {
            MenuBar::new().ui(ui, |ui| menus::show(ui, state, commands));
        });
        ui.add_space(theme::GAP);
        tools(ui, state, commands);
        ui.add_space(theme::GAP);
        brush_size(ui, state, commands);
        ui.add_space(theme::GAP_SMALL);
        ui.spacing_mut().item_spacing.x = 2.0;
        action_button::plain_icon_button(ui, state, Action::Undo, commands);
        action_button::plain_icon_button(ui, state, Action::Redo, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let dark = ui.visuals().dark_mode && state.theme != ThemeChoice::Light;
            let other = if dark { Action::ThemeLight } else { Action::ThemeDark };
            action_button::plain_icon_button(ui, state, other, commands);
        });
    });
}

fn tools(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.visuals());
    let segment = Frame::new().fill(palette.surround).corner_radius(theme::RADIUS + 2).inner_margin(Margin::same(2));
    segment.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for tool in TOOLS {
                action_button::toggle_icon_button(ui, state, tool, commands);
            }
        });
    });
}

/// The slider is logarithmic: small brushes need finer control.
fn brush_size(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let paints = matches!(state.painting.tool, ToolKind::Brush | ToolKind::Eraser | ToolKind::Line);
    let diameter_px = state.painting.diameter_px();
    ui.add_enabled_ui(paints, |ui| {
        ui.label(RichText::new("Size").small().weak());
        let range = DIAMETER_RANGE_PX.start().ln()..=DIAMETER_RANGE_PX.end().ln();
        let smallest = *range.start();
        let slider = value_slider(ui, SIZE_WIDTH, "Brush size", diameter_px.ln(), range, smallest);
        if let Some(value) = slider.changed {
            commands.push(Command::SetBrushSize(value.exp().round()));
        }
        let text = RichText::new(format!("{diameter_px:>3.0} px")).monospace().small();
        ui.label(text);
    });
}
