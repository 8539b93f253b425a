//! What the trainer thread tells the editor besides progress.

use std::path::PathBuf;

use super::active_run::ActiveRun;
use super::check::Checked;
use super::probe::ProbePicture;
use crate::taxonomy::Taxonomy;
use crate::train::{CheckpointInfo, LogRow, TrainConfig};

/// A fact from the trainer thread. Events are never dropped.
#[derive(Clone, Debug)]
pub enum TrainEvent {
    /// An earlier process left this run unfinished; it can be continued.
    Interrupted(ActiveRun),
    /// A data set was read through.
    Checked {
        /// Which check.
        id: u64,
        /// What it holds.
        checked: Box<Checked>,
    },
    /// A data set cannot be opened at all, or the check was given up.
    CheckFailed {
        /// Which check.
        id: u64,
        /// What, which file, what to do; `None` when the check was given up.
        message: Option<String>,
    },
    /// A run begins or goes on, and computes.
    Started(Box<RunFacts>),
    /// A run could not begin.
    NotStarted {
        /// What, which file, what to do.
        message: String,
    },
    /// The losses of a step were written to the log.
    Logged(Box<LogRow>),
    /// The checkpoints as they are on disk now, oldest first.
    Checkpoints(Vec<CheckpointInfo>),
    /// A sheet of samples was written.
    Samples(PathBuf),
    /// What a checkpoint's averaged generator makes of the pinned canvases.
    Pictures(Vec<ProbePicture>),
    /// The run waits.
    Paused,
    /// The run goes on.
    Resumed,
    /// There is no run any more.
    Ended {
        /// How it ended.
        end: RunEnd,
        /// Updates of G so far.
        step: u64,
    },
    /// Something went wrong, and the run goes on.
    Trouble {
        /// What, which file, what to do.
        message: String,
    },
    /// A bug stopped a job; the thread goes on.
    Panicked {
        /// The panic's message.
        message: String,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Every step is done.
    Complete,
    /// The user stopped it; it can be continued.
    Stopped,
    /// It failed, for this reason; the last good checkpoint is on disk.
    Failed(String),
}

/// What a run is, as it begins or goes on.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The run folder.
    pub folder: PathBuf,
    /// Name of the model.
    pub name: String,
    /// Title of the model.
    pub title: String,
    /// The data set, as it is opened.
    pub data: String,
    /// What computes.
    pub device: String,
    /// Updates of G so far.
    pub step: u64,
    /// Updates of G in the whole run.
    pub steps: u64,
    /// Settings.
    pub config: TrainConfig,
    /// Labels and attributes.
    pub taxonomy: Taxonomy,
    /// The log so far, oldest first.
    pub log: Vec<LogRow>,
    /// Checkpoints so far, oldest first.
    pub checkpoints: Vec<CheckpointInfo>,
    /// What a person should know about how it began: which labels were taken from the model, and the like.
    pub notes: Vec<String>,
}
