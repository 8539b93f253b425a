//! The loader against sources that are slow, broken, tiny or panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Batch, Cursor, DataError, Loader, LoaderConfig, Sample, SampleSource};
use crate::label_image::tests::random_labels;
use crate::taxonomy::Taxonomy;
use std::sync::Arc;
use std::time::Duration;

/// Samples of noise that depends on the index; some cannot be read, one panics, and all take a while that varies.
struct Noise {
    taxonomy: Taxonomy,
    len: usize,
    unreadable: fn(usize) -> bool,
    panics_at: Option<usize>,
}

impl Noise {
    fn new(len: usize) -> Self {
        Self { taxonomy: Taxonomy::builtin("celeba-7").unwrap(), len, unreadable: |_| false, panics_at: None }
    }
}

impl SampleSource for Noise {
    fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }
    fn len(&self) -> usize {
        self.len
    }
    fn describe(&self) -> String {
        "noise".to_owned()
    }
    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        std::thread::sleep(Duration::from_micros(index as u64 * 7919 % 500));
        assert!(self.panics_at != Some(index), "noise {index} is too loud");
        if (self.unreadable)(index) {
            return Err(DataError::Index { index, len: self.len });
        }
        let labels = random_labels(resolution, resolution, 7, index as u64);
        let attributes = (0..5).map(|bit| f32::from(u8::from(index >> bit & 1 == 1))).collect();
        Ok(Sample { name: index.to_string(), image: labels.to_rgb(&self.taxonomy), labels, attributes })
    }
}

const CONFIG: LoaderConfig = LoaderConfig { batch: 4, resolution: 4, workers: 1, flip: true, seed: 3 };

fn batches(source: Noise, config: LoaderConfig, start: Cursor, count: usize) -> Vec<Batch> {
    let mut loader = Loader::new(Arc::new(source), config, start);
    (0..count).map(|_| loader.next().unwrap()).collect()
}

#[test]
fn the_batches_are_the_same_for_any_number_of_threads() {
    let with = |workers| {
        let mut source = Noise::new(37);
        source.unreadable = |index| index % 5 == 0;
        batches(source, LoaderConfig { workers, ..CONFIG }, Cursor::default(), 40)
    };
    let one = with(1);
    assert_eq!(one.len(), 40);
    for workers in [2, 3, 8] {
        assert!(with(workers) == one, "{workers} threads");
    }
}

#[test]
fn an_epoch_shows_every_sample_once_and_drops_the_tail() {
    let batches = batches(Noise::new(14), CONFIG, Cursor::default(), 6);
    for epoch in batches.chunks(3) {
        let mut indices: Vec<usize> = epoch.iter().flat_map(|batch| batch.indices.clone()).collect();
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(indices.len(), 12);
    }
    assert_ne!(batches[0].indices, batches[3].indices);
    for batch in &batches {
        assert_eq!(
            (batch.size, batch.images.len(), batch.labels.len(), batch.attributes.len()),
            (4, 4 * 48, 4 * 16, 20)
        );
        for (slot, index) in batch.indices.iter().enumerate() {
            let bits = (0..5).map(|bit| f32::from(u8::from(index >> bit & 1 == 1)));
            assert!(bits.eq(batch.attributes[5 * slot..5 * slot + 5].iter().copied()));
        }
    }
}

#[test]
fn every_cursor_resumes_the_run() {
    let whole = batches(Noise::new(11), CONFIG, Cursor::default(), 9);
    let mut loader = Loader::new(Arc::new(Noise::new(11)), LoaderConfig { workers: 2, ..CONFIG }, Cursor::default());
    for done in 0..whole.len() {
        let rest = batches(Noise::new(11), CONFIG, loader.cursor(), whole.len() - done);
        assert!(rest == whole[done..], "from batch {done}");
        loader.next().unwrap();
    }
}

#[test]
fn flips_mirror_some_samples_and_none_when_off() {
    let flipped = batches(Noise::new(64), CONFIG, Cursor::default(), 16);
    let straight = batches(Noise::new(64), LoaderConfig { flip: false, ..CONFIG }, Cursor::default(), 16);
    let taxonomy = Taxonomy::builtin("celeba-7").unwrap();
    let mut mirrored = 0;
    for (flipped, straight) in flipped.iter().zip(&straight) {
        assert_eq!(flipped.indices, straight.indices);
        for (slot, index) in straight.indices.iter().enumerate() {
            let labels = random_labels(4, 4, 7, *index as u64);
            assert_eq!(straight.labels[16 * slot..16 * (slot + 1)], *labels.ids());
            let shown = &flipped.labels[16 * slot..16 * (slot + 1)];
            let mirror = labels.flip_horizontal(&taxonomy);
            assert!(shown == labels.ids() || shown == mirror.ids());
            mirrored += usize::from(shown == mirror.ids());
        }
    }
    assert!((16..48).contains(&mirrored), "{mirrored} of 64");
}

#[test]
fn a_source_smaller_than_a_batch_repeats() {
    for batch in batches(Noise::new(3), LoaderConfig { batch: 7, ..CONFIG }, Cursor::default(), 3) {
        assert_eq!(batch.size, 7);
        assert!((0..3).all(|index| batch.indices.iter().filter(|i| **i == index).count() >= 2));
    }
}

#[test]
fn unreadable_samples_are_replaced_until_they_are_most() {
    let mut source = Noise::new(20);
    source.unreadable = |index| index < 10;
    for batch in batches(source, CONFIG, Cursor::default(), 12) {
        assert!(batch.indices.iter().all(|index| *index >= 10));
    }
    for workers in [1, 4] {
        let mut source = Noise::new(20);
        source.unreadable = |index| index < 11;
        let mut loader = Loader::new(Arc::new(source), LoaderConfig { workers, ..CONFIG }, Cursor::default());
        let failed = (0..5).find_map(|batch| loader.next().err().map(|error| (batch, error)));
        let (batch, error) = failed.unwrap();
        assert!(matches!(error, DataError::Unreadable { unreadable: 11, len: 20, .. }), "{error}");
        assert!(batch > 0, "the verdict falls when the eleventh is met");
        assert!(matches!(loader.next(), Err(DataError::Stopped)));
    }
}

#[test]
fn a_panic_becomes_an_error() {
    for workers in [1, 3] {
        let source = Noise { panics_at: Some(6), ..Noise::new(8) };
        let mut loader = Loader::new(Arc::new(source), LoaderConfig { workers, ..CONFIG }, Cursor::default());
        let error = (0..2).find_map(|_| loader.next().err()).unwrap();
        assert!(matches!(&error, DataError::Bug { index: 6, message } if message.contains("too loud")), "{error}");
    }
}

#[test]
fn a_source_that_breaks_its_promise_is_an_error() {
    struct Wrong(Noise);
    impl SampleSource for Wrong {
        fn taxonomy(&self) -> &Taxonomy {
            self.0.taxonomy()
        }
        fn len(&self) -> usize {
            self.0.len()
        }
        fn describe(&self) -> String {
            self.0.describe()
        }
        fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
            self.0.sample(index, resolution + 1)
        }
    }
    let mut loader = Loader::new(Arc::new(Wrong(Noise::new(8))), CONFIG, Cursor::default());
    assert!(matches!(loader.next(), Err(DataError::Bug { .. })));
    let mut empty = Loader::new(Arc::new(Noise::new(0)), CONFIG, Cursor::default());
    assert!(matches!(empty.next(), Err(DataError::Index { len: 0, .. })));
}

#[test]
fn dropping_a_busy_loader_returns() {
    for taken in 0..6 {
        let mut loader =
            Loader::new(Arc::new(Noise::new(400)), LoaderConfig { workers: 4, ..CONFIG }, Cursor::default());
        for _ in 0..taken {
            loader.next().unwrap();
        }
        drop(loader);
    }
}
