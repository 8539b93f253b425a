//! The network that FID is defined with: Inception-v3 as pytorch-fid has it, from a file of the user's.

mod layout;
mod resize;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;
use sha2::{Digest, Sha256};

#[cfg(test)]
pub(crate) use self::tests::test_inception;

use self::layout::{Step, Unit, layout};
use self::resize::to_network_input;
use crate::gpu::ComputeDevice;
use crate::kernels::{self, Activation, Convolution};
use crate::model::import::{Checkpoint, ImportError, ImportProblem, listed};
use crate::model::parameters::{HostTensor, ParameterError, to_host};

/// Length of the features, those of the last pooling layer.
pub const FEATURES: usize = 2048;
/// Side of the pictures that the network takes, in px.
const SIDE: usize = 299;
/// Classes that the original network tells apart. ImageNet's own networks have 1000.
const CLASSES: usize = 1008;
/// Epsilon of its norms.
const EPSILON: f64 = 1e-3;
/// How the hash of pytorch-fid's own file begins; its name says so, too.
const PUBLISHED: &str = "6726825d";
/// What the errors call it.
const CLASS: &str = "Inception network of FID";
const UNKNOWN: &str = "holds no Inception network of FID (looked for `Conv2d_1a_3x3.conv.weight`); give pytorch-fid's \
                       file, pt_inception-2015-12-05-6726825d.pth";
const IMAGENET: &str = "an Inception network that FID is not defined with (its `fc.weight` is not for 1008 classes); give \
                        pytorch-fid's file, pt_inception-2015-12-05-6726825d.pth";

/// A convolution that its norm has gone into.
#[derive(Clone, Debug)]
struct Layer {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: [usize; 2],
}

/// The network on a device. It always computes in f32, so that figures do not depend on the device.
#[derive(Clone, Debug)]
pub struct Inception {
    steps: Vec<Step<Layer>>,
    device: Device,
    /// SHA-256 of the weights' file, hexadecimal.
    pub sha256: String,
}

impl Inception {
    /// Reads the weights that pytorch-fid uses, or others in the same form.
    ///
    /// # Errors
    /// The file is no checkpoint, damaged, hostile, or of another network.
    pub fn load(path: &Path, compute: &ComputeDevice) -> Result<Self, ImportError> {
        let failed = |problem: ImportProblem| ImportError::new(path, problem);
        let checkpoint = Checkpoint::open(path).map_err(failed)?;
        check(&checkpoint).map_err(failed)?;
        let steps = build(&compute.device, &mut |name, _| checkpoint.read(name)).map_err(failed)?;
        let sha256 = file_hash(path).map_err(|error| failed(error.into()))?;
        Ok(Self { steps, device: compute.device.clone(), sha256 })
    }

    /// Whether the weights are those that published figures are computed with.
    pub fn is_published(&self) -> bool {
        self.sha256.starts_with(PUBLISHED)
    }

    /// Features of pictures of any size, `[b, 2048]`.
    ///
    /// # Errors
    /// The device did not deliver.
    pub fn features(&self, pictures: &[RgbImage]) -> Result<Vec<f32>, ParameterError> {
        let shape = [pictures.len(), 3, SIDE, SIDE];
        let x = Tensor::<4>::from_data(TensorData::new(to_network_input(pictures), shape), &self.device);
        let x = run(&self.steps, x);
        let [batch, channels, height, width] = x.dims();
        let pooled = x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels]);
        Ok(to_host(pooled, "Inception features")?.values)
    }
}

/// All tensors are there in their shapes, before one is read.
fn check(checkpoint: &Checkpoint) -> Result<(), ImportProblem> {
    if checkpoint.shape("Conv2d_1a_3x3.conv.weight").is_none() {
        return Err(ImportProblem::Wanted(UNKNOWN));
    }
    if checkpoint.shape("fc.weight").is_some_and(|shape| shape != [CLASSES, FEATURES]) {
        return Err(ImportProblem::Wanted(IMAGENET));
    }
    let mut wanted: Vec<(String, Vec<usize>)> = Vec::new();
    for_each_unit(&layout(), &mut |unit| wanted.extend(unit.tensors()));
    let missing = wanted.iter().map(|(name, _)| name.as_str()).filter(|name| checkpoint.shape(name).is_none());
    let missing: Vec<&str> = missing.collect();
    if !missing.is_empty() {
        return Err(ImportProblem::Missing { class: CLASS, names: listed(missing) });
    }
    for (name, expected) in wanted {
        if let Some(found) = checkpoint.shape(&name).filter(|found| *found != expected) {
            let found = found.to_vec();
            return Err(ImportProblem::Shape { class: CLASS, name, found, expected });
        }
    }
    Ok(())
}

fn for_each_unit(steps: &[Step<Unit>], f: &mut impl FnMut(&Unit)) {
    for step in steps {
        match step {
            Step::Convolution(unit) => f(unit),
            Step::Fork(branches) => branches.iter().for_each(|branch| for_each_unit(branch, f)),
            Step::Average | Step::HalvingMaximum | Step::Maximum => {}
        }
    }
}

impl Unit {
    /// Names and shapes in the file.
    fn tensors(&self) -> [(String, Vec<usize>); 5] {
        let [height, width] = self.kernel;
        let norm = |what: &str| (format!("{}.bn.{what}", self.name), vec![self.output]);
        [
            (format!("{}.conv.weight", self.name), vec![self.output, self.input, height, width]),
            norm("weight"),
            norm("bias"),
            norm("running_mean"),
            norm("running_var"),
        ]
    }
}

/// The network from tensors by name and shape.
fn build(
    device: &Device,
    read: &mut impl FnMut(&str, &[usize]) -> Result<HostTensor, ImportProblem>,
) -> Result<Vec<Step<Layer>>, ImportProblem> {
    let mut layer = |unit: &Unit| {
        let tensors = unit.tensors();
        let mut values = Vec::with_capacity(tensors.len());
        for (name, shape) in &tensors {
            values.push(read(name, shape)?.values);
        }
        let Ok([mut weight, scale, shift, mean, variance]) = <[Vec<f32>; 5]>::try_from(values) else {
            return Err(ImportProblem::Container("a layer is incomplete".to_owned()));
        };
        let mut bias = Vec::with_capacity(unit.output);
        let per_output = weight.len() / unit.output;
        for (channel, weight) in weight.chunks_exact_mut(per_output).enumerate() {
            let factor = f64::from(scale[channel]) / (f64::from(variance[channel]) + EPSILON).sqrt();
            weight.iter_mut().for_each(|value| *value = (f64::from(*value) * factor) as f32);
            bias.push((f64::from(shift[channel]) - f64::from(mean[channel]) * factor) as f32);
        }
        if let Some((name, _)) = tensors.first().filter(|_| weight.iter().chain(&bias).any(|value| !value.is_finite()))
        {
            return Err(ImportProblem::NotFinite(name.clone()));
        }
        let shape = [unit.output, unit.input, unit.kernel[0], unit.kernel[1]];
        Ok(Layer {
            weight: Tensor::from_data(TensorData::new(weight, shape), device),
            bias: Tensor::from_data(TensorData::new(bias, [unit.output]), device),
            stride: unit.stride,
            padding: unit.padding,
        })
    };
    layout().iter().map(|step| step.try_map(&mut layer)).collect()
}

fn run(steps: &[Step<Layer>], x: Tensor<4>) -> Tensor<4> {
    steps.iter().fold(x, |x, step| match step {
        Step::Convolution(layer) => layer.forward(x),
        Step::Average => {
            let around = AvgPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]);
            avg_pool2d(x, around.with_count_include_pad(false))
        }
        Step::HalvingMaximum => max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2])),
        Step::Maximum => max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1])),
        Step::Fork(branches) => {
            Tensor::cat(branches.iter().map(|branch| run(branch, x.clone())).collect::<Vec<_>>(), 1)
        }
    })
}

impl Layer {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = self.weight.dims();
        let (weight, bias) = (self.weight.clone(), Some(self.bias.clone()));
        if height == width {
            let convolution = Convolution::forward(height, self.stride, self.padding[0]);
            return kernels::convolve(x, weight, bias, convolution, Activation::LeakyRelu(0.0));
        }
        let options = ConvOptions::new([self.stride; 2], self.padding, [1, 1], 1);
        relu(conv2d(x, weight, bias, options))
    }
}

fn file_hash(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hasher.update(&piece[..length]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
