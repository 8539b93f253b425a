//! CelebA, aligned and cropped, with the masks of SCGAN's authors: faces of 178×218 px, cut to their middle 178.

use super::options::Indexing;
use super::pairs::{Fit, PairFolder, PairSource, Pairs};
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Split, celeba_lists};
use crate::taxonomy::Taxonomy;
use std::path::{Path, PathBuf};

/// Where copies of the data set keep their images. The first is CelebA's own name, the second the authors'.
const IMAGES: [&str; 4] = ["img_align_celeba", "images", "Img/img_align_celeba", "img_align_celeba/img_align_celeba"];
const MASKS: &str = "segmentation";
/// CelebA's own list has 40 attributes; the authors' may have fewer.
const ATTRIBUTES: [(&str, Option<usize>); 3] = [
    ("list_attr_celeba.txt", Some(celeba_lists::N_ATTRIBUTES)),
    ("list_attr_celeba_s.txt", None),
    ("Anno/list_attr_celeba.txt", Some(celeba_lists::N_ATTRIBUTES)),
];
const PARTITION: [&str; 2] = ["list_eval_partition.txt", "Eval/list_eval_partition.txt"];

/// Whether the folder has this layout, with the masks or yet without them.
pub(super) fn is_celeba(root: &Path) -> bool {
    let listed = ATTRIBUTES.iter().any(|(name, _)| root.join(name).is_file());
    images(root).is_some() && (listed || root.join(MASKS).is_dir() || root.join("img_align_celeba").is_dir())
}

/// The folder with the images: the innermost one, since some copies nest it.
fn images(root: &Path) -> Option<PathBuf> {
    IMAGES.iter().rev().map(|name| root.join(name)).find(|folder| folder.is_dir())
}

/// Opens the images that have a mask and rows in the lists, and lists the others. Rows without an image are no problem: many
/// take a part of CelebA.
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let images = images(root).ok_or_else(|| DataError::content(root, "no folder img_align_celeba/ or images/"))?;
    let masks = root.join(MASKS);
    if !masks.is_dir() {
        let problem = "no folder segmentation/: CelebA itself has no masks; put those of SCGAN's authors there";
        return Err(DataError::content(root, problem));
    }
    let list = ATTRIBUTES.iter().map(|(name, count)| (root.join(name), *count)).find(|(path, _)| path.is_file());
    let (list, count) = list.ok_or_else(|| {
        DataError::content(
            root,
            "no list_attr_celeba.txt or list_attr_celeba_s.txt; put CelebA's list of attributes there",
        )
    })?;
    let table = celeba_lists::attributes(&list, count, indexing)?;
    let native = builtin("celeba-7", root)?;
    let usual = native.clone();
    let plan = Plan::new(Offer { native, usual, columns: &table.attributes, place: &list }, options)?;

    let mut pairs = Pairs::default();
    let mut problems = Vec::new();
    let name = list.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = PairFolder { images, masks, suffix: "" };
    pairs.add(folder, &name, |image| table.row(image), indexing, &mut problems)?;
    let splits = match PARTITION.iter().map(|name| root.join(name)).find(|path| path.is_file()) {
        Some(path) => {
            let partition = celeba_lists::partition(&path, indexing)?;
            listed_splits(&pairs, &partition, &path, &mut problems)
        }
        None => pairs.names().map(Split::of_name).collect(),
    };
    let values = table.into_values();
    let source =
        PairSource { format: Format::CelebA, root: root.to_path_buf(), plan, pairs, values, fit: Fit::CentreCrop };
    Ok(Opened { source: Box::new(source), problems, splits })
}

/// The parts of the pairs as a list says. Those it does not have are problems, and in none of the parts.
pub(super) fn listed_splits(
    pairs: &Pairs,
    partition: &celeba_lists::Partition,
    path: &Path,
    problems: &mut Vec<String>,
) -> Vec<Split> {
    let split = |name: &str| {
        partition.get(name).copied().unwrap_or_else(|| {
            problems.push(format!("{} has no row for the image {name}", path.display()));
            Split::All
        })
    };
    pairs.names().map(split).collect()
}

/// A built-in taxonomy that a format's masks have.
pub(super) fn builtin(name: &str, root: &Path) -> Result<Taxonomy, DataError> {
    Taxonomy::builtin(name).ok_or_else(|| DataError::content(root, format!("no built-in taxonomy `{name}`")))
}
