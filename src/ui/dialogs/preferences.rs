//! The preferences.

use eframe::egui::{ComboBox, DragValue, Grid, Id, RichText, Ui};

use super::{close_row, theme};
use crate::editor::{
    AUTOSAVE_DELAY_RANGE_S, Action, Command, EditorState, FilesCommand, HISTORY_BYTES_RANGE, PreferenceChange,
    ThemeChoice, UI_SCALE_RANGE,
};
use crate::gpu::{DeviceChoice, known_adapters};

const MIB: usize = 1 << 20;
const SCALES: [f32; 6] = [0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Preferences").strong());
    ui.add_space(theme::GAP_SMALL);
    Grid::new("preferences").num_columns(2).spacing([28.0, 10.0]).show(ui, |ui| {
        theme_choice(ui, state, commands);
        ui_scale(ui, state, commands);
        device(ui, state, commands);
        autosave(ui, state, commands);
        autosave_delay(ui, state, commands);
        history(ui, state, commands);
        overdrive(ui, state, commands);
        keys(ui, commands);
    });
    close_row(ui, commands);
}

fn prefer(change: PreferenceChange, commands: &mut Vec<Command>) {
    commands.push(Command::Files(FilesCommand::Prefer(change)));
}

/// The name of a row; what it names says so to screen readers.
fn name(ui: &mut Ui, text: &str) -> Id {
    ui.label(RichText::new(text).weak()).id
}

fn theme_choice(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let _ = name(ui, "Theme");
    ui.horizontal(|ui| {
        for (choice, action) in [
            (ThemeChoice::Dark, Action::ThemeDark),
            (ThemeChoice::Light, Action::ThemeLight),
            (ThemeChoice::System, Action::ThemeSystem),
        ] {
            if ui.radio(state.theme == choice, action.info().title).clicked() {
                commands.push(Command::Do(action));
            }
        }
    });
    ui.end_row();
}

fn ui_scale(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let name = name(ui, "Size of texts and buttons");
    let scale = state.preferences.ui_scale;
    let text = |scale: f32| format!("{:.0} %", scale * 100.0);
    let choice = ComboBox::from_id_salt("ui_scale").selected_text(text(scale)).show_ui(ui, |ui| {
        for choice in SCALES.into_iter().filter(|choice| UI_SCALE_RANGE.contains(choice)) {
            if ui.selectable_label(scale == choice, text(choice)).clicked() {
                prefer(PreferenceChange::UiScale(choice), commands);
            }
        }
    });
    choice.response.labelled_by(name);
    ui.end_row();
}

fn device(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let name = name(ui, "Device");
    let adapters = known_adapters();
    let text = |choice: DeviceChoice| match choice {
        DeviceChoice::Auto => "A GPU if there is one".to_owned(),
        DeviceChoice::Cpu => "CPU".to_owned(),
        DeviceChoice::Gpu(None) => "The first GPU".to_owned(),
        DeviceChoice::Gpu(Some(number)) => {
            adapters.get(number).map_or_else(|| format!("GPU {number}"), |adapter| adapter.name.clone())
        }
    };
    let current = state.preferences.device;
    let numbered = (0..adapters.len()).map(|number| DeviceChoice::Gpu(Some(number)));
    ui.vertical(|ui| {
        let choice = ComboBox::from_id_salt("device").width(220.0).selected_text(text(current)).show_ui(ui, |ui| {
            for choice in [DeviceChoice::Auto, DeviceChoice::Cpu].into_iter().chain(numbered) {
                if ui.selectable_label(current == choice, text(choice)).clicked() {
                    prefer(PreferenceChange::Device(choice), commands);
                }
            }
        });
        choice.response.labelled_by(name);
        ui.label(RichText::new("From the next start on.").small().weak());
    });
    ui.end_row();
}

fn autosave(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let _ = name(ui, "After a crash");
    let mut autosave = state.preferences.autosave;
    if ui.checkbox(&mut autosave, "Offer unsaved work at the next start").changed() {
        prefer(PreferenceChange::Autosave(autosave), commands);
    }
    ui.end_row();
}

fn autosave_delay(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let name = name(ui, "Save in the background after");
    let mut delay_s = state.preferences.autosave_delay_s;
    let value = DragValue::new(&mut delay_s).range(AUTOSAVE_DELAY_RANGE_S).speed(0.1).max_decimals(1).suffix(" s");
    let value = ui.add_enabled(state.preferences.autosave, value);
    let value = value.on_hover_text("A crash loses no more than the changes since then").labelled_by(name);
    if value.changed() {
        prefer(PreferenceChange::AutosaveDelay(delay_s), commands);
    }
    ui.end_row();
}

fn history(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let name = name(ui, "Memory for undo");
    let mut mib = state.preferences.history_bytes / MIB;
    let range = HISTORY_BYTES_RANGE.start() / MIB..=HISTORY_BYTES_RANGE.end() / MIB;
    let value = DragValue::new(&mut mib).range(range).speed(8).suffix(" MB");
    let value = ui.add(value).on_hover_text("The oldest steps go when it is full").labelled_by(name);
    if value.changed() {
        prefer(PreferenceChange::HistoryBytes(mib * MIB), commands);
    }
    ui.end_row();
}

fn keys(ui: &mut Ui, commands: &mut Vec<Command>) {
    let _ = name(ui, "Keyboard");
    if ui.button("Change shortcuts…").clicked() {
        commands.push(Command::Do(Action::EditShortcuts));
    }
    ui.end_row();
}

fn overdrive(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let _ = name(ui, "Attributes");
    let mut overdrive = state.preferences.overdrive;
    let text = "Let strengths go beyond off and on";
    if ui.checkbox(&mut overdrive, text).on_hover_text("From −1 to 2 instead of 0 to 1").changed() {
        prefer(PreferenceChange::Overdrive(overdrive), commands);
    }
    ui.end_row();
}
