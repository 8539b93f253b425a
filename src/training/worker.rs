//! The trainer thread's loop: orders first, then the next phase of the run; no failure ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::background;
use super::check::{Asked, Check};
use super::event::{RunEnd, TrainEvent};
use super::probe::Probe;
use super::protocol::{CheckProgress, TrainCommand, TrainProgress};
use crate::engine::Slot;
use crate::panic_message::panic_message;
use crate::train::RunSpec;

/// Progress is told this often; every telling draws the window anew.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// What the worker drives. A trait, so that its care for failures can be tested without networks.
pub(super) trait Backend {
    /// Called once, on the worker's thread, before anything else.
    fn open(&mut self) -> Vec<TrainEvent>;
    /// Begins a run; there is none before.
    fn start(&mut self, spec: RunSpec) -> Result<Vec<TrainEvent>, String>;
    /// Continues a run; there is none before.
    fn resume(&mut self, folder: &Path) -> Result<Vec<TrainEvent>, String>;
    /// Runs the next phase.
    fn advance(&mut self) -> Result<Advanced, String>;
    /// Writes a checkpoint.
    fn checkpoint(&mut self) -> Result<Vec<TrainEvent>, String>;
    /// Takes other canvases to be rendered.
    fn set_probes(&mut self, probes: Vec<Arc<Probe>>) -> Vec<TrainEvent>;
    /// Removes a checkpoint.
    fn delete_checkpoint(&mut self, step: u64) -> Result<Vec<TrainEvent>, String>;
    /// The folder in which reports on data sets are kept.
    fn reports(&self) -> Option<PathBuf>;
    /// How far the run is.
    fn progress(&self) -> Option<TrainProgress>;
    /// Time was not spent on the run.
    fn rested(&mut self);
    /// Lets the run go; `offer` says whether the next start of the program offers to continue it.
    fn end(&mut self, offer: bool);
    /// Does not offer the run in this folder again.
    fn forget(&mut self, folder: &Path);
}

/// What a phase led to.
#[derive(Debug, Default)]
pub(super) struct Advanced {
    pub(super) events: Vec<TrainEvent>,
    /// Whether nothing is left to do.
    pub(super) complete: bool,
}

/// The worker's ends of the channels to the handle.
pub(super) struct Mailbox {
    pub(super) commands: Receiver<TrainCommand>,
    pub(super) events: Sender<TrainEvent>,
    pub(super) progress: Arc<Slot<TrainProgress>>,
    pub(super) check: Arc<Slot<CheckProgress>>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    /// There is no run.
    Idle,
    Running,
    Paused,
}

/// Runs until the handle is gone, and saves the run that goes on then.
pub(super) fn run(mut backend: impl Backend, mailbox: Mailbox) {
    background::lower_priority();
    let mut worker = Worker {
        backend: &mut backend,
        mailbox: &mailbox,
        activity: Activity::Idle,
        check: None,
        told: Instant::now(),
    };
    if let Some(events) = worker.guarded(|backend| backend.open()) {
        worker.announce(events);
    }
    loop {
        let command = match worker.activity {
            Activity::Running => mailbox.commands.try_recv(),
            Activity::Idle | Activity::Paused => mailbox.commands.recv().map_err(|_| TryRecvError::Disconnected),
        };
        match command {
            Ok(command) => worker.obey(command),
            Err(TryRecvError::Empty) => worker.advance(),
            Err(TryRecvError::Disconnected) => return worker.farewell(),
        }
    }
}

struct Worker<'a, B> {
    backend: &'a mut B,
    mailbox: &'a Mailbox,
    activity: Activity,
    check: Option<Check>,
    /// When progress was last told.
    told: Instant,
}

impl<B: Backend> Worker<'_, B> {
    fn obey(&mut self, command: TrainCommand) {
        match command {
            TrainCommand::Check { id, data, options, taxonomy } => {
                let Mailbox { events, check, wake, .. } = self.mailbox;
                // The one before is given up as it is dropped.
                self.check = None;
                let reports = self.backend.reports();
                self.check = Some(Check::start(
                    id,
                    Asked { data, options, taxonomy, reports },
                    events.clone(),
                    Arc::clone(check),
                    Arc::clone(wake),
                ));
            }
            TrainCommand::CancelCheck => self.check = None,
            TrainCommand::Start(spec) => self.begin(|backend| backend.start(*spec)),
            TrainCommand::Continue(folder) => self.begin(|backend| backend.resume(&folder)),
            TrainCommand::Pause => {
                if self.activity == Activity::Running {
                    self.activity = Activity::Paused;
                    self.announce([TrainEvent::Paused]);
                }
            }
            TrainCommand::Resume => {
                if self.activity == Activity::Paused {
                    self.activity = Activity::Running;
                    self.backend.rested();
                    self.announce([TrainEvent::Resumed]);
                }
            }
            TrainCommand::Stop => self.stop(),
            TrainCommand::Checkpoint => {
                if self.activity != Activity::Idle {
                    self.try_job(|backend| backend.checkpoint());
                    self.backend.rested();
                }
            }
            TrainCommand::SetProbes(probes) => {
                if let Some(events) = self.guarded(|backend| backend.set_probes(probes)) {
                    self.announce(events);
                }
                self.backend.rested();
            }
            TrainCommand::DeleteCheckpoint(step) => self.try_job(|backend| backend.delete_checkpoint(step)),
            TrainCommand::Forget(folder) => drop(self.guarded(|backend| backend.forget(&folder))),
        }
    }

    fn begin(&mut self, job: impl FnOnce(&mut B) -> Result<Vec<TrainEvent>, String>) {
        if self.activity != Activity::Idle {
            let message = "a run is going on already; stop it first".to_owned();
            return self.announce([TrainEvent::NotStarted { message }]);
        }
        match self.guarded(job) {
            Some(Ok(events)) => {
                self.activity = Activity::Running;
                self.backend.rested();
                self.announce(events);
                self.tell_progress();
            }
            Some(Err(message)) => {
                self.let_go(false);
                self.announce([TrainEvent::NotStarted { message }]);
            }
            None => {
                self.let_go(false);
                let message = "a fault of the program stopped it; try other settings or another data set".to_owned();
                self.announce([TrainEvent::NotStarted { message }]);
            }
        }
    }

    fn advance(&mut self) {
        match self.guarded(|backend| backend.advance()) {
            Some(Ok(Advanced { events, complete })) => {
                let news = !events.is_empty();
                self.announce(events);
                if news || complete || self.told.elapsed() >= PROGRESS_INTERVAL {
                    self.tell_progress();
                }
                if complete {
                    self.finish(RunEnd::Complete, false);
                }
            }
            Some(Err(message)) => self.finish(RunEnd::Failed(message), true),
            None => {
                let message = "a fault of the program stopped the run; continue it from its last checkpoint".to_owned();
                self.finish(RunEnd::Failed(message), true);
            }
        }
    }

    /// A run whose checkpoint cannot be written goes on: it is worth more in memory than gone.
    fn stop(&mut self) {
        if self.activity == Activity::Idle {
            return;
        }
        match self.guarded(|backend| backend.checkpoint()) {
            Some(Ok(events)) => {
                self.announce(events);
                self.finish(RunEnd::Stopped, false);
            }
            Some(Err(message)) => {
                self.activity = Activity::Paused;
                self.announce([TrainEvent::Trouble { message }, TrainEvent::Paused]);
            }
            None => self.finish(RunEnd::Failed("a fault of the program stopped the run".to_owned()), true),
        }
    }

    fn finish(&mut self, end: RunEnd, offer: bool) {
        let step = self.backend.progress().map_or(0, |progress| progress.step);
        self.tell_progress();
        self.let_go(offer);
        self.announce([TrainEvent::Ended { end, step }]);
    }

    fn let_go(&mut self, offer: bool) {
        self.activity = Activity::Idle;
        self.guarded(|backend| backend.end(offer));
    }

    /// The program closes: what goes on is saved, to be offered at the next start.
    fn farewell(&mut self) {
        self.check = None;
        if self.activity != Activity::Idle {
            if let Some(Err(message)) = self.guarded(|backend| backend.checkpoint()) {
                tracing::error!("the run could not be saved at the end: {message}");
            }
            self.let_go(true);
        }
    }

    /// A failure is told, and the run goes on.
    fn try_job(&mut self, job: impl FnOnce(&mut B) -> Result<Vec<TrainEvent>, String>) {
        match self.guarded(job) {
            Some(Ok(events)) => self.announce(events),
            Some(Err(message)) => self.announce([TrainEvent::Trouble { message }]),
            None => {}
        }
    }

    /// Runs a job of the backend; a panic in it becomes an event and `None`.
    fn guarded<T>(&mut self, job: impl FnOnce(&mut B) -> T) -> Option<T> {
        // A run that panicked is dropped by whoever asked for the job.
        match catch_unwind(AssertUnwindSafe(|| job(self.backend))) {
            Ok(value) => Some(value),
            Err(panic) => {
                self.announce([TrainEvent::Panicked { message: panic_message(panic.as_ref()) }]);
                None
            }
        }
    }

    fn tell_progress(&mut self) {
        self.told = Instant::now();
        if let Some(progress) = self.backend.progress() {
            self.mailbox.progress.put(progress);
            (self.mailbox.wake)();
        }
    }

    fn announce(&self, events: impl IntoIterator<Item = TrainEvent>) {
        for event in events {
            // Without a listener the loop is about to end anyway.
            let _ = self.mailbox.events.send(event);
            (self.mailbox.wake)();
        }
    }
}
