//! The files of a run, beside the checkpoints that the trainer writes itself.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use image::ImageFormat;
use serde_json::json;

use crate::atomic_file::write_atomic;
use crate::model::Model;
use crate::model::file::Precision;
use crate::train::{Losses, TrainConfig, TrainConfigError, Trainer, sample_grid};

/// Samples side by side in a sheet, and rows of generated pictures.
const SHEET: (usize, usize) = (8, 4);

/// A run folder.
pub(super) struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Touches nothing yet.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The model file.
    pub(super) fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// Whether a run has saved something here.
    pub(super) fn has_checkpoints(&self) -> bool {
        fs::read_dir(self.path.join("checkpoints")).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// The settings a run here was started with.
    pub(super) fn config(&self) -> Result<TrainConfig, TrainConfigError> {
        TrainConfig::load(&self.path.join("config.ron"))
    }

    /// Makes the folder and writes the settings into it.
    pub(super) fn create(&self, config: &TrainConfig) -> anyhow::Result<()> {
        fs::create_dir_all(self.path.join("samples")).with_context(|| self.name())?;
        let path = self.path.join("config.ron");
        write_atomic(&path, config.to_ron()?.as_bytes()).with_context(|| path.display().to_string())
    }

    /// Appends a line to the log.
    pub(super) fn log(&self, step: u64, images_seen: u64, images_per_s: f64, losses: &Losses) -> anyhow::Result<()> {
        let path = self.path.join("log.jsonl");
        let line = json!({ "step": step, "images_seen": images_seen, "images_per_s": images_per_s, "losses": losses });
        let mut file =
            OpenOptions::new().create(true).append(true).open(&path).with_context(|| path.display().to_string())?;
        writeln!(file, "{line}").with_context(|| path.display().to_string())
    }

    /// Writes the sheet of samples of this step and returns its path.
    pub(super) fn save_samples(&self, trainer: &Trainer) -> anyhow::Result<PathBuf> {
        let (columns, rows) = SHEET;
        let sheet = sample_grid(trainer, columns, rows)?;
        let path = self.path.join("samples").join(format!("step-{}.png", trainer.step()));
        let mut bytes = std::io::Cursor::new(Vec::new());
        sheet.write_to(&mut bytes, ImageFormat::Png)?;
        write_atomic(&path, bytes.get_ref()).with_context(|| path.display().to_string())?;
        Ok(path)
    }

    /// Writes the model file.
    pub(super) fn save_model(&self, mut model: Model) -> anyhow::Result<()> {
        Ok(model.save(&self.model(), Precision::F16)?)
    }
}
