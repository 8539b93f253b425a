//! Eyes, brows and nose.

use tiny_skia::{Path, Point};

use super::PortraitLabels;
use super::head::Head;
use super::looks::Paints;
use crate::data::procedural::geometry::{blob, curve, ellipse, outline, pt, ribbon, tilted_ellipse};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

/// Distance of an eye's centre from the face's middle.
const EYE_X: f32 = 12.6;

/// One eye's lids: the upper and lower edge from the inner to the outer corner.
struct Lids {
    upper: Vec<Point>,
    lower: Vec<Point>,
    center: Point,
}

impl Lids {
    fn new(head: &Head, side: f32) -> Self {
        let p = head.portrait;
        let x = EYE_X * p.eye_spacing;
        let half = 6.5 * p.eye_size;
        let squint = 1.0 - 0.16 * p.smile.max(0.0);
        let top = 3.85 * p.eye_size * p.eye_open * squint;
        let bottom = 2.6 * p.eye_size * (1.0 - 0.28 * p.smile.max(0.0));
        let at = |u: f32, y: f32| head.on_face(side * (x + u * half), y, 0.0);
        let slant = p.eye_slant;
        Self {
            upper: vec![
                at(-1.0, 1.0 + 0.3 * slant),
                at(-0.55, -top * 0.74),
                at(0.02, -top),
                at(0.58, -top * 0.80 - 0.3 * slant),
                at(1.0, -0.5 - 0.6 * slant),
            ],
            lower: vec![
                at(1.0, -0.5 - 0.6 * slant),
                at(0.55, bottom * 0.72 - 0.3 * slant),
                at(-0.10, bottom),
                at(-0.62, bottom * 0.80),
                at(-1.0, 1.0 + 0.3 * slant),
            ],
            center: head.on_face(side * x, 0.0, 0.0),
        }
    }

    fn opening(&self) -> Path {
        outline(&[&self.upper, &self.lower])
    }

    fn shifted_upper(&self, dy: f32, shrink: f32) -> Vec<Point> {
        let middle = self.center.x;
        self.upper.iter().map(|p| pt(middle + (p.x - middle) * shrink, p.y + dy)).collect()
    }
}

pub(super) fn draw_eyes(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, face: &Path) {
    for side in [-1.0, 1.0] {
        let lids = Lids::new(head, side);
        draw_socket(scene, head, paints, face, &lids, side);
        draw_eyeball(scene, head, paints, labels, &lids);
        draw_lid_lines(scene, head, paints, &lids, side);
    }
}

fn draw_socket(scene: &mut Scene, head: &Head, paints: &Paints, face: &Path, lids: &Lids, side: f32) {
    let size = head.portrait.eye_size;
    scene.clip_to(face);
    let socket = ellipse(pt(lids.center.x - side * 0.8, lids.center.y - 2.8), 8.6 * size, 5.0 * size);
    let makeup = head.portrait.looks.lip_tint;
    let shade = if head.portrait.male { paints.skin_shade } else { paints.skin_shade.mix(paints.lip, 0.35 * makeup) };
    scene.soft(&socket, shade.alpha(0.42), 3.2);
    let lid = ellipse(pt(lids.center.x, lids.center.y - 4.9 * size), 4.4 * size, 1.3 * size);
    scene.soft(&lid, paints.skin_light.alpha(0.30), 1.6);
    scene.unclip();
}

fn draw_eyeball(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, lids: &Lids) {
    let p = head.portrait;
    let opening = lids.opening();
    let white = Tone::hex(0xf7f2ec).mix(paints.skin_shade, 0.13);
    scene.label(&opening, Ink::Solid(white.opaque()), labels.eyes);
    scene.clip_to(&opening);
    let iris_radius = 3.9 * p.eye_size;
    let iris = pt(lids.center.x + p.gaze + 1.6 * head.turn(), lids.center.y - 0.75);
    let dark = paints.eye.lighter(-0.16);
    let light = paints.eye.lighter(0.10).saturate(1.15);
    let ink = Ink::radial(
        pt(iris.x, iris.y + 1.4),
        iris_radius * 1.35,
        &[(0.0, light.opaque()), (0.55, paints.eye.opaque()), (1.0, dark.opaque())],
    );
    scene.paint(&ellipse(iris, iris_radius, iris_radius), ink);
    scene.line(&ellipse(iris, iris_radius - 0.2, iris_radius - 0.2), dark.lighter(-0.08).alpha(0.75), 0.6);
    scene.paint(&ellipse(iris, iris_radius * 0.46, iris_radius * 0.46), Ink::Solid(Tone::hex(0x120d0c).opaque()));
    // The lid's shadow on the ball.
    let mut shadow = lids.shifted_upper(-1.0, 1.1);
    let mut under = lids.shifted_upper(1.1, 1.0);
    under.reverse();
    shadow.append(&mut under);
    scene.soft(&blob(&shadow), paints.line.lighter(-0.1).alpha(0.50), 1.1);
    let glint = pt(iris.x + p.looks.light.signum() * 1.25, iris.y - 1.35);
    scene.paint(&ellipse(glint, 0.95, 0.95), Ink::Solid(Tone::hex(0xffffff).alpha(0.95)));
    scene.paint(
        &ellipse(pt(iris.x - p.looks.light.signum() * 1.3, iris.y + 1.5), 0.55, 0.55),
        Ink::Solid(Tone::hex(0xffffff).alpha(0.40)),
    );
    // Tear duct.
    scene.soft(&ellipse(lids.upper[0], 1.2, 1.0), paints.blush.alpha(0.55), 0.8);
    scene.unclip();
}

fn draw_lid_lines(scene: &mut Scene, head: &Head, paints: &Paints, lids: &Lids, side: f32) {
    let p = head.portrait;
    let lash = Tone::hex(0x1f1512).mix(paints.line, if p.male { 0.45 } else { 0.12 });
    let weight = if p.male { 0.75 } else { 1.0 };
    // A tapered line: thin at the tear duct, heavier outside.
    let u = &lids.upper;
    let line =
        ribbon(&[(u[0], 0.2), (u[1], 0.42 * weight), (u[2], 0.62 * weight), (u[3], 0.78 * weight), (u[4], 0.40)], true);
    scene.paint(&line, Ink::Solid(lash.alpha(0.95)));
    if !p.male {
        let corner = u[4];
        let wing = ribbon(
            &[
                (u[3], 0.5),
                (pt(corner.x - side * 0.2, corner.y - 0.5), 0.6),
                (pt(corner.x + side * 1.9, corner.y - 1.9), 0.12),
            ],
            true,
        );
        scene.paint(&wing, Ink::Solid(lash.opaque()));
    }
    scene.line(&curve(&lids.lower[..4]), paints.line.alpha(0.40), 0.55);
    let droop = if p.young { 0.0 } else { 0.5 };
    scene.line(&curve(&lids.shifted_upper(-2.0 + droop, 0.98)), paints.line.alpha(0.42), 0.6);
}

pub(super) fn draw_brows(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels) {
    let p = head.portrait;
    let thick = p.brow_thickness;
    let lift = p.brow_height + 0.7 * p.smile.max(0.0);
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| head.on_face(side * x * p.eye_spacing, y - lift, 0.5);
        let spine = [
            (at(5.4, -9.3), 1.05 * thick),
            (at(9.6, -10.0 - 0.25 * p.brow_arch), 1.35 * thick),
            (at(14.4, -10.4 - 0.65 * p.brow_arch), 1.12 * thick),
            (at(18.2, -9.2 - 0.4 * p.brow_arch), 0.75 * thick),
            (at(20.8, -7.1 - 0.1 * p.brow_arch), 0.22),
        ];
        let soft = paints.brow.mix(paints.skin, 0.28);
        let ink = Ink::linear(spine[0].0, spine[4].0, &[(0.0, soft.opaque()), (0.35, paints.brow.opaque())]);
        scene.label(&ribbon(&spine, true), ink, labels.brows);
    }
}

pub(super) fn draw_nose(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels) {
    let p = head.portrait;
    let (wide, long) = (p.nose_width, p.nose_length);
    let tip = head.at(0.0, 14.0 * long, 29.0);
    let base = head.at(0.0, 17.4 * long, 25.0);
    let ridge = |side: f32| {
        [
            head.at(side * 2.3, -2.5, 22.0),
            head.at(side * 2.6 * wide, 6.0, 25.5),
            head.at(side * 5.2 * wide, 12.6 * long, 21.5),
            head.at(side * 5.7 * wide, 15.4 * long, 20.5),
            head.at(side * 3.2 * wide, 17.6 * long, 22.5),
        ]
    };
    let mut points = ridge(1.0).to_vec();
    points.push(base);
    points.extend(ridge(-1.0).into_iter().rev());
    let shape = blob(&points);
    let ball = ellipse(tip, 3.5 * wide, 3.3);
    scene.label(&shape, Ink::Hidden, labels.nose);
    scene.label(&ball, Ink::Hidden, labels.nose);
    shade_nose(scene, head, paints, &ridge, tip, base);
}

fn shade_nose(
    scene: &mut Scene,
    head: &Head,
    paints: &Paints,
    ridge: &impl Fn(f32) -> [Point; 5],
    tip: Point,
    base: Point,
) {
    let p = head.portrait;
    let (wide, long) = (p.nose_width, p.nose_length);
    let dark = -p.looks.light.signum();
    let edge = ridge(dark);
    let top = head.at(dark * 0.8, -3.0, 23.0);
    let plane = blob(&[
        top,
        head.at(dark * 1.2, 5.0, 27.0),
        pt(tip.x + dark * 1.6, tip.y),
        pt(edge[3].x, edge[3].y),
        edge[2],
        edge[1],
        pt(edge[0].x + dark * 1.4, edge[0].y - 1.5),
    ]);
    scene.soft(&plane, paints.skin_shade.alpha(0.30 + 0.30 * p.looks.light.abs()), 1.6);
    scene.soft(&ellipse(pt(base.x + dark * 1.0, base.y + 1.3), 5.4 * wide, 1.7), paints.skin_shade.alpha(0.65), 1.6);
    // Ball and wings.
    scene.soft(&ellipse(pt(tip.x - dark * 1.0, tip.y - 0.8), 2.5, 2.1), paints.skin_light.alpha(0.75), 1.6);
    let ridge_light =
        ribbon(&[(head.at(-dark * 0.7, 0.0, 24.0), 0.7), (pt(tip.x - dark * 0.9, tip.y - 2.0), 1.0)], true);
    scene.soft(&ridge_light, paints.skin_light.alpha(0.50), 1.2);
    scene.soft(&ellipse(tip, 3.4, 3.0), paints.blush.alpha(0.13 * p.looks.blush), 2.0);
    for side in [-1.0, 1.0] {
        let wing = ridge(side);
        let seen = 1.0 - (side * head.turn() * 1.6).clamp(0.0, 1.0);
        let fold = curve(&[
            pt(wing[2].x - side * 0.2, wing[2].y - 0.6),
            pt(wing[3].x + side * 0.25, wing[3].y - 0.4),
            pt(wing[4].x + side * 0.9, wing[4].y + 0.2),
        ]);
        scene.line(&fold, paints.line.alpha(0.20 + 0.28 * seen), 0.75);
        let nostril = head.at(side * 2.7 * wide, 16.9 * long, 24.5);
        let hole = tilted_ellipse(nostril, 1.35 * wide, 0.72, -side * 14.0);
        scene.paint(&hole, Ink::Solid(paints.line.lighter(-0.07).alpha(0.80)));
    }
}
