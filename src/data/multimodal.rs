//! DeepFashion-MultiModal: whole figures with a parsing of 24 labels, and lists of shapes, fabrics and patterns.

use super::attribute_table::{AttributeTable, read_text};
use super::listing::{Listing, stem};
use super::options::Indexing;
use super::pairs::{Fit, IMAGE_EXTENSIONS, PairFolder, PairSource, Pairs};
use super::plan::{Offer, Plan};
use super::{DataError, Format, OpenOptions, Opened, Split, celeba, label_set};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Both names occur.
const MASKS: [&str; 2] = ["segm", "parsing"];
/// Male models' files begin with this.
const MEN: &str = "MEN-";

/// A list of numbers per image, and what they tell.
struct List {
    /// Where it may lie.
    paths: [&'static str; 2],
    /// The largest number of each column, which means that it cannot be told.
    unknown: &'static [u8],
    /// Attributes, with the column and the numbers for which they hold.
    attributes: &'static [(&'static str, usize, &'static [u8])],
}

const LISTS: [List; 3] = [
    List {
        paths: ["labels/shape/shape_anno_all.txt", "shape/shape_anno_all.txt"],
        unknown: &[5, 4, 3, 2, 4, 2, 2, 2, 4, 6, 2, 2],
        attributes: &[
            ("Sleeveless", 0, &[0]),
            ("Short_Sleeves", 0, &[1]),
            ("Medium_Sleeves", 0, &[2]),
            ("Long_Sleeves", 0, &[3]),
            ("Shorts", 1, &[0]),
            ("Long_Trousers", 1, &[3]),
            ("Socks", 2, &[1]),
            ("Leggings", 2, &[2]),
            ("Hat", 3, &[1]),
            ("Glasses", 4, &[1, 2]),
            ("Neckwear", 5, &[1]),
            ("Belt", 8, &[1]),
            ("V_Neck", 9, &[0]),
            ("Round_Neck", 9, &[2]),
            ("Cardigan", 10, &[0]),
            ("Covers_Navel", 11, &[1]),
        ],
    },
    List {
        paths: ["labels/texture/fabric_ann.txt", "labels/fabric/fabric_ann.txt"],
        unknown: &[7, 7, 7],
        attributes: &[
            ("Upper_Denim", 0, &[0]),
            ("Upper_Cotton", 0, &[1]),
            ("Upper_Leather", 0, &[2]),
            ("Upper_Knitted", 0, &[4]),
            ("Upper_Chiffon", 0, &[5]),
            ("Lower_Denim", 1, &[0]),
            ("Lower_Cotton", 1, &[1]),
            ("Lower_Leather", 1, &[2]),
        ],
    },
    List {
        paths: ["labels/texture/pattern_ann.txt", "labels/color/pattern_ann.txt"],
        unknown: &[7, 7, 7],
        attributes: &[
            ("Patterned", 0, &[0, 1, 2, 4, 5, 6]),
            ("Upper_Floral", 0, &[0]),
            ("Upper_Graphic", 0, &[1]),
            ("Upper_Striped", 0, &[2]),
            ("Upper_Lattice", 0, &[4]),
            ("Lower_Floral", 1, &[0]),
            ("Lower_Striped", 1, &[2]),
            ("Lower_Lattice", 1, &[4]),
        ],
    },
];

/// Whether the folder has this layout.
pub(super) fn is_multimodal(root: &Path) -> bool {
    root.join("images").is_dir() && masks(root).is_some()
}

fn masks(root: &Path) -> Option<PathBuf> {
    MASKS.iter().map(|name| root.join(name)).find(|folder| folder.is_dir())
}

/// Opens the images that have a mask and a row in each list that is there, and lists the others.
///
/// Attributes are those that the lists tell, and `Male` by the file's name. Colours are estimated from the picture.
pub(super) fn open(root: &Path, options: &OpenOptions, indexing: &mut Indexing<'_>) -> Result<Opened, DataError> {
    let masks = masks(root).ok_or_else(|| DataError::content(root, "no folder segm/ or parsing/"))?;
    let images = root.join("images");
    let mut problems = Vec::new();
    let table = table(root, &images, indexing, &mut problems)?;
    let native = label_set::label_set("multimodal-24")
        .ok_or_else(|| DataError::content(root, "no label set `multimodal-24`"))?;
    let usual = celeba::builtin("outfit", root)?;
    let plan = Plan::new(Offer { native, usual, columns: &table.attributes, place: root }, options)?;
    let mut pairs = Pairs::default();
    // Images that a list lacks have been named with that list.
    let named = problems.len();
    let mut others = Vec::new();
    let folder = PairFolder { images, masks, suffix: "_segm" };
    pairs.add(folder, "the lists", |image| table.row(image), indexing, &mut others)?;
    others.retain(|problem| named == 0 || !problem.ends_with("has no row in the lists"));
    problems.extend(others);
    let splits = pairs.names().map(Split::of_name).collect();
    let values = table.into_values();
    let source =
        PairSource { format: Format::MultiModal, root: root.to_path_buf(), plan, pairs, values, fit: Fit::Pad };
    Ok(Opened { source: Box::new(source), problems, splits })
}

/// One row for each image that every list has.
fn table(
    root: &Path,
    images: &Path,
    indexing: &mut Indexing<'_>,
    problems: &mut Vec<String>,
) -> Result<AttributeTable, DataError> {
    let mut lists = Vec::new();
    for list in &LISTS {
        if let Some(path) = list.paths.iter().map(|path| root.join(path)).find(|path| path.is_file()) {
            let rows = read_list(&path, &read_text(&path)?, list.unknown, indexing)?;
            lists.push((list, path, rows));
        }
    }
    let told = lists.iter().flat_map(|(list, ..)| list.attributes.iter().map(|(name, ..)| *name));
    let names = ["Male"].into_iter().chain(told).map(str::to_owned).collect();
    let mut table = AttributeTable::new(names).map_err(|problem| DataError::content(root, problem))?;
    // Same stems are named when images are paired with their masks.
    for image in Listing::read(images, &IMAGE_EXTENSIONS, indexing, &mut Vec::new())?.names {
        let name = stem(&image);
        let mut bits = vec![if name.starts_with(MEN) { "1" } else { "0" }];
        let mut complete = true;
        for (list, path, rows) in &lists {
            let Some(row) = rows.get(name) else {
                problems.push(format!("{} has no row for the image {image}", path.display()));
                complete = false;
                continue;
            };
            let holds = |column: &usize, values: &&[u8]| row.get(*column).is_some_and(|number| values.contains(number));
            bits.extend(
                list.attributes.iter().map(|(_, column, values)| if holds(column, values) { "1" } else { "0" }),
            );
        }
        if complete {
            let pushed = table.push(name, name, bits.into_iter(), |bit| Ok(u8::from(bit == "1")));
            pushed.map_err(|problem| DataError::content(root, format!("images{problem}")))?;
        }
    }
    Ok(table)
}

/// Reads `name number…`, separated by blanks, by the images' stems.
fn read_list(
    path: &Path,
    text: &str,
    unknown: &[u8],
    indexing: &mut Indexing<'_>,
) -> Result<HashMap<Box<str>, Box<[u8]>>, DataError> {
    let mut rows = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        indexing.met()?;
        let fields: Vec<&str> = line.split_whitespace().collect();
        let Some((file, numbers)) = fields.split_first() else { continue };
        let wrong = |problem: String| DataError::content(path, format!("line {} ({file}): {problem}", index + 1));
        if numbers.len() != unknown.len() {
            return Err(wrong(format!("{} numbers; expected {}", numbers.len(), unknown.len())));
        }
        let number = |(text, largest): (&&str, &u8)| {
            let number = text.parse().ok().filter(|number| number <= largest);
            number.ok_or_else(|| wrong(format!("{text:?}; expected a number from 0 to {largest}")))
        };
        let row: Result<Vec<u8>, DataError> = numbers.iter().zip(unknown).map(number).collect();
        if rows.insert(stem(file).into(), row?.into_boxed_slice()).is_some() {
            return Err(wrong("listed twice".to_owned()));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;
    use std::ops::ControlFlow;

    #[test]
    fn hostile_lists_are_answered() {
        let text = "MEN-Denim-id_1-01_full.jpg 0 1 7\nWOMEN-Dresses-id_2-01_full.jpg 3 7 7\n";
        let read = |text: &str| {
            let mut go_on = |_| ControlFlow::Continue(());
            read_list(Path::new("list.txt"), text, &[7, 7, 7], &mut Indexing::new(&mut go_on))
        };
        assert_eq!(*read(text).unwrap()["WOMEN-Dresses-id_2-01_full"], [3, 7, 7]);
        hostile::survives(text.as_bytes(), 4, |bytes| drop(read(&String::from_utf8_lossy(bytes))));
    }

    #[test]
    fn columns_and_numbers_are_those_of_the_lists() {
        for list in &LISTS {
            for (name, column, values) in list.attributes {
                assert!(values.iter().all(|value| *value < list.unknown[*column]), "{name}");
            }
        }
    }
}
