//! Lines and softness that come with age.

use tiny_skia::Path;

use super::head::Head;
use super::looks::Paints;
use crate::data::procedural::geometry::{curve, ellipse};
use crate::data::procedural::scene::Scene;

/// Forehead lines, crow's feet, eye bags and nasolabial folds; nothing for the young.
pub(super) fn draw_age(scene: &mut Scene, head: &Head, paints: &Paints, face: &Path) {
    if head.portrait.young {
        return;
    }
    scene.clip_to(face);
    let line = paints.line;
    for (y, half, strength) in [(-17.0, 11.0, 0.22), (-21.5, 9.5, 0.18)] {
        let at = |u: f32, dy: f32| head.on_face(u * half, y + dy, 0.0);
        let crease = curve(&[at(-1.0, 0.6), at(-0.45, -0.5), at(0.05, 0.3), at(0.5, -0.5), at(1.0, 0.7)]);
        scene.line(&crease, line.alpha(strength), 0.75);
    }
    for side in [-1.0, 1.0] {
        draw_eye_lines(scene, head, paints, side);
        let fold = [
            head.on_face(side * 6.6, 14.6, 0.0),
            head.on_face(side * 10.2, 18.2, 0.0),
            head.on_face(side * 12.4, 23.0, 0.0),
            head.on_face(side * 12.6, 27.0, 0.0),
        ];
        scene.line(&curve(&fold), line.alpha(0.30), 0.9);
        scene.soft(&ellipse(head.on_face(side * 11.0, 20.5, 0.0), 1.4, 4.2), paints.skin_shade.alpha(0.32), 1.6);
        let hollow = ellipse(head.on_face(side * 18.5, 19.0, 0.0), 3.0, 5.0);
        scene.soft(&hollow, paints.skin_shade.alpha(0.40), 3.0);
    }
    scene.unclip();
}

fn draw_eye_lines(scene: &mut Scene, head: &Head, paints: &Paints, side: f32) {
    let x = 12.6 * head.portrait.eye_spacing;
    let bag = [
        head.on_face(side * (x - 5.0), 3.6, 0.0),
        head.on_face(side * (x - 0.4), 5.6, 0.0),
        head.on_face(side * (x + 4.6), 4.2, 0.0),
    ];
    scene.soft(&ellipse(bag[1], 4.6, 1.2), paints.skin_shade.alpha(0.45), 1.6);
    scene.line(&curve(&bag), paints.line.alpha(0.30), 0.7);
    for (dy, length) in [(-1.6, 3.4), (0.4, 3.8), (2.3, 3.2)] {
        let start = x + 7.6;
        let foot = [head.on_face(side * start, dy * 0.5, 0.0), head.on_face(side * (start + length), dy, 0.0)];
        scene.line(&curve(&foot), paints.line.alpha(0.26), 0.65);
    }
}
