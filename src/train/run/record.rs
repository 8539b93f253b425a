//! `run.ron`: everything needed to repeat a run, beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::RunError;
use super::spec::RunSpec;
use crate::atomic_file::{read_capped, write_atomic};
use crate::data::SampleSource;
use crate::taxonomy::Taxonomy;

/// Version of the file, raised when older programs can no longer read it.
const FORMAT_VERSION: u32 = 1;
/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;
/// Samples in the fingerprint of a data set, spread over it, and their side in px.
const FINGERPRINT: (usize, u32) = (8, 64);

/// What a run was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunRecord {
    /// Version of this file's format.
    pub(super) format: u32,
    /// Program and version.
    pub(super) program: String,
    /// The command line that started it.
    pub(super) command: Vec<String>,
    /// The device it started on.
    pub(super) device: String,
    /// What it was asked to be.
    pub(super) spec: RunSpec,
    /// Labels and attributes.
    pub(super) taxonomy: Taxonomy,
    /// The data.
    pub(super) data: DataRecord,
    /// What it started from, if not from random weights.
    pub(super) base: Option<BaseRecord>,
}

/// The data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DataRecord {
    /// In words.
    pub(super) description: String,
    /// Number of samples, those held out too.
    pub(super) samples: usize,
    /// SHA-256 of a few samples.
    pub(super) fingerprint: String,
}

/// What a fine-tuned run started from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BaseRecord {
    /// In words.
    pub(super) description: String,
    /// SHA-256 of its tensors.
    pub(super) hash: String,
    /// What became of labels and attributes, a line each.
    pub(super) mapping: Vec<String>,
}

impl RunRecord {
    /// Of a run that is being started by this process.
    pub(super) fn new(spec: &RunSpec, source: &dyn SampleSource, device: &str, base: Option<BaseRecord>) -> Self {
        Self {
            format: FORMAT_VERSION,
            program: concat!("scgan ", env!("CARGO_PKG_VERSION")).to_owned(),
            command: std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
            device: device.to_owned(),
            spec: spec.clone(),
            taxonomy: source.taxonomy().clone(),
            data: DataRecord::of(source),
            base,
        }
    }

    /// Reads the record of a run folder; older programs left none.
    pub(super) fn load(folder: &Path) -> Result<Option<Self>, RunError> {
        let path = path_in(folder);
        if !path.exists() {
            return Ok(None);
        }
        let wrong = |reason: String| RunError::Record { path: path.display().to_string(), reason };
        let bytes = read_capped(&path, MAX_BYTES).map_err(|error| wrong(error.to_string()))?;
        let mut record = Self::parse(&bytes).map_err(wrong)?;
        record.spec.folder = folder.to_owned();
        Ok(Some(record))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        /// What the file of any version has.
        #[derive(Deserialize)]
        #[serde(rename = "RunRecord")]
        struct Format {
            format: u32,
        }
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let Format { format } = ron::from_str(text).map_err(|error| error.to_string())?;
        if format > FORMAT_VERSION {
            return Err(format!("its format is version {format}, written by a newer program; update this one"));
        }
        let record: Self = ron::from_str(text).map_err(|error| error.to_string())?;
        record.taxonomy.validate().map_err(|error| error.to_string())?;
        Ok(record)
    }

    /// Writes the record into the run folder.
    pub(super) fn save(&self, folder: &Path) -> Result<(), RunError> {
        let path = path_in(folder);
        let wrong =
            |error: ron::Error| RunError::Record { path: path.display().to_string(), reason: error.to_string() };
        let text = ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).map_err(wrong)?;
        write_atomic(&path, text.as_bytes()).map_err(RunError::io(&path))
    }
}

impl DataRecord {
    /// Reads a few samples.
    pub(super) fn of(source: &dyn SampleSource) -> Self {
        let (count, side) = FINGERPRINT;
        let (len, count) = (source.len(), count.min(source.len()));
        let mut hasher = Sha256::new();
        for index in (0..count).map(|at| at * len / count) {
            // The loader passes over what cannot be read, so its absence is a property of the data like any other.
            let Ok(sample) = source.sample(index, side) else { continue };
            hasher.update(index.to_le_bytes());
            hasher.update(sample.name.as_bytes());
            hasher.update(sample.image.as_raw());
            hasher.update(sample.labels.ids());
            sample.attributes.iter().for_each(|value| hasher.update(value.to_le_bytes()));
        }
        let fingerprint = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { description: source.describe(), samples: len, fingerprint }
    }

    /// How the data of a resumed run differs, in words.
    pub(super) fn changed_to(&self, now: &Self) -> Option<String> {
        if self.samples != now.samples {
            Some(format!("the data had {} samples when the run was started and has {} now", self.samples, now.samples))
        } else if self.fingerprint != now.fingerprint {
            Some("the data's samples are not those the run was started with".to_owned())
        } else {
            None
        }
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("run.ron")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::procedural::{Kind, source};
    use crate::hostile::survives;
    use crate::train::{Cadence, FineTune, RunStart, TrainConfig};

    fn spec(folder: &Path) -> RunSpec {
        let label_map = Some([("hat".to_owned(), "hair".to_owned())].into());
        RunSpec {
            folder: folder.to_owned(),
            data: "photos/\"mine\" ü".to_owned(),
            config: TrainConfig { steps: 7, ..TrainConfig::fine_tune() },
            start: RunStart::FineTune(FineTune { label_map, ..FineTune::of("portrait") }),
            name: "mine".to_owned(),
            title: "Mine".to_owned(),
            license: "CC0".to_owned(),
            cadence: Cadence { tensorboard: true, ..Cadence::default() },
        }
    }

    #[test]
    fn a_record_comes_back_wherever_its_folder_is() {
        let (folder, moved) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let base = BaseRecord { description: "x".to_owned(), hash: "y".to_owned(), mapping: vec!["z".to_owned()] };
        let record = RunRecord::new(&spec(folder.path()), &source(Kind::Outfit, 3).with_len(5), "CPU", Some(base));
        record.save(folder.path()).unwrap();
        assert_eq!(RunRecord::load(folder.path()).unwrap().unwrap(), record);
        let bytes = std::fs::read(path_in(folder.path())).unwrap();
        std::fs::write(path_in(moved.path()), &bytes).unwrap();
        let found = RunRecord::load(moved.path()).unwrap().unwrap();
        assert_eq!(found.spec, spec(moved.path()));
        survives(&bytes, 17, |bytes| drop(RunRecord::parse(bytes)));

        let newer = String::from_utf8(bytes).unwrap().replacen("format: 1", "format: 2, surprise: true", 1);
        std::fs::write(path_in(moved.path()), newer).unwrap();
        let message = RunRecord::load(moved.path()).unwrap_err().to_string();
        assert!(message.contains("run.ron") && message.contains("version 2"), "{message}");
        assert!(RunRecord::load(&moved.path().join("nowhere")).unwrap().is_none());
    }

    #[test]
    fn other_data_is_noticed() {
        let of = |seed: u64, len: usize| DataRecord::of(&source(Kind::Portrait, seed).with_len(len));
        assert_eq!(of(3, 20).changed_to(&of(3, 20)), None);
        assert!(of(3, 20).changed_to(&of(3, 21)).unwrap().contains("21"));
        assert!(of(3, 20).changed_to(&of(4, 20)).is_some());
        assert_eq!(of(3, 0).samples, 0);
    }
}
