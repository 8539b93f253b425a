//! The undo history beside a session file: `face.scgan.history`.
//!
//! It is written on explicit saves only, and it is a convenience: one that is damaged, or that belongs to another state
//! of the session, is left alone and the session opens without it.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::atomic_file::{read_capped, write_atomic_with};
use crate::document::{History, Snapshot};

/// Longest history file, in bytes; older entries are left out.
const MAX_BYTES: usize = 64 << 20;
const HASH_BYTES: usize = 32;

/// Where a session's history lies.
pub fn history_path(session: &Path) -> PathBuf {
    let mut name = session.as_os_str().to_owned();
    name.push(".history");
    PathBuf::from(name)
}

/// Writes the history of the session file at `session`, whose text is `session_text`. A history without entries
/// removes the file.
///
/// # Errors
/// The file can't be written; an older one is then what it was.
pub fn save_history(session: &Path, session_text: &str, document: &Snapshot, history: &History) -> io::Result<()> {
    let path = history_path(session);
    if !history.can_undo() && !history.can_redo() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let bytes = history.to_bytes(document, MAX_BYTES - HASH_BYTES).map_err(io::Error::other)?;
    write_atomic_with(&path, |out| {
        out.write_all(&Sha256::digest(session_text))?;
        out.write_all(&bytes)
    })
}

/// The history of the session file at `session`, if there is one that belongs to this very text. `n_labels` says which
/// label ids there may be, and `max_bytes` how much memory the history may take.
pub fn load_history(
    session: &Path,
    session_text: &str,
    document: &Snapshot,
    n_labels: usize,
    max_bytes: usize,
) -> Option<History> {
    let path = history_path(session);
    let bytes = match read_capped(&path, MAX_BYTES as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::info!("{}: {error}; the session opens without it", path.display());
            return None;
        }
    };
    let Some((hash, bytes)) = bytes.split_at_checked(HASH_BYTES) else {
        tracing::info!("{}: cut off; the session opens without it", path.display());
        return None;
    };
    if hash != Sha256::digest(session_text).as_slice() {
        tracing::info!("{}: belongs to another state of the session, which opens without it", path.display());
        return None;
    }
    let history = History::from_bytes(bytes, document, n_labels, max_bytes);
    history.inspect_err(|error| tracing::info!("{}: {error}; the session opens without it", path.display())).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::document::{LabelMap, LatentState, Timeline};
    use crate::hostile::survives;

    #[test]
    fn only_the_history_of_this_very_session_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let session = folder.path().join("Gesicht.scgan");
        let mut document = Snapshot {
            labels: LabelMap::new(80, 80, 0),
            attributes: vec![0.0],
            latent: LatentState::default(),
            timeline: Timeline::default(),
        };
        let mut history = History::new(usize::MAX);
        for row in 0..20 {
            let before = document.clone();
            document.labels.fill_row(row, 3..70, 1 + row as u8 % 3);
            history.commit("stroke", before, &document);
        }
        save_history(&session, "text", &document, &history).unwrap();
        let load = |text: &str| load_history(&session, text, &document, 4, 1 << 20);
        assert_eq!(load("text").unwrap().entries().count(), 20);
        assert!(load("another text").is_none());
        let good = std::fs::read(history_path(&session)).unwrap();
        survives(&good[..good.len().min(1200)], 3, |bytes| {
            std::fs::write(history_path(&session), bytes).unwrap();
            drop(load("text"));
        });
        save_history(&session, "text", &document, &History::new(9)).unwrap();
        assert!(!history_path(&session).exists() && load("text").is_none());
        save_history(&session, "text", &document, &History::new(9)).unwrap();
    }
}
