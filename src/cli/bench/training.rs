//! How many images a second training takes in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};

use super::latency::median;
use crate::data::{DataError, Sample, SampleSource};
use crate::gpu::ComputeDevice;
use crate::kernels::profile::{Times, collect};
use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use crate::train::{Phase, TrainConfig, TrainError, Trainer};

/// How much is trained.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Images per update.
    pub(super) batch: usize,
    /// Unmeasured pairs of a D + S update and a G update.
    pub(super) warm_up: usize,
    /// Measured pairs.
    pub(super) measured: usize,
}

/// Images a second that a run with this configuration would take in, from medians of the two kinds of update.
///
/// Only one D + S update is run before each of G, and both are weighted as the configuration says: at full size and on
/// a CPU a whole cycle takes minutes.
pub(super) fn images_per_s(
    config: &TrainConfig,
    taxonomy: &Taxonomy,
    compute: &ComputeDevice,
    effort: Effort,
) -> Result<f64, TrainError> {
    let mut trainer = trainer(config, taxonomy, compute, effort)?;
    let (mut critics_s, mut generator_s) = (Vec::new(), Vec::new());
    for at in 0..2 * (effort.warm_up + effort.measured) {
        let began = Instant::now();
        let phase = trainer.advance()?;
        wait_for(compute);
        if at >= 2 * effort.warm_up {
            let seconds = if phase == Phase::Critics { &mut critics_s } else { &mut generator_s };
            seconds.push(began.elapsed().as_secs_f64());
        }
    }
    let per_critics = median(critics_s) + median(generator_s) / config.critic_updates as f64;
    Ok(effort.batch as f64 / per_critics)
}

/// A D + S update and a G update: which, how long it took with every kernel waited for, and what the kernels took.
pub(super) fn profile(
    config: &TrainConfig,
    taxonomy: &Taxonomy,
    compute: &ComputeDevice,
    effort: Effort,
) -> Result<Vec<(&'static str, Duration, Times)>, TrainError> {
    let mut trainer = trainer(config, taxonomy, compute, effort)?;
    for _ in 0..2 * effort.warm_up.max(1) {
        trainer.advance()?;
    }
    let mut updates = Vec::new();
    for _ in 0..2 {
        let began = Instant::now();
        let (phase, kernels) = collect(|| {
            let phase = trainer.advance();
            wait_for(compute);
            phase
        });
        let name = if phase? == Phase::Critics { "D and S" } else { "G" };
        updates.push((name, began.elapsed(), kernels));
    }
    Ok(updates)
}

/// One that takes turns between a D + S update and a G update.
fn trainer(
    config: &TrainConfig,
    taxonomy: &Taxonomy,
    compute: &ComputeDevice,
    effort: Effort,
) -> Result<Trainer, TrainError> {
    let shortened = TrainConfig { batch: effort.batch, critic_updates: 1, steps: u64::MAX, ..config.clone() };
    let source = Arc::new(Chequerboards { taxonomy: taxonomy.clone(), count: 4 * effort.batch });
    Trainer::new(shortened, source, compute)
}

/// Waits until the device has done what it was given. A lost device shows in the next update.
fn wait_for(compute: &ComputeDevice) {
    if let Err(error) = compute.device.sync() {
        tracing::warn!("the compute device did not answer: {error}");
    }
}

/// Samples that cost next to nothing to make, so that only training is measured.
struct Chequerboards {
    taxonomy: Taxonomy,
    count: usize,
}

impl SampleSource for Chequerboards {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    fn len(&self) -> usize {
        self.count
    }

    fn describe(&self) -> String {
        format!("{} chequerboards", self.count)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let labels = super::latency::chequerboard(resolution, self.taxonomy.n_labels(), index);
        Ok(Sample {
            name: index.to_string(),
            image: shades(&labels),
            attributes: (0..self.taxonomy.n_attributes()).map(|at| ((index + at) % 2) as f32).collect(),
            labels,
        })
    }
}

fn shades(labels: &LabelImage) -> RgbImage {
    RgbImage::from_fn(labels.width(), labels.height(), |x, y| {
        Rgb([labels.get(x, y).wrapping_mul(20), x as u8, y as u8])
    })
}
