//! Sessions on disk.

mod check;
mod embedded;
mod error;
pub mod folders;
mod format;
mod history_file;
mod keyframes;
mod lenient;
mod open_files;
mod pictures;
mod png_export;
mod recovery;
mod samples;
mod v1;
mod workspace;

pub use embedded::{EmbeddedSessionError, session_text_in_png};
pub use error::{SessionError, SessionFormatError};
pub use history_file::{history_path, load_history, save_history};
pub use open_files::OpenFiles;
pub use pictures::{Picture, side_by_side, transparent_mask};
pub use png_export::{PngExportError, export_png};
pub use recovery::{RecoveryEntry, RecoveryFolder};
pub use samples::{FIRST_SAMPLE, SampleSession, sample_session, sample_sessions};
pub use workspace::{CanvasSection, CanvasValue, Workspace};

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::atomic_file::{read_capped, write_atomic};
use crate::document::Snapshot;
use crate::taxonomy::Taxonomy;

/// Longest session file that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// What a `.scgan` file holds: the document and all that is needed to show it, even when its model is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The model that the picture was made with.
    pub model: ModelIdentity,
    /// That model's taxonomy, in full: it gives the mask's ids and the attributes their names and colours.
    pub taxonomy: Taxonomy,
    /// Mask, attributes (as many as the taxonomy has, in its flat order) and latent code.
    pub document: Snapshot,
    /// Zoom and pan of the mask.
    pub view: View,
    /// Locks, mirror axis and what else belongs to the work but not to the document.
    pub workspace: Workspace,
}

/// Which model a session was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelIdentity {
    /// The model's short name.
    pub name: String,
    /// SHA-256 of its tensors, in hexadecimal; two models may share a name, but not this.
    pub hash: String,
    /// Where its file was, if it is not one of the bundled models.
    pub file: Option<String>,
}

/// Zoom and pan of the mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum View {
    /// The whole mask, centred.
    #[default]
    Fit,
    /// Chosen by the user.
    Free {
        /// Physical screen pixels per mask pixel.
        zoom: f32,
        /// The place in the mask at the canvas's middle, in mask pixels.
        center: [f32; 2],
    },
}

/// A session that was read, and what was odd about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The session.
    pub session: Session,
    /// Fields, labels and attributes that the file has too many or too few of, one sentence each; usually empty.
    pub warnings: Vec<String>,
    /// The file's version, when it is newer than what this program writes: saving over the file would lose what was
    /// not understood.
    pub newer_version: Option<u32>,
}

impl Session {
    /// Reads a session file.
    ///
    /// # Errors
    /// The file can't be read, is longer than [`MAX_BYTES`], or is not a session this version understands.
    pub fn load(path: &Path) -> Result<Loaded, SessionError> {
        let in_file = |source| SessionError::Format { path: path.to_owned(), source: Box::new(source) };
        let bytes = read_capped(path, MAX_BYTES as u64)
            .map_err(|source| SessionError::Read { path: path.to_owned(), source })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| in_file(SessionFormatError::NotText))?;
        Self::parse(text).map_err(in_file)
    }

    /// Reads a session from the text of its file.
    ///
    /// # Errors
    /// The text is not a session this version understands, or a value in it is out of range.
    pub fn parse(text: &str) -> Result<Loaded, SessionFormatError> {
        format::parse(text)
    }

    /// The text of the session's file.
    ///
    /// # Errors
    /// A value is out of range, so that the file could not be read back.
    pub fn to_text(&self) -> Result<String, SessionFormatError> {
        format::write(self)
    }

    /// Writes the session file. Whatever goes wrong, an older file at `path` stays whole.
    ///
    /// # Errors
    /// Those of [`Session::to_text`], or the file can't be written.
    pub fn save(&self, path: &Path) -> Result<(), SessionError> {
        let in_file = |source| SessionError::Format { path: path.to_owned(), source: Box::new(source) };
        let text = self.to_text().map_err(in_file)?;
        write_atomic(path, text.as_bytes()).map_err(|source| SessionError::Write { path: path.to_owned(), source })
    }
}

#[cfg(test)]
mod tests;
