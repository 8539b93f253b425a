//! From any shape to the square that the networks take. Image and mask go through the same geometry.

use crate::label_image::LabelImage;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// Part of a square's side over which the edges that go on beyond a picture are averaged, to either side.
const EDGE_SHARE: u32 = 12;

/// The largest centred square, resized to `resolution` px. The mask may be of another size than the image, but of the same shape.
pub(super) fn centre_crop(image: &RgbImage, labels: &LabelImage, resolution: u32) -> (RgbImage, LabelImage) {
    let (x, y, side) = centred_square(image.width(), image.height());
    let square = imageops::crop_imm(image, x, y, side, side).to_image();
    let (x, y, side) = centred_square(labels.width(), labels.height());
    let labels = labels.crop(x, y, side, side).resize_nearest(resolution, resolution);
    (resize(&square, resolution, resolution), labels)
}

/// The whole picture in a square of `resolution` px: the longer side fills it, and on each side of the shorter one the missing
/// strip gets label 0 and goes on as the picture ends, so that a standing figure is seen from head to foot.
pub(super) fn pad(image: &RgbImage, labels: &LabelImage, resolution: u32) -> (RgbImage, LabelImage) {
    let longer = u64::from(image.width().max(image.height()).max(1));
    let scaled = |side: u32| ((u64::from(side) * u64::from(resolution) + longer / 2) / longer).max(1) as u32;
    let (width, height) = (scaled(image.width()), scaled(image.height()));
    let (left, top) = ((resolution - width) / 2, (resolution - height) / 2);
    let small = resize(image, width, height);
    let padded = continued(&small, [left, top], resolution);

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

/// A picture at `left` and `top` of a square of `side` px, beyond whose edges they go on, blurred along themselves. One colour
/// for a whole edge would leave an upright line beside a photo, which a segmentor takes for somebody's clothes.
pub(crate) fn continued(picture: &RgbImage, [left, top]: [u32; 2], side: u32) -> RgbImage {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let radius = side / EDGE_SHARE;
    let column = |x: u32| blurred(&(0..=bottom).map(|y| *picture.get_pixel(x, y)).collect::<Vec<_>>(), radius);
    let row = |y: u32| blurred(&(0..=right).map(|x| *picture.get_pixel(x, y)).collect::<Vec<_>>(), radius);
    let (columns, rows) = ([0, right].map(column), [0, bottom].map(row));
    let mut square = RgbImage::from_fn(side, side, |x, y| {
        let (at_x, at_y) = (x.saturating_sub(left).min(right), y.saturating_sub(top).min(bottom));
        match (x < left, x > left + right, y < top) {
            (true, ..) => columns[0][at_y as usize],
            (_, true, _) => columns[1][at_y as usize],
            (.., true) => rows[0][at_x as usize],
            _ => rows[1][at_x as usize],
        }
    });
    imageops::replace(&mut square, picture, i64::from(left), i64::from(top));
    square
}

/// Each pixel of a line becomes the mean of those up to `radius` away.
fn blurred(line: &[Rgb<u8>], radius: u32) -> Vec<Rgb<u8>> {
    let radius = radius as usize;
    let around = |at: usize| &line[at.saturating_sub(radius)..(at + radius + 1).min(line.len())];
    (0..line.len()).map(|at| mean(around(at).iter())).collect()
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

    #[test]
    fn edges_go_on_as_they_end_and_without_steps() {
        let ends = [[240, 0, 0], [0, 0, 240]];
        for upright in [true, false] {
            let colour = |along: u32| Rgb(ends[usize::from(along >= 24)]);
            let picture = RgbImage::from_fn(48, 48, |x, y| colour(if upright { y } else { x }));
            let square = continued(&picture, [24, 24], 96);
            let beyond = |along: u32| {
                let at = 24 + along;
                if upright { [(3, at), (90, at)] } else { [(at, 3), (at, 90)] }
            };
            for along in 0..48 {
                let steepest = if along == 0 { 0 } else { 240 / 17 + 1 };
                for (place, before) in beyond(along).into_iter().zip(beyond(along.max(1) - 1)) {
                    let [red, green, blue] = square.get_pixel(place.0, place.1).0;
                    let [red_before, ..] = square.get_pixel(before.0, before.1).0;
                    assert!(green == 0 && (239..=240).contains(&(red + blue)), "{along}: {red} {blue}");
                    assert!(red_before.abs_diff(red) <= steepest, "{along}: {red_before} {red}");
                }
            }
            for along in [0, 15, 32, 47] {
                assert!(beyond(along).iter().all(|&(x, y)| *square.get_pixel(x, y) == colour(along)), "{along}");
            }
        }
    }
}
