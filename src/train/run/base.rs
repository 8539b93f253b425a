//! What a fine-tuned run starts from: a model file, a bundled model, or another run's newest checkpoint.

use std::path::Path;

use super::spec::FineTune;
use crate::gpu::ComputeDevice;
use crate::model::file::tensors::content_hash;
use crate::model::parameters::{self, TensorMap};
use crate::model::{GeneratorConfig, Model, Precision, SegmentorConfig, SegmentorKind};
use crate::taxonomy::Taxonomy;
use crate::train::checkpoint;
use crate::train::config::TrainConfig;
use crate::train::trainer::TrainError;

/// Weights to start from, with what they mean.
pub(super) struct Base {
    /// In words.
    pub(super) description: String,
    /// SHA-256 of the tensors as they were stored.
    pub(super) hash: String,
    /// The labels and attributes they know.
    pub(super) taxonomy: Taxonomy,
    /// Shape of G.
    pub(super) generator: GeneratorConfig,
    /// Shape of S; a model may come without one.
    pub(super) segmentor: Option<SegmentorConfig>,
    /// Width of D; only a run's checkpoint has one.
    pub(super) discriminator_width: Option<usize>,
    /// Weights by name as in a checkpoint: G, its average, and S, the head and D where they are known.
    pub(super) tensors: TensorMap,
}

impl Base {
    /// Reads a run folder, a model file, or a bundled model.
    pub(super) fn open(name: &str) -> Result<Self, TrainError> {
        let path = Path::new(name);
        if path.is_dir() {
            Self::of_run(path)
        } else {
            let compute = ComputeDevice::cpu();
            let is_file = path.exists() || !Model::bundled_names().contains(&name);
            Self::of_model(if is_file { Model::load(path, &compute)? } else { Model::bundled(name, &compute)? }, name)
        }
    }

    fn of_model(model: Model, name: &str) -> Result<Self, TrainError> {
        let mut tensors = parameters::read(&model.generator, "generator")?;
        tensors.append(&mut parameters::read(&model.generator, "average")?);
        // Runs train the paper's S; another kind cannot go on in them, nor the head that reads its features.
        let config = model.card.segmentor.clone().filter(|config| config.kind == SegmentorKind::Paper);
        if let (Some(_), Some(segmentor)) = (&config, &model.segmentor) {
            tensors.append(&mut parameters::read(segmentor, "segmentor")?);
            if let Some(head) = &model.head {
                tensors.append(&mut parameters::read(head, "head")?);
            }
        }
        let card = model.card;
        Ok(Self {
            description: format!("the model {name} (`{}`, {} updates)", card.title, card.provenance.generator_updates),
            hash: card.hash,
            taxonomy: card.taxonomy,
            generator: card.generator,
            segmentor: config,
            discriminator_width: None,
            tensors,
        })
    }

    fn of_run(folder: &Path) -> Result<Self, TrainError> {
        let (file, state, mut tensors) = checkpoint::load_newest(folder)?;
        // The moments belong to the other run's objective.
        tensors.retain(|name, _| !name.starts_with("adam."));
        let (config, taxonomy) = (state.config, state.taxonomy);
        Ok(Self {
            description: format!("step {} of the run in {}", file.step, folder.display()),
            hash: content_hash(&tensors, Precision::F32),
            generator: config.generator_config(&taxonomy),
            segmentor: Some(config.segmentor_config(&taxonomy)),
            discriminator_width: Some(config.discriminator_width),
            taxonomy,
            tensors,
        })
    }

    /// The configuration of a run that starts here: the shapes are the base's, and a new D is no wider than G, since a
    /// wider one only costs time.
    pub(super) fn shape(&self, config: TrainConfig, fine_tune: &FineTune) -> TrainConfig {
        TrainConfig {
            resolution: self.generator.resolution,
            generator: self.generator.kind,
            generator_width: self.generator.width,
            n_z: self.generator.n_z,
            segmentor_width: self.segmentor.as_ref().map_or(config.segmentor_width, |segmentor| segmentor.width),
            discriminator_width: self
                .discriminator_width
                .unwrap_or_else(|| config.discriminator_width.min(self.generator.width)),
            critic_warmup: if self.discriminator_width.is_some() { 0 } else { fine_tune.critic_warmup },
            ..config
        }
    }
}
