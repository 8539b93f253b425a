//! CelebA's text files: attributes, partition, and the list that leads from CelebA-HQ back to it.

use super::attribute_table::{AttributeTable, read_text};
use super::options::Indexing;
use super::{DataError, Split, listing};
use std::collections::HashMap;
use std::path::Path;

/// Number of attributes of CelebA, and of CelebAMask-HQ.
pub(super) const N_ATTRIBUTES: usize = 40;
/// The first images of CelebA that belong to its validation and its test part.
const FIRST_OF_PARTS: [u32; 2] = [162_771, 182_638];

/// Reads a list of attributes: the number of images, the names, then `name ±1 …` for each image, separated by blanks. Rows go
/// by their image's stem, since the same images come as JPEG and as PNG.
///
/// `expected` is how many attributes there must be; none: any number.
pub(super) fn attributes(
    path: &Path,
    expected: Option<usize>,
    indexing: &mut Indexing<'_>,
) -> Result<AttributeTable, DataError> {
    parse_attributes(path, &read_text(path)?, expected, indexing)
}

fn parse_attributes(
    path: &Path,
    text: &str,
    expected: Option<usize>,
    indexing: &mut Indexing<'_>,
) -> Result<AttributeTable, DataError> {
    let wrong = |problem: String| DataError::content(path, problem);
    let mut lines = lines(text);
    let (_, first) = lines.next().ok_or_else(|| wrong("empty; expected the number of images in line 1".to_owned()))?;
    let count: usize =
        first.parse().map_err(|_| wrong(format!("line 1 is {first:?}; expected the number of images")))?;
    let (_, names) = lines.next().ok_or_else(|| wrong("line 2 is missing; expected the names".to_owned()))?;
    let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    let what = expected.map_or_else(|| "the names of the attributes".to_owned(), |n| format!("{n} attribute names"));
    if names.iter().skip(1).any(|name| name.parse::<i64>().is_ok()) {
        return Err(wrong(format!("line 2 is the row of {}; expected {what}", names[0])));
    }
    if let Some(expected) = expected.filter(|expected| *expected != names.len()) {
        return Err(wrong(format!("line 2 has {} names; expected {expected}", names.len())));
    }
    let mut table = AttributeTable::new(names).map_err(wrong)?;
    for (line, row) in lines {
        indexing.met()?;
        let fields: Vec<&str> = row.split_whitespace().collect();
        if let Some((file, values)) = fields.split_first() {
            let pushed = table.push(file, listing::stem(file), values.iter().copied(), sign);
            pushed.map_err(|problem| wrong(format!("line {line}{problem}")))?;
        }
    }
    if table.len() != count {
        return Err(wrong(format!(
            "line 1 says {count} images, but {} rows follow; one of them is wrong",
            table.len()
        )));
    }
    Ok(table)
}

fn sign(value: &str) -> Result<u8, &'static str> {
    match value {
        "-1" => Ok(0),
        "1" => Ok(1),
        _ => Err("1 or -1"),
    }
}

/// The parts of images, by stem.
pub(super) type Partition = HashMap<Box<str>, Split>;

/// Reads `name 0|1|2`: train, validation or test.
pub(super) fn partition(path: &Path, indexing: &mut Indexing<'_>) -> Result<Partition, DataError> {
    parse_partition(path, &read_text(path)?, indexing)
}

fn parse_partition(path: &Path, text: &str, indexing: &mut Indexing<'_>) -> Result<Partition, DataError> {
    let mut partition = Partition::new();
    for (line, row) in lines(text) {
        indexing.met()?;
        let wrong = |problem: String| DataError::content(path, format!("line {line}: {problem}"));
        let mut fields = row.split_whitespace();
        let (Some(file), Some(part), None) = (fields.next(), fields.next(), fields.next()) else {
            return Err(wrong(format!("{row:?}; expected a file name and 0, 1 or 2")));
        };
        let split = match part {
            "0" => Split::Train,
            "1" => Split::Validation,
            "2" => Split::Test,
            _ => {
                return Err(wrong(format!(
                    "{file} is in part {part:?}; expected 0 (train), 1 (validation) or 2 (test)"
                )));
            }
        };
        if partition.insert(listing::stem(file).into(), split).is_some() {
            return Err(wrong(format!("{file} is listed twice")));
        }
    }
    Ok(partition)
}

/// Reads `CelebA-HQ-to-CelebA-mapping.txt`, header `idx orig_idx orig_file`: the parts of CelebA-HQ's images are those that CelebA
/// gives the photographs they were made from.
pub(super) fn hq_partition(path: &Path, indexing: &mut Indexing<'_>) -> Result<Partition, DataError> {
    parse_hq_partition(path, &read_text(path)?, indexing)
}

fn parse_hq_partition(path: &Path, text: &str, indexing: &mut Indexing<'_>) -> Result<Partition, DataError> {
    let mut partition = Partition::new();
    for (line, row) in lines(text).skip(1) {
        indexing.met()?;
        let fields: Vec<&str> = row.split_whitespace().collect();
        let original = match fields[..] {
            [_, _, file] => listing::stem(file).parse::<u32>().ok(),
            _ => None,
        };
        let Some(original) = original else {
            let problem = format!("line {line}: {row:?}; expected three columns like `0 119613 119614.jpg`");
            return Err(DataError::content(path, problem));
        };
        let [validation, test] = FIRST_OF_PARTS.map(|first| original >= first);
        let split = if test {
            Split::Test
        } else if validation {
            Split::Validation
        } else {
            Split::Train
        };
        partition.insert(fields[0].into(), split);
    }
    Ok(partition)
}

/// Lines that are not blank, trimmed, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())).filter(|(_, line)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;
    use std::ops::ControlFlow;

    const ATTRIBUTES: &str = "2\nMale Young  Bald \n000001.jpg -1  1 -1\n000002.jpg  1 -1  1\n";
    const PARTITION: &str = "000001.jpg 0\r\n000002.jpg 1\r\n000003.jpg 2\r\n";
    const MAPPING: &str =
        "idx     orig_idx      orig_file\n0 119613 119614.jpg\n1 162770 162771.jpg\n2 182637 182638.jpg\n";

    fn with<T>(parse: impl FnOnce(&Path, &mut Indexing<'_>) -> Result<T, DataError>) -> Result<T, String> {
        let mut go_on = |_| ControlFlow::Continue(());
        parse(Path::new("list.txt"), &mut Indexing::new(&mut go_on)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_lists_are_read() {
        let table = with(|path, indexing| parse_attributes(path, ATTRIBUTES, Some(3), indexing)).unwrap();
        assert_eq!(table.attributes, ["Male", "Young", "Bald"]);
        let row = table.row("000002.png").unwrap();
        assert_eq!(table.into_values().row(row), [1, 0, 1]);
        let partition = with(|path, indexing| parse_partition(path, PARTITION, indexing)).unwrap();
        let parts = ["000001", "000002", "000003"].map(|name| partition[name]);
        assert_eq!(parts, [Split::Train, Split::Validation, Split::Test]);
        let partition = with(|path, indexing| parse_hq_partition(path, MAPPING, indexing)).unwrap();
        assert_eq!(["0", "1", "2"].map(|name| partition[name]), parts);
    }

    #[test]
    fn hostile_lists_are_answered() {
        hostile::survives(ATTRIBUTES.as_bytes(), 1, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            drop(with(|path, indexing| parse_attributes(path, &text, None, indexing)));
        });
        for (seed, text) in [PARTITION, MAPPING].into_iter().enumerate() {
            hostile::survives(text.as_bytes(), seed as u64, |bytes| {
                let text = String::from_utf8_lossy(bytes);
                drop(with(|path, indexing| parse_partition(path, &text, indexing)));
                drop(with(|path, indexing| parse_hq_partition(path, &text, indexing)));
            });
        }
    }
}
