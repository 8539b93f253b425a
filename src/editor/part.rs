//! The part of the mask that the transform tool holds: cut, copy, paste, flip and nudge.

use super::EditorState;
use super::state::EditKey;
use crate::document::tools::ToolKind;

impl EditorState {
    /// Whether the transform tool is at work on a part.
    pub fn holds_part(&self) -> bool {
        let tools = &self.painting.tools;
        tools.kind() == ToolKind::Transform && tools.is_active()
    }

    /// Whether the mirror axis moves the other side's part too; `None` without an axis or a part.
    pub fn part_has_twin(&self) -> Option<bool> {
        self.painting.symmetry.filter(|_| self.holds_part()).and_then(|_| self.painting.tools.part_has_twin())
    }

    pub(super) fn copy_part(&mut self) {
        if let Some(region) = self.painting.tools.copy_part() {
            self.clipboard = Some(region);
        }
    }

    pub(super) fn cut_part(&mut self) {
        self.copy_part();
        self.remove_part();
    }

    pub(super) fn remove_part(&mut self) {
        let output = self.painting.tools.remove_part(&mut self.document.labels);
        self.take_output(output);
    }

    /// What was copied becomes the part that the transform tool holds.
    pub(super) fn paste_part(&mut self) {
        let Some(region) = self.clipboard.clone() else { return };
        self.finish_edit();
        self.open_edit(EditKey::Stroke);
        self.painting.tool = ToolKind::Transform;
        let (rules, labels) = (self.painting.rules, &mut self.document.labels);
        let output = self.painting.tools.paste_part(region, labels, rules);
        self.take_output(output);
    }

    pub(super) fn flip_part(&mut self, horizontally: bool) {
        let mirror_labels = self.taxonomy.mirror_labels();
        let (tools, labels) = (&mut self.painting.tools, &mut self.document.labels);
        let output =
            if horizontally { tools.flip_horizontally(labels, &mirror_labels) } else { tools.flip_vertically(labels) };
        self.take_output(output);
    }

    pub(super) fn nudge_part(&mut self, [dx, dy]: [i32; 2]) {
        let output = self.painting.tools.nudge(dx, dy, &mut self.document.labels);
        self.take_output(output);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::document::Point;
    use crate::document::tools::PointerEvent;
    use crate::editor::{Action, Command, PointerModifiers, apply};
    use crate::taxonomy::Taxonomy;

    fn click(state: &mut EditorState, x: f32, y: f32) {
        let at = Point::new(x, y);
        for event in [PointerEvent::Press { at, extend: false, constrain: false }, PointerEvent::Release { at }] {
            apply(state, Command::Pointer(event, PointerModifiers::default()));
        }
    }

    #[test]
    fn a_part_is_copied_pasted_and_moved_as_one_entry() {
        let mut state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
        let first = state.document.clone();
        apply(&mut state, Command::Do(Action::Transform));
        assert!(!Action::CopyPart.is_enabled(&state) && !Action::PastePart.is_enabled(&state));
        click(&mut state, 256.0, 330.0);
        assert!(state.holds_part(), "the nose is there");
        apply(&mut state, Command::Do(Action::CopyPart));
        assert_eq!(state.document, first);
        apply(&mut state, Command::Do(Action::PastePart));
        apply(&mut state, Command::NudgePart([40, 3]));
        apply(&mut state, Command::Do(Action::FlipPartUpsideDown));
        apply(&mut state, Command::Pointer(PointerEvent::Confirm, PointerModifiers::default()));
        assert_ne!(state.document, first);
        assert_eq!(state.history.entries().count(), 1);
        apply(&mut state, Command::Do(Action::Undo));
        assert_eq!(state.document, first);
    }
}
