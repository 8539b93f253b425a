//! Headings of a panel's parts.

use eframe::egui::{Align, Layout, RichText, Ui};

use super::action_button;
use super::theme;
use crate::editor::{Action, Command, EditorState};

/// A heading, with a reset button at its right.
pub(super) fn heading(
    ui: &mut Ui,
    state: &EditorState,
    title: &str,
    reset: Option<Action>,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.set_min_height(theme::ICON_BUTTON);
        ui.label(RichText::new(title).heading().strong());
        if let Some(reset) = reset {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                action_button::plain_icon_button(ui, state, reset, commands);
            });
        }
    });
}

/// The name of a group within a section.
pub(super) fn group(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).small().weak());
}
