//! The list of changes.

use eframe::egui::{
    Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2,
    vec2,
};
use egui_material_icons::MaterialIcon;

use super::{section, theme};
use crate::document::ChangeKind;
use crate::editor::{Command, EditorState};

const ROW_HEIGHT: f32 = 25.0;
const ICON_WIDTH: f32 = 24.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let position = state.history_position();
    memory(ui, state);
    ui.spacing_mut().item_spacing.y = 1.0;
    let start = Row { icon: theme::ICON_START, title: "Start", current: position == 0, undone: false };
    if row(ui, &start, position).clicked() {
        commands.push(Command::JumpToHistory(0));
    }
    for (index, entry) in state.history.entries().enumerate() {
        let current = index + 1 == position;
        let icon = theme::change_icon(entry.kind);
        let line = Row { icon, title: entry.label, current, undone: entry.undone };
        if row(ui, &line, position).on_hover_text(hint(entry.kind, entry.undone)).clicked() {
            commands.push(Command::JumpToHistory(index + 1));
        }
    }
    if position == 0 && !state.history.can_redo() {
        ui.add_space(theme::GAP_SMALL);
        section::group(ui, "Every change gets a line here. Click one to go back to it.");
    }
}

/// How much of the memory that undo may use is used.
fn memory(ui: &mut Ui, state: &EditorState) {
    let count = state.history.entries().count();
    if count > 0 {
        let text =
            format!("{count} {} · {}", if count == 1 { "change" } else { "changes" }, bytes(state.history.bytes()));
        let most = bytes(state.history.max_bytes());
        ui.label(eframe::egui::RichText::new(text).small().weak())
            .on_hover_text(format!("Memory that undo uses. Beyond {most} the oldest changes are forgotten."));
    }
}

fn bytes(bytes: usize) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes >> 10),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

fn hint(kind: ChangeKind, undone: bool) -> String {
    let what = match kind {
        ChangeKind::Mask => "Changes the mask",
        ChangeKind::Attributes => "Changes attributes",
        ChangeKind::Latent => "Changes the latent",
        ChangeKind::Timeline => "Changes the timeline",
        ChangeKind::Several => "Changes several things",
    };
    format!("{what}\n{}", if undone { "Click to redo up to here" } else { "Click to undo everything after it" })
}

struct Row<'a> {
    icon: MaterialIcon,
    title: &'a str,
    /// Whether the document is as it was after this change.
    current: bool,
    undone: bool,
}

fn row(ui: &mut Ui, row: &Row<'_>, position: usize) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), row.current, row.title));
    // The list follows what is current, when it moves.
    let followed = eframe::egui::Id::unique("history_position");
    let moved = row.current && ui.data_mut(|data| data.get_temp::<usize>(followed) != Some(position));
    if moved {
        ui.data_mut(|data| data.insert_temp(followed, position));
        response.scroll_to_me(None);
    }
    if ui.is_rect_visible(rect) {
        paint(ui, rect, row, &response);
    }
    response
}

fn paint(ui: &Ui, rect: Rect, row: &Row<'_>, response: &Response) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(rect);
    let radius = CornerRadius::same(theme::RADIUS - 1);
    if row.current {
        painter.rect_filled(rect, radius, palette.selection);
    } else if response.hovered() {
        painter.rect_filled(rect, radius, palette.widget);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, radius, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
    }
    let color = match (row.current, row.undone) {
        (true, _) => palette.selection_text,
        (false, true) => palette.text_weak,
        (false, false) => palette.text,
    };
    let middle = rect.center().y;
    let icon = if row.current { palette.selection_text } else { palette.text_weak };
    icon_at(ui, &painter, row.icon, pos2(rect.left() + ICON_WIDTH / 2.0 + 2.0, middle), icon);
    let body = TextStyle::Body.resolve(ui.style());
    let mut font = body;
    font.size -= 0.5;
    painter.text(pos2(rect.left() + ICON_WIDTH + 6.0, middle), Align2::LEFT_CENTER, row.title, font, color);
}

fn icon_at(ui: &Ui, painter: &eframe::egui::Painter, icon: MaterialIcon, at: eframe::egui::Pos2, color: Color32) {
    let text = eframe::egui::WidgetText::from(icon.rich_text().size(14.0));
    let galley = text.into_galley(ui, None, f32::INFINITY, TextStyle::Body);
    painter.galley_with_override_text_color(at - galley.size() / 2.0, galley, color);
}
