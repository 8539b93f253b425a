//! The brush: a round dab at the press, exact capsules between the places it moves through.

use super::{PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::{LabelMap, MirrorAxis, PaintRules, Point};
use crate::taxonomy::LabelId;

/// What a stroke covers depends on the path alone, not on how many events describe it: the capsules around the segments,
/// and the pixel under the pointer at the press, which a thin brush near a pixel's corner would otherwise miss.
#[derive(Clone, Debug, Default)]
pub(super) struct Brush {
    stroke: Option<Stroke>,
    /// Where the last stroke ended; a line goes on from here.
    last: Option<Point>,
}

/// A stroke keeps what it was begun with, whatever happens to the settings meanwhile.
#[derive(Clone, Debug)]
struct Stroke {
    before: LabelMap,
    last_before: Option<Point>,
    start: Point,
    at: Point,
    label: LabelId,
    diameter_px: f32,
    rules: PaintRules,
    symmetry: Option<MirrorAxis>,
}

impl Tool for Brush {
    fn is_active(&self) -> bool {
        self.stroke.is_some()
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        match event {
            PointerEvent::Press { at, .. } if !at.is_finite() => ToolOutput::Nothing,
            PointerEvent::Press { at, extend, .. } => self.press(at, extend, map, settings),
            PointerEvent::Move { at, .. } => self.drag(at, map, settings),
            PointerEvent::Release { at } => {
                self.drag(at, map, settings);
                self.stroke.take().map_or(ToolOutput::Nothing, |_| ToolOutput::Finished { label: "Paint" })
            }
            PointerEvent::Confirm => ToolOutput::Nothing,
            PointerEvent::Cancel => self.cancel(map),
        }
    }
}

impl Brush {
    /// A press in the middle of a stroke means that its release was lost: the stroke goes on at the new place, so that
    /// one undo still takes back all of it.
    fn press(&mut self, at: Point, extend: bool, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let last_before = self.last;
        let stroke = self.stroke.get_or_insert_with(|| Stroke {
            before: map.clone(),
            last_before,
            start: at,
            at,
            label: settings.label,
            diameter_px: settings.diameter_px,
            rules: settings.rules,
            symmetry: settings.symmetry,
        });
        stroke.at = last_before.filter(|_| extend).unwrap_or(at);
        let line = stroke.paint_to(at, map, settings);
        let pixel = stroke.settings(settings).painter(map, stroke.start).pixel(at, stroke.label);
        self.last = Some(at);
        if line || pixel { ToolOutput::Editing } else { ToolOutput::Nothing }
    }

    fn drag(&mut self, at: Point, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let Some(stroke) = self.stroke.as_mut() else { return ToolOutput::Nothing };
        if !at.is_finite() || at == stroke.at {
            return ToolOutput::Nothing;
        }
        self.last = Some(at);
        if stroke.paint_to(at, map, settings) { ToolOutput::Editing } else { ToolOutput::Nothing }
    }

    fn cancel(&mut self, map: &mut LabelMap) -> ToolOutput {
        let Some(stroke) = self.stroke.take() else { return ToolOutput::Nothing };
        *map = stroke.before;
        self.last = stroke.last_before;
        ToolOutput::Cancelled
    }
}

impl Stroke {
    fn paint_to(&mut self, to: Point, map: &mut LabelMap, settings: &ToolSettings<'_>) -> bool {
        let from = std::mem::replace(&mut self.at, to);
        self.settings(settings).painter(map, self.start).capsule(from, to, self.diameter_px, self.label)
    }

    fn settings<'a>(&self, now: &ToolSettings<'a>) -> ToolSettings<'a> {
        ToolSettings { rules: self.rules, symmetry: self.symmetry, ..*now }
    }
}

#[cfg(test)]
mod tests;
