//! A run in a folder: a trainer with its checkpoints, curves, samples and models, the same for the command line and the
//! editor.

mod base;
mod channels;
mod clock;
mod error;
mod log;
mod part;
mod record;
mod retention;
mod scores;
mod spec;
mod start;
#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::ImageFormat;

use self::clock::Clock;
pub use self::error::RunError;
pub use self::log::{LogRow, read_log};
use self::record::RunRecord;
pub use self::retention::{CheckpointInfo, Kept};
use self::scores::ScoreBook;
use self::spec::due;
pub use self::spec::{Cadence, FineTune, RunSpec, RunStart};
pub use self::start::open_data;
use super::evaluate::{Scores, score};
use super::samples::sample_grid;
use super::tensorboard::EventFile;
use super::trainer::{Phase, TrainError, Trainer};
use crate::atomic_file::write_atomic;
use crate::data::SampleSource;
use crate::model::Precision;
use crate::model::parameters::ParameterError;
use crate::panic_message::panic_message;

/// Seed of the latents that checkpoints are scored with.
const SCORE_SEED: u64 = 7;
/// Samples side by side in a sheet, and rows of generated pictures.
const SHEET: (usize, usize) = (8, 4);

/// A training run in a folder, advanced a phase at a time. The folder holds `run.ron` (everything needed to repeat the
/// run), `config.ron` (its settings alone), `log.jsonl` (curves), `checkpoints/`, `models/` (small models of many steps),
/// `samples/` and `model.safetensors` (the newest).
pub struct Run {
    spec: RunSpec,
    record: RunRecord,
    trainer: Trainer,
    /// What checkpoints are scored by.
    judged: Arc<dyn SampleSource>,
    scores: ScoreBook,
    events: Option<EventFile>,
    clock: Clock,
    /// Phases at the last checkpoint of this process.
    saved_phases: Option<u64>,
    /// Step of the last row of the log.
    logged_step: Option<u64>,
    notes: Vec<String>,
    /// Why the networks in memory are not to be trusted any more.
    failure: Option<String>,
}

/// What [`Run::advance`] did.
#[derive(Clone, Debug)]
pub struct Advance {
    /// The phase.
    pub phase: Phase,
    /// The row that was due after it.
    pub logged: Option<LogRow>,
    /// The checkpoint that was due after it.
    pub checkpoint: Option<CheckpointInfo>,
    /// The sheet of samples that was due after it.
    pub samples: Option<PathBuf>,
}

impl Run {
    /// Runs the next phase, and does what is due after it. The last update of G always leaves a checkpoint.
    ///
    /// # Errors
    /// A loss that is no number any more, data or device that give up, a full disk. After one of the last the run may go
    /// on when there is space again; after a failure of the device it has to be resumed from its last checkpoint.
    pub fn advance(&mut self) -> Result<Advance, TrainError> {
        self.check_sound()?;
        let phase = self.timed(Trainer::advance)?;
        let mut done = Advance { phase, logged: None, checkpoint: None, samples: None };
        if phase == Phase::Generator {
            let (step, cadence) = (self.step(), self.spec.cadence);
            let mut scores = None;
            if due(step, cadence.checkpoint_every) || step == self.steps() {
                scores = Some(self.save()?);
                done.checkpoint = self.checkpoints().into_iter().rev().find(|info| info.step == step);
            }
            if due(step, cadence.log_every) || scores.is_some() {
                done.logged = Some(self.log(scores)?);
            }
            if due(step, cadence.sample_every) {
                done.samples = Some(self.save_samples()?);
            }
        }
        Ok(done)
    }

    /// Saves everything the run needs to go on, and the model as it is now, unless that has just been done.
    ///
    /// # Errors
    /// As [`Run::advance`]; what was saved before stays.
    pub fn checkpoint(&mut self) -> Result<CheckpointInfo, TrainError> {
        self.check_sound()?;
        if self.saved_phases != Some(self.trainer.phases()) {
            let scores = self.save()?;
            if self.logged_step != Some(self.step()) && self.step() > 0 {
                self.log(Some(scores))?;
            }
        }
        let step = self.step();
        let missing = || RunError::Missing(self.spec.folder.display().to_string());
        Ok(self.checkpoints().into_iter().rev().find(|info| info.step == step).ok_or_else(missing)?)
    }

    /// Writes the sheet of samples of this step and returns its path.
    ///
    /// # Errors
    /// As [`Run::advance`].
    pub fn save_samples(&mut self) -> Result<PathBuf, TrainError> {
        let (columns, rows) = SHEET;
        let sheet = self.caught(|trainer| sample_grid(trainer, columns, rows))?;
        let mut bytes = Cursor::new(Vec::new());
        sheet.write_to(&mut bytes, ImageFormat::Png).map_err(RunError::Sheet)?;
        let path = self.spec.folder.join("samples").join(format!("step-{}.png", self.step()));
        write_atomic(&path, bytes.get_ref()).map_err(RunError::io(&path))?;
        let step = self.step();
        if let Some(events) = &mut self.events {
            events.image(step, "samples", sheet.dimensions(), bytes.get_ref());
        }
        Ok(path)
    }

    /// The checkpoints in the folder, oldest first, also those of which only the small model is left.
    pub fn checkpoints(&self) -> Vec<CheckpointInfo> {
        retention::list(&self.spec.folder, &self.scores, self.spec.cadence.keep_every)
    }

    /// Changes what may change in the middle of a run: the number of steps, what happens how often, name, title and
    /// licence. Everything else that `change` does is ignored.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn amend(&mut self, change: impl FnOnce(&mut RunSpec)) -> Result<(), TrainError> {
        let mut changed = self.spec.clone();
        change(&mut changed);
        if changed.config.steps != self.spec.config.steps {
            self.trainer.extend(changed.config.steps);
            self.spec.config.steps = changed.config.steps;
            // The steps are in the checkpoint.
            self.saved_phases = None;
        }
        let RunSpec { name, title, license, cadence, .. } = changed;
        self.spec = RunSpec { name, title, license, cadence, ..self.spec.clone() };
        self.record.spec = self.spec.clone();
        self.write_description()?;
        self.open_events()
    }

    /// The trainer.
    pub fn trainer(&self) -> &Trainer {
        &self.trainer
    }

    /// Updates of G so far.
    pub fn step(&self) -> u64 {
        self.trainer.step()
    }

    /// Updates of G in the whole run.
    pub fn steps(&self) -> u64 {
        self.trainer.steps()
    }

    /// Updates that D and S have made and will make alone, while they do.
    pub fn warm_up(&self) -> Option<(u64, u64)> {
        let (phases, warmup) = (self.trainer.phases(), self.trainer.config().critic_warmup);
        (phases < warmup).then_some((phases, warmup))
    }

    /// What it was asked to be.
    pub fn spec(&self) -> &RunSpec {
        &self.spec
    }

    /// The model file of the newest checkpoint.
    pub fn model(&self) -> PathBuf {
        self.spec.folder.join("model.safetensors")
    }

    /// Time spent training so far, in s, over all sessions; without pauses, checkpoints and samples.
    pub fn seconds(&self) -> f64 {
        self.clock.seconds()
    }

    /// Images per second of training time in this session.
    pub fn images_per_s(&self) -> f64 {
        self.clock.images_per_s(self.trainer.images_seen())
    }

    /// What a person should be told about how the run started: which labels and attributes were taken from the model, or
    /// that the data has changed.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Writes a checkpoint and its model, scores it, and removes old ones.
    fn save(&mut self) -> Result<Scores, TrainError> {
        let folder = self.spec.folder.clone();
        let step = self.step();
        self.caught(|trainer| trainer.checkpoint(&folder))?;
        retention::create_model_folder(&folder)?;
        let path = retention::model_path(&folder, step);
        let (name, title, license) = (self.spec.name.clone(), self.spec.title.clone(), self.spec.license.clone());
        self.caught(|trainer| Ok(trainer.export(&name, &title, &license).save(&path, Precision::F16)?))?;
        let bytes = std::fs::read(&path).map_err(RunError::io(&path))?;
        write_atomic(&self.model(), &bytes).map_err(RunError::io(&self.model()))?;
        self.saved_phases = Some(self.trainer.phases());

        let judged = Arc::clone(&self.judged);
        let scores = self.caught(|trainer| score(trainer, judged.as_ref(), judged.len(), SCORE_SEED))?;
        self.scores.set(step, scores.generated_mean_iou);
        self.scores.save(&folder)?;
        retention::thin(&folder, self.trainer.phases(), &self.scores, self.spec.cadence.keep_every);
        Ok(scores)
    }

    fn log(&mut self, scores: Option<Scores>) -> Result<LogRow, TrainError> {
        let losses = self.timed(|trainer| trainer.losses())?;
        let (step, images_seen) = (self.step(), self.trainer.images_seen());
        let (seconds, images_per_s) = (self.clock.seconds(), self.clock.lap(images_seen));
        let row = LogRow { step, images_seen, images_per_s, seconds, losses, scores };
        log::append(&self.spec.folder, &row)?;
        self.logged_step = Some(step);
        if let Some(events) = &mut self.events {
            events.row(&row);
        }
        Ok(row)
    }

    /// Lets the trainer work, counting the time.
    fn timed<T>(&mut self, work: impl FnOnce(&mut Trainer) -> Result<T, TrainError>) -> Result<T, TrainError> {
        let running = self.clock.start();
        let done = self.caught(work);
        self.clock.stop(running);
        done
    }

    /// Lets the trainer work. A panic becomes an error, and no error leaves without what to do about it.
    fn caught<T>(&mut self, work: impl FnOnce(&mut Trainer) -> Result<T, TrainError>) -> Result<T, TrainError> {
        let batch = self.spec.config.batch;
        let done = match catch_unwind(AssertUnwindSafe(|| work(&mut self.trainer))) {
            Ok(done) => done,
            Err(panic) => Err(RunError::of_device(&panic_message(panic.as_ref()), batch).into()),
        };
        done.map_err(|error| match error {
            TrainError::Device(ParameterError::Device { name, reason }) => {
                RunError::of_device(&format!("`{name}`: {reason}"), batch).into()
            }
            error if error.is_divergence() => {
                RunError::Diverged { cause: Box::new(error), last: self.last_good() }.into()
            }
            error => error,
        })
        .inspect_err(|error| {
            if matches!(error, TrainError::Run(RunError::Failed(_) | RunError::OutOfMemory { .. })) {
                self.failure = Some(error.to_string());
            }
        })
    }

    fn last_good(&self) -> String {
        match self.checkpoints().iter().rev().find(|info| info.kept != Kept::ModelOnly) {
            Some(info) => format!("the last good checkpoint is of step {}", info.step),
            None => "there is no checkpoint yet".to_owned(),
        }
    }

    fn check_sound(&self) -> Result<(), RunError> {
        match &self.failure {
            Some(failure) => Err(RunError::Failed(failure.clone())),
            None => Ok(()),
        }
    }

    fn write_description(&self) -> Result<(), TrainError> {
        self.record.save(&self.spec.folder)?;
        let path = self.spec.folder.join("config.ron");
        let wrong =
            |error: ron::Error| RunError::Record { path: path.display().to_string(), reason: error.to_string() };
        let text = self.spec.config.to_ron().map_err(wrong)?;
        Ok(write_atomic(&path, text.as_bytes()).map_err(RunError::io(&path))?)
    }

    /// Starts an event file if events are wanted and there is none.
    fn open_events(&mut self) -> Result<(), TrainError> {
        let wanted = self.spec.cadence.tensorboard;
        if !wanted {
            self.events = None;
        } else if self.events.is_none() {
            let folder = self.spec.folder.join("tensorboard");
            self.events = Some(EventFile::create(&folder, self.step()).map_err(RunError::io(&folder))?);
        }
        Ok(())
    }
}

/// Makes the folders of a run.
fn create_folders(folder: &Path) -> Result<(), RunError> {
    let samples = folder.join("samples");
    std::fs::create_dir_all(&samples).map_err(RunError::io(&samples))
}
