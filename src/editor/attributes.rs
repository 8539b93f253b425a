//! Attributes: independent switches and exclusive groups.

use std::ops::{Range, RangeInclusive};

use super::state::{EditKey, EditorState};
use crate::taxonomy::{AttributeGroup, GroupKind};

/// Strengths that the model was trained on.
const STRENGTH: RangeInclusive<f32> = 0.0..=1.0;
/// Strengths in overdrive.
const OVERDRIVE: RangeInclusive<f32> = -1.0..=2.0;
/// The chosen one of an exclusive group never quite reaches 0, since that would mean another choice: none.
const CHOSEN_LEAST: f32 = 0.01;

impl EditorState {
    /// Strengths of the attributes of what the canvas shows: the document, or the moment under the playhead.
    pub fn shown_attributes(&self) -> &[f32] {
        self.timeline.shown_look().map_or(&self.document.attributes, |look| &look.attributes)
    }

    /// Changes the attributes of what is shown, as an edit of its own: a moment of the timeline becomes the document.
    fn edit_attributes(&mut self, change: impl FnOnce(&mut [f32]), name: impl FnOnce(&Self) -> String) {
        let moment = self.timeline.shown_look().cloned();
        self.edit_once(
            |document| {
                moment.into_iter().for_each(|look| document.set_look(look));
                change(&mut document.attributes);
            },
            name,
        );
    }

    pub(super) fn toggle_attribute(&mut self, attribute: usize) {
        let Some(&value) = self.shown_attributes().get(attribute) else { return };
        if let Some((group, range)) = self.exclusive_group(attribute) {
            let choice = (value == 0.0).then_some(attribute - range.start);
            return self.choose_attribute(group, choice);
        }
        let next = if value == 0.0 { 1.0 } else { 0.0 };
        self.edit_attributes(|strengths| strengths[attribute] = next, |state| state.attribute_entry(attribute));
    }

    /// The new choice takes over the old one's strength.
    pub(super) fn choose_attribute(&mut self, group: usize, choice: Option<usize>) {
        let Some((range, kind)) = self.taxonomy.group_ranges().nth(group) else { return };
        let invalid = choice.is_some_and(|choice| choice >= range.len());
        if invalid || (choice.is_none() && kind == GroupKind::ExactlyOne) {
            return;
        }
        let Some(values) = self.shown_attributes().get(range.clone()) else { return };
        let strength = values.iter().copied().find(|&value| value != 0.0).unwrap_or(1.0);
        let first = range.start;
        let name = |state: &Self| match choice {
            Some(choice) => state.attribute_entry(first + choice),
            None => format!("{}: none", state.taxonomy.groups.get(group).map_or("", |group| &group.name)),
        };
        self.edit_attributes(
            |strengths| {
                for (index, value) in strengths[range].iter_mut().enumerate() {
                    *value = if Some(index) == choice { strength } else { 0.0 };
                }
            },
            name,
        );
    }

    /// In an exclusive group this chooses the attribute too.
    pub(super) fn set_strength(&mut self, attribute: usize, value: f32) {
        if attribute >= self.shown_attributes().len() || !value.is_finite() {
            return;
        }
        let range = self.strength_range(attribute);
        let mut value = value.clamp(*range.start(), *range.end());
        let group = self.exclusive_group(attribute).map(|(_, range)| range);
        if group.is_some() && value.abs() < CHOSEN_LEAST {
            value = CHOSEN_LEAST.copysign(value);
        }
        let moment = self.timeline.shown_look().cloned();
        let another_mask = moment.is_some();
        self.edit(EditKey::Attribute(attribute), |document| {
            moment.into_iter().for_each(|look| document.set_look(look));
            document.attributes[group.unwrap_or(attribute..attribute)].fill(0.0);
            document.attributes[attribute] = value;
        });
        if another_mask {
            self.pixel_counts = self.document.labels.counts();
        }
    }

    pub(super) fn reset_attributes(&mut self) {
        let defaults = self.taxonomy.default_attributes();
        self.edit_attributes(|strengths| strengths.clone_from_slice(&defaults), |_| "Reset attributes".to_owned());
    }

    /// From where to where an attribute's strength goes. A value from beyond keeps its place on the slider.
    pub fn strength_range(&self, attribute: usize) -> RangeInclusive<f32> {
        let value = self.shown_attributes().get(attribute).copied().unwrap_or_default();
        if self.preferences.overdrive || !STRENGTH.contains(&value) { OVERDRIVE } else { STRENGTH }
    }

    /// Index and attributes of the exclusive group that an attribute belongs to.
    fn exclusive_group(&self, attribute: usize) -> Option<(usize, Range<usize>)> {
        let groups = self.taxonomy.group_ranges().enumerate();
        let mut exclusive = groups.filter(|(_, (_, kind))| *kind != GroupKind::Independent);
        exclusive.find_map(|(index, (range, _))| range.contains(&attribute).then_some((index, range)))
    }
}

/// An attribute's name as a person would say it within its group: `Black_Hair` in "Hair colour" is "Black".
pub fn attribute_title(group: &AttributeGroup, attribute: &str) -> String {
    let group_words: Vec<String> = group.name.split_whitespace().map(str::to_lowercase).collect();
    let words = attribute.split('_').filter(|word| !word.is_empty());
    let telling: Vec<&str> = words.filter(|word| !group_words.contains(&word.to_lowercase())).collect();
    if telling.is_empty() { sentence_case(attribute) } else { sentence_case(&telling.join(" ")) }
}

/// A name from a taxonomy as text: `left_eye` is "Left eye".
pub fn sentence_case(name: &str) -> String {
    let lower = name.replace('_', " ").to_lowercase();
    let mut chars = lower.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, apply};

    #[test]
    fn titles_drop_the_group_s_words() {
        let group = |name: &str| AttributeGroup { name: name.into(), kind: GroupKind::Independent, attributes: vec![] };
        assert_eq!(attribute_title(&group("Hair colour"), "Black_Hair"), "Black");
        assert_eq!(attribute_title(&group("Top colour"), "Top_Denim"), "Denim");
        assert_eq!(attribute_title(&group("Person"), "Mouth_Slightly_Open"), "Mouth slightly open");
        assert_eq!(attribute_title(&group("Person"), "Person"), "Person");
    }

    #[test]
    fn overdrive_widens_the_range_and_leaves_what_it_made() {
        let mut state = editor(41);
        let strength = |state: &mut EditorState, attribute, value| {
            apply(state, Command::SetStrength { attribute, value });
            state.document.attributes[attribute]
        };
        assert_eq!(strength(&mut state, 7, 1.7), 1.0);
        apply(&mut state, Command::Do(Action::ToggleOverdrive));
        assert_eq!(strength(&mut state, 7, 1.7), 1.7);
        assert_eq!(strength(&mut state, 6, -9.0), -1.0);
        apply(&mut state, Command::Do(Action::ToggleOverdrive));
        assert_eq!(state.document.attributes[7], 1.7);
        assert_eq!(state.strength_range(7), OVERDRIVE);
        assert_eq!(strength(&mut state, 7, 0.4), 0.4);
        assert_eq!(state.strength_range(7), STRENGTH);
    }

    #[test]
    fn the_chosen_one_of_a_group_stays_chosen_however_weak() {
        let mut state = editor(42);
        apply(&mut state, Command::ChooseAttribute { group: 0, choice: Some(2) });
        for value in [0.5, 0.0, 0.8] {
            apply(&mut state, Command::SetStrength { attribute: 2, value });
            let chosen: Vec<_> = (0..5).filter(|&index| state.document.attributes[index] != 0.0).collect();
            assert_eq!(chosen, [2], "{value}");
        }
    }
}
