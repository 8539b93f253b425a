//! Enlarging pictures.

use image::RgbImage;
use image::imageops::{self, FilterType};

/// How pixels are made up between those of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpscaleFilter {
    /// Square pixels.
    Nearest,
    /// Soft.
    Linear,
    /// Smooth and clear.
    #[default]
    Cubic,
    /// The clearest; may draw faint rims along hard edges.
    Lanczos,
}

impl UpscaleFilter {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nearest, Self::Linear, Self::Cubic, Self::Lanczos];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Linear => "linear",
            Self::Cubic => "cubic",
            Self::Lanczos => "lanczos",
        }
    }

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nearest => "Pixels",
            Self::Linear => "Soft",
            Self::Cubic => "Smooth",
            Self::Lanczos => "Sharp",
        }
    }

    /// The picture in another size, in pixels; at least one on a side.
    pub fn resized(self, picture: &RgbImage, width: u32, height: u32) -> RgbImage {
        let size = (width.max(1), height.max(1));
        if picture.dimensions() == size {
            return picture.clone();
        }
        let filter = match self {
            Self::Nearest => FilterType::Nearest,
            Self::Linear => FilterType::Triangle,
            Self::Cubic => FilterType::CatmullRom,
            Self::Lanczos => FilterType::Lanczos3,
        };
        imageops::resize(picture, size.0, size.1, filter)
    }
}
