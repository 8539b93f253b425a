//! Files dropped on the window.

use std::path::{Path, PathBuf};

use super::files::short;
use super::state::Intent;
use super::{EditorState, Effect, IoJob, IoTask, OpenMode};
use crate::engine::ModelRef;
use crate::model::import;

/// What a file's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Session,
    Picture,
    /// A picture that cannot be a mask.
    Photo,
    Model,
    /// A PyTorch checkpoint, to be imported.
    Checkpoint,
    Unknown,
}

fn kind(path: &Path) -> Kind {
    match path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("scgan") => Kind::Session,
        Some("png") => Kind::Picture,
        Some("jpg" | "jpeg" | "webp") => Kind::Photo,
        Some("safetensors") => Kind::Model,
        _ if import::is_checkpoint_name(path) => Kind::Checkpoint,
        _ => Kind::Unknown,
    }
}

impl EditorState {
    /// A model and a document can come together; of several documents only the first is opened, and what is left out is
    /// named.
    pub(super) fn files_dropped(&mut self, paths: Vec<PathBuf>, effects: &mut Vec<Effect>) {
        let first = |wanted: &[Kind]| paths.iter().position(|path| wanted.contains(&kind(path)));
        let model = first(&[Kind::Model]).or_else(|| first(&[Kind::Checkpoint]));
        let document = first(&[Kind::Session]).or_else(|| first(&[Kind::Picture])).or_else(|| first(&[Kind::Photo]));
        let unknown: Vec<&PathBuf> = paths.iter().filter(|path| kind(path) == Kind::Unknown).collect();
        if let Some(path) = unknown.first() {
            let others = if unknown.len() > 1 { format!(" and {} more", unknown.len() - 1) } else { String::new() };
            effects.push(Effect::error(format!(
                "{}{others}: not a file for this program; drop a session (.scgan), a mask or exported picture (.png), \
                 a photo (.jpg, .webp, .png) or a model (.safetensors or .pth)",
                short(path)
            )));
        }
        let taken = usize::from(model.is_some()) + usize::from(document.is_some());
        if paths.len() > taken + unknown.len() {
            effects.push(Effect::info("Several files were dropped; only the first of each kind is opened."));
        }
        if let Some(model) = model {
            let path = paths[model].clone();
            match kind(&path) {
                Kind::Checkpoint => self.open(Some(path), OpenMode::Usual, effects),
                _ => self.load_model(ModelRef::File(path), effects),
            }
        }
        if let Some(document) = document {
            let path = paths[document].clone();
            match kind(&path) {
                // It can be undone, so nothing is lost.
                Kind::Photo => effects.push(Effect::Io(IoJob { path: Some(path), task: IoTask::OpenPhoto })),
                _ => self.intend(Intent::Open(Some(path)), effects),
            }
        }
    }
}
