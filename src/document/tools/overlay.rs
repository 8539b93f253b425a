//! What a tool shows above the mask.

use crate::document::{MirrorAxis, Point};

/// Lines that the canvas draws above the mask while a tool is in use. They are no part of the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// The lines, later ones above earlier ones.
    pub outlines: Vec<Outline>,
}

/// One line, or one handle.
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
    /// A place to grab or click: one point, shown at the same size at any zoom.
    Handle,
    /// A help line: what would close a shape, or its mirror image.
    Guide,
}

impl Overlay {
    /// Adds a line; one without points is left out.
    pub(super) fn push(&mut self, kind: OutlineKind, points: Vec<Point>, closed: bool) {
        if !points.is_empty() {
            self.outlines.push(Outline { points, closed, kind });
        }
    }

    /// Adds handles.
    pub(super) fn push_handles(&mut self, places: impl IntoIterator<Item = Point>) {
        places.into_iter().for_each(|place| self.push(OutlineKind::Handle, vec![place], false));
    }

    /// Puts the mirror image of every shape below, as guides.
    pub(super) fn mirrored(mut self, axis: Option<MirrorAxis>) -> Self {
        let Some(axis) = axis else { return self };
        let shapes = self.outlines.iter().filter(|outline| outline.kind == OutlineKind::Shape);
        let images: Vec<_> = shapes
            .map(|shape| Outline {
                points: shape.points.iter().map(|&point| axis.reflect(point)).collect(),
                closed: shape.closed,
                kind: OutlineKind::Guide,
            })
            .collect();
        self.outlines.splice(0..0, images);
        self
    }
}
