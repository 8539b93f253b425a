//! The options of `scgan train`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::anyhow;

use crate::cli::data_options::DataOptions;
use crate::data::{OpenOptions, SampleSource};
use crate::model::GeneratorKind;
use crate::train::{Cadence, FineTune, RunSpec, RunStart, TrainConfig, TrainConfigError};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan train --data procedural:portrait --out runs/first --steps 2000
  scgan train --out runs/first --resume
  scgan train --data photos/ --out runs/mine --from outfit

The run folder gets run.ron (everything needed to repeat the run), config.ron (all settings), log.jsonl (losses),
samples/ (pictures to look at), checkpoints/, models/ (small models of many steps), and model.safetensors, which
`scgan generate --model` and the editor open. Ctrl-C saves and stops.")]
pub(in crate::cli) struct Arguments {
    /// A folder of images and masks, procedural:portrait or procedural:outfit; with --resume the run knows its own
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    data: Option<String>,
    #[command(flatten)]
    options: DataOptions,
    /// Start although the look at the data found something amiss; unreadable samples are skipped
    #[arg(long)]
    pub(super) unchecked: bool,
    /// The run folder
    #[arg(long, value_name = "RUN")]
    pub(super) out: PathBuf,
    /// Fine-tune: start from a model file, a run folder, or a bundled model, with gentler settings and augmentation
    #[arg(long, value_name = "MODEL", conflicts_with = "resume")]
    from: Option<String>,
    /// With --from a model: updates of discriminator and segmentor before the first of the generator
    #[arg(long, value_name = "N", requires = "from")]
    critic_warmup: Option<u64>,
    /// With --from: a label of the data and the model's label it starts from (may be repeated)
    #[arg(long, value_name = "OWN=MODEL'S", value_parser = parse_pair, requires = "from")]
    map_label: Vec<(String, String)>,
    /// With --from: an attribute of the data and the model's attribute it starts from (may be repeated)
    #[arg(long, value_name = "OWN=MODEL'S", value_parser = parse_pair, requires = "from")]
    map_attribute: Vec<(String, String)>,
    /// Leave a part of the method out (may be repeated)
    #[arg(long, value_name = "PART", conflicts_with = "resume")]
    ablate: Vec<Ablation>,
    /// Samples to keep out of training and score checkpoints by; without it, a tenth of a data set of 40 or more, at most 16
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    held_out: Option<usize>,
    /// Settings as RON, for example (resolution: 128, generator_width: 32, batch: 8); the rest is as in the paper, or with
    /// --from as fine-tuning needs it
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    config: Option<PathBuf>,
    /// Updates of the generator in the whole run
    #[arg(long, value_name = "N")]
    pub(super) steps: Option<u64>,
    /// Seed of weights, noise and order
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    seed: Option<u64>,
    /// Continue the newest checkpoint in the run folder, with its settings
    #[arg(long)]
    pub(super) resume: bool,
    /// Write a checkpoint and the model every N steps (500 unless given); 0: only at the end
    #[arg(long, value_name = "N")]
    checkpoint_every: Option<u64>,
    /// Write a sheet of samples every N steps (500 unless given); 0: only at the end
    #[arg(long, value_name = "N")]
    sample_every: Option<u64>,
    /// Log the losses every N steps (10 unless given); 0: never
    #[arg(long, value_name = "N")]
    log_every: Option<u64>,
    /// Besides the newest two checkpoints and the best, keep one in every N steps (10000 unless given); 0: no more
    #[arg(long, value_name = "N")]
    keep_every: Option<u64>,
    /// Write event files for TensorBoard into the run folder
    #[arg(long)]
    tensorboard: bool,
    /// Save and stop after this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(super) time_limit: Option<u64>,
    /// Name of the model in its file; without it, the run folder's
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Title of the model in its file; without it, its name
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Terms of use of the model, for its file; "unspecified" unless given
    #[arg(long, value_name = "TEXT")]
    license: Option<String>,
}

/// A part of the method that a run does without, to see what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Ablation {
    /// The order of the inputs: latent and attributes enter at once with the mask
    AllAtOnce,
    /// The segmentor's say in the generator's loss
    NoSegmentor,
    /// The attribute classifier's say in both losses
    NoClassifier,
}

impl Ablation {
    fn apply(self, config: TrainConfig) -> TrainConfig {
        match self {
            Self::AllAtOnce => TrainConfig { generator: GeneratorKind::AllAtOnce, ..config },
            Self::NoSegmentor => TrainConfig { lambda_seg: 0.0, ..config },
            Self::NoClassifier => TrainConfig { lambda_cls: 0.0, ..config },
        }
    }
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(own, known)| (own.trim().to_owned(), known.trim().to_owned()));
    pair.filter(|(own, _)| !own.is_empty()).ok_or_else(|| format!("`{text}` is not of the form hat=hair"))
}

impl Arguments {
    /// The data, if it was given.
    pub(super) fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    /// How the data of a new run is opened.
    pub(super) fn open_options(&self, seed: u64) -> anyhow::Result<OpenOptions> {
        self.options.open_options(seed)
    }

    /// What a new run starts from.
    pub(super) fn start(&self) -> RunStart {
        let Some(model) = &self.from else { return RunStart::Scratch };
        let map = |pairs: &[(String, String)]| (!pairs.is_empty()).then(|| BTreeMap::from_iter(pairs.iter().cloned()));
        let plain = FineTune::of(model);
        RunStart::FineTune(FineTune {
            critic_warmup: self.critic_warmup.unwrap_or(plain.critic_warmup),
            label_map: map(&self.map_label),
            attribute_map: map(&self.map_attribute),
            ..plain
        })
    }

    /// The settings of a new run, but how many samples are held out.
    pub(super) fn config(&self) -> Result<TrainConfig, TrainConfigError> {
        let defaults = if self.from.is_some() { TrainConfig::fine_tune() } else { TrainConfig::default() };
        let config = match self.config.as_deref() {
            Some(path) => TrainConfig::load_over(path, &defaults)?,
            None => defaults,
        };
        let config = self.ablate.iter().fold(config, |config, ablation| ablation.apply(config));
        Ok(TrainConfig { steps: self.steps.unwrap_or(config.steps), seed: self.seed.unwrap_or(config.seed), ..config })
    }

    /// A new run on opened data.
    pub(super) fn spec(&self, config: TrainConfig, source: &dyn SampleSource) -> anyhow::Result<RunSpec> {
        let suggested = match config.held_out {
            0 => TrainConfig::suggested_held_out(source.len()),
            chosen => chosen,
        };
        let last = self.out.file_name().unwrap_or(self.out.as_os_str()).to_string_lossy();
        let mut spec = RunSpec {
            folder: self.out.clone(),
            data: self.data.clone().ok_or_else(|| anyhow!("--data is missing"))?,
            options: self.open_options(config.seed)?,
            config: TrainConfig { held_out: self.held_out.unwrap_or(suggested), ..config },
            start: self.start(),
            name: last.clone().into_owned(),
            title: self.name.clone().unwrap_or(last.into_owned()),
            license: "unspecified".to_owned(),
            cadence: Cadence::default(),
        };
        self.amend(&mut spec);
        Ok(spec)
    }

    /// Puts into a run what may change when it is resumed.
    pub(super) fn amend(&self, spec: &mut RunSpec) {
        let cadence = &mut spec.cadence;
        for (every, given) in [
            (&mut cadence.checkpoint_every, self.checkpoint_every),
            (&mut cadence.sample_every, self.sample_every),
            (&mut cadence.log_every, self.log_every),
            (&mut cadence.keep_every, self.keep_every),
            (&mut spec.config.steps, self.steps),
        ] {
            *every = given.unwrap_or(*every);
        }
        cadence.tensorboard |= self.tensorboard;
        for (text, given) in
            [(&mut spec.name, &self.name), (&mut spec.title, &self.title), (&mut spec.license, &self.license)]
        {
            if let Some(given) = given {
                text.clone_from(given);
            }
        }
    }
}
