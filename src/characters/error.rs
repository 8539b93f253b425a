//! What can be wrong with a folder of characters, or with rendering them.

use std::path::{Path, PathBuf};

/// Why a character cannot be loaded or rendered. What concerns a file names it.
#[derive(Debug, thiserror::Error)]
pub enum CharacterError {
    /// A file or folder cannot be read.
    #[error("{}: {source}; name MakeHuman's `data` folder", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of a text file is not what its format says.
    #[error("{}:{line}: {problem}; replace the file", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What was found and expected.
        problem: String,
    },
    /// A file or folder lacks something, or contradicts another file.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What was found, and what to do.
        problem: String,
    },
    /// The folder lacks what a template is made of.
    #[error("the folder lacks hair, brows or clothes of the template {0}; name MakeHuman's own `data` folder")]
    Template(String),
    /// A texture cannot be decoded.
    #[error("{}: not a readable texture ({source}); replace it", path.display())]
    Texture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// No device that draws, or the one that did is lost.
    #[error("characters cannot be drawn: {0}")]
    Device(String),
}

impl CharacterError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    pub(super) fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content { path: path.to_path_buf(), problem: problem.into() }
    }
}
