//! A set of pixels of a map at one bit each, and the areas that hang together in it.

use std::ops::Range;

use super::{LabelMap, TILE_SIDE_PX};
use crate::taxonomy::LabelId;

/// Pixels per word: the row of a tile.
const WORD: u32 = TILE_SIDE_PX;

/// Pixels of a map. Bit `i` of word `w` of a row is column `64·w + i`; bits beyond the map's right edge are 0.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct BitArea {
    size: (u32, u32),
    /// Words per row.
    across: usize,
    words: Vec<u64>,
}

impl BitArea {
    /// No pixel of a map of this size.
    pub(super) fn empty(size: (u32, u32)) -> Self {
        let across = size.0.div_ceil(WORD) as usize;
        Self { size, across, words: vec![0; across * size.1 as usize] }
    }

    /// All pixels of a label.
    pub(super) fn of_label(map: &LabelMap, label: LabelId) -> Self {
        let mut area = Self::empty(map.size());
        let across = area.across;
        for (y, row) in (0..map.height()).zip(area.words.chunks_exact_mut(across)) {
            (0..).zip(row).for_each(|(word, bits)| *bits = map.bits_of(y, word, label));
        }
        area
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|bits| *bits == 0)
    }

    /// Whether pixel `(x, y)` is one of them.
    pub(super) fn contains(&self, x: u32, y: u32) -> bool {
        let is_on_map = x < self.size.0 && y < self.size.1;
        is_on_map && self.words[self.index(x, y)] >> (x % WORD) & 1 == 1
    }

    /// Adds pixel `(x, y)`, if the map has it.
    pub(super) fn add(&mut self, x: u32, y: u32) {
        if x < self.size.0 && y < self.size.1 {
            let index = self.index(x, y);
            self.words[index] |= 1 << (x % WORD);
        }
    }

    /// Adds those pixels `columns` of row `y` that the map has.
    pub(super) fn add_run(&mut self, y: u32, columns: Range<u32>) {
        let columns = columns.start..columns.end.min(self.size.0);
        if y < self.size.1 && !columns.is_empty() {
            for word in columns.start / WORD..columns.end.div_ceil(WORD) {
                self.words[y as usize * self.across + word as usize] |= bits_in(word, &columns);
            }
        }
    }

    /// Adds the pixels of another set of the same map.
    pub(super) fn add_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(bits, more)| *bits |= more);
    }

    /// Keeps those pixels that another set of the same map has too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(bits, kept)| *bits &= kept);
    }

    /// Takes those pixels away that another set of the same map has.
    pub(super) fn remove(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(bits, gone)| *bits &= !gone);
    }

    /// The words that have pixels: row, number within the row, bits.
    pub(super) fn words(&self) -> impl Iterator<Item = (u32, u32, u64)> {
        let rows = (0..).zip(self.words.chunks_exact(self.across));
        let all = rows.flat_map(|(y, row)| (0..).zip(row).map(move |(word, bits)| (y, word, *bits)));
        all.filter(|(_, _, bits)| *bits != 0)
    }

    /// The unbroken runs of pixels in rows, from the top left on.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u32, Range<u32>)> {
        let rows = (0..).zip(self.words.chunks_exact(self.across));
        rows.flat_map(|(y, row)| {
            let mut x = 0;
            std::iter::from_fn(move || {
                let start = next(row, x, true)?;
                x = next(row, start, false).unwrap_or(row.len() as u32 * WORD);
                Some((y, start..x))
            })
        })
    }

    /// Moves the pixels that hang together with `seeds`, over edges and, with `corners`, over corners too, from here into
    /// the set that it returns.
    ///
    /// Whole words are spread at once: a visit of a word takes in every run of it that a neighbour touches, so teeth of one
    /// pixel cost hardly more than an even area.
    pub(super) fn take_connected(&mut self, seeds: &Self, corners: bool) -> Self {
        let mut taken = Self::empty(self.size);
        let mut wanted = seeds.words.clone();
        let mut open: Vec<usize> = (0..wanted.len()).filter(|&index| wanted[index] != 0).collect();
        while let Some(index) = open.pop() {
            let free = self.words[index];
            let new = spread(std::mem::take(&mut wanted[index]) & free, free);
            if new == 0 {
                continue;
            }
            self.words[index] = free & !new;
            taken.words[index] |= new;
            let mut want = |index: usize, bits: u64| {
                let bits = bits & self.words[index];
                if bits != 0 {
                    if wanted[index] == 0 {
                        open.push(index);
                    }
                    wanted[index] |= bits;
                }
            };
            let column = index % self.across;
            let (first, last) = (column == 0, column + 1 == self.across);
            let beside = if corners { new | new << 1 | new >> 1 } else { new };
            let above = index.checked_sub(self.across);
            let below = Some(index + self.across).filter(|&below| below < taken.words.len());
            for row in [above, below].into_iter().flatten() {
                want(row, beside);
                if corners && !first {
                    want(row - 1, new << 63);
                }
                if corners && !last {
                    want(row + 1, new >> 63);
                }
            }
            if !first {
                want(index - 1, new << 63);
            }
            if !last {
                want(index + 1, new >> 63);
            }
        }
        taken
    }

    fn index(&self, x: u32, y: u32) -> usize {
        y as usize * self.across + (x / WORD) as usize
    }
}

/// The bits of word number `word` whose columns lie in a range.
pub(super) fn bits_in(word: u32, columns: &Range<u32>) -> u64 {
    let place = |column: u32| column.saturating_sub(word * WORD).min(WORD);
    let below = |place: u32| if place == WORD { u64::MAX } else { (1 << place) - 1 };
    below(place(columns.end)) & !below(place(columns.start))
}

/// The runs of `free` that have a bit of `seeds`, which lie in `free`. Each step doubles the reach.
fn spread(seeds: u64, free: u64) -> u64 {
    if seeds == 0 || free == u64::MAX {
        return if seeds == 0 { 0 } else { free };
    }
    let (mut up, mut up_free, mut down, mut down_free) = (seeds, free, seeds, free);
    for shift in [1, 2, 4, 8, 16, 32] {
        up |= up_free & (up << shift);
        up_free &= up_free << shift;
        down |= down_free & (down >> shift);
        down_free &= down_free >> shift;
    }
    up | down
}

/// The first column from `x` on whose bit is as wanted.
fn next(row: &[u64], x: u32, set: bool) -> Option<u32> {
    let first = (x / WORD) as usize;
    for (word, bits) in row.iter().enumerate().skip(first) {
        let bits = if set { *bits } else { !bits };
        let bits = if word == first { bits >> (x % WORD) << (x % WORD) } else { bits };
        if bits != 0 {
            return Some(word as u32 * WORD + bits.trailing_zeros());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_tell_the_pixels(
            (width, height) in (1u32..200, 1u32..4), runs in prop::collection::vec((0u32..5, 0u32..210, 0u32..80), 0..12),
        ) {
            let mut area = BitArea::empty((width, height));
            let is_in = |x: u32, y: u32| runs.iter().any(|&(row, start, length)| y == row && (start..start + length).contains(&x));
            for &(y, start, length) in &runs {
                area.add_run(y, start..start + length);
            }
            let found: Vec<_> = area.runs().flat_map(|(y, columns)| columns.map(move |x| (x, y))).collect();
            let expected: Vec<_> =
                (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(|&(x, y)| is_in(x, y)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(area.is_empty(), expected.is_empty());
            prop_assert!((0..height).all(|y| (0..width).all(|x| area.contains(x, y) == is_in(x, y))));
            let neighbours: Vec<_> = area.runs().collect();
            let apart = |pair: &[(u32, Range<u32>)]| pair[0].0 != pair[1].0 || pair[0].1.end < pair[1].1.start;
            prop_assert!(neighbours.windows(2).all(apart), "runs are as long as they can be");
        }

        #[test]
        fn spreading_fills_the_runs_that_are_touched(seeds: u64, free: u64) {
            let bit = |bits: u64, at: u32| bits >> at & 1 == 1;
            let mut expected = 0u64;
            for at in (0..64).filter(|&at| bit(seeds & free, at)) {
                let down = (0..=at).rev().take_while(|&at| bit(free, at));
                let up = (at..64).take_while(|&at| bit(free, at));
                down.chain(up).for_each(|at| expected |= 1 << at);
            }
            prop_assert_eq!(spread(seeds & free, free), expected);
        }

        #[test]
        fn bits_of_a_range(word in 0u32..4, start in 0u32..260, end in 0u32..260) {
            let bits = bits_in(word, &(start..end));
            for column in 0..64 {
                prop_assert_eq!(bits >> column & 1 == 1, (start..end).contains(&(word * 64 + column)));
            }
        }
    }
}
