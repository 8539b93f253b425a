//! `scgan dataset convert`: any data set as a plain folder or as packed shards.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use serde_json::json;

use super::Progress;
use crate::cli::report::Report;
use crate::data::convert::{self, Format, ImageEncoding, Plan};
use crate::data::{self, DataError};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan dataset convert photos/ packed/ --format shards --size 128
  scgan dataset convert procedural:portrait drawn/ --format folder --size 256 --limit 1000

Samples become squares as they do for training. Shards are data for training at one size; a folder holds images/,
masks/, attributes.csv and taxonomy.ron, which other programs read, too. DST must not exist, or be empty. It appears
when everything is written; Ctrl-C leaves nothing.")]
pub(in crate::cli) struct Arguments {
    /// A folder in any known layout, procedural:portrait or procedural:outfit
    #[arg(value_name = "SRC")]
    source: String,
    /// The new folder
    #[arg(value_name = "DST")]
    destination: PathBuf,
    /// What it becomes
    #[arg(long, value_enum)]
    format: FormatName,
    /// Side of the samples in pixels
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8192))]
    size: u32,
    /// How images are stored in a folder
    #[arg(long, value_enum, default_value = "png")]
    images: EncodingName,
    /// Take only the first N samples
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// What drawn data is drawn from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatName {
    /// images/, masks/, attributes.csv and taxonomy.ron
    Folder,
    /// A few large files that load fastest
    Shards,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum EncodingName {
    /// Without loss
    Png,
    /// Smaller, quality 95
    Jpeg,
}

impl Arguments {
    fn plan(&self) -> Plan {
        let encoding = match self.images {
            EncodingName::Png => ImageEncoding::Png,
            EncodingName::Jpeg => ImageEncoding::Jpeg,
        };
        let format = match self.format {
            FormatName::Folder => Format::Folder(encoding),
            FormatName::Shards => Format::Shards,
        };
        Plan { format, resolution: self.size, limit: self.limit }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Report> {
    let Arguments { source: data, destination, .. } = arguments;
    let source = data::open(data, None, arguments.seed)?;
    let began = Instant::now();
    let converted = {
        let progress = Progress::new("converting")?;
        convert::convert(source.as_ref(), destination, &arguments.plan(), &mut |done, of| progress.show(done, of))
    };
    let converted = match converted {
        Err(DataError::Cancelled) => bail!("{}: interrupted; nothing was written", destination.display()),
        converted => converted?,
    };
    let seconds = began.elapsed().as_secs_f64();
    let mut json = serde_json::to_value(converted)?;
    json["source"] = json!(data);
    json["destination"] = json!(destination);
    json["seconds"] = json!(seconds);
    let text = format!(
        "{}: {} samples of {} px in {} files, {:.1} MB, {seconds:.1} s; taxonomy `{}`\n",
        destination.display(),
        converted.samples,
        arguments.size,
        converted.files,
        converted.bytes as f64 / 1e6,
        source.taxonomy().name,
    );
    Ok(Report { text, json })
}
