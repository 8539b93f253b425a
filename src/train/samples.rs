//! The contact sheet of a run: masks, real pictures, and what the averaged generator makes of the masks.

use burn::tensor::{Tensor, TensorData};
use image::{Rgb, RgbImage, imageops};

use super::trainer::{TrainError, Trainer};
use crate::data::Batch;
use crate::label_image::LabelImage;
use crate::model::parameters::to_host;
use crate::model::{Noise, one_hot};

/// Seed of the latents, so that sheets of different steps compare.
const SEED: u64 = 7;

/// A sheet of `columns` samples: masks on top, real pictures below, then `rows` rows of generated ones, each row with
/// other latents.
pub fn sample_grid(trainer: &Trainer, columns: usize, rows: usize) -> Result<RgbImage, TrainError> {
    let source = trainer.source();
    let taxonomy = trainer.taxonomy();
    let side = trainer.config().resolution;
    let columns = columns.clamp(1, source.len().max(1));
    // Spread over the data set, whose neighbours may be alike.
    let indices = (0..columns).map(|column| column * source.len() / columns);
    let batch = Batch::of(source.as_ref(), indices, side as u32)?;
    let size = batch.size;
    let mut sheet = RgbImage::from_pixel((columns * side) as u32, ((rows + 2) * side) as u32, Rgb([32, 32, 32]));
    let mut paste = |picture: &RgbImage, column: usize, row: usize| {
        imageops::replace(&mut sheet, picture, (column * side) as i64, (row * side) as i64);
    };
    for (column, ids) in batch.labels.chunks(side * side).enumerate() {
        if let Ok(labels) = LabelImage::from_ids(side as u32, side as u32, ids.to_vec()) {
            paste(&labels.to_rgb(taxonomy), column, 0);
        }
    }
    for (column, picture) in batch.images.chunks(3 * side * side).enumerate() {
        paste(&to_rgb(picture, side), column, 1);
    }
    let device = &trainer.compute().device;
    let masks = one_hot(&batch.labels, size, taxonomy.n_labels(), side, device);
    let attributes = TensorData::new(batch.attributes, [size, taxonomy.n_attributes()]);
    let attributes = Tensor::from_data(attributes, device);
    let n_z = trainer.config().n_z;
    let mut noise = Noise::new(SEED);
    for row in 0..rows {
        let latent = Tensor::from_data(TensorData::new(noise.normal(size * n_z), [size, n_z]), device);
        let fake = trainer.average().forward(latent, attributes.clone(), masks.clone());
        let values = to_host(fake, "samples")?.values;
        for (column, picture) in values.chunks(3 * side * side).enumerate() {
            paste(&to_rgb(picture, side), column, row + 2);
        }
    }
    Ok(sheet)
}

/// `[3, side, side]` in [−1, 1] → 8-bit RGB.
fn to_rgb(planes: &[f32], side: usize) -> RgbImage {
    let area = side * side;
    RgbImage::from_fn(side as u32, side as u32, |x, y| {
        let pixel = y as usize * side + x as usize;
        Rgb([0, 1, 2].map(|channel| {
            let value = planes.get(channel * area + pixel).copied().unwrap_or_default();
            ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
        }))
    })
}
