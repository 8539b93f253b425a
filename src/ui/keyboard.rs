//! Keys to commands.

use std::sync::Arc;

use eframe::egui::{Context, Event, FocusDirection, Key, KeyboardShortcut, Modifiers};

use super::action_button::keyboard_shortcut;
use super::{canvas, photo};
use crate::editor::{Action, Command, EditorState};
use crate::taxonomy::LabelId;

/// Consumes the keys that mean something. Plain keys are left alone while text is being typed.
pub(super) fn shortcuts(ctx: &Context, state: &EditorState, commands: &mut Vec<Command>) {
    let typing = ctx.text_edit_focused();
    for (shortcut, action) in by_specificity(state) {
        if typing && shortcut.conflicts_with_text_editing() {
            continue;
        }
        // Tab belongs to whoever walks the controls by keyboard, unless the pointer is over the canvas and no control
        // is in use.
        let is_tab = shortcut.logical_key == Key::Tab;
        if is_tab && (!canvas::has_pointer(ctx) || ctx.memory(|memory| memory.focused().is_some())) {
            continue;
        }
        // A plain key whose action has nothing to do may be a label's.
        if shortcut.modifiers.is_none() && !action.is_enabled(state) {
            continue;
        }
        let held = is_held(ctx, shortcut.logical_key) && !repeats(action);
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut)) && action.is_enabled(state) && !held {
            commands.push(Command::Do(action));
            if is_tab {
                ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            }
        }
    }
    if typing {
        return;
    }
    clipboard(ctx, state, commands);
    nudge(ctx, state, commands);
    for (index, label) in state.taxonomy.labels.iter().enumerate() {
        let key = label.hotkey.and_then(|hotkey| Key::from_name(&hotkey.to_string()));
        let pressed = key.is_some_and(|key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key)));
        if let (true, Ok(label)) = (pressed, LabelId::try_from(index)) {
            commands.push(Command::SelectLabel(label));
        }
    }
}

/// Whether the key goes down again and again because it is being held.
fn is_held(ctx: &Context, wanted: Key) -> bool {
    ctx.input(|input| {
        let mut events = input.events.iter();
        events.any(|event| matches!(event, Event::Key { key, pressed: true, repeat: true, .. } if *key == wanted))
    })
}

/// What moves in steps goes on while its key is held; what switches or opens something does not.
fn repeats(action: Action) -> bool {
    matches!(
        action,
        Action::Undo
            | Action::Redo
            | Action::BrushSmaller
            | Action::BrushLarger
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::PreviousSeed
            | Action::NextSeed
    )
}

/// The system turns the clipboard's keys into events of their own, and pastes only when there is a text: so a copied part
/// leaves one. The keys may have been taken away from the actions.
fn clipboard(ctx: &Context, state: &EditorState, commands: &mut Vec<Command>) {
    let action_of = |event: &Event| match event {
        Event::Cut => Some((Action::CutPart, "Ctrl+X")),
        Event::Copy => Some((Action::CopyPart, "Ctrl+C")),
        Event::Paste(_) => Some((Action::PastePart, "Ctrl+V")),
        _ => None,
    };
    let pictures: Vec<_> = ctx.input(|input| {
        let pasted = |event: &Event| match event {
            Event::PasteImage(image) => Some(Arc::clone(image)),
            _ => None,
        };
        input.events.iter().filter_map(pasted).collect()
    });
    commands.extend(pictures.iter().filter_map(|picture| photo::pasted(picture)).map(Command::Photo));
    let asked: Vec<_> = ctx.input(|input| input.events.iter().filter_map(action_of).collect());
    let meant = asked.into_iter().filter(|(action, key)| action.is_enabled(state) && action.keys(state).contains(key));
    for (action, _) in meant {
        if action != Action::PastePart {
            ctx.copy_text("Part of a mask, copied in SCGAN Studio".to_owned());
        }
        commands.push(Command::Do(action));
    }
}

/// The arrow keys move a part that is held, by ten pixels with Shift, unless they belong to a control.
fn nudge(ctx: &Context, state: &EditorState, commands: &mut Vec<Command>) {
    if !state.holds_part() || ctx.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let arrows =
        [(Key::ArrowLeft, [-1, 0]), (Key::ArrowRight, [1, 0]), (Key::ArrowUp, [0, -1]), (Key::ArrowDown, [0, 1])];
    for (modifiers, step) in [(Modifiers::SHIFT, 10), (Modifiers::NONE, 1)] {
        for (key, direction) in arrows {
            if ctx.input_mut(|input| input.consume_key(modifiers, key)) {
                commands.push(Command::NudgePart(direction.map(|part| part * step)));
                ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            }
        }
    }
}

/// Shortcuts with more modifiers first, since Ctrl+Z also matches Ctrl+Shift+Z.
fn by_specificity(state: &EditorState) -> Vec<(KeyboardShortcut, Action)> {
    let mut all: Vec<_> = Action::ALL
        .into_iter()
        .flat_map(|action| {
            let keys = action.keys(state).into_iter();
            keys.filter_map(keyboard_shortcut).map(move |key| (key, action)).collect::<Vec<_>>()
        })
        .collect();
    let modifiers = |key: &KeyboardShortcut| u8::from(key.modifiers.shift) + u8::from(key.modifiers.alt);
    all.sort_by_key(|(shortcut, _)| std::cmp::Reverse(modifiers(shortcut)));
    all
}
