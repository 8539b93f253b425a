//! Which runs are unfinished, so that the next start of the program can offer to continue them.
//!
//! A record per run lies in the state folder while the run goes on. A process holds a lock beside it as long as it
//! trains; a record whose lock is free was left by a process that ended.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::atomic_file::{read_capped, write_atomic};

/// Longest record that is read, in bytes.
const MAX_BYTES: u64 = 64 << 10;
const RECORD: &str = "run.ron";
const LOCK: &str = "lock";

/// An unfinished run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRun {
    /// Its folder.
    pub folder: PathBuf,
    /// Name of its model.
    pub name: String,
    /// Its data set.
    pub data: String,
    /// Updates of G at its last checkpoint.
    pub step: u64,
    /// Updates of G in the whole run.
    pub steps: u64,
}

/// A run that this process trains. Dropping it leaves the record, so that the run is offered again.
#[derive(Debug)]
pub(super) struct Claim {
    record: PathBuf,
    /// Held while it lives.
    _lock: File,
}

/// Where the records lie.
#[derive(Clone, Debug)]
pub(super) struct Records(PathBuf);

impl Records {
    /// In the program's state folder.
    pub(super) fn new(state: &Path) -> Self {
        Self(state.join("training"))
    }

    /// Makes the run this process's own.
    ///
    /// # Errors
    /// Another process trains it, or the state folder cannot be written.
    pub(super) fn claim(&self, folder: &Path) -> Result<Claim, String> {
        let failed =
            |error: std::io::Error| format!("{}: {error}; make room or permit writing there", self.0.display());
        fs::create_dir_all(&self.0).map_err(failed)?;
        let stem = self.stem(folder);
        let lock = File::create(stem.with_extension(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Claim { record: stem.with_extension(RECORD), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(format!(
                "{} is being trained in another window; stop it there, or choose another folder",
                folder.display()
            )),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The run that was left last, if any was.
    pub(super) fn interrupted(&self) -> Option<ActiveRun> {
        let entries = fs::read_dir(&self.0).ok()?.flatten();
        let records = entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(RECORD));
        let mut left: Vec<(SystemTime, ActiveRun)> = records
            .filter_map(|path| {
                let modified = fs::metadata(&path).and_then(|data| data.modified()).ok()?;
                let run = read(&path)?;
                // Free when nobody trains it; gone when its folder is.
                (run.folder.is_dir() && self.claim(&run.folder).is_ok()).then_some((modified, run))
            })
            .collect();
        left.sort_by_key(|(modified, _)| *modified);
        left.pop().map(|(_, run)| run)
    }

    /// Removes the record of a run.
    pub(super) fn forget(&self, folder: &Path) {
        let _ = fs::remove_file(self.stem(folder).with_extension(RECORD));
    }

    /// The same folder by another path is the same run.
    fn stem(&self, folder: &Path) -> PathBuf {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let digest = Sha256::digest(folder.to_string_lossy().as_bytes());
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.0.join(hex)
    }
}

impl Claim {
    /// Notes how far the run is.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub(super) fn note(&self, run: &ActiveRun) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", self.record.display());
        let text = ron::ser::to_string_pretty(run, ron::ser::PrettyConfig::default()).map_err(|e| failed(&e))?;
        write_atomic(&self.record, text.as_bytes()).map_err(|error| failed(&error))
    }

    /// There is nothing to continue.
    pub(super) fn finish(self) {
        let _ = fs::remove_file(&self.record);
    }
}

fn read(path: &Path) -> Option<ActiveRun> {
    let bytes = read_capped(path, MAX_BYTES).ok()?;
    ron::from_str(std::str::from_utf8(&bytes).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::hostile::survives;

    fn run_in(folder: &Path, step: u64) -> ActiveRun {
        ActiveRun { folder: folder.to_owned(), name: "twenty".to_owned(), data: "pairs".to_owned(), step, steps: 9 }
    }

    #[test]
    fn a_run_is_offered_once_its_process_has_left_it() {
        let state = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let records = Records::new(state.path());
        assert_eq!(records.interrupted(), None);
        let claim = records.claim(folder.path()).unwrap();
        claim.note(&run_in(folder.path(), 4)).unwrap();
        assert_eq!(records.interrupted(), None, "it is being trained");
        let refused = records.claim(folder.path()).unwrap_err();
        assert!(refused.contains("another window"), "{refused}");
        drop(claim);
        assert_eq!(records.interrupted(), Some(run_in(folder.path(), 4)));
        records.claim(folder.path()).unwrap().finish();
        assert_eq!(records.interrupted(), None);
    }

    #[test]
    fn one_whose_folder_is_gone_or_that_was_given_up_is_not_offered() {
        let state = tempfile::tempdir().unwrap();
        let records = Records::new(state.path());
        let folder = tempfile::tempdir().unwrap();
        records.claim(folder.path()).unwrap().note(&run_in(folder.path(), 4)).unwrap();
        records.forget(folder.path());
        assert_eq!(records.interrupted(), None);
        let gone = folder.path().to_owned();
        records.claim(&gone).unwrap().note(&run_in(&gone, 4)).unwrap();
        drop(folder);
        assert_eq!(records.interrupted(), None);
    }

    #[test]
    fn a_damaged_record_is_no_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.run.ron");
        let text = ron::to_string(&run_in(folder.path(), 4)).unwrap();
        survives(text.as_bytes(), 9, |bytes| {
            fs::write(&path, bytes).unwrap();
            read(&path);
        });
    }
}
