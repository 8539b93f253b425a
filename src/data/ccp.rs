//! Clothing Co-Parsing: street photographs with 59 labels in MATLAB files, merged into the `outfit` taxonomy.

use super::label_merge::LabelMerge;
use super::mat5::{self, Value};
use super::{DataError, Opened, Sample, SampleSource, photo, square};
use crate::atomic_file::read_capped;
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};
use image::RgbImage;
use std::path::{Path, PathBuf};

const MAX_MAT_BYTES: u64 = 64 << 20;
const ANNOTATIONS: &str = "annotations/pixel-level";
const LABEL_LIST: &str = "label_list.mat";

/// The pairs of photo and annotation, by name. The tall photos are padded to squares; attributes are estimated, `Male` is 0.
struct CcpSource {
    root: PathBuf,
    taxonomy: Taxonomy,
    merge: LabelMerge,
    /// What each of the data set's ids becomes.
    merged_ids: Vec<LabelId>,
    names: Vec<String>,
}

/// Whether the folder has this layout.
pub(super) fn is_ccp(root: &Path) -> bool {
    root.join("photos").is_dir() && root.join(ANNOTATIONS).is_dir()
}

/// Opens the pairs and lists annotations that lack their photo. (Photos without one are expected: half of the full set.)
pub(super) fn open(root: &Path, asked: Option<&Taxonomy>) -> Result<Opened, DataError> {
    let merge = LabelMerge::clothing_co_parsing().map_err(|error| DataError::content(root, error.to_string()))?;
    let taxonomy = Taxonomy::builtin(&merge.target)
        .ok_or_else(|| DataError::content(root, format!("no built-in taxonomy `{}` to merge into", merge.target)))?;
    if let Some(asked) = asked.filter(|asked| !asked.has_channels_of(&taxonomy)) {
        let problem = format!("its labels merge into `{}`, but `{}` is asked for", taxonomy.name, asked.name);
        return Err(DataError::content(root, problem));
    }
    let merged_ids = read_label_list(&root.join(LABEL_LIST), &merge, &taxonomy)?;
    let annotations = root.join(ANNOTATIONS);
    let mut names = Vec::new();
    for entry in annotations.read_dir().map_err(DataError::io(&annotations))? {
        let path = entry.map_err(DataError::io(&annotations))?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mat")) {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    let mut problems = Vec::new();
    names.retain(|name| {
        let photo = photo_path(root, name);
        let there = photo.exists();
        if !there {
            problems.push(format!("{ANNOTATIONS}/{name}.mat has no photo {}", photo.display()));
        }
        there
    });
    let source = CcpSource { root: root.to_path_buf(), taxonomy, merge, merged_ids, names };
    Ok(Opened { source: Box::new(source), problems })
}

impl CcpSource {
    fn name(&self, index: usize) -> Result<&str, DataError> {
        self.names.get(index).map(String::as_str).ok_or(DataError::Index { index, len: self.names.len() })
    }

    /// The annotation in our labels, row-major, of the photo's size.
    fn read_labels(&self, name: &str, photo: &RgbImage) -> Result<LabelImage, DataError> {
        let path = annotation_path(&self.root, name);
        let truth = read_variable(&path, "groundtruth")?;
        let Value::Numeric(truth) = truth else {
            return Err(DataError::content(&path, "`groundtruth` is no matrix of numbers"));
        };
        let [height, width] = [photo.height(), photo.width()].map(|side| side as usize);
        if truth.dimensions != [height, width] {
            let problem = format!("`groundtruth` is {:?}, but its photo needs {height}×{width}", truth.dimensions);
            return Err(DataError::content(&path, problem));
        }
        let merged: Result<Vec<LabelId>, DataError> =
            truth.values().into_iter().map(|value| self.merged_id(value, &path)).collect();
        let by_column = merged?;
        let mut by_row = Vec::with_capacity(by_column.len());
        for y in 0..height {
            by_row.extend((0..width).map(|x| by_column[x * height + y]));
        }
        LabelImage::from_ids(photo.width(), photo.height(), by_row)
            .map_err(|e| DataError::content(&path, e.to_string()))
    }

    fn merged_id(&self, value: f64, path: &Path) -> Result<LabelId, DataError> {
        // The cast saturates and truncates, so that negative values, fractions and NaN differ from what it makes of them.
        let id = value as usize;
        let merged = self.merged_ids.get(id).filter(|_| id as f64 == value);
        let largest = self.merged_ids.len().saturating_sub(1);
        merged.copied().ok_or_else(|| DataError::content(path, format!("label {value}; expected 0–{largest}")))
    }
}

impl SampleSource for CcpSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.names.len()
    }

    fn describe(&self) -> String {
        format!(
            "Clothing Co-Parsing {}: {} annotated photos, taxonomy `{}`",
            self.root.display(),
            self.len(),
            self.taxonomy.name
        )
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let name = self.name(index)?;
        let image = photo::read(&photo_path(&self.root, name))?;
        let mut labels = self.read_labels(name, &image)?;
        self.merge.mark_face(&mut labels, &self.taxonomy);
        let attributes = self.merge.estimate_attributes(&image, &labels, &self.taxonomy);
        let (image, labels) = square::pad(&image, &labels, resolution);
        Ok(Sample { name: name.to_owned(), image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        photo::size_px(&photo_path(&self.root, self.name(index)?)).map(Some)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        let files = |name: &str| vec![photo_path(&self.root, name), annotation_path(&self.root, name)];
        self.name(index).map(files).unwrap_or_default()
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        vec![self.root.join(LABEL_LIST)]
    }
}

fn photo_path(root: &Path, name: &str) -> PathBuf {
    root.join("photos").join(format!("{name}.jpg"))
}

fn annotation_path(root: &Path, name: &str) -> PathBuf {
    root.join(ANNOTATIONS).join(format!("{name}.mat"))
}

/// What each id becomes, by the names in `label_list.mat`.
fn read_label_list(path: &Path, merge: &LabelMerge, taxonomy: &Taxonomy) -> Result<Vec<LabelId>, DataError> {
    let Value::Cells(cells) = read_variable(path, "label_list")? else {
        return Err(DataError::content(path, "`label_list` is no cell array"));
    };
    let ids = cells.iter().map(|cell| match cell {
        Value::Text(name) => merge
            .label_id(name, taxonomy)
            .ok_or_else(|| DataError::content(path, format!("taxonomy `{}` has no label for `{name}`", taxonomy.name))),
        _ => Err(DataError::content(path, "`label_list` has a cell that is no text")),
    });
    ids.collect()
}

fn read_variable(path: &Path, name: &str) -> Result<Value, DataError> {
    let bytes = read_capped(path, MAX_MAT_BYTES).map_err(DataError::io(path))?;
    let variables = mat5::read(&bytes).map_err(|source| DataError::Mat { path: path.to_path_buf(), source })?;
    let found = variables.into_iter().find(|(variable, _)| variable == name);
    found.map(|(_, value)| value).ok_or_else(|| DataError::content(path, format!("no variable `{name}` in it")))
}
