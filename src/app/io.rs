//! The io thread reads and writes files; dialogs wait on threads of their own.

mod animation;
mod open;
mod training;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use self::worker::Worker;
use crate::editor::{Chore, IoDone, IoJob, IoTask};
use crate::model::import::EXTENSIONS;
use crate::session::folders;

/// How long a closing window waits for what is still to be written.
const FAREWELL: Duration = Duration::from_secs(5);
/// A dialog that is gone sooner was never there; its crate reports both the same way.
const TOO_QUICK_FOR_A_HAND: Duration = Duration::from_millis(200);
const SESSION: &str = "scgan";
const MODEL: &str = "safetensors";

type Wake = Arc<dyn Fn() + Send + Sync>;

/// The folders that the io thread keeps its own files in; without one, what needs it does not happen.
#[derive(Clone, Debug, Default)]
pub struct IoFolders {
    /// For recovery files, locks and logs.
    pub state: Option<PathBuf>,
    /// The preferences' file.
    pub preferences: Option<PathBuf>,
}

impl IoFolders {
    /// Where the program keeps them on this system.
    pub fn of_this_system() -> Self {
        Self { state: folders::state_folder(), preferences: folders::preferences_file() }
    }
}

/// What the thread is given to do.
enum Work {
    Job(IoJob),
    Chore(Chore),
}

/// Carries out [`IoJob`]s and [`Chore`]s, one after the other. Dropping it waits for those under way, but not for long.
pub struct IoThread {
    work: Option<Sender<Work>>,
    done: Receiver<IoDone>,
    outbox: Outbox,
    thread: Option<JoinHandle<()>>,
}

/// Where answers go.
#[derive(Clone)]
struct Outbox {
    done: Sender<IoDone>,
    wake: Wake,
}

impl Outbox {
    fn answer(&self, done: IoDone) {
        // The receiver is gone only when the window is.
        let _ = self.done.send(done);
        (self.wake)();
    }
}

impl IoThread {
    /// Starts the thread, named `io`. `wake` is called whenever there is something to poll.
    pub fn start(folders: IoFolders, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (work, inbox) = unbounded::<Work>();
        let (done, answers) = unbounded();
        let outbox = Outbox { done, wake: Arc::new(wake) };
        let mut worker = Worker::new(folders, outbox.clone());
        let obey = move || inbox.iter().for_each(|work| worker.obey(work));
        let thread = thread::Builder::new().name("io".to_owned()).spawn(obey);
        if let Err(error) = &thread {
            outbox.answer(IoDone::Failed(format!("files cannot be read or written: {error}; restart the program")));
        }
        Self { work: Some(work), done: answers, outbox, thread: thread.ok() }
    }

    /// Never waits. Chores and jobs are done in the order in which they are given.
    pub fn send_chore(&self, chore: Chore) {
        self.give(Work::Chore(chore));
    }

    fn give(&self, work: Work) {
        // The thread lives as long as this handle.
        if let Some(inbox) = &self.work {
            let _ = inbox.send(work);
        }
    }

    /// Never waits. A job without a path asks for one on a thread of its own and then queues itself.
    pub fn send(&self, job: IoJob) {
        if job.path.is_some() {
            return self.give(Work::Job(job));
        }
        let (work, outbox) = (self.work.clone(), self.outbox.clone());
        let ask = move || {
            let asked = Instant::now();
            match ask_path(&job.task) {
                Some(path) => {
                    if let Some(inbox) = work {
                        let _ = inbox.send(Work::Job(IoJob { path: Some(path), task: job.task }));
                    }
                }
                None if asked.elapsed() < TOO_QUICK_FOR_A_HAND => {
                    outbox.answer(IoDone::NoFileDialog(Box::new(job.task)))
                }
                None => outbox.answer(IoDone::Cancelled),
            }
        };
        if let Err(error) = thread::Builder::new().name("dialog".to_owned()).spawn(ask) {
            self.outbox.answer(IoDone::Failed(format!("the file dialog cannot be opened: {error}")));
        }
    }

    /// An answer, if there is one.
    pub fn poll(&self) -> Option<IoDone> {
        self.done.try_recv().ok()
    }
}

impl Drop for IoThread {
    fn drop(&mut self) {
        self.work = None;
        let Some(thread) = self.thread.take() else { return };
        let deadline = Instant::now() + FAREWELL;
        while !thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn ask_path(task: &IoTask) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new().set_title(task.title());
    match task {
        IoTask::Open { .. } => dialog
            .add_filter(
                "Session, mask, photo or model",
                &[SESSION, "png", "jpg", "jpeg", "webp", MODEL, EXTENSIONS[0], EXTENSIONS[1]],
            )
            .add_filter("All files", &["*"])
            .pick_file(),
        IoTask::ChooseModel => dialog.add_filter("Model", &[MODEL, EXTENSIONS[0], EXTENSIONS[1]]).pick_file(),
        IoTask::New(task) => ask_path(task),
        IoTask::OpenGuide | IoTask::OpenPhoto => {
            dialog.add_filter("Photo", &["png", "jpg", "jpeg", "webp"]).pick_file()
        }
        IoTask::ChooseData | IoTask::ChooseRun | IoTask::ChoosePairFolder | IoTask::AddPair { .. } => {
            dialog.pick_folder()
        }
        IoTask::ChooseAnimation { format } | IoTask::ExportAnimation { format, .. } => {
            let dialog = dialog.set_file_name(format.default_file_name());
            match Path::new(format.default_file_name()).extension().and_then(|extension| extension.to_str()) {
                Some(extension) => dialog.add_filter(format.title(), &[extension]).save_file(),
                // A folder that is yet to be made is named like a file.
                None => dialog.save_file(),
            }
        }
        IoTask::SaveSession { .. } => save_dialog(dialog, task, "Session", SESSION),
        IoTask::SaveMask { .. } | IoTask::Export { .. } | IoTask::ChooseGrid { .. } | IoTask::ExportGrid { .. } => {
            save_dialog(dialog, task, "PNG image", "png")
        }
    }
}

fn save_dialog(dialog: rfd::FileDialog, task: &IoTask, kind: &str, extension: &str) -> Option<PathBuf> {
    dialog.add_filter(kind, &[extension]).set_file_name(task.default_file_name().unwrap_or_default()).save_file()
}

/// A new file gets its kind's extension when the user, or the desktop's dialog, gave it none.
fn with_extension(path: PathBuf, task: &IoTask) -> PathBuf {
    match task.default_file_name().and_then(|name| Path::new(name).extension()) {
        Some(extension) if path.extension().is_none() => path.with_extension(extension),
        _ => path,
    }
}

#[cfg(test)]
mod tests;
