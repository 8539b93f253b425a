//! Training samples: readers, the procedural source, and the loader threads.

mod attribute_table;
mod batch;
mod ccp;
mod csv;
pub mod doctor;
mod error;
mod folder;
mod label_merge;
mod loader;
mod mat5;
mod order;
pub mod photo;
pub mod procedural;
mod square;

#[cfg(test)]
mod ccp_tests;
#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod loader_tests;

pub use batch::Batch;
pub use error::DataError;
pub use loader::{Cursor, Loader, LoaderConfig};
pub use mat5::Mat5Error;

use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use std::path::Path;
use std::sync::Arc;

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

    /// Width and height of the stored image in pixels, before it becomes square; none if it is made at any size.
    ///
    /// # Errors
    /// As [`Self::sample`].
    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        if index < self.len() { Ok(None) } else { Err(DataError::Index { index, len: self.len() }) }
    }
}

/// A data set with what is amiss in it, each problem naming its file.
struct Opened {
    source: Box<dyn SampleSource>,
    problems: Vec<String>,
}

/// Opens a data set: `procedural:portrait`, `procedural:outfit` (drawn from `seed`), a plain folder, or a Clothing Co-Parsing folder.
///
/// `taxonomy` is the one that the samples must have; without it the data set's own is taken.
///
/// # Errors
/// No such data set, another taxonomy than asked for, no samples, or images without masks or attributes.
pub fn open(spec: &str, taxonomy: Option<&Taxonomy>, seed: u64) -> Result<Arc<dyn SampleSource>, DataError> {
    let Opened { source, problems } = open_leniently(spec, taxonomy, seed)?;
    if let [first, rest @ ..] = problems.as_slice() {
        let others = rest.iter().take(2).map(|problem| format!("; {problem}")).collect::<String>();
        let problem = format!("amiss in {} places: {first}{others}; `scgan dataset inspect` lists all", problems.len());
        return Err(DataError::content(Path::new(spec), problem));
    }
    if source.is_empty() {
        return Err(DataError::content(Path::new(spec), "holds no samples"));
    }
    Ok(Arc::from(source))
}

fn open_leniently(spec: &str, taxonomy: Option<&Taxonomy>, seed: u64) -> Result<Opened, DataError> {
    if let Some(kind) = spec.strip_prefix("procedural:") {
        let source = open_procedural(spec, kind, taxonomy, seed)?;
        return Ok(Opened { source: Box::new(source), problems: Vec::new() });
    }
    let root = Path::new(spec);
    root.read_dir().map_err(DataError::io(root))?;
    if folder::is_plain(root) {
        folder::open(root, taxonomy)
    } else if ccp::is_ccp(root) {
        ccp::open(root, taxonomy)
    } else {
        let problem = "it has neither images/ and masks/ (plain folder) nor photos/ and annotations/pixel-level/ (Clothing Co-Parsing)";
        Err(DataError::Spec { spec: spec.to_owned(), problem: problem.to_owned() })
    }
}

fn open_procedural(
    spec: &str,
    kind: &str,
    taxonomy: Option<&Taxonomy>,
    seed: u64,
) -> Result<procedural::ProceduralSource, DataError> {
    let wrong = |problem: String| DataError::Spec { spec: spec.to_owned(), problem };
    let kind = procedural::Kind::from_name(kind)
        .ok_or_else(|| wrong("use procedural:portrait or procedural:outfit".to_owned()))?;
    let source = procedural::source(kind, seed);
    match taxonomy {
        Some(wanted) if !wanted.has_channels_of(source.taxonomy()) => {
            Err(wrong(format!("its taxonomy is `{kind}`, not `{}`; use another data set or model", wanted.name)))
        }
        _ => Ok(source),
    }
}
