//! Undo and redo over copy-on-write snapshots, bounded by bytes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::label_map::Tile;
use super::{Keyframe, Look, Snapshot};

mod bytes;

pub use bytes::HistoryBytesError;

/// Undo and redo. Unlimited in the number of entries; bounded in the bytes that only the history keeps alive.
///
/// An entry is a transaction: it vanishes when nothing changed. When the bound is exceeded, the entries furthest in the
/// past go first; the newest always stays, so the last action can be undone whatever its size.
#[derive(Clone, Debug)]
pub struct History {
    max_bytes: usize,
    bytes: usize,
    /// Oldest first; each holds the state before its change.
    undo: VecDeque<Entry>,
    /// Furthest in the future first; each holds the state after its change.
    redo: VecDeque<Entry>,
    held: Held,
}

/// One line of the history list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryEntry<'a> {
    /// What the change was, for the user.
    pub label: &'a str,
    /// Whether the change is undone at the moment.
    pub undone: bool,
    /// What it changed.
    pub kind: ChangeKind,
}

/// Which part of the document a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The mask alone.
    Mask,
    /// Attributes alone.
    Attributes,
    /// The latent code alone.
    Latent,
    /// The keyframes alone, or how they are played.
    Timeline,
    /// More than one of them.
    Several,
}

impl ChangeKind {
    fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let changed = [
            before.labels != after.labels,
            before.attributes != after.attributes,
            before.latent != after.latent,
            before.timeline != after.timeline,
        ];
        match changed {
            [true, false, false, false] => Self::Mask,
            [false, true, false, false] => Self::Attributes,
            [false, false, true, false] => Self::Latent,
            [false, false, false, true] => Self::Timeline,
            _ => Self::Several,
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    label: String,
    kind: ChangeKind,
    snapshot: Snapshot,
}

impl History {
    /// An empty history that keeps at most about `max_bytes` alive.
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, bytes: 0, undo: VecDeque::new(), redo: VecDeque::new(), held: Held::default() }
    }

    /// Changes the bound. What exceeds it goes.
    pub fn set_max_bytes(&mut self, max_bytes: usize, document: &Snapshot) {
        self.max_bytes = max_bytes;
        self.keep_within_bound(document);
    }

    /// Records a change under a label for the user, and forgets what had been undone. Does nothing when `before` equals
    /// `after`.
    pub fn commit(&mut self, label: &str, before: Snapshot, after: &Snapshot) {
        if before == *after {
            return;
        }
        for entry in std::mem::take(&mut self.redo) {
            self.held.release(&entry);
        }
        let kind = ChangeKind::between(&before, after);
        let entry = Entry { label: label.to_owned(), kind, snapshot: before };
        self.held.hold(&entry);
        self.undo.push_back(entry);
        self.keep_within_bound(after);
    }

    /// The state before the last change, or `None` when there is nothing to undo. `current` is what [`History::redo`]
    /// will bring back.
    pub fn undo(&mut self, current: &Snapshot) -> Option<Snapshot> {
        let entry = self.undo.pop_back()?;
        let opposite = self.opposite(&entry, current);
        self.redo.push_back(opposite);
        self.keep_within_bound(&entry.snapshot);
        Some(entry.snapshot)
    }

    /// The state after the change undone last, or `None` when there is nothing to redo. `current` is what
    /// [`History::undo`] will bring back.
    pub fn redo(&mut self, current: &Snapshot) -> Option<Snapshot> {
        let entry = self.redo.pop_back()?;
        let opposite = self.opposite(&entry, current);
        self.undo.push_back(opposite);
        self.keep_within_bound(&entry.snapshot);
        Some(entry.snapshot)
    }

    /// Whether there is a change to undo.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is a change to redo.
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// Label of the change that [`History::undo`] would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.back().map(|entry| entry.label.as_str())
    }

    /// Label of the change that [`History::redo`] would bring back.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.back().map(|entry| entry.label.as_str())
    }

    /// All changes, oldest first, the undone ones at the end.
    pub fn entries(&self) -> impl Iterator<Item = HistoryEntry<'_>> {
        let line = |entry, undone| {
            let Entry { label, kind, .. }: &Entry = entry;
            HistoryEntry { label, undone, kind: *kind }
        };
        let done = self.undo.iter().map(move |entry| line(entry, false));
        done.chain(self.redo.iter().rev().map(move |entry| line(entry, true)))
    }

    /// Forgets every change, done and undone.
    pub fn clear(&mut self) {
        *self = Self::new(self.max_bytes);
    }

    /// The bound that it was made with, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Bytes that would be freed by dropping the history: tiles that the document of the last commit, undo or redo does
    /// not share, each counted once, and what the entries hold beside them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The entry that takes back what restoring `entry` does. Exchanges the one for the other in the accounts.
    fn opposite(&mut self, entry: &Entry, current: &Snapshot) -> Entry {
        let opposite = Entry { label: entry.label.clone(), kind: entry.kind, snapshot: current.clone() };
        self.held.hold(&opposite);
        self.held.release(entry);
        opposite
    }

    fn keep_within_bound(&mut self, document: &Snapshot) {
        self.bytes = self.held.bytes_beside(document);
        while self.bytes > self.max_bytes && self.undo.len() + self.redo.len() > 1 {
            let Some(entry) = self.undo.pop_front().or_else(|| self.redo.pop_front()) else { return };
            self.held.release(&entry);
            self.bytes = self.held.bytes_beside(document);
        }
    }
}

impl Entry {
    fn bytes_without_tiles(&self) -> usize {
        let Snapshot { labels, attributes, latent, timeline } = &self.snapshot;
        let keyframe = |keyframe: &Keyframe| {
            let Look { labels, attributes, latent } = &keyframe.look;
            size_of::<Keyframe>()
                + size_of_val(labels.tiles())
                + (attributes.len() + latent.floats()) * size_of::<f32>()
        };
        let floats = (attributes.len() + latent.floats()) * size_of::<f32>();
        let keyframes = timeline.keyframes().iter().map(keyframe).sum::<usize>();
        size_of::<Self>() + self.label.len() + size_of_val(labels.tiles()) + floats + keyframes
    }
}

/// The accounts of what the entries hold.
#[derive(Clone, Debug, Default)]
struct Held {
    /// The distinct tiles by address, with how often each is held. An address stays valid as long as it is in here,
    /// since an entry keeps its tile alive.
    tiles: HashMap<usize, usize>,
    bytes_without_tiles: usize,
}

impl Held {
    fn hold(&mut self, entry: &Entry) {
        self.bytes_without_tiles += entry.bytes_without_tiles();
        for tile in tiles(&entry.snapshot) {
            *self.tiles.entry(address(tile)).or_default() += 1;
        }
    }

    fn release(&mut self, entry: &Entry) {
        self.bytes_without_tiles -= entry.bytes_without_tiles();
        for tile in tiles(&entry.snapshot) {
            if let Some(times) = self.tiles.get_mut(&address(tile)) {
                *times -= 1;
                if *times == 0 {
                    self.tiles.remove(&address(tile));
                }
            }
        }
    }

    /// Bytes that the entries keep alive and `document` does not.
    fn bytes_beside(&self, document: &Snapshot) -> usize {
        let shared: HashSet<usize> =
            tiles(document).map(address).filter(|tile| self.tiles.contains_key(tile)).collect();
        (self.tiles.len() - shared.len()) * Tile::BYTES + self.bytes_without_tiles
    }
}

/// The tiles of the mask and of the keyframes' masks.
fn tiles(snapshot: &Snapshot) -> impl Iterator<Item = &Arc<Tile>> {
    let keyframes = snapshot.timeline.keyframes().iter().map(|keyframe| &keyframe.look.labels);
    keyframes.chain([&snapshot.labels]).flat_map(|labels| labels.tiles())
}

fn address(tile: &Arc<Tile>) -> usize {
    Arc::as_ptr(tile) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::document::{LabelMap, LatentState, Timeline};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn start() -> Snapshot {
        let latent = LatentState { seed: 7, offsets: vec![0.0; 3], ..LatentState::default() };
        Snapshot { labels: LabelMap::new(200, 130, 0), attributes: vec![0.0; 4], latent, timeline: Timeline::default() }
    }

    /// One change of a kind the editor makes; some of them change nothing.
    #[derive(Clone, Debug)]
    enum Change {
        Row { x: u32, y: u32, length: u32, id: u8 },
        Attribute(usize, f32),
        Offset(usize, f32),
        Seed(u64),
        Keyframe,
    }

    fn changes() -> impl Strategy<Value = Change> {
        prop_oneof![
            (0u32..220, 0u32..140, 0u32..90, 0u8..3).prop_map(|(x, y, length, id)| Change::Row { x, y, length, id }),
            (0usize..4, 0u8..3).prop_map(|(i, v)| Change::Attribute(i, f32::from(v))),
            (0usize..3, -2i8..3).prop_map(|(i, v)| Change::Offset(i, f32::from(v))),
            (6u64..9).prop_map(Change::Seed),
            Just(Change::Keyframe),
        ]
    }

    fn apply(change: &Change, to: &mut Snapshot) {
        match *change {
            Change::Row { x, y, length, id } => {
                to.labels.fill_row(y, x..x + length, id);
            }
            Change::Attribute(index, value) => to.attributes[index] = value,
            Change::Offset(index, value) => to.latent.offsets[index] = value,
            Change::Seed(seed) => to.latent.seed = seed,
            Change::Keyframe => {
                let Snapshot { labels, attributes, latent, timeline } = to.clone();
                let mut keyframes = timeline.keyframes().to_vec();
                keyframes.push(Keyframe { at_s: keyframes.len() as f32, look: Look { labels, attributes, latent } });
                to.timeline = timeline.with_keyframes(keyframes);
            }
        }
    }

    /// Bytes from the definition: distinct tiles of all entries without the document's, and the rest of each entry.
    fn naive_bytes(history: &History, document: &Snapshot) -> usize {
        let entries: Vec<_> = history.undo.iter().chain(&history.redo).collect();
        let mut tiles: Vec<_> = entries.iter().flat_map(|entry| super::tiles(&entry.snapshot)).map(address).collect();
        tiles.sort_unstable();
        tiles.dedup();
        tiles.retain(|tile| super::tiles(document).all(|own| address(own) != *tile));
        tiles.len() * Tile::BYTES + entries.iter().map(|entry| entry.bytes_without_tiles()).sum::<usize>()
    }

    proptest! {
        #[test]
        fn undo_takes_back_every_change_and_redo_brings_it_back(steps in vec(changes(), 1..20)) {
            let mut history = History::new(usize::MAX);
            let mut current = start();
            let mut states = vec![current.clone()];
            for (number, change) in steps.iter().enumerate() {
                let before = current.clone();
                apply(change, &mut current);
                history.commit(&format!("change {number}"), before.clone(), &current);
                if current != before {
                    states.push(current.clone());
                }
                prop_assert_eq!(history.entries().count(), states.len() - 1);
            }
            for expected in states.iter().rev().skip(1) {
                let label = history.undo_label().unwrap().to_owned();
                current = history.undo(&current).unwrap();
                prop_assert!(current == *expected);
                prop_assert_eq!(history.redo_label(), Some(label.as_str()));
                prop_assert_eq!(history.bytes(), naive_bytes(&history, &current));
            }
            prop_assert!(!history.can_undo() && history.undo(&current).is_none());
            for expected in &states[1..] {
                current = history.redo(&current).unwrap();
                prop_assert!(current == *expected);
                prop_assert_eq!(history.bytes(), naive_bytes(&history, &current));
            }
            prop_assert!(!history.can_redo() && history.redo(&current).is_none());
        }

        #[test]
        fn wandering_keeps_the_accounts_right_and_within_the_bound(
            steps in vec((changes(), 0u8..6), 1..60), max_bytes in 0usize..100_000,
        ) {
            let mut history = History::new(max_bytes);
            let mut current = start();
            for (change, kind) in &steps {
                match kind {
                    0 => current = history.undo(&current).unwrap_or(current),
                    1 => current = history.redo(&current).unwrap_or(current),
                    _ => {
                        let before = current.clone();
                        apply(change, &mut current);
                        let redoable = history.can_redo();
                        history.commit("change", before.clone(), &current);
                        prop_assert_eq!(history.can_redo(), redoable && before == current);
                    }
                }
                if history.entries().count() > 0 {
                    prop_assert_eq!(history.bytes(), naive_bytes(&history, &current));
                }
                prop_assert!(history.bytes() <= max_bytes || history.entries().count() == 1);
            }
        }
    }

    #[test]
    fn entries_tell_what_is_undone() {
        let mut history = History::new(usize::MAX);
        let mut current = start();
        for (label, seed) in [("first", 1), ("second", 2), ("third", 3)] {
            let before = current.clone();
            current.latent.seed = seed;
            history.commit(label, before, &current);
        }
        current = history.undo(&current).unwrap();
        current = history.undo(&current).unwrap();
        let entries: Vec<_> = history.entries().map(|entry| (entry.label, entry.undone)).collect();
        assert_eq!(entries, [("first", false), ("second", true), ("third", true)]);
        assert_eq!((history.undo_label(), history.redo_label()), (Some("first"), Some("second")));
        assert_eq!(current.latent.seed, 1);
    }

    #[test]
    fn one_changed_pixel_costs_one_tile() {
        let mut history = History::new(usize::MAX);
        let mut current = Snapshot { labels: LabelMap::new(1024, 1024, 0), ..start() };
        for x in 0..1024 {
            // Every tile of its own, so that sharing can't come from the uniform start.
            for y in 0..1024 {
                current.labels.set(x, y, (x * 7 + y * 13) as u8);
            }
        }
        let before = current.clone();
        current.labels.set(500, 500, 255);
        history.commit("dot", before, &current);
        assert!(history.bytes() >= Tile::BYTES && history.bytes() < Tile::BYTES + 4096, "{}", history.bytes());
    }
}
