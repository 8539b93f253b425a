//! Pictures of photos as textures, kept as long as the same picture is shown.

use std::any::Any;
use std::sync::Arc;

use eframe::egui::{ColorImage, Id, TextureHandle, TextureOptions, Ui};

/// What a texture was made of, so that its address belongs to nothing else, and the texture.
type Kept = (Arc<dyn Any + Send + Sync>, TextureHandle);

/// The texture of a picture; `place` tells the pictures apart that are shown at the same time.
pub(super) fn texture<T: Send + Sync + 'static>(
    ui: &Ui,
    place: &'static str,
    of: &Arc<T>,
    make: impl FnOnce(&T) -> ColorImage,
) -> TextureHandle {
    let id = Id::unique(("photo_texture", place));
    let kept = ui.data(|data| data.get_temp::<Kept>(id));
    let address = Arc::as_ptr(of).cast::<()>();
    if let Some((_, texture)) = kept.filter(|(made_of, _)| Arc::as_ptr(made_of).cast::<()>() == address) {
        return texture;
    }
    let texture = ui.ctx().load_texture(place, make(of), TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp::<Kept>(id, (of.clone(), texture.clone())));
    texture
}

/// An opaque picture.
pub(super) fn opaque(picture: &image::RgbImage) -> ColorImage {
    ColorImage::from_rgb([picture.width() as usize, picture.height() as usize], picture.as_raw())
}
