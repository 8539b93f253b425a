//! Shoes, belts, bags and hats.

use super::OutfitLabels;
use super::body::{Body, Limb, SHOULDER_Y, SOLE_Y, WAIST_Y, limb_to};
use super::looks::OutfitPaints;
use super::params::{Hair, Hat, Outer, Outfit, Shoe};
use crate::data::procedural::geometry::{curve, ellipse, lerp_point, offset, outline, pt, ribbon};
use crate::data::procedural::palette::Tone;
use crate::data::procedural::scene::{Ink, Scene};

pub(super) fn draw_shoes(
    scene: &mut Scene,
    outfit: &Outfit,
    body: &Body,
    paints: &OutfitPaints,
    labels: &OutfitLabels,
) {
    for (leg, side) in body.legs.iter().zip([-1.0, 1.0]) {
        draw_shoe(scene, outfit.shoe, leg, side, paints, labels);
    }
}

fn draw_shoe(scene: &mut Scene, shoe: Shoe, leg: &Limb, side: f32, paints: &OutfitPaints, labels: &OutfitLabels) {
    let ankle = leg[4].0;
    let (x, y) = (ankle.x, SOLE_Y);
    let tone = paints.shoe;
    let (top, wide) = match shoe {
        Shoe::Sneaker => (-4.6, 2.9),
        Shoe::Pump => (-2.6, 2.2),
        Shoe::Sandal => (-2.4, 2.6),
        Shoe::AnkleBoot => (-9.0, 2.8),
        Shoe::TallBoot => (-8.0, 2.7),
    };
    if shoe == Shoe::TallBoot {
        let shaft: Vec<_> = limb_to(leg, 1.0, |_| 0.7).split_off(5);
        scene.label(&ribbon(&shaft, false), paints.across(leg[3].0, 4.5, tone), labels.footwear);
    }
    if matches!(shoe, Shoe::Pump | Shoe::Sandal) {
        // The foot's back shows above a low shoe.
        let foot = ribbon(&[(ankle, 1.9), (pt(x + side * 0.8, y - 2.0), 2.0)], true);
        scene.label(&foot, Ink::Solid(paints.skin.opaque()), labels.skin);
    }
    let shape = outline(&[&[
        pt(x - side * 2.0, y + top),
        pt(x + side * 2.1, y + top),
        pt(x + side * (wide + 0.6), y - 2.2),
        pt(x + side * (wide + 1.7), y + 0.6),
        pt(x + side * 1.2, y + 1.9),
        pt(x - side * 1.7, y + 1.0),
        pt(x - side * 2.3, y - 2.0),
        pt(x - side * 2.0, y + top),
    ]]);
    scene.label(&shape, paints.across(pt(x, y - 2.0), 3.6, tone), labels.footwear);
    scene.clip_to(&shape);
    let sole = curve(&[pt(x - side * 2.2, y + 0.6), pt(x + side * 1.2, y + 1.5), pt(x + side * 5.0, y + 0.3)]);
    match shoe {
        Shoe::Sneaker => {
            scene.line(&sole, Tone::hex(0xf4f1ea).opaque(), 1.3);
            for i in 0..3 {
                let at = y - 3.6 + 1.2 * i as f32;
                let lace = curve(&[pt(x - side * 0.6, at), pt(x + side * 1.6, at + 0.2)]);
                scene.line(&lace, Tone::hex(0xf4f1ea).alpha(0.85), 0.45);
            }
        }
        Shoe::Sandal => scene.soft(&ellipse(pt(x + side * 0.8, y - 1.0), 1.2, 1.4), paints.skin.alpha(0.9), 0.5),
        _ => scene.line(&sole, tone.shadow(0.14).opaque(), 0.9),
    }
    scene.soft(&ellipse(pt(x + paints.light.signum(), y - 1.8), 1.0, 1.0), tone.lighter(0.14).alpha(0.5), 0.9);
    scene.unclip();
}

pub(super) fn draw_belt(scene: &mut Scene, outfit: &Outfit, body: &Body, paints: &OutfitPaints, labels: &OutfitLabels) {
    if !outfit.belt || (outfit.outer == Outer::Separates && outfit.hem >= 0.35) {
        return;
    }
    let edge = |y: f32| [body.flank(-1.0, y, 0.8), pt(body.center(y), y + 0.7), body.flank(1.0, y, 0.8)];
    let (top, mut low) = (edge(WAIST_Y), edge(WAIST_Y + 2.3));
    low.reverse();
    let shape = outline(&[&top, &low]);
    scene.label(&shape, paints.across(top[1], 8.0, paints.accent), labels.accessory);
    let buckle = ellipse(pt(body.center(WAIST_Y), WAIST_Y + 1.8), 1.1, 0.9);
    scene.line(&buckle, Tone::hex(0xe4c77a).opaque(), 0.5);
}

/// A strap across the chest with a small bag at the hip; drawn under the arms.
pub(super) fn draw_strap(
    scene: &mut Scene,
    outfit: &Outfit,
    body: &Body,
    paints: &OutfitPaints,
    labels: &OutfitLabels,
) {
    if !outfit.strap || outfit.bag.is_some() {
        return;
    }
    let side = outfit.part_side;
    let (from, to) = (pt(-side * body.shoulder * 0.62, SHOULDER_Y - 1.0), body.flank(side, 52.0, 0.5));
    let middle = offset(lerp_point(from, to, 0.5), -side * 0.8, 0.8);
    let band = ribbon(&[(from, 0.8), (middle, 0.8), (to, 0.8)], false);
    scene.label(&band, Ink::Solid(paints.accent.opaque()), labels.accessory);
    draw_pouch(scene, offset(to, side * 0.5, 3.2), 4.6, 3.8, paints, labels);
}

/// A bag in the hand.
pub(super) fn draw_bag(scene: &mut Scene, outfit: &Outfit, body: &Body, paints: &OutfitPaints, labels: &OutfitLabels) {
    let Some(side) = outfit.bag else { return };
    let wrist = body.arms[usize::from(side > 0.0)][4].0;
    let grip = offset(wrist, 0.0, 4.2);
    let handle =
        curve(&[offset(grip, -2.6, 5.5), offset(grip, -1.6, 0.4), offset(grip, 1.6, 0.4), offset(grip, 2.6, 5.5)]);
    scene.line(&handle, paints.accent.shadow(0.08).opaque(), 0.9);
    draw_pouch(scene, offset(grip, 0.0, 8.6), 5.2, 4.2, paints, labels);
}

fn draw_pouch(
    scene: &mut Scene,
    center: tiny_skia::Point,
    half_width: f32,
    half_height: f32,
    paints: &OutfitPaints,
    labels: &OutfitLabels,
) {
    let tone = paints.accent;
    let shape = outline(&[
        &[offset(center, -half_width * 0.82, -half_height), offset(center, half_width * 0.82, -half_height)],
        &[
            offset(center, half_width, half_height * 0.6),
            offset(center, half_width * 0.8, half_height),
            offset(center, -half_width * 0.8, half_height),
            offset(center, -half_width, half_height * 0.6),
        ],
    ]);
    scene.label(&shape, paints.across(center, half_width, tone), labels.accessory);
    let flap = curve(&[
        offset(center, -half_width * 0.86, -half_height * 0.5),
        offset(center, 0.0, half_height * 0.25),
        offset(center, half_width * 0.86, -half_height * 0.5),
    ]);
    scene.line(&flap, tone.shadow(0.13).alpha(0.8), 0.6);
    scene.paint(&ellipse(offset(center, 0.0, half_height * 0.2), 0.7, 0.7), Ink::Solid(Tone::hex(0xe4c77a).opaque()));
}

/// A hat on the head, in the head's place.
pub(super) fn draw_hat(scene: &mut Scene, outfit: &Outfit, paints: &OutfitPaints, labels: &OutfitLabels) {
    let Some(hat) = outfit.hat else { return };
    let tone = paints.accent;
    let wide = if outfit.hair == Hair::Curly { 6.9 } else { 6.3 };
    let height = if hat == Hat::Brim { -2.6 } else { -2.4 };
    let dome = outline(&[
        &[
            pt(-wide, 4.6),
            pt(-wide * 0.86, 0.2),
            pt(-wide * 0.3, height),
            pt(wide * 0.3, height),
            pt(wide * 0.86, 0.2),
            pt(wide, 4.6),
        ],
        &[pt(0.0, 5.4)],
    ]);
    scene.label(&dome, paints.across(pt(0.0, 1.0), wide, tone), labels.accessory);
    match hat {
        Hat::Brim => {
            let brim = ellipse(pt(0.0, 4.3), wide + 4.6, 1.8);
            scene.label(&brim, paints.across(pt(0.0, 4.0), wide + 4.0, tone), labels.accessory);
            let band = curve(&[pt(-wide * 0.96, 2.7), pt(0.0, 3.5), pt(wide * 0.96, 2.7)]);
            scene.line(&band, tone.shadow(0.16).opaque(), 1.2);
        }
        Hat::Beanie => {
            let cuff = outline(&[
                &[pt(-wide - 0.2, 2.2), pt(0.0, 3.0), pt(wide + 0.2, 2.2)],
                &[pt(wide + 0.2, 5.0), pt(0.0, 5.8), pt(-wide - 0.2, 5.0)],
            ]);
            scene.label(&cuff, paints.across(pt(0.0, 4.0), wide, tone.lighter(0.04)), labels.accessory);
            for i in 0..7 {
                let x = (i as f32 / 3.0 - 1.0) * wide * 0.9;
                scene.line(&curve(&[pt(x, 2.8), pt(x, 5.4)]), tone.shadow(0.10).alpha(0.6), 0.45);
            }
        }
    }
}
