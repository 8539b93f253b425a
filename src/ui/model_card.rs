//! What a model is, what it knows and where it comes from.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Sense, StrokeKind, Ui, vec2};

use super::theme;
use crate::editor::{EditorState, ModelSummary, attribute_title, sentence_case};

const SWATCH: f32 = 14.0;
const HASH_DIGITS: usize = 16;

pub(super) fn show(ui: &mut Ui, state: &EditorState) {
    let Some(model) = &state.model.loaded else {
        ui.label("No model is loaded. Choose one in the Model menu.");
        return;
    };
    ui.heading(RichText::new(&model.title).strong());
    let height = ui.ctx().content_rect().height() - 190.0;
    ScrollArea::vertical().max_height(height.clamp(160.0, 560.0)).show(ui, |ui| {
        Grid::new("model_card").num_columns(2).min_col_width(96.0).spacing([20.0, 7.0]).show(ui, |ui| {
            for (name, value) in facts(state, model) {
                ui.label(RichText::new(name).weak());
                ui.add(Label::new(value).wrap());
                ui.end_row();
            }
        });
        ui.add_space(theme::GAP_SMALL);
        ui.label(RichText::new(format!("Labels of «{}»", model.taxonomy.title)).small().weak());
        labels(ui, model);
        for group in &model.taxonomy.groups {
            ui.add_space(2.0);
            ui.label(RichText::new(&group.name).small().weak());
            let titles: Vec<_> = group.attributes.iter().map(|name| attribute_title(group, name)).collect();
            ui.add(Label::new(titles.join(" · ")).wrap());
        }
    });
}

fn facts(state: &EditorState, model: &ModelSummary) -> Vec<(&'static str, String)> {
    let provenance = &model.provenance;
    let mut facts = vec![
        ("Name", model.name.clone()),
        ("Pictures", format!("{0} × {0} pixels", model.resolution)),
        ("Latent", format!("{} numbers, {} directions", model.n_z, model.directions.len())),
    ];
    if !provenance.data.is_empty() {
        facts.push(("Data", provenance.data.clone()));
    }
    // Nothing is known about the training of an imported model.
    if provenance.generator_updates > 0 {
        let (steps, images) = (grouped(provenance.generator_updates), grouped(provenance.images_seen));
        facts.push(("Training", format!("{steps} generator updates, {images} images seen, seed {}", provenance.seed)));
    }
    facts.push(("Licence", model.license.clone()));
    facts.extend(state.model.device.clone().map(|device| ("Computes on", device)));
    facts.push(("Hash", model.hash.chars().take(HASH_DIGITS).collect()));
    facts
}

/// Every label beside its colour.
fn labels(ui: &mut Ui, model: &ModelSummary) {
    let palette = theme::palette(ui.visuals());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 5.0);
        for label in &model.taxonomy.labels {
            // One piece each, so that a line never breaks between a colour and its name.
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(SWATCH, SWATCH), Sense::hover());
                ui.painter().rect_filled(rect, 3, theme::label_color(label.color));
                ui.painter().rect_stroke(rect, 3, theme::swatch_stroke(palette), StrokeKind::Inside);
                ui.label(sentence_case(&label.name));
                ui.add_space(6.0);
            });
        }
    });
}

/// Digits in groups of three, with thin spaces.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [grouped(0), grouped(999), grouped(12_345), grouped(1_000_000)],
            ["0", "999", "12\u{2009}345", "1\u{2009}000\u{2009}000"]
        );
    }
}
