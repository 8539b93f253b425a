//! Pictures to files.

use super::{EditorState, Effect, ExportKind, IoJob, IoTask};
use crate::session::Picture;

impl EditorState {
    pub(super) fn save_mask(&mut self, transparent: bool, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let taxonomy = Box::new(self.taxonomy.clone());
        let task = IoTask::SaveMask { labels: self.document.labels.to_image(), taxonomy, transparent };
        effects.push(Effect::Io(IoJob { path: None, task }));
    }

    pub(super) fn export(&mut self, kind: ExportKind, effects: &mut Vec<Effect>) {
        match self.shown_picture() {
            Some(picture) => {
                let task = IoTask::Export { kind, picture, session: Box::new(self.session()) };
                effects.push(Effect::Io(IoJob { path: None, task }));
            }
            None => effects.push(Effect::info("There is no picture yet to export.")),
        }
    }

    /// The picture on screen.
    fn shown_picture(&self) -> Option<Picture> {
        let frame = self.live.frame.as_ref()?;
        Some(Picture { width: frame.width, height: frame.height, rgba: frame.rgba.clone() })
    }
}
