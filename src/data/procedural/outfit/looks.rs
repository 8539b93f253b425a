//! What neither the mask nor the attributes fix in an outfit: skin, hair, light, shades, pattern, studio. The latent's
//! share.

use tiny_skia::Point;

use super::params::{BOTTOM_COLORS, Outfit, TOP_COLORS};
use crate::data::procedural::geometry::pt;
use crate::data::procedural::palette::{Tone, skin};
use crate::data::procedural::scene::Ink;
use crate::dice::Dice;

const HAIRS: [u32; 7] = [0x241d1c, 0x3d2a20, 0x6a4429, 0x9a6a3c, 0xd9b36a, 0xa84f2a, 0xb9b9bb];
const ACCENTS: [u32; 8] = [0x6b4426, 0xa66a3a, 0x2c2a2c, 0xc9a16a, 0x8e3b3f, 0x3f5b54, 0xd8cdbb, 0x5b4a78];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Stripes,
    Dots,
    Checks,
}

#[derive(Clone, Debug)]
pub(crate) struct OutfitLooks {
    pub(crate) skin_depth: f32,
    pub(crate) undertone: f32,
    /// Where the light comes from: -1 left … 1 right.
    pub(crate) light: f32,
    pub(crate) background_hue: f32,
    pub(crate) background_lightness: f32,
    pub(crate) background_chroma: f32,
    pub(crate) hair: usize,
    pub(crate) shoe: usize,
    pub(crate) accent: usize,
    pub(crate) top_shade: f32,
    pub(crate) bottom_shade: f32,
    pub(crate) pattern: Pattern,
    pub(crate) pattern_scale: f32,
}

impl OutfitLooks {
    pub(super) fn sample(dice: &mut Dice) -> Self {
        Self {
            skin_depth: dice.unit(),
            undertone: dice.bell(),
            light: if dice.chance(0.5) { 1.0 } else { -1.0 } * dice.range(0.4, 1.0),
            background_hue: dice.range(0.0, 360.0),
            background_lightness: dice.range(0.74, 0.91),
            background_chroma: dice.range(0.012, 0.055),
            hair: dice.below(HAIRS.len()),
            shoe: dice.below(ACCENTS.len()),
            accent: dice.below(ACCENTS.len()),
            top_shade: dice.bell(),
            bottom_shade: dice.bell(),
            pattern: dice.weighted(&[(Pattern::Stripes, 1.0), (Pattern::Dots, 1.0), (Pattern::Checks, 1.0)]),
            pattern_scale: dice.range(0.85, 1.3),
        }
    }
}

/// The tones an outfit is painted with.
pub(super) struct OutfitPaints {
    pub(super) skin: Tone,
    pub(super) skin_light: Tone,
    pub(super) skin_shade: Tone,
    pub(super) line: Tone,
    pub(super) lip: Tone,
    pub(super) hair: Tone,
    pub(super) top: Tone,
    pub(super) bottom: Tone,
    pub(super) shoe: Tone,
    pub(super) accent: Tone,
    pub(super) background: Tone,
    pub(super) light: f32,
}

impl OutfitPaints {
    pub(super) fn new(outfit: &Outfit) -> Self {
        let looks = &outfit.looks;
        let skin = skin(looks.skin_depth, looks.undertone);
        Self {
            skin,
            skin_light: skin.lighter(0.045).mix(Tone::hex(0xfff0d8), 0.2),
            skin_shade: skin.shadow(0.12),
            line: skin.shadow(0.20 + 0.22 * (1.0 - looks.skin_depth)),
            lip: skin.mix(Tone::hex(0xb5404c), if outfit.male { 0.30 } else { 0.62 }),
            hair: Tone::hex(HAIRS[looks.hair.min(HAIRS.len() - 1)]),
            top: Tone::hex(TOP_COLORS[outfit.top_color].1).lighter(0.022 * looks.top_shade),
            bottom: Tone::hex(BOTTOM_COLORS[outfit.bottom_color].1).lighter(0.022 * looks.bottom_shade),
            shoe: Tone::hex(ACCENTS[looks.shoe.min(ACCENTS.len() - 1)]),
            accent: Tone::hex(ACCENTS[looks.accent.min(ACCENTS.len() - 1)]),
            background: Tone::lch(looks.background_lightness, looks.background_chroma, looks.background_hue),
            light: looks.light,
        }
    }

    /// Light on one side, shade on the other, across a part of half-width `half` around `center`.
    pub(super) fn across(&self, center: Point, half: f32, tone: Tone) -> Ink {
        let reach = half.max(1.0) * self.light.signum();
        let amount = 0.6 + 0.4 * self.light.abs();
        Ink::linear(
            pt(center.x + reach, center.y - half * 0.3),
            pt(center.x - reach, center.y + half * 0.3),
            &[
                (0.0, tone.lighter(0.050 * amount).opaque()),
                (0.45, tone.opaque()),
                (1.0, tone.shadow(0.105 * amount).opaque()),
            ],
        )
    }
}
