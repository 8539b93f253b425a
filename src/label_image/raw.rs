//! A mask as it was found: ids or colours that need not be any taxonomy's.

use std::collections::HashMap;

use ::png::ColorType;

use super::png::{MaskPngError, Pixels, read_pixels, unpack};
use super::{LabelImage, MAX_SIDE};
use crate::taxonomy::{LabelId, Taxonomy};

/// More different ids or colours than this are a photograph, not a mask.
pub const MAX_FOUND: usize = 128;

/// A mask whose ids or colours still have to be told what they mean.
#[derive(Clone, PartialEq, Eq)]
pub struct RawMask {
    width: u32,
    height: u32,
    /// Indices into `found`, row-major.
    cells: Vec<u8>,
    found: Vec<FoundLabel>,
}

impl std::fmt::Debug for RawMask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawMask({}×{}, {:?})", self.width, self.height, self.found)
    }
}

/// An id or colour in a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLabel {
    /// What it is.
    pub key: FoundKey,
    /// The colour that the file shows it in.
    pub color: Option<[u8; 3]>,
    /// How many pixels it has.
    pub pixels: u64,
}

/// What tells one label of a raw mask from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoundKey {
    /// An index or grey value.
    Id(LabelId),
    /// An sRGB colour.
    Color([u8; 3]),
    /// Fully transparent, whatever its colour.
    Transparent,
}

impl RawMask {
    /// Columns and rows, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The ids or colours, those with most pixels first.
    pub fn found(&self) -> &[FoundLabel] {
        &self.found
    }

    /// The mask of a document, each label under its id in the taxonomy's colour.
    pub fn from_labels(labels: &LabelImage, taxonomy: &Taxonomy) -> Self {
        let keys = labels.ids().iter().map(|id| FoundKey::Id(*id));
        let color = |key| match key {
            FoundKey::Id(id) => taxonomy.labels.get(usize::from(id)).map(|label| label.color),
            _ => None,
        };
        // At most 256 ids fit in a byte.
        Self::gather(labels.width(), labels.height(), keys, color, 256).unwrap_or(Self {
            width: labels.width(),
            height: labels.height(),
            cells: Vec::new(),
            found: Vec::new(),
        })
    }

    /// The label image in which each found id or colour is the target of the same position; without one it is
    /// background.
    pub fn mapped(&self, targets: &[LabelId]) -> LabelImage {
        let target = |cell: &u8| targets.get(usize::from(*cell)).copied().unwrap_or(0);
        let ids = self.cells.iter().map(target).collect();
        LabelImage::from_ids(self.width, self.height, ids)
            .unwrap_or_else(|_| LabelImage::new(self.width.min(MAX_SIDE), self.height.min(MAX_SIDE), 0))
    }

    /// `None` when there are more than `most` different keys.
    fn gather(
        width: u32,
        height: u32,
        keys: impl Iterator<Item = FoundKey>,
        color: impl Fn(FoundKey) -> Option<[u8; 3]>,
        most: usize,
    ) -> Option<Self> {
        let mut numbers: HashMap<FoundKey, u8> = HashMap::new();
        let mut found: Vec<FoundLabel> = Vec::new();
        let mut cells = Vec::with_capacity(width as usize * height as usize);
        for key in keys {
            let number = match numbers.get(&key) {
                Some(number) => *number,
                None => {
                    let number = u8::try_from(found.len()).ok().filter(|_| found.len() < most)?;
                    numbers.insert(key, number);
                    found.push(FoundLabel { key, color: color(key), pixels: 0 });
                    number
                }
            };
            found[usize::from(number)].pixels += 1;
            cells.push(number);
        }
        Some(Self { width, height, cells, found }.by_size())
    }

    fn by_size(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.found.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(self.found[index].pixels));
        let mut place = [0u8; 256];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new as u8;
        }
        self.cells.iter_mut().for_each(|cell| *cell = place[usize::from(*cell)]);
        self.found = order.into_iter().map(|index| self.found[index].clone()).collect();
        self
    }
}

/// Reads a PNG as a mask of unknown ids (indexed, or grey of up to 8 bits) or colours (8-bit RGB).
///
/// # Errors
/// Not a PNG, a side longer than [`super::MAX_SIDE`], 16 bits per channel, or more than [`MAX_FOUND`] different ids or
/// colours, which no mask has.
pub fn decode_raw_mask(bytes: &[u8]) -> Result<RawMask, MaskPngError> {
    let Pixels { width, height, color, bits, line_size, raw, palette } = read_pixels(bytes)?;
    let shown = |key| match key {
        FoundKey::Color(color) => Some(color),
        FoundKey::Id(id) if color == ColorType::Indexed => {
            let at = 3 * usize::from(id);
            palette.as_ref()?.get(at..at + 3)?.try_into().ok()
        }
        FoundKey::Id(_) | FoundKey::Transparent => None,
    };
    let gathered = match color {
        ColorType::Indexed | ColorType::Grayscale => {
            let rows = raw.chunks_exact(line_size);
            let ids = rows.flat_map(|row| unpack(row, bits).take(width as usize)).map(FoundKey::Id);
            RawMask::gather(width, height, ids, shown, MAX_FOUND)
        }
        ColorType::GrayscaleAlpha => {
            let ids = raw.chunks_exact(2).map(|pixel| key_of(FoundKey::Id(pixel[0]), pixel[1]));
            RawMask::gather(width, height, ids, shown, MAX_FOUND)
        }
        ColorType::Rgb | ColorType::Rgba => {
            let pixels = raw.chunks_exact(color.samples());
            let colors = pixels.map(|pixel| {
                key_of(FoundKey::Color([pixel[0], pixel[1], pixel[2]]), pixel.get(3).copied().unwrap_or(255))
            });
            RawMask::gather(width, height, colors, shown, MAX_FOUND)
        }
    };
    gathered.ok_or(MaskPngError::Photograph)
}

fn key_of(key: FoundKey, alpha: u8) -> FoundKey {
    if alpha == 0 { FoundKey::Transparent } else { key }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ::png::{BitDepth, Encoder};

    use super::super::encode_mask_png;
    use super::super::tests::random_labels;
    use super::*;
    use crate::hostile;

    fn rgb(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        bytes
    }

    #[test]
    fn foreign_ids_come_with_their_colours_and_counts() {
        let taxonomy = Taxonomy::builtin("celebamask-19").unwrap();
        let labels = random_labels(23, 17, taxonomy.n_labels(), 4);
        let raw = decode_raw_mask(&encode_mask_png(&labels, &taxonomy).unwrap()).unwrap();
        assert_eq!(raw, RawMask::from_labels(&labels, &taxonomy));
        assert_eq!(raw.found().iter().map(|found| found.pixels).sum::<u64>(), 23 * 17);
        assert!(raw.found().is_sorted_by(|a, b| a.pixels >= b.pixels));
        let targets: Vec<LabelId> = raw
            .found()
            .iter()
            .map(|found| {
                let FoundKey::Id(id) = found.key else { return 0 };
                assert_eq!(found.color, Some(taxonomy.labels[usize::from(id)].color));
                id
            })
            .collect();
        assert_eq!(raw.mapped(&targets), labels);
        assert_eq!(raw.mapped(&[]).max_id(), 0);
    }

    #[test]
    fn colours_are_told_apart_and_photographs_are_refused() {
        let bytes = rgb(3, 1, &[1, 2, 3, 9, 9, 9, 1, 2, 3]);
        let raw = decode_raw_mask(&bytes).unwrap();
        assert_eq!(raw.found()[0], FoundLabel { key: FoundKey::Color([1, 2, 3]), color: Some([1, 2, 3]), pixels: 2 });
        assert_eq!(raw.mapped(&[5, 7]).ids(), [5, 7, 5]);
        let photo: Vec<u8> = (0..40 * 40 * 3).map(|i| (i * 7919 % 253) as u8).collect();
        assert!(matches!(decode_raw_mask(&rgb(40, 40, &photo)), Err(MaskPngError::Photograph)));
    }

    #[test]
    fn damaged_files_are_errors_or_masks() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let bytes = encode_mask_png(&random_labels(40, 30, taxonomy.n_labels(), 7), &taxonomy).unwrap();
        hostile::survives(&bytes, 21, |bytes| {
            if let Ok(raw) = decode_raw_mask(bytes) {
                assert!(raw.found().len() <= MAX_FOUND && raw.mapped(&[1]).max_id() <= 1);
            }
        });
    }
}
