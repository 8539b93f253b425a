//! Menus, the options of the tool, undo and redo.

use eframe::egui::scroll_area::ScrollBarVisibility;
use eframe::egui::{Align, Layout, MenuBar, ScrollArea, Ui, vec2};

use super::{action_button, menus, theme, tool_options};
use crate::editor::{Action, Command, EditorState, ThemeChoice};

/// The menus take more if they need it.
const MENUS_WIDTH: f32 = 378.0;
/// Room for the buttons at the right.
const RIGHT_WIDTH: f32 = 148.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        // A menu bar takes all the width it is given, so it is given no more than its words need.
        ui.allocate_ui_with_layout(vec2(MENUS_WIDTH, theme::ICON_BUTTON), Layout::left_to_right(Align::Center), |ui| {
            MenuBar::new().ui(ui, |ui| menus::show(ui, state, commands));
        });
        ui.add_space(theme::GAP_SMALL);
        // Where there is too little room, the options can be scrolled.
        let room = (ui.available_width() - RIGHT_WIDTH).max(40.0);
        ui.allocate_ui_with_layout(vec2(room, theme::TOP_BAR_HEIGHT), Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(room);
            ScrollArea::horizontal().scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden).show(ui, |ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| tool_options::show(ui, state, commands));
            });
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let dark = ui.visuals().dark_mode && state.theme != ThemeChoice::Light;
            let other = if dark { Action::ThemeLight } else { Action::ThemeDark };
            action_button::plain_icon_button(ui, state, other, commands);
            action_button::plain_icon_button(ui, state, Action::CommandPalette, commands);
            ui.add_space(theme::GAP_SMALL);
            action_button::plain_icon_button(ui, state, Action::Redo, commands);
            action_button::plain_icon_button(ui, state, Action::Undo, commands);
        });
    });
}
