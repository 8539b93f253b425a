//! The engine thread's loop: commands first, then the newest request; no failure ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, after, never, select};

use super::event::EngineEvent;
use super::influence::{InfluenceRequest, InfluenceWork};
use super::obedience::Obedience;
use super::picture::PicturePixels;
use super::protocol::{EngineCommand, LiveFrame, LiveRequest, ModelRef};
use super::slot::Slot;
use super::wall::{Pace, WallPicture, WallRequest, WallTile, WallWork};
use super::warm_up::Bell;
use crate::document::LabelMap;
use crate::panic_message::panic_message;

/// How long nothing must be asked for before a picture is compared with its mask, and before measurements and the wall go on: between two
/// points of a stroke there is less.
const REST: Duration = Duration::from_millis(150);

/// What the worker drives. A trait, so that its care for failures can be tested without a model and a broken GPU.
pub(super) trait Backend {
    /// Opens the device; called once, on the worker's thread, before anything else. The bell brings the worker to
    /// [`Backend::background`].
    fn open(&mut self, bell: Bell) -> Vec<EngineEvent>;
    /// Replaces the model and returns the events that announce it.
    fn load(&mut self, model: &ModelRef) -> Result<Vec<EngineEvent>, RenderFailure>;
    /// Takes in what threads of the backend's own have finished.
    fn background(&mut self) -> Vec<EngineEvent>;
    /// Renders a request.
    fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderFailure>;
    /// Renders a request and reads its pixels.
    fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderFailure>;
    /// Compares the picture of a request with its mask. `None` where there is nothing to compare with, or once `go_on`
    /// says no.
    fn obedience(
        &mut self,
        request: &LiveRequest,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Obedience>, RenderFailure>;
    /// Draws tiles of a wall, the first ones first. Once `go_on` says no, those that are finished are the answer.
    fn wall(
        &mut self,
        labels: &LabelMap,
        tiles: &[WallTile],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderFailure>;
    /// Forgets what a panic may have left half-done.
    fn recover(&mut self);
    /// True while a GPU computes, and so while [`Backend::move_to_cpu`] may help.
    fn on_gpu(&self) -> bool;
    /// Goes on with the same model on the CPU and returns the events that say so.
    fn move_to_cpu(&mut self, reason: &str) -> Result<Vec<EngineEvent>, String>;
}

/// Why a job of the backend failed.
#[derive(Debug)]
pub(super) enum RenderFailure {
    /// The request is at fault; another device would not help.
    Request(String),
    /// The device is at fault.
    Device(String),
}

/// The worker's ends of the channels to the handle.
pub(super) struct Mailbox {
    pub(super) commands: Receiver<EngineCommand>,
    pub(super) doorbell: Receiver<()>,
    /// Rings the doorbell from this side.
    pub(super) bell: Bell,
    pub(super) requests: Arc<Slot<LiveRequest>>,
    pub(super) walls: Arc<Slot<WallRequest>>,
    pub(super) influences: Arc<Slot<InfluenceRequest>>,
    pub(super) frames: Arc<Slot<LiveFrame>>,
    pub(super) obedience: Arc<Slot<Obedience>>,
    pub(super) events: Sender<EngineEvent>,
    /// Counts commands and requests dealt with; the handle counts those given.
    pub(super) handled: Arc<AtomicU64>,
    pub(super) wake: Box<dyn Fn() + Send>,
}

/// Runs until the handle is gone.
pub(super) fn run(mut backend: impl Backend, mailbox: Mailbox) {
    let worker = &mut Worker {
        backend: &mut backend,
        mailbox: &mailbox,
        watches: false,
        unread: None,
        newest: None,
        wall: None,
        influence: None,
        pace: Pace::default(),
        answered: Instant::now(),
    };
    if let Some(events) = worker.guarded(|backend| backend.open(mailbox.bell.clone())) {
        worker.announce(events);
    }
    loop {
        if let Some(events) = worker.guarded(|backend| backend.background()) {
            worker.announce(events);
        }
        match mailbox.commands.try_recv() {
            Ok(command) => {
                worker.obey(&command);
                continue;
            }
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {}
        }
        if let Some(request) = mailbox.requests.take() {
            worker.answer(&request);
            continue;
        }
        if let Some(wall) = mailbox.walls.take() {
            worker.wall = WallWork::new(wall);
        }
        if let Some(request) = mailbox.influences.take() {
            worker.influence = InfluenceWork::new(request);
        }
        let rest = worker.rest();
        if rest.is_some_and(|left| left.is_zero()) {
            worker.idle();
            continue;
        }
        select! {
            recv(mailbox.commands) -> command => match command {
                Ok(command) => worker.obey(&command),
                Err(_) => return,
            },
            // Whatever rang is found at the top of the loop.
            recv(mailbox.doorbell) -> _ => {}
            recv(rest.map_or_else(never, after)) -> _ => {}
        }
    }
}

struct Worker<'a, B> {
    backend: &'a mut B,
    mailbox: &'a Mailbox,
    /// Whether pictures are compared with their masks.
    watches: bool,
    /// The newest picture's request, as long as the two were not compared.
    unread: Option<LiveRequest>,
    /// The newest picture's request.
    newest: Option<LiveRequest>,
    wall: Option<WallWork>,
    influence: Option<InfluenceWork>,
    pace: Pace,
    /// When something that somebody waited for was dealt with last.
    answered: Instant,
}

impl<B: Backend> Worker<'_, B> {
    fn obey(&mut self, command: &EngineCommand) {
        match command {
            EngineCommand::LoadModel(model) => self.load(model),
            EngineCommand::ReadPicture(request) => self.read(request),
            EngineCommand::WatchObedience(watches) => {
                self.watches = *watches;
                self.unread = self.newest.clone().filter(|_| self.watches);
            }
        }
        self.done();
    }

    fn load(&mut self, model: &ModelRef) {
        match self.carefully(|backend| backend.load(model)) {
            Ok(events) => {
                // What the former model drew says nothing about this one.
                (self.newest, self.unread, self.wall, self.influence) = (None, None, None, None);
                self.pace = Pace::default();
                self.announce(events);
            }
            Err(RenderFailure::Request(message)) => self.announce([EngineEvent::LoadFailed { message }]),
            Err(RenderFailure::Device(reason)) => self.announce([EngineEvent::LoadFailed {
                message: format!("{model} could not be loaded: {reason}; choose another model"),
            }]),
        }
    }

    fn answer(&mut self, request: &LiveRequest) {
        let answer = self.carefully(|backend| backend.render(request));
        match answer {
            Ok(frame) => {
                self.mailbox.frames.put(frame);
                self.newest = Some(request.clone());
                self.unread = self.newest.clone().filter(|_| self.watches);
            }
            Err(RenderFailure::Request(message) | RenderFailure::Device(message)) => {
                self.announce([EngineEvent::RenderFailed { generation: request.generation, message }]);
            }
        }
        self.done();
    }

    /// How much longer nothing must be asked for before there is time for [`Self::idle`]; `None` when that has nothing to do.
    fn rest(&self) -> Option<Duration> {
        let waits = self.unread.is_some() || self.influence.is_some() || self.wall.is_some();
        waits.then(|| REST.saturating_sub(self.answered.elapsed()))
    }

    /// What there is time for when nothing else is to be done. The canvas goes first, the wall last.
    fn idle(&mut self) {
        if self.unread.is_some() {
            self.compare();
        } else if self.influence.is_some() {
            self.measure();
        } else {
            self.draw_wall();
        }
    }

    /// Draws a small batch of what is measured, or less of it as soon as something else comes up.
    fn measure(&mut self) {
        let Some(mut work) = self.influence.take() else { return };
        let mailbox = self.mailbox;
        let mut go_on = || mailbox.requests.is_empty() && mailbox.commands.is_empty() && mailbox.influences.is_empty();
        let batch = self.pace.batch();
        let began = Instant::now();
        let drawn = self.carefully(|backend| backend.wall(work.labels(), work.next(batch), &mut go_on));
        match drawn {
            Ok(pictures) => {
                let (count, whole) = (pictures.len(), pictures.len() == work.next(batch).len());
                let measured = work.take(pictures);
                if whole {
                    self.pace.took(began.elapsed(), count);
                }
                if !measured.is_empty() {
                    self.announce([EngineEvent::InfluenceMeasured { number: work.number(), measured }]);
                }
                self.influence = (!work.is_finished()).then_some(work);
            }
            Err(RenderFailure::Request(message) | RenderFailure::Device(message)) => {
                self.announce([EngineEvent::InfluenceFailed { number: work.number(), message }]);
            }
        }
    }

    /// Draws a small batch of the wall, or less of it as soon as something else comes up.
    fn draw_wall(&mut self) {
        let Some(mut work) = self.wall.take() else { return };
        let mailbox = self.mailbox;
        let mut go_on = || mailbox.requests.is_empty() && mailbox.commands.is_empty() && mailbox.walls.is_empty();
        let batch = self.pace.batch();
        let began = Instant::now();
        let drawn = self.carefully(|backend| backend.wall(work.labels(), work.next(batch), &mut go_on));
        match drawn {
            Ok(pictures) => {
                // One that was broken off says little about how long they take.
                if pictures.len() == work.next(batch).len() {
                    self.pace.took(began.elapsed(), pictures.len());
                }
                let (number, more) = (work.number(), work.advance(pictures.len()));
                if !pictures.is_empty() {
                    self.announce([EngineEvent::WallDrawn { number, pictures }]);
                }
                self.wall = more.then_some(work);
            }
            Err(RenderFailure::Request(message) | RenderFailure::Device(message)) => {
                self.announce([EngineEvent::WallFailed { number: work.number(), message }]);
            }
        }
    }

    /// Compares the newest picture with its mask, unless something else comes up meanwhile.
    fn compare(&mut self) {
        let Some(request) = self.unread.take() else { return };
        let mailbox = self.mailbox;
        let mut go_on = || mailbox.requests.is_empty() && mailbox.commands.is_empty();
        match self.guarded(|backend| backend.obedience(&request, &mut go_on)) {
            Some(Ok(Some(obedience))) => {
                self.mailbox.obedience.put(obedience);
                (self.mailbox.wake)();
            }
            // A picture that is drawn is worth more than its comparison: the next one is tried again.
            Some(Err(RenderFailure::Request(message) | RenderFailure::Device(message))) => {
                tracing::warn!("a picture could not be compared with its mask: {message}");
            }
            // Broken off by an order: after that, once more. By a newer picture: that one is next.
            Some(Ok(None)) if !go_on() => self.unread = Some(request),
            Some(Ok(None)) | None => {}
        }
    }

    fn read(&mut self, request: &LiveRequest) {
        let event = match self.carefully(|backend| backend.read(request)) {
            Ok(PicturePixels { width, height, rgba }) => {
                EngineEvent::PictureRead { generation: request.generation, width, height, rgba }
            }
            Err(RenderFailure::Request(message) | RenderFailure::Device(message)) => {
                EngineEvent::PictureNotRead { message }
            }
        };
        self.announce([event]);
    }

    /// Runs a job, and once more on the CPU when a GPU failed it.
    fn carefully<T>(&mut self, mut job: impl FnMut(&mut B) -> Result<T, RenderFailure>) -> Result<T, RenderFailure> {
        let mut attempt = |worker: &mut Self| {
            worker
                .guarded(&mut job)
                .unwrap_or_else(|| Err(RenderFailure::Device("the job stopped at a fault of the program".to_owned())))
        };
        match attempt(self) {
            Err(RenderFailure::Device(reason)) if self.backend.on_gpu() && self.retreat(&reason) => attempt(self),
            answer => answer,
        }
    }

    /// Moves to the CPU; says whether that worked.
    fn retreat(&mut self, reason: &str) -> bool {
        match self.guarded(|backend| backend.move_to_cpu(reason)) {
            Some(Ok(events)) => {
                self.announce(events);
                true
            }
            Some(Err(message)) => {
                self.announce([EngineEvent::LoadFailed { message }]);
                false
            }
            None => false,
        }
    }

    /// Runs a job of the backend; a panic in it becomes an event and `None`.
    fn guarded<T>(&mut self, job: impl FnOnce(&mut B) -> T) -> Option<T> {
        // Whatever the backend holds half-done after a panic, `recover` throws away.
        match catch_unwind(AssertUnwindSafe(|| job(self.backend))) {
            Ok(value) => Some(value),
            Err(panic) => {
                self.backend.recover();
                self.announce([EngineEvent::Panicked { message: panic_message(panic.as_ref()) }]);
                None
            }
        }
    }

    fn announce(&self, events: impl IntoIterator<Item = EngineEvent>) {
        for event in events {
            // Without a listener the loop is about to end anyway.
            let _ = self.mailbox.events.send(event);
            (self.mailbox.wake)();
        }
    }

    fn done(&mut self) {
        self.answered = Instant::now();
        self.mailbox.handled.fetch_add(1, Ordering::SeqCst);
        (self.mailbox.wake)();
    }
}
