//! How much training in the background slows the live picture and painting down.
//!
//! `cargo bench --profile release --bench live_while_training [--device auto|cpu|gpu|gpu:N] [--rounds N]`. Stretches
//! without and with training take turns, so that whatever else the machine does meets both. It prints and judges nothing.

#![allow(missing_docs)]

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use scgan::data::OpenOptions;
use scgan::document::tools::PointerEvent;
use scgan::document::{LatentState, Point};
use scgan::editor::{Command, EditorState, PointerModifiers, apply, default_snapshot};
use scgan::engine::{EngineCommand, EngineDevice, EngineEvent, EngineHandle, LiveRequest, ModelRef, WindowGpu};
use scgan::gpu::{DeviceChoice, SharedGpu};
use scgan::taxonomy::Taxonomy;
use scgan::train::{Cadence, FineTune, RunSpec, RunStart, TrainConfig};
use scgan::training::{TrainCommand, TrainEvent, TrainerHandle, TrainerOptions};

const ROUNDS: usize = 4;
/// Pictures, and strokes, in a stretch.
const PICTURES: usize = 40;
const EVENTS_PER_STROKE: usize = 60;
/// A painter's frames: the engine is not kept busy without a break.
const PAUSE: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_secs(600);
const MASK_PX: u32 = 512;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let device: DeviceChoice = value("--device").map_or(Ok(DeviceChoice::Cpu), |text| text.parse())?;
    let rounds = value("--rounds").map_or(Ok(ROUNDS), |text| text.parse())?;
    let batch = value("--batch").map_or(Ok(8), |text| text.parse())?;
    // Before two threads could make graphics instances at once.
    scgan::gpu::adapters();
    let folder = tempfile::tempdir()?;
    let mut bench = Bench::start(device, folder.path(), batch)?;
    let mut idle = Figures::default();
    let mut training = Figures::default();
    bench.measure(&mut Figures::default())?;
    for _ in 0..rounds {
        bench.train(TrainCommand::Pause)?;
        bench.measure(&mut idle)?;
        bench.train(TrainCommand::Resume)?;
        bench.measure(&mut training)?;
    }
    let steps = bench.steps_per_s()?;
    println!(
        "{device}: {rounds} stretches of {PICTURES} pictures each; while training, {steps:.2} steps/s at batch {batch}"
    );
    println!("{:<28} {:>10} {:>10} {:>10} {:>10}", "", "p50 idle", "p50 train", "p95 idle", "p95 train");
    for (name, idle, training) in [
        ("live picture, ms", &mut idle.picture_ms, &mut training.picture_ms),
        ("pointer event, µs", &mut idle.event_us, &mut training.event_us),
    ] {
        let [p50, p95] = [0.5, 0.95].map(|part| [percentile(idle, part), percentile(training, part)]);
        println!(
            "{name:<28} {:>10.2} {:>10.2} {:>10.2} {:>10.2}   p95 ratio {:.2}",
            p50[0],
            p50[1],
            p95[0],
            p95[1],
            p95[1] / p95[0]
        );
    }
    Ok(())
}

#[derive(Default)]
struct Figures {
    /// From the request to the picture, as the editor sees it.
    picture_ms: Vec<f64>,
    /// One pointer event in the editor.
    event_us: Vec<f64>,
}

fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

struct Bench {
    engine: EngineHandle,
    trainer: TrainerHandle,
    editor: EditorState,
    generation: u64,
}

impl Bench {
    fn start(device: DeviceChoice, folder: &Path, batch: usize) -> anyhow::Result<Self> {
        let taxonomy = Taxonomy::builtin("portrait").context("the taxonomy portrait is missing")?;
        let mut editor = EditorState::new(taxonomy.clone(), 1);
        editor.document = default_snapshot(&taxonomy, MASK_PX);
        apply(&mut editor, Command::SetBrushSize(64.0));
        // As in the editor: on a GPU pictures and training have a device each.
        let shared = SharedGpu::open(device)?;
        let on_gpu = shared.is_some();
        let gpu = shared.map(|shared| WindowGpu { shared, draws_window: false, choice: device });
        let mut engine = EngineHandle::start(gpu.map_or(EngineDevice::Own(device), EngineDevice::from), || {});
        engine.send(EngineCommand::LoadModel(ModelRef::Bundled("portrait".to_owned())));
        let mut trainer = TrainerHandle::start(TrainerOptions { device, window_has_gpu: on_gpu, state: None }, || {});
        trainer.send(TrainCommand::Start(Box::new(RunSpec {
            folder: folder.join("run"),
            data: "procedural:outfit".to_owned(),
            options: OpenOptions::default(),
            config: TrainConfig { steps: 1_000_000, batch, discriminator_width: 32, ..TrainConfig::default() },
            start: RunStart::FineTune(FineTune { critic_warmup: 1, ..FineTune::of("outfit") }),
            name: "bench".to_owned(),
            title: "bench".to_owned(),
            license: "none".to_owned(),
            cadence: Cadence { checkpoint_every: 0, sample_every: 0, ..Cadence::default() },
        })));
        let mut bench = Self { engine, trainer, editor, generation: 0 };
        bench.await_event(|event| matches!(event, TrainEvent::Started(_)))?;
        bench.picture()?;
        if on_gpu {
            bench.await_gpu()?;
        }
        // Kernels are chosen in the first steps.
        bench.steps_per_s()?;
        Ok(bench)
    }

    fn await_gpu(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.engine.poll_event() {
                Some(EngineEvent::DeviceReady { is_gpu: true, .. }) => return Ok(()),
                Some(EngineEvent::MovedToCpu { reason }) => bail!("{reason}"),
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
        bail!("the engine does not reach the GPU")
    }

    /// Orders a pause or its end, and waits until it is obeyed.
    fn train(&mut self, command: TrainCommand) -> anyhow::Result<()> {
        self.trainer.send(command);
        self.await_event(|event| matches!(event, TrainEvent::Paused | TrainEvent::Resumed))
    }

    fn await_event(&mut self, wanted: impl Fn(&TrainEvent) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.trainer.poll_event() {
                Some(TrainEvent::NotStarted { message } | TrainEvent::Panicked { message }) => bail!("{message}"),
                Some(TrainEvent::Ended { end, .. }) => bail!("the run ended: {end:?}"),
                Some(event) if wanted(&event) => return Ok(()),
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(1)),
            }
        }
        bail!("the trainer thread does not answer")
    }

    fn steps_per_s(&self) -> anyhow::Result<f64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.trainer.poll_progress() {
                Some(progress) if progress.steps_per_s > 0.0 => return Ok(progress.steps_per_s),
                _ if Instant::now() > deadline => bail!("no step was finished"),
                _ => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// A stretch: strokes, and after each a picture of what it changed.
    fn measure(&mut self, figures: &mut Figures) -> anyhow::Result<()> {
        let n_labels = self.editor.taxonomy.n_labels();
        for number in 0..PICTURES {
            apply(&mut self.editor, Command::SelectLabel((number % n_labels) as u8));
            for index in 0..EVENTS_PER_STROKE {
                let at = spiral(index as f32 / EVENTS_PER_STROKE as f32, number);
                let event = match index {
                    0 => PointerEvent::Press { at, extend: false, constrain: false },
                    _ if index + 1 == EVENTS_PER_STROKE => PointerEvent::Release { at },
                    _ => PointerEvent::Move { at, constrain: false },
                };
                let began = Instant::now();
                apply(&mut self.editor, Command::Pointer(event, PointerModifiers::default()));
                figures.event_us.push(began.elapsed().as_secs_f64() * 1e6);
            }
            figures.picture_ms.push(self.picture()?);
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Milliseconds from a request of another mask to its picture.
    fn picture(&mut self) -> anyhow::Result<f64> {
        self.generation += 1;
        let labels = self.editor.document.labels.clone();
        let attributes = self.editor.document.attributes.clone().into();
        let latent = LatentState { seed: self.generation, ..LatentState::default() };
        let began = Instant::now();
        self.engine.submit(LiveRequest { generation: self.generation, labels, attributes, latent });
        loop {
            if let Some(frame) = self.engine.poll_frame()
                && frame.generation == self.generation
            {
                return Ok(began.elapsed().as_secs_f64() * 1e3);
            }
            while let Some(event) = self.engine.poll_event() {
                if let EngineEvent::RenderFailed { message, .. } = event {
                    bail!("{message}");
                }
            }
            if began.elapsed() > PATIENCE {
                bail!("the engine does not answer");
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
}

fn spiral(t: f32, number: usize) -> Point {
    let (sin, cos) = (t * 25.0 + number as f32).sin_cos();
    Point::new(256.0 + 200.0 * t * cos, 256.0 + 200.0 * t * sin)
}
