//! The losses of one phase of Algorithm 1 as graphs: what is differentiated, and what is reported of it.

use burn::tensor::{Tensor, TensorData};

use super::augment::Transforms;
use super::config::TrainConfig;
use super::objectives::{
    AttributeGroups, attribute_loss, balanced, gradient_penalty, interpolate, sameness, segmentation_loss,
};
use crate::model::{AttributeHead, Discriminator, Generator, Segmentor};

/// A batch on the device, with what the networks are asked to make of it.
#[derive(Clone, Debug)]
pub struct PhaseBatch {
    /// Real pictures x, `[b, 3, R, R]` in [−1, 1].
    pub real: Tensor<4>,
    /// Their labels s, one-hot `[b, n_s, R, R]`.
    pub labels: Tensor<4>,
    /// Target labels s_t for G: the batch's own, shuffled.
    pub target_labels: Tensor<4>,
    /// Their attributes c, `[b, n_c]`.
    pub attributes: Tensor<2>,
    /// Latents z, `[b, n_z]`.
    pub latent: Tensor<2>,
    /// The change through which D sees real and generated pictures; none: as they are.
    pub transforms: Option<Transforms>,
}

impl PhaseBatch {
    /// The batch with target labels and attributes of its first half in place of the second half's: pictures n and n + b/2
    /// shall then differ in z only.
    fn in_pairs(&self) -> Self {
        let (batch, pairs) = (self.real.dims()[0], self.pairs());
        let order: Vec<i32> = (0..batch).map(|at| if at < 2 * pairs { at % pairs } else { at } as i32).collect();
        let order = Tensor::from_data(TensorData::from(order.as_slice()), &self.real.device());
        Self {
            target_labels: self.target_labels.clone().select(0, order.clone()),
            attributes: self.attributes.clone().select(0, order),
            ..self.clone()
        }
    }

    fn pairs(&self) -> usize {
        self.real.dims()[0] / 2
    }

    /// Pictures `[b, 3, R, R]` as D sees them.
    fn seen_by_discriminator(&self, pictures: Tensor<4>) -> Tensor<4> {
        match &self.transforms {
            Some(transforms) => transforms.apply(pictures),
            None => pictures,
        }
    }
}

/// Weights of the terms, and how attributes are grouped.
#[derive(Clone, Debug)]
pub struct Weights {
    /// λ_cls.
    pub cls: f64,
    /// λ_seg.
    pub seg: f64,
    /// λ_gp.
    pub gp: f64,
    /// λ_div.
    pub diversity: f64,
    /// How much small labels count in G's L_seg, 0 to 1.
    pub label_balance: f64,
    /// Groups of c.
    pub groups: AttributeGroups,
}

impl Weights {
    /// The weights of a configuration.
    pub fn new(config: &TrainConfig, groups: AttributeGroups) -> Self {
        let TrainConfig { lambda_cls, lambda_seg, lambda_gp, lambda_diversity, label_balance, .. } = *config;
        Self { cls: lambda_cls, seg: lambda_seg, gp: lambda_gp, diversity: lambda_diversity, label_balance, groups }
    }
}

/// L_D and its parts, each `[1]`.
#[derive(Clone, Debug)]
pub struct DiscriminatorLoss {
    /// mean D(G) − mean D(x) + λ_gp·penalty + λ_cls·cls_real.
    pub total: Tensor<1>,
    /// mean D(x).
    pub real: Tensor<1>,
    /// mean D(G).
    pub fake: Tensor<1>,
    /// Gradient penalty.
    pub penalty: Tensor<1>,
    /// L_cls on real pictures; zero without attributes.
    pub classification: Tensor<1>,
}

/// L_D for a generated batch `fake` without graph, ε `[b]`.
pub fn discriminator_loss(
    discriminator: &Discriminator,
    batch: &PhaseBatch,
    fake: Tensor<4>,
    epsilon: Tensor<1>,
    weights: &Weights,
) -> DiscriminatorLoss {
    let (real_seen, fake_seen) = (batch.seen_by_discriminator(batch.real.clone()), batch.seen_by_discriminator(fake));
    // D has no norm, so judging both halves in one batch gives the same scores in half the launches.
    let verdict = discriminator.forward(Tensor::cat(vec![real_seen.clone(), fake_seen.clone()], 0));
    let size = batch.real.dims()[0];
    let real = verdict.scores.clone().narrow(0, 0, size).mean();
    let fake_score = verdict.scores.narrow(0, size, size).mean();
    let (penalty, _) = gradient_penalty(discriminator, interpolate(real_seen, fake_seen, epsilon));
    let mut total = fake_score.clone() - real.clone() + penalty.clone() * weights.gp;
    let classification = match verdict.logits {
        Some(logits) if weights.cls > 0.0 => {
            let loss = attribute_loss(logits.narrow(0, 0, size), batch.attributes.clone(), &weights.groups);
            total = total + loss.clone() * weights.cls;
            loss
        }
        _ => Tensor::zeros([1], &penalty.device()),
    };
    DiscriminatorLoss { total, real, fake: fake_score, penalty, classification }
}

/// L_S on real pictures, `[1]`, and what the attribute head needs: S's features and label logits without graph.
pub fn segmentor_loss(segmentor: &Segmentor, batch: &PhaseBatch) -> (Tensor<1>, Tensor<4>, Tensor<4>) {
    let features = segmentor.features(batch.real.clone());
    let logits = segmentor.logits(features.clone());
    let loss = segmentation_loss(logits.clone(), batch.labels.clone());
    (loss, features.inner(), logits.inner())
}

/// The attribute head's loss, `[1]`, on features and label logits without graph.
pub fn head_loss(
    head: &AttributeHead,
    batch: &PhaseBatch,
    features: Tensor<4>,
    label_logits: Tensor<4>,
    groups: &AttributeGroups,
) -> Tensor<1> {
    attribute_loss(head.forward(batch.real.clone().inner(), features, label_logits), batch.attributes.clone(), groups)
}

/// L_G and its parts, each `[1]`.
#[derive(Clone, Debug)]
pub struct GeneratorLoss {
    /// −mean D(G) + λ_cls·cls_fake + λ_seg·seg_fake + λ_div·div.
    pub total: Tensor<1>,
    /// −mean D(G).
    pub adversarial: Tensor<1>,
    /// L_cls on generated pictures; zero without attributes.
    pub classification: Tensor<1>,
    /// L_seg on generated pictures; zero without segmentor.
    pub segmentation: Tensor<1>,
    /// L_div, where it is part of the loss.
    pub sameness: Option<Tensor<1>>,
}

/// L_G, through D and S; S sees the pictures as they are. With λ_div masks and attributes come in pairs.
pub fn generator_loss(
    generator: &Generator,
    discriminator: &Discriminator,
    segmentor: &Segmentor,
    batch: &PhaseBatch,
    weights: &Weights,
) -> GeneratorLoss {
    let diverse = weights.diversity > 0.0 && batch.pairs() > 0;
    let batch = &if diverse { batch.in_pairs() } else { batch.clone() };
    let fake = generator.forward(batch.latent.clone(), batch.attributes.clone(), batch.target_labels.clone());
    let verdict = discriminator.forward(batch.seen_by_discriminator(fake.clone()));
    let adversarial = verdict.scores.mean().neg();
    let zero = || Tensor::zeros([1], &adversarial.device());
    let mut total = adversarial.clone();
    let classification = match verdict.logits {
        Some(logits) if weights.cls > 0.0 => {
            let loss = attribute_loss(logits, batch.attributes.clone(), &weights.groups);
            total = total + loss.clone() * weights.cls;
            loss
        }
        _ => zero(),
    };
    let sameness = diverse.then(|| {
        let real = [batch.real.clone(), batch.labels.clone()];
        sameness([fake.clone(), batch.target_labels.clone()], real)
    });
    if let Some(loss) = &sameness {
        total = total + loss.clone() * weights.diversity;
    }
    let segmentation = if weights.seg > 0.0 {
        let targets = balanced(batch.target_labels.clone(), weights.label_balance);
        let loss = segmentation_loss(segmentor.forward(fake), targets);
        total = total + loss.clone() * weights.seg;
        loss
    } else {
        zero()
    };
    GeneratorLoss { total, adversarial, classification, segmentation, sameness }
}
