//! `scgan bench`: what this machine can do.

mod latency;
mod profile;
mod training;

use std::time::Duration;

use anyhow::Context as _;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use self::latency::{Latency, Repetitions};
use self::training::Effort;
use super::report::Report;
use crate::engine::{Form, ModelRef, Renderer};
use crate::gpu::{self, ComputeDevice, DeviceChoice, SharedGpu};
use crate::model::{Model, ModelCard};
use crate::train::TrainConfig;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  scgan bench --device cpu --json

Measured are the bundled portrait model and networks of the paper's full size with random weights: how long a
picture takes after a change of the mask, of the latent and of an attribute (medians), and how many images a
second training takes in. On a GPU pictures are textures, as in the editor. On a CPU this takes some minutes; training is
measured on a small batch there.")]
pub(super) struct Arguments {
    /// Only a few repetitions: coarse, but soon done
    #[arg(long)]
    quick: bool,
    /// Instead: where the time goes, per step and kernel, each kernel waited for
    #[arg(long)]
    profile: bool,
}

pub(super) fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Report> {
    // A device that cannot be shared with a window is measured without textures.
    let shared = SharedGpu::open(device).ok().flatten();
    let compute = shared.as_ref().map_or_else(|| gpu::open(device), |shared| Ok(shared.compute.clone()))?;
    let repetitions = repetitions(arguments.quick, compute.is_gpu);
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(100));
    let (mut results, mut profiles) = (Vec::new(), Vec::new());
    for subject in [Subject::Bundled, Subject::FullSize] {
        progress.set_message(format!("measuring pictures, {}", subject.key()));
        let mut renderer = subject.renderer(&compute)?;
        if arguments.profile {
            let effort = subject.effort(arguments.quick, compute.is_gpu);
            let config = subject.train_config(renderer.card())?;
            profiles.push((subject.key(), profile::measure(&mut renderer, &config, &compute, effort)?));
            continue;
        }
        if let Some(shared) = &shared {
            // As in the editor: textures, not pixels.
            renderer.draw_on(&shared.pass()?, Form::Texture)?;
        }
        let latency = latency::measure(&mut renderer, repetitions)?;
        progress.set_message(format!("measuring training, {}", subject.key()));
        let effort = subject.effort(arguments.quick, compute.is_gpu);
        let config = subject.train_config(renderer.card())?;
        let images_per_s = training::images_per_s(&config, &renderer.card().taxonomy, &compute, effort)?;
        results.push(Measured { key: subject.key(), latency, images_per_s, effort });
    }
    progress.finish_and_clear();
    if arguments.profile {
        return Ok(profile_report(&compute, &profiles));
    }
    Ok(Report { text: table(&compute, &results), json: to_json(&compute, repetitions, &results) })
}

fn profile_report(compute: &ComputeDevice, profiles: &[(&'static str, Vec<profile::Part>)]) -> Report {
    let mut json = json!({ "device": compute.description, "is_gpu": compute.is_gpu });
    let mut text = format!("{}\n", compute.description);
    for (key, parts) in profiles {
        json[*key] = profile::to_json(parts);
        text += &profile::table(key, parts);
    }
    Report { text, json }
}

fn repetitions(quick: bool, is_gpu: bool) -> Repetitions {
    match (quick, is_gpu) {
        (true, _) => Repetitions { warm_up: 1, measured: 3 },
        (false, true) => Repetitions { warm_up: 10, measured: 101 },
        (false, false) => Repetitions { warm_up: 2, measured: 21 },
    }
}

/// What is measured.
#[derive(Clone, Copy)]
enum Subject {
    Bundled,
    FullSize,
}

impl Subject {
    fn key(self) -> &'static str {
        match self {
            Self::Bundled => "bundled",
            Self::FullSize => "full_size",
        }
    }

    fn renderer(self, compute: &ComputeDevice) -> anyhow::Result<Renderer> {
        match self {
            Self::Bundled => Ok(Renderer::load(&ModelRef::Bundled("portrait".to_owned()), compute)?),
            Self::FullSize => {
                let model = Model::full_size(compute).context("the taxonomy celeba-7 is missing")?;
                Ok(Renderer::new(model, compute)?)
            }
        }
    }

    /// How the bundled model was trained, or the paper's settings.
    fn train_config(self, card: &ModelCard) -> anyhow::Result<TrainConfig> {
        match self {
            Self::Bundled => Ok(TrainConfig::from_ron(&card.provenance.configuration)?),
            Self::FullSize => Ok(TrainConfig::default()),
        }
    }

    /// On a CPU one full-size update takes seconds for each image in the batch.
    fn effort(self, quick: bool, is_gpu: bool) -> Effort {
        match (quick, is_gpu, self) {
            (true, _, _) => Effort { batch: 1, warm_up: 0, measured: 1 },
            (false, true, _) => Effort { batch: 16, warm_up: 5, measured: 20 },
            (false, false, Self::Bundled) => Effort { batch: 4, warm_up: 1, measured: 3 },
            (false, false, Self::FullSize) => Effort { batch: 2, warm_up: 0, measured: 1 },
        }
    }
}

struct Measured {
    key: &'static str,
    latency: Latency,
    images_per_s: f64,
    effort: Effort,
}

fn table(compute: &ComputeDevice, results: &[Measured]) -> String {
    let mut text = format!(
        "{}\n{:<10} {:>9} {:>10} {:>13} {:>20}\n",
        compute.description, "", "mask ms", "latent ms", "attribute ms", "training images/s"
    );
    for Measured { key, latency, images_per_s, effort } in results {
        text += &format!(
            "{key:<10} {:>9.2} {:>10.2} {:>13.2} {images_per_s:>20.2} (batch {})\n",
            latency.full_ms, latency.latent_ms, latency.attribute_ms, effort.batch
        );
    }
    text
}

fn to_json(compute: &ComputeDevice, repetitions: Repetitions, results: &[Measured]) -> Value {
    let mut json = json!({ "device": compute.description, "is_gpu": compute.is_gpu });
    for Measured { key, latency, images_per_s, effort } in results {
        json[*key] = json!({
            "full_ms": latency.full_ms,
            "latent_ms": latency.latent_ms,
            "attribute_ms": latency.attribute_ms,
            "latency_warm_up": repetitions.warm_up,
            "latency_iterations": repetitions.measured,
            "training_images_per_s": images_per_s,
            "training_batch": effort.batch,
            "training_warm_up": effort.warm_up,
            "training_iterations": effort.measured,
        });
    }
    json
}
