#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use image::RgbImage;

use super::*;
use crate::document::{History, LabelMap, LatentState, Snapshot, Timeline};
use crate::editor::{ExportKind, ExportTicket, OpenMode, SessionOrigin};
use crate::label_image::LabelImage;
use crate::session::{ModelIdentity, Picture, Session, View, Workspace};
use crate::taxonomy::Taxonomy;
use crate::timeline::{Grid, seed_rows, template_masks};

/// An io thread's worker without the thread.
struct Bench {
    folder: tempfile::TempDir,
    worker: Worker,
    done: Receiver<IoDone>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let folders = IoFolders {
            state: Some(folder.path().join("state")),
            preferences: Some(folder.path().join("config").join("preferences.ron")),
        };
        let (done, answers) = unbounded();
        let worker = Worker::new(folders, Outbox { done, wake: Arc::new(|| ()) });
        Self { folder, worker, done: answers }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&mut self, path: &Path, task: IoTask) -> IoDone {
        self.worker.obey(Work::Job(IoJob { path: Some(path.to_owned()), task }));
        self.done.try_recv().unwrap()
    }

    fn chore(&mut self, chore: Chore) -> Option<IoDone> {
        self.worker.obey(Work::Chore(chore));
        self.done.try_recv().ok()
    }

    fn open(&mut self, path: &Path, mode: OpenMode) -> IoDone {
        self.run(path, IoTask::Open { taxonomy: portrait(), mode, history_bytes: 1 << 20 })
    }

    fn save(&mut self, path: &Path, session: &Session, history: History) {
        let done = self.run(path, IoTask::SaveSession { document: 1, session: Box::new(session.clone()), history });
        assert!(matches!(done, IoDone::SessionSaved { document: 1, .. }), "{done:?}");
    }
}

fn portrait() -> Box<Taxonomy> {
    Box::new(Taxonomy::builtin("portrait").unwrap())
}

fn labels() -> LabelImage {
    LabelImage::from_ids(7, 5, (0..35).map(|i| i % 11).collect()).unwrap()
}

fn session() -> Session {
    let taxonomy = *portrait();
    Session {
        model: ModelIdentity::default(),
        document: Snapshot {
            labels: LabelMap::from_image(&labels()),
            attributes: taxonomy.default_attributes(),
            latent: LatentState { seed: 77, offsets: vec![0.5, -1.0], ..LatentState::default() },
            timeline: Timeline::default(),
        },
        view: View::Fit,
        workspace: Workspace::default(),
        taxonomy,
    }
}

#[test]
fn masks_come_back_as_they_were_saved() {
    let mut bench = Bench::new();
    let mask = bench.path("m.png");
    for transparent in [false, true] {
        let task = IoTask::SaveMask { labels: labels(), taxonomy: portrait(), transparent };
        assert!(matches!(bench.run(&mask, task), IoDone::FileSaved(_)));
        let IoDone::MaskOpened { labels: opened, .. } = bench.open(&mask, OpenMode::Usual) else { panic!("no mask") };
        assert_eq!(opened, labels());
    }
}

#[test]
fn sessions_come_back_with_their_history() {
    let mut bench = Bench::new();
    let path = bench.path("s.scgan");
    let mut before = session();
    before.document.latent.seed = 1;
    let mut history = History::new(1 << 20);
    history.commit("Seed", before.document.clone(), &session().document);
    bench.save(&path, &session(), history);
    let IoDone::SessionOpened(opened) = bench.open(&path, OpenMode::Usual) else { panic!("no session") };
    assert_eq!((opened.loaded.session, opened.origin), (session(), SessionOrigin::File));
    let undone = opened.history.unwrap().undo(&session().document);
    assert_eq!(undone, Some(before.document));

    bench.save(&path, &session(), History::new(1 << 20));
    let IoDone::SessionOpened(opened) = bench.open(&path, OpenMode::Usual) else { panic!("no session") };
    assert!(opened.history.is_none());
}

#[test]
fn a_picture_brings_its_session_along() {
    let mut bench = Bench::new();
    for kind in [ExportKind::Result, ExportKind::SideBySide] {
        let path = bench.path("r.png");
        let picture = Picture { width: 2, height: 2, rgba: vec![99; 16] };
        let done = bench.run(&path, IoTask::Export { kind, picture, session: Box::new(session()) });
        assert!(matches!(done, IoDone::FileSaved(_)), "{done:?}");
        let IoDone::SessionOpened(opened) = bench.open(&path, OpenMode::Usual) else { panic!("no session") };
        assert_eq!((opened.loaded.session, opened.origin), (session(), SessionOrigin::Copy));
    }
}

#[test]
fn foreign_masks_are_asked_about_and_photographs_are_framed() {
    let mut bench = Bench::new();
    let path = bench.path("foreign.png");
    let foreign = Taxonomy::builtin("celebamask-19").unwrap();
    let many = LabelImage::from_ids(19, 1, (0..19).collect()).unwrap();
    let task = IoTask::SaveMask { labels: many, taxonomy: Box::new(foreign), transparent: false };
    bench.run(&path, task);
    let IoDone::MaskUnknown { raw, .. } = bench.open(&path, OpenMode::Usual) else { panic!("no question") };
    assert_eq!(raw.found().len(), 19);

    let rgba = (0..64 * 64 * 4).map(|i| (i * 7919 % 251) as u8).collect();
    let photo = Picture { width: 64, height: 64, rgba };
    crate::session::export_png(&path, &photo, None).unwrap();
    let IoDone::PhotoOpened { name, photo } = bench.open(&path, OpenMode::Usual) else { panic!("no photo") };
    assert_eq!((name.as_str(), photo.dimensions()), ("foreign.png", (64, 64)));
    let long = bench.path("long.jpg");
    image::RgbImage::new(4000, 100).save_with_format(&long, image::ImageFormat::Jpeg).unwrap();
    let IoDone::PhotoOpened { photo, .. } = bench.run(&long, IoTask::OpenPhoto) else { panic!("no photo") };
    assert_eq!(photo.dimensions(), (2048, 51));
}

#[test]
fn a_file_that_is_something_else_is_named_in_the_message() {
    let mut bench = Bench::new();
    for name in ["broken.png", "broken.scgan", "missing.scgan", "broken.jpg", "missing.webp"] {
        let path = bench.path(name);
        if name.starts_with("broken") {
            fs::write(&path, b"neither").unwrap();
        }
        let IoDone::Failed(message) = bench.open(&path, OpenMode::Usual) else { panic!("{name} was opened") };
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn what_a_dead_process_left_is_found_and_adopted() {
    let mut bench = Bench::new();
    let autosave =
        || Chore::Autosave { document: 4, original: Some("/home/face.scgan".into()), session: Box::new(session()) };
    let (done, answers) = unbounded();
    let mut dying = Worker::new(bench_folders(&bench), Outbox { done, wake: Arc::new(|| ()) });
    dying.obey(Work::Chore(autosave()));
    assert!(matches!(answers.try_recv().unwrap(), IoDone::Autosaved { document: 4, error: None }));
    let Some(IoDone::RecoveryFound(found)) = bench.chore(Chore::FindRecovery) else { panic!("no answer") };
    assert!(found.is_empty(), "it lives");
    drop(dying);
    let Some(IoDone::RecoveryFound(found)) = bench.chore(Chore::FindRecovery) else { panic!("no answer") };
    let id = found[0].id.clone();
    let Some(IoDone::SessionOpened(opened)) = bench.chore(Chore::Recover { id: id.clone(), document: 9 }) else {
        panic!("not recovered")
    };
    assert_eq!(opened.loaded.session, session());
    let original = Some(PathBuf::from("/home/face.scgan"));
    assert_eq!(opened.origin, SessionOrigin::Recovered { document: 9, original });
    assert!(matches!(bench.chore(Chore::Recover { id, document: 10 }), Some(IoDone::Failed(_))), "only once");
    assert!(bench.chore(Chore::RemoveRecovery(vec![9, 77])).is_none());
}

fn bench_folders(bench: &Bench) -> IoFolders {
    IoFolders { state: Some(bench.path("state")), preferences: None }
}

#[test]
fn a_session_open_elsewhere_is_noticed() {
    let mut bench = Bench::new();
    let path = bench.path("s.scgan");
    bench.save(&path, &session(), History::new(9));
    let (done, answers) = unbounded();
    let mut other = Worker::new(bench_folders(&bench), Outbox { done, wake: Arc::new(|| ()) });
    let task = IoTask::Open { taxonomy: portrait(), mode: OpenMode::Usual, history_bytes: 1 };
    other.obey(Work::Job(IoJob { path: Some(path.clone()), task }));
    assert!(matches!(answers.try_recv().unwrap(), IoDone::OpenElsewhere(_)));
    for mode in [OpenMode::Copy, OpenMode::Anyway] {
        let task = IoTask::Open { taxonomy: portrait(), mode, history_bytes: 1 };
        other.obey(Work::Job(IoJob { path: Some(path.clone()), task }));
        assert!(matches!(answers.try_recv().unwrap(), IoDone::SessionOpened(_)));
    }
    bench.chore(Chore::KeepOpen(Vec::new()));
    let task = IoTask::Open { taxonomy: portrait(), mode: OpenMode::Usual, history_bytes: 1 };
    other.obey(Work::Job(IoJob { path: Some(path), task }));
    assert!(matches!(answers.try_recv().unwrap(), IoDone::SessionOpened(_)));
}

#[test]
fn preferences_and_missing_files_and_diagnostics() {
    let mut bench = Bench::new();
    let mut preferences = crate::editor::Preferences::default();
    preferences.overdrive = true;
    assert!(bench.chore(Chore::SavePreferences(Box::new(preferences))).is_none());
    assert!(fs::read_to_string(bench.path("config/preferences.ron")).unwrap().contains("\"overdrive\": true"));
    let there = bench.path("there");
    fs::write(&there, "").unwrap();
    let gone = bench.path("gone");
    let Some(IoDone::FilesMissing(missing)) = bench.chore(Chore::CheckFiles(vec![there, gone.clone()])) else {
        panic!("no answer")
    };
    assert_eq!(missing, [gone].into());
    let Some(IoDone::Diagnostics(text)) = bench.chore(Chore::Diagnose("facts\n".to_owned())) else { panic!() };
    assert!(text.starts_with("facts\n") && text.contains("Log:"));
}

#[test]
fn without_a_home_autosave_says_so() {
    let (done, answers) = unbounded();
    let mut worker = Worker::new(IoFolders::default(), Outbox { done, wake: Arc::new(|| ()) });
    worker.obey(Work::Chore(Chore::Autosave { document: 1, original: None, session: Box::new(session()) }));
    let IoDone::Autosaved { error: Some(error), .. } = answers.try_recv().unwrap() else { panic!("no error") };
    assert!(error.contains("home"), "{error}");
}

#[test]
fn a_panic_in_a_job_is_answered_and_the_thread_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (done, answers) = unbounded();
    let broken = AtomicBool::new(true);
    let wake = move || assert!(!broken.swap(false, Ordering::SeqCst), "made to fail");
    let mut worker = Worker::new(IoFolders::default(), Outbox { done, wake: Arc::new(wake) });
    worker.obey(Work::Chore(Chore::CheckFiles(Vec::new())));
    assert!(matches!(answers.try_recv().unwrap(), IoDone::FilesMissing(_)));
    let IoDone::Failed(message) = answers.try_recv().unwrap() else { panic!("not said") };
    assert!(message.contains("made to fail"), "{message}");
    let task = IoTask::SaveSession { document: 1, session: Box::new(session()), history: History::new(9) };
    worker.obey(Work::Job(IoJob { path: Some(folder.path().join("s.scgan")), task }));
    assert!(matches!(answers.try_recv().unwrap(), IoDone::SessionSaved { .. }));
}

#[test]
fn a_name_nobody_was_asked_about_replaces_no_file() {
    let mut bench = Bench::new();
    let path = bench.path("mine.png");
    std::fs::write(&path, "mine").unwrap();
    let task = || IoTask::SaveMask { labels: labels(), taxonomy: portrait(), transparent: false };
    let typed = bench.run(&path, IoTask::New(Box::new(task())));
    let without_extension = bench.run(&bench.path("mine"), task());
    for done in [typed, without_extension] {
        assert!(matches!(&done, IoDone::Failed(message) if message.contains("mine.png")), "{done:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let done = bench.run(&bench.path("other.png"), IoTask::New(Box::new(task())));
    assert!(matches!(done, IoDone::FileSaved(_)), "{done:?}");
    assert!(matches!(bench.run(&path, task()), IoDone::FileSaved(_)), "a file dialog has asked");
}

#[test]
fn a_checkpoint_is_imported_beside_itself_and_opened() {
    let mut bench = Bench::new();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pytorch").join(name);
    let (checkpoint, model) = (bench.path("tiny_G.pth"), bench.path("tiny_G.safetensors"));
    fs::copy(fixture("generator_sc_2.pth"), &checkpoint).unwrap();
    fs::copy(fixture("segmentor_types.pth"), bench.path("tiny_A.pth")).unwrap();
    assert!(matches!(bench.open(&checkpoint, OpenMode::Usual), IoDone::FileSaved(path) if path == model));
    assert!(matches!(bench.done.try_recv().unwrap(), IoDone::ModelChosen(path) if path == model));
    let loaded = crate::model::Model::load(&model, &crate::gpu::ComputeDevice::cpu()).unwrap();
    assert_eq!((loaded.card.name.as_str(), loaded.segmentor.is_some()), ("tiny_G", true));

    let failed =
        |done: IoDone, words: &str| assert!(matches!(&done, IoDone::Failed(text) if text.contains(words)), "{done:?}");
    failed(bench.run(&checkpoint, IoTask::ChooseModel), "tiny_G.safetensors is there already");
    let segmentor = bench.path("tiny_A.pth");
    failed(bench.run(&segmentor, IoTask::ChooseModel), "scgan import");
    assert!(!bench.path("tiny_A.safetensors").exists());
}

#[test]
fn a_grid_is_written_with_its_masks_and_a_cancelled_one_is_not() {
    let mut bench = Bench::new();
    let masks = template_masks(&portrait(), 32);
    let grid = Box::new(Grid::of_latents(&masks, &seed_rows([1, 2])));
    let picture = RgbImage::from_pixel(16, 16, image::Rgb([200, 30, 30]));
    let export = |ticket: &Arc<ExportTicket>| IoTask::ExportGrid {
        grid: grid.clone(),
        pictures: vec![picture.clone(); grid.cells.len()],
        taxonomy: portrait(),
        ticket: Arc::clone(ticket),
    };
    let mut write = |path: &Path, ticket: &Arc<ExportTicket>| {
        bench.worker.obey(Work::Job(IoJob { path: Some(path.to_owned()), task: export(ticket) }));
        match bench.done.recv_timeout(Duration::from_secs(60)).unwrap() {
            IoDone::GridWritten { ticket: of, error } if Arc::ptr_eq(&of, ticket) => error,
            other => panic!("{other:?}"),
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, cancelled) = (folder.path().join("grid.png"), folder.path().join("cancelled.png"));
    assert_eq!(write(&path, &Arc::default()), None);
    let sheet = image::open(&path).unwrap().into_rgb8();
    // Five masks and two rows of pictures, at least so large, with captions around them.
    assert!(sheet.width() > 5 * 256 && sheet.height() > 3 * 256, "{:?}", sheet.dimensions());
    let ticket = Arc::<ExportTicket>::default();
    ticket.cancel();
    assert!(write(&cancelled, &ticket).is_some() && !cancelled.exists());
}

#[test]
fn names_of_directions_go_into_the_model_s_file_or_come_back() {
    use crate::gpu::ComputeDevice;
    use crate::model::{DirectionNames, Model, Precision};

    let mut bench = Bench::new();
    let path = bench.path("mine.safetensors");
    let compute = ComputeDevice::cpu();
    let mut model = Model::bundled("outfit", &compute).unwrap();
    model.save(&path, Precision::F16).unwrap();
    let names = DirectionNames::from_pairs([("3", "Sleeves")]);
    let chore = |hash: &str| Chore::NameDirections { path: path.clone(), hash: hash.to_owned(), names: names.clone() };
    let done = bench.chore(chore(&model.card.hash));
    assert!(matches!(&done, Some(IoDone::DirectionsNamed(named)) if *named == path), "{done:?}");
    let read = Model::read_card(&fs::read(&path).unwrap(), "mine").unwrap();
    assert_eq!((read.direction_names, read.hash), (names.clone(), model.card.hash));

    let before = fs::read(&path).unwrap();
    let Some(IoDone::DirectionsNotNamed { hash, names: back, error }) = bench.chore(chore("ab")) else { panic!() };
    assert!(hash == "ab" && back == names && error.contains("mine.safetensors"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}
