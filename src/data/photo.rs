//! Image files of data sets.

use super::DataError;
use crate::atomic_file::read_capped;
use crate::label_image::MAX_SIDE;
use image::{ImageReader, Limits, RgbImage};
use std::io::Cursor;
use std::path::Path;

const MAX_FILE_BYTES: u64 = 256 << 20;
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Decodes a PNG, JPEG or WebP of at most [`MAX_SIDE`] px a side, by its content, whatever its name.
pub(super) fn read(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = read_capped(path, MAX_FILE_BYTES).map_err(DataError::io(path))?;
    decode(&bytes).map_err(|source| DataError::Image { path: path.to_path_buf(), source })
}

/// Width and height in pixels, from the header alone.
pub(super) fn size_px(path: &Path) -> Result<(u32, u32), DataError> {
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(DataError::io(path))?;
    reader.into_dimensions().map_err(|source| DataError::Image { path: path.to_path_buf(), source })
}

fn decode(bytes: &[u8]) -> image::ImageResult<RgbImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    Ok(reader.decode()?.into_rgb8())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::hostile;
    use crate::label_image::tests::random_labels;
    use crate::taxonomy::Taxonomy;
    use image::ImageFormat;

    #[test]
    fn hostile_images_are_answered() {
        let image = random_labels(24, 16, 11, 1).to_rgb(&Taxonomy::builtin("portrait").unwrap());
        for (seed, format) in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].into_iter().enumerate() {
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, format).unwrap();
            assert_eq!(decode(bytes.get_ref()).unwrap().dimensions(), (24, 16));
            hostile::survives(bytes.get_ref(), seed as u64, |bytes| drop(decode(bytes)));
        }
    }
}
