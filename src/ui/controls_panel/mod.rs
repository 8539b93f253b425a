//! «What controls this?»: directions and attributes that change a region, the best first.

mod card;

use eframe::egui::{
    Align, Button, ComboBox, Frame, Label, Layout, Margin, ProgressBar, RichText, ScrollArea, Ui, vec2,
};

use super::{action_button, section, theme};
use crate::editor::{Action, Command, ControlsCommand, EditorState, Kinds, LATENTS_MEASURED};

const SPACE: f32 = 6.0;
const PROGRESS: f32 = 80.0;
const KINDS: f32 = 96.0;
/// Less room than this, in points, is too little for every word in the bar.
const WIDE: f32 = 560.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.painter().rect_filled(ui.max_rect(), 0, theme::palette(ui.visuals()).panel);
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 0, bottom: 6 }).show(ui, |ui| {
        toolbar(ui, state, commands);
        ui.add_space(theme::GAP_SMALL);
        match message(state) {
            Some(text) => {
                ui.add(Label::new(RichText::new(text).weak()).wrap());
                if state.controls.region().is_none() && state.can_render() {
                    begin(ui, state, commands);
                }
                clear_preview(state, commands);
            }
            None => findings(ui, state, commands),
        }
    });
}

fn say(commands: &mut Vec<Command>, command: ControlsCommand) {
    commands.push(Command::Controls(command));
}

/// What there is to say where there are no findings.
fn message(state: &EditorState) -> Option<String> {
    let controls = &state.controls;
    if let Some(message) = controls.failure() {
        return Some(format!("The region could not be looked at: {message}"));
    }
    if controls.has_findings() && !controls.is_choosing() {
        return None;
    }
    let text = if !state.can_render() {
        "Choose a model in the Model menu to see what controls its pictures."
    } else if controls.is_choosing() {
        "Draw round a part of the mask or of the result, or click a label. Esc gives up."
    } else if controls.region().is_none() {
        "Which sliders change the hair, and nothing else? Choose a region of the picture, and every direction and \
         attribute is tried on it: the ones that change it most and the rest least come first. The mask stays as it is."
    } else if controls.progress().is_some() {
        "Trying every direction and attribute on your picture…"
    } else {
        "Look again to see what controls this region."
    };
    Some(text.to_owned())
}

/// How to choose a region, at first.
fn begin(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.add_space(theme::GAP_SMALL);
    ui.horizontal(|ui| {
        let label = format!("Take the label «{}»", state.label_title(state.painting.label));
        let choose = if state.controls.is_choosing() { "Stop drawing" } else { "Draw round a region" };
        for (action, title) in [(Action::ControlsOfRegion, choose), (Action::ControlsOfLabel, label.as_str())] {
            let button = ui.add(Button::new(title).min_size(vec2(0.0, theme::ROW_HEIGHT)));
            if button.on_hover_text(action.info().tooltip).clicked() {
                commands.push(Command::Do(action));
            }
        }
    });
}

fn toolbar(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let wide = ui.available_width() > WIDE;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        action_button::toggle_icon_button(ui, state, Action::ControlsOfRegion, commands);
        action_button::plain_icon_button(ui, state, Action::ControlsOfLabel, commands);
        ui.add_space(theme::GAP_SMALL);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            outcome(ui, state, wide, commands);
            if state.controls.has_findings() {
                ui.add_space(theme::GAP_SMALL);
                kinds(ui, state, commands);
            }
            ui.add_space(theme::GAP_SMALL);
            // What is left of the line.
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| region(ui, state, wide));
        });
    });
}

fn region(ui: &mut Ui, state: &EditorState, wide: bool) {
    let Some(region) = state.controls.region() else { return };
    let part = format!("{} of the picture", percent(region.part()));
    let title = ui.add(Label::new(RichText::new(region.title()).strong()).truncate());
    title.on_hover_text(format!("{}, {part}", region.title()));
    if wide {
        ui.add_space(theme::GAP_SMALL);
        ui.label(RichText::new(part).small().weak());
    }
}

/// Which findings are shown.
fn kinds(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let now = state.controls.kinds();
    let list = ComboBox::from_id_salt("control_kinds").width(KINDS).selected_text(now.title());
    let shown = list.show_ui(ui, |ui| {
        for kinds in Kinds::EACH {
            if ui.selectable_label(kinds == now, kinds.title()).clicked() && kinds != now {
                say(commands, ControlsCommand::Show(kinds));
            }
        }
    });
    shown.response.on_hover_text("Which controls are listed").accessible_name("Kinds of controls");
}

/// How far the look is, or whether it is out of date. From right to left.
fn outcome(ui: &mut Ui, state: &EditorState, wide: bool, commands: &mut Vec<Command>) {
    let controls = &state.controls;
    if let Some(progress) = controls.progress() {
        action_button::plain_icon_button(ui, state, Action::StopLooking, commands);
        let bar = ProgressBar::new(progress).desired_width(PROGRESS).text(format!("{:.0} %", progress * 100.0));
        let hint = format!("Every control is tried on {LATENTS_MEASURED} latents, while you do nothing else");
        ui.add(bar).on_hover_text(hint);
        return;
    }
    let outdated = state.controls_are_outdated();
    if outdated || (controls.region().is_some() && !controls.has_findings()) {
        let action = Action::LookAgain;
        let enabled = action.is_enabled(state);
        let busy = theme::palette(ui.visuals()).busy;
        let earlier = "Found for an earlier picture";
        let mut text = RichText::new("Look again");
        let mut hint = action.info().tooltip.to_owned();
        if outdated {
            text = text.color(busy);
            hint = format!("{earlier}: mask, attributes, latent or model have changed since\n{hint}");
        }
        let button = ui.add_enabled(enabled, Button::new(text).min_size(vec2(0.0, section::SMALL_BUTTON)));
        if button.on_hover_text(&hint).clicked() {
            commands.push(Command::Do(action));
        }
        if outdated && wide {
            ui.add_space(theme::GAP_SMALL);
            ui.label(RichText::new(earlier).small().weak()).on_hover_text(hint);
        }
    } else if controls.region().is_some() {
        action_button::plain_icon_button(ui, state, Action::LookAgain, commands);
    }
}

fn findings(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let mut pointed = None;
    // One scale for all, so that bars can be compared.
    let most = state.controls.findings().map(|finding| finding.influence.inside().max(finding.influence.outside()));
    let most = most.fold(1.0, f32::max);
    ScrollArea::vertical().id_salt("controls").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(SPACE, SPACE);
        let width = ui.available_width();
        let per_line = ((width + SPACE) / (card::LEAST_WIDTH + SPACE)).floor().max(1.0);
        let card_width = ((width + SPACE) / per_line - SPACE).floor();
        let all: Vec<_> = state.controls.findings().collect();
        for line in all.chunks(per_line as usize) {
            ui.horizontal(|ui| {
                for finding in line {
                    pointed = card::show(ui, state, finding, card_width, most, commands).or(pointed);
                }
            });
        }
    });
    if pointed != state.controls.previewed() {
        say(commands, ControlsCommand::Point(pointed));
    }
}

fn clear_preview(state: &EditorState, commands: &mut Vec<Command>) {
    if state.controls.previewed().is_some() {
        say(commands, ControlsCommand::Point(None));
    }
}

/// A part as a person says it; small ones with a decimal.
fn percent(part: f32) -> String {
    let percent = part * 100.0;
    if percent < 10.0 && percent > 0.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}
