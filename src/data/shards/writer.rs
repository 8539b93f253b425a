//! Writing a folder of shards.

use super::front::{Front, front_bytes, n_pixels};
use super::record::Record;
use super::{MAX_SHARD_BYTES, file_name};
use crate::data::DataError;
use crate::taxonomy::Taxonomy;
use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Appends records to shards in a folder that is nobody's data set yet: until [`Self::finish`] no shard is marked as the last,
/// and the fronts, without which nothing opens, are written when a shard is full.
pub(in crate::data) struct ShardWriter {
    folder: PathBuf,
    taxonomy: Taxonomy,
    taxonomy_ron: String,
    resolution: u32,
    /// Samples that are still to come, for which the index keeps room.
    expected: usize,
    max_bytes: u64,
    /// Number of the next shard.
    next: u32,
    /// Checksum of the front of the shard before it.
    previous: u64,
    open: Option<OpenShard>,
    written: u64,
}

/// The shard that is being filled.
struct OpenShard {
    path: PathBuf,
    out: BufWriter<File>,
    front: Front,
    /// How many entries there is room for before the first record.
    room: usize,
}

impl ShardWriter {
    /// For at most `expected` samples of `resolution` px.
    pub(in crate::data) fn new(
        folder: &Path,
        taxonomy: &Taxonomy,
        resolution: u32,
        expected: usize,
    ) -> Result<Self, DataError> {
        let wrong = |source| DataError::Taxonomy { path: folder.to_path_buf(), source: Box::new(source) };
        Ok(Self {
            folder: folder.to_path_buf(),
            taxonomy: taxonomy.clone(),
            taxonomy_ron: taxonomy.to_ron().map_err(wrong)?,
            resolution,
            expected,
            max_bytes: MAX_SHARD_BYTES,
            next: 0,
            previous: 0,
            open: None,
            written: 0,
        })
    }

    /// Shards of at most so many bytes, or of one sample.
    #[cfg(test)]
    pub(super) fn with_max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }

    pub(in crate::data) fn push(&mut self, record: Record) -> Result<(), DataError> {
        let full = |open: &OpenShard| {
            let after = open.front.file_bytes + record.bytes.len() as u64;
            open.front.entries.len() >= open.room || after > self.max_bytes
        };
        if self.open.as_ref().is_some_and(full) {
            self.close(false)?;
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        let Record { bytes, mut entry } = record;
        entry.offset = open.front.file_bytes;
        open.out.write_all(&bytes).map_err(DataError::io(&open.path))?;
        open.front.file_bytes += bytes.len() as u64;
        open.front.entries.push(entry);
        self.open = Some(open);
        self.expected = self.expected.saturating_sub(1);
        Ok(())
    }

    /// Marks the last shard and returns the number of shards and bytes. Without samples there is one, empty shard.
    pub(in crate::data) fn finish(mut self) -> Result<(usize, u64), DataError> {
        if self.open.is_none() {
            self.open = Some(self.begin()?);
        }
        self.close(true)?;
        Ok((self.next as usize, self.written))
    }

    fn begin(&self) -> Result<OpenShard, DataError> {
        let path = self.folder.join(file_name(self.next));
        let least_record = 3 * n_pixels(self.resolution) + self.taxonomy.n_attributes() as u64;
        let room = (self.max_bytes / least_record.max(1)).min(self.expected as u64).max(1) as usize;
        let records_start = front_bytes(self.taxonomy_ron.len(), room) as u64;
        let mut out = BufWriter::new(File::create_new(&path).map_err(DataError::io(&path))?);
        out.seek(SeekFrom::Start(records_start)).map_err(DataError::io(&path))?;
        let front = Front {
            resolution: self.resolution,
            number: self.next,
            last: false,
            file_bytes: records_start,
            previous: self.previous,
            taxonomy: self.taxonomy.clone(),
            entries: Vec::new(),
        };
        Ok(OpenShard { path, out, front, room })
    }

    /// Writes the front, without which the file is no shard, and makes it durable.
    fn close(&mut self, last: bool) -> Result<(), DataError> {
        let Some(mut shard) = self.open.take() else { return Ok(()) };
        shard.front.last = last;
        let (front, checksum) = shard.front.to_bytes(&self.taxonomy_ron);
        let written = shard.out.flush().and_then(|()| {
            let file = shard.out.get_mut();
            // An empty shard ends after the room for its index.
            file.set_len(shard.front.file_bytes)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&front)?;
            file.sync_all()
        });
        written.map_err(DataError::io(&shard.path))?;
        self.written += shard.front.file_bytes;
        self.previous = checksum;
        self.next += 1;
        Ok(())
    }
}
