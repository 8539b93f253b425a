//! Reading a data set through before anything is trained on it, on a thread of its own.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::event::TrainEvent;
use super::protocol::CheckProgress;
use crate::data;
use crate::data::doctor::{self, Report};
use crate::engine::Slot;
use crate::panic_message::panic_message;
use crate::taxonomy::Taxonomy;

/// Procedural samples of the check; training draws them from the run's own seed.
const SEED: u64 = 0;
/// Progress is told this often; every telling draws the window anew.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(150);

/// What a data set holds, as far as the editor wants to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The data set, as it is opened.
    pub data: String,
    /// Counts and problems.
    pub report: Report,
    /// Labels and attributes, where the data set can be opened in spite of its problems.
    pub taxonomy: Option<Taxonomy>,
}

/// A check under way. Dropping it gives it up.
pub(super) struct Check {
    given_up: Arc<AtomicBool>,
}

impl Check {
    /// `reports` is the folder in which reports are kept for the next check of the same files.
    pub(super) fn start(
        id: u64,
        data: String,
        reports: Option<PathBuf>,
        events: Sender<TrainEvent>,
        progress: Arc<Slot<CheckProgress>>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let given_up = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&given_up);
        let (outbox, waker) = (events.clone(), Arc::clone(&wake));
        let job = move || {
            let mut told: Option<Instant> = None;
            let mut tell = |done: usize, of: usize| {
                if stop.load(Ordering::SeqCst) {
                    return ControlFlow::Break(());
                }
                if told.is_none_or(|told| told.elapsed() >= PROGRESS_INTERVAL) {
                    told = Some(Instant::now());
                    progress.put(CheckProgress { id, done, of });
                    waker();
                }
                ControlFlow::Continue(())
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&data, reports.as_deref(), &mut tell)))
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

fn check(
    data: &str,
    reports: Option<&Path>,
    progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Checked, String> {
    let report = doctor::checked(data, None, SEED, reports, progress).map_err(|error| error.to_string())?;
    let taxonomy = match data::open(data, None, SEED) {
        Ok(source) => Some(source.taxonomy().clone()),
        Err(_) => Taxonomy::builtin(&report.taxonomy),
    };
    Ok(Checked { data: data.to_owned(), report, taxonomy })
}
