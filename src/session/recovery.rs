//! Recovery files: what autosave writes, and what the next start finds after a crash.
//!
//! Every process has a key and holds a lock on `<key>.lock` as long as it lives; its documents are autosaved to
//! `<key>.<document>.scgan` beside it. The system frees the lock however the process ends, so a recovery file whose lock
//! is free was left by a crash. A recovery file is a session with one comment before it; it opens like any other.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{Loaded, Session, SessionError};
use crate::atomic_file::write_atomic;

const SESSION: &str = ".scgan";
const LOCK: &str = ".lock";
const HEADING: &str = "// scgan-recovery ";
const MAX_HEADING_BYTES: u64 = 64 << 10;
/// What a writer that was killed left behind is removed when it is this old.
const STALE: Duration = Duration::from_secs(3600);

/// The folder of recovery files, and this process's place in it.
#[derive(Debug)]
pub struct RecoveryFolder {
    folder: PathBuf,
    key: String,
    /// Held, never used: its lock says that this process lives.
    _alive: File,
    /// Locks of dead processes whose files this process offers at the moment, by key, so that no other process does.
    claimed: HashMap<String, File>,
}

/// A document that a crash left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryEntry {
    /// Its file's name in the recovery folder.
    pub id: String,
    /// The user's file that the document was opened from or saved to.
    pub original: Option<PathBuf>,
    /// When it was written.
    pub modified: SystemTime,
    /// Length of the file.
    pub bytes: u64,
}

/// The comment before the session.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Heading {
    original: Option<PathBuf>,
}

impl RecoveryFolder {
    /// Makes the folder, and a place in it for this process.
    ///
    /// # Errors
    /// The folder or the lock can't be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        remove_stale_parts(folder);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let key = format!("{}-{:x}", process::id(), since.as_nanos());
        // Locked before it gets its name, so that nobody ever sees it free.
        let beside = folder.join(format!("{key}.new"));
        let alive = File::create_new(&beside)?;
        alive.lock()?;
        fs::rename(&beside, folder.join(format!("{key}{LOCK}")))?;
        Ok(Self { folder: folder.to_owned(), key, _alive: alive, claimed: HashMap::new() })
    }

    /// Writes a document's recovery file, all of it or nothing. `original` is the user's file, for the name only.
    ///
    /// # Errors
    /// Any error of writing; the recovery file is then what it was before.
    pub fn write(&self, document: u64, original: Option<&Path>, session_text: &str) -> io::Result<()> {
        // A path that is no text is left out; the document matters more than its name.
        let heading = Heading { original: original.map(Path::to_owned) };
        let heading = serde_json::to_string(&heading).unwrap_or_else(|_| "{}".to_owned());
        write_atomic(&self.file_of(document), format!("{HEADING}{heading}\n{session_text}").as_bytes())
    }

    /// Removes a document's recovery file, if there is one.
    ///
    /// # Errors
    /// There is one, but it can't be removed.
    pub fn remove(&self, document: u64) -> io::Result<()> {
        remove_if_there(&self.file_of(document))
    }

    /// What dead processes left, newest first. Until [`RecoveryFolder::release`], no other process is offered it.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn abandoned(&mut self) -> io::Result<Vec<RecoveryEntry>> {
        let mut entries = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let Ok(name) = file?.file_name().into_string() else { continue };
            if let Some(key) = key_of(&name)
                && key != self.key
                && self.claim(key)
            {
                entries.extend(self.describe(&name));
            }
        }
        entries.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.id.cmp(&b.id)));
        self.remove_idle_locks();
        Ok(entries)
    }

    /// What a dead process left, and where it lies.
    ///
    /// # Errors
    /// The file is gone or damaged.
    pub fn read(&self, id: &str) -> Result<(PathBuf, Loaded), SessionError> {
        let missing = |source| SessionError::Read { path: self.folder.join(id), source };
        let path = self.abandoned_file(id).map_err(missing)?;
        let loaded = Session::load(&path)?;
        Ok((path, loaded))
    }

    /// Makes what a dead process left this process's `document`. Returns the user's file that it was opened from.
    ///
    /// # Errors
    /// The file is gone or can't be renamed.
    pub fn adopt(&mut self, id: &str, document: u64) -> io::Result<Option<PathBuf>> {
        let original = self.describe(id).and_then(|entry| entry.original);
        fs::rename(self.abandoned_file(id)?, self.file_of(document))?;
        Ok(original)
    }

    /// Removes what a dead process left.
    ///
    /// # Errors
    /// It can't be removed.
    pub fn discard(&mut self, id: &str) -> io::Result<()> {
        remove_if_there(&self.abandoned_file(id)?)
    }

    /// Offers what is left to other processes again.
    pub fn release(&mut self) {
        self.remove_idle_locks();
        self.claimed.clear();
    }

    fn file_of(&self, document: u64) -> PathBuf {
        self.folder.join(format!("{}.{document}{SESSION}", self.key))
    }

    /// The file of an entry; only names that this folder gives are taken.
    fn abandoned_file(&self, id: &str) -> io::Result<PathBuf> {
        match key_of(id) {
            Some(key) if self.claimed.contains_key(key) => Ok(self.folder.join(id)),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "it is not there any more")),
        }
    }

    /// Whether the process of that key is dead and its files are this process's to offer.
    fn claim(&mut self, key: &str) -> bool {
        if self.claimed.contains_key(key) {
            return true;
        }
        let path = self.folder.join(format!("{key}{LOCK}"));
        let Ok(lock) = File::options().create(true).truncate(false).write(true).open(path) else { return false };
        match lock.try_lock() {
            Ok(()) => {
                self.claimed.insert(key.to_owned(), lock);
                true
            }
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => {
                tracing::warn!("{}: locks do not work here: {error}", self.folder.display());
                false
            }
        }
    }

    fn describe(&self, name: &str) -> Option<RecoveryEntry> {
        let path = self.folder.join(name);
        let file = File::open(&path).ok()?;
        let metadata = file.metadata().ok()?;
        let mut line = String::new();
        // What is no text has no heading; that the session is damaged is said when it is opened.
        let _ = BufReader::new(file.take(MAX_HEADING_BYTES)).read_line(&mut line);
        let heading = line.strip_prefix(HEADING).and_then(|json| serde_json::from_str::<Heading>(json).ok());
        Some(RecoveryEntry {
            id: name.to_owned(),
            original: heading.unwrap_or_default().original,
            modified: metadata.modified().unwrap_or(UNIX_EPOCH),
            bytes: metadata.len(),
        })
    }

    /// Removes the locks of dead processes that left nothing, or nothing any more.
    fn remove_idle_locks(&mut self) {
        let names: Vec<String> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|file| file.file_name().into_string().ok())
            .collect();
        for key in names.iter().filter_map(|name| name.strip_suffix(LOCK)) {
            if key == self.key {
                continue;
            }
            let idle = !names.iter().any(|name| key_of(name) == Some(key));
            if idle && self.claim(key) {
                let _ = fs::remove_file(self.folder.join(format!("{key}{LOCK}")));
                self.claimed.remove(key);
            }
        }
    }
}

impl Drop for RecoveryFolder {
    /// Without documents to recover the lock is of no use.
    fn drop(&mut self) {
        let own = |name: &str| key_of(name) == Some(self.key.as_str());
        let mut files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        if !files.any(|file| file.file_name().to_str().is_some_and(own)) {
            let _ = fs::remove_file(self.folder.join(format!("{}{LOCK}", self.key)));
        }
    }
}

/// The key in a recovery file's name; `None` for other files.
fn key_of(name: &str) -> Option<&str> {
    let (key, document) = name.strip_suffix(SESSION)?.split_once('.')?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (plain(key) && plain(document)).then_some(key)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Others may be writing here at this moment, so only old ones go.
fn remove_stale_parts(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let unfinished = name.to_string_lossy().ends_with(".part") || name.to_string_lossy().ends_with(".new");
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if unfinished && age.is_some_and(|age| age > STALE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ids(folder: &mut RecoveryFolder) -> Vec<String> {
        folder.abandoned().unwrap().into_iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn only_what_the_dead_left_is_offered_and_to_one_process_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let living = RecoveryFolder::open(place.path()).unwrap();
        living.write(0, None, "living").unwrap();
        let dead = RecoveryFolder::open(place.path()).unwrap();
        dead.write(0, Some(Path::new("/home/Gesicht ü.scgan")), "one").unwrap();
        dead.write(7, None, "two").unwrap();
        let mut next = RecoveryFolder::open(place.path()).unwrap();
        assert_eq!(ids(&mut next), Vec::<String>::new(), "all of them live");
        drop(dead);

        let found = next.abandoned().unwrap();
        assert_eq!(found.len(), 2);
        let named = found.iter().find(|entry| entry.original.is_some()).unwrap();
        assert_eq!(named.original.as_deref(), Some(Path::new("/home/Gesicht ü.scgan")));
        let mut other = RecoveryFolder::open(place.path()).unwrap();
        assert!(ids(&mut other).is_empty(), "another window offers them already");
        next.release();
        assert_eq!(ids(&mut other).len(), 2);
        let other_named = ids(&mut other).into_iter().find(|id| *id == named.id).unwrap();
        assert!(other.read(&other_named).is_err(), "no session");
        let original = other.adopt(&other_named, 3).unwrap();
        assert!(original.is_some() && fs::read_to_string(other.file_of(3)).unwrap().ends_with("\none"));
        for id in ids(&mut other) {
            other.discard(&id).unwrap();
        }
        assert!(ids(&mut other).is_empty());
        assert!(other.discard("../../etc/passwd").is_err() && other.adopt("x.scgan", 1).is_err());
        other.remove(3).unwrap();
        other.remove(3).unwrap();
        drop((next, other));
        living.remove(0).unwrap();
        drop(living);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left behind");
    }

    #[test]
    fn strange_files_are_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let strange = ["x.scgan", "a b.1.scgan", ".scgan", "12.scgan.part", "k.1.png", "..scgan"];
        for name in strange {
            fs::write(place.path().join(name), [0xff; 300]).unwrap();
        }
        fs::write(place.path().join("99-ab.1.scgan"), [0xff; 300]).unwrap();
        let mut folder = RecoveryFolder::open(place.path()).unwrap();
        assert_eq!(ids(&mut folder), ["99-ab.1.scgan"], "damaged, but nobody holds it");
        assert!(strange.iter().all(|name| place.path().join(name).exists()));
    }
}
