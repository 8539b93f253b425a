//! The residual blocks of generator and segmentor.

use burn::module::Module;
use burn::tensor::Tensor;

use super::init::Init;
use super::layers::{Conv, ConvShape, InstanceNorm, Normed};

/// RESBLKUP(i→o): conv3, IN, ReLU, nearest ×2, conv3, IN; plus nearest ×2, conv1; ReLU of the sum.
#[derive(Module, Debug)]
pub struct ResBlockUp {
    conv1: Conv,
    norm1: InstanceNorm,
    conv2: Conv,
    norm2: InstanceNorm,
    skip: Conv,
}

impl ResBlockUp {
    /// From `input` to `output` channels.
    pub fn new(input: usize, output: usize, init: &mut Init) -> Self {
        Self {
            conv1: Conv::new(ConvShape::same(input, output, 3, true), init),
            norm1: InstanceNorm::new(output, init),
            conv2: Conv::new(ConvShape::same(output, output, 3, true), init),
            norm2: InstanceNorm::new(output, init),
            skip: Conv::new(ConvShape::same(input, output, 1, true), init),
        }
    }

    /// `[b, i, h, w] → [b, o, 2h, 2w]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.conv1.forward_normed(x.clone(), Normed::with(&self.norm1).relu());
        // A 1×1 convolution commutes with repeating pixels, and before it there are four times fewer of them.
        let skip = self.skip.forward(x);
        self.conv2.forward_upsampled_normed(y, Normed::with(&self.norm2).plus(skip).relu())
    }
}

/// The segmentor's block: conv3, IN, ReLU, conv3, IN, plus the input; convolutions without bias.
#[derive(Module, Debug)]
pub struct ResBlock {
    conv1: Conv,
    norm1: InstanceNorm,
    conv2: Conv,
    norm2: InstanceNorm,
}

impl ResBlock {
    /// At `channels` in and out.
    pub fn new(channels: usize, init: &mut Init) -> Self {
        Self {
            conv1: Conv::new(ConvShape::same(channels, channels, 3, false), init),
            norm1: InstanceNorm::new(channels, init),
            conv2: Conv::new(ConvShape::same(channels, channels, 3, false), init),
            norm2: InstanceNorm::new(channels, init),
        }
    }

    /// `[b, c, h, w] → [b, c, h, w]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.conv1.forward_normed(x.clone(), Normed::with(&self.norm1).relu());
        self.conv2.forward_normed(y, Normed::with(&self.norm2).plus(x))
    }
}
