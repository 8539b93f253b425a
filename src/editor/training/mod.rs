//! Training in the editor: the data set, the settings, the run that goes on, and what becomes of its checkpoints.

mod checkpoints;
mod curves;
mod data;
mod pairs;
mod probes;
mod run;
mod settings;

pub use curves::{CurveGroup, Curves, SMOOTHING_RANGE, Series};
pub use data::{CheckState, DataChoice, DataKind};
pub(super) use pairs::AwaitedPair;
pub use pairs::PairPicture;
pub use probes::{PROBES_MAX, Probes};
pub use run::{RunPhase, RunView};
pub use settings::{Preset, RunSettings, StartMode};

use std::path::PathBuf;

use super::{Action, Chore, EditorState, Effect, IoJob, IoTask};
use crate::data::Split;
use crate::train::{Cadence, TrainConfig};
use crate::training::{ActiveRun, CheckProgress, TrainCommand, TrainEvent, TrainProgress};

/// Parts of the training panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrainingTab {
    /// The data set and what is in it.
    #[default]
    Data,
    /// What to train, and how.
    Settings,
    /// Curves, rates and checkpoints.
    Progress,
    /// Pinned canvases over training time.
    Probes,
}

impl TrainingTab {
    /// Every tab, in the order in which they are used.
    pub const ALL: [Self; 4] = [Self::Data, Self::Settings, Self::Progress, Self::Probes];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Settings => "Settings",
            Self::Progress => "Progress",
            Self::Probes => "Probes",
        }
    }
}

/// Everything the editor knows about training.
#[derive(Debug, Default)]
pub struct Training {
    /// The part that is shown.
    pub tab: TrainingTab,
    /// What to train on.
    pub data: DataChoice,
    /// What is in it.
    pub check: CheckState,
    /// What to train, and how.
    pub settings: RunSettings,
    /// The run that goes on, or the last one.
    pub run: RunView,
    /// How its log is drawn.
    pub curves: Curves,
    /// Pinned canvases.
    pub probes: Probes,
    /// A run that an earlier process left.
    pub interrupted: Option<ActiveRun>,
    /// Whether every new checkpoint goes into the canvas.
    pub follow: bool,
    /// Models that were trained here.
    pub models: Vec<PathBuf>,
    /// The data set that pairs are added to.
    pub pairs_folder: Option<PathBuf>,
    /// Where new runs go.
    pub runs_folder: Option<PathBuf>,
    /// Names of the runs that are there.
    pub(super) run_names: Vec<String>,
    pub(super) last_check: u64,
    /// Whether the run begins as soon as the data set has been checked.
    pub(super) start_after_check: bool,
}

/// Something in the training panel, or from the trainer thread.
#[derive(Clone, Debug)]
pub enum TrainingCommand {
    /// Show a part of the panel.
    ShowTab(TrainingTab),
    /// Train on this kind of data.
    ChooseData(DataKind),
    /// The data set's folder, as typed so far.
    TypeData(String),
    /// Train on this part of the data set.
    ChooseSplit(Split),
    /// Bring its labels and attributes into this built-in taxonomy, by name, or leave them as they are.
    ChooseTaxonomy(Option<String>),
    /// The attributes by the data set's names, as typed so far.
    TypeAttributes(String),
    /// From the open model, or from nothing.
    SetMode(StartMode),
    /// Take the settings of a size.
    UsePreset(Preset),
    /// Change the settings.
    Configure(Box<TrainConfig>),
    /// Change how often something is written.
    SetCadence(Cadence),
    /// Updates of the critics before G moves, when a model is fine-tuned.
    SetCriticWarmup(u64),
    /// The run's name, as typed so far.
    TypeName(String),
    /// The run's title, as typed so far.
    TypeTitle(String),
    /// The licence of the model, as typed so far.
    TypeLicense(String),
    /// Draw these curves.
    ShowCurves(CurveGroup),
    /// Draw them this smooth, within [`SMOOTHING_RANGE`].
    Smooth(f32),
    /// Show this pinned canvas.
    SelectProbe(u64),
    /// Take a pinned canvas away.
    Unpin(u64),
    /// Go to the checkpoint of this step.
    SelectCheckpoint(u64),
    /// Compare with the checkpoint of this step, or with none.
    Compare(Option<u64>),
    /// Where the divider between two checkpoints is, as a part of the width.
    SetWipe(f32),
    /// Show this checkpoint's model in the canvas.
    ShowInCanvas(u64),
    /// Keep this checkpoint's model among the models.
    UseAsModel(u64),
    /// Remove a checkpoint.
    DeleteCheckpoint(u64),
    /// Continue the interrupted run.
    ContinueInterrupted,
    /// Continue the run that ended.
    ContinueLast,
    /// Leave the interrupted run as it is.
    ForgetInterrupted,
    /// What the trainer thread said.
    Event(Box<TrainEvent>),
    /// How far the run is.
    Progress(TrainProgress),
    /// How far the check is.
    CheckProgress(CheckProgress),
}

impl EditorState {
    pub(super) fn training_command(&mut self, command: TrainingCommand, effects: &mut Vec<Effect>) {
        let training = &mut self.training;
        match command {
            TrainingCommand::ShowTab(tab) => training.tab = tab,
            TrainingCommand::ChooseData(kind) => self.choose_data(kind, effects),
            TrainingCommand::TypeData(text) => self.type_data(text, effects),
            TrainingCommand::ChooseSplit(split) => self.select_data(|data| data.split = split, effects),
            TrainingCommand::ChooseTaxonomy(name) => self.select_data(|data| data.taxonomy = name, effects),
            TrainingCommand::TypeAttributes(text) => self.select_data(|data| data.attributes = text, effects),
            TrainingCommand::SetMode(mode) => training.settings.set_mode(mode),
            TrainingCommand::UsePreset(preset) => training.settings.use_preset(preset),
            TrainingCommand::Configure(config) => training.settings.configure(*config),
            TrainingCommand::SetCadence(cadence) => training.settings.cadence = cadence,
            TrainingCommand::SetCriticWarmup(updates) => training.settings.critic_warmup = updates,
            TrainingCommand::TypeName(text) => training.settings.name = text,
            TrainingCommand::TypeTitle(text) => training.settings.title = text,
            TrainingCommand::TypeLicense(text) => training.settings.license = text,
            TrainingCommand::ShowCurves(group) => training.curves.group = group,
            TrainingCommand::Smooth(smoothing) => training.curves.smooth(smoothing),
            TrainingCommand::SelectProbe(id) => training.probes.selected = Some(id),
            TrainingCommand::Unpin(id) => self.unpin_canvas(id, effects),
            TrainingCommand::SelectCheckpoint(step) => training.probes.at = Some(step),
            TrainingCommand::Compare(step) => training.probes.compare = step,
            TrainingCommand::SetWipe(part) => training.probes.set_wipe(part),
            TrainingCommand::ShowInCanvas(step) => self.show_checkpoint(step, effects),
            TrainingCommand::UseAsModel(step) => self.use_checkpoint(step, effects),
            TrainingCommand::DeleteCheckpoint(step) => {
                effects.push(Effect::Train(TrainCommand::DeleteCheckpoint(step)));
            }
            TrainingCommand::ContinueInterrupted => self.continue_interrupted(effects),
            TrainingCommand::ContinueLast => {
                if let Some(folder) = self.continuable().cloned() {
                    self.continue_run(folder, effects);
                }
            }
            TrainingCommand::ForgetInterrupted => {
                if let Some(run) = training.interrupted.take() {
                    effects.push(Effect::Train(TrainCommand::Forget(run.folder)));
                }
            }
            TrainingCommand::Event(event) => self.train_event(*event, effects),
            TrainingCommand::Progress(progress) => training.run.progress = Some(progress),
            TrainingCommand::CheckProgress(progress) => training.check_progress(progress),
        }
    }

    pub(super) fn start_training_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::ChooseDataFolder => effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChooseData })),
            Action::CheckData => self.check_data(effects),
            Action::StartTraining => self.start_training(effects),
            Action::PauseTraining => self.pause_training(effects),
            Action::StopTraining => self.stop_training(effects),
            Action::SaveCheckpoint => effects.push(Effect::Train(TrainCommand::Checkpoint)),
            Action::ContinueRun => effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChooseRun })),
            Action::PinCanvas => self.pin_canvas(effects),
            Action::FollowTraining => self.training.follow = !self.training.follow,
            Action::ShowCheckpoint => {
                if let Some(step) = self.training.selected_checkpoint() {
                    self.show_checkpoint(step, effects);
                }
            }
            Action::UseCheckpoint => {
                if let Some(step) = self.training.selected_checkpoint() {
                    self.use_checkpoint(step, effects);
                }
            }
            Action::AddPair => self.add_pair(effects),
            Action::ChoosePairFolder => {
                effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChoosePairFolder }));
            }
            _ => {}
        }
    }

    /// Why a training action would do nothing now.
    pub(super) fn training_disabled_reason(&self, action: Action) -> Option<&'static str> {
        let training = &self.training;
        let (possible, reason) = match action {
            Action::CheckData => (training.data.spec().is_some(), "Choose a folder of images and masks first"),
            Action::StartTraining => return self.start_disabled_reason(),
            Action::ContinueRun => (!training.run.phase.is_active(), "A run is going on already"),
            Action::PauseTraining => {
                (matches!(training.run.phase, RunPhase::Running | RunPhase::Paused), "Nothing is being trained")
            }
            Action::StopTraining => (training.run.phase.is_active(), "Nothing is being trained"),
            Action::SaveCheckpoint => {
                (matches!(training.run.phase, RunPhase::Running | RunPhase::Paused), "Nothing is being trained")
            }
            Action::PinCanvas => (training.probes.pinned.len() < PROBES_MAX, "Eight canvases are pinned already"),
            Action::ShowCheckpoint | Action::UseCheckpoint => {
                (training.selected_checkpoint().is_some(), "There is no checkpoint yet")
            }
            Action::AddPair => (
                self.canvas_view.guide.is_some() || self.can_render(),
                "There is neither a picture nor a tracing photo",
            ),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    /// Models and runs as they are on disk.
    pub(super) fn training_files(&mut self, runs_folder: PathBuf, run_names: Vec<String>, models: Vec<PathBuf>) {
        let training = &mut self.training;
        training.runs_folder = Some(runs_folder);
        training.run_names = run_names;
        training.models = models;
    }

    /// Look for them again.
    pub(super) fn list_training(effects: &mut Vec<Effect>) {
        effects.push(Effect::Chore(Chore::ListTraining));
    }
}
