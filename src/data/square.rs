//! From any shape to the square that the networks take. Image and mask go through the same geometry.

use crate::label_image::LabelImage;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// The largest centred square, resized to `resolution` px. The mask may be of another size than the image, but of the same shape.
pub(super) fn centre_crop(image: &RgbImage, labels: &LabelImage, resolution: u32) -> (RgbImage, LabelImage) {
    let (x, y, side) = centred_square(image.width(), image.height());
    let square = imageops::crop_imm(image, x, y, side, side).to_image();
    let (x, y, side) = centred_square(labels.width(), labels.height());
    let labels = labels.crop(x, y, side, side).resize_nearest(resolution, resolution);
    (resize(&square, resolution, resolution), labels)
}

/// The whole picture in a square of `resolution` px: the longer side fills it, and on each side of the shorter one the missing
/// strip gets the mean colour of the picture's adjoining edge and label 0, so that a standing figure is seen from head to foot.
pub(super) fn pad(image: &RgbImage, labels: &LabelImage, resolution: u32) -> (RgbImage, LabelImage) {
    let longer = u64::from(image.width().max(image.height()).max(1));
    let scaled = |side: u32| ((u64::from(side) * u64::from(resolution) + longer / 2) / longer).max(1) as u32;
    let (width, height) = (scaled(image.width()), scaled(image.height()));
    let (left, top) = ((resolution - width) / 2, (resolution - height) / 2);
    let small = resize(image, width, height);
    let [before, after] = edge_colors(&small, width < height);
    let mut padded = RgbImage::from_fn(resolution, resolution, |x, y| if x < left || y < top { before } else { after });
    imageops::replace(&mut padded, &small, i64::from(left), i64::from(top));

    let small = labels.resize_nearest(width, height);
    let mut padded_labels = LabelImage::new(resolution, resolution, 0);
    for y in 0..height {
        for x in 0..width {
            padded_labels.set(left + x, top + y, small.get(x, y));
        }
    }
    (padded, padded_labels)
}

/// Lanczos down from at most twice the size; from larger ones by way of area means, which look the same and cost a fifth.
pub(crate) fn resize(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if (image.width(), image.height()) == (width, height) {
        return image.clone();
    }
    if image.width() > 2 * width && image.height() > 2 * height {
        let halfway = imageops::thumbnail(image, 2 * width, 2 * height);
        return imageops::resize(&halfway, width, height, FilterType::Lanczos3);
    }
    imageops::resize(image, width, height, FilterType::Lanczos3)
}

fn centred_square(width: u32, height: u32) -> (u32, u32, u32) {
    let side = width.min(height);
    ((width - side) / 2, (height - side) / 2, side)
}

/// Mean colours of the left and right edges, or of the upper and lower ones.
pub(crate) fn edge_colors(image: &RgbImage, sides: bool) -> [Rgb<u8>; 2] {
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    if sides {
        [0, right].map(|x| mean((0..image.height()).map(|y| image.get_pixel(x, y))))
    } else {
        [0, bottom].map(|y| mean((0..image.width()).map(|x| image.get_pixel(x, y))))
    }
}

fn mean<'a>(pixels: impl ExactSizeIterator<Item = &'a Rgb<u8>>) -> Rgb<u8> {
    let count = pixels.len().max(1) as u32;
    let sum = pixels.fold([0; 3], |sum: [u32; 3], pixel| std::array::from_fn(|i| sum[i] + u32::from(pixel[i])));
    Rgb(sum.map(|channel| (channel / count) as u8))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::label_image::tests::random_labels;
    use crate::taxonomy::Taxonomy;

    #[test]
    fn the_same_square_changes_nothing() {
        let labels = random_labels(16, 16, 11, 1);
        let image = labels.to_rgb(&Taxonomy::builtin("portrait").unwrap());
        for square in [centre_crop, pad] {
            assert_eq!(square(&image, &labels, 16), (image.clone(), labels.clone()));
        }
    }

    #[test]
    fn the_crop_is_centred_in_image_and_mask() {
        let image = RgbImage::from_fn(40, 20, |x, _| if (10..30).contains(&x) { Rgb([200; 3]) } else { Rgb([0; 3]) });
        let ids = (0..20 * 10).map(|i| u8::from((5..15).contains(&(i % 20)))).collect();
        let half_size = LabelImage::from_ids(20, 10, ids).unwrap();
        let (square, labels) = centre_crop(&image, &half_size, 8);
        assert!(square.pixels().all(|pixel| pixel.0 == [200; 3]));
        assert_eq!(labels, LabelImage::new(8, 8, 1));
    }

    #[test]
    fn padding_shows_everything_and_continues_the_edges() {
        let image = RgbImage::from_fn(30, 60, |x, _| Rgb(if x < 15 { [250, 0, 0] } else { [0, 0, 250] }));
        let (square, labels) = pad(&image, &LabelImage::new(30, 60, 3), 20);
        assert_eq!((square.get_pixel(0, 9).0, square.get_pixel(19, 9).0), ([250, 0, 0], [0, 0, 250]));
        assert_eq!(labels.histogram()[3], 10 * 20);
        assert_eq!((labels.get(4, 0), labels.get(5, 0), labels.get(14, 19), labels.get(15, 19)), (0, 3, 3, 0));
    }
}
