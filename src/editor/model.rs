//! The model in use, as far as the editor needs to know it.

use super::files::Pending;
use super::{EditorState, Effect};
use crate::engine::{EngineCommand, ModelRef};
use crate::model::{ModelCard, Provenance};
use crate::taxonomy::Taxonomy;

/// What the editor and its panels say about a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSummary {
    /// Short name, as sessions store it.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Labels and attributes the model understands.
    pub taxonomy: Taxonomy,
    /// Side of the pictures it makes, in pixels.
    pub resolution: usize,
    /// Licence of the weights.
    pub license: String,
    /// SHA-256 of the tensors, in hex.
    pub hash: String,
    /// Length of z.
    pub n_z: usize,
    /// What it was trained on and for how long.
    pub provenance: Provenance,
    /// Singular values of the leading latent directions, largest first.
    pub directions: Vec<f32>,
}

impl ModelSummary {
    /// From a model file's card and the singular values of its latent directions.
    pub fn new(card: ModelCard, directions: Vec<f32>) -> Self {
        let resolution = card.resolution();
        Self {
            name: card.name,
            title: card.title,
            taxonomy: card.taxonomy,
            resolution,
            license: card.license,
            n_z: card.generator.n_z,
            provenance: card.provenance,
            hash: card.hash,
            directions,
        }
    }
}

/// The model in use and the one on its way.
#[derive(Clone, Debug, Default)]
pub struct ModelSlot {
    /// In use.
    pub loaded: Option<ModelSummary>,
    /// Being loaded; its name.
    pub loading: Option<String>,
    /// The device that computes, in words.
    pub device: Option<String>,
}

impl EditorState {
    pub(super) fn load_model(&mut self, model: ModelRef, effects: &mut Vec<Effect>) {
        self.model.loading = Some(match &model {
            ModelRef::Bundled(name) => name.clone(),
            ModelRef::File(path) => {
                path.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned())
            }
        });
        effects.push(Effect::Engine(EngineCommand::LoadModel(model)));
    }

    /// A model with the document's taxonomy keeps the document. Another one gets its own document; the present one is
    /// put aside with its history and comes back with its taxonomy.
    pub(super) fn model_loaded(&mut self, summary: ModelSummary, effects: &mut Vec<Effect>) {
        self.model.loading = None;
        if summary.taxonomy != self.taxonomy {
            self.switch_taxonomy(summary.taxonomy.clone());
        }
        self.model.loaded = Some(summary);
        match self.pending.take() {
            Some(Pending::Session { path, loaded }) => self.adopt_session(path, *loaded, effects),
            Some(Pending::Template(name)) => self.use_template(name, effects),
            None => {}
        }
        self.touch();
        effects.push(Effect::Render);
    }

    pub(super) fn model_failed(&mut self, message: String, effects: &mut Vec<Effect>) {
        self.model.loading = None;
        self.pending = None;
        effects.push(Effect::error(message));
    }
}
