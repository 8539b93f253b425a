//! `scgan evaluate`: how good a model is, in numbers.

mod comparison;
mod report;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use self::comparison::Comparison;
use super::data_options::Part;
use super::dataset::Progress;
use super::report::Report;
use crate::atomic_file::write_atomic;
use crate::data::convert::Staging;
use crate::data::{self, DataError, OpenOptions, Split};
use crate::evaluation::{Evaluation, EvaluationError, Judge, Task, evaluate};
use crate::gpu::{self, ComputeDevice, DeviceChoice};
use crate::metrics::Gaussian;
use crate::metrics::inception::{FEATURES, Inception};
use crate::metrics::statistics_file::{self, Origin};
use crate::model::Model;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  scgan evaluate portrait --data procedural:portrait --count 500
  scgan evaluate runs/a/model.safetensors --data photos/ --inception pt_inception-2015-12-05-6726825d.pth --output a.json
  scgan evaluate runs/b/model.safetensors --data photos/ --output b.json --compare a.json

Masks of the data are drawn with fresh latents and the attributes that belong to them. A segmentor reads the pictures:
the model's own, which its generator was trained to please, unless --judge names another. Beside each score stands that
of the real pictures. FID needs the weights of pytorch-fid, which are not part of the program. Ctrl-C leaves no file.")]
pub(super) struct Arguments {
    /// Model file or bundled model
    #[arg(value_name = "MODEL")]
    model: String,
    /// A folder in any known layout, procedural:portrait or procedural:outfit
    #[arg(long, value_name = "DATA")]
    data: String,
    /// Which part of the samples
    #[arg(long, value_enum, default_value = "test")]
    split: Part,
    /// How many samples at most, chosen by the seed
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(2..))]
    count: u32,
    /// Of the choice of samples, the latents, and drawn data
    #[arg(long, value_name = "K", default_value_t = 0)]
    seed: u64,
    /// Another model whose segmentor and attribute head read the pictures
    #[arg(long, value_name = "MODEL")]
    judge: Option<String>,
    /// Weights of pytorch-fid's Inception network, for FID
    #[arg(long, value_name = "FILE.pth")]
    inception: Option<PathBuf>,
    /// Statistics of the real pictures for FID: read if the file is there (pytorch-fid's are understood), else written
    #[arg(long, value_name = "FILE.npz", requires = "inception")]
    stats: Option<PathBuf>,
    /// Also write the result into a file
    #[arg(long, value_name = "FILE.json")]
    output: Option<PathBuf>,
    /// Also write the generated pictures into a new folder
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// An earlier result to put beside this one
    #[arg(long, value_name = "OTHER.json")]
    compare: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    let other = arguments.compare.as_deref().map(comparison::read).transpose()?;
    let statistics = known_statistics(arguments)?;
    let compute = gpu::open(device)?;
    let model = load(&arguments.model, "MODEL", &compute)?;
    let judge = match &arguments.judge {
        Some(name) => {
            let other = load(name, "--judge", &compute)?;
            Some(
                Judge::of(&other)
                    .ok_or_else(|| anyhow!("--judge {name}: this model has no segmentor; choose another"))?,
            )
        }
        None => Judge::of(&model),
    };
    let inception = arguments.inception.as_deref().map(|path| Inception::load(path, &compute)).transpose()?;
    if let (Some((path, (_, origin))), Some(inception)) = (&statistics, &inception) {
        check_origin(path, origin, inception)?;
    }
    let source = open_data(arguments, &model)?;
    let staging = arguments.pictures.as_deref().map(Staging::beside).transpose()?;
    let task = Task {
        model: &model,
        judge: judge.as_ref(),
        source: source.as_ref(),
        inception: inception.as_ref(),
        statistics: statistics.as_ref().map(|(_, statistics)| statistics),
        compute: &compute,
        count: arguments.count as usize,
        seed: arguments.seed,
        pictures: staging.as_ref().map(Staging::folder),
    };
    let evaluated = {
        let progress = Progress::new("judging")?;
        evaluate(&task, &mut |done, of| progress.show(done, of))
    };
    let evaluated = match evaluated {
        Err(EvaluationError::Cancelled) => bail!("{}: interrupted; nothing was written", arguments.data),
        evaluated => evaluated?,
    };
    if let Some(staging) = staging {
        staging.publish()?;
    }
    if let (Some(path), Some((gaussian, origin))) = (&arguments.stats, &evaluated.statistics) {
        statistics_file::write(path, gaussian, origin)?;
    }
    if let Some(path) = &arguments.output {
        write_json(path, &evaluated.evaluation)?;
    }
    let mut written: Vec<&Path> =
        [&arguments.output, &arguments.pictures].into_iter().flatten().map(PathBuf::as_path).collect();
    written.extend(arguments.stats.as_deref().filter(|_| evaluated.statistics.is_some()));
    let comparison = other.map(|other| Comparison::new(&evaluated.evaluation, other));
    reported(&evaluated.evaluation, comparison, &written)
}

fn reported(evaluation: &Evaluation, comparison: Option<Comparison>, written: &[&Path]) -> anyhow::Result<Report> {
    let mut text = report::text(evaluation, comparison.as_ref());
    for path in written {
        text.push_str(&format!("\nwritten: {}", path.display()));
    }
    if !written.is_empty() {
        text.push('\n');
    }
    let mut json = serde_json::to_value(evaluation)?;
    if let Some(comparison) = comparison {
        json["compared_with"] = comparison.to_json()?;
    }
    Ok(Report { text, json })
}

fn load(name: &str, argument: &str, compute: &ComputeDevice) -> anyhow::Result<Model> {
    if Model::bundled_names().contains(&name) {
        return Ok(Model::bundled(name, compute)?);
    }
    if !Path::new(name).exists() {
        let bundled = Model::bundled_names().join(", ");
        bail!("{argument} {name}: neither a file nor a bundled model; the bundled models are {bundled}");
    }
    Ok(Model::load(Path::new(name), compute)?)
}

fn open_data(arguments: &Arguments, model: &Model) -> anyhow::Result<std::sync::Arc<dyn data::SampleSource>> {
    let split: Split = arguments.split.into();
    let taxonomy = Some(model.card.taxonomy.clone());
    let options = OpenOptions { taxonomy, seed: arguments.seed, split, attributes: None };
    data::open(&arguments.data, &options).map_err(|error| match error {
        DataError::Content { .. } if split != Split::All && error.to_string().contains("no samples") => {
            anyhow!("{error} in its part {split}; --split all takes every sample")
        }
        error => error.into(),
    })
}

/// The statistics file, if it is there.
fn known_statistics(arguments: &Arguments) -> anyhow::Result<Option<(&Path, (Gaussian, Origin))>> {
    match arguments.stats.as_deref().filter(|path| path.exists()) {
        Some(path) => Ok(Some((path, statistics_file::read(path, FEATURES)?))),
        None => Ok(None),
    }
}

fn check_origin(path: &Path, origin: &Origin, inception: &Inception) -> anyhow::Result<()> {
    if origin.weights_sha256.as_ref().is_some_and(|sha256| *sha256 != inception.sha256) {
        bail!("{}: made with other Inception weights; give those, or another --stats file", path.display());
    }
    Ok(())
}

fn write_json(path: &Path, evaluation: &Evaluation) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(evaluation)?;
    text.push('\n');
    write_atomic(path, text.as_bytes()).map_err(|error| {
        anyhow!("{}: {}; choose a folder that exists and that you may write to", path.display(), error.kind())
    })
}
