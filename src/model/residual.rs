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
        let x = self.conv1.operand(x);
        let y = self.conv1.forward_normed(x.clone(), Normed::with(&self.norm1).relu().convolved());
        self.end(y, self.skip(x))
    }

    /// How many channels the input has.
    pub(super) fn input_channels(&self) -> usize {
        self.conv1.weight.val().dims()[1]
    }

    /// What the convolutions at the beginning of both paths make of some channels of the input, those from channel `first`
    /// on; see [`Conv::contribution`].
    pub(super) fn enter(&self, x: Tensor<4>, first: usize, with_bias: bool) -> [Tensor<4>; 2] {
        [self.conv1.contribution(x.clone(), first, with_bias), self.skip.contribution(x, first, with_bias)]
    }

    /// The rest of the block, from what those convolutions make of the whole input.
    pub(super) fn finish(&self, [main, skip]: [Tensor<4>; 2]) -> Tensor<4> {
        self.end(self.norm1.forward_relu(main), skip)
    }

    fn end(&self, y: Tensor<4>, skip: Tensor<4>) -> Tensor<4> {
        self.conv2.forward_upsampled_normed(y, Normed::with(&self.norm2).plus(skip).relu())
    }

    /// The skip path before it is enlarged, `[b, i, h, w] → [b, o, h, w]`.
    pub(super) fn skip(&self, x: Tensor<4>) -> Tensor<4> {
        // A 1×1 convolution commutes with repeating pixels, and before it there are four times fewer of them.
        self.skip.forward(x)
    }

    /// Weight of the skip path, `[o, i]`.
    pub(super) fn skip_weight(&self) -> Tensor<2> {
        let weight = self.skip.weight.val();
        let [output, input, ..] = weight.dims();
        weight.reshape([output, input])
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
        let y = self.conv1.forward_normed(x.clone(), Normed::with(&self.norm1).relu().convolved());
        self.conv2.forward_normed(y, Normed::with(&self.norm2).plus(x))
    }
}
