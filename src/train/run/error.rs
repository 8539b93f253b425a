//! What can be wrong with a run folder.

use std::path::Path;

/// A run folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A new run would bury an old one.
    #[error("{0}: a run is here already; continue it with --resume, or choose another folder")]
    Exists(String),
    /// There is no run to continue.
    #[error("{0}: no run to continue; start it without --resume")]
    Missing(String),
    /// The run was started by an older program that did not write its data down.
    #[error("{0}: this run does not say what data it was started with; give it with --data")]
    NoData(String),
    /// The description of the run cannot be read or written.
    #[error("{path}: {reason}; repair the file, or start a new run")]
    Record {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The system refused.
    #[error("{path}: {source}; free some space or choose another run folder")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        source: std::io::Error,
    },
    /// A sheet of samples could not be encoded.
    #[error("the sheet of samples could not be encoded: {0}")]
    Sheet(image::ImageError),
    /// More samples are held out than the data has to give.
    #[error("held_out is {held_out}, but the data has {len} samples; hold out at most half of them")]
    HeldOut {
        /// The setting.
        held_out: usize,
        /// Number of samples.
        len: usize,
    },
    /// The data is empty.
    #[error("{0}: holds no samples to train on")]
    NoSamples(String),
    /// A label or attribute in a map does not exist.
    #[error("{what} `{name}`: {whose} has none of this name; it has: {known}")]
    Mapping {
        /// `label` or `attribute`.
        what: &'static str,
        /// The name in the map.
        name: String,
        /// Data or model.
        whose: &'static str,
        /// The names there are.
        known: String,
    },
    /// The losses or weights are no numbers any more.
    #[error("{cause}; {last}")]
    Diverged {
        /// Which, and when.
        cause: Box<super::TrainError>,
        /// The checkpoint to go on from, in words.
        last: String,
    },
    /// The device panicked, so the networks in memory are not to be trusted.
    #[error("training failed: {0}; go on from the last checkpoint with --resume")]
    Failed(String),
    /// The device has too little memory.
    #[error(
        "the device ran out of memory with {batch} images per update ({reason}); start again with a smaller batch \
         (`batch` in the configuration) or a smaller width or resolution"
    )]
    OutOfMemory {
        /// Images per update.
        batch: usize,
        /// The device's words.
        reason: String,
    },
}

impl RunError {
    /// For `map_err` on an operation on `path`.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }

    /// From a device's words or a panic's: what to do about it, if it is about memory.
    pub(super) fn of_device(reason: &str, batch: usize) -> Self {
        let lower = reason.to_lowercase();
        let about_memory = ["out of memory", "outofmemory", "out_of_memory", "allocat", "not enough memory"];
        if about_memory.iter().any(|words| lower.contains(words)) {
            Self::OutOfMemory { batch, reason: reason.to_owned() }
        } else {
            Self::Failed(reason.to_owned())
        }
    }
}
