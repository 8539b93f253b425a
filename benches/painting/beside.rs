//! Painting with a live engine, alone and with the wall of variations, the obedience overlay or both open: does what is
//! drawn in the background delay the brush or its picture? Stretches without and with them take turns.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use scgan::editor::{
    Action, Command, EditorState, Effect, FilesCommand, ModelSummary, PointerModifiers, VariationCommand, apply,
};
use scgan::engine::{EngineEvent, EngineHandle, ModelRef};
use scgan::gpu::DeviceChoice;
use scgan::taxonomy::Taxonomy;

use super::{BRUSH_PX, columns, editor, report, spiral, stroke};

const ROUNDS: usize = 5;
const STROKES: usize = 16;
/// Between two pointer events, as of a mouse.
const EVENT_TIME: Duration = Duration::from_millis(8);
/// Between two strokes: sometimes nothing else has begun, sometimes the wall is half drawn.
const PAUSE_MS: std::ops::Range<u64> = 50..900;
const LOOK: Duration = Duration::from_micros(300);
const PATIENCE: Duration = Duration::from_secs(120);

/// What is open beside the canvas.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) wall: bool,
    pub(super) obedience: bool,
}

#[derive(Default)]
struct Figures {
    /// The editor's part of a pointer event.
    event_us: Vec<f64>,
    /// From the first event of a stroke, after a rest, to its picture.
    first_us: Vec<f64>,
    /// From a request to its picture, of all that were answered while painting.
    picture_us: Vec<f64>,
    tiles: usize,
    comparisons: usize,
}

pub(super) fn run(taxonomy: &Taxonomy, open: Open) -> anyhow::Result<()> {
    let mut desk = Desk::start(taxonomy)?;
    let (mut alone, mut beside) = (Figures::default(), Figures::default());
    desk.paint(&mut Figures::default())?;
    for _ in 0..ROUNDS {
        desk.paint(&mut alone)?;
        desk.toggle(open);
        desk.paint(&mut beside)?;
        desk.toggle(open);
    }
    let what = [(open.wall, "wall"), (open.obedience, "obedience")];
    let what: Vec<&str> = what.into_iter().filter(|(open, _)| *open).map(|(_, name)| name).collect();
    println!("{}: {ROUNDS} stretches of {STROKES} strokes each; «with» is with {}", desk.device, what.join(" and "));
    println!("meanwhile {} tiles were drawn and {} pictures compared", beside.tiles, beside.comparisons);
    println!("{:<40}{}", "µs", columns());
    for (name, figures) in [("alone", alone), ("with", beside)] {
        report(&format!("pointer event, {name}"), figures.event_us);
        report(&format!("first picture of a stroke, {name}"), figures.first_us);
        report(&format!("all pictures while painting, {name}"), figures.picture_us);
    }
    Ok(())
}

/// The editor and its engine, as the window ties them together.
struct Desk {
    state: EditorState,
    engine: EngineHandle,
    device: String,
    rng: Pcg32,
    began: Instant,
    /// Requests that are not answered yet, oldest first.
    asked: VecDeque<(u64, Instant)>,
    strokes: usize,
}

impl Desk {
    fn start(taxonomy: &Taxonomy) -> anyhow::Result<Self> {
        let mut engine = EngineHandle::start(DeviceChoice::Cpu, || {});
        let model = ModelRef::Bundled(taxonomy.name.clone());
        engine.send(scgan::engine::EngineCommand::LoadModel(model));
        let mut desk = Self {
            state: editor(taxonomy, 512),
            engine,
            device: String::new(),
            rng: Pcg32::seed_from_u64(5),
            began: Instant::now(),
            asked: VecDeque::new(),
            strokes: 0,
        };
        let mut unused = Figures::default();
        while desk.state.live.frame.is_none() {
            desk.frame(&mut unused)?;
            if desk.began.elapsed() > PATIENCE {
                bail!("the engine does not answer");
            }
        }
        desk.device = desk.state.model.device.clone().context("the engine names no device")?;
        Ok(desk)
    }

    fn toggle(&mut self, open: Open) {
        for (open, action) in [(open.wall, Action::PanelVariations), (open.obedience, Action::ToggleObedience)] {
            if open {
                self.command(Command::Do(action));
            }
        }
    }

    fn command(&mut self, command: Command) {
        let effects = apply(&mut self.state, command);
        let render = effects.iter().any(|effect| matches!(effect, Effect::Render));
        for effect in effects {
            match effect {
                Effect::Engine(command) => self.engine.send(command),
                Effect::DrawWall(wall) => self.engine.draw_wall(*wall),
                _ => {}
            }
        }
        if let Some(request) = self.state.live_request().filter(|_| render) {
            self.asked.push_back((request.generation, Instant::now()));
            self.engine.submit(request);
        }
    }

    /// What the window does every frame, but for the drawing. Answers with the generation of a picture that came.
    fn frame(&mut self, figures: &mut Figures) -> anyhow::Result<Option<u64>> {
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::ModelLoaded { model, card, directions } => {
                    self.command(Command::ModelLoaded(Box::new(ModelSummary::new(model, *card, directions))));
                }
                EngineEvent::DeviceReady { description, .. } => self.command(Command::DeviceReady(description)),
                EngineEvent::WallDrawn { number, pictures } => {
                    figures.tiles += pictures.len();
                    self.command(Command::Variation(VariationCommand::Drawn { number, pictures }));
                }
                EngineEvent::WallFailed { message, .. }
                | EngineEvent::RenderFailed { message, .. }
                | EngineEvent::LoadFailed { message }
                | EngineEvent::Panicked { message } => bail!("{message}"),
                _ => {}
            }
        }
        if let Some(obedience) = self.engine.poll_obedience() {
            figures.comparisons += 1;
            self.command(Command::ObedienceArrived(obedience));
        }
        let frame = self.engine.poll_frame();
        let generation = frame.as_ref().map(|frame| frame.generation);
        if let (Some(frame), Some(generation)) = (frame, generation) {
            while let Some((asked, at)) = self.asked.pop_front_if(|(asked, _)| *asked <= generation) {
                if asked == generation {
                    figures.picture_us.push(at.elapsed().as_secs_f64() * 1e6);
                }
            }
            self.command(Command::FrameArrived(frame));
        }
        self.command(Command::Files(FilesCommand::Tick(self.began.elapsed())));
        Ok(generation)
    }

    /// Frames for a while.
    fn rest(&mut self, time: Duration, figures: &mut Figures) -> anyhow::Result<()> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.frame(figures)?;
            thread::sleep(LOOK);
        }
        Ok(())
    }

    fn paint(&mut self, figures: &mut Figures) -> anyhow::Result<()> {
        for _ in 0..STROKES {
            self.strokes += 1;
            let label = (self.strokes % self.state.taxonomy.n_labels()) as u8;
            self.command(Command::SelectLabel(label));
            self.command(Command::SetBrushSize(BRUSH_PX));
            let pause = Duration::from_millis(self.rng.random_range(PAUSE_MS));
            // What comes of a rest is not a picture of a stroke.
            let mut resting = Figures::default();
            self.rest(pause, &mut resting)?;
            figures.tiles += resting.tiles;
            figures.comparisons += resting.comparisons;
            let turn = self.rng.random_range(0.2..1.0);
            let mut first = None;
            for event in stroke(|t| spiral(t * turn)) {
                let began = Instant::now();
                let generation = self.state.live.wanted;
                self.command(Command::Pointer(event, PointerModifiers::default()));
                figures.event_us.push(began.elapsed().as_secs_f64() * 1e6);
                if first.is_none() && self.state.live.wanted > generation {
                    first = Some((self.state.live.wanted, began, false));
                }
                let until = began + EVENT_TIME;
                while Instant::now() < until {
                    let came = self.frame(figures)?;
                    if let Some((wanted, began, seen)) = &mut first
                        && !*seen
                        && came.is_some_and(|came| came >= *wanted)
                    {
                        figures.first_us.push(began.elapsed().as_secs_f64() * 1e6);
                        *seen = true;
                    }
                    thread::sleep(LOOK);
                }
            }
        }
        Ok(())
    }
}
