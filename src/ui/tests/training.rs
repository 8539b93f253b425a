//! The training panel in its main states.

use image::RgbImage;

use super::names::assert_named;
use super::*;
use crate::data::doctor::Preview;
use crate::data::{SampleSource as _, procedural};
use crate::editor::{Panel as Place, RunPhase, TrainingCommand, TrainingTab};
use crate::train::{LogRow, Losses, TrainConfig};
use crate::training::{ActiveRun, Checked, ProbePicture, RunEnd, RunFacts, TrainEvent, TrainProgress, tests_support};

fn training(state: &mut EditorState, command: TrainingCommand) {
    apply(state, Command::Training(command));
}

fn event(state: &mut EditorState, event: TrainEvent) {
    training(state, TrainingCommand::Event(Box::new(event)));
}

fn with_panel(tab: TrainingTab) -> EditorState {
    let mut state = loaded_editor();
    apply(&mut state, Command::Do(Action::PanelTraining));
    assert!(state.dock().shows(Place::Training));
    let files = IoDone::TrainingFiles { runs_folder: "/runs".into(), runs: Vec::new(), models: Vec::new() };
    apply(&mut state, Command::Io(files));
    training(&mut state, TrainingCommand::ShowTab(tab));
    state
}

fn report(n_problems: usize) -> Box<Checked> {
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let mut report = tests_support::report(&taxonomy);
    report.n_problems = n_problems;
    report.problems = (0..n_problems).map(tests_support::problem).collect();
    report.previews = (0..8).map(preview).collect();
    Box::new(Checked { data: "/data/pairs".to_owned(), report, taxonomy: Some(taxonomy) })
}

fn preview(number: usize) -> Preview {
    let (image, mask) = drawn(number);
    Preview { name: number.to_string(), image, mask, attributes: Vec::new() }
}

/// A drawn portrait with its mask.
fn drawn(number: usize) -> (RgbImage, RgbImage) {
    let source = procedural::source(procedural::Kind::Portrait, 3);
    let sample = source.sample(number, 64).unwrap();
    (sample.image, sample.labels.to_rgb(source.taxonomy()))
}

fn checked(n_problems: usize) -> EditorState {
    let mut state = with_panel(TrainingTab::Data);
    training(&mut state, TrainingCommand::TypeData("/data/pairs".to_owned()));
    apply(&mut state, Command::Do(Action::CheckData));
    event(&mut state, TrainEvent::Checked { id: 1, checked: report(n_problems) });
    state
}

fn running(tab: TrainingTab) -> EditorState {
    let mut state = checked(0);
    apply(&mut state, Command::Do(Action::PinCanvas));
    apply(&mut state, Command::Do(Action::StartTraining));
    let row = |step: u64| LogRow {
        step,
        losses: Losses { discriminator: Some(-3.0), generator: Some((step as f32).sin()), ..Losses::default() },
        ..LogRow::default()
    };
    let checkpoints = [10, 20, 30].map(tests_support::checkpoint).to_vec();
    event(
        &mut state,
        TrainEvent::Started(Box::new(RunFacts {
            folder: "/runs/pairs".into(),
            name: "pairs-tuned".to_owned(),
            title: "Pairs".to_owned(),
            data: "/data/pairs".to_owned(),
            device: "CPU (2 threads)".to_owned(),
            step: 30,
            steps: 100,
            config: TrainConfig::default(),
            taxonomy: Taxonomy::builtin("portrait").unwrap(),
            log: (1..=30).map(row).collect(),
            checkpoints,
            notes: vec!["hat is new: it starts from noise".to_owned()],
        })),
    );
    let progress = TrainProgress {
        step: 31,
        steps: 100,
        warm_up: None,
        steps_per_s: 0.5,
        images_per_s: 4.0,
        eta_s: Some(140.0),
        memory_bytes: Some(900 << 20),
        disk_bytes: 36_000_000,
    };
    training(&mut state, TrainingCommand::Progress(progress));
    let probe = state.training.probes.pinned[0].id;
    let picture = |step: u64| ProbePicture {
        probe,
        step,
        width: 64,
        height: 64,
        rgba: drawn(step as usize).0.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect(),
    };
    event(&mut state, TrainEvent::Pictures([10, 20, 30].map(picture).to_vec()));
    training(&mut state, TrainingCommand::ShowTab(tab));
    state
}

fn failed() -> EditorState {
    let mut state = running(TrainingTab::Progress);
    let end = RunEnd::Failed("training diverged: generator became NaN at step 31".to_owned());
    event(&mut state, TrainEvent::Ended { end, step: 31 });
    state
}

fn interrupted() -> EditorState {
    let mut state = with_panel(TrainingTab::Progress);
    let run = ActiveRun {
        folder: "/runs/left".into(),
        name: "left".to_owned(),
        data: "/data/left".to_owned(),
        step: 40,
        steps: 100,
    };
    event(&mut state, TrainEvent::Interrupted(run));
    state
}

fn open(state: EditorState, size: [f32; 2]) -> Harness<'static, Window> {
    let mut window = window(state, size, Theme::Dark);
    window.run_steps(4);
    window
}

/// States that show every kind of control of the panel.
pub(super) fn states() -> Vec<(&'static str, EditorState)> {
    let mut checking = with_panel(TrainingTab::Data);
    training(&mut checking, TrainingCommand::TypeData("/data/pairs".to_owned()));
    apply(&mut checking, Command::Do(Action::CheckData));
    let mut comparing = running(TrainingTab::Probes);
    training(&mut comparing, TrainingCommand::Compare(Some(10)));
    vec![
        ("empty data", with_panel(TrainingTab::Data)),
        ("empty settings", with_panel(TrainingTab::Settings)),
        ("empty progress", with_panel(TrainingTab::Progress)),
        ("empty probes", with_panel(TrainingTab::Probes)),
        ("checking", checking),
        ("checked", checked(0)),
        ("problems", checked(30)),
        ("running", running(TrainingTab::Progress)),
        ("probes", running(TrainingTab::Probes)),
        ("comparing", comparing),
        ("failed", failed()),
        ("interrupted", interrupted()),
    ]
}

#[test]
fn every_control_has_a_name_in_every_state_of_training() {
    for size in [[1360.0, 860.0], [900.0, 600.0]] {
        for (name, state) in states() {
            assert_named(&open(state, size), name);
        }
    }
}

#[test]
fn the_empty_panel_says_what_to_do() {
    let window = open(with_panel(TrainingTab::Data), [1360.0, 860.0]);
    assert!(window.query_by_label_contains("Choose a folder with images and masks").is_some());
    let check = window.get_by_role_and_label(Role::Button, "Check");
    assert!(check.accesskit_node().is_disabled(), "there is nothing to check");
    let window = open(with_panel(TrainingTab::Probes), [1360.0, 860.0]);
    assert!(window.query_by_label_contains("Pin the canvas to watch it learn").is_some());
}

#[test]
fn a_report_lists_problems_and_balance() {
    let window = open(checked(3), [1360.0, 1400.0]);
    assert!(window.query_by_label("3 problems").is_some());
    assert!(window.query_by_label_contains("masks/2.png: label 255").is_some());
    assert!(window.query_by_label_contains("Hair: ").is_some(), "the histogram is read out");
}

#[test]
fn a_run_can_be_paused_and_stopped_from_the_panel() {
    let mut window = open(running(TrainingTab::Progress), [1360.0, 860.0]);
    assert!(window.query_by_label_contains("31 of 100").is_some());
    assert!(window.query_by_label_contains("0.50 steps/s, 4.0 images/s").is_some());
    window.get_by_role_and_label(Role::Button, "Pause").click_accesskit();
    window.run_steps(2);
    assert!(window.state().commands.iter().any(|c| matches!(c, Command::Do(Action::PauseTraining))));
    event(&mut window.state_mut().state, TrainEvent::Paused);
    window.run_steps(2);
    assert!(window.query_by_role_and_label(Role::Button, "Resume").is_some());
    window.get_by_role_and_label(Role::Button, "Stop").click_accesskit();
    window.run_steps(2);
    assert_eq!(window.state().state.training.run.phase, RunPhase::Stopping);
    let delete = window.get_by_role_and_label(Role::Button, "Delete: step 30");
    assert!(delete.accesskit_node().is_disabled(), "the run goes on from it");
    window.get_by_role_and_label(Role::Button, "Show in canvas: step 20").click_accesskit();
    window.run_steps(2);
    assert!(window.state().state.model.loading.is_some());
}

#[test]
fn a_failed_run_says_why_and_can_be_continued() {
    let mut window = open(failed(), [1360.0, 860.0]);
    assert!(window.query_by_label_contains("training diverged").is_some());
    window.get_by_role_and_label(Role::Button, "Continue this run").click_accesskit();
    window.run_steps(2);
    assert_eq!(window.state().state.training.run.phase, RunPhase::Starting);
    let mut window = open(interrupted(), [1360.0, 860.0]);
    window.get_by_role_and_label(Role::Button, "Continue").click_accesskit();
    window.run_steps(2);
    assert_eq!(window.state().state.training.run.phase, RunPhase::Starting);
}

#[test]
fn training_time_is_scrubbed_and_compared() {
    let mut window = open(running(TrainingTab::Probes), [1360.0, 860.0]);
    window.get_by_role_and_label(Role::Slider, "Training time").set_value_accesskit(0.0);
    window.run_steps(2);
    assert_eq!(window.state().state.training.probes.at, Some(10));
    window.get_by_role_and_label(Role::RadioButton, "Checkpoint of step 20").click_accesskit();
    window.run_steps(2);
    window.get_by_role_and_label(Role::RadioButton, "Compare").click_accesskit();
    window.run_steps(2);
    let probes = &window.state().state.training.probes;
    assert_eq!((probes.at, probes.compare), (Some(20), Some(10)));
    let divider = window.get_by_role_and_label(Role::Slider, "Divider between two checkpoints");
    let at = divider.rect().left_center() + egui::vec2(divider.rect().width() * 0.25, 0.0);
    window.hover_at(at);
    window.drag_at(at);
    window.run_steps(1);
    window.drop_at(at);
    window.run_steps(2);
    let wipe = window.state().state.training.probes.wipe;
    assert!((wipe - 0.25).abs() < 0.03, "{wipe}");
}

#[test]
fn settings_change_the_run() {
    let mut window = open(with_panel(TrainingTab::Settings), [1360.0, 1500.0]);
    assert!(window.query_by_label_contains("«Drawn portraits»").is_some());
    window.get_by_role_and_label(Role::RadioButton, "From scratch").click_accesskit();
    window.run_steps(2);
    window.get_by_role_and_label(Role::RadioButton, "Medium").click_accesskit();
    window.run_steps(2);
    window.get_by_label("Advanced").click_accesskit();
    window.run_steps(10);
    window.get_by_role_and_label(Role::CheckBox, "Without segmentor").click_accesskit();
    window.run_steps(2);
    let settings = &window.state().state.training.settings;
    assert_eq!((settings.config.resolution, settings.config.lambda_seg, settings.preset), (128, 0.0, None));
    assert_named(&window, "advanced");
}
