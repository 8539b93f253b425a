//! Curly hair: a mass with a scalloped edge and curls inside.

use tiny_skia::{Path, Point};

use super::PortraitLabels;
use super::hair::{Volume, cast_shadow, hairline};
use super::head::Head;
use super::looks::Paints;
use super::params::HairStyle;
use crate::data::procedural::geometry::{blob, curve, ellipse, lerp, outline, pt, sample_curve};
use crate::data::procedural::scene::{Ink, Scene};

/// Even but irregular-looking numbers in [0, 1): the golden-ratio sequence.
fn scatter(i: usize) -> f32 {
    (i as f32 * 0.618_034 + 0.37).fract()
}

/// The mass's edge, from low on the left over the top to low on the right.
fn edge(head: &Head, volume: &Volume, grow: f32) -> Vec<Point> {
    let p = head.portrait;
    let longer = if p.male { 0.35 } else { 1.0 };
    let low_y = lerp(6.0, 34.0, p.hair_length * longer);
    let side = volume.side + grow;
    let top = volume.top + grow;
    let back = -5.0 * head.turn();
    let low = |s: f32| pt(s * (25.0 + side) + back, low_y);
    let middle = |s: f32| pt(s * (28.5 + side) + back, low_y * 0.4 - 4.0);
    vec![
        low(-1.0),
        middle(-1.0),
        head.rim(-1.0, 2, side, -0.35 * top),
        head.rim(-1.0, 1, 0.75 * side, -0.85 * top),
        head.rim(1.0, 0, 0.0, -top),
        head.rim(1.0, 1, 0.75 * side, -0.85 * top),
        head.rim(1.0, 2, side, -0.35 * top),
        middle(1.0),
        low(1.0),
    ]
}

fn curl_size(head: &Head) -> f32 {
    if head.portrait.hair_style == HairStyle::Afro { 3.6 } else { 5.2 }
}

pub(super) fn draw_curls_back(
    scene: &mut Scene,
    head: &Head,
    paints: &Paints,
    labels: &PortraitLabels,
    volume: &Volume,
) {
    let size = curl_size(head);
    let points = edge(head, volume, -size * 0.35);
    let mut mass = points.clone();
    mass.push(pt(points[8].x * 0.5, points[8].y + 4.0));
    mass.push(pt(points[0].x * 0.5, points[0].y + 4.0));
    let ink = Ink::Solid(paints.hair_dark.opaque());
    scene.label(&blob(&mass), ink.clone(), labels.hair);
    for (i, point) in sample_curve(&points, 3).into_iter().enumerate() {
        let radius = size * (0.8 + 0.45 * scatter(i));
        let light = paints.hair_dark.mix(paints.hair, 0.5 + 0.4 * scatter(i + 5));
        scene.label(&ellipse(point, radius, radius), Ink::Solid(light.opaque()), labels.hair);
    }
}

pub(super) fn draw_curls_front(
    scene: &mut Scene,
    head: &Head,
    paints: &Paints,
    labels: &PortraitLabels,
    face: &Path,
    volume: &Volume,
) {
    let size = curl_size(head);
    let outer = edge(head, volume, -size * 0.45);
    let line = hairline(head);
    let shape = outline(&[&outer[1..8], &line]);
    cast_shadow(scene, paints, face, &shape);
    let light = head.portrait.looks.light;
    let ink = Ink::radial(
        pt(light * 14.0, -38.0),
        58.0,
        &[
            (0.0, paints.hair.mix(paints.hair_light, 0.5).opaque()),
            (0.5, paints.hair.opaque()),
            (1.0, paints.hair_dark.opaque()),
        ],
    );
    scene.label(&shape, ink, labels.hair);
    let rim = sample_curve(&line[1..line.len() - 1], 2);
    for (i, point) in rim.into_iter().enumerate() {
        let radius = size * (0.50 + 0.25 * scatter(i));
        let tone = paints.hair.mix(paints.hair_dark, 0.45 * scatter(i + 3));
        scene.label(
            &ellipse(pt(point.x, point.y - radius * 0.4), radius, radius),
            Ink::Solid(tone.opaque()),
            labels.hair,
        );
    }
    draw_ringlets(scene, &outer, &line, paints, size);
}

/// Curls between the outer edge and the hairline: a dark hollow and a lit arc each.
fn draw_ringlets(scene: &mut Scene, outer: &[Point], line: &[Point], paints: &Paints, size: f32) {
    let top = sample_curve(outer, 3);
    let front: Vec<Point> = sample_curve(line, 3).into_iter().rev().collect();
    for i in 0..54 {
        let along = scatter(i);
        let across = 0.03 + 0.87 * ((i as f32 + 0.5) / 54.0);
        let (a, b) = (at(&top, along), at(&front, along));
        let center = pt(lerp(a.x, b.x, across), lerp(a.y, b.y, across));
        let r = size * (0.50 + 0.30 * scatter(i + 11));
        // Three quarters of a turn that tightens, in any direction.
        let start = 6.3 * scatter(i * 5 + 2);
        let spiral = |grow: f32| {
            let turns: Vec<Point> = (0..5)
                .map(|k| {
                    let (sin, cos) = (start + 1.15 * k as f32).sin_cos();
                    let radius = r * grow * (1.0 - 0.11 * k as f32);
                    pt(center.x + radius * cos, center.y + radius * sin)
                })
                .collect();
            curve(&turns)
        };
        scene.line(&spiral(1.15), paints.hair_dark.shadow(0.03).alpha(0.42), 1.2);
        scene.line(&spiral(0.75), paints.hair_light.alpha(0.42), 1.0);
    }
}

fn at(points: &[Point], t: f32) -> Point {
    let place = t * (points.len() - 1) as f32;
    let low = (place as usize).min(points.len() - 2);
    let t = place - low as f32;
    pt(lerp(points[low].x, points[low + 1].x, t), lerp(points[low].y, points[low + 1].y, t))
}
