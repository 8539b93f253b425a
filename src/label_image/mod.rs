//! A dense image of label ids and its PNG forms.

mod png;
mod raw;
mod resize;
mod tidy;

pub use self::png::{MaskPngError, decode_mask_png, encode_mask_png};
pub use self::raw::{FoundKey, FoundLabel, MAX_FOUND, RawMask, decode_raw_mask};

use crate::taxonomy::{LabelId, Taxonomy};
use image::{Rgb, RgbImage};

/// The longest side of a label image, in pixels.
pub const MAX_SIDE: u32 = 8192;

/// What [`LabelImage::to_rgb`] shows for ids that the taxonomy does not have.
const UNKNOWN_COLOR: [u8; 3] = [255, 0, 255];

/// One label id per pixel, row-major; sides are 1–[`MAX_SIDE`] px.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelImage {
    width: u32,
    height: u32,
    ids: Vec<LabelId>,
}

/// Why ids make no label image.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LabelImageError {
    /// A side is 0 or longer than [`MAX_SIDE`].
    #[error("a label image of {width}×{height} px; expected sides of 1–{MAX_SIDE}")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The number of ids is not width × height.
    #[error("{ids} label ids for {width}×{height} px")]
    Count {
        /// Number of ids given.
        ids: usize,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

impl LabelImage {
    /// An image of one label. Sides are clamped to 1–[`MAX_SIDE`].
    pub fn new(width: u32, height: u32, fill: LabelId) -> Self {
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        Self { width, height, ids: vec![fill; width as usize * height as usize] }
    }

    /// An image of the given ids, row-major.
    ///
    /// # Errors
    /// A side out of range, or a number of ids that is not width × height.
    pub fn from_ids(width: u32, height: u32, ids: Vec<LabelId>) -> Result<Self, LabelImageError> {
        check_size(width, height)?;
        if ids.len() != width as usize * height as usize {
            return Err(LabelImageError::Count { ids: ids.len(), width, height });
        }
        Ok(Self { width, height, ids })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All ids, row-major.
    pub fn ids(&self) -> &[LabelId] {
        &self.ids
    }

    /// The id at column `x`, row `y`.
    ///
    /// # Panics
    /// Outside the image.
    pub fn get(&self, x: u32, y: u32) -> LabelId {
        self.ids[self.index(x, y)]
    }

    /// Sets the id at column `x`, row `y`.
    ///
    /// # Panics
    /// Outside the image.
    pub fn set(&mut self, x: u32, y: u32, id: LabelId) {
        let index = self.index(x, y);
        self.ids[index] = id;
    }

    /// Each pixel takes the id under its centre. Sides are clamped to 1–[`MAX_SIDE`].
    pub fn resize_nearest(&self, width: u32, height: u32) -> Self {
        resize::nearest(self, width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE))
    }

    /// Each pixel takes the id that covers most of its area; the smaller id if two cover as much. An axis that grows, or stays,
    /// is resampled by nearest neighbour. Sides are clamped to 1–[`MAX_SIDE`].
    pub fn resize_majority(&self, width: u32, height: u32) -> Self {
        resize::majority(self, width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE))
    }

    /// With outlines that no hair frays: each pixel takes the id most frequent in the square of `2 · radius + 1` px around it, then
    /// connected patches of fewer than `least_px` pixels the id that most pixels around them have. No id appears that was not there.
    pub fn tidied(&self, radius: u32, least_px: usize) -> Self {
        tidy::without_specks(&tidy::smoothed(self, radius), least_px)
    }

    /// The part of the rectangle that lies inside the image; of a rectangle outside, the nearest pixel.
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Self {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        let (width, height) = (width.clamp(1, self.width - x), height.clamp(1, self.height - y));
        let rows = self.rows().skip(y as usize).take(height as usize);
        let ids = rows.flat_map(|row| &row[x as usize..(x + width) as usize]).copied().collect();
        Self { width, height, ids }
    }

    /// Left becomes right, and so do labels such as `left_eye`.
    pub fn flip_horizontal(&self, taxonomy: &Taxonomy) -> Self {
        let mirror: [LabelId; 256] = std::array::from_fn(|id| taxonomy.mirror(id as LabelId));
        let ids = self.rows().flat_map(|row| row.iter().rev()).map(|id| mirror[usize::from(*id)]).collect();
        Self { ids, ..*self }
    }

    /// Each id replaced by what it becomes.
    pub(crate) fn mapped(&self, becomes: &[LabelId; 256]) -> Self {
        Self { ids: self.ids.iter().map(|id| becomes[usize::from(*id)]).collect(), ..*self }
    }

    /// Number of pixels of each id.
    pub fn histogram(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for id in &self.ids {
            counts[usize::from(*id)] += 1;
        }
        counts
    }

    /// The largest id that occurs.
    pub fn max_id(&self) -> LabelId {
        self.ids.iter().copied().max().unwrap_or(0)
    }

    /// The image in the taxonomy's colours; magenta for ids that it does not have.
    pub fn to_rgb(&self, taxonomy: &Taxonomy) -> RgbImage {
        let colors: [Rgb<u8>; 256] =
            std::array::from_fn(|id| Rgb(taxonomy.labels.get(id).map_or(UNKNOWN_COLOR, |label| label.color)));
        RgbImage::from_fn(self.width, self.height, |x, y| colors[usize::from(self.get(x, y))])
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, LabelId> {
        self.ids.chunks_exact(self.width as usize)
    }

    fn index(&self, x: u32, y: u32) -> usize {
        assert!(x < self.width && y < self.height, "({x}, {y}) is outside {}×{}", self.width, self.height);
        y as usize * self.width as usize + x as usize
    }
}

/// Checks sides before anything is allocated for them.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), LabelImageError> {
    let allowed = 1..=MAX_SIDE;
    if !allowed.contains(&width) || !allowed.contains(&height) {
        return Err(LabelImageError::Size { width, height });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64Mcg;

    /// Noise of all labels, for tests of every module.
    pub(crate) fn random_labels(width: u32, height: u32, n_labels: usize, seed: u64) -> LabelImage {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let ids = (0..width * height).map(|_| rng.random_range(0..n_labels) as LabelId).collect();
        LabelImage::from_ids(width, height, ids).unwrap()
    }

    #[test]
    fn sizes_and_counts_are_checked() {
        assert_eq!(LabelImage::from_ids(2, 2, vec![0; 3]), Err(LabelImageError::Count { ids: 3, width: 2, height: 2 }));
        assert_eq!(LabelImage::from_ids(0, 2, vec![]), Err(LabelImageError::Size { width: 0, height: 2 }));
        assert!(LabelImage::from_ids(MAX_SIDE + 1, 1, vec![0; MAX_SIDE as usize + 1]).is_err());
        assert_eq!(LabelImage::new(0, u32::MAX, 3).height(), MAX_SIDE);
    }

    #[test]
    fn get_reads_what_set_wrote() {
        let mut labels = LabelImage::new(5, 3, 1);
        labels.set(4, 2, 7);
        assert_eq!((labels.get(4, 2), labels.get(4, 1), labels.max_id()), (7, 1, 7));
        assert_eq!((labels.histogram()[1], labels.histogram()[7]), (14, 1));
    }

    #[test]
    #[should_panic(expected = "outside")]
    fn a_column_too_far_is_not_the_next_row() {
        LabelImage::new(5, 3, 1).get(5, 0);
    }

    #[test]
    fn crop_takes_the_rectangle_and_clamps_it() {
        let labels = random_labels(9, 7, 9, 1);
        let part = labels.crop(2, 3, 4, 2);
        for (x, y) in (0..4).flat_map(|x| (0..2).map(move |y| (x, y))) {
            assert_eq!(part.get(x, y), labels.get(x + 2, y + 3));
        }
        let corner = labels.crop(100, 6, 100, 100);
        assert_eq!((corner.width(), corner.height(), corner.get(0, 0)), (1, 1, labels.get(8, 6)));
    }

    #[test]
    fn a_flip_swaps_sides_and_sided_labels_and_undoes_itself() {
        let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        let mut labels = random_labels(9, 7, 7, 2);
        labels.set(0, 0, taxonomy.label_id("left_eye").unwrap());
        let flipped = labels.flip_horizontal(&taxonomy);
        assert_eq!(flipped.get(8, 0), taxonomy.label_id("right_eye").unwrap());
        assert_eq!(flipped.flip_horizontal(&taxonomy), labels);
    }

    #[test]
    fn colours_are_the_taxonomys() {
        let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        let rgb = LabelImage::from_ids(2, 1, vec![1, 7]).unwrap().to_rgb(&taxonomy);
        assert_eq!((rgb.get_pixel(0, 0).0, rgb.get_pixel(1, 0).0), (taxonomy.labels[1].color, UNKNOWN_COLOR));
    }
}
