//! The history as bytes, compact: each entry is stored as its difference from its neighbour nearer to the document.
//!
//! After a magic word come two lists, undo then redo, each nearest to the document first: a count, then blobs of zlib
//! with their length before them. A blob holds the label, attributes and latent code as JSON, the size of the mask, and
//! the tiles that differ from the neighbour's, exclusive-or'ed with them. All numbers are little-endian u32.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use super::{ChangeKind, Entry, History, Tile};
use crate::document::{LabelMap, LatentState, Snapshot};
use crate::label_image::MAX_SIDE;

const MAGIC: &[u8; 8] = b"SCGANH01";
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Why bytes are no history of a document.
#[derive(Debug, thiserror::Error)]
pub enum HistoryBytesError {
    /// Cut off, or not deflated.
    #[error("the history is damaged: {0}")]
    Read(#[from] io::Error),
    /// Not what was written.
    #[error("the history is damaged: {0}")]
    Text(#[from] serde_json::Error),
    /// A value that no history has.
    #[error("the history is damaged: {0}")]
    Invalid(&'static str),
}

/// What an entry holds beside the mask.
#[derive(Serialize, Deserialize)]
struct Facts {
    label: String,
    attributes: Vec<f32>,
    latent: LatentState,
}

impl History {
    /// The entries as bytes. When they come to more than `max_bytes`, those furthest from the document are left out.
    ///
    /// # Errors
    /// An entry can't be expressed; never the case for what the editor makes.
    pub fn to_bytes(&self, document: &Snapshot, max_bytes: usize) -> Result<Vec<u8>, HistoryBytesError> {
        let mut room = max_bytes.saturating_sub(MAGIC.len() + 8);
        let undo = encode_list(self.undo.iter().rev(), document, &mut room)?;
        let redo = encode_list(self.redo.iter().rev(), document, &mut room)?;
        Ok([MAGIC.as_slice(), &undo, &redo].concat())
    }

    /// What [`History::to_bytes`] made for this document, bounded by `max_bytes` in memory: entries beyond it are left
    /// out. `n_labels` says which label ids there may be.
    ///
    /// # Errors
    /// The bytes are damaged, or the entries do not fit the document.
    pub fn from_bytes(
        bytes: &[u8],
        document: &Snapshot,
        n_labels: usize,
        max_bytes: usize,
    ) -> Result<Self, HistoryBytesError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(HistoryBytesError::Invalid("it does not begin like one"))?;
        let mut room = max_bytes;
        let mut history = Self::new(max_bytes);
        history.undo = decode_list(&mut rest, document, n_labels, &mut room)?;
        history.redo = decode_list(&mut rest, document, n_labels, &mut room)?;
        for entry in history.undo.iter().chain(&history.redo) {
            history.held.hold(entry);
        }
        history.keep_within_bound(document);
        Ok(history)
    }
}

fn encode_list<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    document: &Snapshot,
    room: &mut usize,
) -> Result<Vec<u8>, HistoryBytesError> {
    let (mut count, mut list) = (0u32, vec![0; 4]);
    let mut neighbour = document;
    // The file has no room for masks of keyframes, so it goes back to where they were changed.
    for entry in entries.take_while(|entry| entry.snapshot.timeline == document.timeline) {
        let blob = encode(entry, &neighbour.labels)?;
        let Some(left) = room.checked_sub(blob.len() + 4) else { break };
        *room = left;
        put(&mut list, blob.len())?;
        list.extend_from_slice(&blob);
        count += 1;
        neighbour = &entry.snapshot;
    }
    list[..4].copy_from_slice(&count.to_le_bytes());
    Ok(list)
}

/// From the nearest to the furthest entry; the list is turned round, as the history keeps it.
fn decode_list(
    rest: &mut &[u8],
    document: &Snapshot,
    n_labels: usize,
    room: &mut usize,
) -> Result<VecDeque<Entry>, HistoryBytesError> {
    let mut entries = VecDeque::new();
    let mut neighbour = document.clone();
    for _ in 0..take_number(rest)? {
        let length = take_number(rest)? as usize;
        let (blob, after) =
            rest.split_at_checked(length).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        *rest = after;
        if *room == 0 {
            continue;
        }
        let entry = decode(blob, &neighbour, n_labels, room)?;
        neighbour = entry.snapshot.clone();
        entries.push_front(entry);
    }
    Ok(entries)
}

fn encode(entry: &Entry, neighbour: &LabelMap) -> Result<Vec<u8>, HistoryBytesError> {
    let Snapshot { labels, attributes, latent, .. } = &entry.snapshot;
    let facts = Facts { label: entry.label.clone(), attributes: attributes.clone(), latent: latent.clone() };
    let text = serde_json::to_vec(&facts)?;
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    for number in [text.len(), labels.width() as usize, labels.height() as usize] {
        put(&mut out, number)?;
    }
    out.write_all(&text)?;
    let base = base_for(neighbour, labels.width(), labels.height());
    let pairs = || labels.tiles().iter().zip(base.tiles()).enumerate();
    let differ = |new: &Arc<Tile>, old: &Arc<Tile>| !Arc::ptr_eq(new, old) && new != old;
    put(&mut out, pairs().filter(|(_, (new, old))| differ(new, old)).count())?;
    for (index, (new, old)) in pairs().filter(|(_, (new, old))| differ(new, old)) {
        put(&mut out, index)?;
        let mixed: Vec<u8> = new.cells().iter().zip(old.cells()).map(|(new, old)| new ^ old).collect();
        out.write_all(&mixed)?;
    }
    Ok(out.finish()?)
}

fn decode(blob: &[u8], neighbour: &Snapshot, n_labels: usize, room: &mut usize) -> Result<Entry, HistoryBytesError> {
    let mut from = ZlibDecoder::new(blob);
    let (text_bytes, width, height) = (read_number(&mut from)?, read_number(&mut from)?, read_number(&mut from)?);
    if text_bytes as usize > MAX_TEXT_BYTES || ![width, height].iter().all(|side| (1..=MAX_SIDE).contains(side)) {
        return Err(HistoryBytesError::Invalid("a size out of range"));
    }
    let mut text = vec![0; text_bytes as usize];
    from.read_exact(&mut text)?;
    let Facts { label, attributes, latent } = serde_json::from_slice(&text)?;
    let numbers = attributes.iter().chain(&latent.fitted).chain(&latent.offsets).chain(latent.raw.values());
    if attributes.len() != neighbour.attributes.len() || !numbers.copied().all(f32::is_finite) {
        return Err(HistoryBytesError::Invalid("attributes or latents of another document"));
    }
    let mut labels = base_for(&neighbour.labels, width, height);
    let changed = read_number(&mut from)?;
    for _ in 0..changed {
        let index = read_number(&mut from)? as usize;
        let mut cells = vec![0; Tile::BYTES];
        from.read_exact(&mut cells)?;
        if !labels.mix_tile(index, &cells, n_labels) {
            return Err(HistoryBytesError::Invalid("a tile that no mask of this size has"));
        }
        *room = room.saturating_sub(Tile::BYTES);
    }
    let snapshot = Snapshot { labels, attributes, latent, timeline: neighbour.timeline.clone() };
    let entry = Entry { label, kind: ChangeKind::between(&snapshot, neighbour), snapshot };
    *room = room.saturating_sub(entry.bytes_without_tiles());
    Ok(entry)
}

/// What a mask of this size is compared with.
fn base_for(neighbour: &LabelMap, width: u32, height: u32) -> LabelMap {
    if (neighbour.width(), neighbour.height()) == (width, height) {
        neighbour.clone()
    } else {
        LabelMap::new(width, height, 0)
    }
}

fn put(out: &mut impl io::Write, number: usize) -> io::Result<()> {
    out.write_all(&u32::try_from(number).map_err(io::Error::other)?.to_le_bytes())
}

fn read_number(from: &mut impl io::Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn take_number(rest: &mut &[u8]) -> io::Result<u32> {
    read_number(rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg32;

    use super::*;
    use crate::document::{LatentPin, Timeline};
    use crate::hostile::survives;

    /// A history of random edits with some of them undone, and the document it belongs to.
    fn random_history(seed: u64, edits: usize) -> (History, Snapshot) {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut history = History::new(usize::MAX);
        let mut current = Snapshot {
            labels: LabelMap::new(150, 140, 1),
            attributes: vec![0.0; 3],
            latent: LatentState::default(),
            timeline: Timeline::default(),
        };
        for number in 0..edits {
            let before = current.clone();
            match rng.random_range(0..5) {
                0 => current.attributes[rng.random_range(0..3)] = rng.random(),
                1 => {
                    let pin = LatentPin { seed: rng.random(), offsets: vec![rng.random()], ..LatentPin::default() };
                    current.latent.pins[0] = Some(pin);
                    current.latent.raw.insert(rng.random_range(0..64), rng.random());
                }
                2 => current.labels = LabelMap::new(rng.random_range(1..200), rng.random_range(1..200), 2),
                _ => {
                    let (y, x) = (rng.random_range(0..140), rng.random_range(0..150));
                    current.labels.fill_row(y, x..x + 40, rng.random_range(0..11));
                }
            }
            history.commit(&format!("edit {number} «ü»"), before, &current);
        }
        for _ in 0..rng.random_range(0..edits / 2) {
            current = history.undo(&current).unwrap_or(current);
        }
        (history, current)
    }

    /// Every state there is, from the first to the last, with its label.
    fn walk(mut history: History, mut current: Snapshot) -> Vec<(Option<String>, Snapshot)> {
        while let Some(before) = history.undo(&current) {
            current = before;
        }
        let mut states = vec![(None, current.clone())];
        while let Some(label) = history.redo_label().map(str::to_owned) {
            current = history.redo(&current).unwrap();
            states.push((Some(label), current.clone()));
        }
        states
    }

    #[test]
    fn undo_and_redo_come_back_as_they_were() {
        for seed in 0..20 {
            let (history, document) = random_history(seed, 30);
            let bytes = history.to_bytes(&document, usize::MAX).unwrap();
            let read = History::from_bytes(&bytes, &document, 11, usize::MAX).unwrap();
            assert_eq!(walk(read.clone(), document.clone()), walk(history, document), "seed {seed}");
        }
    }

    #[test]
    fn neighbours_share_their_tiles_again() {
        let (history, document) = random_history(3, 40);
        let bytes = history.to_bytes(&document, usize::MAX).unwrap();
        let read = History::from_bytes(&bytes, &document, 11, usize::MAX).unwrap();
        assert!(read.bytes() <= history.bytes() * 2, "{} against {}", read.bytes(), history.bytes());
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_far_end() {
        let (history, document) = random_history(5, 60);
        let all = walk(history.clone(), document.clone());
        for max_bytes in [0, 100, 700, 2000, 5000] {
            let bytes = history.to_bytes(&document, max_bytes).unwrap();
            assert!(bytes.len() <= max_bytes.max(16));
            let read = History::from_bytes(&bytes, &document, 11, usize::MAX).unwrap();
            let some: Vec<_> = walk(read, document.clone()).into_iter().map(|(_, state)| state).collect();
            assert!(all.windows(some.len()).any(|part| part.iter().map(|(_, state)| state).eq(&some)));
        }
        let bytes = history.to_bytes(&document, usize::MAX).unwrap();
        let small = History::from_bytes(&bytes, &document, 11, 60_000).unwrap();
        assert!(small.bytes() <= 60_000 && small.entries().count() < history.entries().count());
    }

    #[test]
    fn damage_and_foreign_documents_are_errors_or_sound_histories() {
        let (history, document) = random_history(9, 25);
        let bytes = history.to_bytes(&document, usize::MAX).unwrap();
        survives(&bytes, 11, |bytes| {
            if let Ok(read) = History::from_bytes(bytes, &document, 11, 1 << 20) {
                let states = walk(read, document.clone());
                let sound = states.iter().all(|(_, state)| state.labels.counts()[11..].iter().all(|count| *count == 0));
                assert!(sound, "an id that is no label");
            }
        });
        assert!(History::from_bytes(&bytes, &document, 3, usize::MAX).is_err(), "ids that are no labels");
        let foreign = Snapshot { attributes: vec![0.0; 4], ..document };
        assert!(History::from_bytes(&bytes, &foreign, 11, usize::MAX).is_err());
    }
}
