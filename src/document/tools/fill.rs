//! Gives the region under the pointer a label, at the press.

use std::ops::Range;

use super::{PointerEvent, ToolOutput, ToolSettings};
use crate::document::LabelMap;
use crate::taxonomy::LabelId;

pub(super) fn handle(event: PointerEvent, map: &mut LabelMap, settings: &ToolSettings) -> ToolOutput {
    let PointerEvent::Press { at, extend, .. } = event else { return ToolOutput::Nothing };
    let Some((x, y)) = map.pixel_at(at) else { return ToolOutput::Nothing };
    let changed = match map.get(x, y) {
        Some(old) if settings.fill_everywhere || extend => map.replace(old, settings.label),
        Some(_) => flood(map, x, y, settings.label),
        None => false,
    };
    if changed { ToolOutput::Finished { label: "Fill" } } else { ToolOutput::Nothing }
}

/// Gives the pixels 4-connected to `(x, y)` over pixels of its label the label `new`. True when a pixel changed.
fn flood(map: &mut LabelMap, x: u32, y: u32, new: LabelId) -> bool {
    let Some(old) = map.get(x, y).filter(|old| *old != new) else { return false };
    // Runs are maximal, so each is either untouched or filled whole; what is filled is no longer `old`.
    let mut open = vec![(y, run_around(map, x, y, old))];
    while let Some((y, run)) = open.pop() {
        if map.fill_row(y, run.clone(), new) {
            for neighbour in [y.checked_sub(1), Some(y + 1)].into_iter().flatten() {
                push_runs(map, neighbour, run.clone(), old, &mut open);
            }
        }
    }
    true
}

/// Pushes the runs of `old` in row `y` that touch `columns`.
fn push_runs(map: &LabelMap, y: u32, mut columns: Range<u32>, old: LabelId, open: &mut Vec<(u32, Range<u32>)>) {
    while let Some(x) = map.find_in_row(y, columns.clone(), |id| id == old) {
        let run = run_around(map, x, y, old);
        columns.start = run.end;
        open.push((y, run));
    }
}

/// The unbroken run of `old` in row `y` that holds column `x`.
fn run_around(map: &LabelMap, x: u32, y: u32, old: LabelId) -> Range<u32> {
    let end = map.find_in_row(y, x..map.width(), |id| id != old).unwrap_or(map.width());
    let start = map.find_last_in_row(y, 0..x, |id| id != old).map_or(0, |last| last + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg32;

    /// A map of blobs and specks that reach over tile borders.
    fn blobs(width: u32, height: u32, coarse: u32, seed: u64) -> LabelMap {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut map = LabelMap::new(width, height, 0);
        for y in (0..height).step_by(coarse as usize) {
            for x in (0..width).step_by(coarse as usize) {
                let id = (rng.next_u32() % 2) as u8;
                for y in y..y + coarse {
                    map.fill_row(y, x..x + coarse, id);
                }
            }
        }
        map
    }

    fn press(x: u32, y: u32, extend: bool) -> PointerEvent {
        PointerEvent::Press { at: Point::new(x as f32 + 0.3, y as f32 + 0.7), extend, constrain: false }
    }

    /// Flood fill pixel by pixel, with a list of visited pixels.
    fn slow_flood(map: &LabelMap, x: u32, y: u32, new: LabelId) -> LabelMap {
        let (mut filled, mut visited, old) =
            (map.clone(), vec![false; (map.width() * map.height()) as usize], map.get(x, y));
        let mut open = vec![(x, y)];
        while let Some((x, y)) = open.pop() {
            if map.get(x, y) != old || std::mem::replace(&mut visited[(y * map.width() + x) as usize], true) {
                continue;
            }
            filled.set(x, y, new);
            open.extend(
                [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
                    .into_iter()
                    .filter(|&(x, y)| x < map.width() && y < map.height()),
            );
        }
        filled
    }

    proptest! {
        #[test]
        fn fills_what_a_slow_flood_fills(
            (width, height) in (1u32..150, 1u32..150), (x, y) in (0u32..150, 0u32..150), coarse in 1u32..5, seed: u64, label in 0u8..3,
        ) {
            let (x, y) = (x % width, y % height);
            let before = blobs(width, height, coarse, seed);
            let mut map = before.clone();
            let settings = ToolSettings { label, diameter_px: 1.0, ..Default::default() };
            let output = handle(press(x, y, false), &mut map, &settings);
            prop_assert!(map == slow_flood(&before, x, y, label));
            prop_assert_eq!(output == ToolOutput::Nothing, map == before);
        }

        #[test]
        fn filling_everywhere_takes_all_of_the_label(seed: u64, extend: bool, label in 0u8..3) {
            let before = blobs(90, 70, 3, seed);
            let mut map = before.clone();
            handle(press(40, 30, extend), &mut map, &ToolSettings { label, fill_everywhere: !extend, ..Default::default() });
            let old = before.get(40, 30);
            for (x, y) in (0..70).flat_map(|y| (0..90).map(move |x| (x, y))) {
                let expected = if before.get(x, y) == old { Some(label) } else { before.get(x, y) };
                prop_assert_eq!(map.get(x, y), expected);
            }
        }
    }

    #[test]
    fn only_a_press_on_the_map_fills() {
        let mut map = LabelMap::new(10, 10, 0);
        let settings = ToolSettings { label: 1, ..Default::default() };
        let at = Point::new(5.0, 5.0);
        let outside = PointerEvent::Press { at: Point::new(10.0, 5.0), extend: false, constrain: false };
        for event in
            [outside, PointerEvent::Move { at, constrain: false }, PointerEvent::Release { at }, PointerEvent::Cancel]
        {
            assert_eq!(handle(event, &mut map, &settings), ToolOutput::Nothing);
        }
        assert_eq!(map, LabelMap::new(10, 10, 0));
    }
}
