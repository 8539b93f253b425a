//! Two pinned latent codes and the blend between them.

use super::state::{EditKey, EditorState};
use crate::document::{LatentPin, LatentState};

/// One of the two pinned codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinSlot {
    /// Where a blend begins.
    A,
    /// Where it ends.
    B,
}

impl PinSlot {
    /// Its place in [`LatentState::pins`].
    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    /// Its letter.
    pub const fn title(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

impl EditorState {
    pub(super) fn pin(&mut self, slot: PinSlot) {
        let latent = &self.document.latent;
        if latent.blend.is_some() {
            return;
        }
        let pin = latent.as_pin();
        self.edit_once(|document| document.latent.pins[slot.index()] = Some(pin), |_| format!("Pin {}", slot.title()));
    }

    pub(super) fn go_to_pin(&mut self, slot: PinSlot) {
        let Some(pin) = self.document.latent.pins[slot.index()].clone() else { return };
        if self.latent_locked {
            return;
        }
        if let Some(blend) = pin.between {
            let go = |latent: &mut LatentState| {
                latent.pins = blend.ends.map(Some);
                latent.blend = Some(blend.place);
            };
            self.edit_once(|document| go(&mut document.latent), |_| format!("Go to {}", slot.title()));
        } else {
            self.seeds.visit(self.document.latent.seed);
            self.seeds.visit(pin.seed);
            self.edit_latent_once(&format!("Go to {}", slot.title()), |latent| {
                (latent.seed, latent.fitted) = (pin.seed, pin.fitted);
                (latent.offsets, latent.raw) = (pin.offsets, pin.raw);
            });
        }
    }

    pub(super) fn unpin(&mut self, slot: PinSlot) {
        self.edit_pins(&format!("Unpin {}", slot.title()), |pins| pins[slot.index()] = None);
    }

    pub(super) fn unpin_both(&mut self) {
        self.edit_pins("Remove pins", |pins| *pins = [None, None]);
    }

    /// A blend turns round with its ends, so that the picture stays.
    pub(super) fn swap_pins(&mut self) {
        let swap = |latent: &mut LatentState| {
            latent.pins.swap(0, 1);
            latent.blend = latent.blend.map(|blend| 1.0 - blend);
        };
        self.edit_once(|document| swap(&mut document.latent), |_| "Swap A and B".to_owned());
    }

    /// A lock keeps what is drawn, hence the ends of a blend too.
    fn edit_pins(&mut self, name: &str, change: impl FnOnce(&mut [Option<LatentPin>; 2])) {
        if self.latent_locked && self.document.latent.blend.is_some() {
            return;
        }
        let change = |latent: &mut LatentState| {
            change(&mut latent.pins);
            latent.blend = latent.blend.filter(|_| latent.pins.iter().all(Option::is_some));
        };
        self.edit_once(|document| change(&mut document.latent), |_| name.to_owned());
    }

    /// Whether there is something to blend.
    pub fn can_blend(&self) -> bool {
        self.document.latent.pins.iter().all(Option::is_some)
    }

    pub(super) fn set_blend(&mut self, blend: f32) {
        if blend.is_finite() && self.can_blend() && !self.latent_locked {
            let blend = blend.clamp(0.0, 1.0);
            self.edit(EditKey::Blend, |document| document.latent.blend = Some(blend));
        }
    }

    pub(super) fn stop_blending(&mut self) {
        self.edit_latent_once("Stop blending", |_| {});
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Action, Command, LatentCommand, apply};

    fn act(state: &mut EditorState, command: impl Into<Step>) {
        let command = match command.into() {
            Step::Action(action) => Command::Do(action),
            Step::Latent(command) => Command::Latent(command),
        };
        apply(state, command);
    }

    enum Step {
        Action(Action),
        Latent(LatentCommand),
    }

    impl From<Action> for Step {
        fn from(action: Action) -> Self {
            Self::Action(action)
        }
    }

    impl From<LatentCommand> for Step {
        fn from(command: LatentCommand) -> Self {
            Self::Latent(command)
        }
    }

    #[test]
    fn two_pins_blend_and_any_change_ends_the_blend() {
        let mut state = editor(31);
        act(&mut state, LatentCommand::SetBlend(0.5));
        assert_eq!(state.document.latent.blend, None, "there is nothing to blend");
        apply(&mut state, Command::SetOffset { direction: 1, sigma: 2.0 });
        act(&mut state, Action::PinA);
        act(&mut state, Action::RandomSeed);
        let seed_b = state.document.latent.seed;
        act(&mut state, Action::PinB);
        for blend in [0.2, f32::NAN, 0.3, 7.0] {
            act(&mut state, LatentCommand::SetBlend(blend));
        }
        apply(&mut state, Command::FinishEdit);
        assert_eq!(state.document.latent.blend, Some(1.0));
        let names: Vec<_> = state.history.entries().map(|entry| entry.label.to_owned()).collect();
        assert_eq!(names.last().unwrap(), "Blend A to B 1.00");
        assert_eq!(names.len(), 5, "a drag of the blend is one entry: {names:?}");

        act(&mut state, Action::SwapPins);
        let latent = &state.document.latent;
        assert_eq!((latent.blend, latent.pins[0].as_ref().unwrap().seed), (Some(0.0), seed_b));
        assert!(!Action::PinA.is_enabled(&state), "a blend is no code that can be pinned");
        apply(&mut state, Command::SetOffset { direction: 0, sigma: -1.0 });
        assert_eq!(state.document.latent.blend, None);
        act(&mut state, LatentCommand::GoToPin(PinSlot::B));
        assert_eq!((state.offset(0), state.offset(1)), (0.0, 2.0));
        act(&mut state, LatentCommand::Unpin(PinSlot::A));
        assert!(!state.can_blend());
        while Action::Undo.is_enabled(&state) {
            act(&mut state, Action::Undo);
        }
        assert_eq!(state.document.latent, LatentState::default());
    }

    #[test]
    fn a_locked_latent_stays_as_it_is() {
        let mut state = editor(32);
        act(&mut state, Action::PinA);
        act(&mut state, Action::RandomSeed);
        act(&mut state, Action::PinB);
        act(&mut state, LatentCommand::SetBlend(0.4));
        apply(&mut state, Command::FinishEdit);
        act(&mut state, Action::ToggleLatentLock);
        let locked = state.document.latent.clone();
        for action in
            [Action::RandomSeed, Action::PreviousSeed, Action::ResetLatent, Action::StopBlending, Action::Unpin]
        {
            act(&mut state, action);
        }
        for command in [
            LatentCommand::GoToSeed(9),
            LatentCommand::SetCoordinate { coordinate: 0, value: 1.0 },
            LatentCommand::SetBlend(0.9),
            LatentCommand::GoToPin(PinSlot::A),
            LatentCommand::Unpin(PinSlot::A),
        ] {
            act(&mut state, command);
        }
        apply(&mut state, Command::SetSeed(5));
        apply(&mut state, Command::SetOffset { direction: 0, sigma: 1.0 });
        apply(&mut state, Command::FinishEdit);
        assert_eq!(state.document.latent, locked);
        assert_eq!(Action::RandomSeed.disabled_reason(&state), Some("The latent is locked"));
    }
}
