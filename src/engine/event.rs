//! What the engine tells the editor besides pictures.

use std::sync::Arc;

use super::influence::Measurement;
use super::protocol::ModelRef;
use super::wall::WallPicture;
use crate::model::ModelCard;

/// A fact from the engine thread. Events are never dropped.
#[derive(Clone, Debug)]
pub enum EngineEvent {
    /// The engine computes on this device from now on.
    DeviceReady {
        /// Its name, for people.
        description: String,
        /// False on the CPU.
        is_gpu: bool,
    },
    /// The device failed, so the engine goes on with the same model on the CPU.
    MovedToCpu {
        /// What failed.
        reason: String,
    },
    /// Frames come from this model from now on; pictures of the former one are not rendered again by themselves.
    ModelLoaded {
        /// Where it came from.
        model: ModelRef,
        /// What the model says about itself.
        card: Box<ModelCard>,
        /// How strongly each latent direction acts (its singular value), strongest first.
        directions: Vec<f32>,
    },
    /// The model could not be loaded; the former one stays.
    LoadFailed {
        /// What, which file, what to do.
        message: String,
    },
    /// The answer to [`super::EngineCommand::ReadPicture`].
    PictureRead {
        /// The request's generation.
        generation: u64,
        /// Pixels per row.
        width: u32,
        /// Rows.
        height: u32,
        /// `width · height` opaque RGBA pixels, row-major from the top left.
        rgba: Arc<[u8]>,
    },
    /// [`super::EngineCommand::ReadPicture`] has no answer.
    PictureNotRead {
        /// Why, and what to do.
        message: String,
    },
    /// Tiles of a wall are drawn.
    WallDrawn {
        /// The wall's number.
        number: u64,
        /// Their pictures.
        pictures: Vec<WallPicture>,
    },
    /// A wall is not drawn further.
    WallFailed {
        /// The wall's number.
        number: u64,
        /// Why, and what to do.
        message: String,
    },
    /// Controls are measured.
    InfluenceMeasured {
        /// The request's number.
        number: u64,
        /// What they change.
        measured: Vec<Measurement>,
    },
    /// A request for measurements is given up.
    InfluenceFailed {
        /// The request's number.
        number: u64,
        /// Why, and what to do.
        message: String,
    },
    /// A bug stopped one job; the engine goes on with the next.
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// A request has no picture.
    RenderFailed {
        /// The request's generation.
        generation: u64,
        /// Why, and what to do.
        message: String,
    },
}
