//! Colours in Oklab, where mixing and darkening look even to the eye, and the ramps the drawings choose from.

use tiny_skia::Color;

/// A colour in Oklab: lightness in [0, 1], two opponent axes around 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tone {
    l: f32,
    a: f32,
    b: f32,
}

impl Tone {
    /// From lightness, chroma (0 grey … 0.3 vivid) and hue in degrees.
    pub(super) fn lch(l: f32, chroma: f32, hue_degrees: f32) -> Self {
        let (sin, cos) = hue_degrees.to_radians().sin_cos();
        Self { l, a: chroma * cos, b: chroma * sin }
    }

    /// From 0xRRGGBB in sRGB.
    pub(super) fn hex(rgb: u32) -> Self {
        let channel = |shift: u32| to_linear(((rgb >> shift) & 255) as f32 / 255.0);
        let (r, g, b) = (channel(16), channel(8), channel(0));
        let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
        Self {
            l: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }

    /// This colour at t = 0, `other` at t = 1.
    pub(super) fn mix(self, other: Self, t: f32) -> Self {
        let blend = |a: f32, b: f32| a + (b - a) * t;
        Self { l: blend(self.l, other.l), a: blend(self.a, other.a), b: blend(self.b, other.b) }
    }

    /// Lighter (positive) or darker (negative) by an amount of Oklab lightness.
    pub(super) fn lighter(self, amount: f32) -> Self {
        Self { l: (self.l + amount).clamp(0.0, 1.0), ..self }
    }

    /// Darker and a little warmer and richer, as shadows are on living things.
    pub(super) fn shadow(self, amount: f32) -> Self {
        Self {
            l: (self.l - amount).max(0.02),
            a: self.a * (1.0 + amount * 0.6) + amount * 0.10,
            b: self.b * (1.0 + amount * 0.2),
        }
    }

    /// Chroma scaled.
    pub(super) fn saturate(self, factor: f32) -> Self {
        Self { l: self.l, a: self.a * factor, b: self.b * factor }
    }

    /// Oklab lightness.
    pub(super) fn lightness(self) -> f32 {
        self.l
    }

    /// Opaque sRGB colour; out-of-gamut channels are clipped.
    pub(super) fn opaque(self) -> Color {
        self.alpha(1.0)
    }

    /// sRGB colour of the given opacity in [0, 1].
    pub(super) fn alpha(self, alpha: f32) -> Color {
        let l = (self.l + 0.396_337_78 * self.a + 0.215_803_76 * self.b).powi(3);
        let m = (self.l - 0.105_561_346 * self.a - 0.063_854_17 * self.b).powi(3);
        let s = (self.l - 0.089_484_18 * self.a - 1.291_485_5 * self.b).powi(3);
        let r = 4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s;
        let g = -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s;
        let b = -0.004_196_086 * l - 0.703_418_6 * m + 1.707_614_7 * s;
        let channel = |value: f32| from_linear(value.clamp(0.0, 1.0));
        Color::from_rgba(channel(r), channel(g), channel(b), alpha.clamp(0.0, 1.0)).unwrap_or(Color::BLACK)
    }
}

fn to_linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn from_linear(value: f32) -> f32 {
    let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    encoded.clamp(0.0, 1.0)
}

/// Human skin from very fair to very deep, evenly spaced to the eye.
const SKIN_RAMP: [u32; 9] = [0xfbe2d0, 0xf5d0b5, 0xe9ba98, 0xdba27b, 0xc68862, 0xa96c48, 0x8a5337, 0x6b3e2a, 0x50301f];

/// Skin at `depth` in [0, 1] (fair … deep); `undertone` in [-1, 1] goes from rosy to golden.
pub(super) fn skin(depth: f32, undertone: f32) -> Tone {
    let place = depth.clamp(0.0, 1.0) * (SKIN_RAMP.len() - 1) as f32;
    let low = (place as usize).min(SKIN_RAMP.len() - 2);
    let base = Tone::hex(SKIN_RAMP[low]).mix(Tone::hex(SKIN_RAMP[low + 1]), place - low as f32);
    Tone { l: base.l, a: base.a - undertone * 0.006, b: base.b + undertone * 0.010 }
}
