//! A part of a data set: what is trained on, and what is held out to judge by.

use std::sync::Arc;

use super::error::RunError;
use crate::data::{DataError, Sample, SampleSource};
use crate::taxonomy::Taxonomy;

/// Samples that checkpoints are judged by where none are held out.
const JUDGED: usize = 8;

/// Some samples of a source, as a source.
pub(super) struct Part {
    source: Arc<dyn SampleSource>,
    indices: Vec<usize>,
    what: &'static str,
}

/// What to train on and what to judge by: `held_out` samples, spread over the data set, are only judged by. With none
/// held out, a few of the training samples are judged by.
pub(super) fn split(
    source: &Arc<dyn SampleSource>,
    held_out: usize,
) -> Result<(Arc<dyn SampleSource>, Arc<dyn SampleSource>), RunError> {
    let len = source.len();
    let spread = |count: usize| (0..count).map(|at| at * len / count).collect::<Vec<usize>>();
    let part =
        |indices, what| -> Arc<dyn SampleSource> { Arc::new(Part { source: Arc::clone(source), indices, what }) };
    if held_out == 0 {
        return Ok((Arc::clone(source), part(spread(JUDGED.min(len)), "samples to judge by")));
    }
    if 2 * held_out > len {
        return Err(RunError::HeldOut { held_out, len });
    }
    let held = spread(held_out);
    let rest = (0..len).filter(|index| held.binary_search(index).is_err()).collect();
    Ok((part(rest, "samples to train on"), part(held, "samples held out")))
}

impl SampleSource for Part {
    fn taxonomy(&self) -> &Taxonomy {
        self.source.taxonomy()
    }

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn describe(&self) -> String {
        format!("{} ({} {})", self.source.describe(), self.len(), self.what)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        self.source.sample(self.index(index)?, resolution)
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        self.source.size_px(self.index(index)?)
    }
}

impl Part {
    fn index(&self, index: usize) -> Result<usize, DataError> {
        self.indices.get(index).copied().ok_or(DataError::Index { index, len: self.indices.len() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::procedural::{Kind, source};

    #[test]
    fn training_and_held_out_samples_are_the_whole_and_share_nothing() {
        let whole: Arc<dyn SampleSource> = Arc::new(source(Kind::Portrait, 3).with_len(23));
        let names = |part: &Arc<dyn SampleSource>| {
            (0..part.len()).map(|index| part.sample(index, 64).unwrap().name).collect::<BTreeSet<_>>()
        };
        let (train, held) = split(&whole, 5).unwrap();
        assert_eq!((train.len(), held.len()), (18, 5));
        let (train, held) = (names(&train), names(&held));
        assert!(train.is_disjoint(&held));
        assert_eq!(train.union(&held).count(), 23);

        let (train, judged) = split(&whole, 0).unwrap();
        assert_eq!((train.len(), judged.len()), (23, 8));
        assert!(split(&whole, 12).err().unwrap().to_string().contains("held_out"));
        assert!(judged.sample(8, 64).is_err());
    }
}
