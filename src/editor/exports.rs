//! Pictures to files.

use super::training::{AwaitedPair, PairPicture};
use super::{EditorState, Effect, ExportKind, IoJob, IoTask};
use crate::engine::{EngineCommand, PicturePixels};
use crate::session::{Picture, Session};

/// What waits for its pixels, which may lie on the graphics card.
#[derive(Debug)]
pub(super) enum Awaited {
    /// A picture to be written to a file.
    Export { kind: ExportKind, session: Box<Session> },
    /// A pair for a data set.
    Pair(AwaitedPair),
    /// A frame of the animation of this number.
    Frame(u64),
    /// A cell of the grid of this number.
    GridCell(u64),
}

impl EditorState {
    pub(super) fn save_mask(&mut self, transparent: bool, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let taxonomy = Box::new(self.taxonomy.clone());
        let task = IoTask::SaveMask { labels: self.document.labels.to_image(), taxonomy, transparent };
        effects.push(Effect::Io(IoJob { path: None, task }));
    }

    /// Asks for the pixels of the document as it is now, so that picture and embedded session agree even while live
    /// rendering is paused.
    pub(super) fn export(&mut self, kind: ExportKind, effects: &mut Vec<Effect>) {
        self.finish_edit();
        match self.picture_request() {
            Some(request) => {
                let session = Box::new(self.session());
                self.exports.push_back(Awaited::Export { kind, session });
                effects.push(Effect::Engine(EngineCommand::ReadPicture(Box::new(request))));
            }
            None => effects.push(Effect::info("There is no picture yet to export.")),
        }
    }

    /// The engine answers in the order in which it was asked.
    pub(super) fn picture_read(&mut self, pixels: PicturePixels, effects: &mut Vec<Effect>) {
        let (kind, session) = match self.exports.pop_front() {
            Some(Awaited::Export { kind, session }) => (kind, session),
            Some(Awaited::Pair(pair)) => return self.write_pair(pair, PairPicture::Result(pixels), effects),
            Some(Awaited::Frame(number)) => return self.frame_read(number, pixels, effects),
            Some(Awaited::GridCell(number)) => return self.grid_cell_read(number, pixels, effects),
            None => return,
        };
        let picture = Picture { width: pixels.width, height: pixels.height, rgba: pixels.rgba.to_vec() };
        effects.push(Effect::Io(IoJob { path: None, task: IoTask::Export { kind, picture, session } }));
    }

    pub(super) fn picture_not_read(&mut self, message: String, effects: &mut Vec<Effect>) {
        match self.exports.pop_front() {
            Some(Awaited::Frame(number)) => self.frame_not_read(number),
            Some(Awaited::GridCell(number)) => self.grid_cell_not_read(number),
            Some(Awaited::Export { .. } | Awaited::Pair(_)) | None => {}
        }
        effects.push(Effect::error(message));
    }
}
