//! What is measured: every direction and attribute at both ends, on several latents.

use std::sync::Arc;

use super::{Control, End};
use crate::document::{LabelMap, LatentState};
use crate::editor::EditorState;
use crate::engine::ControlMove;
use crate::taxonomy::GroupKind;

/// Directions go from minus to plus this many standard deviations.
pub(super) const MOVE: f32 = 2.0;
/// Besides the document's, so that a ranking is about the model; always the same, so that it can be repeated.
const SEEDS: [u64; 3] = [101, 102, 103];
/// How many latents a finding is averaged over, once everything is measured.
pub const LATENTS_MEASURED: usize = SEEDS.len() + 1;

/// Offset of a direction at an end.
pub(super) fn offset(end: End) -> f32 {
    match end {
        End::Low => -MOVE,
        End::High => MOVE,
    }
}

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
    /// Every attribute and every direction of the model. Attributes first, since on one latent they share more work.
    pub(super) fn controls_to_measure(&self) -> Vec<Measured> {
        let attributes = &self.document.attributes;
        let here: Arc<[f32]> = attributes.as_slice().into();
        let mut controls = Vec::new();
        for (range, kind) in self.taxonomy.group_ranges() {
            for attribute in range.clone() {
                let with = |value: f32, others: bool| -> Arc<[f32]> {
                    let mut strengths = attributes.clone();
                    if others {
                        strengths[range.clone()].fill(0.0);
                    }
                    strengths[attribute] = value;
                    strengths.into()
                };
                let chosen = attributes[attribute] != 0.0;
                let ends = match kind {
                    GroupKind::Independent => [with(0.0, false), with(1.0, false)],
                    // What would change if it were chosen; of the one that is chosen, if none were.
                    GroupKind::AtMostOne | GroupKind::ExactlyOne if !chosen => [Arc::clone(&here), with(1.0, true)],
                    GroupKind::AtMostOne => [with(0.0, true), with(1.0, true)],
                    GroupKind::ExactlyOne => continue,
                };
                controls.push((Control::Attribute(attribute), ends));
            }
        }
        let directions = self.model.loaded.as_ref().map_or(0, |model| model.directions.len());
        controls.extend((0..directions).map(|at| (Control::Direction(at), [Arc::clone(&here), Arc::clone(&here)])));
        controls
    }

    /// Everything on the document's latent first, with pictures, then on others.
    pub(super) fn moves_of(&self, controls: &[Measured]) -> Vec<ControlMove> {
        let own = own_latent(&self.document.latent);
        let others = SEEDS.map(|seed| LatentState { seed, ..LatentState::default() });
        let latents = std::iter::once(own).chain(others).enumerate();
        let moves = latents.flat_map(|(round, latent)| {
            controls.iter().enumerate().map(move |(index, (control, attributes))| ControlMove {
                id: (round as u64) << 32 | index as u64,
                latents: End::BOTH.map(|end| moved(&latent, *control, end)),
                attributes: attributes.clone(),
                keeps_pictures: round == 0,
            })
        });
        moves.collect()
    }
}

fn moved(latent: &LatentState, control: Control, end: End) -> LatentState {
    let mut latent = latent.clone();
    if let Control::Direction(direction) = control {
        latent.offsets.resize(latent.offsets.len().max(direction + 1), 0.0);
        latent.offsets[direction] = offset(end);
    }
    latent
}
