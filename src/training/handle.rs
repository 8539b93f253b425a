//! The editor's end of the trainer thread: nothing here ever waits, but for the last checkpoint at the end.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::event::TrainEvent;
use super::protocol::{CheckProgress, TrainCommand, TrainProgress};
use super::runs::Runs;
use super::worker::{self, Backend, Mailbox};
use crate::engine::Slot;
use crate::gpu::DeviceChoice;

/// Orders that may lie in the channel; more wait in the handle's backlog.
const COMMAND_QUEUE: usize = 16;
/// Events that may lie unread before the thread pauses; the editor reads them all every frame.
const EVENT_QUEUE: usize = 256;
/// How long a closing program waits for the last checkpoint, which is large for a full-size run.
const FAREWELL: Duration = Duration::from_secs(30);

/// What the thread needs to know.
#[derive(Clone, Debug, Default)]
pub struct TrainerOptions {
    /// Where it computes.
    pub device: DeviceChoice,
    /// Whether the engine was given a [`gpu::SharedGpu`](crate::gpu::SharedGpu), and does not open a device itself.
    pub window_has_gpu: bool,
    /// The program's state folder, which remembers unfinished runs; without one they are not offered again.
    pub state: Option<PathBuf>,
}

/// Starts the trainer thread and talks to it. Dropping it saves the run that goes on, and ends the thread.
pub struct TrainerHandle {
    commands: Sender<TrainCommand>,
    backlog: VecDeque<TrainCommand>,
    events: Receiver<TrainEvent>,
    progress: Arc<Slot<TrainProgress>>,
    check: Arc<Slot<CheckProgress>>,
    // The last field: the channels above close first, which is what ends the thread.
    _thread: TrainerThread,
}

impl TrainerHandle {
    /// Starts a thread named `trainer`, which opens its device when it first trains. `wake` is called from other threads
    /// whenever there is something to poll.
    pub fn start(options: TrainerOptions, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self::with_backend(move || Runs::new(options), wake)
    }

    pub(super) fn with_backend<B: Backend>(
        backend: impl FnOnce() -> B + Send + 'static,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let (commands, inbox) = bounded(COMMAND_QUEUE);
        let (outbox, events) = bounded(EVENT_QUEUE);
        let (progress, check) = (Arc::new(Slot::new()), Arc::new(Slot::new()));
        let mailbox = Mailbox {
            commands: inbox,
            events: outbox.clone(),
            progress: Arc::clone(&progress),
            check: Arc::clone(&check),
            wake: Arc::new(wake),
        };
        let spawned = thread::Builder::new().name("trainer".to_owned()).spawn(move || worker::run(backend(), mailbox));
        if let Err(error) = &spawned {
            // The queue is new, so there is room.
            let _ = outbox.try_send(TrainEvent::Panicked {
                message: format!(
                    "the trainer thread could not be started ({error}); close other programs and start again"
                ),
            });
        }
        Self { commands, backlog: VecDeque::new(), events, progress, check, _thread: TrainerThread(spawned.ok()) }
    }

    /// Gives an order. It is never dropped.
    pub fn send(&mut self, command: TrainCommand) {
        self.backlog.push_back(command);
        self.flush();
    }

    /// The next event, oldest first. Call it until it returns `None`, every frame.
    pub fn poll_event(&mut self) -> Option<TrainEvent> {
        self.flush();
        self.events.try_recv().ok()
    }

    /// How far the run is, if there is news.
    pub fn poll_progress(&self) -> Option<TrainProgress> {
        self.progress.take()
    }

    /// How far the check of a data set is, if there is news.
    pub fn poll_check(&self) -> Option<CheckProgress> {
        self.check.take()
    }

    fn flush(&mut self) {
        while let Some(command) = self.backlog.pop_front() {
            if let Err(TrySendError::Full(command)) = self.commands.try_send(command) {
                self.backlog.push_front(command);
                return;
            }
        }
    }
}

/// The thread; dropping it waits for the last checkpoint, but not for ever.
struct TrainerThread(Option<JoinHandle<()>>);

impl Drop for TrainerThread {
    fn drop(&mut self) {
        let Some(thread) = self.0.take() else { return };
        let deadline = Instant::now() + FAREWELL;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}
