//! The constants of a draw, as the shader takes them.

use super::garments::Cut;
use super::recipe::{Colour, Fabric, HairLook, SkinLook};
use crate::characters::library::PartTextures;

/// Floats of a draw's constants; `Draw` in the shader.
pub(in crate::characters) const DRAW_FLOATS: usize = 48;

/// What a mesh is made of; the numbers are the shader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Skin = 0,
    Eye = 1,
    Hair = 2,
    Brow = 3,
    Mouth = 4,
    Cloth = 5,
    Shoe = 6,
    Beard = 7,
}

/// `Draw` of the shader.
#[derive(Clone, Debug)]
pub(super) struct Constants {
    pub(super) kind: Kind,
    label: u8,
    base: [f32; 4],
    second: [f32; 4],
    surface: [f32; 4],
    cut: Cut,
    pattern: [f32; 2],
    lipstick: [f32; 4],
    eye_shadow: [f32; 4],
    blush: [f32; 4],
    marks: [f32; 4],
    /// Colour; height of this shell of it, 0–1.
    pub(super) beard: [f32; 4],
    complexion: [f32; 4],
}

impl Constants {
    fn new(kind: Kind, label: u8) -> Self {
        Self {
            kind,
            label,
            base: [1.0; 4],
            second: [0.0; 4],
            surface: [0.6, 0.03, 0.5, 0.0],
            cut: Cut::NONE,
            pattern: [1.0, 0.0],
            lipstick: [0.0; 4],
            eye_shadow: [0.0; 4],
            blush: [0.0; 4],
            marks: [0.0; 4],
            beard: [0.0; 4],
            complexion: [0.0; 4],
        }
    }

    pub(super) fn skin(look: &SkinLook, label: u8) -> Self {
        let ([r, g, b], [br, bg, bb]) = (look.tint, look.beard.colour);
        Self {
            base: [r, g, b, 1.0],
            lipstick: look.lipstick,
            eye_shadow: look.eye_shadow,
            blush: look.blush,
            marks: [look.freckles, look.blemishes, look.beard.stubble, look.lines],
            beard: [br, bg, bb, 0.0],
            complexion: [look.hue_shift, 0.0, 0.0, look.oil],
            ..Self::new(Kind::Skin, label)
        }
    }

    pub(super) fn eye(label: u8) -> Self {
        Self { surface: [0.2, 0.03, 1.0, 1.0], ..Self::new(Kind::Eye, label) }
    }

    pub(super) fn mouth(label: u8) -> Self {
        Self { base: [1.15, 1.08, 0.98, 1.0], ..Self::new(Kind::Mouth, label) }
    }

    /// Brows and lashes; `opacity` multiplies their texture's.
    pub(super) fn hairs(label: u8, [r, g, b]: Colour, opacity: f32) -> Self {
        Self { base: [r, g, b, opacity], surface: [0.6, 0.02, 1.0, 1.0], ..Self::new(Kind::Brow, label) }
    }

    pub(super) fn hair(look: &HairLook<'_>, label: u8) -> Self {
        let ([r, g, b], [sr, sg, sb]) = (look.colour, look.streaks);
        Self {
            base: [r, g, b, 0.65],
            second: [sr, sg, sb, 0.0],
            surface: [0.4, look.gloss, look.part.luminance, 1.0],
            pattern: [look.fringe, 0.0],
            ..Self::new(Kind::Hair, label)
        }
    }

    pub(super) fn fabric(kind: Kind, label: u8, fabric: Fabric, luminance: f32, cut: Cut) -> Self {
        let (base, second, pattern) = match fabric {
            Fabric::Dyed([r, g, b], pattern) => {
                let [sr, sg, sb] = pattern.colour;
                ([r, g, b, 0.55], [sr, sg, sb, f32::from(pattern.kind)], [pattern.per_dm, pattern.shift])
            }
            Fabric::Own([r, g, b]) => ([r, g, b, 1.0], [0.0, 0.0, 0.0, 9.0], [1.0, 0.0]),
        };
        let surface = if kind == Kind::Shoe { [0.45, 0.04, luminance, 0.0] } else { [0.85, 0.025, luminance, 0.0] };
        Self { base, second, surface, cut, pattern, ..Self::new(kind, label) }
    }

    pub(super) fn floats(&self, textures: PartTextures) -> [f32; DRAW_FLOATS] {
        let maps = [textures.normal.is_some(), textures.occlusion.is_some()].map(|is| f32::from(u8::from(is)));
        let cut = &self.cut;
        let rows: [[f32; 4]; 12] = [
            [f32::from(self.kind as u8), f32::from(self.label), maps[0], maps[1]],
            self.base,
            self.second,
            self.surface,
            [cut.arm, cut.leg, cut.low, cut.high],
            [cut.neck[0], cut.neck[1], self.pattern[0], self.pattern[1]],
            self.lipstick,
            self.eye_shadow,
            self.blush,
            self.marks,
            self.beard,
            self.complexion,
        ];
        let mut floats = [0.0; DRAW_FLOATS];
        for (place, value) in floats.iter_mut().zip(rows.iter().flatten()) {
            *place = *value;
        }
        floats
    }
}
