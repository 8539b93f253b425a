//! The run that goes on, as the editor sees it.

use std::path::PathBuf;

use super::{StartMode, Training, TrainingTab};
use crate::editor::{EditorState, Effect};
use crate::engine::ModelRef;
use crate::train::{CheckpointInfo, FineTune, LogRow, RunSpec, RunStart, TrainConfig};
use crate::training::{RunEnd, RunFacts, TrainCommand, TrainEvent, TrainProgress};

/// What the trainer thread is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RunPhase {
    /// Nothing.
    #[default]
    Idle,
    /// The run is being set up.
    Starting,
    /// It computes.
    Running,
    /// The user holds it.
    Paused,
    /// Its last checkpoint is being written.
    Stopping,
    /// It is over.
    Ended(RunEnd),
}

impl RunPhase {
    /// Whether there is a run that holds the thread.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Paused | Self::Stopping)
    }
}

/// The run that goes on, or the last one.
#[derive(Clone, Debug, Default)]
pub struct RunView {
    /// What it is doing.
    pub phase: RunPhase,
    /// What it is, without log and checkpoints.
    pub facts: Option<Box<RunFacts>>,
    /// How far it is.
    pub progress: Option<TrainProgress>,
    /// Its log, oldest first.
    pub log: Vec<LogRow>,
    /// Its checkpoints, oldest first.
    pub checkpoints: Vec<CheckpointInfo>,
    /// The newest sheet of samples.
    pub samples: Option<PathBuf>,
    /// What last went wrong.
    pub trouble: Option<String>,
}

impl Training {
    /// A name for the run: as typed, or made from the data, and not taken.
    pub fn run_name(&self) -> String {
        let typed = self.settings.name.trim();
        let stem = if typed.is_empty() { self.name_of_data() } else { typed.replace(['/', '\\'], "-") };
        let taken = |name: &String| self.run_names.contains(name);
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(stem)
    }

    fn name_of_data(&self) -> String {
        let spec = self.data.spec().unwrap_or_default();
        let last = PathBuf::from(&spec).file_name().map(|name| name.to_string_lossy().into_owned());
        let name = last.unwrap_or(spec).replace(':', "-");
        let kept: String = name.chars().filter(|c| c.is_alphanumeric() || "-_ .".contains(*c)).collect();
        match (kept.trim_matches(['.', ' ']), self.settings.mode) {
            ("", _) => "run".to_owned(),
            (name, StartMode::FineTune) => format!("{name}-tuned"),
            (name, StartMode::Scratch) => name.to_owned(),
        }
    }
}

impl EditorState {
    pub(super) fn start_disabled_reason(&self) -> Option<&'static str> {
        let training = &self.training;
        if training.run.phase.is_active() {
            return Some("A run is going on already");
        }
        if training.data.spec().is_none() {
            return Some("Choose a folder of images and masks first");
        }
        if training.runs_folder.is_none() {
            return Some("There is no home folder to keep runs in");
        }
        if training.settings.mode == StartMode::FineTune && self.model.loaded.is_none() {
            return Some("No model is loaded");
        }
        None
    }

    /// Checks the data set first, unless that has been done.
    pub(super) fn start_training(&mut self, effects: &mut Vec<Effect>) {
        if let Some(reason) = self.start_disabled_reason() {
            return effects.push(Effect::info(format!("{reason}.")));
        }
        match self.training.checked().map(|checked| checked.report.blocking()) {
            Some(None) => self.begin_run(effects),
            Some(Some(reason)) => {
                self.training.tab = TrainingTab::Data;
                effects.push(Effect::error(format!("Training has not begun: {reason}")));
            }
            None => {
                self.training.start_after_check = true;
                if !matches!(self.training.check, super::CheckState::Running { .. }) {
                    self.check_data(effects);
                }
            }
        }
    }

    /// Whether the run begins as soon as the data set has been checked.
    pub fn starts_after_check(&self) -> bool {
        self.training.start_after_check
    }

    pub(super) fn begin_run(&mut self, effects: &mut Vec<Effect>) {
        let Some(spec) = self.run_spec() else { return };
        let training = &mut self.training;
        training.run = RunView { phase: RunPhase::Starting, ..RunView::default() };
        training.probes.forget_pictures();
        training.interrupted = None;
        training.tab = TrainingTab::Progress;
        effects.push(Effect::Train(TrainCommand::Start(Box::new(spec))));
    }

    fn run_spec(&self) -> Option<RunSpec> {
        let training = &self.training;
        let settings = &training.settings;
        let name = training.run_name();
        let start = match settings.mode {
            StartMode::Scratch => RunStart::Scratch,
            StartMode::FineTune => {
                let model = match &self.model.loaded.as_ref()?.reference {
                    ModelRef::Bundled(name) => name.clone(),
                    ModelRef::File(path) => path.display().to_string(),
                };
                RunStart::FineTune(FineTune { critic_warmup: settings.critic_warmup, ..FineTune::of(model) })
            }
        };
        let or = |typed: &str, otherwise: &str| match typed.trim() {
            "" => otherwise.to_owned(),
            typed => typed.to_owned(),
        };
        Some(RunSpec {
            folder: training.runs_folder.as_ref()?.join(&name),
            data: training.data.spec()?,
            options: training.data.options(),
            config: self.run_config(),
            start,
            title: or(&settings.title, &name),
            license: or(&settings.license, "unspecified"),
            name,
            cadence: settings.cadence,
        })
    }

    /// Some samples are held out to judge by, if there are many and nobody has said how many.
    fn run_config(&self) -> TrainConfig {
        let config = &self.training.settings.config;
        let samples = self.training.checked().map_or(0, |checked| checked.report.samples);
        let held_out = match config.held_out {
            0 => TrainConfig::suggested_held_out(samples),
            held_out => held_out,
        };
        TrainConfig { held_out, ..config.clone() }
    }

    pub(super) fn pause_training(&mut self, effects: &mut Vec<Effect>) {
        match self.training.run.phase {
            RunPhase::Running => effects.push(Effect::Train(TrainCommand::Pause)),
            RunPhase::Paused => effects.push(Effect::Train(TrainCommand::Resume)),
            _ => {}
        }
    }

    pub(super) fn stop_training(&mut self, effects: &mut Vec<Effect>) {
        if self.training.run.phase.is_active() {
            self.training.run.phase = RunPhase::Stopping;
            effects.push(Effect::Train(TrainCommand::Stop));
        }
    }

    pub(super) fn continue_interrupted(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = self.training.interrupted.take() {
            self.continue_run(run.folder, effects);
        }
    }

    /// Continues the run in a folder.
    pub(in crate::editor) fn continue_run(&mut self, folder: PathBuf, effects: &mut Vec<Effect>) {
        let training = &mut self.training;
        if training.run.phase.is_active() {
            return effects.push(Effect::info("A run is going on already; stop it first."));
        }
        let same = training.run.facts.as_ref().is_some_and(|facts| facts.folder == folder);
        if !same {
            training.run = RunView::default();
            training.probes.forget_pictures();
        }
        training.run.phase = RunPhase::Starting;
        training.run.trouble = None;
        training.tab = TrainingTab::Progress;
        effects.push(Effect::Train(TrainCommand::Continue(folder)));
    }

    /// The folder of the run that ended, if it can be continued.
    pub fn continuable(&self) -> Option<&PathBuf> {
        let run = &self.training.run;
        match &run.phase {
            RunPhase::Ended(RunEnd::Stopped | RunEnd::Failed(_)) if !run.checkpoints.is_empty() => {
                run.facts.as_ref().map(|facts| &facts.folder)
            }
            _ => None,
        }
    }

    pub(super) fn train_event(&mut self, event: TrainEvent, effects: &mut Vec<Effect>) {
        match event {
            TrainEvent::Interrupted(run) => {
                let text = format!("The training «{}» was interrupted. The Training panel continues it.", run.name);
                effects.push(Effect::info(text));
                self.training.interrupted = Some(run);
            }
            TrainEvent::Checked { id, checked } => self.checked(id, checked, effects),
            TrainEvent::CheckFailed { id, message } => self.check_failed(id, message, effects),
            TrainEvent::Started(facts) => self.run_started(*facts, effects),
            TrainEvent::NotStarted { message } => {
                self.training.run.phase = RunPhase::Ended(RunEnd::Failed(message.clone()));
                effects.push(Effect::error(format!("Training has not begun: {message}")));
            }
            TrainEvent::Logged(row) => self.training.run.logged(*row),
            TrainEvent::Checkpoints(checkpoints) => self.checkpoints_changed(checkpoints, effects),
            TrainEvent::Samples(path) => self.training.run.samples = Some(path),
            TrainEvent::Pictures(pictures) => self.training.probes.add(pictures),
            TrainEvent::Paused => self.training.run.phase = RunPhase::Paused,
            TrainEvent::Resumed => self.training.run.phase = RunPhase::Running,
            TrainEvent::Ended { end, step } => self.run_ended(end, step, effects),
            TrainEvent::Trouble { message } => {
                self.training.run.trouble = Some(message.clone());
                effects.push(Effect::error(message));
            }
            TrainEvent::Panicked { message } => {
                effects.push(Effect::error(format!("A training job failed: {message}. Your document is untouched.")));
            }
        }
    }

    fn run_started(&mut self, mut facts: RunFacts, effects: &mut Vec<Effect>) {
        let run = &mut self.training.run;
        run.log = std::mem::take(&mut facts.log);
        run.checkpoints = std::mem::take(&mut facts.checkpoints);
        run.progress = Some(TrainProgress { step: facts.step, steps: facts.steps, ..TrainProgress::default() });
        run.trouble = None;
        run.phase = RunPhase::Running;
        run.facts = Some(Box::new(facts));
        // An interrupted run may have been continued by its folder.
        let folder = run.facts.as_ref().map(|facts| facts.folder.clone());
        if self.training.interrupted.as_ref().map(|run| &run.folder) == folder.as_ref() {
            self.training.interrupted = None;
        }
        Self::list_training(effects);
    }

    fn run_ended(&mut self, end: RunEnd, step: u64, effects: &mut Vec<Effect>) {
        let name = self.training.run.facts.as_ref().map_or_else(String::new, |facts| format!(" «{}»", facts.name));
        effects.push(match &end {
            RunEnd::Complete => Effect::success(format!("The training{name} is complete, after {step} steps.")),
            RunEnd::Stopped => Effect::info(format!("The training{name} stopped at step {step}; it can be continued.")),
            RunEnd::Failed(message) => Effect::error(format!("The training{name} failed at step {step}: {message}")),
        });
        self.training.run.phase = RunPhase::Ended(end);
    }
}

impl RunView {
    /// A run that goes back to a checkpoint logs some steps again.
    fn logged(&mut self, row: LogRow) {
        while self.log.last().is_some_and(|last| last.step >= row.step) {
            self.log.pop();
        }
        self.log.push(row);
    }
}
