//! Backward pass of [`HalfConvolutions`].

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Backend};

use super::HalfConvolutions;
use crate::kernels::{Convolution, Direction};

#[derive(Debug)]
struct Convolved;

impl<B: Backend + HalfConvolutions> Backward<B, 2> for Convolved {
    /// x and the weight, both f16.
    type State = (FloatTensor<B>, FloatTensor<B>, Convolution);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight, convolution) = ops.state;
        let [x_node, weight_node] = ops.parents;
        let upsampling = convolution.direction == Direction::Upsampling;
        if let Some(node) = x_node {
            let turned = if upsampling { Convolution::forward(3, 1, 1).turned() } else { convolution.turned() };
            let at_x = B::half_convolve(gradient.clone(), weight, turned);
            gradients.register::<B>(node.id, if upsampling { B::half_sum_of_cells(at_x) } else { at_x });
        }
        if let Some(node) = weight_node {
            // Of a transposed convolution the roles change: the output's gradient is what the forward map takes in.
            let (entering, leaving, map) = match convolution.direction {
                Direction::Transposed => (gradient, x, convolution.turned()),
                Direction::Forward | Direction::Upsampling => (x, gradient, convolution),
            };
            gradients.register::<B>(node.id, B::half_weight_gradient(entering, leaving, map));
        }
    }
}

impl<B: Backend + HalfConvolutions, C: CheckpointStrategy> HalfConvolutions for Autodiff<B, C> {
    fn half_convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, convolution: Convolution) -> FloatTensor<Self> {
        let prepared = Convolved.prepare::<C>([x.node(), weight.node()]).compute_bound().stateful();
        match prepared {
            OpsKind::Tracked(prepared) => {
                let (x, weight) = (x.into_primitive(), B::half_weight(weight.into_primitive()));
                let y = B::half_convolve(x.clone(), weight.clone(), convolution);
                prepared.finish((x, weight, convolution), y)
            }
            OpsKind::UnTracked(prepared) => {
                let weight = B::half_weight(weight.into_primitive());
                prepared.finish(B::half_convolve(x.into_primitive(), weight, convolution))
            }
        }
    }

    fn half_weight(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::from_inner(B::half_weight(weight.into_primitive()))
    }

    fn half_sum_of_cells(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::from_inner(B::half_sum_of_cells(x.into_primitive()))
    }

    fn half_weight_gradient(
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        convolution: Convolution,
    ) -> FloatTensor<Self> {
        let at_weight = B::half_weight_gradient(x.into_primitive(), gradient.into_primitive(), convolution);
        Self::from_inner(at_weight)
    }
}
