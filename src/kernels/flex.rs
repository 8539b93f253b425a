//! The kernels as operations of Burn's CPU backend, Flex.

use std::sync::Arc;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use super::adam::updated;
use super::finish;
use super::geometry::describe;
use super::instance_norm::{self, Images};
use super::norm::Statistics;
use super::ops::{Kernels, Optional};
use super::packed::packed;
use super::profile::timed;
use super::slices::Sized;
use super::weights::Packed;
use super::{Activation, AdamStep, Convolution};

/// The side lengths of a tensor.
pub(super) fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    tensor.layout().shape().dims()
}

/// The values of a contiguous f32 tensor.
pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage()[start..start + tensor.layout().num_elements()]
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn optional(tensor: Option<&FlexTensor>) -> Option<&[f32]> {
    tensor.map(values)
}

/// The packed weight, remembered for the next call.
fn remembered(sized: &Sized, weight: &FlexTensor) -> Arc<Packed> {
    let (start, shape) = (weight.layout().start_offset(), dims(weight));
    packed(&weight.data_arc(), sized.convolution, start, shape, || sized.pack(values(weight)))
}

/// The packed weight of the transposed map, remembered as the one of that convolution.
fn remembered_back(sized: &Sized, weight: &FlexTensor) -> Arc<Packed> {
    let (start, shape) = (weight.layout().start_offset(), dims(weight));
    packed(&weight.data_arc(), sized.back(), start, shape, || sized.pack_back(values(weight)))
}

/// `gradient`, times the slope where the output `y` of a leaky ReLU is below zero.
pub(super) fn gated(gradient: &FlexTensor, y: &FlexTensor, slope: f32) -> FlexTensor {
    let (gradient, y) = (gradient.to_contiguous(), y.to_contiguous());
    let behind = finish::behind_leaky_relu(values(&y), values(&gradient), slope);
    tensor(behind, dims::<4>(&gradient))
}

/// What [`Kernels::convolve`] and its gradients take, made contiguous.
#[derive(Clone, Debug)]
pub(super) struct Operands {
    pub(super) x: FlexTensor,
    pub(super) weight: FlexTensor,
    pub(super) bias: Option<FlexTensor>,
    pub(super) convolution: Convolution,
    pub(super) activation: Activation,
}

impl Operands {
    pub(super) fn new(
        x: &FlexTensor,
        weight: &FlexTensor,
        bias: Option<&FlexTensor>,
        convolution: Convolution,
        activation: Activation,
    ) -> Self {
        let bias = bias.map(FlexTensor::to_contiguous);
        Self { x: x.to_contiguous(), weight: weight.to_contiguous(), bias, convolution, activation }
    }

    fn sized(&self) -> Sized {
        Sized::new(self.convolution, dims(&self.x), dims(&self.weight))
    }

    /// Forward.
    pub(super) fn forward(&self) -> FlexTensor {
        let sized = self.sized();
        let packed = remembered(&sized, &self.weight);
        let y = sized.forward(values(&self.x), &packed, optional(self.bias.as_ref()), self.activation);
        tensor(y, sized.output_shape())
    }

    /// The gradient behind the activation from the one after it and the output.
    pub(super) fn behind_activation(&self, y: &FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let gradient = gradient.to_contiguous();
        match self.activation {
            Activation::None => gradient,
            Activation::LeakyRelu(slope) => gated(&gradient, y, slope),
        }
    }

    /// The gradient at x from the one behind the activation.
    pub(super) fn input_gradient(&self, gradient: &FlexTensor) -> FlexTensor {
        self.timed("gradient at x of", || {
            let sized = self.sized();
            let at_x = sized.input_gradient(values(gradient), &remembered_back(&sized, &self.weight));
            tensor(at_x, dims::<4>(&self.x))
        })
    }

    /// The gradient at the weight.
    pub(super) fn weight_gradient(&self, gradient: &FlexTensor) -> FlexTensor {
        self.timed("gradient at the weight of", || {
            let at_weight = self.sized().weight_gradient(values(&self.x), values(gradient));
            tensor(at_weight, dims::<4>(&self.weight))
        })
    }

    fn timed<R>(&self, what: &str, run: impl FnOnce() -> R) -> R {
        let name = || format!("{what} {}", self.convolution.describe(dims(&self.x), dims(&self.weight)));
        timed(None, name, run)
    }

    /// The gradient at the bias.
    pub(super) fn bias_gradient(gradient: &FlexTensor) -> FlexTensor {
        let [_, channels, height, width] = dims(gradient);
        tensor(finish::channel_sums(values(gradient), channels, height * width), [channels])
    }
}

/// What [`Kernels::instance_norm`] takes, made contiguous.
#[derive(Clone, Debug)]
pub(super) struct NormOperands {
    pub(super) x: FlexTensor,
    pub(super) scale: FlexTensor,
    pub(super) shift: FlexTensor,
    pub(super) residual: Option<FlexTensor>,
    pub(super) relu: bool,
}

impl NormOperands {
    pub(super) fn new(
        x: &FlexTensor,
        scale: &FlexTensor,
        shift: &FlexTensor,
        residual: Option<&FlexTensor>,
        relu: bool,
    ) -> Self {
        let [x, scale, shift] = [x, scale, shift].map(FlexTensor::to_contiguous);
        Self { x, scale, shift, residual: residual.map(FlexTensor::to_contiguous), relu }
    }

    pub(super) fn forward(&self) -> (FlexTensor, Vec<Statistics>) {
        let shape = dims(&self.x);
        let affine = [values(&self.scale), values(&self.shift)];
        let residual = optional(self.residual.as_ref());
        let (y, of) = instance_norm::forward(values(&self.x), Images::new(shape), affine, residual, self.relu);
        (tensor(y, shape), of)
    }

    pub(super) fn gradients(
        &self,
        y: &FlexTensor,
        of: &[Statistics],
        gradient: &FlexTensor,
    ) -> instance_norm::Gradients {
        let run = || {
            let gradient = gradient.to_contiguous();
            let residual = self.residual.as_ref().map(|residual| residual.layout().num_elements());
            let y = self.relu.then(|| values(y));
            let (x, images) = (values(&self.x), Images::new(dims(&self.x)));
            instance_norm::gradients(x, images, of, values(&self.scale), y, values(&gradient), residual)
        };
        timed(None, || describe("gradients of norm", dims(&self.x)), run)
    }
}

impl Kernels for Flex {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: Optional<Self>,
        convolution: Convolution,
        activation: Activation,
    ) -> FloatTensor<Self> {
        Operands::new(&x, &weight, bias.given().as_ref(), convolution, activation).forward()
    }

    fn instance_norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        residual: Optional<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        NormOperands::new(&x, &scale, &shift, residual.given().as_ref(), relu).forward().0
    }

    fn gate(x: FloatTensor<Self>, by: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        gated(&x, &by, slope)
    }

    fn adam(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let count: [usize; 1] = dims(&value);
        let [value, gradient] = [value, gradient].map(|tensor| tensor.to_contiguous());
        // In memory of their own, and all of it.
        let [mut first, mut second] = [first, second].map(|moment| FlexTensor::from_data(moment.into_data()));
        let updated = updated(values(&value), values(&gradient), first.storage_mut(), second.storage_mut(), step);
        (tensor(updated, count), first, second)
    }

    fn convolve_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        residual: Optional<Self>,
        convolution: Convolution,
        relu: bool,
    ) -> FloatTensor<Self> {
        let [x, weight, scale, shift] = [x, weight, scale, shift].map(|tensor| tensor.to_contiguous());
        let residual = residual.given().map(|residual| residual.to_contiguous());
        let sized = Sized::new(convolution, dims(&x), dims(&weight));
        let (shape, residual) = (sized.output_shape(), optional(residual.as_ref()));
        let images = Images::new(shape);
        let packed = remembered(&sized, &weight);
        let affine = [values(&scale), values(&shift)];
        let y = sized.forward_normalised(values(&x), &packed, affine, |at| images.residual(residual, at), relu);
        tensor(y, shape)
    }
}
