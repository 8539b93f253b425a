//! Writing an animation or a grid takes a while, so it has a thread of its own and files go on being saved meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use image::RgbImage;

use super::Outbox;
use crate::editor::{ExportTicket, IoDone};
use crate::export::{
    Animation, AnimationFormat, ExportError, ExportSettings, Progress, UpscaleFilter, export_animation, write_sheet,
};
use crate::panic_message::panic_message;
use crate::taxonomy::Taxonomy;
use crate::timeline::Grid;

/// Least side of a cell of a grid, in pixels.
const CELL_PX: u32 = 256;

/// Starts the thread; its answer is [`IoDone::AnimationWritten`].
pub(super) fn write(
    outbox: &Outbox,
    path: PathBuf,
    format: AnimationFormat,
    animation: Box<Animation>,
    settings: ExportSettings,
    ticket: Arc<ExportTicket>,
) {
    let done = |ticket, error| IoDone::AnimationWritten { ticket, error };
    start(outbox, path, ticket, done, move |path, progress| {
        export_animation(path, format, &animation, &settings, progress)
    });
}

/// Starts the thread; its answer is [`IoDone::GridWritten`].
pub(super) fn write_grid(
    outbox: &Outbox,
    path: PathBuf,
    grid: Box<Grid>,
    pictures: Vec<RgbImage>,
    taxonomy: Box<Taxonomy>,
    ticket: Arc<ExportTicket>,
) {
    let done = |ticket, error| IoDone::GridWritten { ticket, error };
    start(outbox, path, ticket, done, move |path, progress| {
        let side_px = pictures.first().map_or(CELL_PX, RgbImage::width).max(CELL_PX);
        let mask =
            |labels: &crate::document::LabelMap| labels.to_image().resize_majority(side_px, side_px).to_rgb(&taxonomy);
        let masks = grid.masks().map(|look| mask(&look.labels)).collect();
        write_sheet(path, &grid.into_sheet(masks, pictures), side_px, UpscaleFilter::Cubic, progress)
    });
}

/// Runs on a thread named `export`; a panic in it becomes an answer.
fn start(
    outbox: &Outbox,
    path: PathBuf,
    ticket: Arc<ExportTicket>,
    done: fn(Arc<ExportTicket>, Option<String>) -> IoDone,
    work: impl FnOnce(&Path, Progress<'_>) -> Result<(), ExportError> + Send + 'static,
) {
    let (answer, own) = (outbox.clone(), Arc::clone(&ticket));
    let work = move || {
        let export = || {
            work(&path, &mut |frames, _| {
                (answer.wake)();
                own.wrote(frames)
            })
        };
        let error = match catch_unwind(AssertUnwindSafe(export)) {
            Ok(outcome) => outcome.err().map(|error| error.to_string()),
            Err(panic) => Some(format!(
                "{}: the export failed: {}; choose another format",
                path.display(),
                panic_message(panic.as_ref())
            )),
        };
        answer.answer(done(own, error));
    };
    if let Err(error) = thread::Builder::new().name("export".to_owned()).spawn(work) {
        let error = Some(format!("the export cannot be started: {error}; close other programs and try again"));
        outbox.answer(done(ticket, error));
    }
}
