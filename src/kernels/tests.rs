//! Every kernel against its twin, forward and backward, on random shapes. Working memory is poisoned with NaN here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::plan::Tap;
use super::tile::{
    BLOCK, CORRELATED, CORRELATED_VECTORS, SMALL_BLOCK, Source, convolve_by, correlate_block, correlate_tile,
};
use super::*;

fn random<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(numbers(shape.iter().product(), seed), shape), device)
}

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    (0..count).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// The distance over the size of what is expected.
fn distance(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let apart = norm(&mut found.iter().zip(expected).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    apart / norm(&mut expected.iter().map(|value| f64::from(*value))).max(1e-3)
}

fn assert_close<const D: usize>(what: &str, found: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let distance = distance(&values(found), &values(expected));
    assert!(distance < 2e-5, "{what} is {distance:.1e} from its twin's");
}

/// For sums of so many terms that may cancel each other: close as seen from the size of what was added up.
fn assert_sums_close<const D: usize>(what: &str, found: Tensor<D>, expected: Tensor<D>, terms: usize) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let (found, expected) = (values(found), values(expected));
    let size = (terms as f64 * 0.1).sqrt().max(1.0);
    for (found, expected) in found.iter().zip(&expected) {
        let apart = f64::from((found - expected).abs());
        assert!(apart < 2e-5 * size, "{what}: {found} is not its twin's {expected}, of {terms} terms");
    }
}

/// A convolution of the networks, or another one with stride 1 or 2.
fn convolutions() -> impl Strategy<Value = Convolution> {
    prop_oneof![
        Just(Convolution::upsampling()),
        (1usize..=7, 1usize..=2, any::<bool>()).prop_flat_map(|(kernel, stride, transposed)| {
            let make = if transposed { Convolution::transposed } else { Convolution::forward };
            (0..kernel.div_ceil(2)).prop_map(move |padding| make(kernel, stride, padding))
        }),
        Just(Convolution::forward(3, 1, 1)),
        Just(Convolution::forward(4, 2, 1)),
        Just(Convolution::transposed(4, 2, 1)),
        Just(Convolution::forward(1, 1, 0)),
    ]
}

/// Batch, input channels, output channels, height, width.
fn sizes() -> impl Strategy<Value = [usize; 5]> {
    prop_oneof![
        (1usize..4, 1usize..12, 1usize..40, 1usize..12, 1usize..40).prop_map(|(b, i, o, h, w)| [b, i, o, h, w]),
        // Many small images, as deep in D.
        (4usize..64, 1usize..4, 1usize..10, 1usize..4, 1usize..4).prop_map(|(b, i, o, h, w)| [b, i, o, h, w]),
        // Many channels there, so that slabs are gathered, forward or backward.
        (1usize..20, 1usize..4, 80usize..300, 1usize..6, 1usize..6, any::<bool>())
            .prop_map(|(b, few, many, h, w, out)| if out { [b, few, many, h, w] } else { [b, many, few, h, w] }),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Case {
    convolution: Convolution,
    size: [usize; 5],
    bias: bool,
    activation: Activation,
    /// Lay x, weight and the gradient out the other way round.
    strided: bool,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let activations =
        prop_oneof![Just(Activation::None), Just(Activation::LeakyRelu(0.01)), Just(Activation::LeakyRelu(0.0))];
    (convolutions(), sizes(), any::<bool>(), activations, any::<bool>(), any::<u64>()).prop_filter_map(
        "the kernel reaches past the padded image, or nothing is left",
        |(convolution, size, bias, activation, strided, seed)| {
            let [_, _, _, height, width] = size;
            let Convolution { kernel, stride, padding, direction } = convolution;
            let fits = |side: usize| match direction {
                Direction::Forward => side + 2 * padding >= kernel,
                Direction::Transposed => (side - 1) * stride + kernel > 2 * padding,
                Direction::Upsampling => true,
            };
            (fits(height) && fits(width)).then_some(Case { convolution, size, bias, activation, strided, seed })
        },
    )
}

impl Case {
    fn tensor(&self, shape: [usize; 4], salt: u64, device: &Device) -> Tensor<4> {
        if self.strided {
            let [a, b, c, d] = shape;
            random([b, a, d, c], self.seed ^ salt, device).swap_dims(0, 1).swap_dims(2, 3)
        } else {
            random(shape, self.seed ^ salt, device)
        }
    }

    fn operands(&self, device: &Device) -> (Tensor<4>, Tensor<4>, Option<Tensor<1>>) {
        let [batch, inputs, outputs, height, width] = self.size;
        let kernel = self.convolution.kernel;
        let weight = match self.convolution.direction {
            Direction::Transposed => [inputs, outputs, kernel, kernel],
            Direction::Forward | Direction::Upsampling => [outputs, inputs, kernel, kernel],
        };
        let x = self.tensor([batch, inputs, height, width], 1, device);
        let bias = self.bias.then(|| random([outputs], self.seed ^ 3, device));
        (x, self.tensor(weight, 2, device), bias)
    }
}

/// A gradient that is zero where rounding decides on which side of a ReLU's kink the value before it lies.
fn away_from_the_kink(gradient: Tensor<4>, before: Tensor<4>) -> Tensor<4> {
    let close = before.abs().lower_elem(1e-3);
    let gradient = gradient.inner().mask_fill(close, 0.0);
    Tensor::from_inner(gradient)
}

/// Output, and the gradients at x, the weight and the bias.
type Results = (Tensor<4>, Tensor<4>, Tensor<4>, Option<Tensor<1>>);

fn run(case: Case, device: &Device, twin: bool) -> Results {
    let (x, weight, bias) = case.operands(device);
    let (x, weight, bias) = (x.require_grad(), weight.require_grad(), bias.map(Tensor::require_grad));
    let run = if twin { twin::convolve } else { convolve };
    let y = run(x.clone(), weight.clone(), bias.clone(), case.convolution, case.activation);
    let (plain_x, plain_weight, plain_bias) = case.operands(&device.clone().inner());
    let straight = twin::convolve(plain_x, plain_weight, plain_bias, case.convolution, Activation::None);
    let gradient = away_from_the_kink(case.tensor(y.dims(), 4, device), straight);
    let gradients = (y.clone() * gradient).sum().backward();
    let at = |tensor: &Tensor<4>| tensor.grad(&gradients).unwrap();
    (y.inner(), at(&x), at(&weight), bias.map(|bias| bias.grad(&gradients).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_are_their_twins(case in cases()) {
        let device = Device::flex().autodiff();
        let (y, x, weight, bias) = run(case, &device, false);
        let expected = run(case, &device, true);
        // Without autodiff the weights are packed once and kept.
        let (plain_x, plain_weight, plain_bias) = case.operands(&Device::flex());
        for _ in 0..2 {
            let again = convolve(
                plain_x.clone(), plain_weight.clone(), plain_bias.clone(), case.convolution, case.activation,
            );
            prop_assert_eq!(values(again), values(y.clone()));
        }
        let y_shape = y.dims();
        assert_close("the output", y, expected.0);
        assert_close("the gradient at x", x, expected.1);
        assert_close("the gradient at the weight", weight, expected.2);
        if let (Some(bias), Some(expected)) = (bias, expected.3) {
            let [batch, _, height, width] = y_shape;
            assert_sums_close("the gradient at the bias", bias, expected, batch * height * width);
        }
    }

    #[test]
    fn norms_are_their_twins(
        [batch, channels, _, height, width] in sizes(), residual in 0..3, relu: bool, strided: bool, seed: u64,
    ) {
        // Two pixels or more, an even number where the residual has half the side. Of two nearly equal pixels the
        // twin itself knows few digits.
        let double = residual == 2;
        let (height, width) = if double { (2 * height, 2 * width + 2) } else { (height + 1, width + 2) };
        let case = Case {
            convolution: Convolution::forward(1, 1, 0), size: [0; 5], bias: false, activation: Activation::None,
            strided, seed,
        };
        let device = Device::flex().autodiff();
        let run = |twin: bool| {
            let x = case.tensor([batch, channels, height, width], 1, &device).require_grad();
            let [scale, shift] = [2, 3].map(|salt| random([channels], seed ^ salt, &device).require_grad());
            let residual = (residual > 0).then(|| {
                let (height, width) = if double { (height / 2, width / 2) } else { (height, width) };
                case.tensor([batch, channels, height, width], 4, &device).require_grad()
            });
            let affine = Affine { scale: scale.clone(), shift: shift.clone() };
            let run = if twin { twin::instance_norm } else { instance_norm };
            let y = run(x.clone(), affine, residual.clone(), relu);
            let plain = Affine { scale: scale.clone().inner(), shift: shift.clone().inner() };
            let straight = twin::instance_norm(x.clone().inner(), plain, residual.clone().map(Tensor::inner), false);
            let gradient = away_from_the_kink(case.tensor(y.dims(), 5, &device), straight);
            let gradients = (y.clone() * gradient).sum().backward();
            let residual = residual.map(|residual| residual.grad(&gradients).unwrap());
            let at = |tensor: &Tensor<1>| tensor.grad(&gradients).unwrap();
            (y.inner(), x.grad(&gradients).unwrap(), at(&scale), at(&shift), residual)
        };
        let (found, expected) = (run(false), run(true));
        assert_close("the output", found.0, expected.0);
        assert_close("the gradient at x", found.1, expected.1);
        let terms = batch * height * width;
        assert_sums_close("the gradient at the scale", found.2, expected.2, terms);
        assert_sums_close("the gradient at the shift", found.3, expected.3, terms);
        if let (Some(found), Some(expected)) = (found.4, expected.4) {
            assert_close("the gradient at the residual", found, expected);
        }
    }

    #[test]
    fn normalised_convolutions_are_the_two_steps(case in cases(), residual in 0..3, relu: bool) {
        let device = Device::flex();
        let (x, weight, bias) = case.operands(&device);
        let [batch, channels, height, width] =
            convolve(x.clone(), weight.clone(), None, case.convolution, Activation::None).dims();
        // One pixel is its own mean: what is left is rounding error times 1/√eps.
        prop_assume!(height * width > 1);
        let shape = match residual {
            0 => None,
            2 if height % 2 + width % 2 == 0 => Some([batch, channels, height / 2, width / 2]),
            _ => Some([batch, channels, height, width]),
        };
        let residual = shape.map(|shape| case.tensor(shape, 4, &device));
        let [scale, shift] = [5, 6].map(|salt| random([channels], case.seed ^ salt, &device));
        let affine = Affine { scale, shift };
        let y = twin::convolve(x.clone(), weight.clone(), bias.clone(), case.convolution, Activation::None);
        let expected = twin::instance_norm(y, affine.clone(), residual.clone(), relu);
        let found = convolve_norm(x, weight, bias, case.convolution, affine, residual, relu);
        // Few pixels with little between them lose digits in the norm, in the twin as well.
        let distance = distance(&values(found), &values(expected));
        prop_assert!(distance < 1e-3, "{}", distance);
    }
}

#[test]
fn gates_and_updates_are_their_twins() {
    let device = Device::flex().autodiff();
    let by = random([3, 5, 7, 4], 2, &device).inner().swap_dims(2, 3);
    let run = |twin: bool| {
        let x = random([3, 5, 4, 7], 1, &device).require_grad();
        let gate = if twin { twin::gate } else { gate };
        let y = gate(x.clone(), by.clone(), 0.01);
        let gradients = (y.clone() * random([3, 5, 4, 7], 3, &device)).sum().backward();
        (y.inner(), x.grad(&gradients).unwrap())
    };
    let (found, expected) = (run(false), run(true));
    assert_close("the gated value", found.0, expected.0);
    assert_close("the gradient at it", found.1, expected.1);

    let device = Device::flex();
    let count = 40_000;
    let step = AdamStep { beta1: 0.5, beta2: 0.999, rate: 3e-3, root: 0.7, epsilon: 1e-8, scale: 4.0 };
    let first = random([count], 6, &device);
    let moments = Moments { first: first.clone(), second: random([count], 7, &device).abs() };
    let [value, gradient] = [4, 5].map(|seed| random([count], seed, &device));
    let (found, found_moments) = adam(value.clone(), gradient.clone(), moments.clone(), step);
    let (expected, expected_moments) = twin::adam(value.clone(), gradient, moments, step);
    assert_close("the change", found - value.clone(), expected - value);
    assert_close("the first moment", found_moments.first, expected_moments.first);
    assert_close("the second moment", found_moments.second, expected_moments.second);
    assert_eq!(values(first), numbers(count, 6), "moments that someone else holds are changed");
}

#[test]
fn the_networks_largest_images_are_their_twins() {
    let device = Device::flex().autodiff();
    for (convolution, size) in [
        (Convolution::forward(3, 1, 1), [1, 20, 17, 64, 64]),
        (Convolution::upsampling(), [2, 16, 16, 32, 32]),
        (Convolution::forward(4, 2, 1), [2, 7, 32, 128, 128]),
        (Convolution::transposed(4, 2, 1), [1, 32, 16, 32, 32]),
    ] {
        let case = Case { convolution, size, bias: true, activation: Activation::None, strided: false, seed: 7 };
        let (found, expected) = (run(case, &device, false), run(case, &device, true));
        assert_close("the output", found.0, expected.0);
        assert_close("the gradient at x", found.1, expected.1);
        assert_close("the gradient at the weight", found.2, expected.2);
    }
}

#[test]
fn small_images_of_many_channels_are_computed_without_padding() {
    let layer = |side, channels| {
        let shape = [32, channels / 2, side, side];
        slices::Sized::new(Convolution::forward(4, 2, 1), shape, [channels, channels / 2, 4, 4]).plan
    };
    assert_eq!(layer(4, 1024).positions, 32 * 2 * 2);
    assert!(layer(4, 8).positions >= 32 * 3 * 3, "gathering costs more than it saves");
    assert!(layer(32, 128).positions > 32 * 16 * 16, "gathering costs more than it saves");
}

#[test]
fn no_channels_leave_the_bias_or_nothing() {
    let device = Device::flex();
    let bias = random([3], 1, &device);
    let (x, weight) = (Tensor::zeros([2, 0, 4, 4], &device), Tensor::zeros([3, 0, 3, 3], &device));
    let y = convolve(x, weight, Some(bias.clone()), Convolution::forward(3, 1, 1), Activation::None);
    assert_eq!(values(y), values(bias.reshape([1, 3, 1, 1]).expand([2, 3, 4, 4])));
    let (x, weight) = (random([2, 5, 4, 4], 2, &device), Tensor::zeros([0, 5, 3, 3], &device));
    let y = convolve(x, weight, None, Convolution::upsampling(), Activation::None);
    assert_eq!(y.dims(), [2, 0, 8, 8]);
}

#[test]
fn a_changed_weight_is_packed_anew() {
    let device = Device::flex();
    let (x, weight) = (random([1, 4, 6, 6], 1, &device), random([8, 4, 3, 3], 2, &device));
    let kind = Convolution::forward(3, 1, 1);
    let run = |weight: &Tensor<4>| values(convolve(x.clone(), weight.clone(), None, kind, Activation::None));
    let before = run(&weight);
    // The only owner of its memory: Burn would change it in place if it could.
    let weight = weight * 2.0;
    let doubled: Vec<f32> = before.iter().map(|value| 2.0 * value).collect();
    assert_eq!(run(&weight), doubled);
    assert_eq!(run(&weight), doubled);
}

#[test]
fn packed_weights_go_with_their_memory() {
    let device = Device::flex();
    let (x, weight) = (random([1, 2, 4, 4], 1, &device), random([5, 2, 3, 3], 2, &device));
    let memory = |weight: &Tensor<4>| weight.clone().try_into_primitive::<burn::backend::Flex>().unwrap().data_arc();
    let run = |weight: &Tensor<4>| {
        drop(convolve(x.clone(), weight.clone(), None, Convolution::forward(3, 1, 1), Activation::None));
    };
    run(&weight);
    run(&weight);
    let first = Arc::downgrade(&memory(&weight));
    assert_eq!(packed::remembered(&memory(&weight)), 1);
    drop(weight);
    assert!(first.upgrade().is_none(), "packing keeps the weight itself alive");
    let other = random([5, 2, 3, 3], 3, &device);
    run(&other);
    assert_eq!(packed::remembered(&memory(&other)), 1);
}

#[test]
fn other_precisions_take_the_twin() {
    let device = Device::flex();
    let half = |tensor: Tensor<4>| tensor.cast(burn::tensor::FloatDType::F16);
    let (x, weight) = (half(random([1, 2, 4, 4], 1, &device)), half(random([3, 2, 3, 3], 2, &device)));
    let y = convolve(x, weight, None, Convolution::forward(3, 1, 1), Activation::None);
    assert_eq!(y.dtype(), DType::F16);
}

/// The inner loops at every width of vectors this CPU has, not only the widest.
struct InnerLoops;

impl pulp::WithSimd for InnerLoops {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let (slab, channels, length) = (200, 40, 7 * 16);
        let slabs = numbers(channels * slab, 1);
        let taps = [0, 1, 17, 40].map(|offset| Tap { offset, cell: 0 });
        for rows in [BLOCK, SMALL_BLOCK] {
            let weights = numbers(channels * taps.len() * rows, 2);
            let source = Source { slabs: &slabs, slab, taps: &taps };
            let expected: Vec<f32> = (0..rows * length)
                .map(|at| {
                    let (row, q) = (at / length, at % length);
                    let terms = (0..channels).flat_map(|channel| {
                        let (weights, slabs) = (&weights, &slabs);
                        taps.iter().enumerate().map(move |(t, tap)| {
                            weights[(channel * 4 + t) * rows + row] * slabs[channel * slab + 5 + q + tap.offset]
                        })
                    });
                    terms.sum()
                })
                .collect();
            let mut found = vec![f32::NAN; rows * length];
            // As with few registers, and as with many.
            convolve_by::<S, SMALL_BLOCK>(
                simd,
                &weights,
                &source,
                5,
                &mut found.chunks_mut(length).collect::<Vec<_>>(),
            );
            assert!(distance(&found, &expected) < 1e-5, "{} lanes, {rows} rows", S::F32_LANES);
            found.fill(f32::NAN);
            convolve_by::<S, BLOCK>(simd, &weights, &source, 5, &mut found.chunks_mut(length).collect::<Vec<_>>());
            assert!(distance(&found, &expected) < 1e-5, "{} lanes, {rows} rows at once", S::F32_LANES);
        }
        let width = CORRELATED_VECTORS * S::F32_LANES;
        let gradient = numbers(length * width, 3);
        let pixels: [&[f32]; CORRELATED] = std::array::from_fn(|r| &slabs[11 * r..][..length]);
        let expected: Vec<f32> = (0..CORRELATED * width)
            .map(|at| 1.0 + (0..length).map(|q| pixels[at / width][q] * gradient[q * width + at % width]).sum::<f32>())
            .collect();
        let mut sums = vec![1.0; CORRELATED * width];
        correlate_block(simd, &pixels, &gradient, &mut sums);
        assert!(distance(&sums, &expected) < 1e-5, "{} lanes, weights", S::F32_LANES);
        sums.fill(1.0);
        correlate_tile::<S, CORRELATED>(simd, &pixels, &gradient, &mut sums);
        assert!(distance(&sums, &expected) < 1e-5, "{} lanes, weights at once", S::F32_LANES);
    }
}

#[test]
fn inner_loops_at_every_vector_width() {
    use pulp::Simd;
    simd::dispatch(InnerLoops);
    pulp::Scalar::new().vectorize(InnerLoops);
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        Simd::vectorize(simd, InnerLoops);
    }
}
