//! Bare skin: legs, torso, arms and hands.

use super::OutfitLabels;
use super::body::{Body, CHIN_Y, CROTCH_Y, Limb, SHOULDER_Y, WAIST_Y, limb_to};
use super::looks::OutfitPaints;
use super::params::Arm;
use crate::data::procedural::geometry::{curve, ellipse, offset, outline, pt, ribbon};
use crate::data::procedural::scene::Scene;

pub(super) fn draw_legs(scene: &mut Scene, body: &Body, paints: &OutfitPaints, labels: &OutfitLabels) {
    for leg in &body.legs {
        let shape = ribbon(&limb_to(leg, 1.0, |_| 0.0), true);
        scene.label(&shape, paints.across(leg[2].0, 4.6, paints.skin), labels.skin);
        scene.soft(&ellipse(offset(leg[2].0, 0.0, 2.6), 1.8, 1.0), paints.skin_shade.alpha(0.55), 1.0);
    }
}

pub(super) fn draw_torso(scene: &mut Scene, body: &Body, paints: &OutfitPaints, labels: &OutfitLabels) {
    let heights = [SHOULDER_Y + 4.0, 34.0, WAIST_Y, 50.0, 56.0];
    let side = |s: f32| {
        let mut points = vec![
            pt(s * body.neck, CHIN_Y - 3.0),
            pt(s * (body.neck + 0.2), SHOULDER_Y - 3.4),
            pt(s * body.shoulder * 0.6, SHOULDER_Y - 1.2),
            pt(s * body.shoulder, SHOULDER_Y + 1.4),
        ];
        points.extend(heights.iter().map(|&y| body.flank(s, y, 0.0)));
        points
    };
    let (left, mut right) = (side(-1.0), side(1.0));
    right.reverse();
    let shape = outline(&[&left, &[pt(body.center(CROTCH_Y), CROTCH_Y)], &right]);
    scene.label(&shape, paints.across(pt(0.0, 34.0), 12.0, paints.skin), labels.skin);
    scene.clip_to(&shape);
    let under_chin = ellipse(pt(-paints.light * 1.2, CHIN_Y + 1.4), body.neck + 1.4, 3.0);
    scene.soft(&under_chin, paints.skin_shade.shadow(0.05).alpha(0.70), 1.6);
    for s in [-1.0, 1.0] {
        let bone = curve(&[pt(s * 1.4, SHOULDER_Y + 1.0), pt(s * body.shoulder * 0.62, SHOULDER_Y + 0.2)]);
        scene.line(&bone, paints.skin_shade.alpha(0.65), 0.6);
    }
    scene.unclip();
}

/// One bare arm with its hand; a hand in a pocket is not seen.
pub(super) fn draw_arm(
    scene: &mut Scene,
    arm: &Limb,
    pose: Arm,
    side: f32,
    paints: &OutfitPaints,
    labels: &OutfitLabels,
) {
    let shape = ribbon(&limb_to(arm, 1.0, |_| 0.0), true);
    scene.label(&shape, paints.across(arm[2].0, 3.6, paints.skin), labels.skin);
    if pose == Arm::Pocket {
        return;
    }
    let (wrist, forearm) = (arm[4].0, arm[3].0);
    let length = wrist.distance(forearm).max(0.1);
    let (dx, dy) = ((wrist.x - forearm.x) / length, (wrist.y - forearm.y) / length);
    let width = arm[4].1 * 1.12;
    let along = |t: f32, inward: f32| offset(wrist, dx * t - side * inward, dy * t);
    let hand = ribbon(
        &[
            (wrist, width * 0.85),
            (along(1.7, 0.1), width * 1.15),
            (along(3.6, 0.3), width * 0.95),
            (along(5.3, 0.7), width * 0.45),
        ],
        true,
    );
    scene.label(&hand, paints.across(wrist, 2.6, paints.skin.mix(paints.skin_light, 0.2)), labels.skin);
    let thumb = curve(&[along(1.4, width * 0.6), along(3.6, width * 0.7)]);
    scene.line(&thumb, paints.line.alpha(0.30), 0.5);
}
