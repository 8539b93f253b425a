//! The panels around the canvas, which can be dragged, stacked as tabs, resized and hidden.

mod behavior;
mod handles;
mod tiles;

use eframe::egui::{Id, Rect, Ui};

use self::behavior::Panels;
use self::tiles::Docked;
use crate::editor::{Command, DockLayout, EditorState, Panel};

/// Draws canvas and panels where the user put them, and answers with where they are on the screen.
pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) -> Vec<(Panel, Rect)> {
    let cache = Id::unique("dock");
    let kept = ui.data_mut(|data| data.get_temp::<Docked>(cache));
    let mut docked = match kept {
        Some(docked) if docked.text == state.preferences.dock_layout => docked,
        _ => Docked::new(&state.dock()),
    };
    docked.text.clone_from(&state.preferences.dock_layout);
    docked.fit(ui.available_rect_before_wrap());
    let mut panels = Panels::new(state, docked.tree.tiles.find_pane(&Panel::Canvas), commands);
    docked.tree.ui(&mut panels, ui);
    let (places, mut edited) = (std::mem::take(&mut panels.places), panels.edited);
    edited |= handles::show(ui, &mut docked);
    if edited {
        // A move may leave an empty place behind.
        docked.tree.simplify(&behavior::simplification());
        match docked.layout(&state.dock()).filter(|layout| layout.validate().is_ok()) {
            Some(layout) => {
                let text = layout.to_text();
                // What is kept is the text as the editor stores it, so that the tiles stay as they are.
                docked.text = if layout == DockLayout::default() { String::new() } else { text.clone() };
                commands.push(Command::LayoutChanged(text));
            }
            // Nothing may cover the canvas: back to the arrangement before.
            None => docked = Docked::new(&state.dock()),
        }
        ui.request_repaint();
    }
    ui.data_mut(|data| data.insert_temp(cache, docked));
    places
}
