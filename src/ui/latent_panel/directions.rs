//! The leading directions as sliders with names.

use eframe::egui::{Align, Button, Key, Label, Layout, Response, RichText, Sense, TextEdit, Ui, WidgetInfo, vec2};

use crate::editor::{Action, Command, EditorState, LatentCommand, OFFSET_LIMIT};
use crate::ui::value_slider::{Slider, value_slider};
use crate::ui::{section, theme};

const ROW_HEIGHT: f32 = 24.0;
const NAME_WIDTH: f32 = 84.0;
const VALUE_WIDTH: f32 = 34.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let count = state.direction_count();
    if count == 0 {
        return;
    }
    let named = state.named_directions();
    if !named.is_empty() {
        section::group(ui, "Your sliders (σ)");
        rows(ui, state, named.iter().copied(), commands);
        ui.add_space(theme::GAP_SMALL);
    }
    section::group(ui, "Directions, strongest first (σ)");
    rows(ui, state, (0..count).filter(|direction| !named.contains(direction)), commands);
    if state.has_more_directions() {
        let info = Action::MoreDirections.info();
        let more = ui.add(Button::new(RichText::new(info.title).small()).frame_when_inactive(false));
        if more.on_hover_text(info.tooltip).clicked() {
            commands.push(Command::Do(Action::MoreDirections));
        }
    }
}

fn rows(ui: &mut Ui, state: &EditorState, directions: impl Iterator<Item = usize>, commands: &mut Vec<Command>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for direction in directions {
            row(ui, state, direction, commands);
        }
    });
}

fn row(ui: &mut Ui, state: &EditorState, direction: usize, commands: &mut Vec<Command>) {
    let (name, sigma) = (state.direction_name(direction), state.offset(direction));
    ui.horizontal(|ui| {
        ui.set_min_height(ROW_HEIGHT);
        match &state.latent_view.renaming {
            Some((renamed, text)) if *renamed == direction => rename_field(ui, text, commands),
            _ => {
                if name_label(ui, &name) {
                    commands.push(Command::Latent(LatentCommand::BeginRename(direction)));
                }
            }
        }
        let width = (ui.available_width() - VALUE_WIDTH - theme::GAP_SMALL).max(40.0);
        let slider = Slider { name: &name, range: -OFFSET_LIMIT..=OFFSET_LIMIT, neutral: 0.0, usual: 0.0 };
        let slider = value_slider(ui, width, sigma, &slider);
        if let Some(sigma) = slider.changed {
            commands.push(Command::SetOffset { direction, sigma });
        }
        if slider.finished {
            commands.push(Command::FinishEdit);
        }
        value(ui, sigma);
    });
}

/// A number at the right end of a row.
pub(super) fn value(ui: &mut Ui, value: f32) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let text = if value == 0.0 { RichText::new("0").weak() } else { RichText::new(format!("{value:+.1}")) };
        ui.label(text.monospace().small());
    });
}

/// Answers whether the user wants another name.
fn name_label(ui: &mut Ui, name: &str) -> bool {
    let cell = Layout::left_to_right(Align::Center);
    let response: Response = ui
        .allocate_ui_with_layout(vec2(NAME_WIDTH, ROW_HEIGHT), cell, |ui| {
            ui.set_min_width(NAME_WIDTH);
            ui.add(Label::new(RichText::new(name).small()).truncate().sense(Sense::click()))
        })
        .inner;
    response.widget_info(|| WidgetInfo::labeled(eframe::egui::Role::Button, ui.is_enabled(), format!("Rename {name}")));
    if response.has_focus() {
        let accent = theme::palette(ui.visuals()).accent;
        let ring = response.rect.expand2(vec2(3.0, 2.0));
        ui.painter().rect_stroke(ring, 3, (1.5, accent), eframe::egui::StrokeKind::Inside);
    }
    let by_key = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    response
        .on_hover_text(format!(
            "{name}\nDouble-click to give it a name of your own, saved with the model; an empty one takes the name away"
        ))
        .double_clicked()
        || by_key
}

fn rename_field(ui: &mut Ui, text: &str, commands: &mut Vec<Command>) {
    let mut typed = text.to_owned();
    let field = TextEdit::singleline(&mut typed).desired_width(NAME_WIDTH - 8.0).font(eframe::egui::TextStyle::Small);
    let response = ui.add(field).accessible_name("Name of the direction");
    if response.changed() {
        commands.push(Command::Latent(LatentCommand::TypeName(typed)));
    }
    if response.lost_focus() {
        let keep = !ui.input(|input| input.key_pressed(Key::Escape));
        commands.push(Command::Latent(LatentCommand::EndRename { keep }));
    } else if !response.has_focus() {
        response.request_focus();
    }
}
