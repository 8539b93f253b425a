//! Networks, losses, gradients and three training steps against tensors computed elsewhere in float64.
//!
//! The folder comes from `SCGAN_REFERENCE`, else `../shared/reference`; without it the test says so and passes.
//! `SCGAN_REFERENCE_DEVICE=gpu` runs the comparison on a GPU at the tolerance of its fast path, `half` does so on the
//! CPU with f16 convolutions. Every comparison prints a line `NAME relative_error`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Gradients, Tensor, TensorData};
use safetensors::SafeTensors;
use scgan::gpu::{self, ComputeDevice, ConvPrecision, DeviceChoice};
use scgan::model::import::{ImportOptions, Naming, import};
use scgan::model::parameters::{self, HostTensor, ParameterMap, TensorMap, to_host};
use scgan::model::{
    Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, GeneratorKind, Init, Model, Segmentor,
    SegmentorConfig, one_hot,
};
use scgan::taxonomy::{GroupKind, Taxonomy};
use scgan::train::Adam;
use scgan::train::objectives::{attribute_loss, gradient_penalty, interpolate};
use scgan::train::phases::{PhaseBatch, Weights, discriminator_loss, generator_loss, segmentor_loss};

/// Largest errors allowed.
#[derive(Clone, Copy)]
struct Tolerance {
    output: f64,
    gradient: f64,
    /// Absolute, for biases that an InstanceNorm takes away again.
    dead_bias: f64,
    trajectory: f64,
    segmentor_change: f64,
    discriminator_change: f64,
}

const F32: Tolerance = Tolerance {
    output: 1e-4,
    gradient: 5e-3,
    dead_bias: 1e-5,
    trajectory: 3e-4,
    segmentor_change: 1e-3,
    discriminator_change: 5e-2,
};

/// f16 convolutions round each operand to 11 bits: outputs are held to 1e-2, the rest is printed.
const F16: Tolerance = Tolerance {
    output: 1e-2,
    gradient: f64::INFINITY,
    dead_bias: f64::INFINITY,
    trajectory: 1e-2,
    segmentor_change: f64::INFINITY,
    discriminator_change: f64::INFINITY,
};

/// Collects the comparisons of a run.
#[derive(Default)]
struct Report {
    failures: Vec<String>,
}

impl Report {
    fn relative(&mut self, name: &str, found: &[f32], expected: &[f32], tolerance: f64) {
        assert_eq!(found.len(), expected.len(), "{name}: other number of values");
        let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
        let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| f64::from(*a) - f64::from(*b)));
        let size = norm(&mut expected.iter().map(|value| f64::from(*value)));
        self.check(name, difference / size.max(1e-30), tolerance);
    }

    fn absolute(&mut self, name: &str, found: &[f32], tolerance: f64) {
        let largest = found.iter().map(|value| f64::from(value.abs())).max_by(f64::total_cmp).unwrap_or(f64::NAN);
        self.check(&format!("{name} (absolute)"), largest, tolerance);
    }

    fn check(&mut self, name: &str, error: f64, tolerance: f64) {
        println!("{name} {error:.3e}");
        if error.is_nan() || error > tolerance {
            self.failures.push(format!("{name}: {error:.3e} is over {tolerance:.0e}"));
        }
    }
}

/// The reference files.
struct Reference {
    weights: TensorMap,
    weights_after: TensorMap,
    inputs: TensorMap,
    expected: TensorMap,
    json: serde_json::Value,
}

fn folder() -> Option<PathBuf> {
    // Tests run in the package's folder.
    let folder = std::env::var_os("SCGAN_REFERENCE").map_or_else(|| "../shared/reference".into(), PathBuf::from);
    let found = folder.join("networks/reference.json").is_file();
    if !found {
        println!("skipped: no reference tensors at {}", folder.display());
    }
    found.then_some(folder)
}

fn read_tensors(path: &Path) -> TensorMap {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors = file.tensors().into_iter().map(|(name, view)| {
        let values = match view.dtype() {
            safetensors::Dtype::F32 => view.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            safetensors::Dtype::I32 => {
                view.data().as_chunks().0.iter().map(|b| i32::from_le_bytes(*b) as f32).collect()
            }
            other => panic!("{name} is {other:?}"),
        };
        (our_name(&name), HostTensor { shape: view.shape().to_vec(), values })
    });
    tensors.collect()
}

/// The reference calls G's blocks `block1`…`block4`; here they are a list.
fn our_name(name: &str) -> String {
    let mut name = name.to_owned();
    for number in 1..=9 {
        name = name.replace(&format!("generator.block{number}."), &format!("generator.blocks.{}.", number - 1));
    }
    name
}

impl Reference {
    fn read(folder: &Path) -> Self {
        let networks = folder.join("networks");
        let json = std::fs::read_to_string(networks.join("reference.json")).unwrap();
        Self {
            weights: read_tensors(&networks.join("weights.safetensors")),
            weights_after: read_tensors(&networks.join("weights_after_3.safetensors")),
            inputs: read_tensors(&networks.join("inputs.safetensors")),
            expected: read_tensors(&networks.join("expected.safetensors")),
            json: serde_json::from_str(&json).unwrap(),
        }
    }

    fn setting(&self, name: &str) -> f64 {
        self.json["config"][name].as_f64().unwrap_or_else(|| panic!("reference.json has no config.{name}"))
    }

    fn size(&self, name: &str) -> usize {
        self.setting(name) as usize
    }

    fn expected(&self, name: &str) -> &[f32] {
        &self.expected.get(name).unwrap_or_else(|| panic!("no {name} in expected.safetensors")).values
    }

    fn input<const D: usize>(&self, name: &str, compute: &ComputeDevice) -> Tensor<D> {
        let host = &self.inputs[name];
        Tensor::from_data(TensorData::new(host.values.clone(), host.shape.clone()), &compute.device)
    }

    fn labels(&self, name: &str, compute: &ComputeDevice) -> Tensor<4> {
        let host = &self.inputs[name];
        let ids: Vec<u8> = host.values.iter().map(|id| *id as u8).collect();
        one_hot(&ids, host.shape[0], self.size("n_s"), host.shape[1], &compute.device)
    }

    fn batch(&self, compute: &ComputeDevice) -> PhaseBatch {
        PhaseBatch {
            real: self.input("x", compute),
            labels: self.labels("labels", compute),
            target_labels: self.labels("target_labels", compute),
            attributes: self.input("c", compute),
            latent: self.input("z", compute),
            transforms: None,
        }
    }

    fn weights(&self) -> Weights {
        Weights {
            cls: self.setting("lambda_cls"),
            seg: self.setting("lambda_seg"),
            gp: self.setting("lambda_gp"),
            diversity: 0.0,
            label_balance: 0.0,
            groups: vec![(0..self.size("n_c"), GroupKind::Independent)],
        }
    }

    fn networks(&self, compute: &ComputeDevice) -> (Generator, Discriminator, Segmentor) {
        let (generator, discriminator, segmentor) = configs(self.size("width"), self.size("resolution"), self);
        let mut init = Init::zeros(compute);
        (
            parameters::load(generator.init(&mut init), "generator", &self.weights).unwrap(),
            parameters::load(discriminator.init(&mut init), "discriminator", &self.weights).unwrap(),
            parameters::load(segmentor.init(&mut init), "segmentor", &self.weights).unwrap(),
        )
    }
}

fn configs(
    width: usize,
    resolution: usize,
    reference: &Reference,
) -> (GeneratorConfig, DiscriminatorConfig, SegmentorConfig) {
    let (n_labels, n_attributes) = (reference.size("n_s"), reference.size("n_c"));
    let n_z = reference.size("n_z");
    (
        GeneratorConfig { kind: GeneratorKind::StepByStep, resolution, width, n_z, n_labels, n_attributes },
        DiscriminatorConfig { resolution, width, n_attributes },
        SegmentorConfig::paper(width, n_labels),
    )
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    to_host(tensor, "result").unwrap().values
}

/// Gradients by parameter name.
fn gradients<M: Module>(module: M, gradients: &Gradients, scale: f32) -> BTreeMap<String, Vec<f32>> {
    struct Collect<'a>(&'a Gradients, f32, BTreeMap<String, Vec<f32>>);
    impl ParameterMap for &mut Collect<'_> {
        fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
            let gradient = value.grad(self.0).unwrap_or_else(|| value.clone().inner().zeros_like());
            self.2.insert(name.to_owned(), host(gradient / self.1));
            value
        }
    }
    let mut collect = Collect(gradients, scale, BTreeMap::new());
    parameters::map(module, &mut collect);
    collect.2
}

fn compare_gradients(
    report: &mut Report,
    reference: &Reference,
    network: &str,
    found: &BTreeMap<String, Vec<f32>>,
    tolerance: Tolerance,
) {
    let prefix = format!("grad.{network}.");
    let mut compared = 0;
    for (name, expected) in reference.expected.iter().filter(|(name, _)| name.starts_with(&prefix)) {
        let gradient = &found[&our_name(&name["grad.".len()..])[network.len() + 1..]];
        if is_dead_bias(name) {
            report.absolute(name, gradient, tolerance.dead_bias);
        } else {
            report.relative(name, gradient, &expected.values, tolerance.gradient);
        }
        compared += 1;
    }
    assert_eq!(compared, found.len(), "{network}: every parameter has a reference gradient");
}

/// Biases of generator convolutions that an InstanceNorm follows, which takes them away.
fn is_dead_bias(name: &str) -> bool {
    name.starts_with("grad.generator.")
        && name.ends_with(".bias")
        && (name.contains("encoder_conv") || name.contains(".conv1.") || name.contains(".conv2."))
}

fn compare_all(reference: &Reference, compute: &ComputeDevice, tolerance: Tolerance) -> Report {
    let mut report = Report::default();
    compare_outputs(&mut report, reference, compute, tolerance);
    compare_losses_and_gradients(&mut report, reference, &compute.autodiff(), tolerance);
    compare_trajectory(&mut report, reference, &compute.autodiff(), tolerance);
    report
}

fn compare_outputs(report: &mut Report, reference: &Reference, compute: &ComputeDevice, tolerance: Tolerance) {
    let (generator, discriminator, segmentor) = reference.networks(compute);
    let batch = reference.batch(compute);
    let spatial = generator.spatial(batch.target_labels);
    let basic = generator.latent(spatial.clone(), batch.latent);
    let fake = generator.attributes(basic.clone(), batch.attributes);
    let mut output = |name: &str, found: Vec<f32>| {
        let name = format!("out.{name}");
        report.relative(&name, &found, reference.expected(&name), tolerance.output);
    };
    output("spatial", host(spatial));
    output("basic", host(basic));
    output("fake", host(fake));
    // The reference's own picture, so that an error of G is not counted against D and S as well.
    let picture = &reference.expected["out.fake"];
    let fake = Tensor::from_data(TensorData::new(picture.values.clone(), picture.shape.clone()), &compute.device);
    for (kind, picture) in [("real", batch.real), ("fake", fake)] {
        let verdict = discriminator.forward(picture.clone());
        output(&format!("d_{kind}"), host(verdict.scores));
        output(&format!("cls_{kind}"), host(verdict.logits.unwrap()));
        output(&format!("seg_{kind}"), host(segmentor.forward(picture)));
    }
}

fn compare_losses_and_gradients(
    report: &mut Report,
    reference: &Reference,
    compute: &ComputeDevice,
    tolerance: Tolerance,
) {
    let scale = if compute.conv == ConvPrecision::Half { 256.0 } else { 1.0 };
    let (generator, discriminator, segmentor) = reference.networks(compute);
    let (batch, weights) = (reference.batch(compute), reference.weights());
    let fake = generator.forward(batch.latent.clone(), batch.attributes.clone(), batch.target_labels.clone()).detach();
    let epsilon: Tensor<1> = reference.input::<4>("epsilon", compute).reshape([-1]);
    let mut loss = |name: &str, found: Tensor<1>| {
        let name = format!("loss.{name}");
        report.relative(&name, &host(found), reference.expected(&name), tolerance.output);
    };

    let d = discriminator_loss(&discriminator, &batch, fake.clone(), epsilon.clone(), &weights);
    loss("loss_d", d.total.clone());
    loss("d_real_mean", d.real);
    loss("d_fake_mean", d.fake);
    loss("gradient_penalty", d.penalty);
    loss("cls_real", d.classification);
    let interpolated = interpolate(batch.real.clone(), fake.clone(), epsilon);
    let (_, norms) = gradient_penalty(&discriminator, interpolated.clone());
    loss("gradient_norm", norms);
    let (s, ..) = segmentor_loss(&segmentor, &batch);
    loss("loss_s", s.clone());
    let g = generator_loss(&generator, &discriminator, &segmentor, &batch, &weights);
    loss("loss_g", g.total.clone());
    loss("adv_fake", g.adversarial);
    loss("cls_fake", g.classification);
    loss("seg_fake", g.segmentation);

    let input_gradient = host(discriminator.input_gradient(interpolated));
    report.relative("input_gradient", &input_gradient, reference.expected("input_gradient"), tolerance.gradient);
    let found = gradients(discriminator, &(d.total * scale).backward(), scale);
    compare_gradients(report, reference, "discriminator", &found, tolerance);
    let found = gradients(segmentor, &(s * scale).backward(), scale);
    compare_gradients(report, reference, "segmentor", &found, tolerance);
    let found = gradients(generator, &(g.total * scale).backward(), scale);
    compare_gradients(report, reference, "generator", &found, tolerance);
}

fn compare_trajectory(report: &mut Report, reference: &Reference, compute: &ComputeDevice, tolerance: Tolerance) {
    let scale = if compute.conv == ConvPrecision::Half { 256.0 } else { 1.0 };
    let (mut generator, mut discriminator, mut segmentor) = reference.networks(compute);
    let (batch, weights) = (reference.batch(compute), reference.weights());
    let epsilon: Tensor<1> = reference.input::<4>("epsilon", compute).reshape([-1]);
    let adam = || Adam::new(reference.setting("beta1"), reference.setting("beta2"));
    let (mut adam_g, mut adam_d, mut adam_s) = (adam(), adam(), adam());
    for (step, expected) in reference.json["trajectory_loss_d_s_g"].as_array().unwrap().iter().enumerate() {
        let fake =
            generator.forward(batch.latent.clone(), batch.attributes.clone(), batch.target_labels.clone()).detach();
        let d = discriminator_loss(&discriminator, &batch, fake, epsilon.clone(), &weights).total;
        discriminator = adam_d.step(discriminator, (d.clone() * scale).backward(), reference.setting("lr_d"), scale);
        let (s, ..) = segmentor_loss(&segmentor, &batch);
        segmentor = adam_s.step(segmentor, (s.clone() * scale).backward(), reference.setting("lr_s"), scale);
        let g = generator_loss(&generator, &discriminator, &segmentor, &batch, &weights).total;
        generator = adam_g.step(generator, (g.clone() * scale).backward(), reference.setting("lr_g"), scale);
        for (index, (name, loss)) in [("loss_d", d), ("loss_s", s), ("loss_g", g)].into_iter().enumerate() {
            let expected = expected[index].as_f64().unwrap() as f32;
            report.relative(&format!("trajectory.{step}.{name}"), &host(loss), &[expected], tolerance.trajectory);
        }
    }
    compare_change(report, reference, "segmentor", &segmentor, tolerance.segmentor_change);
    compare_change(report, reference, "discriminator", &discriminator, tolerance.discriminator_change);
    // Adam's first steps turn G's tiny gradients into noise: reported only.
    compare_change(report, reference, "generator", &generator, f64::INFINITY);
}

/// Compares by how much all weights of a network moved.
fn compare_change(report: &mut Report, reference: &Reference, network: &str, module: &impl Module, tolerance: f64) {
    let (mut found, mut expected) = (Vec::new(), Vec::new());
    for (name, now) in parameters::read(module, network).unwrap() {
        let (before, after) = (&reference.weights[&name].values, &reference.weights_after[&name].values);
        found.extend(now.values.iter().zip(before).map(|(now, before)| now - before));
        expected.extend(after.iter().zip(before).map(|(after, before)| after - before));
    }
    report.relative(&format!("change.{network}"), &found, &expected, tolerance);
}

#[test]
fn networks_and_one_training_step_match_the_reference() {
    let Some(folder) = folder() else { return };
    let reference = Reference::read(&folder);
    let (compute, tolerance) = match std::env::var("SCGAN_REFERENCE_DEVICE").as_deref() {
        Ok("gpu") => (gpu::open(DeviceChoice::Gpu(None)).unwrap(), F16),
        Ok("half") => (ComputeDevice::cpu().with_conv(ConvPrecision::Half), F16),
        _ => (ComputeDevice::cpu(), F32),
    };
    println!("on {} with {:?} convolutions", compute.description, compute.conv);
    let report = compare_all(&reference, &compute, tolerance);
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
}

#[test]
fn one_altered_reference_value_is_noticed() {
    let Some(folder) = folder() else { return };
    let compute = ComputeDevice::cpu();
    let mut altered = Reference::read(&folder);
    altered.expected.get_mut("out.cls_real").unwrap().values[3] += 0.05;
    let mut report = Report::default();
    compare_outputs(&mut report, &altered, &compute, F32);
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert!(report.failures[0].starts_with("out.cls_real"));

    // A value that is no number must not pass either.
    altered.expected.get_mut("out.cls_real").unwrap().values[3] = f32::NAN;
    let mut report = Report::default();
    compare_outputs(&mut report, &altered, &compute, F32);
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
}

/// The authors' files, and a width-8 model that reads them all.
fn upstream(folder: &Path, file: &str, segmentor: Option<&str>) -> Model {
    let path = |name: &str| folder.join("upstream").join(name);
    // Where z and the attributes enter together, 16 + 5 and 4 + 17 channels look alike.
    let naming = Naming { taxonomy: Taxonomy::builtin("celeba-7"), ..Naming::default() };
    let options = ImportOptions { naming, ..ImportOptions::default() };
    let segmentor = segmentor.map(path);
    import(&path(file), segmentor.as_deref(), &options, &ComputeDevice::cpu()).unwrap().0
}

fn compare_upstream(report: &mut Report, folder: &Path, io: &TensorMap) {
    let device = ComputeDevice::cpu().device;
    let data = |name: &str| TensorData::new(io[name].values.clone(), io[name].shape.clone());
    let (z, c) = (Tensor::<2>::from_data(data("z"), &device), Tensor::<2>::from_data(data("c"), &device));
    let (s, x) = (Tensor::<4>::from_data(data("s"), &device), Tensor::<4>::from_data(data("x"), &device));
    for (file, class) in [
        ("Generator_SC_2.pth", "Generator_SC_2"),
        ("Generator_SC_3.pth", "Generator_SC_3"),
        ("20_12000_G.pth", "Generator_SC_3"),
    ] {
        let model = upstream(folder, file, None);
        assert!(model.segmentor.is_none());
        let picture = host(model.generator.forward(z.clone(), c.clone(), s.clone()));
        report.relative(&format!("upstream.{file}"), &picture, &io[class].values, F32.output);
    }
    let model = upstream(folder, "Generator_SC_3.pth", Some("Segmentor.pth"));
    let logits = host(model.segmentor.unwrap().forward(x));
    report.relative("upstream.Segmentor.pth", &logits, &io["Segmentor"].values, F32.output);
}

#[test]
fn the_authors_files_give_their_classes_output() {
    let Some(folder) = folder() else { return };
    let mut io = read_tensors(&folder.join("upstream/io.safetensors"));
    let mut report = Report::default();
    compare_upstream(&mut report, &folder, &io);
    assert!(report.failures.is_empty(), "{:#?}", report.failures);

    for class in ["Generator_SC_2", "Generator_SC_3", "Segmentor"] {
        io.get_mut(class).unwrap().values[7] += 0.5;
    }
    let mut report = Report::default();
    compare_upstream(&mut report, &folder, &io);
    assert_eq!(report.failures.len(), 4, "poisoned values pass: {:#?}", report.failures);
}

#[test]
fn parameter_counts_match_the_reference() {
    let Some(folder) = folder() else { return };
    let reference = Reference::read(&folder);
    let (generator, discriminator, segmentor) =
        configs(reference.size("width"), reference.size("resolution"), &reference);
    let mut init = Init::zeros(&ComputeDevice::cpu());
    let counts = &reference.json["parameters"];
    for (name, count) in [
        ("generator", parameters::count_parameters(&generator.init(&mut init))),
        ("discriminator", parameters::count_parameters(&discriminator.init(&mut init))),
        ("segmentor", parameters::count_parameters(&segmentor.init(&mut init))),
    ] {
        assert_eq!(counts[name].as_u64(), Some(count as u64), "{name}");
    }
}

#[test]
fn attribute_loss_is_summed_over_attributes_and_divided_by_the_batch() {
    let device = ComputeDevice::cpu().device;
    let logits = Tensor::<2>::from_data([[2.0, -1.0], [0.5, 3.0], [-4.0, 0.0]], &device);
    let targets = Tensor::<2>::from_data([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]], &device);
    let loss = host(attribute_loss(logits, targets, &vec![(0..2, GroupKind::Independent)]))[0];
    let term =
        |x: f64, y: f64| -(y * (1.0 / (1.0 + (-x).exp())).ln() + (1.0 - y) * (1.0 - 1.0 / (1.0 + (-x).exp())).ln());
    let expected =
        (term(2.0, 1.0) + term(-1.0, 0.0) + term(0.5, 0.0) + term(3.0, 0.0) + term(-4.0, 1.0) + term(0.0, 1.0)) / 3.0;
    assert!((f64::from(loss) - expected).abs() < 1e-5, "{loss} {expected}");
}
