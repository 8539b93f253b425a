//! What is measured: every direction and attribute at both ends, on several latents.

use std::sync::Arc;

use crate::document::{LabelMap, LatentState};
use crate::editor::EditorState;
use crate::engine::ControlMove;
use crate::influence::{Control, End, LATENTS_MEASURED, at_end, controls, latents};

/// A control with the attributes at both ends.
type Measured = (Control, [Arc<[f32]>; 2]);

/// The index of the control that a move with this id is about.
pub(super) fn index_of(id: u64) -> usize {
    (id & 0xffff_ffff) as usize
}

/// What the newest look is about, and how far it is.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) model: String,
    labels: LabelMap,
    latent: LatentState,
    attributes: Vec<f32>,
    total: usize,
    done: usize,
    ended: bool,
}

impl Asked {
    pub(super) fn new(state: &EditorState, total: usize) -> Self {
        Self {
            model: state.model.loaded.as_ref().map_or_else(String::new, |model| model.hash.clone()),
            labels: state.document.labels.clone(),
            latent: own_latent(&state.document.latent),
            attributes: state.document.attributes.clone(),
            total,
            done: 0,
            ended: total == 0,
        }
    }

    /// Counts a measurement; says whether with it everything is measured on one more latent.
    pub(super) fn note_one(&mut self) -> bool {
        self.done += 1;
        self.ended |= self.done >= self.total;
        self.done.is_multiple_of((self.total / LATENTS_MEASURED).max(1))
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Part that is done, while it goes on.
    pub(super) fn progress(&self) -> Option<f32> {
        (!self.ended).then(|| self.done as f32 / self.total.max(1) as f32)
    }

    /// Whether the document and the model are still those asked about.
    pub(super) fn is_about(&self, state: &EditorState) -> bool {
        let document = &state.document;
        state.model.loaded.as_ref().is_some_and(|model| model.hash == self.model)
            && document.attributes == self.attributes
            && own_latent(&document.latent) == self.latent
            && document.labels == self.labels
    }
}

/// Seed, directions and coordinates alone: moving a direction ends a blend, and pins are only put aside.
fn own_latent(latent: &LatentState) -> LatentState {
    let mut own = LatentState { pins: [None, None], blend: None, ..latent.clone() };
    // A direction that is back at 0 is one that was never moved.
    while own.offsets.last() == Some(&0.0) {
        own.offsets.pop();
    }
    own
}

impl EditorState {
    /// Every attribute and every direction of the model.
    pub(super) fn controls_to_measure(&self) -> Vec<Measured> {
        let directions = self.model.loaded.as_ref().map_or(0, |model| model.directions.len());
        controls(&self.taxonomy, &self.document.attributes, directions)
    }

    /// Everything on the document's latent first, with pictures, then on others.
    pub(super) fn moves_of(&self, controls: &[Measured]) -> Vec<ControlMove> {
        let latents = latents(own_latent(&self.document.latent)).enumerate();
        let moves = latents.flat_map(|(round, latent)| {
            controls.iter().enumerate().map(move |(index, (control, attributes))| ControlMove {
                id: (round as u64) << 32 | index as u64,
                latents: End::BOTH.map(|end| at_end(&latent, *control, end)),
                attributes: attributes.clone(),
                keeps_pictures: round == 0,
            })
        });
        moves.collect()
    }
}
