//! The header of a model file: everything about a model but its weights.

use serde::{Deserialize, Serialize};

use crate::model::direction_names::DirectionNames;
use crate::model::generator::GeneratorConfig;
use crate::model::segmentor::SegmentorConfig;
use crate::taxonomy::Taxonomy;

/// What a model is and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Short name: `portrait`.
    pub name: String,
    /// Shown to people: «Drawn portraits».
    pub title: String,
    /// Labels and attributes.
    pub taxonomy: Taxonomy,
    /// Shape of G.
    pub generator: GeneratorConfig,
    /// Shape of S; absent when the model has none.
    pub segmentor: Option<SegmentorConfig>,
    /// Whether the model has an attribute head. Format 1 has one exactly when there are attributes, and does not say so.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub attribute_head: bool,
    /// How it was trained.
    pub provenance: Provenance,
    /// Terms of use of the weights, as an SPDX expression or a short text.
    pub license: String,
    /// Names that people gave latent directions.
    #[serde(default, skip_serializing_if = "DirectionNames::is_empty")]
    pub direction_names: DirectionNames,
    /// SHA-256 of the tensors as stored, hexadecimal; empty until saved.
    pub hash: String,
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

impl ModelCard {
    /// Side of the pictures in px.
    pub fn resolution(&self) -> usize {
        self.generator.resolution
    }
}

/// How a model was trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The data, in words.
    pub data: String,
    /// Updates of G.
    pub generator_updates: u64,
    /// Training images D has seen, repeats counted.
    pub images_seen: u64,
    /// Seed of the run.
    pub seed: u64,
    /// The run's configuration as RON, enough to repeat it.
    pub configuration: String,
}
