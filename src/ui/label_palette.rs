//! The labels to paint with.

use eframe::egui::{
    Align2, CornerRadius, FontId, Rect, Role, Sense, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::{section, theme};
use crate::editor::{Command, EditorState, sentence_case};
use crate::taxonomy::{Label, LabelId};

const SWATCH: f32 = 18.0;
const KEY_CAP: f32 = 17.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::heading(ui, state, "Labels", None, commands);
    ui.spacing_mut().item_spacing.y = 2.0;
    let pixels = state.pixel_counts.iter().sum::<u64>().max(1);
    for (index, label) in state.taxonomy.labels.iter().enumerate() {
        let Ok(id) = LabelId::try_from(index) else { break };
        let share = state.pixel_counts[index] as f64 / pixels as f64;
        if row(ui, label, id == state.painting.label, share) {
            commands.push(Command::SelectLabel(id));
        }
    }
}

fn row(ui: &mut Ui, label: &Label, selected: bool, share: f64) -> bool {
    let title = sentence_case(&label.name);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW_HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, &title));
    if ui.is_rect_visible(rect) {
        paint_row(ui, rect, label, &title, selected, response.hovered() || response.has_focus(), share);
    }
    let key = label.hotkey.map(|key| format!("  ({})", key.to_ascii_uppercase())).unwrap_or_default();
    response.on_hover_text(format!("{title}{key}\n{} of the mask", percent(share))).clicked()
}

fn paint_row(ui: &Ui, rect: Rect, label: &Label, title: &str, selected: bool, lively: bool, share: f64) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter();
    let radius = CornerRadius::same(theme::RADIUS);
    if selected {
        painter.rect_filled(rect, radius, palette.selection);
    } else if lively {
        painter.rect_filled(rect, radius, palette.widget);
    }
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(pos2(rect.left() + 7.0 + SWATCH / 2.0, middle), vec2(SWATCH, SWATCH));
    let swatch_radius = CornerRadius::same(4);
    painter.rect_filled(swatch, swatch_radius, theme::label_color(label.color));
    painter.rect_stroke(swatch, swatch_radius, theme::swatch_stroke(palette), StrokeKind::Inside);

    let text = if selected { palette.selection_text } else { palette.text };
    let weak = if selected { palette.selection_text } else { palette.text_weak };
    let body = TextStyle::Body.resolve(ui.style());
    let small = TextStyle::Small.resolve(ui.style());
    painter.text(pos2(swatch.right() + 9.0, middle), Align2::LEFT_CENTER, title, body, text);
    let mut right = rect.right() - 7.0;
    if let Some(key) = label.hotkey {
        let cap = Rect::from_center_size(pos2(right - KEY_CAP / 2.0, middle), vec2(KEY_CAP, KEY_CAP));
        let outline = theme::swatch_stroke(palette);
        painter.rect_stroke(cap, CornerRadius::same(4), outline, StrokeKind::Inside);
        let key = key.to_ascii_uppercase();
        painter.text(cap.center(), Align2::CENTER_CENTER, key, FontId::new(10.5, small.family.clone()), weak);
        right = cap.left() - 7.0;
    }
    if share > 0.0 {
        painter.text(pos2(right, middle), Align2::RIGHT_CENTER, percent(share), small, weak);
    }
}

/// A share that is not nothing never reads 0 %.
fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        small if small < 1.0 => "<1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}
