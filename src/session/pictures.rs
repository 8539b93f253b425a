//! The pictures that can be exported besides the plain result.

use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};

use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};

const BACKGROUND: LabelId = 0;

/// 8-bit sRGB with straight alpha, four bytes a pixel in row-major order.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `4 · width · height` bytes.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}×{})", self.width, self.height)
    }
}

/// The mask in label colours, the result at its right, both as high as the higher of the two: the mask in sharp pixels,
/// the result enlarged smoothly. `None` when the result is no picture.
pub fn side_by_side(labels: &LabelImage, taxonomy: &Taxonomy, result: &Picture) -> Option<Picture> {
    let result = RgbaImage::from_raw(result.width, result.height, result.rgba.clone())?;
    if result.width() == 0 || result.height() == 0 {
        return None;
    }
    let height = labels.height().max(result.height());
    let mask = image::DynamicImage::ImageRgb8(labels.to_rgb(taxonomy)).into_rgba8();
    let mask = scaled_to(mask, height, FilterType::Nearest);
    let result = scaled_to(result, height, FilterType::CatmullRom);
    let mut both = RgbaImage::from_pixel(mask.width() + result.width(), height, Rgba([0, 0, 0, 255]));
    imageops::replace(&mut both, &mask, 0, 0);
    imageops::replace(&mut both, &result, i64::from(mask.width()), 0);
    Some(Picture { width: both.width(), height, rgba: both.into_raw() })
}

fn scaled_to(image: RgbaImage, height: u32, filter: FilterType) -> RgbaImage {
    if image.height() == height {
        return image;
    }
    let width = u64::from(image.width()) * u64::from(height) / u64::from(image.height());
    imageops::resize(&image, u32::try_from(width).unwrap_or(u32::MAX).max(1), height, filter)
}

/// The mask in label colours with nothing where the background is.
pub fn transparent_mask(labels: &LabelImage, taxonomy: &Taxonomy) -> Picture {
    let colors = labels.to_rgb(taxonomy);
    let pixels = labels.ids().iter().zip(colors.pixels());
    let rgba = pixels.flat_map(|(&id, color)| match id {
        BACKGROUND => [0; 4],
        _ => [color[0], color[1], color[2], 255],
    });
    Picture { width: labels.width(), height: labels.height(), rgba: rgba.collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mask_and_result_stand_beside_each_other() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let labels = LabelImage::from_ids(6, 4, (0..24).map(|i| i % 11).collect()).unwrap();
        let result = Picture { width: 2, height: 2, rgba: [10, 20, 30, 255].repeat(4) };
        let both = side_by_side(&labels, &taxonomy, &result).unwrap();
        assert_eq!((both.width, both.height, both.rgba.len()), (10, 4, 160));
        for y in 0..4 {
            let row = &both.rgba[y * 40..(y + 1) * 40];
            let id = usize::from(labels.get(0, y as u32));
            assert_eq!(row[..3], taxonomy.labels[id].color);
            assert_eq!(row[24..], [10, 20, 30, 255].repeat(4));
        }
        let nothing = Picture { width: 2, height: 2, rgba: vec![0; 15] };
        assert!(side_by_side(&labels, &taxonomy, &nothing).is_none());
    }

    #[test]
    fn only_the_background_is_transparent() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let labels = LabelImage::from_ids(3, 1, vec![0, 1, 8]).unwrap();
        let picture = transparent_mask(&labels, &taxonomy);
        assert_eq!(picture.rgba[..4], [0; 4]);
        assert_eq!(picture.rgba[8..11], taxonomy.labels[8].color);
        assert_eq!([picture.rgba[7], picture.rgba[11]], [255; 2]);
    }
}
