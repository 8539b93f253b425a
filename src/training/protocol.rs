//! What the editor and the trainer thread say to each other, besides events.

use std::path::PathBuf;
use std::sync::Arc;

use super::probe::Probe;
use crate::data::OpenOptions;
use crate::taxonomy::Taxonomy;
use crate::train::RunSpec;

/// An order to the trainer thread. Orders are never dropped and are obeyed between two phases of a run.
#[derive(Clone, Debug)]
pub enum TrainCommand {
    /// Read a data set through and report; replaces a check that is under way.
    Check {
        /// Comes back with the answer, so that an outdated one can be told.
        id: u64,
        /// Folder, or `procedural:portrait` and the like.
        data: String,
        /// Which samples, with which labels and attributes.
        options: Box<OpenOptions>,
        /// Labels and attributes for a folder that does not say its own, where the options name none.
        taxonomy: Option<Box<Taxonomy>>,
    },
    /// Give the check up.
    CancelCheck,
    /// Begin a run in a new folder.
    Start(Box<RunSpec>),
    /// Continue the run in a folder from its newest checkpoint.
    Continue(PathBuf),
    /// Hold the run; it stays in memory.
    Pause,
    /// Go on after a pause.
    Resume,
    /// Write a checkpoint and leave the run; it can be continued from its folder.
    Stop,
    /// Write a checkpoint now and go on.
    Checkpoint,
    /// Render these canvases at every checkpoint, and now at those that are there.
    SetProbes(Vec<Arc<Probe>>),
    /// Remove a checkpoint from disk, by its step. The newest stays: the run continues from it.
    DeleteCheckpoint(u64),
    /// Don't offer the interrupted run in this folder again.
    Forget(PathBuf),
}

/// How far a run is. A newer value replaces one that nobody has looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainProgress {
    /// Updates of G so far.
    pub step: u64,
    /// Updates of G in the whole run.
    pub steps: u64,
    /// Updates that the critics have made and will make alone, while they do.
    pub warm_up: Option<(u64, u64)>,
    /// Updates of G per second, lately.
    pub steps_per_s: f64,
    /// Training images per second, lately.
    pub images_per_s: f64,
    /// Seconds left at this rate, once there is one.
    pub eta_s: Option<f64>,
    /// Memory of the whole program, in bytes, where the system says.
    pub memory_bytes: Option<u64>,
    /// What the run's checkpoints take on disk, in bytes.
    pub disk_bytes: u64,
}

/// How far the check of a data set is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckProgress {
    /// Which check.
    pub id: u64,
    /// Samples read.
    pub done: usize,
    /// Samples to read; 0 while that is not known.
    pub of: usize,
}
