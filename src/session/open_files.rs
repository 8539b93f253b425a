//! Notices when a session is open in another window: an advisory lock per file, in the program's own folder.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The session files that this process has open.
#[derive(Debug)]
pub struct OpenFiles {
    folder: PathBuf,
    held: HashMap<PathBuf, (PathBuf, File)>,
}

impl OpenFiles {
    /// Keeps its locks in `folder`, which is made when there is something to lock.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), held: HashMap::new() }
    }

    /// Says to other processes that `path` is open here. False when another process has said so already. Where locks do
    /// not work, nobody notices anything.
    pub fn claim(&mut self, path: &Path) -> bool {
        let path = canonical(path);
        if self.held.contains_key(&path) {
            return true;
        }
        let lock_path = self.folder.join(lock_name(&path));
        let opened = fs::create_dir_all(&self.folder)
            .and_then(|()| File::options().create(true).truncate(false).write(true).open(&lock_path));
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!("{}: cannot be made: {error}", lock_path.display());
                return true;
            }
        };
        match file.try_lock() {
            Ok(()) => drop(self.held.insert(path, (lock_path, file))),
            Err(TryLockError::WouldBlock) => return false,
            Err(TryLockError::Error(error)) => tracing::warn!("{}: cannot be locked: {error}", lock_path.display()),
        }
        true
    }

    /// Gives back the claims on all files but these.
    pub fn keep_only(&mut self, paths: &[PathBuf]) {
        let keep: Vec<PathBuf> = paths.iter().map(|path| canonical(path)).collect();
        self.held.retain(|path, (lock_path, _)| {
            let kept = keep.contains(path);
            if !kept {
                let _ = fs::remove_file(lock_path);
            }
            kept
        });
    }
}

impl Drop for OpenFiles {
    fn drop(&mut self) {
        self.keep_only(&[]);
    }
}

/// One name per file, whichever way its path is written.
fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

fn lock_name(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{name}.lock")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_second_one_notices_until_the_first_lets_go() {
        let place = tempfile::tempdir().unwrap();
        let session = place.path().join("face.scgan");
        fs::write(&session, "").unwrap();
        fs::create_dir(place.path().join("sub")).unwrap();
        let detour = place.path().join("sub").join("..").join("face.scgan");
        let locks = place.path().join("open");
        let (mut one, mut two) = (OpenFiles::new(&locks), OpenFiles::new(&locks));
        assert!(one.claim(&session) && one.claim(&detour));
        assert!(!two.claim(&detour) && two.claim(&place.path().join("other.scgan")));
        one.keep_only(std::slice::from_ref(&detour));
        assert!(!two.claim(&session));
        one.keep_only(&[]);
        assert!(two.claim(&session) && !one.claim(&session));
        drop((one, two));
        assert_eq!(fs::read_dir(&locks).unwrap().count(), 0);
    }
}
