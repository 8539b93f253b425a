//! Seeds and latent directions.

use rand::RngExt;

use super::state::{EditKey, EditorState};

/// Random seeds are below this, so that they can be read out and typed.
pub const SEED_LIMIT: u64 = 1_000_000;
/// How many leading directions the panel shows.
pub const DIRECTIONS_SHOWN: usize = 12;
/// Directions go from minus to plus this many standard deviations.
pub const OFFSET_LIMIT: f32 = 3.0;

/// The seeds seen, to go back and forward through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedTrail {
    seeds: Vec<u64>,
    position: usize,
}

impl SeedTrail {
    /// A trail that begins here.
    pub fn new(seed: u64) -> Self {
        Self { seeds: vec![seed], position: 0 }
    }

    /// A seed came up: it follows the current one, and what was ahead is forgotten.
    fn visit(&mut self, seed: u64) {
        if self.seeds[self.position] != seed {
            self.seeds.truncate(self.position + 1);
            self.seeds.push(seed);
            self.position += 1;
        }
    }

    /// Whether there is a seed before.
    pub fn can_go_back(&self) -> bool {
        self.position > 0
    }

    /// Whether there is a seed after.
    pub fn can_go_forward(&self) -> bool {
        self.position + 1 < self.seeds.len()
    }

    fn step(&mut self, forward: bool) -> Option<u64> {
        if forward && self.can_go_forward() {
            self.position += 1;
        } else if !forward && self.can_go_back() {
            self.position -= 1;
        } else {
            return None;
        }
        Some(self.seeds[self.position])
    }
}

impl EditorState {
    pub(super) fn randomise_seed(&mut self) {
        let seed = self.rng.random_range(0..SEED_LIMIT);
        self.seeds.visit(self.document.latent.seed);
        self.seeds.visit(seed);
        self.edit_once("Randomise seed", |document| document.latent.seed = seed);
    }

    pub(super) fn step_seed(&mut self, forward: bool) {
        if let Some(seed) = self.seeds.step(forward) {
            self.edit_once("Seed", |document| document.latent.seed = seed);
        }
    }

    pub(super) fn set_seed(&mut self, seed: u64) {
        self.edit(EditKey::Seed, |document| document.latent.seed = seed);
    }

    /// A typed or dragged seed joins the trail only when it is let go.
    pub(super) fn visit_current_seed(&mut self) {
        self.seeds.visit(self.document.latent.seed);
    }

    pub(super) fn set_offset(&mut self, direction: usize, sigma: f32) {
        if !sigma.is_finite() || direction >= self.direction_count() {
            return;
        }
        let sigma = sigma.clamp(-OFFSET_LIMIT, OFFSET_LIMIT);
        self.edit(EditKey::Direction(direction), |document| {
            let offsets = &mut document.latent.offsets;
            if offsets.len() <= direction {
                offsets.resize(direction + 1, 0.0);
            }
            offsets[direction] = sigma;
        });
    }

    pub(super) fn reset_latent(&mut self) {
        self.edit_once("Reset directions", |document| document.latent.offsets.fill(0.0));
    }

    /// How many directions the panel offers: the model's, at most [`DIRECTIONS_SHOWN`].
    pub fn direction_count(&self) -> usize {
        self.model.loaded.as_ref().map_or(0, |model| model.directions.len().min(DIRECTIONS_SHOWN))
    }

    /// Offset of a direction in standard deviations.
    pub fn offset(&self, direction: usize) -> f32 {
        self.document.latent.offsets.get(direction).copied().unwrap_or(0.0)
    }
}
