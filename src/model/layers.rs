//! The layers all networks are made of, with f32 parameters and f16 arithmetic in the convolutions where the device
//! wants it.

use burn::module::{Module, Param};
use burn::tensor::{FloatDType, Tensor};

use super::init::Init;
use crate::gpu::ConvPrecision;
use crate::kernels::{self, Activation, Affine, Convolution};

/// A convolution and what follows it. At half precision its operands are cast to f16, and its result back to f32; but not
/// behind an activation, where another convolution comes next. Bias and activation are computed in f32.
fn convolve(
    precision: ConvPrecision,
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    convolution: Convolution,
    activation: Activation,
) -> Tensor<4> {
    if precision == ConvPrecision::Full {
        return kernels::convolve(x, weight, bias, convolution, activation);
    }
    let y = kernels::convolve(x.cast(FloatDType::F16), weight, None, convolution, Activation::None);
    let channels = y.dims()[1];
    match (activation, bias) {
        (Activation::LeakyRelu(slope), bias) => {
            let bias = bias.unwrap_or_else(|| Tensor::zeros([channels], &y.device()));
            kernels::biased_leaky(y, bias, slope)
        }
        (Activation::None, Some(bias)) => y.cast(FloatDType::F32) + bias.reshape([1, channels, 1, 1]),
        (Activation::None, None) => y.cast(FloatDType::F32),
    }
}

/// A convolution and the norm after it, [`kernels::convolve_norm`].
fn convolve_norm(
    precision: ConvPrecision,
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    convolution: Convolution,
    Normed { norm, residual, relu, convolved }: Normed,
) -> Tensor<4> {
    if precision == ConvPrecision::Full {
        return kernels::convolve_norm(x, weight, bias, convolution, norm.affine(), residual, relu);
    }
    // The norm takes f16 as it comes, and takes the bias away again.
    let x = x.cast(FloatDType::F16);
    let y = kernels::convolve(x, weight, None, convolution, Activation::None);
    let to = if convolved { FloatDType::F16 } else { FloatDType::F32 };
    kernels::instance_norm_to(y, norm.affine(), residual, relu, to)
}

/// What follows a convolution that is normalised.
pub struct Normed<'a> {
    norm: &'a InstanceNorm,
    residual: Option<Tensor<4>>,
    relu: bool,
    convolved: bool,
}

impl<'a> Normed<'a> {
    /// The norm alone.
    pub fn with(norm: &'a InstanceNorm) -> Self {
        Self { norm, residual: None, relu: false, convolved: false }
    }

    /// Adds `[b, o, h', w']` after the norm, or `[b, o, h'/2, w'/2]` with every pixel repeated 2×2.
    pub fn plus(self, residual: Tensor<4>) -> Self {
        Self { residual: Some(residual), ..self }
    }

    /// ReLU at the end.
    pub fn relu(self) -> Self {
        Self { relu: true, ..self }
    }

    /// For what goes into convolutions only: at half precision the result is f16, as they want it.
    pub fn convolved(self) -> Self {
        Self { convolved: true, ..self }
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
        self.run(x, self.weight.val(), self.bias_value(), Activation::None)
    }

    /// What some channels of an input contribute to the output, `x` being those from channel `first` on: convolutions are
    /// linear, so the contributions of all channels add up to it. The bias must come with one of them only.
    pub(super) fn contribution(&self, x: Tensor<4>, first: usize, with_bias: bool) -> Tensor<4> {
        let weight = self.weight.val();
        let [output, _, height, width] = weight.dims();
        let weight = weight.slice([0..output, first..first + x.dims()[1], 0..height, 0..width]);
        self.run(x, weight, self.bias_value().filter(|_| with_bias), Activation::None)
    }

    /// x as the convolution takes it: f16 at half precision. For an input of several convolutions.
    pub(super) fn operand(&self, x: Tensor<4>) -> Tensor<4> {
        match self.precision {
            ConvPrecision::Full => x,
            ConvPrecision::Half => x.cast(FloatDType::F16),
        }
    }

    /// [`Conv::forward`] and then a leaky ReLU; f16 at half precision.
    pub fn forward_leaky(&self, x: Tensor<4>, slope: f32) -> Tensor<4> {
        self.run(x, self.weight.val(), self.bias_value(), Activation::LeakyRelu(slope))
    }

    /// [`Conv::forward`] and what follows.
    pub fn forward_normed(&self, x: Tensor<4>, then: Normed) -> Tensor<4> {
        convolve_norm(self.precision, x, self.weight.val(), self.bias_value(), self.convolution(), then)
    }

    /// Repeats every pixel 2×2, then as [`Conv::forward_normed`]. For k3 p1 only.
    pub fn forward_upsampled_normed(&self, x: Tensor<4>, then: Normed) -> Tensor<4> {
        convolve_norm(self.precision, x, self.weight.val(), self.bias_value(), Convolution::upsampling(), then)
    }

    /// As [`Conv::forward_leaky`], but no gradient reaches the parameters.
    pub fn forward_frozen_leaky(&self, x: Tensor<4>, slope: f32) -> Tensor<4> {
        let bias = self.bias_value().map(Tensor::inner);
        self.run(x, self.weight.val().inner(), bias, Activation::LeakyRelu(slope))
    }

    /// The transposed map: from the gradient at the output to the gradient at the input,
    /// `[b, o, h', w'] → [b, i, h, w]`, f16 at half precision. Differentiable in the weight, which is what the gradient
    /// penalty needs.
    pub fn input_gradient(&self, gradient: Tensor<4>) -> Tensor<4> {
        let [_, _, kernel, _] = self.weight.val().dims();
        let transposed = Convolution::transposed(kernel, self.stride, self.padding);
        kernels::convolve(self.operand(gradient), self.weight.val(), None, transposed, Activation::None)
    }

    fn convolution(&self) -> Convolution {
        let [_, _, kernel, _] = self.weight.val().dims();
        Convolution::forward(kernel, self.stride, self.padding)
    }

    fn bias_value(&self) -> Option<Tensor<1>> {
        self.bias.as_ref().map(|bias| bias.val())
    }

    fn run(&self, x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, activation: Activation) -> Tensor<4> {
        convolve(self.precision, x, weight, bias, self.convolution(), activation)
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

    /// `[b, i, h, w] → [b, o, 2h, 2w]`, and what follows.
    pub fn forward_normed(&self, x: Tensor<4>, then: Normed) -> Tensor<4> {
        convolve_norm(self.precision, x, self.weight.val(), None, Convolution::transposed(4, 2, 1), then)
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

    /// Norm, then ReLU; `[b, c, h, w] → [b, c, h, w]`.
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        kernels::instance_norm(x, self.affine(), None, true)
    }

    fn affine(&self) -> Affine {
        Affine { scale: self.weight.val(), shift: self.bias.val() }
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

/// Repeats a vector over a grid, `[b, n] → [b, n, side, side]`.
pub fn tile(x: Tensor<2>, side: usize) -> Tensor<4> {
    let [batch, channels] = x.dims();
    x.reshape([batch, channels, 1, 1]).expand([batch, channels, side, side])
}
