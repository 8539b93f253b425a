//! Parameters by name: the one way in which weights enter and leave the networks.
//!
//! A name is the path of fields, `encoder_conv.0.weight`; the tensors of files, moments and averages are keyed by it.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// Host values of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Side lengths.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: Vec<f32>,
}

/// Tensors by parameter name, in the order of their names.
pub type TensorMap = BTreeMap<String, HostTensor>;

/// A tensor could not be read from or put on a device.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// A network needs a tensor that is not there.
    #[error("tensor `{0}` is missing")]
    Missing(String),
    /// A tensor has another shape than the network's.
    #[error("tensor `{name}` is {found:?}, expected {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// The shape found.
        found: Vec<usize>,
        /// The network's.
        expected: Vec<usize>,
    },
    /// The device did not deliver (lost, or out of memory).
    #[error("the compute device did not deliver `{name}`: {reason}")]
    Device {
        /// The tensor asked for.
        name: String,
        /// The device's words.
        reason: String,
    },
}

/// Number of trainable values.
pub fn count_parameters(module: &impl Module) -> usize {
    shapes(module).iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
}

/// Name and shape of every parameter, in the network's own order.
pub fn shapes(module: &impl Module) -> Vec<(String, Vec<usize>)> {
    struct Shapes(Path, Vec<(String, Vec<usize>)>);
    impl ModuleVisitor for Shapes {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name);
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.1.push((self.0.name(), param.lazy_shape().to_vec()));
        }
    }
    let mut shapes = Shapes(Path::default(), Vec::new());
    module.visit(&mut shapes);
    shapes.1
}

/// Reads all parameters back to the host, named `prefix.name`. Synchronises with the device.
pub fn read(module: &impl Module, prefix: &str) -> Result<TensorMap, ParameterError> {
    struct Reader(Path, Result<TensorMap, ParameterError>);
    impl ModuleVisitor for Reader {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name);
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Ok(tensors) = &mut self.1 {
                let name = self.0.name();
                match to_host(param.val(), &name) {
                    Ok(tensor) => drop(tensors.insert(name, tensor)),
                    Err(error) => self.1 = Err(error),
                }
            }
        }
    }
    let mut reader = Reader(Path::starting_at(prefix), Ok(TensorMap::new()));
    module.visit(&mut reader);
    reader.1
}

/// Reads one tensor back to the host; `name` is for the error.
pub fn to_host<const D: usize>(tensor: Tensor<D>, name: &str) -> Result<HostTensor, ParameterError> {
    let device = |reason: String| ParameterError::Device { name: name.to_owned(), reason };
    let data = tensor.inner().try_into_data().map_err(|error| device(error.to_string()))?;
    let shape = data.shape().to_vec();
    let values = data.convert::<f32>().try_into_vec::<f32>().map_err(|error| device(format!("{error:?}")))?;
    Ok(HostTensor { shape, values })
}

/// Replaces every parameter by the value that `f` gives for (name, current value); the new values are trainable where
/// the old ones were.
pub fn map<M: Module>(module: M, f: impl ParameterMap) -> M {
    struct Mapper<F>(Path, F);
    impl<F: ParameterMap> ModuleMapper for Mapper<F> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name);
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let (id, value, mapper) = param.consume();
            let trainable = value.is_require_grad();
            let value = self.1.map(&self.0.name(), value);
            Param::from_mapped_value(id, value.set_require_grad(trainable), mapper)
        }
    }
    module.map(&mut Mapper(Path::default(), f))
}

/// A function on parameters of any rank.
pub trait ParameterMap {
    /// The new value of the parameter `name`, on the same device.
    fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D>;
}

/// New values by name, flattened and without graph; what is not named stays.
pub struct Replaced(pub BTreeMap<String, Tensor<1>>);

impl ParameterMap for Replaced {
    fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
        match self.0.remove(name) {
            Some(new) if value.device().is_autodiff() => Tensor::from_inner(new.reshape(value.shape())),
            Some(new) => new.reshape(value.shape()),
            None => value,
        }
    }
}

/// Puts host values into a network, named `prefix.name`. Nothing changes unless every name and shape fits.
pub fn load<M: Module>(module: M, prefix: &str, tensors: &TensorMap) -> Result<M, ParameterError> {
    struct Loader<'a>(&'a str, &'a TensorMap);
    impl ParameterMap for Loader<'_> {
        fn map<const D: usize>(&mut self, name: &str, value: Tensor<D>) -> Tensor<D> {
            match self.1.get(&join(self.0, name)) {
                Some(host) => {
                    let data = burn::tensor::TensorData::new(host.values.clone(), value.shape());
                    Tensor::from_data(data, &value.device())
                }
                None => value,
            }
        }
    }
    check(&shapes(&module), prefix, |name| tensors.get(name).map(|tensor| tensor.shape.clone()))?;
    Ok(map(module, Loader(prefix, tensors)))
}

/// The first tensor with a value that is no finite number.
pub fn not_finite(tensors: &TensorMap) -> Option<&str> {
    let bad = tensors.iter().find(|(_, tensor)| tensor.values.iter().any(|value| !value.is_finite()));
    bad.map(|(name, _)| name.as_str())
}

/// Checks that `found` has every tensor of `expected` (named `prefix.name`) in its shape.
pub fn check(
    expected: &[(String, Vec<usize>)],
    prefix: &str,
    found: impl Fn(&str) -> Option<Vec<usize>>,
) -> Result<(), ParameterError> {
    for (name, shape) in expected {
        let name = join(prefix, name);
        match found(&name) {
            None => return Err(ParameterError::Missing(name)),
            Some(found) if found != *shape => {
                return Err(ParameterError::Shape { name, found, expected: shape.clone() });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// The fields entered so far.
#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn starting_at(prefix: &str) -> Self {
        Self(if prefix.is_empty() { Vec::new() } else { vec![prefix.to_owned()] })
    }

    fn push(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    fn pop(&mut self) {
        self.0.pop();
    }

    fn name(&self) -> String {
        self.0.join(".")
    }
}
