//! Small pictures as textures, made when they are first shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{ColorImage, Id, TextureHandle, TextureOptions, Ui};

/// More textures than this, and those not shown lately go.
const KEPT: usize = 400;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A sample of a data set, or its mask.
    Sample { check: u64, index: usize, part: usize },
    /// The mask of a pinned canvas.
    Pinned(u64),
    /// What a checkpoint of a run makes of a pinned canvas.
    Probe { run: u64, probe: u64, step: u64 },
}

/// Textures, and the frame in which each was last shown.
type Shelf = Arc<Mutex<BTreeMap<Key, (TextureHandle, u64)>>>;

/// The texture of a picture.
pub(super) fn texture(ui: &Ui, key: Key, make: impl FnOnce() -> ColorImage) -> TextureHandle {
    let shelf = ui.data_mut(|data| data.get_temp_mut_or_default::<Shelf>(Id::unique("training_thumbnails")).clone());
    let frame = ui.ctx().cumulative_frame_nr();
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    if shelf.len() > KEPT {
        shelf.retain(|_, (_, shown)| *shown + 2 > frame);
    }
    let load = || (ui.ctx().load_texture(format!("{key:?}"), make(), TextureOptions::LINEAR), frame);
    let (texture, shown) = shelf.entry(key).or_insert_with(load);
    *shown = frame;
    texture.clone()
}
