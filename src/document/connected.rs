//! The connected area around a pixel.

use super::LabelMap;
use super::bit_area::BitArea;

/// The pixels 4-connected to `(x, y)` over pixels of its label; none when `(x, y)` is not on the map.
pub(super) fn connected(map: &LabelMap, x: u32, y: u32) -> BitArea {
    connected_within(map, x, y, false)
}

/// As [`connected`], but over the pixels' corners too (8-connected).
pub(super) fn connected_over_corners(map: &LabelMap, x: u32, y: u32) -> BitArea {
    connected_within(map, x, y, true)
}

fn connected_within(map: &LabelMap, x: u32, y: u32, corners: bool) -> BitArea {
    let mut seed = BitArea::empty(map.size());
    let Some(label) = map.get(x, y) else { return seed };
    seed.add(x, y);
    BitArea::of_label(map, label).take_connected(&seed, corners)
}

#[cfg(test)]
mod tests {
    use super::*;
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

    /// Teeth, corridors that turn back and forth, and a staircase: few pixels a row, many rows and runs.
    fn mazes(width: u32, height: u32, kind: u32) -> LabelMap {
        let mut map = LabelMap::new(width, height, 0);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let end = if x / 2 % 2 == 0 { y + 1 == height } else { y == 0 };
            let wall = match kind {
                0 => y > 0 && x % 2 == 1,
                1 => x % 2 == 1 && !end,
                2 => y % 2 == 1 && x != (if y / 2 % 2 == 0 { width - 1 } else { 0 }),
                _ => (x + y) % 3 == 2,
            };
            map.set(x, y, u8::from(wall));
        }
        map
    }

    /// Flood fill pixel by pixel, with a list of visited pixels.
    fn slowly_connected(map: &LabelMap, x: u32, y: u32, corners: bool) -> Vec<(u32, u32)> {
        let (mut found, mut visited) = (Vec::new(), vec![false; (map.width() * map.height()) as usize]);
        let (mut open, label) = (vec![(x, y)], map.get(x, y));
        while let Some((x, y)) = open.pop() {
            if map.get(x, y) != label || std::mem::replace(&mut visited[(y * map.width() + x) as usize], true) {
                continue;
            }
            found.push((x, y));
            let steps = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
            let steps = steps.filter(|&(dx, dy): &(i32, i32)| corners || dx == 0 || dy == 0);
            let places = steps.map(|(dx, dy)| (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy)));
            open.extend(places.filter(|&(x, y)| x < map.width() && y < map.height()));
        }
        found.sort_unstable();
        found
    }

    fn pixels(area: &BitArea) -> Vec<(u32, u32)> {
        let mut pixels: Vec<_> = area.runs().flat_map(|(y, columns)| columns.map(move |x| (x, y))).collect();
        pixels.sort_unstable();
        pixels
    }

    fn agrees_with_a_slow_search(map: &LabelMap, x: u32, y: u32) -> Result<(), TestCaseError> {
        prop_assert_eq!(pixels(&connected(map, x, y)), slowly_connected(map, x, y, false));
        prop_assert_eq!(pixels(&connected_over_corners(map, x, y)), slowly_connected(map, x, y, true));
        Ok(())
    }

    proptest! {
        #[test]
        fn finds_what_a_slow_search_finds(
            (width, height) in (1u32..150, 1u32..150), (x, y) in (0u32..150, 0u32..150), coarse in 1u32..5, seed: u64,
        ) {
            agrees_with_a_slow_search(&blobs(width, height, coarse, seed), x % width, y % height)?;
        }

        #[test]
        fn finds_its_way_through_mazes(
            (width, height) in (1u32..150, 1u32..150), (x, y) in (0u32..150, 0u32..150), kind in 0u32..4,
        ) {
            agrees_with_a_slow_search(&mazes(width, height, kind), x % width, y % height)?;
        }
    }

    #[test]
    fn beside_the_map_is_nothing() {
        assert!(connected(&LabelMap::new(10, 10, 255), 10, 0).is_empty());
        assert_eq!(connected(&LabelMap::new(10, 2, 255), 9, 1).runs().count(), 2);
    }
}
