//! The networks of a run with their optimisers.

use burn::module::Module;

use super::adam::Adam;
use super::config::TrainConfig;
use crate::gpu::ComputeDevice;
use crate::model::parameters::{self, ParameterError, TensorMap};
use crate::model::{AttributeHead, Discriminator, Generator, Init, Segmentor};
use crate::taxonomy::Taxonomy;

/// A network and the state of its optimiser.
#[derive(Clone, Debug)]
pub(super) struct Trained<M> {
    /// The network.
    pub(super) network: M,
    /// Its optimiser.
    pub(super) adam: Adam,
}

impl<M: Module> Trained<M> {
    fn new(network: M, config: &TrainConfig) -> Self {
        Self { network, adam: Adam::new(config.beta1, config.beta2) }
    }

    /// Weights as `NAME.*`, moments as `adam.NAME.*`.
    fn read(&self, name: &str) -> Result<TensorMap, ParameterError> {
        let mut tensors = parameters::read(&self.network, name)?;
        tensors.append(&mut self.adam.read(&format!("adam.{name}"))?);
        Ok(tensors)
    }

    fn restore(
        mut self,
        name: &str,
        updates: i32,
        tensors: &TensorMap,
        compute: &ComputeDevice,
    ) -> Result<Self, ParameterError> {
        self.network = parameters::load(self.network, name, tensors)?;
        let device = compute.device.clone().inner();
        self.adam.restore(&self.network, &format!("adam.{name}"), updates, tensors, &device)?;
        Ok(self)
    }
}

/// G with its average, D, S and the attribute head.
#[derive(Clone, Debug)]
pub(super) struct Networks {
    /// G.
    pub(super) generator: Trained<Generator>,
    /// Moving average of G, without graph.
    pub(super) average: Generator,
    /// D.
    pub(super) discriminator: Trained<Discriminator>,
    /// S.
    pub(super) segmentor: Trained<Segmentor>,
    /// The attribute head; absent without attributes.
    pub(super) head: Option<Trained<AttributeHead>>,
}

/// Number of updates each optimiser has made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Updates {
    /// Of G.
    pub(super) generator: i32,
    /// Of D.
    pub(super) discriminator: i32,
    /// Of S.
    pub(super) segmentor: i32,
    /// Of the head.
    pub(super) head: i32,
}

impl Networks {
    /// Fresh networks; `compute` without autodiff.
    pub(super) fn new(config: &TrainConfig, taxonomy: &Taxonomy, init: &mut Init, compute: &ComputeDevice) -> Self {
        let generator = config.generator_config(taxonomy).init(init);
        let discriminator = config.discriminator_config(taxonomy).init(init);
        let segmentor_config = config.segmentor_config(taxonomy);
        let segmentor = segmentor_config.init(init);
        let n_attributes = taxonomy.n_attributes();
        let head = (n_attributes > 0).then(|| AttributeHead::new(&segmentor_config, n_attributes, init));
        let blank = config.generator_config(taxonomy).init(&mut Init::zeros(compute));
        let average = super::average::update_average(blank, &generator, 0.0);
        Self {
            generator: Trained::new(generator, config),
            average,
            discriminator: Trained::new(discriminator, config),
            segmentor: Trained::new(segmentor, config),
            head: head.map(|head| Trained::new(head, config)),
        }
    }

    /// How many updates each optimiser has made.
    pub(super) fn updates(&self) -> Updates {
        Updates {
            generator: self.generator.adam.updates(),
            discriminator: self.discriminator.adam.updates(),
            segmentor: self.segmentor.adam.updates(),
            head: self.head.as_ref().map_or(0, |head| head.adam.updates()),
        }
    }

    /// All weights and moments.
    pub(super) fn read(&self) -> Result<TensorMap, ParameterError> {
        let mut tensors = self.generator.read("generator")?;
        tensors.append(&mut parameters::read(&self.average, "average")?);
        tensors.append(&mut self.discriminator.read("discriminator")?);
        tensors.append(&mut self.segmentor.read("segmentor")?);
        if let Some(head) = &self.head {
            tensors.append(&mut head.read("head")?);
        }
        Ok(tensors)
    }

    /// The networks that [`Networks::read`] wrote.
    pub(super) fn restore(
        self,
        updates: Updates,
        tensors: &TensorMap,
        compute: &ComputeDevice,
    ) -> Result<Self, ParameterError> {
        let head = self.head.map(|head| head.restore("head", updates.head, tensors, compute)).transpose()?;
        let discriminator = self.discriminator;
        Ok(Self {
            generator: self.generator.restore("generator", updates.generator, tensors, compute)?,
            average: parameters::load(self.average, "average", tensors)?,
            discriminator: discriminator.restore("discriminator", updates.discriminator, tensors, compute)?,
            segmentor: self.segmentor.restore("segmentor", updates.segmentor, tensors, compute)?,
            head,
        })
    }
}
