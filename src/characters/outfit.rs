//! Whole figures in clothes: what is worn, how people stand and walk, how they are photographed.

mod arranged;

pub(super) use self::arranged::{Cloth, Clothes, FigurePlan};

use super::figure::{BeardLook, Colour, Cut, Fabric, Figure, FigureLabels, Pattern, Recipe, SkinLook, Worn, assemble};
use super::library::Library;
use super::looks::{self, HairChoice, HairColour};
use super::morphs::{AdultAge, Build, expression, face_shape};
use super::portrait::iris;
use super::scene::{Backdrop, Camera, Scene};
use super::texture::TextureId;
use super::vector::{Vec3, add_scaled, scale};
use super::wardrobe::Garment;
use crate::dice::Dice;
use crate::taxonomy::Taxonomy;

/// Colours by attribute: hue, saturation, value, each from … to.
type Range3 = [[f32; 2]; 3];
const TOPS: [(&str, Range3); 6] = [
    ("Top_Black", [[0.0, 1.0], [0.0, 0.12], [0.08, 0.20]]),
    ("Top_White", [[0.08, 0.16], [0.0, 0.05], [0.90, 0.97]]),
    ("Top_Red", [[0.965, 1.015], [0.72, 0.92], [0.55, 0.82]]),
    ("Top_Blue", [[0.58, 0.64], [0.60, 0.88], [0.45, 0.80]]),
    ("Top_Green", [[0.33, 0.43], [0.48, 0.80], [0.32, 0.62]]),
    ("Top_Yellow", [[0.115, 0.155], [0.62, 0.85], [0.85, 0.96]]),
];
const BOTTOMS: [(&str, Range3); 6] = [
    ("Bottom_Black", [[0.0, 1.0], [0.0, 0.12], [0.08, 0.20]]),
    ("Bottom_White", [[0.08, 0.16], [0.0, 0.05], [0.88, 0.96]]),
    ("Bottom_Denim", [[0.575, 0.615], [0.40, 0.62], [0.36, 0.66]]),
    ("Bottom_Beige", [[0.085, 0.115], [0.24, 0.38], [0.68, 0.84]]),
    ("Bottom_Grey", [[0.55, 0.65], [0.0, 0.07], [0.42, 0.60]]),
    ("Bottom_Red", [[0.965, 1.01], [0.70, 0.90], [0.48, 0.76]]),
];
/// The waist on the base mesh, in decimetres.
const WAIST: f32 = 1.6;

/// What is worn on one part of the body.
#[derive(Clone, Copy, Debug)]
struct Piece {
    garment: Source,
    label: &'static str,
    fabric: Fabric,
    cut: Cut,
    loose: f32,
}

/// Where a garment is in the wardrobe.
#[derive(Clone, Copy, Debug)]
enum Source {
    Top(usize),
    Bottom(usize),
    Overall(usize),
    Knit,
    Skirt,
}

impl Source {
    fn find(self, library: &Library) -> Option<&Garment> {
        let wardrobe = &library.wardrobe;
        match self {
            Self::Top(index) => wardrobe.tops.get(index),
            Self::Bottom(index) => wardrobe.bottoms.get(index),
            Self::Overall(index) => wardrobe.overalls.get(index),
            Self::Knit => wardrobe.knit.as_ref(),
            Self::Skirt => wardrobe.skirt.as_ref(),
        }
    }
}

/// A dressed figure.
pub(super) struct Outfit {
    build: Build,
    pose: Vec<(&'static str, Vec3)>,
    skin: SkinLook,
    hair: HairChoice,
    brows: usize,
    brow_colour: Colour,
    iris: TextureId,
    pieces: Vec<Piece>,
    shoes: usize,
    shoe_fabric: Fabric,
    azimuth: f32,
    elevation: f32,
    half_tan: f32,
    /// Height of the figure in the picture, 0–1.
    share: f32,
    off: [f32; 2],
    /// Names of the attributes that hold.
    pub(super) attributes: Vec<&'static str>,
    dice: Dice,
}

impl Outfit {
    pub(super) fn sample(library: &Library, seed: u64, index: u64) -> Self {
        let mut dice = Dice::new(seed, index, 13);
        let dice = &mut dice;
        let (male, patterned) = (dice.chance(0.5), dice.chance(0.5));
        let (top, bottom) = (TOPS[dice.below(TOPS.len())], BOTTOMS[dice.below(BOTTOMS.len())]);
        let mut attributes = vec![top.0, bottom.0];
        for (name, holds) in [("Patterned", patterned), ("Male", male)] {
            attributes.extend(holds.then_some(name));
        }
        let top_colour = colour(dice, top.1);
        let pattern = if patterned { looks::pattern(dice, top_colour) } else { looks::PLAIN };
        let bottom = Fabric::Dyed(colour(dice, bottom.1), looks::PLAIN);
        let pieces = dressed(library, dice, male, (top_colour, pattern), bottom);
        let age = AdultAge::new(dice.range(AdultAge::YOUNGEST, 70.0));
        let ancestry = looks::ancestry(dice);
        let hair_colour = HairColour::ALL[dice.below(if age.years() > 55.0 { 5 } else { 4 })];
        let dark_skinned = ancestry[0] > 0.5;
        let hair = HairChoice::draw(library, dice, hair_colour, male, dark_skinned);
        let natural = looks::natural(hair_colour, hair.colour, dark_skinned);
        let stubble = if male && dice.chance(0.4) { dice.range(0.2, 0.8) } else { 0.0 };
        let beard = BeardLook { colour: natural.map(|c| 0.6 * c), stubble, length: 0.0 };
        let shape = face_shape(dice, age);
        let smiling = dice.chance(0.4);
        let (_, units) = expression(dice, smiling);
        let shoe = looks::hsv(dice.range(0.04, 0.12), dice.range(0.0, 0.6), dice.range(0.1, 0.7));
        Self {
            pose: pose(dice),
            skin: looks::skin(library, dice, (male, age, ancestry), beard),
            hair,
            brows: dice.below(library.brows.len()),
            brow_colour: natural.map(|c| 0.6 * c),
            iris: iris(library, dice, ancestry[2] > 0.6),
            pieces,
            shoes: dice.below(library.wardrobe.shoes.len()),
            shoe_fabric: if dice.chance(0.5) { Fabric::Own([1.0; 3]) } else { Fabric::Dyed(shoe, looks::PLAIN) },
            azimuth: 0.75 * dice.bell(),
            elevation: 0.02 + 0.05 * dice.bell(),
            half_tan: dice.range(0.12, 0.2),
            share: dice.range(0.88, 0.96),
            off: [0.05 * dice.bell(), 0.004 * dice.bell()],
            build: Build { male, age, ancestry, shape, expression: units },
            attributes,
            dice: Dice::new(seed, index, 14),
        }
    }

    /// The figure and the scene around it.
    pub(super) fn stage(&self, library: &Library, taxonomy: &Taxonomy) -> (Figure, Scene) {
        let labels = labels(taxonomy);
        let worn = |piece: &Piece| {
            let garment = piece.garment.find(library)?;
            let label = taxonomy.label_id(piece.label).unwrap_or(0);
            Some(Worn { garment, label, fabric: piece.fabric, cut: piece.cut, loose: piece.loose })
        };
        let recipe = Recipe {
            build: &self.build,
            pose: &self.pose,
            gaze: [0.0, 0.0],
            skin: self.skin,
            hair: self.hair.look(library),
            brows: &library.brows[self.brows],
            brow_colour: self.brow_colour,
            lashes: library.lashes.first().map(|lashes| (lashes, 0.8)),
            iris: self.iris,
            teeth: library.teeth.first(),
            tongue: None,
            worn: self.pieces.iter().filter_map(worn).collect(),
            shoes: library.wardrobe.shoes.get(self.shoes).map(|shoes| (shoes, self.shoe_fabric)),
            labels,
            from_height: f32::MIN,
        };
        let figure = assemble(library, &recipe);
        let scene = self.scene(&figure, labels);
        (figure, scene)
    }

    fn scene(&self, figure: &Figure, labels: FigureLabels) -> Scene {
        let mut dice = self.dice.clone();
        let dice = &mut dice;
        let [low, high] = figure.extent;
        let middle: Vec3 = std::array::from_fn(|axis| 0.5 * (low[axis] + high[axis]));
        let picture = (high[1] - low[1]) / self.share;
        let (sin, cos) = self.azimuth.sin_cos();
        let away = [sin * self.elevation.cos(), self.elevation.sin(), cos * self.elevation.cos()];
        let target = [
            middle[0] + cos * self.off[0] * picture,
            middle[1] + self.off[1] * picture,
            middle[2] - sin * self.off[0] * picture,
        ];
        let eye = add_scaled(target, away, 0.5 * picture / self.half_tan);
        let lighting = looks::lighting(dice, self.azimuth);
        let (hue, saturation, value) = (dice.unit(), dice.range(0.0, 0.28), dice.range(0.35, 0.92));
        let paper = Backdrop {
            kind: 0,
            low: looks::hsv(hue, saturation, 0.86 * value),
            high: looks::hsv(hue, 0.8 * saturation, value),
            accent: [0.0; 3],
            floor: None,
        };
        let backdrop = if dice.chance(0.7) { paper } else { looks::backdrop(dice) };
        Scene {
            camera: Camera { eye, forward: scale(away, -1.0), up: [0.0, 1.0, 0.0], half_tan: self.half_tan },
            lights: lighting.lights,
            sky: lighting.sky.map(|c| 1.15 * c),
            ground: lighting.ground.map(|c| 1.15 * c),
            backdrop: Backdrop { floor: Some(low[1]), ..backdrop },
            shadowed: ([middle[0], middle[1], middle[2]], 0.62 * (high[1] - low[1])),
            exposure: lighting.exposure,
            grain: dice.range(0.0, 0.015),
            warmth: 0.5 * lighting.warmth,
            seed: (dice.unit() * 65_536.0) as u32,
            labels,
        }
    }
}

fn colour(dice: &mut Dice, [hue, saturation, value]: Range3) -> Colour {
    let mut from = |[low, high]: [f32; 2]| dice.range(low, high);
    looks::hsv(from(hue), from(saturation), from(value))
}

/// What someone wears from shoulders to ankles.
fn dressed(
    library: &Library,
    dice: &mut Dice,
    male: bool,
    (colour, pattern): (Colour, Pattern),
    bottom: Fabric,
) -> Vec<Piece> {
    let wardrobe = &library.wardrobe;
    let top = Fabric::Dyed(colour, pattern);
    let mut pieces = Vec::new();
    let whole = dice.unit();
    if !wardrobe.overalls.is_empty() && whole < 0.10 {
        let garment = Source::Overall(dice.below(wardrobe.overalls.len()));
        pieces.push(Piece { garment, label: "full_body", fabric: top, cut: Cut::NONE, loose: 0.04 });
    } else if !male && whole < 0.40 && wardrobe.skirt.is_some() && wardrobe.knit.is_some() {
        pieces.extend([tucked_top(dice, top, "full_body"), skirt(dice, top, "full_body")]);
    } else if !male && whole < 0.64 && wardrobe.skirt.is_some() && wardrobe.knit.is_some() {
        pieces.extend([tucked_top(dice, top, "upper"), skirt(dice, bottom, "lower")]);
    } else {
        let top = self::top(library, dice, male, top);
        pieces.extend(bottoms(library, dice, male, bottom, hem(library, &top)));
        pieces.push(top);
    }
    accessories(dice, &mut pieces);
    pieces
}

/// Where a top ends around the trunk, at its highest.
fn hem(library: &Library, top: &Piece) -> f32 {
    top.garment.find(library).map_or(f32::MIN, |garment| garment.hem).max(top.cut.low)
}

/// Knitwear beneath the waistband of a skirt.
fn tucked_top(dice: &mut Dice, fabric: Fabric, label: &'static str) -> Piece {
    let top = knit_top(dice, fabric, label);
    Piece { cut: Cut { low: WAIST - 0.25, ..top.cut }, loose: 0.05, ..top }
}

/// Knitwear with a neckline and sleeves of some length.
fn knit_top(dice: &mut Dice, fabric: Fabric, label: &'static str) -> Piece {
    let arm = [0.10, 0.28, 0.42, 0.70, 0.97][dice.below(5)];
    let neck = [dice.range(0.05, 0.75), dice.range(0.45, 0.9)];
    let cut = Cut { arm, leg: 0.06, low: dice.range(0.1, 0.6), high: dice.range(5.45, 5.95), neck };
    Piece { garment: Source::Knit, label, fabric, cut, loose: dice.range(0.08, 0.13) }
}

fn skirt(dice: &mut Dice, fabric: Fabric, label: &'static str) -> Piece {
    let low = [-1.9, -3.0, -4.4, -6.2][dice.below(4)] + 0.3 * dice.bell();
    // It covers nothing above the waist, nor the hands that hang beside it. Tops are tucked in.
    let cut = Cut { arm: 0.0, leg: 99.0, low, high: WAIST + 0.2, neck: [0.0, 1.0] };
    Piece { garment: Source::Skirt, label, fabric, cut, loose: dice.range(0.10, 0.14) }
}

fn top(library: &Library, dice: &mut Dice, male: bool, fabric: Fabric) -> Piece {
    let suits = |garment: &Garment| match garment.female {
        _ if garment.hem > WAIST - 0.3 => 0.0,
        Some(female) if female == male => 0.12,
        _ => 1.0,
    };
    let mut choices: Vec<(Option<usize>, f32)> =
        library.wardrobe.tops.iter().map(suits).enumerate().map(|(index, weight)| (Some(index), weight)).collect();
    let knit = if library.wardrobe.knit.is_some() { 2.5 } else { 0.0 };
    choices.push((None, knit));
    let Some(index) = dice.weighted(&choices) else {
        return knit_top(dice, fabric, "upper");
    };
    let arm =
        if library.wardrobe.tops[index].is_long && dice.chance(0.35) { [0.3, 0.45, 0.72][dice.below(3)] } else { 99.0 };
    Piece { garment: Source::Top(index), label: "upper", fabric, cut: Cut { arm, ..Cut::NONE }, loose: 0.05 }
}

/// Trousers, shorts or leggings, over a band at the waist, so that no skin shows between top and bottom. They end within the top,
/// shortly above its hem, so that nothing of them comes through it.
fn bottoms(library: &Library, dice: &mut Dice, male: bool, fabric: Fabric, hem: f32) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let high = hem + 0.3;
    let waist = Cut { arm: 0.0, leg: 0.06, high: (WAIST - 0.1).min(high), ..Cut::NONE };
    if library.wardrobe.knit.is_some() {
        pieces.push(Piece { garment: Source::Knit, label: "lower", fabric, cut: waist, loose: -0.05 });
    }
    if !male && library.wardrobe.knit.is_some() && dice.chance(0.25) {
        let cut = Cut { leg: [0.32, 0.62, 0.98][dice.below(3)], ..waist };
        pieces.push(Piece { garment: Source::Knit, label: "lower", fabric, cut, loose: -0.02 });
        return pieces;
    }
    let suits = |garment: &Garment| match garment.female {
        Some(female) if female == male => 0.3,
        _ => 1.0,
    };
    let choices: Vec<(usize, f32)> = library.wardrobe.bottoms.iter().map(suits).enumerate().collect();
    let index = dice.weighted(&choices);
    let leg = if library.wardrobe.bottoms[index].is_long && dice.chance(0.45) {
        [0.28, 0.42, 0.56, 0.85][dice.below(4)]
    } else {
        99.0
    };
    pieces.push(Piece {
        garment: Source::Bottom(index),
        label: "lower",
        fabric,
        cut: Cut { leg, high, ..Cut::NONE },
        loose: 0.02,
    });
    pieces
}

/// Belts over knitwear, which lies close, and bracelets.
fn accessories(dice: &mut Dice, pieces: &mut Vec<Piece>) {
    const LEATHERS: [Colour; 5] =
        [[0.016, 0.013, 0.012], [0.15, 0.055, 0.02], [0.32, 0.16, 0.06], [0.55, 0.42, 0.14], [0.55, 0.53, 0.5]];
    let fabric = Fabric::Dyed(LEATHERS[dice.below(LEATHERS.len())], looks::PLAIN);
    let over_knit = pieces.last().is_some_and(|piece| matches!(piece.garment, Source::Knit | Source::Skirt));
    if over_knit && dice.chance(0.5) {
        let high = WAIST + dice.range(-0.1, 0.1);
        let cut = Cut { arm: 0.0, leg: 99.0, low: high - dice.range(0.24, 0.42), high, neck: [0.0, 1.0] };
        pieces.push(Piece { garment: Source::Knit, label: "accessory", fabric, cut, loose: 0.22 });
    }
    if dice.chance(0.3) {
        // Only the wrists are both far enough along the arms and not beyond the hand.
        let cut = Cut { arm: 0.99, leg: 99.0, low: 29.9, ..Cut::NONE };
        pieces.push(Piece { garment: Source::Knit, label: "accessory", fabric, cut, loose: 0.09 });
    }
}

/// Standing at ease, on one leg more than on the other, or walking.
fn pose(dice: &mut Dice) -> Vec<(&'static str, Vec3)> {
    let turn = [0.05 * dice.bell(), 0.35 * dice.bell(), 0.06 * dice.bell()];
    let stride = if dice.chance(0.5) { dice.range(0.12, 0.32) } else { 0.06 * dice.bell() };
    let stride = if dice.chance(0.5) { stride } else { -stride };
    let lean = 0.05 * dice.bell();
    posed(dice, turn, stride, lean)
}

/// A pose with the head turned by `turn`, the left leg behind by `stride` rad and the trunk leaning by `lean`.
fn posed(dice: &mut Dice, turn: Vec3, stride: f32, lean: f32) -> Vec<(&'static str, Vec3)> {
    let mut pose: Vec<(&'static str, Vec3)> = Vec::new();
    for (bone, share) in [("neck01", 0.2), ("neck02", 0.2), ("neck03", 0.2), ("head", 0.4)] {
        pose.push((bone, turn.map(|angle| share * angle)));
    }
    pose.extend([("clavicle.L", [0.0, 0.0, -0.08]), ("clavicle.R", [0.0, 0.0, 0.08])]);
    pose.push(("root", [0.0, 0.0, lean]));
    pose.push(("spine03", [0.02, -0.35 * stride, -lean]));
    pose.push(("spine01", [0.0, 0.0, -0.5 * lean]));
    let sides = [
        ("upperleg01.L", "lowerleg01.L", "foot.L", "upperarm01.L", "lowerarm01.L", 1.0),
        ("upperleg01.R", "lowerleg01.R", "foot.R", "upperarm01.R", "lowerarm01.R", -1.0),
    ];
    for (thigh, shin, foot, arm, forearm, side) in sides {
        // Positive: this leg is behind.
        let swing = side * stride;
        let close = -side * dice.range(0.05, 0.10) - lean;
        let knee = if swing > 0.0 { 1.1 * swing } else { 0.12 * -swing } + 0.02;
        pose.push((thigh, [swing, 0.0, close]));
        pose.push((shin, [knee, 0.0, 0.0]));
        pose.push((foot, [if swing > 0.0 { 0.4 * swing } else { -swing - knee }, 0.0, -close]));
        pose.push((arm, [-0.8 * swing + 0.06 * dice.bell(), 0.0, -side * dice.range(0.42, 0.58)]));
        pose.push((forearm, [-dice.range(0.05, 0.4), 0.0, 0.0]));
    }
    pose
}

fn labels(taxonomy: &Taxonomy) -> FigureLabels {
    let id = |name: &str| taxonomy.label_id(name).unwrap_or(0);
    let face = id("face");
    FigureLabels {
        face,
        nose: face,
        lips: face,
        ears: face,
        neck: id("skin"),
        inner_mouth: face,
        eyes: face,
        brows: face,
        hair: id("hair"),
        footwear: id("footwear"),
    }
}
