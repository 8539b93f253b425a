//! How far apart two pictures are, within a region and in the rest.

use image::RgbaImage;

use super::Coverage;
use crate::cielab::{Lab, difference, lab_from_linear, linear_from_srgb};

/// Pictures are compared at no more than this side: what a finer one would add is texture, at many times the cost.
pub const COMPARED_SIDE_PX: u32 = 128;
/// Less of the picture than this, in pixels, is no rest.
const NO_REST: f64 = 1e-3;

/// How far apart two pictures are, as mean ΔE (CIE76) over pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Within the region.
    pub inside: f32,
    /// In the rest; 0 where there is none.
    pub outside: f32,
}

/// Compares two pictures of the coverage's size, given as interleaved RGBA. `None` where the sizes are others or the region
/// covers nothing.
pub fn change(one: &[u8], other: &[u8], coverage: &Coverage) -> Option<Change> {
    let count = coverage.weights().len();
    if one.len() != 4 * count || other.len() != 4 * count {
        return None;
    }
    let linear: Vec<f32> = (0..=u8::MAX).map(linear_from_srgb).collect();
    let lab = |rgba: &[u8; 4]| -> Lab { lab_from_linear([0, 1, 2].map(|channel| linear[usize::from(rgba[channel])])) };
    let [mut inside, mut outside, mut covered] = [0.0f64; 3];
    let pixels = one.as_chunks::<4>().0.iter().zip(other.as_chunks::<4>().0);
    for ((one, other), weight) in pixels.zip(coverage.weights()) {
        let apart = if one == other { 0.0 } else { f64::from(difference(lab(one), lab(other))) };
        let weight = f64::from(*weight);
        inside += weight * apart;
        outside += (1.0 - weight) * apart;
        covered += weight;
    }
    let rest = count as f64 - covered;
    let mean = |sum: f64, of: f64| (sum / of) as f32;
    let outside = if rest > NO_REST { mean(outside, rest) } else { 0.0 };
    (covered > 0.0).then(|| Change { inside: mean(inside, covered), outside })
}

/// A picture of interleaved RGBA no larger than `side_px`, with its width and height. `None` where the number of bytes is not
/// that of the size.
pub fn reduced(rgba: &[u8], (width, height): (u32, u32), side_px: u32) -> Option<(Vec<u8>, (u32, u32))> {
    let picture = RgbaImage::from_raw(width, height, rgba.to_vec())?;
    let side = width.max(height);
    if side <= side_px {
        return Some((picture.into_raw(), (width, height)));
    }
    let scaled = |px: u32| (u64::from(px) * u64::from(side_px) / u64::from(side)).max(1) as u32;
    let picture = image::imageops::thumbnail(&picture, scaled(width), scaled(height));
    let size = picture.dimensions();
    Some((picture.into_raw(), size))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::cielab::lab_from_srgb;
    use crate::document::{LabelMap, PixelSet};

    fn coverage(columns: std::ops::Range<u32>) -> Coverage {
        let mut map = LabelMap::new(4, 2, 0);
        for y in 0..2 {
            map.fill_row(y, columns.clone(), 1);
        }
        Coverage::new(&PixelSet::of_label(&map, 1).unwrap(), (4, 2), (4, 2))
    }

    fn plain(color: [u8; 3]) -> Vec<u8> {
        [color[0], color[1], color[2], 255].repeat(8)
    }

    #[test]
    fn means_are_those_of_the_two_parts() {
        let (grey, red) = ([119; 3], [200, 40, 30]);
        let apart = difference(lab_from_srgb(grey), lab_from_srgb(red));
        let mut other = plain(grey);
        // One of the region's four pixels, and two of the other four.
        for pixel in [0, 2, 7] {
            other[4 * pixel..4 * pixel + 3].copy_from_slice(&red);
        }
        let found = change(&plain(grey), &other, &coverage(0..2)).unwrap();
        assert!((found.inside - apart / 4.0).abs() < 1e-3 && (found.outside - apart / 2.0).abs() < 1e-3, "{found:?}");
        let all = change(&plain(grey), &other, &coverage(0..4)).unwrap();
        assert!((all.inside - apart * 3.0 / 8.0).abs() < 1e-3 && all.outside == 0.0, "{all:?}");
        assert_eq!(change(&other, &other, &coverage(1..3)), Some(Change { inside: 0.0, outside: 0.0 }));
    }

    #[test]
    fn pictures_of_other_sizes_are_no_answer() {
        assert_eq!(change(&plain([0; 3])[4..], &plain([0; 3]), &coverage(0..1)), None);
        assert_eq!(change(&[], &[], &coverage(0..1)), None);
        assert!(reduced(&[0; 12], (2, 2), 64).is_none());
    }

    #[test]
    fn large_pictures_are_reduced_and_small_ones_stay() {
        let large = [90, 10, 200, 255].repeat(300 * 150);
        let (small, size) = reduced(&large, (300, 150), 128).unwrap();
        assert_eq!((size, small.len()), ((128, 64), 4 * 128 * 64));
        assert!(small.as_chunks::<4>().0.iter().all(|pixel| *pixel == [90, 10, 200, 255]));
        assert_eq!(reduced(&small, size, 128), Some((small.clone(), size)));
    }
}
