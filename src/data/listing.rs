//! The files of a folder, indexed by name alone: one pass over the folder, no look at the files.

use super::DataError;
use super::options::Indexing;
use std::path::{Path, PathBuf};

/// File names of a folder with one of some extensions, by stem; no two have the same.
pub(super) struct Listing {
    pub(super) folder: PathBuf,
    pub(super) names: Vec<Box<str>>,
}

impl Listing {
    /// Lists files with one of the extensions, in any case. Hidden files (`._a.png`, `.DS_Store`) come from other programs and
    /// do not count. Names that are not UTF-8 and stems that occur twice are problems.
    pub(super) fn read(
        folder: &Path,
        extensions: &[&str],
        indexing: &mut Indexing<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        let mut names: Vec<Box<str>> = Vec::new();
        for entry in folder.read_dir().map_err(DataError::io(folder))? {
            let entry = entry.map_err(DataError::io(folder))?;
            indexing.met()?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let shown = name.to_string_lossy();
                problems.push(format!("{}/{shown}: the file's name is not UTF-8; rename it", folder.display()));
                continue;
            };
            let known = |extension: &str| extensions.iter().any(|known| known.eq_ignore_ascii_case(extension));
            let wanted = name.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && known(extension));
            // The folder's own listing tells files from folders, so that no file is touched.
            if wanted && !name.starts_with('.') && !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                names.push(name.into());
            }
        }
        names.sort_unstable_by(|one, other| (stem(one), one).cmp(&(stem(other), other)));
        names.dedup_by(|later, first| {
            let same = stem(later) == stem(first);
            if same {
                problems.push(format!("{}/{later} has the same stem as {first}; rename one", folder.display()));
            }
            same
        });
        Ok(Self { folder: folder.to_path_buf(), names })
    }
}

/// A file name without its extension.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Where data sets keep their tables beside their own folder.
const TABLE_FOLDERS: [&str; 7] =
    ["", "Anno", "Eval", "labels/shape", "labels/fabric", "labels/texture", "labels/color"];
const TABLE_EXTENSIONS: [&str; 3] = ["csv", "txt", "ron"];

/// The text files of a data set that speak of many samples: attributes, parts, labels. Sorted by name.
pub(super) fn tables(root: &Path) -> Vec<PathBuf> {
    let folders = TABLE_FOLDERS.iter().filter_map(|folder| root.join(folder).read_dir().ok());
    let files = folders.flatten().flatten().map(|entry| entry.path());
    let is_table = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| TABLE_EXTENSIONS.contains(&extension))
    };
    let mut tables: Vec<PathBuf> = files.filter(is_table).collect();
    tables.sort();
    tables
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs;
    use std::ops::ControlFlow;

    fn list(folder: &Path) -> (Vec<Box<str>>, Vec<String>) {
        let mut problems = Vec::new();
        let mut go_on = |_| ControlFlow::Continue(());
        let listing = Listing::read(folder, &["png", "jpg"], &mut Indexing::new(&mut go_on), &mut problems).unwrap();
        (listing.names, problems)
    }

    #[test]
    fn names_are_sorted_by_stem_and_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.PNG", "a-1.png", "a.jpg", "._a.png", ".png", "notes.txt", "a.png"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("c.png")).unwrap();
        let (names, problems) = list(folder.path());
        assert_eq!(names.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["a.jpg", "a-1.png", "b.PNG"]);
        assert!(
            matches!(&problems[..], [problem] if problem.ends_with("a.png has the same stem as a.jpg; rename one"))
        );
    }

    #[test]
    fn whoever_waits_may_stop() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..1500 {
            fs::write(folder.path().join(format!("{number}.png")), "").unwrap();
        }
        let mut seen = Vec::new();
        let mut stop = |progress: super::super::IndexProgress| {
            seen.push(progress.names);
            ControlFlow::Break(())
        };
        let listed = Listing::read(folder.path(), &["png"], &mut Indexing::new(&mut stop), &mut Vec::new());
        assert!(matches!(listed, Err(DataError::Cancelled)));
        assert_eq!(seen, [1024]);
    }
}
