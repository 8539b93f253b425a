//! The layers all networks are made of, with f32 parameters and f16 arithmetic in the convolutions where the device
//! wants it.

use burn::module::{Module, Param};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{FloatDType, Tensor};

use super::init::Init;
use crate::gpu::ConvPrecision;

/// Epsilon of every InstanceNorm.
const NORM_EPS: f32 = 1e-5;

/// Runs a convolution on operands cast to f16 and casts its result back, or leaves everything f32.
fn in_precision(
    conv: ConvPrecision,
    x: Tensor<4>,
    weight: Tensor<4>,
    run: impl FnOnce(Tensor<4>, Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    match conv {
        ConvPrecision::Full => run(x, weight),
        ConvPrecision::Half => run(x.cast(FloatDType::F16), weight.cast(FloatDType::F16)).cast(FloatDType::F32),
    }
}

/// Shape of a square convolution.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// Input channels.
    pub input: usize,
    /// Output channels.
    pub output: usize,
    /// Side of the kernel in px.
    pub kernel: usize,
    /// Step in px.
    pub stride: usize,
    /// Zeros added on every side, in px.
    pub padding: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

impl ConvShape {
    /// k4 s2 p1: halves the side (or doubles it, transposed).
    pub fn halving(input: usize, output: usize, bias: bool) -> Self {
        Self { input, output, kernel: 4, stride: 2, padding: 1, bias }
    }

    /// An odd kernel that keeps the side.
    pub fn same(input: usize, output: usize, kernel: usize, bias: bool) -> Self {
        Self { input, output, kernel, stride: 1, padding: kernel / 2, bias }
    }
}

/// A square convolution, `[b, i, h, w] → [b, o, h', w']`.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[o, i, k, k]`.
    pub weight: Param<Tensor<4>>,
    /// `[o]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    padding: usize,
    #[module(skip)]
    precision: ConvPrecision,
}

impl Conv {
    /// Xavier-uniform weight, zero bias.
    pub fn new(shape: ConvShape, init: &mut Init) -> Self {
        let ConvShape { input, output, kernel, stride, padding, bias } = shape;
        let area = kernel * kernel;
        Self {
            weight: init.xavier([output, input, kernel, kernel], input * area, output * area),
            bias: bias.then(|| init.constant(0.0, [output])),
            stride,
            padding,
            precision: init.compute().conv,
        }
    }

    /// `[b, i, h, w] → [b, o, h', w']`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.run(x, self.weight.val(), self.bias.as_ref().map(|bias| bias.val()))
    }

    /// What some channels of an input contribute to the output, `x` being those from channel `first` on: convolutions are
    /// linear, so the contributions of all channels add up to it. The bias must come with one of them only.
    pub(super) fn contribution(&self, x: Tensor<4>, first: usize, with_bias: bool) -> Tensor<4> {
        let weight = self.weight.val();
        let [output, _, height, width] = weight.dims();
        let weight = weight.slice([0..output, first..first + x.dims()[1], 0..height, 0..width]);
        self.run(x, weight, self.bias.as_ref().filter(|_| with_bias).map(|bias| bias.val()))
    }

    /// As [`Conv::forward`], but no gradient reaches the parameters.
    pub fn forward_frozen(&self, x: Tensor<4>) -> Tensor<4> {
        self.run(x, self.weight.val().inner(), self.bias.as_ref().map(|bias| bias.val().inner()))
    }

    /// The transposed map: from the gradient at the output to the gradient at the input,
    /// `[b, o, h', w'] → [b, i, h, w]`. Differentiable in the weight, which is what the gradient penalty needs.
    pub fn input_gradient(&self, gradient: Tensor<4>) -> Tensor<4> {
        let options =
            ConvTransposeOptions::new([self.stride, self.stride], [self.padding, self.padding], [0, 0], [1, 1], 1);
        in_precision(self.precision, gradient, self.weight.val(), |gradient, weight| {
            conv_transpose2d(gradient, weight, None, options)
        })
    }

    fn run(&self, x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>) -> Tensor<4> {
        let options = ConvOptions::new([self.stride, self.stride], [self.padding, self.padding], [1, 1], 1);
        match (self.precision, bias) {
            (ConvPrecision::Full, bias) => conv2d(x, weight, bias, options),
            (ConvPrecision::Half, bias) => {
                let y = in_precision(self.precision, x, weight, |x, weight| conv2d(x, weight, None, options));
                match bias {
                    Some(bias) => {
                        let channels = bias.dims()[0];
                        y + bias.reshape([1, channels, 1, 1])
                    }
                    None => y,
                }
            }
        }
    }
}

/// A transposed convolution k4 s2 p1 without bias that doubles the side, `[b, i, h, w] → [b, o, 2h, 2w]`.
#[derive(Module, Debug)]
pub struct Deconv {
    /// `[i, o, 4, 4]`.
    pub weight: Param<Tensor<4>>,
    #[module(skip)]
    precision: ConvPrecision,
}

impl Deconv {
    /// Xavier-uniform weight.
    pub fn new(input: usize, output: usize, init: &mut Init) -> Self {
        let weight = init.xavier([input, output, 4, 4], input * 16, output * 16);
        Self { weight, precision: init.compute().conv }
    }

    /// `[b, i, h, w] → [b, o, 2h, 2w]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        in_precision(self.precision, x, self.weight.val(), |x, weight| {
            conv_transpose2d(x, weight, None, ConvTransposeOptions::new([2, 2], [1, 1], [0, 0], [1, 1], 1))
        })
    }
}

/// Affine InstanceNorm over the pixels of each channel of each image, eps 1e-5.
#[derive(Module, Debug)]
pub struct InstanceNorm {
    /// Scale, `[c]`.
    pub weight: Param<Tensor<1>>,
    /// Shift, `[c]`.
    pub bias: Param<Tensor<1>>,
}

impl InstanceNorm {
    /// Scale one, shift zero.
    pub fn new(channels: usize, init: &mut Init) -> Self {
        Self { weight: init.constant(1.0, [channels]), bias: init.constant(0.0, [channels]) }
    }

    /// `[b, c, h, w] → [b, c, h, w]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let x = x.reshape([batch, channels, height * width]);
        let centred = x.clone() - x.mean_dim(2);
        let variance = centred.clone().powi_scalar(2).mean_dim(2);
        let scale = self.weight.val().reshape([1, channels, 1]) / (variance + NORM_EPS).sqrt();
        let y = centred * scale + self.bias.val().reshape([1, channels, 1]);
        y.reshape([batch, channels, height, width])
    }
}

/// A fully connected layer, `[b, i] → [b, o]`.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[o, i]`.
    pub weight: Param<Tensor<2>>,
    /// `[o]`.
    pub bias: Param<Tensor<1>>,
}

impl Linear {
    /// Xavier-uniform weight, zero bias.
    pub fn new(input: usize, output: usize, init: &mut Init) -> Self {
        Self { weight: init.xavier([output, input], input, output), bias: init.constant(0.0, [output]) }
    }

    /// `[b, i] → [b, o]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let outputs = self.bias.val().dims()[0];
        x.matmul(self.weight.val().transpose()) + self.bias.val().reshape([1, outputs])
    }
}

/// Doubles both sides by repeating pixels, `[b, c, h, w] → [b, c, 2h, 2w]`. Written as a broadcast because Burn's
/// `Interpolate2d` is several times slower forward and backward.
pub fn upsample_nearest(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch * channels, height, 1, width, 1]).expand([batch * channels, height, 2, width, 2]).reshape([
        batch,
        channels,
        2 * height,
        2 * width,
    ])
}

/// Repeats a vector over a grid, `[b, n] → [b, n, side, side]`.
pub fn tile(x: Tensor<2>, side: usize) -> Tensor<4> {
    let [batch, channels] = x.dims();
    x.reshape([batch, channels, 1, 1]).expand([batch, channels, side, side])
}
