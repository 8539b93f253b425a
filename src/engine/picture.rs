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

/// Three planes of values in [−1, 1], one behind the other, as opaque interleaved RGBA; not-a-number becomes 0.
pub(super) fn to_rgba(planes: &[f32]) -> Arc<[u8]> {
    let size = planes.len() / 3;
    let (red, others) = planes.split_at(size);
    let (green, blue) = others.split_at(size);
    let mut rgba = vec![u8::MAX; 4 * size];
    for (pixel, ((red, green), blue)) in rgba.as_chunks_mut::<4>().0.iter_mut().zip(red.iter().zip(green).zip(blue)) {
        *pixel = [to_byte(*red), to_byte(*green), to_byte(*blue), u8::MAX];
    }
    rgba.into()
}

/// [−1, 1] to 0–255, rounded to the nearest; values outside are clamped. Without a call of `round`, which most processors'
/// common instructions lack.
fn to_byte(value: f32) -> u8 {
    (value * 127.5 + 128.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded_and_clamped() {
        let bytes = [-1.0, 1.0, 0.0, -0.5, 7.0, -7.0, f32::NAN].map(to_byte);
        assert_eq!(bytes, [0, 255, 128, 64, 255, 0, 0]);
        // Every byte comes back from the value that a loader makes of it.
        assert!((0..=255u8).all(|byte| to_byte(f32::from(byte) / 127.5 - 1.0) == byte));
    }
}
