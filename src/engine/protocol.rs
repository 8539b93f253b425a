//! What the editor and the engine thread say to each other.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::picture::{Picture, PicturePixels};
use crate::document::{LabelMap, LatentState};

/// A picture the user wants to see. A newer request replaces one that the engine has not begun.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRequest {
    /// Grows with every request, so that an answer can be matched with its question.
    pub generation: u64,
    /// The label map, of any size; it shares its tiles with the document, so that asking costs next to nothing. The engine
    /// flattens it and resamples it to the model's resolution by majority.
    pub labels: LabelMap,
    /// One strength per attribute in the taxonomy's flat order; 0 is off, 1 is on, and values outside overdrive.
    pub attributes: Arc<[f32]>,
    /// Which latent vector to use; see [`crate::model::compose`].
    pub latent: LatentState,
}

/// The answer to a [`LiveRequest`].
#[derive(Clone, Debug)]
pub struct LiveFrame {
    /// The request's generation.
    pub generation: u64,
    /// Pixels per row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The picture, in main memory or on the graphics card that draws the window.
    pub picture: Picture,
    /// Which generator steps had to run for it.
    pub steps: StepsRun,
    /// From taking the request to the finished picture, in milliseconds.
    pub render_ms: f32,
}

impl LiveFrame {
    /// A picture as a frame that answers no request.
    pub fn still(picture: PicturePixels) -> Self {
        Self {
            generation: 0,
            width: picture.width,
            height: picture.height,
            picture: Picture::Pixels(picture.rgba),
            steps: StepsRun::default(),
            render_ms: 0.0,
        }
    }
}

/// Which of the generator's three steps ran; the others' outputs were still valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct StepsRun {
    /// Step 1, the encoder of the label map.
    pub spatial: bool,
    /// Step 2, which brings in the latent vector.
    pub latent: bool,
    /// Step 3, which brings in the attributes and makes the image.
    pub attributes: bool,
}

/// How often each of the generator's three steps has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct StepCounts {
    /// Step 1.
    pub spatial: u64,
    /// Step 2.
    pub latent: u64,
    /// Step 3.
    pub attributes: u64,
}

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ModelRef {
    /// A model embedded in the program, by name.
    Bundled(String),
    /// A model file.
    File(PathBuf),
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundled(name) => write!(f, "bundled model {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// An order to the engine. Orders are never dropped and go before requests.
#[derive(Clone, Debug)]
pub enum EngineCommand {
    /// Replace the current model. The current one stays in use when this fails.
    LoadModel(ModelRef),
    /// Render this and answer with its pixels, wherever live pictures lie: for exports.
    ReadPicture(Box<LiveRequest>),
    /// From now on, or no longer: whenever nothing else is to be done, read the newest picture with the model's segmentor
    /// and compare that with the mask. The answers come by [`super::EngineHandle::poll_obedience`].
    WatchObedience(bool),
}
