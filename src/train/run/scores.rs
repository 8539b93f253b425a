//! The scores of a run's checkpoints, beside them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::atomic_file::{read_capped, write_atomic};

/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Generated mIoU by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ScoreBook(BTreeMap<u64, f64>);

impl ScoreBook {
    /// Reads the scores of a run folder. They only help to choose what to keep, so a file that is damaged or missing
    /// is an empty book.
    pub(super) fn load(run: &Path) -> Self {
        let bytes = read_capped(&path_in(run), MAX_BYTES).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes them.
    pub(super) fn save(&self, run: &Path) -> Result<(), RunError> {
        let path = path_in(run);
        let encoded = serde_json::to_string(self)
            .map_err(|error| RunError::Record { path: path.display().to_string(), reason: error.to_string() })?;
        write_atomic(&path, encoded.as_bytes()).map_err(RunError::io(&path))
    }

    /// The score of a step.
    pub(super) fn of(&self, step: u64) -> Option<f64> {
        self.0.get(&step).copied()
    }

    /// Notes a score, unless it is no number.
    pub(super) fn set(&mut self, step: u64, score: f64) {
        if score.is_finite() {
            self.0.insert(step, score);
        }
    }

    /// Forgets the scores after a step.
    pub(super) fn cut_after(&mut self, step: u64) {
        self.0.retain(|&known, _| known <= step);
    }
}

fn path_in(run: &Path) -> PathBuf {
    run.join("checkpoints").join("scores.json")
}
