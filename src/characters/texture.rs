//! Textures: decoded when first needed, with their mip levels.

use super::CharacterError;
use crate::atomic_file::read_capped;
use image::{ImageReader, Limits, RgbaImage};
use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const MAX_BYTES: u64 = 64 << 20;
const MAX_SIDE: u32 = 8192;
/// Larger textures are reduced: pictures of people show no more.
const LARGEST_USED: u32 = 2048;

/// A texture of a [`Textures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TextureId(pub(super) usize);

/// A texture and its halves, down to a pixel.
#[derive(Clone, Debug)]
pub(super) struct Mips {
    pub(super) levels: Vec<RgbaImage>,
}

/// The textures that a folder's materials name.
#[derive(Debug, Default)]
pub(super) struct Textures {
    known: HashMap<PathBuf, TextureId>,
    entries: Vec<(PathBuf, OnceLock<Mips>)>,
}

impl Textures {
    /// The texture at a path, which is not read before it is needed.
    pub(super) fn add(&mut self, path: PathBuf) -> TextureId {
        let next = TextureId(self.entries.len());
        let id = *self.known.entry(path.clone()).or_insert(next);
        if id == next {
            self.entries.push((path, OnceLock::new()));
        }
        id
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Name of the file, in lower case.
    pub(super) fn name(&self, id: TextureId) -> String {
        self.entries[id.0].0.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
    }

    /// The decoded texture.
    ///
    /// # Errors
    /// The file cannot be read or decoded, or is larger than 8192 px a side.
    pub(super) fn mips(&self, id: TextureId) -> Result<&Mips, CharacterError> {
        let (path, slot) = &self.entries[id.0];
        if let Some(mips) = slot.get() {
            return Ok(mips);
        }
        let mips = read(path)?;
        Ok(slot.get_or_init(|| mips))
    }
}

fn read(path: &Path) -> Result<Mips, CharacterError> {
    let bytes = read_capped(path, MAX_BYTES).map_err(CharacterError::io(path))?;
    decode(&bytes).map_err(|source| CharacterError::Texture { path: path.to_path_buf(), source })
}

fn decode(bytes: &[u8]) -> image::ImageResult<Mips> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let mut image = reader.decode()?.into_rgba8();
    while image.width().max(image.height()) > LARGEST_USED {
        image = halved(&image);
    }
    let mut levels = vec![image];
    while let Some(last) = levels.last().filter(|last| last.width().max(last.height()) > 1) {
        let next = halved(last);
        levels.push(next);
    }
    Ok(Mips { levels })
}

/// Half the size, colours weighted by their opacity, so that what cannot be seen does not bleed.
fn halved(image: &RgbaImage) -> RgbaImage {
    let (width, height) = image.dimensions();
    RgbaImage::from_fn((width / 2).max(1), (height / 2).max(1), |x, y| {
        let mut sum = [0_u32; 4];
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let pixel = image.get_pixel((2 * x + dx).min(width - 1), (2 * y + dy).min(height - 1)).0.map(u32::from);
            let weight = pixel[3].max(1);
            for (sum, channel) in sum.iter_mut().zip(&pixel[..3]) {
                *sum += weight * channel;
            }
            sum[3] += pixel[3];
            // A fully transparent pixel still counts a little, so that there is always a colour.
            sum[3] += (weight - pixel[3]) << 16;
        }
        let (opacity, extra) = (sum[3] & 0xffff, sum[3] >> 16);
        let weight = opacity + extra;
        image::Rgba([(sum[0] / weight) as u8, (sum[1] / weight) as u8, (sum[2] / weight) as u8, (opacity / 4) as u8])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;
    use image::Rgba;

    fn png(image: &RgbaImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn levels_halve_and_transparent_colours_do_not_bleed() {
        let image =
            RgbaImage::from_fn(8, 2, |x, _| if x % 2 == 0 { Rgba([200, 100, 40, 255]) } else { Rgba([0, 255, 0, 0]) });
        let levels = decode(&png(&image)).unwrap().levels;
        assert_eq!(levels.iter().map(RgbaImage::dimensions).collect::<Vec<_>>(), [(8, 2), (4, 1), (2, 1), (1, 1)]);
        let [red, green, _, opacity] = levels[1].get_pixel(0, 0).0;
        assert!(red >= 198 && green <= 102 && opacity == 127, "{red} {green} {opacity}");
    }

    #[test]
    fn a_path_is_one_texture_and_a_missing_one_is_named() {
        let mut textures = Textures::default();
        let ids = ["a.png", "b.png", "a.png"].map(|name| textures.add(PathBuf::from(name)));
        assert_eq!((ids[0], textures.len()), (ids[2], 2));
        assert!(textures.mips(ids[1]).unwrap_err().to_string().contains("b.png"));
    }

    #[test]
    fn hostile_files_are_answered() {
        let image = RgbaImage::from_fn(9, 5, |x, y| Rgba([x as u8 * 20, y as u8 * 40, 7, 255]));
        hostile::survives(&png(&image), 17, |bytes| {
            let _ = decode(bytes);
        });
    }
}
