//! What a tool shows above the mask.

use crate::document::Point;

/// Lines that the canvas draws above the mask while a tool is in use. They are no part of the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// The lines, later ones above earlier ones.
    pub outlines: Vec<Outline>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its corners, in mask pixels.
    pub points: Vec<Point>,
    /// Whether the last corner is joined to the first.
    pub closed: bool,
    /// What it stands for.
    pub kind: OutlineKind,
}

/// What a line stands for, which decides how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutlineKind {
    /// A shape being drawn.
    Shape,
    /// The border of what is selected.
    Selection,
    /// Something to grab.
    Handle,
    /// A help line.
    Guide,
}
