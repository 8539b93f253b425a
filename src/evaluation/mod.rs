//! Judging a model on a data set: its masks are drawn with fresh latents and their own attributes, and what comes of it is
//! compared with what was asked for and with the real pictures.
//!
//! Generated pictures are rounded to bytes first, so every figure is that of the PNGs one would write.

mod diversity;
mod drawing;
mod judge;
mod scores;
mod tally;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use image::RgbImage;

pub use self::judge::{Judge, Reading};
pub use self::scores::{
    AttributeScore, Attributes, Distance, Diversity, Evaluation, Fid, LabelScore, Named, Pair, Segmentation,
    UNBIASED_FROM,
};

use self::diversity::Differences;
use self::drawing::Pictures;
use self::tally::{Halves, Tally};
use crate::data::{Batch, DataError, SampleSource};
use crate::gpu::ComputeDevice;
use crate::metrics::inception::{FEATURES, Inception};
use crate::metrics::statistics_file::Origin;
use crate::metrics::{FrechetError, Gaussian, Moments, frechet_distance};
use crate::model::parameters::ParameterError;
use crate::model::{Model, Noise};
use crate::taxonomy::LabelId;

/// Pictures drawn and judged at a time.
const BATCH: usize = 16;
/// Masks whose pictures are compared among themselves.
const DIVERSITY_MASKS: usize = 16;
/// Pictures of each.
const DIVERSITY_LATENTS: usize = 8;
/// Real pictures that are compared among themselves.
const DIVERSITY_REALS: usize = 64;

/// What is judged, on what, by whom.
pub struct Task<'a> {
    /// The model.
    pub model: &'a Model,
    /// Who reads the pictures; without one there are neither masks nor attributes nor the segmentor's distance.
    pub judge: Option<&'a Judge>,
    /// Samples with the model's labels and attributes.
    pub source: &'a dyn SampleSource,
    /// The network of FID, if FID is wanted.
    pub inception: Option<&'a Inception>,
    /// Statistics of real pictures to take in place of those of the samples, for FID.
    pub statistics: Option<&'a (Gaussian, Origin)>,
    /// Where model, judge and network lie.
    pub compute: &'a ComputeDevice,
    /// How many samples, chosen by the seed.
    pub count: usize,
    /// Of the choice and of the latents.
    pub seed: u64,
    /// An existing folder that the generated pictures are written into, as `000000.png` and so on.
    pub pictures: Option<&'a Path>,
}

/// Why there are no scores.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// Model, data and judge do not go together.
    #[error("{0}")]
    Mismatch(String),
    /// A sample cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The device did not deliver.
    #[error("{0}; try again, or use --device cpu")]
    Device(#[from] ParameterError),
    /// Features have no distance.
    #[error("{of}: {reason}")]
    Distance {
        /// Which distance.
        of: &'static str,
        /// Why.
        reason: FrechetError,
    },
    /// A picture cannot be written.
    #[error("{}: {reason}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// `progress` broke off.
    #[error("interrupted")]
    Cancelled,
}

/// The scores, and the statistics of the real pictures if FID was measured on them.
pub struct Evaluated {
    /// The scores.
    pub evaluation: Evaluation,
    /// To be kept for other models.
    pub statistics: Option<(Gaussian, Origin)>,
}

/// Judges a model. `progress` is told how many of how many pictures are done and may break off.
///
/// # Errors
/// See [`EvaluationError`].
pub fn evaluate(
    task: &Task<'_>,
    progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Evaluated, EvaluationError> {
    check(task)?;
    let began = Instant::now();
    let count = task.count.min(task.source.len());
    let mut run = EvaluationRun::new(task, count);
    let masks = DIVERSITY_MASKS.min(count);
    let all = count + masks * DIVERSITY_LATENTS;
    let mut go_on = |done| match progress(done, all) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(EvaluationError::Cancelled),
    };
    go_on(0)?;
    let chosen: Vec<usize> = run.noise.permutation(task.source.len()).into_iter().take(count).collect();
    for indices in chosen.chunks(BATCH) {
        let batch = Batch::of(task.source, indices.iter().copied(), task.model.card.resolution() as u32)?;
        run.compare(&batch)?;
        go_on(run.done)?;
    }
    for mask in 0..masks {
        run.vary(mask)?;
        go_on(count + (mask + 1) * DIVERSITY_LATENTS)?;
    }
    run.finish(began)
}

fn check(task: &Task<'_>) -> Result<(), EvaluationError> {
    let taxonomy = &task.model.card.taxonomy;
    let refuse = |message: String| Err(EvaluationError::Mismatch(message));
    if !task.source.taxonomy().has_channels_of(taxonomy) {
        return refuse(format!("the data has other labels or attributes than the model {}", task.model.card.name));
    }
    match task.judge {
        Some(judge) if !judge.knows_labels_of(taxonomy) => {
            let names: Vec<&str> = judge.labels().collect();
            refuse(format!("the judge {} reads other labels ({}); choose another", judge.name, names.join(", ")))
        }
        None if task.inception.is_none() => refuse(format!(
            "the model {} has no segmentor to read its pictures; name a judge with --judge, or weights with --inception",
            task.model.card.name
        )),
        _ if task.count < 2 => refuse("--count must be at least 2".to_owned()),
        _ => Ok(()),
    }
}

/// A mask with its attributes.
struct Wish {
    labels: Vec<LabelId>,
    attributes: Vec<f32>,
}

/// What has been counted so far.
struct EvaluationRun<'a> {
    task: &'a Task<'a>,
    count: usize,
    done: usize,
    noise: Noise,
    real: Tally,
    generated: Tally,
    wishes: Vec<Wish>,
    reals: Differences,
    variations: Vec<Differences>,
    real_inception: Halves,
    generated_inception: Moments,
}

impl<'a> EvaluationRun<'a> {
    fn new(task: &'a Task<'a>, count: usize) -> Self {
        let taxonomy = &task.model.card.taxonomy;
        let inception = if task.inception.is_some() { FEATURES } else { 0 };
        Self {
            task,
            count,
            done: 0,
            noise: Noise::new(task.seed),
            real: Tally::new(taxonomy, count),
            generated: Tally::new(taxonomy, count),
            wishes: Vec::new(),
            reals: Differences::default(),
            variations: Vec::new(),
            real_inception: Halves::new(inception, count),
            generated_inception: Moments::new(inception),
        }
    }

    /// Draws a batch and compares it with what was asked for and with the real pictures.
    fn compare(&mut self, batch: &Batch) -> Result<(), EvaluationError> {
        let task = self.task;
        let latents = self.noise.normal(batch.size * task.model.card.generator.n_z);
        let real = Pictures::of_batch(batch);
        let generated = drawing::draw(task, &batch.labels, &batch.attributes, latents)?;
        if let Some(folder) = task.pictures {
            generated.images.iter().enumerate().try_for_each(|(at, image)| save(folder, self.done + at, image))?;
        }
        let mut real_features = Vec::new();
        if let Some(judge) = task.judge {
            for (pictures, tally) in [(&real, &mut self.real), (&generated, &mut self.generated)] {
                let reading = judge.read(pictures.tensor(task.compute))?;
                let attributes =
                    reading.attribute_logits.filter(|_| judge.knows_attributes_of(&task.model.card.taxonomy));
                tally
                    .add(batch, &reading.labels, attributes.as_deref(), &reading.features, self.done)
                    .map_err(of_judge)?;
                real_features = if real_features.is_empty() { reading.features } else { real_features };
            }
        }
        if let Some(inception) = task.inception {
            if task.statistics.is_none() {
                let features = inception.features(&real.images)?;
                self.real_inception.push(&features, self.done).map_err(of_fid)?;
            }
            self.generated_inception.push(&inception.features(&generated.images)?).map_err(of_fid)?;
        }
        self.remember(batch, &real.images, &real_features);
        self.done += batch.size;
        Ok(())
    }

    /// Keeps the first masks and real pictures for the comparison of pictures with each other.
    fn remember(&mut self, batch: &Batch, images: &[RgbImage], features: &[f32]) {
        let (pixels, n_attributes) = (batch.labels.len() / batch.size, batch.attributes.len() / batch.size);
        let per_picture = features.len() / batch.size;
        for (at, image) in images.iter().enumerate() {
            if self.done + at < DIVERSITY_MASKS {
                let labels = batch.labels[at * pixels..][..pixels].to_vec();
                let attributes = batch.attributes[at * n_attributes..][..n_attributes].to_vec();
                self.wishes.push(Wish { labels, attributes });
            }
            if self.done + at < DIVERSITY_REALS {
                self.reals.push(image, &features[at * per_picture..][..per_picture]);
            }
        }
    }

    /// Draws one mask with several latents.
    fn vary(&mut self, mask: usize) -> Result<(), EvaluationError> {
        let task = self.task;
        let Some(wish) = self.wishes.get(mask) else { return Ok(()) };
        let (labels, attributes) = (wish.labels.repeat(DIVERSITY_LATENTS), wish.attributes.repeat(DIVERSITY_LATENTS));
        let latents = self.noise.normal(DIVERSITY_LATENTS * task.model.card.generator.n_z);
        let drawn = drawing::draw(task, &labels, &attributes, latents)?;
        let features = match task.judge {
            Some(judge) => judge.read(drawn.tensor(task.compute))?.features,
            None => Vec::new(),
        };
        let per_picture = features.len() / DIVERSITY_LATENTS;
        let mut differences = Differences::default();
        for (at, image) in drawn.images.iter().enumerate() {
            differences.push(image, &features[at * per_picture..][..per_picture]);
        }
        self.variations.push(differences);
        Ok(())
    }

    fn finish(self, began: Instant) -> Result<Evaluated, EvaluationError> {
        let (task, samples) = (self.task, self.count);
        let card = &task.model.card;
        let named = |name: &str, hash: &str| Named { name: name.to_owned(), hash: hash.to_owned() };
        let mut evaluation = Evaluation {
            model: named(&card.name, &card.hash),
            judge: task.judge.map(|judge| named(&judge.name, &judge.hash)),
            own_judge: task.judge.is_some_and(|judge| judge.hash == card.hash),
            data: task.source.describe(),
            samples,
            seed: task.seed,
            resolution: card.resolution(),
            device: task.compute.description.clone(),
            diversity: diversity::scores(&self.variations, &self.reals, task.judge.is_some()),
            ..Evaluation::default()
        };
        if let Some(judge) = task.judge {
            let (generated, real) = (self.generated, self.real);
            evaluation.segmentation = Some(tally::segmentation(&generated, &real, &card.taxonomy));
            if judge.knows_attributes_of(&card.taxonomy) {
                evaluation.attributes = Some(tally::attributes(&generated, &real, &card.taxonomy));
            }
            let real = real.features.finish().map_err(of_judge)?;
            let generated = generated.features.finish().map_err(of_judge)?.all;
            evaluation.segmentor_distance = Some(real.distance_of(&generated, samples).map_err(of_judge)?);
        }
        let mut statistics = None;
        if let Some(inception) = task.inception {
            let (distance, real) = fid(task, self.real_inception, self.generated_inception, samples).map_err(of_fid)?;
            let fewest = distance.samples.min(distance.real_samples.unwrap_or(usize::MAX));
            statistics = real.map(|real| (real, origin(task, inception, &distance)));
            evaluation.fid = Some(Fid {
                distance,
                biased: fewest < UNBIASED_FROM,
                weights_sha256: inception.sha256.clone(),
                published_weights: inception.is_published(),
            });
        }
        evaluation.seconds = began.elapsed().as_secs_f64();
        Ok(Evaluated { evaluation, statistics })
    }
}

/// FID against the statistics that were given, or else against the real pictures, whose own statistics come with it.
fn fid(
    task: &Task<'_>,
    real: Halves,
    generated: Moments,
    samples: usize,
) -> Result<(Distance, Option<Gaussian>), FrechetError> {
    let generated = generated.finish()?;
    let Some((known, origin)) = task.statistics else {
        let real = real.finish()?;
        return Ok((real.distance_of(&generated, samples)?, Some(real.all)));
    };
    let distance = Distance {
        distance: frechet_distance(&generated, known)?,
        samples,
        real_samples: known.samples,
        real_vs_real: origin.real_vs_real,
        real_vs_real_samples: origin.real_vs_real_samples,
    };
    Ok((distance, None))
}

fn origin(task: &Task<'_>, inception: &Inception, distance: &Distance) -> Origin {
    Origin {
        samples: distance.real_samples,
        weights_sha256: Some(inception.sha256.clone()),
        pictures: Some(task.source.describe()),
        resolution: Some(task.model.card.resolution()),
        real_vs_real: distance.real_vs_real,
        real_vs_real_samples: distance.real_vs_real_samples,
    }
}

fn of_judge(reason: FrechetError) -> EvaluationError {
    EvaluationError::Distance { of: "the segmentor's features", reason }
}

fn of_fid(reason: FrechetError) -> EvaluationError {
    EvaluationError::Distance { of: "the Inception features", reason }
}

fn save(folder: &Path, number: usize, image: &RgbImage) -> Result<(), EvaluationError> {
    let path = folder.join(format!("{number:06}.png"));
    image.save(&path).map_err(|error| EvaluationError::Write { path, reason: error.to_string() })
}
