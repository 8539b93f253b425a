//! Tools as state machines: pointer events in, a changed label map out. Nothing in here knows a window, so every gesture
//! can be replayed from its events.

mod brush;
mod fill;
mod lasso;
mod overlay;
mod picker;
mod polygon;
mod shape;
mod straight;
mod transform;
mod warp;

use super::painter::Painter;
use super::{LabelMap, MirrorAxis, PaintRules, Point, Region};
use crate::taxonomy::LabelId;
use shape::{Form, Shape};

pub use super::capsule::DIAMETER_RANGE_PX;
pub use overlay::{Outline, OutlineKind, Overlay};

/// The label that the eraser paints.
const BACKGROUND: LabelId = 0;

/// One thing the pointer did, at a place in mask pixels. Places outside the map are fine; events at a place that is not
/// a number are taken as if the pointer had not moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointerEvent {
    /// The button went down.
    Press {
        /// Where.
        at: Point,
        /// Shift: the brush paints a straight line from its last point, the line goes on from the last line's end, fill
        /// takes every pixel of the label instead of the connected ones, rectangle and ellipse grow from their middle,
        /// the transform selects a further part.
        extend: bool,
        /// Ctrl: a rectangle becomes a square, an ellipse a circle, lines, edges and parts turn in steps of 15°,
        /// a part keeps its proportions.
        constrain: bool,
    },
    /// The pointer moved, with the button down or up.
    Move {
        /// Where to.
        at: Point,
        /// As in a press.
        constrain: bool,
    },
    /// The button went up.
    Release {
        /// Where.
        at: Point,
    },
    /// Enter or a double click: a gesture of several clicks is complete.
    Confirm,
    /// The gesture was broken off (Escape, focus lost): what it painted goes away.
    Cancel,
}

/// The tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToolKind {
    /// Paints the chosen label.
    #[default]
    Brush,
    /// Paints background.
    Eraser,
    /// Gives a region the chosen label.
    Fill,
    /// Fills an area drawn freehand.
    Lasso,
    /// Fills an area given by its corners.
    Polygon,
    /// Draws a straight line as wide as the brush.
    Line,
    /// Fills a rectangle.
    Rectangle,
    /// Fills an ellipse.
    Ellipse,
    /// Moves, scales, turns and flips parts.
    Transform,
    /// Pushes labels along the drag.
    Warp,
    /// Tells the label under the pointer.
    Picker,
}

/// What the tools read from the user's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolSettings<'a> {
    /// The label that the tools paint; the eraser paints background.
    pub label: LabelId,
    /// Diameter of brush, eraser, line and warp in mask pixels; brought into [`DIAMETER_RANGE_PX`].
    pub diameter_px: f32,
    /// Whether fill takes every pixel of the label under the pointer, rather than those connected to it.
    pub fill_everywhere: bool,
    /// Which pixels may change.
    pub rules: PaintRules,
    /// The axis that mirrors what the tools do, if any.
    pub symmetry: Option<MirrorAxis>,
    /// By label, the label it becomes on the other side of the axis; a label beyond the end stays what it is.
    pub mirror_labels: &'a [LabelId],
    /// Physical screen pixels per mask pixel, for the reach of clicks and handles; 1 where it is no positive number.
    pub px_per_mask_px: f32,
}

/// What an event led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolOutput {
    /// The map did not change; what the tool shows above it may have.
    Nothing,
    /// The map changed, and the gesture goes on.
    Editing,
    /// The gesture is complete: the time to commit it to the history. It may have changed nothing.
    Finished {
        /// Name of the change, for the history list.
        label: &'static str,
    },
    /// The gesture was broken off, and the map is what it was before.
    Cancelled,
    /// The picker found this label.
    Picked(LabelId),
}

/// One tool: a state machine over a label map.
trait Tool {
    /// Whether a gesture is in progress.
    fn is_active(&self) -> bool;

    /// Advances the gesture by one event.
    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput;

    /// What to show above the mask; by default nothing, since most tools paint at once.
    fn overlay(&self, _settings: &ToolSettings<'_>) -> Overlay {
        Overlay::default()
    }
}

/// A tool in use: which one, and where in its gesture it is.
#[derive(Clone, Debug)]
pub struct ToolState {
    kind: ToolKind,
    brush: brush::Brush,
    fill: fill::Fill,
    lasso: lasso::Lasso,
    polygon: polygon::Polygon,
    line: Shape,
    rectangle: Shape,
    ellipse: Shape,
    transform: transform::Transform,
    warp: warp::Warp,
    picker: picker::Picker,
}

/// The tool in use, borrowed as `&` or `&mut`: the one list of which state belongs to which kind.
macro_rules! in_use {
    ($state:ident, $($borrow:tt)+) => {
        match $state.kind {
            ToolKind::Brush | ToolKind::Eraser => $($borrow)+ $state.brush,
            ToolKind::Fill => $($borrow)+ $state.fill,
            ToolKind::Lasso => $($borrow)+ $state.lasso,
            ToolKind::Polygon => $($borrow)+ $state.polygon,
            ToolKind::Line => $($borrow)+ $state.line,
            ToolKind::Rectangle => $($borrow)+ $state.rectangle,
            ToolKind::Ellipse => $($borrow)+ $state.ellipse,
            ToolKind::Transform => $($borrow)+ $state.transform,
            ToolKind::Warp => $($borrow)+ $state.warp,
            ToolKind::Picker => $($borrow)+ $state.picker,
        }
    };
}

impl Default for ToolState {
    fn default() -> Self {
        Self::new(ToolKind::default())
    }
}

impl ToolState {
    /// A tool at rest.
    pub fn new(kind: ToolKind) -> Self {
        Self {
            kind,
            brush: brush::Brush::default(),
            fill: fill::Fill,
            lasso: lasso::Lasso::default(),
            polygon: polygon::Polygon::default(),
            line: Shape::new(Form::Line),
            rectangle: Shape::new(Form::Rectangle),
            ellipse: Shape::new(Form::Ellipse),
            transform: transform::Transform::default(),
            warp: warp::Warp::default(),
            picker: picker::Picker::default(),
        }
    }

    /// Which tool it is.
    pub fn kind(&self) -> ToolKind {
        self.kind
    }

    /// Takes up another tool. Brush and eraser share the last point, so a line can go on with the other one. A gesture
    /// in progress is kept until its end: [`ToolState::is_active`] tells, and the change waits.
    pub fn select(&mut self, kind: ToolKind) {
        if !self.is_active() {
            self.kind = kind;
        }
    }

    /// Whether a gesture is in progress. The polygon's lasts over several clicks, the
    /// transform's as long as a part is selected.
    pub fn is_active(&self) -> bool {
        let tool: &dyn Tool = in_use!(self, &);
        tool.is_active()
    }

    /// Advances the gesture by one event, painting into `map`. A stroke of the brush or the warp keeps the label,
    /// diameter, rules and axis of its press, a selected part keeps the rules and the axis of its selection; the other tools paint with the settings of the event.
    pub fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let erases = self.kind == ToolKind::Eraser;
        let label = if erases { BACKGROUND } else { settings.label };
        let tool: &mut dyn Tool = in_use!(self, &mut);
        match tool.handle(event, map, &ToolSettings { label, ..*settings }) {
            ToolOutput::Finished { .. } if erases => ToolOutput::Finished { label: "Erase" },
            output => output,
        }
    }

    /// What the canvas draws above the mask for the gesture in progress. The axis of symmetry and the brush's outline
    /// are not in it.
    pub fn overlay(&self, settings: &ToolSettings<'_>) -> Overlay {
        let tool: &dyn Tool = in_use!(self, &);
        tool.overlay(settings)
    }

    /// Ends a gesture that something else interrupts, such as the choice of another tool: what has been done to a
    /// selected part stays, every other gesture is broken off.
    pub fn interrupt(&mut self, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let keeps = self.kind == ToolKind::Transform;
        self.handle(if keeps { PointerEvent::Confirm } else { PointerEvent::Cancel }, map, settings)
    }

    /// Moves the selected part by whole pixels (arrow keys). As for every change of the selected part,
    /// [`ToolOutput::Nothing`] when none is selected or the pointer holds it.
    pub fn nudge(&mut self, dx: i32, dy: i32, map: &mut LabelMap) -> ToolOutput {
        self.transform.nudge(dx, dy, map)
    }

    /// Turns the selected part around, left to right, and exchanges left and right labels.
    pub fn flip_horizontally(&mut self, map: &mut LabelMap, mirror_labels: &[LabelId]) -> ToolOutput {
        self.transform.flip_horizontally(map, mirror_labels)
    }

    /// Turns the selected part upside down.
    pub fn flip_vertically(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.transform.flip_vertically(map)
    }

    /// Whether the part on the other side of the mirror axis goes the mirrored way with the selected one. It does when
    /// there is one of the mirrored label there; a part on the axis goes alone. `None` when none is selected.
    pub fn part_has_twin(&self) -> Option<bool> {
        self.transform.has_twin()
    }

    /// A copy of the selected part as it lies on the map, for the clipboard; `None` when none is selected or it lies
    /// outside.
    pub fn copy_part(&self) -> Option<Region> {
        self.transform.copy()
    }

    /// Takes the selected part off the map; the hole takes the nearest labels.
    pub fn remove_part(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.transform.remove(map)
    }

    /// Takes up the transform tool with a region from the clipboard as the selected part. Does nothing during a gesture
    /// ([`ToolState::is_active`]).
    pub fn paste_part(&mut self, region: Region, map: &mut LabelMap, rules: PaintRules) -> ToolOutput {
        if self.is_active() {
            return ToolOutput::Nothing;
        }
        self.kind = ToolKind::Transform;
        self.transform.paste(region, map, rules)
    }
}

impl<'a> ToolSettings<'a> {
    /// Writes to a map under these settings; `start` is where the gesture began.
    fn painter<'m>(&self, map: &'m mut LabelMap, start: Point) -> Painter<'m>
    where
        'a: 'm,
    {
        Painter::new(map, self.rules, self.symmetry.map(|axis| (axis, self.mirror_labels)), start)
    }

    /// A distance on the screen in mask pixels.
    fn mask_px(&self, screen_px: f32) -> f32 {
        let scale = self.px_per_mask_px;
        if scale > 0.0 && scale.is_finite() { screen_px / scale } else { screen_px }
    }
}

#[cfg(test)]
mod tests;
