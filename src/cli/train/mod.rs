//! `scgan train`: a run in a folder, without a window.

mod options;
mod run_folder;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use self::run_folder::RunFolder;
use super::report::Report;
use super::stop::StopSignal;
use crate::data;
use crate::gpu::{self, DeviceChoice};
use crate::train::{Losses, Phase, Trainer};

pub(super) use self::options::Arguments;

/// Where no progress bar can be drawn, a line is printed this often.
const LINE_INTERVAL: Duration = Duration::from_secs(15);

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let folder = RunFolder::new(&arguments.out);
    let compute = gpu::open(device)?;
    let mut trainer = if arguments.resume {
        let missing = || format!("{}: no run to continue; start it without --resume", folder.name());
        let seed = folder.config().with_context(missing)?.seed;
        let mut trainer = Trainer::resume(folder.path(), data::open(&arguments.data, None, seed)?, &compute)?;
        if let Some(steps) = arguments.steps {
            trainer.extend(steps);
        }
        trainer
    } else {
        if folder.has_checkpoints() {
            bail!("{}: a run is here already; continue it with --resume, or choose another folder", folder.name());
        }
        let config = arguments.config()?;
        let source = data::open(&arguments.data, None, config.seed)?;
        Trainer::new(config, source, &compute)?
    };
    folder.create(trainer.config())?;
    let session = Session { arguments, folder: &folder, stop: StopSignal::install(arguments.time_limit)? };
    session.train(&mut trainer, &compute.description)
}

/// One stretch of a run, until it is complete or stopped.
struct Session<'a> {
    arguments: &'a Arguments,
    folder: &'a RunFolder,
    stop: StopSignal,
}

impl Session<'_> {
    fn train(&self, trainer: &mut Trainer, device: &str) -> anyhow::Result<Report> {
        let (began, first_image) = (Instant::now(), trainer.images_seen());
        let images_per_s =
            |trainer: &Trainer| (trainer.images_seen() - first_image) as f64 / began.elapsed().as_secs_f64().max(1e-9);
        let mut progress = Progress::new(trainer);
        progress.say(&format!("training on {device}: {}", trainer.source().describe()));
        let mut saved_at = None;
        let ended_by = loop {
            match trainer.advance()? {
                Phase::Done => break "completion",
                Phase::Critics => {}
                Phase::Generator => {
                    let step = trainer.step();
                    progress.advance(step);
                    if due(step, self.arguments.log_every) {
                        let losses = trainer.losses()?;
                        let rate = images_per_s(trainer);
                        self.folder.log(step, trainer.images_seen(), rate, &losses)?;
                        progress.show(step, rate, &losses);
                    }
                    if due(step, self.arguments.sample_every) {
                        self.folder.save_samples(trainer)?;
                    }
                    if due(step, self.arguments.checkpoint_every) {
                        self.save(trainer)?;
                        saved_at = Some(step);
                    }
                }
            }
            if let Some(reason) = self.stop.reason() {
                progress.say(&format!("stopping: {reason}; saving the run"));
                break reason;
            }
        };
        progress.finish();
        // A stop may fall between two updates of G, so only a complete run can be saved already.
        let complete = ended_by == "completion";
        if !(complete && saved_at == Some(trainer.step())) {
            self.save(trainer)?;
        }
        let samples = self.folder.save_samples(trainer)?;
        let losses = trainer.losses()?;
        let name = self.folder.name();
        Ok(Report {
            text: format!(
                "{name}: step {} of {}, {:.1} images/s, ended by {ended_by}; model {}, samples {}{}\n",
                trainer.step(),
                trainer.steps(),
                images_per_s(trainer),
                self.folder.model().display(),
                samples.display(),
                if complete { "" } else { "; continue with --resume" }
            ),
            json: json!({
                "run": name,
                "device": device,
                "step": trainer.step(),
                "steps": trainer.steps(),
                "complete": complete,
                "ended_by": ended_by,
                "images_seen": trainer.images_seen(),
                "images_per_s": images_per_s(trainer),
                "seconds": began.elapsed().as_secs_f64(),
                "losses": losses,
                "model": self.folder.model(),
                "samples": samples,
            }),
        })
    }

    fn save(&self, trainer: &Trainer) -> anyhow::Result<()> {
        trainer.checkpoint(self.folder.path())?;
        let (name, title) = self.arguments.model_names(self.folder);
        self.folder.save_model(trainer.export(&name, &title, &self.arguments.license))
    }
}

/// Whether something that happens every `every` steps happens at this one; 0 is never.
fn due(step: u64, every: u64) -> bool {
    every > 0 && step.is_multiple_of(every)
}

/// A bar on a terminal; elsewhere a line now and then.
struct Progress {
    bar: ProgressBar,
    steps: u64,
    last_line: Option<Instant>,
}

impl Progress {
    fn new(trainer: &Trainer) -> Self {
        let bar = ProgressBar::new(trainer.steps()).with_position(trainer.step());
        // The default style stands in if the template should ever be wrong.
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} steps, {eta} left  {msg}") {
            bar.set_style(style);
        }
        bar.reset_eta();
        Self { bar, steps: trainer.steps(), last_line: None }
    }

    fn advance(&self, step: u64) {
        self.bar.set_position(step);
    }

    fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            super::report::note(line);
        } else {
            self.bar.println(line);
        }
    }

    fn show(&mut self, step: u64, images_per_s: f64, losses: &Losses) {
        let shown = [
            ("D", losses.discriminator),
            ("G", losses.generator),
            ("S", losses.segmentation_real),
            ("seg of G", losses.segmentation_fake),
        ];
        let losses = shown.iter().filter_map(|(name, loss)| loss.map(|loss| format!("{name} {loss:.3}")));
        let message = format!("{images_per_s:.1} images/s, {}", losses.collect::<Vec<_>>().join(", "));
        self.bar.set_message(message.clone());
        if self.bar.is_hidden() && self.last_line.is_none_or(|last| last.elapsed() >= LINE_INTERVAL) {
            super::report::note(&format!("step {step}/{}: {message}", self.steps));
            self.last_line = Some(Instant::now());
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
