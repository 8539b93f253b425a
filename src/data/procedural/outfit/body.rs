//! The figure's joints and the width of its torso. Garments are cut from these.

use tiny_skia::Point;

use super::params::{Arm, Outfit};
use crate::data::procedural::geometry::{lerp, lerp_point, pt};

// Body coordinates: x = 0 is the middle of the shoulders, y = 0 the top of the head.
pub(super) const SOLE_Y: f32 = 110.0;
pub(super) const CHIN_Y: f32 = 16.4;
pub(super) const SHOULDER_Y: f32 = 22.6;
pub(super) const WAIST_Y: f32 = 43.5;
pub(super) const HIP_Y: f32 = 54.0;
pub(super) const CROTCH_Y: f32 = 59.5;

/// One limb: joints and the half-width at each.
pub(super) type Limb = [(Point, f32); 5];

pub(super) struct Body {
    /// Torso half-widths by height.
    torso: [(f32, f32); 6],
    sway: f32,
    /// Hip, mid-thigh, knee, calf, ankle; left and right in the picture.
    pub(super) legs: [Limb; 2],
    /// Shoulder, upper arm, elbow, forearm, wrist.
    pub(super) arms: [Limb; 2],
    pub(super) shoulder: f32,
    pub(super) neck: f32,
}

impl Body {
    pub(super) fn new(outfit: &Outfit) -> Self {
        let sex = |male: f32, female: f32| if outfit.male { male } else { female };
        let wide = lerp(1.0, outfit.build, 0.75);
        let shoulder = sex(12.6, 10.2) * lerp(1.0, outfit.build, 0.45);
        let torso = [
            (SHOULDER_Y, shoulder - 1.0),
            (28.0, sex(10.6, 8.7) * wide),
            (34.0, sex(10.0, 8.3) * wide),
            (WAIST_Y, sex(8.6, 6.5) * outfit.build),
            (50.0, sex(9.0, 8.9) * wide),
            (HIP_Y + 2.0, sex(9.4, 10.2) * wide),
        ];
        let rest = [(pt(0.0, 0.0), 1.0); 5];
        let mut body =
            Self { torso, sway: outfit.sway, legs: [rest; 2], arms: [rest; 2], shoulder, neck: sex(3.5, 2.7) };
        body.legs = [-1.0, 1.0].map(|side| body.leg(outfit, side));
        body.arms = [(-1.0, outfit.arms[0]), (1.0, outfit.arms[1])].map(|(side, arm)| body.arm(outfit, side, arm));
        body
    }

    /// Middle of the torso at a height: the hips shift, the shoulders stay.
    pub(super) fn center(&self, y: f32) -> f32 {
        let t = ((y - SHOULDER_Y) / (HIP_Y - SHOULDER_Y)).clamp(0.0, 1.0);
        self.sway * t * t * (3.0 - 2.0 * t)
    }

    /// Half the torso's width at a height.
    pub(super) fn half(&self, y: f32) -> f32 {
        let after = self.torso.iter().position(|&(at, _)| at >= y).unwrap_or(self.torso.len() - 1).max(1);
        let ((y0, w0), (y1, w1)) = (self.torso[after - 1], self.torso[after]);
        lerp(w0, w1, ((y - y0) / (y1 - y0)).clamp(0.0, 1.0))
    }

    /// A point on the torso's side, `ease` away from the skin.
    pub(super) fn flank(&self, side: f32, y: f32, ease: f32) -> Point {
        pt(self.center(y) + side * (self.half(y) + ease), y)
    }

    fn leg(&self, outfit: &Outfit, side: f32) -> Limb {
        let wide = lerp(1.0, outfit.build, 0.8) * if outfit.male { 1.03 } else { 1.0 };
        let hip = pt(self.center(HIP_Y) + side * self.half(HIP_Y) * 0.50, 53.0);
        // The leg under the shifted hip carries the weight and stands straight below it; the other is set aside.
        let carries = side * outfit.sway > 0.0;
        let spread = if carries { 1.0 } else { 2.0 + outfit.sway.abs() * 0.9 } + 2.4 * outfit.stance;
        let ankle = pt(side * (3.4 + spread) + outfit.sway * if carries { 0.55 } else { 0.2 }, 105.0);
        let straight = lerp_point(hip, ankle, 0.52);
        let knee = pt(straight.x + side * if carries { 0.2 } else { 1.0 }, 80.5 / outfit.leg_length.sqrt());
        let calf = lerp_point(knee, ankle, 0.35);
        [
            (hip, 5.2 * wide),
            (lerp_point(hip, knee, 0.45), 4.7 * wide),
            (knee, 3.45 * wide),
            (pt(calf.x + side * 0.5, calf.y), 3.55 * wide),
            (ankle, 1.95),
        ]
    }

    fn arm(&self, outfit: &Outfit, side: f32, arm: Arm) -> Limb {
        let wide = lerp(1.0, outfit.build, 0.7) * if outfit.male { 1.16 } else { 0.94 };
        let s = self.shoulder;
        let hip = |y: f32| self.center(y) + side * self.half(y);
        let (elbow, wrist) = match arm {
            Arm::Down => (pt(side * (s + 2.6), 40.5), pt(side * (s + 2.9), 54.5)),
            Arm::Out => (pt(side * (s + 5.2), 39.5), pt(side * (s + 8.4), 53.0)),
            Arm::Akimbo => (pt(side * (s + 9.0), 38.5), pt(hip(47.0) + side * 1.6, 46.8)),
            Arm::Pocket => (pt(side * (s + 5.6), 40.5), pt(hip(53.0) + side * 1.0, 52.5)),
        };
        let shoulder = pt(side * (s - 1.6), SHOULDER_Y + 2.0);
        [
            (shoulder, 2.5 * wide),
            (lerp_point(shoulder, elbow, 0.5), 2.4 * wide),
            (elbow, 2.0 * wide),
            (lerp_point(elbow, wrist, 0.4), 2.05 * wide),
            (wrist, 1.45 * wide),
        ]
    }
}

/// The limb from its root to `reach` (0 … 1 of its joints), with `ease(along)` added to the half-widths.
pub(super) fn limb_to(limb: &Limb, reach: f32, ease: impl Fn(f32) -> f32) -> Vec<(Point, f32)> {
    let steps = 8;
    (0..=steps)
        .map(|i| {
            let along = reach * i as f32 / steps as f32;
            let place = along * (limb.len() - 1) as f32;
            let low = (place as usize).min(limb.len() - 2);
            let t = place - low as f32;
            let (a, b) = (limb[low], limb[low + 1]);
            (lerp_point(a.0, b.0, t), lerp(a.1, b.1, t) + ease(along))
        })
        .collect()
}
