//! What the tools show above the mask: shapes being drawn, selections, handles, help lines.

use eframe::egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, vec2};

use super::stage::Stage;
use crate::document::tools::{Outline, OutlineKind};
use crate::editor::EditorState;

const DARK: Color32 = Color32::from_black_alpha(170);
const DASH: f32 = 5.0;
/// Side of a handle, in points.
const HANDLE: f32 = 8.0;
/// Corners closer than this on the screen add nothing but work, in points.
const FINEST: f32 = 0.4;

/// Draws the lines and handles of the tool in use.
pub(super) fn show(ui: &Ui, stage: &Stage, state: &EditorState) {
    let painter = ui.painter().with_clip_rect(stage.area());
    let outlines = state.tool_overlay().outlines;
    // Handles lie above lines, whichever came first.
    let (handles, lines): (Vec<_>, Vec<_>) = outlines.iter().partition(|outline| outline.kind == OutlineKind::Handle);
    for outline in lines {
        line(&painter, outline.kind, &corners(stage, outline));
    }
    for place in handles.iter().flat_map(|outline| &outline.points) {
        handle(&painter, stage.screen(*place));
    }
}

/// Draws round the region that is asked about, and the line that is being drawn round one.
pub(super) fn region(ui: &Ui, stage: &Stage, state: &EditorState) {
    let painter = ui.painter().with_clip_rect(stage.area());
    for outline in &state.region_overlay().outlines {
        line(&painter, outline.kind, &corners(stage, outline));
    }
}

/// The corners on the screen, closed by repeating the first one.
fn corners(stage: &Stage, outline: &Outline) -> Vec<Pos2> {
    let close = outline.points.first().filter(|_| outline.closed);
    let mut corners: Vec<Pos2> = Vec::with_capacity(outline.points.len() + 1);
    for &place in outline.points.iter().chain(close) {
        let at = stage.screen(place);
        if corners.last().is_none_or(|last| last.distance(at) > FINEST) {
            corners.push(at);
        }
    }
    corners
}

/// Light on dark, so that it shows on any colour.
fn line(painter: &Painter, kind: OutlineKind, corners: &[Pos2]) {
    match kind {
        OutlineKind::Shape => {
            painter.add(Shape::line(corners.to_vec(), Stroke::new(3.0, DARK)));
            painter.add(Shape::line(corners.to_vec(), Stroke::new(1.25, Color32::WHITE)));
        }
        OutlineKind::Selection => {
            painter.add(Shape::line(corners.to_vec(), Stroke::new(1.75, Color32::from_black_alpha(220))));
            painter.extend(Shape::dashed_line(corners, Stroke::new(1.75, Color32::WHITE), DASH, DASH));
        }
        OutlineKind::Guide | OutlineKind::Handle => {
            painter.extend(Shape::dashed_line(corners, Stroke::new(2.5, DARK), DASH, DASH));
            painter.extend(Shape::dashed_line(corners, Stroke::new(1.0, Color32::from_white_alpha(220)), DASH, DASH));
        }
    }
}

fn handle(painter: &Painter, at: Pos2) {
    let square = Rect::from_center_size(at, vec2(HANDLE, HANDLE));
    painter.rect(square, CornerRadius::same(2), Color32::WHITE, Stroke::new(1.5, DARK), StrokeKind::Outside);
}
