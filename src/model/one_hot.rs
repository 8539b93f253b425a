//! Label ids to the one-hot tensor that G and the segmentation loss take.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::taxonomy::LabelId;

/// Label ids `[b, R, R]` row-major → one-hot `[b, n_labels, R, R]`. Ids past the last label give a pixel without label.
/// Only the ids travel to the device; they are spread out there.
pub fn one_hot(labels: &[LabelId], batch: usize, n_labels: usize, resolution: usize, device: &Device) -> Tensor<4> {
    let ids: Vec<i32> = labels.iter().map(|&id| i32::from(id)).collect();
    let ids = Tensor::<4, Int>::from_data(TensorData::new(ids, [batch, 1, resolution, resolution]), device);
    // Uploaded, since Burn makes a range in three launches.
    let channels: Vec<i32> = (0..n_labels as i32).collect();
    let channels = Tensor::<4, Int>::from_data(TensorData::new(channels, [1, n_labels, 1, 1]), device);
    let shape = [batch, n_labels, resolution, resolution];
    ids.expand(shape).equal(channels.expand(shape)).float()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_pixel_lights_its_own_channel() {
        let labels: Vec<u8> = (0..2 * 16).map(|i| (i % 5) as u8).collect();
        let values = one_hot(&labels, 2, 4, 4, &Device::flex()).into_data().try_into_vec::<f32>().unwrap();
        for (pixel, &label) in labels.iter().enumerate() {
            let (image, offset) = (pixel / 16, pixel % 16);
            for channel in 0..4 {
                let lit = values[(image * 4 + channel) * 16 + offset];
                assert_eq!(lit, if channel == usize::from(label) { 1.0 } else { 0.0 });
            }
        }
    }
}
