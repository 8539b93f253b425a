//! Scores of a run on samples it may not have seen.

use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::trainer::{TrainError, Trainer};
use crate::data::{Batch, SampleSource};
use crate::metrics::Confusion;
use crate::model::parameters::ParameterError;
use crate::model::{Noise, one_hot};
use crate::taxonomy::LabelId;

/// Samples judged at a time.
const BATCH: usize = 8;

/// How well S reads real pictures, and how well G obeys masks in S's eyes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scores {
    /// Samples judged.
    pub samples: usize,
    /// S on real pictures: part of the pixels that are right.
    pub real_pixel_accuracy: f64,
    /// S on real pictures: mean IoU.
    pub real_mean_iou: f64,
    /// S on generated pictures against the masks asked for: part of the pixels that agree.
    pub generated_pixel_accuracy: f64,
    /// S on generated pictures against the masks asked for: mean IoU.
    pub generated_mean_iou: f64,
}

/// Judges the averaged generator and S on `count` samples of a source from index 0, with z from `seed`.
pub fn score(trainer: &Trainer, source: &dyn SampleSource, count: usize, seed: u64) -> Result<Scores, TrainError> {
    let taxonomy = trainer.taxonomy();
    let (n_labels, side) = (taxonomy.n_labels(), trainer.config().resolution);
    let device = &trainer.compute().device;
    let (mut real, mut generated) = (Confusion::new(n_labels), Confusion::new(n_labels));
    let mut noise = Noise::new(seed);
    let count = count.min(source.len());
    for start in (0..count).step_by(BATCH) {
        let indices = start..(start + BATCH).min(count);
        let batch = Batch::of(source, indices, side as u32)?;
        let (size, n_z) = (batch.size, trainer.config().n_z);
        let pictures = Tensor::from_data(TensorData::new(batch.images, [size, 3, side, side]), device);
        let attributes = Tensor::from_data(TensorData::new(batch.attributes, [size, taxonomy.n_attributes()]), device);
        let latent = Tensor::from_data(TensorData::new(noise.normal(size * n_z), [size, n_z]), device);
        let masks = one_hot(&batch.labels, size, n_labels, side, device);
        let fake = trainer.average().forward(latent, attributes, masks);
        real.add(&batch.labels, &read_labels(trainer, pictures)?);
        generated.add(&batch.labels, &read_labels(trainer, fake)?);
    }
    Ok(Scores {
        samples: count,
        real_pixel_accuracy: real.pixel_accuracy(),
        real_mean_iou: real.mean_iou(),
        generated_pixel_accuracy: generated.pixel_accuracy(),
        generated_mean_iou: generated.mean_iou(),
    })
}

/// S's label of every pixel.
fn read_labels(trainer: &Trainer, pictures: Tensor<4>) -> Result<Vec<LabelId>, TrainError> {
    let ids: Tensor<4, Int> = trainer.segmentor().forward(pictures).inner().argmax(1);
    let device = |reason: String| ParameterError::Device { name: "labels".to_owned(), reason };
    let data = ids.try_into_data().map_err(|error| device(error.to_string()))?;
    let ids = data.convert::<i32>().try_into_vec::<i32>().map_err(|error| device(format!("{error:?}")))?;
    Ok(ids.into_iter().map(|id| id as LabelId).collect())
}
