//! Shards written into a temporary place, read back, cut off, mixed up and damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::front::{self, Front};
use super::*;
use crate::data::procedural::{self, Kind};
use crate::data::{self, DataError, OpenOptions, Sample, SampleSource};
use crate::hostile;
use crate::label_image::tests::random_labels;
use crate::taxonomy::Taxonomy;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const SIDE: u32 = 24;

fn samples(count: usize) -> Vec<Sample> {
    let source = procedural::source(Kind::Portrait, 5);
    let mut samples: Vec<Sample> = (0..count).map(|index| source.sample(index, SIDE).unwrap()).collect();
    if let Some(first) = samples.first_mut() {
        // Noise, which is stored raw.
        first.labels = random_labels(SIDE, SIDE, 11, 7);
    }
    samples
}

fn write(folder: &Path, samples: &[Sample], max_bytes: u64) -> (usize, u64) {
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let mut writer = ShardWriter::new(folder, &taxonomy, SIDE, samples.len()).unwrap().with_max_bytes(max_bytes);
    samples.iter().for_each(|sample| writer.push(encode(sample)).unwrap());
    writer.finish().unwrap()
}

fn open(folder: &Path) -> Result<Arc<dyn SampleSource>, DataError> {
    data::open(folder.to_str().unwrap(), &OpenOptions::default())
}

fn open_error(folder: &Path) -> String {
    open(folder).err().unwrap().to_string()
}

#[test]
fn what_is_packed_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(11);
    // About three samples of 24 px in each.
    let (n_shards, bytes) = write(folder.path(), &samples, 9000);
    let lengths: Vec<u64> =
        (0..n_shards).map(|n| fs::metadata(folder.path().join(file_name(n as u32))).unwrap().len()).collect();
    assert!(n_shards >= 4 && lengths.iter().all(|length| *length <= 9000), "{lengths:?}");
    assert_eq!(lengths.iter().sum::<u64>(), bytes);

    let source = open(folder.path()).unwrap();
    assert_eq!((source.len(), source.taxonomy().name.as_str()), (11, "portrait"));
    for (index, sample) in samples.iter().enumerate() {
        assert_eq!(source.sample(index, SIDE).unwrap(), *sample);
        assert_eq!(source.size_px(index).unwrap(), Some((SIDE, SIDE)));
    }
    let half = source.sample(3, SIDE / 2).unwrap();
    assert_eq!((half.image.width(), half.labels), (SIDE / 2, samples[3].labels.resize_nearest(SIDE / 2, SIDE / 2)));
    assert!(matches!(source.sample(11, SIDE), Err(DataError::Index { index: 11, len: 11 })));
    assert!(source.size_px(11).is_err());
    assert_eq!(source.shared_files().len(), n_shards);
    let other = Taxonomy::builtin("outfit").unwrap();
    let error = data::open(
        folder.path().to_str().unwrap(),
        &OpenOptions { taxonomy: Some(other.clone()), ..OpenOptions::default() },
    )
    .err()
    .unwrap()
    .to_string();
    assert!(error.contains("`outfit`") && error.contains("no label for `nose`"), "{error}");
}

#[test]
fn no_samples_make_one_empty_shard() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(write(folder.path(), &[], 9000).0, 1);
    assert!(open_error(folder.path()).contains("no samples"));
}

#[test]
fn what_is_missing_cut_off_or_mixed_up_is_noticed_when_opening() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (n_shards, _) = write(root, &samples(11), 9000);
    let shard = |number: usize| root.join(file_name(number as u32));
    let good: Vec<Vec<u8>> = (0..n_shards).map(|number| fs::read(shard(number)).unwrap()).collect();
    let restore = || good.iter().enumerate().for_each(|(number, bytes)| fs::write(shard(number), bytes).unwrap());

    for number in 0..n_shards {
        fs::remove_file(shard(number)).unwrap();
        let error = open_error(root);
        assert!(error.contains(&file_name(number as u32)) && error.contains("missing"), "{error}");
        restore();
    }
    for cut in [0, 10, 63, 64, 500, good[1].len() / 2, good[1].len() - 1] {
        fs::write(shard(1), &good[1][..cut]).unwrap();
        let error = open_error(root);
        assert!(error.contains("shard-00001") && error.contains("copy it again"), "cut at {cut}: {error}");
        restore();
    }
    fs::write(shard(1), [good[1].as_slice(), b"more"].concat()).unwrap();
    assert!(open_error(root).contains("shard-00001"));
    restore();

    // A shard of another data set of the same make.
    let other = tempfile::tempdir().unwrap();
    let mut others = samples(11);
    others.reverse();
    write(other.path(), &others, 9000);
    fs::copy(other.path().join(file_name(1)), shard(1)).unwrap();
    let error = open_error(root);
    assert!(error.contains("another data set"), "{error}");
    restore();
    fs::copy(shard(0), root.join(format!("copy of 0.{EXTENSION}"))).unwrap();
    assert!(open_error(root).contains("another data set"));
    fs::remove_file(root.join(format!("copy of 0.{EXTENSION}"))).unwrap();
    fs::write(root.join("._shard-00000.scgshard"), "not a shard").unwrap();
    assert_eq!(open(root).unwrap().len(), 11);
}

#[test]
fn a_damaged_record_is_that_samples_error_alone() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(3);
    write(folder.path(), &samples, 1 << 20);
    let path = folder.path().join(file_name(0));
    let mut bytes = fs::read(&path).unwrap();
    let (front, _) = Front::parse(&bytes).unwrap();
    bytes[front.entries[1].offset as usize + 100] ^= 4;
    fs::write(&path, &bytes).unwrap();
    let source = open(folder.path()).unwrap();
    assert_eq!(source.sample(0, SIDE).unwrap(), samples[0]);
    assert_eq!(source.sample(2, SIDE).unwrap(), samples[2]);
    let error = source.sample(1, SIDE).unwrap_err().to_string();
    assert!(error.contains("shard-00000") && error.contains("sample 1") && error.contains("checksum"), "{error}");
}

/// Without the check, reading would end the whole process.
#[cfg(unix)]
#[test]
fn a_file_cut_off_while_it_is_open_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &samples(40), 1 << 20);
    let source = open(folder.path()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(folder.path().join(file_name(0))).unwrap();
    file.set_len(5000).unwrap();
    let error = source.sample(39, SIDE).unwrap_err().to_string();
    assert!(error.contains("shard-00000") && error.contains("shorter"), "{error}");
}

/// Puts the right checksum into a damaged front, so that what lies behind the checksum is tried, too.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let length = bytes.len() as u64;
    if let Some(head) = bytes.first_chunk_mut::<64>() {
        head[32..40].copy_from_slice(&length.to_le_bytes());
        let word = |at: usize| u32::from_le_bytes(*head[at..].first_chunk().unwrap()) as usize;
        let end = front::front_bytes(word(28), word(24));
        if let Some(front) = bytes.get(..end) {
            let checksum = front::checksum(front);
            bytes[56..64].copy_from_slice(&checksum.to_le_bytes());
        }
    }
    bytes
}

#[test]
fn hostile_shards_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &samples(2), 1 << 20);
    let good = fs::read(folder.path().join(file_name(0))).unwrap();
    assert_eq!(Front::parse(&sealed(&good)), Front::parse(&good));
    let read = |bytes: &[u8]| {
        let Ok((front, _)) = Front::parse(bytes) else { return };
        for entry in &front.entries {
            let record = &bytes[entry.offset as usize..][..front.record_bytes(entry) as usize];
            // As it is, and as if its checksum were right.
            let rightly = super::front::Entry { checksum: xxhash_rust::xxh3::xxh3_64(record), ..*entry };
            for entry in [entry, &rightly] {
                if let Ok(sample) = record::decode(record, entry, &front) {
                    assert!(usize::from(sample.labels.max_id()) < front.taxonomy.n_labels());
                    assert_eq!(sample.attributes.len(), front.taxonomy.n_attributes());
                }
            }
        }
    };
    hostile::survives(&good, 21, read);
    hostile::survives(&good, 22, |bytes| read(&sealed(bytes)));
}
