//! No frame waits for the engine: it stands still and the window goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use eframe::egui::Ui;
use egui_kittest::Harness;

use super::*;
use crate::document::Point;
use crate::document::tools::PointerEvent;
use crate::editor::{LiveStatus, PointerModifiers};
use crate::engine::gated::{Gate, gated_engine};

/// What the window is made of, without a graphics card.
struct Editor {
    state: EditorState,
    engine: EngineHandle,
    commands: Vec<Command>,
    frames: usize,
}

impl Editor {
    /// One frame, in the order of [`App`].
    fn frame(&mut self, ui: &mut Ui) {
        self.commands.extend(std::iter::from_fn(|| self.engine.poll_event()).map(command_from));
        self.commands.extend(self.engine.poll_frame().map(Command::FrameArrived));
        self.commands.push(Command::Files(FilesCommand::Tick(Duration::from_millis(self.frames as u64))));
        self.apply_commands();
        ui::show(ui, &self.state, &mut self.commands);
        self.apply_commands();
        self.frames += 1;
    }

    fn apply_commands(&mut self) {
        let commands = std::mem::take(&mut self.commands).into_iter();
        let effects: Vec<Effect> = commands.flat_map(|command| apply(&mut self.state, command)).collect();
        let render = effects.iter().any(|effect| matches!(effect, Effect::Render));
        for effect in effects {
            if let Effect::DrawWall(wall) = effect {
                self.engine.draw_wall(*wall);
            }
        }
        if render && let Some(request) = self.state.live_request() {
            self.engine.submit(request);
        }
    }
}

fn window() -> (Harness<'static, Editor>, Gate) {
    let (engine, gate) = gated_engine(|| {});
    let taxonomy = Taxonomy::builtin(FIRST_MODEL).unwrap();
    let summary = ModelSummary {
        reference: ModelRef::Bundled(FIRST_MODEL.to_owned()),
        name: FIRST_MODEL.to_owned(),
        title: FIRST_MODEL.to_owned(),
        taxonomy: taxonomy.clone(),
        resolution: 128,
        license: String::new(),
        n_z: 64,
        provenance: crate::model::Provenance::default(),
        direction_names: Default::default(),
        hash: String::new(),
        directions: vec![1.0; 12],
        has_segmentor: true,
    };
    let commands = vec![Command::ModelLoaded(Box::new(summary))];
    let editor = Editor { state: EditorState::new(taxonomy, 1), engine, commands, frames: 0 };
    let harness = Harness::builder()
        .with_size([1360.0, 860.0])
        .with_context_setup(ui::theme::install)
        .build_ui_state(|ui, editor: &mut Editor| editor.frame(ui), editor);
    (harness, gate)
}

fn run_until(window: &mut Harness<'_, Editor>, mut done: impl FnMut(&Editor) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done(window.state()) {
        assert!(Instant::now() < deadline, "nothing happened for 30 s");
        window.step();
    }
}

#[test]
fn frames_go_on_and_painting_applies_while_the_engine_stands_still() {
    let (mut window, gate) = window();
    run_until(&mut window, |_| gate.begun().len() == 1);
    let before = window.state().frames;
    let mut masks = vec![window.state().state.document.labels.clone()];
    for stroke in 0..20 {
        let from = Point::new(20.0 + 20.0 * stroke as f32, 30.0);
        let to = Point::new(from.x, 480.0);
        let none = PointerModifiers::default();
        let commands = &mut window.state_mut().commands;
        commands.push(Command::SelectLabel(1 + stroke % 3));
        commands.push(Command::Pointer(PointerEvent::Press { at: from, extend: false, constrain: false }, none));
        commands.push(Command::Pointer(PointerEvent::Move { at: to, constrain: false }, none));
        commands.push(Command::Pointer(PointerEvent::Release { at: to }, none));
        window.step();
        let editor = window.state();
        assert_eq!(editor.state.live_status(), LiveStatus::Rendering);
        assert!(editor.engine.is_busy());
        assert!(*masks.last().unwrap() != editor.state.document.labels, "stroke {stroke} did not paint");
        masks.push(editor.state.document.labels.clone());
    }
    assert!(window.state().frames >= before + 20);
    assert!(window.state().state.live.frame.is_none());
    assert_eq!(gate.begun().len(), 1, "the engine never got out of its first picture");

    // Both the stuck picture and the newest request come; none in between is rendered.
    gate.let_one_through();
    gate.let_one_through();
    run_until(&mut window, |editor| matches!(editor.state.live_status(), LiveStatus::UpToDate { .. }));
    let begun = gate.begun();
    assert_eq!(begun.len(), 2, "a request that a newer one had replaced was rendered");
    let editor = window.state();
    assert_eq!(begun[1].generation, editor.state.live.wanted);
    assert_eq!(begun[1].labels, editor.state.document.labels);
    assert!(!editor.engine.is_busy());
}

#[test]
fn a_paused_editor_asks_for_nothing_and_catches_up_when_it_goes_on() {
    let (mut window, gate) = window();
    gate.let_one_through();
    run_until(&mut window, |editor| matches!(editor.state.live_status(), LiveStatus::UpToDate { .. }));
    window.state_mut().commands.push(Command::Do(crate::editor::Action::ToggleLive));
    for seed in 0..5 {
        window.state_mut().commands.push(Command::SetSeed(100 + seed));
        window.step();
        assert_eq!(window.state().state.live_status(), LiveStatus::Paused);
    }
    assert_eq!(gate.begun().len(), 1);
    window.state_mut().commands.push(Command::Do(crate::editor::Action::ToggleLive));
    gate.let_one_through();
    run_until(&mut window, |editor| matches!(editor.state.live_status(), LiveStatus::UpToDate { .. }));
    assert_eq!(gate.begun().last().unwrap().latent.seed, 104);
}

#[test]
fn painting_goes_on_beside_a_wall_that_stands_still_and_overtakes_it() {
    let (mut window, gate) = window();
    gate.let_one_through();
    run_until(&mut window, |editor| matches!(editor.state.live_status(), LiveStatus::UpToDate { .. }));
    window.state_mut().commands.push(Command::Do(crate::editor::Action::PanelVariations));
    run_until(&mut window, |_| gate.walls_begun() == 1);
    let before = window.state().frames;
    for stroke in 0..5 {
        let labels = window.state().state.document.labels.clone();
        // Above the head, where no stroke meets its own label.
        let at = Point::new(60.0 + 70.0 * stroke as f32, 20.0);
        let none = PointerModifiers::default();
        let commands = &mut window.state_mut().commands;
        commands.push(Command::SelectLabel(1 + stroke % 3));
        commands.push(Command::Pointer(PointerEvent::Press { at, extend: false, constrain: false }, none));
        commands.push(Command::Pointer(PointerEvent::Release { at }, none));
        window.step();
        assert!(window.state().state.document.labels != labels, "stroke {stroke} did not paint");
    }
    assert!(window.state().frames >= before + 5);
    assert_eq!((gate.begun().len(), gate.walls_begun()), (1, 1), "the engine is still at its first tile");

    // One tile, and the newest picture is next.
    gate.let_one_through();
    gate.let_one_through();
    run_until(&mut window, |editor| matches!(editor.state.live_status(), LiveStatus::UpToDate { .. }));
    assert_eq!(gate.begun()[1].labels, window.state().state.document.labels);
    // Only then the wall goes on, with the mask as it is now.
    run_until(&mut window, |_| gate.walls_begun() == 2);
    assert_eq!(gate.begun().len(), 2);
}
