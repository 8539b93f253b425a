//! Shapes drawn by one drag: line, rectangle, ellipse.

use super::straight::in_steps_of_15_degrees;
use super::{OutlineKind, Overlay, PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::pixel_box::PixelBox;
use crate::document::{LabelMap, Point};

/// Which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As wide as the brush. Shift goes on from the last line's end, Ctrl turns in steps of 15°.
    Line,
    /// Shift draws from the middle, Ctrl a square.
    Rectangle,
    /// Shift draws from the middle, Ctrl a circle.
    Ellipse,
}

/// The shape is in the map during the drag: every event starts again from the map as it was at the press, and paints
/// with the settings as they are then. A click alone makes a dab of a line, and nothing of the others.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    form: Form,
    drag: Option<Drag>,
    /// Where the last shape ended.
    last: Option<Point>,
}

#[derive(Clone, Debug)]
struct Drag {
    before: LabelMap,
    from: Point,
    to: Point,
    centred: bool,
    constrain: bool,
}

impl Shape {
    pub(super) fn new(form: Form) -> Self {
        Self { form, drag: None, last: None }
    }

    fn press(&mut self, at: Point, extend: bool, map: &LabelMap) {
        // A press in the middle of a drag means that its release was lost: the drag goes on.
        let from = self.last.filter(|_| extend && self.form == Form::Line).unwrap_or(at);
        self.drag.get_or_insert_with(|| Drag { before: map.clone(), from, to: at, centred: extend, constrain: false });
    }

    /// Takes the pointer's place and paints the shape anew.
    fn drag_to(
        &mut self,
        at: Point,
        constrain: Option<bool>,
        map: &mut LabelMap,
        settings: &ToolSettings<'_>,
    ) -> ToolOutput {
        let Some(drag) = self.drag.as_mut().filter(|_| at.is_finite()) else { return ToolOutput::Nothing };
        drag.to = at;
        drag.constrain = constrain.unwrap_or(drag.constrain);
        let mut next = drag.before.clone();
        drag.paint(self.form, &mut next, settings);
        if next == *map {
            return ToolOutput::Nothing;
        }
        *map = next;
        ToolOutput::Editing
    }
}

impl Tool for Shape {
    fn is_active(&self) -> bool {
        self.drag.is_some()
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        match event {
            PointerEvent::Press { at, extend, constrain } => {
                if at.is_finite() {
                    self.press(at, extend, map);
                }
                self.drag_to(at, Some(constrain), map, settings)
            }
            PointerEvent::Move { at, constrain } => self.drag_to(at, Some(constrain), map, settings),
            PointerEvent::Release { at } => {
                self.drag_to(at, None, map, settings);
                let Some(drag) = self.drag.take() else { return ToolOutput::Nothing };
                self.last = Some(drag.line_end());
                ToolOutput::Finished { label: self.form.name() }
            }
            PointerEvent::Confirm => ToolOutput::Nothing,
            PointerEvent::Cancel => {
                let Some(drag) = self.drag.take() else { return ToolOutput::Nothing };
                *map = drag.before;
                ToolOutput::Cancelled
            }
        }
    }

    /// The outline with handles at the ends of a line or the corners of the box; an ellipse's box is a guide.
    fn overlay(&self, settings: &ToolSettings<'_>) -> Overlay {
        let mut overlay = Overlay::default();
        let Some(drag) = &self.drag else { return overlay };
        let handles = match self.form {
            Form::Line => {
                let ends = vec![drag.from, drag.line_end()];
                overlay.push(OutlineKind::Shape, ends.clone(), false);
                ends
            }
            Form::Rectangle => {
                overlay.push(OutlineKind::Shape, drag.area().corners(), true);
                drag.area().corners()
            }
            Form::Ellipse => {
                overlay.push(OutlineKind::Guide, drag.area().corners(), true);
                overlay.push(OutlineKind::Shape, drag.area().ellipse_outline(), true);
                drag.area().corners()
            }
        };
        overlay.push_handles(handles);
        overlay.mirrored(settings.symmetry)
    }
}

impl Drag {
    fn paint(&self, form: Form, map: &mut LabelMap, settings: &ToolSettings<'_>) -> bool {
        let (mut painter, label) = (settings.painter(map, self.from), settings.label);
        match form {
            // A thin line from near a pixel's corner would miss that pixel.
            Form::Line => {
                painter.capsule(self.from, self.line_end(), settings.diameter_px, label)
                    | painter.pixel(self.from, label)
            }
            Form::Rectangle | Form::Ellipse if self.area().is_pixel() => false,
            Form::Rectangle => painter.rectangle(self.area(), label),
            Form::Ellipse => painter.ellipse(self.area(), label),
        }
    }

    fn line_end(&self) -> Point {
        if self.constrain { in_steps_of_15_degrees(self.from, self.to) } else { self.to }
    }

    fn area(&self) -> PixelBox {
        PixelBox::drawn(self.from, self.to, self.constrain, self.centred)
    }
}

impl Form {
    /// Name in the history.
    fn name(self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::Rectangle => "Rectangle",
            Self::Ellipse => "Ellipse",
        }
    }
}

#[cfg(test)]
mod tests;
