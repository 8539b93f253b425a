//! A few samples to look at.

use crate::data::{Sample, SampleSource};
use image::{Rgb, RgbImage, imageops};

/// Side of a preview in pixels.
pub const PREVIEW_PX: u32 = 128;
/// Samples that a report shows.
const N_PREVIEWS: usize = 8;
/// How many samples are tried in place of one that cannot be read.
const TRIES: usize = 4;
const COLUMNS: usize = 4;
const GAP_PX: u32 = 8;
const SHEET_COLOR: Rgb<u8> = Rgb([32, 32, 32]);

/// A sample as people look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its name.
    pub name: String,
    /// The image as the networks see it, [`PREVIEW_PX`] a side.
    pub image: RgbImage,
    /// The mask in the taxonomy's colours, of the same size.
    pub mask: RgbImage,
    /// The attributes that hold.
    pub attributes: Vec<String>,
}

/// Up to eight samples, evenly spread over the set; ones that cannot be read are passed over.
pub fn previews(source: &dyn SampleSource) -> Vec<Preview> {
    let count = N_PREVIEWS.min(source.len());
    let starts = (0..count).map(|place| (place * source.len() / count, (place + 1) * source.len() / count));
    let readable = |(from, to): (usize, usize)| {
        (from..to)
            .take(TRIES)
            .find_map(|index| source.sample(index, PREVIEW_PX).ok())
            .map(|sample| shown(source, sample))
    };
    starts.filter_map(readable).collect()
}

fn shown(source: &dyn SampleSource, sample: Sample) -> Preview {
    let taxonomy = source.taxonomy();
    let holding = taxonomy.attribute_names().zip(&sample.attributes).filter(|(_, value)| **value > 0.5);
    Preview {
        attributes: holding.map(|(name, _)| name.to_owned()).collect(),
        mask: sample.labels.to_rgb(taxonomy),
        name: sample.name,
        image: sample.image,
    }
}

/// The previews in rows of four, each mask under its image.
pub fn contact_sheet(previews: &[Preview]) -> RgbImage {
    let columns = previews.len().clamp(1, COLUMNS);
    let rows = previews.len().div_ceil(COLUMNS).max(1);
    let (cell_width, cell_height) = (PREVIEW_PX + GAP_PX, 2 * PREVIEW_PX + GAP_PX);
    let size = (GAP_PX + columns as u32 * cell_width, GAP_PX + rows as u32 * cell_height);
    let mut sheet = RgbImage::from_pixel(size.0, size.1, SHEET_COLOR);
    for (place, preview) in previews.iter().enumerate() {
        let x = i64::from(GAP_PX + (place % COLUMNS) as u32 * cell_width);
        let y = i64::from(GAP_PX + (place / COLUMNS) as u32 * cell_height);
        imageops::replace(&mut sheet, &preview.image, x, y);
        imageops::replace(&mut sheet, &preview.mask, x, y + i64::from(PREVIEW_PX));
    }
    sheet
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::procedural::{self, Kind};

    #[test]
    fn eight_samples_are_spread_and_laid_out() {
        let source = procedural::source(Kind::Portrait, 1).with_len(800);
        let previews = previews(&source);
        let names: Vec<&str> = previews.iter().map(|preview| preview.name.as_str()).collect();
        assert_eq!((names.len(), names[0], names[7]), (8, "portrait-00000", "portrait-00700"));
        let sample = source.sample(100, PREVIEW_PX).unwrap();
        assert_eq!(previews[1].mask, sample.labels.to_rgb(source.taxonomy()));
        assert_eq!(previews[1].attributes.len(), sample.attributes.iter().filter(|value| **value > 0.5).count());

        let sheet = contact_sheet(&previews);
        assert_eq!(sheet.dimensions(), (8 + 4 * 136, 8 + 2 * 264));
        assert_eq!(sheet.get_pixel(8, 8), previews[0].image.get_pixel(0, 0));
        assert_eq!(sheet.get_pixel(8 + 136 * 3 + 5, 8 + 264 + 128 + 7), previews[7].mask.get_pixel(5, 7));
    }

    #[test]
    fn small_and_empty_sets_have_what_there_is() {
        let source = procedural::source(Kind::Outfit, 1);
        assert_eq!(previews(&source.clone().with_len(3)).len(), 3);
        assert!(previews(&source.with_len(0)).is_empty());
        assert_eq!(contact_sheet(&[]).dimensions(), (8 + 136, 8 + 264));
    }
}
