//! Animated GIFs: one palette for all frames, and only what changes in each.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

use super::error::Stopped;
use super::palette::Palette;
use super::{ExportError, Frames, Progress};
use crate::atomic_file::write_atomic_with;

/// GIF counts time in these.
const UNITS_PER_S: f32 = 100.0;
/// Browsers play anything shorter much slower.
const LEAST_DELAY: u32 = 2;
/// One index is left for pixels that stay as they are.
const COLORS: usize = 255;

pub(super) fn write(path: &Path, frames: &Frames<'_>, progress: Progress<'_>) -> Result<(), ExportError> {
    let mut palette = Palette::of(&frames.animation.frames, COLORS);
    let unchanged = palette.colors().len() as u8;
    let table: Vec<u8> = palette.colors().iter().copied().chain([[0; 3]]).flatten().collect();
    // Both at most 4096.
    let (width, height) = (frames.size().0 as u16, frames.size().1 as u16);
    let mut stopped = Stopped::default();
    let written = write_atomic_with(path, |out| {
        let mut encoder = Encoder::new(out, width, height, &table).map_err(io_error)?;
        if frames.animation.looped {
            encoder.set_repeat(Repeat::Infinite).map_err(io_error)?;
        }
        let mut shown = Vec::new();
        for index in 0..frames.len() {
            let next = palette.indices(&frames.frame(index), frames.settings.dither);
            let delay = frames.begins_at(index + 1, UNITS_PER_S) - frames.begins_at(index, UNITS_PER_S);
            let delay = delay.max(LEAST_DELAY) as u16;
            let frame = Frame { delay, dispose: DisposalMethod::Keep, ..changed(&shown, &next, width, unchanged) };
            encoder.write_frame(&frame).map_err(io_error)?;
            shown = next;
            stopped.unless(progress(index + 1, frames.len()))?;
        }
        Ok(())
    });
    stopped.outcome(path, written)
}

fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// The smallest rectangle with everything that changes; what does not change in it is see-through. The first frame whole.
fn changed<'a>(shown: &[u8], next: &[u8], width: u16, unchanged: u8) -> Frame<'a> {
    let columns = usize::from(width);
    let height = (next.len() / columns) as u16;
    if shown.is_empty() {
        return Frame { width, height, buffer: Cow::Owned(next.to_vec()), ..Frame::default() };
    }
    let rows = || next.chunks_exact(columns).zip(shown.chunks_exact(columns));
    let (mut low, mut high) = ([columns, usize::from(height)], [0, 0]);
    for (y, (new, old)) in rows().enumerate().filter(|(_, (new, old))| new != old) {
        let differs = |x: &usize| new[*x] != old[*x];
        let (first, last) = ((0..columns).find(differs).unwrap_or(0), (0..columns).rev().find(differs).unwrap_or(0));
        low = [low[0].min(first), low[1].min(y)];
        high = [high[0].max(first).max(last), y];
    }
    if low[0] > high[0] || low[1] > high[1] {
        // A frame has at least one pixel.
        (low, high) = ([0, 0], [0, 0]);
    }
    let part = rows()
        .skip(low[1])
        .take(high[1] - low[1] + 1)
        .flat_map(|(new, old)| (low[0]..=high[0]).map(move |x| if new[x] == old[x] { unchanged } else { new[x] }));
    Frame {
        left: low[0] as u16,
        top: low[1] as u16,
        width: (high[0] - low[0] + 1) as u16,
        height: (high[1] - low[1] + 1) as u16,
        transparent: Some(unchanged),
        buffer: Cow::Owned(part.collect()),
        ..Frame::default()
    }
}
