//! Tells the label under the pointer, from the press until the release.

use super::{PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::{LabelMap, Point};

#[derive(Clone, Debug, Default)]
pub(super) struct Picker {
    pressed: bool,
}

impl Tool for Picker {
    fn is_active(&self) -> bool {
        self.pressed
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, _: &ToolSettings<'_>) -> ToolOutput {
        match event {
            PointerEvent::Press { at, .. } => {
                self.pressed = true;
                pick(at, map)
            }
            PointerEvent::Move { at, .. } if self.pressed => pick(at, map),
            PointerEvent::Move { .. } | PointerEvent::Confirm => ToolOutput::Nothing,
            PointerEvent::Release { at } => {
                let was_pressed = std::mem::take(&mut self.pressed);
                if was_pressed { pick(at, map) } else { ToolOutput::Nothing }
            }
            PointerEvent::Cancel => {
                self.pressed = false;
                ToolOutput::Nothing
            }
        }
    }
}

fn pick(at: Point, map: &LabelMap) -> ToolOutput {
    let id = map.pixel_at(at).and_then(|(x, y)| map.get(x, y));
    id.map_or(ToolOutput::Nothing, ToolOutput::Picked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_from_press_to_release_and_only_on_the_map() {
        let mut map = LabelMap::new(10, 10, 4);
        map.fill_row(3, 0..10, 5);
        let mut picker = Picker::default();
        let mut handle = |event| picker.handle(event, &mut map, &ToolSettings::default());
        let (four, five, off) = (Point::new(2.5, 2.5), Point::new(2.5, 3.0), Point::new(2.5, -0.5));
        let drag = |at| PointerEvent::Move { at, constrain: false };
        assert_eq!(handle(drag(five)), ToolOutput::Nothing);
        assert_eq!(handle(PointerEvent::Press { at: four, extend: false, constrain: false }), ToolOutput::Picked(4));
        assert_eq!(handle(drag(five)), ToolOutput::Picked(5));
        assert_eq!(handle(drag(off)), ToolOutput::Nothing);
        assert_eq!(handle(PointerEvent::Release { at: four }), ToolOutput::Picked(4));
        assert_eq!(handle(PointerEvent::Release { at: four }), ToolOutput::Nothing);
    }
}
