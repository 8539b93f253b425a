//! Which samples come when: a pure function of the seed, so that a run can be resumed, or repeated with other threads.

use super::loader::Cursor;
use rand::Rng as _;
use rand_pcg::Pcg64Mcg;

/// The sequence of batches of `batch` out of `len` samples that starts at a cursor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) seed: u64,
    pub(super) len: usize,
    pub(super) batch: usize,
    pub(super) start: Cursor,
}

impl Order {
    /// Where batch number `sequence`, counted from the start, begins. The ragged tail of an epoch is dropped; a source smaller
    /// than a batch makes one batch per epoch, which repeats its samples.
    pub(super) fn cursor(&self, sequence: u64) -> Cursor {
        let (len, batch) = (self.len as u64, self.batch as u64);
        let left = len.saturating_sub(self.start.position);
        let left_batches = if len < batch { u64::from(self.start.position == 0) } else { left / batch };
        if sequence < left_batches {
            return Cursor { epoch: self.start.epoch, position: self.start.position + sequence * batch };
        }
        let (later, per_epoch) = (sequence - left_batches, (len / batch).max(1));
        Cursor { epoch: self.start.epoch.saturating_add(1 + later / per_epoch), position: later % per_epoch * batch }
    }

    /// All sample indices in the order of that epoch.
    pub(super) fn permutation(&self, epoch: u64) -> Vec<usize> {
        // Written out, since a library's shuffle may change with its version and a resumed run may not.
        let mut rng = Pcg64Mcg::new(
            u128::from(mix([self.seed, epoch, 0x9e37])) << 64 | u128::from(mix([epoch, self.seed, 0x79b9])),
        );
        let mut indices: Vec<usize> = (0..self.len).collect();
        for last in (1..indices.len()).rev() {
            let chosen = (u128::from(rng.next_u64()) * (last as u128 + 1)) >> 64;
            indices.swap(last, chosen as usize);
        }
        indices
    }

    /// Whether sample `index` is mirrored in that epoch: a fair coin.
    pub(super) fn flips(&self, epoch: u64, index: usize) -> bool {
        mix([self.seed, epoch, index as u64]) & 1 == 1
    }
}

/// A well-mixed hash of three numbers, after SplitMix64.
fn mix(numbers: [u64; 3]) -> u64 {
    numbers.into_iter().fold(0x5c6a_4e00_u64, |hash, number| {
        let mut z = (hash ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn order(len: usize, batch: usize, epoch: u64, position: u64) -> Order {
        Order { seed: 5, len, batch, start: Cursor { epoch, position } }
    }

    #[test]
    fn batches_never_straddle_epochs() {
        let at = |order: Order| [0, 1, 2, 3, 4].map(|sequence| order.cursor(sequence)).map(|c| (c.epoch, c.position));
        assert_eq!(at(order(10, 4, 0, 0)), [(0, 0), (0, 4), (1, 0), (1, 4), (2, 0)]);
        assert_eq!(at(order(10, 4, 3, 4)), [(3, 4), (4, 0), (4, 4), (5, 0), (5, 4)]);
        assert_eq!(at(order(10, 4, 3, 8)), [(4, 0), (4, 4), (5, 0), (5, 4), (6, 0)]);
        assert_eq!(at(order(3, 4, 0, 0)), [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]);
        assert_eq!(at(order(3, 4, 2, u64::MAX)), [(3, 0), (4, 0), (5, 0), (6, 0), (7, 0)]);
    }

    #[test]
    fn every_cursor_continues_the_sequence() {
        let whole = order(23, 5, 0, 0);
        for done in 0..12 {
            let rest = Order { start: whole.cursor(done), ..whole };
            for sequence in 0..12 {
                assert_eq!(rest.cursor(sequence), whole.cursor(done + sequence));
            }
        }
    }

    #[test]
    fn permutations_are_permutations_and_differ() {
        let order = order(1000, 4, 0, 0);
        let mut seen = std::collections::HashSet::new();
        for epoch in 0..5 {
            let permutation = order.permutation(epoch);
            assert_eq!(permutation, order.permutation(epoch));
            let mut sorted = permutation.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
            assert!(seen.insert(permutation));
        }
        assert!(seen.insert(Order { seed: 6, ..order }.permutation(0)));
    }

    /// A resumed run must meet the order it left, also after an upgrade: these values may not change.
    #[test]
    fn the_order_is_pinned() {
        assert_eq!(order(8, 4, 0, 0).permutation(1), [4, 1, 7, 3, 0, 6, 2, 5]);
        assert_eq!(mix([1, 2, 3]), 7_025_719_032_979_925_713);
    }

    #[test]
    fn flips_are_fair_and_independent_of_the_epoch_before() {
        let order = order(4000, 4, 0, 0);
        let flips: Vec<[bool; 2]> = (0..4000).map(|index| [0, 1].map(|epoch| order.flips(epoch, index))).collect();
        for pair in [[false, false], [false, true], [true, false], [true, true]] {
            let count = flips.iter().filter(|flip| **flip == pair).count();
            assert!((850..1150).contains(&count), "{pair:?}: {count}");
        }
    }
}
