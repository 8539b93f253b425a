//! Pictures as bytes, and as the tensors that networks read.

use burn::tensor::{Tensor, TensorData};
use image::{Rgb, RgbImage};

use super::{EvaluationError, Task};
use crate::data::Batch;
use crate::gpu::ComputeDevice;
use crate::model::one_hot;
use crate::model::parameters::to_host;
use crate::taxonomy::LabelId;

/// Square pictures of one size.
pub(super) struct Pictures {
    side: usize,
    pub(super) images: Vec<RgbImage>,
}

impl Pictures {
    /// The real pictures of a batch.
    pub(super) fn of_batch(batch: &Batch) -> Self {
        Self::of_values(&batch.images, batch.resolution as usize)
    }

    /// Of `[b, 3, R, R]` in [−1, 1].
    fn of_values(values: &[f32], side: usize) -> Self {
        let plane = side * side;
        let image = |values: &[f32]| {
            RgbImage::from_fn(side as u32, side as u32, |x, y| {
                let at = y as usize * side + x as usize;
                Rgb([0, 1, 2].map(|channel| to_byte(values[channel * plane + at])))
            })
        };
        Self { side, images: values.chunks_exact((3 * plane).max(1)).map(image).collect() }
    }

    /// `[b, 3, R, R]` in [−1, 1].
    pub(super) fn tensor(&self, compute: &ComputeDevice) -> Tensor<4> {
        let plane = |image: &RgbImage, channel: usize| -> Vec<f32> {
            image.as_raw().iter().skip(channel).step_by(3).map(|byte| f32::from(*byte) / 127.5 - 1.0).collect()
        };
        let values: Vec<f32> = self.images.iter().flat_map(|image| (0..3).flat_map(|k| plane(image, k))).collect();
        let shape = [self.images.len(), 3, self.side, self.side];
        Tensor::from_data(TensorData::new(values, shape), &compute.device)
    }
}

/// The nearest byte, as everywhere else in the program.
fn to_byte(value: f32) -> u8 {
    (value * 127.5 + 128.0) as u8
}

/// Draws masks `[b, R, R]` with attributes `[b, n_c]` and latents `[b, n_z]`.
pub(super) fn draw(
    task: &Task<'_>,
    labels: &[LabelId],
    attributes: &[f32],
    latents: Vec<f32>,
) -> Result<Pictures, EvaluationError> {
    let config = &task.model.card.generator;
    let (device, side) = (&task.compute.device, config.resolution);
    let batch = labels.len() / (side * side);
    let masks = one_hot(labels, batch, config.n_labels, side, device);
    let attributes = Tensor::from_data(TensorData::new(attributes.to_vec(), [batch, config.n_attributes]), device);
    let latents = Tensor::from_data(TensorData::new(latents, [batch, config.n_z]), device);
    let drawn = to_host(task.model.generator.forward(latents, attributes, masks), "generated pictures")?;
    Ok(Pictures::of_values(&drawn.values, side))
}
