//! Seed and latent directions.

use eframe::egui::{Align, DragValue, Layout, RichText, Ui, vec2};

use super::value_slider::value_slider;
use super::{action_button, section, theme};
use crate::editor::{Action, Command, EditorState, OFFSET_LIMIT};

const NUMBER_WIDTH: f32 = 18.0;
const VALUE_WIDTH: f32 = 40.0;
/// The largest whole number a drag value can hold exactly.
const SEED_MAX: u64 = 1 << 53;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::heading(ui, state, "Latent", Some(Action::ResetLatent), commands);
    seed(ui, state, commands);
    ui.add_space(theme::GAP_SMALL);
    let count = state.direction_count();
    if count > 0 {
        section::group(ui, "Directions, strongest first (σ)");
        ui.spacing_mut().item_spacing.y = 3.0;
        for direction in 0..count {
            offset(ui, direction, state.offset(direction), commands);
        }
    }
}

fn seed(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::group(ui, "Seed");
    ui.horizontal(|ui| {
        action_button::plain_icon_button(ui, state, Action::PreviousSeed, commands);
        let mut seed = state.document.latent.seed;
        let field_width = ui.available_width() - 2.0 * (theme::ICON_BUTTON + theme::GAP_SMALL);
        let field = DragValue::new(&mut seed).range(0..=SEED_MAX).speed(1.0);
        let response = ui
            .add_sized(vec2(field_width, theme::ICON_BUTTON - 2.0), field)
            .on_hover_text("Seed of the latent vector\nDrag, or click to type")
            .accessible_name("Seed");
        if response.changed() {
            commands.push(Command::SetSeed(seed));
        }
        if response.drag_stopped() || response.lost_focus() {
            commands.push(Command::FinishEdit);
        }
        action_button::plain_icon_button(ui, state, Action::NextSeed, commands);
        action_button::plain_icon_button(ui, state, Action::RandomSeed, commands);
    });
}

fn offset(ui: &mut Ui, direction: usize, sigma: f32, commands: &mut Vec<Command>) {
    let name = format!("Direction {}", direction + 1);
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(NUMBER_WIDTH, 20.0), Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new((direction + 1).to_string()).small().weak());
        });
        let width = ui.available_width() - VALUE_WIDTH - theme::GAP_SMALL;
        let slider = value_slider(ui, width, &name, sigma, -OFFSET_LIMIT..=OFFSET_LIMIT, 0.0);
        if let Some(sigma) = slider.changed {
            commands.push(Command::SetOffset { direction, sigma });
        }
        if slider.finished {
            commands.push(Command::FinishEdit);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = if sigma == 0.0 { RichText::new("0").weak() } else { RichText::new(format!("{sigma:+.1}")) };
            ui.label(text.monospace().small());
        });
    });
}
