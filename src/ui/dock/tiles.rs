//! Between an arrangement of panels and egui's tiles.

use std::collections::HashMap;

use eframe::egui::{Id, Rect, Vec2};
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};

use crate::editor::{DockLayout, Node, Panel, Part};

/// Width of the line between panels, in points.
pub(super) const GAP: f32 = 1.0;
/// Width or height of a part that has just been dropped beside the canvas, in points.
const DROPPED: f32 = 240.0;
/// The canvas keeps this part of the room, up to [`CANVAS_LEAST`].
const CANVAS_SHARE: f32 = 0.42;
/// The same for its height, which mask and result need more of.
const CANVAS_HEIGHT_SHARE: f32 = 0.56;
/// Beyond this, in points, the panels beside the canvas take what they want.
const CANVAS_LEAST: f32 = 420.0;

/// An arrangement in use.
#[derive(Clone)]
pub(super) struct Docked {
    /// The text it was made from.
    pub(super) text: String,
    /// The tiles.
    pub(super) tree: Tree<Panel>,
    /// How wide or high the user wants what is beside the canvas, in points. The canvas takes the rest, so the panels keep
    /// their size when the window grows.
    pub(super) sizes: HashMap<TileId, f32>,
}

impl Docked {
    pub(super) fn new(layout: &DockLayout) -> Self {
        let mut tiles = Tiles::default();
        let mut sizes = HashMap::new();
        let root = insert(&layout.root, layout, &mut tiles, &mut sizes);
        Self { text: String::new(), tree: Tree::new(Id::unique("dock_tree"), root, tiles), sizes }
    }

    /// Gives the parts beside the canvas the size they want, or less where there is too little room.
    pub(super) fn fit(&mut self, area: Rect) {
        if let Some(root) = self.tree.root {
            self.fit_tile(root, area.size());
        }
    }

    fn fit_tile(&mut self, id: TileId, room: Vec2) {
        if !holds_canvas(&self.tree.tiles, id) {
            return;
        }
        let children = self.visible_children(id);
        let Some(canvas) = children.iter().copied().find(|&child| holds_canvas(&self.tree.tiles, child)) else {
            return;
        };
        let Some(Tile::Container(Container::Linear(linear))) = self.tree.tiles.get_mut(id) else {
            self.fit_tile(canvas, room);
            return;
        };
        let horizontal = linear.dir == LinearDir::Horizontal;
        let gaps = GAP * children.len().saturating_sub(1) as f32;
        let along = (if horizontal { room.x } else { room.y } - gaps).max(1.0);
        let sizes = &mut self.sizes;
        let others = children.iter().filter(|&&child| child != canvas);
        let wanted: f32 = others.clone().map(|&child| *sizes.entry(child).or_insert(DROPPED)).sum();
        let share = if horizontal { CANVAS_SHARE } else { CANVAS_HEIGHT_SHARE };
        let free = along - (along * share).min(CANVAS_LEAST);
        let scale = (free / wanted.max(1.0)).min(1.0);
        for &child in others {
            linear.shares.set_share(child, sizes[&child] * scale);
        }
        let rest = along - wanted * scale;
        linear.shares.set_share(canvas, rest);
        let inner = if horizontal { Vec2::new(rest, room.y) } else { Vec2::new(room.x, rest) };
        self.fit_tile(canvas, inner);
    }

    /// The children of a container that have room in the window.
    pub(super) fn visible_children(&self, id: TileId) -> Vec<TileId> {
        let tiles = &self.tree.tiles;
        let children = tiles.get_container(id).map(Container::children_vec).unwrap_or_default();
        children.into_iter().filter(|&child| tiles.is_visible_in_layout(child)).collect()
    }

    /// The arrangement as it is now; `before` says what is hidden.
    pub(super) fn layout(&self, before: &DockLayout) -> Option<DockLayout> {
        let root = self.node(self.tree.root?)?;
        Some(DockLayout { root, hidden: before.hidden.clone() })
    }

    fn node(&self, id: TileId) -> Option<Node> {
        let nodes = |children: &[TileId]| children.iter().map(|&child| self.node(child)).collect::<Option<Vec<_>>>();
        match self.tree.tiles.get(id)? {
            Tile::Pane(panel) => Some(Node::Panel(*panel)),
            Tile::Container(Container::Tabs(tabs)) => {
                let mut parts = nodes(&tabs.children)?;
                let active = tabs.children.iter().position(|&child| Some(child) == tabs.active).unwrap_or_default();
                if parts.len() == 1 { parts.pop() } else { Some(Node::Tabs(parts, active)) }
            }
            Tile::Container(Container::Linear(linear)) => {
                let parts = nodes(&linear.children)?.into_iter().zip(&linear.children);
                let size = |child: &TileId| self.sizes.get(child).copied().unwrap_or(linear.shares[*child]);
                // Whole points and hundredths of a share are fine enough, and keep the text short.
                let parts = parts.map(|(part, child)| Part(((size(child) * 100.0).round() / 100.0).max(0.01), part));
                Some(if linear.dir == LinearDir::Horizontal {
                    Node::Row(parts.collect())
                } else {
                    Node::Column(parts.collect())
                })
            }
            Tile::Container(Container::Grid(_)) => None,
        }
    }
}

/// Every panel gets a bar with its heading, hence tabs, if only one.
fn insert(node: &Node, layout: &DockLayout, tiles: &mut Tiles<Panel>, sizes: &mut HashMap<TileId, f32>) -> TileId {
    match node {
        Node::Panel(panel) => {
            let pane = insert_pane(*panel, layout, tiles);
            tiles.insert_tab_tile(vec![pane])
        }
        Node::Tabs(parts, active) => {
            let children: Vec<_> = parts
                .iter()
                .map(|part| match part {
                    Node::Panel(panel) => insert_pane(*panel, layout, tiles),
                    other => insert(other, layout, tiles, sizes),
                })
                .collect();
            let mut tabs = Tabs::new(children);
            tabs.active = tabs.children.get(*active).copied();
            tiles.insert_container(tabs)
        }
        Node::Row(parts) => insert_linear(LinearDir::Horizontal, parts, layout, tiles, sizes),
        Node::Column(parts) => insert_linear(LinearDir::Vertical, parts, layout, tiles, sizes),
    }
}

fn insert_pane(panel: Panel, layout: &DockLayout, tiles: &mut Tiles<Panel>) -> TileId {
    let pane = tiles.insert_pane(panel);
    tiles.set_visible(pane, layout.shows(panel));
    pane
}

fn insert_linear(
    dir: LinearDir,
    parts: &[Part],
    layout: &DockLayout,
    tiles: &mut Tiles<Panel>,
    sizes: &mut HashMap<TileId, f32>,
) -> TileId {
    let children: Vec<_> = parts.iter().map(|Part(_, part)| insert(part, layout, tiles, sizes)).collect();
    let mut linear = Linear::new(dir, children.clone());
    let beside_canvas = children.iter().any(|&child| holds_canvas(tiles, child));
    for (&child, Part(size, _)) in children.iter().zip(parts) {
        linear.shares.set_share(child, *size);
        if beside_canvas {
            sizes.insert(child, *size);
        }
    }
    tiles.insert_container(linear)
}

pub(super) fn holds_canvas(tiles: &Tiles<Panel>, id: TileId) -> bool {
    match tiles.get(id) {
        Some(Tile::Pane(panel)) => *panel == Panel::Canvas,
        Some(Tile::Container(container)) => container.children().any(|&child| holds_canvas(tiles, child)),
        None => false,
    }
}

/// The panel in front within a tile.
pub(super) fn front_panel(tiles: &Tiles<Panel>, id: TileId) -> Option<Panel> {
    match tiles.get(id)? {
        Tile::Pane(panel) => Some(*panel),
        Tile::Container(container) => {
            let child = container.active_children(tiles).next()?;
            front_panel(tiles, child)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn tiles_give_back_the_arrangement_they_were_made_from() {
        let mut layout = DockLayout::default();
        for _ in 0..2 {
            let docked = Docked::new(&layout);
            assert_eq!(docked.layout(&layout).unwrap(), layout);
            layout = DockLayout {
                root: Node::Column(vec![
                    Part(120.0, Node::Tabs(vec![Node::Panel(Panel::Latent), Node::Panel(Panel::Labels)], 1)),
                    Part(1.0, Node::Panel(Panel::Canvas)),
                    Part(
                        90.0,
                        Node::Row(vec![
                            Part(2.0, Node::Panel(Panel::History)),
                            Part(1.0, Node::Panel(Panel::Attributes)),
                        ]),
                    ),
                ]),
                hidden: [Panel::History].into_iter().collect(),
            };
        }
    }
}
