//! Samples packed for the networks.

use super::{DataError, Sample, SampleSource};
use crate::taxonomy::{LabelId, Taxonomy};

/// `size` (b) samples of `resolution` (R) px with n_c attributes, as flat arrays in the layout of the tensors made of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// b: the number of samples.
    pub size: usize,
    /// R: the side of each, in pixels.
    pub resolution: u32,
    /// [b, 3, R, R], in [−1, 1].
    pub images: Vec<f32>,
    /// [b, R, R].
    pub labels: Vec<LabelId>,
    /// [b, n_c], 0 or 1.
    pub attributes: Vec<f32>,
    /// The samples' indices in their source.
    pub indices: Vec<usize>,
}

impl Batch {
    /// An empty batch with room for `size` samples.
    pub(crate) fn with_capacity(size: usize, resolution: u32, n_attributes: usize) -> Self {
        let pixels = resolution as usize * resolution as usize;
        Self {
            size: 0,
            resolution,
            images: Vec::with_capacity(size * 3 * pixels),
            labels: Vec::with_capacity(size * pixels),
            attributes: Vec::with_capacity(size * n_attributes),
            indices: Vec::with_capacity(size),
        }
    }

    /// The samples at `indices`, not mirrored.
    ///
    /// # Errors
    /// The first sample that cannot be read.
    pub fn of(
        source: &dyn SampleSource,
        indices: impl IntoIterator<Item = usize>,
        resolution: u32,
    ) -> Result<Self, DataError> {
        let taxonomy = source.taxonomy();
        let mut batch = Self::with_capacity(0, resolution, taxonomy.n_attributes());
        for index in indices {
            batch.push(index, &source.sample(index, resolution)?, false, taxonomy);
        }
        Ok(batch)
    }

    /// Appends a sample of the batch's resolution, mirrored left to right if `flip`.
    pub(crate) fn push(&mut self, index: usize, sample: &Sample, flip: bool, taxonomy: &Taxonomy) {
        let (width, pixels) = (sample.image.width() as usize, sample.image.as_raw().as_slice());
        for channel in 0..3 {
            for row in pixels.chunks_exact(3 * width) {
                let values = row.iter().skip(channel).step_by(3).map(|value| f32::from(*value) / 127.5 - 1.0);
                if flip {
                    self.images.extend(values.rev());
                } else {
                    self.images.extend(values);
                }
            }
        }
        if flip {
            self.labels.extend_from_slice(sample.labels.flip_horizontal(taxonomy).ids());
        } else {
            self.labels.extend_from_slice(sample.labels.ids());
        }
        self.attributes.extend_from_slice(&sample.attributes);
        self.indices.push(index);
        self.size += 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::label_image::LabelImage;
    use image::{Rgb, RgbImage};

    #[test]
    fn planes_ranges_and_flips() {
        let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        let [left, right] = ["left_eye", "right_eye"].map(|name| taxonomy.label_id(name).unwrap());
        let mut sample = Sample {
            name: "one".to_owned(),
            image: RgbImage::from_pixel(2, 2, Rgb([0, 255, 51])),
            labels: LabelImage::new(2, 2, 0),
            attributes: vec![0.0, 1.0, 0.0, 1.0, 1.0],
        };
        sample.image.put_pixel(1, 0, Rgb([255, 0, 0]));
        sample.labels.set(1, 0, left);
        let mut batch = Batch::with_capacity(2, 2, 5);
        batch.push(4, &sample, false, &taxonomy);
        batch.push(9, &sample, true, &taxonomy);

        assert_eq!((batch.size, batch.indices.as_slice()), (2, &[4, 9][..]));
        assert_eq!(batch.images[..8], [-1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0]);
        assert!((batch.images[8] + 0.6).abs() < 1e-6);
        assert_eq!(batch.images[12..20], [1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0]);
        assert_eq!(batch.labels, [0, left, 0, 0, right, 0, 0, 0]);
        assert_eq!(batch.attributes.len(), 10);
    }
}
