//! The kernels of GPUs against Burn's own operations in f32 on the CPU, forward and backward, on random shapes and on
//! those of the full-size networks. Without a GPU (with matrix units, for the convolutions) they say so and pass.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use burn::tensor::{Device, FloatDType, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use scgan::gpu::{self, ConvPrecision, DeviceChoice};
use scgan::kernels::{
    Activation, AdamStep, Affine, Convolution, Direction, Moments, Weight, adam_all, averages, biased_leaky, convolve,
    convolves_by_rule, fuses, gate, instance_norm_to, label_entropy, twin,
};

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
    let x = there(x).require_grad();
    let weight = Tensor::<4>::from_data(weight.clone(), &device).require_grad();
    let run = if half { convolve } else { twin::convolve };
    let y = run(x.clone(), weight.clone(), None, case.convolution, Activation::None);
    let gradients = (y.clone() * there(gradient)).cast(FloatDType::F32).sum().backward();
    [y.inner(), x.grad(&gradients).unwrap(), weight.grad(&gradients).unwrap()]
}

#[test]
fn half_precision_convolutions_are_those_of_the_cpu() {
    let compute = match gpu::open(DeviceChoice::Gpu(None)) {
        Ok(compute) if compute.conv == ConvPrecision::Half => compute,
        Ok(compute) => return println!("skipped: {} computes in full precision", compute.description),
        Err(error) => return println!("skipped: {error}"),
    };
    if !convolves_by_rule(&compute.device) {
        // A wrong result would hide behind a rule that is merely not used.
        assert!(
            std::env::var_os("SCGAN_CONVOLUTIONS_BY_RULE").is_some(),
            "{}: convolutions by rule fail there",
            compute.description
        );
        return println!("skipped: SCGAN_CONVOLUTIONS_BY_RULE is 0");
    }
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

/// A norm and what follows it.
#[derive(Clone, Copy, Debug)]
struct NormCase {
    shape: [usize; 4],
    /// Side of the picture over that of the residual, if there is one.
    residual: Option<usize>,
    relu: bool,
    /// Input, output.
    half: [bool; 2],
    /// Whether the input has its channels last in memory, as convolutions leave them.
    channels_last: bool,
}

impl NormCase {
    fn random(rng: &mut Pcg64Mcg) -> Self {
        let residual = [None, Some(1), Some(2)][rng.random_range(0..3)];
        let mut side = || rng.random_range(1..40) * residual.unwrap_or(1);
        let (height, width) = (side(), side());
        let shape = [rng.random_range(1..65), rng.random_range(1..40), height, width];
        let half = [rng.random(), rng.random()];
        Self { shape, residual, relu: rng.random(), half, channels_last: rng.random() }
    }
}

/// Output and gradients at x, the residual, scale and shift.
fn run_norm(
    case: NormCase,
    pictures: &[TensorData; 3],
    rows: &[TensorData; 2],
    device: &Device,
    ours: bool,
) -> Vec<Tensor<4>> {
    let device = device.clone().autodiff();
    let picture = |data: &TensorData| Tensor::<4>::from_data(data.clone(), &device);
    let [leaf, residual, gradient] = pictures.each_ref().map(picture);
    let leaf = if case.channels_last && ours { in_memory_last(leaf) } else { leaf };
    let [x, residual] = [leaf, residual].map(Tensor::require_grad);
    let [scale, shift] = rows.each_ref().map(|row| Tensor::<1>::from_data(row.clone(), &device).require_grad());
    let affine = Affine { scale: scale.clone(), shift: shift.clone() };
    let added = case.residual.map(|_| residual.clone());
    let precision = |half: bool| if half { FloatDType::F16 } else { FloatDType::F32 };
    let y = if ours {
        // A gradient in every kind of number that it may come in.
        let [from, to] = case.half.map(precision);
        // A cast keeps the order in memory.
        let x = x.clone().cast(from);
        instance_norm_to(x, affine, added, case.relu, to).cast(FloatDType::F32)
    } else {
        twin::instance_norm(x.clone(), affine, added, case.relu)
    };
    let mut gradients = (y.clone() * gradient).sum().backward();
    let mut results = vec![y.inner()];
    results.extend(x.grad_remove(&mut gradients));
    results.extend(case.residual.and_then(|_| residual.grad_remove(&mut gradients)));
    for row in [scale, shift] {
        let channels = row.dims()[0];
        results.extend(row.grad_remove(&mut gradients).map(|row| row.reshape([1, channels, 1, 1])));
    }
    results
}

/// The same values with channels last in memory.
fn in_memory_last(x: Tensor<4>) -> Tensor<4> {
    let device = x.device();
    Tensor::<4>::from_data(x.inner().permute([0, 2, 3, 1]).into_data(), &device).permute([0, 3, 1, 2])
}

/// Fills memory that the next tensors of this size will probably get.
fn poison(shape: [usize; 4], device: &Device) {
    for _ in 0..4 {
        let tensor = Tensor::<4>::full(shape, f32::NAN, device);
        assert!(tensor.sum().into_data().try_into_vec::<f32>().unwrap()[0].is_nan());
    }
}

fn gpu_with_kernels() -> Option<gpu::ComputeDevice> {
    match gpu::open(DeviceChoice::Gpu(None)) {
        Ok(compute) if fuses(&compute.device) => {
            println!("{}", compute.description);
            Some(compute)
        }
        Ok(compute) => {
            // A wrong result would hide behind a kernel that is merely not used.
            assert!(
                std::env::var_os("SCGAN_FUSED_KERNELS").is_some(),
                "{}: the kernels fail there",
                compute.description
            );
            println!("skipped: SCGAN_FUSED_KERNELS is 0");
            None
        }
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

#[test]
fn norms_are_those_of_the_cpu() {
    let Some(compute) = gpu_with_kernels() else { return };
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let network =
        |shape, residual, channels_last| NormCase { shape, residual, relu: true, half: [true; 2], channels_last };
    let mut cases = vec![
        network([16, 64, 128, 128], Some(2), true),
        network([16, 64, 128, 128], Some(2), false),
        network([1, 512, 8, 8], None, true),
        network([64, 256, 16, 16], Some(1), true),
    ];
    cases.extend((0..60).map(|_| NormCase::random(&mut rng)));
    let mut worst = 0.0f64;
    for case in cases {
        let [batch, channels, height, width] = case.shape;
        let step = case.residual.unwrap_or(1);
        let x = random(&mut rng, case.shape, 2.0);
        let residual = random(&mut rng, [batch, channels, height / step, width / step], 1.0);
        let gradient = random(&mut rng, case.shape, 0.1);
        let rows = [(); 2].map(|()| random(&mut rng, [channels, 1, 1, 1], 1.0));
        let rows = rows.map(|row| TensorData::new(row.try_into_vec::<f32>().unwrap(), [channels]));
        let pictures = [x, residual, gradient];
        poison(case.shape, &compute.device);
        let found = run_norm(case, &pictures, &rows, &compute.device, true);
        let expected = run_norm(case, &pictures, &rows, &Device::flex(), false);
        assert_eq!(found.len(), expected.len());
        for (at, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            // The variance of a pixel is none, and a few pixels can be nearly equal: the slope there is up to 300.
            let few = height * width < 8;
            let tolerance = if few { 0.05 } else { TOLERANCE };
            let size = found.dims().iter().product::<usize>() as f64;
            let apart = distance(found, expected.clone());
            let none = expected.abs().max().into_data().try_into_vec::<f32>().unwrap()[0] < 1e-4;
            assert!(none || apart < tolerance, "{case:?}: result {at} of {size} values is off by {apart:.1e}");
            if !few && !none {
                worst = worst.max(apart);
            }
        }
    }
    println!("off by at most {worst:.1e}");
}

#[test]
fn norms_pass_nan_on() {
    let Some(compute) = gpu_with_kernels() else { return };
    let mut values = vec![0.5f32; 2 * 2 * 9];
    values[20] = f32::NAN;
    let x = Tensor::<4>::from_data(TensorData::new(values, [2, 2, 3, 3]), &compute.device);
    let row = || Tensor::<1>::ones([2], &compute.device);
    let y = instance_norm_to(x, Affine { scale: row(), shift: row() }, None, true, FloatDType::F32);
    let y = y.into_data().try_into_vec::<f32>().unwrap();
    let nan: Vec<usize> = (0..y.len()).filter(|at| y[*at].is_nan()).collect();
    assert_eq!(nan, (18..27).collect::<Vec<_>>());
}

/// A picture on a device, in either order in memory.
fn picture(data: &TensorData, device: &Device, channels_last: bool) -> Tensor<4> {
    let picture = Tensor::<4>::from_data(data.clone(), device);
    if channels_last { in_memory_last(picture) } else { picture }
}

#[test]
fn biases_with_leaky_relus_are_those_of_the_cpu() {
    let Some(compute) = gpu_with_kernels() else { return };
    if compute.conv != ConvPrecision::Half {
        return println!("skipped: {} computes in full precision", compute.description);
    }
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    for _ in 0..24 {
        let shape = [rng.random_range(1..9), rng.random_range(1..40), rng.random_range(1..30), rng.random_range(1..30)];
        let data = [(); 4].map(|()| random(&mut rng, shape, 1.0));
        let bias = random(&mut rng, [shape[1], 1, 1, 1], 1.0).try_into_vec::<f32>().unwrap();
        let (channels_last, learns) = (rng.random(), rng.random());
        poison(shape, &compute.device);
        let run = |device: &Device, ours: bool| {
            let device = device.clone().autodiff();
            let [x, other, by, gradient] = data.each_ref().map(|data| picture(data, &device, channels_last && ours));
            let half = |x: Tensor<4>| x.cast(FloatDType::F16);
            let (x, other) = (half(x).require_grad(), half(other).require_grad());
            let bias = on(&device, &bias);
            let bias = if learns { bias.require_grad() } else { bias };
            let (biased_leaky, gate): (fn(_, _, _) -> _, fn(_, _, _) -> _) =
                if ours { (biased_leaky, gate) } else { (twin::biased_leaky, twin::gate) };
            let y = biased_leaky(x.clone(), bias.clone(), 0.01f32);
            let gated = gate(other.clone(), half(by).inner(), 0.01f32);
            let sum = (y.clone() * half(gradient.clone())).cast(FloatDType::F32).sum()
                + (gated.clone() * half(gradient)).cast(FloatDType::F32).sum();
            let mut gradients = sum.backward();
            let mut results = vec![y.inner(), gated.inner()];
            results.extend([x, other].into_iter().filter_map(|of| of.grad_remove(&mut gradients)));
            let at_bias = if learns { bias.grad_remove(&mut gradients) } else { None };
            results.extend(at_bias.map(|row| row.reshape([1, shape[1], 1, 1])));
            results
        };
        let (found, expected) = (run(&compute.device, true), run(&Device::flex(), false));
        assert_eq!((found.len(), expected.len()), (4 + usize::from(learns), 4 + usize::from(learns)));
        for (at, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            let apart = distance(found, expected);
            assert!(apart < 1e-3, "{shape:?}, channels last {channels_last}: result {at} is off by {apart:.1e}");
        }
    }
}

#[test]
fn cross_entropies_are_those_of_the_cpu() {
    let Some(compute) = gpu_with_kernels() else { return };
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    for at in 0..16 {
        let mut shape =
            [rng.random_range(1..5), rng.random_range(1..20), rng.random_range(1..40), rng.random_range(1..40)];
        if at == 0 {
            // More pixels than a unit each.
            shape = [3, 4, 180, 190];
        }
        let [logits, targets] = [20.0, 1.0].map(|size| random(&mut rng, shape, size));
        let layouts: [bool; 2] = rng.random();
        poison(shape, &compute.device);
        let run = |device: &Device, ours: bool| {
            let device = device.clone().autodiff();
            let logits = picture(&logits, &device, layouts[0] && ours).require_grad();
            let targets = picture(&targets, &device, layouts[1] && ours).abs();
            let entropy = if ours { label_entropy } else { twin::label_entropy };
            let entropy = entropy(logits.clone(), targets);
            let gradients = (entropy.clone() * 0.3).backward();
            [entropy.inner().reshape([1, 1, 1, 1]), logits.grad(&gradients).unwrap()]
        };
        for (found, expected) in run(&compute.device, true).into_iter().zip(run(&Device::flex(), false)) {
            let apart = distance(found, expected);
            assert!(apart < 1e-4, "{shape:?} {layouts:?}: off by {apart:.1e}");
        }
    }
}

/// Weights of one network: from none to more than go into one launch.
fn random_sizes(rng: &mut Pcg64Mcg) -> Vec<usize> {
    let sizes = [1, 3, 64, 1000, 4097, 70_000];
    (0..rng.random_range(0..40)).map(|_| sizes[rng.random_range(0..sizes.len())]).collect()
}

/// Values of weights and their like, in rows of N.
fn random_rows<const N: usize>(rng: &mut Pcg64Mcg, sizes: &[usize]) -> Vec<[Vec<f32>; N]> {
    let mut column = |count| random(rng, [count, 1, 1, 1], 1.0).try_into_vec::<f32>().unwrap();
    sizes.iter().map(|count| [(); N].map(|()| column(*count))).collect()
}

fn on(device: &Device, values: &[f32]) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// Fails where results are not near those of the twin.
fn assert_near(found: Vec<Tensor<1>>, expected: Vec<Tensor<1>>) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.into_iter().zip(expected) {
        let [found, expected] = [found, expected].map(|row| row.into_data().try_into_vec::<f32>().unwrap());
        let apart = found.iter().zip(&expected).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f32::max);
        assert!(apart < 1e-5 && found.len() == expected.len(), "{} values: off by {apart}", found.len());
        assert!(found.iter().all(|value| value.is_finite()));
    }
}

#[test]
fn updates_are_those_of_the_cpu() {
    let Some(compute) = gpu_with_kernels() else { return };
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let step = AdamStep { beta1: 0.5, beta2: 0.999, rate: 0.01, root: 0.7, epsilon: 1e-8, scale: 256.0 };
    let one_by_one = |weights: Vec<Weight>, step| {
        weights.into_iter().map(|weight| twin::adam(weight.value, weight.gradient, weight.moments, step)).collect()
    };
    for _ in 0..8 {
        let sizes = random_sizes(&mut rng);
        let rows = random_rows::<4>(&mut rng, &sizes);
        sizes.iter().for_each(|count| poison([*count, 1, 1, 1], &compute.device));
        let run = |device: &Device, adam: &dyn Fn(Vec<Weight>, AdamStep) -> Vec<(Tensor<1>, Moments)>| {
            let weights: Vec<Weight> = rows
                .iter()
                .map(|[value, gradient, first, second]| {
                    let moments = Moments { first: on(device, first), second: on(device, second).powi_scalar(2) };
                    Weight { value: on(device, value), gradient: on(device, gradient) * 100.0, moments }
                })
                .collect();
            // Moments that are held here too must stay as they are, others are changed in place.
            let kept: Vec<Moments> = weights.iter().step_by(2).map(|weight| weight.moments.clone()).collect();
            let again = |(at, (value, moments)): (usize, (Tensor<1>, Moments))| Weight {
                value,
                gradient: on(device, &rows[at][1]),
                moments,
            };
            let weights = adam(weights, step).into_iter().enumerate().map(again).collect();
            let flat = |Moments { first, second }| [first, second];
            let updated = adam(weights, step).into_iter();
            let mut results: Vec<Tensor<1>> =
                updated.flat_map(|(value, moments)| std::iter::once(value).chain(flat(moments))).collect();
            results.extend(kept.into_iter().flat_map(flat));
            results
        };
        assert_near(run(&compute.device, &adam_all), run(&Device::flex(), &one_by_one));
    }
}

#[test]
fn averages_are_those_of_the_cpu() {
    let Some(compute) = gpu_with_kernels() else { return };
    let mut rng = Pcg64Mcg::seed_from_u64(rand::random());
    for _ in 0..8 {
        let sizes = random_sizes(&mut rng);
        let rows = random_rows::<2>(&mut rng, &sizes);
        sizes.iter().for_each(|count| poison([*count, 1, 1, 1], &compute.device));
        let there = |device: &Device| rows.iter().map(|row| row.each_ref().map(|values| on(device, values))).collect();
        let decay = rng.random_range(0.0..1.0);
        assert_near(averages(there(&compute.device), decay), twin::averages(there(&Device::flex()), decay));
    }
}

#[test]
fn updates_and_averages_pass_nan_on() {
    let Some(compute) = gpu_with_kernels() else { return };
    let row = |at: usize| {
        let mut values = vec![0.5; 40];
        values[at] = f32::NAN;
        on(&compute.device, &values)
    };
    let step = AdamStep { beta1: 0.5, beta2: 0.999, rate: 0.01, root: 0.7, epsilon: 1e-8, scale: 1.0 };
    let weight = |at: usize| {
        let moments = Moments { first: row(at + 2), second: row(at + 3) };
        Weight { value: row(at), gradient: row(at + 1), moments }
    };
    let nan = |row: Tensor<1>| {
        let values = row.into_data().try_into_vec::<f32>().unwrap();
        (0..values.len()).filter(|at| values[*at].is_nan()).collect::<Vec<_>>()
    };
    for (at, (value, moments)) in [0, 10].into_iter().zip(adam_all(vec![weight(0), weight(10)], step)) {
        let found = [value, moments.first, moments.second].map(nan);
        assert_eq!(found, [vec![at, at + 1, at + 2, at + 3], vec![at + 1, at + 2], vec![at + 1, at + 3]]);
    }
    let found: Vec<_> = averages(vec![[row(1), row(2)], [row(3), row(3)]], 0.9).into_iter().map(nan).collect();
    assert_eq!(found, [vec![1, 2], vec![3]]);
}
