//! What neither the mask nor the attributes fix: skin, light, background and other colours. The latent's share.

use super::params::{HairColor, HairStyle, Portrait};
use crate::data::procedural::palette::{Tone, skin};
use crate::dice::Dice;

const EYES: [u32; 6] = [0x3b2314, 0x5d3a1c, 0x7d6230, 0x587a4c, 0x4a7ba6, 0x66788a];
const DYES: [u32; 6] = [0xd9588f, 0x2f9c9a, 0x7a55b8, 0x3d6fd0, 0x4fa06a, 0xe58bb0];
const CLOTHES: [u32; 14] = [
    0x24344d, 0xe9e2d6, 0xb5483a, 0x2f6f6b, 0xd9a441, 0x6b7f52, 0x8c5a7c, 0x3a3a42, 0xd98c7a, 0x5b7fb0, 0xa8b8b0,
    0x7a3b3f, 0xcfc3e0, 0x9b7a58,
];

/// Colours and light of one portrait.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    pub(crate) skin_depth: f32,
    pub(crate) undertone: f32,
    /// Where the light comes from: -1 left … 1 right.
    pub(crate) light: f32,
    pub(crate) background_hue: f32,
    pub(crate) background_lightness: f32,
    pub(crate) background_chroma: f32,
    pub(crate) eye: usize,
    pub(crate) lip_tint: f32,
    pub(crate) lip_hue: f32,
    pub(crate) blush: f32,
    pub(crate) hair_shade: f32,
    pub(crate) dye: usize,
    pub(crate) clothes: usize,
    pub(crate) clothes_shade: f32,
}

impl Looks {
    pub(super) fn sample(dice: &mut Dice, male: bool) -> Self {
        Self {
            skin_depth: dice.unit(),
            undertone: dice.bell(),
            light: if dice.chance(0.5) { 1.0 } else { -1.0 } * dice.range(0.35, 1.0),
            background_hue: dice.range(0.0, 360.0),
            background_lightness: dice.range(0.62, 0.90),
            background_chroma: dice.range(0.025, 0.075),
            eye: dice.below(EYES.len()),
            lip_tint: if male { 0.0 } else { dice.unit() },
            lip_hue: dice.range(-8.0, 32.0),
            blush: dice.range(0.4, 1.0),
            hair_shade: dice.bell(),
            dye: dice.below(DYES.len()),
            clothes: dice.below(CLOTHES.len()),
            clothes_shade: dice.bell(),
        }
    }
}

/// The tones a portrait is painted with.
pub(super) struct Paints {
    pub(super) skin: Tone,
    pub(super) skin_light: Tone,
    pub(super) skin_shade: Tone,
    pub(super) line: Tone,
    pub(super) blush: Tone,
    pub(super) lip: Tone,
    pub(super) eye: Tone,
    pub(super) hair: Tone,
    pub(super) hair_light: Tone,
    pub(super) hair_dark: Tone,
    pub(super) brow: Tone,
    pub(super) clothes: Tone,
    pub(super) background: Tone,
}

impl Paints {
    pub(super) fn new(portrait: &Portrait) -> Self {
        let looks = &portrait.looks;
        let skin = skin(looks.skin_depth, looks.undertone);
        let depth = looks.skin_depth;
        let line = skin.shadow(0.16 + 0.26 * (1.0 - depth));
        let hair = hair_tone(portrait);
        let natural_lip = skin.mix(Tone::hex(0xb5525a), 0.42).shadow(0.05 + 0.04 * depth);
        let painted_lip = Tone::lch(0.50 - 0.10 * depth, 0.15, looks.lip_hue);
        let brow_base = if hair.lightness() > 0.55 { hair.shadow(0.22) } else { hair.shadow(0.04) };
        Self {
            skin,
            skin_light: skin.lighter(0.045).mix(Tone::hex(0xfff0d8), 0.22),
            skin_shade: skin.shadow(0.13),
            line,
            blush: skin.mix(Tone::hex(0xd9506a), 0.55).lighter(-0.02),
            lip: natural_lip.mix(painted_lip, 0.65 * looks.lip_tint),
            eye: Tone::hex(EYES[looks.eye.min(EYES.len() - 1)]),
            hair,
            hair_light: hair.lighter(0.13 - 0.05 * hair.lightness()).saturate(1.12),
            hair_dark: hair.shadow(0.11),
            brow: brow_base.mix(skin.shadow(0.3), 0.18),
            clothes: Tone::hex(CLOTHES[looks.clothes.min(CLOTHES.len() - 1)]).lighter(0.04 * looks.clothes_shade),
            background: Tone::lch(looks.background_lightness, looks.background_chroma, looks.background_hue),
        }
    }
}

fn hair_tone(portrait: &Portrait) -> Tone {
    let shade = portrait.looks.hair_shade;
    if portrait.hair_style == HairStyle::Bald {
        // Only brows and beard are left; a dye would look odd there.
        return Tone::lch(0.36 + 0.06 * shade, 0.045, 55.0);
    }
    let tone = match portrait.hair_color {
        HairColor::Black => Tone::lch(0.215 + 0.025 * shade, 0.018, 280.0 + 60.0 * shade),
        HairColor::Brown => Tone::lch(0.40 + 0.045 * shade, 0.065, 55.0 + 6.0 * shade),
        HairColor::Blond => Tone::lch(0.79 + 0.045 * shade, 0.105, 86.0 + 5.0 * shade),
        HairColor::Red => Tone::lch(0.54 + 0.045 * shade, 0.148, 44.0 + 6.0 * shade),
        HairColor::Grey => Tone::lch(0.72 + 0.09 * shade, 0.010, 250.0),
        HairColor::Dyed => Tone::hex(DYES[portrait.looks.dye.min(DYES.len() - 1)]),
    };
    // Age dulls a colour without turning it into another one.
    if portrait.young { tone } else { tone.saturate(0.88).lighter(0.012) }
}
