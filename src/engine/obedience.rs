//! Whether a picture obeys its mask: what the model's segmentor reads in it, beside what was asked for.

use std::sync::Arc;

use burn::tensor::{Int, Tensor, TensorData};

use super::picture::PicturePixels;
use super::renderer::RenderError;
use crate::gpu::ComputeDevice;
use crate::label_image::LabelImage;
use crate::metrics::Confusion;
use crate::model::parameters::{self, ParameterError};
use crate::model::{Model, Segmentor};
use crate::taxonomy::LabelId;

/// In [`Obedience::differences`]: mask and segmentor agree.
pub const AGREES: LabelId = LabelId::MAX;

/// What the segmentor reads in a picture, against its mask at the model's size.
#[derive(Clone, Debug, PartialEq)]
pub struct Obedience {
    /// Generation of the picture's request.
    pub generation: u64,
    /// Side of the picture in px.
    pub side: u32,
    /// `side · side`: the label that the segmentor reads where the mask has another one, else [`AGREES`].
    pub differences: Arc<[LabelId]>,
    /// Intersection over union of each label, in `0..=1`; `None` for one that neither mask nor reading has.
    pub iou: Vec<Option<f64>>,
    /// Part of the pixels that agree, in `0..=1`.
    pub pixel_accuracy: f64,
}

/// The segmentor of a model, on the CPU whatever draws the pictures: a GPU would have to choose kernels for it first, and
/// reading its answer from the window's device would hold the window up.
pub(super) struct Reader {
    segmentor: Segmentor,
    n_labels: usize,
}

impl Reader {
    /// The reader of a model; none without a segmentor.
    ///
    /// # Errors
    /// The device did not hand over the weights.
    pub(super) fn of(model: &Model) -> Result<Option<Self>, ParameterError> {
        let (Some(segmentor), Some(config)) = (&model.segmentor, &model.card.segmentor) else { return Ok(None) };
        let tensors = parameters::read(segmentor, "segmentor")?;
        let blank = config.init(&mut crate::model::Init::zeros(&ComputeDevice::cpu()));
        let segmentor = parameters::load(blank, "segmentor", &tensors)?;
        Ok(Some(Self { segmentor, n_labels: config.n_labels }))
    }

    /// Reads a square picture. `None` as soon as `go_on` says no: it is asked before every layer.
    ///
    /// # Errors
    /// The reading could not be computed.
    pub(super) fn read(
        &self,
        generation: u64,
        picture: &PicturePixels,
        mask: &LabelImage,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Obedience>, RenderError> {
        let side = picture.width as usize;
        let device = ComputeDevice::cpu().device;
        let channel = |k: usize| picture.rgba.iter().skip(k).step_by(4).map(|byte| f32::from(*byte) / 127.5 - 1.0);
        let values: Vec<f32> = (0..3).flat_map(channel).collect();
        let x = Tensor::from_data(TensorData::new(values, [1, 3, side, side]), &device);
        let Some(logits) = self.segmentor.forward_while(x, go_on) else { return Ok(None) };
        let ids: Tensor<4, Int> = logits.argmax(1);
        let failed = |reason: String| RenderError::Device(reason);
        let data = ids.try_into_data().map_err(|error| failed(error.to_string()))?;
        let ids = data.convert::<i32>().try_into_vec::<i32>().map_err(|error| failed(format!("{error:?}")))?;
        let read: Vec<LabelId> = ids.into_iter().map(|id| id as LabelId).collect();
        Ok(Some(compared(generation, picture.width, mask, &read, self.n_labels)))
    }
}

fn compared(generation: u64, side: u32, mask: &LabelImage, read: &[LabelId], n_labels: usize) -> Obedience {
    let mut confusion = Confusion::new(n_labels);
    confusion.add(mask.ids(), read);
    let differences =
        mask.ids().iter().zip(read).map(|(asked, read)| if asked == read { AGREES } else { *read }).collect();
    let (iou, pixel_accuracy) = (confusion.iou(), confusion.pixel_accuracy());
    Obedience { generation, side, differences, iou, pixel_accuracy }
}

impl Obedience {
    /// What the segmentor reads at a place in `0..1` of the picture's width and height, if that is not what the mask says.
    pub fn difference_at(&self, place: [f32; 2]) -> Option<LabelId> {
        let side = self.side as f32;
        let [x, y] = place.map(|part| (0.0..1.0).contains(&part).then_some((part * side) as usize));
        let read = *self.differences.get(y? * self.side as usize + x?)?;
        (read != AGREES).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn differences_say_what_is_read_and_scores_follow() {
        let mut mask = LabelImage::new(2, 2, 0);
        mask.set(1, 1, 2);
        let found = compared(7, 2, &mask, &[0, 1, 0, 2], 4);
        assert_eq!(found.differences[..], [AGREES, 1, AGREES, AGREES]);
        assert_eq!(found.iou, [Some(2.0 / 3.0), Some(0.0), Some(1.0), None]);
        assert_eq!((found.generation, found.side, found.pixel_accuracy), (7, 2, 0.75));
        assert_eq!(found.difference_at([0.75, 0.25]), Some(1));
        assert_eq!(found.difference_at([0.25, 0.25]), None);
        for outside in [[1.0, 0.2], [-0.1, 0.2], [0.2, f32::NAN]] {
            assert_eq!(found.difference_at(outside), None);
        }
    }

    #[test]
    fn a_reading_equals_the_segmentor_s_and_can_be_broken_off() {
        let compute = ComputeDevice::cpu();
        let model = Model::bundled("portrait", &compute).unwrap();
        let reader = Reader::of(&model).unwrap().unwrap();
        let side = model.card.resolution() as u32;
        let rgba: Vec<u8> =
            (0..side * side).flat_map(|at| [at % 251, at / 97 % 256, at % 13 * 19, 255].map(|v| v as u8)).collect();
        let picture = PicturePixels { width: side, height: side, rgba: rgba.into() };
        let mask = LabelImage::new(side, side, 1);
        let mut asked = 0;
        let found = reader
            .read(3, &picture, &mask, &mut || {
                asked += 1;
                true
            })
            .unwrap()
            .unwrap();
        assert!(asked > 6);
        let channel = |k: usize| picture.rgba.iter().skip(k).step_by(4).map(|byte| f32::from(*byte) / 127.5 - 1.0);
        let values: Vec<f32> = (0..3).flat_map(channel).collect();
        let shape = [1, 3, side as usize, side as usize];
        let logits =
            model.segmentor.unwrap().forward(Tensor::from_data(TensorData::new(values, shape), &compute.device));
        let ids = logits.argmax(1).into_data().convert::<i32>().try_into_vec::<i32>().unwrap();
        for (difference, id) in found.differences.iter().zip(ids) {
            assert_eq!(i32::from(*difference), if id == 1 { i32::from(AGREES) } else { id });
        }
        for allowed in 0..asked {
            let mut left = allowed;
            let mut go_on = || {
                left -= 1;
                left >= 0
            };
            assert!(reader.read(3, &picture, &mask, &mut go_on).unwrap().is_none(), "{allowed} of {asked}");
        }
    }
}
