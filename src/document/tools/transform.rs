//! Moves, scales, turns and flips a part of the mask.
//!
//! A press on a part selects it: the pixels of its label that are connected to the one under the pointer. A press on the
//! background draws a lasso around what to take. What is selected then follows the pointer by its inside and its
//! handles, shown in the map all the while, until it is put down: by a confirmation or by a press elsewhere.

mod handles;
mod placement;
mod selection;
mod twin;

use self::handles::{Grip, grip_at};
use self::placement::{Place, Placement, place};
use self::selection::{Across, Selection};
use super::{BACKGROUND, OutlineKind, Overlay, PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::painter::mirrored;
use crate::document::{LabelMap, PaintRules, PixelSet, Point, Region, TILE_SIDE_PX};
use crate::taxonomy::LabelId;

/// A constrained turn goes in steps of 15°.
const TURN_STEP_RAD: f64 = std::f64::consts::PI / 12.0;
/// The press that selects moves nothing before the pointer has gone this far, in physical screen pixels.
const SLACK_PX: f64 = 4.0;
/// A press this near to what is selected, in physical screen pixels, means it and not what lies beside it.
const NEAR_PX: f64 = 6.0;
/// The history's name for a selection that was let go.
const SELECT: &str = "Select part";

#[derive(Clone, Debug, Default)]
pub(super) struct Transform {
    selection: Option<Selection>,
    gesture: Option<Gesture>,
}

/// What the pointer does while its button is down.
#[derive(Clone, Debug)]
enum Gesture {
    /// Draws a line around what to take.
    Lasso(Vec<Point>),
    Drag {
        grip: Grip,
        from: Place,
        /// The placement at the press; every move starts from it.
        start: Placement,
        /// How far the pointer must go before anything follows, in mask pixels.
        slack: f64,
        constrain: bool,
    },
}

impl Tool for Transform {
    /// Whether something is selected or being selected.
    fn is_active(&self) -> bool {
        self.selection.is_some() || self.gesture.is_some()
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        self.forget_if_outdated(map);
        match event {
            PointerEvent::Press { at, extend, .. } if at.is_finite() => self.press(at, extend, map, settings),
            PointerEvent::Press { .. } => ToolOutput::Nothing,
            PointerEvent::Move { at, constrain } => self.drag(at, Some(constrain), map),
            PointerEvent::Release { at } => self.release(at, map, settings),
            PointerEvent::Confirm => self.finish(),
            PointerEvent::Cancel => self.cancel(map),
        }
    }

    fn overlay(&self, settings: &ToolSettings<'_>) -> Overlay {
        let mut overlay = Overlay::default();
        if let Some(selection) = &self.selection {
            selection.border().for_each(|line| overlay.push(OutlineKind::Selection, line, true));
            handles::show(&selection.placement, zoom(settings), &mut overlay);
        }
        if let Some(Gesture::Lasso(points)) = &self.gesture {
            overlay.push(OutlineKind::Shape, points.clone(), true);
        }
        overlay.mirrored(settings.symmetry)
    }
}

impl Transform {
    /// Moves what is selected by whole pixels, unless the pointer holds it.
    pub(super) fn nudge(&mut self, dx: i32, dy: i32, map: &mut LabelMap) -> ToolOutput {
        let by = [f64::from(dx), f64::from(dy)];
        self.change(map, |selection| selection.placement = selection.placement.moved(by))
    }

    /// Turns what is selected around, left to right, and exchanges left and right labels.
    pub(super) fn flip_horizontally(&mut self, map: &mut LabelMap, mirror_labels: &[LabelId]) -> ToolOutput {
        self.change(map, |selection| {
            selection.placement = selection.placement.flipped_horizontally();
            selection.mirror_labels(mirror_labels);
        })
    }

    /// Turns what is selected upside down.
    pub(super) fn flip_vertically(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.change(map, |selection| selection.placement = selection.placement.flipped_vertically())
    }

    /// Whether something goes the mirrored way with what is selected; `None` when nothing is selected.
    pub(super) fn has_twin(&self) -> Option<bool> {
        self.selection.as_ref().map(Selection::has_twin)
    }

    /// What is selected, as it lies.
    pub(super) fn copy(&self) -> Option<Region> {
        self.selection.as_ref().and_then(Selection::as_it_lies)
    }

    /// Takes what is selected off the map.
    pub(super) fn remove(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.forget_if_outdated(map);
        self.gesture = None;
        let Some(selection) = self.selection.take() else { return ToolOutput::Nothing };
        selection.hide(map);
        ToolOutput::Finished { label: "Cut part" }
    }

    /// Puts a region on the map and selects it.
    pub(super) fn paste(&mut self, region: Region, map: &mut LabelMap, rules: PaintRules) -> ToolOutput {
        self.gesture = None;
        let selection = self.selection.insert(Selection::float(map, region, rules));
        if selection.show(map) { ToolOutput::Editing } else { ToolOutput::Nothing }
    }

    fn change(&mut self, map: &mut LabelMap, change: impl FnOnce(&mut Selection)) -> ToolOutput {
        self.forget_if_outdated(map);
        let Some(selection) = self.selection.as_mut().filter(|_| self.gesture.is_none()) else {
            return ToolOutput::Nothing;
        };
        change(selection);
        if selection.show(map) { ToolOutput::Editing } else { ToolOutput::Nothing }
    }

    /// A selection is of no use when something else has changed the map under it, and must not undo that change.
    fn forget_if_outdated(&mut self, map: &LabelMap) {
        if self.selection.as_ref().is_some_and(|selection| !selection.is_shown_by(map)) {
            self.selection = None;
            self.gesture = None;
        }
    }

    fn press(&mut self, at: Point, extend: bool, map: &LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        // A press in the middle of a gesture means that its release was lost.
        self.gesture = None;
        if let Some(selection) = &self.selection {
            let untouched = selection.untouched_pixels().is_some();
            match grip_at(&selection.placement, place(at), zoom(settings)) {
                _ if extend && untouched => {}
                Some(Grip::Inside) if selects_another(selection, at, map, settings) => self.selection = None,
                Some(grip) => {
                    self.gesture = Some(drag(grip, at, selection, 0.0));
                    return ToolOutput::Nothing;
                }
                None if untouched => self.selection = None,
                None => return self.finish(),
            }
        }
        match part_pixel(at, map) {
            Some((x, y)) => {
                let part = PixelSet::part(map, x, y);
                let across = part.as_ref().and_then(|part| part_across(part, at, map, settings));
                self.add(part, across, map, settings);
                let slack = SLACK_PX / zoom(settings);
                self.gesture = self.selection.as_ref().map(|selection| drag(Grip::Inside, at, selection, slack));
            }
            None => self.gesture = Some(Gesture::Lasso(vec![at])),
        }
        self.finish_if_empty()
    }

    fn drag(&mut self, at: Point, constrain: Option<bool>, map: &mut LabelMap) -> ToolOutput {
        match (&mut self.gesture, &mut self.selection) {
            (Some(Gesture::Lasso(points)), _) if at.is_finite() && points.last() != Some(&at) => points.push(at),
            (Some(Gesture::Drag { grip, from, start, slack, constrain: constrained }), Some(selection))
                if at.is_finite() =>
            {
                *constrained = constrain.unwrap_or(*constrained);
                let at = place(at);
                if (at[0] - from[0]).hypot(at[1] - from[1]) < *slack {
                    return ToolOutput::Nothing;
                }
                *slack = 0.0;
                selection.placement = dragged(*start, *grip, *from, at, *constrained);
                if selection.show(map) {
                    return ToolOutput::Editing;
                }
            }
            _ => {}
        }
        ToolOutput::Nothing
    }

    fn release(&mut self, at: Point, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let output = self.drag(at, None, map);
        match self.gesture.take() {
            Some(Gesture::Lasso(points)) => {
                let surrounded = |points: &[Point]| {
                    PixelSet::polygon(map, points).and_then(|set| set.filter(map, |id| id != BACKGROUND))
                };
                let across = settings
                    .symmetry
                    .and_then(|axis| surrounded(&points.iter().map(|&point| axis.reflect(point)).collect::<Vec<_>>()));
                let own = surrounded(&points);
                self.add(own, across, map, settings);
                self.finish_if_empty()
            }
            Some(Gesture::Drag { .. }) => output,
            None => ToolOutput::Nothing,
        }
    }

    /// Selects more, `across` being what goes the mirrored way. What is selected already is where it was taken.
    fn add(&mut self, pixels: Option<PixelSet>, across: Option<PixelSet>, map: &LabelMap, settings: &ToolSettings<'_>) {
        let Some(pixels) = pixels else { return };
        let selected = self.selection.as_ref();
        let both = |new: Option<PixelSet>, old: Option<&PixelSet>| match (new, old) {
            (Some(new), Some(old)) => Some(old.union(&new)),
            (new, old) => new.or_else(|| old.cloned()),
        };
        let across = both(across, selected.and_then(Selection::untouched_twin));
        let Some(pixels) = both(Some(pixels), selected.and_then(Selection::untouched_pixels)) else { return };
        let across = settings.symmetry.zip(across.as_ref());
        let across = across.map(|(axis, pixels)| Across { pixels, axis, labels: settings.mirror_labels });
        self.selection = Selection::lift(map, &pixels, across, settings.rules);
    }

    fn finish(&mut self) -> ToolOutput {
        let gesture = self.gesture.take();
        match self.selection.take() {
            Some(selection) if selection.untouched_pixels().is_some() => ToolOutput::Finished { label: SELECT },
            Some(selection) => ToolOutput::Finished { label: selection.name() },
            None if gesture.is_some() => ToolOutput::Finished { label: SELECT },
            None => ToolOutput::Nothing,
        }
    }

    fn finish_if_empty(&self) -> ToolOutput {
        if self.is_active() { ToolOutput::Nothing } else { ToolOutput::Finished { label: SELECT } }
    }

    fn cancel(&mut self, map: &mut LabelMap) -> ToolOutput {
        let gesture = self.gesture.take();
        match self.selection.take() {
            Some(selection) => selection.undo(map),
            None if gesture.is_none() => return ToolOutput::Nothing,
            None => {}
        }
        ToolOutput::Cancelled
    }
}

/// The pixel under a point, when it is not of the background.
fn part_pixel(at: Point, map: &LabelMap) -> Option<(u32, u32)> {
    map.pixel_at(at).filter(|&(x, y)| map.get(x, y).is_some_and(|id| id != BACKGROUND))
}

/// The part of the mirrored label on the other side of the axis: the one at the mirror image of the press or else, since no
/// head is quite symmetric, the one that the mirror image of the part overlaps, nearest to its middle.
fn part_across(part: &PixelSet, at: Point, map: &LabelMap, settings: &ToolSettings<'_>) -> Option<PixelSet> {
    let axis = settings.symmetry?;
    let (x, y) = map.pixel_at(at)?;
    let wanted = mirrored(settings.mirror_labels, map.get(x, y)?);
    let counterpart = |image: Point| {
        let (x, y) = map.pixel_at(image)?;
        (map.get(x, y)? == wanted).then_some((x, y))
    };
    let place = |x: u32, y: u32| Point::new(x as f32 + 0.5, y as f32 + 0.5);
    let (x, y) = counterpart(axis.reflect(at)).or_else(|| {
        let rect = part.rect();
        let middle = axis.reflect(place(rect.x + rect.width / 2, rect.y + rect.height / 2));
        let found = part.places().filter_map(|(x, y)| counterpart(axis.reflect(place(x, y))));
        let distance = |&(x, y): &(u32, u32)| (x as f32 - middle.x).hypot(y as f32 - middle.y);
        found.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    })?;
    PixelSet::part(map, x, y)
}

/// Whether a press within the rectangle of a part that has not been touched yet means another part that lies there, such
/// as a nose within the hair's rectangle.
fn selects_another(selection: &Selection, at: Point, map: &LabelMap, settings: &ToolSettings<'_>) -> bool {
    let (Some(pixels), Some((x, y))) = (selection.untouched_pixels(), part_pixel(at, map)) else { return false };
    // Zoomed far out, the reach ends at a tile's side, so that the search stays short.
    let reach = (NEAR_PX / zoom(settings)).min(f64::from(TILE_SIDE_PX)) as u32;
    let near = |at: u32| at.saturating_sub(reach)..=at + reach;
    !near(y).any(|y| near(x).any(|x| pixels.contains(x, y)))
}

fn drag(grip: Grip, at: Point, selection: &Selection, slack: f64) -> Gesture {
    Gesture::Drag { grip, from: place(at), start: selection.placement, slack, constrain: false }
}

fn dragged(start: Placement, grip: Grip, from: Place, to: Place, constrain: bool) -> Placement {
    let by = [to[0] - from[0], to[1] - from[1]];
    match grip {
        Grip::Inside => start.moved(by),
        Grip::Corner(sides) => start.scaled(sides, by, constrain),
        Grip::Turn => start.turned(from, to, constrain.then_some(TURN_STEP_RAD)),
    }
}

fn zoom(settings: &ToolSettings<'_>) -> f64 {
    f64::from(1.0 / settings.mask_px(1.0))
}

#[cfg(test)]
mod tests;
