//! Scores: confusion matrix, mean IoU, pixel accuracy, attribute accuracy, Fréchet distances and the network of FID.

mod attribute_accuracy;
mod confusion;
mod eigenvalues;
mod frechet;
pub mod inception;
pub mod statistics_file;

pub use attribute_accuracy::{AttributeCounts, attributes_from_logits};
pub use confusion::Confusion;
pub use frechet::{FrechetError, Gaussian, Moments, frechet_distance};
