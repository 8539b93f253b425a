//! A folder of numbered PNGs.

use std::fs;
use std::path::Path;

use super::{ExportError, Frames, Progress};

/// The folder is made beside the destination and renamed when it is complete.
pub(super) fn write(path: &Path, frames: &Frames<'_>, progress: Progress<'_>) -> Result<(), ExportError> {
    let failed = |source| ExportError::write(path, source);
    let in_use = || ExportError::FolderInUse { path: path.to_owned() };
    if path.exists() && fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(in_use());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".scgan-").suffix(".part").tempdir_in(parent).map_err(failed)?;
    let frames_folder = beside.path().join("frames");
    fs::create_dir(&frames_folder).map_err(failed)?;
    let digits = frames.len().to_string().len().max(4);
    for index in 0..frames.len() {
        let file = frames_folder.join(format!("frame-{:0digits$}.png", index + 1));
        frames.frame(index).save(&file).map_err(|error| failed(std::io::Error::other(error)))?;
        if progress(index + 1, frames.len()).is_break() {
            return Err(ExportError::cancelled(path));
        }
    }
    if path.exists() {
        fs::remove_dir(path).map_err(|_| in_use())?;
    }
    fs::rename(&frames_folder, path).map_err(failed)
}
