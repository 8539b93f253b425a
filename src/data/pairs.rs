//! Data sets that are folders of images with folders of masks beside them.

use super::attribute_table::AttributeValues;
use super::listing::{self, Listing, stem};
use super::options::Indexing;
use super::plan::Plan;
use super::{DataError, Format, Sample, SampleSource, photo, square};
use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use std::path::PathBuf;

/// Extensions of images, and what a mask is written as.
pub(super) const IMAGE_EXTENSIONS: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
/// How far the shapes of image and mask may differ, as a share of their products of sides.
const SHAPE_TOLERANCE: f64 = 0.01;

/// An image, its mask and its row of attributes, in as few bytes as a data set of hundreds of thousands needs.
struct Pair {
    image: Box<str>,
    /// None: the image's stem with the folder's suffix and `.png`.
    mask: Option<Box<str>>,
    folder: u16,
    row: u32,
}

/// Where images and their masks lie, and what a mask's stem has behind its image's.
pub(super) struct PairFolder {
    pub(super) images: PathBuf,
    pub(super) masks: PathBuf,
    pub(super) suffix: &'static str,
}

/// The pairs of some folders, each folder's by name.
#[derive(Default)]
pub(super) struct Pairs {
    folders: Vec<PairFolder>,
    pairs: Vec<Pair>,
}

impl Pairs {
    /// Adds the complete pairs of a folder. Images without a mask, or that `row` does not know, are problems; masks without
    /// an image are not. `rows` names the list of attributes.
    pub(super) fn add(
        &mut self,
        folder: PairFolder,
        rows: &str,
        mut row: impl FnMut(&str) -> Option<u32>,
        indexing: &mut Indexing<'_>,
        problems: &mut Vec<String>,
    ) -> Result<(), DataError> {
        let images = Listing::read(&folder.images, &IMAGE_EXTENSIONS, indexing, problems)?;
        let mut masks = Listing::read(&folder.masks, &["png"], indexing, problems)?.names;
        masks.sort_unstable_by(|one, other| image_stem(one, folder.suffix).cmp(image_stem(other, folder.suffix)));
        let number = u16::try_from(self.folders.len())
            .map_err(|_| DataError::content(&folder.images, "too many folders of images"))?;
        let mask_folder = folder.masks.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.pairs.reserve(images.names.len());
        for image in images.names {
            let name = stem(&image);
            let expected = format!("{name}{}.png", folder.suffix);
            let mask = masks.binary_search_by(|mask| image_stem(mask, folder.suffix).cmp(name));
            let mask = mask.ok().and_then(|at| masks.get(at));
            let Some(mask) = mask else {
                let image = images.folder.join(&*image);
                problems.push(format!("{} has no mask {mask_folder}/{expected}", image.display()));
                continue;
            };
            let Some(row) = row(&image) else {
                problems.push(format!("{} has no row in {rows}", images.folder.join(&*image).display()));
                continue;
            };
            let mask = (**mask != *expected).then(|| mask.clone());
            self.pairs.push(Pair { image, mask, folder: number, row });
        }
        self.folders.push(folder);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The stems of the images.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|pair| stem(&pair.image))
    }

    fn get(&self, index: usize) -> Result<(&Pair, &PairFolder), DataError> {
        let pair = self.pairs.get(index);
        pair.and_then(|pair| Some((pair, self.folders.get(usize::from(pair.folder))?)))
            .ok_or(DataError::Index { index, len: self.pairs.len() })
    }
}

/// A mask's stem without what its image's lacks. Some copies of a data set have the suffix, some have not.
fn image_stem<'a>(mask: &'a str, suffix: &str) -> &'a str {
    let stem = stem(mask);
    stem.strip_suffix(suffix).unwrap_or(stem)
}

/// How an image becomes square.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fit {
    /// The largest centred square: faces, which are in the middle.
    CentreCrop,
    /// All of it, with strips beside: figures, from head to foot.
    Pad,
}

/// Samples that are pairs of files.
pub(super) struct PairSource {
    pub(super) format: Format,
    pub(super) root: PathBuf,
    pub(super) plan: Plan,
    pub(super) pairs: Pairs,
    pub(super) values: AttributeValues,
    pub(super) fit: Fit,
}

impl SampleSource for PairSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.plan.taxonomy
    }

    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn describe(&self) -> String {
        let (title, root, taxonomy) = (self.format.title(), self.root.display(), &self.plan.taxonomy.name);
        format!("{title} {root}: {} images, taxonomy `{taxonomy}`", self.len())
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let (pair, folder) = self.pairs.get(index)?;
        let image = photo::read(&folder.images.join(&*pair.image))?;
        let mask_path = pair.mask_path(folder);
        let labels = self.plan.read_mask(&mask_path)?;
        check_shape(image.dimensions(), &labels).map_err(|problem| DataError::content(&mask_path, problem))?;
        let labels = self.plan.merged(labels);
        let attributes = self.plan.attributes(self.values.row(pair.row), &image, &labels);
        let (image, labels) = match self.fit {
            Fit::CentreCrop => square::centre_crop(&image, &labels, resolution),
            Fit::Pad => square::pad(&image, &labels, resolution),
        };
        Ok(Sample { name: stem(&pair.image).to_owned(), image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        let (pair, folder) = self.pairs.get(index)?;
        photo::size_px(&folder.images.join(&*pair.image)).map(Some)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        let found = self.pairs.get(index);
        found.map_or_else(
            |_| Vec::new(),
            |(pair, folder)| vec![folder.images.join(&*pair.image), pair.mask_path(folder)],
        )
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        listing::tables(&self.root)
    }
}

impl Pair {
    fn mask_path(&self, folder: &PairFolder) -> PathBuf {
        match &self.mask {
            Some(mask) => folder.masks.join(&**mask),
            None => folder.masks.join(format!("{}{}.png", stem(&self.image), folder.suffix)),
        }
    }
}

/// A mask may be smaller than its image (CelebAMask-HQ's are half the size), but not of another shape.
pub(super) fn check_shape((width, height): (u32, u32), labels: &LabelImage) -> Result<(), String> {
    let one = f64::from(width) * f64::from(labels.height());
    let other = f64::from(height) * f64::from(labels.width());
    if (one - other).abs() <= SHAPE_TOLERANCE * one.max(other) {
        return Ok(());
    }
    let (mask_width, mask_height) = (labels.width(), labels.height());
    Err(format!("{mask_width}×{mask_height} px, but its image is {width}×{height}; the shapes must agree"))
}
