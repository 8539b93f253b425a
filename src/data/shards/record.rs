//! A sample as a record of a shard.

use super::front::{Entry, Front, n_pixels};
use super::{MAX_NAME_BYTES, runs};
use crate::data::Sample;
use crate::label_image::LabelImage;
use image::RgbImage;
use xxhash_rust::xxh3::xxh3_64;

/// A record's bytes with its entry, which lacks only the offset.
pub(in crate::data) struct Record {
    pub(super) bytes: Vec<u8>,
    pub(super) entry: Entry,
}

/// Packs a sample, whose sides are the shard's.
pub(in crate::data) fn encode(sample: &Sample) -> Record {
    let name = clipped(&sample.name, MAX_NAME_BYTES);
    let ids = sample.labels.ids();
    let runs = runs::encode(ids);
    let labels = runs.as_deref().unwrap_or(ids);
    let mut bytes = Vec::with_capacity(4 * ids.len());
    bytes.extend_from_slice(sample.image.as_raw());
    bytes.extend_from_slice(labels);
    bytes.extend(sample.attributes.iter().map(|value| u8::from(*value > 0.5)));
    bytes.extend_from_slice(name.as_bytes());
    let entry = Entry {
        offset: 0,
        checksum: xxh3_64(&bytes),
        labels_bytes: labels.len() as u32,
        name_bytes: name.len() as u32,
        in_runs: runs.is_some(),
    };
    Record { bytes, entry }
}

/// The longest beginning of at most `max_bytes` that does not cut a character.
fn clipped(name: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or(0)]
}

/// Unpacks a record, of the length that its entry says.
///
/// The error says what is wrong with it.
pub(super) fn decode(bytes: &[u8], entry: &Entry, front: &Front) -> Result<Sample, String> {
    if xxh3_64(bytes) != entry.checksum {
        return Err("damaged (wrong checksum)".to_owned());
    }
    let (resolution, n_pixels) = (front.resolution, n_pixels(front.resolution) as usize);
    let short = || format!("only {} bytes long", bytes.len());
    let (image, rest) = bytes.split_at_checked(3 * n_pixels).ok_or_else(short)?;
    let (labels, rest) = rest.split_at_checked(entry.labels_bytes as usize).ok_or_else(short)?;
    let (attributes, name) = rest.split_at_checked(front.taxonomy.n_attributes()).ok_or_else(short)?;
    let image = RgbImage::from_raw(resolution, resolution, image.to_vec()).ok_or_else(short)?;
    let ids = if entry.in_runs { runs::decode(labels, n_pixels) } else { Some(labels.to_vec()) };
    let labels = ids.and_then(|ids| LabelImage::from_ids(resolution, resolution, ids).ok());
    let labels = labels.ok_or_else(|| format!("its labels are not {resolution}×{resolution}"))?;
    let largest = front.taxonomy.n_labels().saturating_sub(1);
    if usize::from(labels.max_id()) > largest {
        return Err(format!("label id {}; expected 0–{largest}", labels.max_id()));
    }
    if let Some(value) = attributes.iter().find(|value| **value > 1) {
        return Err(format!("an attribute is {value}; expected 0 or 1"));
    }
    let name = std::str::from_utf8(name).map_err(|_| "its name is not UTF-8")?;
    let attributes = attributes.iter().map(|value| f32::from(*value)).collect();
    Ok(Sample { name: name.to_owned(), image, labels, attributes })
}
