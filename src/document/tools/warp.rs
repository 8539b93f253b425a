//! Pushes labels along the drag, as if the mask were soft.

mod field;

use self::field::{Field, Patch, Push};
use super::{DIAMETER_RANGE_PX, PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::{LabelMap, MirrorAxis, PaintRules, Point, Rect};
use crate::label_image::LabelImage;
use crate::taxonomy::LabelId;

/// Places further away than this from the origin are brought here.
const REACH_PX: f32 = 32768.0;
/// A drag is cut into steps of this share of the radius: short enough that no step folds the mask (the falloff's steepest
/// slope, 1.54 per radius, times the step stays far below 1), long enough to keep up with the pointer.
const STEP_OF_RADIUS: f32 = 0.2;
/// Steps are no shorter than this, in mask pixels.
const SHORTEST_STEP_PX: f32 = 0.25;

#[derive(Clone, Debug, Default)]
pub(super) struct Warp {
    stroke: Option<Stroke>,
}

/// The map always shows the labels of the press, sampled once through all the displacement since. Whole steps along
/// the pointer's path go into the field for good; the rest of the way is shown on top and thought anew at the next event.
/// So the outcome hardly depends on how many events describe the path.
#[derive(Clone, Debug)]
struct Stroke {
    before: LabelMap,
    original: LabelImage,
    field: Field,
    /// Where the last whole step ended.
    at: Point,
    /// Where the pointer was last.
    pointer: Point,
    /// How far it has gone since the last whole step, along its path.
    since_px: f32,
    /// The push from the last whole step's end to the pointer.
    tail: Vec<Patch>,
    radius_px: f32,
    rules: PaintRules,
    symmetry: Option<MirrorAxis>,
}

impl Tool for Warp {
    fn is_active(&self) -> bool {
        self.stroke.is_some()
    }

    /// Takes diameter, rules and axis at the press.
    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        match event {
            PointerEvent::Press { at, .. } | PointerEvent::Move { at, .. } if !at.is_finite() => ToolOutput::Nothing,
            PointerEvent::Press { at, .. } => {
                match &mut self.stroke {
                    // The release was lost: the stroke goes on at the new place.
                    Some(stroke) => stroke.go_on_at(within_reach(at)),
                    None => self.stroke = Some(Stroke::new(within_reach(at), map, settings)),
                }
                ToolOutput::Nothing
            }
            PointerEvent::Move { at, .. } => self.drag(at, map),
            PointerEvent::Release { at } => {
                self.drag(at, map);
                self.stroke.take().map_or(ToolOutput::Nothing, |_| ToolOutput::Finished { label: "Warp" })
            }
            PointerEvent::Confirm => ToolOutput::Nothing,
            PointerEvent::Cancel => {
                let Some(stroke) = self.stroke.take() else { return ToolOutput::Nothing };
                *map = stroke.before;
                ToolOutput::Cancelled
            }
        }
    }
}

impl Warp {
    fn drag(&mut self, at: Point, map: &mut LabelMap) -> ToolOutput {
        let Some(stroke) = self.stroke.as_mut().filter(|_| at.is_finite()) else { return ToolOutput::Nothing };
        if stroke.drag_to(within_reach(at), map) { ToolOutput::Editing } else { ToolOutput::Nothing }
    }
}

impl Stroke {
    fn new(at: Point, map: &LabelMap, settings: &ToolSettings<'_>) -> Self {
        let (low, high) = DIAMETER_RANGE_PX.into_inner();
        let diameter_px = settings.diameter_px;
        let diameter_px = if diameter_px.is_nan() { low } else { diameter_px.clamp(low, high) };
        Self {
            before: map.clone(),
            original: map.to_image(),
            field: Field::still(map.width(), map.height()),
            at,
            pointer: at,
            since_px: 0.0,
            tail: Vec::new(),
            radius_px: diameter_px / 2.0,
            rules: settings.rules,
            symmetry: settings.symmetry,
        }
    }

    fn go_on_at(&mut self, at: Point) {
        for patch in std::mem::take(&mut self.tail) {
            self.field.put(&patch);
        }
        (self.at, self.pointer, self.since_px) = (at, at, 0.0);
    }

    /// True when a pixel changed.
    fn drag_to(&mut self, to: Point, map: &mut LabelMap) -> bool {
        let from = std::mem::replace(&mut self.pointer, to);
        if from == to {
            return false;
        }
        let mut touched = Touched::default();
        touched.add(&std::mem::take(&mut self.tail));
        let step_px = (self.radius_px * STEP_OF_RADIUS).max(SHORTEST_STEP_PX);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let distance_px = dx.hypot(dy);
        let mut next_px = step_px - self.since_px;
        while next_px <= distance_px {
            let share = next_px / distance_px;
            let place = Point::new(from.x + dx * share, from.y + dy * share);
            let patches = self.pushed_to(place);
            patches.iter().for_each(|patch| self.field.put(patch));
            touched.add(&patches);
            self.at = place;
            next_px += step_px;
        }
        self.since_px = distance_px - (next_px - step_px);
        self.tail = self.pushed_to(to);
        touched.add(&self.tail);
        let mut changed = false;
        for rect in touched.rects() {
            changed |= self.show(rect, map);
        }
        changed
    }

    /// What a push from the last whole step's end to a place, and its mirror image, would make of the field. One patch
    /// where the two overlap, so that they do not wait for each other.
    fn pushed_to(&self, to: Point) -> Vec<Patch> {
        let push = |from: Point, to: Point| Push::new([from.x, from.y], [to.x, to.y], self.radius_px);
        let mut pushes = vec![push(self.at, to)];
        pushes.extend(self.symmetry.map(|axis| push(axis.reflect(self.at), axis.reflect(to))));
        let area = |push: &Push| push.area(self.field.width(), self.field.height());
        let areas: Vec<Rect> = pushes.iter().filter_map(area).collect();
        match areas[..] {
            [a, b] if overlap(a, b) => vec![self.field.pushed(&pushes, a.union(b))],
            _ => {
                let own = pushes.iter().filter_map(|push| Some((push, area(push)?)));
                own.map(|(push, area)| self.field.pushed(std::slice::from_ref(push), area)).collect()
            }
        }
    }

    /// Brings a rectangle of the map up to date. True when a pixel changed.
    fn show(&self, rect: Rect, map: &mut LabelMap) -> bool {
        let (mut displacements, mut labels) = (Vec::new(), Vec::with_capacity(rect.width as usize));
        let mut changed = false;
        for y in rect.y..rect.y + rect.height {
            displacements.clear();
            displacements.extend_from_slice(self.field.row(y, rect.x, rect.width));
            self.tail.iter().for_each(|patch| patch.put_row(y, rect.x, &mut displacements));
            labels.clear();
            labels.extend((rect.x..).zip(&displacements).map(|(x, by)| self.label(x, y, *by)));
            changed |= map.write_row(y, rect.x, &labels);
        }
        changed
    }

    /// What a pixel shows that takes its label from a place displaced by `by`.
    fn label(&self, x: u32, y: u32, by: [f32; 2]) -> LabelId {
        let old = self.original.get(x, y);
        if by == [0.0, 0.0] {
            return old;
        }
        let from = |at: u32, by: f32, side: u32| ((at as f32 + 0.5 + by).max(0.0) as u32).min(side - 1);
        let (width, height) = (self.original.width(), self.original.height());
        let new = self.original.get(from(x, by[0], width), from(y, by[1], height));
        if self.rules.allow(old, new) { new } else { old }
    }
}

/// The rectangles that an event has touched on either side of the axis.
#[derive(Default)]
struct Touched([Option<Rect>; 2]);

impl Touched {
    fn add(&mut self, patches: &[Patch]) {
        for (rect, patch) in self.0.iter_mut().zip(patches) {
            *rect = Some(rect.map_or(patch.rect(), |rect| rect.union(patch.rect())));
        }
    }

    fn rects(self) -> impl Iterator<Item = Rect> {
        self.0.into_iter().flatten()
    }
}

fn overlap(a: Rect, b: Rect) -> bool {
    let meets = |a: u32, a_side: u32, b: u32, b_side: u32| a < b + b_side && b < a + a_side;
    meets(a.x, a.width, b.x, b.width) && meets(a.y, a.height, b.y, b.height)
}

fn within_reach(at: Point) -> Point {
    Point::new(at.x.clamp(-REACH_PX, REACH_PX), at.y.clamp(-REACH_PX, REACH_PX))
}

#[cfg(test)]
mod tests;
