//! D: how real a picture is, patch by patch, and which attributes it shows.

use burn::module::Module;
use burn::tensor::{FloatDType, Tensor};

use super::init::Init;
use super::layers::{Conv, ConvShape};
use crate::kernels;

/// Slope of the leaky ReLUs below zero.
const LEAKY_SLOPE: f32 = 0.01;
/// Keeps the input gradient, whose values are around 1/√(3R²), away from the smallest numbers of f16. A power of two, so
/// it changes nothing in f32.
const INPUT_GRADIENT_SCALE: f32 = 256.0;
/// Halving convolutions, at every resolution.
const DEPTH: usize = 6;

/// Shape of a discriminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscriminatorConfig {
    /// Side of the picture in px: 64, 128, 256 or 512.
    pub resolution: usize,
    /// Base width w; 64 in the paper.
    pub width: usize,
    /// Number of attributes, n_c. Without any there is no classifier.
    pub n_attributes: usize,
}

impl DiscriminatorConfig {
    /// Number of convolutions before the heads.
    pub const DEPTH: usize = DEPTH;

    /// Builds the network with Xavier-uniform weights.
    pub fn init(&self, init: &mut Init) -> Discriminator {
        let mut input = 3;
        let conv = (0..DEPTH)
            .map(|i| {
                let output = self.width << i;
                Conv::new(ConvShape::halving(std::mem::replace(&mut input, output), output, true), init)
            })
            .collect();
        let adversarial = Conv::new(ConvShape::same(input, 1, 3, false), init);
        let whole = ConvShape {
            input,
            output: self.n_attributes,
            kernel: self.resolution >> DEPTH,
            stride: 1,
            padding: 0,
            bias: false,
        };
        let classifier = (self.n_attributes > 0).then(|| Conv::new(whole, init));
        Discriminator { conv, adversarial, classifier }
    }
}

/// Six k4 s2 convolutions with leaky ReLU and no norm (so that every image in a batch stands alone, as WGAN-GP needs),
/// then two heads.
#[derive(Module, Debug)]
pub struct Discriminator {
    conv: Vec<Conv>,
    adversarial: Conv,
    classifier: Option<Conv>,
}

/// What D says of a batch.
pub struct Verdict {
    /// Patch scores, `[b, 1, R/64, R/64]`; higher is more real.
    pub scores: Tensor<4>,
    /// Attribute logits, `[b, n_c]`; absent without attributes.
    pub logits: Option<Tensor<2>>,
}

impl Discriminator {
    /// The same network, whose first `layers` convolutions no longer learn.
    #[must_use]
    pub fn freeze(mut self, layers: usize) -> Self {
        self.conv =
            self.conv.into_iter().enumerate().map(|(i, conv)| if i < layers { conv.no_grad() } else { conv }).collect();
        self
    }

    /// `[b, 3, R, R]` in [−1, 1] → scores and logits.
    pub fn forward(&self, picture: Tensor<4>) -> Verdict {
        let features = self.conv.iter().fold(picture, |x, conv| conv.forward_leaky(x, LEAKY_SLOPE));
        let logits = self.classifier.as_ref().map(|classifier| {
            let logits = classifier.forward(features.clone());
            let [batch, attributes, ..] = logits.dims();
            logits.reshape([batch, attributes])
        });
        Verdict { scores: self.adversarial.forward(features), logits }
    }

    /// ∂ΣD(x̂)/∂x̂ `[b, 3, R, R]` of the summed patch scores, as a graph of its own: forward once to learn on which side
    /// of zero every activation lies, then back through the same weights. D is piecewise linear in x̂, so those sides
    /// are constants almost everywhere and ordinary first-order autodiff of this graph gives the exact gradient of the
    /// gradient penalty.
    pub fn input_gradient(&self, picture: Tensor<4>) -> Tensor<4> {
        let mut x = picture.inner();
        let mut outputs = Vec::with_capacity(DEPTH);
        for conv in &self.conv {
            x = conv.forward_frozen_leaky(x, LEAKY_SLOPE);
            outputs.push(x.clone());
        }
        let [batch, _, height, width] = x.dims();
        let ones = Tensor::full([batch, 1, height, width], INPUT_GRADIENT_SCALE, &x.device());
        let mut gradient = self.adversarial.input_gradient(ones);
        for (conv, output) in self.conv.iter().zip(outputs).rev() {
            gradient = conv.input_gradient(kernels::gate(gradient, output, LEAKY_SLOPE));
        }
        gradient.cast(FloatDType::F32) / INPUT_GRADIENT_SCALE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::ComputeDevice;
    use crate::model::parameters::count_parameters;

    #[test]
    fn heads_have_their_shapes_at_every_resolution() {
        let compute = ComputeDevice::cpu();
        for (resolution, patches) in [(64, 1), (128, 2), (256, 4), (512, 8)] {
            let config = DiscriminatorConfig { resolution, width: 2, n_attributes: 3 };
            let discriminator = config.init(&mut Init::new(1, &compute));
            let verdict = discriminator.forward(Tensor::ones([2, 3, resolution, resolution], &compute.device));
            assert_eq!(verdict.scores.dims(), [2, 1, patches, patches]);
            assert_eq!(verdict.logits.map(|logits| logits.dims()), Some([2, 3]));
        }
    }

    #[test]
    fn the_paper_s_discriminator_has_its_parameter_count() {
        let config = DiscriminatorConfig { resolution: 128, width: 64, n_attributes: 5 };
        let discriminator = config.init(&mut Init::new(1, &ComputeDevice::cpu()));
        assert_eq!(count_parameters(&discriminator), 44_762_048);
    }
}
