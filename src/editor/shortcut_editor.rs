//! Changing the keys of actions. What the user chose lies in the preferences; an action that is not there has its usual
//! keys.

use super::{Action, Dialog, EditorState};
use crate::taxonomy::LabelId;

/// What goes on in the dialog for keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortcutEditor {
    /// Part of the titles of the actions to show.
    pub filter: String,
    /// What becomes of the next keys pressed.
    pub listening: Option<Listening>,
    /// What waits for the user's word.
    pub question: Option<ShortcutQuestion>,
    /// Why the last keys were not taken.
    pub refusal: Option<String>,
}

/// The place that waits for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Whose keys they will be.
    pub action: Action,
    /// Which of its keys they take the place of; `None` adds one.
    pub replaces: Option<usize>,
}

/// A question before keys change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShortcutQuestion {
    /// Keys have an owner already.
    Taken {
        /// Who is to have them.
        action: Action,
        /// All its keys, once it has them.
        keys: Vec<String>,
        /// Which of the keys belong to whom now.
        from: Vec<(String, KeyOwner)>,
    },
    /// Every action gets its usual keys.
    ResetAll,
}

/// Who reacts to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// An action.
    Action(Action),
    /// A label, which the key chooses.
    Label(LabelId),
}

/// What the user does in the dialog for keys. Keys are written as in [`super::ActionInfo::shortcuts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShortcutCommand {
    /// Show actions with this in their title.
    Filter(String),
    /// Wait for keys.
    Listen(Listening),
    /// Wait no more.
    StopListening,
    /// Keys were pressed while the dialog waited for them.
    Press(String),
    /// Take away an action's key, by its place in the list.
    Remove(Action, usize),
    /// Give an action its usual keys.
    Reset(Action),
    /// Give all of them their usual keys.
    ResetAll,
    /// Yes or no to the question.
    Answer(bool),
}

/// Why keys cannot belong to an action; `None` for all others. The system turns the clipboard's keys into events of its
/// own, the rest walks through controls and starts them.
fn reserved(keys: &str, action: Action) -> Option<&'static str> {
    let key = keys.rsplit_once('+').map_or(keys, |(_, key)| key);
    match keys {
        "Ctrl+X" | "Ctrl+C" | "Ctrl+V" if !action.info().shortcuts.contains(&keys) => Some("belongs to the clipboard"),
        _ => match key {
            "Enter" | "Space" => Some("belongs to the control that has the keyboard"),
            "Up" | "Down" | "Left" | "Right" => Some("moves the selected part, or what has the keyboard"),
            "Escape" => Some("ends what is under way"),
            _ => None,
        },
    }
}

impl EditorState {
    /// Who else reacts to these keys.
    pub fn other_owner(&self, keys: &str, but: Action) -> Option<KeyOwner> {
        let other = Action::ALL.into_iter().find(|&action| action != but && action.keys(self).contains(&keys));
        other.map(KeyOwner::Action).or_else(|| {
            let is_own = |hotkey: char| hotkey.to_uppercase().eq(keys.chars());
            let label = self.taxonomy.labels.iter().position(|label| label.hotkey.is_some_and(is_own))?;
            LabelId::try_from(label).ok().map(KeyOwner::Label)
        })
    }

    /// Whether an action has keys of the user's.
    pub fn has_own_keys(&self, action: Action) -> bool {
        self.preferences.shortcuts.contains_key(&action.name())
    }

    /// Whether any action has keys of the user's.
    pub fn has_any_own_keys(&self) -> bool {
        Action::ALL.into_iter().any(|action| self.has_own_keys(action))
    }

    pub(super) fn edit_shortcuts(&mut self) {
        self.finish_edit();
        self.shortcut_editor = ShortcutEditor::default();
        self.dialog = Some(Dialog::EditShortcuts);
    }

    pub(super) fn shortcut_command(&mut self, command: ShortcutCommand) {
        self.shortcut_editor.refusal = None;
        let listening = self.shortcut_editor.listening.take();
        match command {
            ShortcutCommand::Filter(filter) => self.shortcut_editor.filter = filter,
            ShortcutCommand::Listen(listening) => {
                self.shortcut_editor.question = None;
                self.shortcut_editor.listening = Some(listening);
            }
            ShortcutCommand::StopListening => {}
            ShortcutCommand::Press(keys) => {
                if let Some(listening) = listening {
                    self.take_keys(listening, keys);
                }
            }
            ShortcutCommand::Remove(action, index) => {
                let mut keys = self.own_keys(action);
                if index < keys.len() {
                    keys.remove(index);
                    self.set_keys(action, keys);
                }
            }
            ShortcutCommand::Reset(action) => {
                let usual = action.info().shortcuts.iter().map(|&keys| keys.to_owned()).collect();
                self.propose(action, usual);
            }
            ShortcutCommand::ResetAll => self.shortcut_editor.question = Some(ShortcutQuestion::ResetAll),
            ShortcutCommand::Answer(yes) => {
                let question = self.shortcut_editor.question.take();
                if let Some(question) = question.filter(|_| yes) {
                    self.agree(question);
                }
            }
        }
    }

    fn own_keys(&self, action: Action) -> Vec<String> {
        action.keys(self).into_iter().map(str::to_owned).collect()
    }

    fn take_keys(&mut self, Listening { action, replaces }: Listening, pressed: String) {
        if let Some(reason) = reserved(&pressed, action) {
            self.shortcut_editor.refusal = Some(format!("{pressed} {reason}."));
            return;
        }
        let mut keys = self.own_keys(action);
        if let Some(present) = keys.iter().position(|own| *own == pressed) {
            // Pressed again: it is there, so only the key to be replaced may go.
            if let Some(index) = replaces.filter(|&index| index != present && index < keys.len()) {
                keys.remove(index);
                self.set_keys(action, keys);
            }
            return;
        }
        match replaces.and_then(|index| keys.get_mut(index)) {
            Some(key) => *key = pressed,
            None => keys.push(pressed),
        }
        self.propose(action, keys);
    }

    /// Gives an action these keys, after a question when some of them have another owner.
    fn propose(&mut self, action: Action, keys: Vec<String>) {
        let before = self.own_keys(action);
        let new = keys.iter().filter(|key| !before.contains(key));
        let from: Vec<_> = new.filter_map(|key| Some((key.clone(), self.other_owner(key, action)?))).collect();
        self.shortcut_editor.question = None;
        if from.is_empty() {
            self.set_keys(action, keys);
        } else {
            self.shortcut_editor.question = Some(ShortcutQuestion::Taken { action, keys, from });
        }
    }

    fn agree(&mut self, question: ShortcutQuestion) {
        match question {
            ShortcutQuestion::ResetAll => {
                // What a newer program's actions have is kept.
                Action::ALL.iter().for_each(|action| drop(self.preferences.shortcuts.remove(&action.name())));
            }
            ShortcutQuestion::Taken { action, keys, from } => {
                for (taken, owner) in from {
                    if let KeyOwner::Action(other) = owner {
                        let kept = self.own_keys(other).into_iter().filter(|key| *key != taken).collect();
                        self.set_keys(other, kept);
                    }
                }
                self.set_keys(action, keys);
            }
        }
    }

    fn set_keys(&mut self, action: Action, keys: Vec<String>) {
        if keys == action.info().shortcuts {
            self.preferences.shortcuts.remove(&action.name());
        } else {
            self.preferences.shortcuts.insert(action.name(), keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::editor::tests::editor;

    fn listen(action: Action, replaces: Option<usize>) -> ShortcutCommand {
        ShortcutCommand::Listen(Listening { action, replaces })
    }

    fn press(state: &mut EditorState, action: Action, replaces: Option<usize>, keys: &str) {
        state.shortcut_command(listen(action, replaces));
        state.shortcut_command(ShortcutCommand::Press(keys.to_owned()));
    }

    #[test]
    fn free_keys_are_taken_at_once() {
        let mut state = editor(1);
        press(&mut state, Action::Brush, Some(0), "Ctrl+Alt+B");
        assert_eq!(Action::Brush.keys(&state), ["Ctrl+Alt+B"]);
        press(&mut state, Action::Brush, None, "B");
        assert_eq!(Action::Brush.keys(&state), ["Ctrl+Alt+B", "B"]);
        // Its own key once more takes the place of the other.
        press(&mut state, Action::Brush, Some(0), "B");
        assert_eq!(Action::Brush.keys(&state), ["B"]);
        assert!(!state.has_any_own_keys(), "the usual keys are not noted");
        state.shortcut_command(ShortcutCommand::Remove(Action::Brush, 0));
        assert!(Action::Brush.keys(&state).is_empty() && state.has_own_keys(Action::Brush));
        state.shortcut_command(ShortcutCommand::Reset(Action::Brush));
        assert_eq!(Action::Brush.keys(&state), ["B"]);
    }

    #[test]
    fn keys_of_others_are_asked_about() {
        let mut state = editor(1);
        press(&mut state, Action::Fill, Some(0), "U");
        let Some(ShortcutQuestion::Taken { from, .. }) = &state.shortcut_editor.question else { unreachable!() };
        assert_eq!(*from, [("U".to_owned(), KeyOwner::Action(Action::Rectangle))]);
        assert_eq!(Action::Fill.keys(&state), ["G"], "nothing happens before the answer");
        state.shortcut_command(ShortcutCommand::Answer(false));
        assert!(state.shortcut_editor.question.is_none() && !state.has_any_own_keys());

        press(&mut state, Action::Fill, Some(0), "U");
        state.shortcut_command(ShortcutCommand::Answer(true));
        assert_eq!((Action::Fill.keys(&state), Action::Rectangle.keys(&state)), (vec!["U"], vec![]));
        // Back to the usual keys: they are another one's now.
        state.shortcut_command(ShortcutCommand::Reset(Action::Rectangle));
        assert!(matches!(state.shortcut_editor.question, Some(ShortcutQuestion::Taken { .. })));
        state.shortcut_command(ShortcutCommand::Answer(true));
        assert_eq!((Action::Fill.keys(&state), Action::Rectangle.keys(&state)), (vec![], vec!["U"]));

        press(&mut state, Action::Warp, Some(0), "9");
        let Some(ShortcutQuestion::Taken { from, .. }) = &state.shortcut_editor.question else { unreachable!() };
        assert!(matches!(from[0].1, KeyOwner::Label(_)), "{from:?}");
    }

    #[test]
    fn some_keys_stay_with_the_system() {
        let mut state = editor(1);
        for keys in ["Ctrl+C", "Enter", "Shift+Space", "Left", "Escape"] {
            press(&mut state, Action::Brush, Some(0), keys);
            assert!(state.shortcut_editor.refusal.take().is_some(), "{keys}");
        }
        assert!(!state.has_any_own_keys() && state.shortcut_editor.listening.is_none());
        press(&mut state, Action::Brush, Some(0), "Ctrl++");
        assert!(state.shortcut_editor.refusal.is_none(), "plus is a key like others");
        state.shortcut_command(ShortcutCommand::Remove(Action::CopyPart, 0));
        press(&mut state, Action::CopyPart, None, "Ctrl+C");
        assert_eq!(Action::CopyPart.keys(&state), ["Ctrl+C"], "it may have its own back");
    }

    #[test]
    fn all_keys_can_be_reset_but_those_of_a_newer_program() {
        let mut state = editor(1);
        state.preferences.shortcuts.insert("FromTheFuture".to_owned(), vec!["Ctrl+J".to_owned()]);
        press(&mut state, Action::Brush, Some(0), "Ctrl+B");
        state.shortcut_command(ShortcutCommand::ResetAll);
        assert!(state.has_any_own_keys());
        state.shortcut_command(ShortcutCommand::Answer(true));
        assert!(!state.has_any_own_keys());
        assert_eq!(state.preferences.shortcuts.len(), 1);
    }

    proptest! {
        /// Whatever is pressed: nobody shares a key with another one once every question has been answered with yes, and
        /// the preferences can be written and read.
        #[test]
        fn no_two_actions_share_keys(
            steps in prop::collection::vec((0..Action::ALL.len(), prop::option::of(0usize..3), 0usize..40, 0u8..8), 1..60),
        ) {
            let mut state = editor(1);
            let known: Vec<&str> = Action::ALL.iter().flat_map(|action| action.info().shortcuts).copied().collect();
            for (action, replaces, keys, kind) in steps {
                let action = Action::ALL[action];
                match kind {
                    0 => state.shortcut_command(ShortcutCommand::Remove(action, replaces.unwrap_or(0))),
                    1 => state.shortcut_command(ShortcutCommand::Reset(action)),
                    _ => press(&mut state, action, replaces, known[keys]),
                }
                state.shortcut_command(ShortcutCommand::Answer(true));
            }
            let mut seen = HashSet::new();
            for action in Action::ALL {
                for key in action.keys(&state) {
                    prop_assert!(seen.insert(key.to_owned()), "{key} twice");
                    prop_assert_eq!(state.other_owner(key, action), None);
                }
            }
        }
    }
}
