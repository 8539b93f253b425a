//! InstanceNorm with what follows it, a bias with a leaky ReLU, the cross-entropy of labels, and updates of weights, as
//! single GPU kernels.
//!
//! Out of Burn's operations a norm is about forty launches forward and backward and an update of one parameter four.
//! On a fast card the launches are what training waits for, not the arithmetic: see docs/MEASUREMENTS.md. So a norm is
//! one kernel here, its gradients are two (those at scale and shift are sums over the images), and Adam and the moving
//! average take many parameters at once.

mod autodiff;
mod check;
mod entropy;
mod leaky;
mod norm;
mod planes;
mod updates;

use burn::backend::fusion::custom::TensorSpec;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{DType, FloatDType, Shape, Tensor};
use burn_cubecl::tensor::CubeTensor;

use super::list::TensorList;
use super::{AdamStep, Affine, Moments, Weight};

pub(super) use check::Part;

/// What an InstanceNorm adds behind itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// Nothing.
    Nothing,
    /// A picture of the same size.
    Same,
    /// One of half the side; each of its pixels counts for four.
    Doubled,
}

/// What an InstanceNorm does besides norming.
#[derive(Clone, Copy, Debug)]
pub(super) struct Norm {
    pub(super) added: Added,
    pub(super) relu: bool,
    /// Whether the result is f16 instead of f32.
    pub(super) half: bool,
}

impl Norm {
    fn dtype(self) -> DType {
        if self.half { DType::F16 } else { DType::F32 }
    }
}

/// Implemented for GPUs, and there with autodiff. Pictures are f32 or f16, everything else is f32.
#[backend_extension(Cube, Fusion, Autodiff)]
pub(super) trait FusedKernels: Backend {
    /// x `[b, c, h, w]` normed, scaled and shifted by `[c]`, plus the residual, behind the ReLU; and mean and inverse
    /// deviation of every channel of every image, `[b, c, 2]`. Without a residual any tensor may stand in its place.
    #[fusion(meta = norm_specs)]
    fn norm_planes(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The gradients at x and the residual (where it is none, or would be `gradient` itself, any tensor stands in its
    /// place), and at scale and shift: from what went in and came out, and the gradient there. Not differentiable.
    #[fusion(meta = gradient_specs)]
    fn norm_gradients(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// f16 x `[b, c, h, w]` plus the bias `[c]`, times `slope` where that is below zero; computed in f32.
    #[fusion(meta = |x, _, _| x.clone())]
    fn biased_leaky(x: FloatTensor<Self>, bias: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;

    /// The gradients at x and the bias: from what came out, and the gradient there. Not differentiable.
    #[fusion(meta = leaky_gradient_specs)]
    fn biased_leaky_gradients(
        y: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        slope: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// f16 x, times `slope` where `by`, f16 too, is below zero; no gradient reaches `by`.
    #[fusion(meta = |x, _, _| x.clone())]
    fn half_gate(x: FloatTensor<Self>, by: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;

    /// Σ −target · log softmax(logits), `[1]`; both f32 `[b, n, h, w]`. No gradient reaches the targets.
    #[fusion(meta = |_, _| TensorSpec::new(Shape::from([1]), DType::F32))]
    fn label_entropy(logits: FloatTensor<Self>, targets: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The gradient at the logits from the one at [`FusedKernels::label_entropy`]. Not differentiable.
    #[fusion(meta = |logits, _, _| logits.clone())]
    fn label_entropy_gradient(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Rows of value, gradient, first and second moment → rows of value, first and second moment after one update; each
    /// `[n]`, without graph.
    #[fusion(meta = adam_specs)]
    fn fused_adam(#[extension_type] rows: TensorList<Self>, step: AdamStep) -> TensorList<Self>;

    /// Rows of average and value → averages, `decay·average + (1 − decay)·value`; each `[n]`, without graph.
    #[fusion(meta = average_specs)]
    fn fused_averages(#[extension_type] rows: TensorList<Self>, decay: f64) -> TensorList<Self>;
}

fn norm_specs(x: &TensorSpec, _: &TensorSpec, _: &TensorSpec, _: &TensorSpec, norm: &Norm) -> (TensorSpec, TensorSpec) {
    let [batch, channels, ..] = x.shape.dims::<4>();
    let statistics = TensorSpec::new(Shape::from([batch, channels, 2]), DType::F32);
    (TensorSpec::new(x.shape.clone(), norm.dtype()), statistics)
}

fn gradient_specs(
    x: &TensorSpec,
    _: &TensorSpec,
    statistics: &TensorSpec,
    scale: &TensorSpec,
    gradient: &TensorSpec,
    norm: &Norm,
) -> (TensorSpec, TensorSpec, TensorSpec, TensorSpec) {
    let residual = match at_residual(&gradient.shape, *norm) {
        Some(shape) => TensorSpec::new(shape, DType::F32),
        None => statistics.clone(),
    };
    (x.clone(), scale.clone(), scale.clone(), residual)
}

fn leaky_gradient_specs(y: &TensorSpec, _: &TensorSpec, _: &f32) -> (TensorSpec, TensorSpec) {
    let [_, channels, ..] = y.shape.dims::<4>();
    (y.clone(), TensorSpec::new(Shape::from([channels]), DType::F32))
}

fn adam_specs(rows: &[TensorSpec], _: &AdamStep) -> Vec<TensorSpec> {
    rows.chunks(4).flat_map(|row| vec![row[0].clone(); 3]).collect()
}

fn average_specs(rows: &[TensorSpec], _: &f64) -> Vec<TensorSpec> {
    rows.iter().step_by(2).cloned().collect()
}

/// The shape of the gradient at the residual, where it must be computed.
fn at_residual(shape: &Shape, norm: Norm) -> Option<Shape> {
    let [batch, channels, height, width] = shape.dims();
    match norm.added {
        Added::Doubled => Some(Shape::from([batch, channels, height / 2, width / 2])),
        Added::Same if norm.relu || norm.half => Some(shape.clone()),
        Added::Same | Added::Nothing => None,
    }
}

impl FusedKernels for CubeBackend {
    fn norm_planes(
        x: CubeTensor,
        scale: CubeTensor,
        shift: CubeTensor,
        residual: CubeTensor,
        norm: Norm,
    ) -> (CubeTensor, CubeTensor) {
        norm::forward(x, [scale, shift], residual, norm)
    }

    fn norm_gradients(
        x: CubeTensor,
        y: CubeTensor,
        statistics: CubeTensor,
        scale: CubeTensor,
        gradient: CubeTensor,
        norm: Norm,
    ) -> (CubeTensor, CubeTensor, CubeTensor, CubeTensor) {
        norm::gradients(norm::Passed { x, y, statistics, scale }, gradient, norm)
    }

    fn biased_leaky(x: CubeTensor, bias: CubeTensor, slope: f32) -> CubeTensor {
        leaky::forward(x, bias, slope)
    }

    fn biased_leaky_gradients(y: CubeTensor, gradient: CubeTensor, slope: f32) -> (CubeTensor, CubeTensor) {
        leaky::gradients(y, gradient, slope)
    }

    fn half_gate(x: CubeTensor, by: CubeTensor, slope: f32) -> CubeTensor {
        leaky::gated(x, by, slope)
    }

    fn label_entropy(logits: CubeTensor, targets: CubeTensor) -> CubeTensor {
        entropy::forward(logits, targets)
    }

    fn label_entropy_gradient(logits: CubeTensor, targets: CubeTensor, gradient: CubeTensor) -> CubeTensor {
        entropy::gradient(logits, targets, gradient)
    }

    fn fused_adam(rows: TensorList<Self>, step: AdamStep) -> TensorList<Self> {
        TensorList(updates::adam(rows.0, step))
    }

    fn fused_averages(rows: TensorList<Self>, decay: f64) -> TensorList<Self> {
        TensorList(updates::averages(rows.0, decay))
    }
}

/// [`super::instance_norm`].
pub(super) fn instance_norm(
    x: Tensor<4>,
    affine: Affine,
    residual: Option<Tensor<4>>,
    relu: bool,
    to: FloatDType,
) -> Tensor<4> {
    let added = match &residual {
        None => Added::Nothing,
        Some(residual) if residual.dims() == x.dims() => Added::Same,
        Some(_) => Added::Doubled,
    };
    let norm = Norm { added, relu, half: to == FloatDType::F16 };
    let Affine { scale, shift } = affine;
    // Its gradient is computed in f32.
    let residual = residual.map(|residual| residual.cast(FloatDType::F32).into_dispatch());
    let shift = shift.into_dispatch();
    let residual = residual.unwrap_or_else(|| shift.clone());
    Tensor::from_dispatch(Dispatch::norm_planes(x.into_dispatch(), scale.into_dispatch(), shift, residual, norm).0)
}

/// [`super::biased_leaky`].
pub(super) fn biased_leaky(x: Tensor<4>, bias: Tensor<1>, slope: f32) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::biased_leaky(x.into_dispatch(), bias.into_dispatch(), slope))
}

/// [`super::gate`] of f16 values.
pub(super) fn gate(x: Tensor<4>, by: Tensor<4>, slope: f32) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::half_gate(x.into_dispatch(), by.into_dispatch(), slope))
}

/// [`super::label_entropy`].
pub(super) fn label_entropy(logits: Tensor<4>, targets: Tensor<4>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::label_entropy(logits.into_dispatch(), targets.into_dispatch()))
}

/// [`super::adam_all`].
pub(super) fn adam(weights: Vec<Weight>, step: AdamStep) -> Vec<(Tensor<1>, Moments)> {
    let row = |Weight { value, gradient, moments: Moments { first, second } }| [value, gradient, first, second];
    let rows = weights.into_iter().flat_map(row).map(Tensor::into_dispatch).collect();
    let mut results = Dispatch::fused_adam(TensorList(rows), step).0.into_iter().map(Tensor::from_dispatch);
    let row = || Some((results.next()?, Moments { first: results.next()?, second: results.next()? }));
    std::iter::from_fn(row).collect()
}

/// [`super::averages`].
pub(super) fn averages(rows: Vec<[Tensor<1>; 2]>, decay: f64) -> Vec<Tensor<1>> {
    let rows = rows.into_iter().flatten().map(Tensor::into_dispatch).collect();
    Dispatch::fused_averages(TensorList(rows), decay).0.into_iter().map(Tensor::from_dispatch).collect()
}
