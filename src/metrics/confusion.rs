//! The confusion matrix of a segmentation and the scores that follow from it.

use crate::taxonomy::LabelId;

/// How often each reference label was predicted as each label, in pixels.
///
/// Conventions, which every score below shares:
/// - A reference id outside `0..n_labels` marks a pixel to ignore; it counts nowhere.
/// - A predicted id outside `0..n_labels` is an error: it counts against its reference label.
/// - A score over no pixels is 0, so that none is ever NaN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    n_labels: usize,
    /// Row: reference. Column: prediction, and a last column for predictions that are no label.
    counts: Vec<u64>,
}

impl Confusion {
    /// An empty matrix over the label ids `0..n_labels`.
    pub fn new(n_labels: usize) -> Self {
        Self { n_labels, counts: vec![0; n_labels * (n_labels + 1)] }
    }

    /// Counts the pixels of one image or batch; the two slices run in the same order and have the same length.
    pub fn add(&mut self, reference: &[LabelId], predicted: &[LabelId]) {
        debug_assert_eq!(reference.len(), predicted.len());
        for (&reference, &predicted) in reference.iter().zip(predicted) {
            let (row, column) = (usize::from(reference), usize::from(predicted).min(self.n_labels));
            if row < self.n_labels {
                self.counts[row * (self.n_labels + 1) + column] += 1;
            }
        }
    }

    /// Adds the counts of another matrix over the same labels.
    pub fn merge(&mut self, other: &Confusion) {
        debug_assert_eq!(self.n_labels, other.n_labels);
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Share of the pixels, in `0..=1`, whose label was predicted.
    pub fn pixel_accuracy(&self) -> f64 {
        let right = (0..self.n_labels).map(|id| self.count(id, id)).sum();
        ratio(right, self.counts.iter().sum()).unwrap_or(0.0)
    }

    /// Intersection over union of each label, in `0..=1`; `None` for a label that is neither in the reference nor in
    /// the prediction.
    pub fn iou(&self) -> Vec<Option<f64>> {
        (0..self.n_labels)
            .map(|id| {
                let intersection = self.count(id, id);
                let predicted: u64 = (0..self.n_labels).map(|row| self.count(row, id)).sum();
                ratio(intersection, self.reference_pixels(id) + predicted - intersection)
            })
            .collect()
    }

    /// Mean of [`Confusion::iou`] over the labels that are in the reference or in the prediction.
    pub fn mean_iou(&self) -> f64 {
        let present: Vec<f64> = self.iou().into_iter().flatten().collect();
        if present.is_empty() { 0.0 } else { present.iter().sum::<f64>() / present.len() as f64 }
    }

    /// What predicting label 0, the background, everywhere would have scored on the same references: the bar that a
    /// segmentor has to clear before its scores mean anything.
    pub fn all_background(&self) -> Confusion {
        let mut baseline = Self::new(self.n_labels);
        for row in 0..self.n_labels {
            baseline.counts[row * (self.n_labels + 1)] = self.reference_pixels(row);
        }
        baseline
    }

    /// Each label's part of the reference's pixels, in `0..=1`.
    pub fn reference_shares(&self) -> Vec<f64> {
        let all = self.counts.iter().sum();
        (0..self.n_labels).map(|id| ratio(self.reference_pixels(id), all).unwrap_or(0.0)).collect()
    }

    fn count(&self, reference: usize, predicted: usize) -> u64 {
        self.counts[reference * (self.n_labels + 1) + predicted]
    }

    fn reference_pixels(&self, id: usize) -> u64 {
        (0..=self.n_labels).map(|column| self.count(id, column)).sum()
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Scores from their definitions, pixel set by pixel set.
    fn naive(n_labels: usize, pixels: &[(LabelId, LabelId)]) -> (f64, Vec<Option<f64>>) {
        let pixels: Vec<_> = pixels.iter().filter(|(r, _)| usize::from(*r) < n_labels).collect();
        let right = pixels.iter().filter(|(r, p)| r == p).count();
        let accuracy = if pixels.is_empty() { 0.0 } else { right as f64 / pixels.len() as f64 };
        let iou = (0..n_labels)
            .map(|id| {
                let both = pixels.iter().filter(|(r, p)| usize::from(*r) == id && usize::from(*p) == id).count();
                let either = pixels.iter().filter(|(r, p)| usize::from(*r) == id || usize::from(*p) == id).count();
                (either > 0).then(|| both as f64 / either as f64)
            })
            .collect();
        (accuracy, iou)
    }

    fn of(n_labels: usize, pixels: &[(LabelId, LabelId)]) -> Confusion {
        let (reference, predicted): (Vec<_>, Vec<_>) = pixels.iter().copied().unzip();
        let mut confusion = Confusion::new(n_labels);
        confusion.add(&reference, &predicted);
        confusion
    }

    proptest! {
        #[test]
        fn scores_equal_their_definitions(n_labels in 1usize..7, pixels in vec((0u8..8, 0u8..8), 0..200)) {
            let confusion = of(n_labels, &pixels);
            let (accuracy, iou) = naive(n_labels, &pixels);
            prop_assert!((confusion.pixel_accuracy() - accuracy).abs() < 1e-12);
            prop_assert_eq!(confusion.iou(), iou.clone());
            let present: Vec<f64> = iou.into_iter().flatten().collect();
            if !present.is_empty() {
                let mean = present.iter().sum::<f64>() / present.len() as f64;
                prop_assert!((confusion.mean_iou() - mean).abs() < 1e-12);
            }
            prop_assert!((0.0..=1.0).contains(&confusion.mean_iou()));
        }

        #[test]
        fn merging_equals_counting_all_at_once(pixels in vec((0u8..5, 0u8..5), 0..100), cut in 0usize..100) {
            let (left, right) = pixels.split_at(cut.min(pixels.len()));
            let mut merged = of(4, left);
            merged.merge(&of(4, right));
            prop_assert_eq!(merged, of(4, &pixels));
        }

        #[test]
        fn the_baseline_equals_predicting_background(pixels in vec((0u8..5, 0u8..5), 0..100)) {
            let background: Vec<_> = pixels.iter().map(|&(reference, _)| (reference, 0)).collect();
            prop_assert_eq!(of(4, &pixels).all_background(), of(4, &background));
        }
    }

    #[test]
    fn a_worked_example() {
        // Reference 0 0 1 1 2, prediction 0 1 1 1 0; label 3 is absent.
        let confusion = of(4, &[(0, 0), (0, 1), (1, 1), (1, 1), (2, 0)]);
        assert_eq!(confusion.pixel_accuracy(), 0.6);
        assert_eq!(confusion.iou(), vec![Some(1.0 / 3.0), Some(2.0 / 3.0), Some(0.0), None]);
        assert!((confusion.mean_iou() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(confusion.reference_shares(), [0.4, 0.4, 0.2, 0.0]);
        assert_eq!(confusion.all_background().pixel_accuracy(), 0.4);
    }

    #[test]
    fn scores_over_no_pixels_are_zero() {
        let confusion = Confusion::new(3);
        assert_eq!((confusion.pixel_accuracy(), confusion.mean_iou()), (0.0, 0.0));
        assert_eq!(confusion.iou(), vec![None; 3]);
    }
}
