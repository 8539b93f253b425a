//! Hair: a part behind the head, a cap with a hairline on it, and locks in front for the long styles.

use tiny_skia::{Path, Point, Transform};

use super::PortraitLabels;
use super::curls::{draw_curls_back, draw_curls_front};
use super::head::Head;
use super::looks::Paints;
use super::params::{Fringe, HairStyle, Portrait};
use crate::data::procedural::geometry::{
    blob, curve, ellipse, lerp, lerp_point, offset, outline, pt, ribbon, sample_curve,
};
use crate::data::procedural::scene::{Ink, Scene};

/// How far the hair stands off the skull at the top and the sides.
pub(super) struct Volume {
    pub(super) top: f32,
    pub(super) side: f32,
}

impl Volume {
    pub(super) fn of(portrait: &Portrait) -> Self {
        let v = portrait.hair_volume;
        let (top, side) = match portrait.hair_style {
            HairStyle::Bald => (0.0, 0.0),
            HairStyle::Buzz => (lerp(1.2, 2.0, v), 0.7),
            HairStyle::Receding => (lerp(1.6, 3.4, v), lerp(1.2, 2.4, v)),
            HairStyle::Short => (lerp(3.6, 6.0, v), lerp(1.4, 2.8, v)),
            HairStyle::Quiff => (lerp(6.5, 10.0, v), lerp(0.9, 1.8, v)),
            HairStyle::Pixie => (lerp(4.0, 6.0, v), lerp(2.2, 3.6, v)),
            HairStyle::Bob => (lerp(4.5, 7.0, v), lerp(4.0, 7.5, v)),
            HairStyle::Long | HairStyle::Wavy => (lerp(4.2, 6.8, v), lerp(3.0, 6.0, v)),
            HairStyle::Bun | HairStyle::Ponytail => (lerp(2.6, 4.0, v), lerp(1.0, 1.8, v)),
            HairStyle::Curly => (lerp(5.0, 8.5, v), lerp(3.0, 6.5, v)),
            HairStyle::Afro => (lerp(10.0, 14.0, v), lerp(8.5, 13.0, v)),
        };
        Self { top, side }
    }
}

/// Whether the near ear stays in front of the hair.
pub(super) fn shows_ears(style: HairStyle) -> bool {
    !matches!(style, HairStyle::Bob | HairStyle::Long | HairStyle::Wavy | HairStyle::Afro | HairStyle::Curly)
}

pub(super) fn draw_hair_back(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels) {
    let p = head.portrait;
    let volume = Volume::of(p);
    match p.hair_style {
        HairStyle::Bald => {}
        HairStyle::Curly | HairStyle::Afro => draw_curls_back(scene, head, paints, labels, &volume),
        HairStyle::Bob | HairStyle::Long | HairStyle::Wavy => draw_fall(scene, head, paints, labels, &volume),
        style => {
            if style == HairStyle::Bun {
                draw_bun(scene, head, paints, labels, &volume);
            } else if style == HairStyle::Ponytail {
                draw_tail(scene, head, paints, labels);
            }
            let nape = ellipse(pt(-9.0 * head.turn(), -8.0), 25.5 + volume.side, 29.0 + 0.6 * volume.top);
            scene.label(&nape, Ink::Solid(paints.hair_dark.opaque()), labels.hair);
        }
    }
}

/// How deep long hair hangs, in the head's coordinates.
fn fall_y(portrait: &Portrait) -> f32 {
    match portrait.hair_style {
        HairStyle::Bob => lerp(24.0, 39.0, portrait.hair_length),
        _ => lerp(52.0, 84.0, portrait.hair_length),
    }
}

fn wave(portrait: &Portrait, y: f32, side: f32) -> f32 {
    if portrait.hair_style == HairStyle::Wavy { 2.3 * (y * 0.26 + side * 0.9).sin() } else { 0.0 }
}

fn draw_fall(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, volume: &Volume) {
    let p = head.portrait;
    let bottom = fall_y(p);
    let long = p.hair_style != HairStyle::Bob;
    let back = -7.0 * head.turn();
    let side_points = |side: f32| -> Vec<Point> {
        let mut points = vec![
            head.rim(side, 1, volume.side * 0.7, -volume.top * 0.8),
            head.rim(side, 2, volume.side, -volume.top * 0.2),
        ];
        let steps = if long { 7 } else { 4 };
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            let y = lerp(-4.0, bottom, t);
            let flare = if long { 2.5 * (t * 3.1).sin() } else { 1.5 * (t * 3.1).sin() - 2.0 * t * t };
            let x = 27.5 + volume.side + flare + wave(p, y, side);
            points.push(pt(side * x + back, y));
        }
        points
    };
    let mut right = side_points(1.0);
    let tip = if long { 5.0 } else { -2.0 };
    right.push(pt(back + 12.0, bottom + tip));
    let mut left = side_points(-1.0);
    left.push(pt(back - 12.0, bottom + tip));
    left.reverse();
    let mut points = vec![head.rim(1.0, 0, 0.0, -volume.top)];
    points.append(&mut right);
    points.append(&mut left);
    let shape = blob(&points);
    let ink = Ink::linear(
        pt(0.0, -30.0),
        pt(0.0, bottom),
        &[
            (0.0, paints.hair.opaque()),
            (0.45, paints.hair_dark.opaque()),
            (1.0, paints.hair.mix(paints.hair_dark, 0.4).opaque()),
        ],
    );
    scene.label(&shape, ink, labels.hair);
    scene.clip_to(&shape);
    for i in 0..14 {
        let u = (i as f32 + 0.5) / 7.0 - 1.0;
        let strand: Vec<Point> = (0..6)
            .map(|k| {
                let y = lerp(-6.0, bottom + 4.0, k as f32 / 5.0);
                pt(u * (30.0 + volume.side) + back + wave(p, y, u.signum()), y)
            })
            .collect();
        let ink = if i % 2 == 0 { paints.hair_light } else { paints.hair_dark.shadow(0.05) };
        scene.line(&curve(&strand), ink.alpha(0.30), 1.3);
    }
    // The head keeps the light off the hair behind the neck.
    scene.soft(&ellipse(pt(0.0, 36.0), 19.0, 20.0), paints.hair_dark.shadow(0.10).alpha(0.70), 7.0);
    scene.unclip();
}

fn draw_bun(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, volume: &Volume) {
    let radius = lerp(8.0, 12.0, head.portrait.hair_length);
    let center = head.at(0.0, -44.0 - volume.top - radius * 0.35, -14.0);
    let shape = ellipse(center, radius * 1.12, radius);
    let light = head.portrait.looks.light;
    let ink = Ink::radial(
        pt(center.x + light * 3.0, center.y - 3.0),
        radius * 1.5,
        &[(0.0, paints.hair_light.opaque()), (0.5, paints.hair.opaque()), (1.0, paints.hair_dark.opaque())],
    );
    scene.label(&shape, ink, labels.hair);
    scene.clip_to(&shape);
    for i in 0..5 {
        let r = radius * (0.35 + 0.17 * i as f32);
        let arc = curve(&[
            pt(center.x - r, center.y + radius * 0.6),
            pt(center.x - r * 0.3, center.y - r * 0.9),
            pt(center.x + r * 1.05, center.y - r * 0.1),
            pt(center.x + r * 0.5, center.y + radius * 0.9),
        ]);
        scene.line(&arc, paints.hair_dark.alpha(0.40), 0.8);
    }
    scene.unclip();
}

fn draw_tail(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels) {
    let p = head.portrait;
    let side = if head.turn().abs() > 0.12 { -head.turn().signum() } else { p.part_side };
    let end = lerp(34.0, 66.0, p.hair_length);
    let at = |x: f32, y: f32| head.at(side * x, y, -14.0);
    let spine = [
        (at(12.0, -34.0), 5.0),
        (at(25.0, -31.0), 6.5),
        (at(35.0, -14.0), 7.5),
        (at(37.0, 10.0), 8.5),
        (at(34.0, end * 0.6), 7.0),
        (at(37.0, end), 0.8),
    ];
    draw_lock(scene, &spine, paints, labels);
    scene.line(&curve(&[at(19.0, -37.0), at(24.0, -32.5), at(25.0, -26.0)]), paints.clothes.alpha(0.95), 2.2);
}

/// A ribbon of hair with light and dark strands along it.
pub(super) fn draw_lock(scene: &mut Scene, spine: &[(Point, f32)], paints: &Paints, labels: &PortraitLabels) {
    let shape = ribbon(spine, true);
    let (first, last) = (spine[0].0, spine[spine.len() - 1].0);
    let ink = Ink::linear(
        first,
        last,
        &[
            (0.0, paints.hair.opaque()),
            (0.28, paints.hair.mix(paints.hair_light, 0.65).opaque()),
            (0.6, paints.hair.opaque()),
            (1.0, paints.hair.mix(paints.hair_dark, 0.6).opaque()),
        ],
    );
    scene.label(&shape, ink, labels.hair);
    scene.clip_to(&shape);
    for (i, across) in [-0.75_f32, -0.4, -0.05, 0.3, 0.65].into_iter().enumerate() {
        let strand: Vec<Point> = spine.iter().map(|&(point, half)| offset(point, across * half, 0.12 * half)).collect();
        let ink = if i % 2 == 0 { paints.hair_dark } else { paints.hair_light };
        scene.line(&curve(&strand), ink.alpha(0.42), 0.8);
    }
    scene.unclip();
}

pub(super) fn draw_hair_front(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, face: &Path) {
    let p = head.portrait;
    let volume = Volume::of(p);
    match p.hair_style {
        HairStyle::Bald => draw_scalp(scene, head, paints, face),
        HairStyle::Curly | HairStyle::Afro => draw_curls_front(scene, head, paints, labels, face, &volume),
        HairStyle::Bob | HairStyle::Long | HairStyle::Wavy => {
            let locks = [-1.0, 1.0].map(|side| lock_spine(head, &volume, side));
            for lock in &locks {
                cast_shadow(scene, paints, face, &ribbon(lock, true));
            }
            draw_cap(scene, head, paints, labels, face, &volume);
            for lock in &locks {
                draw_lock(scene, lock, paints, labels);
            }
        }
        _ => draw_cap(scene, head, paints, labels, face, &volume),
    }
}

fn draw_scalp(scene: &mut Scene, head: &Head, paints: &Paints, face: &Path) {
    scene.clip_to(face);
    let shine = ellipse(head.at(head.portrait.looks.light * 9.0, -33.0, 2.0), 7.5, 3.2);
    scene.soft(&shine, paints.skin_light.lighter(0.04).alpha(0.75), 3.0);
    scene.unclip();
}

/// A soft shadow on the face of whatever hair lies above it.
pub(super) fn cast_shadow(scene: &mut Scene, paints: &Paints, face: &Path, hair: &Path) {
    if let Some(shadow) = hair.clone().transform(Transform::from_translate(0.0, 2.6)) {
        scene.clip_to(face);
        scene.soft(&shadow, paints.skin_shade.shadow(0.07).alpha(0.55), 2.2);
        scene.unclip();
    }
}

/// The hairline from the picture's right sideburn over the forehead to the left one, on the face's surface.
pub(super) fn hairline(head: &Head) -> Vec<Point> {
    let p = head.portrait;
    let forehead: &[(f32, f32)] = match (p.hair_style, p.fringe) {
        (HairStyle::Receding, _) => &[
            (23.0, -12.0),
            (20.5, -22.0),
            (15.0, -32.0),
            (8.0, -32.5),
            (0.0, -30.5),
            (-8.0, -32.5),
            (-15.0, -32.0),
            (-20.5, -22.0),
            (-23.0, -12.0),
        ],
        (_, Fringe::Swept) => {
            &[(23.0, -13.0), (18.0, -22.0), (12.0, -28.5), (3.0, -22.0), (-8.0, -16.8), (-17.0, -13.0), (-22.8, -8.5)]
        }
        (_, Fringe::Centre) => {
            &[(23.3, -8.5), (18.0, -17.0), (9.0, -25.0), (0.0, -31.0), (-9.0, -25.0), (-18.0, -17.0), (-23.3, -8.5)]
        }
        (_, Fringe::Bangs) => {
            &[(23.0, -10.0), (15.5, -13.2), (6.5, -14.2), (0.0, -13.6), (-6.5, -14.2), (-15.5, -13.2), (-23.0, -10.0)]
        }
        (_, Fringe::Back) => {
            &[(23.3, -13.5), (19.0, -21.0), (11.0, -26.0), (0.0, -27.8), (-11.0, -26.0), (-19.0, -21.0), (-23.3, -13.5)]
        }
    };
    let sideburn = if p.male || p.beard { 5.0 } else { 1.0 };
    let mut line = vec![head.on_face(25.9, sideburn, 0.0), head.on_face(24.6, -5.0, 0.0)];
    line.extend(forehead.iter().map(|&(x, y)| (x * p.part_side, y)).map(|(x, y)| head.on_face(x, y, 0.0)));
    if p.part_side < 0.0 {
        line[2..].reverse();
    }
    line.extend([head.on_face(-24.6, -5.0, 0.0), head.on_face(-25.9, sideburn, 0.0)]);
    line
}

/// The cap's outer edge from the left ear over the top to the right ear.
fn crown(head: &Head, volume: &Volume) -> Vec<Point> {
    let low = |side: f32| {
        let down = lerp_point(head.rim(side, 3, 0.0, 0.0), head.rim(side, 4, 0.0, 0.0), 0.55);
        offset(down, side * volume.side * 0.55, 0.0)
    };
    // A quiff rises on the side it is combed to.
    let lift = if head.portrait.hair_style == HairStyle::Quiff { 2.4 * head.portrait.part_side } else { 0.0 };
    vec![
        low(-1.0),
        head.rim(-1.0, 3, volume.side, 0.0),
        head.rim(-1.0, 2, volume.side, -0.3 * volume.top),
        head.rim(-1.0, 1, 0.7 * volume.side, -0.85 * volume.top - lift.max(0.0)),
        head.rim(1.0, 0, 0.0, -volume.top),
        head.rim(1.0, 1, 0.7 * volume.side, -0.85 * volume.top + lift.min(0.0)),
        head.rim(1.0, 2, volume.side, -0.3 * volume.top),
        head.rim(1.0, 3, volume.side, 0.0),
        low(1.0),
    ]
}

fn draw_cap(scene: &mut Scene, head: &Head, paints: &Paints, labels: &PortraitLabels, face: &Path, volume: &Volume) {
    let outer = crown(head, volume);
    let line = hairline(head);
    let shape = outline(&[&outer, &line]);
    cast_shadow(scene, paints, face, &shape);
    let light = head.portrait.looks.light;
    let ink = Ink::linear(
        pt(light * 22.0, -46.0),
        pt(-light * 18.0, 2.0),
        &[
            (0.0, paints.hair.mix(paints.hair_light, 0.55).opaque()),
            (0.45, paints.hair.opaque()),
            (1.0, paints.hair_dark.opaque()),
        ],
    );
    scene.label(&shape, ink, labels.hair);
    scene.clip_to(&shape);
    draw_sheen(scene, &outer, &line, paints, light);
    draw_strands(scene, head, &outer, &line, paints);
    scene.unclip();
}

/// A band of light that follows the crown.
fn draw_sheen(scene: &mut Scene, outer: &[Point], line: &[Point], paints: &Paints, light: f32) {
    let top = sample_curve(outer, 2);
    let front: Vec<Point> = sample_curve(line, 2).into_iter().rev().collect();
    let band: Vec<(Point, f32)> = (0..=8)
        .map(|i| {
            let t = lerp(0.16, 0.84, i as f32 / 8.0);
            let here = lerp_point(pick(&top, t), pick(&front, t), 0.42);
            (here, 1.5 + 1.6 * (1.0 - (2.0 * t - 1.0 - 0.35 * light).abs()).max(0.0))
        })
        .collect();
    scene.soft(&ribbon(&band, true), paints.hair_light.lighter(0.05).alpha(0.62), 2.2);
}

fn pick(points: &[Point], t: f32) -> Point {
    let place = t * (points.len() - 1) as f32;
    let low = (place as usize).min(points.len() - 2);
    lerp_point(points[low], points[low + 1], place - low as f32)
}

fn draw_strands(scene: &mut Scene, head: &Head, outer: &[Point], line: &[Point], paints: &Paints) {
    let top = sample_curve(outer, 3);
    let front: Vec<Point> = sample_curve(line, 3).into_iter().rev().collect();
    // Strands gather where the hair is parted.
    let (part, pull) = match head.portrait.fringe {
        Fringe::Swept => (0.5 + 0.16 * head.portrait.part_side, 0.60),
        Fringe::Centre => (0.5, 0.62),
        Fringe::Bangs => (0.5, 0.45),
        Fringe::Back => (0.5, 0.15),
    };
    for i in 0..20 {
        let t = (i as f32 + 0.5) / 20.0;
        let from = pick(&top, lerp(t, part, pull));
        let to = pick(&front, t);
        let bend = lerp_point(lerp_point(from, to, 0.5), pick(&top, t), 0.34);
        let ink = if i % 2 == 0 { paints.hair_dark.shadow(0.03) } else { paints.hair_light };
        scene.line(&curve(&[from, bend, to]), ink.alpha(0.34), 0.85);
    }
}

/// Spine of the front lock of long hair, from the parting along the cheek down over the shoulder.
fn lock_spine(head: &Head, volume: &Volume, side: f32) -> Vec<(Point, f32)> {
    let p = head.portrait;
    let bottom = fall_y(p);
    let long = p.hair_style != HairStyle::Bob;
    let root_x = if p.fringe == Fringe::Swept { 7.0 * p.part_side } else { 0.0 };
    let out = volume.side * 0.45;
    let far = (side * head.turn()).max(0.0);
    let width = (5.4 + 0.25 * volume.side) * (1.0 - 0.5 * far);
    let mut spine = vec![
        (head.on_face(root_x + side * 3.0, -34.5, 2.0), 1.6),
        (head.rim(side, 1, -4.0 + out * 0.4, -volume.top * 0.3), 4.2),
        (head.rim(side, 2, -1.6 + out, 0.0), width),
        (head.rim(side, 3, -0.6 + out, 0.0), width),
        (head.rim(side, 4, 0.4 + out, 2.0), width),
    ];
    let cheek = head.rim(side, 4, 1.0 + out, 0.0);
    let steps = if long { 4 } else { 2 };
    for i in 1..=steps {
        let t = i as f32 / steps as f32;
        let y = lerp(14.0, bottom, t);
        let inward = if long { 1.5 * t } else { 4.0 * t * t };
        let taper = if long { 1.0 - 0.85 * t * t } else { 1.0 - 0.55 * t * t };
        spine.push((pt(cheek.x - side * inward + wave(p, y, side) * 0.8, y), width * taper));
    }
    spine
}
