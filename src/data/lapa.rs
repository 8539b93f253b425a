//! LaPa: faces with 11 labels, in one folder or in folders for train, val and test.

use super::attribute_table::AttributeTable;
use super::options::Indexing;
use super::pairs::{Fit, PairFolder, PairSource, Pairs};
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Split, celeba, label_set};
use std::path::Path;

const PARTS: [(&str, Split); 3] = [("train", Split::Train), ("val", Split::Validation), ("test", Split::Test)];

/// Whether the folder has this layout.
pub(super) fn is_lapa(root: &Path) -> bool {
    has_pairs(root) || PARTS.iter().any(|(part, _)| has_pairs(&root.join(part)))
}

fn has_pairs(folder: &Path) -> bool {
    folder.join("images").is_dir() && folder.join("labels").is_dir()
}

/// Opens the images that have a mask and lists the others. LaPa has no attributes; an `attributes.csv` as in a plain folder
/// gives it some.
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let table_path = root.join("attributes.csv");
    let table = AttributeTable::open(&table_path, indexing)?;
    let native = label_set::label_set("lapa-11").ok_or_else(|| DataError::content(root, "no label set `lapa-11`"))?;
    let mut usual = celeba::builtin("portrait", root)?;
    let mut options = options.clone();
    if !table.has_exactly(&usual) {
        usual.groups.clear();
        if options.taxonomy.is_none() && options.attributes.is_none() && !table.attributes.is_empty() {
            options.attributes = Some(table.attributes.clone());
        }
    }
    let plan = Plan::new(Offer { native, usual, columns: &table.attributes, place: &table_path }, &options)?;
    let mut pairs = Pairs::default();
    let mut problems = Vec::new();
    let mut splits = Vec::new();
    let mut add = |folder: &Path, part: Option<Split>, splits: &mut Vec<Split>| -> Result<(), DataError> {
        let folder = PairFolder { images: folder.join("images"), masks: folder.join("labels"), suffix: "" };
        pairs.add(folder, "attributes.csv", |image| table.row(image), indexing, &mut problems)?;
        let new = pairs.names().skip(splits.len()).map(|name| part.unwrap_or_else(|| Split::of_name(name)));
        splits.extend(new.collect::<Vec<_>>());
        Ok(())
    };
    if has_pairs(root) {
        add(root, None, &mut splits)?;
    }
    for (part, split) in PARTS {
        let folder = root.join(part);
        if has_pairs(&folder) {
            add(&folder, Some(split), &mut splits)?;
        }
    }
    let values = table.into_values();
    let source =
        PairSource { format: Format::Lapa, root: root.to_path_buf(), plan, pairs, values, fit: Fit::CentreCrop };
    Ok(Opened { source: Box::new(source), problems, splits })
}
