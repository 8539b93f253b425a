//! Where the pointer is, and what works in the background.

use eframe::egui::{Align, Layout, RichText, Ui};

use crate::editor::{EditorState, sentence_case};

pub(super) fn show(ui: &mut Ui, state: &EditorState) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        ui.add_space(4.0);
        item(ui, &pointer_text(state));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            ui.add_space(4.0);
            if let Some(model) = &state.model.loaded {
                item(ui, &format!("{} · {} px", model.title, model.resolution));
            }
            if let Some(device) = &state.model.device {
                item(ui, device);
            }
            item(ui, &format!("{:.0} %", state.view.zoom(&state.canvas()) * 100.0));
        });
    });
}

fn item(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).small().weak());
}

fn pointer_text(state: &EditorState) -> String {
    let (Some([x, y]), Some(label)) = (state.hover, state.hovered_label()) else {
        return "Paint on the mask; the picture follows".to_owned();
    };
    let name = state.taxonomy.labels.get(usize::from(label)).map_or("?", |label| label.name.as_str());
    format!("{}, {}   {}", x.floor(), y.floor(), sentence_case(name))
}
