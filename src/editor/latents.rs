//! Seed, latent directions and coordinates of z.

use rand::RngExt;

use super::state::{EditKey, EditorState};
use super::{Chore, Effect, PinSlot};
use crate::document::LatentState;
use crate::engine::ModelRef;
use crate::model::{DIRECTION_NAME_CHARS, DirectionNames};

/// Random seeds are below this, so that they can be read out and typed.
pub const SEED_LIMIT: u64 = 1_000_000;
/// How many leading directions the panel shows at first, and how many more each time.
pub const DIRECTIONS_SHOWN: usize = 12;
/// Coordinates of z go from minus to plus this.
pub const COORDINATE_LIMIT: f32 = 4.0;
/// How many coordinates of z the panel shows at a time.
pub const COORDINATES_PER_PAGE: usize = 16;
/// Directions go from minus to plus this many standard deviations.
pub const OFFSET_LIMIT: f32 = 3.0;

/// What the latent panel does that is no [`super::Action`].
#[derive(Clone, Debug, PartialEq)]
pub enum LatentCommand {
    /// Take a seed seen before.
    GoToSeed(u64),
    /// Set a coordinate of z; repeats until [`super::Command::FinishEdit`] are one undo entry.
    SetCoordinate {
        /// Index in z.
        coordinate: u16,
        /// From -[`COORDINATE_LIMIT`] to [`COORDINATE_LIMIT`].
        value: f32,
    },
    /// Give a coordinate of z back to seed and directions.
    ResetCoordinate(u16),
    /// Show this page of coordinates.
    ShowPage(usize),
    /// Blend the pinned codes: 0 is A, 1 is B. Repeats until [`super::Command::FinishEdit`] are one undo entry.
    SetBlend(f32),
    /// Take over a pinned code.
    GoToPin(PinSlot),
    /// Forget a pinned code.
    Unpin(PinSlot),
    /// Start to type a name for a direction.
    BeginRename(usize),
    /// The name typed so far.
    TypeName(String),
    /// Take the typed name (an empty one: the usual name again), or leave the old one.
    EndRename {
        /// Whether to take it.
        keep: bool,
    },
}

/// What the latent panel shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatentView {
    /// How many directions, where the model has so many.
    pub directions_shown: usize,
    /// Page of the coordinates.
    pub page: usize,
    /// The direction that gets a name, and the name typed so far.
    pub renaming: Option<(usize, String)>,
}

impl Default for LatentView {
    fn default() -> Self {
        Self { directions_shown: DIRECTIONS_SHOWN, page: 0, renaming: None }
    }
}

impl EditorState {
    pub(super) fn latent_command(&mut self, command: LatentCommand, effects: &mut Vec<Effect>) {
        match command {
            LatentCommand::GoToSeed(seed) => self.go_to_seed(seed),
            LatentCommand::SetCoordinate { coordinate, value } => self.set_coordinate(coordinate, value),
            LatentCommand::ResetCoordinate(coordinate) => self.reset_coordinate(coordinate),
            LatentCommand::ShowPage(page) => self.latent_view.page = page.min(self.page_count().saturating_sub(1)),
            LatentCommand::SetBlend(blend) => self.set_blend(blend),
            LatentCommand::GoToPin(slot) => self.go_to_pin(slot),
            LatentCommand::Unpin(slot) => self.unpin(slot),
            LatentCommand::BeginRename(direction) => {
                self.latent_view.renaming = Some((direction, self.direction_name(direction)));
            }
            LatentCommand::TypeName(text) => {
                if let Some((_, name)) = &mut self.latent_view.renaming {
                    *name = text.chars().take(DIRECTION_NAME_CHARS).collect();
                }
            }
            LatentCommand::EndRename { keep } => self.end_rename(keep, effects),
        }
    }

    /// Changes seed, directions or coordinates as an edit of its own, which ends a blend. Does nothing while locked.
    pub(super) fn edit_latent_once(&mut self, name: &str, change: impl FnOnce(&mut LatentState)) {
        if !self.latent_locked {
            let change = |latent: &mut LatentState| {
                change(latent);
                latent.blend = None;
            };
            self.edit_once(|document| change(&mut document.latent), |_| name.to_owned());
        }
    }

    fn edit_latent(&mut self, key: EditKey, change: impl FnOnce(&mut LatentState)) {
        if !self.latent_locked {
            self.edit(key, |document| {
                change(&mut document.latent);
                document.latent.blend = None;
            });
        }
    }

    pub(super) fn randomise_seed(&mut self) {
        let seed = self.rng.random_range(0..SEED_LIMIT);
        self.go_to_seed(seed);
    }

    fn go_to_seed(&mut self, seed: u64) {
        if !self.latent_locked {
            self.seeds.visit(self.document.latent.seed);
            self.seeds.visit(seed);
            self.edit_latent_once(&format!("Seed {seed}"), |latent| take_seed(latent, seed));
        }
    }

    pub(super) fn step_seed(&mut self, forward: bool) {
        if self.latent_locked {
            return;
        }
        if let Some(seed) = self.seeds.step(forward) {
            self.edit_latent_once(&format!("Seed {seed}"), |latent| take_seed(latent, seed));
        }
    }

    pub(super) fn set_seed(&mut self, seed: u64) {
        self.edit_latent(EditKey::Seed, |latent| take_seed(latent, seed));
    }

    /// A typed or dragged seed joins the trail only when it is let go.
    pub(super) fn visit_current_seed(&mut self) {
        self.seeds.visit(self.document.latent.seed);
    }

    pub(super) fn set_offset(&mut self, direction: usize, sigma: f32) {
        if !sigma.is_finite() || direction >= self.directions_of_model() {
            return;
        }
        let sigma = sigma.clamp(-OFFSET_LIMIT, OFFSET_LIMIT);
        self.edit_latent(EditKey::Direction(direction), |latent| {
            if latent.offsets.len() <= direction {
                latent.offsets.resize(direction + 1, 0.0);
            }
            latent.offsets[direction] = sigma;
        });
    }

    pub(super) fn reset_latent(&mut self) {
        self.edit_latent_once("Reset directions", |latent| latent.offsets.fill(0.0));
    }

    fn directions_of_model(&self) -> usize {
        self.model.loaded.as_ref().map_or(0, |model| model.directions.len())
    }

    /// How many directions the panel shows.
    pub fn direction_count(&self) -> usize {
        self.directions_of_model().min(self.latent_view.directions_shown)
    }

    /// Whether the model has directions that are not shown.
    pub fn has_more_directions(&self) -> bool {
        self.directions_of_model() > self.latent_view.directions_shown
    }

    pub(super) fn show_more_directions(&mut self) {
        self.latent_view.directions_shown += DIRECTIONS_SHOWN;
    }

    /// Offset of a direction in standard deviations.
    pub fn offset(&self, direction: usize) -> f32 {
        self.document.latent.offsets.get(direction).copied().unwrap_or(0.0)
    }

    /// The user's name for a direction of this model, or its number.
    pub fn direction_name(&self, direction: usize) -> String {
        let named = self.names_of_model().and_then(|names| names.get(direction));
        named.map_or_else(|| usual_name(direction), str::to_owned)
    }

    /// Directions with names of their own, the strongest first.
    pub fn named_directions(&self) -> Vec<usize> {
        let count = self.directions_of_model();
        let names = self.names_of_model().into_iter().flat_map(DirectionNames::iter);
        names.map(|(direction, _)| direction).filter(|direction| *direction < count).collect()
    }

    /// Whether names go into the model's file rather than into the preferences.
    pub fn names_go_into_file(&self) -> bool {
        self.model.loaded.as_ref().is_some_and(|model| matches!(model.reference, ModelRef::File(_)))
    }

    /// Those of the preferences are newer than those of the file: they are there when the file could not be written.
    fn names_of_model(&self) -> Option<&DirectionNames> {
        let model = self.model.loaded.as_ref()?;
        Some(self.preferences.direction_names.get(&model.hash).unwrap_or(&model.direction_names))
    }

    fn end_rename(&mut self, keep: bool, effects: &mut Vec<Effect>) {
        if let Some((direction, name)) = self.latent_view.renaming.take().filter(|_| keep) {
            self.name_direction(direction, &name, effects);
        }
    }

    /// Gives a direction a name that is saved with the model; an empty one or the usual one takes its name away.
    pub(super) fn name_direction(&mut self, direction: usize, name: &str, effects: &mut Vec<Effect>) {
        let Some(before) = self.names_of_model().filter(|_| direction < self.directions_of_model()) else { return };
        let mut names = before.clone();
        names.set(direction, if name.trim() == usual_name(direction) { "" } else { name });
        if names == *before {
            return;
        }
        let Some(model) = &mut self.model.loaded else { return };
        match &model.reference {
            ModelRef::File(path) => {
                let (path, hash) = (path.clone(), model.hash.clone());
                self.preferences.direction_names.remove(&hash);
                model.direction_names = names.clone();
                effects.push(Effect::Chore(Chore::NameDirections { path, hash, names }));
            }
            ModelRef::Bundled(_) => {
                self.preferences.direction_names.insert(model.hash.clone(), names);
                effects.push(Effect::info("The name is kept in your preferences: a bundled model cannot be changed."));
            }
        }
    }

    /// The model's file could not take the names.
    pub(super) fn keep_names(&mut self, hash: String, names: DirectionNames, error: &str, effects: &mut Vec<Effect>) {
        self.preferences.direction_names.insert(hash, names);
        effects.push(Effect::error(format!("{error}. The names are kept in your preferences instead.")));
    }

    /// Length of the model's z.
    pub fn coordinate_count(&self) -> usize {
        self.model.loaded.as_ref().map_or(0, |model| model.n_z)
    }

    /// How many pages of coordinates there are.
    pub fn page_count(&self) -> usize {
        self.coordinate_count().div_ceil(COORDINATES_PER_PAGE)
    }

    fn set_coordinate(&mut self, coordinate: u16, value: f32) {
        if value.is_finite() && usize::from(coordinate) < self.coordinate_count() {
            let value = value.clamp(-COORDINATE_LIMIT, COORDINATE_LIMIT);
            self.edit_latent(EditKey::Coordinate(coordinate), |latent| {
                latent.raw.insert(coordinate, value);
            });
        }
    }

    fn reset_coordinate(&mut self, coordinate: u16) {
        let name = format!("z {coordinate} reset");
        self.edit_latent_once(&name, |latent| {
            latent.raw.remove(&coordinate);
        });
    }

    pub(super) fn reset_coordinates(&mut self) {
        self.edit_latent_once("Reset coordinates", |latent| latent.raw.clear());
    }
}

/// A seed drives a fitted code out.
fn take_seed(latent: &mut LatentState, seed: u64) {
    latent.seed = seed;
    latent.fitted.clear();
}

pub(super) fn usual_name(direction: usize) -> String {
    format!("Direction {}", direction + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, apply};

    fn latent(state: &mut EditorState, command: LatentCommand) {
        apply(state, Command::Latent(command));
    }

    #[test]
    fn coordinates_are_set_reset_and_kept_within_limits() {
        let mut state = editor(33);
        for (coordinate, value) in [(3, 9.0), (3, 1.5), (200, 1.0), (4, f32::NAN), (5, -77.0)] {
            latent(&mut state, LatentCommand::SetCoordinate { coordinate, value });
        }
        apply(&mut state, Command::FinishEdit);
        assert_eq!(state.document.latent.raw, BTreeMap::from([(3, 1.5), (5, -COORDINATE_LIMIT)]));
        assert_eq!(state.history.entries().count(), 2);
        latent(&mut state, LatentCommand::ResetCoordinate(5));
        assert_eq!(state.document.latent.raw.len(), 1);
        apply(&mut state, Command::Do(Action::ResetCoordinates));
        assert!(state.document.latent.raw.is_empty() && !Action::ResetCoordinates.is_enabled(&state));
        latent(&mut state, LatentCommand::ShowPage(99));
        assert_eq!(state.latent_view.page, state.page_count() - 1);
    }

    #[test]
    fn directions_get_names_and_give_them_back() {
        let mut state = editor(34);
        let name = |state: &mut EditorState, text: &str, keep: bool| {
            latent(state, LatentCommand::BeginRename(2));
            latent(state, LatentCommand::TypeName(text.to_owned()));
            latent(state, LatentCommand::EndRename { keep });
        };
        name(&mut state, "  Age ", true);
        assert_eq!(state.direction_name(2), "Age");
        name(&mut state, "nonsense", false);
        assert_eq!(state.direction_name(2), "Age");
        apply(&mut state, Command::SetOffset { direction: 2, sigma: 1.25 });
        apply(&mut state, Command::FinishEdit);
        assert_eq!(state.history.undo_label(), Some("Age +1.25"));
        name(&mut state, " ", true);
        assert_eq!(state.direction_name(2), "Direction 3");
        let long = "x".repeat(500);
        name(&mut state, &long, true);
        assert_eq!(state.direction_name(2).chars().count(), DIRECTION_NAME_CHARS);
    }

    #[test]
    fn more_directions_are_shown_on_demand() {
        let mut state = editor(35);
        assert_eq!(state.direction_count(), DIRECTIONS_SHOWN);
        apply(&mut state, Command::Do(Action::MoreDirections));
        assert_eq!(state.direction_count(), 16);
        assert!(!Action::MoreDirections.is_enabled(&state));
    }
}
