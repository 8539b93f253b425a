//! Small pictures of the engine's as textures, as long as they are shown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{Color32, ColorImage, Id, TextureHandle, TextureOptions, Ui};

use crate::engine::LiveFrame;

/// A texture is no larger than this: a small picture is never drawn larger.
const TEXTURE_PX: u32 = 256;
/// More textures than this, and those not shown lately go.
const KEPT: usize = 200;

/// Textures by the address of their picture, which is kept with them, and the frame in which each was last shown.
type Shelf = Arc<Mutex<HashMap<usize, (Arc<LiveFrame>, TextureHandle, u64)>>>;

/// The texture of a picture that lies in main memory.
pub(super) fn texture(ui: &Ui, frame: &Arc<LiveFrame>) -> TextureHandle {
    let shelf = ui.data_mut(|data| data.get_temp_mut_or_default::<Shelf>(Id::unique("picture_textures")).clone());
    let now = ui.ctx().cumulative_frame_nr();
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    if shelf.len() > KEPT {
        shelf.retain(|_, (.., shown)| *shown + 2 > now);
    }
    let address = Arc::as_ptr(frame).addr();
    let (_, texture, shown) = shelf.entry(address).or_insert_with(|| {
        let texture = ui.ctx().load_texture("picture", image_of(frame), TextureOptions::LINEAR);
        (Arc::clone(frame), texture, now)
    });
    *shown = now;
    texture.clone()
}

fn image_of(frame: &LiveFrame) -> ColorImage {
    let blank = || ColorImage::filled([1, 1], Color32::TRANSPARENT);
    let Some(rgba) = frame.picture.pixels() else { return blank() };
    let Some(picture) = image::RgbaImage::from_raw(frame.width, frame.height, rgba.to_vec()) else { return blank() };
    let side = frame.width.max(frame.height);
    let picture = if side > TEXTURE_PX {
        let scaled = |px: u32| (px * TEXTURE_PX / side).max(1);
        image::imageops::thumbnail(&picture, scaled(frame.width), scaled(frame.height))
    } else {
        picture
    };
    ColorImage::from_rgba_unmultiplied([picture.width() as usize, picture.height() as usize], picture.as_raw())
}
