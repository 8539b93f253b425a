//! The coordinates of z, a page at a time.

use eframe::egui::{CollapsingHeader, RichText, Ui};

use super::directions::value;
use crate::editor::{Action, COORDINATE_LIMIT, COORDINATES_PER_PAGE, Command, EditorState, LatentCommand};
use crate::model::latent_from_seed;
use crate::ui::value_slider::{Slider, value_slider};
use crate::ui::{action_button, section, theme};

const NUMBER_WIDTH: f32 = 34.0;
const VALUE_WIDTH: f32 = 34.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let count = state.coordinate_count();
    if count == 0 {
        return;
    }
    let set = state.document.latent.raw.len();
    let title = if set == 0 {
        format!("All {count} coordinates of z")
    } else {
        format!("All {count} coordinates of z · {set} set")
    };
    let fold = CollapsingHeader::new(RichText::new(title).small()).id_salt("coordinates").show(ui, |ui| {
        pages(ui, state, commands);
        ui.spacing_mut().item_spacing.y = 2.0;
        let own = latent_from_seed(state.document.latent.seed, count);
        let first = state.latent_view.page * COORDINATES_PER_PAGE;
        for coordinate in first..(first + COORDINATES_PER_PAGE).min(count) {
            let Ok(coordinate) = u16::try_from(coordinate) else { break };
            row(ui, state, coordinate, own.get(usize::from(coordinate)).copied().unwrap_or_default(), commands);
        }
    });
    fold.header_response.on_hover_text("Set single numbers of the latent vector by hand");
}

fn pages(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let (page, pages) = (state.latent_view.page, state.page_count());
    let first = page * COORDINATES_PER_PAGE;
    let last = (first + COORDINATES_PER_PAGE).min(state.coordinate_count()).saturating_sub(1);
    ui.horizontal(|ui| {
        let mut turn = |ui: &mut Ui, possible: bool, icon, name: &str, to: usize| {
            let button = ui.add_enabled_ui(possible, |ui| section::small_button(ui, icon, name, "", false)).inner;
            if button.clicked() {
                commands.push(Command::Latent(LatentCommand::ShowPage(to)));
            }
        };
        turn(ui, page > 0, theme::ICON_PAGE_BACK, "Earlier coordinates", page.saturating_sub(1));
        ui.label(RichText::new(format!("{first} to {last}")).small().weak());
        turn(ui, page + 1 < pages, theme::ICON_PAGE_ON, "Later coordinates", page + 1);
        if Action::ResetCoordinates.is_enabled(state) {
            action_button::plain_icon_button(ui, state, Action::ResetCoordinates, commands);
        }
    });
}

fn row(ui: &mut Ui, state: &EditorState, coordinate: u16, own: f32, commands: &mut Vec<Command>) {
    let set = state.document.latent.raw.get(&coordinate).copied();
    let name = format!("z {coordinate}");
    ui.horizontal(|ui| {
        ui.set_min_height(22.0);
        let text = RichText::new(&name).small();
        let accent = theme::palette(ui.visuals()).accent;
        let text = if set.is_some() { text.color(accent).strong() } else { text.weak() };
        ui.add_sized([NUMBER_WIDTH, 20.0], eframe::egui::Label::new(text)).on_hover_text(if set.is_some() {
            "Set by hand"
        } else {
            "As the seed gives it"
        });
        let width = ui.available_width() - VALUE_WIDTH - section::SMALL_BUTTON - 2.0 * theme::GAP_SMALL;
        let range = -COORDINATE_LIMIT..=COORDINATE_LIMIT;
        let slider = Slider { name: &name, range, neutral: own, usual: own };
        let slider = value_slider(ui, width.max(40.0), set.unwrap_or(own), &slider);
        if let Some(value) = slider.changed {
            commands.push(Command::Latent(LatentCommand::SetCoordinate { coordinate, value }));
        }
        if slider.finished {
            commands.push(Command::FinishEdit);
        }
        if set.is_some() {
            let name = format!("Reset {name}");
            if section::small_button(ui, theme::ICON_RESET, &name, "As the seed gives it", false).clicked() {
                commands.push(Command::Latent(LatentCommand::ResetCoordinate(coordinate)));
            }
        } else {
            ui.add_space(section::SMALL_BUTTON);
        }
        value(ui, set.unwrap_or(own));
    });
}
