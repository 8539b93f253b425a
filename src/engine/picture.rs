//! Where a rendered picture lies.

use std::sync::Arc;

use image::RgbImage;

use crate::gpu::PictureTexture;

/// A rendered picture.
#[derive(Clone, Debug)]
pub enum Picture {
    /// `width · height` opaque RGBA pixels, row-major from the top left, 8 bits per channel.
    Pixels(Arc<[u8]>),
    /// A texture on the device that draws the window: nothing was copied to main memory.
    Texture(PictureTexture),
}

impl Picture {
    /// The pixels, if they are in main memory.
    pub fn pixels(&self) -> Option<&Arc<[u8]>> {
        match self {
            Self::Pixels(rgba) => Some(rgba),
            Self::Texture(_) => None,
        }
    }
}

/// A picture that was asked for with [`super::EngineCommand::ReadPicture`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicturePixels {
    /// Pixels per row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width · height` opaque RGBA pixels, row-major from the top left.
    pub rgba: Arc<[u8]>,
}

impl PicturePixels {
    /// Without the opacity. `None` if there are not as many pixels as it says.
    pub fn to_rgb(&self) -> Option<RgbImage> {
        let rgb = self.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        RgbImage::from_raw(self.width, self.height, rgb)
    }
}
