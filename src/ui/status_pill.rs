//! Whether the picture is up to date.

use eframe::egui;
use eframe::egui::{Color32, Frame, Margin, RichText, Ui};

use super::theme;
use crate::editor::{EditorState, LiveStatus};

pub(super) fn show(ui: &mut Ui, state: &EditorState) {
    let palette = theme::palette(ui.visuals());
    let status = state.live_status();
    let (color, text) = match &status {
        LiveStatus::Loading(name) => (palette.busy, format!("loading {name}…")),
        LiveStatus::NoModel => (palette.text_weak, "no model".to_owned()),
        LiveStatus::Paused => (palette.text_weak, "paused".to_owned()),
        LiveStatus::Rendering => (palette.busy, "rendering…".to_owned()),
        LiveStatus::UpToDate { render_ms } => (palette.success, format!("up to date · {}", duration(*render_ms))),
        LiveStatus::Failed(_) => (palette.error, "failed".to_owned()),
    };
    let pill = Frame::new().fill(palette.panel).corner_radius(11).inner_margin(Margin {
        left: 9,
        right: 10,
        top: 3,
        bottom: 3,
    });
    let response = pill.show(ui, |ui| content(ui, color, &text)).response;
    let hint = match status {
        LiveStatus::Failed(message) => message,
        _ => "Whether the picture shows the mask, attributes and latents as they are now".to_owned(),
    };
    response.on_hover_text(hint);
}

fn content(ui: &mut Ui, color: Color32, text: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.0, color);
        ui.label(RichText::new(text).small());
    });
}

fn duration(milliseconds: f32) -> String {
    if milliseconds < 9.95 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}
