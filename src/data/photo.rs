//! Image files of data sets, and photos of the user's.

use super::DataError;
use crate::atomic_file::read_capped;
use crate::label_image::MAX_SIDE;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageReader, Limits, Luma, RgbImage, RgbaImage};
use std::io::{self, Cursor};
use std::path::Path;

const MAX_FILE_BYTES: u64 = 256 << 20;
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Decodes a PNG, JPEG or WebP of at most [`MAX_SIDE`] px a side, by its content, whatever its name.
pub(super) fn read(path: &Path) -> Result<RgbImage, DataError> {
    let bytes = read_capped(path, MAX_FILE_BYTES).map_err(DataError::io(path))?;
    decode(&bytes).map_err(|source| DataError::Image { path: path.to_path_buf(), source })
}

/// Decodes a mask of one part: 255 where a pixel is not black, whatever its colour, 0 elsewhere. 16 bits per channel are an error,
/// since no data set has them and small values would be lost.
pub(super) fn read_mask_of_one(path: &Path) -> Result<GrayImage, DataError> {
    let bytes = read_capped(path, MAX_FILE_BYTES).map_err(DataError::io(path))?;
    let decoded = limited(&bytes).map_err(image::ImageError::IoError).and_then(ImageReader::decode);
    let decoded = decoded.map_err(|source| DataError::Image { path: path.to_path_buf(), source })?;
    let color = decoded.color();
    if color.bytes_per_pixel() != color.channel_count() {
        return Err(DataError::content(path, format!("a mask of {color:?}; expected 8 bits per channel")));
    }
    let rgb = decoded.into_rgb8();
    let on = |x, y| Luma([if rgb.get_pixel(x, y).0 == [0; 3] { 0 } else { 255 }]);
    Ok(GrayImage::from_fn(rgb.width(), rgb.height(), on))
}

/// A photo of the user's, PNG, JPEG or WebP of at most [`MAX_SIDE`] px a side, turned as its EXIF orientation says.
///
/// # Errors
/// The file can't be read or is no such picture.
pub fn read_upright(path: &Path) -> Result<RgbaImage, DataError> {
    let bytes = read_capped(path, MAX_FILE_BYTES).map_err(DataError::io(path))?;
    decode_upright(&bytes).map_err(|source| DataError::Image { path: path.to_path_buf(), source })
}

/// Width and height in pixels, from the header alone.
pub(super) fn size_px(path: &Path) -> Result<(u32, u32), DataError> {
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(DataError::io(path))?;
    reader.into_dimensions().map_err(|source| DataError::Image { path: path.to_path_buf(), source })
}

fn decode(bytes: &[u8]) -> image::ImageResult<RgbImage> {
    if is_cut_off_jpeg(bytes) {
        let problem = io::Error::new(io::ErrorKind::UnexpectedEof, "the JPEG is cut off: its end marker is missing");
        return Err(image::ImageError::IoError(problem));
    }
    Ok(limited(bytes)?.decode()?.into_rgb8())
}

/// Decoders fill what is missing of a JPEG with grey, as viewers want it; nothing should be learned from that. Within the
/// picture's data 0xff is followed by 0 or a restart marker, so the end marker cannot occur there by chance.
fn is_cut_off_jpeg(bytes: &[u8]) -> bool {
    const START: [u8; 2] = [0xff, 0xd8];
    const DATA: u8 = 0xda;
    const END: [u8; 2] = [0xff, 0xd9];
    let Some(mut rest) = bytes.strip_prefix(&START) else { return false };
    // Segments before the data may hold a thumbnail with an end of its own.
    while let [0xff, marker, high, low, ..] = *rest {
        if marker == DATA {
            return !rest.windows(2).any(|pair| pair == END);
        }
        // Fill bytes may stand before a marker.
        let length = if marker == 0xff { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
        rest = rest.get(length..).unwrap_or_default();
    }
    // What comes instead of a marker is for the decoder to say, unless nothing does.
    rest.len() < 4
}

fn decode_upright(bytes: &[u8]) -> image::ImageResult<RgbaImage> {
    let mut decoder = limited(bytes)?.into_decoder()?;
    // A photo whose EXIF is damaged is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut photo = DynamicImage::from_decoder(decoder)?;
    photo.apply_orientation(orientation);
    Ok(photo.into_rgba8())
}

fn limited(bytes: &[u8]) -> io::Result<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    Ok(reader)
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
            hostile::survives(bytes.get_ref(), seed as u64, |bytes| drop((decode(bytes), decode_upright(bytes))));
        }
    }

    #[test]
    fn a_jpeg_that_is_cut_off_anywhere_is_noticed() {
        let image = random_labels(24, 16, 11, 1).to_rgb(&Taxonomy::builtin("portrait").unwrap());
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        let bytes = bytes.into_inner();
        for cut in 2..bytes.len() {
            assert!(is_cut_off_jpeg(&bytes[..cut]) && decode(&bytes[..cut]).is_err(), "{cut} of {}", bytes.len());
        }
        assert!(!is_cut_off_jpeg(&[&bytes[..], &[0; 40]].concat()), "what follows the end does not matter");
    }

    #[test]
    fn a_photo_stands_upright_as_its_exif_says() {
        let lying = RgbImage::from_fn(8, 4, |x, _| image::Rgb(if x < 4 { [255, 0, 0] } else { [0, 0, 255] }));
        let mut jpeg = Cursor::new(Vec::new());
        lying.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        assert_eq!(decode_upright(jpeg.get_ref()).unwrap().dimensions(), (8, 4));
        // One tag: orientation 6, to be turned clockwise by a quarter.
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = (exif.len() as u16 + 2).to_be_bytes();
        let (start, rest) = jpeg.get_ref().split_at(2);
        let turned = [start, &[0xFF, 0xE1], &length, exif, rest].concat();
        let upright = decode_upright(&turned).unwrap();
        assert_eq!(upright.dimensions(), (4, 8));
        assert!(upright.get_pixel(1, 1)[0] > 200 && upright.get_pixel(1, 6)[2] > 200, "the left became the top");
    }
}
