//! Adam with named moments, so that a checkpoint holds them beside the weights they belong to.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use crate::kernels::{self, AdamStep, Moments, Weight};
use crate::model::parameters::{self, HostTensor, ParameterError, ParameterMap, Replaced, TensorMap, to_host};

/// PyTorch's default.
const EPSILON: f64 = 1e-8;

/// Adam (Kingma and Ba 2015) over the parameters of one network.
#[derive(Clone, Debug)]
pub struct Adam {
    beta1: f64,
    beta2: f64,
    updates: i32,
    moments: BTreeMap<String, Moments>,
}

impl Adam {
    /// No moments yet.
    pub fn new(beta1: f64, beta2: f64) -> Self {
        Self { beta1, beta2, updates: 0, moments: BTreeMap::new() }
    }

    /// One update of every parameter that has a gradient. `scale` divides the gradients: the factor that was put on the
    /// loss to keep f16 gradients from vanishing.
    ///
    /// Gradients are taken one by one: what is left in the container is dropped in another order every time, and Burn
    /// plans its kernels anew for every order of operations, drops among them (docs/MEASUREMENTS.md).
    pub fn step<M: Module>(&mut self, module: M, mut gradients: Gradients, rate: f64, scale: f64) -> M {
        self.updates = self.updates.saturating_add(1);
        let correction1 = 1.0 - self.beta1.powi(self.updates);
        let correction2 = 1.0 - self.beta2.powi(self.updates);
        let step = AdamStep {
            beta1: self.beta1,
            beta2: self.beta2,
            rate: rate / correction1,
            root: correction2.sqrt(),
            epsilon: EPSILON,
            scale,
        };
        let mut taken =
            Taken { gradients: &mut gradients, moments: &mut self.moments, names: Vec::new(), weights: Vec::new() };
        let module = parameters::map(module, &mut taken);
        let Taken { names, weights, .. } = taken;
        let mut updated = BTreeMap::new();
        for (name, (value, moments)) in names.into_iter().zip(kernels::adam_all(weights, step)) {
            self.moments.insert(name.clone(), moments);
            updated.insert(name, value);
        }
        parameters::map(module, Replaced(updated))
    }

    /// Reads the moments back, named `prefix.first.NAME` and `prefix.second.NAME`.
    pub fn read(&self, prefix: &str) -> Result<TensorMap, ParameterError> {
        let mut tensors = TensorMap::new();
        for (name, moments) in &self.moments {
            for (order, moment) in [("first", &moments.first), ("second", &moments.second)] {
                let name = format!("{prefix}.{order}.{name}");
                let moment = to_host(moment.clone(), &name)?;
                tensors.insert(name, moment);
            }
        }
        Ok(tensors)
    }

    /// Number of updates so far, for the bias correction.
    pub fn updates(&self) -> i32 {
        self.updates
    }

    /// Continues after `updates` updates with the moments that [`Adam::read`] wrote. A parameter that never had a gradient
    /// has none: of a network without an update, a frozen one, or a bias that a norm takes away again.
    pub fn restore(
        &mut self,
        module: &impl Module,
        prefix: &str,
        updates: i32,
        tensors: &TensorMap,
        device: &Device,
    ) -> Result<(), ParameterError> {
        self.updates = updates;
        self.moments.clear();
        for (name, shape) in parameters::shapes(module) {
            let count = shape.iter().product();
            let path = |order: &str| format!("{prefix}.{order}.{name}");
            let moment = |order: &str| find(tensors, path(order), count);
            let absent = ["first", "second"].iter().all(|order| !tensors.contains_key(&path(order)));
            if updates == 0 || absent {
                continue;
            }
            let place = |host: &HostTensor| Tensor::from_data(TensorData::new(host.values.clone(), [count]), device);
            let moments = Moments { first: place(moment("first")?), second: place(moment("second")?) };
            self.moments.insert(name, moments);
        }
        Ok(())
    }
}

fn find(tensors: &TensorMap, name: String, count: usize) -> Result<&HostTensor, ParameterError> {
    match tensors.get(&name) {
        Some(tensor) if tensor.values.len() == count => Ok(tensor),
        Some(tensor) => Err(ParameterError::Shape { name, found: tensor.shape.clone(), expected: vec![count] }),
        None => Err(ParameterError::Missing(name)),
    }
}

/// The weights that have a gradient, with their moments.
struct Taken<'a> {
    gradients: &'a mut Gradients,
    moments: &'a mut BTreeMap<String, Moments>,
    names: Vec<String>,
    weights: Vec<Weight>,
}

impl ParameterMap for &mut Taken<'_> {
    fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
        let Some(gradient) = value.grad_remove(self.gradients) else {
            return value;
        };
        let count = [value.shape().num_elements()];
        let moments = self.moments.remove(name).unwrap_or_else(|| {
            let zero = Tensor::zeros(count, &gradient.device());
            Moments { first: zero.clone(), second: zero }
        });
        let flat = value.clone().inner().reshape(count);
        self.names.push(name.to_owned());
        self.weights.push(Weight { value: flat, gradient: gradient.reshape(count), moments });
        value
    }
}
