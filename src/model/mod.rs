//! The three networks of SCGAN, the attribute head, and the model file that carries G, S and the head.

mod bundled;
mod config;
mod direction_names;
mod discriminator;
mod eigen;
pub mod file;
mod full_size;
mod generator;
mod head;
pub mod import;
mod init;
mod latent;
pub mod layers;
mod noise;
mod one_hot;
pub mod parameters;
mod residual;
mod segmentor;

pub use config::ConfigError;
pub use direction_names::{DIRECTION_NAME_CHARS, DirectionNames};
pub use discriminator::{Discriminator, DiscriminatorConfig, Verdict};
pub use file::{ModelCard, ModelFileError, ModelFileProblem, Precision, Provenance};
pub(crate) use generator::COARSE_SIDE;
pub use generator::{AttributeBase, Generator, GeneratorConfig, GeneratorKind};
pub use head::AttributeHead;
pub use init::Init;
pub use latent::{LatentDirections, compose, latent_from_seed};
pub use noise::Noise;
pub use one_hot::one_hot;
pub use residual::{ResBlock, ResBlockUp};
pub use segmentor::{Segmentor, SegmentorConfig, SegmentorKind};

/// A model as it is used: the generator, the segmentor and the attribute head, with their card. The discriminator is
/// not part of it; it stays with the training run.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it is and where it comes from.
    pub card: ModelCard,
    /// G.
    pub generator: Generator,
    /// S; absent when only a generator was imported.
    pub segmentor: Option<Segmentor>,
    /// Reads attributes off a picture; absent when the taxonomy has none, or the model was imported.
    pub head: Option<AttributeHead>,
}
