//! The losses of D, S, G and the attribute head.

use std::ops::Range;

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, relu};

use crate::model::Discriminator;
use crate::taxonomy::{GroupKind, Taxonomy};

/// Where each attribute group lies in c, and how it is trained.
pub type AttributeGroups = Vec<(Range<usize>, GroupKind)>;

/// The groups of a taxonomy.
pub fn attribute_groups(taxonomy: &Taxonomy) -> AttributeGroups {
    taxonomy.group_ranges().collect()
}

/// L_cls: binary cross-entropy with logits, summed over attributes and divided by the batch; cross-entropy for groups
/// of which exactly one holds. Logits and targets `[b, n_c]` → `[1]`.
pub fn attribute_loss(logits: Tensor<2>, targets: Tensor<2>, groups: &AttributeGroups) -> Tensor<1> {
    let batch = logits.dims()[0];
    let losses = groups.iter().map(|(range, kind)| {
        let logits = logits.clone().narrow(1, range.start, range.len());
        let targets = targets.clone().narrow(1, range.start, range.len());
        match kind {
            GroupKind::ExactlyOne => (log_softmax(logits, 1) * targets).sum().neg(),
            GroupKind::Independent | GroupKind::AtMostOne => binary_cross_entropy(logits, targets),
        }
    });
    let sum = losses.reduce(|sum, loss| sum + loss);
    sum.unwrap_or_else(|| Tensor::zeros([1], &logits.device())) / batch as f32
}

/// Σ max(x, 0) − x·y + log(1 + e^−|x|), which never overflows.
fn binary_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let softplus = logits.clone().abs().neg().exp().log1p();
    (relu(logits.clone()) - logits * targets + softplus).sum()
}

/// L_seg: cross-entropy, averaged over pixels. Logits and one-hot labels `[b, n_s, h, w]` → `[1]`.
pub fn segmentation_loss(logits: Tensor<4>, one_hot: Tensor<4>) -> Tensor<1> {
    let [batch, _, height, width] = logits.dims();
    (log_softmax(logits, 1) * one_hot).sum().neg() / (batch * height * width) as f32
}

/// E[(‖∂ΣD(x̂)/∂x̂‖₂ − 1)²], the norm over all values of an image. x̂ `[b, 3, R, R]` → penalty `[1]`, norms `[b]`.
pub fn gradient_penalty(discriminator: &Discriminator, interpolated: Tensor<4>) -> (Tensor<1>, Tensor<1>) {
    let gradient = discriminator.input_gradient(interpolated);
    let [batch, channels, height, width] = gradient.dims();
    let squares = gradient.powi_scalar(2).reshape([batch, channels * height * width]);
    // The root has no derivative at zero.
    let norms = (squares.sum_dim(1) + 1e-12).sqrt().reshape([batch]);
    ((norms.clone() - 1.0).powi_scalar(2).mean(), norms)
}

/// x̂ = εx + (1 − ε)·G, ε `[b]` of U(0, 1), one per image.
pub fn interpolate(real: Tensor<4>, fake: Tensor<4>, epsilon: Tensor<1>) -> Tensor<4> {
    let batch = epsilon.dims()[0];
    let epsilon = epsilon.reshape([batch, 1, 1, 1]);
    fake.clone() + (real - fake) * epsilon
}
