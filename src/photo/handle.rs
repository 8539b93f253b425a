//! A thread for each job on a photograph, that can be called off at any time. A fit, which takes a while, has the lowest
//! priority; for a proposal somebody waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use image::{RgbImage, RgbaImage};

use super::fit::{Fit, FitProgress, FitSettings, FitTarget, fit};
use super::framing::Framing;
use super::proposal::{Proposal, propose};
use crate::engine::{ModelRef, Slot};
use crate::gpu::ComputeDevice;
use crate::model::{Model, ModelFileError};
use crate::panic_message::panic_message;
use crate::training::background;

/// Something to be done with a photo.
#[derive(Clone, Debug)]
pub enum PhotoJob {
    /// Read mask and attributes off it.
    Propose {
        /// With this model.
        model: ModelRef,
        /// The photo.
        photo: Arc<RgbaImage>,
        /// What of it.
        framing: Framing,
        /// Width and height of the mask, in pixels.
        side_px: u32,
        /// Longest side of the framed photo that comes back, in pixels.
        shown_px: u32,
    },
    /// Look for the latent code that comes nearest to it.
    Fit {
        /// With this model.
        model: ModelRef,
        /// What is to be matched; its photo is brought to the model's resolution.
        target: Box<FitTarget>,
        /// How.
        settings: FitSettings,
    },
}

/// What became of a job. Jobs that were called off say nothing more.
#[derive(Clone, Debug)]
pub enum PhotoEvent {
    /// Mask and attributes were read.
    Proposed {
        /// The framed photo, to lie under the mask.
        framed: RgbImage,
        /// What was read.
        proposal: Proposal,
    },
    /// A code was found.
    Fitted(Fit),
    /// The job failed; what went wrong and what to do.
    Failed(String),
}

/// Starts jobs, one at a time, and hears from them; nothing here ever waits. They compute on the CPU.
pub struct PhotoHandle {
    outbox: Outbox,
    events: Receiver<(u64, PhotoEvent)>,
    running: Option<Arc<AtomicBool>>,
}

/// A job's ways out.
#[derive(Clone)]
struct Outbox {
    events: Sender<(u64, PhotoEvent)>,
    progress: Arc<Slot<(u64, FitProgress)>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl PhotoHandle {
    /// `wake` is called from other threads whenever there is something to poll.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, events) = unbounded();
        let outbox = Outbox { events: sender, progress: Arc::default(), wake: Arc::new(wake) };
        Self { outbox, events, running: None }
    }

    /// Starts a job under this number; one that is running is called off.
    pub fn start(&mut self, number: u64, job: PhotoJob) {
        let outbox = self.outbox.clone();
        self.spawn(number, move |go_on| {
            if matches!(job, PhotoJob::Fit { .. }) {
                background::lower_priority();
                background::use_own_pool();
            }
            carry_out(job, number, &outbox, go_on)
        });
    }

    /// Calls the running job off.
    pub fn cancel(&mut self) {
        if let Some(running) = self.running.take() {
            running.store(false, Ordering::Relaxed);
        }
    }

    /// The next event and its job's number.
    pub fn poll_event(&self) -> Option<(u64, PhotoEvent)> {
        self.events.try_recv().ok()
    }

    /// How far a fit is, if there is news, and its job's number.
    pub fn poll_progress(&self) -> Option<(u64, FitProgress)> {
        self.outbox.progress.take()
    }

    /// The job answers `None` when it was called off.
    fn spawn(
        &mut self,
        number: u64,
        job: impl FnOnce(&dyn Fn() -> bool) -> Result<Option<PhotoEvent>, String> + Send + 'static,
    ) {
        self.cancel();
        let wanted = Arc::new(AtomicBool::new(true));
        let Outbox { events, wake, .. } = self.outbox.clone();
        let running = Arc::clone(&wanted);
        let run = move || {
            let go_on = || running.load(Ordering::Relaxed);
            // What the job was working on goes with it.
            let outcome = catch_unwind(AssertUnwindSafe(|| job(&go_on)));
            let outcome = outcome.unwrap_or_else(|panic| {
                Err(format!("the photo could not be worked on: {}; try another frame", panic_message(panic.as_ref())))
            });
            let event = match outcome {
                Ok(None) => return,
                Ok(Some(event)) => event,
                Err(message) => PhotoEvent::Failed(message),
            };
            if go_on() {
                // The receiver is gone only when the window is.
                let _ = events.send((number, event));
                wake();
            }
        };
        if let Err(error) = thread::Builder::new().name("photo".to_owned()).spawn(run) {
            let message = format!("no thread could be started for the photo ({error}); close other programs");
            let _ = self.outbox.events.send((number, PhotoEvent::Failed(message)));
        }
        self.running = Some(wanted);
    }
}

impl Drop for PhotoHandle {
    /// The thread ends by itself, within a step.
    fn drop(&mut self) {
        self.cancel();
    }
}

fn load(model: &ModelRef, compute: &ComputeDevice) -> Result<Model, ModelFileError> {
    match model {
        ModelRef::Bundled(name) => Model::bundled(name, compute),
        ModelRef::File(path) => Model::load(path, compute),
    }
}

fn carry_out(
    job: PhotoJob,
    number: u64,
    outbox: &Outbox,
    wanted: &dyn Fn() -> bool,
) -> Result<Option<PhotoEvent>, String> {
    let compute = ComputeDevice::cpu();
    match job {
        PhotoJob::Propose { model, photo, framing, side_px, shown_px } => {
            let model = load(&model, &compute).map_err(|error| error.to_string())?;
            let small = framing.cut(&photo, model.card.resolution() as u32);
            let proposal = propose(&model, &compute, &small, side_px, &mut || wanted());
            let shown_px = shown_px.min(framing.side as u32).max(small.width());
            let proposed = |proposal| PhotoEvent::Proposed { framed: framing.cut(&photo, shown_px), proposal };
            Ok(proposal.map_err(|error| error.to_string())?.map(proposed))
        }
        PhotoJob::Fit { model, mut target, settings } => {
            let model = load(&model, &compute.autodiff()).map_err(|error| error.to_string())?;
            let side = model.card.resolution() as u32;
            target.photo = crate::data::square::resize(&target.photo, side, side);
            let mut go_on = |progress: Option<&FitProgress>| {
                if let Some(progress) = progress {
                    outbox.progress.put((number, progress.clone()));
                    (outbox.wake)();
                }
                wanted()
            };
            let found = fit(&model, &compute, &target, &settings, &mut go_on).map_err(|error| error.to_string())?;
            Ok(found.map(PhotoEvent::Fitted))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::time::Duration;

    use super::*;

    fn wait(handle: &PhotoHandle) -> (u64, PhotoEvent) {
        handle.events.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_panic_and_an_error_are_reported_and_the_next_job_runs() {
        let mut handle = PhotoHandle::new(|| {});
        handle.spawn(1, |_| panic!("on purpose"));
        let (1, PhotoEvent::Failed(message)) = wait(&handle) else { panic!("no failure") };
        assert!(message.contains("on purpose"), "{message}");
        handle.spawn(2, |_| Err("no such thing".to_owned()));
        assert!(matches!(wait(&handle), (2, PhotoEvent::Failed(message)) if message == "no such thing"));
        handle.start(
            3,
            PhotoJob::Propose {
                model: ModelRef::Bundled("outfit".to_owned()),
                photo: Arc::new(RgbaImage::from_pixel(40, 80, image::Rgba([90, 120, 150, 255]))),
                framing: Framing::whole(40, 80),
                side_px: 64,
                shown_px: 512,
            },
        );
        let (3, PhotoEvent::Proposed { framed, proposal }) = wait(&handle) else { panic!("no proposal") };
        assert_eq!((framed.width(), proposal.labels.width()), (128, 64));
    }

    #[test]
    fn a_job_that_was_called_off_says_nothing() {
        let mut handle = PhotoHandle::new(|| {});
        let (begun, has_begun) = crossbeam_channel::bounded(1);
        let (ended, has_ended) = crossbeam_channel::bounded(1);
        handle.spawn(1, move |go_on| {
            begun.send(()).unwrap();
            while go_on() {
                thread::sleep(Duration::from_millis(1));
            }
            ended.send(()).unwrap();
            Ok(Some(PhotoEvent::Failed("too late".to_owned())))
        });
        has_begun.recv().unwrap();
        handle.spawn(2, |_| Err("newer".to_owned()));
        has_ended.recv().unwrap();
        assert!(matches!(wait(&handle), (2, PhotoEvent::Failed(_))));
        assert!(handle.events.recv_timeout(Duration::from_millis(100)).is_err());
    }

    #[test]
    fn a_missing_model_is_named() {
        let mut handle = PhotoHandle::new(|| {});
        let target = FitTarget {
            photo: RgbImage::new(8, 8),
            labels: crate::label_image::LabelImage::new(8, 8, 0),
            attributes: Vec::new(),
        };
        let model = ModelRef::File("/nowhere/model.safetensors".into());
        handle.start(4, PhotoJob::Fit { model, target: Box::new(target), settings: FitSettings::default() });
        assert!(
            matches!(wait(&handle), (4, PhotoEvent::Failed(message)) if message.contains("/nowhere/model.safetensors"))
        );
    }
}
