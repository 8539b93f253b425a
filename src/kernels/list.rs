//! Any number of tensors as one operand or result of an extension of Burn.
//!
//! Burn's derive knows structs with fixed fields; this is what it would generate for them, over a `Vec`.

use burn::backend::fusion::custom::{
    ExtensionMetadata, Float, FusionValueAdapter, HandleContainer, OutputTensor, TensorId, TensorIr, TensorSpec,
};
use burn::backend::fusion::{ExecutionError, Fusion, FusionBackend, FusionRuntime, FusionTensor};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Backend, BackendTensor, Dispatch, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind, ExtensionType,
};

/// Float tensors of one device.
pub(super) struct TensorList<B: Backend>(pub(super) Vec<FloatTensor<B>>);

impl<B: Backend> ExtensionType<B> for TensorList<B> {
    type Target = TensorList<Dispatch>;

    fn map_to_dispatch<F>(self, map_kind: F, autodiff: DispatchAutodiffContext) -> Self::Target
    where
        F: Fn(BackendTensor<B>) -> DispatchTensorKind,
    {
        let there = |tensor| DispatchTensor { kind: map_kind(BackendTensor::Float(tensor)), autodiff };
        TensorList(self.0.into_iter().map(there).collect())
    }

    fn map_from_dispatch<F>(target: Self::Target, unwrap_kind: F) -> Self
    where
        F: Fn(DispatchTensor) -> BackendTensor<B>,
    {
        Self(target.0.into_iter().map(|tensor| unwrap_kind(tensor).float()).collect())
    }

    fn routing_tensor(target: &Self::Target) -> Option<&DispatchTensor> {
        target.0.first()
    }

    fn routing_float_tensor(target: &Self::Target) -> Option<&DispatchTensor> {
        target.0.first()
    }

    fn autodiff_context(target: &Self::Target) -> DispatchAutodiffContext {
        target.0.iter().map(|tensor| tensor.autodiff).fold(DispatchAutodiffContext::Disabled, |all, one| all.merge(one))
    }
}

impl<B: Backend> ExtensionMetadata for TensorList<B> {
    type Metadata = Vec<TensorSpec>;
    type Input = Vec<TensorIr>;
    type Output = Vec<OutputTensor>;
}

type Handles<B> = HandleContainer<<<B as FusionBackend>::FusionRuntime as FusionRuntime>::FusionHandle>;

impl<B: FusionBackend> FusionValueAdapter<B> for TensorList<B> {
    type Metadata = Vec<TensorSpec>;
    type Input = Vec<TensorIr>;
    type Output = Vec<OutputTensor>;
    type Inner = Self;
    type Fused = TensorList<Fusion<B>>;

    fn to_metadata(value: &Self::Fused) -> Self::Metadata {
        value.0.iter().map(<Float as FusionValueAdapter<B>>::to_metadata).collect()
    }

    fn visit_fused_tensors(value: &Self::Fused, visit: &mut impl FnMut(&FusionTensor<B::FusionRuntime>)) {
        value.0.iter().for_each(visit);
    }

    fn tensor_count(meta: &Self::Metadata) -> usize {
        meta.len()
    }

    fn append_input_ir(value: Self::Fused, inputs: &mut Vec<TensorIr>) -> Self::Input {
        value.0.into_iter().map(|tensor| <Float as FusionValueAdapter<B>>::append_input_ir(tensor, inputs)).collect()
    }

    fn resolve_inputs(input: &Self::Input, handles: &mut Handles<B>) -> Self::Inner {
        Self(input.iter().map(|tensor| <Float as FusionValueAdapter<B>>::resolve_inputs(tensor, handles)).collect())
    }

    fn append_output_ir(
        meta: &Self::Metadata,
        out: &mut Vec<TensorIr>,
        create: &mut impl FnMut() -> TensorId,
    ) -> Self::Output {
        meta.iter().map(|spec| <Float as FusionValueAdapter<B>>::append_output_ir(spec, out, create)).collect()
    }

    fn validate_outputs(value: &Self, output: &Self::Output, device: Option<&B::Device>) -> Result<(), ExecutionError> {
        if value.0.len() != output.len() {
            return Err(ExecutionError::generic("an operation gave another number of tensors than it announced"));
        }
        let mut pairs = value.0.iter().zip(output);
        pairs
            .try_for_each(|(tensor, output)| <Float as FusionValueAdapter<B>>::validate_outputs(tensor, output, device))
    }

    fn register_output_handles(value: Self, output: &Self::Output, handles: &mut Handles<B>) {
        for (tensor, output) in value.0.into_iter().zip(output) {
            <Float as FusionValueAdapter<B>>::register_output_handles(tensor, output, handles);
        }
    }

    fn build_fused_output(
        meta: &Self::Metadata,
        tensors: &mut std::vec::IntoIter<FusionTensor<B::FusionRuntime>>,
    ) -> Self::Fused {
        TensorList(
            meta.iter().map(|spec| <Float as FusionValueAdapter<B>>::build_fused_output(spec, tensors)).collect(),
        )
    }
}
