//! Attributes by image: our `attributes.csv` (header `file,<attribute>…`, one row per image, values 0 or 1), and what other
//! formats' lists come to.

use super::options::Indexing;
use super::{DataError, csv, listing};
use crate::atomic_file::read_capped;
use crate::taxonomy::{MAX_ATTRIBUTES, Taxonomy};
use std::collections::{HashMap, HashSet};
use std::path::Path;

const MAX_BYTES: u64 = 256 << 20;

/// The table, which may hold more attributes than a taxonomy asks for.
pub(super) struct AttributeTable {
    pub(super) attributes: Vec<String>,
    rows: HashMap<Box<str>, u32>,
    values: AttributeValues,
}

/// The values of a table without the names of its rows.
#[derive(Default)]
pub(super) struct AttributeValues {
    columns: usize,
    /// 0 or 1, row after row.
    values: Vec<u8>,
}

impl AttributeValues {
    /// Values that `columns` attributes have in each of the rows, one after the other.
    pub(super) fn new(columns: usize, values: Vec<u8>) -> Self {
        Self { columns, values }
    }

    /// The values of a row; none if there are no columns, or no such row.
    pub(super) fn row(&self, row: u32) -> &[u8] {
        let start = row as usize * self.columns;
        self.values.get(start..start + self.columns).unwrap_or_default()
    }
}

impl AttributeTable {
    /// A table of these attributes without rows.
    pub(super) fn new(attributes: Vec<String>) -> Result<Self, String> {
        // CelebA alone has 40 of which a taxonomy may take a few; this bounds what a hostile header makes of every row.
        if attributes.len() > 4 * MAX_ATTRIBUTES {
            return Err(format!("{} attributes; expected at most {}", attributes.len(), 4 * MAX_ATTRIBUTES));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = attributes.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(format!("two columns are `{twice}`; make one different"));
        }
        let values = AttributeValues::new(attributes.len(), Vec::new());
        Ok(Self { attributes, rows: HashMap::new(), values })
    }

    /// Reads and checks the whole table. A file that does not exist is a table without attributes.
    pub(super) fn open(path: &Path, indexing: &mut Indexing<'_>) -> Result<Self, DataError> {
        if !path.exists() {
            return Self::new(Vec::new()).map_err(|problem| DataError::content(path, problem));
        }
        let text = read_text(path)?;
        Self::parse(path, &text, indexing)
    }

    fn parse(path: &Path, text: &str, indexing: &mut Indexing<'_>) -> Result<Self, DataError> {
        let wrong = |problem: String| DataError::content(path, problem);
        let mut lines = csv::rows(text);
        let header = lines.next().ok_or_else(|| wrong("empty; expected the header `file,<attribute>…`".to_owned()))?;
        let attributes = match header.map_err(wrong)?.1.split_first() {
            Some((first, attributes)) if first == "file" => attributes.to_vec(),
            _ => return Err(wrong("the first line is not the header `file,<attribute>…`".to_owned())),
        };
        let mut table = Self::new(attributes).map_err(wrong)?;
        for row in lines {
            let (line, fields) = row.map_err(wrong)?;
            indexing.met()?;
            let (file, values) = fields.split_first().ok_or_else(|| wrong(format!("line {line} is empty")))?;
            table
                .push(file, file, values.iter().map(String::as_str), bit)
                .map_err(|e| wrong(format!("line {line}{e}")))?;
        }
        Ok(table)
    }

    /// Adds the row of `file`, to be found by `key`. `bit` says what a value written there is; its error is told with the attribute's name. Errors
    /// continue a sentence that begins with the place.
    pub(super) fn push<'a>(
        &mut self,
        file: &str,
        key: &str,
        values: impl ExactSizeIterator<Item = &'a str>,
        bit: impl Fn(&str) -> Result<u8, &'static str>,
    ) -> Result<(), String> {
        if values.len() != self.attributes.len() {
            return Err(format!(" ({file}): {} values for {} attributes", values.len(), self.attributes.len()));
        }
        for (value, name) in values.zip(&self.attributes) {
            let value =
                bit(value).map_err(|expected| format!(" ({file}): {name} is {value:?}; expected {expected}"))?;
            self.values.values.push(value);
        }
        let row = u32::try_from(self.rows.len()).map_err(|_| ": too many rows".to_owned())?;
        match self.rows.insert(key.into(), row) {
            None => Ok(()),
            Some(_) => Err(format!(": {file} is listed twice")),
        }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The files or stems that have a row.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(|file| file.as_ref())
    }

    /// Whether its attributes are those of the taxonomy, in any order.
    pub(super) fn has_exactly(&self, taxonomy: &Taxonomy) -> bool {
        let known = |name: &str| self.attributes.iter().any(|attribute| attribute == name);
        self.attributes.len() == taxonomy.n_attributes() && taxonomy.attribute_names().all(known)
    }

    /// The row of an image, which the table may name with or without its extension. Any, if there are no attributes.
    pub(super) fn row(&self, image: &str) -> Option<u32> {
        if self.attributes.is_empty() {
            return Some(0);
        }
        self.rows.get(image).or_else(|| self.rows.get(listing::stem(image))).copied()
    }

    /// What remains once every image has its row.
    pub(super) fn into_values(self) -> AttributeValues {
        self.values
    }
}

/// A text file of a data set.
pub(super) fn read_text(path: &Path) -> Result<String, DataError> {
    let bytes = read_capped(path, MAX_BYTES).map_err(DataError::io(path))?;
    String::from_utf8(bytes).map_err(|_| DataError::content(path, "not UTF-8 text; save it as UTF-8"))
}

fn bit(value: &str) -> Result<u8, &'static str> {
    match value {
        "0" => Ok(0),
        "1" => Ok(1),
        _ => Err("0 or 1"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;
    use std::ops::ControlFlow;

    const TEXT: &str = "file,Young,Male,Black_Hair,Blond_Hair,Brown_Hair\na.png,1,0,0,0,1\nb,0,1,1,0,0\n";

    fn parse(text: &str) -> Result<AttributeTable, String> {
        let mut go_on = |_| ControlFlow::Continue(());
        let parsed = AttributeTable::parse(Path::new("attributes.csv"), text, &mut Indexing::new(&mut go_on));
        parsed.map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_found_by_file_or_stem() {
        let table = parse(TEXT).unwrap();
        assert!(table.has_exactly(&Taxonomy::builtin("celeba-7").unwrap()));
        assert!(!table.has_exactly(&Taxonomy::builtin("portrait").unwrap()));
        let [a, b] = ["a.png", "b.jpg"].map(|image| table.row(image).unwrap());
        assert_eq!(table.row("c.jpg"), None);
        let values = table.into_values();
        assert_eq!((values.row(a), values.row(b)), ([1, 0, 0, 0, 1].as_slice(), [0, 1, 1, 0, 0].as_slice()));
    }

    #[test]
    fn wrong_rows_are_named() {
        for (text, part) in [
            ("", "empty"),
            ("name,Male\n", "header"),
            ("file,Male\na,2\n", "line 2 (a): Male is \"2\""),
            ("file,Male\na\n", "0 values"),
            ("file,Male\na,0\na,1\n", "line 3: a is listed twice"),
            ("file,Male,Young,Male\na,0,0,0\n", "two columns are `Male`"),
        ] {
            let error = parse(text).err().unwrap();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn hostile_text_is_answered() {
        hostile::survives(TEXT.as_bytes(), 5, |bytes| drop(parse(&String::from_utf8_lossy(bytes))));
    }
}
