//! `attributes.csv`: header `file,<attribute>…`, one row per image, values 0 or 1.

use super::{DataError, csv};
use crate::atomic_file::read_capped;
use crate::taxonomy::{MAX_ATTRIBUTES, Taxonomy};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const MAX_BYTES: u64 = 256 << 20;

/// The table, which may hold more attributes than a taxonomy asks for.
pub(super) struct AttributeTable {
    path: PathBuf,
    attributes: Vec<String>,
    rows: HashMap<String, Vec<f32>>,
}

impl AttributeTable {
    /// Reads and checks the whole table. A file that does not exist is a table without attributes.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        if !path.exists() {
            return Ok(Self { path: path.to_path_buf(), attributes: Vec::new(), rows: HashMap::new() });
        }
        let bytes = read_capped(path, MAX_BYTES).map_err(DataError::io(path))?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| DataError::content(path, "not UTF-8 text; save it as UTF-8"))?;
        Self::parse(path, text).map_err(|problem| DataError::content(path, problem))
    }

    fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let mut lines = csv::rows(text)?.into_iter();
        let (_, header) = lines.next().ok_or("empty; expected the header `file,<attribute>…`")?;
        let attributes = match header.split_first() {
            Some((first, attributes)) if first == "file" => attributes.to_vec(),
            _ => return Err("the first line is not the header `file,<attribute>…`".to_owned()),
        };
        // CelebA alone has 40 of which a taxonomy may take a few; this bounds what a hostile header makes of every row.
        if attributes.len() > 4 * MAX_ATTRIBUTES {
            return Err(format!("{} attributes; expected at most {}", attributes.len(), 4 * MAX_ATTRIBUTES));
        }
        let mut rows = HashMap::new();
        for (line, fields) in lines {
            let (file, values) = fields.split_first().ok_or_else(|| format!("line {line} is empty"))?;
            if values.len() != attributes.len() {
                return Err(format!(
                    "line {line} ({file}): {} values for {} attributes",
                    values.len(),
                    attributes.len()
                ));
            }
            let values: Result<Vec<f32>, String> = values
                .iter()
                .zip(&attributes)
                .map(|(value, name)| bit(value, name).map_err(|e| format!("line {line} ({file}): {e}")))
                .collect();
            if rows.insert(file.clone(), values?).is_some() {
                return Err(format!("line {line}: {file} is listed twice"));
            }
        }
        Ok(Self { path: path.to_path_buf(), attributes, rows })
    }

    /// Its attributes, in the order of its columns.
    pub(super) fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// The files or stems that have a row.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Whether its attributes are those of the taxonomy, in any order.
    pub(super) fn has_exactly(&self, taxonomy: &Taxonomy) -> bool {
        self.attributes.len() == taxonomy.n_attributes() && self.columns_of(taxonomy).is_ok()
    }

    /// The columns of the taxonomy's attributes, in its flat order.
    pub(super) fn columns_of(&self, taxonomy: &Taxonomy) -> Result<Vec<usize>, DataError> {
        let column = |name: &str| self.attributes.iter().position(|attribute| attribute == name);
        let columns = taxonomy.attribute_names().map(|name| {
            let missing = || format!("no column `{name}`, which taxonomy `{}` has; add it", taxonomy.name);
            column(name).ok_or_else(|| DataError::content(&self.path, missing()))
        });
        columns.collect()
    }

    /// The values of an image, which a row may name with or without its extension.
    pub(super) fn values(&self, image: &Path, columns: &[usize]) -> Option<Vec<f32>> {
        let row = |name: Option<&std::ffi::OsStr>| self.rows.get(name?.to_str()?);
        let row = row(image.file_name()).or_else(|| row(image.file_stem()))?;
        columns.iter().map(|column| row.get(*column).copied()).collect()
    }
}

fn bit(value: &str, name: &str) -> Result<f32, String> {
    match value {
        "0" => Ok(0.0),
        "1" => Ok(1.0),
        _ => Err(format!("{name} is {value:?}; expected 0 or 1")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;

    const TEXT: &str = "file,Young,Male,Black_Hair,Blond_Hair,Brown_Hair\na.png,1,0,0,0,1\nb,0,1,1,0,0\n";

    fn parse(text: &str) -> Result<AttributeTable, String> {
        AttributeTable::parse(Path::new("attributes.csv"), text)
    }

    #[test]
    fn columns_are_found_by_name_and_rows_by_file_or_stem() {
        let table = parse(TEXT).unwrap();
        let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        assert!(table.has_exactly(&taxonomy));
        let columns = table.columns_of(&taxonomy).unwrap();
        assert_eq!(table.values(Path::new("x/a.png"), &columns), Some(vec![0.0, 0.0, 1.0, 0.0, 1.0]));
        assert_eq!(table.values(Path::new("x/b.jpg"), &columns), Some(vec![1.0, 0.0, 0.0, 1.0, 0.0]));
        assert_eq!(table.values(Path::new("x/c.jpg"), &columns), None);
        let error = table.columns_of(&Taxonomy::builtin("portrait").unwrap()).unwrap_err().to_string();
        assert!(error.contains("attributes.csv") && error.contains("`Red_Hair`"), "{error}");
    }

    #[test]
    fn wrong_rows_are_named() {
        for (text, part) in [
            ("", "empty"),
            ("name,Male\n", "header"),
            ("file,Male\na,2\n", "line 2 (a): Male is \"2\""),
            ("file,Male\na\n", "0 values"),
            ("file,Male\na,0\na,1\n", "twice"),
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
