//! The part of the document that undo covers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LabelMap, Look, Timeline};

/// The latent code as the user set it: a seed, steps along the generator's leading directions, coordinates set by hand;
/// or a place between two pinned codes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LatentState {
    /// Seed of the code that the offsets start from.
    pub seed: u64,
    /// A code that takes the place of the seed's, such as one fitted to a photograph; empty when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fitted: Vec<f32>,
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
    /// The code itself, without what else was put aside.
    pub fn as_pin(&self) -> LatentPin {
        match (&self.pins, self.blend) {
            ([Some(a), Some(b)], Some(place)) => {
                let between = Box::new(LatentBlend { ends: [a.clone(), b.clone()], place });
                LatentPin { between: Some(between), ..LatentPin::default() }
            }
            _ => LatentPin {
                seed: self.seed,
                fitted: self.fitted.clone(),
                offsets: self.offsets.clone(),
                raw: self.raw.clone(),
                between: None,
            },
        }
    }

    /// The state at a place between `from` (0) and `to` (1): their codes are pinned and blended.
    #[must_use]
    pub fn between(from: &Self, to: &Self, place: f32) -> Self {
        let ends = [from.as_pin(), to.as_pin()];
        if place <= 0.0 || ends[0] == ends[1] {
            return from.clone();
        }
        if place >= 1.0 {
            return to.clone();
        }
        Self { seed: from.seed, pins: ends.map(Some), blend: Some(place), ..Self::default() }
    }

    /// Whether all of its numbers are.
    pub fn is_finite(&self) -> bool {
        let own = self.fitted.iter().chain(&self.offsets).chain(self.raw.values()).chain(&self.blend);
        let own = own.copied().all(f32::is_finite);
        own && self.pins.iter().flatten().all(LatentPin::is_finite)
    }

    /// About how many numbers it holds, for the accounts of the history.
    pub(super) fn floats(&self) -> usize {
        self.fitted.len()
            + self.offsets.len()
            + 2 * self.raw.len()
            + self.pins.iter().flatten().map(LatentPin::floats).sum::<usize>()
    }
}

/// A latent code put aside to blend with another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LatentPin {
    /// As in [`LatentState`].
    pub seed: u64,
    /// As in [`LatentState`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fitted: Vec<f32>,
    /// As in [`LatentState`].
    pub offsets: Vec<f32>,
    /// As in [`LatentState`].
    pub raw: BTreeMap<u16, f32>,
    /// When given, the code is a place between two others instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<Box<LatentBlend>>,
}

/// A place between two latent codes, by spherical interpolation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentBlend {
    /// The codes.
    pub ends: [LatentPin; 2],
    /// 0 is the first, 1 the second.
    pub place: f32,
}

impl LatentPin {
    fn is_finite(&self) -> bool {
        let own = self.fitted.iter().chain(&self.offsets).chain(self.raw.values()).copied().all(f32::is_finite);
        let blend = |blend: &LatentBlend| blend.place.is_finite() && blend.ends.iter().all(Self::is_finite);
        own && self.between.as_deref().is_none_or(blend)
    }

    fn floats(&self) -> usize {
        let between = self.between.iter().flat_map(|blend| &blend.ends).map(Self::floats).sum::<usize>();
        self.fitted.len() + self.offsets.len() + 2 * self.raw.len() + between
    }
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
    /// Keyframes of the above.
    pub timeline: Timeline,
}

impl Snapshot {
    /// Everything but the timeline becomes this look's.
    pub fn set_look(&mut self, look: Look) {
        (self.labels, self.attributes, self.latent) = (look.labels, look.attributes, look.latent);
    }
}
