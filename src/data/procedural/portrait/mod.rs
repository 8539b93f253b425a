//! Drawn portraits.

mod age;
mod beard;
mod clothes;
mod curls;
mod features;
mod hair;
mod head;
mod looks;
mod mouth;
mod params;

use tiny_skia::Transform;

pub(super) use params::Portrait;

use self::head::Head;
use self::looks::Paints;
use super::geometry::{ellipse, polygon, pt};
use super::scene::{DESIGN_SIDE, Ink, Scene};
use crate::taxonomy::{LabelId, Taxonomy};

/// The taxonomy's ids of the labels that portraits use.
#[derive(Clone, Debug)]
pub(super) struct PortraitLabels {
    skin: LabelId,
    nose: LabelId,
    eyes: LabelId,
    brows: LabelId,
    ears: LabelId,
    inner_mouth: LabelId,
    lips: LabelId,
    hair: LabelId,
    neck: LabelId,
    clothes: LabelId,
}

impl PortraitLabels {
    /// A label that the taxonomy lacks is drawn as background.
    pub(super) fn of(taxonomy: &Taxonomy) -> Self {
        let id = |name: &str| taxonomy.label_id(name).unwrap_or(0);
        Self {
            skin: id("skin"),
            nose: id("nose"),
            eyes: id("eyes"),
            brows: id("brows"),
            ears: id("ears"),
            inner_mouth: id("inner_mouth"),
            lips: id("lips"),
            hair: id("hair"),
            neck: id("neck"),
            clothes: id("clothes"),
        }
    }
}

/// The head's pivot on the neck, in the head's coordinates.
const PIVOT_Y: f32 = 34.0;

impl Portrait {
    /// The whole drawing, in painter's order.
    pub(super) fn draw(&self, labels: &PortraitLabels) -> Scene {
        let mut scene = Scene::new();
        let paints = Paints::new(self);
        draw_background(&mut scene, self, &paints);
        let on_canvas = Transform::from_translate(self.center_x, self.center_y).pre_scale(self.scale, self.scale);
        let of_head = on_canvas.pre_concat(Transform::from_rotate_at(self.tilt_degrees, 0.0, PIVOT_Y));
        // The shoulders stay nearer to the middle than the head does.
        let body_x = 64.0 + (self.center_x - 64.0) * 0.75 - self.yaw * 3.0;
        let of_body =
            Transform::from_translate(body_x, self.center_y + PIVOT_Y * self.scale).pre_scale(self.scale, self.scale);
        let head = Head::new(self);

        scene.place(of_head);
        hair::draw_hair_back(&mut scene, &head, &paints, labels);
        scene.place(of_body);
        clothes::draw_neck(&mut scene, self, &paints, labels);
        clothes::draw_chin_shadow(&mut scene, self, &paints, head.chin_y() - PIVOT_Y);
        clothes::draw_clothes(&mut scene, self, &paints, labels);
        scene.place(of_head);
        head::draw_ears(&mut scene, &head, &paints, labels, false);
        let face = head::draw_face(&mut scene, &head, &paints, labels);
        age::draw_age(&mut scene, &head, &paints, &face);
        beard::draw_beard(&mut scene, &head, &paints, &face);
        features::draw_eyes(&mut scene, &head, &paints, labels, &face);
        features::draw_nose(&mut scene, &head, &paints, labels);
        mouth::draw_mouth(&mut scene, &head, &paints, labels, &face);
        if !hair::shows_ears(self.hair_style) {
            head::draw_ears(&mut scene, &head, &paints, labels, true);
        }
        hair::draw_hair_front(&mut scene, &head, &paints, labels, &face);
        if hair::shows_ears(self.hair_style) {
            head::draw_ears(&mut scene, &head, &paints, labels, true);
        }
        features::draw_brows(&mut scene, &head, &paints, labels);
        scene
    }
}

fn draw_background(scene: &mut Scene, portrait: &Portrait, paints: &Paints) {
    let all = polygon(&[pt(0.0, 0.0), pt(DESIGN_SIDE, 0.0), pt(DESIGN_SIDE, DESIGN_SIDE), pt(0.0, DESIGN_SIDE)]);
    let base = paints.background;
    let light = portrait.looks.light;
    let ink = Ink::radial(
        pt(64.0 + light * 34.0, 34.0),
        122.0,
        &[(0.0, base.lighter(0.07).opaque()), (0.45, base.opaque()), (1.0, base.shadow(0.13).opaque())],
    );
    scene.paint(&all, ink);
    scene.soft(&ellipse(pt(64.0 - light * 22.0, 112.0), 52.0, 40.0), base.shadow(0.10).alpha(0.35), 14.0);
}
