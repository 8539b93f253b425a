//! Algorithm 1, one phase at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use super::augment::Augmentation;
use super::average::{ramped, update_average};
use super::checkpoint::{self, CheckpointError, RunState};
use super::config::{TrainConfig, TrainConfigError};
use super::losses::{LazyLosses, Losses};
use super::networks::{Networks, Updates};
use super::objectives::attribute_groups;
use super::phases::{PhaseBatch, Weights, discriminator_loss, generator_loss, head_loss, segmentor_loss};
use super::run::RunError;
use crate::data::{Batch, Cursor, DataError, Loader, LoaderConfig, SampleSource};
use crate::gpu::{ComputeDevice, ConvPrecision};
use crate::model::parameters::{ParameterError, TensorMap, not_finite};
use crate::model::{Generator, Init, Model, ModelCard, ModelFileError, Noise, Provenance, Segmentor, one_hot};
use crate::taxonomy::Taxonomy;

/// Factor on the losses where convolutions run in f16, whose smallest normal number is 6e-5.
const HALF_LOSS_SCALE: f64 = 256.0;
/// Updates of G between two looks at whether the losses are still numbers.
const CHECK_INTERVAL: u64 = 25;

/// What [`Trainer::advance`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// D, S and the attribute head were updated.
    Critics,
    /// G was updated, and its average.
    Generator,
    /// Nothing: the run is complete.
    Done,
}

/// Training stopped or could not start.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The configuration cannot train.
    #[error(transparent)]
    Config(#[from] TrainConfigError),
    /// The data gave up.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The device gave up, or tensors do not fit.
    #[error(transparent)]
    Device(#[from] ParameterError),
    /// A checkpoint could not be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A loss is no number any more.
    #[error(
        "training diverged: {loss} became {value} at step {step}; --resume continues the last good checkpoint, and a new \
         run with --from this run's folder starts from it with lower learning rates or another seed"
    )]
    Diverged {
        /// The loss.
        loss: &'static str,
        /// Its value.
        value: f32,
        /// Updates of G so far.
        step: u64,
    },
    /// A weight is no number any more, though the losses before its last update were.
    #[error(
        "training diverged: `{tensor}` has values that are no numbers at step {step}; --resume continues the last good \
         checkpoint, and a new run with --from this run's folder starts from it with lower learning rates or another seed"
    )]
    Weights {
        /// The tensor.
        tensor: String,
        /// Updates of G so far.
        step: u64,
    },
    /// The data has other labels or attributes than the checkpoint.
    #[error(
        "the run was started with the taxonomy `{run}`, but the data has `{data}`; give the data it was started with"
    )]
    Taxonomy {
        /// The run's.
        run: String,
        /// The data's.
        data: String,
    },
    /// A model to start from cannot be read, or the run's own cannot be written.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// A run folder cannot be used, or the run stopped.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl TrainError {
    /// Whether a loss or a weight is no number any more: the last checkpoint is good, going on is not.
    pub fn is_divergence(&self) -> bool {
        matches!(self, Self::Diverged { .. } | Self::Weights { .. } | Self::Run(RunError::Diverged { .. }))
    }
}

/// Networks that train on data, a phase at a time. [`super::Run`] keeps one in a folder.
pub struct Trainer {
    config: TrainConfig,
    taxonomy: Taxonomy,
    source: Arc<dyn SampleSource>,
    compute: ComputeDevice,
    networks: Networks,
    weights: Weights,
    augmentation: Augmentation,
    noise: Noise,
    loader: Loader,
    /// Phases so far.
    phases: u64,
    losses: LazyLosses,
}

impl Trainer {
    /// Starts a run on `compute` (without autodiff).
    pub fn new(
        config: TrainConfig,
        source: Arc<dyn SampleSource>,
        compute: &ComputeDevice,
    ) -> Result<Self, TrainError> {
        let noise = Noise::new(config.seed);
        Self::at(config, source, compute, noise, Cursor::default())
    }

    fn at(
        config: TrainConfig,
        source: Arc<dyn SampleSource>,
        compute: &ComputeDevice,
        noise: Noise,
        cursor: Cursor,
    ) -> Result<Self, TrainError> {
        let taxonomy = source.taxonomy().clone();
        config.validate(&taxonomy)?;
        let networks = Networks::new(&config, &taxonomy, &mut Init::new(config.seed, &compute.autodiff()), compute);
        let loader_config = LoaderConfig {
            batch: config.batch,
            resolution: config.resolution as u32,
            workers: config.loader_threads,
            flip: config.flip,
            seed: config.seed,
        };
        Ok(Self {
            weights: Weights::new(&config, attribute_groups(&taxonomy)),
            augmentation: Augmentation::new(&config),
            loader: Loader::new(source.clone(), loader_config, cursor),
            config,
            taxonomy,
            source,
            compute: compute.clone(),
            networks,
            noise,
            phases: 0,
            losses: LazyLosses::default(),
        })
    }

    /// Continues the newest readable checkpoint of a run folder, exactly as if it had not stopped.
    pub fn resume(run: &Path, source: Arc<dyn SampleSource>, compute: &ComputeDevice) -> Result<Self, TrainError> {
        let (_, state, tensors) = checkpoint::load_newest(run)?;
        Self::restore(state, &tensors, source, compute)
    }

    /// Continues a checkpoint that has been read.
    pub(super) fn restore(
        state: RunState,
        tensors: &TensorMap,
        source: Arc<dyn SampleSource>,
        compute: &ComputeDevice,
    ) -> Result<Self, TrainError> {
        if state.taxonomy != *source.taxonomy() {
            return Err(TrainError::Taxonomy { run: state.taxonomy.name, data: source.taxonomy().name.clone() });
        }
        let mut trainer = Self::at(state.config, source, compute, state.noise, state.cursor)?;
        trainer.networks = trainer.networks.restore(state.updates, tensors, &compute.autodiff())?;
        trainer.phases = state.phases;
        if trainer.phases > trainer.config.critic_warmup {
            trainer.freeze_discriminator();
        }
        Ok(trainer)
    }

    /// All weights, by name as in a checkpoint.
    pub(super) fn tensors(&self) -> Result<TensorMap, ParameterError> {
        self.networks.read()
    }

    /// Replaces the weights of a run that has not begun.
    pub(super) fn start_from(&mut self, tensors: &TensorMap) -> Result<(), ParameterError> {
        let fresh = self.networks.clone();
        self.networks = fresh.restore(Updates::default(), tensors, &self.compute.autodiff())?;
        Ok(())
    }

    /// Lets the run go on to another number of generator updates; the decay of the rates follows it.
    pub fn extend(&mut self, steps: u64) {
        self.config.steps = steps;
    }

    /// Runs the next phase: `critic_updates` times D and S, then G once, after a warm-up of D and S if there is one.
    /// Between calls the run can be paused, saved or left. Does not wait for the device, but for a look at the losses now
    /// and then.
    pub fn advance(&mut self) -> Result<Phase, TrainError> {
        if self.step() >= self.config.steps {
            return Ok(Phase::Done);
        }
        if self.phases == self.config.critic_warmup {
            self.freeze_discriminator();
        }
        let batch = self.loader.next()?;
        let batch = self.phase_batch(&batch);
        let phase = self.next_phase();
        match phase {
            Phase::Generator => self.update_generator(&batch),
            _ => self.update_critics(&batch),
        }
        self.phases += 1;
        if phase == Phase::Generator && self.step().is_multiple_of(CHECK_INTERVAL) {
            self.losses()?;
        }
        Ok(phase)
    }

    /// Updates of G so far.
    pub fn step(&self) -> u64 {
        self.phases.saturating_sub(self.config.critic_warmup) / (self.config.critic_updates + 1)
    }

    /// What comes after the phases so far.
    fn next_phase(&self) -> Phase {
        let cycle = self.config.critic_updates + 1;
        match self.phases.checked_sub(self.config.critic_warmup) {
            Some(phases) if phases % cycle + 1 == cycle => Phase::Generator,
            _ => Phase::Critics,
        }
    }

    fn freeze_discriminator(&mut self) {
        let layers = self.config.freeze_discriminator_layers;
        if layers > 0 {
            let d = &mut self.networks.discriminator;
            d.network = d.network.clone().freeze(layers);
        }
    }

    /// Updates of G in the whole run.
    pub fn steps(&self) -> u64 {
        self.config.steps
    }

    /// Training images so far, repeats counted.
    pub fn images_seen(&self) -> u64 {
        self.phases * self.config.batch as u64
    }

    /// The run's configuration.
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    /// Labels and attributes.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// The data.
    pub fn source(&self) -> &Arc<dyn SampleSource> {
        &self.source
    }

    /// The moving average of G.
    pub fn average(&self) -> &Generator {
        &self.networks.average
    }

    /// S as it is now.
    pub fn segmentor(&self) -> &Segmentor {
        &self.networks.segmentor.network
    }

    /// Where the run computes.
    pub fn compute(&self) -> &ComputeDevice {
        &self.compute
    }

    /// The losses of the last updates. Synchronises with the device; a loss that is no number is an error.
    pub fn losses(&self) -> Result<Losses, TrainError> {
        let losses = self.losses.read()?;
        match losses.not_finite() {
            Some((loss, value)) => Err(TrainError::Diverged { loss, value, step: self.step() }),
            None => Ok(losses),
        }
    }

    /// Phases so far: updates of D and S, and of G.
    pub fn phases(&self) -> u64 {
        self.phases
    }

    /// Saves everything the run needs to continue into `run`, atomically, beside the older checkpoints. A run that has
    /// diverged is not saved.
    pub fn checkpoint(&self, run: &Path) -> Result<PathBuf, TrainError> {
        self.losses()?;
        let state = RunState {
            config: self.config.clone(),
            taxonomy: self.taxonomy.clone(),
            noise: self.noise.clone(),
            cursor: self.loader.cursor(),
            phases: self.phases,
            updates: self.networks.updates(),
        };
        let tensors = self.networks.read()?;
        if let Some(tensor) = not_finite(&tensors) {
            return Err(TrainError::Weights { tensor: tensor.to_owned(), step: self.step() });
        }
        Ok(checkpoint::save(run, self.step(), &state, &tensors)?)
    }

    /// The model as it is now: the average of G, S and the head.
    pub fn export(&self, name: &str, title: &str, license: &str) -> Model {
        let card = ModelCard {
            name: name.to_owned(),
            title: title.to_owned(),
            taxonomy: self.taxonomy.clone(),
            generator: self.config.generator_config(&self.taxonomy),
            segmentor: Some(self.config.segmentor_config(&self.taxonomy)),
            attribute_head: self.networks.head.is_some(),
            provenance: Provenance {
                data: self.source.describe(),
                generator_updates: self.step(),
                images_seen: self.images_seen(),
                seed: self.config.seed,
                configuration: self.config.to_ron().unwrap_or_default(),
            },
            license: license.to_owned(),
            direction_names: Default::default(),
            hash: String::new(),
        };
        let segmentor = Some(self.networks.segmentor.network.clone());
        let head = self.networks.head.as_ref().map(|head| head.network.clone());
        Model { card, generator: self.networks.average.clone(), segmentor, head }
    }

    fn update_critics(&mut self, batch: &PhaseBatch) {
        let rate = self.config.rate_factor(self.step());
        let scale = self.loss_scale();
        // Without a graph: nothing goes back through G here, and a graph would keep all its activations.
        let generator = self.networks.generator.network.clone().no_grad();
        let fake = generator.forward(batch.latent.clone(), batch.attributes.clone(), batch.target_labels.clone());
        let epsilon: Vec<f32> = (0..self.config.batch).map(|_| self.noise.uniform()).collect();
        let epsilon = Tensor::from_data(TensorData::from(epsilon.as_slice()), &batch.real.device());

        let d = &mut self.networks.discriminator;
        let d_loss = discriminator_loss(&d.network, batch, fake, epsilon, &self.weights);
        let gradients = (d_loss.total.clone() * scale).backward();
        d.network = d.adam.step(d.network.clone(), gradients, self.config.discriminator_rate * rate, scale);

        let s_rate = self.config.segmentor_rate * rate;
        let s = &mut self.networks.segmentor;
        let (s_loss, features, label_logits) = segmentor_loss(&s.network, batch);
        let gradients = (s_loss.clone() * scale).backward();
        s.network = s.adam.step(s.network.clone(), gradients, s_rate, scale);

        let head_loss = self.networks.head.as_mut().map(|head| {
            let loss = head_loss(&head.network, batch, features, label_logits, &self.weights.groups);
            let gradients = loss.backward();
            head.network = head.adam.step(head.network.clone(), gradients, s_rate, 1.0);
            loss
        });
        self.losses.set_critics(&d_loss, Some(&s_loss), head_loss.as_ref());
    }

    fn update_generator(&mut self, batch: &PhaseBatch) {
        let step = self.step();
        let rate = self.config.generator_rate * self.config.rate_factor(step);
        let scale = self.loss_scale();
        // D and S only pass gradients through here; without gradients of their own the backward pass is shorter.
        let discriminator = self.networks.discriminator.network.clone().no_grad();
        let segmentor = self.networks.segmentor.network.clone().no_grad();
        let g = &mut self.networks.generator;
        let loss = generator_loss(&g.network, &discriminator, &segmentor, batch, &self.weights);
        let gradients = (loss.total.clone() * scale).backward();
        g.network = g.adam.step(g.network.clone(), gradients, rate, scale);
        let decay = self.config.average_decay;
        let decay = if self.config.average_ramp { ramped(decay, step) } else { decay };
        self.networks.average = update_average(self.networks.average.clone(), &g.network, decay);
        self.losses.set_generator(&loss);
    }

    fn loss_scale(&self) -> f64 {
        match self.compute.conv {
            ConvPrecision::Full => 1.0,
            ConvPrecision::Half => HALF_LOSS_SCALE,
        }
    }

    /// Uploads a batch and draws the noise of its phase.
    fn phase_batch(&mut self, batch: &Batch) -> PhaseBatch {
        let device = self.compute.device.clone().autodiff();
        let (size, side) = (batch.size, batch.resolution as usize);
        let (n_labels, n_c, n_z) = (self.taxonomy.n_labels(), self.taxonomy.n_attributes(), self.config.n_z);
        let labels = one_hot(&batch.labels, size, n_labels, side, &device);
        let order = self.noise.permutation(size);
        let order: Vec<i32> = order.into_iter().map(|index| index as i32).collect();
        let target_labels = labels.clone().select(0, Tensor::from_data(TensorData::from(order.as_slice()), &device));
        let latent = TensorData::new(self.noise.normal(size * n_z), [size, n_z]);
        let transforms = self.augmentation.draw(&mut self.noise, size, side, &device);
        PhaseBatch {
            real: Tensor::from_data(TensorData::new(batch.images.clone(), [size, 3, side, side]), &device),
            labels,
            target_labels,
            attributes: Tensor::from_data(TensorData::new(batch.attributes.clone(), [size, n_c]), &device),
            latent: Tensor::from_data(latent, &device),
            transforms,
        }
    }
}
