//! Training beside the editor: a thread named `trainer` that owns a device and a run.
//!
//! It works at the lowest priority of the system, so that painting and the live picture get the processor whenever they
//! want it; see [`background`].

mod active_run;
pub mod background;
mod check;
mod event;
mod handle;
mod probe;
mod protocol;
mod rates;
mod runs;
mod worker;

pub use active_run::ActiveRun;
pub use check::Checked;
pub use event::{RunEnd, RunFacts, TrainEvent};
pub use handle::{TrainerHandle, TrainerOptions};
pub use probe::{PROBE_SIDE_MAX_PX, Probe, ProbePicture};
pub use protocol::{CheckProgress, TrainCommand, TrainProgress};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod tests_support;
