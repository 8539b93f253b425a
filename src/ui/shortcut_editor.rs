//! The dialog in which actions get other keys.

use eframe::egui::{
    Align, Button, Context, Event, EventFilter, FocusDirection, Key, Label, Layout, Modifiers, RichText, ScrollArea,
    TextEdit, Ui, vec2,
};

use super::{action_button, section, theme};
use crate::editor::{
    Action, Category, Command, EditorState, KeyOwner, Listening, ShortcutCommand, ShortcutQuestion, sentence_case,
};

/// Width of the dialog, in points.
pub(super) const WIDTH: f32 = 600.0;
const TITLE_WIDTH: f32 = 210.0;
/// What a window must have left around the list, in points.
const AROUND: f32 = 250.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let editor = &state.shortcut_editor;
    if editor.listening.is_some() {
        listen(ui.ctx(), commands);
    }
    ui.heading(RichText::new("Keyboard shortcuts").strong());
    ui.horizontal(|ui| {
        let mut filter = editor.filter.clone();
        let field = TextEdit::singleline(&mut filter).hint_text("Find an action").desired_width(TITLE_WIDTH);
        if ui.add(field).accessible_name("Find an action").changed() {
            send(ShortcutCommand::Filter(filter), commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let reset = Button::new("Reset all").min_size(vec2(88.0, 26.0));
            let reset = ui.add_enabled(state.has_any_own_keys(), reset);
            if reset.on_disabled_hover_text("Every action has its usual keys").clicked() {
                send(ShortcutCommand::ResetAll, commands);
            }
        });
    });
    said(ui, state, commands);
    let room = (ui.ctx().content_rect().height() - AROUND).max(120.0);
    // Its height at once, or the dialog would grow frame by frame under the pointer.
    ScrollArea::vertical().max_height(room).min_scrolled_height(room).auto_shrink([false, true]).show(ui, |ui| {
        let wanted = editor.filter.trim().to_lowercase();
        for category in Category::ALL {
            let is_shown =
                |action: &Action| action.category() == category && action.info().title.to_lowercase().contains(&wanted);
            let mut actions = Action::ALL.into_iter().filter(is_shown).peekable();
            if actions.peek().is_some() {
                ui.add_space(4.0);
                section::group(ui, category.title());
            }
            actions.for_each(|action| row(ui, state, action, commands));
        }
    });
}

fn send(command: ShortcutCommand, commands: &mut Vec<Command>) {
    commands.push(Command::Shortcut(command));
}

/// Every key goes to the place that waits for one, and nowhere else.
fn listen(ctx: &Context, commands: &mut Vec<Command>) {
    let mut pressed = None;
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let keys = match event {
                Event::Key { key, modifiers, pressed: true, repeat: false, .. } => Some((*modifiers, *key)),
                Event::Cut => Some((Modifiers::COMMAND, Key::X)),
                Event::Copy => Some((Modifiers::COMMAND, Key::C)),
                Event::Paste(_) | Event::PasteImage(_) => Some((Modifiers::COMMAND, Key::V)),
                Event::Key { .. } | Event::Text(_) => None,
                _ => return true,
            };
            pressed = pressed.or(keys.filter(|&(modifiers, key)| {
                key == Key::Escape || action_button::shortcut_name(modifiers, key).is_some()
            }));
            false
        });
    });
    let Some((modifiers, key)) = pressed else { return };
    // Tab has been seen by the focus already.
    ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    match action_button::shortcut_name(modifiers, key) {
        Some(keys) => send(ShortcutCommand::Press(keys), commands),
        None => send(ShortcutCommand::StopListening, commands),
    }
}

/// A question, or why something was not done, or what to do; always of one height, so that the list stays where it is.
fn said(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let editor = &state.shortcut_editor;
    let palette = theme::palette(ui.visuals());
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 30.0), Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_height(30.0);
        let mut answers = |ui: &mut Ui, yes: &str| {
            for (title, answer) in [(yes, true), ("Cancel", false)] {
                if ui.add(Button::new(title).min_size(vec2(72.0, 26.0))).clicked() {
                    send(ShortcutCommand::Answer(answer), commands);
                }
            }
        };
        let text = match &editor.question {
            Some(ShortcutQuestion::ResetAll) => {
                answers(ui, "Reset");
                RichText::new("Every action gets its usual keys.")
            }
            Some(ShortcutQuestion::Taken { action, from, .. }) => {
                answers(ui, "Use them");
                RichText::new(taken_text(ui, state, *action, from))
            }
            None => match (&editor.refusal, editor.listening) {
                (Some(refusal), _) => RichText::new(refusal).color(palette.error),
                (None, Some(listening)) => {
                    RichText::new(format!("Press the keys for «{}». Esc cancels.", title(listening.action)))
                }
                (None, None) => RichText::new("Click keys to change them.").weak(),
            },
        };
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(text).wrap()));
    });
}

fn taken_text(ui: &Ui, state: &EditorState, action: Action, from: &[(String, KeyOwner)]) -> String {
    let owned = from.iter().map(|(keys, owner)| {
        let keys = action_button::readable(ui, keys);
        match owner {
            KeyOwner::Action(other) => format!("{keys} starts «{}»", title(*other)),
            KeyOwner::Label(label) => {
                let label = state.taxonomy.labels.get(usize::from(*label));
                format!(
                    "{keys} chooses the label {}",
                    label.map_or_else(String::new, |label| sentence_case(&label.name))
                )
            }
        }
    });
    let owned: Vec<_> = owned.collect();
    format!("{}. Use it for «{}» instead?", owned.join(" and "), title(action))
}

fn title(action: Action) -> &'static str {
    action.info().title.trim_end_matches('…')
}

fn row(ui: &mut Ui, state: &EditorState, action: Action, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(TITLE_WIDTH, 26.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(TITLE_WIDTH);
            ui.add(Label::new(title(action)).truncate()).on_hover_text(action.info().tooltip);
        });
        let keys = action.keys(state);
        for (index, keys) in keys.iter().enumerate() {
            key_button(ui, state, action, index, keys, commands);
        }
        let place = Listening { action, replaces: None };
        if state.shortcut_editor.listening == Some(place) {
            waiting(ui, "Press keys…", &format!("New keys for {}", title(action)), commands);
        } else if small(ui, theme::ICON_ADD, &format!("Add keys for {}", title(action)), true) {
            send(ShortcutCommand::Listen(place), commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if state.has_own_keys(action)
                && small(ui, theme::ICON_RESET, &format!("Usual keys for {}", title(action)), true)
            {
                send(ShortcutCommand::Reset(action), commands);
            }
        });
    });
}

fn small(ui: &mut Ui, icon: egui_material_icons::MaterialIcon, name: &str, scrolls: bool) -> bool {
    let button = section::small_button(ui, icon, name, "", false);
    if scrolls && button.gained_focus() {
        button.scroll_to_me(None);
    }
    button.clicked()
}

/// A key to click on, and a small button that takes it away.
fn key_button(ui: &mut Ui, state: &EditorState, action: Action, index: usize, keys: &str, commands: &mut Vec<Command>) {
    let place = Listening { action, replaces: Some(index) };
    let readable = action_button::readable(ui, keys);
    let name = format!("{readable} for {}", title(action));
    if state.shortcut_editor.listening == Some(place) {
        return waiting(ui, "Press keys…", &name, commands);
    }
    let palette = theme::palette(ui.visuals());
    let other = match state.other_owner(keys, action) {
        Some(KeyOwner::Action(other)) => Some(format!("Starts «{}» too", title(other))),
        Some(KeyOwner::Label(_)) => Some("Chooses a label too".to_owned()),
        None if action_button::keyboard_shortcut(keys).is_none() => Some("There is no such key".to_owned()),
        None => None,
    };
    let text = RichText::new(&readable).monospace();
    let text = if other.is_some() { text.color(palette.error) } else { text };
    let button = ui.add(Button::new(text).min_size(vec2(40.0, 24.0)));
    if button.gained_focus() {
        button.scroll_to_me(None);
    }
    let hint = other.unwrap_or_else(|| "Click to press other keys".to_owned());
    if button.on_hover_text(hint).accessible_name(&name).clicked() {
        send(ShortcutCommand::Listen(place), commands);
    }
    if small(ui, theme::ICON_REMOVE, &format!("Remove {name}"), false) {
        send(ShortcutCommand::Remove(action, index), commands);
    }
}

/// Where the next keys go. A click gives up.
fn waiting(ui: &mut Ui, text: &str, name: &str, commands: &mut Vec<Command>) {
    let button = ui.add(Button::new(text).selected(true).min_size(vec2(40.0, 24.0))).accessible_name(name);
    if !button.has_focus() {
        button.request_focus();
    }
    let all = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(button.id, all));
    if button.clicked() {
        send(ShortcutCommand::StopListening, commands);
    }
}
