//! The mask and attributes that a model reads in a photograph.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use image::RgbImage;
use image::imageops;

use super::{PhotoError, to_tensor, values};
use crate::gpu::ComputeDevice;
use crate::label_image::LabelImage;
use crate::model::Model;
use crate::taxonomy::{GroupKind, LabelId, Taxonomy};

/// Blurs, as standard deviations in pixels, through which the segmentor sees a photo as well as it is: it learned from
/// smooth pictures as a rule, and grain and folds of cloth mislead it.
const BLURS_PX: [f32; 2] = [0.8, 1.6];

/// What a model reads in a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The mask.
    pub labels: LabelImage,
    /// A strength per attribute, 0 or 1; `None` when the model reads none.
    pub attributes: Option<Vec<f32>>,
}

/// Reads a framed photo, of the model's resolution, with the model's (which lies on `compute`) segmentor and attribute head. The mask is `side_px`
/// wide and high, its borders smooth. Several views of the photo are read, as it is, turned round and softened, and their
/// probabilities averaged. `None` as soon as `go_on` says no.
///
/// # Errors
/// The model has no segmentor, the photo is not of its resolution, or the device fails.
pub fn propose(
    model: &Model,
    compute: &ComputeDevice,
    photo: &RgbImage,
    side_px: u32,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Proposal>, PhotoError> {
    let card = &model.card;
    let Some(segmentor) = &model.segmentor else { return Err(PhotoError::NoSegmentor(card.name.clone())) };
    let side = card.resolution();
    if photo.dimensions() != (side as u32, side as u32) {
        return Err(PhotoError::Mismatch { what: "the pixels", model: card.name.clone() });
    }
    let mut likely = vec![0.0f32; card.taxonomy.n_labels() * side * side];
    let mut attributes: Option<Vec<f32>> = None;
    let views = views(photo);
    for View { picture, mirrored } in &views {
        if !go_on() {
            return Ok(None);
        }
        let picture = to_tensor(picture, &compute.device);
        let features = segmentor.features(picture.clone());
        let logits = segmentor.logits(features.clone());
        add_view(&mut likely, &values(softmax(logits.clone(), 1))?, side, *mirrored, &card.taxonomy);
        if let Some(head) = &model.head {
            let logits: Tensor<2> = head.forward(picture.inner(), features.inner(), logits.inner());
            let sum = attributes.get_or_insert_with(|| vec![0.0; card.taxonomy.n_attributes()]);
            sum.iter_mut().zip(values(logits)?).for_each(|(sum, logit)| *sum += logit);
        }
    }
    if !likely.iter().chain(attributes.iter().flatten()).all(|value| value.is_finite()) {
        return Err(PhotoError::NotFinite);
    }
    let labels = most_likely(&likely, side, side_px);
    let attributes = attributes.map(|logits| {
        let logits: Vec<f32> = logits.iter().map(|logit| logit / views.len() as f32).collect();
        decided(&logits, &card.taxonomy)
    });
    Ok(Some(Proposal { labels, attributes }))
}

struct View {
    picture: RgbImage,
    mirrored: bool,
}

fn views(photo: &RgbImage) -> Vec<View> {
    let softened = BLURS_PX.iter().map(|&sigma| imageops::blur(photo, sigma));
    let seen = std::iter::once(photo.clone()).chain(softened);
    seen.flat_map(|picture| {
        let mirrored = imageops::flip_horizontal(&picture);
        [View { picture, mirrored: false }, View { picture: mirrored, mirrored: true }]
    })
    .collect()
}

/// Adds a view's probabilities, `[n_s, side, side]`; a mirrored one is turned back, and its left and right labels change places.
fn add_view(sum: &mut [f32], view: &[f32], side: usize, mirrored: bool, taxonomy: &Taxonomy) {
    let plane = side * side;
    for (label, view) in view.chunks_exact(plane).enumerate() {
        let target = if mirrored { usize::from(taxonomy.mirror(label as LabelId)) } else { label };
        let Some(sum) = sum.get_mut(target * plane..(target + 1) * plane) else { continue };
        for (sum, view) in sum.chunks_exact_mut(side).zip(view.chunks_exact(side)) {
            if mirrored {
                sum.iter_mut().zip(view.iter().rev()).for_each(|(sum, value)| *sum += value);
            } else {
                sum.iter_mut().zip(view).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// The label that is most likely at each pixel of a mask, the probabilities between theirs interpolated linearly.
fn most_likely(likely: &[f32], side: usize, side_px: u32) -> LabelImage {
    let places: Vec<(usize, usize, f32)> = (0..side_px).map(|at| place(at, side_px, side)).collect();
    let mut labels = LabelImage::new(side_px, side_px, 0);
    let mut best = vec![0.0f32; side_px as usize];
    for (y, &(above, below, down)) in places.iter().enumerate() {
        best.fill(f32::NEG_INFINITY);
        for (label, plane) in likely.chunks_exact(side * side).enumerate() {
            let (upper, lower) = (&plane[above * side..][..side], &plane[below * side..][..side]);
            let row: Vec<f32> = upper.iter().zip(lower).map(|(upper, lower)| upper + (lower - upper) * down).collect();
            for (x, &(left, right, across)) in places.iter().enumerate() {
                let value = row[left] + (row[right] - row[left]) * across;
                if value > best[x] {
                    best[x] = value;
                    labels.set(x as u32, y as u32, label as LabelId);
                }
            }
        }
    }
    labels
}

/// The two neighbours of a pixel's centre, and how far it is from the first to the second.
fn place(at: u32, of: u32, side: usize) -> (usize, usize, f32) {
    let place = ((at as f32 + 0.5) * side as f32 / of as f32 - 0.5).clamp(0.0, side as f32 - 1.0);
    let first = place as usize;
    (first, (first + 1).min(side - 1), place - first as f32)
}

/// Attributes that are on: the more likely than not, and of a group of which one holds the likeliest.
fn decided(logits: &[f32], taxonomy: &Taxonomy) -> Vec<f32> {
    let mut strengths = vec![0.0; logits.len()];
    for (range, kind) in taxonomy.group_ranges() {
        let likeliest = range.clone().max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
        match (kind, likeliest) {
            (GroupKind::Independent, _) => range.for_each(|at| strengths[at] = f32::from(u8::from(logits[at] > 0.0))),
            (GroupKind::AtMostOne, Some(at)) if logits[at] > 0.0 => strengths[at] = 1.0,
            (GroupKind::ExactlyOne, Some(at)) => strengths[at] = 1.0,
            _ => {}
        }
    }
    strengths
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::SampleSource as _;
    use crate::data::procedural::{self, Kind};
    use crate::metrics::Confusion;

    #[test]
    fn a_drawing_s_mask_and_attributes_are_read_back() {
        let model = Model::bundled("portrait", &ComputeDevice::cpu()).unwrap();
        let source = procedural::source(Kind::Portrait, 77).with_len(3);
        let (mut right, mut all) = (0, 0);
        for index in 0..3 {
            let sample = source.sample(index, 128).unwrap();
            let proposal = propose(&model, &ComputeDevice::cpu(), &sample.image, 128, &mut || true).unwrap().unwrap();
            let mut confusion = Confusion::new(model.card.taxonomy.n_labels());
            confusion.add(sample.labels.ids(), proposal.labels.ids());
            assert!(confusion.pixel_accuracy() > 0.95, "{}", confusion.pixel_accuracy());
            let read = proposal.attributes.unwrap();
            right += read.iter().zip(&sample.attributes).filter(|(a, b)| a == b).count();
            all += read.len();
        }
        // The model knows rendered people, not drawings.
        assert!(right * 10 >= all * 7, "{right} of {all} attributes");
    }

    #[test]
    fn reading_can_be_broken_off_before_every_view_and_knows_its_size() {
        let model = Model::bundled("outfit", &ComputeDevice::cpu()).unwrap();
        let photo = RgbImage::new(128, 128);
        for stop in 0..6 {
            let mut asked = 0;
            let mut go_on = || {
                asked += 1;
                asked <= stop
            };
            assert_eq!(propose(&model, &ComputeDevice::cpu(), &photo, 64, &mut go_on).unwrap(), None);
        }
        assert_eq!(
            propose(&model, &ComputeDevice::cpu(), &photo, 96, &mut || true).unwrap().unwrap().labels.width(),
            96
        );
        assert!(propose(&model, &ComputeDevice::cpu(), &RgbImage::new(64, 128), 64, &mut || true).is_err());
        let blind = Model { segmentor: None, ..model };
        assert!(
            propose(&blind, &ComputeDevice::cpu(), &photo, 64, &mut || true)
                .unwrap_err()
                .to_string()
                .contains("no segmentor")
        );
    }

    #[test]
    fn groups_decide_as_they_are_meant() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let n = taxonomy.n_attributes();
        assert_eq!(decided(&vec![-1.0; n], &taxonomy), vec![0.0; n], "at most one may be none");
        let on = decided(&(0..n).map(|at| 1.0 + at as f32).collect::<Vec<_>>(), &taxonomy);
        let hair = taxonomy.group_ranges().find(|(_, kind)| *kind == GroupKind::AtMostOne).unwrap().0;
        assert_eq!(on[hair].iter().sum::<f32>(), 1.0);
        let outfit = Taxonomy::builtin("outfit").unwrap();
        let on = decided(&vec![-3.0; outfit.n_attributes()], &outfit);
        assert_eq!(on.iter().sum::<f32>(), 2.0, "exactly one top and one bottom colour");
    }

    #[test]
    fn a_mirrored_view_is_turned_back() {
        let mut taxonomy = Taxonomy::builtin("portrait").unwrap();
        taxonomy.labels.truncate(2);
        let mut sum = vec![0.0; 8];
        add_view(&mut sum, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 2, true, &taxonomy);
        assert_eq!(sum, [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0]);
    }
}
