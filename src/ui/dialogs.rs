//! What covers the window until it is answered.

mod map_labels;
mod preferences;
mod recovery;

use std::path::Path;

use eframe::egui;
use eframe::egui::{Align, Button, Frame, Grid, Id, Key, Layout, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::{action_button, theme};
use crate::editor::{Action, Command, Dialog, DialogAnswer, EditorState, Intent};

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(dialog) = &state.dialog else { return };
    let frame = Frame::popup(ui.style()).inner_margin(theme::DIALOG_MARGIN);
    let modal = Modal::new(Id::unique("dialog")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(440.0);
        ui.spacing_mut().item_spacing.y = theme::GAP_SMALL;
        match dialog {
            Dialog::Unsaved(intent) => unsaved(ui, intent, commands),
            Dialog::TypePath => type_path(ui, state, commands),
            Dialog::Shortcuts => shortcuts(ui, commands),
            Dialog::ModelCard => model_card(ui, state, commands),
            Dialog::About => about(ui, commands),
            Dialog::Recovery => recovery::show(ui, state, commands),
            Dialog::OpenElsewhere(path) => open_elsewhere(ui, path, commands),
            Dialog::MapLabels => map_labels::show(ui, state, commands),
            Dialog::Preferences => preferences::show(ui, state, commands),
        }
    });
    if modal.should_close() {
        commands.push(Command::Answer(DialogAnswer::Close));
    }
}

fn answer(ui: &mut Ui, title: &str, answer: DialogAnswer, commands: &mut Vec<Command>) {
    if ui.add(Button::new(title).min_size(egui::vec2(88.0, 30.0))).clicked() {
        commands.push(Command::Answer(answer));
    }
}

fn close_row(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| answer(ui, "Close", DialogAnswer::Close, commands));
}

fn unsaved(ui: &mut Ui, intent: &Intent, commands: &mut Vec<Command>) {
    if *intent == Intent::Revert {
        return revert(ui, commands);
    }
    ui.heading(RichText::new("Save your changes?").strong());
    ui.label(match intent {
        Intent::New => "A new mask replaces this session.",
        Intent::Open(_) => "Opening a file may replace this session.",
        Intent::NewFrom => "A copy of another session replaces this one.",
        Intent::Recover(_) => "What is recovered replaces this session.",
        Intent::Revert | Intent::Quit => "This session has changes that are not on disk.",
    });
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        answer(ui, "Save", DialogAnswer::Accept, commands);
        answer(ui, "Cancel", DialogAnswer::Close, commands);
        answer(ui, "Don't save", DialogAnswer::Discard, commands);
    });
}

fn revert(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Go back to the saved session?").strong());
    ui.label("The changes since it was saved are taken back. Undo brings them back.");
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        answer(ui, "Revert", DialogAnswer::Accept, commands);
        answer(ui, "Cancel", DialogAnswer::Close, commands);
    });
}

fn open_elsewhere(ui: &mut Ui, path: &Path, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Open in another window").strong());
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    ui.label(format!(
        "{name} is open in another window of this program. Whoever saves last would overwrite the other's changes."
    ));
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        answer(ui, "Open a copy", DialogAnswer::Accept, commands);
        answer(ui, "Open anyway", DialogAnswer::Discard, commands);
        answer(ui, "Cancel", DialogAnswer::Close, commands);
    });
}

fn type_path(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(entry) = &state.path_entry else { return };
    let heading = ui.heading(RichText::new(entry.title()).strong());
    ui.label(RichText::new("This desktop has no file dialog, so type the path.").weak());
    let mut text = entry.text.clone();
    let field = ui.add(TextEdit::singleline(&mut text).desired_width(f32::INFINITY).hint_text("/home/…"));
    let field = field.labelled_by(heading.id);
    if field.changed() {
        commands.push(Command::TypePath(text));
    }
    if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        commands.push(Command::Answer(DialogAnswer::Accept));
    } else if !field.has_focus() {
        field.request_focus();
    }
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        answer(ui, "OK", DialogAnswer::Accept, commands);
        answer(ui, "Cancel", DialogAnswer::Close, commands);
    });
}

fn shortcuts(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Keyboard shortcuts").strong());
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        Grid::new("shortcuts").num_columns(2).spacing([28.0, 5.0]).show(ui, |ui| {
            for action in Action::ALL {
                if let Some(key) = action_button::shortcut_text(ui, action) {
                    pair(ui, &key, action.info().title.trim_end_matches('…'));
                }
            }
            for (key, meaning) in [
                ("Wheel", "Zoom to the pointer"),
                ("Ctrl+Wheel", "Brush size"),
                ("Space+Drag", "Move the mask; the middle button too"),
                ("Alt+Click", "Pick the label under the pointer"),
                ("Shift+Click", "Brush: straight line from the last stroke. Fill: every area of the label"),
                ("Esc", "Cancel the stroke"),
                ("1 … 9", "Choose a label"),
            ] {
                pair(ui, key, meaning);
            }
        });
    });
    close_row(ui, commands);
}

fn pair(ui: &mut Ui, key: &str, meaning: &str) {
    ui.label(RichText::new(key).monospace());
    ui.label(meaning);
    ui.end_row();
}

fn model_card(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(model) = &state.model.loaded else { return };
    ui.heading(RichText::new(&model.title).strong());
    Grid::new("model_card").num_columns(2).spacing([28.0, 6.0]).show(ui, |ui| {
        let labels = model.taxonomy.n_labels();
        let attributes: Vec<&str> = model.taxonomy.attribute_names().collect();
        for (name, value) in [
            ("Name", model.name.clone()),
            ("Pictures", format!("{0} × {0} pixels", model.resolution)),
            ("Taxonomy", format!("{} · {labels} labels", model.taxonomy.title)),
            ("Attributes", attributes.join(", ").replace('_', " ")),
            ("Training", model.training.clone()),
            ("Licence", model.license.clone()),
            ("Device", state.model.device.clone().unwrap_or_default()),
            ("Hash", model.hash.chars().take(16).collect()),
        ] {
            ui.label(RichText::new(name).weak());
            ui.add(egui::Label::new(value).wrap());
            ui.end_row();
        }
    });
    close_row(ui, commands);
}

fn about(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("SCGAN Studio").strong());
    ui.label(format!("Version {}", env!("CARGO_PKG_VERSION")));
    ui.label("Paint a semantic mask, and a generator draws the picture live.");
    ui.label(RichText::new(format!("Licence: {}", env!("CARGO_PKG_LICENSE"))).weak());
    close_row(ui, commands);
}
