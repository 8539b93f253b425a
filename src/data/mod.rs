//! Training samples: readers, the procedural source, and the loader threads.

mod add_pair;
mod attribute_table;
mod batch;
mod ccp;
pub mod convert;
mod csv;
pub mod doctor;
mod error;
mod folder;
mod folder_writer;
mod in_order;
mod label_merge;
mod loader;
mod mat5;
mod order;
pub mod photo;
pub mod procedural;
mod shards;
mod square;

#[cfg(test)]
mod ccp_tests;
#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod loader_tests;

pub use add_pair::add_pair;
pub use batch::Batch;
pub use error::DataError;
pub use in_order::Progress;
pub use loader::{Cursor, Loader, LoaderConfig};
pub use mat5::Mat5Error;

use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use std::path::{Path, PathBuf};
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

impl Sample {
    /// Whether it is what its source promises: square, of that resolution, with the taxonomy's labels and attributes.
    fn check(&self, index: usize, taxonomy: &Taxonomy, resolution: u32) -> Result<(), DataError> {
        let sizes = [self.image.dimensions(), (self.labels.width(), self.labels.height())];
        if sizes == [(resolution, resolution); 2]
            && self.attributes.len() == taxonomy.n_attributes()
            && usize::from(self.labels.max_id()) < taxonomy.n_labels()
        {
            return Ok(());
        }
        Err(DataError::Bug { index, message: "its size, labels or attributes are not those promised".to_owned() })
    }
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

    /// The files that sample `index` alone is read from, whether they exist or not; none past the end. With [`Self::shared_files`]
    /// they tell whether a data set has changed, so a format that has files names them in one of the two.
    fn files(&self, _index: usize) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The files that many samples are read from: attribute tables, taxonomies, files with all images in one.
    fn shared_files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// A data set with what is amiss in it, each problem naming its file.
struct Opened {
    source: Box<dyn SampleSource>,
    problems: Vec<String>,
}

/// Opens a data set: `procedural:portrait`, `procedural:outfit` (drawn from `seed`), a plain folder, a
/// folder of packed shards, or a Clothing Co-Parsing folder.
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
    if shards::is_shards(root) {
        shards::open(root, taxonomy)
    } else if folder::is_plain(root) {
        folder::open(root, taxonomy)
    } else if ccp::is_ccp(root) {
        ccp::open(root, taxonomy)
    } else {
        let problem = "it has neither images/ and masks/ (plain folder) nor *.scgshard files nor photos/ and annotations/pixel-level/ (Clothing Co-Parsing)";
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
