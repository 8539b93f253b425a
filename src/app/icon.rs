//! The window's icon: a small mask in its label colours.

use eframe::egui::IconData;

use crate::taxonomy::Taxonomy;
use crate::templates::template;

const SIDE_PX: u32 = 128;
const RADIUS_PX: f32 = 28.0;

/// The icon; `None` when the template has no taxonomy in this build.
pub(super) fn icon() -> Option<IconData> {
    let template = template("front")?;
    let taxonomy = Taxonomy::builtin(template.taxonomy)?;
    let image = template.labels(SIDE_PX).to_rgb(&taxonomy);
    let rgba = image.enumerate_pixels().flat_map(|(x, y, pixel)| {
        let [red, green, blue] = pixel.0;
        [red, green, blue, (coverage(x, y) * 255.0) as u8]
    });
    Some(IconData { rgba: rgba.collect(), width: SIDE_PX, height: SIDE_PX })
}

/// How much of a pixel lies within the rounded square.
fn coverage(x: u32, y: u32) -> f32 {
    let beyond =
        |at: u32| ((at as f32 + 0.5 - SIDE_PX as f32 / 2.0).abs() - (SIDE_PX as f32 / 2.0 - RADIUS_PX)).max(0.0);
    (RADIUS_PX + 0.5 - beyond(x).hypot(beyond(y))).clamp(0.0, 1.0)
}
