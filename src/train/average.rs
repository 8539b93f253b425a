//! The exponential moving average of G's weights: steadier pictures than any single update's.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::kernels;
use crate::model::Generator;
use crate::model::parameters::{Replaced, map};

/// The d of an update, which counts from 0: it rises to `decay` over the first ones, so that a random start is forgotten
/// quickly.
pub(super) fn ramped(decay: f64, update: u64) -> f64 {
    decay.min((1 + update) as f64 / (10 + update) as f64)
}

/// average ← d·average + (1 − d)·current, where d is `decay`.
pub(super) fn update_average(average: Generator, current: &Generator, decay: f64) -> Generator {
    let averages = flat(&average);
    let mut current = flat(current);
    let (names, rows): (Vec<_>, Vec<_>) = averages
        .into_iter()
        .filter_map(|(name, average)| current.remove(&name).map(|current| (name, [average, current])))
        .unzip();
    let averages = kernels::averages(rows, decay);
    map(average, Replaced(names.into_iter().zip(averages).collect()))
}

/// All parameters by name, flattened, on their device, without graph.
fn flat(module: &impl Module) -> BTreeMap<String, Tensor<1>> {
    #[derive(Default)]
    struct Flat(Vec<String>, BTreeMap<String, Tensor<1>>);
    impl ModuleVisitor for Flat {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.val().inner();
            let count = value.shape().num_elements();
            self.1.insert(self.0.join("."), value.reshape([count]));
        }
    }
    let mut flat = Flat::default();
    module.visit(&mut flat);
    flat.1
}
