//! Packed shards: samples of one size in a few large files that are mapped into memory, so that loading one is a copy.
//!
//! A data set is a folder of `shard-00000.scgshard`, `shard-00001.scgshard`, … of at most 512 MiB each. All numbers are little-endian,
//! all checksums xxh3 of 64 bits with seed 0. A shard with n samples, R px a side, and a taxonomy of t bytes:
//!
//! | offset | bytes | what |
//! | --- | --- | --- |
//! | 0 | 8 | `scgshard` |
//! | 8 | 4 | version: 1 |
//! | 12 | 4 | R, 1–2048 |
//! | 16 | 4 | the shard's number, from 0 |
//! | 20 | 4 | 1 in the last shard, else 0 |
//! | 24 | 4 | n |
//! | 28 | 4 | t |
//! | 32 | 8 | length of the file |
//! | 40 | 8 | checksum of the front of the shard before this one; 0 in the first |
//! | 48 | 8 | 0 |
//! | 56 | 8 | checksum of the front: bytes 0–56, the taxonomy, the index |
//! | 64 | t | the taxonomy in RON |
//! | 64 + t | 32 n | the index |
//!
//! An entry of the index: offset of the record (8), checksum of the record (8), length of its labels (4), length of its name (4),
//! how the labels are stored (4: 0 raw, 1 runs), 0 (4). A record: 3R² bytes of RGB, row by row; the labels, raw as R² ids or in runs
//! of two bytes, id and length − 1; a byte 0 or 1 per attribute; the name in UTF-8. There may be a gap between index and records.
//!
//! Pictures are stored raw, because decoding is what shards save. The chain of front checksums tells that shards belong together,
//! the mark on the last one that none is missing.

mod front;
mod map;
mod record;
mod runs;
mod source;
#[cfg(test)]
mod tests;
mod writer;

pub(super) use record::encode;
pub(super) use source::{is_shards, open};
pub(super) use writer::ShardWriter;

/// Longest side of a packed sample, in pixels.
pub(super) const MAX_RESOLUTION: u32 = 2048;
const EXTENSION: &str = "scgshard";
/// Length that a shard does not exceed.
const MAX_SHARD_BYTES: u64 = 512 << 20;
/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 1024;

/// The name of the shard of that number.
fn file_name(number: u32) -> String {
    format!("shard-{number:05}.{EXTENSION}")
}
