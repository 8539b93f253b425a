//! Zooming and panning a stage: wheel, pinch, two fingers.

use eframe::egui::{Event, MouseWheelSource, MouseWheelUnit, MultiTouchInfo, Pos2, Vec2};

use super::gpu::StageSlot;
use super::stage::Stage;
use crate::editor::{Action, CanvasCommand, Command, EditorState};

/// One line of a wheel, in points.
const LINE: f32 = 50.0;
const ZOOM_PER_POINT: f32 = 0.0035;
const SIZE_PER_POINT: f32 = 0.004;

/// Zooms a stage; later events of the frame see it zoomed.
pub(super) fn zoom(stage: &mut Stage, slot: StageSlot, factor: f32, at_px: [f32; 2], commands: &mut Vec<Command>) {
    stage.view = stage.view.zoomed(&stage.canvas, factor, at_px);
    commands.push(match slot {
        StageSlot::Main => Command::ZoomAt { factor, at_px },
        StageSlot::Result => Command::Canvas(CanvasCommand::ZoomResultAt { factor, at_px }),
    });
}

/// Moves a stage's picture by points; later events of the frame see it moved.
pub(super) fn pan(stage: &mut Stage, slot: StageSlot, by: Vec2, commands: &mut Vec<Command>) {
    if by == Vec2::ZERO {
        return;
    }
    let by_px = [by.x * stage.scale(), by.y * stage.scale()];
    stage.view = stage.view.panned(&stage.canvas, by_px);
    commands.push(match slot {
        StageSlot::Main => Command::PanBy(by_px),
        StageSlot::Result => Command::Canvas(CanvasCommand::PanResultBy(by_px)),
    });
}

/// Two fingers move what is between them and pull it apart.
pub(super) fn two_fingers(stage: &mut Stage, slot: StageSlot, touch: MultiTouchInfo, commands: &mut Vec<Command>) {
    pan(stage, slot, touch.translation_delta, commands);
    if touch.zoom_delta != 1.0 {
        zoom(stage, slot, touch.zoom_delta, stage.canvas_px(touch.center_pos), commands);
    }
}

/// The wheel zooms to the pointer, with Ctrl it sizes the brush; two fingers on a touchpad pan, and pinching zooms.
pub(super) fn wheel(
    stage: &mut Stage,
    slot: StageSlot,
    state: &EditorState,
    event: &Event,
    pointer: Option<Pos2>,
    commands: &mut Vec<Command>,
) {
    let Some(at_px) = pointer.map(|at| stage.canvas_px(at)) else { return };
    match *event {
        Event::Zoom(factor) => zoom(stage, slot, factor, at_px, commands),
        Event::MouseWheel { unit, delta, source, modifiers, .. } => {
            let points = delta * points_per_unit(unit);
            let touchpad = match source {
                MouseWheelSource::Wheel => false,
                MouseWheelSource::Unknown => unit == MouseWheelUnit::Point,
                _ => true,
            };
            if modifiers.command || modifiers.ctrl {
                resize_brush(state, touchpad, points.y, commands);
            } else if touchpad {
                pan(stage, slot, points, commands);
            } else if points.y != 0.0 {
                zoom(stage, slot, (points.y * ZOOM_PER_POINT).exp(), at_px, commands);
            }
        }
        _ => {}
    }
}

fn points_per_unit(unit: MouseWheelUnit) -> f32 {
    match unit {
        MouseWheelUnit::Point => 1.0,
        MouseWheelUnit::Line => LINE,
        MouseWheelUnit::Page => 4.0 * LINE,
    }
}

/// A wheel steps; a touchpad, which sends many small events, glides.
fn resize_brush(state: &EditorState, glide: bool, points: f32, commands: &mut Vec<Command>) {
    if glide {
        let diameter_px = state.painting.diameter_px() * (points * SIZE_PER_POINT).exp();
        commands.push(Command::SetBrushSize(diameter_px));
    } else if points != 0.0 {
        commands.push(Command::Do(if points > 0.0 { Action::BrushLarger } else { Action::BrushSmaller }));
    }
}
