//! Masks as PNG files.

use super::{LabelImage, LabelImageError, check_size};
use crate::taxonomy::{LabelId, Taxonomy};
use ::png::{BitDepth, ColorType, Decoder, Encoder, Info, Limits};
use std::collections::HashMap;
use std::io::Cursor;

/// Deflate cannot pack more than 1032 bytes into one; a file that claims more pixels than that allows is damaged.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// Why a PNG is no mask of a taxonomy, or a mask cannot be written as one.
#[derive(Debug, thiserror::Error)]
pub enum MaskPngError {
    /// Not a PNG, or a damaged one.
    #[error("not a readable PNG: {0}")]
    Decode(#[from] ::png::DecodingError),
    /// A side out of range.
    #[error(transparent)]
    Size(#[from] LabelImageError),
    /// The header claims more pixels than the file can hold.
    #[error("the PNG claims {width}×{height} px but has only {bytes} bytes: it is damaged")]
    Truncated {
        /// Claimed width in pixels.
        width: u32,
        /// Claimed height in pixels.
        height: u32,
        /// Length of the file.
        bytes: usize,
    },
    /// 16 bits per channel.
    #[error("a PNG of {color:?} with 16 bits per channel; save the mask as indexed, 8-bit grey or 8-bit RGB")]
    Depth {
        /// Its colour type.
        color: ColorType,
    },
    /// A label id that the taxonomy does not have.
    #[error("label id {id} at ({x}, {y}), but taxonomy `{taxonomy}` has only ids 0–{largest}")]
    UnknownId {
        /// The id.
        id: LabelId,
        /// Its column.
        x: u32,
        /// Its row.
        y: u32,
        /// Name of the taxonomy.
        taxonomy: String,
        /// The taxonomy's last id.
        largest: usize,
    },
    /// A colour that the taxonomy does not have.
    #[error("colour #{:02x}{:02x}{:02x} at ({x}, {y}) is not in the palette of taxonomy `{taxonomy}`", .color[0], .color[1], .color[2])]
    UnknownColor {
        /// The colour.
        color: [u8; 3],
        /// Its column.
        x: u32,
        /// Its row.
        y: u32,
        /// Name of the taxonomy.
        taxonomy: String,
    },
    /// Too many ids or colours.
    #[error("it has more than {} different colours, so it is a photograph or a drawing and no mask", super::MAX_FOUND)]
    Photograph,
    /// Writing failed.
    #[error("the mask cannot be written as PNG: {0}")]
    Encode(#[from] ::png::EncodingError),
}

/// Reads a mask: indexed (the indices are the ids, whatever the palette says), grey of up to 8 bits (the values are the ids), or
/// 8-bit RGB (exact colours of the taxonomy). Alpha is ignored in grey; in RGBA a fully transparent pixel is background.
///
/// # Errors
/// Not a PNG, a side longer than [`super::MAX_SIDE`], 16 bits per channel, or the first id or colour that the taxonomy does not have.
pub fn decode_mask_png(bytes: &[u8], taxonomy: &Taxonomy) -> Result<LabelImage, MaskPngError> {
    let Pixels { width, height, color, bits, line_size, raw, .. } = read_pixels(bytes)?;
    let rows = raw.chunks_exact(line_size);
    let ids = match color {
        ColorType::Indexed | ColorType::Grayscale => {
            rows.flat_map(|row| unpack(row, bits).take(width as usize)).collect()
        }
        ColorType::GrayscaleAlpha => rows.flat_map(|row| row.iter().step_by(2)).copied().collect(),
        ColorType::Rgb | ColorType::Rgba => ids_of_colors(&raw, color.samples(), width, taxonomy)?,
    };
    let labels = LabelImage::from_ids(width, height, ids)?;
    check_ids(&labels, taxonomy)?;
    Ok(labels)
}

/// Writes a mask as an 8-bit indexed PNG with the taxonomy's colours as palette.
///
/// # Errors
/// An id that the taxonomy does not have.
pub fn encode_mask_png(labels: &LabelImage, taxonomy: &Taxonomy) -> Result<Vec<u8>, MaskPngError> {
    check_ids(labels, taxonomy)?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, labels.width(), labels.height());
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(taxonomy.labels.iter().flat_map(|label| label.color).collect::<Vec<_>>());
    let mut writer = encoder.write_header()?;
    writer.write_image_data(labels.ids())?;
    writer.finish()?;
    Ok(bytes)
}

/// A PNG's pixels as they are stored.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) color: ColorType,
    /// Bits per channel: 1, 2, 4 or 8.
    pub(super) bits: usize,
    /// Bytes per row.
    pub(super) line_size: usize,
    /// Row by row.
    pub(super) raw: Vec<u8>,
    /// RGB triples of an indexed PNG.
    pub(super) palette: Option<Vec<u8>>,
}

/// Reads what a mask may be. The header is checked before memory is taken for the pixels.
pub(super) fn read_pixels(bytes: &[u8]) -> Result<Pixels, MaskPngError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 64 << 20 });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info()?;
    let (width, height, color) = (header.width, header.height, header.color_type);
    check_header(header, bytes.len())?;
    let mut reader = decoder.read_info()?;
    let palette = reader.info().palette.as_ref().map(|palette| palette.to_vec());
    let truncated = || MaskPngError::Truncated { width, height, bytes: bytes.len() };
    let mut raw = vec![0; reader.output_buffer_size().ok_or_else(truncated)?];
    let frame = reader.next_frame(&mut raw)?;
    let (line_size, bits) = (frame.line_size, frame.bit_depth as usize);
    Ok(Pixels { width, height, color, bits, line_size, raw, palette })
}

fn check_header(header: &Info<'_>, bytes: usize) -> Result<(), MaskPngError> {
    let (width, height, color) = (header.width, header.height, header.color_type);
    check_size(width, height)?;
    if header.bit_depth == BitDepth::Sixteen {
        return Err(MaskPngError::Depth { color });
    }
    let bits = u64::from(width) * u64::from(height) * color.samples() as u64 * header.bit_depth as u64;
    if bits / 8 > bytes as u64 * MAX_DEFLATE_RATIO {
        return Err(MaskPngError::Truncated { width, height, bytes });
    }
    Ok(())
}

/// The samples of a row of `bits` (1, 2, 4 or 8) each, most significant first.
pub(super) fn unpack(row: &[u8], bits: usize) -> impl Iterator<Item = LabelId> {
    let mask = (0xff_u16 >> (8 - bits)) as u8;
    row.iter().flat_map(move |byte| (0..8 / bits).map(move |i| (byte >> (8 - bits * (i + 1))) & mask))
}

fn ids_of_colors(raw: &[u8], samples: usize, width: u32, taxonomy: &Taxonomy) -> Result<Vec<LabelId>, MaskPngError> {
    let ids: HashMap<[u8; 3], LabelId> = taxonomy.labels.iter().zip(0..).map(|(label, id)| (label.color, id)).collect();
    let pixels = raw.chunks_exact(samples).enumerate();
    pixels
        .map(|(index, pixel)| {
            if pixel.get(3) == Some(&0) {
                return Ok(0);
            }
            let color = [pixel[0], pixel[1], pixel[2]];
            let (x, y) = position(index, width);
            ids.get(&color).copied().ok_or_else(|| MaskPngError::UnknownColor {
                color,
                x,
                y,
                taxonomy: taxonomy.name.clone(),
            })
        })
        .collect()
}

fn check_ids(labels: &LabelImage, taxonomy: &Taxonomy) -> Result<(), MaskPngError> {
    let Some(index) = labels.ids().iter().position(|id| usize::from(*id) >= taxonomy.n_labels()) else {
        return Ok(());
    };
    let (x, y) = position(index, labels.width());
    let largest = taxonomy.n_labels().saturating_sub(1);
    Err(MaskPngError::UnknownId { id: labels.get(x, y), x, y, taxonomy: taxonomy.name.clone(), largest })
}

fn position(index: usize, width: u32) -> (u32, u32) {
    ((index % width as usize) as u32, (index / width as usize) as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::tests::random_labels;
    use super::*;
    use crate::hostile;

    fn portrait() -> Taxonomy {
        Taxonomy::builtin("portrait").unwrap()
    }

    fn write(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette([9_u8; 3].repeat(1 << (depth as usize)));
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read_back() {
        let taxonomy = portrait();
        for seed in 0..8 {
            let labels = random_labels(1 + seed as u32 * 37, 1 + seed as u32 * 11, taxonomy.n_labels(), seed);
            let bytes = encode_mask_png(&labels, &taxonomy).unwrap();
            assert_eq!(decode_mask_png(&bytes, &taxonomy).unwrap(), labels);
            // Other programs show it in the taxonomy's colours.
            let shown = image::load_from_memory(&bytes).unwrap().to_rgb8();
            assert_eq!(shown, labels.to_rgb(&taxonomy));
        }
    }

    #[test]
    fn every_depth_is_read_raw() {
        let taxonomy = portrait();
        for color in [ColorType::Indexed, ColorType::Grayscale] {
            for (depth, row, expected) in [
                (BitDepth::One, &[0b1010_0000][..], [1, 0, 1]),
                (BitDepth::Two, &[0b1101_1000][..], [3, 1, 2]),
                (BitDepth::Four, &[0x9a, 0x10][..], [9, 10, 1]),
                (BitDepth::Eight, &[10, 0, 7][..], [10, 0, 7]),
            ] {
                let labels = decode_mask_png(&write(3, 1, color, depth, row), &taxonomy).unwrap();
                assert_eq!(labels.ids(), expected, "{color:?} {depth:?}");
            }
        }
        let grey_alpha = write(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, &[4, 255, 2, 0]);
        assert_eq!(decode_mask_png(&grey_alpha, &taxonomy).unwrap().ids(), [4, 2]);
    }

    #[test]
    fn colours_are_matched_exactly() {
        let taxonomy = portrait();
        let [skin, hair] = [1, 8].map(|id| taxonomy.labels[id].color);
        let rgb = write(2, 1, ColorType::Rgb, BitDepth::Eight, &[skin, hair].concat());
        assert_eq!(decode_mask_png(&rgb, &taxonomy).unwrap().ids(), [1, 8]);
        let rgba = write(2, 1, ColorType::Rgba, BitDepth::Eight, &[skin[0], skin[1], skin[2], 200, 1, 2, 3, 0]);
        assert_eq!(decode_mask_png(&rgba, &taxonomy).unwrap().ids(), [1, 0]);
        let off = write(1, 2, ColorType::Rgb, BitDepth::Eight, &[skin, [skin[0], skin[1], skin[2] ^ 1]].concat());
        let error = decode_mask_png(&off, &taxonomy).unwrap_err();
        assert!(matches!(error, MaskPngError::UnknownColor { x: 0, y: 1, .. }), "{error}");
    }

    #[test]
    fn foreign_ids_and_depths_are_named() {
        let taxonomy = portrait();
        let grey = write(2, 2, ColorType::Grayscale, BitDepth::Eight, &[0, 0, 0, 11]);
        let error = decode_mask_png(&grey, &taxonomy).unwrap_err();
        assert!(matches!(error, MaskPngError::UnknownId { id: 11, x: 1, y: 1, largest: 10, .. }), "{error}");
        let deep = write(1, 1, ColorType::Grayscale, BitDepth::Sixteen, &[0, 0]);
        assert!(matches!(decode_mask_png(&deep, &taxonomy), Err(MaskPngError::Depth { .. })));
        assert!(encode_mask_png(&LabelImage::new(2, 2, 11), &taxonomy).is_err());
    }

    #[test]
    fn claimed_sizes_are_checked_before_anything_is_allocated() {
        let taxonomy = portrait();
        for (width, height) in [(8192, 8192), (8193, 1), (u32::MAX >> 1, u32::MAX >> 1)] {
            let mut bytes = write(1, 1, ColorType::Grayscale, BitDepth::Eight, &[0]);
            bytes[16..20].copy_from_slice(&u32::to_be_bytes(width));
            bytes[20..24].copy_from_slice(&u32::to_be_bytes(height));
            let mut crc = flate2::Crc::new();
            crc.update(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
            let error = decode_mask_png(&bytes, &taxonomy).unwrap_err();
            assert!(matches!(error, MaskPngError::Truncated { .. } | MaskPngError::Size(_)), "{error}");
        }
    }

    #[test]
    fn hostile_files_are_answered() {
        let taxonomy = portrait();
        let labels = random_labels(60, 40, taxonomy.n_labels(), 5);
        let indexed = encode_mask_png(&labels, &taxonomy).unwrap();
        let rgb = write(60, 40, ColorType::Rgb, BitDepth::Eight, labels.to_rgb(&taxonomy).as_raw());
        for (seed, bytes) in [indexed, rgb].iter().enumerate() {
            hostile::survives(bytes, seed as u64, |bytes| {
                if let Ok(read) = decode_mask_png(bytes, &taxonomy) {
                    assert!(usize::from(read.max_id()) < taxonomy.n_labels());
                }
            });
        }
    }
}
