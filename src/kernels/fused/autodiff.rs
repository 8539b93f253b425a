//! Backward passes of [`FusedKernels`].

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Backend};

use super::{Added, FusedKernels, Norm};
use crate::kernels::AdamStep;
use crate::kernels::list::TensorList;

#[derive(Debug)]
struct Normed;

/// What the backward pass of a norm needs.
#[derive(Clone, Debug)]
struct Passed<B: Backend> {
    x: FloatTensor<B>,
    y: FloatTensor<B>,
    statistics: FloatTensor<B>,
    scale: FloatTensor<B>,
    norm: Norm,
}

impl<B: Backend + FusedKernels> Passed<B> {
    /// Registers the gradients at x, scale, shift and the residual, where a node wants them.
    fn register(self, gradient: FloatTensor<B>, nodes: [Option<NodeId>; 4], gradients: &mut Gradients) {
        let Self { x, y, statistics, scale, norm } = self;
        let (at_x, at_scale, at_shift, at_residual) =
            B::norm_gradients(x, y, statistics, scale, gradient.clone(), norm);
        // Added to the result and nothing done to that: its gradient is the result's.
        let untouched = norm.added == Added::Same && !norm.relu && !norm.half;
        let at_residual = if untouched { gradient } else { at_residual };
        for (node, gradient) in nodes.into_iter().zip([at_x, at_scale, at_shift, at_residual]) {
            if let Some(node) = node {
                gradients.register::<B>(node, gradient);
            }
        }
    }
}

impl<B: Backend + FusedKernels> Backward<B, 3> for Normed {
    type State = Passed<B>;

    fn backward(self, ops: Ops<Passed<B>, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [x, scale, shift] = ops.parents.map(|node| node.map(|node| node.id));
        ops.state.register(gradient, [x, scale, shift, None], gradients);
    }
}

impl<B: Backend + FusedKernels> Backward<B, 4> for Normed {
    type State = Passed<B>;

    fn backward(self, ops: Ops<Passed<B>, 4>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        ops.state.register(gradient, ops.parents.map(|node| node.map(|node| node.id)), gradients);
    }
}

#[derive(Debug)]
struct BiasedLeaky;

impl<B: Backend + FusedKernels> Backward<B, 2> for BiasedLeaky {
    /// What came out, and the slope.
    type State = (FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (y, slope) = ops.state;
        let [x, bias] = ops.parents.map(|node| node.map(|node| node.id));
        let at_x = match bias {
            Some(bias) => {
                let (at_x, at_bias) = B::biased_leaky_gradients(y, gradient, slope);
                gradients.register::<B>(bias, at_bias);
                at_x
            }
            None => B::half_gate(gradient, y, slope),
        };
        if let Some(x) = x {
            gradients.register::<B>(x, at_x);
        }
    }
}

#[derive(Debug)]
struct Gated;

impl<B: Backend + FusedKernels> Backward<B, 1> for Gated {
    /// What it was gated by, and the slope.
    type State = (FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (by, slope) = ops.state;
        let [x] = ops.parents;
        if let Some(x) = x {
            gradients.register::<B>(x.id, B::half_gate(gradient, by, slope));
        }
    }
}

#[derive(Debug)]
struct Entropy;

impl<B: Backend + FusedKernels> Backward<B, 1> for Entropy {
    /// Logits and targets.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (logits, targets) = ops.state;
        let [node] = ops.parents;
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::label_entropy_gradient(logits, targets, gradient));
        }
    }
}

impl<B: Backend + FusedKernels, C: CheckpointStrategy> FusedKernels for Autodiff<B, C> {
    fn norm_planes(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let run = |x, scale, shift, residual| B::norm_planes(x, scale, shift, residual, norm);
        macro_rules! record {
            ([$($node:expr),+]) => {
                match Backward::<B, { [$(stringify!($node)),+].len() }>::prepare::<C>(Normed, [$($node.node()),+])
                    .compute_bound()
                    .stateful()
                {
                    OpsKind::Tracked(prepared) => {
                        let (x, scale) = (x.into_primitive(), scale.into_primitive());
                        let (y, statistics) =
                            run(x.clone(), scale.clone(), shift.into_primitive(), residual.into_primitive());
                        let passed = Passed { x, y: y.clone(), statistics: statistics.clone(), scale, norm };
                        (prepared.finish(passed, y), Self::from_inner(statistics))
                    }
                    OpsKind::UnTracked(prepared) => {
                        let (y, statistics) = run(
                            x.into_primitive(),
                            scale.into_primitive(),
                            shift.into_primitive(),
                            residual.into_primitive(),
                        );
                        (prepared.finish(y), Self::from_inner(statistics))
                    }
                }
            };
        }
        match norm.added {
            Added::Nothing => record!([x, scale, shift]),
            Added::Same | Added::Doubled => record!([x, scale, shift, residual]),
        }
    }

    fn norm_gradients(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [x, y, statistics, scale, gradient] =
            [x, y, statistics, scale, gradient].map(FloatTensor::<Self>::into_primitive);
        let (x, scale, shift, residual) = B::norm_gradients(x, y, statistics, scale, gradient, norm);
        (Self::from_inner(x), Self::from_inner(scale), Self::from_inner(shift), Self::from_inner(residual))
    }

    fn biased_leaky(x: FloatTensor<Self>, bias: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let prepared = BiasedLeaky.prepare::<C>([x.node(), bias.node()]).compute_bound().stateful();
        let y = B::biased_leaky(x.into_primitive(), bias.into_primitive(), slope);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((y.clone(), slope), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }

    fn biased_leaky_gradients(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        slope: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (x, bias) = B::biased_leaky_gradients(y.into_primitive(), gradient.into_primitive(), slope);
        (Self::from_inner(x), Self::from_inner(bias))
    }

    fn half_gate(x: FloatTensor<Self>, by: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let prepared = Gated.prepare::<C>([x.node()]).compute_bound().stateful();
        let by = by.into_primitive();
        let gated = B::half_gate(x.into_primitive(), by.clone(), slope);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((by, slope), gated),
            OpsKind::UnTracked(prepared) => prepared.finish(gated),
        }
    }

    fn label_entropy(logits: FloatTensor<Self>, targets: FloatTensor<Self>) -> FloatTensor<Self> {
        let prepared = Entropy.prepare::<C>([logits.node()]).compute_bound().stateful();
        let (logits, targets) = (logits.into_primitive(), targets.into_primitive());
        let entropy = B::label_entropy(logits.clone(), targets.clone());
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((logits, targets), entropy),
            OpsKind::UnTracked(prepared) => prepared.finish(entropy),
        }
    }

    fn label_entropy_gradient(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [logits, targets, gradient] = [logits, targets, gradient].map(FloatTensor::<Self>::into_primitive);
        Self::from_inner(B::label_entropy_gradient(logits, targets, gradient))
    }

    fn fused_adam(rows: TensorList<Self>, step: AdamStep) -> TensorList<Self> {
        outside_the_graph(rows, |rows| B::fused_adam(rows, step))
    }

    fn fused_averages(rows: TensorList<Self>, decay: f64) -> TensorList<Self> {
        outside_the_graph(rows, |rows| B::fused_averages(rows, decay))
    }
}

/// Runs what has no gradient.
fn outside_the_graph<B: Backend, C: CheckpointStrategy>(
    rows: TensorList<Autodiff<B, C>>,
    run: impl FnOnce(TensorList<B>) -> TensorList<B>,
) -> TensorList<Autodiff<B, C>> {
    let rows = rows.0.into_iter().map(FloatTensor::<Autodiff<B, C>>::into_primitive).collect();
    TensorList(run(TensorList(rows)).0.into_iter().map(Autodiff::<B, C>::from_inner).collect())
}
