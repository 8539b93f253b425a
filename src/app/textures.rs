//! Mask and picture on the graphics card, uploaded only where they changed.

use std::sync::Arc;

use eframe::egui::{Color32, ColorImage, Context, TextureFilter, TextureHandle, TextureOptions};
use image::RgbaImage;
use image::imageops::{self, FilterType};

use crate::document::{LabelMap, Rect};
use crate::editor::{EditorState, ResultFilter};
use crate::engine::LiveFrame;
use crate::taxonomy::Taxonomy;
use crate::ui::{Textures, theme};

/// Mask pixels stay squares when enlarged.
const MASK_OPTIONS: TextureOptions = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };

/// Larger pictures are sharp enough as they are, and enlarging them would take time.
const ENLARGE_UP_TO_PX: u32 = 128;
const ENLARGE_BY: u32 = 3;

/// What has been uploaded.
#[derive(Default)]
pub(super) struct TextureCache {
    mask: Option<MaskTexture>,
    result: Option<ResultTexture>,
}

struct MaskTexture {
    texture: TextureHandle,
    labels: LabelMap,
    taxonomy: String,
}

struct ResultTexture {
    texture: TextureHandle,
    frame: Arc<LiveFrame>,
    filter: ResultFilter,
}

impl TextureCache {
    /// Brings the textures up to date with the state.
    pub(super) fn update(&mut self, ctx: &Context, state: &EditorState) -> Textures {
        self.update_mask(ctx, state);
        self.update_result(ctx, state);
        Textures {
            mask: self.mask.as_ref().map(|mask| mask.texture.id()),
            result: self.result.as_ref().map(|result| result.texture.id()),
        }
    }

    fn update_mask(&mut self, ctx: &Context, state: &EditorState) {
        let labels = &state.document.labels;
        let (width, height) = (labels.width(), labels.height());
        let whole = Rect { x: 0, y: 0, width, height };
        match &mut self.mask {
            Some(mask) if mask.taxonomy == state.taxonomy.name => {
                let Some(changed) = labels.changed_rect_since(&mask.labels) else { return };
                let image = colors(labels, changed, &state.taxonomy);
                if mask.texture.size() == [width as usize, height as usize] {
                    mask.texture.set_partial([changed.x as usize, changed.y as usize], image, MASK_OPTIONS);
                } else {
                    mask.texture.set(image, MASK_OPTIONS);
                }
                mask.labels = labels.clone();
            }
            _ => {
                let image = colors(labels, whole, &state.taxonomy);
                let texture = ctx.load_texture("mask", image, MASK_OPTIONS);
                let taxonomy = state.taxonomy.name.clone();
                self.mask = Some(MaskTexture { texture, labels: labels.clone(), taxonomy });
            }
        }
    }

    fn update_result(&mut self, ctx: &Context, state: &EditorState) {
        let Some(frame) = &state.live.frame else {
            self.result = None;
            return;
        };
        let filter = state.result_filter;
        if self.result.as_ref().is_some_and(|shown| Arc::ptr_eq(&shown.frame, frame) && shown.filter == filter) {
            return;
        }
        let (image, options) = match filter {
            ResultFilter::Linear => (enlarged(frame), TextureOptions::LINEAR),
            ResultFilter::Nearest => (as_it_is(frame), TextureOptions::NEAREST),
        };
        match &mut self.result {
            Some(shown) => {
                shown.texture.set(image, options);
                shown.frame = Arc::clone(frame);
                shown.filter = filter;
            }
            None => {
                let texture = ctx.load_texture("result", image, options);
                self.result = Some(ResultTexture { texture, frame: Arc::clone(frame), filter });
            }
        }
    }
}

fn as_it_is(frame: &LiveFrame) -> ColorImage {
    ColorImage::from_rgba_unmultiplied([frame.width as usize, frame.height as usize], &frame.rgba)
}

/// Small pictures are enlarged by a cubic filter first, since the graphics card's bilinear one shows their grid.
fn enlarged(frame: &LiveFrame) -> ColorImage {
    let picture = (frame.width <= ENLARGE_UP_TO_PX).then(|| frame.rgba.clone());
    let Some(picture) = picture.and_then(|rgba| RgbaImage::from_raw(frame.width, frame.height, rgba)) else {
        return as_it_is(frame);
    };
    let (width, height) = (frame.width * ENLARGE_BY, frame.height * ENLARGE_BY);
    let picture = imageops::resize(&picture, width, height, FilterType::CatmullRom);
    ColorImage::from_rgba_unmultiplied([width as usize, height as usize], picture.as_raw())
}

/// The label colours of a part of the mask.
fn colors(labels: &LabelMap, part: Rect, taxonomy: &Taxonomy) -> ColorImage {
    let palette: Vec<Color32> = taxonomy.labels.iter().map(|label| theme::label_color(label.color)).collect();
    let color = |id: u8| palette.get(usize::from(id)).copied().unwrap_or(Color32::TRANSPARENT);
    let rows = part.y..part.y + part.height;
    let pixels = rows.flat_map(|y| (part.x..part.x + part.width).map(move |x| (x, y)));
    let pixels = pixels.map(|(x, y)| color(labels.get(x, y).unwrap_or_default())).collect();
    ColorImage::new([part.width as usize, part.height as usize], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StepsRun;

    fn frame(width: u32, height: u32) -> LiveFrame {
        let rgba = (0..width * height).flat_map(|i| [(i % 251) as u8, (i / 251 % 256) as u8, 7, 255]).collect();
        LiveFrame { generation: 1, width, height, rgba, steps: StepsRun::default(), render_ms: 1.0 }
    }

    #[test]
    fn small_pictures_are_enlarged_and_broken_ones_are_not_touched() {
        assert_eq!(enlarged(&frame(128, 96)).size, [384, 288]);
        assert_eq!(enlarged(&frame(256, 256)).size, [256, 256]);
        let flat = LiveFrame { rgba: [9, 80, 200, 255].repeat(64), ..frame(8, 8) };
        assert!(enlarged(&flat).pixels.iter().all(|&pixel| pixel == Color32::from_rgb(9, 80, 200)));
    }

    #[test]
    fn a_part_of_the_mask_has_its_own_colors() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap_or_else(|| unreachable!("built in"));
        let mut labels = LabelMap::new(90, 70, 1);
        labels.set(66, 65, 8);
        let part = colors(&labels, Rect { x: 65, y: 64, width: 3, height: 2 }, &taxonomy);
        let expected = |x: usize, y: usize| taxonomy.labels[if (x, y) == (1, 1) { 8 } else { 1 }].color;
        for (x, y) in [(0, 0), (1, 1), (2, 1), (1, 0)] {
            assert_eq!(part.pixels[y * 3 + x], theme::label_color(expected(x, y)));
        }
    }
}
