//! Controls at the two ends of their way, and which kinds of them are shown.

use std::ops::Range;
use std::sync::Arc;

use super::{EditorState, Effect};
use crate::influence::{Control, End, MOVE_SIGMA};
use crate::taxonomy::GroupKind;

/// Which findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kinds {
    /// Every one.
    #[default]
    All,
    /// Those about latent directions.
    Directions,
    /// Those about attributes.
    Attributes,
}

impl Kinds {
    /// Every choice.
    pub const EACH: [Self; 3] = [Self::All, Self::Directions, Self::Attributes];

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::Directions => "Directions",
            Self::Attributes => "Attributes",
        }
    }

    pub(super) fn includes(self, control: Control) -> bool {
        match self {
            Self::All => true,
            Self::Directions => matches!(control, Control::Direction(_)),
            Self::Attributes => matches!(control, Control::Attribute(_)),
        }
    }
}

impl EditorState {
    /// What is to be seen at an end of a control.
    pub fn end_title(&self, control: Control, end: End) -> String {
        match (control, end) {
            (Control::Direction(_), End::Low) => format!("−{} σ", MOVE_SIGMA),
            (Control::Direction(_), End::High) => format!("+{} σ", MOVE_SIGMA),
            (Control::Attribute(_), End::High) => "on".to_owned(),
            (Control::Attribute(attribute), End::Low) => {
                let others = self.attributes_of_control(attribute);
                let finding = self.controls.finding(control);
                let strengths = finding.and_then(|finding| finding.attributes[end.index()].get(others));
                // Another one of the group, as it was chosen when the look began.
                let chosen = strengths.is_some_and(|strengths| strengths.iter().any(|strength| *strength != 0.0));
                if chosen { "as it is".to_owned() } else { "off".to_owned() }
            }
        }
    }

    /// Whether the document has the control at that end.
    pub fn is_at(&self, control: Control, end: End) -> bool {
        match control {
            Control::Direction(direction) => self.offset(direction) == end.offset(),
            Control::Attribute(attribute) => {
                let finding = self.controls.finding(control);
                finding.is_some_and(|finding| {
                    let range = self.attributes_of_control(attribute);
                    self.document.attributes.get(range.clone()) == finding.attributes[end.index()].get(range)
                })
            }
        }
    }

    /// The attributes that change with one: those of its group where they exclude each other.
    fn attributes_of_control(&self, attribute: usize) -> Range<usize> {
        let mut ranges = self.taxonomy.group_ranges();
        let own = ranges.find(|(range, kind)| range.contains(&attribute) && *kind != GroupKind::Independent);
        own.map_or(attribute..attribute + 1, |(range, _)| range)
    }

    pub(super) fn move_control(&mut self, control: Control, end: End, effects: &mut Vec<Effect>) {
        match control {
            Control::Direction(_) if self.latent_locked => {
                effects.push(Effect::info("The latent is locked: unlock it to move a direction."));
            }
            Control::Direction(direction) => {
                self.finish_edit();
                self.set_offset(direction, end.offset());
                self.finish_edit();
            }
            Control::Attribute(attribute) => {
                let range = self.attributes_of_control(attribute);
                let Some(finding) = self.controls.finding(control) else { return };
                let values = Arc::clone(&finding.attributes[end.index()]);
                if values.len() != self.document.attributes.len() || self.is_at(control, end) {
                    return;
                }
                self.edit_once(
                    |document| document.attributes[range.clone()].copy_from_slice(&values[range]),
                    |state| state.attribute_entry(attribute),
                );
            }
        }
    }
}
