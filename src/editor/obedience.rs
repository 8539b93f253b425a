//! Where the picture disobeys its mask, as the model's segmentor sees it.

use std::sync::Arc;

use super::{EditorState, Effect};
use crate::engine::{EngineCommand, Obedience};
use crate::taxonomy::LabelId;

/// What is known about the picture's obedience.
#[derive(Clone, Debug, Default)]
pub struct ObedienceView {
    /// Whether it is looked at.
    pub on: bool,
    /// The newest comparison, maybe of an older picture.
    newest: Option<Arc<Obedience>>,
}

/// How well the picture obeys in one label, or in all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObedienceScore {
    /// Intersection over union of one label, or part of all pixels that agree; in `0..=1`.
    pub score: f32,
    /// The picture has changed since.
    pub outdated: bool,
}

impl EditorState {
    pub(super) fn toggle_obedience(&mut self, effects: &mut Vec<Effect>) {
        self.obedience.on = !self.obedience.on;
        self.obedience.newest = None;
        effects.push(Effect::Engine(EngineCommand::WatchObedience(self.obedience.on)));
    }

    pub(super) fn obedience_arrived(&mut self, obedience: Obedience) {
        if self.obedience.on && obedience.iou.len() == self.taxonomy.n_labels() {
            self.obedience.newest = Some(Arc::new(obedience));
        }
    }

    /// Forgets what was read, since labels or pictures are others now.
    pub(super) fn forget_obedience(&mut self) {
        self.obedience.newest = None;
    }

    /// The comparison for the canvas: of the picture that is shown, and only while that is of the mask that is shown.
    pub fn shown_obedience(&self) -> Option<&Arc<Obedience>> {
        let newest = self.obedience.newest.as_ref().filter(|obedience| !self.is_outdated(obedience));
        newest.filter(|_| self.previewed_frame().is_none())
    }

    /// What the labels panel says about a label; none where there is nothing to say.
    pub fn label_obedience(&self, label: LabelId) -> Option<ObedienceScore> {
        let newest = self.obedience.newest.as_ref()?;
        let iou = (*newest.iou.get(usize::from(label))?)?;
        Some(ObedienceScore { score: iou as f32, outdated: self.is_outdated(newest) })
    }

    /// What it says about the whole picture.
    pub fn overall_obedience(&self) -> Option<ObedienceScore> {
        let newest = self.obedience.newest.as_ref()?;
        Some(ObedienceScore { score: newest.pixel_accuracy as f32, outdated: self.is_outdated(newest) })
    }

    /// Mask and reading at a place in mask pixels, in words, where they differ.
    pub fn disobedience_at(&self, place: [f32; 2]) -> Option<String> {
        let obedience = self.shown_obedience()?;
        let labels = &self.document.labels;
        let part = [place[0] / labels.width() as f32, place[1] / labels.height() as f32];
        let read = obedience.difference_at(part)?;
        let (x, y) = labels.pixel_at(crate::document::Point::new(place[0], place[1]))?;
        let name =
            |label: LabelId| self.taxonomy.labels.get(usize::from(label)).map(|label| label.name.replace('_', " "));
        let asked = labels.get(x, y)?;
        // At the border of two labels the mask is finer than the picture.
        if asked == read {
            return None;
        }
        Some(format!("Mask says {}, S reads {}", name(asked)?, name(read)?))
    }

    fn is_outdated(&self, obedience: &Obedience) -> bool {
        obedience.generation != self.live.wanted || self.live.shown != self.live.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, apply};
    use crate::engine::AGREES;

    fn arrived(state: &mut EditorState, generation: u64) {
        let n_labels = state.taxonomy.n_labels();
        let mut differences = vec![AGREES; 16];
        differences[0] = 8;
        let mut iou = vec![None; n_labels];
        (iou[0], iou[8]) = (Some(0.75), Some(0.5));
        let obedience =
            Obedience { generation, side: 4, differences: differences.into(), iou, pixel_accuracy: 15.0 / 16.0 };
        apply(state, Command::ObedienceArrived(obedience));
    }

    #[test]
    fn the_engine_is_told_and_answers_count_while_they_are_of_this_picture() {
        let mut state = editor(21);
        arrived(&mut state, 1);
        assert!(state.overall_obedience().is_none(), "nobody looks at it");
        let effects = apply(&mut state, Command::Do(Action::ToggleObedience));
        assert!(matches!(effects.as_slice(), [Effect::Engine(EngineCommand::WatchObedience(true))]), "{effects:?}");

        state.live.shown = state.live.wanted;
        let generation = state.live.wanted;
        arrived(&mut state, generation);
        assert!(state.shown_obedience().is_some());
        assert_eq!(state.label_obedience(8), Some(ObedienceScore { score: 0.5, outdated: false }));
        assert_eq!(state.label_obedience(1), None);
        assert_eq!(state.disobedience_at([3.0, 3.0]).as_deref(), Some("Mask says background, S reads hair"));
        assert_eq!(state.disobedience_at([500.0, 3.0]), None);

        // A change of the document outdates it: the numbers stay, the canvas shows nothing wrong.
        apply(&mut state, Command::Do(Action::RandomSeed));
        assert!(state.shown_obedience().is_none() && state.disobedience_at([3.0, 3.0]).is_none());
        assert_eq!(state.label_obedience(8), Some(ObedienceScore { score: 0.5, outdated: true }));

        let effects = apply(&mut state, Command::Do(Action::ToggleObedience));
        assert!(matches!(effects.as_slice(), [Effect::Engine(EngineCommand::WatchObedience(false))]));
        assert!(state.overall_obedience().is_none());
    }
}
