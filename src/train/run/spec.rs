//! What a run is asked to be.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::OpenOptions;
use crate::train::config::TrainConfig;

/// Everything that makes a run, but its data itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    /// Where it lives. Not written down: a run folder may be moved.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The data as [`crate::data::open`] takes it.
    pub data: String,
    /// Which of its samples, with which labels and attributes.
    #[serde(default)]
    pub options: OpenOptions,
    /// Networks, objectives, rates.
    pub config: TrainConfig,
    /// What the networks are at first.
    pub start: RunStart,
    /// Short name of the model.
    pub name: String,
    /// Title of the model, for people.
    pub title: String,
    /// Terms of use of the model.
    pub license: String,
    /// What happens how often.
    pub cadence: Cadence,
}

/// What the networks of a run are at first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum RunStart {
    /// Random weights.
    #[default]
    Scratch,
    /// Those of a model or of another run.
    FineTune(FineTune),
}

/// A run that starts from what another one has learned. The shapes of G and S, the resolution and n_z are the base's,
/// whatever the configuration says, and D is at most as wide as G.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTune {
    /// A model file, a run folder, or the name of a bundled model.
    pub model: String,
    /// Updates of D and S before the first one of G, since a model file carries no D. Not done when the base is a run
    /// folder, whose own D goes on.
    pub critic_warmup: u64,
    /// For labels of the data, the model's label each starts from; the rest finds its counterpart by name. An empty name
    /// is a new label.
    pub label_map: Option<BTreeMap<String, String>>,
    /// The same for attributes.
    pub attribute_map: Option<BTreeMap<String, String>>,
}

impl FineTune {
    /// D and S alone for 200 updates, labels and attributes by name.
    pub fn of(model: impl Into<String>) -> Self {
        Self { model: model.into(), critic_warmup: 200, label_map: None, attribute_map: None }
    }
}

/// How often something happens, in updates of G; 0 is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cadence {
    /// A checkpoint with its scores and its model. There is one at the end in any case.
    pub checkpoint_every: u64,
    /// A sheet of samples.
    pub sample_every: u64,
    /// A row of losses.
    pub log_every: u64,
    /// Of the full checkpoints, the first one in every so many updates stays; besides them the last two and the best do.
    pub keep_every: u64,
    /// Whether losses, scores and sheets also go to TensorBoard event files.
    pub tensorboard: bool,
}

impl Default for Cadence {
    fn default() -> Self {
        Self { checkpoint_every: 500, sample_every: 500, log_every: 10, keep_every: 10_000, tensorboard: false }
    }
}

/// Whether something that happens every `every` steps happens at this one; 0 is never.
pub(super) fn due(step: u64, every: u64) -> bool {
    every > 0 && step.is_multiple_of(every)
}
