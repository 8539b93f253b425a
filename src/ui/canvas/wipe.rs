//! The divider between mask and result in one place.

use eframe::egui::{Color32, EventFilter, Id, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::stage::Stage;
use super::theme;
use crate::editor::{CanvasCommand, Command, EditorState};

/// How far from the line the divider can be taken hold of, in points.
const REACH: f32 = 7.0;
const GRIP_RADIUS: f32 = 9.0;
/// One press of an arrow key, as a part of the canvas's width.
const KEY_STEP: f32 = 0.02;

fn x_on_screen(stage: &Stage, state: &EditorState) -> f32 {
    stage.screen_of_column(stage.column_in_frame_px(state.canvas_view.wipe))
}

/// Makes the divider a thing to drag, and to move by the arrow keys.
pub(super) fn divider(ui: &Ui, stage: &Stage, state: &EditorState, commands: &mut Vec<Command>) -> Response {
    let area = stage.area();
    let x = x_on_screen(stage, state);
    let reach = Rect::from_x_y_ranges(x - REACH..=x + REACH, area.y_range());
    let response = ui.interact(reach.intersect(area), Id::unique("wipe divider"), Sense::click_and_drag());
    let part = state.canvas_view.wipe;
    response.widget_info(|| WidgetInfo::slider(true, f64::from(part), "Divider between mask and result"));
    let mut wanted = response
        .interact_pointer_pos()
        .filter(|_| response.dragged())
        .map(|at| (at.x - area.left()) / area.width().max(1.0));
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let steps =
            ui.input(|input| input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32);
        wanted = wanted.or_else(|| (steps != 0.0).then_some(part + steps * KEY_STEP));
    }
    commands.extend(wanted.map(|part| Command::Canvas(CanvasCommand::SetWipe(part))));
    response
}

/// A line with a grip in the middle.
pub(super) fn paint(ui: &Ui, stage: &Stage, state: &EditorState, lively: bool) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(stage.area());
    let x = x_on_screen(stage, state);
    let area = stage.area();
    painter.vline(x, area.y_range(), Stroke::new(3.0, Color32::from_black_alpha(110)));
    painter.vline(x, area.y_range(), Stroke::new(1.0, Color32::WHITE));
    let center = pos2(x, area.center().y);
    let fill = if lively { palette.accent } else { palette.panel };
    painter.circle(center, GRIP_RADIUS, fill, Stroke::new(1.5, Color32::WHITE));
    let arrows = if lively { Color32::WHITE } else { palette.text };
    for side in [-1.0, 1.0] {
        let tip = center + vec2(side * 5.5, 0.0);
        let wing = |dy: f32| [tip, tip + vec2(-side * 2.5, dy)];
        painter.line_segment(wing(2.5), Stroke::new(1.5, arrows));
        painter.line_segment(wing(-2.5), Stroke::new(1.5, arrows));
    }
}
