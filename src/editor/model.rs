//! The model in use, as far as the editor needs to know it.

use super::files::Pending;
use super::{EditorState, Effect};
use crate::engine::{EngineCommand, ModelRef};
use crate::model::{DirectionNames, ModelCard, Provenance};
use crate::taxonomy::Taxonomy;

/// What the editor and its panels say about a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSummary {
    /// Where it came from.
    pub reference: ModelRef,
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
    /// Names of latent directions that its file has.
    pub direction_names: DirectionNames,
    /// Whether it can read labels off a picture.
    pub has_segmentor: bool,
}

impl ModelSummary {
    /// From where the model came from, its card, and the singular values of its latent directions.
    pub fn new(reference: ModelRef, card: ModelCard, directions: Vec<f32>) -> Self {
        let resolution = card.resolution();
        Self {
            reference,
            name: card.name,
            title: card.title,
            taxonomy: card.taxonomy,
            resolution,
            license: card.license,
            n_z: card.generator.n_z,
            provenance: card.provenance,
            hash: card.hash,
            has_segmentor: card.segmentor.is_some(),
            directions,
            direction_names: card.direction_names,
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
    /// Where the one being loaded comes from.
    pub(super) wanted: Option<ModelRef>,
}

impl EditorState {
    pub(super) fn load_model(&mut self, model: ModelRef, effects: &mut Vec<Effect>) {
        self.model.loading = Some(match &model {
            ModelRef::Bundled(name) => name.clone(),
            ModelRef::File(path) => {
                path.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned())
            }
        });
        self.model.wanted = Some(model.clone());
        effects.push(Effect::Engine(EngineCommand::LoadModel(model)));
    }

    /// A model with the document's taxonomy keeps the document. For another one the present document is put aside with
    /// its history, to come back with its taxonomy, and its mask goes along as far as its labels have counterparts.
    ///
    /// One that was asked for before the newest is left aside: what waits, waits for the newest.
    pub(super) fn model_loaded(&mut self, summary: ModelSummary, effects: &mut Vec<Effect>) {
        if self.model.wanted.as_ref().is_some_and(|wanted| *wanted != summary.reference) {
            return;
        }
        self.model.wanted = None;
        self.model.loading = None;
        if summary.taxonomy != self.taxonomy {
            match self.pending {
                Some(_) => self.switch_taxonomy(summary.taxonomy.clone()),
                None => self.carry_document_to(summary.taxonomy.clone(), effects),
            }
        }
        self.model.loaded = Some(summary);
        self.forget_obedience();
        self.forget_controls_of_other_model();
        self.reframe_photo(effects);
        self.latent_view.page = self.latent_view.page.min(self.page_count().saturating_sub(1));
        self.latent_view.renaming = None;
        match self.pending.take() {
            Some(Pending::Session(opened)) => self.adopt_session(*opened, effects),
            Some(Pending::Template(name)) => self.use_template(name, effects),
            None => {}
        }
        self.touch();
        effects.push(Effect::Render);
    }

    pub(super) fn model_failed(&mut self, message: String, effects: &mut Vec<Effect>) {
        self.model.loading = None;
        self.model.wanted = None;
        effects.push(Effect::error(message));
        // A session can be worked on without its model.
        if let Some(Pending::Session(opened)) = self.pending.take() {
            self.adopt_session(*opened, effects);
        }
    }
}
