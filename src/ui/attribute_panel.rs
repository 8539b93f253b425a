//! Attributes: switches, exclusive choices, strengths.

use eframe::egui;
use eframe::egui::{Align, Button, Checkbox, Layout, StrokeKind, Ui, vec2};

use super::value_slider::value_slider;
use super::{section, theme};
use crate::editor::{Action, Command, EditorState, attribute_title};
use crate::taxonomy::{AttributeGroup, GroupKind};

const STRENGTH_WIDTH: f32 = 120.0;
const DOT: f32 = 10.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    if state.taxonomy.groups.is_empty() {
        return;
    }
    section::heading(ui, state, "Attributes", Some(Action::ResetAttributes), commands);
    let ranges: Vec<_> = state.taxonomy.group_ranges().collect();
    for (index, (group, (range, kind))) in state.taxonomy.groups.iter().zip(ranges).enumerate() {
        let Some(values) = state.document.attributes.get(range.clone()) else { continue };
        section::group(ui, &group.name);
        ui.push_id(index, |ui| match kind {
            GroupKind::Independent => switches(ui, group, range.start, values, commands),
            GroupKind::AtMostOne | GroupKind::ExactlyOne => {
                choices(ui, group, index, values, commands);
                chosen_strength(ui, group, range.start, values, commands);
            }
        });
        ui.add_space(theme::GAP_SMALL);
    }
    ui.add_space(theme::GAP_SMALL);
}

fn switches(ui: &mut Ui, group: &AttributeGroup, first: usize, values: &[f32], commands: &mut Vec<Command>) {
    for (offset, (name, &value)) in group.attributes.iter().zip(values).enumerate() {
        let title = attribute_title(group, name);
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ROW_HEIGHT - 2.0);
            let mut on = value > 0.0;
            if ui.add(Checkbox::new(&mut on, &title)).on_hover_text(format!("Switch «{title}» on or off")).clicked() {
                commands.push(Command::ToggleAttribute(first + offset));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                strength(ui, &title, first + offset, value, commands);
            });
        });
    }
}

fn choices(ui: &mut Ui, group: &AttributeGroup, index: usize, values: &[f32], commands: &mut Vec<Command>) {
    let chosen = values.iter().position(|&value| value > 0.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        if group.kind == GroupKind::AtMostOne && chip(ui, group, "None", chosen.is_none()) {
            commands.push(Command::ChooseAttribute { group: index, choice: None });
        }
        for (choice, name) in group.attributes.iter().enumerate() {
            if chip(ui, group, &attribute_title(group, name), chosen == Some(choice)) {
                commands.push(Command::ChooseAttribute { group: index, choice: Some(choice) });
            }
        }
    });
}

/// A radio button in the shape of a chip, with a dot where its name is a colour.
fn chip(ui: &mut Ui, group: &AttributeGroup, title: &str, chosen: bool) -> bool {
    let color = theme::named_color(title);
    let palette = theme::palette(ui.visuals());
    let text = if color.is_some() { format!("     {title}") } else { title.to_owned() };
    let button = Button::selectable(chosen, text).frame_when_inactive(true).corner_radius(13);
    let response = ui.add(button).on_hover_text(format!("{}: {}", group.name, title.to_lowercase()));
    if let Some(color) = color {
        let center = response.rect.left_center() + vec2(15.0, 0.0);
        ui.painter().circle(center, DOT / 2.0, color, theme::swatch_stroke(palette));
    }
    if chosen {
        let outline = egui::Stroke::new(1.0, palette.accent);
        ui.painter().rect_stroke(response.rect, 13, outline, StrokeKind::Inside);
    }
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, title));
    response.clicked()
}

fn chosen_strength(ui: &mut Ui, group: &AttributeGroup, first: usize, values: &[f32], commands: &mut Vec<Command>) {
    let chosen = values.iter().position(|&value| value > 0.0);
    ui.add_enabled_ui(chosen.is_some(), |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(theme::ROW_HEIGHT - 2.0);
            ui.label("Strength");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (offset, value) = chosen.map_or((0, 0.0), |offset| (offset, values[offset]));
                strength(ui, &group.name, first + offset, value, commands);
            });
        });
    });
}

fn strength(ui: &mut Ui, title: &str, attribute: usize, value: f32, commands: &mut Vec<Command>) {
    let name = format!("{title} strength");
    let slider = value_slider(ui, STRENGTH_WIDTH, &name, value, 0.0..=1.0, 0.0);
    if let Some(value) = slider.changed {
        commands.push(Command::SetStrength { attribute, value });
    }
    if slider.finished {
        commands.push(Command::FinishEdit);
    }
}
