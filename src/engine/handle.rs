//! The editor's end of the engine: nothing here ever waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::device::EngineDevice;
use super::event::EngineEvent;
use super::influence::InfluenceRequest;
use super::live::Live;
use super::obedience::Obedience;
use super::protocol::{EngineCommand, LiveFrame, LiveRequest};
use super::slot::Slot;
use super::wall::WallRequest;
use super::worker::{self, Backend, Mailbox};

/// Orders that may lie in the channel; more wait in the handle's backlog.
const COMMAND_QUEUE: usize = 16;
/// Events that may lie unread before the engine pauses; the editor reads them all every frame.
const EVENT_QUEUE: usize = 256;
/// How long a closing editor waits for a picture in progress, so that the driver is not torn down under it.
const FAREWELL: Duration = Duration::from_secs(2);

/// Starts the engine thread and talks to it. Dropping it ends the thread.
pub struct EngineHandle {
    commands: Sender<EngineCommand>,
    backlog: VecDeque<EngineCommand>,
    doorbell: Sender<()>,
    requests: Arc<Slot<LiveRequest>>,
    walls: Arc<Slot<WallRequest>>,
    influences: Arc<Slot<InfluenceRequest>>,
    frames: Arc<Slot<LiveFrame>>,
    obedience: Arc<Slot<Obedience>>,
    events: Receiver<EngineEvent>,
    given: AtomicU64,
    handled: Arc<AtomicU64>,
    // The last field: the channels above close first, which is what ends the thread.
    _thread: EngineThread,
}

impl EngineHandle {
    /// Starts a thread named `engine`, which opens its device itself unless that is the window's. `wake` is called from that thread whenever there
    /// is something to poll. Load a model first; until then requests fail.
    pub fn start(device: impl Into<EngineDevice>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let device = device.into();
        Self::with_backend(move || Live::new(device), wake)
    }

    pub(super) fn with_backend<B: Backend>(
        backend: impl FnOnce() -> B + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let (commands, command_inbox) = bounded(COMMAND_QUEUE);
        let (doorbell, doorbell_inbox) = bounded(1);
        let (event_outbox, events) = bounded(EVENT_QUEUE);
        let requests = Arc::new(Slot::new());
        let walls = Arc::new(Slot::new());
        let influences = Arc::new(Slot::new());
        let frames = Arc::new(Slot::new());
        let obedience = Arc::new(Slot::new());
        let handled = Arc::new(AtomicU64::new(0));
        let mailbox = Mailbox {
            commands: command_inbox,
            doorbell: doorbell_inbox,
            bell: doorbell.clone(),
            requests: Arc::clone(&requests),
            walls: Arc::clone(&walls),
            influences: Arc::clone(&influences),
            frames: Arc::clone(&frames),
            obedience: Arc::clone(&obedience),
            events: event_outbox.clone(),
            handled: Arc::clone(&handled),
            wake: Box::new(wake),
        };
        let spawned = thread::Builder::new().name("engine".to_owned()).spawn(move || worker::run(backend(), mailbox));
        if let Err(error) = &spawned {
            // The queue is new, so there is room.
            let _ = event_outbox.try_send(EngineEvent::Panicked {
                message: format!(
                    "the engine thread could not be started ({error}); close other programs and start again"
                ),
            });
        }
        Self {
            commands,
            backlog: VecDeque::new(),
            doorbell,
            requests,
            walls,
            influences,
            frames,
            obedience,
            events,
            given: AtomicU64::new(0),
            handled,
            _thread: EngineThread(spawned.ok()),
        }
    }

    /// Asks for a picture; it replaces a request that the engine has not begun.
    pub fn submit(&self, request: LiveRequest) {
        self.given.fetch_add(1, Ordering::SeqCst);
        if self.requests.put(request).is_some() {
            self.handled.fetch_add(1, Ordering::SeqCst);
        }
        // A full doorbell has been rung already.
        let _ = self.doorbell.try_send(());
    }

    /// Asks for a wall, which is drawn in small batches whenever nothing else is to be done; it replaces the one before. The
    /// pictures come as [`EngineEvent::WallDrawn`], and [`Self::is_busy`] does not count them.
    pub fn draw_wall(&self, wall: WallRequest) {
        self.walls.put(wall);
        let _ = self.doorbell.try_send(());
    }

    /// Asks what controls change, which is measured in small batches whenever nothing else is to be done, before the wall; it
    /// replaces the request before. The answers come as [`EngineEvent::InfluenceMeasured`], and [`Self::is_busy`] does not
    /// count them.
    pub fn measure_influence(&self, request: InfluenceRequest) {
        self.influences.put(request);
        let _ = self.doorbell.try_send(());
    }

    /// Gives an order. It goes before requests and is never dropped.
    pub fn send(&mut self, command: EngineCommand) {
        self.given.fetch_add(1, Ordering::SeqCst);
        self.backlog.push_back(command);
        self.flush();
    }

    /// The newest picture, if one came since the last call.
    pub fn poll_frame(&self) -> Option<LiveFrame> {
        self.frames.take()
    }

    /// The newest comparison of a picture with its mask, if one came since the last call.
    pub fn poll_obedience(&self) -> Option<Obedience> {
        self.obedience.take()
    }

    /// The next event, oldest first. Call it until it returns `None`, every frame.
    pub fn poll_event(&mut self) -> Option<EngineEvent> {
        self.flush();
        self.events.try_recv().ok()
    }

    /// True until every order and the newest request are answered, with a picture or an event.
    pub fn is_busy(&self) -> bool {
        self.given.load(Ordering::SeqCst) != self.handled.load(Ordering::SeqCst)
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

/// The engine's thread; dropping it waits for the thread, but only for a moment.
struct EngineThread(Option<JoinHandle<()>>);

impl Drop for EngineThread {
    fn drop(&mut self) {
        let Some(thread) = self.0.take() else { return };
        let deadline = Instant::now() + FAREWELL;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

#[cfg(test)]
mod tests;
