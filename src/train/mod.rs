//! Objectives and the trainer: Algorithm 1 of the paper, one phase at a time.

mod adam;
mod average;
mod checkpoint;
mod config;
mod evaluate;
mod losses;
mod networks;
pub mod objectives;
pub mod phases;
mod samples;
mod trainer;

pub use adam::Adam;
pub use checkpoint::CheckpointError;
pub use config::{TrainConfig, TrainConfigError};
pub use evaluate::{Scores, score};
pub use losses::Losses;
pub use samples::sample_grid;
pub use trainer::{Phase, TrainError, Trainer};
