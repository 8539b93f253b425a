//! What the editor and the engine thread say to each other.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::label_image::LabelImage;

/// A picture the user wants to see. A newer request replaces one that the engine has not begun.
#[derive(Clone, Debug)]
pub struct LiveRequest {
    /// Grows with every request, so that an answer can be matched with its question.
    pub generation: u64,
    /// The label map, of any size; the engine resamples it to the model's resolution by majority.
    pub labels: Arc<LabelImage>,
    /// One strength per attribute in the taxonomy's flat order; 0 is off, 1 is on, and values outside overdrive.
    pub attributes: Arc<[f32]>,
    /// Which latent vector to use.
    pub latent: LatentRequest,
}

/// The latent vector `z = z(seed) + Σ offset_k · direction_k`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct LatentRequest {
    /// Seed of the standard normal vector the offsets start from.
    pub seed: u64,
    /// One offset per leading latent direction, in standard deviations; missing ones count as 0.
    pub offsets: Vec<f32>,
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
    /// `width · height` opaque RGBA pixels, row-major from the top left.
    pub rgba: Vec<u8>,
    /// Which generator steps had to run for it.
    pub steps: StepsRun,
    /// From taking the request to holding its pixels, in milliseconds.
    pub render_ms: f32,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineCommand {
    /// Replace the current model. The current one stays in use when this fails.
    LoadModel(ModelRef),
}
