//! The io thread reads and writes files; dialogs wait on threads of their own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::atomic_file::{read_capped, write_atomic};
use crate::editor::{IoDone, IoJob, IoTask};
use crate::label_image::{decode_mask_png, encode_mask_png};
use crate::session::{Session, export_png};
use crate::taxonomy::Taxonomy;

/// Longest mask file that is read, in bytes.
const MASK_MAX_BYTES: u64 = 256 << 20;
/// A dialog that is gone sooner was never there; its crate reports both the same way.
const TOO_QUICK_FOR_A_HAND: Duration = Duration::from_millis(200);
const SESSION: &str = "scgan";
const MODEL: &str = "safetensors";

type Wake = Arc<dyn Fn() + Send + Sync>;

/// Carries out [`IoJob`]s, one after the other.
pub(super) struct IoThread {
    jobs: Sender<IoJob>,
    done: Receiver<IoDone>,
    outbox: Outbox,
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
    pub(super) fn start(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (jobs, inbox) = unbounded::<IoJob>();
        let (done, answers) = unbounded();
        let outbox = Outbox { done, wake: Arc::new(wake) };
        let worker = outbox.clone();
        let work = move || inbox.iter().for_each(|job| worker.answer(carry_out(job)));
        if let Err(error) = thread::Builder::new().name("io".to_owned()).spawn(work) {
            outbox.answer(IoDone::Failed(format!("files cannot be read or written: {error}; restart the program")));
        }
        Self { jobs, done: answers, outbox }
    }

    /// Never waits. A job without a path asks for one on a thread of its own and then queues itself.
    pub(super) fn send(&self, job: IoJob) {
        if job.path.is_some() {
            // The thread lives as long as this handle.
            let _ = self.jobs.send(job);
            return;
        }
        let (jobs, outbox) = (self.jobs.clone(), self.outbox.clone());
        let ask = move || {
            let asked = Instant::now();
            match ask_path(&job.task) {
                Some(path) => drop(jobs.send(IoJob { path: Some(path), task: job.task })),
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
    pub(super) fn poll(&self) -> Option<IoDone> {
        self.done.try_recv().ok()
    }
}

fn ask_path(task: &IoTask) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new().set_title(task.title());
    match task {
        IoTask::Open { .. } => dialog
            .add_filter("Session, mask or model", &[SESSION, "png", MODEL])
            .add_filter("All files", &["*"])
            .pick_file(),
        IoTask::ChooseModel => dialog.add_filter("Model", &[MODEL]).pick_file(),
        IoTask::SaveSession(_) => save_dialog(dialog, task, "Session", SESSION),
        IoTask::SaveMask { .. } | IoTask::ExportResult(_) => save_dialog(dialog, task, "PNG image", "png"),
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

fn carry_out(job: IoJob) -> IoDone {
    let Some(path) = job.path.map(|path| with_extension(path, &job.task)) else { return IoDone::Cancelled };
    let done = match job.task {
        IoTask::Open { taxonomy } => open(path, &taxonomy),
        IoTask::ChooseModel => Ok(IoDone::ModelChosen(path)),
        IoTask::SaveSession(session) => save_session(path, *session),
        IoTask::SaveMask { labels, taxonomy } => {
            let bytes = encode_mask_png(&labels, &taxonomy).map_err(|error| format!("{}: {error}", path.display()));
            bytes.and_then(|bytes| save(path, &bytes))
        }
        IoTask::ExportResult(frame) => export_png(&path, frame.width, frame.height, &frame.rgba)
            .map_err(|error| error.to_string())
            .map(|()| IoDone::FileSaved(path)),
    };
    done.unwrap_or_else(IoDone::Failed)
}

fn open(path: PathBuf, taxonomy: &Taxonomy) -> Result<IoDone, String> {
    match path.extension().and_then(OsStr::to_str) {
        Some(extension) if extension.eq_ignore_ascii_case("png") => open_mask(path, taxonomy),
        Some(extension) if extension.eq_ignore_ascii_case(MODEL) => Ok(IoDone::ModelChosen(path)),
        _ => {
            let loaded = Session::load(&path).map_err(|error| error.to_string())?;
            Ok(IoDone::SessionOpened { path, loaded: Box::new(loaded) })
        }
    }
}

fn open_mask(path: PathBuf, taxonomy: &Taxonomy) -> Result<IoDone, String> {
    let bytes = read_capped(&path, MASK_MAX_BYTES)
        .map_err(|error| format!("cannot read {}: {error}; choose another file", path.display()))?;
    let labels = decode_mask_png(&bytes, taxonomy)
        .map_err(|error| format!("{} is no mask for {}: {error}", path.display(), taxonomy.title))?;
    Ok(IoDone::MaskOpened { path, labels })
}

fn save_session(path: PathBuf, session: Session) -> Result<IoDone, String> {
    session.save(&path).map_err(|error| error.to_string())?;
    Ok(IoDone::SessionSaved { path, saved: Box::new(session.document) })
}

fn save(path: PathBuf, bytes: &[u8]) -> Result<IoDone, String> {
    write_atomic(&path, bytes)
        .map_err(|error| format!("cannot write {}: {error}; choose another place", path.display()))?;
    Ok(IoDone::FileSaved(path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::document::{LabelMap, LatentState, Snapshot};
    use crate::label_image::LabelImage;
    use crate::session::{ModelIdentity, View};

    fn job(path: &Path, task: IoTask) -> IoJob {
        IoJob { path: Some(path.to_owned()), task }
    }

    fn portrait() -> Box<Taxonomy> {
        Box::new(Taxonomy::builtin("portrait").unwrap())
    }

    #[test]
    fn masks_and_sessions_come_back_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let taxonomy = portrait();
        let labels = LabelImage::from_ids(7, 5, (0..35).map(|i| i % 11).collect()).unwrap();

        let mask = folder.path().join("m.png");
        let task = IoTask::SaveMask { labels: labels.clone(), taxonomy: taxonomy.clone() };
        assert!(matches!(carry_out(job(&mask, task)), IoDone::FileSaved(_)));
        let IoDone::MaskOpened { labels: opened, .. } =
            carry_out(job(&mask, IoTask::Open { taxonomy: taxonomy.clone() }))
        else {
            panic!("no mask")
        };
        assert_eq!(opened, labels);

        let session = Session {
            model: ModelIdentity::default(),
            document: Snapshot {
                labels: LabelMap::from_image(&labels),
                attributes: taxonomy.default_attributes(),
                latent: LatentState { seed: 77, offsets: vec![0.5, -1.0], ..LatentState::default() },
            },
            view: View::Fit,
            taxonomy: (*taxonomy).clone(),
        };
        let path = folder.path().join("s.scgan");
        let task = IoTask::SaveSession(Box::new(session.clone()));
        assert!(matches!(carry_out(job(&path, task)), IoDone::SessionSaved { .. }));
        let IoDone::SessionOpened { loaded, .. } = carry_out(job(&path, IoTask::Open { taxonomy })) else {
            panic!("no session")
        };
        assert_eq!(loaded.session, session);
    }

    #[test]
    fn a_file_that_is_something_else_is_named_in_the_message() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["broken.png", "broken.scgan", "missing.scgan"] {
            let path = folder.path().join(name);
            if name.starts_with("broken") {
                std::fs::write(&path, b"neither").unwrap();
            }
            let IoDone::Failed(message) = carry_out(job(&path, IoTask::Open { taxonomy: portrait() })) else {
                panic!("{name} was opened")
            };
            assert!(message.contains(name), "{message}");
        }
    }
}
