//! The timeline: keyframes to drag, a playhead, presets and the export.

mod track;

use eframe::egui::{
    Align, ComboBox, DragValue, Frame, Label, Layout, Margin, ProgressBar, RichText, ScrollArea, Ui, vec2,
};

use super::{action_button, section, theme};
use crate::document::{Ease, TIMELINE_RANGE_S};
use crate::editor::{Action, AnimationExport, Command, EditorState, TimelineCommand};
use crate::timeline::Preset;

/// Less room than this, in points, is too little for words beside the buttons.
const WIDE: f32 = 560.0;
const PROGRESS_WIDTH: f32 = 120.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.painter().rect_filled(ui.max_rect(), 0, theme::palette(ui.visuals()).panel);
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 0, bottom: 4 }).show(ui, |ui| {
        ScrollArea::vertical().id_salt("timeline").auto_shrink(false).show(ui, |ui| {
            toolbar(ui, state, commands);
            ui.add_space(theme::GAP_SMALL);
            if state.document.timeline.keyframes().is_empty() {
                empty(ui, state, commands);
            } else {
                track::show(ui, state, commands);
                footer(ui, state);
            }
        });
    });
}

fn toolbar(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let wide = ui.available_width() > WIDE;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        action_button::toggle_icon_button(ui, state, Action::PlayTimeline, commands);
        action_button::toggle_icon_button(ui, state, Action::ToggleTimelineLoop, commands);
        ui.add_space(theme::GAP_SMALL);
        for action in [Action::AddKeyframe, Action::UpdateKeyframe, Action::RemoveKeyframe, Action::EditMoment] {
            action_button::plain_icon_button(ui, state, action, commands);
        }
        ui.add_space(theme::GAP_SMALL);
        duration(ui, state, commands);
        if wide {
            ease(ui, state, commands);
            presets(ui, state, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| match &state.timeline.export {
            Some(export) if wide => progress(ui, export, commands),
            Some(_) => {}
            None => action_button::plain_icon_button(ui, state, Action::ExportAnimation, commands),
        });
    });
    if !wide {
        ui.horizontal(|ui| {
            ease(ui, state, commands);
            presets(ui, state, commands);
            if let Some(export) = &state.timeline.export {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| progress(ui, export, commands));
            }
        });
    }
}

/// How far an export is, and a button to stop it, from right to left.
fn progress(ui: &mut Ui, export: &AnimationExport, commands: &mut Vec<Command>) {
    let stop = section::small_button(ui, theme::ICON_REMOVE, "Cancel export", "No file is left", false);
    if stop.clicked() {
        commands.push(Command::Timeline(TimelineCommand::CancelExport));
    }
    let text = format!("Exporting {:.0} %", export.progress() * 100.0);
    ui.add(ProgressBar::new(export.progress()).desired_width(PROGRESS_WIDTH).text(text));
}

fn duration(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let mut duration_s = state.document.timeline.duration_s();
    let value = DragValue::new(&mut duration_s).range(TIMELINE_RANGE_S).speed(0.02).fixed_decimals(1).suffix(" s");
    let response = ui.add(value).on_hover_text("Duration of the whole timeline; keyframes move in proportion");
    let response = response.accessible_name("Duration");
    if response.changed() {
        commands.push(Command::Timeline(TimelineCommand::SetDuration(duration_s)));
    }
    if response.drag_stopped() || response.lost_focus() {
        commands.push(Command::FinishEdit);
    }
}

fn ease(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let now = state.document.timeline.ease;
    let list = ComboBox::from_id_salt("timeline_ease").width(84.0).selected_text(now.title());
    let shown = list.show_ui(ui, |ui| {
        for ease in Ease::ALL {
            if ui.selectable_label(ease == now, ease.title()).clicked() && ease != now {
                commands.push(Command::Timeline(TimelineCommand::SetEase(ease)));
            }
        }
    });
    shown.response.on_hover_text("How changes between keyframes gather pace").accessible_name("Ease");
}

fn presets(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let menu = ui.menu_button("Presets", |ui| preset_items(ui, state, commands));
    menu.response.on_hover_text("Ready-made timelines of the templates; undo brings yours back");
}

fn preset_items(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    for preset in Preset::ALL {
        let fits = state.preset_fits(preset);
        let reason = format!("Choose the bundled {} model first", preset.taxonomy());
        let item =
            ui.add_enabled(fits, eframe::egui::Button::new(preset.title()).min_size(vec2(0.0, theme::ROW_HEIGHT)));
        if item.on_disabled_hover_text(reason).clicked() {
            commands.push(Command::Timeline(TimelineCommand::UsePreset(preset)));
            ui.close();
        }
    }
}

/// What to do where there is nothing yet.
fn empty(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.add(Label::new(
        RichText::new(
            "Add a keyframe, change the mask, attributes or latent, and add another: what lies between is made up. Or begin with:",
        )
        .weak(),
    ));
    ui.horizontal_wrapped(|ui| {
        for preset in Preset::ALL.into_iter().filter(|preset| state.preset_fits(*preset)) {
            if ui.button(preset.title()).on_hover_text("Replace the timeline by this one and show it").clicked() {
                commands.push(Command::Timeline(TimelineCommand::UsePreset(preset)));
            }
        }
    });
}

fn footer(ui: &mut Ui, state: &EditorState) {
    let text = if state.timeline.is_shown() {
        format!(
            "The canvas shows the moment at {:.2} s. Painting goes back to your own mask; attributes change what you see.",
            state.timeline.playhead_s
        )
    } else {
        "Drag keyframes to other times; drag the playhead to see what lies between.".to_owned()
    };
    ui.add(Label::new(RichText::new(text).small().weak()).truncate());
}
