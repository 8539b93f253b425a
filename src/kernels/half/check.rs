//! Whether convolutions may go by rule on a device: small ones must have given there what the CPU gives.

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use crate::kernels::trial::{Trial, distance, read, wave};
use crate::kernels::{Activation, Convolution, Direction, twin};

/// How far the results may be from those of the CPU, of their size; they have 11 bits.
const TOLERANCE: f64 = 5e-3;

/// 0 lets Burn choose by autotuning, 1 goes by rule without a trial.
static TRIAL: Trial = Trial::new("SCGAN_CONVOLUTIONS_BY_RULE", "half-precision convolutions by rule");

/// Whether a GPU passed. The first call for each tries.
pub(super) fn passed(device: &Device) -> bool {
    TRIAL.passed(device, |device| CASES.iter().all(|case| is_right(*case, device)))
}

/// A convolution of two images, `[2, inputs, side, side]`.
#[derive(Clone, Copy)]
struct Case {
    convolution: Convolution,
    inputs: usize,
    outputs: usize,
    side: usize,
}

const fn case(direction: Direction, kernel: usize, stride: usize, inputs: usize, outputs: usize) -> Case {
    Case { convolution: Convolution { kernel, stride, padding: 1, direction }, inputs, outputs, side: 8 }
}

/// The ways there are: pixels as they are and repeated, halving and the doubling that turns it back; of channels that
/// matrix units take as they come, and of a picture's three.
const CASES: [Case; 3] = [
    case(Direction::Upsampling, 3, 1, 16, 16),
    case(Direction::Forward, 4, 2, 3, 16),
    case(Direction::Transposed, 4, 2, 16, 8),
];

fn is_right(case: Case, device: &Device) -> bool {
    let (Some(found), Some(expected)) = (results(case, device, true), results(case, &Device::flex(), false)) else {
        return false;
    };
    found.iter().zip(&expected).all(|(found, expected)| distance(found, expected) < TOLERANCE)
}

/// Output, and gradients at x and the weight, in f16 by rule or in f32.
fn results(case: Case, device: &Device, by_rule: bool) -> Option<[Vec<f32>; 3]> {
    let Case { convolution, inputs, outputs, side } = case;
    let device = device.clone().autodiff();
    let tensor = |shape: [usize; 4], pace: f32| {
        // Exact in f16, so both compute with the same numbers.
        let values = wave(shape.iter().product(), pace).into_iter().map(|value| half::f16::from_f32(value).to_f32());
        Tensor::<4>::from_data(TensorData::new(values.collect::<Vec<f32>>(), shape), &device)
    };
    let k = convolution.kernel;
    let kernel_shape = match convolution.direction {
        Direction::Transposed => [inputs, outputs, k, k],
        Direction::Forward | Direction::Upsampling => [outputs, inputs, k, k],
    };
    let (x, weight) = (tensor([2, inputs, side, side], 0.7).require_grad(), tensor(kernel_shape, 0.3).require_grad());
    let y = if by_rule {
        super::convolve(x.clone().cast(FloatDType::F16), weight.clone(), convolution).cast(FloatDType::F32)
    } else {
        twin::convolve(x.clone(), weight.clone(), None, convolution, Activation::None)
    };
    let gradients = (y.clone() * tensor(y.dims(), 1.1).inner()).sum().backward();
    let flat = |tensor: Tensor<4>| read(vec![tensor.flatten::<1>(0, 3)]);
    Some([flat(y.inner())?, flat(x.grad(&gradients)?)?, flat(weight.grad(&gradients)?)?])
}
