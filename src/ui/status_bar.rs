//! Where the pointer is, and what works in the background.

use eframe::egui::{Align, Layout, RichText, Ui};

use crate::document::tools::ToolKind;
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

/// How the chosen tool is used.
fn tool_hint(state: &EditorState) -> String {
    let hint = match state.painting.tool {
        ToolKind::Brush => "Drag to paint; the picture follows. Shift paints a straight line from the last stroke",
        ToolKind::Eraser => "Drag to paint background. Shift erases along a straight line",
        ToolKind::Fill => "Click an area to fill it. Shift fills every area of its label",
        ToolKind::Lasso => "Draw round an area to fill it",
        ToolKind::Polygon => "Click the corners. Enter, a double click or the first corner closes it; Esc cancels",
        ToolKind::Line => "Drag a straight line. Ctrl turns it in steps of 15°",
        ToolKind::Rectangle => "Drag from corner to corner. Ctrl makes a square",
        ToolKind::Ellipse => "Drag from corner to corner. Ctrl makes a circle",
        ToolKind::Transform => {
            "Click a part, or draw round one; then drag it or its handles. Enter applies, Esc cancels"
        }
        ToolKind::Warp => "Drag to push labels along",
        ToolKind::Picker => "Click to choose the label under the pointer",
    };
    hint.to_owned()
}

fn pointer_text(state: &EditorState) -> String {
    if state.controls.is_choosing() {
        return "Draw round a region of the mask or the result, or click a label; Esc gives up".to_owned();
    }
    let (Some([x, y]), Some(label)) = (state.hover, state.hovered_label()) else {
        return tool_hint(state);
    };
    let name = state.taxonomy.labels.get(usize::from(label)).map_or("?", |label| label.name.as_str());
    let said = state.disobedience_at([x, y]).unwrap_or_else(|| sentence_case(name));
    let place = format!("{}, {}   {said}", x.floor(), y.floor());
    // What ends a gesture of several clicks is said while it goes on.
    match state.painting.tool {
        ToolKind::Polygon if state.painting.is_active() => format!("{place}     Enter to close, Esc to cancel"),
        ToolKind::Transform if state.painting.is_active() => format!("{place}     Enter to apply, Esc to cancel"),
        _ => place,
    }
}
