//! The rendered picture as a PNG file.

use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::embedded::with_session_text;
use super::{Picture, Session};
use crate::atomic_file::write_atomic;

/// Why a picture can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum PngExportError {
    /// The pixels don't make a picture of that size.
    #[error("cannot export {path}: {bytes} bytes are no RGBA picture of {width}×{height} pixels; render it again")]
    Size {
        /// The file.
        path: PathBuf,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Length of the pixels given.
        bytes: usize,
    },
    /// The encoder refused.
    #[error("cannot export {path}: {source}")]
    Encode {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: image::ImageError,
    },
    /// The session can't go into the picture.
    #[error("cannot export {path} with its session: {source}")]
    Session {
        /// The file.
        path: PathBuf,
        /// What is wrong with the session.
        source: Box<super::SessionFormatError>,
    },
    /// The file can't be written.
    #[error("cannot write {path}: {source}; export it to somewhere else")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Writes a picture as PNG, with the session that made it inside when there is one. Whatever goes wrong, an older file at
/// `path` stays whole.
///
/// # Errors
/// A side is 0, the pixels are not `4 · width · height` bytes, the session has no text, or the file can't be written.
pub fn export_png(path: &Path, picture: &Picture, session: Option<&Session>) -> Result<(), PngExportError> {
    let path_buf = || path.to_owned();
    let Picture { width, height, rgba } = picture;
    let expected = u128::from(*width) * u128::from(*height) * 4;
    if expected == 0 || expected != rgba.len() as u128 {
        return Err(PngExportError::Size { path: path_buf(), width: *width, height: *height, bytes: rgba.len() });
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(rgba, *width, *height, ExtendedColorType::Rgba8)
        .map_err(|source| PngExportError::Encode { path: path_buf(), source })?;
    let write_error = |source| PngExportError::Write { path: path_buf(), source };
    if let Some(session) = session {
        let in_session = |source| PngExportError::Session { path: path_buf(), source: Box::new(source) };
        png = with_session_text(&png, &session.to_text().map_err(in_session)?).map_err(write_error)?;
    }
    write_atomic(path, &png).map_err(write_error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_picture_comes_back_pixel_by_pixel() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Bild — 絵.png");
        let rgba: Vec<u8> = (0..7 * 5 * 4).map(|i| (i * 37 % 256) as u8).collect();
        export_png(&path, &Picture { width: 7, height: 5, rgba: rgba.clone() }, None).unwrap();
        let read = image::open(&path).unwrap().into_rgba8();
        assert_eq!((read.width(), read.height(), read.into_raw()), (7, 5, rgba));
    }

    #[test]
    fn sizes_that_do_not_fit_and_missing_folders_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("picture.png");
        for (width, height, bytes) in [(2, 2, 15), (0, 0, 0), (u32::MAX, u32::MAX, 4)] {
            let error = export_png(&path, &Picture { width, height, rgba: vec![0; bytes] }, None).unwrap_err();
            assert!(matches!(error, PngExportError::Size { .. }), "{error}");
        }
        let error = export_png(&path, &Picture { width: 2, height: 2, rgba: vec![0; 16] }, None).unwrap_err();
        assert!(matches!(error, PngExportError::Write { .. }) && error.to_string().contains("picture.png"), "{error}");
    }
}
