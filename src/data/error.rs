//! What can be wrong with training data.

use super::mat5::Mat5Error;
use crate::characters::CharacterError;
use crate::label_image::MaskPngError;
use crate::taxonomy::TaxonomyError;
use std::path::{Path, PathBuf};

/// Why a data set cannot be opened or a sample cannot be read. Every variant names the file or the sample.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An image cannot be decoded.
    #[error("{}: not a readable image ({source}); replace or remove it", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// A mask cannot be decoded, or has labels that the taxonomy lacks.
    #[error("{}: {source}", path.display())]
    Mask {
        /// The file.
        path: PathBuf,
        /// Why.
        source: MaskPngError,
    },
    /// A MATLAB file cannot be read.
    #[error("{}: {source}", path.display())]
    Mat {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Mat5Error,
    },
    /// A `taxonomy.ron` cannot be used.
    #[error("{}: {source}", path.display())]
    Taxonomy {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<TaxonomyError>,
    },
    /// A file's content is not what its format says.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file or folder.
        path: PathBuf,
        /// What was found, what was expected, and what to do.
        problem: String,
    },
    /// A sample's attributes contradict their group.
    #[error("{sample}: {problem}; correct its row")]
    Attributes {
        /// Name of the sample.
        sample: String,
        /// The group, and what was expected.
        problem: String,
    },
    /// Characters cannot be loaded or rendered.
    #[error(transparent)]
    Characters(#[from] CharacterError),
    /// The specification names no data set.
    #[error("`{spec}` is no data set: {problem}")]
    Spec {
        /// The specification as given.
        spec: String,
        /// What was expected.
        problem: String,
    },
    /// A sample index past the end.
    #[error("sample {index} of a data set of {len}")]
    Index {
        /// The index asked for.
        index: usize,
        /// Number of samples.
        len: usize,
    },
    /// The source panicked, or delivered another sample than it promises.
    #[error(
        "the reader failed on sample {index}: {message}; this is a bug in it, please report it with that sample's files"
    )]
    Bug {
        /// Index of the sample.
        index: usize,
        /// How it failed.
        message: String,
    },
    /// Too many samples of an epoch cannot be read.
    #[error(
        "{unreadable} of {len} samples cannot be read, the last because: {last}; run `scgan dataset inspect` on the data set"
    )]
    Unreadable {
        /// Number of samples that failed in this epoch.
        unreadable: usize,
        /// Number of samples.
        len: usize,
        /// The last failure.
        last: String,
    },
    /// Whoever asked for the work broke it off.
    #[error("cancelled")]
    Cancelled,
    /// The loader's threads are gone.
    #[error("the loader has stopped; start the run again")]
    Stopped,
}

impl DataError {
    /// For `map_err` on an operation on `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content { path: path.to_path_buf(), problem: problem.into() }
    }
}
