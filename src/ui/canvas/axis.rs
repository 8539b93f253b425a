//! The axis of symmetry: a line over the mask, with a handle to move it and one to tilt it.

use std::f32::consts::{FRAC_PI_2, PI};

use eframe::egui::{
    Color32, CursorIcon, Id, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, vec2,
};

use super::stage::Stage;
use super::theme;
use crate::document::{MirrorAxis, Point};
use crate::editor::{CanvasCommand, Command, EditorState};

/// How far the line and its handles reach beyond the mask, and stay away from the stage's edge, in points.
const BEYOND: f32 = 16.0;
const HANDLE_RADIUS: f32 = 7.0;
const REACH: f32 = 11.0;
/// An axis this close to upright or level snaps to it while it is tilted.
const SNAP_RAD: f32 = 0.03;
/// Ctrl tilts in these steps.
const STEP_RAD: f32 = PI / 12.0;

/// The handles of an axis on the screen.
pub(super) struct AxisHandles {
    ends: [Pos2; 2],
    /// Moves the axis sideways.
    pub(super) mover: Response,
    /// Turns it about its point nearest to the mask's middle.
    pub(super) tilter: Response,
}

/// Makes the axis's ends things to drag, if there is an axis.
pub(super) fn handles(ui: &Ui, stage: &Stage, state: &EditorState, commands: &mut Vec<Command>) -> Option<AxisHandles> {
    let axis = state.painting.symmetry?;
    let ends = ends(stage, &axis)?;
    let [mover_at, tilter_at] = ends;
    let mover = grip(ui, mover_at, "axis_mover", "Move the axis of symmetry");
    let tilter = grip(ui, tilter_at, "axis_tilter", "Tilt the axis of symmetry");
    let middle = Point::new(stage.canvas.mask[0] / 2.0, stage.canvas.mask[1] / 2.0);
    let dragged = |response: &Response| response.interact_pointer_pos().filter(|_| response.dragged());
    let steps = ui.input(|input| input.modifiers.command);
    let changed = if let Some(at) = dragged(&mover) {
        Some(moved(&axis, stage.mask_point(at), middle))
    } else {
        dragged(&tilter).map(|at| tilted(&axis, stage.mask_point(at), steps))
    };
    commands.extend(changed.map(|axis| Command::Canvas(CanvasCommand::MoveAxis(axis))));
    Some(AxisHandles { ends, mover, tilter })
}

impl AxisHandles {
    /// Draws the line and its handles.
    pub(super) fn paint(&self, ui: &Ui, stage: &Stage) {
        let palette = theme::palette(ui.visuals());
        let painter = ui.painter().with_clip_rect(stage.area());
        painter.line_segment(self.ends, Stroke::new(3.0, Color32::from_black_alpha(120)));
        let light = Stroke::new(1.0, Color32::from_white_alpha(235));
        painter.extend(Shape::dashed_line(&self.ends, light, 7.0, 4.0));
        let along = (self.ends[1] - self.ends[0]).normalized();
        for (response, at, arrow) in [
            (&self.mover, self.ends[0], along.rot90()),
            (&self.tilter, self.ends[1], (along + along.rot90()).normalized()),
        ] {
            let fill = if is_lively(response) { palette.accent } else { palette.panel };
            painter.circle(at, HANDLE_RADIUS, fill, Stroke::new(1.5, Color32::WHITE));
            let ink = if is_lively(response) { Color32::WHITE } else { palette.text };
            double_arrow(&painter, at, arrow, ink);
        }
    }

    /// The pointer's shape over a handle.
    pub(super) fn cursor(&self) -> Option<CursorIcon> {
        let held = self.mover.dragged() || self.tilter.dragged();
        (is_lively(&self.mover) || is_lively(&self.tilter)).then_some(if held {
            CursorIcon::Grabbing
        } else {
            CursorIcon::Grab
        })
    }
}

fn is_lively(response: &Response) -> bool {
    response.hovered() || response.dragged()
}

fn double_arrow(painter: &Painter, at: Pos2, direction: Vec2, ink: Color32) {
    for side in [-1.0, 1.0] {
        let tip = at + direction * (side * 4.5);
        let back = direction * (side * -2.5);
        painter.line_segment([tip, tip + back + back.rot90()], Stroke::new(1.25, ink));
        painter.line_segment([tip, tip + back - back.rot90()], Stroke::new(1.25, ink));
    }
}

fn grip(ui: &Ui, at: Pos2, id: &'static str, name: &str) -> Response {
    let response = ui.interact(Rect::from_center_size(at, Vec2::splat(2.0 * REACH)), Id::unique(id), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Unknown, true, name));
    response.on_hover_text(name)
}

/// Where the line leaves the mask, a little beyond it and inside the stage; `None` where the stage shows none of it.
fn ends(stage: &Stage, axis: &MirrorAxis) -> Option<[Pos2; 2]> {
    let room = stage.mask_rect().expand(BEYOND).intersect(stage.area().shrink(BEYOND));
    let on_line = stage.screen(axis.snapped_through());
    let (x, y) = axis.direction();
    clipped(on_line, vec2(x, y), room).map(|[start, end]| [end, start])
}

/// The part of a line inside a rectangle, by increasing distance along `direction`.
fn clipped(on_line: Pos2, direction: Vec2, room: Rect) -> Option<[Pos2; 2]> {
    let (mut from, mut to) = (f32::NEG_INFINITY, f32::INFINITY);
    for axis in 0..2 {
        let (low, high) = (room.min[axis] - on_line[axis], room.max[axis] - on_line[axis]);
        if direction[axis].abs() < 1e-6 {
            if low > 0.0 || high < 0.0 {
                return None;
            }
        } else {
            let (a, b) = (low / direction[axis], high / direction[axis]);
            (from, to) = (from.max(a.min(b)), to.min(a.max(b)));
        }
    }
    (from < to && from.is_finite() && to.is_finite()).then(|| [on_line + direction * from, on_line + direction * to])
}

/// The parallel line under the pointer. It is kept by its point nearest to the mask's middle, about which it tilts.
fn moved(axis: &MirrorAxis, to: Point, middle: Point) -> MirrorAxis {
    let (sin, cos) = axis.angle_rad.sin_cos();
    let distance = (to.x - middle.x) * cos + (to.y - middle.y) * sin;
    let through = Point::new(middle.x + distance * cos, middle.y + distance * sin);
    MirrorAxis { through, ..*axis }
}

/// The line through the axis's point and the pointer.
fn tilted(axis: &MirrorAxis, to: Point, in_steps: bool) -> MirrorAxis {
    let (dx, dy) = (to.x - axis.through.x, to.y - axis.through.y);
    if dx.hypot(dy) < 1.0 {
        return *axis;
    }
    // Clockwise from upright, of a line without direction.
    let angle = (-dx).atan2(dy);
    let step = if in_steps { STEP_RAD } else { FRAC_PI_2 };
    let nearest = (angle / step).round() * step;
    let snapped = if in_steps || (angle - nearest).abs() < SNAP_RAD { nearest } else { angle };
    MirrorAxis { angle_rad: snapped, ..*axis }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;
    use proptest::prelude::*;

    use super::*;

    fn height_over(axis: &MirrorAxis, point: Point) -> f32 {
        let image = axis.reflect(point);
        (image.x - point.x).hypot(image.y - point.y) / 2.0
    }

    proptest! {
        #[test]
        fn the_axis_goes_through_the_pointer_that_moves_or_tilts_it(
            angle_rad in -4.0f32..4.0, x in 20.0f32..480.0, y in 20.0f32..480.0, to_x in 0.0f32..500.0, to_y in 0.0f32..500.0,
        ) {
            let axis = MirrorAxis { through: Point::new(x, y), angle_rad };
            let to = Point::new(to_x, to_y);
            let middle = Point::new(250.0, 250.0);
            let moved = moved(&axis, to, middle);
            // Upright and level axes lie on half pixels.
            prop_assert!(height_over(&moved, to) < 0.6, "{moved:?}");
            prop_assert_eq!(moved.angle_rad, angle_rad);
            let tilted = tilted(&axis, to, false);
            let distance = (to.x - x).hypot(to.y - y);
            prop_assert!(height_over(&tilted, to) < 0.6 + distance * SNAP_RAD, "{tilted:?}");
            prop_assert!(height_over(&tilted, axis.through) < 0.3 + 0.5);
        }

        #[test]
        fn a_clipped_line_stays_inside_and_on_the_line(
            x in -50.0f32..150.0, y in -50.0f32..150.0, angle in -4.0f32..4.0,
        ) {
            let room = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 80.0));
            let direction = Vec2::angled(angle);
            if let Some(ends) = clipped(pos2(x, y), direction, room) {
                for end in ends {
                    prop_assert!(room.expand(0.01).contains(end));
                    let off = (end - pos2(x, y)).dot(direction.rot90()).abs();
                    prop_assert!(off < 0.01);
                }
            } else {
                prop_assert!(!room.shrink(1.0).contains(pos2(x, y)));
            }
        }
    }

    #[test]
    fn tilting_snaps_to_upright_and_in_steps() {
        let axis = MirrorAxis { through: Point::new(100.0, 100.0), angle_rad: 1.0 };
        assert_eq!(tilted(&axis, Point::new(101.0, 200.0), false).angle_rad, 0.0);
        let slanted = tilted(&axis, Point::new(60.0, 200.0), true).angle_rad;
        assert!((slanted - STEP_RAD).abs() < 1e-5, "{slanted}");
        assert_eq!(tilted(&axis, axis.through, false), axis);
    }
}
