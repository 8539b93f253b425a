//! Clothing Co-Parsing: street photographs with 59 labels in MATLAB files, merged into the `outfit` taxonomy.

use super::listing::{Listing, stem};
use super::mat_file;
use super::mat5::Value;
use super::options::Indexing;
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Sample, SampleSource, Split, celeba, label_set, photo, square};
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, MAX_LABELS, Taxonomy};
use image::RgbImage;
use std::path::{Path, PathBuf};

const LABELS: &str = "label_list.mat";
const ANNOTATIONS: &str = "annotations/pixel-level";

/// The pairs of photo and annotation, by name. The tall photos are padded to squares; attributes are estimated, `Male` is 0.
struct CcpSource {
    root: PathBuf,
    plan: Plan,
    names: Vec<Box<str>>,
}

/// Whether the folder has this layout.
pub(super) fn is_ccp(root: &Path) -> bool {
    root.join("photos").is_dir() && root.join(ANNOTATIONS).is_dir()
}

/// Opens the pairs and lists annotations that lack their photo. (Photos without one are expected: half of the full set.)
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let native = read_label_list(&root.join(LABELS))?;
    let usual = celeba::builtin("outfit", root)?;
    let plan = Plan::new(Offer { native, usual, columns: &[], place: root }, options)?;
    let mut problems = Vec::new();
    let annotations = Listing::read(&root.join(ANNOTATIONS), &["mat"], indexing, &mut problems)?;
    let mut photos = Listing::read(&root.join("photos"), &["jpg"], indexing, &mut problems)?.names;
    photos.iter_mut().for_each(|name| *name = stem(name).into());
    let mut names: Vec<Box<str>> = annotations.names.iter().map(|name| stem(name).into()).collect();
    names.retain(|name| {
        let there = photos.binary_search(name).is_ok();
        if !there {
            problems.push(format!("{ANNOTATIONS}/{name}.mat has no photo {}", photo_path(root, name).display()));
        }
        there
    });
    let splits = names.iter().map(|name| Split::of_name(name)).collect();
    let source = CcpSource { root: root.to_path_buf(), plan, names };
    Ok(Opened { source: Box::new(source), problems, splits })
}

impl CcpSource {
    fn name(&self, index: usize) -> Result<&str, DataError> {
        self.names.get(index).map(|name| &**name).ok_or(DataError::Index { index, len: self.names.len() })
    }

    /// The annotation in the data set's labels, row-major, of the photo's size.
    fn read_labels(&self, name: &str, photo: &RgbImage) -> Result<LabelImage, DataError> {
        let path = self.root.join(ANNOTATIONS).join(format!("{name}.mat"));
        let truth = mat_file::variable(&path, "groundtruth")?;
        let Value::Numeric(truth) = truth else {
            return Err(DataError::content(&path, "`groundtruth` is no matrix of numbers"));
        };
        let [height, width] = [photo.height(), photo.width()].map(|side| side as usize);
        if truth.dimensions != [height, width] {
            let problem = format!("`groundtruth` is {:?}, but its photo needs {height}×{width}", truth.dimensions);
            return Err(DataError::content(&path, problem));
        }
        let ids: Result<Vec<LabelId>, DataError> =
            truth.values().into_iter().map(|value| self.label_id(value, &path)).collect();
        let by_column = ids?;
        let mut by_row = Vec::with_capacity(by_column.len());
        for y in 0..height {
            by_row.extend((0..width).map(|x| by_column[x * height + y]));
        }
        LabelImage::from_ids(photo.width(), photo.height(), by_row)
            .map_err(|e| DataError::content(&path, e.to_string()))
    }

    fn label_id(&self, value: f64, path: &Path) -> Result<LabelId, DataError> {
        let largest = self.plan.largest_id();
        // The cast saturates and truncates, so that negative values, fractions and NaN differ from what it makes of them.
        let id = value as LabelId;
        let known = f64::from(id) == value && usize::from(id) <= largest;
        known.then_some(id).ok_or_else(|| DataError::content(path, format!("label {value}; expected 0–{largest}")))
    }
}

impl SampleSource for CcpSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.plan.taxonomy
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn describe(&self) -> String {
        let (title, root) = (Format::ClothingCoParsing.title(), self.root.display());
        format!("{title} {root}: {} annotated photos, taxonomy `{}`", self.len(), self.plan.taxonomy.name)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let name = self.name(index)?;
        let image = photo::read(&photo_path(&self.root, name))?;
        let labels = self.plan.merged(self.read_labels(name, &image)?);
        let attributes = self.plan.attributes(&[], &image, &labels);
        let (image, labels) = square::pad(&image, &labels, resolution);
        Ok(Sample { name: name.to_owned(), image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        photo::size_px(&photo_path(&self.root, self.name(index)?)).map(Some)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        let annotation = |name: &str| self.root.join(ANNOTATIONS).join(format!("{name}.mat"));
        self.name(index).map(|name| vec![photo_path(&self.root, name), annotation(name)]).unwrap_or_default()
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        vec![self.root.join("label_list.mat")]
    }
}

fn photo_path(root: &Path, name: &str) -> PathBuf {
    root.join("photos").join(format!("{name}.jpg"))
}

/// The labels, by id, as `label_list.mat` names them.
fn read_label_list(path: &Path) -> Result<Taxonomy, DataError> {
    let Value::Cells(cells) = mat_file::variable(path, "label_list")? else {
        return Err(DataError::content(path, "`label_list` is no cell array"));
    };
    if cells.len() > MAX_LABELS {
        let problem = format!("`label_list` has {} names; expected at most {MAX_LABELS}", cells.len());
        return Err(DataError::content(path, problem));
    }
    let name = |cell| match cell {
        Value::Text(name) => Ok(name),
        _ => Err(DataError::content(path, "`label_list` has a cell that is no text")),
    };
    let names: Result<Vec<String>, DataError> = cells.into_iter().map(name).collect();
    Ok(label_set::taxonomy("clothing-co-parsing", "Clothing Co-Parsing's", &names?))
}
