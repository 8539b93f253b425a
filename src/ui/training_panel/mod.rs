//! Training: the data set, the settings, the run as curves and numbers, and pinned canvases over training time.

mod curves;
mod data;
mod film;
mod probes;
mod progress;
mod report;
mod settings;
mod thumbnails;
mod wipe;

use eframe::egui::{
    Align, Button, Frame, Layout, Margin, Response, RichText, Role, ScrollArea, Stroke, StrokeKind, Ui, WidgetInfo,
    vec2,
};

use super::{action_button, section, theme};
use crate::editor::{Action, Command, EditorState, RunPhase, TrainingCommand, TrainingTab};
use crate::training::RunEnd;

/// Less room than this, in points, is too little for the whole status.
const SHORT: f32 = 130.0;
/// Wider than this, in points, the parts of a tab stand beside each other.
const WIDE: f32 = 640.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.painter().rect_filled(ui.max_rect(), 0, theme::palette(ui.visuals()).panel);
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 0, bottom: 4 }).show(ui, |ui| {
        tabs(ui, state, commands);
        interrupted(ui, state, commands);
        let tab = state.training.tab;
        ScrollArea::vertical().id_salt(("training", tab.title())).auto_shrink(false).show(ui, |ui| match tab {
            TrainingTab::Data => data::show(ui, state, commands),
            TrainingTab::Settings => settings::show(ui, state, commands),
            TrainingTab::Progress => progress::show(ui, state, commands),
            TrainingTab::Probes => probes::show(ui, state, commands),
        });
    });
}

fn tabs(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for tab in TrainingTab::ALL {
            let chosen = state.training.tab == tab;
            let button = Button::selectable(chosen, tab.title()).min_size(vec2(0.0, theme::ROW_HEIGHT));
            let response = ui.add(button).on_hover_text(hint(tab));
            response.widget_info(|| WidgetInfo::selected(Role::Tab, true, chosen, tab.title()));
            if response.clicked() {
                commands.push(Command::Training(TrainingCommand::ShowTab(tab)));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (text, color) = status(ui, state);
            // Where there is too little room, the number says enough.
            let text = if ui.available_width() < SHORT { text.rsplit(' ').next().unwrap_or_default() } else { &text };
            ui.add(eframe::egui::Label::new(RichText::new(text).small().color(color)).truncate());
        });
    });
    ui.add_space(2.0);
}

const fn hint(tab: TrainingTab) -> &'static str {
    match tab {
        TrainingTab::Data => "What to train on, and what is in it",
        TrainingTab::Settings => "What to train, and how",
        TrainingTab::Progress => "Losses, rates and checkpoints",
        TrainingTab::Probes => "Pinned canvases over training time",
    }
}

/// What the run is doing, in a few words.
fn status(ui: &Ui, state: &EditorState) -> (String, eframe::egui::Color32) {
    let palette = theme::palette(ui.visuals());
    let run = &state.training.run;
    let at = run.progress.map_or_else(String::new, |progress| format!(" · step {}/{}", progress.step, progress.steps));
    match &run.phase {
        _ if state.starts_after_check() => ("Checking the data set first".to_owned(), palette.busy),
        RunPhase::Idle => (String::new(), palette.text_weak),
        RunPhase::Starting => ("Starting…".to_owned(), palette.busy),
        RunPhase::Running => (format!("Training{at}"), palette.busy),
        RunPhase::Paused => (format!("Paused{at}"), palette.text_weak),
        RunPhase::Stopping => ("Saving…".to_owned(), palette.busy),
        RunPhase::Ended(RunEnd::Complete) => (format!("Complete{at}"), palette.success),
        RunPhase::Ended(RunEnd::Stopped) => (format!("Stopped{at}"), palette.text_weak),
        RunPhase::Ended(RunEnd::Failed(_)) => ("Failed".to_owned(), palette.error),
    }
}

/// Offers to go on with what an earlier process left.
fn interrupted(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(run) = &state.training.interrupted else { return };
    let palette = theme::palette(ui.visuals());
    let frame =
        Frame::new().fill(palette.selection).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(10, 6));
    frame.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let text = format!("«{}» was interrupted after step {} of {}.", run.name, run.step, run.steps);
            ui.label(RichText::new(text).color(palette.selection_text)).on_hover_text(run.folder.display().to_string());
            if ui.button("Continue").on_hover_text("Go on from its newest checkpoint").clicked() {
                commands.push(Command::Training(TrainingCommand::ContinueInterrupted));
            }
            let hint = "Its folder stays as it is; «Continue a run…» finds it again";
            if ui.button("Leave it").on_hover_text(hint).clicked() {
                commands.push(Command::Training(TrainingCommand::ForgetInterrupted));
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
}

/// A button with the action's icon and title.
fn action(ui: &mut Ui, state: &EditorState, action: Action, commands: &mut Vec<Command>) {
    titled_action(ui, state, action, action.info().title, commands);
}

/// A button with the action's icon and another title, for when it would do something else now.
fn titled_action(ui: &mut Ui, state: &EditorState, action: Action, title: &str, commands: &mut Vec<Command>) {
    let tooltip = action_button::tooltip(ui, state, action);
    let on = action.is_on(state) == Some(true);
    let icon = if on { theme::icon_while_on(action) } else { theme::icon(action) };
    let button = match icon {
        Some(icon) => Button::new((icon.rich_text().size(15.0), title)),
        None => Button::new(title),
    };
    let response = ui
        .add_enabled(action.is_enabled(state), button.selected(on && action == Action::FollowTraining))
        .on_hover_text(&tooltip)
        .on_disabled_hover_text(tooltip)
        .accessible_name(title);
    if response.clicked() {
        commands.push(Command::Do(action));
    }
}

/// A radio button in the shape of a chip.
fn chip(ui: &mut Ui, title: &str, hint: &str, chosen: bool) -> bool {
    let button = Button::selectable(chosen, title).frame_when_inactive(true).corner_radius(13);
    let response = ui.add(button).on_hover_text(hint);
    outline_if(ui, &response, chosen);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, title));
    response.clicked()
}

fn outline_if(ui: &Ui, response: &Response, chosen: bool) {
    if chosen {
        let outline = Stroke::new(1.0, theme::palette(ui.visuals()).accent);
        ui.painter().rect_stroke(response.rect, 13, outline, StrokeKind::Inside);
    }
}

/// What to do where there is nothing yet.
fn empty(ui: &mut Ui, text: &str) {
    ui.add_space(theme::GAP_SMALL);
    ui.label(RichText::new(text).weak());
    ui.add_space(theme::GAP_SMALL);
}

/// Bytes for people.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// Seconds for people.
fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes @ 0..10, seconds) => format!("{minutes} min {seconds} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours @ 0..48, minutes, _) => format!("{hours} h {minutes} min"),
        (hours, _, _) => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!([bytes(12), bytes(2048), bytes(750 << 20), bytes(5 << 30)], ["12 B", "2.0 KB", "750 MB", "5.0 GB"]);
        let times = [0.4, 59.0, 61.0, 1200.0, 7380.0, 200_000.0].map(duration);
        assert_eq!(times, ["0 s", "59 s", "1 min 1 s", "20 min", "2 h 3 min", "2 days"]);
    }
}
