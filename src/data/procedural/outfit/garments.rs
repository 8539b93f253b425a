//! Tops, dresses, trousers and skirts, cut from the body with some ease.

use tiny_skia::{Path, Point};

use super::OutfitLabels;
use super::body::{Body, CROTCH_Y, HIP_Y, SHOULDER_Y, WAIST_Y, limb_to};
use super::looks::OutfitPaints;
use super::params::{Arm, Bottom, Neckline, Outer, Outfit};
use super::pattern::draw_pattern;
use crate::data::procedural::geometry::{curve, ellipse, lerp, offset, outline, polygon, pt, ribbon};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};
use crate::taxonomy::LabelId;

/// Cloth of one garment: its colour, its label and whether it carries a pattern.
#[derive(Clone, Copy)]
pub(super) struct Cloth {
    pub(super) tone: Tone,
    pub(super) label: LabelId,
    pub(super) patterned: bool,
}

impl Cloth {
    fn cover(self, scene: &mut Scene, outfit: &Outfit, shape: &Path, ink: Ink) {
        scene.label(shape, ink, self.label);
        if self.patterned {
            scene.clip_to(shape);
            draw_pattern(scene, &outfit.looks, self.tone, shape);
            scene.unclip();
        }
    }
}

/// How much of the limb's joints trousers or shorts cover.
fn leg_reach(outfit: &Outfit) -> f32 {
    match outfit.bottom {
        Bottom::Shorts => lerp(0.24, 0.47, outfit.bottom_length),
        _ => lerp(0.84, 1.0, (outfit.bottom_length * 1.6).min(1.0)),
    }
}

/// Where a skirt ends.
fn skirt_hem(length: f32) -> f32 {
    lerp(68.0, 100.0, length)
}

pub(super) fn draw_trousers(scene: &mut Scene, outfit: &Outfit, body: &Body, paints: &OutfitPaints, cloth: Cloth) {
    let (thigh, cuff) = match outfit.bottom {
        Bottom::Slim | Bottom::Pencil => (0.5, 0.9),
        Bottom::Straight => (0.8, 2.2),
        Bottom::Wide | Bottom::Flared => (1.3, 4.2),
        Bottom::Shorts => (1.6, 2.2),
    };
    let reach = leg_reach(outfit);
    for leg in &body.legs {
        let spine = limb_to(leg, reach, |along| lerp(thigh, cuff, along / reach));
        let shape = ribbon(&spine, false);
        cloth.cover(scene, outfit, &shape, paints.across(leg[2].0, 6.0, cloth.tone));
        scene.clip_to(&shape);
        draw_leg_folds(scene, &spine, cloth.tone);
        scene.unclip();
    }
    let top = WAIST_Y + 0.5;
    // The seat's sides run into the outer edges of the legs.
    let thigh_edge = |leg: usize, at: usize| {
        let (point, half) = limb_to(&body.legs[leg], 0.32, |_| thigh + 0.3)[at];
        offset(point, if leg == 0 { -half } else { half }, 0.0)
    };
    let seat = outline(&[
        &[thigh_edge(0, 4), thigh_edge(0, 2), body.flank(-1.0, 50.5, 0.6), body.flank(-1.0, top, 0.4)],
        &[body.flank(1.0, top, 0.4), body.flank(1.0, 50.5, 0.6), thigh_edge(1, 2), thigh_edge(1, 4)],
        &[pt(body.center(CROTCH_Y), CROTCH_Y + 2.0)],
    ]);
    cloth.cover(scene, outfit, &seat, paints.across(pt(body.center(50.0), 52.0), 10.0, cloth.tone));
    let middle = body.center(CROTCH_Y);
    let crease = cloth.tone.shadow(0.12);
    scene.line(&curve(&[pt(body.center(top), top + 2.0), pt(middle, CROTCH_Y)]), crease.alpha(0.45), 0.55);
    for s in [-1.0, 1.0] {
        let pull = curve(&[pt(middle, CROTCH_Y - 0.5), pt(middle + s * 5.0, CROTCH_Y - 2.8)]);
        scene.line(&pull, crease.alpha(0.45), 0.6);
        let pocket = curve(&[offset(body.flank(s, 47.0, 0.0), -s * 3.0, 0.0), body.flank(s, 51.0, -0.6)]);
        scene.line(&pocket, crease.alpha(0.40), 0.5);
    }
    let band =
        curve(&[body.flank(-1.0, top + 1.8, 0.0), pt(body.center(top), top + 2.3), body.flank(1.0, top + 1.8, 0.0)]);
    scene.line(&band, crease.alpha(0.45), 0.5);
}

fn draw_leg_folds(scene: &mut Scene, spine: &[(Point, f32)], tone: Tone) {
    let (knee, half) = spine[spine.len() / 2];
    let (end, cuff) = spine[spine.len() - 1];
    let dark = tone.shadow(0.12);
    for (dy, side) in [(-1.0, -1.0), (1.6, 1.0)] {
        let fold =
            curve(&[pt(knee.x + side * half, knee.y + dy - 1.0), pt(knee.x - side * half * 0.2, knee.y + dy + 0.8)]);
        scene.line(&fold, dark.alpha(0.40), 0.7);
    }
    scene.line(&curve(&[pt(end.x - cuff, end.y - 1.0), pt(end.x + cuff, end.y - 1.0)]), dark.alpha(0.45), 0.6);
    let light =
        ribbon(&[(offset(knee, 0.0, -half * 3.0), 0.4), (knee, half * 0.35), (offset(end, 0.0, -4.0), 0.4)], true);
    scene.soft(&light, tone.lighter(0.08).alpha(0.32), 1.2);
}

/// A skirt from the waist, or the lower half of a dress.
pub(super) fn draw_skirt(
    scene: &mut Scene,
    outfit: &Outfit,
    body: &Body,
    paints: &OutfitPaints,
    cloth: Cloth,
    flared: bool,
) {
    let hem = skirt_hem(outfit.bottom_length);
    let long = (hem - HIP_Y) / 46.0;
    let spread = if flared { 3.5 + 10.5 * long } else { lerp(0.4, -0.4, long) };
    let top = WAIST_Y + 0.2;
    let sway = body.center(HIP_Y);
    let edge = body.half(HIP_Y + 2.0) + 1.0;
    let side = |s: f32| {
        vec![
            body.flank(s, top, 0.4),
            body.flank(s, 49.5, 0.8 + spread * 0.08),
            pt(sway + s * (edge + spread * 0.35), 60.0),
            pt(sway * 0.8 + s * (edge + spread), hem),
        ]
    };
    let (left, mut right) = (side(-1.0), side(1.0));
    right.reverse();
    let half = edge + spread;
    let dip = if flared { 2.4 } else { 0.8 };
    let low = [
        left[3],
        pt(sway * 0.8 - half * 0.45, hem + dip * 0.9),
        pt(sway * 0.8, hem + dip),
        pt(sway * 0.8 + half * 0.45, hem + dip * 0.9),
        right[0],
    ];
    let shape = outline(&[&left, &low, &right]);
    cloth.cover(scene, outfit, &shape, paints.across(pt(sway, 64.0), half, cloth.tone));
    scene.clip_to(&shape);
    let folds = if flared { 5 } else { 2 };
    for i in 0..folds {
        let u = (i as f32 + 0.5) / folds as f32 * 2.0 - 1.0;
        let from = pt(body.center(top) + u * body.half(top) * 0.8, top + 4.0);
        let to = pt(sway * 0.8 + u * half, hem + 3.0);
        let pleat =
            ribbon(&[(from, 0.2), (pt((from.x + to.x) * 0.5, lerp(from.y, to.y, 0.55)), 0.7), (to, 1.3)], false);
        scene.soft(&pleat, cloth.tone.shadow(0.12).alpha(0.50), 1.0);
        let shine = offset(to, half * 0.2, 0.0);
        scene.soft(
            &ribbon(&[(offset(from, 1.0, 3.0), 0.2), (shine, 1.1)], false),
            cloth.tone.lighter(0.07).alpha(0.35),
            1.2,
        );
    }
    scene.unclip();
    scene.line(&curve(&low), cloth.tone.shadow(0.12).alpha(0.50), 0.6);
}

/// The neckline from left to right, and how wide the top starts at the neck.
fn neckline(outfit: &Outfit, body: &Body) -> Vec<Point> {
    let n = body.neck;
    let half: [(f32, f32); 2] = match outfit.neckline {
        Neckline::Round => [(n + 1.0, SHOULDER_Y - 2.4), (n * 0.6, SHOULDER_Y + 1.8)],
        Neckline::Vee => [(n + 1.0, SHOULDER_Y - 2.4), (n * 0.5, SHOULDER_Y + 3.0)],
        Neckline::Boat => [(n + 4.2, SHOULDER_Y - 1.2), (n * 0.8, SHOULDER_Y + 1.5)],
        Neckline::Collar => [(n + 0.6, SHOULDER_Y - 3.4), (n * 0.4, SHOULDER_Y + 1.6)],
        Neckline::High => [(n + 0.4, SHOULDER_Y - 5.0), (n * 0.5, SHOULDER_Y - 4.2)],
    };
    let low = match outfit.neckline {
        Neckline::Vee => SHOULDER_Y + 7.0,
        Neckline::Collar => SHOULDER_Y + 4.4,
        _ => half[1].1 + 0.5,
    };
    let mut line: Vec<Point> = half.iter().map(|&(x, y)| pt(-x, y)).collect();
    line.push(pt(0.0, low));
    line.extend(half.iter().rev().map(|&(x, y)| pt(x, y)));
    line
}

/// The top's body; sleeves are drawn with the arms.
pub(super) fn draw_top(scene: &mut Scene, outfit: &Outfit, body: &Body, paints: &OutfitPaints, cloth: Cloth) {
    let separates = outfit.outer == Outer::Separates;
    let tucked = !separates || outfit.hem < 0.35;
    let hem = if tucked { WAIST_Y + 1.6 } else { lerp(46.5, 60.0, (outfit.hem - 0.35) / 0.65) };
    let ease = if separates { outfit.ease } else { 0.5 };
    let line = neckline(outfit, body);
    let side = |s: f32| {
        let neck = if s < 0.0 { line[0] } else { line[4] };
        let mut points = vec![
            neck,
            pt(s * body.shoulder * 0.72, SHOULDER_Y - 0.9),
            pt(s * (body.shoulder + 0.5), SHOULDER_Y + 2.0),
            body.flank(s, 28.5, 0.5),
            body.flank(s, 35.0, ease * 0.8),
        ];
        points.push(body.flank(s, WAIST_Y.min(hem - 1.0), if tucked { 0.6 } else { ease }));
        if hem > WAIST_Y + 4.0 {
            points.push(body.flank(s, 50.0, ease * 0.8));
        }
        points.push(pt(body.center(hem) + s * (body.half(hem) + ease * 0.8), hem));
        points
    };
    let (mut left, right) = (side(-1.0), side(1.0));
    left.reverse();
    let bottom = [right[right.len() - 1], pt(body.center(hem), hem + 0.9), left[0]];
    let shape = outline(&[&left, &line[..3], &line[2..], &right, &bottom]);
    cloth.cover(scene, outfit, &shape, paints.across(pt(0.0, 36.0), 12.0, cloth.tone));
    scene.clip_to(&shape);
    draw_top_folds(scene, outfit, body, cloth.tone, hem);
    scene.unclip();
    draw_collar(scene, outfit, cloth, &line);
    if !tucked {
        scene.line(&curve(&bottom), cloth.tone.shadow(0.14).alpha(0.55), 0.6);
    }
}

fn draw_top_folds(scene: &mut Scene, outfit: &Outfit, body: &Body, tone: Tone, hem: f32) {
    let dark = tone.shadow(0.12);
    for s in [-1.0, 1.0] {
        let pull = curve(&[body.flank(s, 29.0, 0.0), offset(body.flank(s, 31.5, 0.0), -s * 5.0, 0.4)]);
        scene.line(&pull, dark.alpha(0.45), 0.7);
        let fold =
            curve(&[body.flank(s, WAIST_Y - 1.5, 0.5), offset(body.flank(s, WAIST_Y + 0.4, 0.0), -s * 4.5, 0.8)]);
        scene.line(&fold, dark.alpha(0.42), 0.7);
        if !outfit.male {
            scene.soft(&ellipse(pt(s * 3.9, 34.4), 3.0, 1.1), dark.alpha(0.50), 1.2);
        }
    }
    scene.soft(&ellipse(pt(outfit.looks.light * 4.0, 29.0), 4.5, 3.4), tone.lighter(0.08).alpha(0.45), 2.4);
    if outfit.neckline == Neckline::Collar {
        scene.line(&curve(&[pt(0.2, SHOULDER_Y + 4.0), pt(body.center(hem), hem + 1.0)]), dark.alpha(0.65), 0.6);
    }
}

fn draw_collar(scene: &mut Scene, outfit: &Outfit, cloth: Cloth, line: &[Point]) {
    let (tone, edge) = (cloth.tone, cloth.tone.shadow(0.14));
    match outfit.neckline {
        Neckline::Collar => {
            for s in [-1.0, 1.0] {
                let start = if s < 0.0 { line[0] } else { line[4] };
                let flap = polygon(&[
                    offset(start, 0.0, -0.6),
                    offset(start, s * 1.8, 1.2),
                    pt(s * 3.4, line[2].y + 0.6),
                    pt(0.0, line[2].y - 0.6),
                ]);
                scene.label(&flap, Ink::Solid(tone.lighter(0.06).opaque()), cloth.label);
                scene.line(&flap, edge.alpha(0.55), 0.4);
            }
        }
        Neckline::High => {
            let low = [offset(line[4], 0.5, 4.0), pt(0.0, line[2].y + 4.6), offset(line[0], -0.5, 4.0)];
            let roll = outline(&[line, &low]);
            scene.label(&roll, Ink::Solid(tone.opaque()), cloth.label);
            scene.line(&curve(&low), edge.alpha(0.55), 0.5);
        }
        _ => {
            scene.line(&curve(&line[..3]), edge.alpha(0.60), 0.7);
            scene.line(&curve(&line[2..]), edge.alpha(0.60), 0.7);
        }
    }
}

/// The sleeve over an arm; nothing for sleeveless tops.
pub(super) fn draw_sleeve(
    scene: &mut Scene,
    outfit: &Outfit,
    body: &Body,
    arm: usize,
    paints: &OutfitPaints,
    cloth: Cloth,
) {
    let reach = if outfit.arms[arm] == Arm::Pocket { outfit.sleeve.min(0.90) } else { outfit.sleeve };
    if reach <= 0.0 {
        return;
    }
    let limb = &body.arms[arm];
    let loose = 0.25 + 0.40 * outfit.ease;
    let spine = limb_to(limb, reach, |along| loose * lerp(0.9, 1.1, along));
    let shape = ribbon(&spine, false);
    let cap = ellipse(limb[0].0, spine[0].1, spine[0].1);
    let center = limb[2].0;
    cloth.cover(scene, outfit, &cap, paints.across(center, 4.0, cloth.tone));
    cloth.cover(scene, outfit, &shape, paints.across(center, 4.0, cloth.tone));
    let dark = cloth.tone.shadow(0.13);
    scene.clip_to(&shape);
    let (end, half) = spine[spine.len() - 1];
    let before = spine[spine.len() - 2].0;
    let length = end.distance(before).max(0.1);
    let across = pt(-(end.y - before.y) / length * half, (end.x - before.x) / length * half);
    let cuff = curve(&[offset(end, -across.x, -across.y), offset(end, across.x, across.y)]);
    scene.line(&cuff, dark.alpha(0.75), 1.0);
    if reach > 0.6 {
        let elbow = limb[2];
        for dy in [-1.6, 0.4] {
            let fold = curve(&[offset(elbow.0, -elbow.1, dy), offset(elbow.0, elbow.1, dy + 1.4)]);
            scene.line(&fold, dark.alpha(0.40), 0.6);
        }
    }
    scene.unclip();
    // The arm separates from the body by a thin shadow line.
    let side = if arm == 0 { 1.0 } else { -1.0 };
    let inner: Vec<Point> = spine.iter().map(|&(p, h)| offset(p, side * h, 0.0)).collect();
    scene.line(&curve(&inner), dark.alpha(0.40), 0.6);
}

/// Labels and colours of what is worn: the upper piece and the lower piece.
pub(super) fn cloths(outfit: &Outfit, paints: &OutfitPaints, labels: &OutfitLabels) -> (Cloth, Cloth) {
    let whole = outfit.outer != Outer::Separates;
    let upper = Cloth {
        tone: paints.top,
        label: if whole { labels.full_body } else { labels.upper },
        patterned: outfit.patterned,
    };
    let lower = if whole { upper } else { Cloth { tone: paints.bottom, label: labels.lower, patterned: false } };
    (upper, lower)
}
