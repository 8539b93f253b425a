//! The model file: G, S and the attribute head in one safetensors file, with a card as its header.

mod card;
mod naming;
pub mod tensors;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use self::card::{ModelCard, Provenance};
pub use self::naming::name_directions;
pub use self::tensors::Precision;
use self::tensors::{TensorFile, TensorFileError};
use super::Model;
use super::config::ConfigError;
use super::generator::GeneratorKind;
use super::head::AttributeHead;
use super::import;
use super::init::Init;
use super::parameters::{self, ParameterError, TensorMap};
use super::segmentor::{SegmentorConfig, SegmentorKind};
use crate::atomic_file::{read_capped, write_atomic};
use crate::gpu::ComputeDevice;
use crate::taxonomy::TaxonomyError;

/// Newest version of the format, raised when older programs can no longer read it. Version 1 always has the paper's
/// segmentor, a head exactly when there are attributes, and no tiled generator; a model like that is still written as
/// version 1, so that older programs go on reading it.
const FORMAT_VERSION: u32 = 2;
/// Largest file that is read at all: four times the paper's networks in f32.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// A model file could not be read or written. Every message starts with the file.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct ModelFileError {
    /// The file, or the name of a bundled model.
    pub origin: String,
    /// What is wrong with it.
    pub reason: Box<ModelFileProblem>,
}

impl ModelFileError {
    pub(super) fn new(origin: impl Into<String>, reason: ModelFileProblem) -> Self {
        Self { origin: origin.into(), reason: Box::new(reason) }
    }
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileProblem {
    /// The system could not read or write it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The container is damaged or foreign.
    #[error("no model file: {0}")]
    Container(#[from] TensorFileError),
    /// The header is not a card.
    #[error("its header cannot be read ({0}); the file is damaged, get it again")]
    Header(#[from] serde_json::Error),
    /// Made by a newer program.
    #[error("its format is version {0}, this program reads up to {FORMAT_VERSION}; update the program")]
    Newer(u32),
    /// The card describes impossible networks.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The card's labels or attributes are invalid.
    #[error("{0}")]
    Taxonomy(#[from] TaxonomyError),
    /// Card and taxonomy disagree in the number of labels or attributes.
    #[error("its networks have {network} {what}, but its taxonomy has {taxonomy}")]
    Counts {
        /// `labels` or `attributes`.
        what: &'static str,
        /// In the networks.
        network: usize,
        /// In the taxonomy.
        taxonomy: usize,
    },
    /// A tensor is missing or misshapen.
    #[error("{0}")]
    Parameters(#[from] ParameterError),
    /// Tensors are not those the header was written with.
    #[error("its contents do not match its checksum; the file is damaged, get it again")]
    Hash,
    /// The file holds another model than the one in use.
    #[error("it holds another model than the one in use; open it again")]
    Replaced,
    /// A weight is not finite.
    #[error("tensor `{0}` has values that are not numbers; the file is damaged, get it again")]
    NotFinite(String),
    /// Somebody's PyTorch checkpoint.
    #[error("a PyTorch checkpoint, which is not read as it is; import it with: {0}")]
    PyTorch(String),
    /// There is no bundled model of this name.
    #[error("no bundled model has this name; there are: {0}")]
    NotBundled(String),
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    card: serde_json::Value,
}

impl Model {
    /// Reads a model file onto a device.
    pub fn load(path: &Path, compute: &ComputeDevice) -> Result<Self, ModelFileError> {
        let origin = path.display().to_string();
        match read_capped(path, MAX_FILE_BYTES) {
            Ok(bytes) if import::is_checkpoint(&bytes) => {
                Err(ModelFileError::new(origin, ModelFileProblem::PyTorch(import::command_line(path))))
            }
            Ok(bytes) => Self::from_bytes(&bytes, &origin, compute),
            Err(error) => Err(ModelFileError::new(origin, error.into())),
        }
    }

    /// Reads a model file that is already in memory; `origin` names it in errors.
    pub fn from_bytes(bytes: &[u8], origin: &str, compute: &ComputeDevice) -> Result<Self, ModelFileError> {
        decode(bytes, compute).map_err(|reason| ModelFileError::new(origin, reason))
    }

    /// Reads only the card.
    pub fn read_card(bytes: &[u8], origin: &str) -> Result<ModelCard, ModelFileError> {
        let card = TensorFile::open(bytes).map_err(ModelFileProblem::from).and_then(|file| read_card(&file));
        card.map_err(|reason| ModelFileError::new(origin, reason))
    }

    /// Writes the model file atomically and fills in the card's hash.
    pub fn save(&mut self, path: &Path, precision: Precision) -> Result<(), ModelFileError> {
        let write = |model: &mut Self| -> Result<(), ModelFileProblem> {
            let bytes = model.encode(precision)?;
            Ok(write_atomic(path, &bytes)?)
        };
        write(self).map_err(|reason| ModelFileError::new(path.display().to_string(), reason))
    }

    fn encode(&mut self, precision: Precision) -> Result<Vec<u8>, ModelFileProblem> {
        let mut tensors = parameters::read(&self.generator, "generator")?;
        match &self.segmentor {
            Some(segmentor) => tensors.append(&mut parameters::read(segmentor, "segmentor")?),
            None => self.card.segmentor = None,
        }
        self.card.attribute_head = self.head.is_some();
        if let Some(head) = &self.head {
            tensors.append(&mut parameters::read(head, "head")?);
        }
        check_finite(&tensors)?;
        self.card.hash = tensors::content_hash(&tensors, precision);
        let header = Header { format: format_of(&self.card), card: serde_json::to_value(&self.card)? };
        Ok(tensors::encode(&tensors, serde_json::to_string(&header)?, precision)?)
    }
}

/// The oldest version that can express a model.
fn format_of(card: &ModelCard) -> u32 {
    let paper_s = |segmentor: &SegmentorConfig| segmentor.kind == SegmentorKind::Paper;
    let known = card.generator.kind != GeneratorKind::StepByStepTiled
        && card.segmentor.as_ref().is_some_and(paper_s)
        && card.attribute_head == (card.generator.n_attributes > 0);
    if known { 1 } else { FORMAT_VERSION }
}

fn read_card(file: &TensorFile<'_>) -> Result<ModelCard, ModelFileProblem> {
    let header: Header = serde_json::from_str(file.header())?;
    if header.format > FORMAT_VERSION {
        return Err(ModelFileProblem::Newer(header.format));
    }
    let mut card: ModelCard = serde_json::from_value(header.card)?;
    card.attribute_head &= card.generator.n_attributes > 0 && card.segmentor.is_some();
    card.taxonomy.validate()?;
    card.generator.validate()?;
    let n_labels = card.taxonomy.n_labels();
    let mut counts = vec![
        ("labels", card.generator.n_labels, n_labels),
        ("attributes", card.generator.n_attributes, card.taxonomy.n_attributes()),
    ];
    if let Some(segmentor) = &card.segmentor {
        segmentor.validate()?;
        counts.push(("labels", segmentor.n_labels, n_labels));
    }
    for (what, network, taxonomy) in counts {
        if network != taxonomy {
            return Err(ModelFileProblem::Counts { what, network, taxonomy });
        }
    }
    Ok(card)
}

fn decode(bytes: &[u8], compute: &ComputeDevice) -> Result<Model, ModelFileProblem> {
    let file = TensorFile::open(bytes)?;
    let card = read_card(&file)?;
    let mut init = Init::zeros(compute);
    let generator = card.generator.init(&mut init);
    let segmentor = card.segmentor.as_ref().map(|config| config.init(&mut init));
    let headed = card.segmentor.as_ref().filter(|_| card.attribute_head);
    let head = headed.map(|segmentor| AttributeHead::new(segmentor, card.generator.n_attributes, &mut init));
    let shape = |name: &str| file.shape(name);
    parameters::check(&parameters::shapes(&generator), "generator", shape)?;
    if let Some(segmentor) = &segmentor {
        parameters::check(&parameters::shapes(segmentor), "segmentor", shape)?;
    }
    if let Some(head) = &head {
        parameters::check(&parameters::shapes(head), "head", shape)?;
    }
    if file.content_hash() != card.hash {
        return Err(ModelFileProblem::Hash);
    }
    let tensors = file.read()?;
    check_finite(&tensors)?;
    Ok(Model {
        generator: parameters::load(generator, "generator", &tensors)?,
        segmentor: segmentor.map(|segmentor| parameters::load(segmentor, "segmentor", &tensors)).transpose()?,
        head: head.map(|head| parameters::load(head, "head", &tensors)).transpose()?,
        card,
    })
}

fn check_finite(tensors: &TensorMap) -> Result<(), ModelFileProblem> {
    match parameters::not_finite(tensors) {
        Some(name) => Err(ModelFileProblem::NotFinite(name.to_owned())),
        None => Ok(()),
    }
}
