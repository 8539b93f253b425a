//! The figure's small head: a few strokes for the face, and its hair.

use tiny_skia::{Path, Point, Transform};

use super::OutfitLabels;
use super::body::CHIN_Y;
use super::looks::OutfitPaints;
use super::params::{Hair, Outfit};
use crate::data::procedural::geometry::{blob, curve, ellipse, lerp, outline, pt, tilted_ellipse};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

/// Where the head sits: turned around the neck.
pub(super) fn head_transform(outfit: &Outfit, placed: Transform) -> Transform {
    placed.pre_concat(Transform::from_rotate_at(outfit.head_tilt_degrees, 0.0, CHIN_Y + 1.0))
}

/// A closed shape from its right half, top to bottom.
fn symmetric(half: &[(f32, f32)]) -> Path {
    let right = half.iter().map(|&(x, y)| pt(x, y));
    let left = half.iter().rev().map(|&(x, y)| pt(-x, y));
    blob(&right.chain(left).collect::<Vec<_>>())
}

pub(super) fn draw_hair_back(scene: &mut Scene, outfit: &Outfit, paints: &OutfitPaints, labels: &OutfitLabels) {
    let dark = paints.hair.shadow(0.07);
    match outfit.hair {
        Hair::Long | Hair::Bob => {
            let low = match outfit.hair {
                Hair::Bob => lerp(14.5, 18.5, outfit.hair_length),
                _ => lerp(23.0, 34.0, outfit.hair_length),
            };
            let shape = symmetric(&[(4.4, 0.4), (6.9, 5.0), (7.6, 11.0), (7.4, low * 0.8), (4.6, low)]);
            let ink = Ink::linear(pt(0.0, 2.0), pt(0.0, 32.0), &[(0.0, paints.hair.opaque()), (1.0, dark.opaque())]);
            scene.label(&shape, ink, labels.hair);
        }
        Hair::Bun => {
            let ball = ellipse(pt(0.0, -2.0), 3.7, 3.4);
            scene.label(&ball, paints.across(pt(0.0, -2.0), 4.0, paints.hair), labels.hair);
        }
        Hair::Curly => {
            let big = lerp(0.85, 1.25, outfit.hair_length);
            for i in 0..11 {
                let turn = (i as f32 / 10.0 * 236.0 - 208.0).to_radians();
                let center = pt(turn.cos() * 6.1 * big, 7.4 + turn.sin() * 6.6 * big);
                let tone = if i % 2 == 0 { paints.hair } else { dark };
                scene.label(&ellipse(center, 2.5 * big, 2.5 * big), Ink::Solid(tone.opaque()), labels.hair);
            }
        }
        Hair::Buzz | Hair::Short => {}
    }
}

pub(super) fn draw_head(scene: &mut Scene, outfit: &Outfit, paints: &OutfitPaints, labels: &OutfitLabels) {
    if !matches!(outfit.hair, Hair::Long | Hair::Bob | Hair::Curly) {
        for s in [-1.0, 1.0] {
            let ear = tilted_ellipse(pt(s * 5.35, 9.6), 1.0, 1.8, s * 10.0);
            scene.label(&ear, Ink::Solid(paints.skin.mix(paints.skin_shade, 0.4).opaque()), labels.face);
        }
    }
    let jaw = if outfit.male { 4.0 } else { 3.3 };
    let face = symmetric(&[(3.6, 2.9), (5.3, 6.6), (5.15, 10.4), (jaw, 13.9), (1.5, CHIN_Y - 0.2)]);
    scene.label(&face, paints.across(pt(0.0, 8.9), 6.0, paints.skin), labels.face);
    draw_face(scene, outfit, paints, &face);
    draw_hair_front(scene, outfit, paints, labels, &face);
}

fn draw_face(scene: &mut Scene, outfit: &Outfit, paints: &OutfitPaints, face: &Path) {
    scene.clip_to(face);
    let ink = Tone::hex(0x1d1513).mix(paints.line, 0.15);
    let (lid_width, brow_width) = if outfit.male { (0.40, 0.75) } else { (0.55, 0.5) };
    for s in [-1.0, 1.0] {
        scene.soft(&ellipse(pt(s * 2.35, 8.5), 1.5, 0.9), paints.skin_shade.alpha(0.55), 0.7);
        scene.soft(&ellipse(pt(s * 3.2, 11.6), 1.3, 0.9), paints.lip.alpha(0.22), 0.9);
        scene.paint(&ellipse(pt(s * 2.3, 8.95), 1.05, 0.62), Ink::Solid(Tone::hex(0xf5f0ea).alpha(0.85)));
        scene.paint(&ellipse(pt(s * 2.3, 8.85), 0.66, 0.70), Ink::Solid(ink.opaque()));
        let lid = curve(&[pt(s * 1.15, 8.75), pt(s * 2.3, 8.15), pt(s * 3.5, 8.55)]);
        scene.line(&lid, ink.alpha(0.85), lid_width);
        let brow = curve(&[pt(s * 1.2, 7.05), pt(s * 2.5, 6.65), pt(s * 3.8, 7.15)]);
        scene.line(&brow, paints.hair.shadow(0.10).alpha(0.85), brow_width);
    }
    let shade = -paints.light.signum();
    let nose = curve(&[pt(shade * 0.45, 9.4), pt(shade * 0.75, 11.3), pt(shade * -0.2, 11.6)]);
    scene.line(&nose, paints.skin_shade.shadow(0.05).alpha(0.70), 0.5);
    scene.paint(&ellipse(pt(0.0, 13.35), 1.55, 0.52), Ink::Solid(paints.lip.alpha(0.90)));
    let part = curve(&[pt(-1.6, 13.15), pt(0.0, 13.4), pt(1.6, 13.15)]);
    scene.line(&part, paints.lip.shadow(0.15).alpha(0.80), 0.35);
    scene.unclip();
}

fn draw_hair_front(scene: &mut Scene, outfit: &Outfit, paints: &OutfitPaints, labels: &OutfitLabels, face: &Path) {
    let s = outfit.part_side;
    let (top, wide, low) = match outfit.hair {
        Hair::Buzz => (0.7, 5.6, 7.6),
        Hair::Short => (-1.6, 6.2, 8.2),
        Hair::Curly => (-0.6, 6.4, 8.0),
        Hair::Bun => (0.0, 5.8, 8.4),
        Hair::Bob | Hair::Long => (-0.8, 6.6, 12.5),
    };
    let outer = [
        pt(-wide * 0.97, low),
        pt(-wide, 5.6),
        pt(-wide * 0.66, top + 1.3),
        pt(s * 0.8, top),
        pt(wide * 0.66, top + 1.3),
        pt(wide, 5.6),
        pt(wide * 0.97, low),
    ];
    let shape = outline(&[&outer, &hairline(outfit)]);
    if let Some(shadow) = shape.clone().transform(Transform::from_translate(0.0, 0.8)) {
        scene.clip_to(face);
        scene.soft(&shadow, paints.skin_shade.shadow(0.05).alpha(0.6), 0.8);
        scene.unclip();
    }
    let light = paints.hair.lighter(0.10).saturate(1.1);
    let ink = Ink::radial(
        pt(paints.light * 2.5, 1.0),
        11.0,
        &[(0.0, light.opaque()), (0.45, paints.hair.opaque()), (1.0, paints.hair.shadow(0.08).opaque())],
    );
    scene.label(&shape, ink, labels.hair);
    scene.clip_to(&shape);
    for i in 0..6 {
        let u = i as f32 / 2.5 - 1.0;
        let strand = curve(&[pt(s * 1.2 + u, top), pt(u * 4.4, 3.4), pt(u * 6.2, 9.5)]);
        scene.line(&strand, paints.hair.shadow(0.09).alpha(0.40), 0.5);
    }
    scene.unclip();
}

/// From the right temple over the forehead to the left one.
fn hairline(outfit: &Outfit) -> Vec<Point> {
    let line: [(f32, f32); 7] = match outfit.hair {
        Hair::Bob | Hair::Long => {
            [(5.0, 11.5), (4.7, 7.4), (3.0, 4.9), (1.2, 3.6), (-2.4, 5.2), (-4.8, 7.6), (-5.0, 11.5)]
        }
        _ => [(4.9, 8.0), (4.4, 5.6), (2.8, 4.3), (-0.5, 4.6), (-3.0, 5.0), (-4.6, 5.9), (-4.9, 8.0)],
    };
    let mut points = line.map(|(x, y)| pt(x * outfit.part_side, y)).to_vec();
    if outfit.part_side < 0.0 {
        points.reverse();
    }
    points
}
