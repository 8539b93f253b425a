//! `scgan train`: a run in a folder, without a window.

mod options;

use std::time::{Duration, Instant};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

pub(super) use self::options::Arguments;
use super::report::Report;
use super::stop::StopSignal;
use crate::data::{self, DataError, OpenOptions, doctor};
use crate::gpu::{self, ComputeDevice, DeviceChoice};
use crate::session::folders;
use crate::train::{LogRow, Losses, Phase, Run, open_data};

/// Where no progress bar can be drawn, a line is printed this often.
const LINE_INTERVAL: Duration = Duration::from_secs(15);

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let compute = gpu::open(device)?;
    let mut run = if arguments.resume { resume(arguments, &compute)? } else { create(arguments, &compute)? };
    let stop = StopSignal::install(arguments.time_limit)?;
    train(&mut run, &stop, &compute.description)
}

fn create(arguments: &Arguments, compute: &ComputeDevice) -> anyhow::Result<Run> {
    let config = arguments.config()?;
    let data = arguments.data().unwrap_or_default();
    let options = arguments.open_options(config.seed)?;
    let source = open_data(data, &options, &arguments.start())?;
    if !arguments.unchecked {
        check(data, &OpenOptions { taxonomy: Some(source.taxonomy().clone()), ..options })?;
    }
    let spec = arguments.spec(config, source.as_ref())?;
    Ok(Run::create(spec, source, compute)?)
}

/// Decodes every sample before anything is trained on them, or takes the report of an earlier look if no file has changed.
/// Drawings cannot be damaged.
fn check(data: &str, options: &OpenOptions) -> anyhow::Result<()> {
    if [data::DRAWN, data::RENDERED].iter().any(|made| data.starts_with(made)) {
        return Ok(());
    }
    let cache = folders::state_folder().map(|folder| doctor::cache_folder(&folder));
    let report = {
        let progress = super::dataset::Progress::new("looking at the data")?;
        doctor::checked(data, options, cache.as_deref(), &mut |done, of| progress.show(done, of))
    };
    match report {
        Err(DataError::Cancelled) => bail!("{data}: interrupted; nothing was written"),
        report => match report?.blocking() {
            Some(message) => bail!("{message}; --unchecked trains all the same"),
            None => Ok(()),
        },
    }
}

fn resume(arguments: &Arguments, compute: &ComputeDevice) -> anyhow::Result<Run> {
    let source = match arguments.data() {
        Some(data) => Some(data::open(data, &arguments.open_options(Run::seed_in(&arguments.out)?)?)?),
        None => None,
    };
    let mut run = Run::resume(&arguments.out, source, compute)?;
    run.amend(|spec| arguments.amend(spec))?;
    Ok(run)
}

/// One stretch of a run, until it is complete or stopped.
fn train(run: &mut Run, stop: &StopSignal, device: &str) -> anyhow::Result<Report> {
    let began = Instant::now();
    let mut progress = Progress::new(run);
    progress.say(&format!("training on {device}: {}", run.trainer().source().describe()));
    for note in run.notes() {
        progress.say(note);
    }
    let ended_by = loop {
        let done = run.advance()?;
        progress.advance(run);
        if let Some(row) = &done.logged {
            progress.show(row);
        }
        if done.phase == Phase::Done {
            break "completion";
        }
        if let Some(reason) = stop.reason() {
            progress.say(&format!("stopping: {reason}; saving the run"));
            break reason;
        }
    };
    progress.finish();
    run.checkpoint()?;
    let samples = run.save_samples()?;
    let losses = run.trainer().losses()?;
    let folder = run.spec().folder.display().to_string();
    let complete = ended_by == "completion";
    let bytes: u64 = run.checkpoints().iter().map(|checkpoint| checkpoint.bytes).sum();
    Ok(Report {
        text: format!(
            "{folder}: step {} of {}, {:.1} images/s, ended by {ended_by}; model {}, samples {}, checkpoints {:.1} MB{}\n",
            run.step(),
            run.steps(),
            run.images_per_s(),
            run.model().display(),
            samples.display(),
            bytes as f64 / 1e6,
            if complete { "" } else { "; continue with --resume" }
        ),
        json: json!({
            "run": folder,
            "device": device,
            "step": run.step(),
            "steps": run.steps(),
            "complete": complete,
            "ended_by": ended_by,
            "images_seen": run.trainer().images_seen(),
            "images_per_s": run.images_per_s(),
            "seconds": began.elapsed().as_secs_f64(),
            "losses": losses,
            "notes": run.notes(),
            "model": run.model(),
            "samples": samples,
            "checkpoint_bytes": bytes,
        }),
    })
}

/// A bar on a terminal; elsewhere a line now and then.
struct Progress {
    bar: ProgressBar,
    steps: u64,
    last_line: Option<Instant>,
}

impl Progress {
    fn new(run: &Run) -> Self {
        let bar = ProgressBar::new(run.steps()).with_position(run.step());
        // The default style stands in if the template should ever be wrong.
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} steps, {eta} left  {msg}") {
            bar.set_style(style);
        }
        bar.reset_eta();
        Self { bar, steps: run.steps(), last_line: None }
    }

    fn advance(&self, run: &Run) {
        self.bar.set_position(run.step());
        if let Some((done, all)) = run.warm_up() {
            self.bar.set_message(format!("discriminator and segmentor first, {done} of {all}"));
        }
    }

    fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            super::report::note(line);
        } else {
            self.bar.println(line);
        }
    }

    fn show(&mut self, row: &LogRow) {
        let LogRow { step, images_per_s, losses, .. } = row;
        let Losses { discriminator, generator, segmentation_real, segmentation_fake, .. } = *losses;
        let shown = [("D", discriminator), ("G", generator), ("S", segmentation_real), ("seg of G", segmentation_fake)];
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
