//! Every key, by category.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::action_button;
use crate::editor::{Action, Category, EditorState};

/// Width of the sheet, in points.
pub(super) const WIDTH: f32 = 680.0;

/// What is no action: pointer and keys on the mask.
const ON_THE_MASK: [(&str, &str); 7] = [
    ("Wheel", "Zoom to the pointer"),
    ("Ctrl+Wheel", "Brush size"),
    ("Space+Drag", "Move the mask; the middle button too"),
    ("Alt+Click", "Pick the label under the pointer"),
    ("Shift+Click", "Brush: straight line. Fill: everywhere"),
    ("Esc", "Cancel the stroke"),
    ("1 … 0, A …", "Choose a label, by the key beside it"),
];

pub(super) fn show(ui: &mut Ui, state: &EditorState) {
    ui.heading(RichText::new("Keyboard shortcuts").strong());
    let groups = groups(ui, state);
    let height = ui.ctx().content_rect().height() - 180.0;
    ScrollArea::vertical().max_height(height.clamp(160.0, 620.0)).show(ui, |ui| {
        ui.columns(2, |columns| {
            for (title, lines) in groups {
                // Into the column that is shorter so far, so that both end at about the same height.
                let shorter = usize::from(columns[1].min_rect().bottom() < columns[0].min_rect().bottom());
                group(&mut columns[shorter], title, &lines);
            }
        });
    });
}

fn groups(ui: &Ui, state: &EditorState) -> Vec<(&'static str, Vec<(String, String)>)> {
    let mut groups = Vec::new();
    for category in Category::ALL {
        let actions = Action::ALL.into_iter().filter(|action| action.category() == category);
        let lines: Vec<_> = actions.filter_map(|action| line(ui, state, action)).collect();
        if !lines.is_empty() {
            groups.push((category.title(), lines));
        }
    }
    let own = |&(key, meaning): &(&str, &str)| (action_button::readable(ui, key), meaning.to_owned());
    groups.push(("On the mask", ON_THE_MASK.iter().map(own).collect()));
    groups
}

fn line(ui: &Ui, state: &EditorState, action: Action) -> Option<(String, String)> {
    let keys: Vec<_> = action.keys(state).into_iter().map(|key| action_button::readable(ui, key)).collect();
    (!keys.is_empty()).then(|| (keys.join(" "), action.info().title.trim_end_matches('…').to_owned()))
}

fn group(ui: &mut Ui, title: &str, lines: &[(String, String)]) {
    ui.spacing_mut().interact_size.y = 17.0;
    ui.add_space(6.0);
    ui.label(RichText::new(title).small().weak());
    Grid::new(title).num_columns(2).min_col_width(128.0).spacing([12.0, 3.0]).show(ui, |ui| {
        for (key, meaning) in lines {
            ui.label(RichText::new(key).monospace());
            ui.label(meaning);
            ui.end_row();
        }
    });
    ui.add_space(4.0);
}
