//! Attributes: switches, exclusive choices, strengths.

use eframe::egui;
use eframe::egui::{Align, Button, Checkbox, Frame, Layout, Margin, RichText, StrokeKind, Ui, vec2};

use super::value_slider::{Slider, value_slider};
use super::{section, theme};
use crate::editor::{Command, EditorState, TimelineCommand, attribute_title};
use crate::taxonomy::{AttributeGroup, GroupKind};

const STRENGTH_WIDTHS: std::ops::RangeInclusive<f32> = 56.0..=124.0;
const STRENGTH_PART: f32 = 0.46;
const DOT: f32 = 10.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    if state.taxonomy.groups.is_empty() {
        section::group(ui, "This model has no attributes. Paint the mask and drag the latent instead.");
        return;
    }
    if state.timeline.is_shown() {
        moment(ui, state, commands);
    }
    let ranges: Vec<_> = state.taxonomy.group_ranges().collect();
    for (index, (group, (range, kind))) in state.taxonomy.groups.iter().zip(ranges).enumerate() {
        let Some(values) = state.shown_attributes().get(range.clone()) else { continue };
        section::group(ui, &group.name);
        let part = Part { state, group, index, first: range.start, values };
        ui.push_id(index, |ui| match kind {
            GroupKind::Independent => part.switches(ui, commands),
            GroupKind::AtMostOne | GroupKind::ExactlyOne => {
                part.choices(ui, commands);
                part.chosen_strength(ui, commands);
            }
        });
        ui.add_space(theme::GAP_SMALL);
    }
    if state.preferences.overdrive {
        section::group(ui, "Overdrive: strengths from −1 to 2");
    }
}

/// Says whose values these are while the canvas shows a moment of the timeline.
fn moment(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.visuals());
    let frame = Frame::new().fill(palette.raised).corner_radius(6).inner_margin(Margin::symmetric(10, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(format!("Timeline at {:.2} s", state.timeline.playhead_s));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let back = ui.small_button("Back to mine");
                if back.on_hover_text("Show your own mask, attributes and latent again").clicked() {
                    commands.push(Command::Timeline(TimelineCommand::Leave));
                }
            });
        });
        ui.label(RichText::new("A change makes this moment your own.").small().weak());
    });
    ui.add_space(theme::GAP_SMALL);
}

/// A group of attributes.
struct Part<'a> {
    state: &'a EditorState,
    group: &'a AttributeGroup,
    /// Index of the group.
    index: usize,
    /// Index of its first attribute in the flat order.
    first: usize,
    values: &'a [f32],
}

impl Part<'_> {
    fn switches(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        for (offset, (name, &value)) in self.group.attributes.iter().zip(self.values).enumerate() {
            let title = attribute_title(self.group, name);
            ui.horizontal(|ui| {
                ui.set_min_height(theme::ROW_HEIGHT - 2.0);
                let slider_width = slider_width(ui);
                let title_width = ui.available_width() - slider_width - section::SMALL_BUTTON - theme::GAP_SMALL * 2.0;
                let mut on = value != 0.0;
                let tick = Checkbox::new(&mut on, egui::RichText::new(&title));
                let cell = Layout::left_to_right(Align::Center).with_main_justify(false);
                let hint = format!("Switch «{title}» on or off");
                let response = ui
                    .allocate_ui_with_layout(vec2(title_width, theme::ROW_HEIGHT - 2.0), cell, |ui| {
                        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                        ui.add(tick)
                    })
                    .inner;
                if response.on_hover_text(hint).clicked() {
                    commands.push(Command::ToggleAttribute(self.first + offset));
                }
                self.strength(ui, &title, offset, slider_width, commands);
            });
        }
    }

    fn chosen(&self) -> Option<usize> {
        self.values.iter().position(|&value| value != 0.0)
    }

    fn choices(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let chosen = self.chosen();
        let choose = |choice| Command::ChooseAttribute { group: self.index, choice };
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            if self.group.kind == GroupKind::AtMostOne && chip(ui, self.group, "None", chosen.is_none()) {
                commands.push(choose(None));
            }
            for (choice, name) in self.group.attributes.iter().enumerate() {
                if chip(ui, self.group, &attribute_title(self.group, name), chosen == Some(choice)) {
                    commands.push(choose(Some(choice)));
                }
            }
        });
    }

    fn chosen_strength(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let chosen = self.chosen();
        ui.add_enabled_ui(chosen.is_some(), |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(theme::ROW_HEIGHT - 2.0);
                let width = slider_width(ui);
                ui.label("Strength");
                self.strength(ui, &self.group.name, chosen.unwrap_or_default(), width, commands);
            });
        });
    }

    /// Reset and slider, the slider at the right.
    fn strength(&self, ui: &mut Ui, title: &str, offset: usize, width: f32, commands: &mut Vec<Command>) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            self.slider(ui, title, offset, width, commands);
            self.reset(ui, title, offset, commands);
        });
    }

    fn slider(&self, ui: &mut Ui, title: &str, offset: usize, width: f32, commands: &mut Vec<Command>) {
        let attribute = self.first + offset;
        let value = self.values.get(offset).copied().unwrap_or_default();
        let (name, range) = (format!("{title} strength"), self.state.strength_range(attribute));
        let slider = Slider { name: &name, range, neutral: 0.0, usual: self.usual(offset) };
        let slider = value_slider(ui, width, value, &slider);
        if let Some(value) = slider.changed {
            commands.push(Command::SetStrength { attribute, value });
        }
        if slider.finished {
            commands.push(Command::FinishEdit);
        }
    }

    /// The chosen one of an exclusive group is usually fully on, the others as the taxonomy says.
    fn usual(&self, offset: usize) -> f32 {
        match self.group.kind {
            GroupKind::Independent => {
                self.state.taxonomy.default_attributes().get(self.first + offset).copied().unwrap_or_default()
            }
            GroupKind::AtMostOne | GroupKind::ExactlyOne => 1.0,
        }
    }

    /// There while the strength is one that only dragging leads to; what is simply on or off has its tick.
    fn reset(&self, ui: &mut Ui, title: &str, offset: usize, commands: &mut Vec<Command>) {
        let usual = self.usual(offset);
        let value = self.values.get(offset).copied().unwrap_or_default();
        if value == usual || value == 0.0 || value == 1.0 || !ui.is_enabled() {
            ui.add_space(section::SMALL_BUTTON);
            return;
        }
        let name = format!("Reset {title}");
        if section::small_button(ui, theme::ICON_RESET, &name, &format!("Back to {usual}"), false).clicked() {
            commands.push(Command::SetStrength { attribute: self.first + offset, value: usual });
            commands.push(Command::FinishEdit);
        }
    }
}

fn slider_width(ui: &Ui) -> f32 {
    (ui.available_width() * STRENGTH_PART).clamp(*STRENGTH_WIDTHS.start(), *STRENGTH_WIDTHS.end())
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
