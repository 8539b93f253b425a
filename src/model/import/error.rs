//! Why a checkpoint is not imported.

use std::path::Path;

use crate::model::config::ConfigError;
use crate::model::parameters::ParameterError;
use crate::taxonomy::TaxonomyError;

/// A checkpoint cannot be read. Every message starts with the file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct ImportError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub reason: Box<ImportProblem>,
}

impl ImportError {
    pub(crate) fn new(file: &Path, reason: ImportProblem) -> Self {
        Self { file: file.display().to_string(), reason: Box::new(reason) }
    }
}

/// What is wrong with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum ImportProblem {
    /// The system could not read it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The container is damaged, foreign or hostile.
    #[error("no PyTorch checkpoint that can be read: {0}")]
    Container(String),
    /// It claims more than it can hold.
    #[error("{what} claims {claimed} bytes, {limit} are allowed: the file is damaged or hostile and was not read")]
    TooLarge {
        /// The part of the file.
        what: String,
        /// What it claims.
        claimed: u64,
        /// What is accepted.
        limit: u64,
    },
    /// None of the classes.
    #[error(
        "holds none of the networks Generator_SC_2, Generator_SC_3 and Segmentor (looked for `model_s.0.weight` and \
         `main.0.weight`); it has {0}"
    )]
    NotRecognised(String),
    /// A network of another kind than was wanted.
    #[error("{0}")]
    Wanted(&'static str),
    /// More than one network of the class.
    #[error("holds more than one {class}, under {keys}; choose one with --key")]
    Several {
        /// `generator` or `segmentor`.
        class: &'static str,
        /// Where they are.
        keys: String,
    },
    /// An older class of the same name.
    #[error(
        "an older Generator_SC_2, in which z enters through `dense` (its `model1.0.weight` takes {joined} channels); \
         only the one whose z is tiled can be imported"
    )]
    DenseLatent {
        /// Input channels of the first convolution after the encoder.
        joined: usize,
    },
    /// Tensors the class needs are not there.
    #[error("a {class}, but without {names}; the file is incomplete, save it again")]
    Missing {
        /// The class.
        class: &'static str,
        /// The tensors.
        names: String,
    },
    /// Tensors of the class's own layers that it does not have.
    #[error("looks like a {class}, but also has {names}, which that class lacks; it cannot be imported")]
    Foreign {
        /// The class.
        class: &'static str,
        /// The tensors.
        names: String,
    },
    /// A tensor has a shape that does not go with the others.
    #[error("a {class} in which tensor `{name}` is {found:?}; with its other layers it must be {expected:?}")]
    Shape {
        /// The class.
        class: &'static str,
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that fits.
        expected: Vec<usize>,
    },
    /// One layer under two names with two values.
    #[error("`{first}` and `{second}` are the same layer but differ; save the file again from one network")]
    Differ {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// Integers or the like.
    #[error("tensor `{name}` is stored as {found}; only F16, BF16, F32 and F64 are read")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
    },
    /// A weight is not finite.
    #[error("tensor `{0}` has values that are not numbers; choose an earlier checkpoint")]
    NotFinite(String),
    /// No network of this family has these sizes.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The device refused the weights.
    #[error("{0}")]
    Parameters(#[from] ParameterError),
    /// The taxonomy has other labels.
    #[error("the {network} has {found} labels, but the taxonomy {taxonomy} has {expected}; {advice}")]
    Labels {
        /// `generator` or `segmentor`.
        network: &'static str,
        /// The network's.
        found: usize,
        /// The taxonomy.
        taxonomy: String,
        /// The taxonomy's.
        expected: usize,
        /// What to do.
        advice: &'static str,
    },
    /// The taxonomy has other attributes.
    #[error(
        "the generator has {found}, but the taxonomy {taxonomy} has {expected}; give another one with --taxonomy, or \
         --numbered-attributes to call them attribute_1 and so on"
    )]
    Attributes {
        /// The network's, in words.
        found: String,
        /// The taxonomy.
        taxonomy: String,
        /// The taxonomy's.
        expected: usize,
    },
    /// Numbered attributes, but nobody says how many.
    #[error(
        "z and the attributes enter this generator together ({0} channels), so their numbers are not in the file; give \
         the length of z with --n-z"
    )]
    NeedsLatentLength(usize),
    /// The length of z that was given is not the file's.
    #[error("--n-z {given} does not fit: {joined}")]
    LatentLength {
        /// Given.
        given: usize,
        /// What the file says.
        joined: String,
    },
    /// None of the built-in taxonomies fits.
    #[error("{needed}: no built-in taxonomy fits ({known}); give one with --taxonomy FILE.ron")]
    NoTaxonomy {
        /// What the networks have.
        needed: String,
        /// The built-in ones.
        known: String,
    },
    /// More than one fits.
    #[error("{needed}: {names} fit; choose one with --taxonomy")]
    SeveralTaxonomies {
        /// What the networks have.
        needed: String,
        /// Those that fit.
        names: String,
    },
    /// Numbered attributes make no taxonomy.
    #[error("{0}")]
    Taxonomy(#[from] TaxonomyError),
}

/// Some of many names, quoted, and how many there are in all.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 6;
    let names: Vec<&str> = names.into_iter().collect();
    let some: Vec<String> = names.iter().take(MOST).map(|name| format!("`{}`", name.escape_debug())).collect();
    match names.len() {
        0 => "no tensors".to_owned(),
        count if count > MOST => format!("{} and {} more tensors", some.join(", "), count - MOST),
        _ => some.join(", "),
    }
}
