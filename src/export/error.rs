//! Why an animation or a sheet was not written.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The user changed their mind.
    #[error("{path}: the export was cancelled; nothing was written")]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
    /// What was asked for cannot be.
    #[error("{path}: {problem}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to choose.
        problem: String,
    },
    /// The file can't be written.
    #[error("cannot write {path}: {source}; export it to somewhere else")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder for a sequence has something in it.
    #[error("{path}: the folder is not empty; choose a new one for the sequence")]
    FolderInUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is no ffmpeg.
    #[error("{path}: MP4 needs ffmpeg, which was not found ({source}); install it, or choose GIF or APNG")]
    NoFfmpeg {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// ffmpeg failed.
    #[error("{path}: ffmpeg failed ({message}); choose another place, or GIF or APNG")]
    Ffmpeg {
        /// The file.
        path: PathBuf,
        /// What it said first.
        message: String,
    },
}

impl ExportError {
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    pub(super) fn cancelled(path: &Path) -> Self {
        Self::Cancelled { path: path.to_owned() }
    }
}

/// Lets a writer stop inside [`crate::atomic_file::write_atomic_with`], which knows io errors only.
#[derive(Default)]
pub(super) struct Stopped(bool);

impl Stopped {
    /// An error when the answer is to stop.
    pub(super) fn unless(&mut self, answer: ControlFlow<()>) -> io::Result<()> {
        self.0 |= answer.is_break();
        if answer.is_break() { Err(io::Error::other("cancelled")) } else { Ok(()) }
    }

    /// What the outcome of writing means.
    pub(super) fn outcome(&self, path: &Path, written: io::Result<()>) -> Result<(), ExportError> {
        match written {
            Ok(()) => Ok(()),
            Err(_) if self.0 => Err(ExportError::cancelled(path)),
            Err(source) => Err(ExportError::write(path, source)),
        }
    }
}
