#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::document::{LabelMap, LatentState, PixelSet};
use crate::engine::protocol::{ModelRef, StepsRun};
use crate::engine::warm_up::Bell;
use crate::engine::worker::RenderFailure;
use crate::engine::{ControlMove, Obedience, Picture, PicturePixels, WallPicture, WallTile};

/// The generation whose comparison goes on until something else comes up.
const SLOW: u64 = 77;

/// Which generations misbehave, and how.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Panic,
    GpuFails,
    GpuPanics,
    BadRequest,
}

/// A backend without a model that logs what it is asked to do.
struct Fake {
    log: Arc<Mutex<Vec<String>>>,
    on_gpu: bool,
    faults: Vec<(u64, Fault)>,
    /// Each render waits for one message, so that a test decides what happens meanwhile.
    gate: Option<Receiver<()>>,
    rendering: Arc<AtomicBool>,
    gone: Arc<AtomicBool>,
}

impl Fake {
    fn note(&self, what: String) {
        self.log.lock().unwrap().push(what);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
    }
}

impl Backend for Fake {
    fn open(&mut self, _: Bell) -> Vec<EngineEvent> {
        Vec::new()
    }

    fn background(&mut self) -> Vec<EngineEvent> {
        Vec::new()
    }

    fn load(&mut self, model: &ModelRef) -> Result<Vec<EngineEvent>, RenderFailure> {
        self.note(format!("load {model}"));
        match model {
            ModelRef::File(path) if path.ends_with("heavy.safetensors") && self.on_gpu => {
                Err(RenderFailure::Device("out of memory".to_owned()))
            }
            ModelRef::File(path) if path.ends_with("heavy.safetensors") => Ok(vec![ready(false)]),
            ModelRef::File(_) => Err(RenderFailure::Request(format!("{model}: not a model"))),
            ModelRef::Bundled(_) => Ok(vec![ready(self.on_gpu)]),
        }
    }

    fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderFailure> {
        self.rendering.store(true, Ordering::SeqCst);
        if let Some(gate) = &self.gate {
            let _ = gate.recv();
        }
        let generation = request.generation;
        self.note(format!("render {generation} {}", if self.on_gpu { "gpu" } else { "cpu" }));
        let fault = self.faults.iter().find(|(at, _)| *at == generation).map(|(_, fault)| *fault);
        match fault {
            Some(Fault::Panic) => panic!("planted in {generation}"),
            Some(Fault::GpuPanics) if self.on_gpu => panic!("planted in {generation}"),
            Some(Fault::GpuFails) if self.on_gpu => Err(RenderFailure::Device("device lost".to_owned())),
            Some(Fault::BadRequest) => Err(RenderFailure::Request("bad label".to_owned())),
            _ => Ok(LiveFrame {
                generation,
                width: 1,
                height: 1,
                picture: Picture::Pixels(Arc::from([0; 4])),
                steps: StepsRun::default(),
                render_ms: 0.0,
            }),
        }
    }

    fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderFailure> {
        let frame = self.render(request)?;
        let rgba = Arc::clone(frame.picture.pixels().unwrap());
        Ok(PicturePixels { width: frame.width, height: frame.height, rgba })
    }

    fn obedience(
        &mut self,
        request: &LiveRequest,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Obedience>, RenderFailure> {
        let generation = request.generation;
        self.note(format!("compare {generation}"));
        // As a slow segmentor: until something comes up, where the test wants that.
        let patience = Instant::now() + Duration::from_secs(if generation == SLOW { 20 } else { 0 });
        while Instant::now() < patience {
            if !go_on() {
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(1));
        }
        let differences = Arc::from([0]);
        Ok(Some(Obedience { generation, side: 1, differences, iou: Vec::new(), pixel_accuracy: 0.0 }))
    }

    fn wall(
        &mut self,
        _: &LabelMap,
        tiles: &[WallTile],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderFailure> {
        let mut pictures = Vec::new();
        for tile in tiles {
            if !go_on() {
                break;
            }
            self.note(format!("tile {}", tile.id));
            if let Some(gate) = &self.gate {
                let _ = gate.recv();
            }
            let fault = self.faults.iter().find(|(at, _)| *at == tile.id).map(|(_, fault)| *fault);
            match fault {
                Some(Fault::Panic) => panic!("planted in tile {}", tile.id),
                Some(Fault::BadRequest) => return Err(RenderFailure::Request("bad tile".to_owned())),
                _ => {}
            }
            let picture = PicturePixels { width: 1, height: 1, rgba: Arc::from([0; 4]) };
            pictures.push(WallPicture { id: tile.id, picture });
        }
        Ok(pictures)
    }

    fn recover(&mut self) {
        self.note("recover".to_owned());
    }

    fn on_gpu(&self) -> bool {
        self.on_gpu
    }

    fn move_to_cpu(&mut self, reason: &str) -> Result<Vec<EngineEvent>, String> {
        self.on_gpu = false;
        Ok(vec![EngineEvent::MovedToCpu { reason: reason.to_owned() }, ready(false)])
    }
}

fn ready(is_gpu: bool) -> EngineEvent {
    EngineEvent::DeviceReady { description: "fake".to_owned(), is_gpu }
}

struct Bench {
    handle: EngineHandle,
    log: Arc<Mutex<Vec<String>>>,
    gate: Sender<()>,
    rendering: Arc<AtomicBool>,
    gone: Arc<AtomicBool>,
    wakes: Arc<AtomicU64>,
}

impl Bench {
    fn new(on_gpu: bool, gated: bool, faults: Vec<(u64, Fault)>) -> Self {
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (rendering, gone) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let wakes = Arc::<AtomicU64>::default();
        let (gate, inner_gate) = bounded(100);
        let fake = Fake {
            log: Arc::clone(&log),
            on_gpu,
            faults,
            gate: gated.then_some(inner_gate),
            rendering: Arc::clone(&rendering),
            gone: Arc::clone(&gone),
        };
        let counted = Arc::clone(&wakes);
        let handle = EngineHandle::with_backend(
            move || fake,
            move || {
                counted.fetch_add(1, Ordering::SeqCst);
            },
        );
        Self { handle, log, gate, rendering, gone, wakes }
    }

    fn submit(&self, generation: u64) {
        self.handle.submit(request(generation));
    }

    /// Waits until all is answered and returns the events.
    fn settle(&mut self) -> Vec<EngineEvent> {
        let mut events = Vec::new();
        wait_until(|| {
            events.extend(std::iter::from_fn(|| self.handle.poll_event()));
            !self.handle.is_busy()
        });
        events.extend(std::iter::from_fn(|| self.handle.poll_event()));
        events
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

fn request(generation: u64) -> LiveRequest {
    LiveRequest {
        generation,
        labels: LabelMap::new(1, 1, 0),
        attributes: Arc::from([]),
        latent: LatentState::default(),
    }
}

fn wall(number: u64, ids: std::ops::Range<u64>) -> WallRequest {
    let tile = |id| WallTile { id, latent: LatentState::default(), attributes: Arc::from([]) };
    WallRequest { number, labels: LabelMap::new(1, 1, 0), tiles: ids.map(tile).collect() }
}

/// Waits for pictures of a wall; the ids so far, in order.
fn drawn(bench: &mut Bench, number: u64, count: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    wait_until(|| {
        for event in std::iter::from_fn(|| bench.handle.poll_event()) {
            let EngineEvent::WallDrawn { number: of, pictures } = event else { panic!("{event:?}") };
            assert_eq!(of, number);
            ids.extend(pictures.into_iter().map(|picture| picture.id));
        }
        ids.len() >= count
    });
    ids
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "nothing happened for 20 s");
        thread::sleep(Duration::from_millis(1));
    }
}

fn bundled(name: &str) -> EngineCommand {
    EngineCommand::LoadModel(ModelRef::Bundled(name.to_owned()))
}

#[test]
fn orders_go_first_and_the_newest_request_wins() {
    let mut bench = Bench::new(false, true, vec![]);
    bench.submit(1);
    wait_until(|| bench.rendering.load(Ordering::SeqCst));
    bench.submit(2);
    bench.submit(3);
    bench.handle.send(bundled("a"));
    bench.submit(4);
    assert!(bench.handle.is_busy());
    (0..4).for_each(|_| bench.gate.send(()).unwrap());
    bench.settle();
    assert_eq!(bench.log(), ["render 1 cpu", "load bundled model a", "render 4 cpu"]);
    assert_eq!(bench.handle.poll_frame().unwrap().generation, 4);
    assert!(bench.handle.poll_frame().is_none());
    assert!(bench.wakes.load(Ordering::SeqCst) >= 3);
}

#[test]
fn more_orders_than_the_queue_holds_all_arrive_in_order() {
    let mut bench = Bench::new(false, true, vec![]);
    bench.submit(1);
    wait_until(|| bench.rendering.load(Ordering::SeqCst));
    let names: Vec<String> = (0..3 * COMMAND_QUEUE).map(|at| at.to_string()).collect();
    names.iter().for_each(|name| bench.handle.send(bundled(name)));
    bench.gate.send(()).unwrap();
    bench.settle();
    let expected: Vec<String> = names.iter().map(|name| format!("load bundled model {name}")).collect();
    assert_eq!(bench.log()[1..], expected);
}

#[test]
fn a_panic_becomes_an_event_and_the_next_request_is_answered() {
    let mut bench = Bench::new(false, false, vec![(1, Fault::Panic)]);
    bench.submit(1);
    let events = bench.settle();
    assert!(matches!(&events[0], EngineEvent::Panicked { message } if message == "planted in 1"), "{events:?}");
    assert!(matches!(events[1], EngineEvent::RenderFailed { generation: 1, .. }), "{events:?}");
    bench.submit(2);
    assert!(bench.settle().is_empty());
    assert_eq!(bench.handle.poll_frame().unwrap().generation, 2);
    assert_eq!(bench.log(), ["render 1 cpu", "recover", "render 2 cpu"]);
}

#[test]
fn a_failing_gpu_is_left_for_the_cpu_and_the_request_is_answered() {
    for fault in [Fault::GpuFails, Fault::GpuPanics] {
        let mut bench = Bench::new(true, false, vec![(2, fault)]);
        bench.submit(1);
        bench.settle();
        bench.submit(2);
        let events = bench.settle();
        assert!(events.iter().any(|event| matches!(event, EngineEvent::MovedToCpu { .. })), "{events:?}");
        assert_eq!(bench.handle.poll_frame().unwrap().generation, 2);
        bench.submit(3);
        assert!(bench.settle().is_empty());
        assert_eq!(bench.log().last().unwrap(), "render 3 cpu");
    }
}

#[test]
fn a_bad_request_fails_alone_and_stays_on_the_gpu() {
    let mut bench = Bench::new(true, false, vec![(5, Fault::BadRequest)]);
    bench.submit(5);
    let events = bench.settle();
    assert!(
        matches!(&events[..], [EngineEvent::RenderFailed { generation: 5, message }] if message == "bad label"),
        "{events:?}"
    );
    bench.submit(6);
    bench.settle();
    assert_eq!(bench.log().last().unwrap(), "render 6 gpu");
}

#[test]
fn pixels_are_read_on_demand_and_a_failing_gpu_does_not_lose_an_export() {
    let mut bench = Bench::new(true, false, vec![(8, Fault::GpuFails), (9, Fault::BadRequest)]);
    bench.handle.send(EngineCommand::ReadPicture(Box::new(request(7))));
    let events = bench.settle();
    assert!(
        matches!(&events[..], [EngineEvent::PictureRead { generation: 7, width: 1, height: 1, rgba }] if rgba.len() == 4),
        "{events:?}"
    );
    assert!(bench.handle.poll_frame().is_none(), "a read is no live picture");
    bench.handle.send(EngineCommand::ReadPicture(Box::new(request(8))));
    let events = bench.settle();
    assert!(matches!(events[0], EngineEvent::MovedToCpu { .. }), "{events:?}");
    assert!(matches!(events.last(), Some(EngineEvent::PictureRead { generation: 8, .. })), "{events:?}");
    bench.handle.send(EngineCommand::ReadPicture(Box::new(request(9))));
    let events = bench.settle();
    assert!(matches!(&events[..], [EngineEvent::PictureNotRead { message }] if message == "bad label"), "{events:?}");
}

#[test]
fn a_failed_load_says_which_model() {
    let mut bench = Bench::new(false, false, vec![]);
    bench.handle.send(EngineCommand::LoadModel(ModelRef::File("nowhere.safetensors".into())));
    let events = bench.settle();
    assert!(
        matches!(&events[..], [EngineEvent::LoadFailed { message }] if message.contains("nowhere.safetensors")),
        "{events:?}"
    );
}

#[test]
fn a_model_that_the_gpu_fails_to_load_is_loaded_on_the_cpu() {
    let mut bench = Bench::new(true, false, vec![]);
    bench.settle();
    bench.handle.send(EngineCommand::LoadModel(ModelRef::File("heavy.safetensors".into())));
    let events = bench.settle();
    assert!(matches!(&events[0], EngineEvent::MovedToCpu { reason } if reason == "out of memory"), "{events:?}");
    assert!(matches!(events.last(), Some(EngineEvent::DeviceReady { is_gpu: false, .. })), "{events:?}");
}

#[test]
fn pictures_are_compared_when_nothing_else_is_to_be_done() {
    let mut bench = Bench::new(false, false, vec![]);
    bench.submit(1);
    bench.settle();
    assert!(bench.handle.poll_obedience().is_none(), "nobody asked for it");
    // The picture that is there already is compared at once.
    bench.handle.send(EngineCommand::WatchObedience(true));
    let mut found = None;
    wait_until(|| {
        found = found.take().or_else(|| bench.handle.poll_obedience());
        found.is_some()
    });
    assert_eq!(found.unwrap().generation, 1);

    // A newer request breaks a slow comparison off, and is compared itself.
    bench.submit(SLOW);
    wait_until(|| bench.log().contains(&format!("compare {SLOW}")));
    let began = Instant::now();
    bench.submit(SLOW + 1);
    let mut found = None;
    wait_until(|| {
        found = found.take().or_else(|| bench.handle.poll_obedience());
        found.is_some()
    });
    assert_eq!(found.unwrap().generation, SLOW + 1);
    assert!(began.elapsed() < Duration::from_secs(15), "it waited for the slow one");

    // An order breaks it off, too; after that it is tried once more.
    bench.submit(SLOW);
    let compared = |bench: &Bench| bench.log().iter().filter(|line| **line == format!("compare {SLOW}")).count();
    wait_until(|| compared(&bench) == 2);
    bench.handle.send(EngineCommand::LoadModel(ModelRef::File("none.safetensors".into())));
    wait_until(|| compared(&bench) == 3);

    bench.handle.send(EngineCommand::WatchObedience(false));
    bench.submit(5);
    bench.settle();
    thread::sleep(Duration::from_millis(400));
    assert!(!bench.log().contains(&"compare 5".to_owned()));
}

#[test]
fn a_live_request_overtakes_the_wall_and_waits_for_one_picture_at_most() {
    let mut bench = Bench::new(false, true, vec![]);
    bench.handle.draw_wall(wall(1, 100..106));
    for (round, tile) in [(1, 100), (2, 101), (3, 102)] {
        // It arrives while a tile is being drawn.
        wait_until(|| bench.log().last() == Some(&format!("tile {tile}")));
        bench.submit(round);
        assert!(bench.handle.is_busy(), "a wall is nothing that is waited for, a request is");
        bench.gate.send(()).unwrap();
        bench.gate.send(()).unwrap();
        wait_until(|| bench.handle.poll_frame().is_some_and(|frame| frame.generation == round));
    }
    (0..3).for_each(|_| bench.gate.send(()).unwrap());
    assert_eq!(drawn(&mut bench, 1, 6), [100, 101, 102, 103, 104, 105], "each tile once, in order");
    let expected = [
        "tile 100",
        "render 1 cpu",
        "tile 101",
        "render 2 cpu",
        "tile 102",
        "render 3 cpu",
        "tile 103",
        "tile 104",
        "tile 105",
    ];
    assert_eq!(bench.log(), expected);
}

fn influence(number: u64, ids: std::ops::Range<u64>) -> InfluenceRequest {
    let labels = LabelMap::new(1, 1, 0);
    let region = Arc::new(PixelSet::of_label(&labels, 0).unwrap());
    let wanted = |id| ControlMove {
        id,
        latents: Default::default(),
        attributes: [Arc::from([]), Arc::from([])],
        keeps_pictures: false,
    };
    InfluenceRequest { number, labels, region, moves: ids.map(wanted).collect() }
}

#[test]
fn measuring_waits_for_live_requests_and_goes_before_the_wall() {
    let mut bench = Bench::new(false, true, vec![]);
    bench.handle.draw_wall(wall(1, 100..101));
    bench.handle.measure_influence(influence(1, 7..9));
    wait_until(|| bench.log().last() == Some(&"tile 7".to_owned()));
    bench.submit(1);
    (0..6).for_each(|_| bench.gate.send(()).unwrap());
    let mut ids = Vec::new();
    wait_until(|| {
        for event in std::iter::from_fn(|| bench.handle.poll_event()) {
            match event {
                EngineEvent::InfluenceMeasured { number: 1, measured } => {
                    ids.extend(measured.into_iter().map(|measurement| measurement.id));
                }
                EngineEvent::WallDrawn { .. } => ids.push(100),
                other => panic!("{other:?}"),
            }
        }
        ids.len() == 3
    });
    assert_eq!(ids, [7, 8, 100]);
    let expected = ["tile 7", "render 1 cpu", "tile 7", "tile 8", "tile 8", "tile 100"];
    assert_eq!(bench.log(), expected);
}

#[test]
fn measuring_ends_with_a_newer_request_a_failure_or_another_model() {
    let mut bench = Bench::new(false, true, vec![(21, Fault::BadRequest)]);
    bench.handle.measure_influence(influence(1, 7..9));
    wait_until(|| bench.log().last() == Some(&"tile 7".to_owned()));
    bench.handle.measure_influence(influence(2, 0..0));
    bench.handle.measure_influence(influence(3, 11..13));
    bench.gate.send(()).unwrap();
    wait_until(|| bench.log().last() == Some(&"tile 11".to_owned()));
    bench.handle.send(bundled("other"));
    bench.gate.send(()).unwrap();
    bench.settle();
    bench.handle.measure_influence(influence(4, 21..23));
    bench.gate.send(()).unwrap();
    let mut failed = None;
    wait_until(|| {
        for event in std::iter::from_fn(|| bench.handle.poll_event()) {
            if let EngineEvent::InfluenceFailed { number, message } = event {
                failed = Some((number, message));
            }
        }
        failed.is_some()
    });
    assert_eq!(failed, Some((4, "bad tile".to_owned())));
    assert_eq!(bench.log(), ["tile 7", "tile 11", "load bundled model other", "tile 21"]);
}

#[test]
fn a_newer_wall_or_another_model_ends_a_wall() {
    let mut bench = Bench::new(false, true, vec![]);
    bench.handle.draw_wall(wall(1, 100..104));
    wait_until(|| bench.log().last() == Some(&"tile 100".to_owned()));
    bench.handle.draw_wall(wall(2, 200..203));
    bench.gate.send(()).unwrap();
    wait_until(|| bench.log().last() == Some(&"tile 200".to_owned()));
    bench.handle.send(bundled("other"));
    bench.gate.send(()).unwrap();
    bench.settle();
    bench.handle.draw_wall(wall(3, 0..0));
    bench.handle.draw_wall(wall(4, 300..301));
    bench.gate.send(()).unwrap();
    assert_eq!(drawn(&mut bench, 4, 1), [300]);
    assert_eq!(bench.log(), ["tile 100", "tile 200", "load bundled model other", "tile 300"]);
}

#[test]
fn a_wall_that_fails_ends_with_a_word_and_the_engine_goes_on() {
    for (fault, message) in [(Fault::BadRequest, "bad tile"), (Fault::Panic, "the job stopped")] {
        let mut bench = Bench::new(false, false, vec![(101, fault)]);
        bench.handle.draw_wall(wall(1, 101..105));
        let mut failure = None;
        wait_until(|| {
            for event in std::iter::from_fn(|| bench.handle.poll_event()) {
                if let EngineEvent::WallFailed { number: 1, message } = event {
                    failure = Some(message);
                }
            }
            failure.is_some()
        });
        assert!(failure.unwrap().contains(message));
        bench.submit(1);
        bench.settle();
        assert_eq!(bench.handle.poll_frame().unwrap().generation, 1);
        assert_eq!(bench.log().iter().filter(|line| line.starts_with("tile")).count(), 1);
    }
}

#[test]
fn dropping_the_handle_ends_the_thread_idle_or_not() {
    let idle = Bench::new(false, false, vec![]);
    let gone = Arc::clone(&idle.gone);
    drop(idle);
    wait_until(|| gone.load(Ordering::SeqCst));

    let Bench { handle, gate, gone, rendering, .. } = {
        let bench = Bench::new(false, true, vec![]);
        bench.submit(1);
        bench
    };
    wait_until(|| rendering.load(Ordering::SeqCst));
    let began = Instant::now();
    drop(handle);
    assert!(began.elapsed() < FAREWELL + Duration::from_secs(5), "a stuck job must not hold the program open");
    gate.send(()).unwrap();
    wait_until(|| gone.load(Ordering::SeqCst));
}
