//! Lips, teeth and the folds a smile makes.

use tiny_skia::{Path, Point};

use super::PortraitLabels;
use super::head::Head;
use super::looks::Paints;
use crate::data::procedural::geometry::{curve, ellipse, outline, pt};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

/// The mouth's edges, each from the picture's left corner to the right one.
struct Mouth {
    upper: Vec<Point>,
    part_top: Vec<Point>,
    part_bottom: Vec<Point>,
    lower: Vec<Point>,
}

impl Mouth {
    fn new(head: &Head) -> Self {
        let p = head.portrait;
        let smile = p.smile;
        let half = (8.6 + 2.9 * smile) * p.mouth_width;
        let y = 25.6;
        let corner_y = -2.4 * smile;
        let (full, gap) = (p.lip_fullness * (1.0 - 0.16 * smile.max(0.0)), p.mouth_gap);
        let at = |u: f32, dy: f32, lift: f32| head.on_face(u * half, y + dy, lift);
        let row = |heights: [f32; 7], lift: f32| {
            let across = [-1.0, -0.58, -0.24, 0.0, 0.24, 0.58, 1.0];
            across.iter().zip(heights).map(|(&u, dy): (&f32, f32)| at(u, dy, lift * (1.0 - u * u))).collect::<Vec<_>>()
        };
        // How far the middle hangs below the corners.
        let sag = 0.9 * smile.max(0.0);
        let peak = -2.7 * full;
        Self {
            upper: row(
                [
                    corner_y,
                    -1.5 * full + corner_y * 0.45,
                    peak,
                    peak + 0.75,
                    peak,
                    -1.5 * full + corner_y * 0.45,
                    corner_y,
                ],
                2.0,
            ),
            part_top: row(
                [corner_y, corner_y * 0.38 + sag * 0.5, sag, sag + 0.35, sag, corner_y * 0.38 + sag * 0.5, corner_y],
                2.0,
            ),
            part_bottom: row(
                [
                    corner_y,
                    corner_y * 0.30 + sag * 0.6 + gap * 0.70,
                    sag + gap * 0.97,
                    sag + 0.35 + gap,
                    sag + gap * 0.97,
                    corner_y * 0.30 + sag * 0.6 + gap * 0.70,
                    corner_y,
                ],
                2.0,
            ),
            lower: row(
                [
                    corner_y,
                    corner_y * 0.18 + sag + 2.2 * full + gap * 0.74,
                    sag + 3.55 * full + gap,
                    sag + 3.9 * full + gap,
                    sag + 3.55 * full + gap,
                    corner_y * 0.18 + sag + 2.2 * full + gap * 0.74,
                    corner_y,
                ],
                2.0,
            ),
        }
    }
}

pub(super) fn draw_mouth(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, face: &Path) {
    let mouth = Mouth::new(head);
    scene.clip_to(face);
    draw_surroundings(scene, head, paints, &mouth);
    scene.unclip();
    draw_lips(scene, head, paints, labels, &mouth);
    if head.portrait.mouth_gap > 0.0 {
        draw_inside(scene, paints, labels, &mouth, head.portrait.smiling);
    } else {
        scene.line(&curve(&mouth.part_top), paints.lip.shadow(0.22).alpha(0.90), 0.95);
    }
    for corner in [mouth.upper[0], mouth.upper[6]] {
        scene.soft(&ellipse(corner, 1.1, 0.9), paints.line.alpha(0.60), 0.9);
    }
}

fn draw_surroundings(scene: &mut Scene, head: &Head, paints: &Paints, mouth: &Mouth) {
    let p = head.portrait;
    let bottom = mouth.lower[3];
    scene.soft(&ellipse(pt(bottom.x, bottom.y + 1.5), 5.4, 1.3), paints.skin_shade.alpha(0.62), 1.6);
    let top = mouth.upper[3];
    scene.soft(&ellipse(pt(top.x, top.y - 2.4), 0.9, 1.7), paints.skin_shade.alpha(0.42), 0.9);
    let smile = p.smile.max(0.0);
    if smile > 0.0 {
        for side in [-1.0, 1.0] {
            let fold = curve(&[
                head.on_face(side * 7.4, 15.4, 0.0),
                head.on_face(side * 11.4, 18.6, 0.0),
                head.on_face(side * 13.4, 23.4, 0.0),
            ]);
            scene.line(&fold, paints.line.alpha(0.26 * smile), 0.8);
            let cheek = head.on_face(side * 15.2, 13.0, 0.0);
            scene.soft(&ellipse(cheek, 4.6, 2.8), paints.skin_light.alpha(0.30 * smile), 2.4);
        }
    }
}

fn draw_lips(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, mouth: &Mouth) {
    let mut lower = mouth.lower.clone();
    lower.reverse();
    let shape = outline(&[&mouth.upper, &lower]);
    let (top, bottom) = (mouth.upper[3], mouth.lower[3]);
    let ink = Ink::linear(
        pt(top.x, top.y - 1.0),
        pt(top.x, bottom.y),
        &[
            (0.0, paints.lip.shadow(0.02).opaque()),
            (0.42, paints.lip.shadow(0.08).opaque()),
            (0.52, paints.lip.lighter(0.035).opaque()),
            (1.0, paints.lip.shadow(0.04).opaque()),
        ],
    );
    scene.label(&shape, ink, labels.lips);
    scene.clip_to(&shape);
    let gleam = paints.lip.lighter(0.16).mix(Tone::hex(0xffffff), 0.15);
    let light = head.portrait.looks.light.signum();
    let middle = pt(bottom.x + light * 1.2, (mouth.part_bottom[3].y + bottom.y) * 0.5);
    scene.soft(&ellipse(middle, 3.4, 0.9), gleam.alpha(0.50), 1.1);
    scene.unclip();
}

fn draw_inside(scene: &mut Scene, paints: &Paints, labels: &PortraitLabels, mouth: &Mouth, teeth: bool) {
    let mut bottom = mouth.part_bottom.clone();
    bottom.reverse();
    let shape = outline(&[&mouth.part_top, &bottom]);
    let (top, low) = (mouth.part_top[3], mouth.part_bottom[3]);
    let deep = Tone::hex(0x4a1519);
    let ink = Ink::linear(top, low, &[(0.0, deep.lighter(-0.08).opaque()), (1.0, Tone::hex(0x8d3a3c).opaque())]);
    scene.label(&shape, ink, labels.inner_mouth);
    scene.clip_to(&shape);
    let gap = low.y - top.y;
    if teeth {
        let mut edge: Vec<Point> =
            mouth.part_top.iter().zip(&mouth.part_bottom).map(|(a, b)| pt(a.x, a.y + (b.y - a.y) * 0.72)).collect();
        edge.reverse();
        let teeth = outline(&[&mouth.part_top, &edge]);
        let ivory = Tone::hex(0xfbf6ee);
        let side = ivory.mix(deep, 0.35);
        let (left, right) = (mouth.part_top[0], mouth.part_top[6]);
        let ink = Ink::linear(
            left,
            right,
            &[(0.08, side.opaque()), (0.3, ivory.opaque()), (0.7, ivory.opaque()), (0.92, side.opaque())],
        );
        scene.paint(&teeth, ink);
        scene.soft(&ellipse(pt(top.x, top.y - 0.3), 7.0, 0.7), deep.alpha(0.35), 0.8);
    } else {
        scene.soft(&ellipse(pt(low.x, low.y - gap * 0.1), 3.4, gap * 0.3), Tone::hex(0xc26464).alpha(0.8), 0.8);
    }
    scene.unclip();
    scene.line(&curve(&mouth.part_top), paints.lip.shadow(0.2).alpha(0.55), 0.6);
}
