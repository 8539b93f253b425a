//! The part of the document that undo covers.

use serde::{Deserialize, Serialize};

use super::LabelMap;

/// The latent code as the user set it: a seed, and steps along the generator's leading directions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatentState {
    /// Seed of the code that the offsets start from.
    pub seed: u64,
    /// One per leading direction, in standard deviations; 0 is neutral.
    pub offsets: Vec<f32>,
}

/// One state of the document. Cloning is cheap: the label map shares its tiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The mask.
    pub labels: LabelMap,
    /// Strength of each attribute, in the taxonomy's flat order; 0 is off, 1 is on.
    pub attributes: Vec<f32>,
    /// The latent code.
    pub latent: LatentState,
}
