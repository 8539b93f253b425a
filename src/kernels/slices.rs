//! The kernels on rows of numbers: what Burn's tensors hold.

use std::borrow::Cow;
use std::sync::Arc;

use super::convolution::{self, Positions, slabs};
use super::finish;
use super::norm::Residual;
use super::plan::{Plan, Size};
use super::weights::{self, Kernel, Packed};
use super::{Activation, Convolution, Direction};

/// A convolution of one size.
#[derive(Clone, Debug)]
pub(super) struct Sized {
    pub(super) convolution: Convolution,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) plan: Plan,
}

impl Sized {
    pub(super) fn new(convolution: Convolution, x: [usize; 4], weight: [usize; 4]) -> Self {
        let (inputs, outputs) = convolution.channels(weight);
        let [batch, _, height, width] = x;
        let input = Size { batch, height, width };
        let (height, width) = (convolution.output_side(height), convolution.output_side(width));
        let plan = Plan::new(convolution, input, Size { batch, height, width }, outputs);
        Self { convolution, inputs, outputs, plan }
    }

    pub(super) fn output_shape(&self) -> [usize; 4] {
        let Size { batch, height, width } = self.plan.output;
        [batch, self.outputs, height, width]
    }

    /// The weight in the inner loop's order.
    pub(super) fn pack(&self, weight: &[f32]) -> Arc<Packed> {
        let weight = self.as_kernel_values(weight);
        Packed::new(Kernel::new(self.convolution, &weight, self.inputs, self.outputs), &self.plan)
    }

    fn as_kernel_values<'a>(&self, weight: &'a [f32]) -> Cow<'a, [f32]> {
        match self.convolution.direction {
            Direction::Upsampling => Cow::Owned(weights::derived(weight)),
            Direction::Forward | Direction::Transposed => Cow::Borrowed(weight),
        }
    }

    fn positions(&self, x: &[f32], packed: &Packed) -> Positions {
        let slabs = slabs(&self.plan, x, self.inputs);
        convolution::convolve(&self.plan, &slabs, self.inputs, packed)
    }

    /// `activation(convolution(x) + bias)`.
    pub(super) fn forward(&self, x: &[f32], packed: &Packed, bias: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        finish::activated(&self.plan, &self.positions(x, packed), self.outputs, bias, activation)
    }

    /// The convolution's InstanceNorm with scale and shift, plus `residual(image · channels + channel)`.
    pub(super) fn forward_normalised<'a>(
        &self,
        x: &[f32],
        packed: &Packed,
        affine: [&[f32]; 2],
        residual: impl Fn(usize) -> Residual<'a> + Sync,
        relu: bool,
    ) -> Vec<f32> {
        finish::normalised(&self.plan, &self.positions(x, packed), self.outputs, affine, residual, relu)
    }

    /// The gradient at x from the one at the output (behind the activation). `packed` is [`Sized::pack_back`]'s.
    pub(super) fn input_gradient(&self, gradient: &[f32], packed: &Packed) -> Vec<f32> {
        let plan = self.back_plan();
        let slabs = slabs(&plan, gradient, self.outputs);
        let positions = convolution::convolve(&plan, &slabs, self.outputs, packed);
        finish::activated(&plan, &positions, self.inputs, None, Activation::None)
    }

    /// The transposed map's weight in the inner loop's order.
    pub(super) fn pack_back(&self, weight: &[f32]) -> Arc<Packed> {
        let weight = self.as_kernel_values(weight);
        let kernel = Kernel::new(self.convolution, &weight, self.inputs, self.outputs);
        Packed::new(kernel.swapped(), &self.back_plan())
    }

    fn back_plan(&self) -> Plan {
        Plan::new(self.back(), self.plan.output, self.plan.input, self.inputs)
    }

    /// The gradient at the weight, in the weight's layout.
    pub(super) fn weight_gradient(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        match self.convolution.direction {
            Direction::Forward => {
                let slabs = slabs(&self.plan, x, self.inputs);
                convolution::weight_gradient(&self.plan, &slabs, self.inputs, gradient, self.outputs)
            }
            // The roles change: the output's gradient is what the forward map takes in, x what it gives.
            Direction::Transposed | Direction::Upsampling => {
                let plan = self.back_plan();
                let slabs = slabs(&plan, gradient, self.outputs);
                let gradient = convolution::weight_gradient(&plan, &slabs, self.outputs, x, self.inputs);
                match self.convolution.direction {
                    Direction::Upsampling => weights::derived_gradient(&gradient, self.inputs, self.outputs),
                    Direction::Forward | Direction::Transposed => gradient,
                }
            }
        }
    }

    /// The transposed map.
    pub(super) fn back(&self) -> Convolution {
        let Convolution { kernel, stride, padding, direction } = self.convolution;
        match direction {
            Direction::Forward => Convolution::transposed(kernel, stride, padding),
            Direction::Transposed => Convolution::forward(kernel, stride, padding),
            Direction::Upsampling => Convolution::forward(4, 2, 1),
        }
    }
}
