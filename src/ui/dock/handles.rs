//! The lines between panels, which can be dragged, or moved with the arrow keys.

use eframe::egui::{CursorIcon, EventFilter, Id, Key, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};
use egui_tiles::{Container, LinearDir, Tile, TileId};

use super::tiles::{Docked, front_panel, holds_canvas};
use crate::ui::theme;

/// How far from the line the pointer takes hold of it, in points.
const GRAB: f32 = 3.5;
/// No panel gets narrower or lower by dragging, in points.
const LEAST: Vec2 = Vec2::new(150.0, 90.0);
/// How far an arrow key moves a line, in points.
const KEY_STEP: f32 = 10.0;

/// Two neighbours and the line between them.
struct Line {
    container: TileId,
    before: TileId,
    after: TileId,
    horizontal: bool,
}

/// Draws the lines; answers whether one has been moved and let go.
pub(super) fn show(ui: &mut Ui, docked: &mut Docked) -> bool {
    let mut moved = false;
    for line in lines(docked) {
        let tiles = &docked.tree.tiles;
        let (Some(before), Some(after)) = (tiles.rect(line.before), tiles.rect(line.after)) else { continue };
        let rect = if line.horizontal {
            let x = (before.right() + after.left()) / 2.0;
            Rect::from_min_max(pos2(x - GRAB, before.top()), pos2(x + GRAB, before.bottom()))
        } else {
            let y = (before.bottom() + after.top()) / 2.0;
            Rect::from_min_max(pos2(before.left(), y - GRAB), pos2(before.right(), y + GRAB))
        };
        let response = ui.interact(rect, Id::unique(("dock_line", line.before, line.after)), Sense::click_and_drag());
        describe(ui, docked, &line, &response);
        paint(ui, &line, &response);
        let by = dragged(ui, &line, &response);
        if by != 0.0 {
            resize(docked, &line, by);
            ui.request_repaint();
        }
        moved |= response.drag_stopped() || (by != 0.0 && !response.dragged());
    }
    moved
}

/// From a fixed order, so that Tab goes the same way each time.
fn lines(docked: &Docked) -> Vec<Line> {
    let mut containers: Vec<_> = docked.tree.tiles.iter().collect();
    containers.sort_by_key(|(id, _)| id.0);
    let mut lines = Vec::new();
    for (&container, tile) in containers {
        let Tile::Container(Container::Linear(linear)) = tile else { continue };
        if docked.tree.tiles.rect(container).is_none() {
            continue;
        }
        for pair in docked.visible_children(container).windows(2) {
            let horizontal = linear.dir == LinearDir::Horizontal;
            lines.push(Line { container, before: pair[0], after: pair[1], horizontal });
        }
    }
    lines
}

fn describe(ui: &Ui, docked: &Docked, line: &Line, response: &Response) {
    let tiles = &docked.tree.tiles;
    let resized = if holds_canvas(tiles, line.before) { line.after } else { line.before };
    let name = front_panel(tiles, resized).map_or("panel", |panel| panel.title());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Splitter,
            ui.is_enabled(),
            format!("{} of {name}", if line.horizontal { "Width" } else { "Height" }),
        )
    });
}

fn paint(ui: &Ui, line: &Line, response: &Response) {
    let cursor = if line.horizontal { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(cursor);
    }
    if response.hovered() || response.dragged() || response.has_focus() {
        let (rect, stroke) = (response.rect, (2.0, theme::palette(ui.visuals()).accent));
        if line.horizontal {
            ui.painter().vline(rect.center().x, rect.y_range(), stroke);
        } else {
            ui.painter().hline(rect.x_range(), rect.center().y, stroke);
        }
    }
}

/// How far the line is asked to move, in points.
fn dragged(ui: &Ui, line: &Line, response: &Response) -> f32 {
    let delta = response.drag_delta();
    let by_pointer = if line.horizontal { delta.x } else { delta.y };
    if !response.has_focus() {
        return by_pointer;
    }
    let arrows =
        EventFilter { horizontal_arrows: line.horizontal, vertical_arrows: !line.horizontal, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let (less, more) = if line.horizontal { (Key::ArrowLeft, Key::ArrowRight) } else { (Key::ArrowUp, Key::ArrowDown) };
    let steps = ui.input(|input| input.num_presses(more) as f32 - input.num_presses(less) as f32);
    by_pointer + steps * KEY_STEP
}

fn resize(docked: &mut Docked, line: &Line, by: f32) {
    let children = docked.visible_children(line.container);
    let tiles = &docked.tree.tiles;
    let least = if line.horizontal { LEAST.x } else { LEAST.y };
    let length =
        |id: TileId| tiles.rect(id).map_or(least, |rect| if line.horizontal { rect.width() } else { rect.height() });
    let (before, after) = (length(line.before), length(line.after));
    let by = by.clamp((least - before).min(0.0), (after - least).max(0.0));
    let changed = [(line.before, before + by), (line.after, after - by)];
    let now: Vec<_> = children.iter().map(|&child| (child, length(child))).collect();
    if holds_canvas(tiles, line.container) {
        for (child, length) in changed {
            docked.sizes.insert(child, length);
        }
    } else if let Some(Tile::Container(Container::Linear(linear))) = docked.tree.tiles.get_mut(line.container) {
        for (child, length) in now.into_iter().chain(changed) {
            linear.shares.set_share(child, length);
        }
    }
}
