//! Captions, set as the window sets its text: in the same fonts, and in the system's for what those lack.

use std::sync::Arc;

use egui_system_font_provider::SystemFontProvider;
use epaint::text::{FontDefinitions, FontId, Fonts, Galley, Glyph, LayoutJob, TextOptions, ViewportKey};
use epaint::{Color32, FontColorTransferFunction};
use image::{Rgb, RgbImage};

use super::reading_order;

/// Part of the font's size from one baseline to the next.
pub(super) const LINE_HEIGHT: f32 = 1.35;
/// Part of the font's size from the baseline up to the top of a capital.
pub(super) const CAPITAL_HEIGHT: f32 = 0.7;
/// Dark letters on light paper; glyphs that were drawn once are kept.
const OPTIONS: TextOptions = TextOptions {
    max_texture_side: 2048,
    color_transfer_function: FontColorTransferFunction::LIGHT_MODE_DEFAULT,
    font_hinting: true,
    subpixel_binning: true,
};

/// Sets lines of text. Making one is slow, so one is used for a whole sheet.
pub(super) struct Lettering {
    fonts: Fonts,
}

impl Lettering {
    pub(super) fn new() -> Self {
        let fonts = Fonts::new(OPTIONS, FontDefinitions::default());
        Self { fonts: fonts.with_font_providers(vec![Arc::new(SystemFontProvider::new())]) }
    }

    /// Width of a line, in pixels.
    pub(super) fn width(&mut self, text: &str, size_px: f32) -> f32 {
        reading_order::from_left(text).into_iter().map(|part| self.part(part, size_px).size().x).sum()
    }

    /// The text, or as much of it as fits into so many pixels with dots behind.
    pub(super) fn shortened(&mut self, text: &str, size_px: f32, most_px: f32) -> String {
        if self.width(text, size_px) <= most_px {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let with_dots = |count: usize| letters[..count].iter().collect::<String>().trim_end().to_owned() + "…";
        let mut shorter = (0..letters.len()).rev().map(with_dots);
        shorter.find(|short| self.width(short, size_px) <= most_px).unwrap_or_default()
    }

    /// Draws a line; `x` is its left end, `baseline` the line that letters stand on, in pixels.
    pub(super) fn draw(
        &mut self,
        picture: &mut RgbImage,
        text: &str,
        x: f32,
        baseline: f32,
        size_px: f32,
        color: [u8; 3],
    ) {
        let mut left = x;
        // Makes room for new glyphs when there is little left.
        self.fonts.begin_pass(OPTIONS, ViewportKey::default());
        for part in reading_order::from_left(text) {
            let galley = self.part(part, size_px);
            for glyph in galley.rows.iter().flat_map(|row| &row.row.glyphs) {
                self.draw_glyph(picture, glyph, [left.round(), baseline.round()], color);
            }
            left += galley.size().x;
        }
    }

    fn part(&mut self, text: &str, size_px: f32) -> Galley {
        // A line is a line, whatever a file's name holds.
        let line = text.replace(char::is_control, " ");
        let job = LayoutJob::simple_singleline(line, FontId::proportional(size_px), Color32::BLACK);
        self.fonts.layout_uncached(1.0, Arc::new(job))
    }

    fn draw_glyph(&self, picture: &mut RgbImage, glyph: &Glyph, origin: [f32; 2], color: [u8; 3]) {
        let drawn = self.fonts.texture_atlas().image();
        let (from, to) = (glyph.uv_rect.min.map(usize::from), glyph.uv_rect.max.map(usize::from));
        let left = (origin[0] + glyph.pos.x + glyph.uv_rect.offset.x).round() as i64;
        // The glyph's own y is the baseline's.
        let top = (origin[1] + glyph.uv_rect.offset.y).round() as i64;
        for (dy, row) in (from[1]..to[1].min(drawn.height())).enumerate() {
            for (dx, column) in (from[0]..to[0].min(drawn.width())).enumerate() {
                let inside = u32::try_from(left + dx as i64).ok().zip(u32::try_from(top + dy as i64).ok());
                let Some(Rgb(below)) = inside.and_then(|(x, y)| picture.get_pixel_mut_checked(x, y)) else { continue };
                let [red, green, blue, cover] = drawn[(column, row)].to_array();
                let ink = if glyph.is_color { [red, green, blue] } else { color.map(|channel| scaled(channel, cover)) };
                for (below, ink) in below.iter_mut().zip(ink) {
                    *below = ink.saturating_add(scaled(*below, 255 - cover));
                }
            }
        }
    }
}

/// The channel times the share, of 255.
fn scaled(channel: u8, share: u8) -> u8 {
    ((u16::from(channel) * u16::from(share) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_leave_ink_within_their_width() {
        let mut lettering = Lettering::new();
        let mut picture = RgbImage::from_pixel(200, 40, Rgb([255; 3]));
        lettering.draw(&mut picture, "Seed 7", 10.0, 28.0, 20.0, [0; 3]);
        let dark: Vec<(u32, u32)> =
            picture.enumerate_pixels().filter(|(.., pixel)| pixel.0[0] < 128).map(|(x, y, _)| (x, y)).collect();
        let right = 10.0 + lettering.width("Seed 7", 20.0);
        assert!(dark.len() > 60 && dark.iter().all(|&(x, _)| (9.0..right + 1.0).contains(&(x as f32))));
        // Capitals stand on the line.
        assert!(dark.iter().all(|&(_, y)| (12..=28).contains(&y)) && dark.iter().any(|&(_, y)| y >= 26));
        // Beyond the picture nothing happens.
        lettering.draw(&mut picture, "Seed", -30.0, 500.0, 20.0, [0; 3]);
        lettering.draw(&mut picture, "絵 \u{200d}\u{0}\n", 190.0, 3.0, 20.0, [0; 3]);
    }

    /// What no font has becomes a box, never nothing.
    #[test]
    fn every_script_leaves_ink() {
        let mut lettering = Lettering::new();
        for text in ["Ελένη", "Анна", "שלום", "سلام", "画像", "かお", "얼굴", "🙂", "\u{10fffd}"]
        {
            let mut picture = RgbImage::from_pixel(120, 40, Rgb([255; 3]));
            lettering.draw(&mut picture, text, 10.0, 28.0, 20.0, [0; 3]);
            assert!(picture.pixels().filter(|pixel| pixel.0 != [255; 3]).count() > 20, "{text}");
            assert!(lettering.width(text, 20.0) > 5.0, "{text}");
        }
    }

    #[test]
    fn long_texts_are_shortened() {
        let mut lettering = Lettering::new();
        let text = "a caption that is rather long";
        let short = lettering.shortened(text, 12.0, 60.0);
        assert!(short.ends_with('…') && lettering.width(&short, 12.0) <= 60.0 && short.len() > 5, "{short}");
        assert_eq!(lettering.shortened("ok", 12.0, 60.0), "ok");
        assert_eq!(lettering.shortened(text, 12.0, 1.0), "");
    }
}
