//! Which tensors of a file are which of ours.

use std::collections::BTreeSet;

use super::checkpoint::Checkpoint;
use super::error::{ImportProblem, listed};
use crate::model::parameters::{HostTensor, TensorMap, not_finite};

/// Statistics that PyTorch 0.3 wrote beside every InstanceNorm without using them, as later versions do on request.
const STATISTICS: [&str; 3] = ["running_mean", "running_var", "num_batches_tracked"];

/// One of our tensors.
struct Wanted {
    ours: String,
    /// Under which names it lies in the file, relative to the network; one of them must be there.
    theirs: Vec<String>,
    /// Scale or shift of a norm, which the whole file may lack.
    of_norm: bool,
}

/// The layers of a class, collected as the network is described.
#[derive(Default)]
pub(super) struct LayerNames(Vec<Wanted>);

/// A network's tensors under our names.
pub(super) struct Found {
    pub(super) tensors: TensorMap,
    /// The names of all that was read, in the file.
    pub(super) read: BTreeSet<String>,
    /// The norms have neither scale nor shift.
    pub(super) plain_norms: bool,
}

impl LayerNames {
    fn add(&mut self, ours: &str, layers: &[String], tensor: &str, of_norm: bool) {
        let theirs = layers.iter().map(|layer| format!("{layer}.{tensor}")).collect();
        self.0.push(Wanted { ours: format!("{ours}.{tensor}"), theirs, of_norm });
    }

    /// A convolution with bias that lies in the file under each of `layers`.
    pub(super) fn conv(&mut self, ours: &str, layers: &[String]) {
        self.add(ours, layers, "weight", false);
        self.add(ours, layers, "bias", false);
    }

    /// A convolution without bias.
    pub(super) fn unbiased_conv(&mut self, ours: &str, layer: String) {
        self.add(ours, &[layer], "weight", false);
    }

    /// An InstanceNorm.
    pub(super) fn norm(&mut self, ours: &str, layer: String) {
        self.add(ours, std::slice::from_ref(&layer), "weight", true);
        self.add(ours, &[layer], "bias", true);
    }

    /// A RESBLKUP; its convolutions are attributes and also in a Sequential.
    pub(super) fn up_block(&mut self, ours: &str, layer: &str) {
        let both = |attribute: &str, place: &str| [format!("{layer}.{attribute}"), format!("{layer}.{place}")];
        self.conv(&format!("{ours}.conv1"), &both("conv1", "model.0"));
        self.norm(&format!("{ours}.norm1"), format!("{layer}.model.1"));
        self.conv(&format!("{ours}.conv2"), &both("conv2", "model.4"));
        self.norm(&format!("{ours}.norm2"), format!("{layer}.model.5"));
        self.conv(&format!("{ours}.skip"), &both("conv_sc", "bypass.1"));
    }

    /// A residual block of the segmentor.
    pub(super) fn block(&mut self, ours: &str, layer: &str) {
        for (number, place) in [(1, 0), (2, 3)] {
            self.unbiased_conv(&format!("{ours}.conv{number}"), format!("{layer}.main.{place}"));
            self.norm(&format!("{ours}.norm{number}"), format!("{layer}.main.{}", place + 1));
        }
    }

    /// Reads the tensors of a network that lies under `prefix` and is a `class` of these shapes. Shapes are checked
    /// before anything is read.
    pub(super) fn read(
        &self,
        checkpoint: &Checkpoint,
        prefix: &str,
        class: &'static str,
        shapes: &[(String, Vec<usize>)],
    ) -> Result<Found, ImportProblem> {
        let plain_norms = self.check_names(checkpoint, prefix, class)?;
        self.check_foreign(checkpoint, prefix, class)?;
        let mut read = BTreeSet::new();
        let mut tensors = TensorMap::new();
        for (ours, shape) in shapes {
            let sources = self.sources(checkpoint, prefix, ours);
            for (name, found) in &sources {
                if found != shape {
                    let (name, found, expected) = (name.clone(), found.clone(), shape.clone());
                    return Err(ImportProblem::Shape { class, name, found, expected });
                }
            }
            let names: Vec<String> = sources.into_iter().map(|(name, _)| name).collect();
            let tensor = if names.is_empty() { identity(ours, shape) } else { read_same(checkpoint, &names)? };
            tensors.insert(ours.clone(), tensor);
            read.extend(names);
        }
        match not_finite(&tensors) {
            Some(ours) => {
                let (name, _) = self.sources(checkpoint, prefix, ours).swap_remove(0);
                Err(ImportProblem::NotFinite(name))
            }
            None => Ok(Found { tensors, read, plain_norms }),
        }
    }

    /// Names in the file, and shapes, of one of our tensors.
    fn sources(&self, checkpoint: &Checkpoint, prefix: &str, ours: &str) -> Vec<(String, Vec<usize>)> {
        let theirs = self.0.iter().filter(|wanted| wanted.ours == ours).flat_map(|wanted| &wanted.theirs);
        let named = theirs.map(|name| format!("{prefix}{name}"));
        named.filter_map(|name| checkpoint.shape(&name).map(<[usize]>::to_vec).map(|shape| (name, shape))).collect()
    }

    /// Everything is there, but for norms that have nothing at all. Tells whether that is so.
    fn check_names(&self, checkpoint: &Checkpoint, prefix: &str, class: &'static str) -> Result<bool, ImportProblem> {
        let absent = |wanted: &&Wanted| self.sources(checkpoint, prefix, &wanted.ours).is_empty();
        let plain_norms = self.0.iter().filter(|wanted| wanted.of_norm).all(|wanted| absent(&wanted));
        let missing = self.0.iter().filter(absent).filter(|wanted| !(wanted.of_norm && plain_norms));
        let missing: Vec<&str> = missing.filter_map(|wanted| wanted.theirs.first()).map(String::as_str).collect();
        if missing.is_empty() { Ok(plain_norms) } else { Err(ImportProblem::Missing { class, names: listed(missing) }) }
    }

    /// Among the class's own layers there may be nothing else, which would change the picture, but for statistics.
    fn check_foreign(&self, checkpoint: &Checkpoint, prefix: &str, class: &'static str) -> Result<(), ImportProblem> {
        let known: BTreeSet<&str> = self.0.iter().flat_map(|wanted| &wanted.theirs).map(String::as_str).collect();
        let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let own: BTreeSet<String> = known.iter().map(|name| first(name)).collect();
        let statistics = |name: &str| STATISTICS.iter().any(|ending| name.ends_with(ending));
        let names = checkpoint.names().filter_map(|name| name.strip_prefix(prefix));
        let foreign = names.filter(|name| own.contains(&first(name)) && !known.contains(name) && !statistics(name));
        let foreign: Vec<&str> = foreign.collect();
        if foreign.is_empty() { Ok(()) } else { Err(ImportProblem::Foreign { class, names: listed(foreign) }) }
    }
}

/// Scale one or shift zero, for a norm that has none.
fn identity(ours: &str, shape: &[usize]) -> HostTensor {
    let value = if ours.ends_with("weight") { 1.0 } else { 0.0 };
    HostTensor { shape: shape.to_vec(), values: vec![value; shape.iter().product()] }
}

/// The one tensor that lies under all of these names.
fn read_same(checkpoint: &Checkpoint, names: &[String]) -> Result<HostTensor, ImportProblem> {
    let first = checkpoint.read(&names[0])?;
    for name in &names[1..] {
        let other = checkpoint.read(name)?;
        let equal = first.values.iter().zip(&other.values).all(|(a, b)| a.to_bits() == b.to_bits());
        if !equal {
            return Err(ImportProblem::Differ { first: names[0].clone(), second: name.clone() });
        }
    }
    Ok(first)
}
