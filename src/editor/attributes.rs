//! Attributes: independent switches and exclusive groups.

use super::state::{EditKey, EditorState};
use crate::taxonomy::{AttributeGroup, GroupKind};

impl EditorState {
    pub(super) fn toggle_attribute(&mut self, attribute: usize) {
        let Some(&value) = self.document.attributes.get(attribute) else { return };
        let next = if value > 0.0 { 0.0 } else { 1.0 };
        self.edit_once("Attribute", |document| document.attributes[attribute] = next);
    }

    /// The new choice takes over the old one's strength.
    pub(super) fn choose_attribute(&mut self, group: usize, choice: Option<usize>) {
        let Some((range, kind)) = self.taxonomy.group_ranges().nth(group) else { return };
        let invalid = choice.is_some_and(|choice| choice >= range.len());
        if invalid || (choice.is_none() && kind == GroupKind::ExactlyOne) {
            return;
        }
        let Some(values) = self.document.attributes.get(range.clone()) else { return };
        let strength = values.iter().copied().find(|&value| value > 0.0).unwrap_or(1.0);
        self.edit_once("Attribute", |document| {
            for (index, value) in document.attributes[range].iter_mut().enumerate() {
                *value = if Some(index) == choice { strength } else { 0.0 };
            }
        });
    }

    pub(super) fn set_strength(&mut self, attribute: usize, value: f32) {
        if attribute < self.document.attributes.len() && value.is_finite() {
            let value = value.clamp(0.0, 1.0);
            self.edit(EditKey::Attribute(attribute), |document| document.attributes[attribute] = value);
        }
    }

    pub(super) fn reset_attributes(&mut self) {
        let defaults = self.taxonomy.default_attributes();
        self.edit_once("Reset attributes", |document| document.attributes = defaults);
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

    #[test]
    fn titles_drop_the_group_s_words() {
        let group = |name: &str| AttributeGroup { name: name.into(), kind: GroupKind::Independent, attributes: vec![] };
        assert_eq!(attribute_title(&group("Hair colour"), "Black_Hair"), "Black");
        assert_eq!(attribute_title(&group("Top colour"), "Top_Denim"), "Denim");
        assert_eq!(attribute_title(&group("Person"), "Mouth_Slightly_Open"), "Mouth slightly open");
        assert_eq!(attribute_title(&group("Person"), "Person"), "Person");
    }
}
