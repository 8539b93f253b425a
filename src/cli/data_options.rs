//! How a data set is to be read: the options that `train` and `dataset` share.

use std::path::Path;

use anyhow::{Context, anyhow};

use crate::atomic_file::read_capped;
use crate::data::{OpenOptions, Split};
use crate::taxonomy::Taxonomy;

/// Longest taxonomy file that is read.
const MAX_TAXONOMY_BYTES: u64 = 1 << 20;

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct DataOptions {
    /// Which part of the samples
    #[arg(long, value_enum, default_value = "all")]
    split: Part,
    /// Labels and attributes the samples shall have: a built-in taxonomy or a RON file; without it, the format's usual ones
    #[arg(long, value_name = "NAME|FILE")]
    taxonomy: Option<String>,
    /// Attributes by the data set's names, separated by commas, instead of the taxonomy's
    #[arg(long, value_name = "A,B,…", value_delimiter = ',')]
    attributes: Option<Vec<String>>,
}

/// A part of a data set, on the command line.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum Part {
    #[default]
    All,
    Train,
    Validation,
    Test,
}

impl From<Part> for Split {
    fn from(part: Part) -> Self {
        match part {
            Part::All => Self::All,
            Part::Train => Self::Train,
            Part::Validation => Self::Validation,
            Part::Test => Self::Test,
        }
    }
}

impl DataOptions {
    /// For [`crate::data::open`], with the seed of drawn data.
    pub(super) fn open_options(&self, seed: u64) -> anyhow::Result<OpenOptions> {
        let split = self.split.into();
        let taxonomy = self.taxonomy.as_deref().map(taxonomy).transpose()?;
        Ok(OpenOptions { taxonomy, seed, split, attributes: self.attributes.clone() })
    }
}

/// A built-in taxonomy, or one in a file.
pub(super) fn taxonomy(text: &str) -> anyhow::Result<Taxonomy> {
    if let Some(builtin) = Taxonomy::builtin(text) {
        return Ok(builtin);
    }
    if !Path::new(text).exists() {
        let known: Vec<String> = Taxonomy::builtins().into_iter().map(|taxonomy| taxonomy.name).collect();
        return Err(anyhow!(
            "--taxonomy {text}: neither a file nor a built-in taxonomy; there are {}",
            known.join(", ")
        ));
    }
    let bytes = read_capped(Path::new(text), MAX_TAXONOMY_BYTES).with_context(|| text.to_owned())?;
    let ron = String::from_utf8(bytes).map_err(|_| anyhow!("{text}: not a text file; give a taxonomy in RON"))?;
    Taxonomy::from_ron(&ron).with_context(|| text.to_owned())
}
