//! The part of the document that undo covers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LabelMap;

/// The latent code as the user set it: a seed, steps along the generator's leading directions, coordinates set by hand;
/// or a place between two pinned codes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LatentState {
    /// Seed of the code that the offsets start from.
    pub seed: u64,
    /// One per leading direction, in standard deviations; 0 is neutral.
    pub offsets: Vec<f32>,
    /// Coordinates of z that replace those of the seed and the offsets, by index.
    pub raw: BTreeMap<u16, f32>,
    /// Pinned codes A and B.
    pub pins: [Option<LatentPin>; 2],
    /// When given, and both pins are set, the code is the spherical interpolation of the pins at this place
    /// (0 is A, 1 is B) instead of seed, offsets and raw coordinates.
    pub blend: Option<f32>,
}

impl LatentState {
    /// About how many numbers it holds, for the accounts of the history.
    pub(super) fn floats(&self) -> usize {
        let pins = self.pins.iter().flatten().map(|pin| pin.offsets.len() + 2 * pin.raw.len());
        self.offsets.len() + 2 * self.raw.len() + pins.sum::<usize>()
    }
}

/// A latent code put aside to blend with another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LatentPin {
    /// As in [`LatentState`].
    pub seed: u64,
    /// As in [`LatentState`].
    pub offsets: Vec<f32>,
    /// As in [`LatentState`].
    pub raw: BTreeMap<u16, f32>,
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
