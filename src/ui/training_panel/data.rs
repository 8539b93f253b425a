//! What to train on.

use eframe::egui::{CollapsingHeader, ComboBox, ProgressBar, RichText, TextEdit, Ui};

use super::{action, chip, empty, report, section, theme, titled_action};
use crate::data::Split;
use crate::editor::{Action, CheckState, Command, DataChoice, DataKind, EditorState, TrainingCommand};
use crate::taxonomy::Taxonomy;

/// Room at the right of the path for the button, in points.
const BUTTON: f32 = 150.0;
const SPLIT_HINT: &str =
    "As the data set's own lists say, or else by the samples' names: 90 % train, 5 % validation, 5 % test";
const TAXONOMY_HINT: &str =
    "Labels and attributes are brought into this set by their names; what has no counterpart is told";
const ATTRIBUTES_HINT: &str =
    "Attributes by the data set's own names, separated by commas; empty for those that belong to the labels";

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let training = &state.training;
    ui.horizontal_wrapped(|ui| {
        for kind in DataKind::ALL {
            if chip(ui, kind.title(), kind.hint(), training.data.kind == kind) {
                commands.push(Command::Training(TrainingCommand::ChooseData(kind)));
            }
        }
        if training.data.kind != DataKind::Folder {
            check_button(ui, state, commands);
        }
    });
    if training.data.kind == DataKind::Folder {
        folder(ui, state, commands);
        selection(ui, &training.data, commands);
    }
    ui.add_space(theme::GAP_SMALL);
    match &training.check {
        CheckState::None => empty(
            ui,
            match training.data.kind {
                DataKind::Folder => {
                    "Choose a folder with images and masks. Before anything is trained, every sample is read: the report says what there is and what is amiss."
                }
                _ => {
                    "These samples are drawn as they are needed, so there is nothing to prepare. Check them to see some."
                }
            },
        ),
        CheckState::Running { done, of, .. } => reading(ui, *done, *of),
        CheckState::Failed(message) => {
            ui.colored_label(theme::palette(ui.visuals()).error, message);
        }
        CheckState::Done(_) => {
            if let Some(checked) = training.checked() {
                report::show(ui, checked, training.check_number());
            }
        }
    }
    ui.add_space(theme::GAP_SMALL);
    pairs(ui, state, commands);
}

fn folder(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let mut text = state.training.data.path.clone();
        let room = (ui.available_width() - BUTTON - 70.0).max(90.0);
        let field = TextEdit::singleline(&mut text).desired_width(room).hint_text("Folder of images and masks");
        let field = ui.add(field).on_hover_text("Folder of images and masks").accessible_name("Data set folder");
        if field.changed() {
            commands.push(Command::Training(TrainingCommand::TypeData(text)));
        }
        if field.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter)) {
            commands.push(Command::Do(Action::CheckData));
        }
        titled_action(ui, state, Action::ChooseDataFolder, "Choose…", commands);
        check_button(ui, state, commands);
    });
}

/// Which samples, and what of them.
fn selection(ui: &mut Ui, data: &DataChoice, commands: &mut Vec<Command>) {
    let title = if data.is_selective() { "Part, labels, attributes: chosen" } else { "Part, labels, attributes" };
    let header = CollapsingHeader::new(RichText::new(title).small()).id_salt("data selection");
    let shown = header.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for split in Split::ALL {
                if chip(ui, split_title(split), SPLIT_HINT, data.split == split) {
                    commands.push(Command::Training(TrainingCommand::ChooseSplit(split)));
                }
            }
        });
        ui.horizontal(|ui| {
            ui.label("Labels as");
            let names = Taxonomy::builtins().into_iter().map(|taxonomy| (Some(taxonomy.name), taxonomy.title));
            let choices: Vec<_> = std::iter::once((None, "the data set has them".to_owned())).chain(names).collect();
            let chosen = choices.iter().find(|(name, _)| *name == data.taxonomy);
            let combo = ComboBox::from_id_salt("data_taxonomy")
                .selected_text(chosen.map_or("", |(_, title)| title))
                .show_ui(ui, |ui| {
                    for (name, title) in &choices {
                        if ui.selectable_label(*name == data.taxonomy, title).clicked() {
                            commands.push(Command::Training(TrainingCommand::ChooseTaxonomy(name.clone())));
                        }
                    }
                });
            combo.response.on_hover_text(TAXONOMY_HINT).accessible_name("Labels of the data set");
        });
        let mut text = data.attributes.clone();
        let field =
            TextEdit::singleline(&mut text).desired_width(f32::INFINITY).hint_text("Attributes, such as Smiling, Male");
        let field = ui.add(field).on_hover_text(ATTRIBUTES_HINT).accessible_name("Attributes of the data set");
        if field.changed() {
            commands.push(Command::Training(TrainingCommand::TypeAttributes(text)));
        }
    });
    shown.header_response.on_hover_text("Train on a part of the data set, with other labels or other attributes");
}

const fn split_title(split: Split) -> &'static str {
    match split {
        Split::All => "All",
        Split::Train => "Train",
        Split::Validation => "Validation",
        Split::Test => "Test",
    }
}

fn check_button(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let running = matches!(state.training.check, CheckState::Running { .. });
    titled_action(ui, state, Action::CheckData, if running { "Cancel" } else { "Check" }, commands);
}

fn reading(ui: &mut Ui, done: usize, of: usize) {
    let part = if of == 0 { 0.0 } else { done as f32 / of as f32 };
    let text = if of == 0 { "Looking for samples…".to_owned() } else { format!("{done} of {of} samples read") };
    ui.add(ProgressBar::new(part).desired_height(8.0).fill(theme::palette(ui.visuals()).accent));
    ui.label(RichText::new(text).small().weak());
}

/// Where pairs from the canvas go.
fn pairs(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::group(ui, "From the canvas");
    ui.horizontal_wrapped(|ui| {
        action(ui, state, Action::AddPair, commands);
        let folder = state.training.pairs_folder.as_ref();
        let text = folder.map_or_else(
            || "Adds the mask with its tracing photo, or else the result, to a data set.".to_owned(),
            |folder| format!("to {}", folder.display()),
        );
        ui.label(RichText::new(text).small().weak());
        if folder.is_some() {
            titled_action(ui, state, Action::ChoosePairFolder, "Another folder…", commands);
        }
    });
}
