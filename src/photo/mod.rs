//! From a photograph to a session: framing, the mask and attributes that a model reads in it, and the latent code whose
//! picture comes nearest to it.

mod fit;
mod framing;
mod guides;
mod handle;
mod proposal;

pub use fit::{Fit, FitProgress, FitSettings, FitTarget, fit};
pub use framing::{FRAME_SIDE_MIN_PX, Framing};
pub use guides::{FrameGuides, GuideShape};
pub use handle::{PhotoEvent, PhotoHandle, PhotoJob};
pub use proposal::{Proposal, propose};

use burn::tensor::{Device, Tensor, TensorData};
use image::RgbImage;

/// Why a photograph could not be read or fitted.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// The model has no segmentor.
    #[error(
        "the model {0} has no segmentor to read a photo with; open a model that was trained here, or a bundled one"
    )]
    NoSegmentor(String),
    /// Photo, mask or attributes do not fit the model.
    #[error("{what} of the photo do not fit the model {model}; frame the photo again with this model")]
    Mismatch {
        /// What.
        what: &'static str,
        /// The model.
        model: String,
    },
    /// There is nothing that could be minimised.
    #[error("the difference between photo and picture is no number; choose another photo or model")]
    NotFinite,
    /// The device did not deliver.
    #[error("the compute device failed: {0}; try again")]
    Device(String),
}

/// `[1, 3, h, w]` in [−1, 1].
fn to_tensor(picture: &RgbImage, device: &Device) -> Tensor<4> {
    let (width, height) = picture.dimensions();
    let channel = |k: usize| picture.as_raw().iter().skip(k).step_by(3).map(|byte| f32::from(*byte) / 127.5 - 1.0);
    let values: Vec<f32> = (0..3).flat_map(channel).collect();
    Tensor::from_data(TensorData::new(values, [1, 3, height as usize, width as usize]), device)
}

/// `[1, 3, h, w]` in [−1, 1] as a picture; what is outside is clamped.
fn to_picture(picture: Tensor<4>) -> Result<RgbImage, PhotoError> {
    let [_, _, height, width] = picture.dims();
    let planes = values(picture)?;
    let size = width * height;
    let byte = |at: usize| (planes[at] * 127.5 + 128.0) as u8;
    let rgb = (0..size).flat_map(|at| [byte(at), byte(size + at), byte(2 * size + at)]).collect();
    RgbImage::from_raw(width as u32, height as u32, rgb)
        .ok_or_else(|| PhotoError::Device(format!("no picture of {width}×{height}")))
}

/// All values, read back from the device without graph.
fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, PhotoError> {
    let data = tensor.inner().try_into_data().map_err(|error| PhotoError::Device(error.to_string()))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|error| PhotoError::Device(format!("{error:?}")))
}

#[cfg(test)]
mod tests;
