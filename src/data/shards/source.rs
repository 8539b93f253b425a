//! Reading a folder of shards.

use super::front::Front;
use super::map::MappedFile;
use super::{EXTENSION, file_name, record};
use crate::data::{DataError, Opened, Sample, SampleSource, square};
use crate::taxonomy::Taxonomy;
use std::path::{Path, PathBuf};

/// One mapped file.
struct Shard {
    path: PathBuf,
    file: MappedFile,
    front: Front,
    /// Checksum of the front.
    checksum: u64,
    /// Index of its first sample in the data set.
    first: usize,
}

/// All shards of a folder, in order.
struct ShardSource {
    root: PathBuf,
    taxonomy: Taxonomy,
    resolution: u32,
    shards: Vec<Shard>,
    len: usize,
}

/// Whether the folder holds packed shards.
pub(in crate::data) fn is_shards(root: &Path) -> bool {
    root.read_dir().is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| is_shard(&entry.path()))))
}

fn is_shard(path: &Path) -> bool {
    // Other programs leave hidden files (`._shard-00000.scgshard`) beside ours.
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// Maps all shards and checks that they are whole and belong together.
pub(in crate::data) fn open(root: &Path, asked: Option<&Taxonomy>) -> Result<Opened, DataError> {
    let mut shards = Vec::new();
    for entry in root.read_dir().map_err(DataError::io(root))? {
        let path = entry.map_err(DataError::io(root))?.path();
        if is_shard(&path) {
            shards.push(Shard::open(path)?);
        }
    }
    shards.sort_by_key(|shard| shard.front.number);
    let mut len = 0;
    for shard in &mut shards {
        shard.first = len;
        len += shard.front.entries.len();
    }
    check_set(root, &shards)?;
    let Some(first) = shards.first() else {
        return Err(DataError::content(root, format!("no *.{EXTENSION} in it")));
    };
    let (taxonomy, resolution) = (first.front.taxonomy.clone(), first.front.resolution);
    if let Some(asked) = asked.filter(|asked| !taxonomy.has_channels_of(asked)) {
        let problem = format!(
            "packed with taxonomy `{}`, whose labels or attributes are not those of `{}`, which is asked for",
            taxonomy.name, asked.name
        );
        return Err(DataError::content(root, problem));
    }
    let source = ShardSource { root: root.to_path_buf(), taxonomy, resolution, shards, len };
    Ok(Opened { source: Box::new(source), problems: Vec::new() })
}

/// Numbered from 0 without a gap, each the successor of the one before, the last one marked as that, all of one make.
fn check_set(root: &Path, shards: &[Shard]) -> Result<(), DataError> {
    let missing = |number: u32| DataError::content(&root.join(file_name(number)), "missing; copy the data set again");
    let mut previous = 0;
    for (number, shard) in (0..).zip(shards) {
        let wrong = |problem: &str| Err(DataError::content(&shard.path, problem));
        if shard.front.number > number {
            return Err(missing(number));
        }
        let of_one_make =
            |front: &Front, first: &Front| front.resolution == first.resolution && front.taxonomy == first.taxonomy;
        if shard.front.number < number
            || shard.front.previous != previous
            || !of_one_make(&shard.front, &shards[0].front)
        {
            return wrong("of another data set than the shard before it; keep each data set in a folder of its own");
        }
        if shard.front.last && number as usize + 1 < shards.len() {
            return wrong("the last of its data set, but others follow; keep each data set in a folder of its own");
        }
        previous = shard.checksum;
    }
    match shards.last() {
        Some(last) if !last.front.last => Err(missing(last.front.number + 1)),
        _ => Ok(()),
    }
}

impl Shard {
    fn open(path: PathBuf) -> Result<Self, DataError> {
        let file = MappedFile::open(&path).map_err(DataError::io(&path))?;
        let (front, checksum) = Front::parse(file.whole()).map_err(|problem| DataError::content(&path, problem))?;
        Ok(Self { path, file, front, checksum, first: 0 })
    }

    /// The sample at its stored size.
    fn sample(&self, index: usize) -> Result<Sample, DataError> {
        let len = self.front.entries.len();
        let entry = self.front.entries.get(index).ok_or(DataError::Index { index, len })?;
        let bytes = self.file.get(entry.offset, self.front.record_bytes(entry)).map_err(DataError::io(&self.path))?;
        record::decode(bytes, entry, &self.front).map_err(|problem| {
            DataError::content(&self.path, format!("sample {index} of this shard: {problem}; copy it again"))
        })
    }
}

impl SampleSource for ShardSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.len
    }

    fn describe(&self) -> String {
        format!(
            "packed shards {}: {} images of {} px, taxonomy `{}`",
            self.root.display(),
            self.len,
            self.resolution,
            self.taxonomy.name
        )
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let past_the_end = DataError::Index { index, len: self.len };
        if index >= self.len {
            return Err(past_the_end);
        }
        let after = self.shards.partition_point(|shard| shard.first <= index);
        let shard = after.checked_sub(1).and_then(|at| self.shards.get(at)).ok_or(past_the_end)?;
        let sample = shard.sample(index - shard.first)?;
        if resolution == self.resolution {
            return Ok(sample);
        }
        let (image, labels) = square::centre_crop(&sample.image, &sample.labels, resolution);
        Ok(Sample { image, labels, ..sample })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        if index < self.len {
            Ok(Some((self.resolution, self.resolution)))
        } else {
            Err(DataError::Index { index, len: self.len })
        }
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        self.shards.iter().map(|shard| shard.path.clone()).collect()
    }
}
