//! Losses of the last phases, read only when somebody wants to see them.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::phases::{DiscriminatorLoss, GeneratorLoss};
use crate::model::parameters::{ParameterError, to_host};

/// Losses of the most recent update of each network, still on the device: keeping them costs no synchronisation.
#[derive(Clone, Debug, Default)]
pub(super) struct LazyLosses {
    entries: Vec<(&'static str, Tensor<1>)>,
}

/// Losses as numbers; absent before the first update of their network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Losses {
    /// L_D.
    pub discriminator: Option<f32>,
    /// mean D(x) − mean D(G): the critic's estimate of the Wasserstein distance.
    pub distance: Option<f32>,
    /// Gradient penalty before λ_gp.
    pub penalty: Option<f32>,
    /// L_cls of D on real pictures.
    pub classification_real: Option<f32>,
    /// L_S: segmentation of real pictures.
    pub segmentation_real: Option<f32>,
    /// The attribute head's loss.
    pub head: Option<f32>,
    /// L_G.
    pub generator: Option<f32>,
    /// L_cls on generated pictures.
    pub classification_fake: Option<f32>,
    /// Segmentation of generated pictures against the target masks.
    pub segmentation_fake: Option<f32>,
    /// How alike pictures of one mask with different latents are, 0 to 1, where that is part of the loss.
    pub sameness: Option<f32>,
}

impl Losses {
    /// Name and value of each loss that is there.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, f32)> {
        [
            ("discriminator", self.discriminator),
            ("distance", self.distance),
            ("penalty", self.penalty),
            ("classification_real", self.classification_real),
            ("segmentation_real", self.segmentation_real),
            ("head", self.head),
            ("generator", self.generator),
            ("classification_fake", self.classification_fake),
            ("segmentation_fake", self.segmentation_fake),
            ("sameness", self.sameness),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// The first loss that is no finite number.
    pub fn not_finite(&self) -> Option<(&'static str, f32)> {
        self.entries().find(|(_, value)| !value.is_finite())
    }
}

impl LazyLosses {
    /// Keeps the losses of an update of D, S and the head.
    pub(super) fn set_critics(
        &mut self,
        d: &DiscriminatorLoss,
        segmentor: Option<&Tensor<1>>,
        head: Option<&Tensor<1>>,
    ) {
        self.set("discriminator", &d.total);
        self.set("distance", &(d.real.clone() - d.fake.clone()));
        self.set("penalty", &d.penalty);
        self.set("classification_real", &d.classification);
        for (name, loss) in [("segmentation_real", segmentor), ("head", head)] {
            if let Some(loss) = loss {
                self.set(name, loss);
            }
        }
    }

    /// Keeps the losses of an update of G.
    pub(super) fn set_generator(&mut self, g: &GeneratorLoss) {
        self.set("generator", &g.total);
        self.set("classification_fake", &g.classification);
        self.set("segmentation_fake", &g.segmentation);
        if let Some(loss) = &g.sameness {
            self.set("sameness", loss);
        }
    }

    /// Reads all of them in one transfer. Synchronises with the device.
    pub(super) fn read(&self) -> Result<Losses, ParameterError> {
        if self.entries.is_empty() {
            return Ok(Losses::default());
        }
        let tensors = self.entries.iter().map(|(_, tensor)| tensor.clone()).collect();
        let values = to_host(Tensor::cat(tensors, 0), "losses")?.values;
        let value = |name: &str| {
            let index = self.entries.iter().position(|(known, _)| *known == name)?;
            values.get(index).copied()
        };
        Ok(Losses {
            discriminator: value("discriminator"),
            distance: value("distance"),
            penalty: value("penalty"),
            classification_real: value("classification_real"),
            segmentation_real: value("segmentation_real"),
            head: value("head"),
            generator: value("generator"),
            classification_fake: value("classification_fake"),
            segmentation_fake: value("segmentation_fake"),
            sameness: value("sameness"),
        })
    }

    fn set(&mut self, name: &'static str, tensor: &Tensor<1>) {
        let tensor = tensor.clone().inner();
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = tensor,
            None => self.entries.push((name, tensor)),
        }
    }
}
