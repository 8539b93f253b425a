//! Beards. Their pixels keep the `skin` label: the beard is an attribute, so the same mask can be drawn with and
//! without one.

use tiny_skia::{Path, Point};

use super::head::Head;
use super::looks::Paints;
use super::params::BeardStyle;
use crate::data::procedural::geometry::{curve, lerp_point, outline, ribbon};
use crate::data::procedural::scene::{Ink, Scene};

pub(super) fn draw_beard(scene: &mut Scene, head: &Head, paints: &Paints, face: &Path) {
    let portrait = head.portrait;
    if !portrait.beard {
        return;
    }
    scene.clip_to(face);
    match portrait.beard_style {
        BeardStyle::Full => draw_cheeks(scene, head, paints, 0.94, 10.0),
        BeardStyle::Short => draw_cheeks(scene, head, paints, 0.80, 13.0),
        BeardStyle::Goatee => draw_chin(scene, head, paints),
        BeardStyle::Moustache => {}
    }
    draw_moustache(scene, head, paints);
    scene.unclip();
}

/// Sideburn to sideburn over the jaw. `opacity` tells a full beard from a short one.
fn draw_cheeks(scene: &mut Scene, head: &Head, paints: &Paints, opacity: f32, cheek_y: f32) {
    let rim = |side: f32| {
        vec![
            head.rim(side, 3, 2.0, 4.0),
            head.rim(side, 4, 3.0, 0.0),
            head.rim(side, 5, 4.0, 2.0),
            head.rim(side, 6, 4.0, 5.0),
            head.at(0.0, head.chin_y() + 7.0, 18.0),
        ]
    };
    let mut right = rim(1.0);
    let mut left = rim(-1.0);
    left.reverse();
    right.append(&mut left.split_off(1));
    let inner: Vec<Point> = [
        (-25.5, -2.0),
        (-24.0, cheek_y - 2.0),
        (-18.0, cheek_y + 7.0),
        (-11.5, cheek_y + 9.5),
        (-10.5, 20.5),
        (-5.0, 19.2),
        (0.0, 20.2),
        (5.0, 19.2),
        (10.5, 20.5),
        (11.5, cheek_y + 9.5),
        (18.0, cheek_y + 7.0),
        (24.0, cheek_y - 2.0),
        (25.5, -2.0),
    ]
    .map(|(x, y)| head.on_face(x, y, 0.0))
    .to_vec();
    let mut shape = right;
    shape.reverse();
    let shape = outline(&[&shape, &inner.iter().rev().copied().collect::<Vec<_>>()]);
    scene.soft(&shape, paints.hair_dark.alpha(opacity * 0.75), 1.8);
    scene.soft(&shape, paints.hair.alpha(opacity * 0.75), 1.0);
    draw_bristles(scene, head, paints, opacity);
}

fn draw_bristles(scene: &mut Scene, head: &Head, paints: &Paints, opacity: f32) {
    for i in 0..22 {
        let u = i as f32 / 21.0 * 2.0 - 1.0;
        let from = head.on_face(u * 21.0, 24.0 + 7.0 * (1.0 - u * u), 0.0);
        let to = head.on_face(u * 18.5, 29.5 + (9.0 + head.portrait.chin) * (1.0 - u * u), 0.0);
        let ink = if i % 2 == 0 { paints.hair_light } else { paints.hair_dark };
        scene.line(&curve(&[from, to]), ink.alpha(0.38 * opacity), 0.8);
    }
}

fn draw_chin(scene: &mut Scene, head: &Head, paints: &Paints) {
    let chin = head.chin_y();
    let shape = [
        (-9.8, 20.5),
        (-10.6, 27.0),
        (-8.5, chin - 3.5),
        (0.0, chin + 2.0),
        (8.5, chin - 3.5),
        (10.6, 27.0),
        (9.8, 20.5),
        (7.0, 24.0),
        (6.0, 31.0),
        (0.0, 32.5),
        (-6.0, 31.0),
        (-7.0, 24.0),
    ]
    .map(|(x, y)| head.on_face(x, y, 0.0));
    scene.soft(&outline(&[&shape]), paints.hair.alpha(0.90), 1.2);
    for i in 0..7 {
        let u = i as f32 / 6.0 * 2.0 - 1.0;
        let strand = curve(&[head.on_face(u * 6.0, 32.5, 0.0), head.on_face(u * 4.5, chin - 0.5, 0.0)]);
        scene.line(&strand, paints.hair_light.alpha(0.30), 0.7);
    }
}

fn draw_moustache(scene: &mut Scene, head: &Head, paints: &Paints) {
    let full = head.portrait.lip_fullness;
    let smile = head.portrait.smile;
    for side in [-1.0, 1.0] {
        let root = head.on_face(side * 0.4, 21.2 - 0.4 * full, 1.0);
        let middle = head.on_face(side * 5.2, 21.6 - 0.5 * smile, 1.0);
        let end = head.on_face(side * 11.0, 24.6 - 1.6 * smile, 0.0);
        let wing = ribbon(&[(root, 1.3), (lerp_point(root, middle, 0.5), 1.9), (middle, 1.9), (end, 0.5)], true);
        scene.soft(&wing, paints.hair_dark.alpha(0.45), 1.2);
        scene.paint(&wing, Ink::Solid(paints.hair.alpha(0.85)));
        let strand = curve(&[root, lerp_point(middle, root, 0.2), end]);
        scene.line(&strand, paints.hair_light.alpha(0.40), 0.6);
    }
}
