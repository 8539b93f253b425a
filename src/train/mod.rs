//! Objectives and the trainer: Algorithm 1 of the paper, one phase at a time. A [`Run`] keeps a trainer in a folder.

mod adam;
pub mod augment;
mod average;
mod checkpoint;
mod config;
mod evaluate;
mod losses;
mod networks;
pub mod objectives;
pub mod phases;
mod run;
mod samples;
pub mod tensorboard;
mod trainer;

pub use adam::Adam;
pub use checkpoint::CheckpointError;
pub use config::{TrainConfig, TrainConfigError};
pub use evaluate::{Scores, score};
pub use losses::Losses;
pub use run::{
    Advance, Cadence, CheckpointInfo, FineTune, Kept, LogRow, Run, RunError, RunSpec, RunStart, open_data, read_log,
};
pub use samples::sample_grid;
pub use trainer::{Phase, TrainError, Trainer};
