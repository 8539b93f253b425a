//! Many pictures in one: strips and grids with captions.

use std::path::Path;

use image::{Rgb, RgbImage, imageops};

use super::error::Stopped;
use super::text::{self, Lettering};
use super::{ExportError, FRAME_SIDE_RANGE, Frames, Progress, UpscaleFilter};
use crate::atomic_file::write_atomic_with;

/// A sheet is no wider and no higher than this, in pixels.
const MAX_SHEET_SIDE: u64 = 16_384;
/// And has no more pixels than this, which take 600 MB.
const MAX_SHEET_PIXELS: u64 = 200_000_000;
const PAPER: Rgb<u8> = Rgb([255; 3]);
const INK: [u8; 3] = [40, 42, 48];
/// Parts of a cell's side: space between cells, size of captions, and the most that captions of rows may take.
const GAP: f32 = 0.03;
const CAPTION: f32 = 0.11;
const CAPTION_RANGE_PX: std::ops::RangeInclusive<f32> = 11.0..=64.0;
const ROW_CAPTION: f32 = 1.5;

/// Pictures in rows and columns.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Captions over the columns, from the left; empty ones are left out.
    pub columns: Vec<String>,
    /// Captions beside the rows, from the top.
    pub rows: Vec<String>,
    /// The pictures.
    pub cells: Vec<SheetCell>,
}

/// A picture of a [`Sheet`].
#[derive(Clone, Debug)]
pub struct SheetCell {
    /// Counted from the left; there is a caption for it.
    pub column: usize,
    /// Counted from the top.
    pub row: usize,
    /// Square, as a rule.
    pub picture: RgbImage,
}

/// Writes a sheet as PNG on white, its cells `side_px` on a side. A file at `path` is replaced once the new one is
/// complete.
///
/// # Errors
/// There is nothing to show, it would be too large, `progress` says so, or the file can't be written.
pub fn write_sheet(
    path: &Path,
    sheet: &Sheet,
    side_px: u32,
    filter: UpscaleFilter,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let invalid = |problem: String| ExportError::Invalid { path: path.to_owned(), problem };
    if !FRAME_SIDE_RANGE.contains(&side_px) {
        let (low, high) = FRAME_SIDE_RANGE.into_inner();
        return Err(invalid(format!("pictures of {side_px} px; choose {low} to {high}")));
    }
    let fits = |cell: &SheetCell| cell.column < sheet.columns.len() && cell.row < sheet.rows.len();
    if sheet.cells.is_empty() || !sheet.cells.iter().all(fits) {
        return Err(invalid("there is nothing to show; name masks and rows".to_owned()));
    }
    let mut lettering = Lettering::new();
    let layout = Layout::of(sheet, side_px, &mut lettering);
    let (width, height) = layout.size(sheet);
    if width.max(height) > MAX_SHEET_SIDE || width * height > MAX_SHEET_PIXELS {
        let problem = format!("a sheet of {width}×{height} px is too large; choose a smaller size or fewer pictures");
        return Err(invalid(problem));
    }
    let mut picture = RgbImage::from_pixel(width as u32, height as u32, PAPER);
    layout.captions(sheet, &mut lettering, &mut picture);
    for (index, cell) in sheet.cells.iter().enumerate() {
        let (x, y) = layout.place(cell.column, cell.row);
        imageops::replace(&mut picture, &filter.resized(&cell.picture, side_px, side_px), x, y);
        if progress(index + 1, sheet.cells.len()).is_break() {
            return Err(ExportError::cancelled(path));
        }
    }
    write_png(path, &picture)
}

/// All frames beside each other, without captions.
pub(super) fn write_strip(path: &Path, frames: &Frames<'_>, progress: Progress<'_>) -> Result<(), ExportError> {
    let (width, height) = frames.size();
    let whole = u64::from(width) * frames.len() as u64;
    if whole > MAX_SHEET_SIDE * 2 || whole * u64::from(height) > MAX_SHEET_PIXELS {
        let problem = format!("a strip of {whole}×{height} px is too large; choose a smaller size or fewer frames");
        return Err(ExportError::Invalid { path: path.to_owned(), problem });
    }
    let mut picture = RgbImage::new(whole as u32, height);
    let mut stopped = Stopped::default();
    for index in 0..frames.len() {
        imageops::replace(&mut picture, &frames.frame(index), i64::from(width) * index as i64, 0);
        let go_on = stopped.unless(progress(index + 1, frames.len()));
        stopped.outcome(path, go_on)?;
    }
    write_png(path, &picture)
}

fn write_png(path: &Path, picture: &RgbImage) -> Result<(), ExportError> {
    let written = write_atomic_with(path, |out| {
        let mut encoder = png::Encoder::new(out, picture.width(), picture.height());
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().map_err(super::apng::io_error)?;
        writer.write_image_data(picture.as_raw()).map_err(super::apng::io_error)?;
        writer.finish().map_err(super::apng::io_error)
    });
    written.map_err(|source| ExportError::write(path, source))
}

/// Where things are, in pixels.
struct Layout {
    side: u64,
    gap: u64,
    font_px: f32,
    /// Beside the rows and over the columns.
    left: u64,
    top: u64,
}

impl Layout {
    fn of(sheet: &Sheet, side_px: u32, lettering: &mut Lettering) -> Self {
        let side = side_px as f32;
        let font_px = (side * CAPTION).clamp(*CAPTION_RANGE_PX.start(), *CAPTION_RANGE_PX.end());
        let gap = (side * GAP).round().max(2.0) as u64;
        let widest = sheet.rows.iter().map(|caption| lettering.width(caption, font_px)).fold(0.0, f32::max);
        let left = if widest > 0.0 { widest.min(side * ROW_CAPTION).ceil() as u64 + 2 * gap } else { 0 };
        let captioned = sheet.columns.iter().any(|caption| !caption.is_empty());
        let top = if captioned { (font_px * text::LINE_HEIGHT).ceil() as u64 } else { 0 };
        Self { side: u64::from(side_px), gap, font_px, left, top }
    }

    fn size(&self, sheet: &Sheet) -> (u64, u64) {
        let along = |before: u64, count: usize| before + self.gap + count as u64 * (self.side + self.gap);
        (along(self.left, sheet.columns.len()), along(self.top, sheet.rows.len()))
    }

    fn place(&self, column: usize, row: usize) -> (i64, i64) {
        let along = |before: u64, index: usize| (before + self.gap + index as u64 * (self.side + self.gap)) as i64;
        (along(self.left, column), along(self.top, row))
    }

    fn captions(&self, sheet: &Sheet, lettering: &mut Lettering, picture: &mut RgbImage) {
        let mut write = |caption: &str, most: f32, place: &dyn Fn(f32) -> (f32, f32)| {
            let caption = lettering.shortened(caption, self.font_px, most);
            let (x, baseline) = place(lettering.width(&caption, self.font_px));
            lettering.draw(picture, &caption, x, baseline, self.font_px, INK);
        };
        for (column, caption) in sheet.columns.iter().enumerate() {
            let middle = self.place(column, 0).0 as f32 + self.side as f32 / 2.0;
            write(caption, self.side as f32, &|width| (middle - width / 2.0, self.gap as f32 + self.font_px));
        }
        for (row, caption) in sheet.rows.iter().enumerate() {
            let baseline = self.place(0, row).1 as f32 + (self.side as f32 + self.font_px * text::CAPITAL_HEIGHT) / 2.0;
            let most = self.left.saturating_sub(2 * self.gap) as f32 + 1.0;
            write(caption, most, &|width| (self.left as f32 - self.gap as f32 - width, baseline));
        }
    }
}
