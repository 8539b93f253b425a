//! What the program says about itself at the first start: four hints, one after the other.

use super::EditorState;

/// A first hint, and what it points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// At the mask.
    Canvas,
    /// At the attributes.
    Attributes,
    /// At seed and directions.
    Latent,
    /// At the labels.
    Labels,
}

impl Hint {
    /// In the order in which they come.
    pub const ALL: [Self; 4] = [Self::Canvas, Self::Attributes, Self::Latent, Self::Labels];

    /// Heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Canvas => "Paint, and the picture follows",
            Self::Attributes => "Say what it should look like",
            Self::Latent => "Another person, the same layout",
            Self::Labels => "Paint one thing at a time",
        }
    }

    /// One or two sentences.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Canvas => {
                "Drag over the mask: its shapes decide where everything goes. The wheel zooms, Space moves."
            }
            Self::Attributes => "Tick an attribute, or drag its strength. The mask stays as you painted it.",
            Self::Latent => "Randomise the seed with R, or drag a direction. Pin two that you like and blend them.",
            Self::Labels => "Choose what the brush paints, and lock what must not change. Ctrl+K finds every command.",
        }
    }
}

/// Buttons of a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintCommand {
    /// Go on to the next; after the last there are none for ever.
    GotIt,
    /// No hints any more.
    Skip,
}

impl EditorState {
    /// The hint to show now.
    pub fn hint(&self) -> Option<Hint> {
        if self.preferences.hints_seen || self.dialog.is_some() {
            None
        } else {
            Hint::ALL.get(self.hint_index).copied()
        }
    }

    pub(super) fn hint_command(&mut self, command: HintCommand) {
        self.hint_index += 1;
        if command == HintCommand::Skip || self.hint_index >= Hint::ALL.len() {
            self.preferences.hints_seen = true;
        }
    }

    pub(super) fn show_hints(&mut self) {
        self.preferences.hints_seen = false;
        self.hint_index = 0;
    }
}
