//! One more pair in a plain folder.
//!
//! A sample of a plain folder is an image: masks and rows without one count for nothing. So the mask is written first, then the row,
//! and the image last and in one step. Whenever the process is killed, the folder opens and holds the pairs whose image is there;
//! a mask or row that was left over only keeps its name from being given again.

use super::DataError;
use super::attribute_table::AttributeTable;
use super::folder::{IMAGE_EXTENSIONS, check_shape, taxonomy_of};
use super::folder_writer::{ImageEncoding, Stems, header, row};
use crate::atomic_file::{read_capped, write_atomic};
use crate::label_image::{LabelImage, encode_mask_png};
use crate::taxonomy::Taxonomy;
use image::RgbImage;
use std::fs;
use std::path::Path;

const MAX_TABLE_BYTES: u64 = 256 << 20;
const IMAGES: &str = "images";
const MASKS: &str = "masks";
const ATTRIBUTES: &str = "attributes.csv";
const TAXONOMY: &str = "taxonomy.ron";

/// Adds an image with its mask and attributes (n_c values, above 0.5 for 1) to the plain folder at `root`, which is made if it is not
/// there or is empty. Returns the pair's name: `name_hint`, or one like it that is free. The mask may have another size than the
/// image, but not another shape. Columns of `attributes.csv` that the taxonomy lacks get 0.
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
        let table = AttributeTable::open(&table_path)?;
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
        write(&root.join(IMAGES).join(image_name), &image)?;
        after(Stage::ImageWritten)?;
        Ok(name)
    }

    /// The folder's labels and attributes must be the pair's. A folder without samples has none yet.
    fn check_taxonomy(&self, root: &Path, table: &AttributeTable) -> Result<(), DataError> {
        let is_new = !root.join(TAXONOMY).exists() && !root.join(ATTRIBUTES).exists() && is_empty(&root.join(IMAGES));
        if is_new {
            return Ok(());
        }
        let own = taxonomy_of(root, None, table)?;
        if root.join(ATTRIBUTES).exists() {
            table.columns_of(&own)?;
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
        let mask = Path::new("the mask to add");
        if image.width() == 0 || image.height() == 0 {
            return Err(DataError::content(root, "the image to add is empty"));
        }
        check_shape(mask, image.dimensions(), labels)?;
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
        let bytes = read_capped(path, MAX_TABLE_BYTES).map_err(DataError::io(path))?;
        let mut text = String::from_utf8(bytes).map_err(|_| DataError::content(path, "not UTF-8 text"))?;
        if !text.ends_with(['\n', '\r']) {
            text.push('\n');
        }
        let value = |name: &String| {
            let index = self.taxonomy.attribute_index(name)?;
            self.attributes.get(index).copied()
        };
        text.push_str(&row(image_name, table.attributes().iter().map(|name| value(name).unwrap_or(0.0))));
        Ok(text)
    }
}

/// Refuses a folder that holds other things: it is somebody else's.
fn check_folder(root: &Path) -> Result<(), DataError> {
    if !root.exists() {
        return Ok(());
    }
    for entry in root.read_dir().map_err(DataError::io(root))? {
        let name = entry.map_err(DataError::io(root))?.file_name();
        let ours = [IMAGES, MASKS, ATTRIBUTES, TAXONOMY].iter().any(|known| name == *known);
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
        let path = Path::new(file);
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if IMAGE_EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
            stems.take(&path.file_stem().unwrap_or_default().to_string_lossy());
        }
    }
    Ok(stems.free(hint))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    write_atomic(path, bytes).map_err(DataError::io(path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::data::{self, Sample, SampleSource};
    use crate::label_image::tests::random_labels;
    use std::sync::Arc;

    fn taxonomy() -> Taxonomy {
        Taxonomy::builtin("celeba-7").unwrap()
    }

    /// The i-th of different samples.
    fn sample(i: u64) -> Sample {
        let labels = random_labels(12, 12, 7, i);
        let attributes = (0..5).map(|bit| f32::from(u8::from(i >> bit & 1 == 1))).collect();
        Sample { name: "pair".to_owned(), image: labels.to_rgb(&taxonomy()), labels, attributes }
    }

    fn add(root: &Path, hint: &str, sample: &Sample) -> Result<String, DataError> {
        add_pair(root, hint, &sample.image, &sample.labels, &sample.attributes, &taxonomy())
    }

    fn open(root: &Path) -> Result<Arc<dyn SampleSource>, DataError> {
        data::open(root.to_str().unwrap(), None, 0)
    }

    /// The samples, without their names.
    fn contents(root: &Path) -> Vec<Sample> {
        let source = open(root).unwrap();
        let read = (0..source.len()).map(|index| source.sample(index, 12).unwrap());
        read.map(|sample| Sample { name: "pair".to_owned(), ..sample }).collect()
    }

    #[test]
    fn pairs_are_added_to_a_new_and_to_an_existing_folder() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("my/pairs");
        let names: Vec<String> = (0..4).map(|i| add(&root, "pair", &sample(i)).unwrap()).collect();
        assert_eq!(names, ["pair", "pair-2", "pair-3", "pair-4"]);
        assert_eq!(contents(&root), [0, 1, 2, 3].map(sample));
        assert_eq!(*open(&root).unwrap().taxonomy(), taxonomy());
        assert_eq!(open(&root).unwrap().sample(1, 12).unwrap().name, "pair-2");
    }

    /// A table that somebody else wrote: other columns, another order, rows without extension, no line end.
    #[test]
    fn a_foreign_table_is_extended_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        add(root, "old", &sample(3)).unwrap();
        let table = root.join(ATTRIBUTES);
        let old = "file,Young,Hat,Male,Black_Hair,Blond_Hair,Brown_Hair\nold,0,1,0,1,1,0\nspare.jpg,0,1,0,0,0,0";
        fs::write(&table, old).unwrap();
        let added = sample(0b11001);
        assert_eq!(add(root, "Spare", &added).unwrap(), "Spare-2");
        let text = fs::read_to_string(&table).unwrap();
        assert_eq!(text, format!("{old}\nSpare-2.png,1,0,1,1,0,0\n"));
        assert_eq!(contents(root), [added, sample(3)]);
    }

    #[test]
    fn a_mask_of_another_size_is_taken_and_of_another_shape_refused() {
        let place = tempfile::tempdir().unwrap();
        let Sample { image, labels, attributes, .. } = sample(1);
        let fits = labels.resize_nearest(48, 48);
        add_pair(place.path(), "a", &image, &fits, &attributes, &taxonomy()).unwrap();
        assert_eq!(contents(place.path()), [sample(1)]);
        let wrong = labels.resize_nearest(48, 24);
        let error = add_pair(place.path(), "b", &image, &wrong, &attributes, &taxonomy()).unwrap_err().to_string();
        assert!(error.contains("48×24"), "{error}");
        assert!(add_pair(place.path(), "b", &image, &fits, &attributes[1..], &taxonomy()).is_err());
        assert!(add_pair(place.path(), "b", &image, &LabelImage::new(12, 12, 7), &attributes, &taxonomy()).is_err());
        assert_eq!(contents(place.path()).len(), 1);
    }

    #[test]
    fn another_taxonomy_and_folders_of_other_things_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        add(root, "a", &sample(1)).unwrap();
        let portrait = Taxonomy::builtin("portrait").unwrap();
        let Sample { image, labels, .. } = sample(1);
        let to_portrait = |root: &Path| {
            add_pair(root, "b", &image, &labels, &portrait.default_attributes(), &portrait)
                .map_err(|error| error.to_string())
        };
        let error = to_portrait(root).unwrap_err();
        assert!(error.contains("`celeba-7`, not `portrait`") && error.contains("another folder"), "{error}");
        // The folder's taxonomy is known from its attributes alone, too.
        fs::remove_file(root.join(TAXONOMY)).unwrap();
        assert!(to_portrait(root).unwrap_err().contains("`celeba-7`"));
        assert!(add(root, "b", &sample(2)).is_ok());
        assert_eq!(contents(root).len(), 2);

        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("letter.txt"), "Dear").unwrap();
        let error = to_portrait(home.path()).unwrap_err();
        assert!(error.contains("letter.txt") && error.contains("empty folder"), "{error}");
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
        assert!(to_portrait(&home.path().join("letter.txt")).is_err());
    }

    /// As if the process were killed after each stage, of the first pair and of a later one: nothing cleans up, and half a file lies
    /// beside. The folder then holds the pairs that it held, or the new one too, and takes the pair when it is added again.
    #[test]
    fn a_kill_at_any_stage_leaves_a_folder_that_opens_and_goes_on() {
        const STAGES: [Stage; 7] = [
            Stage::Checked,
            Stage::TaxonomyWritten,
            Stage::ImagesMade,
            Stage::MasksMade,
            Stage::MaskWritten,
            Stage::RowWritten,
            Stage::ImageWritten,
        ];
        for before in 0..3 {
            for killed_after in STAGES {
                let place = tempfile::tempdir().unwrap();
                let root = place.path().join("pairs");
                (0..before).for_each(|i| drop(add(&root, "pair", &sample(i)).unwrap()));
                let next = sample(before);
                let pair = Pair {
                    image: &next.image,
                    labels: &next.labels,
                    attributes: &next.attributes,
                    taxonomy: &taxonomy(),
                };
                let mut kill = |stage| if stage == killed_after { Err(DataError::Cancelled) } else { Ok(()) };
                assert!(matches!(pair.add_to(&root, "pair", &mut kill), Err(DataError::Cancelled)), "{killed_after:?}");
                for folder in ["", IMAGES, MASKS] {
                    let folder = root.join(folder);
                    if folder.exists() {
                        fs::write(folder.join(".scgan-aBcDeF.part"), "half a fi").unwrap();
                    }
                }

                let complete = before + u64::from(killed_after == Stage::ImageWritten);
                let expected: Vec<Sample> = (0..complete).map(sample).collect();
                if complete > 0 {
                    assert_eq!(contents(&root), expected, "{before} pairs, killed after {killed_after:?}");
                }
                let name = add(&root, "pair", &sample(complete)).unwrap();
                assert_eq!(contents(&root).len() as u64, complete + 1, "{before} pairs, killed after {killed_after:?}");
                let source = open(&root).unwrap();
                let index = (0..source.len()).find(|i| source.sample(*i, 12).unwrap().name == name).unwrap();
                assert_eq!(source.sample(index, 12).unwrap(), Sample { name, ..sample(complete) });
            }
        }
    }
}
