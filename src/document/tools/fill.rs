//! Gives the region under the pointer a label, at the press.

use super::{PointerEvent, Tool, ToolOutput, ToolSettings};
use crate::document::LabelMap;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fill;

impl Tool for Fill {
    /// A fill is over as soon as it has begun.
    fn is_active(&self) -> bool {
        false
    }

    fn handle(&mut self, event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings<'_>) -> ToolOutput {
        let PointerEvent::Press { at, extend, .. } = event else { return ToolOutput::Nothing };
        let Some((x, y)) = map.pixel_at(at) else { return ToolOutput::Nothing };
        let mut painter = settings.painter(map, at);
        let changed = if settings.fill_everywhere || extend {
            painter.replace(x, y, settings.label)
        } else {
            painter.flood(x, y, settings.label)
        };
        if changed { ToolOutput::Finished { label: "Fill" } } else { ToolOutput::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg32;

    fn noise(seed: u64) -> LabelMap {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut map = LabelMap::new(90, 70, 0);
        for (x, y) in (0..70).flat_map(|y| (0..90).map(move |x| (x, y))) {
            map.set(x, y, u8::from(rng.next_u32() % 3 == 0));
        }
        map
    }

    fn press(x: u32, y: u32, extend: bool) -> PointerEvent {
        PointerEvent::Press { at: Point::new(x as f32 + 0.3, y as f32 + 0.7), extend, constrain: false }
    }

    proptest! {
        #[test]
        fn filling_everywhere_takes_all_of_the_label_and_else_some(
            seed: u64, extend: bool, everywhere: bool, label in 0u8..3, (x, y) in (0u32..90, 0u32..70),
        ) {
            let before = noise(seed);
            let mut map = before.clone();
            let settings = ToolSettings { label, fill_everywhere: everywhere, ..ToolSettings::default() };
            let output = Fill.handle(press(x, y, extend), &mut map, &settings);
            prop_assert_eq!(output == ToolOutput::Nothing, map == before);
            prop_assert_eq!(map.get(x, y), Some(label));
            let old = before.get(x, y);
            for (x, y) in (0..70).flat_map(|y| (0..90).map(move |x| (x, y))) {
                let (new, everywhere) = (map.get(x, y), extend || everywhere);
                prop_assert!(new == before.get(x, y) || (before.get(x, y) == old && new == Some(label)));
                prop_assert!(!everywhere || before.get(x, y) != old || new == Some(label));
                // Without, neighbours of the label share their fate.
                let right = before.get(x + 1, y);
                prop_assert!(right != old || before.get(x, y) != old || map.get(x + 1, y) == new);
            }
        }
    }

    #[test]
    fn only_a_press_on_the_map_fills() {
        let mut map = LabelMap::new(10, 10, 0);
        let settings = ToolSettings { label: 1, ..ToolSettings::default() };
        let at = Point::new(5.0, 5.0);
        let outside = PointerEvent::Press { at: Point::new(10.0, 5.0), extend: false, constrain: false };
        let (drag, release) = (PointerEvent::Move { at, constrain: false }, PointerEvent::Release { at });
        for event in [outside, drag, release, PointerEvent::Confirm, PointerEvent::Cancel] {
            assert_eq!(Fill.handle(event, &mut map, &settings), ToolOutput::Nothing);
        }
        assert_eq!(map, LabelMap::new(10, 10, 0));
    }
}
