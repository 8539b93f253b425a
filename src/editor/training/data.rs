//! The data set to train on, and its check.

use std::path::Path;

use super::{RunPhase, StartMode, Training, TrainingTab};
use crate::data::{OpenOptions, Split};
use crate::editor::{EditorState, Effect};
use crate::taxonomy::Taxonomy;
use crate::training::{CheckProgress, Checked, TrainCommand};

/// Where training data comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataKind {
    /// A folder in any known layout.
    #[default]
    Folder,
    /// Drawn portraits, for trying things out.
    Portraits,
    /// Drawn outfits, for trying things out.
    Outfits,
}

impl DataKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Folder, Self::Portraits, Self::Outfits];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Folder => "A folder",
            Self::Portraits => "Drawn portraits",
            Self::Outfits => "Drawn outfits",
        }
    }

    /// One sentence for the tooltip.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Folder => "Your own images and masks, or one of the known data sets; the layout is detected",
            Self::Portraits => "Portraits that the program draws itself, to try training without any files",
            Self::Outfits => "Outfits that the program draws itself, to try training without any files",
        }
    }
}

/// The data set as the user names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataChoice {
    /// Files or drawn.
    pub kind: DataKind,
    /// The folder, as typed.
    pub path: String,
    /// Which part of the samples.
    pub split: Split,
    /// A built-in taxonomy that labels and attributes are brought into, by name; none: as the data set has them.
    pub taxonomy: Option<String>,
    /// Attributes by the data set's names, as typed, separated by commas; empty for the taxonomy's.
    pub attributes: String,
}

impl DataChoice {
    /// As [`crate::data::open`] reads it; none while no folder is named.
    pub fn spec(&self) -> Option<String> {
        match self.kind {
            DataKind::Folder => Some(self.path.trim()).filter(|path| !path.is_empty()).map(str::to_owned),
            DataKind::Portraits => Some("procedural:portrait".to_owned()),
            DataKind::Outfits => Some("procedural:outfit".to_owned()),
        }
    }

    /// What [`crate::data::open`] is asked for. Drawn samples are all there is to them.
    pub fn options(&self) -> OpenOptions {
        if self.kind != DataKind::Folder {
            return OpenOptions::default();
        }
        let names = self.attributes.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<String> = names.map(str::to_owned).collect();
        OpenOptions {
            taxonomy: self.taxonomy.as_deref().and_then(Taxonomy::builtin),
            split: self.split,
            attributes: (!names.is_empty()).then_some(names),
            ..OpenOptions::default()
        }
    }

    /// Whether anything but all samples as they are is asked for.
    pub fn is_selective(&self) -> bool {
        self.options() != OpenOptions::default()
    }
}

/// What is known about the data set.
#[derive(Clone, Debug, Default)]
pub enum CheckState {
    /// Nothing yet.
    #[default]
    None,
    /// It is being read.
    Running {
        /// Which check.
        id: u64,
        /// Samples read.
        done: usize,
        /// Samples to read; 0 while that is not known.
        of: usize,
    },
    /// It was read.
    Done(Box<Checked>),
    /// It cannot be used.
    Failed(String),
}

impl Training {
    /// The report on the data set as it is named now.
    pub fn checked(&self) -> Option<&Checked> {
        match &self.check {
            CheckState::Done(checked) if Some(&checked.data) == self.data.spec().as_ref() => Some(checked),
            _ => None,
        }
    }

    /// Tells a check from those before it.
    pub fn check_number(&self) -> u64 {
        self.last_check
    }

    pub(super) fn check_progress(&mut self, progress: CheckProgress) {
        if let CheckState::Running { id, done, of } = &mut self.check
            && *id == progress.id
        {
            (*done, *of) = (progress.done, progress.of);
        }
    }

    /// The answer of a check that was replaced or given up counts no more.
    fn awaits(&self, answered: u64) -> bool {
        matches!(self.check, CheckState::Running { id, .. } if id == answered)
    }
}

impl EditorState {
    pub(super) fn choose_data(&mut self, kind: DataKind, effects: &mut Vec<Effect>) {
        if self.training.data.kind != kind {
            self.training.data.kind = kind;
            self.forget_check(effects);
        }
    }

    pub(super) fn type_data(&mut self, text: String, effects: &mut Vec<Effect>) {
        if self.training.data.path != text {
            self.training.data.path = text;
            self.forget_check(effects);
        }
    }

    /// Another part, other labels or other attributes of the same data set.
    pub(super) fn select_data(&mut self, change: impl FnOnce(&mut DataChoice), effects: &mut Vec<Effect>) {
        let before = self.training.data.clone();
        change(&mut self.training.data);
        if self.training.data != before {
            self.forget_check(effects);
        }
    }

    /// A folder was chosen in the desktop's dialog: read it at once.
    pub(in crate::editor) fn data_chosen(&mut self, path: &Path, effects: &mut Vec<Effect>) {
        self.choose_data(DataKind::Folder, effects);
        self.type_data(path.display().to_string(), effects);
        self.training.tab = TrainingTab::Data;
        self.check_data(effects);
    }

    fn forget_check(&mut self, effects: &mut Vec<Effect>) {
        let training = &mut self.training;
        training.start_after_check = false;
        if matches!(training.check, CheckState::Running { .. }) {
            effects.push(Effect::Train(TrainCommand::CancelCheck));
        }
        training.check = CheckState::None;
    }

    /// Starts a check, or gives up the one that goes on.
    pub(super) fn check_data(&mut self, effects: &mut Vec<Effect>) {
        if matches!(self.training.check, CheckState::Running { .. }) {
            return self.forget_check(effects);
        }
        let training = &mut self.training;
        let Some(data) = training.data.spec() else { return };
        training.last_check += 1;
        let id = training.last_check;
        training.check = CheckState::Running { id, done: 0, of: 0 };
        let model = self.model.loaded.as_ref().filter(|_| self.training.settings.mode == StartMode::FineTune);
        let taxonomy = model.map(|model| Box::new(model.taxonomy.clone()));
        let options = Box::new(self.training.data.options());
        effects.push(Effect::Train(TrainCommand::Check { id, data, options, taxonomy }));
    }

    pub(super) fn checked(&mut self, id: u64, checked: Box<Checked>, effects: &mut Vec<Effect>) {
        if !self.training.awaits(id) {
            return;
        }
        let blocking = checked.report.blocking();
        self.training.check = CheckState::Done(checked);
        if std::mem::take(&mut self.training.start_after_check) {
            match blocking {
                None => self.begin_run(effects),
                Some(reason) => {
                    self.training.run.phase = RunPhase::Idle;
                    self.training.tab = TrainingTab::Data;
                    effects.push(Effect::error(format!("Training has not begun: {reason}")));
                }
            }
        }
    }

    pub(super) fn check_failed(&mut self, id: u64, message: Option<String>, effects: &mut Vec<Effect>) {
        if !self.training.awaits(id) {
            return;
        }
        if std::mem::take(&mut self.training.start_after_check) {
            self.training.tab = TrainingTab::Data;
            effects.push(Effect::error("Training has not begun: the data set cannot be used."));
        }
        self.training.check = message.map_or(CheckState::None, CheckState::Failed);
    }
}
