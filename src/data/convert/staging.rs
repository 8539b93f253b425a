//! A folder that appears at its destination complete or not at all.

use crate::data::DataError;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A hidden folder beside the destination, deleted unless it is published.
pub(crate) struct Staging {
    destination: PathBuf,
    folder: TempDir,
}

impl Staging {
    /// Refuses a destination where something is.
    pub(crate) fn beside(destination: &Path) -> Result<Self, DataError> {
        check_free(destination)?;
        let Some(name) = destination.file_name() else {
            return Err(DataError::content(destination, "no name for a new folder; name one"));
        };
        let parent = destination.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(DataError::io(parent))?;
        let mut prefix = OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        let folder = tempfile::Builder::new().prefix(&prefix).suffix(".part").tempdir_in(parent);
        Ok(Self { destination: destination.to_path_buf(), folder: folder.map_err(DataError::io(parent))? })
    }

    /// Where to write.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Moves the folder to its destination, unless something has come there meanwhile.
    pub(crate) fn publish(self) -> Result<(), DataError> {
        check_free(&self.destination)?;
        // An empty folder makes room; not every system renames over one.
        if self.destination.exists() {
            fs::remove_dir(&self.destination).map_err(DataError::io(&self.destination))?;
        }
        fs::rename(self.folder.path(), &self.destination).map_err(DataError::io(&self.destination))?;
        // The folder has moved: there is nothing left to delete under the old name.
        let _ = self.folder.keep();
        Ok(())
    }
}

fn check_free(destination: &Path) -> Result<(), DataError> {
    if fs::symlink_metadata(destination).is_err() {
        return Ok(());
    }
    let is_empty = destination.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    if is_empty {
        return Ok(());
    }
    Err(DataError::content(destination, "is there already; choose a new name or an empty folder"))
}
