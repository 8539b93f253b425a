//! Counts of real or of generated pictures, and the scores of both.

use super::scores::{AttributeScore, Attributes, Distance, LabelScore, Pair, Segmentation};
use crate::data::Batch;
use crate::metrics::{
    AttributeCounts, Confusion, FrechetError, Gaussian, Moments, attributes_from_logits, frechet_distance,
};
use crate::taxonomy::{LabelId, Taxonomy};

/// What a judge has read so far.
pub(super) struct Tally {
    taxonomy: Taxonomy,
    confusion: Confusion,
    attributes: Vec<AttributeCounts>,
    samples: usize,
    pub(super) features: Halves,
}

impl Tally {
    pub(super) fn new(taxonomy: &Taxonomy, samples: usize) -> Self {
        Self {
            confusion: Confusion::new(taxonomy.n_labels()),
            attributes: vec![AttributeCounts::default(); taxonomy.n_attributes()],
            taxonomy: taxonomy.clone(),
            samples,
            features: Halves::new(0, samples),
        }
    }

    /// Counts a batch whose first picture is number `first`.
    pub(super) fn add(
        &mut self,
        asked: &Batch,
        labels: &[LabelId],
        attribute_logits: Option<&[f32]>,
        features: &[f32],
        first: usize,
    ) -> Result<(), FrechetError> {
        self.confusion.add(&asked.labels, labels);
        let n_attributes = self.attributes.len().max(1);
        if let Some(logits) = attribute_logits {
            for (asked, logits) in asked.attributes.chunks_exact(n_attributes).zip(logits.chunks_exact(n_attributes)) {
                let read = attributes_from_logits(&self.taxonomy, logits);
                for ((counts, asked), read) in self.attributes.iter_mut().zip(asked).zip(read) {
                    counts.add(*asked > 0.5, read);
                }
            }
        }
        let length = features.len() / asked.size.max(1);
        if self.features.length != length {
            self.features = Halves::new(length, self.samples);
        }
        self.features.push(features, first)
    }
}

/// Moments of the first half of the pictures and of the second.
pub(super) struct Halves {
    length: usize,
    /// Number of the second half's first picture.
    cut: usize,
    halves: [Moments; 2],
}

/// Two halves and both together.
pub(super) struct Finished {
    halves: Option<[Gaussian; 2]>,
    pub(super) all: Gaussian,
}

impl Halves {
    pub(super) fn new(length: usize, samples: usize) -> Self {
        Self { length, cut: samples / 2, halves: [Moments::new(length), Moments::new(length)] }
    }

    /// Adds features of the pictures from number `first` on.
    pub(super) fn push(&mut self, features: &[f32], first: usize) -> Result<(), FrechetError> {
        for (at, row) in features.chunks_exact(self.length.max(1)).enumerate() {
            self.halves[usize::from(first + at >= self.cut)].push(row)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Finished, FrechetError> {
        let [first, second] = self.halves;
        let all = first.clone().joined(second.clone())?.finish()?;
        let halves = match (first.finish(), second.finish()) {
            (Ok(first), Ok(second)) => Some([first, second]),
            _ => None,
        };
        Ok(Finished { halves, all })
    }
}

impl Finished {
    /// From `samples` generated pictures to these real ones, with the floor that the halves give.
    pub(super) fn distance_of(&self, generated: &Gaussian, samples: usize) -> Result<Distance, FrechetError> {
        let floor = match &self.halves {
            Some([first, second]) => Some(frechet_distance(first, second)?),
            None => None,
        };
        let smaller = self.halves.as_ref().and_then(|halves| halves.iter().filter_map(|half| half.samples).min());
        Ok(Distance {
            distance: frechet_distance(generated, &self.all)?,
            samples,
            real_samples: self.all.samples,
            real_vs_real: floor,
            real_vs_real_samples: smaller.unwrap_or(0),
        })
    }
}

/// Scores of masks.
pub(super) fn segmentation(generated: &Tally, real: &Tally, taxonomy: &Taxonomy) -> Segmentation {
    let (of_generated, of_real) = (generated.confusion.iou(), real.confusion.iou());
    let shares = real.confusion.reference_shares();
    let pair =
        |score: fn(&Confusion) -> f64| Pair { generated: score(&generated.confusion), real: score(&real.confusion) };
    let label = |(id, label): (usize, &crate::taxonomy::Label)| LabelScore {
        label: label.name.clone(),
        share: shares[id],
        generated: of_generated[id],
        real: of_real[id],
    };
    Segmentation {
        mean_iou: pair(Confusion::mean_iou),
        pixel_accuracy: pair(Confusion::pixel_accuracy),
        labels: taxonomy.labels.iter().enumerate().map(label).collect(),
    }
}

/// Scores of attributes.
pub(super) fn attributes(generated: &Tally, real: &Tally, taxonomy: &Taxonomy) -> Attributes {
    let score = |at: usize, name: &str| {
        let (of_generated, of_real) = (generated.attributes[at], real.attributes[at]);
        let pair = |score: fn(&AttributeCounts) -> f64| Pair { generated: score(&of_generated), real: score(&of_real) };
        AttributeScore {
            attribute: name.to_owned(),
            share: of_real.on as f64 / (of_real.on + of_real.off).max(1) as f64,
            accuracy: pair(AttributeCounts::accuracy),
            balanced_accuracy: pair(AttributeCounts::balanced_accuracy),
        }
    };
    let attributes: Vec<AttributeScore> =
        taxonomy.attribute_names().enumerate().map(|(at, name)| score(at, name)).collect();
    let mean = |of: fn(&AttributeScore) -> Pair| {
        let mean = |side: fn(&Pair) -> f64| {
            attributes.iter().map(|row| side(&of(row))).sum::<f64>() / attributes.len().max(1) as f64
        };
        Pair { generated: mean(|pair| pair.generated), real: mean(|pair| pair.real) }
    };
    Attributes { accuracy: mean(|row| row.accuracy), balanced_accuracy: mean(|row| row.balanced_accuracy), attributes }
}
