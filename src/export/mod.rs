//! Animations and sheets of pictures as files.
//!
//! Every writer streams frame by frame, asks after each whether to go on, and writes beside the destination first: what is
//! cancelled or fails leaves no file and spoils none.

mod apng;
mod error;
mod format;
mod gif;
mod mp4;
mod palette;
mod reading_order;
mod sequence;
mod sheet;
mod text;
mod upscale;

pub use error::ExportError;
pub use format::AnimationFormat;
pub use palette::Dither;
pub use sheet::{Sheet, SheetCell, write_sheet};
pub use upscale::UpscaleFilter;

use std::ops::ControlFlow;
use std::path::Path;

use image::RgbImage;

/// Side of an exported frame, in pixels.
pub const FRAME_SIDE_RANGE: std::ops::RangeInclusive<u32> = 16..=4096;
/// Frames per second.
pub const FPS_RANGE: std::ops::RangeInclusive<f32> = 1.0..=60.0;
/// No more frames than this: a minute at 60 frames per second.
pub const MAX_FRAMES: usize = 3600;

/// Pictures to be shown one after the other.
#[derive(Clone, Debug)]
pub struct Animation {
    /// All of one size.
    pub frames: Vec<RgbImage>,
    /// Frames per second.
    pub fps: f32,
    /// Whether it begins again at its end, for ever.
    pub looped: bool,
}

/// How an animation is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExportSettings {
    /// The longer side of a frame, in pixels.
    pub side_px: u32,
    /// How frames are enlarged or made smaller.
    pub filter: UpscaleFilter,
    /// How GIF's few colours stand for many.
    pub dither: Dither,
}

/// Told after each frame how many are done, and how many there are; answers whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// Writes an animation. A file at `path` is replaced once the new one is complete.
///
/// # Errors
/// Numbers out of range, frames of different sizes, cancelled by `progress`, or the file can't be written; MP4 also when
/// there is no `ffmpeg` to be found. An older file at `path` is then what it was.
pub fn export_animation(
    path: &Path,
    format: AnimationFormat,
    animation: &Animation,
    settings: &ExportSettings,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    check(path, animation, settings)?;
    let frames = Frames { animation, settings };
    match format {
        AnimationFormat::Gif => gif::write(path, &frames, progress),
        AnimationFormat::Apng => apng::write(path, &frames, progress),
        AnimationFormat::Strip => sheet::write_strip(path, &frames, progress),
        AnimationFormat::Sequence => sequence::write(path, &frames, progress),
        AnimationFormat::Mp4 => mp4::write(path, &frames, mp4::FFMPEG.as_ref(), progress),
    }
}

/// Whether a format can be written on this machine at all, so that nothing is drawn in vain. May take a moment.
///
/// # Errors
/// MP4 without an `ffmpeg` that can be started.
pub fn check_format(path: &Path, format: AnimationFormat) -> Result<(), ExportError> {
    match format {
        AnimationFormat::Mp4 => mp4::check(path, mp4::FFMPEG.as_ref()),
        _ => Ok(()),
    }
}

fn check(path: &Path, animation: &Animation, settings: &ExportSettings) -> Result<(), ExportError> {
    let invalid = |problem: String| Err(ExportError::Invalid { path: path.to_owned(), problem });
    let Some(first) = animation.frames.first() else { return invalid("there are no frames; add keyframes".to_owned()) };
    let size = first.dimensions();
    if size.0 == 0 || size.1 == 0 || animation.frames.iter().any(|frame| frame.dimensions() != size) {
        return invalid("the frames are not of one size; render them again".to_owned());
    }
    if animation.frames.len() > MAX_FRAMES {
        return invalid(format!("{} frames are too many; choose at most {MAX_FRAMES}", animation.frames.len()));
    }
    if !FPS_RANGE.contains(&animation.fps) {
        let (low, high) = FPS_RANGE.into_inner();
        return invalid(format!("{} frames per second; choose {low} to {high}", animation.fps));
    }
    if !FRAME_SIDE_RANGE.contains(&settings.side_px) {
        let (low, high) = FRAME_SIDE_RANGE.into_inner();
        return invalid(format!("frames of {} px; choose {low} to {high}", settings.side_px));
    }
    Ok(())
}

/// The frames in the size of the file.
struct Frames<'a> {
    animation: &'a Animation,
    settings: &'a ExportSettings,
}

impl Frames<'_> {
    fn len(&self) -> usize {
        self.animation.frames.len()
    }

    /// Width and height in the file, in pixels.
    fn size(&self) -> (u32, u32) {
        let (width, height) = self.animation.frames.first().map_or((1, 1), RgbImage::dimensions);
        let (side, longer) = (u64::from(self.settings.side_px), u64::from(width.max(height)));
        let scaled = |px: u32| ((u64::from(px) * side + longer / 2) / longer).max(1) as u32;
        (scaled(width), scaled(height))
    }

    fn frame(&self, index: usize) -> RgbImage {
        let (width, height) = self.size();
        self.settings.filter.resized(&self.animation.frames[index], width, height)
    }

    /// When a frame begins, counted in so many units per second, so that rounding does not add up.
    fn begins_at(&self, index: usize, units_per_s: f32) -> u32 {
        (index as f64 * f64::from(units_per_s) / f64::from(self.animation.fps)).round() as u32
    }
}

#[cfg(test)]
mod tests;
