//! The panels around the canvas: which there are, which are shown, and where.

mod layout;

pub use layout::{DockLayout, DockLayoutError, Node, Part};

use serde::{Deserialize, Serialize};

use super::{Action, EditorState, Effect};

/// A part of the window that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Panel {
    /// Mask and result. Always shown.
    Canvas,
    /// The labels to paint with.
    Labels,
    /// Attributes.
    Attributes,
    /// Seed and directions.
    Latent,
    /// The list of changes.
    History,
    /// Data set, settings, curves and probes. Not shown at first.
    Training,
    /// Keyframes. Not shown at first.
    Timeline,
    /// The wall of variations. Not shown at first.
    Variations,
    /// What controls a region of the picture. Not shown at first.
    Controls,
}

impl Panel {
    /// Every panel.
    pub const ALL: [Self; 9] = [
        Self::Canvas,
        Self::Labels,
        Self::Attributes,
        Self::Latent,
        Self::History,
        Self::Training,
        Self::Timeline,
        Self::Variations,
        Self::Controls,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Canvas => "Canvas",
            Self::Labels => "Labels",
            Self::Attributes => "Attributes",
            Self::Latent => "Latent",
            Self::History => "History",
            Self::Training => "Training",
            Self::Timeline => "Timeline",
            Self::Variations => "Variations",
            Self::Controls => "What controls this?",
        }
    }

    /// The action that shows and hides it; the canvas has none.
    pub const fn toggle(self) -> Option<Action> {
        match self {
            Self::Canvas => None,
            Self::Labels => Some(Action::PanelLabels),
            Self::Attributes => Some(Action::PanelAttributes),
            Self::Latent => Some(Action::PanelLatent),
            Self::History => Some(Action::PanelHistory),
            Self::Training => Some(Action::PanelTraining),
            Self::Timeline => Some(Action::PanelTimeline),
            Self::Variations => Some(Action::PanelVariations),
            Self::Controls => Some(Action::PanelControls),
        }
    }

    /// The panel that an action shows and hides.
    pub fn toggled_by(action: Action) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.toggle() == Some(action))
    }
}

/// Whether an arrangement shows a panel, or has it in front, read only when it has changed: this is asked every frame.
#[derive(Debug, Default)]
pub(super) struct SeenLayout(Option<(String, bool)>);

impl SeenLayout {
    /// Of an arrangement as text; one that cannot be read counts as the usual one.
    pub(super) fn shows(&mut self, text: &str, panel: Panel) -> bool {
        self.answer(text, |layout| layout.shows(panel))
    }

    /// The same of a panel that can be seen.
    pub(super) fn has_in_front(&mut self, text: &str, panel: Panel) -> bool {
        self.answer(text, |layout| layout.is_in_front(panel))
    }

    fn answer(&mut self, text: &str, question: impl FnOnce(&DockLayout) -> bool) -> bool {
        match &self.0 {
            Some((seen, answer)) if seen == text => *answer,
            _ => {
                let answer = question(&DockLayout::parse(text).unwrap_or_default());
                self.0 = Some((text.to_owned(), answer));
                answer
            }
        }
    }
}

impl EditorState {
    /// Where the panels are.
    pub fn dock(&self) -> DockLayout {
        DockLayout::parse(&self.preferences.dock_layout).unwrap_or_default()
    }

    /// Takes over an arrangement, as text. One that cannot be read changes nothing.
    pub(super) fn set_dock_layout(&mut self, text: &str, effects: &mut Vec<Effect>) {
        match DockLayout::parse(text) {
            Ok(layout) => self.store_dock_layout(&layout),
            Err(error) => effects.push(Effect::info(format!("The panels stay where they are: {error}."))),
        }
    }

    pub(super) fn toggle_panel(&mut self, panel: Panel) {
        let mut layout = self.dock();
        layout.toggle(panel);
        self.store_dock_layout(&layout);
    }

    /// In front of the others that share its place.
    pub(super) fn show_panel(&mut self, panel: Panel) {
        let mut layout = self.dock();
        if !layout.is_in_front(panel) {
            layout.bring_to_front(panel);
            self.store_dock_layout(&layout);
        }
    }

    pub(super) fn reset_dock_layout(&mut self) {
        self.preferences.dock_layout.clear();
    }

    /// The usual arrangement is the empty text.
    pub(super) fn store_dock_layout(&mut self, layout: &DockLayout) {
        self.preferences.dock_layout = if *layout == DockLayout::default() { String::new() } else { layout.to_text() };
    }
}
