//! What becomes of a run's checkpoints.

use super::Training;
use crate::editor::{Chore, EditorState, Effect};
use crate::engine::ModelRef;
use crate::train::CheckpointInfo;

impl Training {
    /// The checkpoint that is looked at: the chosen one, or else the newest.
    pub fn selected_checkpoint(&self) -> Option<u64> {
        let checkpoints = &self.run.checkpoints;
        let chosen = self.probes.at.filter(|at| checkpoints.iter().any(|checkpoint| checkpoint.step == *at));
        chosen.or_else(|| checkpoints.last().map(|checkpoint| checkpoint.step))
    }

    fn checkpoint(&self, step: u64) -> Option<&CheckpointInfo> {
        self.run.checkpoints.iter().find(|checkpoint| checkpoint.step == step)
    }
}

impl EditorState {
    pub(super) fn checkpoints_changed(&mut self, checkpoints: Vec<CheckpointInfo>, effects: &mut Vec<Effect>) {
        let newest = |checkpoints: &[CheckpointInfo]| checkpoints.last().map(|checkpoint| checkpoint.step);
        let before = newest(&self.training.run.checkpoints);
        let now = newest(&checkpoints);
        self.training.run.checkpoints = checkpoints;
        if let Some(step) = now.filter(|_| self.training.follow && now != before) {
            self.show_checkpoint(step, effects);
        }
    }

    /// Hands the checkpoint's model to the canvas. Undo, mask and labels stay, as with any other model.
    pub(super) fn show_checkpoint(&mut self, step: u64, effects: &mut Vec<Effect>) {
        match self.training.checkpoint(step) {
            Some(checkpoint) => {
                let model = ModelRef::File(checkpoint.model.clone());
                self.load_model(model, effects);
            }
            None => effects.push(Effect::info("That checkpoint is not there any more.")),
        }
    }

    /// Copies the checkpoint's model to the user's models, where thinning does not reach it.
    pub(super) fn use_checkpoint(&mut self, step: u64, effects: &mut Vec<Effect>) {
        let Some(checkpoint) = self.training.checkpoint(step) else {
            return effects.push(Effect::info("That checkpoint is not there any more."));
        };
        let run = self.training.run.facts.as_ref().map_or("model", |facts| facts.name.as_str());
        let name = format!("{run}-{step}");
        effects.push(Effect::Chore(Chore::KeepModel { from: checkpoint.model.clone(), name }));
    }
}
