//! The training panel's commands and what the trainer thread answers, without the thread.

use std::path::Path;

use super::*;
use crate::data::Split;
use crate::data::doctor::Report;
use crate::document::LabelMap;
use crate::train::{CheckpointInfo, LogRow, Losses, RunStart, TrainConfig};
use crate::training::{
    ActiveRun, CheckProgress, Checked, ProbePicture, RunEnd, RunFacts, TrainCommand, TrainEvent, TrainProgress,
};

fn training(command: TrainingCommand) -> Command {
    Command::Training(command)
}

fn event(event: TrainEvent) -> Command {
    training(TrainingCommand::Event(Box::new(event)))
}

/// What goes to the trainer thread.
fn orders(effects: Vec<Effect>) -> Vec<TrainCommand> {
    let order = |effect| match effect {
        Effect::Train(command) => Some(command),
        _ => None,
    };
    effects.into_iter().filter_map(order).collect()
}

fn told(effects: &[Effect], kind: NoticeKind) -> Vec<&str> {
    let notice = |effect: &'_ Effect| matches!(effect, Effect::Notify(notice) if notice.kind == kind);
    let text = |effect: &'_ Effect| match effect {
        Effect::Notify(notice) => Some(notice.text.clone()),
        _ => None,
    };
    let texts = effects.iter().filter(|effect| notice(effect)).filter_map(text);
    texts.map(|text| &*Box::leak(text.into_boxed_str())).collect()
}

fn checked(data: &str, n_problems: usize) -> Box<Checked> {
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let problems = (0..n_problems).map(crate::training::tests_support::problem).collect();
    let report = Report { n_problems, problems, ..crate::training::tests_support::report(&taxonomy) };
    Box::new(Checked { data: data.to_owned(), report, taxonomy: Some(taxonomy) })
}

fn facts(folder: &str) -> Box<RunFacts> {
    Box::new(RunFacts {
        folder: folder.into(),
        name: "pairs-tuned".to_owned(),
        title: "Pairs".to_owned(),
        data: "/data/pairs".to_owned(),
        device: "CPU".to_owned(),
        step: 0,
        steps: 100,
        config: TrainConfig::default(),
        taxonomy: Taxonomy::builtin("portrait").unwrap(),
        log: Vec::new(),
        checkpoints: Vec::new(),
        notes: Vec::new(),
    })
}

fn checkpoint(step: u64) -> CheckpointInfo {
    crate::training::tests_support::checkpoint(step)
}

fn row(step: u64) -> Box<LogRow> {
    Box::new(LogRow { step, losses: Losses { generator: Some(step as f32), ..Losses::default() }, ..LogRow::default() })
}

/// An editor that knows where runs go, with a folder named.
fn ready() -> EditorState {
    let mut state = editor(40);
    let files =
        IoDone::TrainingFiles { runs_folder: "/runs".into(), runs: vec!["pairs-tuned".to_owned()], models: Vec::new() };
    apply(&mut state, Command::Io(files));
    apply(&mut state, training(TrainingCommand::TypeData("/data/pairs".to_owned())));
    state
}

/// One in which a run goes on.
fn running() -> EditorState {
    let mut state = ready();
    apply(&mut state, Command::Do(Action::StartTraining));
    apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 0) }));
    apply(&mut state, event(TrainEvent::Started(facts("/runs/pairs-tuned-2"))));
    state
}

#[test]
fn starting_checks_the_data_set_first_and_then_trains() {
    let mut state = editor(40);
    assert!(Action::StartTraining.disabled_reason(&state).is_some(), "no data set is named");
    state = ready();
    let sent = orders(apply(&mut state, Command::Do(Action::StartTraining)));
    assert!(matches!(sent.as_slice(), [TrainCommand::Check { id: 1, data, .. }] if data == "/data/pairs"), "{sent:?}");
    assert!(state.starts_after_check());
    apply(&mut state, training(TrainingCommand::CheckProgress(CheckProgress { id: 1, done: 3, of: 9 })));
    assert!(matches!(state.training.check, CheckState::Running { done: 3, of: 9, .. }));
    let sent = orders(apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 0) })));
    let [TrainCommand::Start(spec)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(spec.folder, Path::new("/runs/pairs-tuned-2"), "the first name is taken");
    assert!(matches!(&spec.start, RunStart::FineTune(tune) if tune.model == "portrait"), "{:?}", spec.start);
    assert_eq!((spec.license.as_str(), spec.title.as_str()), ("unspecified", "pairs-tuned-2"));
    assert_eq!(state.training.run.phase, RunPhase::Starting);
    apply(&mut state, event(TrainEvent::Started(facts("/runs/pairs-tuned-2"))));
    assert_eq!(state.training.run.phase, RunPhase::Running);
    assert!(orders(apply(&mut state, Command::Do(Action::StartTraining))).is_empty(), "one run at a time");
}

#[test]
fn a_data_set_with_problems_is_not_trained_on() {
    let mut state = ready();
    apply(&mut state, Command::Do(Action::StartTraining));
    apply(&mut state, training(TrainingCommand::ShowTab(TrainingTab::Settings)));
    let effects = apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 2) }));
    assert_eq!(told(&effects, NoticeKind::Error).len(), 1);
    assert!(orders(effects).is_empty());
    assert_eq!((state.training.tab, state.training.run.phase.is_active()), (TrainingTab::Data, false));
    let effects = apply(&mut state, Command::Do(Action::StartTraining));
    assert!(told(&effects, NoticeKind::Error)[0].contains("masks/0.png"));
    // Once the folder is another one, its report counts no more.
    apply(&mut state, training(TrainingCommand::TypeData("/data/other".to_owned())));
    assert!(state.training.checked().is_none());
}

#[test]
fn an_outdated_check_counts_no_more() {
    let mut state = ready();
    apply(&mut state, Command::Do(Action::CheckData));
    let sent = orders(apply(&mut state, training(TrainingCommand::TypeData("/data/b".to_owned()))));
    assert!(matches!(sent.as_slice(), [TrainCommand::CancelCheck]), "{sent:?}");
    apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 0) }));
    assert!(matches!(state.training.check, CheckState::None));
    apply(&mut state, Command::Do(Action::CheckData));
    apply(&mut state, event(TrainEvent::CheckFailed { id: 1, message: Some("old".to_owned()) }));
    assert!(matches!(state.training.check, CheckState::Running { id: 2, .. }));
    apply(&mut state, event(TrainEvent::CheckFailed { id: 2, message: Some("/data/b: nothing there".to_owned()) }));
    assert!(matches!(&state.training.check, CheckState::Failed(message) if message.contains("/data/b")));
}

#[test]
fn pause_resume_and_stop_follow_the_thread() {
    let mut state = running();
    let press = |state: &mut EditorState, action| orders(apply(state, Command::Do(action)));
    assert!(matches!(press(&mut state, Action::PauseTraining).as_slice(), [TrainCommand::Pause]));
    assert_eq!(state.training.run.phase, RunPhase::Running, "not before the thread says so");
    apply(&mut state, event(TrainEvent::Paused));
    assert_eq!(Action::PauseTraining.is_on(&state), Some(true));
    assert!(matches!(press(&mut state, Action::PauseTraining).as_slice(), [TrainCommand::Resume]));
    apply(&mut state, event(TrainEvent::Resumed));
    assert!(matches!(press(&mut state, Action::StopTraining).as_slice(), [TrainCommand::Stop]));
    apply(&mut state, event(TrainEvent::Checkpoints(vec![checkpoint(40)])));
    apply(&mut state, event(TrainEvent::Ended { end: RunEnd::Stopped, step: 40 }));
    assert!(!Action::StopTraining.is_enabled(&state) && Action::StartTraining.is_enabled(&state));
    assert_eq!(state.continuable().unwrap(), Path::new("/runs/pairs-tuned-2"));
    let sent = orders(apply(&mut state, training(TrainingCommand::ContinueLast)));
    assert!(matches!(sent.as_slice(), [TrainCommand::Continue(folder)] if folder.ends_with("pairs-tuned-2")));
}

#[test]
fn the_log_goes_on_after_a_return_to_a_checkpoint() {
    let mut state = running();
    for step in [10, 20, 30] {
        apply(&mut state, event(TrainEvent::Logged(row(step))));
    }
    apply(&mut state, event(TrainEvent::Logged(row(20))));
    let steps = |state: &EditorState| state.training.run.log.iter().map(|row| row.step).collect::<Vec<_>>();
    assert_eq!(steps(&state), [10, 20]);
    let mut resumed = facts("/runs/pairs-tuned-2");
    resumed.log = vec![*row(10)];
    apply(&mut state, event(TrainEvent::Started(resumed)));
    apply(&mut state, event(TrainEvent::Logged(row(20))));
    assert_eq!(steps(&state), [10, 20]);
    state.training.curves.smoothing = 0.0;
    let series = state.training.curves.series(&state.training.run.log);
    assert_eq!(series[0].points, [[10.0, 10.0], [20.0, 20.0]]);
}

#[test]
fn an_interrupted_run_is_offered_and_continued_or_left() {
    let left =
        ActiveRun { folder: "/runs/a".into(), name: "a".to_owned(), data: "/data/a".to_owned(), step: 30, steps: 100 };
    let mut state = ready();
    let effects = apply(&mut state, event(TrainEvent::Interrupted(left.clone())));
    assert!(told(&effects, NoticeKind::Info)[0].contains("«a»"));
    let sent = orders(apply(&mut state, training(TrainingCommand::ForgetInterrupted)));
    assert!(matches!(sent.as_slice(), [TrainCommand::Forget(folder)] if folder == Path::new("/runs/a")));
    apply(&mut state, event(TrainEvent::Interrupted(left)));
    let sent = orders(apply(&mut state, training(TrainingCommand::ContinueInterrupted)));
    assert!(matches!(sent.as_slice(), [TrainCommand::Continue(folder)] if folder == Path::new("/runs/a")));
    assert!(state.training.interrupted.is_none() && state.training.run.phase == RunPhase::Starting);
}

#[test]
fn pinned_canvases_get_their_pictures_and_can_be_compared() {
    let mut state = running();
    let sent = orders(apply(&mut state, Command::Do(Action::PinCanvas)));
    let [TrainCommand::SetProbes(probes)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(probes[0].labels, state.document.labels);
    let id = probes[0].id;
    for _ in 1..PROBES_MAX {
        apply(&mut state, Command::Do(Action::PinCanvas));
    }
    assert!(Action::PinCanvas.disabled_reason(&state).is_some());
    assert!(orders(apply(&mut state, Command::Do(Action::PinCanvas))).is_empty());

    let picture =
        |step| ProbePicture { probe: id, step, width: 1, height: 1, rgba: vec![step as u8, 0, 0, 255].into() };
    apply(&mut state, event(TrainEvent::Checkpoints(vec![checkpoint(10), checkpoint(20)])));
    apply(&mut state, event(TrainEvent::Pictures(vec![picture(10), picture(20)])));
    apply(&mut state, training(TrainingCommand::SelectProbe(id)));
    let probes = &state.training.probes;
    assert_eq!((probes.current().unwrap().id, probes.steps(id)), (id, vec![10, 20]));
    assert_eq!((probes.shown_step(&[10, 20]), state.training.selected_checkpoint()), (Some(20), Some(20)));
    apply(&mut state, training(TrainingCommand::SelectCheckpoint(10)));
    apply(&mut state, training(TrainingCommand::Compare(Some(20))));
    apply(&mut state, training(TrainingCommand::SetWipe(7.0)));
    assert_eq!(state.training.selected_checkpoint(), Some(10));
    assert!((0.9..1.0).contains(&state.training.probes.wipe));
    apply(&mut state, training(TrainingCommand::Unpin(id)));
    assert!(state.training.probes.steps(id).is_empty());
    assert_eq!(state.training.probes.pinned.len(), PROBES_MAX - 1);
}

#[test]
fn a_checkpoint_is_shown_kept_followed_and_deleted() {
    let mut state = running();
    apply(&mut state, event(TrainEvent::Checkpoints(vec![checkpoint(10), checkpoint(20)])));
    let loaded = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Engine(EngineCommand::LoadModel(ModelRef::File(path))) => Some(path.clone()),
            _ => None,
        })
    };
    let document = state.document.clone();
    let shown = apply(&mut state, training(TrainingCommand::ShowInCanvas(10)));
    assert_eq!(loaded(&shown), Some(checkpoint(10).model));
    let gone = apply(&mut state, training(TrainingCommand::ShowInCanvas(11)));
    assert!(loaded(&gone).is_none() && told(&gone, NoticeKind::Info).len() == 1);

    let kept = apply(&mut state, Command::Do(Action::UseCheckpoint));
    let chore = kept.iter().find_map(|effect| match effect {
        Effect::Chore(Chore::KeepModel { from, name }) => Some((from.clone(), name.clone())),
        _ => None,
    });
    assert_eq!(chore, Some((checkpoint(20).model, "pairs-tuned-20".to_owned())));
    let kept = apply(&mut state, Command::Io(IoDone::ModelKept("/models/pairs-tuned-20.safetensors".into())));
    assert_eq!(loaded(&kept), Some("/models/pairs-tuned-20.safetensors".into()));

    apply(&mut state, Command::Do(Action::FollowTraining));
    let followed = apply(&mut state, event(TrainEvent::Checkpoints(vec![checkpoint(20), checkpoint(30)])));
    assert_eq!(loaded(&followed), Some(checkpoint(30).model));
    let thinned = apply(&mut state, event(TrainEvent::Checkpoints(vec![checkpoint(30)])));
    assert!(loaded(&thinned).is_none(), "it is the newest already");
    let sent = orders(apply(&mut state, training(TrainingCommand::DeleteCheckpoint(20))));
    assert!(matches!(sent.as_slice(), [TrainCommand::DeleteCheckpoint(20)]));
    assert_eq!(state.document, document);
}

#[test]
fn a_fault_of_the_trainer_leaves_the_document_alone() {
    let mut state = running();
    stroke(&mut state, &[(5.0, 5.0), (90.0, 9.0)]);
    let document = state.document.clone();
    let effects = apply(&mut state, event(TrainEvent::Panicked { message: "index out of bounds".to_owned() }));
    assert!(told(&effects, NoticeKind::Error)[0].contains("index out of bounds"));
    let end = RunEnd::Failed("a fault of the program".to_owned());
    apply(&mut state, event(TrainEvent::Ended { end: end.clone(), step: 3 }));
    assert_eq!(state.training.run.phase, RunPhase::Ended(end));
    assert!(state.document == document && state.history.can_undo());
    assert!(Action::StartTraining.is_enabled(&state));
    apply(&mut state, training(TrainingCommand::Progress(TrainProgress { step: 3, ..TrainProgress::default() })));
}

/// The pair that goes to the io thread, and where.
fn pair(effects: Vec<Effect>) -> Option<(Option<std::path::PathBuf>, PairPicture, crate::label_image::LabelImage)> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Io(IoJob { path, task: IoTask::AddPair { picture, labels, .. } }) => Some((path, picture, labels)),
        _ => None,
    })
}

#[test]
fn a_pair_is_the_result_or_the_tracing_photo_with_its_mask() {
    let mut state = ready();
    let effects = apply(&mut state, Command::Do(Action::AddPair));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Engine(EngineCommand::ReadPicture(_)))));
    let asked = state.document.labels.to_image();
    // What is painted meanwhile does not belong to the picture.
    apply(&mut state, Command::Do(Action::New));
    state.document.labels = LabelMap::new(32, 32, 2);
    let pixels = PicturePixels { width: 1, height: 1, rgba: vec![0; 4].into() };
    let (path, picture, labels) = pair(apply(&mut state, Command::PictureRead(pixels))).unwrap();
    assert!(path.is_none() && matches!(picture, PairPicture::Result(_)) && labels == asked);

    let added = IoDone::PairAdded { folder: "/data/pairs".into(), name: "pair-1".to_owned() };
    let effects = apply(&mut state, Command::Io(added));
    assert!(told(&effects, NoticeKind::Success)[0].contains("pair-1"));
    let photo = GuidePhoto::new(image::RgbaImage::new(8, 8)).unwrap();
    apply(&mut state, Command::Io(IoDone::GuideOpened(photo)));
    let (path, picture, _) = pair(apply(&mut state, Command::Do(Action::AddPair))).unwrap();
    assert_eq!(path.unwrap(), Path::new("/data/pairs"), "the folder is remembered");
    assert!(matches!(picture, PairPicture::Guide(_)));
}

#[test]
fn drawn_data_needs_no_folder_and_presets_fill_the_settings() {
    let mut state = ready();
    apply(&mut state, training(TrainingCommand::ChooseData(DataKind::Outfits)));
    apply(&mut state, training(TrainingCommand::UsePreset(Preset::Small)));
    apply(&mut state, training(TrainingCommand::TypeName("a/b".to_owned())));
    let sent = orders(apply(&mut state, Command::Do(Action::CheckData)));
    assert!(matches!(sent.as_slice(), [TrainCommand::Check { data, .. }] if data == "procedural:outfit"));
    apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("procedural:outfit", 0) }));
    let sent = orders(apply(&mut state, Command::Do(Action::StartTraining)));
    let [TrainCommand::Start(spec)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((spec.folder.as_path(), spec.config.resolution), (Path::new("/runs/a-b"), 64));
    assert!(matches!(spec.start, RunStart::Scratch));
}

#[test]
fn a_run_trains_on_the_part_the_labels_and_the_attributes_that_were_checked() {
    let mut state = ready();
    apply(&mut state, Command::Do(Action::StartTraining));
    apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 0) }));
    state = ready();
    apply(&mut state, training(TrainingCommand::ChooseSplit(Split::Train)));
    apply(&mut state, training(TrainingCommand::ChooseTaxonomy(Some("celebamask-19".to_owned()))));
    apply(&mut state, training(TrainingCommand::TypeAttributes(" Smiling, ,Male".to_owned())));
    assert!(state.training.data.is_selective());
    let sent = orders(apply(&mut state, Command::Do(Action::StartTraining)));
    let [TrainCommand::Check { options: asked, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(asked.split, Split::Train);
    assert_eq!(asked.taxonomy.as_ref().unwrap().name, "celebamask-19");
    assert_eq!(asked.attributes.as_deref(), Some(["Smiling".to_owned(), "Male".to_owned()].as_slice()));
    // The answer to another choice does not count.
    apply(&mut state, training(TrainingCommand::ChooseSplit(Split::Test)));
    let late = orders(apply(&mut state, event(TrainEvent::Checked { id: 1, checked: checked("/data/pairs", 0) })));
    assert!(late.is_empty() && state.training.checked().is_none());
    apply(&mut state, Command::Do(Action::StartTraining));
    let sent = orders(apply(&mut state, event(TrainEvent::Checked { id: 2, checked: checked("/data/pairs", 0) })));
    let [TrainCommand::Start(spec)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((spec.options.split, spec.options.attributes.as_ref().map(Vec::len)), (Split::Test, Some(2)));
}
