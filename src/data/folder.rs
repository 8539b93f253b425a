//! The plain folder: `images/`, `masks/`, `attributes.csv`, and an optional `taxonomy.ron`.

use super::attribute_table::AttributeTable;
use super::{DataError, Opened, Sample, SampleSource, photo, square};
use crate::atomic_file::read_capped;
use crate::label_image::{LabelImage, decode_mask_png};
use crate::taxonomy::Taxonomy;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub(super) const IMAGE_EXTENSIONS: [&str; 4] = ["png", "jpg", "jpeg", "webp"];
const MAX_MASK_BYTES: u64 = 256 << 20;
const MAX_TAXONOMY_BYTES: u64 = 1 << 20;
/// How far the shapes of image and mask may differ, as a share of their products of sides.
const SHAPE_TOLERANCE: f64 = 0.01;

/// Image, mask and attributes of one sample.
struct Entry {
    name: String,
    image: PathBuf,
    mask: PathBuf,
    attributes: Vec<f32>,
}

/// Samples of a plain folder, by file name. Images are cut to their largest centred square.
struct FolderSource {
    root: PathBuf,
    taxonomy: Taxonomy,
    entries: Vec<Entry>,
}

/// Whether the folder has this layout.
pub(super) fn is_plain(root: &Path) -> bool {
    root.join("images").is_dir() && root.join("masks").is_dir()
}

/// Opens what is complete and lists what is not: images without a mask or without a row in `attributes.csv`.
///
/// The taxonomy is the folder's own, else the one asked for, else the built-in one with exactly the attributes of the CSV.
pub(super) fn open(root: &Path, asked: Option<&Taxonomy>) -> Result<Opened, DataError> {
    let table = AttributeTable::open(&root.join("attributes.csv"))?;
    let taxonomy = taxonomy_of(root, asked, &table)?;
    let columns = table.columns_of(&taxonomy)?;
    let masks = files_by_stem(&root.join("masks"), &["png"])?;
    let mut images: Vec<(String, PathBuf)> =
        files_by_stem(&root.join("images"), &IMAGE_EXTENSIONS)?.into_iter().collect();
    images.sort();
    let mut entries = Vec::with_capacity(images.len());
    let mut problems = Vec::new();
    for (name, image) in images {
        let attributes = if columns.is_empty() { Some(Vec::new()) } else { table.values(&image, &columns) };
        match (masks.get(&name), attributes) {
            (Some(mask), Some(attributes)) => entries.push(Entry { name, image, mask: mask.clone(), attributes }),
            (None, _) => problems.push(format!("{} has no mask masks/{name}.png", image.display())),
            (_, None) => problems.push(format!("{} has no row in attributes.csv", image.display())),
        }
    }
    let source = FolderSource { root: root.to_path_buf(), taxonomy, entries };
    Ok(Opened { source: Box::new(source), problems })
}

impl SampleSource for FolderSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn describe(&self) -> String {
        format!("plain folder {}: {} images, taxonomy `{}`", self.root.display(), self.len(), self.taxonomy.name)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let entry = self.entries.get(index).ok_or(DataError::Index { index, len: self.len() })?;
        let image = photo::read(&entry.image)?;
        let labels = read_mask(&entry.mask, &self.taxonomy)?;
        check_shape(&entry.mask, image.dimensions(), &labels)?;
        let (image, labels) = square::centre_crop(&image, &labels, resolution);
        Ok(Sample { name: entry.name.clone(), image, labels, attributes: entry.attributes.clone() })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        let entry = self.entries.get(index).ok_or(DataError::Index { index, len: self.len() })?;
        photo::size_px(&entry.image).map(Some)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        let entry = self.entries.get(index);
        entry.map_or_else(Vec::new, |entry| vec![entry.image.clone(), entry.mask.clone()])
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        vec![self.root.join("attributes.csv"), self.root.join("taxonomy.ron")]
    }
}

/// Whose labels and attributes the folder has: its own, else those asked for, else the built-in ones of its CSV.
pub(super) fn taxonomy_of(
    root: &Path,
    asked: Option<&Taxonomy>,
    table: &AttributeTable,
) -> Result<Taxonomy, DataError> {
    let path = root.join("taxonomy.ron");
    if path.exists() {
        let bytes = read_capped(&path, MAX_TAXONOMY_BYTES).map_err(DataError::io(&path))?;
        let read = Taxonomy::from_ron(&String::from_utf8_lossy(&bytes));
        let own = read.map_err(|source| DataError::Taxonomy { path: path.clone(), source: Box::new(source) })?;
        return match asked {
            Some(asked) if !own.has_channels_of(asked) => Err(DataError::content(
                &path,
                format!("its labels or attributes are not those of `{}`, which is asked for", asked.name),
            )),
            _ => Ok(own),
        };
    }
    if let Some(asked) = asked {
        return Ok(asked.clone());
    }
    let known = Taxonomy::builtins().into_iter().find(|taxonomy| table.has_exactly(taxonomy));
    known.ok_or_else(|| {
        let names: Vec<String> = Taxonomy::builtins().into_iter().map(|taxonomy| taxonomy.name).collect();
        let problem = "missing, and attributes.csv has the attributes of no built-in taxonomy; add it, with one of these as model";
        DataError::content(&path, format!("{problem}: {}", names.join(", ")))
    })
}

/// The files of a folder with one of the extensions, in any case, by stem.
fn files_by_stem(folder: &Path, extensions: &[&str]) -> Result<HashMap<String, PathBuf>, DataError> {
    let mut files = HashMap::new();
    for entry in folder.read_dir().map_err(DataError::io(folder))? {
        let path = entry.map_err(DataError::io(folder))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let Some(stem) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { continue };
        // Other programs leave hidden files (`._a.png`, `.DS_Store`) beside ours.
        if stem.starts_with('.') || !extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
            continue;
        }
        if let Some(other) = files.insert(stem, path.clone()) {
            let problem = format!("has the same stem as {}; rename one", other.display());
            return Err(DataError::content(&path, problem));
        }
    }
    Ok(files)
}

fn read_mask(path: &Path, taxonomy: &Taxonomy) -> Result<LabelImage, DataError> {
    let bytes = read_capped(path, MAX_MASK_BYTES).map_err(DataError::io(path))?;
    decode_mask_png(&bytes, taxonomy).map_err(|source| DataError::Mask { path: path.to_path_buf(), source })
}

/// A mask may be smaller than its image (CelebAMask-HQ's are half the size), but not of another shape.
pub(super) fn check_shape(mask: &Path, (width, height): (u32, u32), labels: &LabelImage) -> Result<(), DataError> {
    let one = f64::from(width) * f64::from(labels.height());
    let other = f64::from(height) * f64::from(labels.width());
    if (one - other).abs() <= SHAPE_TOLERANCE * one.max(other) {
        return Ok(());
    }
    let (mask_width, mask_height) = (labels.width(), labels.height());
    let problem = format!("{mask_width}×{mask_height} px, but its image is {width}×{height}; the shapes must agree");
    Err(DataError::content(mask, problem))
}
