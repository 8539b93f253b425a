//! The middle of the window: mask and result, beside each other or in one place.

mod axis;
mod cursor;
mod gpu;
mod header;
mod navigation;
mod overlays;
mod pointer;
mod result_pane;
mod stage;
mod wipe;

use std::sync::Arc;

use eframe::egui;
use eframe::egui::{
    Context, CornerRadius, CursorIcon, Frame, Id, Panel, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo,
};

pub use self::gpu::install;
use self::gpu::{Contents, StageLook, StageSlot, StageUniforms};
use self::stage::Stage;
use super::theme;
use crate::editor::{CanvasCommand, Command, EditorState, ResultFilter, ViewMode};

/// Below this much room for mask and result, they go above each other.
const SIDE_BY_SIDE_WIDTH: f32 = 640.0;
const OUTLINE_OPACITY: f32 = 0.85;
/// Of the stripes where the picture disobeys.
const STRIPE_OPACITY: f32 = 0.9;
/// From stripe to stripe, in points.
const STRIPES: f32 = 11.0;
/// Side of the checkerboard's squares, in points.
const CHECKER: f32 = 8.0;

/// Whether the pointer was over mask or result when they were last drawn.
pub(super) fn has_pointer(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(Id::unique("canvas_pointer"))).unwrap_or(false)
}

fn note_pointer(ui: &Ui, is_over: bool) {
    ui.data_mut(|data| data.insert_temp(Id::unique("canvas_pointer"), is_over));
}

/// Fills what is left of the window with mask and result.
pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let frame = Frame::new().fill(theme::palette(ui.visuals()).surround);
    note_pointer(ui, false);
    let side_by_side = state.canvas_view.mode == ViewMode::SideBySide;
    let before = commands.len();
    if side_by_side {
        let area = ui.available_rect_before_wrap();
        let result = if area.width() >= SIDE_BY_SIDE_WIDTH {
            Panel::right("result").exact_size((area.width() / 2.0).round())
        } else {
            Panel::bottom("result_below").exact_size((area.height() / 2.0).round())
        };
        result.resizable(false).frame(frame).show(ui, |ui| result_pane::show(ui, state, commands));
    }
    egui::CentralPanel::default().frame(frame).show(ui, |ui| main_stage(ui, state, commands));
    // Where the pointer is, the picture has moved already; the one beside it moves with the state. Not a frame later.
    if side_by_side && state.canvas_view.link_views && commands.iter().skip(before).any(moves_view) {
        ui.ctx().request_discard("linked views move together");
    }
}

fn moves_view(command: &Command) -> bool {
    use CanvasCommand::{PanResultBy, ZoomResultAt};
    use Command::{Canvas, PanBy, ZoomAt};
    matches!(command, ZoomAt { .. } | PanBy(_) | Canvas(ZoomResultAt { .. } | PanResultBy(_)))
}

/// The mask with what lies over or under it, or the result alone.
fn main_stage(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    header::main(ui, state, commands);
    let mode = state.canvas_view.mode;
    let mut stage = Stage::new(ui, state.canvas().mask, state.view);
    let response = ui.allocate_rect(stage.area(), Sense::click_and_drag());
    response.widget_info(|| {
        let (role, name) = if mode.shows_mask() { (Role::Canvas, "Mask") } else { (Role::Image, "Result") };
        WidgetInfo::labeled(role, true, name)
    });
    if response.contains_pointer() {
        note_pointer(ui, true);
    }
    if stage.canvas.size_px != state.canvas_px {
        commands.push(Command::CanvasResized(stage.canvas.size_px));
    }
    let axis = mode.shows_mask().then(|| axis::handles(ui, &stage, state, commands)).flatten();
    let divider = (mode == ViewMode::Wipe).then(|| wipe::divider(ui, &stage, state, commands));
    let on_axis = axis.iter().flat_map(|axis| [&axis.mover, &axis.tilter]);
    let handles: Vec<&Response> = on_axis.chain(&divider).collect();
    pointer::input(ui, &mut stage, state, &response, &handles, commands);
    draw(ui, &stage, state, StageSlot::Main);
    if mode.shows_result() && mode != ViewMode::Overlay && state.shown_frame().is_none() {
        result_pane::placeholder(ui, placeholder_area(&stage, mode), state);
    }
    disobedience_hint(&stage, state, &response);
    if mode.shows_mask() {
        overlays::show(ui, &stage, state);
    }
    overlays::region(ui, &stage, state);
    if let Some(axis) = &axis {
        axis.paint(ui, &stage);
    }
    if let Some(divider) = &divider {
        wipe::paint(ui, &stage, state, divider.hovered() || divider.dragged());
    }
    let on_divider = divider.filter(|divider| divider.hovered() || divider.dragged());
    let on_handle = axis.and_then(|axis| axis.cursor()).or(on_divider.map(|_| CursorIcon::ResizeHorizontal));
    match on_handle.filter(|_| !state.painting.is_active()) {
        Some(icon) => ui.ctx().set_cursor_icon(icon),
        None => cursor::show(ui, &stage, state, &response),
    }
}

/// Says what is wrong where the pointer rests on stripes.
fn disobedience_hint(stage: &Stage, state: &EditorState, response: &Response) {
    let resting = response.hover_pos().filter(|_| response.hovered() && !state.painting.is_active());
    let place = resting.map(|at| stage.mask_point(at));
    if let Some(text) = place.and_then(|place| state.disobedience_at([place.x, place.y])) {
        response.clone().on_hover_text_at_pointer(text);
    }
}

fn placeholder_area(stage: &Stage, mode: ViewMode) -> Rect {
    let area = stage.area();
    if mode == ViewMode::Wipe { area.with_min_x(area.center().x) } else { area }
}

/// Draws mask and picture on the graphics card, and a line around them.
fn draw(ui: &Ui, stage: &Stage, state: &EditorState, slot: StageSlot) {
    let contents = Contents {
        labels: state.shown_labels().clone(),
        frame: state.shown_frame().map(Arc::clone),
        guide: state.canvas_view.guide.as_ref().map(|guide| Arc::clone(guide.rgba())),
        obedience: state.shown_obedience().map(Arc::clone),
    };
    let painter = ui.painter().with_clip_rect(stage.area());
    painter.add(gpu::shape(stage.area(), slot, uniforms(ui, stage, state, slot), contents));
    let line = theme::palette(ui.visuals()).line;
    painter.rect_stroke(stage.mask_rect(), CornerRadius::ZERO, Stroke::new(1.0, line), StrokeKind::Outside);
}

fn uniforms(ui: &Ui, stage: &Stage, state: &EditorState, slot: StageSlot) -> StageUniforms {
    let view = &state.canvas_view;
    let mode = if slot == StageSlot::Result { ViewMode::ResultOnly } else { view.mode };
    let has_result = state.shown_frame().is_some();
    let guide = view.guide.as_ref().filter(|_| mode.shows_mask());
    let beneath = guide.is_some() || (mode == ViewMode::Overlay && has_result);
    let palette = theme::palette(ui.visuals());
    let look = StageLook {
        taxonomy: &state.taxonomy,
        mask_opacity: if beneath { view.mask_opacity } else { 1.0 },
        hidden: view.hidden,
        solo: view.solo,
        surround: palette.surround,
        checker: theme::checkerboard(palette),
    };
    let divider_px = stage.column_in_frame_px(view.wipe);
    let (mask_until_px, result_from_px) = match mode {
        ViewMode::SideBySide | ViewMode::MaskOnly => (None, None),
        ViewMode::Overlay => (None, Some(0.0)),
        ViewMode::Wipe => (Some(divider_px), Some(divider_px)),
        ViewMode::ResultOnly => (Some(0.0), Some(0.0)),
    };
    StageUniforms {
        origin_px: stage.origin_in_frame_px(),
        zoom: stage.view.zoom(&stage.canvas),
        mask_until_px,
        result_from_px: result_from_px.filter(|_| has_result),
        result_pixels: state.result_filter == ResultFilter::Nearest,
        outline_opacity: if view.outlines { OUTLINE_OPACITY } else { 0.0 },
        stripe_opacity: if state.shown_obedience().is_some() { STRIPE_OPACITY } else { 0.0 },
        stripe_px: (STRIPES * stage.scale()).round(),
        ..StageUniforms::new(&look, (CHECKER * stage.scale()).round())
    }
    .with_guide(guide, stage.canvas.mask)
}

#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod tests;
