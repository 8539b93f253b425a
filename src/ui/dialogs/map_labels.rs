//! What the labels of a mask or document become.

use eframe::egui::{Align, ComboBox, Grid, Layout, Rect, RichText, ScrollArea, Sense, StrokeKind, Ui, vec2};

use super::{answer, theme};
use crate::editor::{
    Command, DialogAnswer, EditorState, FilesCommand, MappingRow, MappingSource, MappingTarget, sentence_case,
};
use crate::taxonomy::LabelId;

const MAX_HEIGHT: f32 = 380.0;
const SWATCH: f32 = 16.0;
const LABEL_WIDTH: f32 = 180.0;
const BY_SIDE: &str =
    "Parts on the left of the picture, or of the mirror axis, become the first, those on the right the second";

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(mapping) = &state.files.mapping else { return };
    ui.heading(RichText::new("What do these labels mean?").strong());
    let into = &state.taxonomy.title;
    ui.label(match &mapping.source {
        MappingSource::Mask(_) => format!("The mask has labels that {into} does not have. Say what each one becomes."),
        MappingSource::Document { title, .. } => {
            format!("This model knows other labels. Say what each label of {title} becomes, or keep a mask per model.")
        }
    });
    ScrollArea::vertical().max_height(MAX_HEIGHT).show(ui, |ui| {
        Grid::new("map_labels").num_columns(4).spacing([12.0, 5.0]).show(ui, |ui| {
            // Those in doubt first.
            for certain in [false, true] {
                let rows = mapping.rows.iter().enumerate().filter(|(_, row)| row.certain == certain);
                rows.for_each(|(index, row)| show_row(ui, state, index, row, commands));
            }
        });
    });
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| match mapping.source {
        MappingSource::Mask(_) => {
            answer(ui, "Open mask", DialogAnswer::Accept, commands);
            answer(ui, "Cancel", DialogAnswer::Close, commands);
        }
        MappingSource::Document { .. } => {
            answer(ui, "Carry mask over", DialogAnswer::Accept, commands);
            answer(ui, "A mask per model", DialogAnswer::Close, commands);
        }
    });
}

fn show_row(ui: &mut Ui, state: &EditorState, index: usize, row: &MappingRow, commands: &mut Vec<Command>) {
    swatch(ui, row.color);
    let name = ui.label(&row.name);
    ui.label(RichText::new(format!("{} px", row.pixels)).small().weak());
    let choice = ComboBox::from_id_salt(("target", index)).width(LABEL_WIDTH).height(420.0);
    let choice = choice.selected_text(target_name(state, row.target)).show_ui(ui, |ui| {
        let ids = 0..LabelId::try_from(state.taxonomy.n_labels()).unwrap_or(LabelId::MAX);
        for target in ids.map(MappingTarget::One).chain(state.mapping_pairs()) {
            ui.horizontal(|ui| {
                let (first, second) = match target {
                    MappingTarget::One(id) => (id, None),
                    MappingTarget::BySide { left, right } => (left, Some(right)),
                };
                [Some(first), second].into_iter().flatten().for_each(|id| swatch(ui, label_color(state, id)));
                let choice = ui.selectable_label(row.target == target, target_name(state, target));
                let choice = if second.is_some() { choice.on_hover_text(BY_SIDE) } else { choice };
                if choice.clicked() {
                    commands.push(Command::Files(FilesCommand::MapLabel { row: index, target }));
                    ui.close();
                }
            });
        }
    });
    choice.response.labelled_by(name.id);
    ui.end_row();
}

fn target_name(state: &EditorState, target: MappingTarget) -> String {
    let name = |id: LabelId| {
        let label = state.taxonomy.labels.get(usize::from(id));
        sentence_case(label.map_or("?", |label| label.name.as_str()))
    };
    match target {
        MappingTarget::One(0) => format!("{} (ignore)", name(0)),
        MappingTarget::One(id) => name(id),
        MappingTarget::BySide { left, right } => format!("{} | {}", name(left), name(right)),
    }
}

fn label_color(state: &EditorState, id: LabelId) -> Option<[u8; 3]> {
    state.taxonomy.labels.get(usize::from(id)).map(|label| label.color)
}

/// A square in the colour; an empty one when there is none.
fn swatch(ui: &mut Ui, color: Option<[u8; 3]>) {
    let (rect, _) = ui.allocate_exact_size(vec2(SWATCH, SWATCH), Sense::hover());
    let rect = Rect::from_center_size(rect.center(), vec2(SWATCH, SWATCH));
    if let Some(color) = color {
        ui.painter().rect_filled(rect, 3.0, theme::label_color(color));
    }
    let stroke = theme::swatch_stroke(theme::palette(ui.visuals()));
    ui.painter().rect_stroke(rect, 3.0, stroke, StrokeKind::Inside);
}
