//! Everything that varies from one outfit to the next, drawn once per picture in a fixed order.

use super::looks::OutfitLooks;
use crate::dice::Dice;

/// Top colours by attribute name, in the taxonomy's order.
pub(crate) const TOP_COLORS: [(&str, u32); 6] = [
    ("Top_Black", 0x2b2b31),
    ("Top_White", 0xf2efe9),
    ("Top_Red", 0xc23a3c),
    ("Top_Blue", 0x2f62b8),
    ("Top_Green", 0x3f8d5a),
    ("Top_Yellow", 0xeabb3d),
];

/// Bottom colours by attribute name, in the taxonomy's order.
pub(crate) const BOTTOM_COLORS: [(&str, u32); 6] = [
    ("Bottom_Black", 0x2d2d33),
    ("Bottom_White", 0xefece6),
    ("Bottom_Denim", 0x4b6f9e),
    ("Bottom_Beige", 0xcdb48c),
    ("Bottom_Grey", 0x8b8f96),
    ("Bottom_Red", 0xb5373b),
];

/// What is worn from the shoulders down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outer {
    /// A top with trousers, shorts or a skirt.
    Separates,
    Dress,
    Jumpsuit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bottom {
    Slim,
    Straight,
    Wide,
    Shorts,
    Pencil,
    Flared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Neckline {
    Round,
    Vee,
    Boat,
    Collar,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arm {
    Down,
    Out,
    Akimbo,
    Pocket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shoe {
    Sneaker,
    Pump,
    AnkleBoot,
    TallBoot,
    Sandal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hair {
    Buzz,
    Short,
    Curly,
    Bob,
    Long,
    Bun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hat {
    Beanie,
    Brim,
}

/// Geometry and attributes of one dressed figure; factors around 1 or shares in [0, 1] unless said otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Outfit {
    pub(crate) male: bool,
    pub(crate) patterned: bool,
    /// Index into [`TOP_COLORS`].
    pub(crate) top_color: usize,
    /// Index into [`BOTTOM_COLORS`].
    pub(crate) bottom_color: usize,

    pub(crate) center_x: f32,
    /// Figure height in design pixels.
    pub(crate) height: f32,
    pub(crate) build: f32,
    pub(crate) leg_length: f32,
    /// Hip shift in design pixels; positive to the picture's right.
    pub(crate) sway: f32,
    pub(crate) stance: f32,
    pub(crate) head_tilt_degrees: f32,
    /// Left and right in the picture.
    pub(crate) arms: [Arm; 2],

    pub(crate) outer: Outer,
    pub(crate) bottom: Bottom,
    pub(crate) bottom_length: f32,
    pub(crate) neckline: Neckline,
    /// 0 sleeveless … 1 to the wrist.
    pub(crate) sleeve: f32,
    /// How far the top stands off the body, in design pixels.
    pub(crate) ease: f32,
    /// Hem of the top, 0 cropped … 1 over the hips; tucked in below 0.35.
    pub(crate) hem: f32,
    pub(crate) shoe: Shoe,
    pub(crate) hair: Hair,
    pub(crate) hair_length: f32,
    pub(crate) part_side: f32,
    pub(crate) belt: bool,
    /// Which hand carries a bag: -1, 1, or none.
    pub(crate) bag: Option<f32>,
    pub(crate) strap: bool,
    pub(crate) hat: Option<Hat>,

    pub(crate) looks: OutfitLooks,
}

impl Outfit {
    /// One outfit; consumes the dice in a fixed order.
    pub(crate) fn sample(dice: &mut Dice) -> Self {
        let male = dice.chance(0.5);
        let patterned = dice.chance(0.5);
        let outer = sample_outer(dice, male);
        let bottom = sample_bottom(dice, male);
        let sex = |male_value: f32, female_value: f32| if male { male_value } else { female_value };
        Self {
            male,
            patterned,
            top_color: dice.below(TOP_COLORS.len()),
            bottom_color: dice.below(BOTTOM_COLORS.len()),
            center_x: 64.0 + dice.bell() * 9.0,
            height: sex(114.0, 111.0) + dice.bell() * 5.0,
            build: 1.0 + dice.bell() * 0.16,
            leg_length: 1.0 + dice.bell() * 0.04,
            sway: dice.bell() * 3.2,
            stance: dice.range(0.3, 1.0),
            head_tilt_degrees: dice.bell() * 8.0,
            arms: [sample_arm(dice, male), sample_arm(dice, male)],
            outer,
            bottom,
            bottom_length: dice.unit(),
            neckline: sample_neckline(dice, male),
            sleeve: sample_sleeve(dice, male),
            ease: dice.range(0.5, 2.2),
            hem: dice.unit(),
            shoe: sample_shoe(dice, male, bottom),
            hair: sample_hair(dice, male),
            hair_length: dice.unit(),
            part_side: if dice.chance(0.5) { 1.0 } else { -1.0 },
            belt: dice.chance(0.35),
            bag: sample_bag(dice, male),
            strap: dice.chance(0.14),
            hat: sample_hat(dice),
            looks: OutfitLooks::sample(dice),
        }
    }

    /// Whether the attribute of that name holds.
    pub(crate) fn attribute(&self, name: &str) -> bool {
        match name {
            "Patterned" => self.patterned,
            "Male" => self.male,
            _ => TOP_COLORS[self.top_color].0 == name || BOTTOM_COLORS[self.bottom_color].0 == name,
        }
    }
}

fn sample_outer(dice: &mut Dice, male: bool) -> Outer {
    let (dress, jumpsuit) = if male { (0.0, 0.10) } else { (0.42, 0.08) };
    dice.weighted(&[(Outer::Separates, 1.0 - dress - jumpsuit), (Outer::Dress, dress), (Outer::Jumpsuit, jumpsuit)])
}

fn sample_bottom(dice: &mut Dice, male: bool) -> Bottom {
    let skirt = if male { 0.0 } else { 0.9 };
    dice.weighted(&[
        (Bottom::Slim, 1.0),
        (Bottom::Straight, 1.0),
        (Bottom::Wide, 0.7),
        (Bottom::Shorts, 1.0),
        (Bottom::Pencil, skirt),
        (Bottom::Flared, skirt * 1.3),
    ])
}

fn sample_arm(dice: &mut Dice, male: bool) -> Arm {
    dice.weighted(&[(Arm::Down, 1.4), (Arm::Out, 1.0), (Arm::Akimbo, if male { 0.4 } else { 0.8 }), (Arm::Pocket, 0.8)])
}

fn sample_neckline(dice: &mut Dice, male: bool) -> Neckline {
    dice.weighted(&[
        (Neckline::Round, 1.4),
        (Neckline::Vee, 0.9),
        (Neckline::Boat, if male { 0.0 } else { 0.8 }),
        (Neckline::Collar, 1.0),
        (Neckline::High, 0.6),
    ])
}

fn sample_sleeve(dice: &mut Dice, male: bool) -> f32 {
    let bare = if male { 0.15 } else { 0.8 };
    dice.weighted(&[(0.0, bare), (0.28, 0.4), (0.42, 1.2), (0.72, 0.5), (0.97, 1.3)])
}

fn sample_shoe(dice: &mut Dice, male: bool, bottom: Bottom) -> Shoe {
    let tall = if male || matches!(bottom, Bottom::Straight | Bottom::Wide) { 0.0 } else { 0.6 };
    dice.weighted(&[
        (Shoe::Sneaker, 1.3),
        (Shoe::Pump, if male { 0.0 } else { 1.0 }),
        (Shoe::AnkleBoot, 1.0),
        (Shoe::TallBoot, tall),
        (Shoe::Sandal, 0.4),
    ])
}

fn sample_hair(dice: &mut Dice, male: bool) -> Hair {
    if male {
        dice.weighted(&[(Hair::Short, 2.4), (Hair::Buzz, 1.0), (Hair::Curly, 1.0), (Hair::Bob, 0.3), (Hair::Bun, 0.3)])
    } else {
        dice.weighted(&[(Hair::Long, 2.0), (Hair::Bob, 1.6), (Hair::Bun, 1.3), (Hair::Curly, 1.0), (Hair::Short, 0.4)])
    }
}

fn sample_bag(dice: &mut Dice, male: bool) -> Option<f32> {
    let (carries, right) = (dice.chance(if male { 0.12 } else { 0.30 }), dice.chance(0.5));
    carries.then_some(if right { 1.0 } else { -1.0 })
}

fn sample_hat(dice: &mut Dice) -> Option<Hat> {
    let (wears, brim) = (dice.chance(0.16), dice.chance(0.55));
    wears.then_some(if brim { Hat::Brim } else { Hat::Beanie })
}
