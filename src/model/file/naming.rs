//! Naming the latent directions of a model file, without touching its weights.

use std::path::Path;

use super::tensors::TensorFile;
use super::{Header, MAX_FILE_BYTES, ModelFileError, ModelFileProblem, read_card};
use crate::atomic_file::{read_capped, write_atomic};
use crate::model::DirectionNames;

/// Puts names into a model file in place of those it has, and leaves the rest of it, what newer programs wrote included, as
/// it is. The file is the old one or the new one at any time.
///
/// # Errors
/// It is not the model with this hash any more, it cannot be read or is no model file, or it cannot be written.
pub fn name_directions(path: &Path, hash: &str, names: &DirectionNames) -> Result<(), ModelFileError> {
    let write = || -> Result<(), ModelFileProblem> {
        let bytes = read_capped(path, MAX_FILE_BYTES)?;
        Ok(write_atomic(path, &named(&bytes, hash, names)?)?)
    };
    write().map_err(|reason| ModelFileError::new(path.display().to_string(), reason))
}

pub(super) fn named(bytes: &[u8], hash: &str, names: &DirectionNames) -> Result<Vec<u8>, ModelFileProblem> {
    let file = TensorFile::open(bytes)?;
    // Whatever it says of itself is counted, so that a damaged file is not made to look sound.
    if read_card(&file)?.hash != hash || file.content_hash() != hash {
        return Err(ModelFileProblem::Replaced);
    }
    let mut header: Header = serde_json::from_str(file.header())?;
    let card = header.card.as_object_mut().ok_or(ModelFileProblem::Replaced)?;
    if names.is_empty() {
        card.remove("direction_names");
    } else {
        card.insert("direction_names".to_owned(), serde_json::to_value(names)?);
    }
    Ok(file.with_header(serde_json::to_string(&header)?)?)
}
