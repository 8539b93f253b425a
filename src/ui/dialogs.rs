//! What covers the window until it is answered.

mod export_animation;
mod map_labels;
mod preferences;
mod recovery;

use std::path::Path;

use eframe::egui;
use eframe::egui::{Align, Align2, Area, Button, Frame, Id, Key, Layout, Modal, RichText, TextEdit, Ui};

use super::{command_palette, model_card, photo, shortcut_editor, shortcut_sheet, template_gallery, theme};
use crate::editor::{Action, Command, Dialog, DialogAnswer, EditorState, Intent};

/// From the window's top to the palette, in points.
const PALETTE_TOP: f32 = 64.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(dialog) = &state.dialog else { return };
    let frame = Frame::popup(ui.style()).inner_margin(theme::DIALOG_MARGIN);
    // Each kind its own, since a window keeps the size it once had.
    let id = Id::unique(("dialog", std::mem::discriminant(dialog)));
    let modal = Modal::new(id).area(area(id, dialog)).frame(frame).show(ui.ctx(), |ui| {
        let room = ui.ctx().content_rect().width() - 2.0 * f32::from(theme::DIALOG_MARGIN) - 16.0;
        ui.set_width(width(dialog).min(room));
        ui.spacing_mut().item_spacing.y = theme::GAP_SMALL;
        match dialog {
            Dialog::Unsaved(intent) => unsaved(ui, intent, commands),
            Dialog::TypePath => type_path(ui, state, commands),
            Dialog::Shortcuts => {
                shortcut_sheet::show(ui, state);
                ui.add_space(theme::GAP_SMALL);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    answer(ui, "Close", DialogAnswer::Close, commands);
                    if ui.add(Button::new("Change shortcuts…").min_size(egui::vec2(88.0, 30.0))).clicked() {
                        commands.push(Command::Do(Action::EditShortcuts));
                    }
                });
            }
            Dialog::ModelCard => {
                model_card::show(ui, state);
                close_row(ui, commands);
            }
            Dialog::Templates => templates(ui, commands),
            Dialog::CommandPalette => command_palette::show(ui, state, commands),
            Dialog::About => about(ui, commands),
            Dialog::Recovery => recovery::show(ui, state, commands),
            Dialog::OpenElsewhere(path) => open_elsewhere(ui, path, commands),
            Dialog::MapLabels => map_labels::show(ui, state, commands),
            Dialog::Preferences => preferences::show(ui, state, commands),
            Dialog::FramePhoto => photo::framing(ui, state, commands),
            Dialog::ExportAnimation => export_animation::show(ui, state, commands),
            Dialog::EditShortcuts => {
                shortcut_editor::show(ui, state, commands);
                close_row(ui, commands);
            }
        }
    });
    if modal.should_close() {
        commands.push(Command::Answer(DialogAnswer::Close));
    }
}

fn width(dialog: &Dialog) -> f32 {
    match dialog {
        Dialog::Shortcuts => shortcut_sheet::WIDTH,
        Dialog::Templates => template_gallery::WIDTH,
        Dialog::CommandPalette => command_palette::WIDTH,
        Dialog::EditShortcuts => shortcut_editor::WIDTH,
        Dialog::ModelCard => 520.0,
        Dialog::FramePhoto => photo::FRAMING_WIDTH,
        _ => 440.0,
    }
}

/// In the middle, but for the palette, whose field must not move while its list grows and shrinks.
fn area(id: Id, dialog: &Dialog) -> Area {
    let area = Modal::default_area(id);
    if *dialog == Dialog::CommandPalette { area.anchor(Align2::CENTER_TOP, [0.0, PALETTE_TOP]) } else { area }
}

fn templates(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("Templates").strong());
    if template_gallery::show(ui, commands) {
        commands.push(Command::Answer(DialogAnswer::Close));
    }
    close_row(ui, commands);
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
        Intent::Sample(_) => "A sample replaces this session.",
        Intent::Recover(_) => "What is recovered replaces this session.",
        Intent::Adopt => "The session that was opened replaces this one.",
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

fn about(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.heading(RichText::new("SCGAN Studio").strong());
    ui.label(format!("Version {}", env!("CARGO_PKG_VERSION")));
    ui.label("Paint a semantic mask, and a generator draws the picture live.");
    ui.label(RichText::new(format!("Licence: {}", env!("CARGO_PKG_LICENSE"))).weak());
    close_row(ui, commands);
}
