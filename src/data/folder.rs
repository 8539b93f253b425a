//! The plain folder: `images/`, `masks/`, `attributes.csv`, and an optional `taxonomy.ron` and `split.csv`.

use super::attribute_table::{AttributeTable, read_text};
use super::options::Indexing;
use super::pairs::{Fit, PairFolder, PairSource, Pairs};
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Split, csv, listing};
use crate::atomic_file::read_capped;
use crate::taxonomy::Taxonomy;
use std::collections::HashMap;
use std::path::Path;

const MAX_TAXONOMY_BYTES: u64 = 1 << 20;

/// Whether the folder has this layout.
pub(super) fn is_plain(root: &Path) -> bool {
    root.join("images").is_dir() && root.join("masks").is_dir()
}

/// Opens what is complete and lists what is not: images without a mask, or without a row in `attributes.csv` or in `split.csv`
/// if that is there. Images are cut to their largest centred square.
///
/// The taxonomy is the folder's own, else the one asked for, else the built-in one with exactly the attributes of the CSV.
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let table_path = root.join("attributes.csv");
    let table = AttributeTable::open(&table_path, indexing)?;
    let taxonomy = taxonomy_of(root, options, &table)?;
    // Its masks have the taxonomy's labels already, so nothing else may be asked for.
    let options = OpenOptions { taxonomy: None, ..options.clone() };
    let offer = Offer { native: taxonomy.clone(), usual: taxonomy, columns: &table.attributes, place: &table_path };
    let plan = Plan::new(offer, &options)?;
    let mut pairs = Pairs::default();
    let mut problems = Vec::new();
    let folder = PairFolder { images: root.join("images"), masks: root.join("masks"), suffix: "" };
    let has_attributes = plan.taxonomy.n_attributes() > 0;
    let row = |image: &str| if has_attributes { table.row(image) } else { Some(0) };
    pairs.add(folder, "attributes.csv", row, indexing, &mut problems)?;
    let splits = splits(&root.join("split.csv"), &pairs, indexing, &mut problems)?;
    let values = table.into_values();
    let source =
        PairSource { format: Format::Plain, root: root.to_path_buf(), plan, pairs, values, fit: Fit::CentreCrop };
    Ok(Opened { source: Box::new(source), problems, splits })
}

fn taxonomy_of(root: &Path, options: &OpenOptions, table: &AttributeTable) -> Result<Taxonomy, DataError> {
    let path = root.join("taxonomy.ron");
    let asked = options.taxonomy.as_ref();
    if path.exists() {
        let bytes = read_capped(&path, MAX_TAXONOMY_BYTES).map_err(DataError::io(&path))?;
        let read = Taxonomy::from_ron(&String::from_utf8_lossy(&bytes));
        let own = read.map_err(|source| DataError::Taxonomy { path: path.clone(), source: Box::new(source) })?;
        // Chosen attributes replace those of either.
        let agree = |asked: &Taxonomy| match options.attributes {
            None => own.has_channels_of(asked),
            Some(_) => own.has_labels_of(asked),
        };
        return match asked {
            Some(asked) if !agree(asked) => Err(DataError::content(
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

/// The parts by `split.csv` (header `file,split`; train, validation or test), else by the names.
fn splits(
    path: &Path,
    pairs: &Pairs,
    indexing: &mut Indexing<'_>,
    problems: &mut Vec<String>,
) -> Result<Vec<Split>, DataError> {
    if !path.is_file() {
        return Ok(pairs.names().map(Split::of_name).collect());
    }
    let wrong = |problem: String| DataError::content(path, problem);
    let text = read_text(path)?;
    let mut rows = csv::rows(&text);
    if rows.next().is_none_or(|header| !header.is_ok_and(|(_, fields)| fields == ["file", "split"])) {
        return Err(wrong("the first line is not the header `file,split`".to_owned()));
    }
    let mut parts = HashMap::new();
    for row in rows {
        let (line, fields) = row.map_err(wrong)?;
        indexing.met()?;
        let [file, part] = &fields[..] else {
            return Err(wrong(format!("line {line}: {} fields; expected 2", fields.len())));
        };
        let split = Split::from_name(part).filter(|split| *split != Split::All);
        let split = split.ok_or_else(|| {
            wrong(format!("line {line} ({file}): the part is {part:?}; expected train, validation or test"))
        })?;
        if parts.insert(listing::stem(file).to_owned(), split).is_some() {
            return Err(wrong(format!("line {line}: {file} is listed twice")));
        }
    }
    let split = |name: &str| {
        parts.get(name).copied().unwrap_or_else(|| {
            problems.push(format!("{} has no row for the image {name}", path.display()));
            Split::All
        })
    };
    Ok(pairs.names().map(split).collect())
}
