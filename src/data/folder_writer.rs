//! What the writers of plain folders share: encodings, file names and rows.

use super::csv;
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use std::collections::HashSet;

/// Far above what the eye or a network notices.
const JPEG_QUALITY: u8 = 95;
/// Longest stem, in characters; file systems take 255 bytes.
const MAX_STEM_CHARS: usize = 60;

/// How images are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageEncoding {
    /// Without loss.
    Png,
    /// A fifth of the size, with losses that cannot be seen.
    Jpeg,
}

impl ImageEncoding {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    pub(super) fn encode(self, image: &RgbImage) -> image::ImageResult<Vec<u8>> {
        let mut bytes = Vec::new();
        match self {
            Self::Png => {
                let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
                image.write_with_encoder(encoder)?;
            }
            Self::Jpeg => image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?,
        }
        Ok(bytes)
    }
}

/// Stems of file names, each given once.
#[derive(Default)]
pub(super) struct Stems {
    /// In lower case: some file systems take `A` and `a` for the same.
    taken: HashSet<String>,
}

impl Stems {
    /// Marks a stem as taken.
    pub(super) fn take(&mut self, stem: &str) {
        self.taken.insert(stem.to_lowercase());
    }

    /// A free stem like `hint`, which becomes taken.
    pub(super) fn free(&mut self, hint: &str) -> String {
        let stem = as_stem(hint);
        let numbered = (2_u64..).map(|number| format!("{stem}-{number}"));
        let mut candidates = std::iter::once(stem.clone()).chain(numbered);
        let free = candidates.find(|candidate| self.taken.insert(candidate.to_lowercase()));
        free.unwrap_or(stem)
    }
}

/// Characters that every file system takes; no dot, so that a stem with and without an extension is not the same name.
fn as_stem(hint: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let stem: String = hint.chars().map(|c| if allowed(c) { c } else { '_' }).take(MAX_STEM_CHARS).collect();
    let stem = stem.trim();
    if stem.is_empty() { "image".to_owned() } else { stem.to_owned() }
}

/// The first line of `attributes.csv`.
pub(super) fn header<'a>(attributes: impl IntoIterator<Item = &'a str>) -> String {
    let names = attributes.into_iter().map(|name| format!(",{}", csv::field(name)));
    format!("file{}\n", names.collect::<String>())
}

/// The line of an image.
pub(super) fn row(file: &str, values: impl IntoIterator<Item = f32>) -> String {
    let values = values.into_iter().map(|value| if value > 0.5 { ",1" } else { ",0" });
    format!("{}{}\n", csv::field(file), values.collect::<String>())
}

/// The whole table of these lines.
pub(super) fn table(taxonomy: &Taxonomy, rows: &[String]) -> String {
    header(taxonomy.attribute_names()) + &rows.concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn stems_are_safe_short_and_given_once() {
        let mut stems = Stems::default();
        stems.take("Face-2");
        let given = ["face", "Face", "face", "../x/y.png", "", "  ", "ä ü"].map(|hint| stems.free(hint));
        assert_eq!(given, ["face", "Face-3", "face-4", "___x_y_png", "image", "image-2", "ä ü"]);
        assert_eq!(stems.free(&"é".repeat(500)).chars().count(), MAX_STEM_CHARS);
    }

    #[test]
    fn jpeg_is_smaller_and_near_and_png_exact() {
        let image = RgbImage::from_fn(64, 64, |x, y| image::Rgb([(x * 4) as u8, (y * 4) as u8, (x * y / 16) as u8]));
        let [png, jpeg] = [ImageEncoding::Png, ImageEncoding::Jpeg].map(|encoding| encoding.encode(&image).unwrap());
        let read = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
        assert_eq!(read(&png), image);
        let far = read(&jpeg).iter().zip(image.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(jpeg.len() < png.len() && far <= 12, "{} and {} bytes, {far} apart", jpeg.len(), png.len());
    }
}
