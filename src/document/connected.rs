//! The connected area around a pixel.

use std::ops::Range;

use super::LabelMap;
use super::label_map::run_length;
use crate::taxonomy::LabelId;

/// The pixels 4-connected to `(x, y)` over pixels of its label, as unbroken runs in rows, in no particular order; none
/// when `(x, y)` is not on the map.
pub(super) fn connected(map: &LabelMap, x: u32, y: u32) -> Vec<(u32, Range<u32>)> {
    connected_within(map, x, y, 0)
}

/// As [`connected`], but over the pixels' corners too (8-connected).
pub(super) fn connected_over_corners(map: &LabelMap, x: u32, y: u32) -> Vec<(u32, Range<u32>)> {
    connected_within(map, x, y, 1)
}

/// As [`connected`], with runs that reach so many columns further into the rows beside them.
fn connected_within(map: &LabelMap, x: u32, y: u32, reach: usize) -> Vec<(u32, Range<u32>)> {
    let Some(label) = map.get(x, y) else { return Vec::new() };
    let mut open = Open { ids: map.to_ids(), width: map.width() as usize, label, runs: Vec::new() };
    open.take_run(y as usize, x as usize);
    let mut next = 0;
    while let Some((y, columns)) = open.runs.get(next).cloned() {
        for neighbour in [y.checked_sub(1), Some(y + 1).filter(|&y| y < map.height())].into_iter().flatten() {
            let end = (columns.end as usize + reach).min(open.width);
            open.take_runs(neighbour as usize, (columns.start as usize).saturating_sub(reach)..end);
        }
        next += 1;
    }
    open.runs
}

/// The pixels not found yet.
struct Open {
    /// Row-major. Pixels of the label that were found have another one.
    ids: Vec<LabelId>,
    width: usize,
    label: LabelId,
    /// What was found.
    runs: Vec<(u32, Range<u32>)>,
}

impl Open {
    /// Takes the runs in row `y` that touch `columns`.
    fn take_runs(&mut self, y: usize, columns: Range<usize>) {
        let (mut x, row) = (columns.start, y * self.width);
        while x < columns.end {
            if self.ids[row + x] == self.label {
                x = self.take_run(y, x);
            } else {
                x += run_length(&self.ids[row + x..row + columns.end]);
            }
        }
    }

    /// Takes the run in row `y` that holds column `x`, and tells where it ends.
    fn take_run(&mut self, y: usize, x: usize) -> usize {
        let row = &mut self.ids[y * self.width..(y + 1) * self.width];
        let start = row[..x].iter().rposition(|id| *id != self.label).map_or(0, |last| last + 1);
        let end = x + run_length(&row[x..]);
        row[start..end].fill(!self.label);
        self.runs.push((y as u32, start as u32..end as u32));
        end
    }
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

    /// Flood fill pixel by pixel, with a list of visited pixels.
    fn slowly_connected(map: &LabelMap, x: u32, y: u32) -> Vec<(u32, u32)> {
        let (mut found, mut visited) = (Vec::new(), vec![false; (map.width() * map.height()) as usize]);
        let (mut open, label) = (vec![(x, y)], map.get(x, y));
        while let Some((x, y)) = open.pop() {
            if map.get(x, y) != label || std::mem::replace(&mut visited[(y * map.width() + x) as usize], true) {
                continue;
            }
            found.push((x, y));
            open.extend(
                [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
                    .into_iter()
                    .filter(|&(x, y)| x < map.width() && y < map.height()),
            );
        }
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn finds_what_a_slow_search_finds(
            (width, height) in (1u32..150, 1u32..150), (x, y) in (0u32..150, 0u32..150), coarse in 1u32..5, seed: u64,
        ) {
            let map = blobs(width, height, coarse, seed);
            let (x, y) = (x % width, y % height);
            let runs = connected(&map, x, y);
            let mut pixels: Vec<_> = runs.into_iter().flat_map(|(y, columns)| columns.map(move |x| (x, y))).collect();
            pixels.sort_unstable();
            prop_assert_eq!(pixels, slowly_connected(&map, x, y));
        }
    }

    #[test]
    fn beside_the_map_is_nothing() {
        assert_eq!(connected(&LabelMap::new(10, 10, 255), 10, 0), []);
        assert_eq!(connected(&LabelMap::new(10, 2, 255), 9, 1).len(), 2);
    }
}
