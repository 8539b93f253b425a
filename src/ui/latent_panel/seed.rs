//! The seed, and the seeds seen.

use eframe::egui::{Button, DragValue, RichText, ScrollArea, Ui, vec2};

use crate::editor::{Action, Command, EditorState, LatentCommand};
use crate::ui::{action_button, section, theme};

/// The largest whole number a drag value can hold exactly.
const SEED_MAX: u64 = 1 << 53;
/// How many of the seeds seen are listed.
const LISTED: usize = 30;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::group(ui, "Seed");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        action_button::plain_icon_button(ui, state, Action::PreviousSeed, commands);
        let mut seed = state.document.latent.seed;
        let field_width = (ui.available_width() - 3.0 * (theme::ICON_BUTTON + 3.0)).max(48.0);
        let field = DragValue::new(&mut seed).range(0..=SEED_MAX).clamp_existing_to_range(false).speed(1.0);
        let response = ui
            .add_sized(vec2(field_width, theme::ICON_BUTTON - 2.0), field)
            .on_hover_text("Seed of the latent vector\nDrag, or click to type")
            .accessible_name("Seed");
        if response.changed() && seed != state.document.latent.seed {
            commands.push(Command::SetSeed(seed));
        }
        if response.drag_stopped() || response.lost_focus() {
            commands.push(Command::FinishEdit);
        }
        action_button::plain_icon_button(ui, state, Action::NextSeed, commands);
        seen(ui, state, commands);
        action_button::plain_icon_button(ui, state, Action::RandomSeed, commands);
    });
    fitted(ui, state, commands);
}

/// Says that a fitted code takes the seed's place.
fn fitted(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let latent = &state.document.latent;
    if latent.fitted.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new("The look of a photo, in the seed's place").small().weak());
        let back = ui.add(Button::new(RichText::new("Back to the seed").small()).frame_when_inactive(false));
        if back.on_hover_text("Use the seed's latent again; undo brings the photo's back").clicked() {
            commands.push(Command::Latent(LatentCommand::GoToSeed(latent.seed)));
        }
    });
}

/// The seeds seen, newest first.
fn seen(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let icon = theme::ICON_SEEDS.rich_text().size(theme::ICON_SIZE);
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(5.0, 4.0);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = eframe::egui::Color32::TRANSPARENT;
        ui.visuals_mut().widgets.inactive.bg_stroke = eframe::egui::Stroke::NONE;
        let menu = ui.menu_button(icon, |ui| {
            ui.set_min_width(120.0);
            section::group(ui, "Seeds seen, newest first");
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (seed, current) in state.seeds.recent().take(LISTED) {
                    let text = RichText::new(seed.to_string()).monospace();
                    let item = Button::selectable(current, text).min_size(vec2(ui.available_width(), 24.0));
                    let item = ui.add(item).accessible_name(format!("Seed {seed}"));
                    if item.on_hover_text("Go to this seed").clicked() {
                        commands.push(Command::Latent(LatentCommand::GoToSeed(seed)));
                        ui.close();
                    }
                }
            });
        });
        menu.response.on_hover_text("Seeds seen\nGo back to one of them").accessible_name("Seeds seen");
    });
}
