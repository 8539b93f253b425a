//! Head and shoulders: who, how they look, and how they are photographed.

mod arranged;

pub(super) use self::arranged::FacePlan;

use super::figure::{BeardLook, Colour, Cut, Fabric, FigureLabels, Recipe, SkinLook, Worn};
use super::figure::{Figure, assemble};
use super::library::Library;
use super::looks::{self, HairChoice, HairColour};
use super::morphs::{AdultAge, Build, expression, face_shape};
use super::scene::{Camera, Scene};
use super::texture::TextureId;
use super::vector::{Vec3, add_scaled, cross, normalize, scale};
use super::wardrobe::Garment;
use crate::dice::Dice;
use crate::taxonomy::Taxonomy;

/// Years from which people are no longer called young.
const YOUNG_UNTIL: f32 = 40.0;
/// In a mouth less open than this the tongue lies behind the teeth.
const TONGUE_FROM: f32 = 0.2;
/// What is lower on the base mesh is outside every portrait, in decimetres.
const BUST_FROM: f32 = 1.6;

/// A person before a camera.
pub(super) struct Portrait {
    build: Build,
    pose: Vec<(&'static str, Vec3)>,
    gaze: [f32; 2],
    skin: SkinLook,
    hair: HairChoice,
    brows: usize,
    brow_colour: Colour,
    lashes: usize,
    lash_opacity: f32,
    iris: TextureId,
    teeth: usize,
    shows_tongue: bool,
    top: Top,
    fabric: Fabric,
    camera: CameraPlan,
    /// Names of the attributes that hold.
    pub(super) attributes: Vec<&'static str>,
    dice: Dice,
}

/// A garment of the wardrobe, or knitwear cut so.
#[derive(Clone, Copy)]
enum Top {
    Garment(usize),
    Knit(Cut),
}

/// Where the camera stands before the head is found.
#[derive(Clone, Copy)]
struct CameraPlan {
    azimuth: f32,
    elevation: f32,
    roll: f32,
    half_tan: f32,
    /// Height of the head in the picture, 0–1.
    share: f32,
    /// How far the head is off the middle, in pictures.
    off: [f32; 2],
}

impl Portrait {
    pub(super) fn sample(library: &Library, seed: u64, index: u64) -> Self {
        let mut dice = Dice::new(seed, index, 11);
        let dice = &mut dice;
        // What attributes say is drawn first, each as likely as not.
        let (male, young, smiling) = (dice.chance(0.5), dice.chance(0.5), dice.chance(0.5));
        let bearded = male && dice.chance(0.5);
        let colour = HairColour::ALL[dice.below(HairColour::ALL.len())];
        let age = if young { dice.range(AdultAge::YOUNGEST, YOUNG_UNTIL) } else { dice.range(YOUNG_UNTIL + 5.0, 76.0) };
        let age = AdultAge::new(age);
        let ancestry = looks::ancestry(dice);
        let dark_skinned = ancestry[0] > 0.5;
        let hair = HairChoice::draw(library, dice, colour, male, dark_skinned);
        let brow_colour = looks::natural(colour, hair.colour, dark_skinned).map(|c| 0.55 * c);
        let beard = beard(dice, bearded, male, looks::natural(colour, hair.colour, dark_skinned));
        let shape = face_shape(dice, age);
        let (mood, units) = expression(dice, smiling);
        let build = Build { male, age, ancestry, shape, expression: units };
        let skin = looks::skin(library, dice, (male, age, ancestry), beard);
        let azimuth = 0.52 * dice.bell();
        let turn = [0.13 * dice.bell() + 0.03, 0.30 * dice.bell(), 0.12 * dice.bell()];
        let gaze_at_camera = dice.chance(0.7);
        let gaze = if gaze_at_camera {
            [-0.5 * turn[0], (azimuth - turn[1]).clamp(-0.35, 0.35)]
        } else {
            [0.14 * dice.bell(), 0.30 * dice.bell()]
        };
        let mut attributes = Vec::new();
        attributes.extend(colour.attribute());
        for (name, holds) in [("Male", male), ("Young", young), ("Smiling", smiling), ("Beard", bearded)] {
            attributes.extend(holds.then_some(name));
        }
        let blue_eyed = ancestry[2] > 0.6;
        Self {
            pose: pose(dice, turn),
            gaze,
            skin,
            hair,
            brows: dice.below(library.brows.len()),
            brow_colour,
            lashes: dice.below(library.lashes.len().max(1)),
            lash_opacity: if male { dice.range(0.3, 0.6) } else { dice.range(0.6, 1.4) },
            iris: iris(library, dice, blue_eyed),
            teeth: dice.below(library.teeth.len().max(1)),
            shows_tongue: mood.open > TONGUE_FROM,
            top: top(library, dice, male),
            fabric: looks::any_cloth(dice),
            camera: CameraPlan {
                azimuth,
                elevation: 0.12 * dice.bell(),
                roll: 0.06 * dice.bell(),
                half_tan: dice.range(0.11, 0.20),
                share: dice.range(0.58, 0.70),
                off: [0.05 * dice.bell(), 0.03 * dice.bell()],
            },
            attributes,
            build,
            dice: Dice::new(seed, index, 12),
        }
    }

    /// The person and the scene around them.
    pub(super) fn stage(&self, library: &Library, taxonomy: &Taxonomy) -> (Figure, Scene) {
        let labels = labels(taxonomy);
        let garment = match self.top {
            Top::Garment(index) => library.wardrobe.tops.get(index).map(|garment| (garment, Cut::NONE, 0.0)),
            Top::Knit(cut) => library.wardrobe.knit.as_ref().map(|garment| (garment, cut, 0.05)),
        };
        let clothes = taxonomy.label_id("clothes").unwrap_or(0);
        let worn = |(garment, cut, loose): (_, _, _)| Worn { garment, label: clothes, fabric: self.fabric, cut, loose };
        let recipe = Recipe {
            build: &self.build,
            pose: &self.pose,
            gaze: self.gaze,
            skin: self.skin,
            hair: self.hair.look(library),
            brows: &library.brows[self.brows],
            brow_colour: self.brow_colour,
            lashes: library.lashes.get(self.lashes).map(|lashes| (lashes, self.lash_opacity)),
            iris: self.iris,
            teeth: library.teeth.get(self.teeth),
            tongue: library.tongue.first().filter(|_| self.shows_tongue),
            worn: garment.into_iter().map(worn).collect(),
            shoes: None,
            labels,
            from_height: BUST_FROM,
        };
        let figure = assemble(library, &recipe);
        let scene = self.scene(&figure, labels);
        (figure, scene)
    }

    fn scene(&self, figure: &Figure, labels: FigureLabels) -> Scene {
        let mut dice = self.dice.clone();
        let dice = &mut dice;
        let plan = self.camera;
        let [low, high] = figure.head;
        let head_height = high[1] - low[1];
        let picture = head_height / plan.share;
        let middle = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), 0.5 * (low[2] + high[2])];
        let lighting = looks::lighting(dice, plan.azimuth);
        let target = [middle[0], middle[1] - 0.04 * picture, middle[2]];
        Scene {
            camera: camera(&plan, target, picture),
            lights: lighting.lights,
            sky: lighting.sky,
            ground: lighting.ground,
            backdrop: looks::backdrop(dice),
            shadowed: ([middle[0], middle[1] - 0.8, middle[2]], 3.6),
            exposure: lighting.exposure,
            grain: dice.range(0.0, 0.018),
            warmth: lighting.warmth,
            seed: (dice.unit() * 65_536.0) as u32,
            labels,
        }
    }
}

/// A camera that sees a square of `picture` decimetres around `target`.
fn camera(plan: &CameraPlan, target: Vec3, picture: f32) -> Camera {
    let (sin, cos) = plan.azimuth.sin_cos();
    let away = [sin * plan.elevation.cos(), plan.elevation.sin(), cos * plan.elevation.cos()];
    let forward = scale(away, -1.0);
    let right = normalize(cross(forward, [0.0, 1.0, 0.0]));
    let up = cross(right, forward);
    let target = add_scaled(add_scaled(target, right, plan.off[0] * picture), up, plan.off[1] * picture);
    let eye = add_scaled(target, away, 0.5 * picture / plan.half_tan);
    let up = add_scaled(scale(up, plan.roll.cos()), right, plan.roll.sin());
    Camera { eye, forward, up, half_tan: plan.half_tan }
}

fn beard(dice: &mut Dice, bearded: bool, male: bool, hair: Colour) -> BeardLook {
    let colour = hair.map(|c| (0.85 * c).max(0.016));
    if bearded {
        let length = if dice.chance(0.25) { 0.02 } else { dice.range(0.03, 0.11) };
        return BeardLook { colour, stubble: dice.range(0.65, 0.95), length };
    }
    // A shaved chin shows the slightest shade, well short of a beard.
    BeardLook { colour, stubble: if male { dice.range(0.0, 0.12) } else { 0.0 }, length: 0.0 }
}

/// Shoulders at ease, and the head turned by `turn`, part of it in the neck.
fn pose(dice: &mut Dice, turn: Vec3) -> Vec<(&'static str, Vec3)> {
    let part = |share: f32| turn.map(|angle| share * angle);
    let drop = dice.range(0.24, 0.42);
    let forward = 0.12 * dice.bell();
    vec![
        ("neck01", part(0.15)),
        ("neck02", part(0.15)),
        ("neck03", part(0.2)),
        ("head", part(0.5)),
        ("clavicle.L", [0.0, 0.0, -0.09]),
        ("clavicle.R", [0.0, 0.0, 0.09]),
        ("upperarm01.L", [forward, 0.0, -drop]),
        ("upperarm01.R", [forward, 0.0, drop]),
    ]
}

pub(super) fn iris(library: &Library, dice: &mut Dice, any: bool) -> TextureId {
    // Without a name to go by, brown is what most people have; the folder's are named in order.
    let weights: Vec<(TextureId, f32)> = library
        .irises
        .iter()
        .map(|iris| {
            let brown = library.textures.name(*iris).contains("brown");
            (
                *iris,
                if brown {
                    4.0
                } else if any {
                    1.0
                } else {
                    0.02
                },
            )
        })
        .collect();
    dice.weighted(&weights)
}

fn top(library: &Library, dice: &mut Dice, male: bool) -> Top {
    if dice.chance(0.25) && library.wardrobe.knit.is_some() {
        let high = dice.range(5.6, 6.0);
        let neck = [dice.range(0.05, 0.7), dice.range(0.45, 0.9)];
        return Top::Knit(Cut { arm: dice.range(0.2, 1.0), high, neck, ..Cut::NONE });
    }
    let suits = |garment: &Garment| match garment.female {
        Some(female) if female == male => 0.1,
        _ => 1.0,
    };
    let choices: Vec<(usize, f32)> = library.wardrobe.tops.iter().map(suits).enumerate().collect();
    Top::Garment(dice.weighted(&choices))
}

fn labels(taxonomy: &Taxonomy) -> FigureLabels {
    let id = |name: &str| taxonomy.label_id(name).unwrap_or(0);
    FigureLabels {
        face: id("skin"),
        nose: id("nose"),
        lips: id("lips"),
        ears: id("ears"),
        neck: id("neck"),
        inner_mouth: id("inner_mouth"),
        eyes: id("eyes"),
        brows: id("brows"),
        hair: id("hair"),
        footwear: 0,
    }
}
