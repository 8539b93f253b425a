//! The head as a solid that turns: projection of face points, the skull's outline, skin shading, ears.

use tiny_skia::{Path, Point};

use super::PortraitLabels;
use super::looks::Paints;
use super::params::Portrait;
use crate::data::procedural::geometry::{blob, curve, ellipse, pt, tilted_ellipse};
use crate::data::procedural::scene::{Ink, Scene};

/// The head's own coordinates: origin between the eyes, x to the picture's right, y down, z towards the viewer.
/// Skull top at y = -40, chin at y = 38 for a neutral face.
pub(super) struct Head<'a> {
    pub(super) portrait: &'a Portrait,
    sin: f32,
    cos: f32,
}

/// Right half of the outline: x, y, and z on the side turned away from us (near) and the side turned into the picture
/// (far). The near side's rim lies behind the ear, so it swings outwards; the far side's rim is the cheek.
const RIM: [(f32, f32, f32, f32); 8] = [
    (0.0, -40.0, -5.0, -5.0),
    (16.5, -36.5, -11.0, 1.0),
    (25.5, -23.0, -13.0, 6.0),
    (27.8, -6.0, -9.0, 8.0),
    (26.8, 9.0, -3.0, 9.5),
    (22.5, 23.0, 3.0, 10.5),
    (10.5, 35.0, 15.0, 16.5),
    (0.0, 38.2, 18.0, 18.0),
];

impl<'a> Head<'a> {
    pub(super) fn new(portrait: &'a Portrait) -> Self {
        let (sin, cos) = portrait.yaw.sin_cos();
        Self { portrait, sin, cos }
    }

    /// A point of the solid as seen.
    pub(super) fn at(&self, x: f32, y: f32, z: f32) -> Point {
        let x = x * self.portrait.face_width;
        pt(x * self.cos + z * self.sin, y + self.portrait.pitch * (z - 8.0))
    }

    /// A point of the face's surface, `lift` design pixels above it.
    pub(super) fn on_face(&self, x: f32, y: f32, lift: f32) -> Point {
        self.at(x, y, face_depth(x, y) + lift)
    }

    /// A point of the seen outline, moved outwards by (dx, dy).
    pub(super) fn rim(&self, side: f32, index: usize, dx: f32, dy: f32) -> Point {
        let (x, y, near, far) = RIM[index];
        let (x, y) = self.shaped(x, y);
        let z = if side * self.sin > 0.0 { far } else { near };
        let seen = self.at(side * x, y, z);
        pt(seen.x + side * dx, seen.y + dy)
    }

    /// How strongly the head turns, signed: 0 front, positive to the picture's right.
    pub(super) fn turn(&self) -> f32 {
        self.sin
    }

    pub(super) fn outline(&self) -> Path {
        let mut points = Vec::with_capacity(14);
        points.extend((0..8).map(|i| self.rim(1.0, i, 0.0, 0.0)));
        points.extend((1..7).rev().map(|i| self.rim(-1.0, i, 0.0, 0.0)));
        blob(&points)
    }

    /// Jaw and chin as this face has them.
    fn shaped(&self, x: f32, y: f32) -> (f32, f32) {
        let portrait = self.portrait;
        if y < 20.0 {
            return (x, y);
        }
        let age = if portrait.young { 0.0 } else { 0.9 };
        let wide = (portrait.jaw - 0.4) * if y < 30.0 { 3.2 } else { 3.6 };
        (if x > 0.0 { x + wide + age * 0.6 } else { x }, y + portrait.chin * ((y - 20.0) / 18.0))
    }

    pub(super) fn chin_y(&self) -> f32 {
        38.2 + self.portrait.chin
    }
}

fn face_depth(x: f32, y: f32) -> f32 {
    24.0 * (1.0 - (x / 31.0).powi(2) - ((y + 1.0) / 48.0).powi(2)).max(0.0).sqrt()
}

/// Ears behind the face; with `near_only` the one that a turned head shows in full, in front of the cheek.
pub(super) fn draw_ears(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, near_only: bool) {
    for side in [-1.0, 1.0] {
        let near = side * head.turn() < -0.14;
        if near != near_only || side * head.turn() > 0.30 {
            continue;
        }
        let size = head.portrait.ear_size;
        let center = head.at(side * 27.9, 5.5, if near { 0.5 } else { -1.0 });
        let shape = tilted_ellipse(center, 4.3 * size, 7.6 * size, side * 10.0);
        let lit = paints.skin.mix(paints.blush, 0.22);
        let ink =
            Ink::radial(pt(center.x, center.y - 3.0), 11.0, &[(0.0, lit.opaque()), (1.0, paints.skin_shade.opaque())]);
        scene.label(&shape, ink, labels.ears);
        scene.clip_to(&shape);
        scene.soft(
            &tilted_ellipse(pt(center.x - side * 0.6, center.y + 0.3), 1.9, 4.4, side * 10.0),
            paints.line.alpha(0.45),
            1.2,
        );
        scene.unclip();
        let fold = curve(&[
            pt(center.x - side * 2.2, center.y - 4.8),
            pt(center.x + side * 1.7, center.y - 4.6),
            pt(center.x + side * 2.4, center.y - 0.4),
            pt(center.x + side * 0.6, center.y + 3.6),
        ]);
        scene.line(&fold, paints.line.alpha(0.40), 0.7);
    }
}

/// The face's skin with its broad light and shade.
pub(super) fn draw_face(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels) -> Path {
    let shape = head.outline();
    let light = head.portrait.looks.light;
    let lit = paints.skin_light.mix(paints.skin, 0.45);
    let ink = Ink::linear(
        pt(light * 30.0, -26.0),
        pt(-light * 26.0, 34.0),
        &[(0.0, lit.opaque()), (0.5, paints.skin.opaque()), (1.0, paints.skin.mix(paints.skin_shade, 0.6).opaque())],
    );
    scene.label(&shape, ink, labels.skin);
    scene.clip_to(&shape);
    shade_planes(scene, head, paints, light);
    scene.unclip();
    shape
}

fn shade_planes(scene: &mut Scene, head: &Head, paints: &Paints, light: f32) {
    let dark = -light.signum();
    let strength = light.abs();
    // The side turned from the light, from temple to jaw.
    let side = blob(&[
        head.rim(dark, 1, 6.0, -4.0),
        head.rim(dark, 3, 8.0, 0.0),
        head.rim(dark, 5, 8.0, 4.0),
        head.rim(dark, 6, 6.0, 8.0),
        head.on_face(dark * 9.0, 33.0, 0.0),
        head.on_face(dark * 18.5, 20.0, 0.0),
        head.on_face(dark * 22.5, 4.0, 0.0),
        head.on_face(dark * 23.0, -14.0, 0.0),
    ]);
    scene.soft(&side, paints.skin_shade.alpha(0.25 + 0.40 * strength), 6.0);
    // Under the lower lip and along the jaw.
    scene.soft(&ellipse(head.on_face(0.0, 41.0, 0.0), 17.0, 4.5), paints.skin_shade.alpha(0.45), 4.0);
    // Light on forehead and lit cheek.
    scene.soft(&ellipse(head.on_face(light * 7.0, -20.0, 0.0), 11.0, 6.5), paints.skin_light.alpha(0.55), 6.0);
    scene.soft(
        &tilted_ellipse(head.on_face(light * 14.0, 8.5, 0.0), 5.5, 3.6, -18.0 * light.signum()),
        paints.skin_light.alpha(0.60),
        3.0,
    );
    scene.soft(&ellipse(head.on_face(0.0, 34.0, 0.0), 4.6, 2.6), paints.skin_light.alpha(0.38), 2.4);
    let smile = head.portrait.smile.max(0.0);
    let blush = (0.16 + 0.22 * smile) * head.portrait.looks.blush;
    for side in [-1.0, 1.0] {
        let center = head.on_face(side * 15.8, 12.0 - 1.6 * smile, 0.0);
        scene.soft(&ellipse(center, 5.6, 3.8), paints.blush.alpha(blush), 5.0);
    }
}
