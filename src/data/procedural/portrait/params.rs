//! Everything that varies from one portrait to the next, drawn once per picture in a fixed order.

use super::looks::Looks;
use crate::dice::Dice;

/// Natural hair colours, in the order of the taxonomy's "Hair colour" group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HairColor {
    Black,
    Brown,
    Blond,
    Red,
    Grey,
    /// A dye outside the taxonomy: no hair colour attribute is set.
    Dyed,
}

/// The cut. Decides which hair shapes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HairStyle {
    Bald,
    Receding,
    Buzz,
    Short,
    Quiff,
    Pixie,
    Bob,
    Long,
    Wavy,
    Bun,
    Ponytail,
    Curly,
    Afro,
}

/// Where the front hairline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fringe {
    Swept,
    Centre,
    Bangs,
    Back,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BeardStyle {
    Full,
    Short,
    Goatee,
    Moustache,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Garment {
    Crew,
    VNeck,
    Scoop,
    Boat,
    Turtleneck,
    Shirt,
    Blazer,
    Hoodie,
}

/// Geometry and attributes of one portrait. Angles in radians (tilt in degrees), lengths in design pixels or as
/// factors around 1.
#[derive(Clone, Debug)]
pub(crate) struct Portrait {
    pub(crate) hair_color: HairColor,
    pub(crate) male: bool,
    pub(crate) young: bool,
    pub(crate) smiling: bool,
    pub(crate) beard: bool,

    /// Positive turns the face towards the picture's right.
    pub(crate) yaw: f32,
    pub(crate) pitch: f32,
    pub(crate) tilt_degrees: f32,
    pub(crate) scale: f32,
    pub(crate) center_x: f32,
    pub(crate) center_y: f32,

    pub(crate) face_width: f32,
    pub(crate) jaw: f32,
    pub(crate) chin: f32,
    pub(crate) eye_spacing: f32,
    pub(crate) eye_size: f32,
    pub(crate) eye_open: f32,
    pub(crate) eye_slant: f32,
    pub(crate) gaze: f32,
    pub(crate) brow_height: f32,
    pub(crate) brow_thickness: f32,
    pub(crate) brow_arch: f32,
    pub(crate) nose_width: f32,
    pub(crate) nose_length: f32,
    pub(crate) mouth_width: f32,
    pub(crate) lip_fullness: f32,
    /// Corners up (1) or slightly down (-0.3).
    pub(crate) smile: f32,
    /// Height of the opening between the lips; 0 is closed.
    pub(crate) mouth_gap: f32,
    pub(crate) ear_size: f32,

    pub(crate) hair_style: HairStyle,
    pub(crate) fringe: Fringe,
    pub(crate) hair_volume: f32,
    pub(crate) hair_length: f32,
    /// Which side the parting and asymmetries lie on: -1 or 1.
    pub(crate) part_side: f32,
    pub(crate) beard_style: BeardStyle,

    pub(crate) garment: Garment,
    pub(crate) neck_width: f32,
    pub(crate) shoulder_width: f32,

    pub(crate) looks: Looks,
}

impl Portrait {
    /// One portrait; consumes the dice in a fixed order.
    pub(crate) fn sample(dice: &mut Dice) -> Self {
        let male = dice.chance(0.5);
        let young = dice.chance(0.55);
        let smiling = dice.chance(0.5);
        let beard = dice.chance(if male { 0.5 } else { 0.0 });
        let bald = dice.chance(if male { 0.10 } else { 0.02 });
        let hair_color = dice.weighted(&[
            (HairColor::Black, 1.0),
            (HairColor::Brown, 1.0),
            (HairColor::Blond, 1.0),
            (HairColor::Red, 1.0),
            (HairColor::Grey, 1.0),
            (HairColor::Dyed, 0.34),
        ]);
        let hair_style = if bald { HairStyle::Bald } else { sample_style(dice, male, young) };
        let hair_color = if bald { HairColor::Dyed } else { hair_color };
        let sex = |male_value: f32, female_value: f32| if male { male_value } else { female_value };
        Self {
            hair_color,
            male,
            young,
            smiling,
            beard,
            yaw: dice.bell() * 0.62,
            pitch: dice.bell() * 0.10,
            tilt_degrees: dice.bell() * 9.0,
            scale: dice.range(0.96, 1.14),
            center_x: 64.0 + dice.bell() * 5.0,
            center_y: 60.5 + dice.bell() * 3.5,
            face_width: sex(1.01, 0.96) + dice.bell() * 0.10,
            jaw: sex(0.72, 0.22) + dice.bell() * 0.50,
            chin: sex(1.2, -0.4) + dice.bell() * 2.4,
            eye_spacing: 1.0 + dice.bell() * 0.07,
            eye_size: sex(0.94, 1.06) + dice.bell() * 0.10,
            eye_open: sex(0.92, 1.05) + dice.bell() * 0.16 - if young { 0.0 } else { 0.10 },
            eye_slant: dice.bell() * 1.3,
            gaze: dice.bell() * 0.8,
            brow_height: sex(-0.7, 0.5) + dice.bell() * 1.1,
            brow_thickness: sex(1.35, 0.88) + dice.bell() * 0.22,
            brow_arch: sex(0.55, 1.25) + dice.bell() * 0.6,
            nose_width: sex(1.06, 0.92) + dice.bell() * 0.16,
            nose_length: 1.0 + dice.bell() * 0.08,
            mouth_width: 1.0 + dice.bell() * 0.10,
            lip_fullness: sex(0.82, 1.12) + dice.bell() * 0.22 - if young { 0.0 } else { 0.12 },
            smile: if smiling { dice.range(0.65, 1.0) } else { dice.range(-0.10, 0.14) },
            mouth_gap: sample_gap(dice, smiling),
            ear_size: sex(1.05, 0.95) + dice.bell() * 0.10,
            hair_style,
            fringe: sample_fringe(dice, hair_style, male),
            hair_volume: dice.unit(),
            hair_length: dice.unit(),
            part_side: if dice.chance(0.5) { 1.0 } else { -1.0 },
            beard_style: dice.weighted(&[
                (BeardStyle::Full, 3.0),
                (BeardStyle::Short, 3.0),
                (BeardStyle::Goatee, 1.5),
                (BeardStyle::Moustache, 1.0),
            ]),
            garment: sample_garment(dice, male),
            neck_width: sex(13.6, 11.2) + dice.bell() * 1.0,
            shoulder_width: sex(1.06, 0.92) + dice.bell() * 0.06,
            looks: Looks::sample(dice, male),
        }
    }

    /// The values a portrait has in the flat order of the taxonomy's attributes.
    pub(crate) fn attribute(&self, name: &str) -> bool {
        match name {
            "Black_Hair" => self.hair_color == HairColor::Black,
            "Brown_Hair" => self.hair_color == HairColor::Brown,
            "Blond_Hair" => self.hair_color == HairColor::Blond,
            "Red_Hair" => self.hair_color == HairColor::Red,
            "Grey_Hair" => self.hair_color == HairColor::Grey,
            "Male" => self.male,
            "Young" => self.young,
            "Smiling" => self.smiling,
            "Beard" => self.beard,
            _ => false,
        }
    }
}

fn sample_style(dice: &mut Dice, male: bool, young: bool) -> HairStyle {
    if male {
        dice.weighted(&[
            (HairStyle::Short, 3.0),
            (HairStyle::Quiff, 2.5),
            (HairStyle::Buzz, 1.6),
            (HairStyle::Receding, if young { 0.3 } else { 2.0 }),
            (HairStyle::Curly, 1.8),
            (HairStyle::Afro, 0.8),
            (HairStyle::Bob, 0.5),
            (HairStyle::Long, 0.6),
            (HairStyle::Wavy, 0.5),
            (HairStyle::Bun, 0.5),
        ])
    } else {
        dice.weighted(&[
            (HairStyle::Long, 2.6),
            (HairStyle::Wavy, 2.6),
            (HairStyle::Bob, 2.4),
            (HairStyle::Bun, 1.6),
            (HairStyle::Ponytail, 1.4),
            (HairStyle::Pixie, 1.3),
            (HairStyle::Curly, 1.6),
            (HairStyle::Afro, 1.2),
            (HairStyle::Short, 0.3),
        ])
    }
}

fn sample_fringe(dice: &mut Dice, style: HairStyle, male: bool) -> Fringe {
    let bangs = if male { 0.3 } else { 1.2 };
    match style {
        HairStyle::Bun | HairStyle::Ponytail => {
            dice.weighted(&[(Fringe::Back, 1.6), (Fringe::Swept, 1.0), (Fringe::Bangs, bangs * 0.5)])
        }
        HairStyle::Long | HairStyle::Wavy | HairStyle::Bob => {
            dice.weighted(&[(Fringe::Centre, 1.4), (Fringe::Swept, 1.4), (Fringe::Bangs, bangs)])
        }
        HairStyle::Short | HairStyle::Pixie => {
            dice.weighted(&[(Fringe::Swept, 1.6), (Fringe::Back, 1.0), (Fringe::Bangs, 0.7)])
        }
        _ => dice.weighted(&[(Fringe::Back, 1.0)]),
    }
}

fn sample_gap(dice: &mut Dice, smiling: bool) -> f32 {
    let (open, gap) = (dice.unit(), dice.unit());
    match smiling {
        true if open < 0.68 => 2.6 + 3.0 * gap,
        false if open < 0.16 => 1.6 + 1.8 * gap,
        _ => 0.0,
    }
}

fn sample_garment(dice: &mut Dice, male: bool) -> Garment {
    let open = if male { 0.0 } else { 1.0 };
    dice.weighted(&[
        (Garment::Crew, 1.6),
        (Garment::VNeck, 0.9),
        (Garment::Scoop, open),
        (Garment::Boat, open),
        (Garment::Turtleneck, 1.0),
        (Garment::Shirt, 1.3),
        (Garment::Blazer, 1.2),
        (Garment::Hoodie, 0.9),
    ])
}
