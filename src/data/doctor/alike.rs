//! Which samples have the same picture, and which merely look alike.

use image::RgbImage;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Cells along a side of the colour signature.
const CELLS: u32 = 8;
/// Bits in which the brightness signatures of two pictures that look alike may differ. The search by quarters of 16 bits misses
/// nothing up to 3: of four quarters one must agree.
const MAX_BITS: u32 = 3;
/// How far the colours of their cells may be apart on average, of 255.
const MAX_MEAN_DIFFERENCE: f32 = 4.0;
/// Each picture is compared with at most so many that agree in a quarter, so that a set of one colour costs no square of its size.
const MAX_COMPARED: usize = 64;

/// What is kept of each picture.
pub(super) struct Picture {
    /// xxh3 of the pixels as the networks see them.
    pub(super) pixels: u64,
    /// xxh3 of the mask.
    pub(super) mask: u64,
    /// Width and height as stored.
    pub(super) size_px: Option<(u32, u32)>,
    look: Look,
}

impl Picture {
    pub(super) fn of(image: &RgbImage, ids: &[u8], size_px: Option<(u32, u32)>) -> Self {
        Self { pixels: xxh3_64(image.as_raw()), mask: xxh3_64(ids), size_px, look: Look::of(image) }
    }
}

/// A coarse view that survives another size, compression and small changes of brightness.
struct Look {
    /// Whether brightness grows to the right, for 8×8 pairs of neighbours in a grid of 9×8.
    brighter: u64,
    /// Mean colours of 8×8 cells.
    colors: [u8; 3 * (CELLS * CELLS) as usize],
}

impl Look {
    fn of(image: &RgbImage) -> Self {
        let luma = |[r, g, b]: [f32; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
        let grid: Vec<f32> = cell_means(image, CELLS + 1, CELLS).map(luma).collect();
        let rows = grid.chunks_exact(CELLS as usize + 1);
        let pairs = rows.flat_map(|row| row.windows(2).map(|pair| pair[1] > pair[0]));
        let brighter = pairs.fold(0, |bits, grows| bits << 1 | u64::from(grows));
        let mut colors = [0; 3 * (CELLS * CELLS) as usize];
        for (cell, mean) in colors.chunks_exact_mut(3).zip(cell_means(image, CELLS, CELLS)) {
            cell.copy_from_slice(&mean.map(|channel| channel as u8));
        }
        Self { brighter, colors }
    }

    fn is_like(&self, other: &Self) -> bool {
        let differing = self.colors.iter().zip(&other.colors).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        (self.brighter ^ other.brighter).count_ones() <= MAX_BITS
            && differing as f32 <= MAX_MEAN_DIFFERENCE * self.colors.len() as f32
    }
}

/// Mean colours of columns × rows cells, row by row.
fn cell_means(image: &RgbImage, columns: u32, rows: u32) -> impl Iterator<Item = [f32; 3]> {
    let (width, height) = image.dimensions();
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (column, row))).map(move |(column, row)| {
        let xs =
            column * width / columns..((column + 1) * width / columns).max(column * width / columns + 1).min(width);
        let ys = row * height / rows..((row + 1) * height / rows).max(row * height / rows + 1).min(height);
        let count = (xs.len() * ys.len()).max(1) as f32;
        let mut sum = [0_u32; 3];
        for (x, y) in ys.flat_map(|y| xs.clone().map(move |x| (x, y))) {
            for (sum, value) in sum.iter_mut().zip(image.get_pixel(x, y).0) {
                *sum += u32::from(value);
            }
        }
        sum.map(|channel| channel as f32 / count)
    })
}

/// Groups of samples that may have the same picture: equal at the size that the networks see, and of one stored size. Each
/// group is in ascending order.
pub(super) fn same_at_first_sight(pictures: &[Option<Picture>]) -> Vec<Vec<usize>> {
    groups_by(pictures.iter().enumerate().filter_map(|(index, picture)| {
        let picture = picture.as_ref()?;
        Some(((picture.pixels, picture.size_px), index))
    }))
}

/// The groups with more than one member of things that share a key, in the order of their first members.
pub(super) fn groups_by<K: Eq + std::hash::Hash>(keyed: impl IntoIterator<Item = (K, usize)>) -> Vec<Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (key, index) in keyed {
        groups.entry(key).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    groups
}

/// Groups of samples that look alike, each in ascending order. Samples marked in `passed_over` take no part.
pub(super) fn look_alike(pictures: &[Option<Picture>], passed_over: &[bool]) -> Vec<Vec<usize>> {
    let looks: Vec<(usize, &Look)> = pictures
        .iter()
        .enumerate()
        .filter(|(index, _)| !passed_over.get(*index).copied().unwrap_or(false))
        .filter_map(|(index, picture)| Some((index, &picture.as_ref()?.look)))
        .collect();
    let mut leaders = Leaders::new(pictures.len());
    for quarter in 0..4 {
        let mut buckets: HashMap<u16, Vec<(usize, &Look)>> = HashMap::new();
        for (index, look) in &looks {
            let bucket = buckets.entry((look.brighter >> (16 * quarter)) as u16).or_default();
            for (other, other_look) in bucket.iter().rev().take(MAX_COMPARED) {
                if look.is_like(other_look) {
                    leaders.unite(*index, *other);
                }
            }
            bucket.push((*index, look));
        }
    }
    groups_by(looks.iter().map(|(index, _)| (leaders.of(*index), *index)))
}

/// Disjoint sets: each member points towards the smallest of its set.
struct Leaders(Vec<usize>);

impl Leaders {
    fn new(len: usize) -> Self {
        Self((0..len).collect())
    }

    fn of(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::data::SampleSource as _;
    use crate::data::procedural::{self, Kind};
    use image::{Rgb, imageops};

    fn picture(image: &RgbImage) -> Option<Picture> {
        Some(Picture::of(image, &[0], Some((128, 128))))
    }

    #[test]
    fn equal_pixels_of_one_stored_size_are_the_same_at_first_sight() {
        let [red, blue] = [[200, 0, 0], [0, 0, 200]].map(|color| RgbImage::from_pixel(16, 16, Rgb(color)));
        let mut pictures: Vec<_> = [&red, &blue, &red, &red, &blue].map(picture).into_iter().collect();
        pictures[1] = None;
        pictures[3].as_mut().unwrap().size_px = Some((64, 64));
        assert_eq!(same_at_first_sight(&pictures), [vec![0, 2]]);
    }

    /// Another compression and a little light make pictures look alike; another person does not.
    #[test]
    fn recompressed_and_brightened_copies_look_alike_and_others_do_not() {
        let source = procedural::source(Kind::Portrait, 3);
        let images: Vec<RgbImage> = (0..40).map(|index| source.sample(index, 128).unwrap().image).collect();
        let mut pictures: Vec<_> = images.iter().map(picture).collect();
        assert!(look_alike(&pictures, &[]).is_empty(), "drawn faces differ");

        let mut jpeg = std::io::Cursor::new(Vec::new());
        images[5].write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let compressed = image::load_from_memory(jpeg.get_ref()).unwrap().to_rgb8();
        let smaller = imageops::resize(&images[5], 100, 100, imageops::FilterType::Triangle);
        pictures.push(picture(&compressed));
        pictures.push(picture(&imageops::brighten(&images[9], 2)));
        pictures.push(picture(&smaller));
        assert_eq!(look_alike(&pictures, &[]), [vec![5, 40, 42], vec![9, 41]]);
        let mut passed_over = vec![false; 43];
        passed_over[40] = true;
        assert_eq!(look_alike(&pictures, &passed_over), [vec![5, 42], vec![9, 41]]);
    }

    #[test]
    fn a_tiny_image_has_a_look_too() {
        for side in [1, 2, 7] {
            let image = RgbImage::from_pixel(side, side, Rgb([9, 8, 7]));
            assert_eq!(Look::of(&image).colors[..3], [9, 8, 7]);
        }
    }
}
