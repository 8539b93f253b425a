//! Training samples: readers, the procedural source, and the loader threads.

pub mod batch;
mod error;

pub use batch::Batch;
pub use error::DataError;

use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use image::RgbImage;

/// An image with its mask and attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// File stem, or a name made from the index.
    pub name: String,
    /// The image.
    pub image: RgbImage,
    /// The mask, of the image's size.
    pub labels: LabelImage,
    /// 0 or 1 each, in the taxonomy's flat order.
    pub attributes: Vec<f32>,
}

/// A data set that can be read at random, from any thread.
pub trait SampleSource: Send + Sync {
    /// The labels and attributes of all its samples.
    fn taxonomy(&self) -> &Taxonomy;

    /// Number of samples.
    fn len(&self) -> usize;

    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One line for people: format, place, number of samples.
    fn describe(&self) -> String;

    /// Sample `index` as a square of `resolution` px: the image resized with a good filter, the labels by nearest neighbour in
    /// the same geometry. How a photo becomes square is the format's choice. The same arguments give the same sample.
    ///
    /// # Errors
    /// An index past the end, or files that cannot be read; the error names them.
    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError>;
}
