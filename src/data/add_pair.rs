//! One more pair in a plain folder.
//!
//! A sample of a plain folder is an image: masks and rows without one count for nothing. So the mask is written first, then the rows,
//! and the image last and in one step. Whenever the process is killed, the folder opens and holds the pairs whose image is there;
//! a mask or row that was left over only keeps its name from being given again.

use super::attribute_table::AttributeTable;
use super::folder_writer::{ImageEncoding, Stems, header, row};
use super::options::Indexing;
use super::{DataError, OpenOptions, open_leniently};
use crate::atomic_file::{read_capped, write_atomic};
use crate::label_image::{LabelImage, encode_mask_png};
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

#[cfg(test)]
mod tests;

const MAX_TABLE_BYTES: u64 = 256 << 20;
const MAX_TAXONOMY_BYTES: u64 = 1 << 20;
/// How far the shapes of image and mask may differ, as a share of their products of sides: what the reader allows.
const SHAPE_TOLERANCE: f64 = 0.01;
const IMAGES: &str = "images";
const MASKS: &str = "masks";
const ATTRIBUTES: &str = "attributes.csv";
const TAXONOMY: &str = "taxonomy.ron";
/// Says which part a sample is in, where it is there: header `file,split`.
const SPLITS: &str = "split.csv";
/// The part of a pair that somebody adds to learn from.
const NEW_SPLIT: &str = "train";

/// Adds an image with its mask and attributes (n_c values, above 0.5 for 1) to the plain folder at `root`, which is made if it is not
/// there or is empty. Returns the pair's name: `name_hint`, or one like it that is free. The mask may have another size than the
/// image, but not another shape. Columns of `attributes.csv` that the taxonomy lacks get 0;
/// a folder with a `split.csv` gets the pair in its part `train`.
///
/// One process at a time may add to a folder; others may read it meanwhile.
///
/// # Errors
/// The folder holds something else or has another taxonomy, image, mask and attributes don't fit together, or a file cannot
/// be written. The folder then is as it was, but for a mask or row without an image, which count for nothing.
pub fn add_pair(
    root: &Path,
    name_hint: &str,
    image: &RgbImage,
    labels: &LabelImage,
    attributes: &[f32],
    taxonomy: &Taxonomy,
) -> Result<String, DataError> {
    Pair { image, labels, attributes, taxonomy }.add_to(root, name_hint, &mut |_| Ok(()))
}

/// What has been done, for tests that stop there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Checked,
    TaxonomyWritten,
    ImagesMade,
    MasksMade,
    MaskWritten,
    RowWritten,
    SplitWritten,
    ImageWritten,
}

/// Called after each stage; an error ends the work there and then.
type AfterStage<'a> = dyn FnMut(Stage) -> Result<(), DataError> + 'a;

struct Pair<'a> {
    image: &'a RgbImage,
    labels: &'a LabelImage,
    attributes: &'a [f32],
    taxonomy: &'a Taxonomy,
}

impl Pair<'_> {
    fn add_to(&self, root: &Path, name_hint: &str, after: &mut AfterStage<'_>) -> Result<String, DataError> {
        let table_path = root.join(ATTRIBUTES);
        let table = AttributeTable::open(&table_path, &mut Indexing::new(&mut |_| ControlFlow::Continue(())))?;
        check_folder(root)?;
        self.check_taxonomy(root, &table)?;
        self.check_fit(root)?;
        let encoding = ImageEncoding::Png;
        let image = encoding.encode(self.image).map_err(|error| DataError::content(root, error.to_string()))?;
        let mask = encode_mask_png(self.labels, self.taxonomy)
            .map_err(|source| DataError::Mask { path: root.to_path_buf(), source })?;
        let name = free_name(root, &table, name_hint)?;
        after(Stage::Checked)?;

        self.make_folder(root, after)?;
        write(&root.join(MASKS).join(format!("{name}.png")), &mask)?;
        after(Stage::MaskWritten)?;
        let image_name = format!("{name}.{}", encoding.extension());
        if self.taxonomy.n_attributes() > 0 {
            write(&table_path, self.extended(&table_path, &table, &image_name)?.as_bytes())?;
        }
        after(Stage::RowWritten)?;
        let splits = root.join(SPLITS);
        if splits.exists() {
            write(&splits, with_line(&splits, &format!("{image_name},{NEW_SPLIT}\n"))?.as_bytes())?;
        }
        after(Stage::SplitWritten)?;
        write(&root.join(IMAGES).join(image_name), &image)?;
        after(Stage::ImageWritten)?;
        Ok(name)
    }

    /// The folder's labels and attributes must be the pair's. A folder without samples has none yet.
    fn check_taxonomy(&self, root: &Path, table: &AttributeTable) -> Result<(), DataError> {
        let Some(own) = own_taxonomy(root, table)? else { return Ok(()) };
        if root.join(ATTRIBUTES).exists() {
            let missing = own.attribute_names().find(|name| !table.attributes.iter().any(|known| known == name));
            if let Some(name) = missing {
                return Err(DataError::content(&root.join(ATTRIBUTES), format!("no column `{name}`; add it")));
            }
        }
        if own.has_channels_of(self.taxonomy) {
            return Ok(());
        }
        let (own, mine) = (&own.name, &self.taxonomy.name);
        let names = if own == mine { format!("another version of `{own}`") } else { format!("`{own}`, not `{mine}`") };
        let problem =
            format!("the labels or attributes of this data set are those of {names}; add the pair to another folder");
        Err(DataError::content(root, problem))
    }

    fn check_fit(&self, root: &Path) -> Result<(), DataError> {
        let Self { image, labels, attributes, taxonomy } = self;
        if image.width() == 0 || image.height() == 0 {
            return Err(DataError::content(root, "the image to add is empty"));
        }
        let one = f64::from(image.width()) * f64::from(labels.height());
        let other = f64::from(image.height()) * f64::from(labels.width());
        if (one - other).abs() > SHAPE_TOLERANCE * one.max(other) {
            let sizes = [image.dimensions(), (labels.width(), labels.height())].map(|(w, h)| format!("{w}×{h}"));
            let problem =
                format!("the mask to add is {} px, but its image {}; the shapes must agree", sizes[1], sizes[0]);
            return Err(DataError::content(root, problem));
        }
        if attributes.len() != taxonomy.n_attributes() {
            let problem =
                format!("{} attributes for the {} of `{}`", attributes.len(), taxonomy.n_attributes(), taxonomy.name);
            return Err(DataError::content(root, problem));
        }
        Ok(())
    }

    /// What makes the folder one of ours: the taxonomy first, so that a folder with images has one.
    fn make_folder(&self, root: &Path, after: &mut AfterStage<'_>) -> Result<(), DataError> {
        fs::create_dir_all(root).map_err(DataError::io(root))?;
        let path = root.join(TAXONOMY);
        if !path.exists() && is_empty(&root.join(IMAGES)) {
            let wrong = |source| DataError::Taxonomy { path: path.clone(), source: Box::new(source) };
            write(&path, self.taxonomy.to_ron().map_err(wrong)?.as_bytes())?;
        }
        after(Stage::TaxonomyWritten)?;
        for (name, stage) in [(IMAGES, Stage::ImagesMade), (MASKS, Stage::MasksMade)] {
            let folder = root.join(name);
            fs::create_dir_all(&folder).map_err(DataError::io(&folder))?;
            after(stage)?;
        }
        Ok(())
    }

    /// The table's text with one more row.
    fn extended(&self, path: &Path, table: &AttributeTable, image_name: &str) -> Result<String, DataError> {
        if !path.exists() {
            let values = self.attributes.iter().copied();
            return Ok(header(self.taxonomy.attribute_names()) + &row(image_name, values));
        }
        let value = |name: &String| {
            let index = self.taxonomy.attribute_index(name)?;
            self.attributes.get(index).copied()
        };
        with_line(path, &row(image_name, table.attributes.iter().map(|name| value(name).unwrap_or(0.0))))
    }
}

/// A table's text with one more line.
fn with_line(path: &Path, line: &str) -> Result<String, DataError> {
    let bytes = read_capped(path, MAX_TABLE_BYTES).map_err(DataError::io(path))?;
    let mut text =
        String::from_utf8(bytes).map_err(|_| DataError::content(path, "not UTF-8 text; save it as UTF-8"))?;
    if !text.ends_with(['\n', '\r']) {
        text.push('\n');
    }
    Ok(text + line)
}

/// Whose labels and attributes the samples of the folder have; none if it has no samples and does not say.
fn own_taxonomy(root: &Path, table: &AttributeTable) -> Result<Option<Taxonomy>, DataError> {
    let path = root.join(TAXONOMY);
    if path.exists() {
        let bytes = read_capped(&path, MAX_TAXONOMY_BYTES).map_err(DataError::io(&path))?;
        let read = Taxonomy::from_ron(&String::from_utf8_lossy(&bytes));
        return read.map(Some).map_err(|source| DataError::Taxonomy { path, source: Box::new(source) });
    }
    if table.attributes.is_empty() && is_empty(&root.join(IMAGES)) {
        return Ok(None);
    }
    // The reader knows how to tell without the file.
    let options = OpenOptions::default();
    let opened = open_leniently(&root.to_string_lossy(), &options, &mut |_| ControlFlow::Continue(()))?;
    Ok(Some(opened.source.taxonomy().clone()))
}

/// Refuses a folder that holds other things: it is somebody else's.
fn check_folder(root: &Path) -> Result<(), DataError> {
    if !root.exists() {
        return Ok(());
    }
    for entry in root.read_dir().map_err(DataError::io(root))? {
        let name = entry.map_err(DataError::io(root))?.file_name();
        let ours = [IMAGES, MASKS, ATTRIBUTES, TAXONOMY, SPLITS].iter().any(|known| name == *known);
        let is_plain = root.join(IMAGES).is_dir() && root.join(MASKS).is_dir();
        if !ours && !is_plain && !name.as_encoded_bytes().starts_with(b".") {
            let problem = format!(
                "holds `{}`, so it is no data set of images/ and masks/; choose such a one, or an empty folder",
                name.display()
            );
            return Err(DataError::content(root, problem));
        }
    }
    Ok(())
}

/// Whether a folder is not there or holds nothing but hidden files.
fn is_empty(folder: &Path) -> bool {
    let hidden = |name: std::ffi::OsString| name.as_encoded_bytes().starts_with(b".");
    folder.read_dir().map_or(true, |entries| entries.flatten().all(|entry| hidden(entry.file_name())))
}

/// A name that neither an image, nor a mask, nor a row has.
fn free_name(root: &Path, table: &AttributeTable, hint: &str) -> Result<String, DataError> {
    let mut stems = Stems::default();
    for folder in [IMAGES, MASKS].map(|name| root.join(name)) {
        if !folder.exists() {
            continue;
        }
        for entry in folder.read_dir().map_err(DataError::io(&folder))? {
            let name = entry.map_err(DataError::io(&folder))?.file_name();
            stems.take(&Path::new(&name).file_stem().unwrap_or_default().to_string_lossy());
        }
    }
    for file in table.files() {
        stems.take(file);
        // A row may name its image with or without the extension.
        stems.take(&Path::new(file).file_stem().unwrap_or_default().to_string_lossy());
    }
    Ok(stems.free(hint))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    write_atomic(path, bytes).map_err(DataError::io(path))
}
