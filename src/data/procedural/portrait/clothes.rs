//! Neck, shoulders and what is worn on them.

use tiny_skia::{Path, Point};

use super::PortraitLabels;
use super::looks::Paints;
use super::params::{Garment, Portrait};
use crate::data::procedural::geometry::{curve, ellipse, lerp, offset, outline, polygon, pt, ribbon};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

/// The body's own coordinates: origin in the middle of the neck under the jaw, y down.
fn shoulders(portrait: &Portrait, grow: f32) -> Vec<Point> {
    let (neck, wide) = (portrait.neck_width, portrait.shoulder_width);
    let half = |s: f32| {
        vec![
            pt(s * neck, 4.0),
            pt(s * (neck + 1.2), 11.0 - grow),
            pt(s * (neck + 8.0), 17.0 - grow),
            pt(s * 38.0 * wide, 24.5 - grow),
            pt(s * (50.0 * wide + grow), 35.0),
            pt(s * (57.0 * wide + grow), 58.0),
            pt(s * (60.0 * wide + grow), 110.0),
        ]
    };
    let mut points = half(-1.0);
    points.reverse();
    points.append(&mut half(1.0));
    points
}

/// Neck and bare shoulders; the clothes go over them.
pub(super) fn draw_neck(scene: &mut Scene, portrait: &Portrait, paints: &Paints, labels: &PortraitLabels) {
    let neck = portrait.neck_width;
    let mut points = shoulders(portrait, 0.0);
    // Up into the head, where the face covers it.
    let (left, right) = (points[6], points[7]);
    points.splice(7..7, [offset(left, 0.5, -22.0), offset(right, -0.5, -22.0)]);
    let shape = outline(&[&points[..8], &points[8..]]);
    let light = portrait.looks.light;
    let ink = Ink::linear(
        pt(light * neck * 1.4, 0.0),
        pt(-light * neck * 1.4, 6.0),
        &[
            (0.0, paints.skin.mix(paints.skin_light, 0.3).opaque()),
            (0.5, paints.skin.mix(paints.skin_shade, 0.25).opaque()),
            (1.0, paints.skin_shade.opaque()),
        ],
    );
    scene.label(&shape, ink, labels.neck);
    scene.clip_to(&shape);
    for side in [-1.0, 1.0] {
        let tendon = curve(&[pt(side * neck * 0.78, 2.0), pt(side * neck * 0.45, 13.0), pt(side * 2.6, 20.5)]);
        scene.line(&tendon, paints.skin_shade.shadow(0.03).alpha(0.40), 1.3);
        let collarbone = curve(&[pt(side * 4.5, 22.6), pt(side * 14.0, 21.5), pt(side * 29.0, 23.5)]);
        scene.line(&collarbone, paints.skin_shade.shadow(0.03).alpha(0.42), 1.2);
        scene.soft(&ellipse(pt(side * 15.0, 24.4), 9.0, 1.6), paints.skin_light.alpha(0.35), 2.0);
    }
    scene.soft(&ellipse(pt(0.0, 22.5), 2.0, 1.4), paints.skin_shade.alpha(0.55), 1.4);
    scene.unclip();
}

/// The head's shadow on neck and chest. `reach` is how far the chin comes down in body coordinates.
pub(super) fn draw_chin_shadow(scene: &mut Scene, portrait: &Portrait, paints: &Paints, reach: f32) {
    let neck = portrait.neck_width;
    let points = [
        pt(-neck - 0.4, -22.0),
        pt(neck + 0.4, -22.0),
        pt(neck + 0.8, 5.0),
        pt(neck * 0.4, reach + 9.0),
        pt(-neck * 0.4, reach + 9.0),
        pt(-neck - 0.8, 5.0),
    ];
    let neck_only =
        polygon(&[pt(-neck - 1.2, -22.0), pt(neck + 1.2, -22.0), pt(neck + 1.4, 13.0), pt(-neck - 1.4, 13.0)]);
    scene.clip_to(&neck_only);
    let shift = -2.5 * portrait.looks.light;
    let shadow = outline(&[&points.map(|p| offset(p, shift, 0.0))]);
    scene.soft(&shadow, paints.skin_shade.shadow(0.06).alpha(0.50), 3.0);
    scene.unclip();
}

/// The neckline from the left shoulder's neck side to the right one's.
fn neckline(portrait: &Portrait) -> Vec<Point> {
    let neck = portrait.neck_width;
    let half: &[(f32, f32)] = match portrait.garment {
        Garment::Crew => &[(2.2, 13.0), (0.0, 19.0), (-6.0, 22.8)],
        Garment::VNeck => &[(2.8, 13.0), (-2.0, 22.0), (-11.5, 36.0)],
        Garment::Scoop => &[(7.0, 15.6), (2.5, 26.0), (-5.0, 32.5)],
        Garment::Boat => &[(22.0, 20.0), (14.0, 25.6), (0.0, 28.8)],
        Garment::Turtleneck => &[(0.8, 4.0), (0.6, 6.5), (-6.0, 9.0)],
        Garment::Shirt => &[(1.0, 9.5), (-3.0, 18.0), (-10.5, 29.0)],
        Garment::Blazer => &[(2.4, 12.0), (-3.0, 28.0), (-11.0, 50.0)],
        Garment::Hoodie => &[(3.0, 11.5), (0.5, 19.0), (-6.0, 24.0)],
    };
    let pointed = matches!(portrait.garment, Garment::VNeck | Garment::Shirt | Garment::Blazer);
    let bottom = half[2].1 + if pointed { 2.0 } else { 1.4 };
    let mut line: Vec<Point> = half.iter().map(|&(dx, y)| pt(-(neck + dx), y)).collect();
    line.push(pt(0.0, bottom));
    line.extend(half.iter().rev().map(|&(dx, y)| pt(neck + dx, y)));
    line
}

pub(super) fn draw_clothes(scene: &mut Scene, portrait: &Portrait, paints: &Paints, labels: &PortraitLabels) {
    let body = shoulders(portrait, 1.6);
    let line = neckline(portrait);
    if portrait.garment == Garment::Blazer {
        draw_inner_shirt(scene, portrait, paints, labels);
    }
    let edge_x = line[0].x.abs();
    let below = |points: &[Point]| points.iter().copied().filter(|p| p.x.abs() > edge_x + 1.5).collect::<Vec<_>>();
    let (left, right) = (below(&body[..7]), below(&body[7..]));
    let mut left_edge = left;
    left_edge.push(line[0]);
    let mut right_edge = vec![line[6]];
    right_edge.extend(right);
    let shape = outline(&[&left_edge, &line[..4], &line[3..], &right_edge]);
    let base = paints.clothes;
    let light = portrait.looks.light;
    let ink = Ink::linear(
        pt(light * 50.0, 14.0),
        pt(-light * 42.0, 56.0),
        &[(0.0, base.lighter(0.05).opaque()), (0.45, base.opaque()), (1.0, base.shadow(0.09).opaque())],
    );
    scene.label(&shape, ink, labels.clothes);
    scene.clip_to(&shape);
    draw_folds(scene, portrait, base);
    scene.unclip();
    draw_trim(scene, portrait, base, labels, &line, &shape);
}

fn draw_folds(scene: &mut Scene, portrait: &Portrait, base: Tone) {
    let wide = portrait.shoulder_width;
    for side in [-1.0, 1.0] {
        let arm = curve(&[pt(side * 37.0 * wide, 34.0), pt(side * 36.0 * wide, 46.0), pt(side * 37.5 * wide, 64.0)]);
        scene.line(&arm, base.shadow(0.13).alpha(0.55), 1.2);
        let fold = ribbon(
            &[(pt(side * 35.0 * wide, 36.0), 1.0), (pt(side * 24.0, 45.0), 2.2), (pt(side * 17.0, 60.0), 1.0)],
            true,
        );
        scene.soft(&fold, base.shadow(0.12).alpha(0.42), 2.4);
        scene.soft(&ellipse(pt(side * 40.0 * wide, 29.0), 9.0, 3.2), base.lighter(0.08).alpha(0.45), 3.0);
    }
    scene.soft(&ellipse(pt(0.0, 62.0), 20.0, 10.0), base.shadow(0.08).alpha(0.40), 6.0);
}

fn draw_trim(
    scene: &mut Scene,
    portrait: &Portrait,
    base: Tone,
    labels: &PortraitLabels,
    line: &[Point],
    shape: &Path,
) {
    match portrait.garment {
        Garment::Crew | Garment::VNeck | Garment::Scoop | Garment::Boat => {
            scene.clip_to(shape);
            scene.line(&outline_of(line), base.shadow(0.10).alpha(0.80), 4.2);
            scene.line(&outline_of(line), base.lighter(0.03).alpha(0.90), 2.6);
            scene.unclip();
        }
        Garment::Turtleneck => draw_roll_collar(scene, portrait, base, labels),
        Garment::Shirt => draw_shirt_collar(scene, base, labels, line),
        Garment::Blazer => draw_lapels(scene, base, labels, line),
        Garment::Hoodie => draw_hood(scene, base, labels, line),
    }
}

fn outline_of(line: &[Point]) -> Path {
    curve(line)
}

fn draw_roll_collar(scene: &mut Scene, portrait: &Portrait, base: Tone, labels: &PortraitLabels) {
    let neck = portrait.neck_width + 1.6;
    let top = [pt(-neck, 3.0), pt(-neck * 0.6, 6.6), pt(0.0, 8.4), pt(neck * 0.6, 6.6), pt(neck, 3.0)];
    let low = [pt(neck + 2.4, 14.0), pt(neck * 0.6, 18.6), pt(0.0, 20.4), pt(-neck * 0.6, 18.6), pt(-neck - 2.4, 14.0)];
    let shape = outline(&[&top, &low]);
    let light = portrait.looks.light;
    let ink = Ink::linear(
        pt(light * neck, 0.0),
        pt(-light * neck, 4.0),
        &[(0.0, base.lighter(0.06).opaque()), (1.0, base.shadow(0.09).opaque())],
    );
    scene.label(&shape, ink, labels.clothes);
    scene.clip_to(&shape);
    for i in 0..9 {
        let u = i as f32 / 4.0 - 1.0;
        let rib = curve(&[pt(u * neck, 2.0 + 6.0 * (1.0 - u * u)), pt(u * (neck + 2.0), 14.0 + 6.0 * (1.0 - u * u))]);
        scene.line(&rib, base.shadow(0.09).alpha(0.45), 0.8);
    }
    scene.unclip();
    scene.line(&curve(&low), base.shadow(0.16).alpha(0.55), 0.9);
}

fn draw_shirt_collar(scene: &mut Scene, base: Tone, labels: &PortraitLabels, line: &[Point]) {
    for side in [-1.0, 1.0] {
        let (start, end) = if side < 0.0 { (line[0], line[3]) } else { (line[6], line[3]) };
        let flap = polygon(&[
            offset(start, side * -0.6, -3.0),
            offset(start, side * 4.0, 4.0),
            pt(side * 9.0, end.y + 1.0),
            pt(side * 0.6, end.y - 3.0),
        ]);
        let ink = Ink::linear(
            offset(start, 0.0, -2.0),
            pt(side * 8.0, end.y),
            &[(0.0, base.lighter(0.02).opaque()), (1.0, base.lighter(0.08).opaque())],
        );
        scene.label(&flap, ink, labels.clothes);
        scene.line(&flap, base.shadow(0.14).alpha(0.55), 0.7);
    }
    let end = line[3];
    scene.line(&curve(&[end, pt(0.3, 80.0)]), base.shadow(0.12).alpha(0.60), 0.9);
    for y in [end.y + 6.0, end.y + 17.0] {
        scene.paint(&ellipse(pt(0.2, y), 1.2, 1.2), Ink::Solid(base.lighter(0.14).opaque()));
    }
}

fn draw_inner_shirt(scene: &mut Scene, portrait: &Portrait, paints: &Paints, labels: &PortraitLabels) {
    let neck = portrait.neck_width;
    let white = Tone::hex(0xf1ede6).mix(paints.background, 0.10);
    let shape = outline(&[
        &[pt(-neck - 5.0, 13.0), pt(-neck - 0.5, 17.0), pt(0.0, 25.0), pt(neck + 0.5, 17.0), pt(neck + 5.0, 13.0)],
        &[pt(neck + 7.0, 60.0), pt(-neck - 7.0, 60.0)],
    ]);
    let ink = Ink::linear(pt(0.0, 20.0), pt(0.0, 52.0), &[(0.0, white.opaque()), (1.0, white.shadow(0.10).opaque())]);
    scene.label(&shape, ink, labels.clothes);
}

fn draw_lapels(scene: &mut Scene, base: Tone, labels: &PortraitLabels, line: &[Point]) {
    for side in [-1.0, 1.0] {
        let start = if side < 0.0 { line[0] } else { line[6] };
        let lapel = polygon(&[
            offset(start, side * -1.2, -2.0),
            offset(start, side * 6.5, 4.5),
            pt(side * 20.5, 29.0),
            pt(side * 15.5, 31.0),
            pt(side * 18.5, 34.5),
            pt(side * 1.2, line[3].y + 2.0),
        ]);
        let ink = Ink::linear(
            start,
            pt(side * 8.0, 48.0),
            &[(0.0, base.lighter(0.02).opaque()), (1.0, base.lighter(0.055).opaque())],
        );
        scene.label(&lapel, ink, labels.clothes);
        scene.line(&lapel, base.shadow(0.13).alpha(0.60), 0.8);
    }
}

fn draw_hood(scene: &mut Scene, base: Tone, labels: &PortraitLabels, line: &[Point]) {
    let spine: Vec<(Point, f32)> = line
        .iter()
        .enumerate()
        .map(|(i, &p)| {
            let middle = 1.0 - (i as f32 / 3.0 - 1.0).abs();
            (offset(p, (i as f32 - 3.0) * 1.2, lerp(-1.0, 2.0, middle)), lerp(5.0, 3.2, middle))
        })
        .collect();
    let shape = ribbon(&spine, true);
    let ink = Ink::linear(
        pt(0.0, 4.0),
        pt(0.0, 28.0),
        &[(0.0, base.shadow(0.05).opaque()), (1.0, base.lighter(0.05).opaque())],
    );
    scene.label(&shape, ink, labels.clothes);
    scene.line(&shape, base.shadow(0.13).alpha(0.45), 0.8);
    for side in [-1.0, 1.0] {
        let cord = curve(&[pt(side * 6.0, 27.0), pt(side * 6.8, 36.0), pt(side * 6.2, 45.0)]);
        scene.line(&cord, base.lighter(0.20).saturate(0.4).opaque(), 1.1);
    }
}
