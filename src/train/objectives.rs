//! The losses of D, S, G and the attribute head.

use std::ops::Range;

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, relu};

use crate::kernels;
use crate::model::Discriminator;
use crate::taxonomy::{GroupKind, Taxonomy};

/// How far apart, as a share of what real pictures are, pictures of one mask are far enough.
const FAR_ENOUGH: f64 = 0.3;

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
    let losses = trained_together(groups).into_iter().map(|(range, kind)| {
        let part = |of: &Tensor<2>| match range.len() == of.dims()[1] {
            true => of.clone(),
            false => of.clone().narrow(1, range.start, range.len()),
        };
        let (logits, targets) = (part(&logits), part(&targets));
        match kind {
            GroupKind::ExactlyOne => (log_softmax(logits, 1) * targets).sum().neg(),
            GroupKind::Independent | GroupKind::AtMostOne => binary_cross_entropy(logits, targets),
        }
    });
    let sum = losses.reduce(|sum, loss| sum + loss);
    sum.unwrap_or_else(|| Tensor::zeros([1], &logits.device())) / batch as f32
}

/// Neighbouring groups whose attributes are trained one by one, as one: a loss costs about twenty launches on a GPU.
fn trained_together(groups: &AttributeGroups) -> AttributeGroups {
    let mut together = AttributeGroups::new();
    for (range, kind) in groups {
        match together.last_mut() {
            Some((last, GroupKind::Independent | GroupKind::AtMostOne))
                if *kind != GroupKind::ExactlyOne && last.end == range.start =>
            {
                last.end = range.end;
            }
            _ => together.push((range.clone(), *kind)),
        }
    }
    together
}

/// Σ max(x, 0) − x·y + log(1 + e^−|x|), which never overflows.
fn binary_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let softplus = logits.clone().abs().neg().exp().log1p();
    (relu(logits.clone()) - logits * targets + softplus).sum()
}

/// L_seg: cross-entropy, averaged over pixels. Logits and one-hot labels `[b, n_s, h, w]` → `[1]`.
pub fn segmentation_loss(logits: Tensor<4>, one_hot: Tensor<4>) -> Tensor<1> {
    let [batch, _, height, width] = logits.dims();
    kernels::label_entropy(logits, one_hot) / (batch * height * width) as f32
}

/// Labels for L_seg in which a pixel weighs as its label's area in the batch to the power of −`balance`; the mean over pixels is 1.
/// At 0 they stay one-hot, at 1 each label that is there weighs as much as any other. One-hot labels `[b, n_s, h, w]`.
pub fn balanced(one_hot: Tensor<4>, balance: f64) -> Tensor<4> {
    if balance == 0.0 {
        return one_hot;
    }
    let areas = one_hot.clone().sum_dim(3).sum_dim(2).sum_dim(0);
    // A label that is nowhere has no pixel to weigh.
    let weights = areas.clone().clamp_min(1.0).powf_scalar(-balance);
    let mean = (weights.clone() * areas.clone()).sum_dim(1) / areas.sum_dim(1);
    one_hot * (weights / mean)
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

/// L_div: how alike pictures are that differ in z only, `[1]`: the mean over pairs n, n + ½b of max(0, 1 − d / 0.3·d_real), where
/// d is how far the pair's pictures are apart, each label in its mean colour, and d_real how far pairs of real pictures are.
/// 1: each pair is one picture twice; 0: all are far enough apart. Mean colours, because grain is no other picture, and
/// blotches across the mask are none that anybody wants. `fake`, with the labels they were made for, and `real`, with theirs:
/// pictures `[b, 3, R, R]` and one-hot labels `[b, n_s, R, R]`.
/// After Yang et al., Diversity-Sensitive Conditional Generative Adversarial Networks, ICLR 2019.
pub fn sameness(fake: [Tensor<4>; 2], real: [Tensor<4>; 2]) -> Tensor<1> {
    let enough = distances(real).mean().detach() * FAR_ENOUGH + 1e-6;
    relu(distances(fake) / enough * -1.0 + 1.0).mean()
}

/// The mean difference of the pictures n and n + ½b in their labels' mean colours, `[½b]`.
fn distances([pictures, labels]: [Tensor<4>; 2]) -> Tensor<1> {
    let [batch, channels, height, width] = pictures.dims();
    let [pairs, pixels] = [batch / 2, height * width];
    let labels = labels.clone().reshape([batch, labels.dims()[1], pixels]);
    let areas = labels.clone().sum_dim(2).swap_dims(1, 2);
    let sums = pictures.reshape([batch, channels, pixels]).matmul(labels.clone().swap_dims(1, 2));
    let flat = (sums / areas.clamp_min(1.0)).matmul(labels);
    let [first, second] = [0, pairs].map(|from| flat.clone().narrow(0, from, pairs));
    (first - second).abs().reshape([pairs, channels * pixels]).mean_dim(1).reshape([pairs])
}

/// x̂ = εx + (1 − ε)·G, ε `[b]` of U(0, 1), one per image.
pub fn interpolate(real: Tensor<4>, fake: Tensor<4>, epsilon: Tensor<1>) -> Tensor<4> {
    let batch = epsilon.dims()[0];
    let epsilon = epsilon.reshape([batch, 1, 1, 1]);
    fake.clone() + (real - fake) * epsilon
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::Noise;
    use burn::tensor::TensorData;

    #[test]
    fn sameness_asks_for_other_colours_of_the_labels() {
        let device = ComputeDevice::cpu().device;
        let mut noise = Noise::new(6);
        let mut random = |dims: [usize; 4]| {
            let values = noise.normal(dims.iter().product());
            Tensor::<4>::from_data(TensorData::new(values, dims), &device)
        };
        let [b, n, side] = [6, 3, 16];
        let labels = |random: &mut dyn FnMut([usize; 4]) -> Tensor<4>| {
            let ids = random([b / 2, 1, side, side]).clamp(-0.9, 1.9).add_scalar(1.0).int().squeeze_dim::<3>(1);
            ids.repeat(&[2, 1, 1]).one_hot::<4>(n).permute([0, 3, 1, 2]).float()
        };
        let labels = labels(&mut random);
        let coloured = |colours: Tensor<4>| -> Tensor<4> {
            // [b, 3, n] · [b, n, pixels]
            let flat = colours.reshape([b, 3, n]).matmul(labels.clone().reshape([b, n, side * side]));
            flat.reshape([b, 3, side, side])
        };
        let colours = random([b, 3, n, 1]);
        let real = [coloured(colours.clone()), labels.clone()];
        let twice = |colours: Tensor<4>| Tensor::cat(vec![colours.clone().narrow(0, 0, b / 2); 2], 0);
        // From one picture twice to a pair as far apart as real ones.
        let of = |share: f64| -> f32 {
            let same = twice(colours.clone());
            let mixed = same.clone() + (colours.clone() - same) * share;
            sameness([coloured(mixed), labels.clone()], real.clone()).into_scalar()
        };
        assert!((of(0.0) - 1.0).abs() < 1e-6, "{}", of(0.0));
        assert!((of(0.06) - 0.8).abs() < 1e-4, "{}", of(0.06));
        assert!(of(1.0) < 1e-6, "{}", of(1.0));
        let grainy = coloured(twice(colours.clone())) + random([b, 3, side, side]) * 0.3;
        let grainy: f32 = sameness([grainy, labels.clone()], real.clone()).into_scalar();
        assert!(grainy > 0.7, "noise is no other picture: {grainy}");
        let nan: f32 = sameness([real[0].clone() * f32::NAN, labels.clone()], real).into_scalar();
        assert!(nan.is_nan());
    }

    #[test]
    fn small_labels_weigh_more_in_balance() {
        let device = ComputeDevice::cpu().device;
        // 60, 3 and 1 of 64 pixels, and a label that is nowhere.
        let ids: Vec<i32> = (0..64).map(|at| if at < 60 { 0 } else { i32::from(at == 63) + 1 }).collect();
        let labels = Tensor::<1, burn::tensor::Int>::from_data(TensorData::from(ids.as_slice()), &device);
        let one_hot = labels.reshape([2, 4, 8]).one_hot::<4>(4).permute([0, 3, 1, 2]).float();
        let areas = [60.0_f64, 3.0, 1.0, 0.0];
        for balance in [0.0, 0.5, 1.0] {
            let shares = balanced(one_hot.clone(), balance).sum_dim(3).sum_dim(2).sum_dim(0);
            let shares = shares.into_data().try_into_vec::<f32>().unwrap_or_default();
            let powers = areas.map(|area| if area > 0.0 { area.powf(1.0 - balance) } else { 0.0 });
            let expected = powers.map(|power| 64.0 * power / powers.iter().sum::<f64>());
            assert_eq!(shares.len(), 4);
            for (share, expected) in shares.iter().zip(expected) {
                assert!((f64::from(*share) - expected).abs() < 1e-3, "{shares:?}");
            }
        }
    }

    #[test]
    fn groups_that_are_trained_together_have_the_loss_of_each() {
        use GroupKind::{AtMostOne, ExactlyOne, Independent};
        let device = ComputeDevice::cpu().device;
        let mut noise = Noise::new(5);
        let mut random = || Tensor::<2>::from_data(TensorData::new(noise.normal(3 * 10), [3, 10]), &device);
        let (logits, targets) = (random(), random().greater_elem(0.0).float());
        let loss =
            |groups: &AttributeGroups| -> f32 { attribute_loss(logits.clone(), targets.clone(), groups).into_scalar() };
        let groups =
            vec![(0..2, Independent), (2..5, AtMostOne), (5..8, ExactlyOne), (8..9, AtMostOne), (9..10, AtMostOne)];
        let together = vec![(0..5, Independent), (5..8, ExactlyOne), (8..10, AtMostOne)];
        assert_eq!(trained_together(&groups), together);
        let each: f32 = groups.iter().map(|group| loss(&vec![group.clone()])).sum();
        assert!((loss(&groups) - each).abs() < 1e-4 * each.abs(), "{} {each}", loss(&groups));
        let all = vec![(0..3, AtMostOne), (3..10, Independent)];
        let each: f32 = all.iter().map(|group| loss(&vec![group.clone()])).sum();
        assert!((loss(&all) - each).abs() < 1e-4 * each.abs());
    }
}
