//! The generated picture beside the mask.

use eframe::egui::{CursorIcon, Rect, Response, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::gpu::StageSlot;
use super::stage::Stage;
use super::{cursor, disobedience_hint, draw, header, navigation, note_pointer, overlays};
use crate::document::tools::PointerEvent;
use crate::editor::{CanvasCommand, Command, EditorState, LiveStatus, PointerModifiers};

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    header::result(ui, state, commands);
    let mut stage = Stage::new(ui, state.canvas().mask, state.result_view());
    let response = ui.allocate_rect(stage.area(), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Result"));
    if response.contains_pointer() {
        note_pointer(ui, true);
    }
    if stage.canvas.size_px != state.canvas_view.result_px {
        commands.push(Command::Canvas(CanvasCommand::ResultResized(stage.canvas.size_px)));
    }
    if state.shown_frame().is_none() {
        placeholder(ui, stage.area(), state);
        return;
    }
    if response.contains_pointer() && !ui.ctx().any_popup_open() && state.dialog.is_none() {
        ui.input(|input| {
            for event in &input.events {
                let pointer = input.pointer.latest_pos();
                navigation::wheel(&mut stage, StageSlot::Result, state, event, pointer, commands);
            }
        });
    }
    match ui.input(|input| input.multi_touch()).filter(|_| response.contains_pointer()) {
        Some(touch) => navigation::two_fingers(&mut stage, StageSlot::Result, touch, commands),
        None if state.controls.is_choosing() => choose_region(ui, &stage, &response, commands),
        None => navigation::pan(&mut stage, StageSlot::Result, response.drag_delta(), commands),
    }
    draw(ui, &stage, state, StageSlot::Result);
    overlays::region(ui, &stage, state);
    disobedience_hint(&stage, state, &response);
    cursor::echo(ui, &stage, state);
}

/// While a region is chosen, a drag over the picture draws round one, as over the mask.
fn choose_region(ui: &Ui, stage: &Stage, response: &Response, commands: &mut Vec<Command>) {
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    let Some(at) = response.interact_pointer_pos().map(|at| stage.mask_point(at)) else { return };
    let mut push = |event| commands.push(Command::Pointer(event, PointerModifiers::default()));
    if response.drag_started() {
        push(PointerEvent::Press { at, extend: false, constrain: false });
    }
    if response.drag_stopped() {
        push(PointerEvent::Release { at });
    } else if response.dragged() {
        push(PointerEvent::Move { at, constrain: false });
    }
}

/// Why there is no picture.
pub(super) fn placeholder(ui: &mut Ui, area: Rect, state: &EditorState) {
    let text = match state.live_status() {
        LiveStatus::Loading(name) => format!("Loading the {name} model…"),
        LiveStatus::NoModel => "Choose a model in the Model menu to see a picture here.".to_owned(),
        LiveStatus::Paused => "Live rendering is paused.".to_owned(),
        LiveStatus::Failed(message) => message,
        LiveStatus::Rendering | LiveStatus::UpToDate { .. } => "Rendering the first picture…".to_owned(),
    };
    let middle = Rect::from_center_size(area.center(), vec2(area.width().min(320.0), 48.0));
    ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| ui.label(RichText::new(text).weak()));
    });
}
