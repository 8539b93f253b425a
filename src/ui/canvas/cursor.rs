//! What the pointer looks like over the canvas: the brush at its true size, a crosshair, a hand.

use eframe::egui::{Color32, CursorIcon, Key, Painter, Pos2, Response, Stroke, Ui, vec2};

use super::stage::Stage;
use super::{pointer, theme};
use crate::document::Point;
use crate::document::tools::ToolKind;
use crate::editor::EditorState;

/// Below this radius the outline is too small to see and gets a cross.
const CROSS_BELOW: f32 = 4.0;
const CROSS_ARM: f32 = 7.0;

/// Shows the pointer over the main stage.
pub(super) fn show(ui: &Ui, stage: &Stage, state: &EditorState, response: &Response) {
    let painting = &state.painting;
    let hovering = response.hover_pos().filter(|_| response.hovered() || painting.is_active());
    let Some(at) = hovering else { return };
    let (space, alt) = ui.input(|input| (input.key_down(Key::Space), input.modifiers.alt));
    let icon = match painting.tool {
        _ if pointer::is_panning(ui) => CursorIcon::Grabbing,
        _ if space => CursorIcon::Grab,
        _ if state.controls.is_choosing() => CursorIcon::Crosshair,
        _ if !state.canvas_view.mode.shows_mask() => CursorIcon::Grab,
        _ if alt && !painting.is_active() => CursorIcon::Crosshair,
        ToolKind::Transform => CursorIcon::Default,
        tool if has_size(tool) => {
            // Where the stroke really is: in the middle of the pixel under the pointer.
            let center = stage.screen(stage.mask_point(at));
            let radius = painting.diameter_px() / 2.0 * stage.zoom_points();
            let color = if tool == ToolKind::Warp { Color32::WHITE } else { label_color(state, ui) };
            brush(&ui.painter().with_clip_rect(stage.area()), center, radius, color);
            CursorIcon::None
        }
        _ => CursorIcon::Crosshair,
    };
    ui.ctx().set_cursor_icon(icon);
}

/// Marks on the result what the pointer is over on the mask.
pub(super) fn echo(ui: &Ui, stage: &Stage, state: &EditorState) {
    let Some([x, y]) = state.hover else { return };
    let at = stage.screen(Point::new(x, y));
    let diameter_px = if has_size(state.painting.tool) { state.painting.diameter_px() } else { 0.0 };
    let painter = ui.painter().with_clip_rect(stage.area());
    let radius = (diameter_px / 2.0 * stage.zoom_points()).max(CROSS_BELOW);
    painter.circle_stroke(at, radius, Stroke::new(2.5, Color32::from_black_alpha(90)));
    painter.circle_stroke(at, radius, Stroke::new(1.0, Color32::from_white_alpha(200)));
}

/// Whether the tool reaches as far as the brush.
fn has_size(tool: ToolKind) -> bool {
    matches!(tool, ToolKind::Brush | ToolKind::Eraser | ToolKind::Line | ToolKind::Warp)
}

fn label_color(state: &EditorState, ui: &Ui) -> Color32 {
    let label = state.taxonomy.labels.get(usize::from(state.painting.painted_label()));
    label.map_or(theme::palette(ui.visuals()).text, |label| theme::label_color(label.color))
}

/// Draws the outline in the label's colour between a dark and a light ring, so that it shows on anything.
fn brush(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    painter.circle_filled(center, radius, color.gamma_multiply(0.28));
    painter.circle_stroke(center, radius + 1.25, Stroke::new(1.0, Color32::from_black_alpha(190)));
    painter.circle_stroke(center, radius, Stroke::new(1.5, color));
    painter.circle_stroke(center, (radius - 1.25).max(0.5), Stroke::new(1.0, Color32::from_white_alpha(210)));
    if radius < CROSS_BELOW {
        cross(painter, center, radius);
    }
}

fn cross(painter: &Painter, center: Pos2, radius: f32) {
    for direction in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
        let arm = [center + direction * (radius + 3.0), center + direction * (radius + 3.0 + CROSS_ARM)];
        painter.line_segment(arm, Stroke::new(3.0, Color32::from_black_alpha(150)));
        painter.line_segment(arm, Stroke::new(1.0, Color32::WHITE));
    }
}
