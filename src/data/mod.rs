//! Training samples: readers, the procedural source, and the loader threads.

mod adapt;
mod add_pair;
mod attribute_table;
mod batch;
mod ccp;
mod celeba;
mod celeba_lists;
mod celebamask;
mod characters;
pub mod convert;
mod csv;
mod detect;
pub mod doctor;
mod error;
mod fashion_synthesis;
mod folder;
mod folder_writer;
mod hdf5_planes;
mod in_order;
mod label_merge;
mod label_set;
mod lapa;
mod listing;
mod loader;
mod mat5;
mod mat_file;
mod multimodal;
mod options;
mod order;
mod pairs;
pub mod photo;
mod plan;
pub mod procedural;
mod render;
mod shards;
pub(crate) mod square;
mod subset;

#[cfg(test)]
mod ccp_tests;
#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod loader_tests;

pub use add_pair::add_pair;
pub use batch::Batch;
pub use characters::CharacterSource;
pub use detect::{Format, detect};
pub use error::DataError;
pub use in_order::Progress;
pub use loader::{Cursor, Loader, LoaderConfig};
pub use mat5::Mat5Error;
pub use options::{IndexProgress, OpenOptions, Split};
pub use render::{Rendered, contact_sheet, first_samples, render};

use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use options::Indexing;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the names of data sets begin with that are drawn when they are needed.
pub const DRAWN: &str = "procedural:";
/// What the names of data sets begin with that are rendered when they are needed.
pub const RENDERED: &str = "characters:";

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
    /// The part that each sample is in; [`Split::All`] for those in none.
    splits: Vec<Split>,
}

/// Opens a data set: `procedural:portrait`, `procedural:outfit` (drawn from the options' seed), `characters:face?assets=DIR`,
/// `characters:outfit?assets=DIR` (rendered from the seed), or a folder of any [`Format`], or the
/// one that holds it.
///
/// # Errors
/// No such data set, a taxonomy or attributes that it cannot deliver, no samples, or anything amiss that names and lists
/// show: images without masks or attributes, wrong counts. What lies inside images and masks shows when they are read.
pub fn open(spec: &str, options: &OpenOptions) -> Result<Arc<dyn SampleSource>, DataError> {
    open_with(spec, options, &mut |_| ControlFlow::Continue(()))
}

/// [`open`], telling `progress` every thousand names how many there are, on this thread. It may break off.
///
/// # Errors
/// As [`open`]; [`DataError::Cancelled`] after a break.
pub fn open_with(
    spec: &str,
    options: &OpenOptions,
    progress: &mut dyn FnMut(IndexProgress) -> ControlFlow<()>,
) -> Result<Arc<dyn SampleSource>, DataError> {
    let Opened { source, problems, .. } = open_leniently(spec, options, progress)?;
    match problems.as_slice() {
        [] => {}
        [only] => return Err(DataError::content(Path::new(spec), only)),
        [first, rest @ ..] => {
            let others = rest.iter().take(2).map(|problem| format!("; {problem}")).collect::<String>();
            let problem =
                format!("amiss in {} places: {first}{others}; `scgan dataset inspect` lists all", problems.len());
            return Err(DataError::content(Path::new(spec), problem));
        }
    }
    if source.is_empty() {
        return Err(DataError::content(Path::new(spec), "holds no samples"));
    }
    Ok(Arc::from(source))
}

/// As [`open_with`], but what is amiss in single samples is listed, and the others are opened.
fn open_leniently(
    spec: &str,
    options: &OpenOptions,
    progress: &mut dyn FnMut(IndexProgress) -> ControlFlow<()>,
) -> Result<Opened, DataError> {
    if let Some(kind) = spec.strip_prefix(DRAWN) {
        return open_procedural(spec, kind, options)?.part(options.split, spec);
    }
    if let Some(text) = spec.strip_prefix(RENDERED) {
        let source = characters::Asked::parse(spec, text)?.open(options.seed)?;
        let splits = source.splits();
        let source = adapt::adapt(Box::new(source), options, Path::new(spec))?;
        return Opened { source, problems: Vec::new(), splits }.part(options.split, spec);
    }
    let indexing = &mut Indexing::new(progress);
    let (format, root) = detect::locate(Path::new(spec))?;
    let opened = match format {
        Format::Plain => folder::open(&root, options, indexing),
        Format::CelebA => celeba::open(&root, options, indexing),
        Format::CelebAMaskParts => celebamask::open_parts(&root, options, indexing),
        Format::CelebAMaskMerged => celebamask::open_merged(&root, options, indexing),
        Format::FashionSynthesis => fashion_synthesis::open(&root, options, indexing),
        Format::ClothingCoParsing => ccp::open(&root, options, indexing),
        Format::Lapa => lapa::open(&root, options, indexing),
        Format::MultiModal => multimodal::open(&root, options, indexing),
        Format::Shards => shards::open(&root, options),
    }?;
    indexing.tell()?;
    opened.part(options.split, spec)
}

fn open_procedural(spec: &str, kind: &str, options: &OpenOptions) -> Result<Opened, DataError> {
    let kind = procedural::Kind::from_name(kind).ok_or_else(|| DataError::Spec {
        spec: spec.to_owned(),
        problem: "use procedural:portrait or procedural:outfit".to_owned(),
    })?;
    let source = procedural::source(kind, options.seed);
    let splits = (0..source.len()).map(|index| Split::of_name(&source.name(index))).collect();
    let source = adapt::adapt(Box::new(source), options, Path::new(spec))?;
    Ok(Opened { source, problems: Vec::new(), splits })
}
