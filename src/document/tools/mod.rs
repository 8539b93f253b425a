//! Tools as state machines: pointer events in, a changed label map out. Nothing in here knows a window, so every gesture
//! can be replayed from its events.

mod brush;
mod fill;
mod picker;

use super::{LabelMap, Point};
use crate::taxonomy::LabelId;

pub use super::capsule::DIAMETER_RANGE_PX;

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
    },
    /// The pointer moved, with the button down or up.
    Move {
        /// Where to.
        at: Point,
    },
    /// The button went up.
    Release {
        /// Where.
        at: Point,
    },
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
    /// Tells the label under the pointer.
    Picker,
}

/// What the tools read from the user's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolSettings {
    /// The label that brush and fill paint.
    pub label: LabelId,
    /// Diameter of brush and eraser in mask pixels; brought into [`DIAMETER_RANGE_PX`].
    pub diameter_px: f32,
    /// Whether fill takes every pixel of the label under the pointer, rather than those connected to it.
    pub fill_everywhere: bool,
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
        self.brush.is_active() || self.picker.is_active()
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
            ToolKind::Picker => self.picker.handle(event, map),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const SETTINGS: ToolSettings = ToolSettings { label: 2, diameter_px: 9.0, fill_everywhere: false };

    fn at() -> impl Strategy<Value = Point> {
        let coordinate = prop_oneof![8 => -30.0f32..130.0, 1 => Just(f32::NAN), 1 => Just(1e30f32)];
        (coordinate.clone(), coordinate).prop_map(|(x, y)| Point::new(x, y))
    }

    fn events() -> impl Strategy<Value = PointerEvent> {
        prop_oneof![
            2 => (at(), any::<bool>()).prop_map(|(at, extend)| PointerEvent::Press { at, extend }),
            5 => at().prop_map(|at| PointerEvent::Move { at }),
            2 => at().prop_map(|at| PointerEvent::Release { at }),
            1 => Just(PointerEvent::Cancel),
        ]
    }

    fn kinds() -> impl Strategy<Value = ToolKind> {
        prop_oneof![Just(ToolKind::Brush), Just(ToolKind::Eraser), Just(ToolKind::Fill), Just(ToolKind::Picker)]
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
            let settings = ToolSettings { diameter_px, ..SETTINGS };
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
                if matches!(event, PointerEvent::Release { .. } | PointerEvent::Cancel) {
                    prop_assert!(!tool.is_active());
                }
                if !tool.is_active() {
                    at_rest = map.clone();
                }
                let painted = match kind {
                    ToolKind::Brush | ToolKind::Fill => usize::from(SETTINGS.label),
                    ToolKind::Eraser | ToolKind::Picker => 0,
                };
                let (old, new) = (striped().counts(), map.counts());
                prop_assert_eq!(new.iter().sum::<u64>(), 100 * 90);
                prop_assert!((0..256).all(|id| id == painted || new[id] <= old[id]), "only one label may grow");
            }
        }
    }

    #[test]
    fn another_tool_is_taken_up_only_between_gestures() {
        let mut tool = ToolState::new(ToolKind::Brush);
        let mut map = striped();
        let at = Point::new(5.0, 5.0);
        tool.handle(PointerEvent::Press { at, extend: false }, &mut map, &SETTINGS);
        tool.select(ToolKind::Fill);
        assert_eq!(tool.kind(), ToolKind::Brush);
        assert_eq!(
            tool.handle(PointerEvent::Release { at }, &mut map, &SETTINGS),
            ToolOutput::Finished { label: "Paint" }
        );
        tool.select(ToolKind::Fill);
        assert_eq!(tool.kind(), ToolKind::Fill);
    }
}
