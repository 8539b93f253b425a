//! sRGB to CIELAB (D65), where distances follow what an eye sees.

/// A colour as lightness L* (0–100) and the opponent axes a* (green to red) and b* (blue to yellow).
pub type Lab = [f32; 3];

/// Linear light in [0, 1] of one 8-bit sRGB channel.
pub fn linear_from_srgb(channel: u8) -> f32 {
    let value = f32::from(channel) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// CIELAB of a colour given as linear light in [0, 1] per channel.
pub fn lab_from_linear([r, g, b]: [f32; 3]) -> Lab {
    let x = (0.412_456 * r + 0.357_576 * g + 0.180_438 * b) / 0.950_47;
    let y = 0.212_673 * r + 0.715_152 * g + 0.072_175 * b;
    let z = (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83;
    let [fx, fy, fz] =
        [x, y, z].map(|t| if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 });
    [116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)]
}

/// CIELAB of an 8-bit sRGB colour.
pub fn lab_from_srgb(color: [u8; 3]) -> Lab {
    lab_from_linear(color.map(linear_from_srgb))
}

/// The CIE76 colour difference ΔE: about 2.3 is just noticeable.
pub fn difference(one: Lab, other: Lab) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of Bruce Lindbloom's calculator (sRGB, D65).
    #[test]
    fn agrees_with_published_values() {
        for (color, expected) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
            ([119, 119, 119], [50.03, 0.0, 0.0]),
        ] {
            assert!(difference(lab_from_srgb(color), expected) < 0.05, "{color:?}: {:?}", lab_from_srgb(color));
        }
    }
}
