//! Tools as state machines: pointer events in, a changed label map out. Nothing in here knows a window, so every gesture
//! can be replayed from its events.

mod brush;
mod fill;
mod overlay;
mod picker;
mod transform;
mod warp;

use super::symmetry::MirrorAxis;
use super::{LabelMap, PaintRules, Point, Region};
use crate::taxonomy::LabelId;

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
        /// Whether the gesture goes on from the last one (Shift): the brush then paints a straight line from its last
        /// point, and fill takes every pixel of the label instead of the connected ones.
        extend: bool,
        /// Whether the shape is held regular (Ctrl): proportions kept, angles in steps of 15°.
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
    /// The gesture is to be completed (Enter, double click): a transform is applied.
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
    /// Moves, scales, rotates and flips parts.
    Transform,
    /// Pushes labels along the drag.
    Warp,
    /// Tells the label under the pointer.
    Picker,
}

/// What the tools read from the user's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolSettings<'a> {
    /// The label that brush and fill paint.
    pub label: LabelId,
    /// Diameter of brush, eraser and warp in mask pixels; brought into [`DIAMETER_RANGE_PX`].
    pub diameter_px: f32,
    /// Whether fill takes every pixel of the label under the pointer, rather than those connected to it.
    pub fill_everywhere: bool,
    /// Which pixels may change.
    pub rules: PaintRules,
    /// The axis that mirrors what the tools do, if any.
    pub symmetry: Option<MirrorAxis>,
    /// The mirrored label of each label, by id; an id beyond its end is its own mirror.
    pub mirror_labels: &'a [LabelId],
    /// Physical screen pixels per mask pixel, for the reach of handles; 1 where it is no positive number.
    pub px_per_mask_px: f32,
}

/// What an event led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolOutput {
    /// Nothing changed.
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

/// A tool in use: which one, and where in its gesture it is.
#[derive(Clone, Debug, Default)]
pub struct ToolState {
    kind: ToolKind,
    brush: brush::Brush,
    picker: picker::Picker,
    transform: transform::Transform,
    warp: warp::Warp,
}

impl ToolState {
    /// A tool at rest.
    pub fn new(kind: ToolKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Which tool it is.
    pub fn kind(&self) -> ToolKind {
        self.kind
    }

    /// Takes up another tool. Brush and eraser share the last point, so a line can go on with the other one. A gesture
    /// in progress is kept until its release or cancel: [`ToolState::is_active`] tells, and the change waits.
    pub fn select(&mut self, kind: ToolKind) {
        if !self.is_active() {
            self.kind = kind;
        }
    }

    /// Whether a gesture is in progress.
    pub fn is_active(&self) -> bool {
        self.brush.is_active() || self.picker.is_active() || self.transform.is_active() || self.warp.is_active()
    }

    /// Advances the gesture by one event, painting into `map`. The brush takes its settings at the press, so a stroke
    /// keeps one label and one diameter.
    pub fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings) -> ToolOutput {
        match self.kind {
            ToolKind::Brush => self.brush.handle(event, map, settings, "Paint"),
            ToolKind::Eraser => {
                self.brush.handle(event, map, &ToolSettings { label: BACKGROUND, ..*settings }, "Erase")
            }
            ToolKind::Fill => fill::handle(event, map, settings),
            ToolKind::Transform => self.transform.handle(event, map, settings),
            ToolKind::Warp => self.warp.handle(event, map, settings),
            ToolKind::Picker => self.picker.handle(event, map),
        }
    }

    /// What to draw above the mask for the gesture in progress.
    pub fn overlay(&self, settings: &ToolSettings) -> Overlay {
        match self.kind {
            ToolKind::Transform => self.transform.overlay(settings),
            _ => Overlay::default(),
        }
    }

    /// Moves the selected part by whole pixels (arrow keys). As for every change of the selected part,
    /// [`ToolOutput::Nothing`] when none is selected or the pointer holds it.
    pub fn nudge(&mut self, dx: i32, dy: i32, map: &mut LabelMap) -> ToolOutput {
        self.transform.nudge(dx, dy, map)
    }

    /// Turns the selected part around, left to right, and exchanges left and right labels.
    pub fn flip_horizontally(&mut self, map: &mut LabelMap, settings: &ToolSettings) -> ToolOutput {
        self.transform.flip_horizontally(map, settings)
    }

    /// Turns the selected part upside down.
    pub fn flip_vertically(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.transform.flip_vertically(map)
    }

    /// A copy of the selected part as it lies on the map, for the clipboard; `None` when none is selected.
    pub fn copy_part(&self) -> Option<Region> {
        self.transform.copy()
    }

    /// Takes the selected part off the map; the hole takes the nearest labels.
    pub fn remove_part(&mut self, map: &mut LabelMap) -> ToolOutput {
        self.transform.remove(map)
    }

    /// Takes up the transform tool with a region from the clipboard as the selected part. Does nothing during a gesture
    /// ([`ToolState::is_active`]).
    pub fn paste_part(&mut self, region: Region, map: &mut LabelMap, settings: &ToolSettings) -> ToolOutput {
        if self.is_active() {
            return ToolOutput::Nothing;
        }
        self.kind = ToolKind::Transform;
        self.transform.paste(region, map, settings.rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn settings(diameter_px: f32) -> ToolSettings<'static> {
        ToolSettings { label: 2, diameter_px, ..Default::default() }
    }

    fn at() -> impl Strategy<Value = Point> {
        let coordinate = prop_oneof![8 => -30.0f32..130.0, 1 => Just(f32::NAN), 1 => Just(1e30f32)];
        (coordinate.clone(), coordinate).prop_map(|(x, y)| Point::new(x, y))
    }

    fn events() -> impl Strategy<Value = PointerEvent> {
        prop_oneof![
            2 => (at(), any::<bool>()).prop_map(|(at, extend)| PointerEvent::Press { at, extend, constrain: false }),
            5 => at().prop_map(|at| PointerEvent::Move { at, constrain: false }),
            2 => at().prop_map(|at| PointerEvent::Release { at }),
            1 => Just(PointerEvent::Confirm),
            1 => Just(PointerEvent::Cancel),
        ]
    }

    fn kinds() -> impl Strategy<Value = ToolKind> {
        let painting = prop_oneof![Just(ToolKind::Brush), Just(ToolKind::Eraser), Just(ToolKind::Fill)];
        let moving = prop_oneof![Just(ToolKind::Transform), Just(ToolKind::Warp)];
        prop_oneof![3 => painting, 2 => moving, 1 => Just(ToolKind::Picker)]
    }

    fn striped() -> LabelMap {
        let mut map = LabelMap::new(100, 90, 0);
        for y in (0..90).filter(|y| y / 10 % 2 == 0) {
            map.fill_row(y, 20..80, 1);
        }
        map
    }

    proptest! {
        /// Any gesture, sensible or not, keeps what each output promises.
        #[test]
        fn outputs_tell_the_truth_after_every_event(kind in kinds(), gesture in vec(events(), 1..25), diameter_px: f32) {
            let settings = settings(diameter_px);
            let mut tool = ToolState::new(kind);
            let mut map = striped();
            let mut at_rest = map.clone();
            for event in gesture {
                let (before, was_active) = (map.clone(), tool.is_active());
                let output = tool.handle(event, &mut map, &settings);
                match output {
                    ToolOutput::Nothing => prop_assert!(map == before),
                    ToolOutput::Editing => prop_assert!(map != before && tool.is_active()),
                    ToolOutput::Finished { .. } => prop_assert!(!tool.is_active()),
                    ToolOutput::Cancelled => prop_assert!(was_active && map == at_rest),
                    ToolOutput::Picked(id) => prop_assert!(map == before && map.counts()[usize::from(id)] > 0),
                }
                let ends = matches!(event, PointerEvent::Release { .. }) && kind != ToolKind::Transform;
                if ends || event == PointerEvent::Cancel {
                    prop_assert!(!tool.is_active());
                }
                if !tool.is_active() {
                    at_rest = map.clone();
                }
                let (old, new) = (striped().counts(), map.counts());
                prop_assert_eq!(new.iter().sum::<u64>(), 100 * 90);
                let painted = match kind {
                    ToolKind::Brush | ToolKind::Fill => usize::from(settings.label),
                    ToolKind::Eraser | ToolKind::Picker => 0,
                    ToolKind::Transform | ToolKind::Warp => continue,
                };
                prop_assert!((0..256).all(|id| id == painted || new[id] <= old[id]), "only one label may grow");
            }
        }
    }

    #[test]
    fn another_tool_is_taken_up_only_between_gestures() {
        let mut tool = ToolState::new(ToolKind::Brush);
        let mut map = striped();
        let at = Point::new(5.0, 5.0);
        tool.handle(PointerEvent::Press { at, extend: false, constrain: false }, &mut map, &settings(9.0));
        tool.select(ToolKind::Fill);
        assert_eq!(tool.kind(), ToolKind::Brush);
        assert_eq!(
            tool.handle(PointerEvent::Release { at }, &mut map, &settings(9.0)),
            ToolOutput::Finished { label: "Paint" }
        );
        tool.select(ToolKind::Fill);
        assert_eq!(tool.kind(), ToolKind::Fill);
    }
}
