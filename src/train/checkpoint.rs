//! Checkpoints: one safetensors file each, written beside and renamed, so that a kill at any moment leaves the one
//! before it loadable.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::TrainConfig;
use super::networks::Updates;
use crate::atomic_file::{read_capped, remove_unfinished, write_atomic};
use crate::data::Cursor;
use crate::model::Noise;
use crate::model::file::tensors::{Precision, TensorFile, TensorFileError, encode};
use crate::model::parameters::{TensorMap, not_finite};
use crate::taxonomy::Taxonomy;

/// Version of the format, raised when older programs can no longer read it.
const FORMAT_VERSION: u32 = 1;
/// Largest checkpoint that is read, several times the paper's networks with moments.
const MAX_BYTES: u64 = 4 << 30;
/// Checkpoints kept: the newest, and the one before it in case the newest is bad.
const KEPT: usize = 2;
/// Sub-folder of a run.
const FOLDER: &str = "checkpoints";

/// Everything of a run but its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunState {
    pub(super) config: TrainConfig,
    pub(super) taxonomy: Taxonomy,
    pub(super) noise: Noise,
    pub(super) cursor: Cursor,
    pub(super) phases: u64,
    pub(super) updates: Updates,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    state: RunState,
}

/// A checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The run folder holds none that can be read.
    #[error("{0}: no readable checkpoint in this run folder; start the run without --resume")]
    None(String),
    /// The system refused.
    #[error("{path}: {source}; free some space or choose another run folder")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        source: std::io::Error,
    },
    /// The tensors could not be put into a file.
    #[error("the checkpoint could not be encoded: {0}")]
    Encode(String),
}

/// Why one checkpoint file is of no use.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Container(#[from] TensorFileError),
    #[error("its header is damaged: {0}")]
    Header(#[from] serde_json::Error),
    #[error("its format is version {0}; update the program")]
    Newer(u32),
    #[error("tensor `{0}` has values that are not numbers")]
    NotFinite(String),
}

/// Writes the checkpoint of `step` and removes all but the newest two.
pub(super) fn save(run: &Path, step: u64, state: &RunState, tensors: &TensorMap) -> Result<PathBuf, CheckpointError> {
    let folder = run.join(FOLDER);
    let path = folder.join(format!("step-{step:08}-{:010}.safetensors", state.phases));
    let header = Header { format: FORMAT_VERSION, state: state.clone() };
    let encoded = serde_json::to_string(&header).map_err(|error| CheckpointError::Encode(error.to_string())).and_then(
        |text| encode(tensors, text, Precision::F32).map_err(|error| CheckpointError::Encode(error.to_string())),
    )?;
    let io = |source| CheckpointError::Io { path: path.display().to_string(), source };
    fs::create_dir_all(&folder).map_err(io)?;
    remove_unfinished(&folder);
    write_atomic(&path, &encoded).map_err(io)?;
    let old = newest_first(&folder).into_iter().skip(KEPT);
    for path in old {
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!("{}: an old checkpoint could not be removed: {error}", path.display());
        }
    }
    Ok(path)
}

/// Reads the newest checkpoint that is whole.
pub(super) fn load_newest(run: &Path) -> Result<(RunState, TensorMap), CheckpointError> {
    for path in newest_first(&run.join(FOLDER)) {
        match read(&path) {
            Ok(found) => return Ok(found),
            Err(error) => tracing::warn!("{}: {error}; trying the checkpoint before it", path.display()),
        }
    }
    Err(CheckpointError::None(run.display().to_string()))
}

/// Checkpoint files of a folder. Names sort by step.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_checkpoint = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("step-") && name.ends_with(".safetensors")
    };
    let mut paths: Vec<PathBuf> = entries.filter(is_checkpoint).collect();
    paths.sort_by(|a, b| b.cmp(a));
    paths
}

fn read(path: &Path) -> Result<(RunState, TensorMap), Unreadable> {
    decode(&read_capped(path, MAX_BYTES)?)
}

fn decode(bytes: &[u8]) -> Result<(RunState, TensorMap), Unreadable> {
    let file = TensorFile::open(bytes)?;
    let header: Header = serde_json::from_str(file.header())?;
    if header.format > FORMAT_VERSION {
        return Err(Unreadable::Newer(header.format));
    }
    let tensors = file.read()?;
    match not_finite(&tensors) {
        Some(name) => Err(Unreadable::NotFinite(name.to_owned())),
        None => Ok((header.state, tensors)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile::survives;
    use crate::model::parameters::HostTensor;

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let state = RunState {
            config: TrainConfig::default(),
            taxonomy: Taxonomy::builtin("celeba-7").unwrap(),
            noise: Noise::new(3),
            cursor: Cursor { epoch: 2, position: 48 },
            phases: 17,
            updates: Updates::default(),
        };
        let tensor = HostTensor { shape: vec![5, 7], values: Noise::new(4).normal(35) };
        let tensors = TensorMap::from([("generator.weight".to_owned(), tensor)]);
        let folder = tempfile::tempdir().unwrap();
        let path = save(folder.path(), 8, &state, &tensors).unwrap();
        let bytes = fs::read(&path).unwrap();
        let (read_state, read_tensors) = decode(&bytes).unwrap();
        assert_eq!((read_state.phases, read_state.noise, read_tensors), (17, Noise::new(3), tensors));
        survives(&bytes, 23, |bytes| drop(decode(bytes)));
    }
}
