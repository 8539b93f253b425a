//! Autosave under fire: a child process edits and is killed without warning; what it leaves is at most two seconds old.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

use scgan::app::{IoFolders, IoThread};
use scgan::document::{Point, Snapshot, tools::PointerEvent};
use scgan::editor::{
    Action, Command, EditorState, Effect, FilesCommand, IoDone, IoJob, IoTask, OpenMode, PointerModifiers, apply,
};
use scgan::session::{RecoveryFolder, Session};
use scgan::taxonomy::Taxonomy;

const ROLE: &str = "SCGAN_AUTOSAVE_TEST_CHILD";
const KILLS: u64 = 9;
const EDITS: usize = 200;
/// What is promised.
const MOST_LOST: Duration = Duration::from_secs(2);

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

fn hash(document: &Snapshot) -> String {
    let labels: String = document.labels.content_hash().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{labels}-{}-{:?}", document.latent.seed, document.attributes).replace(' ', "")
}

/// The editor with its io thread, without a window.
struct Studio {
    state: EditorState,
    io: IoThread,
    started: Instant,
}

impl Studio {
    fn open(folder: &Path) -> Self {
        let folders = IoFolders { state: Some(folder.join("state")), preferences: None };
        let state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
        Self { state, io: IoThread::start(folders, || ()), started: Instant::now() }
    }

    fn apply(&mut self, command: Command) {
        for effect in apply(&mut self.state, command) {
            match effect {
                Effect::Io(job) => self.io.send(job),
                Effect::Chore(chore) => self.io.send_chore(chore),
                _ => {}
            }
        }
    }

    /// One frame of the window.
    fn frame(&mut self) {
        while let Some(done) = self.io.poll() {
            if let IoDone::Failed(message) | IoDone::Autosaved { error: Some(message), .. } = &done {
                panic!("{message}");
            }
            self.apply(Command::Io(done));
        }
        self.apply(Command::Files(FilesCommand::Tick(self.started.elapsed())));
    }

    fn edit(&mut self, rng: &mut Pcg32) {
        if rng.random_range(0..4) == 0 {
            return self.apply(Command::Do(Action::RandomSeed));
        }
        self.apply(Command::SelectLabel(rng.random_range(1..11)));
        let mut at = || Point::new(rng.random_range(0.0..512.0), rng.random_range(0.0..512.0));
        let (from, to) = (at(), at());
        for event in [
            PointerEvent::Press { at: from, extend: false, constrain: false },
            PointerEvent::Move { at: to, constrain: false },
            PointerEvent::Release { at: to },
        ] {
            self.apply(Command::Pointer(event, PointerModifiers::default()));
        }
    }
}

/// The child: opens the user's file and edits it until it is killed, noting what existed since when.
fn edit_until_killed(folder: &Path) {
    let mut studio = Studio::open(folder);
    let task = IoTask::Open {
        taxonomy: Box::new(studio.state.taxonomy.clone()),
        mode: OpenMode::Usual,
        history_bytes: 1 << 20,
    };
    studio.io.send(IoJob { path: Some(folder.join("face.scgan")), task });
    let patience = Instant::now() + Duration::from_secs(20);
    while studio.state.path.is_none() {
        assert!(Instant::now() < patience, "the file did not open");
        studio.frame();
        thread::sleep(Duration::from_millis(1));
    }
    let mut rng = Pcg32::seed_from_u64(now_ms() as u64);
    let mut log = File::create(folder.join("log")).unwrap();
    for number in 0..EDITS {
        // Nothing is written between an edit and its line in the log: only a frame writes.
        studio.edit(&mut rng);
        writeln!(log, "{} {}", now_ms(), hash(&studio.state.document)).unwrap();
        // Bursts and pauses, as people work; about ten seconds in all.
        let pause = if number % 10 == 9 { rng.random_range(100..700) } else { rng.random_range(1..30) };
        let until = Instant::now() + Duration::from_millis(pause);
        while Instant::now() < until {
            studio.frame();
            thread::sleep(Duration::from_millis(4));
        }
    }
    loop {
        studio.frame();
        thread::sleep(Duration::from_millis(4));
    }
}

/// Kills a child `after` its first edit; returns when it was killed.
fn run_and_kill(folder: &Path, after: Duration) -> u128 {
    let mut child = Process::new(env::current_exe().unwrap())
        .args(["--exact", "killing_loses_at_most_two_seconds", "--nocapture"])
        .env(ROLE, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while fs::metadata(folder.join("log")).map_or(true, |log| log.len() == 0) {
        assert!(Instant::now() < patience, "the child does not start editing");
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        thread::sleep(Duration::from_millis(2));
    }
    thread::sleep(after);
    assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
    // SIGKILL: no destructor runs.
    child.kill().unwrap();
    let killed = now_ms();
    child.wait().unwrap();
    killed
}

/// When each state of the document came and when the next one took its place.
fn lifetimes(folder: &Path) -> Vec<(String, u128, u128)> {
    let log = fs::read_to_string(folder.join("log")).unwrap();
    // The last line may be cut off, or of an edit that was never seen.
    let lines = log.lines().filter_map(|line| line.split_once(' '));
    let states: Vec<(u128, &str)> = lines.map(|(time, hash)| (time.parse().unwrap(), hash)).collect();
    let ends = states.iter().skip(1).map(|(time, _)| *time).chain([u128::MAX]);
    states.iter().zip(ends).map(|((time, hash), end)| ((*hash).to_owned(), *time, end)).collect()
}

#[test]
fn killing_loses_at_most_two_seconds() {
    if let Some(folder) = env::var_os(ROLE) {
        return edit_until_killed(&PathBuf::from(folder));
    }
    let mut rng = Pcg32::seed_from_u64(now_ms() as u64);
    let rounds: Vec<_> = (0..KILLS)
        .map(|round| {
            // Early, in the middle of everything, and after the last edit.
            let after = Duration::from_millis(rng.random_range(0..600) + round * 1100);
            thread::spawn(move || kill_once(round, after))
        })
        .collect();
    let recovered = rounds.into_iter().map(|round| round.join().unwrap()).filter(|found| *found).count();
    assert!(recovered as u64 >= KILLS - 2, "only {recovered} of {KILLS} left something");
}

/// One child's life. True when it left something to recover.
fn kill_once(round: u64, after: Duration) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mine = folder.join("face.scgan");
    let state = EditorState::new(Taxonomy::builtin("portrait").unwrap(), 1);
    let session = Session {
        model: Default::default(),
        taxonomy: state.taxonomy.clone(),
        document: state.document.clone(),
        view: Default::default(),
        workspace: Default::default(),
    };
    session.save(&mine).unwrap();
    let untouched = fs::read(&mine).unwrap();

    let killed = run_and_kill(folder, after);
    assert_eq!(fs::read(&mine).unwrap(), untouched, "the user's own file was touched");

    let lifetimes = lifetimes(folder);
    let first = lifetimes.first().unwrap().1;
    let mut recovery = RecoveryFolder::open(&folder.join("state").join("recovery")).unwrap();
    let found = recovery.abandoned().unwrap();
    let Some(entry) = found.first() else {
        assert!(killed - first <= MOST_LOST.as_millis(), "nothing was left {} ms after an edit", killed - first);
        return false;
    };
    assert_eq!((found.len(), entry.original.as_deref()), (1, Some(mine.as_path())));
    let (_, loaded) = recovery.read(&entry.id).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let content = hash(&loaded.session.document);
    // A state may come back (a stroke that changes nothing); its last life counts.
    let life = lifetimes.iter().rev().find(|(hash, ..)| *hash == content);
    let Some((_, born, died)) = life else { panic!("round {round}: the recovered document never existed") };
    let behind = killed.saturating_sub(*died);
    assert!(*born <= killed && behind <= MOST_LOST.as_millis(), "round {round}: {behind} ms were lost");
    eprintln!("round {round}: killed {} ms after the first edit, {behind} ms lost", killed - first);
    true
}
