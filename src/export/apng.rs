//! Animated PNGs.

use std::io;
use std::path::Path;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

use super::error::Stopped;
use super::{ExportError, Frames, Progress};
use crate::atomic_file::write_atomic_with;

/// Delays are fractions with this below the line.
const UNITS_PER_S: u16 = 1000;

pub(super) fn write(path: &Path, frames: &Frames<'_>, progress: Progress<'_>) -> Result<(), ExportError> {
    let (width, height) = frames.size();
    let mut stopped = Stopped::default();
    let written = write_atomic_with(path, |out| {
        let mut encoder = Encoder::new(out, width, height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        // At most MAX_FRAMES.
        encoder.set_animated(frames.len() as u32, u32::from(!frames.animation.looped)).map_err(io_error)?;
        let mut writer = encoder.write_header().map_err(io_error)?;
        for index in 0..frames.len() {
            let units = f32::from(UNITS_PER_S);
            let delay = frames.begins_at(index + 1, units) - frames.begins_at(index, units);
            writer.set_frame_delay(delay.min(u32::from(u16::MAX)) as u16, UNITS_PER_S).map_err(io_error)?;
            writer.write_image_data(frames.frame(index).as_raw()).map_err(io_error)?;
            stopped.unless(progress(index + 1, frames.len()))?;
        }
        writer.finish().map_err(io_error)
    });
    stopped.outcome(path, written)
}

pub(super) fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
