//! Files that are either the old version or the new one, never half of each.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const PART_PREFIX: &str = ".scgan-";
const PART_SUFFIX: &str = ".part";

/// Replaces the file at `path` by `bytes`: writes beside it, syncs, renames, syncs the folder.
///
/// # Errors
/// Any error of creating, writing or renaming; the file at `path` is then what it was before.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomic_with(path, |out| out.write_all(bytes))
}

/// [`write_atomic`] for content that `write` streams out (buffered), so that it need not be in memory at once.
///
/// A symbolic link at `path` stays one: the file it points at is replaced. The permissions of an existing file are kept.
///
/// # Errors
/// Any error of `write`, or of creating, syncing or renaming; the file at `path` is then what it was before.
pub fn write_atomic_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let existing = fs::metadata(&target).ok().map(|metadata| metadata.permissions());
    if existing.as_ref().is_some_and(fs::Permissions::readonly) {
        // A rename would replace it all the same: only the folder's permission counts there.
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let folder = folder_of(&target);
    let mut beside = new_file_in(&folder)?;
    {
        let mut out = BufWriter::new(beside.as_file_mut());
        write(&mut out)?;
        out.flush()?;
    }
    if let Some(permissions) = existing {
        beside.as_file().set_permissions(permissions)?;
    }
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|failed| failed.error)?;
    sync_folder(&folder)
}

/// Removes what killed writers left in `folder`. Only for a folder that nobody else writes to at the moment.
pub fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PART_PREFIX)
            && name.ends_with(PART_SUFFIX)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!("{}: could not be removed: {error}", entry.path().display());
        }
    }
}

/// The whole file, if it is no longer than `max_bytes`.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a longer file, of which no more than `max_bytes` + 1 are ever held; else the error of reading.
pub fn read_capped(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    // The length may be unknown (a pipe) or change while reading, so it only decides the first allocation.
    let claimed = file.metadata()?.len();
    if claimed > max_bytes {
        return Err(too_long(max_bytes));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(claimed).unwrap_or(0));
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_long(max_bytes));
    }
    Ok(bytes)
}

fn too_long(max_bytes: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the file is longer than the {max_bytes} bytes allowed here"))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// A temporary file with the permissions a new file usually gets; `tempfile` alone would make it readable to its owner only.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART_PREFIX).suffix(PART_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Makes the rename itself durable. File systems that cannot sync a folder answer with an error that is no fault of ours: the
/// new file is complete and in place by then.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn replaces_the_whole_file_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Sitzung ü.scgan");
        write_atomic(&path, b"a long first version").unwrap();
        write_atomic(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failing_writer_leaves_the_old_file_and_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        write_atomic(&path, b"old").unwrap();
        let failed = write_atomic_with(&path, |out| {
            out.write_all(&[7; 100_000])?;
            Err(io::Error::other("disk full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "disk full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_atomic(&folder.path().join("absent/file"), b"x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn keeps_permissions_and_symbolic_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write_atomic(&real, b"old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomic(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

        fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
        assert_eq!(write_atomic(&link, b"newer").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&real).unwrap(), b"new");
    }

    #[test]
    fn reads_up_to_the_cap_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [1, 2, 3, 4]).unwrap();
        assert_eq!(read_capped(&path, 4).unwrap(), [1, 2, 3, 4]);
        assert_eq!(read_capped(&path, u64::MAX).unwrap().len(), 4);
        assert_eq!(read_capped(&path, 3).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
