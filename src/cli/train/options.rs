//! The options of `scgan train`.

use std::path::PathBuf;

use super::run_folder::RunFolder;
use crate::train::{TrainConfig, TrainConfigError};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan train --data procedural:portrait --out runs/first --steps 2000
  scgan train --data procedural:portrait --out runs/first --resume

The run folder gets config.ron (all settings), log.jsonl (losses), samples/ (pictures to look at), checkpoints/,
and model.safetensors, which `scgan generate --model` and the editor open. Ctrl-C saves and stops.")]
pub(in crate::cli) struct Arguments {
    /// A folder of images and masks, procedural:portrait or procedural:outfit
    #[arg(long, value_name = "DIR")]
    pub(super) data: String,
    /// The run folder
    #[arg(long, value_name = "RUN")]
    pub(super) out: PathBuf,
    /// Settings as RON, for example (resolution: 128, generator_width: 32, batch: 8); the rest is as in the paper
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// Updates of the generator in the whole run
    #[arg(long, value_name = "N")]
    pub(super) steps: Option<u64>,
    /// Seed of weights, noise and order
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    seed: Option<u64>,
    /// Continue the newest checkpoint in the run folder, with its settings
    #[arg(long)]
    pub(super) resume: bool,
    /// Write a checkpoint and the model every N steps; 0: only at the end
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(super) checkpoint_every: u64,
    /// Write a sheet of samples every N steps; 0: only at the end
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(super) sample_every: u64,
    /// Log the losses every N steps; 0: never
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) log_every: u64,
    /// Save and stop after this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(super) time_limit: Option<u64>,
    /// Name of the model in its file; without it, the run folder's
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Title of the model in its file; without it, its name
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Terms of use of the model, for its file
    #[arg(long, value_name = "TEXT", default_value = "unspecified")]
    pub(super) license: String,
}

impl Arguments {
    /// The settings of a new run.
    pub(super) fn config(&self) -> Result<TrainConfig, TrainConfigError> {
        let config = self.config.as_deref().map_or_else(|| Ok(TrainConfig::default()), TrainConfig::load)?;
        Ok(TrainConfig { steps: self.steps.unwrap_or(config.steps), seed: self.seed.unwrap_or(config.seed), ..config })
    }

    /// Name and title of the model.
    pub(super) fn model_names(&self, folder: &RunFolder) -> (String, String) {
        let name = self.name.clone().unwrap_or_else(|| {
            let last = folder.path().file_name().unwrap_or(folder.path().as_os_str());
            last.to_string_lossy().into_owned()
        });
        let title = self.title.clone().unwrap_or_else(|| name.clone());
        (name, title)
    }
}
