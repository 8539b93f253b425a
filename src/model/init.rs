//! Initial weights, drawn from one seed on the host so that they are the same on every device.

use burn::module::{Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::gpu::ComputeDevice;

/// Makes parameters in the order the layers ask for them.
pub struct Init {
    /// Absent: the weights are zeros that take no memory until they are read or replaced.
    rng: Option<Pcg64Mcg>,
    compute: ComputeDevice,
}

impl Init {
    /// Starts the sequence of `seed`; parameters are placed on `compute`.
    pub fn new(seed: u64, compute: &ComputeDevice) -> Self {
        Self { rng: Some(Pcg64Mcg::seed_from_u64(seed)), compute: compute.clone() }
    }

    /// For networks whose weights are loaded next. Nothing is allocated before that, so the shapes that a file claims
    /// can be checked against it first.
    pub fn zeros(compute: &ComputeDevice) -> Self {
        Self { rng: None, compute: compute.clone() }
    }

    /// Where parameters are placed.
    pub fn compute(&self) -> &ComputeDevice {
        &self.compute
    }

    /// A weight of U(−a, a), a = √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).
    pub fn xavier<const D: usize>(&mut self, shape: [usize; D], fan_in: usize, fan_out: usize) -> Param<Tensor<D>> {
        let Some(rng) = &mut self.rng else {
            return self.constant(0.0, shape);
        };
        let bound = (6.0 / (fan_in + fan_out) as f32).sqrt();
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| rng.random_range(-bound..bound)).collect();
        let device = &self.compute.device;
        let tensor = Tensor::from_data(TensorData::new(values, shape), device);
        Param::initialized(ParamId::new(), tensor.set_require_grad(device.is_autodiff()))
    }

    /// A parameter whose values are all the same; made when it is first used.
    pub fn constant<const D: usize>(&self, value: f32, shape: [usize; D]) -> Param<Tensor<D>> {
        let device = self.compute.device.clone();
        let trainable = device.is_autodiff();
        let make = move |device: &burn::tensor::Device, trainable: bool| {
            Tensor::full(shape, value, device).set_require_grad(trainable)
        };
        Param::uninitialized(ParamId::new(), make, device, trainable, shape.into())
    }
}
