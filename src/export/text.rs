//! Captions, drawn with the font that the window uses too.

use image::{Rgb, RgbImage};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{FillRule, Mask, Path, PathBuilder, Transform};

const FONT: &[u8] = epaint_default_fonts::UBUNTU_LIGHT;

/// Part of the font's size from one baseline to the next.
pub(super) const LINE_HEIGHT: f32 = 1.25;
/// Part of the font's size from the baseline up to the top of a capital.
pub(super) const CAPITAL_HEIGHT: f32 = 0.7;

/// Width of a line, in pixels.
pub(super) fn width(text: &str, size_px: f32) -> f32 {
    let Ok(font) = FontRef::new(FONT) else { return 0.0 };
    let metrics = font.glyph_metrics(Size::new(size_px), LocationRef::default());
    let advance = |letter: char| metrics.advance_width(glyph(&font, letter)).unwrap_or(0.0);
    text.chars().map(advance).sum()
}

/// The text, or as much of it as fits into so many pixels with dots behind.
pub(super) fn shortened(text: &str, size_px: f32, most_px: f32) -> String {
    if width(text, size_px) <= most_px {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let with_dots = |count: usize| letters[..count].iter().collect::<String>().trim_end().to_owned() + "…";
    (0..letters.len()).rev().map(with_dots).find(|short| width(short, size_px) <= most_px).unwrap_or_default()
}

/// Draws a line; `x` is its left end, `baseline` the line that letters stand on, in pixels.
pub(super) fn draw(picture: &mut RgbImage, text: &str, x: f32, baseline: f32, size_px: f32, color: [u8; 3]) {
    let Some(path) = outline(text, size_px) else { return };
    let left = x.floor() - 1.0;
    let top = (baseline - size_px * 1.1).floor();
    let wide = (width(text, size_px) + 4.0).ceil() as u32;
    let high = (size_px * 1.5).ceil() as u32;
    let Some(mut mask) = Mask::new(wide.max(1), high.max(1)) else { return };
    mask.fill_path(&path, FillRule::Winding, true, Transform::from_translate(x - left, baseline - top));
    for (index, &coverage) in mask.data().iter().enumerate().filter(|(_, coverage)| **coverage > 0) {
        let (dx, dy) = (index as u32 % mask.width(), index as u32 / mask.width());
        let (x, y) = (left as i64 + i64::from(dx), top as i64 + i64::from(dy));
        let inside = u32::try_from(x).ok().zip(u32::try_from(y).ok());
        if let Some(Rgb(below)) = inside.and_then(|(x, y)| picture.get_pixel_mut_checked(x, y)) {
            let share = f32::from(coverage) / 255.0;
            for (below, color) in below.iter_mut().zip(color) {
                *below = (f32::from(*below) + (f32::from(color) - f32::from(*below)) * share).round() as u8;
            }
        }
    }
}

fn glyph(font: &FontRef<'_>, letter: char) -> GlyphId {
    font.charmap().map(letter).unwrap_or(GlyphId::NOTDEF)
}

/// The letters' outlines from the origin to the right, y downwards. `None` when there is nothing to see.
fn outline(text: &str, size_px: f32) -> Option<Path> {
    let font = FontRef::new(FONT).ok()?;
    let (outlines, size) = (font.outline_glyphs(), Size::new(size_px));
    let metrics = font.glyph_metrics(size, LocationRef::default());
    let mut pen = Pen { path: PathBuilder::new(), x: 0.0 };
    for letter in text.chars() {
        let id = glyph(&font, letter);
        if let Some(outline) = outlines.get(id) {
            // A glyph that cannot be drawn leaves a gap.
            let _ = outline.draw(DrawSettings::unhinted(size, LocationRef::default()), &mut pen);
        }
        pen.x += metrics.advance_width(id).unwrap_or(0.0);
    }
    pen.path.finish()
}

struct Pen {
    path: PathBuilder,
    x: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, -y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, -y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + cx0, -cy0, self.x + x, -y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + cx0, -cy0, self.x + cx1, -cy1, self.x + x, -y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_leave_ink_within_their_width() {
        let mut picture = RgbImage::from_pixel(200, 40, Rgb([255; 3]));
        draw(&mut picture, "Seed 7", 10.0, 28.0, 20.0, [0; 3]);
        let dark: Vec<u32> =
            picture.enumerate_pixels().filter(|(.., pixel)| pixel.0[0] < 128).map(|(x, ..)| x).collect();
        let right = 10.0 + width("Seed 7", 20.0);
        assert!(dark.len() > 60 && dark.iter().all(|&x| (9.0..right + 1.0).contains(&(x as f32))));
        // Beyond the picture nothing happens.
        draw(&mut picture, "Seed", -30.0, 500.0, 20.0, [0; 3]);
        draw(&mut picture, "絵 \u{200d}", 190.0, 3.0, 20.0, [0; 3]);
    }

    #[test]
    fn long_texts_are_shortened() {
        let text = "a caption that is rather long";
        let short = shortened(text, 12.0, 60.0);
        assert!(short.ends_with('…') && width(&short, 12.0) <= 60.0 && short.len() > 5, "{short}");
        assert_eq!(shortened("ok", 12.0, 60.0), "ok");
        assert_eq!(shortened(text, 12.0, 1.0), "");
    }
}
