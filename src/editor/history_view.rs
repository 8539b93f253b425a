//! The list of changes: going to any of them, and what they are called.

use super::EditorState;
use super::attributes::sentence_case;
use super::state::EditKey;

impl EditorState {
    /// How many changes the document has at the moment: 0 is the beginning of the list.
    pub fn history_position(&self) -> usize {
        self.history.entries().filter(|entry| !entry.undone).count()
    }

    /// Undoes or redoes until so many changes of the list are done.
    pub(super) fn jump_to_history(&mut self, done: usize) {
        self.finish_edit();
        let target = done.min(self.history.entries().count());
        let mut position = self.history_position();
        let start = position;
        while position != target {
            let next =
                if position > target { self.history.undo(&self.document) } else { self.history.redo(&self.document) };
            let Some(document) = next else { break };
            self.document = document;
            // The list may have lost its oldest entries to make room, so it is counted anew.
            let now = self.history_position();
            if now == position {
                break;
            }
            position = now;
        }
        if position != start {
            self.document_restored();
        }
    }

    pub(super) fn clear_history(&mut self) {
        self.finish_edit();
        self.history.clear();
    }

    /// What the history calls the edit that is ending, from what it led to.
    pub(super) fn edit_title(&self, key: EditKey) -> String {
        match key {
            EditKey::Stroke => "Paint".to_owned(),
            EditKey::Attribute(attribute) => self.attribute_entry(attribute),
            EditKey::Direction(direction) => {
                let sigma = self.offset(direction);
                format!("{} {}{}", self.direction_name(direction), if sigma > 0.0 { "+" } else { "" }, number(sigma))
            }
            EditKey::Coordinate(coordinate) => match self.document.latent.raw.get(&coordinate) {
                Some(value) => format!("z {coordinate} to {}", number(*value)),
                None => format!("z {coordinate} reset"),
            },
            EditKey::Blend => {
                let blend = self.document.latent.blend.unwrap_or_default();
                format!("Blend A to B {blend:.2}")
            }
            EditKey::Seed => self.seed_entry(),
            EditKey::Duration => format!("Timeline of {:.1} s", self.document.timeline.duration_s()),
        }
    }

    /// What the history calls a change of an attribute.
    pub(super) fn attribute_entry(&self, attribute: usize) -> String {
        let value = self.document.attributes.get(attribute).copied().unwrap_or_default();
        let title = self.attribute_title(attribute);
        if value == 0.0 { format!("{title} off") } else { format!("{title} {}", number(value)) }
    }

    pub(super) fn seed_entry(&self) -> String {
        format!("Seed {}", self.document.latent.seed)
    }

    /// An attribute's title for people.
    pub fn attribute_title(&self, attribute: usize) -> String {
        self.taxonomy.attribute_names().nth(attribute).map_or_else(String::new, sentence_case)
    }
}

/// At most two decimals, and no more than needed.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, apply};

    #[test]
    fn numbers_are_short() {
        assert_eq!([number(0.7), number(1.0), number(-1.25), number(20.0)], ["0.7", "1", "-1.25", "20"]);
    }

    #[test]
    fn entries_say_what_they_did() {
        let mut state = editor(36);
        apply(&mut state, Command::SetStrength { attribute: 7, value: 0.7 });
        apply(&mut state, Command::FinishEdit);
        apply(&mut state, Command::ChooseAttribute { group: 0, choice: Some(2) });
        apply(&mut state, Command::ChooseAttribute { group: 0, choice: None });
        apply(&mut state, Command::SetSeed(1234));
        apply(&mut state, Command::FinishEdit);
        apply(&mut state, Command::UseTemplate("long-hair"));
        let names: Vec<_> = state.history.entries().map(|entry| entry.label).collect();
        assert_eq!(names, ["Smiling 0.7", "Blond hair 1", "Hair colour: none", "Seed 1234", "Template Long hair"]);
    }

    #[test]
    fn clearing_keeps_the_document() {
        let mut state = editor(37);
        apply(&mut state, Command::Do(Action::RandomSeed));
        let document = state.document.clone();
        apply(&mut state, Command::Do(Action::ClearHistory));
        assert!(state.document == document && state.history.bytes() == 0 && !Action::ClearHistory.is_enabled(&state));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        /// Whichever line is clicked, the document is as it was then.
        #[test]
        fn a_jump_leads_to_the_state_of_then(jumps in prop::collection::vec(0usize..12, 1..12)) {
            let mut state = editor(38);
            let mut states = vec![state.document.clone()];
            for step in 0..8 {
                if step % 2 == 0 {
                    apply(&mut state, Command::Do(Action::RandomSeed));
                } else {
                    apply(&mut state, Command::ToggleAttribute(5 + step % 3));
                }
                states.push(state.document.clone());
            }
            for jump in jumps {
                apply(&mut state, Command::JumpToHistory(jump));
                let expected = jump.min(states.len() - 1);
                prop_assert_eq!(state.history_position(), expected);
                prop_assert!(state.document == states[expected]);
                prop_assert_eq!(state.history.entries().count(), states.len() - 1);
            }
        }
    }
}
