//! Buttons and menu entries made from the action list.

use eframe::egui::os::OperatingSystem;
use eframe::egui::{Button, Color32, Key, KeyboardShortcut, Modifiers, RichText, Ui, vec2};
use egui_material_icons::MaterialIcon;

use super::theme;
use crate::editor::{Action, Command, EditorState};

/// egui's name for a shortcut such as `Ctrl+Shift+Z`; `None` when there is no such key.
pub(super) fn keyboard_shortcut(shortcut: &str) -> Option<KeyboardShortcut> {
    let (mut modifiers, mut rest) = (Modifiers::NONE, shortcut);
    for (name, modifier) in [("Ctrl+", Modifiers::COMMAND), ("Shift+", Modifiers::SHIFT), ("Alt+", Modifiers::ALT)] {
        if let Some(after) = rest.strip_prefix(name) {
            (modifiers, rest) = (modifiers | modifier, after);
        }
    }
    Key::from_name(rest).map(|key| KeyboardShortcut::new(modifiers, key))
}

/// The name of keys that were pressed together, as [`keyboard_shortcut`] reads it; `None` for a key that makes no
/// shortcut, such as Shift alone.
pub(super) fn shortcut_name(modifiers: Modifiers, key: Key) -> Option<String> {
    let name = match key {
        Key::Minus => "-",
        key if key.symbol_or_name().is_ascii() => key.symbol_or_name(),
        key => key.name(),
    };
    let is_symbol = name.len() == 1 && !name.as_bytes()[0].is_ascii_alphanumeric();
    let is_function = name.strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok());
    let is_usual = name.len() == 1 || is_function || USUAL_KEYS.contains(&key);
    // A symbol may need Shift on one keyboard and not on another.
    let shift = modifiers.shift && !is_symbol;
    let held = [(modifiers.command, "Ctrl+"), (shift, "Shift+"), (modifiers.alt, "Alt+")];
    let held = held.into_iter().filter(|(held, _)| *held).map(|(_, name)| name);
    is_usual.then(|| held.chain([name]).collect())
}

/// Keys with a name of more than a character that make a shortcut, or are refused with a reason.
const USUAL_KEYS: [Key; 14] = [
    Key::Tab,
    Key::Backspace,
    Key::Insert,
    Key::Delete,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Enter,
    Key::Space,
    Key::ArrowUp,
    Key::ArrowDown,
    Key::ArrowLeft,
    Key::ArrowRight,
];

/// The first shortcut as people write it.
pub(super) fn shortcut_text(ui: &Ui, state: &EditorState, action: Action) -> Option<String> {
    action.keys(state).first().map(|shortcut| readable(ui, shortcut))
}

/// A shortcut as people on this system write it.
pub(super) fn readable(ui: &Ui, shortcut: &str) -> String {
    let mac = ui.ctx().os() == OperatingSystem::Mac;
    if mac {
        shortcut.replace("Ctrl+", "⌘").replace("Shift+", "⇧").replace("Alt+", "⌥")
    } else {
        shortcut.to_owned()
    }
}

/// What the action does, and its key.
pub(super) fn tooltip(ui: &Ui, state: &EditorState, action: Action) -> String {
    let info = action.info();
    let key = shortcut_text(ui, state, action).map(|key| format!("  ({key})")).unwrap_or_default();
    let reason = action.disabled_reason(state).map(|reason| format!("\n{reason}")).unwrap_or_default();
    format!("{}{key}\n{}{reason}", info.title.trim_end_matches('…'), info.tooltip)
}

/// A square button with the action's icon.
pub(super) fn plain_icon_button(ui: &mut Ui, state: &EditorState, action: Action, commands: &mut Vec<Command>) {
    icon_button(ui, state, action, icon_or_title(action), false, commands);
}

/// A square button that is lit while its action is on.
pub(super) fn toggle_icon_button(ui: &mut Ui, state: &EditorState, action: Action, commands: &mut Vec<Command>) {
    let lit = action.is_on(state) == Some(true);
    let icon = if lit { theme::icon_while_on(action) } else { theme::icon(action) };
    let glyph = icon.map_or_else(|| RichText::new(action.info().title), |icon| icon.rich_text());
    icon_button(ui, state, action, glyph, lit, commands);
}

/// A square button whose icon says what there is now.
pub(super) fn icon_button_with(
    ui: &mut Ui,
    state: &EditorState,
    action: Action,
    icon: MaterialIcon,
    commands: &mut Vec<Command>,
) {
    icon_button(ui, state, action, icon.rich_text(), false, commands);
}

fn icon_or_title(action: Action) -> RichText {
    theme::icon(action).map_or_else(|| RichText::new(action.info().title), |icon| icon.rich_text())
}

fn icon_button(
    ui: &mut Ui,
    state: &EditorState,
    action: Action,
    glyph: RichText,
    lit: bool,
    commands: &mut Vec<Command>,
) {
    let tooltip = tooltip(ui, state, action);
    let side = theme::ICON_BUTTON;
    let button =
        Button::new(glyph.size(theme::ICON_SIZE)).min_size(vec2(side, side)).frame_when_inactive(lit).selected(lit);
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = vec2(5.0, 4.0);
            ui.add_enabled(action.is_enabled(state), button)
        })
        .inner
        .on_hover_text(&tooltip)
        .on_disabled_hover_text(tooltip)
        .accessible_name(action.info().title);
    if response.clicked() {
        commands.push(Command::Do(action));
    }
}

/// A menu entry with title, icon and shortcut.
pub(super) fn menu_item(ui: &mut Ui, state: &EditorState, action: Action, commands: &mut Vec<Command>) {
    let info = action.info();
    let mut button = Button::new((menu_icon(state, action).size(15.0), info.title));
    if let Some(key) = shortcut_text(ui, state, action) {
        button = button.shortcut_text(RichText::new(key).weak());
    }
    let response = ui
        .add_enabled(action.is_enabled(state), button.min_size(vec2(0.0, theme::ROW_HEIGHT)))
        .on_hover_text(info.tooltip)
        .on_disabled_hover_text(action.disabled_reason(state).unwrap_or(info.tooltip))
        .accessible_name(info.title);
    if response.clicked() {
        commands.push(Command::Do(action));
        ui.close();
    }
}

/// A tick while the action is on. An entry without an icon keeps the room of one, so that titles align.
fn menu_icon(state: &EditorState, action: Action) -> RichText {
    match (action.is_on(state), theme::icon(action)) {
        (Some(true), _) => theme::ICON_TICK.rich_text(),
        (_, Some(icon)) => icon.rich_text(),
        (_, None) => theme::ICON_TICK.rich_text().color(Color32::TRANSPARENT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressed_keys_get_the_name_that_finds_them() {
        let shift_alt = Modifiers::SHIFT | Modifiers::ALT;
        for &key in Key::ALL {
            for modifiers in [Modifiers::NONE, Modifiers::COMMAND, shift_alt, Modifiers::COMMAND | shift_alt] {
                let Some(name) = shortcut_name(modifiers, key) else { continue };
                let found = keyboard_shortcut(&name);
                assert_eq!(found.map(|found| found.logical_key), Some(key), "{name}");
                let without_shift = Modifiers { shift: false, ..modifiers };
                assert!(found.is_some_and(|found| [modifiers, without_shift].contains(&found.modifiers)), "{name}");
            }
        }
        let name = |modifiers, key| shortcut_name(modifiers, key).unwrap_or_default();
        assert_eq!(name(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z), "Ctrl+Shift+Z");
        assert_eq!(name(Modifiers::COMMAND | Modifiers::SHIFT, Key::Plus), "Ctrl++");
        assert_eq!(name(Modifiers::SHIFT, Key::F5), "Shift+F5");
        assert_eq!(shortcut_name(Modifiers::SHIFT, Key::ShiftLeft), None);
    }

    #[test]
    fn every_shortcut_names_a_real_key() {
        for action in Action::ALL {
            for shortcut in action.info().shortcuts {
                assert!(keyboard_shortcut(shortcut).is_some(), "{action:?}: {shortcut:?}");
            }
        }
    }
}
