//! Scores: confusion matrix, mean IoU, pixel accuracy.

mod confusion;

pub use confusion::Confusion;
