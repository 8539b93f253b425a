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

/// Version of the format, raised when older programs can no longer read it. 2: settings of fine-tuning.
const FORMAT_VERSION: u32 = 2;
/// Largest checkpoint that is read, several times the paper's networks with moments.
const MAX_BYTES: u64 = 4 << 30;
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

/// What a header of any version has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A checkpoint file, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CheckpointFile {
    /// Updates of G.
    pub(super) step: u64,
    /// Phases.
    pub(super) phases: u64,
    /// Where it is.
    pub(super) path: PathBuf,
}

/// A checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The run folder holds none that can be read.
    #[error("{run}: no readable checkpoint in this run folder{reason}; start the run without --resume")]
    None {
        /// The run folder.
        run: String,
        /// What is wrong with the newest, in brackets; empty without any.
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

/// Writes the checkpoint of `step`.
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
    Ok(path)
}

/// Reads the newest checkpoint that is whole.
pub(super) fn load_newest(run: &Path) -> Result<(CheckpointFile, RunState, TensorMap), CheckpointError> {
    let mut reason = String::new();
    for file in list(run).into_iter().rev() {
        match read(&file.path) {
            Ok((state, tensors)) => return Ok((file, state, tensors)),
            Err(error) => {
                tracing::warn!("{}: {error}; trying the checkpoint before it", file.path.display());
                if reason.is_empty() {
                    reason = format!(" ({}: {error})", file.path.display());
                }
            }
        }
    }
    Err(CheckpointError::None { run: run.display().to_string(), reason })
}

/// Checkpoint files of a run, oldest first.
pub(super) fn list(run: &Path) -> Vec<CheckpointFile> {
    let entries = fs::read_dir(run.join(FOLDER)).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<CheckpointFile> = entries.filter_map(CheckpointFile::of).collect();
    files.sort();
    files
}

impl CheckpointFile {
    fn of(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (step, phases) = name.strip_prefix("step-")?.strip_suffix(".safetensors")?.split_once('-')?;
        Some(Self { step: step.parse().ok()?, phases: phases.parse().ok()?, path })
    }
}

fn read(path: &Path) -> Result<(RunState, TensorMap), Unreadable> {
    decode(&read_capped(path, MAX_BYTES)?)
}

fn decode(bytes: &[u8]) -> Result<(RunState, TensorMap), Unreadable> {
    let file = TensorFile::open(bytes)?;
    let Format { format } = serde_json::from_str(file.header())?;
    if format > FORMAT_VERSION {
        return Err(Unreadable::Newer(format));
    }
    let header: Header = serde_json::from_str(file.header())?;
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

    #[test]
    fn checkpoints_of_other_versions_load_or_say_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let state = RunState {
            config: TrainConfig::default(),
            taxonomy: Taxonomy::builtin("celeba-7").unwrap(),
            noise: Noise::new(3),
            cursor: Cursor::default(),
            phases: 12,
            updates: Updates::default(),
        };
        let write = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut header = serde_json::to_value(Header { format: FORMAT_VERSION, state: state.clone() }).unwrap();
            change(&mut header);
            let path = folder.path().join(FOLDER).join("step-00000002-0000000012.safetensors");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, encode(&TensorMap::new(), header.to_string(), Precision::F32).unwrap()).unwrap();
            load_newest(folder.path())
        };
        // Version 1 knew nothing of fine-tuning.
        let (file, old, _) = write(&|header| {
            header["format"] = 1.into();
            let config = header["state"]["config"].as_object_mut().unwrap();
            for setting in ["critic_warmup", "average_ramp", "augment_color", "augment_translation", "augment_cutout"] {
                assert!(config.remove(setting).is_some(), "{setting}");
            }
        })
        .unwrap();
        assert_eq!((file.step, file.phases, old.config), (2, 12, state.config.clone()));

        let newer = write(&|header| {
            header["format"] = 9.into();
            header["state"]["config"]["from the future"] = 1.into();
        });
        let message = newer.unwrap_err().to_string();
        assert!(message.contains("version 9") && message.contains("update the program"), "{message}");
    }
}
