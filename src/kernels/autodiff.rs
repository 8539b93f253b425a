//! Backward passes of the kernels, written by hand.

use std::sync::Arc;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Flex};

use super::flex::{NormOperands, Operands, dims, gated, tensor};
use super::norm::Statistics;
use super::ops::{Kernels, Optional};
use super::{Activation, AdamStep, Convolution};

#[derive(Debug)]
struct Convolved;

#[derive(Clone, Debug)]
struct ConvolvedState {
    operands: Operands,
    /// Absent without activation.
    y: Option<FlexTensor>,
}

impl ConvolvedState {
    /// Registers the gradients at x, the weight and the bias, where a node wants them.
    fn register(self, gradient: FlexTensor, nodes: [Option<NodeId>; 3], gradients: &mut Gradients) {
        let Self { operands, y } = self;
        let gradient = match y {
            Some(y) => operands.behind_activation(&y, gradient),
            None => gradient.to_contiguous(),
        };
        let [x, weight, bias] = nodes;
        if let Some(node) = x {
            gradients.register::<Flex>(node, operands.input_gradient(&gradient));
        }
        if let Some(node) = weight {
            gradients.register::<Flex>(node, operands.weight_gradient(&gradient));
        }
        if let Some(node) = bias {
            gradients.register::<Flex>(node, Operands::bias_gradient(&gradient));
        }
    }
}

impl Backward<Flex, 2> for Convolved {
    type State = ConvolvedState;

    fn backward(self, ops: Ops<ConvolvedState, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x, weight] = ops.parents.map(|node| node.map(|node| node.id));
        ops.state.register(gradient, [x, weight, None], gradients);
    }
}

impl Backward<Flex, 3> for Convolved {
    type State = ConvolvedState;

    fn backward(self, ops: Ops<ConvolvedState, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        ops.state.register(gradient, ops.parents.map(|node| node.map(|node| node.id)), gradients);
    }
}

#[derive(Debug)]
struct Normalised;

#[derive(Clone, Debug)]
struct NormalisedState {
    operands: NormOperands,
    y: FlexTensor,
    of: Arc<[Statistics]>,
}

impl NormalisedState {
    /// Registers the gradients at x, scale, shift and the residual, where a node wants them.
    fn register(self, gradient: &FlexTensor, nodes: [Option<NodeId>; 4], gradients: &mut Gradients) {
        let Self { operands, y, of } = self;
        let found = operands.gradients(&y, &of, gradient);
        let shape: [usize; 4] = dims(&operands.x);
        let [x, scale, shift, residual] = nodes;
        if let Some(node) = x {
            gradients.register::<Flex>(node, tensor(found.x, shape));
        }
        if let Some(node) = scale {
            gradients.register::<Flex>(node, tensor(found.scale, [shape[1]]));
        }
        if let Some(node) = shift {
            gradients.register::<Flex>(node, tensor(found.shift, [shape[1]]));
        }
        if let (Some(node), Some(values), Some(of)) = (residual, found.residual, &operands.residual) {
            gradients.register::<Flex>(node, tensor(values, dims::<4>(of)));
        }
    }
}

impl Backward<Flex, 3> for Normalised {
    type State = NormalisedState;

    fn backward(self, ops: Ops<NormalisedState, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x, scale, shift] = ops.parents.map(|node| node.map(|node| node.id));
        ops.state.register(&gradient, [x, scale, shift, None], gradients);
    }
}

impl Backward<Flex, 4> for Normalised {
    type State = NormalisedState;

    fn backward(self, ops: Ops<NormalisedState, 4>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        ops.state.register(&gradient, ops.parents.map(|node| node.map(|node| node.id)), gradients);
    }
}

#[derive(Debug)]
struct Gated;

impl Backward<Flex, 1> for Gated {
    /// What it was gated by, and the slope.
    type State = (FlexTensor, f32);

    fn backward(self, ops: Ops<(FlexTensor, f32), 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [x] = ops.parents;
        let (by, slope) = ops.state;
        if let Some(node) = x {
            gradients.register::<Flex>(node.id, gated(&gradient, &by, slope));
        }
    }
}

/// Records an operation with its state, or only computes it where no input asks for gradients.
macro_rules! record {
    ($operation:expr, $strategy:ty, [$($input:expr),+], $run:expr, $state:expr) => {
        match Backward::<Flex, { [$(stringify!($input)),+].len() }>::prepare::<$strategy>(
            $operation,
            [$($input.node()),+],
        )
        .compute_bound()
        .stateful()
        {
            OpsKind::Tracked(prepared) => {
                let output = $run;
                let state = $state(&output);
                prepared.finish(state, output.0)
            }
            OpsKind::UnTracked(prepared) => prepared.finish($run.0),
        }
    };
}

impl<C: CheckpointStrategy> Kernels for Autodiff<Flex, C> {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: Optional<Self>,
        convolution: Convolution,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let bias = bias.given();
        let bias_values = bias.as_ref().map(|bias| bias.primitive());
        let operands = Operands::new(x.primitive(), weight.primitive(), bias_values, convolution, activation);
        let state = |output: &(FlexTensor,)| ConvolvedState {
            operands: operands.clone(),
            y: (activation != Activation::None).then(|| output.0.clone()),
        };
        match bias {
            Some(bias) => record!(Convolved, C, [x, weight, bias], (operands.forward(),), state),
            None => record!(Convolved, C, [x, weight], (operands.forward(),), state),
        }
    }

    fn instance_norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        residual: Optional<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        let residual = residual.given();
        let residual_values = residual.as_ref().map(|residual| residual.primitive());
        let operands = NormOperands::new(x.primitive(), scale.primitive(), shift.primitive(), residual_values, relu);
        let state = |output: &(FlexTensor, Vec<Statistics>)| NormalisedState {
            operands: operands.clone(),
            y: output.0.clone(),
            of: output.1.clone().into(),
        };
        match residual {
            Some(residual) => record!(Normalised, C, [x, scale, shift, residual], operands.forward(), state),
            None => record!(Normalised, C, [x, scale, shift], operands.forward(), state),
        }
    }

    fn gate(x: FloatTensor<Self>, by: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let by = by.into_primitive();
        let state = |_: &(FlexTensor,)| (by.clone(), slope);
        record!(Gated, C, [x], (gated(x.primitive(), &by, slope),), state)
    }

    fn adam(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [value, gradient, first, second] =
            [value, gradient, first, second].map(FloatTensor::<Self>::into_primitive);
        let (value, first, second) = Flex::adam(value, gradient, first, second, step);
        (Self::from_inner(value), Self::from_inner(first), Self::from_inner(second))
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
        let y = Self::convolve(x, weight, Optional::Absent, convolution, Activation::None);
        Self::instance_norm(y, scale, shift, residual, relu)
    }
}
