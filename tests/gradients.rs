//! Every loss's gradient against central finite differences, on fresh small random networks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use burn::module::Module;
use burn::tensor::{Gradients, Tensor, TensorData};
use scgan::gpu::ComputeDevice;
use scgan::model::parameters::{self, ParameterMap, to_host};
use scgan::model::{
    AttributeHead, Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, GeneratorKind, Init, Noise,
    SegmentorConfig, one_hot,
};
use scgan::taxonomy::GroupKind;
use scgan::train::augment::{Augmentation, Transforms};
use scgan::train::objectives::{gradient_penalty, interpolate};
use scgan::train::phases::{PhaseBatch, Weights, discriminator_loss, generator_loss, head_loss, segmentor_loss};

const SIDE: usize = 64;
const LABELS: usize = 3;
const ATTRIBUTES: usize = 4;
const LATENT: usize = 5;
const BATCH: usize = 2;

fn scalar(tensor: Tensor<1>) -> f64 {
    f64::from(to_host(tensor, "loss").unwrap().values[0])
}

fn normal<const D: usize>(noise: &mut Noise, shape: [usize; D], compute: &ComputeDevice) -> Tensor<D> {
    Tensor::from_data(TensorData::new(noise.normal(shape.iter().product()), shape), &compute.device)
}

/// A random direction through all parameters of a network, each step as long as a part of its parameter.
struct Direction<'a> {
    seed: u64,
    length: f32,
    /// Sums gradient · direction when gradients are given.
    gradients: Option<&'a Gradients>,
    slope: f64,
}

impl ParameterMap for &mut Direction<'_> {
    fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
        let seed = name.bytes().fold(self.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let plain = value.clone().inner();
        let shape = plain.shape();
        let data = TensorData::new(Noise::new(seed).normal(shape.num_elements()), shape);
        let size = plain.clone().abs().mean().add_scalar(1e-2).reshape([1; D]);
        let direction = Tensor::<D>::from_data(data, &plain.device()) * size;
        if let Some(gradient) = self.gradients.and_then(|gradients| value.grad(gradients)) {
            self.slope += scalar((gradient * direction.clone()).sum());
        }
        Tensor::from_inner(plain + direction * self.length)
    }
}

/// Compares the derivative of `loss` along random directions through `module`'s parameters with central differences.
fn check<M: Module>(name: &str, module: M, loss: impl Fn(&M) -> Tensor<1>) {
    let gradients = loss(&module).backward();
    let slope = |seed: u64| {
        let mut direction = Direction { seed, length: 0.0, gradients: Some(&gradients), slope: 0.0 };
        parameters::map(module.clone(), &mut direction);
        direction.slope
    };
    let moved = |seed: u64, length: f32| {
        let mut step = Direction { seed, length, gradients: None, slope: 0.0 };
        scalar(loss(&parameters::map(module.clone(), &mut step)))
    };
    compare(name, slope, moved);
}

/// Relative distance of the vector of slopes along many directions from the measured ones, for the best of several
/// steps: a long step crosses kinks of the ReLUs, a short one drowns in f32's rounding.
fn compare(name: &str, slope: impl Fn(u64) -> f64, moved: impl Fn(u64, f32) -> f64) {
    let slopes: Vec<f64> = (0..12).map(slope).collect();
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let errors = [1e-3, 3e-4, 1e-4, 3e-5].map(|length| {
        let measured: Vec<f64> =
            (0..12).map(|seed| (moved(seed, length) - moved(seed, -length)) / (2.0 * f64::from(length))).collect();
        norm(&mut slopes.iter().zip(&measured).map(|(a, b)| a - b)) / norm(&mut measured.into_iter())
    });
    let error = errors.into_iter().fold(f64::INFINITY, f64::min);
    println!("{name} {error:.3e} (steps {errors:?})");
    assert!(error < 0.06, "{name}: the gradient {slopes:.3?} is off by {error}");
}

struct Setting {
    compute: ComputeDevice,
    init: Init,
    noise: Noise,
    weights: Weights,
}

fn setting(seed: u64) -> Setting {
    let compute = ComputeDevice::cpu().autodiff();
    let groups = vec![(0..1, GroupKind::Independent), (1..4, GroupKind::ExactlyOne)];
    Setting {
        init: Init::new(seed, &compute),
        noise: Noise::new(seed),
        weights: Weights { cls: 5.0, seg: 1.0, gp: 10.0, diversity: 0.0, label_balance: 0.0, groups },
        compute,
    }
}

fn batch(setting: &mut Setting) -> PhaseBatch {
    let Setting { noise, compute, .. } = setting;
    let mut masks = || {
        let ids: Vec<u8> = (0..BATCH * SIDE * SIDE).map(|_| (noise.uniform() * LABELS as f32) as u8).collect();
        one_hot(&ids, BATCH, LABELS, SIDE, &compute.device)
    };
    let (labels, target_labels) = (masks(), masks());
    let attributes = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]];
    PhaseBatch {
        real: normal(noise, [BATCH, 3, SIDE, SIDE], compute).tanh(),
        labels,
        target_labels,
        attributes: Tensor::from_data(attributes, &compute.device),
        latent: normal(noise, [BATCH, LATENT], compute),
        transforms: None,
    }
}

fn discriminator(setting: &mut Setting) -> Discriminator {
    DiscriminatorConfig { resolution: SIDE, width: 2, n_attributes: ATTRIBUTES }.init(&mut setting.init)
}

/// What D sees in place of the pictures.
fn transforms(setting: &mut Setting) -> Option<Transforms> {
    let all = Augmentation { color: 1.0, translation: 1.0, cutout: 1.0 };
    all.draw(&mut setting.noise, BATCH, SIDE, &setting.compute.device)
}

/// A discriminator whose biases hold every unit on one side of its kink, most of them on the steep one. Its input
/// gradient jumps where a unit changes sides, which no finite step could be compared across.
fn discriminator_without_kinks(setting: &mut Setting) -> Discriminator {
    struct Hold<'a>(&'a mut Noise);
    impl ParameterMap for Hold<'_> {
        fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
            let Some(layer) = name.strip_suffix(".bias").and_then(|name| name.strip_prefix("conv.")) else {
                return Tensor::from_inner(value.inner() * 2.5);
            };
            let size = 20.0 * 12f32.powi(layer.parse().unwrap());
            let plain = value.inner();
            let shape = plain.shape();
            let biases = (0..shape.num_elements()).map(|_| if self.0.uniform() < 0.8 { size } else { -size }).collect();
            Tensor::from_inner(Tensor::from_data(TensorData::new::<f32, _>(biases, shape), &plain.device()))
        }
    }
    let network = discriminator(setting);
    parameters::map(network, Hold(&mut setting.noise))
}

#[test]
fn input_gradient_is_the_derivative_of_the_summed_scores() {
    let mut setting = setting(11);
    let network = discriminator(&mut setting);
    let picture = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute);
    let gradient = network.input_gradient(picture.clone());
    let direction = |seed: u64| normal(&mut Noise::new(seed), [BATCH, 3, SIDE, SIDE], &setting.compute);
    let slope = |seed: u64| scalar((gradient.clone() * direction(seed)).sum());
    let score =
        |seed: u64, length: f32| scalar(network.forward(picture.clone() + direction(seed) * length).scores.sum());
    compare("input_gradient", slope, score);
}

#[test]
fn penalty_of_the_gradient() {
    for seed in [21, 22] {
        let mut setting = setting(seed);
        let network = discriminator_without_kinks(&mut setting);
        let picture = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute);
        check("gradient_penalty", network, |network| gradient_penalty(network, picture.clone()).0);
    }
}

#[test]
fn penalty_of_the_gradient_between_augmented_pictures() {
    let mut setting = setting(23);
    let network = discriminator_without_kinks(&mut setting);
    let mut picture = || normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute).tanh();
    let (real, fake) = (picture(), picture());
    let transforms = transforms(&mut setting).unwrap();
    let epsilon = Tensor::<1>::from_data([0.3, 0.8], &setting.compute.device);
    let between = interpolate(transforms.apply(real), transforms.apply(fake), epsilon);
    check("gradient_penalty, augmented", network, |network| gradient_penalty(network, between.clone()).0);
}

/// The augmentation is linear in the picture but for contrast's and saturation's means, which are linear too: the slope
/// is exact, so any step will do.
#[test]
fn augmentation_passes_gradients_to_the_picture() {
    let mut setting = setting(61);
    let transforms = transforms(&mut setting).unwrap();
    let picture = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute).require_grad();
    let weights = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute);
    let loss = |picture: Tensor<4>| (transforms.apply(picture).powi_scalar(2) * weights.clone()).sum();
    let gradients = loss(picture.clone()).backward();
    let gradient = picture.grad(&gradients).unwrap();
    let direction = |seed: u64| normal(&mut Noise::new(seed), [BATCH, 3, SIDE, SIDE], &setting.compute).inner();
    let slope = |seed: u64| scalar((gradient.clone() * direction(seed)).sum());
    let moved =
        |seed: u64, length: f32| scalar(loss(Tensor::from_inner(picture.clone().inner() + direction(seed) * length)));
    compare("augmentation", slope, moved);
}

#[test]
fn losses_through_the_augmentation() {
    let mut setting = setting(71);
    let network = discriminator(&mut setting);
    let batch = PhaseBatch { transforms: transforms(&mut setting), ..batch(&mut setting) };
    let fake = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute).tanh();
    let epsilon = Tensor::<1>::from_data([0.3, 0.8], &setting.compute.device);
    let weights = Weights { gp: 0.0, ..setting.weights.clone() };
    let plain = PhaseBatch { transforms: None, ..batch.clone() };
    let of =
        |batch: &PhaseBatch| scalar(discriminator_loss(&network, batch, fake.clone(), epsilon.clone(), &weights).total);
    assert_ne!(of(&batch), of(&plain), "D sees augmented pictures");
    check("loss_d, augmented", network.clone(), |network| {
        discriminator_loss(network, &batch, fake.clone(), epsilon.clone(), &weights).total
    });

    let config = GeneratorConfig {
        kind: GeneratorKind::StepByStep,
        resolution: SIDE,
        width: 4,
        n_z: LATENT,
        n_labels: LABELS,
        n_attributes: ATTRIBUTES,
    };
    let generator = config.init(&mut setting.init);
    let segmentor = SegmentorConfig::paper(4, LABELS).init(&mut setting.init);
    let loss = |generator: &Generator, batch: &PhaseBatch| {
        generator_loss(generator, &network, &segmentor, batch, &setting.weights)
    };
    let (augmented, plain) = (loss(&generator, &batch), loss(&generator, &plain));
    assert_ne!(scalar(augmented.adversarial), scalar(plain.adversarial));
    assert_eq!(scalar(augmented.segmentation), scalar(plain.segmentation), "S sees pictures as they are");
    check("loss_g, augmented", generator, |generator| loss(generator, &batch).total);
}

#[test]
fn loss_of_the_discriminator() {
    let mut setting = setting(31);
    let network = discriminator(&mut setting);
    let batch = batch(&mut setting);
    let fake = normal(&mut setting.noise, [BATCH, 3, SIDE, SIDE], &setting.compute).tanh();
    let epsilon = Tensor::<1>::from_data([0.3, 0.8], &setting.compute.device);
    // The penalty has a test of its own, on a network without kinks.
    let weights = Weights { gp: 0.0, ..setting.weights };
    check("loss_d", network, |network| {
        discriminator_loss(network, &batch, fake.clone(), epsilon.clone(), &weights).total
    });
}

#[test]
fn loss_of_the_segmentor_and_the_head() {
    let mut setting = setting(41);
    let config = SegmentorConfig::paper(4, LABELS);
    let network = config.init(&mut setting.init);
    let head = AttributeHead::new(&config, ATTRIBUTES, &mut setting.init);
    let batch = batch(&mut setting);
    let (_, features, label_logits) = segmentor_loss(&network, &batch);
    check("loss_s", network, |network| segmentor_loss(network, &batch).0);
    check("loss_head", head, |head| {
        head_loss(head, &batch, features.clone(), label_logits.clone(), &setting.weights.groups)
    });
}

#[test]
fn loss_of_the_generator() {
    for (seed, kind) in [(51, GeneratorKind::StepByStep), (52, GeneratorKind::AllAtOnce)] {
        let mut setting = setting(seed);
        let config = GeneratorConfig {
            kind,
            resolution: SIDE,
            width: 4,
            n_z: LATENT,
            n_labels: LABELS,
            n_attributes: ATTRIBUTES,
        };
        let network = config.init(&mut setting.init);
        let critic = discriminator(&mut setting);
        let segmentor = SegmentorConfig::paper(4, LABELS).init(&mut setting.init);
        let batch = batch(&mut setting);
        check("loss_g", network.clone(), |network| {
            generator_loss(network, &critic, &segmentor, &batch, &setting.weights).total
        });
        let weights = Weights { diversity: 10.0, label_balance: 0.5, ..setting.weights };
        let sameness = |batch: &PhaseBatch| {
            scalar(generator_loss(&network, &critic, &segmentor, batch, &weights).sameness.unwrap())
        };
        let one_latent = batch.latent.clone().narrow(0, 0, 1).repeat(&[BATCH, 1]);
        let one_latent = sameness(&PhaseBatch { latent: one_latent, ..batch.clone() });
        assert!((one_latent - 1.0).abs() < 1e-5, "{one_latent}: pairs have one mask and the same attributes");
        assert!(sameness(&batch) < 0.99, "{}: a pair has two latents", sameness(&batch));
        check("loss_g, diverse and balanced", network, |network| {
            generator_loss(network, &critic, &segmentor, &batch, &weights).total
        });
    }
}
