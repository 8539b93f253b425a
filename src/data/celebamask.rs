//! CelebAMask-HQ: 1024 px faces with 512 px masks of 18 parts, a file each, or already merged into one mask.

use super::attribute_table::{AttributeTable, AttributeValues};
use super::celeba::{builtin, listed_splits};
use super::celeba_lists::Partition;
use super::listing::{self, Listing, stem};
use super::options::Indexing;
use super::pairs::{Fit, PairFolder, PairSource, Pairs, check_shape};
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Sample, SampleSource, Split, celeba_lists, photo, square};
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};
use std::path::{Path, PathBuf};

const IMAGES: &str = "CelebA-HQ-img";
/// Both spellings occur.
const PARTS: [&str; 2] = ["CelebAMask-HQ-mask-anno", "CelebAMaskHQ-mask-anno"];
const ATTRIBUTES: &str = "CelebAMask-HQ-attribute-anno.txt";
const MAPPING: &str = "CelebA-HQ-to-CelebA-mapping.txt";
const TAXONOMY: &str = "celebamask-19";
/// Images whose parts share a folder.
const PER_FOLDER: u32 = 2000;

/// Whether the folder has a mask per part.
pub(super) fn is_parts(root: &Path) -> bool {
    root.join(IMAGES).is_dir() && parts_folder(root).is_some()
}

/// Whether the folder has merged masks. Without their list of attributes only numbered names tell it from a plain folder.
pub(super) fn is_merged(root: &Path) -> bool {
    let is = |name: &str| root.join(name).exists();
    let numbered = is("images/0.jpg") && is("masks/0.png") && !is("attributes.csv") && !is("taxonomy.ron");
    root.join("images").is_dir() && root.join("masks").is_dir() && (is(ATTRIBUTES) || numbered)
}

fn parts_folder(root: &Path) -> Option<PathBuf> {
    PARTS.iter().map(|name| root.join(name)).find(|folder| folder.is_dir())
}

/// What both layouts share: the list of attributes, if it is there, and the plan.
fn attributes_and_plan(
    root: &Path,
    options: &OpenOptions,
    indexing: &mut Indexing<'_>,
) -> Result<(AttributeTable, Plan), DataError> {
    let path = root.join(ATTRIBUTES);
    let native = builtin(TAXONOMY, root)?;
    let mut usual = native.clone();
    let table = if path.is_file() {
        celeba_lists::attributes(&path, Some(celeba_lists::N_ATTRIBUTES), indexing)?
    } else {
        // Many copies come without the list; then there are masks to learn from and no attributes.
        usual.groups.clear();
        AttributeTable::open(&path, indexing)?
    };
    let plan = Plan::new(Offer { native, usual, columns: &table.attributes, place: &path }, options)?;
    Ok((table, plan))
}

/// The parts that the photographs behind the images have in CelebA, if the list that leads to them is there.
fn partition(root: &Path, indexing: &mut Indexing<'_>) -> Result<Option<(PathBuf, Partition)>, DataError> {
    let path = root.join(MAPPING);
    if !path.is_file() {
        return Ok(None);
    }
    let partition = celeba_lists::hq_partition(&path, indexing)?;
    Ok(Some((path, partition)))
}

/// Opens merged masks.
pub(super) fn open_merged(
    root: &Path,
    options: &OpenOptions,
    indexing: &mut Indexing<'_>,
) -> Result<Opened, DataError> {
    let (table, plan) = attributes_and_plan(root, options, indexing)?;
    let mut pairs = Pairs::default();
    let mut problems = Vec::new();
    let folder = PairFolder { images: root.join("images"), masks: root.join("masks"), suffix: "" };
    pairs.add(folder, ATTRIBUTES, |image| table.row(image), indexing, &mut problems)?;
    let splits = match partition(root, indexing)? {
        Some((path, partition)) => listed_splits(&pairs, &partition, &path, &mut problems),
        None => pairs.names().map(Split::of_name).collect(),
    };
    let (format, values) = (Format::CelebAMaskMerged, table.into_values());
    let source = PairSource { format, root: root.to_path_buf(), plan, pairs, values, fit: Fit::CentreCrop };
    Ok(Opened { source: Box::new(source), problems, splits })
}

/// An image and the parts it has a file for.
struct Entry {
    number: u32,
    /// Bit i: the part of label id i.
    parts: u32,
    row: u32,
    image: Box<str>,
}

/// Samples whose masks are painted from their parts.
struct PartsSource {
    root: PathBuf,
    images: PathBuf,
    masks: PathBuf,
    native: Taxonomy,
    plan: Plan,
    entries: Vec<Entry>,
    values: AttributeValues,
}

/// Opens a mask per part. Files that are no part's, lie in another folder than their number says or belong to no image are
/// problems, and so are images without any part or without a row in the list of attributes.
pub(super) fn open_parts(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let (table, plan) = attributes_and_plan(root, options, indexing)?;
    let masks = parts_folder(root).ok_or_else(|| DataError::content(root, "no folder CelebAMask-HQ-mask-anno/"))?;
    let native = builtin(TAXONOMY, root)?;
    let mut problems = Vec::new();
    let mut entries = Vec::new();
    let images = Listing::read(&root.join(IMAGES), &["jpg", "jpeg", "png"], indexing, &mut problems)?;
    for image in images.names {
        let path = || images.folder.join(&*image);
        let Ok(number) = stem(&image).parse::<u32>() else {
            problems.push(format!("{}: its name is no number; expected one like 0.jpg", path().display()));
            continue;
        };
        let Some(row) = table.row(&image) else {
            problems.push(format!("{} has no row in {ATTRIBUTES}", path().display()));
            continue;
        };
        entries.push(Entry { number, parts: 0, row, image });
    }
    entries.sort_unstable_by_key(|entry| entry.number);
    find_parts(&masks, &native, &mut entries, indexing, &mut problems)?;
    entries.retain(|entry| {
        if entry.parts == 0 {
            let (image, folder) = (images.folder.join(&*entry.image), entry.number / PER_FOLDER);
            let part = masks.join(format!("{folder}/{:05}_skin.png", entry.number));
            problems.push(format!("{} has no parts like {}", image.display(), part.display()));
        }
        entry.parts != 0
    });
    let splits = match partition(root, indexing)? {
        Some((path, partition)) => {
            let split = |entry: &Entry| {
                partition.get(stem(&entry.image)).copied().unwrap_or_else(|| {
                    problems.push(format!("{} has no row for the image {}", path.display(), entry.image));
                    Split::All
                })
            };
            entries.iter().map(split).collect()
        }
        None => entries.iter().map(|entry| Split::of_name(stem(&entry.image))).collect(),
    };
    let (root, images) = (root.to_path_buf(), images.folder);
    let source = PartsSource { root, images, masks, native, plan, entries, values: table.into_values() };
    Ok(Opened { source: Box::new(source), problems, splits })
}

/// Marks the parts that each entry has. Entries are sorted by number.
fn find_parts(
    masks: &Path,
    native: &Taxonomy,
    entries: &mut [Entry],
    indexing: &mut Indexing<'_>,
    problems: &mut Vec<String>,
) -> Result<(), DataError> {
    for folder in masks.read_dir().map_err(DataError::io(masks))? {
        let folder = folder.map_err(DataError::io(masks))?.path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in Listing::read(&folder, &["png"], indexing, problems)?.names {
            let mut problem = |what: String| problems.push(format!("{}: {what}", folder.join(&*file).display()));
            let (number, part) = stem(&file).split_once('_').unwrap_or((stem(&file), ""));
            let id = native.label_id(part).filter(|id| *id != 0);
            let (Ok(number), Some(id)) = (number.parse::<u32>(), id) else {
                problem("no part of CelebAMask-HQ; expected a name like 00000_skin.png".to_owned());
                continue;
            };
            let expected = number / PER_FOLDER;
            if name != expected.to_string() {
                problem(format!("lies in folder {name}, but part files of image {number} belong in folder {expected}"));
                continue;
            }
            match entries.binary_search_by_key(&number, |entry| entry.number) {
                Ok(at) => entries[at].parts |= 1 << id,
                Err(_) => problem(format!("no image {IMAGES}/{number}.jpg")),
            }
        }
    }
    Ok(())
}

impl PartsSource {
    fn entry(&self, index: usize) -> Result<&Entry, DataError> {
        self.entries.get(index).ok_or(DataError::Index { index, len: self.entries.len() })
    }

    fn part_path(&self, entry: &Entry, id: LabelId) -> PathBuf {
        let part = self.native.labels.get(usize::from(id)).map_or("", |label| label.name.as_str());
        self.masks.join(format!("{}/{:05}_{part}.png", entry.number / PER_FOLDER, entry.number))
    }

    /// Paints the parts in the order of their ids, later ones over earlier.
    fn read_mask(&self, entry: &Entry, image: (u32, u32)) -> Result<LabelImage, DataError> {
        let ids = (1..self.native.n_labels() as LabelId).filter(|id| entry.parts >> id & 1 == 1);
        let mut mask: Option<LabelImage> = None;
        for id in ids {
            let path = self.part_path(entry, id);
            let wrong = |problem: String| DataError::content(&path, problem);
            let part = photo::read_mask_of_one(&path)?;
            let (width, height) = part.dimensions();
            if mask.is_none() {
                let empty = LabelImage::from_ids(width, height, vec![0; width as usize * height as usize]);
                let empty = empty.map_err(|error| wrong(error.to_string()))?;
                check_shape(image, &empty).map_err(wrong)?;
                mask = Some(empty);
            }
            let Some(mask) = &mut mask else { continue };
            if (width, height) != (mask.width(), mask.height()) {
                let (first_width, first_height) = (mask.width(), mask.height());
                let problem = format!("{width}×{height} px, but the parts before it are {first_width}×{first_height}");
                return Err(DataError::content(&path, problem));
            }
            for (x, y, _) in part.enumerate_pixels().filter(|(_, _, pixel)| pixel.0 != [0]) {
                mask.set(x, y, id);
            }
        }
        mask.ok_or_else(|| DataError::content(&self.images.join(&*entry.image), "has no parts"))
    }
}

impl SampleSource for PartsSource {
    fn taxonomy(&self) -> &Taxonomy {
        &self.plan.taxonomy
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn describe(&self) -> String {
        let (title, root) = (Format::CelebAMaskParts.title(), self.root.display());
        format!("{title} {root}: {} images, taxonomy `{}`", self.len(), self.plan.taxonomy.name)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let entry = self.entry(index)?;
        let image = photo::read(&self.images.join(&*entry.image))?;
        let labels = self.plan.merged(self.read_mask(entry, image.dimensions())?);
        let attributes = self.plan.attributes(self.values.row(entry.row), &image, &labels);
        let (image, labels) = square::centre_crop(&image, &labels, resolution);
        Ok(Sample { name: stem(&entry.image).to_owned(), image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        photo::size_px(&self.images.join(&*self.entry(index)?.image)).map(Some)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        let Ok(entry) = self.entry(index) else { return Vec::new() };
        let parts = (1..self.native.n_labels() as LabelId).map(|id| self.part_path(entry, id));
        std::iter::once(self.images.join(&*entry.image)).chain(parts).collect()
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        listing::tables(&self.root)
    }
}
