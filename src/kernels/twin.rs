//! The kernels in Burn's own operations: what every other device and precision runs, and what the kernels are tested
//! against.

use burn::tensor::activation::{leaky_relu, log_softmax, relu};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{FloatDType, Tensor};

use super::adam::{AdamStep, Moments};
use super::{Activation, Affine, Convolution, Direction};

/// Epsilon of every InstanceNorm.
const EPSILON: f32 = 1e-5;

/// Twin of [`super::convolve`].
pub fn convolve(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    convolution: Convolution,
    activation: Activation,
) -> Tensor<4> {
    let Convolution { kernel: _, stride, padding, direction } = convolution;
    let forward = || ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
    let y = match direction {
        Direction::Forward => conv2d(x, weight, bias, forward()),
        Direction::Upsampling => conv2d(upsample_nearest(x), weight, bias, forward()),
        Direction::Transposed => {
            let options = ConvTransposeOptions::new([stride; 2], [padding; 2], [0, 0], [1, 1], 1);
            conv_transpose2d(x, weight, bias, options)
        }
    };
    match activation {
        Activation::None => y,
        Activation::LeakyRelu(slope) => leaky_relu(y, f64::from(slope)),
    }
}

/// Twin of [`super::instance_norm`].
pub fn instance_norm(x: Tensor<4>, affine: Affine, residual: Option<Tensor<4>>, with_relu: bool) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch, channels, height * width]);
    let centred = x.clone() - x.mean_dim(2);
    let variance = centred.clone().powi_scalar(2).mean_dim(2);
    let scale = affine.scale.reshape([1, channels, 1]) / (variance + EPSILON).sqrt();
    let y = centred * scale + affine.shift.reshape([1, channels, 1]);
    let y = y.reshape([batch, channels, height, width]);
    let y = match residual {
        Some(residual) if residual.dims()[2] == height => y + residual,
        Some(residual) => y + upsample_nearest(residual),
        None => y,
    };
    if with_relu { relu(y) } else { y }
}

/// Twin of [`super::biased_leaky`].
pub fn biased_leaky(x: Tensor<4>, bias: Tensor<1>, slope: f32) -> Tensor<4> {
    let channels = bias.dims()[0];
    let y = x.cast(FloatDType::F32) + bias.reshape([1, channels, 1, 1]);
    leaky_relu(y, f64::from(slope)).cast(FloatDType::F16)
}

/// Twin of [`super::label_entropy`].
pub fn label_entropy(logits: Tensor<4>, targets: Tensor<4>) -> Tensor<1> {
    (log_softmax(logits, 1) * targets).sum().neg()
}

/// Twin of [`super::gate`].
pub fn gate(x: Tensor<4>, by: Tensor<4>, slope: f32) -> Tensor<4> {
    let to = FloatDType::from(x.dtype());
    let factor = Tensor::<4>::ones(by.dims(), &by.device()).mask_fill(by.lower_elem(0.0), slope);
    (x.cast(FloatDType::F32) * factor).cast(to)
}

/// Twin of [`super::adam`].
pub fn adam(value: Tensor<1>, gradient: Tensor<1>, moments: Moments, step: AdamStep) -> (Tensor<1>, Moments) {
    let AdamStep { beta1, beta2, rate, root, epsilon, scale } = step;
    let gradient = gradient / scale;
    let square = gradient.clone().powi_scalar(2);
    let first = moments.first * beta1 + gradient * (1.0 - beta1);
    let second = moments.second * beta2 + square * (1.0 - beta2);
    let change = first.clone() / (second.clone().sqrt() / root + epsilon) * rate;
    (value - change, Moments { first, second })
}

/// Twin of [`super::averages`].
pub fn averages(rows: Vec<[Tensor<1>; 2]>, decay: f64) -> Vec<Tensor<1>> {
    rows.into_iter().map(|[average, value]| average * decay + value * (1.0 - decay)).collect()
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
