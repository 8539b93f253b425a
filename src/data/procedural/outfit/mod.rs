//! Drawn figures in clothes.

mod accessories;
mod body;
mod figure;
mod garments;
mod head;
mod looks;
mod params;
mod pattern;

use tiny_skia::Transform;

#[cfg(test)]
pub(super) use params::{BOTTOM_COLORS, TOP_COLORS};
pub(super) use params::{Bottom, Outer, Outfit, Shoe};

use self::body::{Body, SOLE_Y};
use self::garments::{Cloth, cloths};
use self::looks::OutfitPaints;
use super::geometry::{ellipse, polygon, pt};
use super::scene::{DESIGN_SIDE, Ink, Scene};
use crate::taxonomy::{LabelId, Taxonomy};

/// The taxonomy's ids of the labels that outfits use.
#[derive(Clone, Debug)]
pub(super) struct OutfitLabels {
    hair: LabelId,
    face: LabelId,
    skin: LabelId,
    upper: LabelId,
    full_body: LabelId,
    lower: LabelId,
    footwear: LabelId,
    accessory: LabelId,
}

impl OutfitLabels {
    /// A label that the taxonomy lacks is drawn as background.
    pub(super) fn of(taxonomy: &Taxonomy) -> Self {
        let id = |name: &str| taxonomy.label_id(name).unwrap_or(0);
        Self {
            hair: id("hair"),
            face: id("face"),
            skin: id("skin"),
            upper: id("upper"),
            full_body: id("full_body"),
            lower: id("lower"),
            footwear: id("footwear"),
            accessory: id("accessory"),
        }
    }
}

/// Where the soles stand in the picture.
const FLOOR_Y: f32 = 121.0;

impl Outfit {
    /// The whole drawing, in painter's order.
    pub(super) fn draw(&self, labels: &OutfitLabels) -> Scene {
        let mut scene = Scene::new();
        let paints = OutfitPaints::new(self);
        let body = Body::new(self);
        let scale = self.height / SOLE_Y;
        let placed = Transform::from_translate(self.center_x, FLOOR_Y - self.height).pre_scale(scale, scale);
        let on_head = head::head_transform(self, placed);
        let (upper, lower) = cloths(self, &paints, labels);

        draw_studio(&mut scene, &paints);
        scene.place(placed);
        draw_floor_shadow(&mut scene, &body, &paints);
        scene.place(on_head);
        head::draw_hair_back(&mut scene, self, &paints, labels);
        scene.place(placed);
        figure::draw_legs(&mut scene, &body, &paints, labels);
        figure::draw_torso(&mut scene, &body, &paints, labels);
        self.draw_clothes(&mut scene, &body, &paints, labels, upper, lower);
        scene.place(on_head);
        head::draw_head(&mut scene, self, &paints, labels);
        accessories::draw_hat(&mut scene, self, &paints, labels);
        scene.place(placed);
        self.draw_arms(&mut scene, &body, &paints, labels, upper);
        scene
    }

    fn draw_clothes(
        &self,
        scene: &mut Scene,
        body: &Body,
        paints: &OutfitPaints,
        labels: &OutfitLabels,
        upper: Cloth,
        lower: Cloth,
    ) {
        let skirt = match self.outer {
            Outer::Separates => matches!(self.bottom, Bottom::Pencil | Bottom::Flared),
            Outer::Dress => true,
            Outer::Jumpsuit => false,
        };
        // Wide hems fall over the shoe, narrow ones end above it; boots go over the trousers.
        let over = matches!(self.shoe, Shoe::TallBoot);
        if !over {
            accessories::draw_shoes(scene, self, body, paints, labels);
        }
        if skirt {
            let flared = self.bottom != Bottom::Pencil && self.bottom != Bottom::Slim;
            if over {
                accessories::draw_shoes(scene, self, body, paints, labels);
            }
            garments::draw_skirt(scene, self, body, paints, lower, flared);
        } else {
            garments::draw_trousers(scene, self, body, paints, lower);
            if over {
                accessories::draw_shoes(scene, self, body, paints, labels);
            }
        }
        garments::draw_top(scene, self, body, paints, upper);
        accessories::draw_belt(scene, self, body, paints, labels);
        accessories::draw_strap(scene, self, body, paints, labels);
    }

    fn draw_arms(&self, scene: &mut Scene, body: &Body, paints: &OutfitPaints, labels: &OutfitLabels, upper: Cloth) {
        accessories::draw_bag(scene, self, body, paints, labels);
        for (arm, side) in [(0, -1.0), (1, 1.0)] {
            figure::draw_arm(scene, &body.arms[arm], self.arms[arm], side, paints, labels);
            garments::draw_sleeve(scene, self, body, arm, paints, upper);
        }
    }
}

fn rectangle(top: f32, bottom: f32) -> tiny_skia::Path {
    polygon(&[pt(0.0, top), pt(DESIGN_SIDE, top), pt(DESIGN_SIDE, bottom), pt(0.0, bottom)])
}

/// A seamless paper backdrop: the wall fades into the floor.
fn draw_studio(scene: &mut Scene, paints: &OutfitPaints) {
    let base = paints.background;
    let wall = Ink::radial(
        pt(64.0 + paints.light * 30.0, 40.0),
        118.0,
        &[(0.0, base.lighter(0.05).opaque()), (0.5, base.opaque()), (1.0, base.shadow(0.10).opaque())],
    );
    scene.paint(&rectangle(0.0, DESIGN_SIDE), wall);
    let floor = Ink::linear(
        pt(0.0, 100.0),
        pt(0.0, DESIGN_SIDE),
        &[
            (0.0, base.lighter(0.03).alpha(0.0)),
            (0.5, base.lighter(0.03).alpha(0.55)),
            (1.0, base.lighter(0.05).alpha(0.75)),
        ],
    );
    scene.paint(&rectangle(98.0, DESIGN_SIDE), floor);
}

fn draw_floor_shadow(scene: &mut Scene, body: &Body, paints: &OutfitPaints) {
    let shade = paints.background.shadow(0.30);
    let middle = (body.legs[0][4].0.x + body.legs[1][4].0.x) * 0.5;
    let away = -paints.light * 7.0;
    scene.soft(&ellipse(pt(middle + away, SOLE_Y + 1.2), 19.0, 2.6), shade.alpha(0.38), 3.0);
    for leg in &body.legs {
        scene.soft(&ellipse(pt(leg[4].0.x + away * 0.2, SOLE_Y + 1.4), 5.2, 1.3), shade.shadow(0.1).alpha(0.60), 1.2);
    }
}
