//! The kernels as an extension of Burn's backends.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, ExtensionType, backend_extension};

use super::{Activation, AdamStep, Convolution};

/// An operand that may be missing; extensions of Burn cannot take an `Option`.
#[derive(ExtensionType)]
pub(super) enum Optional<B: Backend> {
    /// There.
    Given(FloatTensor<B>),
    /// Missing.
    Absent,
}

impl<B: Backend> Optional<B> {
    /// As an option.
    pub(super) fn given(self) -> Option<FloatTensor<B>> {
        match self {
            Self::Given(tensor) => Some(tensor),
            Self::Absent => None,
        }
    }
}

impl<B: Backend> From<Option<FloatTensor<B>>> for Optional<B> {
    fn from(tensor: Option<FloatTensor<B>>) -> Self {
        tensor.map_or(Self::Absent, Self::Given)
    }
}

/// What Burn lacks. Implemented for Flex, and for Flex with autodiff; all tensors are f32.
#[backend_extension(Flex, Autodiff)]
pub(super) trait Kernels: Backend {
    /// `activation(convolution(x) + bias)`.
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        #[extension_type] bias: Optional<Self>,
        convolution: Convolution,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// InstanceNorm with scale and shift, plus a residual of the same or half the side, and ReLU of that.
    fn instance_norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        #[extension_type] residual: Optional<Self>,
        relu: bool,
    ) -> FloatTensor<Self>;

    /// x, times `slope` where `by` is below zero; no gradient reaches `by`.
    fn gate(x: FloatTensor<Self>, by: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;

    /// The value, the first and the second moment after one update; all `[n]`, without graph.
    fn adam(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// [`Kernels::instance_norm`] of a convolution without bias or activation.
    fn convolve_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        #[extension_type] residual: Optional<Self>,
        convolution: Convolution,
        relu: bool,
    ) -> FloatTensor<Self>;
}
