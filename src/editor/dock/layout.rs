//! An arrangement of panels as a value and as text.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Panel;

/// No arrangement of a handful of panels is longer, in bytes.
const MAX_TEXT_BYTES: usize = 16 << 10;
/// No arrangement is nested more deeply.
const MAX_DEPTH: usize = 12;
/// Sizes in points, and shares of a column, stay within this.
const SIZE_RANGE: std::ops::RangeInclusive<f32> = 0.01..=10_000.0;
/// Width of a panel that an older arrangement does not know, in points.
const ADDED_WIDTH: f32 = 240.0;
/// Height of the timeline below the canvas, in points.
const TIMELINE_HEIGHT: f32 = 190.0;
/// Height of the wall of variations below the canvas, in points.
const VARIATIONS_HEIGHT: f32 = 300.0;
/// Height of the findings about a region below the canvas, in points.
const CONTROLS_HEIGHT: f32 = 300.0;
/// Height of the training panel below the canvas, in points.
const TRAINING_HEIGHT: f32 = 330.0;

/// Where the panels are and which of them are hidden. Every panel has one place, the hidden ones too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DockLayout {
    /// The window below the bar.
    pub root: Node,
    /// Panels that keep their place but are not shown.
    #[serde(default)]
    pub hidden: BTreeSet<Panel>,
}

/// A part of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// One panel.
    Panel(Panel),
    /// Behind each other; the number says which is in front.
    Tabs(Vec<Node>, usize),
    /// Beside each other.
    Row(Vec<Part>),
    /// Above each other.
    Column(Vec<Part>),
}

/// A part and its size along the row or column: in points beside the canvas, which takes the rest; as a share otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part(pub f32, pub Node);

/// Why a text is no arrangement of the panels.
#[derive(Debug, thiserror::Error)]
pub enum DockLayoutError {
    /// Not the RON of an arrangement.
    #[error("the arrangement of the panels cannot be read ({0}); reset the layout in the View menu")]
    Parse(#[from] ron::error::SpannedError),
    /// It breaks a rule.
    #[error("the arrangement of the panels is not valid ({0}); reset the layout in the View menu")]
    Invalid(&'static str),
}

impl Default for DockLayout {
    fn default() -> Self {
        let column = |upper: (f32, Panel), lower: (f32, Panel)| {
            Node::Column(vec![Part(upper.0, Node::Panel(upper.1)), Part(lower.0, Node::Panel(lower.1))])
        };
        let left = column((3.0, Panel::Labels), (2.0, Panel::History));
        let right = column((2.0, Panel::Attributes), (3.0, Panel::Latent));
        // Mask and result beside each other leave room below them.
        let middle = Node::Column(vec![
            Part(420.0, Node::Panel(Panel::Canvas)),
            Part(TIMELINE_HEIGHT, Node::Panel(Panel::Timeline)),
            Part(VARIATIONS_HEIGHT, Node::Panel(Panel::Variations)),
            Part(CONTROLS_HEIGHT, Node::Panel(Panel::Controls)),
            Part(TRAINING_HEIGHT, Node::Panel(Panel::Training)),
        ]);
        let root = Node::Row(vec![Part(216.0, left), Part(600.0, middle), Part(280.0, right)]);
        Self { root, hidden: [Panel::Training, Panel::Timeline, Panel::Variations, Panel::Controls].into() }
    }
}

impl DockLayout {
    /// From text; the empty text is the usual arrangement. Panels that the text does not know are added at the right.
    ///
    /// # Errors
    /// The text is no arrangement, or it repeats a panel, hides the canvas, nests too deeply or has absurd sizes.
    pub fn parse(text: &str) -> Result<Self, DockLayoutError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(DockLayoutError::Invalid("it is too long"));
        }
        let mut layout: Self = ron::from_str(text)?;
        layout.validate()?;
        layout.add_missing();
        Ok(layout)
    }

    /// As [`Self::parse`] reads it, on one line.
    pub fn to_text(&self) -> String {
        // Plain enums and numbers: RON can express them all.
        ron::to_string(self).unwrap_or_default()
    }

    /// Whether the panel is shown, if perhaps behind another tab.
    pub fn shows(&self, panel: Panel) -> bool {
        !self.hidden.contains(&panel)
    }

    /// Whether the panel can be seen: shown, and not behind another tab.
    pub fn is_in_front(&self, panel: Panel) -> bool {
        self.shows(panel) && is_in_front(&self.root, panel, &self.hidden)
    }

    /// Shows or hides a panel; the canvas stays. What is shown comes in front of its neighbours.
    pub fn toggle(&mut self, panel: Panel) {
        if self.hidden.contains(&panel) {
            self.bring_to_front(panel);
        } else if panel != Panel::Canvas {
            self.hidden.insert(panel);
        }
    }

    /// Shows a panel, in front of the tabs that it is among.
    pub fn bring_to_front(&mut self, panel: Panel) {
        self.hidden.remove(&panel);
        choose_tabs(&mut self.root, panel);
    }

    /// The rules of [`Self::parse`], for an arrangement that comes from somewhere else.
    ///
    /// # Errors
    /// [`DockLayoutError::Invalid`] with the rule that is broken.
    pub fn validate(&self) -> Result<(), DockLayoutError> {
        let mut seen = BTreeSet::new();
        check(&self.root, false, 0, &mut seen).map_err(DockLayoutError::Invalid)?;
        if !seen.contains(&Panel::Canvas) || self.hidden.contains(&Panel::Canvas) {
            return Err(DockLayoutError::Invalid("the canvas is missing"));
        }
        Ok(())
    }

    fn add_missing(&mut self) {
        let mut seen = BTreeSet::new();
        collect(&self.root, &mut seen);
        let mut missing: Vec<_> = Panel::ALL.into_iter().filter(|panel| !seen.contains(panel)).collect();
        // They need width, so they go below the canvas.
        let wide = [
            (Panel::Timeline, TIMELINE_HEIGHT),
            (Panel::Variations, VARIATIONS_HEIGHT),
            (Panel::Controls, CONTROLS_HEIGHT),
        ];
        for (panel, height) in wide {
            if missing.contains(&panel) && add_below_canvas(&mut self.root, panel, height) {
                self.hidden.insert(panel);
                missing.retain(|other| *other != panel);
            }
        }
        if missing.is_empty() {
            return;
        }
        // An arrangement from before there was training does not ask for it.
        if missing.contains(&Panel::Training) {
            self.hidden.insert(Panel::Training);
        }
        let added = Part(ADDED_WIDTH, Node::Tabs(missing.into_iter().map(Node::Panel).collect(), 0));
        match &mut self.root {
            Node::Row(parts) => parts.push(added),
            _ => {
                let root = std::mem::replace(&mut self.root, Node::Row(Vec::new()));
                self.root = Node::Row(vec![Part(ADDED_WIDTH, root), added]);
            }
        }
    }
}

fn add_below_canvas(node: &mut Node, added: Panel, height: f32) -> bool {
    match node {
        Node::Panel(Panel::Canvas) => {
            let parts = [(420.0, Panel::Canvas), (height, added)];
            *node = Node::Column(parts.map(|(size, panel)| Part(size, Node::Panel(panel))).into());
            true
        }
        // The canvas is not behind a tab.
        Node::Panel(_) | Node::Tabs(..) => false,
        Node::Row(parts) | Node::Column(parts) => {
            parts.iter_mut().any(|Part(_, part)| add_below_canvas(part, added, height))
        }
    }
}

fn check(node: &Node, covered: bool, depth: usize, seen: &mut BTreeSet<Panel>) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err("it is nested too deeply");
    }
    match node {
        Node::Panel(Panel::Canvas) if covered => Err("the canvas is behind a tab"),
        Node::Panel(panel) if seen.insert(*panel) => Ok(()),
        Node::Panel(_) => Err("a panel is there twice"),
        Node::Tabs(parts, active) => {
            if *active >= parts.len() {
                return Err("it shows a tab that is not there");
            }
            parts.iter().try_for_each(|part| check(part, covered || parts.len() > 1, depth + 1, seen))
        }
        Node::Row(parts) | Node::Column(parts) => {
            if parts.is_empty() {
                return Err("a row or column is empty");
            }
            parts.iter().try_for_each(|Part(size, part)| {
                if !SIZE_RANGE.contains(size) {
                    return Err("a size is absurd");
                }
                check(part, covered, depth + 1, seen)
            })
        }
    }
}

/// The front tab is the chosen one, or the first that is shown.
fn is_in_front(node: &Node, panel: Panel, hidden: &BTreeSet<Panel>) -> bool {
    let is_shown = |part: &&Node| {
        let mut panels = BTreeSet::new();
        collect(part, &mut panels);
        !panels.is_subset(hidden)
    };
    match node {
        Node::Panel(own) => *own == panel,
        Node::Tabs(parts, active) => {
            let front = parts.get(*active).filter(is_shown).or_else(|| parts.iter().find(is_shown));
            front.is_some_and(|part| is_in_front(part, panel, hidden))
        }
        Node::Row(parts) | Node::Column(parts) => parts.iter().any(|Part(_, part)| is_in_front(part, panel, hidden)),
    }
}

/// Answers whether the panel is in the node.
fn choose_tabs(node: &mut Node, panel: Panel) -> bool {
    match node {
        Node::Panel(own) => *own == panel,
        Node::Tabs(parts, active) => {
            let holder = parts.iter_mut().position(|part| choose_tabs(part, panel));
            *active = holder.unwrap_or(*active);
            holder.is_some()
        }
        Node::Row(parts) | Node::Column(parts) => parts.iter_mut().any(|Part(_, part)| choose_tabs(part, panel)),
    }
}

fn collect(node: &Node, seen: &mut BTreeSet<Panel>) {
    match node {
        Node::Panel(panel) => drop(seen.insert(*panel)),
        Node::Tabs(parts, _) => parts.iter().for_each(|part| collect(part, seen)),
        Node::Row(parts) | Node::Column(parts) => parts.iter().for_each(|Part(_, part)| collect(part, seen)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::hostile;

    /// Arrangements that users can drag together: every panel once, the canvas never behind a tab.
    fn layouts() -> impl Strategy<Value = DockLayout> {
        let order = Just(Panel::ALL.to_vec()).prop_shuffle();
        let shape = prop::collection::vec((0u8..3, 0.5f32..900.0), Panel::ALL.len());
        let hidden = prop::collection::btree_set(prop::sample::select(&Panel::ALL[1..]), 0..3);
        (order, shape, hidden).prop_map(|(order, shape, hidden)| {
            let mut root = Node::Panel(order[0]);
            for (&panel, &(kind, size)) in order[1..].iter().zip(&shape) {
                let parts = vec![Part(size, root), Part(size * 0.7, Node::Panel(panel))];
                let mut seen = BTreeSet::new();
                parts.iter().for_each(|Part(_, part)| collect(part, &mut seen));
                root = match kind {
                    0 => Node::Row(parts),
                    1 => Node::Column(parts),
                    _ if seen.contains(&Panel::Canvas) => Node::Row(parts),
                    _ => Node::Tabs(parts.into_iter().map(|Part(_, part)| part).collect(), 1),
                };
            }
            DockLayout { root, hidden }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(layout in layouts()) {
            prop_assert_eq!(DockLayout::parse(&layout.to_text()).unwrap(), layout);
        }
    }

    #[test]
    fn damaged_text_is_refused_without_a_panic() {
        let text = DockLayout::default().to_text();
        assert_eq!(DockLayout::parse(&text).unwrap(), DockLayout::default());
        hostile::survives(text.as_bytes(), 31, |bytes| {
            if let Ok(layout) = DockLayout::parse(&String::from_utf8_lossy(bytes)) {
                assert!(layout.validate().is_ok() && layout.shows(Panel::Canvas));
            }
        });
    }

    #[test]
    fn rules_are_kept() {
        let canvas = Node::Panel(Panel::Canvas);
        let refused = [
            Node::Panel(Panel::Labels),
            Node::Row(vec![Part(1.0, canvas.clone()), Part(1.0, canvas.clone())]),
            Node::Tabs(vec![canvas.clone(), Node::Panel(Panel::Labels)], 0),
            Node::Row(vec![Part(1.0, canvas.clone()), Part(f32::NAN, Node::Panel(Panel::Labels))]),
            Node::Row(vec![Part(1.0, canvas.clone()), Part(1.0, Node::Tabs(vec![], 0))]),
            (0..40).fold(canvas.clone(), |node, _| Node::Column(vec![Part(1.0, node)])),
        ];
        for root in refused {
            let text = DockLayout { root, hidden: BTreeSet::new() }.to_text();
            assert!(DockLayout::parse(&text).is_err(), "{text}");
        }
        let hidden = [Panel::Canvas].into_iter().collect();
        assert!(DockLayout { root: canvas.clone(), hidden }.validate().is_err());
        let alone = DockLayout::parse(&DockLayout { root: canvas, hidden: BTreeSet::new() }.to_text()).unwrap();
        let mut seen = BTreeSet::new();
        collect(&alone.root, &mut seen);
        assert_eq!(seen.len(), Panel::ALL.len(), "panels that the text does not know are added");
    }

    #[test]
    fn panels_come_and_go_and_the_canvas_stays() {
        let mut layout = DockLayout::default();
        layout.toggle(Panel::History);
        layout.toggle(Panel::Canvas);
        assert!(!layout.shows(Panel::History) && layout.shows(Panel::Canvas));
        layout.toggle(Panel::History);
        assert_eq!(layout, DockLayout::default());
    }

    #[test]
    fn one_of_the_tabs_is_in_front() {
        let panels = [Panel::Timeline, Panel::Variations, Panel::History];
        let root = Node::Row(vec![
            Part(1.0, Node::Panel(Panel::Canvas)),
            Part(1.0, Node::Tabs(panels.map(Node::Panel).into(), 0)),
        ]);
        let mut layout = DockLayout { root, hidden: BTreeSet::new() };
        let front = |layout: &DockLayout| panels.map(|panel| layout.is_in_front(panel));
        assert_eq!(front(&layout), [true, false, false]);
        layout.bring_to_front(Panel::Variations);
        assert_eq!(front(&layout), [false, true, false]);
        layout.toggle(Panel::Variations);
        assert_eq!(front(&layout), [true, false, false], "the first one that is shown");
        layout.toggle(Panel::Variations);
        assert_eq!(front(&layout), [false, true, false]);
        assert!(layout.is_in_front(Panel::Canvas) && layout.validate().is_ok());
    }
}
