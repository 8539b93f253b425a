//! What sessions keep beside the document: locks, mirror axis, view of the canvas.

use super::{CanvasCommand, EditorState, ViewMode};
use crate::document::LabelSet;
use crate::session::{CanvasSection, CanvasValue, Workspace};
use crate::taxonomy::Taxonomy;

impl EditorState {
    /// How the work is set up now.
    pub fn workspace(&self) -> Workspace {
        Workspace { rules: self.painting.rules, symmetry: self.painting.symmetry, canvas: self.canvas_section() }
    }

    /// Sets the work up as a session says. What it does not say becomes the default.
    pub(super) fn adopt_workspace(&mut self, workspace: &Workspace) {
        self.painting.rules = workspace.rules;
        self.painting.symmetry = workspace.symmetry;
        self.adopt_canvas_section(&workspace.canvas);
    }

    fn canvas_section(&self) -> CanvasSection {
        let view = &self.canvas_view;
        let name = |id| self.taxonomy.labels.get(usize::from(id)).map(|label| label.name.clone());
        let mut section = CanvasSection::from([
            ("mode".to_owned(), CanvasValue::Text(mode_name(view.mode).to_owned())),
            ("mask_opacity".to_owned(), CanvasValue::Number(view.mask_opacity)),
            ("wipe".to_owned(), CanvasValue::Number(view.wipe)),
            ("outlines".to_owned(), CanvasValue::Flag(view.outlines)),
            ("link_views".to_owned(), CanvasValue::Flag(view.link_views)),
            ("hidden".to_owned(), CanvasValue::Names(view.hidden.iter().filter_map(name).collect())),
        ]);
        if let Some(solo) = view.solo.and_then(name) {
            section.insert("solo".to_owned(), CanvasValue::Text(solo));
        }
        section
    }

    fn adopt_canvas_section(&mut self, section: &CanvasSection) {
        self.show_all_labels();
        for (key, value) in section {
            match (key.as_str(), value) {
                ("mode", CanvasValue::Text(name)) => {
                    let mode = ViewMode::ALL.into_iter().find(|mode| mode_name(*mode) == name);
                    mode.into_iter().for_each(|mode| self.set_view_mode(mode));
                }
                ("mask_opacity", CanvasValue::Number(value)) => {
                    self.change_canvas(CanvasCommand::SetMaskOpacity(*value));
                }
                ("wipe", CanvasValue::Number(value)) => self.change_canvas(CanvasCommand::SetWipe(*value)),
                ("outlines", CanvasValue::Flag(on)) => self.canvas_view.outlines = *on,
                ("link_views", CanvasValue::Flag(on)) if *on != self.canvas_view.link_views => self.toggle_link_views(),
                ("hidden", CanvasValue::Names(names)) => self.canvas_view.hidden = labels(&self.taxonomy, names),
                ("solo", CanvasValue::Text(name)) => self.canvas_view.solo = self.taxonomy.label_id(name),
                _ => {}
            }
        }
    }
}

fn labels(taxonomy: &Taxonomy, names: &[String]) -> LabelSet {
    names.iter().filter_map(|name| taxonomy.label_id(name)).collect()
}

/// As sessions spell it.
fn mode_name(mode: ViewMode) -> &'static str {
    match mode {
        ViewMode::SideBySide => "SideBySide",
        ViewMode::Overlay => "Overlay",
        ViewMode::Wipe => "Wipe",
        ViewMode::MaskOnly => "MaskOnly",
        ViewMode::ResultOnly => "ResultOnly",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::document::{MirrorAxis, PaintRules, Point};

    #[test]
    fn a_workspace_survives_the_way_through_a_session() {
        let editor = || EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
        let mut state = editor();
        state.painting.rules = PaintRules { locked: [2, 5].into_iter().collect(), only_over: Some(8) };
        state.painting.symmetry = Some(MirrorAxis { through: Point::new(100.5, 3.0), angle_rad: 0.25 });
        state.set_view_mode(ViewMode::Wipe);
        state.change_canvas(CanvasCommand::SetWipe(0.3));
        state.change_canvas(CanvasCommand::SetMaskOpacity(0.7));
        state.canvas_view.hidden.set(4, true);
        state.canvas_view.solo = Some(1);
        state.canvas_view.outlines = true;
        state.toggle_link_views();
        let mut other = editor();
        assert_ne!(other.workspace(), state.workspace());
        other.adopt_workspace(&state.workspace());
        assert_eq!(other.workspace(), state.workspace());
        assert_eq!((other.canvas_view.mode, other.canvas_view.solo), (ViewMode::Wipe, Some(1)));
        other.adopt_workspace(&Workspace::default());
        assert!(other.painting.symmetry.is_none() && other.canvas_view.hidden.is_empty());
        assert!(other.painting.rules.allow_all());
    }
}
