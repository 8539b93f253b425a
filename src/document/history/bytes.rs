//! The history as bytes, compact: each entry is stored as its difference from its neighbour nearer to the document.
//!
//! After a magic word come two lists, undo then redo, each nearest to the document first: a count, then blobs of zlib
//! with their length before them. A blob holds the label, attributes and latent code as JSON, the size of the mask, and
//! the tiles that differ from the neighbour's, exclusive-or'ed with them. A timeline that differs is in the JSON, and those
//! of its masks that neither the entry nor the neighbour's timeline has follow in the same way, compared with the entry's.
//! All numbers are little-endian u32.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use super::{ChangeKind, Entry, History, Tile};
use crate::document::{Ease, Keyframe, LabelMap, LatentState, Look, MAX_KEYFRAMES, Snapshot, Timeline};
use crate::label_image::MAX_SIDE;

const MAGIC: &[u8; 8] = b"SCGANH02";
/// Written before there were timelines in it.
const MAGIC_1: &[u8; 8] = b"SCGANH01";
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
    /// Only when it is another one than the neighbour's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeline: Option<TimelineFacts>,
}

#[derive(Serialize, Deserialize)]
struct TimelineFacts {
    duration_s: f32,
    ease: Ease,
    looped: bool,
    keyframes: Vec<KeyframeFacts>,
}

#[derive(Serialize, Deserialize)]
struct KeyframeFacts {
    at_s: f32,
    attributes: Vec<f32>,
    latent: LatentState,
    mask: MaskOf,
}

/// Where a keyframe's mask is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum MaskOf {
    /// It is the entry's own.
    Entry,
    /// It is the one of this keyframe of the neighbour.
    Neighbour(usize),
    /// It follows the entry's.
    Following,
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
        let after_magic = bytes.strip_prefix(MAGIC).or_else(|| bytes.strip_prefix(MAGIC_1));
        let mut rest = after_magic.ok_or(HistoryBytesError::Invalid("it does not begin like one"))?;
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
    for entry in entries {
        let blob = encode(entry, neighbour)?;
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

fn encode(entry: &Entry, neighbour: &Snapshot) -> Result<Vec<u8>, HistoryBytesError> {
    let Snapshot { labels, attributes, latent, timeline } = &entry.snapshot;
    let timeline_facts = (*timeline != neighbour.timeline).then(|| timeline_facts(&entry.snapshot, neighbour));
    let following = timeline_facts.iter().flat_map(|facts| facts.keyframes.iter().zip(timeline.keyframes()));
    let following = following.filter(|(facts, _)| facts.mask == MaskOf::Following).map(|(_, keyframe)| &keyframe.look);
    let following: Vec<&LabelMap> = following.map(|look| &look.labels).collect();
    let (label, attributes, latent) = (entry.label.clone(), attributes.clone(), latent.clone());
    let text = serde_json::to_vec(&Facts { label, attributes, latent, timeline: timeline_facts })?;
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    put(&mut out, text.len())?;
    // The sizes come before the text, as they did when there was one mask.
    put_size(&mut out, labels)?;
    out.write_all(&text)?;
    put_tiles(&mut out, labels, &neighbour.labels)?;
    for mask in following {
        put_size(&mut out, mask)?;
        put_tiles(&mut out, mask, labels)?;
    }
    Ok(out.finish()?)
}

fn timeline_facts(snapshot: &Snapshot, neighbour: &Snapshot) -> TimelineFacts {
    let timeline = &snapshot.timeline;
    let mask_of = |labels: &LabelMap| {
        let near = neighbour.timeline.keyframes().iter().position(|keyframe| keyframe.look.labels == *labels);
        let own = (*labels == snapshot.labels).then_some(MaskOf::Entry);
        own.or(near.map(MaskOf::Neighbour)).unwrap_or(MaskOf::Following)
    };
    let facts = |Keyframe { at_s, look }: &Keyframe| KeyframeFacts {
        at_s: *at_s,
        attributes: look.attributes.clone(),
        latent: look.latent.clone(),
        mask: mask_of(&look.labels),
    };
    TimelineFacts {
        duration_s: timeline.duration_s(),
        ease: timeline.ease,
        looped: timeline.looped,
        keyframes: timeline.keyframes().iter().map(facts).collect(),
    }
}

fn put_size(out: &mut impl io::Write, labels: &LabelMap) -> io::Result<()> {
    put(out, labels.width() as usize)?;
    put(out, labels.height() as usize)
}

/// The tiles that differ from those of `near`.
fn put_tiles(out: &mut impl io::Write, labels: &LabelMap, near: &LabelMap) -> io::Result<()> {
    let base = base_for(near, labels.width(), labels.height());
    let pairs = || labels.tiles().iter().zip(base.tiles()).enumerate();
    let differ = |new: &Arc<Tile>, old: &Arc<Tile>| !Arc::ptr_eq(new, old) && new != old;
    put(out, pairs().filter(|(_, (new, old))| differ(new, old)).count())?;
    for (index, (new, old)) in pairs().filter(|(_, (new, old))| differ(new, old)) {
        put(out, index)?;
        let mixed: Vec<u8> = new.cells().iter().zip(old.cells()).map(|(new, old)| new ^ old).collect();
        out.write_all(&mixed)?;
    }
    Ok(())
}

fn decode(blob: &[u8], neighbour: &Snapshot, n_labels: usize, room: &mut usize) -> Result<Entry, HistoryBytesError> {
    let mut from = ZlibDecoder::new(blob);
    let text_bytes = read_number(&mut from)?;
    let size = read_size(&mut from)?;
    if text_bytes as usize > MAX_TEXT_BYTES {
        return Err(HistoryBytesError::Invalid("a size out of range"));
    }
    let mut text = vec![0; text_bytes as usize];
    from.read_exact(&mut text)?;
    let Facts { label, attributes, latent, timeline } = serde_json::from_slice(&text)?;
    let sound = |attributes: &[f32], latent: &LatentState| {
        let fits = attributes.len() == neighbour.attributes.len();
        fits && attributes.iter().all(|value| value.is_finite()) && latent.is_finite()
    };
    let keyframes = timeline.iter().flat_map(|timeline| &timeline.keyframes);
    let mut sound_keyframes = keyframes.map(|keyframe| sound(&keyframe.attributes, &keyframe.latent));
    if !sound(&attributes, &latent) || !sound_keyframes.all(|sound| sound) {
        return Err(HistoryBytesError::Invalid("attributes or latents of another document"));
    }
    let labels = read_tiles(&mut from, size, &neighbour.labels, n_labels, room)?;
    let timeline = match timeline {
        Some(facts) => read_timeline(facts, &mut from, &labels, neighbour, n_labels, room)?,
        None => neighbour.timeline.clone(),
    };
    let snapshot = Snapshot { labels, attributes, latent, timeline };
    let entry = Entry { label, kind: ChangeKind::between(&snapshot, neighbour), snapshot };
    *room = room.saturating_sub(entry.bytes_without_tiles());
    Ok(entry)
}

fn read_timeline(
    facts: TimelineFacts,
    from: &mut impl io::Read,
    labels: &LabelMap,
    neighbour: &Snapshot,
    n_labels: usize,
    room: &mut usize,
) -> Result<Timeline, HistoryBytesError> {
    if facts.keyframes.len() > MAX_KEYFRAMES || !facts.duration_s.is_finite() {
        return Err(HistoryBytesError::Invalid("a timeline out of range"));
    }
    let mut keyframes = Vec::new();
    for KeyframeFacts { at_s, attributes, latent, mask } in facts.keyframes {
        let labels = match mask {
            MaskOf::Entry => labels.clone(),
            MaskOf::Neighbour(index) => match neighbour.timeline.keyframes().get(index) {
                Some(keyframe) => keyframe.look.labels.clone(),
                None => return Err(HistoryBytesError::Invalid("a keyframe that is not there")),
            },
            MaskOf::Following => {
                let size = read_size(from)?;
                read_tiles(from, size, labels, n_labels, room)?
            }
        };
        keyframes.push(Keyframe { at_s, look: Look { labels, attributes, latent } });
    }
    Ok(Timeline::new(keyframes, facts.duration_s).played(facts.ease, facts.looped))
}

fn read_size(from: &mut impl io::Read) -> Result<[u32; 2], HistoryBytesError> {
    let size = [read_number(from)?, read_number(from)?];
    if !size.iter().all(|side| (1..=MAX_SIDE).contains(side)) {
        return Err(HistoryBytesError::Invalid("a size out of range"));
    }
    Ok(size)
}

/// What [`put_tiles`] wrote.
fn read_tiles(
    from: &mut impl io::Read,
    [width, height]: [u32; 2],
    near: &LabelMap,
    n_labels: usize,
    room: &mut usize,
) -> Result<LabelMap, HistoryBytesError> {
    let mut labels = base_for(near, width, height);
    for _ in 0..read_number(from)? {
        let index = read_number(from)? as usize;
        let mut cells = vec![0; Tile::BYTES];
        from.read_exact(&mut cells)?;
        if !labels.mix_tile(index, &cells, n_labels) {
            return Err(HistoryBytesError::Invalid("a tile that no mask of this size has"));
        }
        *room = room.saturating_sub(Tile::BYTES);
    }
    Ok(labels)
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
    use crate::document::LatentPin;
    use crate::hostile::survives;

    /// A keyframe more or less, mostly of the mask as it is, or another pace.
    fn another_timeline(rng: &mut Pcg32, document: &Snapshot) -> Timeline {
        let timeline = &document.timeline;
        let mut keyframes = timeline.keyframes().to_vec();
        let labels = match rng.random_range(0..3) {
            0 => LabelMap::new(rng.random_range(1..90), rng.random_range(1..90), 3),
            _ => document.labels.clone(),
        };
        match rng.random_range(0..4) {
            0 => return timeline.clone().played(Ease::Snappy, !timeline.looped),
            1 if !keyframes.is_empty() => drop(keyframes.remove(rng.random_range(0..keyframes.len()))),
            _ => {
                let (attributes, latent) = (document.attributes.clone(), document.latent.clone());
                keyframes
                    .push(Keyframe { at_s: rng.random_range(0.0..9.0), look: Look { labels, attributes, latent } });
            }
        }
        timeline.with_keyframes(keyframes)
    }

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
            match rng.random_range(0..6) {
                5 => current.timeline = another_timeline(&mut rng, &current),
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
