//! Threads that decode and pack batches ahead of the trainer.

use super::order::Order;
use super::{Batch, DataError, Sample, SampleSource};
use crate::panic_message::panic_message;
use crossbeam_channel::{Receiver, Sender, bounded};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// Batches that may wait for the trainer, beside the one that each thread works on.
const QUEUE: usize = 4;

/// A place in the endless sequence of epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Cursor {
    /// Epochs from 0.
    pub epoch: u64,
    /// Samples passed within the epoch's permutation.
    pub position: u64,
}

/// What a loader delivers, and with how many threads; only the latter leaves the batches as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoaderConfig {
    /// b: samples per batch, at least 1.
    pub batch: usize,
    /// R: side of a sample in pixels.
    pub resolution: u32,
    /// Number of threads, at least 1.
    pub workers: usize,
    /// Whether a fair coin mirrors each sample of each epoch.
    pub flip: bool,
    /// Of the permutations and coins.
    pub seed: u64,
}

/// Batches in a fixed order, made ahead by threads named `loader-N`. Dropping it ends and joins them.
///
/// Every epoch is a permutation that depends on (seed, epoch) alone, and the batches are the same for any number of threads. In
/// place of a sample that cannot be read stands the next readable one of the permutation.
pub struct Loader {
    order: Order,
    /// Number of the next batch to be returned, counted from the start.
    sequence: u64,
    /// How many batches are on order at any time.
    ahead: u64,
    queues: Option<Queues>,
    /// Batches that overtook the next one.
    early: BTreeMap<u64, Result<Packed, DataError>>,
    unreadable: Unreadable,
    workers: Vec<JoinHandle<()>>,
}

/// Both ends on the consumer's side. A batch is ordered for each one taken, so that no thread runs far ahead of a slow one.
struct Queues {
    ordered: Sender<u64>,
    finished: Receiver<Finished>,
}

/// A batch on its way to the consumer.
struct Finished {
    sequence: u64,
    packed: Result<Packed, DataError>,
}

struct Packed {
    batch: Batch,
    /// Samples passed over, and why.
    skipped: Vec<(usize, DataError)>,
}

/// The samples of the present epoch that could not be read.
#[derive(Default)]
struct Unreadable {
    epoch: u64,
    indices: BTreeSet<usize>,
}

impl Loader {
    /// Starts the threads; the first batch is the one at `start`.
    pub fn new(source: Arc<dyn SampleSource>, config: LoaderConfig, start: Cursor) -> Self {
        let order = Order { seed: config.seed, len: source.len(), batch: config.batch.max(1), start };
        let n_workers = config.workers.max(1);
        let ahead = (QUEUE + n_workers) as u64;
        let (ordered, orders) = bounded(QUEUE + n_workers);
        let (sender, finished) = bounded(QUEUE + n_workers);
        let start_worker = |number: usize| {
            let packer = Packer::new(Arc::clone(&source), order, config);
            let (orders, sender) = (orders.clone(), sender.clone());
            // Without a single thread the queues are closed and `next` says so.
            thread::Builder::new().name(format!("loader-{number}")).spawn(move || work(packer, &orders, &sender)).ok()
        };
        let workers = (0..n_workers).filter_map(start_worker).collect();
        for sequence in 0..ahead {
            let _ = ordered.try_send(sequence);
        }
        let queues = Some(Queues { ordered, finished });
        Self { order, sequence: 0, ahead, queues, early: BTreeMap::new(), unreadable: Unreadable::default(), workers }
    }

    /// Waits for the next batch.
    ///
    /// # Errors
    /// More than half of an epoch's samples cannot be read, or the source panicked or has no samples. The loader ends with that.
    #[allow(clippy::should_implement_trait, reason = "an endless source that may fail is no iterator")]
    pub fn next(&mut self) -> Result<Batch, DataError> {
        let batch = self.receive().and_then(|packed| self.admit(packed));
        if batch.is_ok() {
            self.sequence += 1;
        } else {
            self.queues = None;
        }
        batch
    }

    /// The place of the next batch to be returned: a loader started there returns the same batches.
    pub fn cursor(&self) -> Cursor {
        self.order.cursor(self.sequence)
    }

    fn receive(&mut self) -> Result<Packed, DataError> {
        loop {
            let queues = self.queues.as_ref().ok_or(DataError::Stopped)?;
            if let Some(packed) = self.early.remove(&self.sequence) {
                // Room for it is certain: as many are ordered as both queues hold.
                let _ = queues.ordered.try_send(self.sequence + self.ahead);
                return packed;
            }
            let finished = queues.finished.recv().map_err(|_| DataError::Stopped)?;
            self.early.insert(finished.sequence, finished.packed);
        }
    }

    /// Warns of each skipped sample once an epoch. Counting here, in order, keeps the verdict independent of the threads.
    fn admit(&mut self, packed: Packed) -> Result<Batch, DataError> {
        let epoch = self.cursor().epoch;
        if self.unreadable.epoch != epoch {
            self.unreadable = Unreadable { epoch, indices: BTreeSet::new() };
        }
        for (index, error) in packed.skipped {
            if self.unreadable.indices.insert(index) {
                tracing::warn!("skipping sample {index}: {error}");
            }
            self.order.check_readable(self.unreadable.indices.len(), &error)?;
        }
        Ok(packed.batch)
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        // Closes the queues, so that no thread waits on them any longer.
        self.queues = None;
        for worker in self.workers.drain(..) {
            // A panic in it has been delivered as an error, or nobody asked for the batch.
            let _ = worker.join();
        }
    }
}

impl Order {
    fn check_readable(&self, unreadable: usize, last: &DataError) -> Result<(), DataError> {
        if 2 * unreadable > self.len {
            return Err(DataError::Unreadable { unreadable, len: self.len, last: last.to_string() });
        }
        Ok(())
    }
}

/// Packs the batches ordered until nobody listens. A panic must not end the thread silently: its batch would be waited for.
fn work(mut packer: Packer, orders: &Receiver<u64>, finished: &Sender<Finished>) {
    while let Ok(sequence) = orders.recv() {
        let packed = catch_unwind(AssertUnwindSafe(|| packer.pack(sequence))).unwrap_or_else(|panic| {
            let message = format!("it panicked: {}", panic_message(panic.as_ref()));
            Err(DataError::Bug { index: packer.reading, message })
        });
        if finished.send(Finished { sequence, packed }).is_err() {
            return;
        }
    }
}

/// What one thread needs to make batches.
struct Packer {
    source: Arc<dyn SampleSource>,
    order: Order,
    config: LoaderConfig,
    /// The last epoch met, with its permutation.
    epoch: Option<(u64, Arc<[usize]>)>,
    /// The sample read last, or now.
    reading: usize,
}

impl Packer {
    fn new(source: Arc<dyn SampleSource>, order: Order, config: LoaderConfig) -> Self {
        Self { source, order, config, epoch: None, reading: 0 }
    }

    fn pack(&mut self, sequence: u64) -> Result<Packed, DataError> {
        let cursor = self.order.cursor(sequence);
        let permutation = self.permutation(cursor.epoch);
        if permutation.is_empty() {
            return Err(DataError::Index { index: 0, len: 0 });
        }
        let n_attributes = self.source.taxonomy().n_attributes();
        let mut batch = Batch::with_capacity(self.order.batch, self.config.resolution, n_attributes);
        let mut skipped = Vec::new();
        for slot in 0..self.order.batch {
            let from = cursor.position as usize + slot;
            let (index, sample) = self.first_readable(&permutation, from, &mut skipped)?;
            let flip = self.config.flip && self.order.flips(cursor.epoch, index);
            batch.push(index, &sample, flip, self.source.taxonomy());
        }
        Ok(Packed { batch, skipped })
    }

    fn permutation(&mut self, epoch: u64) -> Arc<[usize]> {
        if let Some((known, permutation)) = &self.epoch
            && *known == epoch
        {
            return Arc::clone(permutation);
        }
        let permutation: Arc<[usize]> = self.order.permutation(epoch).into();
        self.epoch = Some((epoch, Arc::clone(&permutation)));
        permutation
    }

    /// The sample at place `from` of the permutation, or the first after it that can be read.
    fn first_readable(
        &mut self,
        permutation: &[usize],
        from: usize,
        skipped: &mut Vec<(usize, DataError)>,
    ) -> Result<(usize, Sample), DataError> {
        let mut tried = 0;
        loop {
            let index = permutation[(from + tried) % permutation.len()];
            self.reading = index;
            match self.source.sample(index, self.config.resolution) {
                Ok(sample) => {
                    // A batch is flat arrays: one sample of another size would shift all that follow.
                    sample.check(index, self.source.taxonomy(), self.config.resolution)?;
                    return Ok((index, sample));
                }
                Err(error) => {
                    tried += 1;
                    self.order.check_readable(tried, &error)?;
                    skipped.push((index, error));
                }
            }
        }
    }
}
