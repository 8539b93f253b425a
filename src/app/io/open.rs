//! Opening a file: told apart by content as far as the name allows.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::imageops;

use super::MODEL;
use crate::atomic_file::read_capped;
use crate::data::photo;
use crate::editor::{IoDone, OpenMode, OpenedSession, SessionOrigin};
use crate::label_image::{MaskPngError, decode_mask_png, decode_raw_mask};
use crate::session::{Loaded, MAX_BYTES, OpenFiles, Session, load_history, session_text_in_png};
use crate::taxonomy::Taxonomy;

/// Extensions of pictures that cannot be masks.
const PHOTOS: [&str; 3] = ["jpg", "jpeg", "webp"];
/// Longest side of a photo to be framed, in pixels; longer ones are reduced.
const PHOTO_SIDE_MAX_PX: u32 = 2048;
/// Longest PNG that is read, in bytes.
const PNG_MAX_BYTES: u64 = 256 << 20;

/// What opening needs to know.
pub(super) struct Opener<'a> {
    pub(super) taxonomy: &'a Taxonomy,
    pub(super) mode: OpenMode,
    pub(super) history_bytes: usize,
    pub(super) open_files: &'a mut Option<OpenFiles>,
}

impl Opener<'_> {
    pub(super) fn open(&mut self, path: PathBuf) -> Result<IoDone, String> {
        match path.extension().and_then(OsStr::to_str) {
            Some(extension) if extension.eq_ignore_ascii_case("png") => self.open_png(path),
            Some(extension) if extension.eq_ignore_ascii_case(MODEL) => Ok(IoDone::ModelChosen(path)),
            Some(extension) if PHOTOS.iter().any(|photo| extension.eq_ignore_ascii_case(photo)) => open_photo(&path),
            _ => self.open_session(path),
        }
    }

    fn open_session(&mut self, path: PathBuf) -> Result<IoDone, String> {
        if self.mode == OpenMode::Usual && self.open_files.as_mut().is_some_and(|files| !files.claim(&path)) {
            return Ok(IoDone::OpenElsewhere(path));
        }
        let bytes = read_capped(&path, MAX_BYTES as u64)
            .map_err(|error| format!("cannot read the session {}: {error}; open another one", path.display()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| format!("{} is not a session but some other kind of file", path.display()))?;
        let loaded = Session::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let origin = match self.mode {
            OpenMode::Usual | OpenMode::Anyway => SessionOrigin::File,
            OpenMode::Copy => SessionOrigin::Copy,
            OpenMode::Revert => SessionOrigin::Revert,
        };
        let document = &loaded.session.document;
        let n_labels = loaded.session.taxonomy.n_labels();
        let history = match origin {
            SessionOrigin::File => load_history(&path, &text, document, n_labels, self.history_bytes),
            _ => None,
        };
        Ok(opened(path, loaded, origin, history))
    }

    /// A picture with a session inside resumes it; any other is a mask, or, with many colours, a photo.
    fn open_png(&self, path: PathBuf) -> Result<IoDone, String> {
        let bytes = read_capped(&path, PNG_MAX_BYTES)
            .map_err(|error| format!("cannot read {}: {error}; choose another file", path.display()))?;
        match session_text_in_png(&bytes) {
            Ok(Some(text)) => {
                let loaded = Session::parse(&text)
                    .map_err(|error| format!("{}: the session inside the picture: {error}", path.display()))?;
                return Ok(opened(path, loaded, SessionOrigin::Copy, None));
            }
            Ok(None) => {}
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
        let foreign = |error: MaskPngError| {
            format!("{} holds no session and is no mask for {}: {error}", path.display(), self.taxonomy.title)
        };
        match decode_mask_png(&bytes, self.taxonomy) {
            Ok(labels) => Ok(IoDone::MaskOpened { path, labels }),
            Err(MaskPngError::UnknownId { .. } | MaskPngError::UnknownColor { .. }) => match decode_raw_mask(&bytes) {
                Ok(raw) => Ok(IoDone::MaskUnknown { path, raw: Box::new(raw) }),
                Err(MaskPngError::Photograph) => open_photo(&path),
                Err(error) => Err(foreign(error)),
            },
            Err(error) => Err(foreign(error)),
        }
    }
}

/// Reads a photo to be framed, upright.
pub(super) fn open_photo(path: &Path) -> Result<IoDone, String> {
    let photo = photo::read_upright(path).map_err(|error| error.to_string())?;
    let longest = photo.width().max(photo.height());
    let photo = if longest > PHOTO_SIDE_MAX_PX {
        let reduced = |side: u32| (u64::from(side) * u64::from(PHOTO_SIDE_MAX_PX) / u64::from(longest)).max(1) as u32;
        imageops::thumbnail(&photo, reduced(photo.width()), reduced(photo.height()))
    } else {
        photo
    };
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(IoDone::PhotoOpened { name, photo: Arc::new(photo) })
}

fn opened(path: PathBuf, loaded: Loaded, origin: SessionOrigin, history: Option<crate::document::History>) -> IoDone {
    let model_file_there = model_file_there(&loaded.session);
    IoDone::SessionOpened(Box::new(OpenedSession { path, loaded, origin, history, model_file_there }))
}

/// Whether the model that a session names is a file on this machine. A path on the network is not looked at: a session
/// from somewhere must not make this program call there.
pub(super) fn model_file_there(session: &Session) -> bool {
    let Some(file) = &session.model.file else { return false };
    let remote = file.starts_with("\\\\") || file.starts_with("//");
    let path = Path::new(file);
    let is_model = path.extension().and_then(OsStr::to_str).is_some_and(|ext| ext.eq_ignore_ascii_case(MODEL));
    !remote && is_model && path.is_absolute() && path.is_file()
}
