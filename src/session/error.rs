//! Why a session can't be read or written.

use std::path::PathBuf;

use super::MAX_BYTES;
use crate::label_image::MaskPngError;
use crate::taxonomy::TaxonomyError;

/// A session file that can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The file is not there, not readable, or too long.
    #[error("cannot read the session {path}: {source}; open another one")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file can't be written.
    #[error("cannot write the session {path}: {source}; save it somewhere else")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is in the file, or was to go there, is no valid session.
    #[error("{path}: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<SessionFormatError>,
    },
}

/// What is wrong with the content of a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionFormatError {
    /// Not UTF-8.
    #[error("this is not a session but some other kind of file; open one whose name ends in .scgan")]
    NotText,
    /// Too long to be read.
    #[error("the session is longer than {MAX_BYTES} bytes; make the mask smaller")]
    TooLong,
    /// Not RON, or not the fields of a session.
    #[error("not a valid session (line:column {0}); the file may be damaged, so try an older copy")]
    Syntax(Box<ron::error::SpannedError>),
    /// RON could not express the session.
    #[error("the session cannot be written: {0}")]
    Write(#[from] ron::Error),
    /// No version: some other RON file.
    #[error("this is not a session: it names no version; open one whose name ends in .scgan")]
    NoVersion,
    /// A version that there never was.
    #[error("the session has version {found}, but versions go from 1 to {known}; the file may be damaged")]
    Version {
        /// The file's version.
        found: u32,
        /// The newest one that this program knows.
        known: u32,
    },
    /// A newer version, too different to be understood.
    #[error(
        "the session has version {found}, and this program knows version {known}, which was not enough ({source}); \
         open it with a newer SCGAN Studio"
    )]
    Newer {
        /// The file's version.
        found: u32,
        /// The newest one that this program knows.
        known: u32,
        /// What could not be understood.
        source: Box<SessionFormatError>,
    },
    /// The embedded taxonomy breaks a rule.
    #[error(transparent)]
    Taxonomy(#[from] TaxonomyError),
    /// The mask is not base64.
    #[error("the mask is not valid base64: {0}; the file may be damaged, so try an older copy")]
    MaskText(#[from] base64::DecodeError),
    /// The mask is not a PNG of the taxonomy's labels.
    #[error("the mask cannot be read: {0}; the file may be damaged, so try an older copy")]
    MaskRead(MaskPngError),
    /// The mask can't become a PNG: it has labels that the taxonomy lacks.
    #[error("the mask cannot be written: {0}")]
    MaskWrite(MaskPngError),
    /// The mask has another size than the session says.
    #[error("the mask is {found:?} pixels, but the session says {expected:?}; the file may be damaged")]
    MaskSize {
        /// Width and height of the PNG.
        found: (u32, u32),
        /// Width and height that the session names.
        expected: (u32, u32),
    },
    /// A number that is not finite or too large.
    #[error("{what} is {value}, but must be within {low} and {high}")]
    OutOfRange {
        /// Which number.
        what: String,
        /// Its value.
        value: f32,
        /// The least that is allowed.
        low: f32,
        /// The most that is allowed.
        high: f32,
    },
    /// A list or text that is too long or too short.
    #[error("{what}: {count}, but expected {expected}")]
    Count {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        expected: String,
    },
}

impl From<ron::error::SpannedError> for SessionFormatError {
    fn from(error: ron::error::SpannedError) -> Self {
        Self::Syntax(Box::new(error))
    }
}
