//! Colours and lights that people and their clothes have, and how they are drawn by lot.

use super::figure::{BeardLook, Colour, Fabric, HairLook, Pattern, SkinLook};
use super::library::{Library, Part};
use super::morphs::AdultAge;
use super::scene::{Backdrop, Light};
use super::texture::TextureId;
use super::vector::{lerp, normalize};
use crate::dice::Dice;

/// Hair as it grows, and dyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HairColour {
    Black,
    Brown,
    Blond,
    Red,
    Grey,
    Dyed,
}

impl HairColour {
    pub(super) const ALL: [Self; 6] = [Self::Black, Self::Brown, Self::Blond, Self::Red, Self::Grey, Self::Dyed];

    /// The attribute of the taxonomy `portrait`.
    pub(super) fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Black => Some("Black_Hair"),
            Self::Brown => Some("Brown_Hair"),
            Self::Blond => Some("Blond_Hair"),
            Self::Red => Some("Red_Hair"),
            Self::Grey => Some("Grey_Hair"),
            Self::Dyed => None,
        }
    }

    /// A colour of that name, and one for streaks.
    pub(super) fn shade(self, dice: &mut Dice) -> (Colour, Colour) {
        let (dark, light) = match self {
            Self::Black => ([0.010, 0.009, 0.009], [0.022, 0.018, 0.016]),
            Self::Brown => ([0.046, 0.022, 0.010], [0.105, 0.052, 0.025]),
            Self::Blond => ([0.46, 0.30, 0.115], [0.68, 0.50, 0.25]),
            Self::Red => ([0.190, 0.034, 0.010], [0.330, 0.070, 0.016]),
            Self::Grey => ([0.26, 0.265, 0.275], [0.58, 0.585, 0.60]),
            Self::Dyed => {
                const DYES: [Colour; 6] = [
                    [0.55, 0.06, 0.22],
                    [0.04, 0.12, 0.50],
                    [0.03, 0.28, 0.22],
                    [0.20, 0.04, 0.38],
                    [0.50, 0.14, 0.34],
                    [0.02, 0.24, 0.38],
                ];
                let dye = DYES[dice.below(DYES.len())];
                (dye.map(|c| 0.75 * c), dye.map(|c| 1.15 * c))
            }
        };
        let at = dice.unit();
        let colour = between(dark, light, at);
        let streaks = between(dark, light, (at + dice.range(0.1, 0.5)).min(1.2));
        (colour, streaks)
    }
}

/// The colour of brows and beard of someone whose hair is `seen`: dyed and bleached hair grows dark.
pub(super) fn natural(hair: HairColour, seen: Colour, dark_skinned: bool) -> Colour {
    let is_bleached = dark_skinned && matches!(hair, HairColour::Blond | HairColour::Red);
    if hair == HairColour::Dyed || is_bleached { [0.035, 0.02, 0.012] } else { seen }
}

pub(super) fn between(a: Colour, b: Colour, at: f32) -> Colour {
    std::array::from_fn(|channel| lerp(a[channel], b[channel], at).max(0.0))
}

/// A colour by hue (0–1), saturation and value, linear.
pub(super) fn hsv(hue: f32, saturation: f32, value: f32) -> Colour {
    std::array::from_fn(|channel| {
        let k = (hue * 6.0 + [5.0, 3.0, 1.0][channel]).rem_euclid(6.0);
        let gamma = value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0);
        gamma.max(0.0).powf(2.2)
    })
}

/// Shares of ancestry: one leads, another may be there.
pub(super) fn ancestry(dice: &mut Dice) -> [f32; 3] {
    let (lead, other) = (dice.below(3), dice.below(3));
    let mut shares = [0.0; 3];
    let most = if dice.chance(0.3) { dice.range(0.5, 0.8) } else { dice.range(0.85, 1.0) };
    shares[lead] += most;
    shares[other] += 1.0 - most;
    shares
}

/// Skin of someone, made up or not.
pub(super) fn skin(
    library: &Library,
    dice: &mut Dice,
    (male, age, ancestry): (bool, AdultAge, [f32; 3]),
    beard: BeardLook,
) -> SkinLook {
    let [african, asian, _] = ancestry;
    let dark = african > 0.55;
    let stage = match age.years() {
        years if years < 40.0 => 0,
        years if years < 60.0 => 1,
        _ => 2,
    };
    let texture = skin_texture(library, dice, !male, stage, dark);
    let depth = dice.unit();
    let light = between([0.74, 0.62, 0.52], [1.06, 1.03, 1.02], depth);
    let east = between([0.80, 0.68, 0.52], [1.04, 0.98, 0.90], depth);
    let brown = between([1.15, 1.10, 1.05], [2.9, 2.7, 2.5], depth * depth);
    let mixed = between([0.44, 0.35, 0.29], [0.78, 0.68, 0.60], depth);
    let tint = if dark {
        brown
    } else if african > 0.2 {
        mixed
    } else {
        between(light, east, asian)
    };
    let made_up = !male && dice.chance(0.65);
    let lips = [[0.42, 0.035, 0.05], [0.30, 0.03, 0.06], [0.50, 0.16, 0.14], [0.45, 0.11, 0.16], [0.24, 0.05, 0.04]];
    let shadows = [[0.10, 0.06, 0.05], [0.05, 0.05, 0.08], [0.20, 0.10, 0.09], [0.09, 0.05, 0.11]];
    let with = |[r, g, b]: Colour, amount: f32| [r, g, b, amount];
    let old = ((age.years() - 35.0) / 40.0).clamp(0.0, 1.0);
    let freckled = !dark && dice.chance(if asian > 0.4 { 0.1 } else { 0.3 });
    SkinLook {
        texture,
        tint,
        lipstick: with(lips[dice.below(lips.len())], if made_up { dice.range(0.3, 0.9) } else { 0.0 }),
        eye_shadow: with(shadows[dice.below(shadows.len())], if made_up { dice.range(0.1, 0.7) } else { 0.0 }),
        blush: with([0.62, 0.22, 0.20], if made_up { dice.range(0.0, 0.3) } else { 0.0 }),
        freckles: if freckled { dice.range(0.2, 0.8) } else { 0.0 },
        blemishes: if dice.chance(0.35) { dice.range(0.1, 0.5) } else { 0.0 },
        lines: old * dice.range(0.6, 1.0),
        oil: dice.unit(),
        hue_shift: if dark {
            0.6
        } else if african > 0.2 {
            0.35
        } else {
            0.12
        },
        beard,
    }
}

/// A texture of that sex and, as far as there are some, depth and age.
fn skin_texture(library: &Library, dice: &mut Dice, female: bool, stage: usize, dark: bool) -> TextureId {
    let distance = |skin: &super::library::Skin| {
        10 * usize::from(skin.female != female) + 3 * usize::from(skin.dark != dark) + skin.stage.abs_diff(stage)
    };
    let best = library.skins.iter().map(distance).min().unwrap_or(0);
    let fitting: Vec<TextureId> =
        library.skins.iter().filter(|skin| distance(skin) == best).map(|skin| skin.texture).collect();
    fitting[dice.below(fitting.len())]
}

/// Hair as someone wears it.
#[derive(Clone, Copy, Debug)]
pub(super) struct HairChoice {
    /// Where in the library.
    style: usize,
    pub(super) colour: Colour,
    streaks: Colour,
    gloss: f32,
    fringe: f32,
}

impl HairChoice {
    pub(super) fn draw(library: &Library, dice: &mut Dice, colour: HairColour, male: bool, african: bool) -> Self {
        let (colour, streaks) = colour.shade(dice);
        let style = hair_style(library, dice, male, african);
        // Both eyes are free, whatever the style; some fringes leave the forehead free too.
        Self { style, colour, streaks, gloss: dice.range(0.5, 1.1), fringe: dice.range(7.52, 7.80) }
    }

    /// The style of that name in the folder, with a fringe that leaves the brows free; `None` if there is none.
    pub(super) fn named(library: &Library, dice: &mut Dice, name: &str, colour: HairColour) -> Option<Self> {
        let style = library.hair.iter().position(|part| part.name == name)?;
        let (colour, streaks) = colour.shade(dice);
        Some(Self { style, colour, streaks, gloss: 0.8, fringe: 7.72 })
    }

    pub(super) fn look<'a>(&self, library: &'a Library) -> Option<HairLook<'a>> {
        let Self { style, colour, streaks, gloss, fringe } = *self;
        library.hair.get(style).map(|part| HairLook { part, colour, streaks, gloss, fringe })
    }
}

/// A way of wearing one's hair that suits most people of that sex.
fn hair_style(library: &Library, dice: &mut Dice, male: bool, african: bool) -> usize {
    let weight = |part: &Part| {
        let has = |tag: &str| part.proxy.tags.iter().any(|own| own == tag);
        match (male, has("male"), has("female")) {
            (true, true, _) => 1.0,
            (true, false, true) => {
                if has("long") {
                    0.12
                } else {
                    0.05
                }
            }
            (false, false, true) => {
                if has("bob") {
                    0.6
                } else {
                    1.0
                }
            }
            (false, true, _) => 0.12,
            _ => {
                if african {
                    1.2
                } else {
                    0.15
                }
            }
        }
    };
    let choices: Vec<(usize, f32)> = library.hair.iter().map(weight).enumerate().collect();
    dice.weighted(&choices)
}

/// No pattern.
pub(super) const PLAIN: Pattern = Pattern { kind: 0, colour: [0.0; 3], per_dm: 1.0, shift: 0.0 };

/// A pattern on a ground of that colour, in one that can be told from it.
pub(super) fn pattern(dice: &mut Dice, ground: Colour) -> Pattern {
    let bright = 0.2126 * ground[0] + 0.7152 * ground[1] + 0.0722 * ground[2];
    let pale = hsv(dice.unit(), dice.range(0.0, 0.25), dice.range(0.85, 0.95));
    let deep = hsv(dice.unit(), dice.range(0.2, 0.7), dice.range(0.12, 0.35));
    let kind = 1 + dice.below(5) as u8;
    let per_dm = match kind {
        4 => dice.range(1.2, 2.6),
        5 => dice.range(0.5, 0.9),
        _ => dice.range(0.8, 2.2),
    };
    Pattern { kind, colour: if bright > 0.18 { deep } else { pale }, per_dm, shift: dice.unit() }
}

/// A colour that clothes have when no attribute asks for one.
pub(super) fn any_cloth(dice: &mut Dice) -> Fabric {
    let colour = match dice.below(5) {
        0 => hsv(dice.unit(), dice.range(0.0, 0.1), dice.range(0.08, 0.35)),
        1 => hsv(dice.range(0.05, 0.15), dice.range(0.0, 0.15), dice.range(0.75, 0.93)),
        2 => hsv(dice.unit(), dice.range(0.5, 0.85), dice.range(0.35, 0.8)),
        3 => hsv(dice.range(0.55, 0.68), dice.range(0.3, 0.75), dice.range(0.2, 0.6)),
        _ => hsv(dice.unit(), dice.range(0.15, 0.4), dice.range(0.4, 0.8)),
    };
    let pattern = if dice.chance(0.3) { pattern(dice, colour) } else { PLAIN };
    Fabric::Dyed(colour, pattern)
}

/// Key, fill and light from above, and the light that comes from everywhere.
pub(super) struct Lighting {
    pub(super) lights: [Light; 3],
    pub(super) sky: Colour,
    pub(super) ground: Colour,
    pub(super) exposure: f32,
    pub(super) warmth: f32,
}

/// A photographer's light for a camera that stands at `azimuth` rad from the figure's front.
pub(super) fn lighting(dice: &mut Dice, azimuth: f32) -> Lighting {
    let from = |azimuth: f32, height: f32| {
        normalize([azimuth.sin() * height.cos(), height.sin(), azimuth.cos() * height.cos()])
    };
    let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
    let warmth = dice.bell();
    let key_colour = |level: f32| [level * (1.0 + 0.10 * warmth), level, level * (1.0 - 0.12 * warmth)];
    // From soft and even to dramatic.
    let contrast = dice.unit();
    let key = Light {
        direction: from(azimuth + side * dice.range(0.25, 1.1), dice.range(0.35, 0.85)),
        colour: key_colour(lerp(1.25, 2.1, contrast)),
        softness: dice.range(0.10, 0.45),
    };
    let fill = Light {
        direction: from(azimuth - side * dice.range(0.5, 1.2), dice.range(0.0, 0.35)),
        colour: [lerp(0.55, 0.16, contrast); 3].map(|c| c * dice.range(0.85, 1.15)),
        softness: 0.6,
    };
    // From above and behind: it parts hair and shoulders from what lies behind.
    let rim = Light {
        direction: from(azimuth - side * dice.range(2.2, 2.8), dice.range(0.7, 1.1)),
        colour: key_colour(dice.range(0.3, 1.3)),
        softness: 0.7,
    };
    let level = lerp(0.62, 0.30, contrast);
    Lighting {
        lights: [key, fill, rim],
        sky: [level * 0.98, level, level * 1.06],
        ground: [level * 0.52, level * 0.47, level * 0.43],
        exposure: dice.range(0.60, 0.76),
        warmth: 0.6 * dice.bell(),
    }
}

/// What lies behind a portrait.
pub(super) fn backdrop(dice: &mut Dice) -> Backdrop {
    let kind = dice.weighted(&[(0_u8, 0.4), (1, 0.2), (2, 0.2), (3, 0.2)]);
    let (low, high, accent) = match kind {
        0 => {
            let (hue, saturation, value) = (dice.unit(), dice.range(0.0, 0.45), dice.range(0.12, 0.85));
            (hsv(hue, saturation, 0.7 * value), hsv(hue, 0.8 * saturation, value), [0.0; 3])
        }
        1 => (
            hsv(dice.unit(), dice.range(0.2, 0.6), dice.range(0.08, 0.3)),
            hsv(dice.unit(), dice.range(0.1, 0.5), dice.range(0.2, 0.5)),
            hsv(dice.range(0.03, 0.15), dice.range(0.3, 0.8), 1.0),
        ),
        2 => (
            hsv(dice.range(0.02, 0.13), dice.range(0.1, 0.5), dice.range(0.2, 0.5)),
            hsv(dice.range(0.05, 0.15), dice.range(0.0, 0.2), dice.range(0.6, 0.9)),
            hsv(dice.unit(), dice.range(0.1, 0.6), dice.range(0.3, 0.8)),
        ),
        _ => (
            hsv(dice.range(0.18, 0.38), dice.range(0.3, 0.7), dice.range(0.2, 0.5)),
            hsv(dice.range(0.50, 0.62), dice.range(0.1, 0.4), dice.range(0.7, 0.95)),
            hsv(dice.range(0.12, 0.25), 0.5, 0.8),
        ),
    };
    Backdrop { kind, low, high, accent, floor: None }
}
