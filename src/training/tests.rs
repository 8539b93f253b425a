#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::worker::{Advanced, Backend};
use super::*;
use crate::document::{LabelMap, LatentState};
use crate::gpu::DeviceChoice;
use crate::taxonomy::Taxonomy;
use crate::train::{Cadence, LogRow, RunSpec, RunStart, TrainConfig};

const PATIENCE: Duration = Duration::from_secs(60);

fn wait(handle: &mut TrainerHandle, mut found: impl FnMut(&TrainEvent) -> bool) -> TrainEvent {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while Instant::now() < deadline {
        match handle.poll_event() {
            Some(event) if found(&event) => return event,
            Some(event) => seen.push(format!("{event:?}").chars().take(200).collect::<String>()),
            None => thread::sleep(Duration::from_millis(1)),
        }
    }
    panic!("nothing of the kind came, but {seen:#?}");
}

fn spec(folder: &Path, steps: u64) -> RunSpec {
    RunSpec {
        folder: folder.to_owned(),
        data: "procedural:portrait".to_owned(),
        options: crate::data::OpenOptions::default(),
        config: TrainConfig {
            steps,
            batch: 2,
            resolution: 64,
            generator_width: 2,
            discriminator_width: 2,
            segmentor_width: 2,
            n_z: 4,
            critic_updates: 2,
            loader_threads: 1,
            ..TrainConfig::default()
        },
        start: RunStart::Scratch,
        name: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        license: "none".to_owned(),
        cadence: Cadence { checkpoint_every: 0, sample_every: 0, log_every: 1, ..Cadence::default() },
    }
}

fn handle(state: &Path) -> TrainerHandle {
    TrainerHandle::start(
        TrainerOptions { device: DeviceChoice::Cpu, window_has_gpu: false, state: Some(state.to_owned()) },
        || {},
    )
}

fn canvas(id: u64) -> Arc<Probe> {
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let attributes = taxonomy.default_attributes().into();
    let labels = LabelMap::new(32, 32, 1);
    Arc::new(Probe { id, taxonomy, labels, attributes, latent: LatentState::default() })
}

/// The log's losses by step, without its times.
fn losses(rows: &[LogRow]) -> Vec<(u64, Vec<(&'static str, f32)>)> {
    rows.iter().map(|row| (row.step, row.losses.entries().collect())).collect()
}

/// Trains to the end and answers with the newest model's bytes.
fn finish(handle: &mut TrainerHandle) -> Vec<u8> {
    let mut checkpoints = Vec::new();
    let ended = wait(handle, |event| {
        if let TrainEvent::Checkpoints(now) = event {
            checkpoints.clone_from(now);
        }
        matches!(event, TrainEvent::Ended { .. })
    });
    assert!(matches!(ended, TrainEvent::Ended { end: RunEnd::Complete, .. }), "{ended:?}");
    std::fs::read(&checkpoints.last().unwrap().model).unwrap()
}

#[test]
fn a_run_that_was_quit_in_the_middle_goes_on_as_if_it_had_not() {
    const STEPS: u64 = 6;
    let state = tempfile::tempdir().unwrap();
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // The runs' folders differ, and the model's name is in its file.
    let folder = |of: &tempfile::TempDir| of.path().join("tiny");

    let mut trainer = handle(state.path());
    trainer.send(TrainCommand::Start(Box::new(spec(&folder(&whole), STEPS))));
    let uninterrupted = finish(&mut trainer);

    trainer.send(TrainCommand::SetProbes(vec![canvas(7)]));
    trainer.send(TrainCommand::Start(Box::new(spec(&folder(&parts), STEPS))));
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(row) if row.step == 2));
    trainer.send(TrainCommand::Pause);
    wait(&mut trainer, |event| matches!(event, TrainEvent::Paused));
    trainer.send(TrainCommand::Checkpoint);
    let pictures = wait(&mut trainer, |event| matches!(event, TrainEvent::Pictures(_)));
    let TrainEvent::Pictures(pictures) = pictures else { panic!() };
    assert_eq!((pictures[0].probe, pictures[0].width, pictures[0].rgba.len()), (7, 64, 4 * 64 * 64));
    trainer.send(TrainCommand::Resume);
    wait(&mut trainer, |event| matches!(event, TrainEvent::Resumed));
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(_)));
    drop(trainer);

    let mut trainer = handle(state.path());
    let left = wait(&mut trainer, |event| matches!(event, TrainEvent::Interrupted(_)));
    let TrainEvent::Interrupted(left) = left else { panic!() };
    assert_eq!((left.folder.as_path(), left.steps), (folder(&parts).as_path(), STEPS));
    assert!((3..STEPS).contains(&left.step), "{left:?}");
    trainer.send(TrainCommand::Continue(left.folder));
    let started = wait(&mut trainer, |event| matches!(event, TrainEvent::Started(_)));
    let TrainEvent::Started(facts) = started else { panic!() };
    assert_eq!(facts.log.iter().map(|row| row.step).collect::<Vec<_>>(), (1..=left.step).collect::<Vec<_>>());
    assert_eq!(finish(&mut trainer), uninterrupted, "the model is another one");
    let read = |of: &tempfile::TempDir| losses(&crate::train::read_log(&folder(of)));
    assert_eq!(read(&parts), read(&whole), "the curve goes another way");

    drop(trainer);
    let mut trainer = handle(state.path());
    trainer.send(TrainCommand::Continue(PathBuf::from("/nowhere/at all")));
    let event = wait(&mut trainer, |_| true);
    assert!(matches!(event, TrainEvent::NotStarted { .. }), "a complete run is not offered: {event:?}");
}

#[test]
fn a_check_reports_and_can_be_given_up() {
    let data = tempfile::tempdir().unwrap();
    let mut trainer = TrainerHandle::start(TrainerOptions::default(), || {});
    trainer.send(TrainCommand::Check {
        id: 1,
        data: data.path().display().to_string(),
        options: Box::default(),
        taxonomy: None,
    });
    let failed = wait(&mut trainer, |event| matches!(event, TrainEvent::CheckFailed { .. }));
    let TrainEvent::CheckFailed { id: 1, message: Some(message) } = failed else { panic!("{failed:?}") };
    assert!(message.contains(&data.path().display().to_string()), "{message}");

    small_data_set(data.path());
    trainer.send(TrainCommand::Check {
        id: 2,
        data: data.path().display().to_string(),
        options: Box::default(),
        taxonomy: None,
    });
    trainer.send(TrainCommand::CancelCheck);
    // On a busy machine the check may be over first; that it stops is tested where it is made.
    wait(&mut trainer, |event| {
        matches!(event, TrainEvent::CheckFailed { id: 2, message: None } | TrainEvent::Checked { id: 2, .. })
    });

    trainer.send(TrainCommand::Check {
        id: 4,
        data: "procedural:outfit".to_owned(),
        options: Box::default(),
        taxonomy: None,
    });
    let drawn = wait(&mut trainer, |event| matches!(event, TrainEvent::Checked { id: 4, .. }));
    let TrainEvent::Checked { checked: drawn, .. } = drawn else { panic!() };
    assert!(drawn.report.blocking().is_none() && drawn.report.previews.len() == 8);

    trainer.send(TrainCommand::Check {
        id: 3,
        data: data.path().display().to_string(),
        options: Box::default(),
        taxonomy: None,
    });
    let checked = wait(&mut trainer, |event| matches!(event, TrainEvent::Checked { .. }));
    let TrainEvent::Checked { id: 3, checked } = checked else { panic!("{checked:?}") };
    assert_eq!((checked.report.samples, checked.report.n_problems, checked.report.previews.len()), (3, 0, 3));
    assert_eq!(checked.taxonomy.unwrap().name, "portrait");
}

/// Three pairs in the plain layout.
pub(super) fn small_data_set(root: &Path) {
    use crate::data::SampleSource as _;
    use crate::data::procedural::{Kind, source};
    let source = source(Kind::from_name("portrait").unwrap(), 5);
    let taxonomy = source.taxonomy();
    std::fs::create_dir_all(root.join("images")).unwrap();
    std::fs::create_dir_all(root.join("masks")).unwrap();
    std::fs::write(root.join("taxonomy.ron"), taxonomy.to_ron().unwrap()).unwrap();
    let names: Vec<&str> = taxonomy.attribute_names().collect();
    let mut rows = format!("file,{}\n", names.join(","));
    for index in 0..3 {
        let sample = source.sample(index, 64).unwrap();
        sample.image.save(root.join(format!("images/{index}.png"))).unwrap();
        let mask = crate::label_image::encode_mask_png(&sample.labels, taxonomy).unwrap();
        std::fs::write(root.join(format!("masks/{index}.png")), mask).unwrap();
        let values: Vec<String> = sample.attributes.iter().map(|value| format!("{value:.0}")).collect();
        rows += &format!("{index},{}\n", values.join(","));
    }
    std::fs::write(root.join("attributes.csv"), rows).unwrap();
}

/// What was done to a made-up run, in order.
type Diary = Arc<Mutex<Vec<String>>>;

/// A run that fails as it is told to.
struct Scripted {
    diary: Diary,
    step: u64,
    panic_at: u64,
    fail_at: u64,
    refuse_checkpoint: bool,
}

impl Scripted {
    fn new(diary: &Diary) -> Self {
        Self { diary: Arc::clone(diary), step: 0, panic_at: u64::MAX, fail_at: u64::MAX, refuse_checkpoint: false }
    }

    fn note(&self, what: impl Into<String>) {
        self.diary.lock().unwrap().push(what.into());
    }
}

impl Backend for Scripted {
    fn open(&mut self) -> Vec<TrainEvent> {
        Vec::new()
    }

    fn start(&mut self, spec: RunSpec) -> Result<Vec<TrainEvent>, String> {
        self.note(format!("start {}", spec.name));
        Ok(vec![TrainEvent::Resumed])
    }

    fn resume(&mut self, folder: &Path) -> Result<Vec<TrainEvent>, String> {
        Err(format!("{}: no run", folder.display()))
    }

    fn advance(&mut self) -> Result<Advanced, String> {
        self.step += 1;
        assert!(self.step != self.panic_at, "step {} panicked on purpose", self.step);
        if self.step == self.fail_at {
            return Err("training diverged".to_owned());
        }
        thread::sleep(Duration::from_millis(1));
        let events = vec![TrainEvent::Logged(Box::new(LogRow { step: self.step, ..LogRow::default() }))];
        Ok(Advanced { events, complete: false })
    }

    fn checkpoint(&mut self) -> Result<Vec<TrainEvent>, String> {
        if self.refuse_checkpoint {
            return Err("the disk is full".to_owned());
        }
        self.note("checkpoint");
        Ok(Vec::new())
    }

    fn set_probes(&mut self, probes: Vec<Arc<Probe>>) -> Vec<TrainEvent> {
        self.note(format!("{} probes", probes.len()));
        Vec::new()
    }

    fn delete_checkpoint(&mut self, step: u64) -> Result<Vec<TrainEvent>, String> {
        Err(format!("no checkpoint of step {step}"))
    }

    fn reports(&self) -> Option<PathBuf> {
        None
    }

    fn progress(&self) -> Option<TrainProgress> {
        Some(TrainProgress { step: self.step, ..TrainProgress::default() })
    }

    fn rested(&mut self) {}

    fn end(&mut self, offer: bool) {
        self.note(format!("end, offer {offer}"));
    }

    fn forget(&mut self, _folder: &Path) {}
}

fn scripted(change: impl FnOnce(&mut Scripted) + Send + 'static) -> (TrainerHandle, Diary) {
    let diary = Diary::default();
    let notes = Arc::clone(&diary);
    let backend = move || {
        let mut backend = Scripted::new(&notes);
        change(&mut backend);
        backend
    };
    (TrainerHandle::with_backend(backend, || {}), diary)
}

fn start() -> TrainCommand {
    TrainCommand::Start(Box::new(spec(Path::new("nowhere"), 9)))
}

#[test]
fn a_panic_ends_the_run_and_not_the_thread() {
    let (mut trainer, diary) = scripted(|run| run.panic_at = 3);
    trainer.send(start());
    let panicked = wait(&mut trainer, |event| matches!(event, TrainEvent::Panicked { .. }));
    assert!(matches!(&panicked, TrainEvent::Panicked { message } if message.contains("on purpose")), "{panicked:?}");
    let ended = wait(&mut trainer, |event| matches!(event, TrainEvent::Ended { .. }));
    assert!(matches!(ended, TrainEvent::Ended { end: RunEnd::Failed(_), step: 3 }), "{ended:?}");
    assert_eq!(diary.lock().unwrap().last().map(String::as_str), Some("end, offer true"));
    trainer.send(start());
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(row) if row.step > 5));
}

#[test]
fn a_failure_says_why_and_leaves_the_run_to_be_continued() {
    let (mut trainer, diary) = scripted(|run| run.fail_at = 4);
    trainer.send(start());
    let ended = wait(&mut trainer, |event| matches!(event, TrainEvent::Ended { .. }));
    let TrainEvent::Ended { end, .. } = ended else { panic!() };
    assert_eq!(end, RunEnd::Failed("training diverged".to_owned()));
    assert_eq!(*diary.lock().unwrap(), ["start tiny", "end, offer true"]);
}

#[test]
fn closing_the_program_saves_the_run_and_offers_it_again() {
    let (mut trainer, diary) = scripted(|_| {});
    trainer.send(start());
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(_)));
    drop(trainer);
    assert_eq!(*diary.lock().unwrap(), ["start tiny", "checkpoint", "end, offer true"]);
}

#[test]
fn stopping_saves_the_run_and_offers_it_no_more() {
    let (mut trainer, diary) = scripted(|_| {});
    trainer.send(start());
    trainer.send(start());
    let refused = wait(&mut trainer, |event| matches!(event, TrainEvent::NotStarted { .. }));
    assert!(matches!(&refused, TrainEvent::NotStarted { message } if message.contains("already")), "{refused:?}");
    trainer.send(TrainCommand::Stop);
    wait(&mut trainer, |event| matches!(event, TrainEvent::Ended { end: RunEnd::Stopped, .. }));
    trainer.send(TrainCommand::Stop);
    drop(trainer);
    assert_eq!(*diary.lock().unwrap(), ["start tiny", "checkpoint", "end, offer false"]);
}

#[test]
fn a_run_that_cannot_be_saved_is_not_given_up() {
    let (mut trainer, diary) = scripted(|run| run.refuse_checkpoint = true);
    trainer.send(start());
    trainer.send(TrainCommand::Stop);
    let trouble = wait(&mut trainer, |event| matches!(event, TrainEvent::Trouble { .. }));
    assert!(matches!(&trouble, TrainEvent::Trouble { message } if message.contains("full")), "{trouble:?}");
    wait(&mut trainer, |event| matches!(event, TrainEvent::Paused));
    assert_eq!(*diary.lock().unwrap(), ["start tiny"]);
    trainer.send(TrainCommand::Resume);
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(_)));
}

#[test]
fn a_pause_holds_the_run() {
    let (mut trainer, _) = scripted(|_| {});
    trainer.send(start());
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(_)));
    trainer.send(TrainCommand::Pause);
    wait(&mut trainer, |event| matches!(event, TrainEvent::Paused));
    // Orders are obeyed meanwhile, and nothing else comes.
    trainer.send(TrainCommand::DeleteCheckpoint(3));
    let event = wait(&mut trainer, |_| true);
    assert!(matches!(event, TrainEvent::Trouble { .. }), "{event:?}");
    trainer.send(TrainCommand::Continue("nowhere".into()));
    let event = wait(&mut trainer, |_| true);
    assert!(matches!(event, TrainEvent::NotStarted { .. }), "{event:?}");
    trainer.send(TrainCommand::Resume);
    let event = wait(&mut trainer, |_| true);
    assert!(matches!(event, TrainEvent::Resumed), "{event:?}");
    wait(&mut trainer, |event| matches!(event, TrainEvent::Logged(_)));
}
