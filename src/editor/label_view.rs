//! Which labels may be painted, and which the canvas shows.

use super::{EditorState, Effect, sentence_case};
use crate::document::tools::{PointerEvent, ToolKind};
use crate::taxonomy::LabelId;

/// What a row of the label palette can do to its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelCommand {
    /// Lock it, or unlock it: a locked label neither loses nor gains a pixel.
    ToggleLock(LabelId),
    /// Hide it on the canvas, or show it.
    ToggleHidden(LabelId),
    /// Dim everything else on the canvas, or nothing.
    ToggleSolo(LabelId),
    /// Change pixels of this label only; none: of any.
    PaintOnlyOver(Option<LabelId>),
}

impl EditorState {
    pub(super) fn label_command(&mut self, command: LabelCommand) {
        let known = |label: LabelId| usize::from(label) < self.taxonomy.n_labels();
        match command {
            LabelCommand::ToggleLock(label) if known(label) => {
                let locked = &mut self.painting.rules.locked;
                locked.set(label, !locked.contains(label));
            }
            LabelCommand::ToggleHidden(label) if known(label) => {
                let hidden = &mut self.canvas_view.hidden;
                hidden.set(label, !hidden.contains(label));
            }
            LabelCommand::ToggleSolo(label) if known(label) => {
                let solo = &mut self.canvas_view.solo;
                *solo = if *solo == Some(label) { None } else { Some(label) };
            }
            LabelCommand::PaintOnlyOver(label) if label.is_none_or(known) => self.painting.rules.only_over = label,
            _ => {}
        }
    }

    /// Whether the canvas draws the label as it is.
    pub fn draws_label(&self, label: LabelId) -> bool {
        let view = &self.canvas_view;
        !view.hidden.contains(label) && view.solo.is_none_or(|solo| solo == label)
    }

    /// Whether there is a label that the canvas leaves out or dims.
    pub fn hides_labels(&self) -> bool {
        self.canvas_view.solo.is_some() || !self.canvas_view.hidden.is_empty()
    }

    /// A label's name as text.
    pub fn label_title(&self, label: LabelId) -> String {
        self.taxonomy.labels.get(usize::from(label)).map_or_else(String::new, |label| sentence_case(&label.name))
    }

    /// Says so when a stroke begins that cannot change anything.
    pub(super) fn warn_about_lock(&self, event: &PointerEvent, picks: bool, effects: &mut Vec<Effect>) {
        let paints = !picks && !matches!(self.painting.tool, ToolKind::Picker | ToolKind::Transform | ToolKind::Warp);
        let PointerEvent::Press { .. } = event else { return };
        let label = self.painting.painted_label();
        if paints && self.painting.rules.locked.contains(label) {
            let title = self.label_title(label);
            let text = format!("«{title}» is locked, so it can't be painted. Unlock it in the Labels panel.");
            effects.push(Effect::info(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, PointerModifiers, apply};

    fn press(state: &mut EditorState, at: Point) -> Vec<Effect> {
        let modifiers = PointerModifiers::default();
        let pressed = PointerEvent::Press { at, extend: false, constrain: false };
        let effects = apply(state, Command::Pointer(pressed, modifiers));
        apply(state, Command::Pointer(PointerEvent::Release { at }, modifiers));
        effects
    }

    #[test]
    fn locks_and_paint_only_over_hold_the_brush_back() {
        let mut state = editor(39);
        let before = state.document.labels.clone();
        apply(&mut state, Command::SelectLabel(8));
        apply(&mut state, Command::Label(LabelCommand::ToggleLock(8)));
        let effects = press(&mut state, Point::new(20.0, 20.0));
        assert!(matches!(effects.as_slice(), [Effect::Notify(notice)] if notice.text.contains("«Hair» is locked")));
        assert!(state.document.labels == before && !state.history.can_undo());

        apply(&mut state, Command::Do(Action::UnlockLabels));
        apply(&mut state, Command::Label(LabelCommand::PaintOnlyOver(Some(1))));
        assert!(press(&mut state, Point::new(20.0, 20.0)).iter().all(|effect| !matches!(effect, Effect::Notify(_))));
        assert!(state.document.labels == before, "there is background, not skin");
        apply(&mut state, Command::Label(LabelCommand::PaintOnlyOver(None)));
        press(&mut state, Point::new(20.0, 20.0));
        assert!(state.document.labels != before);
        assert_eq!(state.history.undo_label(), Some("Paint Hair"));
    }

    #[test]
    fn labels_that_are_not_there_change_nothing() {
        let mut state = editor(40);
        for label in [11, 64, 255] {
            apply(&mut state, Command::Label(LabelCommand::ToggleLock(label)));
            apply(&mut state, Command::Label(LabelCommand::ToggleHidden(label)));
            apply(&mut state, Command::Label(LabelCommand::ToggleSolo(label)));
            apply(&mut state, Command::Label(LabelCommand::PaintOnlyOver(Some(label))));
        }
        assert!(state.painting.rules.allow_all() && !state.hides_labels());
    }
}
