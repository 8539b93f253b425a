//! Reading a data set through before anything is trained on it, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::Sender;
use image::RgbImage;

use super::event::TrainEvent;
use super::protocol::CheckProgress;
use crate::data::doctor::{self, Report};
use crate::data::{self, SampleSource};
use crate::engine::Slot;
use crate::panic_message::panic_message;
use crate::taxonomy::Taxonomy;

/// How many samples are shown.
const SAMPLES: usize = 8;
/// Side of a shown sample, in pixels.
const SAMPLE_SIDE_PX: u32 = 128;
/// Procedural samples of the check; training draws them from the run's own seed.
const SEED: u64 = 0;

/// What a data set holds, as far as the editor wants to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The data set, as it is opened.
    pub data: String,
    /// Counts and problems.
    pub report: Report,
    /// Labels and attributes.
    pub taxonomy: Taxonomy,
    /// Some samples, spread over the data set.
    pub samples: Vec<CheckSample>,
}

/// A sample to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSample {
    /// Its name.
    pub name: String,
    /// The picture.
    pub image: RgbImage,
    /// The mask in label colours, of the same size.
    pub mask: RgbImage,
}

/// A check under way. Dropping it gives it up.
pub(super) struct Check {
    given_up: Arc<AtomicBool>,
}

impl Check {
    pub(super) fn start(
        id: u64,
        data: String,
        events: Sender<TrainEvent>,
        progress: Arc<Slot<CheckProgress>>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let given_up = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&given_up);
        let (outbox, waker) = (events.clone(), Arc::clone(&wake));
        let job = move || {
            let tell = |done: usize, of: usize| {
                progress.put(CheckProgress { id, done, of });
                waker();
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&data, &stop, tell)))
                .unwrap_or_else(|panic| Err(format!("the check failed: {}", panic_message(panic.as_ref()))));
            let event = match outcome {
                _ if stop.load(Ordering::SeqCst) => TrainEvent::CheckFailed { id, message: None },
                Ok(checked) => TrainEvent::Checked { id, checked: Box::new(checked) },
                Err(message) => TrainEvent::CheckFailed { id, message: Some(message) },
            };
            // Without a listener nobody wants to know.
            let _ = outbox.send(event);
            waker();
        };
        if let Err(error) = thread::Builder::new().name("check".to_owned()).spawn(job) {
            let message = Some(format!("the data set cannot be checked now: {error}; close other programs"));
            let _ = events.send(TrainEvent::CheckFailed { id, message });
            wake();
        }
        Self { given_up }
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::SeqCst);
    }
}

fn check(data: &str, given_up: &AtomicBool, tell: impl Fn(usize, usize)) -> Result<Checked, String> {
    let report = doctor::inspect(data, None, SEED, |done, of| tell(done, of)).map_err(|error| error.to_string())?;
    let source = data::open(data, None, SEED).map_err(|error| error.to_string())?;
    let taxonomy = source.taxonomy().clone();
    let samples = samples(source.as_ref(), given_up);
    Ok(Checked { data: data.to_owned(), report, taxonomy, samples })
}

/// What cannot be read is in the report.
fn samples(source: &dyn SampleSource, given_up: &AtomicBool) -> Vec<CheckSample> {
    let count = SAMPLES.min(source.len());
    let indices = (0..count).map(|index| index * source.len() / count.max(1));
    let indices = indices.take_while(|_| !given_up.load(Ordering::SeqCst));
    let sample = |index| {
        let sample = source.sample(index, SAMPLE_SIDE_PX).ok()?;
        let mask = sample.labels.to_rgb(source.taxonomy());
        Some(CheckSample { name: sample.name, image: sample.image, mask })
    };
    indices.filter_map(sample).collect()
}
