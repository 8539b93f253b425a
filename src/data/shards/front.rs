//! What stands before a shard's records: head, taxonomy and index. The layout is described in the parent module.

use super::{MAX_NAME_BYTES, MAX_RESOLUTION};
use crate::taxonomy::Taxonomy;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

pub(super) const MAGIC: [u8; 8] = *b"scgshard";
pub(super) const VERSION: u32 = 1;
pub(super) const HEAD_BYTES: usize = 64;
pub(super) const ENTRY_BYTES: usize = 32;
/// Where the head's own checksum stands.
const CHECKSUM: Range<usize> = 56..64;

/// Everything about a shard but its records.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Front {
    pub(super) resolution: u32,
    pub(super) number: u32,
    pub(super) last: bool,
    pub(super) file_bytes: u64,
    /// Checksum of the front of the shard before.
    pub(super) previous: u64,
    pub(super) taxonomy: Taxonomy,
    pub(super) entries: Vec<Entry>,
}

/// Where a record lies and how it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) checksum: u64,
    pub(super) labels_bytes: u32,
    pub(super) name_bytes: u32,
    pub(super) in_runs: bool,
}

impl Front {
    /// The front as bytes, with the taxonomy in the RON given, which must be this front's, and its checksum.
    pub(super) fn to_bytes(&self, taxonomy_ron: &str) -> (Vec<u8>, u64) {
        let mut bytes = Vec::with_capacity(front_bytes(taxonomy_ron.len(), self.entries.len()));
        bytes.extend(MAGIC);
        let numbers = [VERSION, self.resolution, self.number, u32::from(self.last), self.entries.len() as u32];
        numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend((taxonomy_ron.len() as u32).to_le_bytes());
        [self.file_bytes, self.previous, 0, 0].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend(taxonomy_ron.as_bytes());
        for entry in &self.entries {
            bytes.extend(entry.offset.to_le_bytes());
            bytes.extend(entry.checksum.to_le_bytes());
            let numbers = [entry.labels_bytes, entry.name_bytes, u32::from(entry.in_runs), 0];
            numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        let checksum = checksum(&bytes);
        bytes[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
        (bytes, checksum)
    }

    /// Reads and checks the front of a whole file, so that every record of it lies within the file. Also returns its checksum.
    ///
    /// The error says what is wrong and what to do.
    pub(super) fn parse(file: &[u8]) -> Result<(Self, u64), String> {
        let short = || format!("{} bytes are no whole shard; copy it again", file.len());
        let head = file.get(..HEAD_BYTES).ok_or_else(short)?;
        if head[..8] != MAGIC {
            return Err("not a packed shard; remove it or pack the data set again".to_owned());
        }
        let version = u32_at(head, 8);
        if version != VERSION {
            return Err(format!(
                "version {version} of the format, but this program reads {VERSION}; pack the data set again"
            ));
        }
        let (file_bytes, n_samples, taxonomy_bytes) = (u64_at(head, 32), u32_at(head, 24), u32_at(head, 28));
        if file_bytes != file.len() as u64 {
            return Err(format!("{} bytes long, but {file_bytes} were written; copy it again", file.len()));
        }
        let taxonomy_end = HEAD_BYTES as u64 + u64::from(taxonomy_bytes);
        let end = taxonomy_end + ENTRY_BYTES as u64 * u64::from(n_samples);
        if end > file_bytes {
            return Err(short());
        }
        let (taxonomy_end, front) = (taxonomy_end as usize, &file[..end as usize]);
        let found = checksum(front);
        if found != u64_at(head, CHECKSUM.start) {
            return Err("its head or index is damaged (wrong checksum); copy it again".to_owned());
        }
        let resolution = u32_at(head, 12);
        if !(1..=MAX_RESOLUTION).contains(&resolution) {
            return Err(format!("samples of {resolution} px; expected 1–{MAX_RESOLUTION}"));
        }
        let text = std::str::from_utf8(&front[HEAD_BYTES..taxonomy_end]).map_err(|_| "its taxonomy is not UTF-8")?;
        let mut front_read = Self {
            resolution,
            number: u32_at(head, 16),
            last: u32_at(head, 20) == 1,
            file_bytes,
            previous: u64_at(head, 40),
            taxonomy: Taxonomy::from_ron(text).map_err(|error| error.to_string())?,
            entries: Vec::new(),
        };
        let entries = front[taxonomy_end..].chunks_exact(ENTRY_BYTES).enumerate();
        let entries: Result<Vec<Entry>, String> = entries
            .map(|(index, bytes)| {
                front_read.entry(bytes, end).ok_or_else(|| format!("entry {index} of its index is wrong"))
            })
            .collect();
        front_read.entries = entries?;
        Ok((front_read, found))
    }

    /// An entry whose record lies between `begin` and the file's end.
    fn entry(&self, bytes: &[u8], begin: u64) -> Option<Entry> {
        let entry = Entry {
            offset: u64_at(bytes, 0),
            checksum: u64_at(bytes, 8),
            labels_bytes: u32_at(bytes, 16),
            name_bytes: u32_at(bytes, 20),
            in_runs: u32_at(bytes, 24) == 1,
        };
        let end = entry.offset.checked_add(self.record_bytes(&entry))?;
        let fits = entry.offset >= begin && end <= self.file_bytes;
        let sound = u64::from(entry.labels_bytes) <= n_pixels(self.resolution)
            && entry.name_bytes as usize <= MAX_NAME_BYTES
            && u32_at(bytes, 24) <= 1;
        (fits && sound).then_some(entry)
    }

    /// Length of a record.
    pub(super) fn record_bytes(&self, entry: &Entry) -> u64 {
        let attributes = self.taxonomy.n_attributes() as u64;
        3 * n_pixels(self.resolution) + u64::from(entry.labels_bytes) + attributes + u64::from(entry.name_bytes)
    }
}

/// R².
pub(super) fn n_pixels(resolution: u32) -> u64 {
    u64::from(resolution) * u64::from(resolution)
}

/// Length of head, taxonomy and index.
pub(super) fn front_bytes(taxonomy_bytes: usize, n_samples: usize) -> usize {
    HEAD_BYTES + taxonomy_bytes + ENTRY_BYTES * n_samples
}

/// The checksum that belongs into a front.
pub(super) fn checksum(front: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&front[..CHECKSUM.start]);
    hash.update(&front[CHECKSUM.end..]);
    hash.digest()
}

/// The bounds are the callers' business: each has checked its slice.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
