//! A photograph on its way into the document: the dialog that frames it, and the card that shows the fit.

mod fit_card;
mod framing;
mod texture;

use std::sync::Arc;

use eframe::egui::ColorImage;
use image::RgbaImage;

pub(super) use self::fit_card::show as fit_card;
pub(super) use self::framing::{WIDTH as FRAMING_WIDTH, show as framing};
use crate::editor::PhotoCommand;

/// A picture that was pasted.
pub(super) fn pasted(picture: &ColorImage) -> Option<PhotoCommand> {
    let [width, height] = picture.size.map(|side| u32::try_from(side).ok());
    let rgba = picture.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied()).collect();
    let photo = RgbaImage::from_raw(width?, height?, rgba)?;
    Some(PhotoCommand::Opened { name: "Pasted picture".to_owned(), photo: Arc::new(photo) })
}
