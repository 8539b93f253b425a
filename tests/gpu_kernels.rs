//! The convolutions of half precision on a GPU against f32 on the CPU, forward and backward, on random shapes and on
//! those of the full-size networks. Without a GPU that has matrix units it says so and passes.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use burn::tensor::{Device, FloatDType, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use scgan::gpu::{self, ConvPrecision, DeviceChoice};
use scgan::kernels::{Activation, Convolution, Direction, convolve, convolves_by_rule, twin};

/// Random shapes; every new one costs the GPU's driver about a second.
const CASES: usize = 24;
/// Of the size of what is expected: the results have 11 bits.
const TOLERANCE: f64 = 2e-3;

#[derive(Clone, Copy, Debug)]
struct Case {
    convolution: Convolution,
    batch: usize,
    inputs: usize,
    outputs: usize,
    height: usize,
    width: usize,
}

impl Case {
    fn random(rng: &mut Pcg64Mcg) -> Self {
        let convolution = match rng.random_range(0..6) {
            0 => Convolution::forward(1, 1, 0),
            1 => Convolution::forward(4, 2, 1),
            2 => Convolution::transposed(4, 2, 1),
            3 => Convolution::upsampling(),
            4 => Convolution::transposed(3, 1, 1),
            _ => Convolution::forward(3, 1, 1),
        };
        // The halving convolutions of the networks meet even sides only.
        let mut side = || 2 * rng.random_range(1..12);
        let (height, width) = (side(), side());
        let mut channels = || if rng.random() { rng.random_range(1..40) } else { 8 * rng.random_range(1..12) };
        let (inputs, outputs) = (channels(), channels());
        Self { convolution, batch: rng.random_range(1..6), inputs, outputs, height, width }
    }

    fn network(convolution: Convolution, batch: usize, inputs: usize, outputs: usize, side: usize) -> Self {
        Self { convolution, batch, inputs, outputs, height: side, width: side }
    }

    fn weight_shape(&self) -> [usize; 4] {
        let k = self.convolution.kernel;
        match self.convolution.direction {
            Direction::Transposed => [self.inputs, self.outputs, k, k],
            Direction::Forward | Direction::Upsampling => [self.outputs, self.inputs, k, k],
        }
    }
}

fn random(rng: &mut Pcg64Mcg, shape: [usize; 4], scale: f32) -> TensorData {
    let values = (0..shape.iter().product()).map(|_| {
        // Exact in f16, so that both sides compute with the same numbers.
        half::f16::from_f32(rng.random_range(-1.0..1.0) * scale).to_f32()
    });
    TensorData::new(values.collect::<Vec<f32>>(), shape)
}

fn distance(found: Tensor<4>, expected: Tensor<4>) -> f64 {
    assert_eq!(found.dims(), expected.dims());
    let values = |tensor: Tensor<4>| tensor.cast(FloatDType::F32).into_data().try_into_vec::<f32>().unwrap();
    let (found, expected) = (values(found), values(expected));
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let apart = norm(&mut found.iter().zip(&expected).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    apart / norm(&mut expected.iter().map(|value| f64::from(*value))).max(1e-9)
}

/// Output and gradients at x and the weight.
fn run(case: Case, [x, weight, gradient]: &[TensorData; 3], device: &Device, half: bool) -> [Tensor<4>; 3] {
    let device = device.clone().autodiff();
    let there = |data: &TensorData| {
        let tensor = Tensor::<4>::from_data(data.clone(), &device);
        if half { tensor.cast(FloatDType::F16) } else { tensor }
    };
    let (x, weight) = (there(x).require_grad(), there(weight).require_grad());
    let run = if half { convolve } else { twin::convolve };
    let y = run(x.clone(), weight.clone(), None, case.convolution, Activation::None);
    let gradients = (y.clone() * there(gradient)).cast(FloatDType::F32).sum().backward();
    [y.inner(), x.grad(&gradients).unwrap(), weight.grad(&gradients).unwrap()]
}

#[test]
fn half_precision_convolutions_are_those_of_the_cpu() {
    if !convolves_by_rule() {
        return println!("skipped: SCGAN_CONVOLUTIONS_BY_RULE is 0");
    }
    let compute = match gpu::open(DeviceChoice::Gpu(None)) {
        Ok(compute) if compute.conv == ConvPrecision::Half => compute,
        Ok(compute) => return println!("skipped: {} computes in full precision", compute.description),
        Err(error) => return println!("skipped: {error}"),
    };
    let seed = rand::random::<u64>();
    println!("{}, seed {seed}", compute.description);
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let (same, halving) = (Convolution::forward(3, 1, 1), Convolution::forward(4, 2, 1));
    let mut cases = vec![
        Case::network(same, 16, 512, 512, 16),
        Case::network(Convolution::upsampling(), 16, 64, 64, 64),
        Case::network(halving, 16, 64, 128, 64),
        Case::network(Convolution::transposed(4, 2, 1), 16, 1024, 512, 4),
        Case::network(halving, 64, 3, 64, 128),
        Case::network(same, 64, 64, 3, 64),
        // More patches than are written at a time.
        Case::network(same, 64, 64, 64, 128),
    ];
    cases.extend((0..CASES).map(|_| Case::random(&mut rng)));
    let mut worst = [0.0f64; 3];
    for case in cases {
        let products = (case.inputs * case.convolution.kernel.pow(2)) as f32;
        let x = random(&mut rng, [case.batch, case.inputs, case.height, case.width], 1.0);
        let weight = random(&mut rng, case.weight_shape(), 1.7 / products.sqrt());
        let (height, width) = (case.convolution.output_side(case.height), case.convolution.output_side(case.width));
        let gradient = random(&mut rng, [case.batch, case.outputs, height, width], 0.1);
        let data = [x, weight, gradient];
        let found = run(case, &data, &compute.device, true);
        let expected = run(case, &data, &Device::flex(), false);
        let names = ["output", "gradient at x", "gradient at the weight"];
        for (((name, found), expected), worst) in names.into_iter().zip(found).zip(expected).zip(&mut worst) {
            let distance = distance(found, expected);
            assert!(distance < TOLERANCE, "{case:?}: the {name} is off by {distance:.1e}");
            *worst = worst.max(distance);
        }
    }
    println!(
        "output, gradients at x and the weight are off by at most {:.1e} {:.1e} {:.1e}",
        worst[0], worst[1], worst[2]
    );
}
