//! The authors' classes: recognised by the names and shapes of their tensors.

use super::checkpoint::Checkpoint;
use super::error::{ImportProblem, listed};
use super::layer_names::{Found, LayerNames};
use crate::gpu::ComputeDevice;
use crate::model::{GeneratorConfig, GeneratorKind, Init, SegmentorConfig, SegmentorKind, parameters};

/// Side of the pictures the authors' generators were made for, in px; the files do not say.
const RESOLUTION: usize = 128;
/// The first convolution of every generator's encoder.
const GENERATOR_ANCHOR: &str = "model_s.0.weight";
/// The first convolution of a segmentor.
const SEGMENTOR_ANCHOR: &str = "main.0.weight";
/// Side of that convolution's kernel, in px.
const STEM_KERNEL: usize = 7;

/// How many channels z and c have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inputs {
    /// Each enters by itself.
    Apart { n_z: usize, n_attributes: usize },
    /// They enter together, so that only their sum shows.
    Together(usize),
}

/// A generator that was recognised and not yet read.
#[derive(Debug)]
pub(super) struct GeneratorClass {
    pub(super) class: &'static str,
    kind: GeneratorKind,
    prefix: String,
    width: usize,
    pub(super) n_labels: usize,
    pub(super) inputs: Inputs,
}

/// A segmentor that was recognised and not yet read.
#[derive(Debug)]
pub(super) struct SegmentorClass {
    prefix: String,
    pub(super) config: SegmentorConfig,
}

impl GeneratorClass {
    /// The generator of a checkpoint, if it has one; `key` says where it lies.
    pub(super) fn find(checkpoint: &Checkpoint, key: Option<&str>) -> Result<Option<Self>, ImportProblem> {
        let Some(prefix) = the_one("generator", prefixes(checkpoint, GENERATOR_ANCHOR, |_| true), key)? else {
            return Ok(None);
        };
        let sides = |name: &str| conv_sides(checkpoint, &format!("{prefix}{name}"));
        let class = if sides("model2.0.weight").is_some() { "Generator_SC_2" } else { "Generator_SC_3" };
        let need = |name: &str| sides(name).ok_or_else(|| ImportProblem::Missing { class, names: listed([name]) });
        let [width, n_labels, ..] = need(GENERATOR_ANCHOR)?;
        // Shapes are not trusted yet: what does not come out here is found when they are compared.
        let besides = |joined: usize, features: usize| joined.saturating_sub(features.saturating_mul(width));
        let (kind, inputs) = if class == "Generator_SC_2" {
            let joined = need("model1.0.weight")?[1];
            let n_z = besides(joined, 4);
            let dense = checkpoint.shape(&format!("{prefix}dense.weight"));
            if dense.is_some_and(|shape| shape.len() != 2 || shape[1] != n_z) {
                return Err(ImportProblem::DenseLatent { joined });
            }
            let n_attributes = besides(need("model2.0.weight")?[1], 4);
            (GeneratorKind::StepByStepTiled, Inputs::Apart { n_z, n_attributes })
        } else {
            let joined = sides("model1.0.conv1.weight").map_or_else(|| need("model1.0.model.0.weight"), Ok)?[1];
            (GeneratorKind::AllAtOnce, Inputs::Together(besides(joined, 8)))
        };
        Ok(Some(Self { class, kind, prefix, width, n_labels, inputs }))
    }

    /// Its shape, once it is known how many attributes there are.
    pub(super) fn config(&self, n_attributes: usize) -> Result<GeneratorConfig, ImportProblem> {
        let n_z = match self.inputs {
            Inputs::Apart { n_z, .. } => n_z,
            Inputs::Together(both) => both.saturating_sub(n_attributes),
        };
        let (kind, width, n_labels) = (self.kind, self.width, self.n_labels);
        let config = GeneratorConfig { kind, resolution: RESOLUTION, width, n_z, n_labels, n_attributes };
        config.validate()?;
        Ok(config)
    }

    /// Its tensors under our names.
    pub(super) fn read(&self, checkpoint: &Checkpoint, config: &GeneratorConfig) -> Result<Found, ImportProblem> {
        let mut names = LayerNames::default();
        let (encoder, blocks): (usize, &[&str]) = match self.kind {
            GeneratorKind::StepByStepTiled => (3, &["model1.1", "model2.1", "model2.2"]),
            _ => (4, &["model1.0", "model1.1", "model1.2", "model1.3"]),
        };
        for i in 0..encoder {
            names.conv(&format!("encoder_conv.{i}"), &[format!("model_s.{}", 3 * i)]);
            names.norm(&format!("encoder_norm.{i}"), format!("model_s.{}", 3 * i + 1));
        }
        for (i, layer) in blocks.iter().enumerate() {
            names.up_block(&format!("blocks.{i}"), layer);
        }
        let out = if self.kind == GeneratorKind::StepByStepTiled {
            names.conv("latent_conv", &["model1.0".to_owned()]);
            names.norm("basic_norm", "model1.2".to_owned());
            names.conv("attribute_conv", &["model2.0".to_owned()]);
            names.norm("out_norm", "model2.3".to_owned());
            "model2.5"
        } else {
            names.norm("out_norm", "model1.4".to_owned());
            "model1.6"
        };
        names.conv("out_conv", &["final".to_owned(), out.to_owned()]);
        let blank = config.init(&mut Init::zeros(&ComputeDevice::cpu()));
        names.read(checkpoint, &self.prefix, self.class, &parameters::shapes(&blank))
    }
}

impl SegmentorClass {
    /// What it is called.
    pub(super) const CLASS: &str = "Segmentor";

    /// The segmentor of a checkpoint, if it has one; `key` says where it lies.
    pub(super) fn find(checkpoint: &Checkpoint, key: Option<&str>) -> Result<Option<Self>, ImportProblem> {
        // Residual blocks have a `main.0` too, but no 7×7 kernel.
        let stem = |sides: [usize; 4]| sides[1..] == [3, STEM_KERNEL, STEM_KERNEL];
        let Some(prefix) = the_one("segmentor", prefixes(checkpoint, SEGMENTOR_ANCHOR, stem), key)? else {
            return Ok(None);
        };
        let sides = |name: &str| conv_sides(checkpoint, &format!("{prefix}{name}"));
        let blocks = (0..).take_while(|i| sides(&format!("main.{}.main.0.weight", 9 + i)).is_some()).count();
        let out = format!("main.{}.weight", 15 + blocks);
        let missing = |name: &str| ImportProblem::Missing { class: Self::CLASS, names: listed([name]) };
        let width = sides(SEGMENTOR_ANCHOR).ok_or_else(|| missing(SEGMENTOR_ANCHOR))?[0];
        let n_labels = sides(&out).ok_or_else(|| missing(&out))?[0];
        let config = SegmentorConfig { kind: SegmentorKind::Stemmed { blocks }, width, n_labels };
        config.validate()?;
        Ok(Some(Self { prefix, config }))
    }

    /// Its tensors under our names.
    pub(super) fn read(&self, checkpoint: &Checkpoint) -> Result<Found, ImportProblem> {
        let SegmentorKind::Stemmed { blocks } = self.config.kind else {
            return Err(ImportProblem::Wanted("no segmentor of the authors' code"));
        };
        let mut names = LayerNames::default();
        let convs = [("stem", 0), ("down1", 3), ("down2", 6), ("up1", 9 + blocks), ("up2", 12 + blocks)];
        for (ours, place) in convs {
            names.unbiased_conv(ours, format!("main.{place}"));
            names.norm(&format!("{ours}_norm"), format!("main.{}", place + 1));
        }
        for i in 0..blocks {
            names.block(&format!("blocks.{i}"), &format!("main.{}", 9 + i));
        }
        names.unbiased_conv("out", format!("main.{}", 15 + blocks));
        let blank = self.config.init(&mut Init::zeros(&ComputeDevice::cpu()));
        names.read(checkpoint, &self.prefix, Self::CLASS, &parameters::shapes(&blank))
    }
}

/// Sides of a tensor of rank four.
fn conv_sides(checkpoint: &Checkpoint, name: &str) -> Option<[usize; 4]> {
    checkpoint.shape(name)?.try_into().ok()
}

/// What stands before `anchor` in the names of the file, such as `state_dict.module.`.
fn prefixes(checkpoint: &Checkpoint, anchor: &str, fits: impl Fn([usize; 4]) -> bool) -> Vec<String> {
    let anchored = checkpoint.names().filter(|name| conv_sides(checkpoint, name).is_some_and(&fits));
    let prefixes = anchored.filter_map(|name| name.strip_suffix(anchor));
    prefixes.filter(|prefix| prefix.is_empty() || prefix.ends_with('.')).map(str::to_owned).collect()
}

/// The only one, among those under `key`.
fn the_one(class: &'static str, prefixes: Vec<String>, key: Option<&str>) -> Result<Option<String>, ImportProblem> {
    let under = |prefix: &String| key.is_none_or(|key| prefix.starts_with(&format!("{key}.")));
    let mut chosen: Vec<String> = prefixes.into_iter().filter(under).collect();
    if chosen.len() > 1 {
        let keys = listed(chosen.iter().map(|prefix| prefix.trim_end_matches('.')));
        return Err(ImportProblem::Several { class, keys });
    }
    Ok(chosen.pop())
}
