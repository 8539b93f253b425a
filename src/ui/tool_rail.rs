//! The column of tools at the left edge.

use eframe::egui::{Align, Frame, Layout, Margin, ScrollArea, Ui};

use super::{action_button, theme};
use crate::editor::{Action, Command, EditorState};

/// Tools that belong together.
const GROUPS: [&[Action]; 5] = [
    &[Action::Brush, Action::Eraser, Action::Fill],
    &[Action::Lasso, Action::Polygon, Action::Line, Action::Rectangle, Action::Ellipse],
    &[Action::Transform, Action::Warp],
    &[Action::Picker],
    &[Action::ToggleSymmetry],
];

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ScrollArea::vertical().id_salt("tool_rail").auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 6, right: 0, top: 8, bottom: 8 }).show(ui, |ui| {
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                for (index, group) in GROUPS.into_iter().enumerate() {
                    if index > 0 {
                        ui.add_space(theme::GAP_SMALL);
                    }
                    for &action in group {
                        action_button::toggle_icon_button(ui, state, action, commands);
                    }
                }
            });
        });
    });
}
