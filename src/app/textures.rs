//! Mask and picture on the graphics card, uploaded only where they changed.

use std::sync::Arc;

use eframe::egui::{Color32, ColorImage, Context, TextureFilter, TextureHandle, TextureId, TextureOptions};
use eframe::egui_wgpu::RenderState;
use image::RgbaImage;
use image::imageops::{self, FilterType};

use super::live_texture::LiveTexture;
use crate::document::{LabelMap, Rect};
use crate::editor::{EditorState, ResultFilter};
use crate::engine::{LiveFrame, Picture};
use crate::taxonomy::Taxonomy;
use crate::ui::{Textures, theme};

/// Mask pixels stay squares when enlarged.
const MASK_OPTIONS: TextureOptions = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };

/// Larger pictures are sharp enough as they are, and enlarging them would take time.
const ENLARGE_UP_TO_PX: u32 = 128;
const ENLARGE_BY: u32 = 3;

/// What has been uploaded.
pub(super) struct TextureCache {
    mask: Option<MaskTexture>,
    result: Option<ResultTexture>,
    /// Pictures that need no upload; absent when another library than wgpu draws the window.
    live: Option<LiveTexture>,
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
    /// For the window that `window` draws.
    pub(super) fn new(window: Option<RenderState>) -> Self {
        Self { mask: None, result: None, live: window.map(LiveTexture::new) }
    }

    /// Brings the textures up to date with the state.
    pub(super) fn update(&mut self, ctx: &Context, state: &EditorState) -> Textures {
        self.update_mask(ctx, state);
        Textures { mask: self.mask.as_ref().map(|mask| mask.texture.id()), result: self.result(ctx, state) }
    }

    fn result(&mut self, ctx: &Context, state: &EditorState) -> Option<TextureId> {
        match (state.live.frame.as_ref().map(|frame| &frame.picture), &mut self.live) {
            (Some(Picture::Texture(picture)), Some(live)) => Some(live.show(picture, state.result_filter)),
            _ => {
                self.update_result(ctx, state);
                self.result.as_ref().map(|result| result.texture.id())
            }
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
        let Picture::Pixels(rgba) = &frame.picture else { return };
        let filter = state.result_filter;
        if self.result.as_ref().is_some_and(|shown| Arc::ptr_eq(&shown.frame, frame) && shown.filter == filter) {
            return;
        }
        let (image, options) = match filter {
            ResultFilter::Linear => (enlarged(frame.width, frame.height, rgba), TextureOptions::LINEAR),
            ResultFilter::Nearest => (as_it_is(frame.width, frame.height, rgba), TextureOptions::NEAREST),
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

fn as_it_is(width: u32, height: u32, rgba: &[u8]) -> ColorImage {
    ColorImage::from_rgba_unmultiplied([width as usize, height as usize], rgba)
}

/// Small pictures are enlarged by a cubic filter first, since the graphics card's bilinear one shows their grid.
fn enlarged(width: u32, height: u32, rgba: &[u8]) -> ColorImage {
    let picture = (width <= ENLARGE_UP_TO_PX).then(|| rgba.to_vec());
    let Some(picture) = picture.and_then(|rgba| RgbaImage::from_raw(width, height, rgba)) else {
        return as_it_is(width, height, rgba);
    };
    let (width, height) = (width * ENLARGE_BY, height * ENLARGE_BY);
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

    #[test]
    fn small_pictures_are_enlarged_and_broken_ones_are_not_touched() {
        let picture = |width: u32, height: u32| -> Vec<u8> {
            (0..width * height).flat_map(|i| [(i % 251) as u8, (i / 251 % 256) as u8, 7, 255]).collect()
        };
        assert_eq!(enlarged(128, 96, &picture(128, 96)).size, [384, 288]);
        assert_eq!(enlarged(256, 256, &picture(256, 256)).size, [256, 256]);
        let flat = enlarged(8, 8, &[9, 80, 200, 255].repeat(64));
        assert!(flat.pixels.iter().all(|&pixel| pixel == Color32::from_rgb(9, 80, 200)));
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
