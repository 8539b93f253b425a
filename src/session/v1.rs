//! The session file's first version, as it was. Only read; nothing here may change.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::format;
use super::{ModelIdentity, View};
use crate::document::LatentState;
use crate::taxonomy::Taxonomy;

#[derive(Deserialize)]
#[serde(rename = "Session")]
pub(super) struct File {
    #[serde(rename = "version")]
    _version: u32,
    model: Model,
    taxonomy: Taxonomy,
    mask: Mask,
    attributes: BTreeMap<String, f32>,
    latent: Latent,
    view: ViewV1,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    hash: String,
}

#[derive(Deserialize)]
struct Mask {
    width: u32,
    height: u32,
    png: String,
}

#[derive(Deserialize)]
struct Latent {
    seed: u64,
    offsets: Vec<f32>,
}

#[derive(Deserialize)]
#[serde(rename = "View")]
enum ViewV1 {
    Fit,
    Free { zoom: f32, center: [f32; 2] },
}

impl From<File> for format::File {
    /// What version 1 did not have stays as in a new session.
    fn from(file: File) -> Self {
        let File { model: Model { name, hash }, mask, latent: Latent { seed, offsets }, .. } = file;
        Self {
            version: 1,
            model: ModelIdentity { name, hash, file: None },
            taxonomy: file.taxonomy,
            mask: format::Mask { width: mask.width, height: mask.height, png: mask.png },
            attributes: file.attributes,
            latent: LatentState { seed, offsets, ..LatentState::default() },
            view: match file.view {
                ViewV1::Fit => View::Fit,
                ViewV1::Free { zoom, center } => View::Free { zoom, center },
            },
            canvas: BTreeMap::new(),
            locked: Vec::new(),
            paint_only_over: None,
            symmetry: None,
            timeline: None,
        }
    }
}
