//! What the io thread does with what it is given.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::open::Opener;
use super::{IoFolders, Outbox, Work, animation, training, with_extension};
use crate::app::log;
use crate::atomic_file::write_atomic;
use crate::data::photo;
use crate::document::History;
use crate::editor::{Chore, ExportKind, GuidePhoto, IoDone, IoJob, IoTask, OpenedSession, Preferences, SessionOrigin};
use crate::export::check_format;
use crate::gpu::{self, ComputeDevice};
use crate::label_image::encode_mask_png;
use crate::model::Precision;
use crate::model::file::name_directions;
use crate::model::import::{self, ImportOptions};
use crate::panic_message::panic_message;
use crate::session::{
    OpenFiles, Picture, RecoveryFolder, Session, export_png, save_history, side_by_side, transparent_mask,
};

/// The io thread's own memory.
pub(super) struct Worker {
    folders: IoFolders,
    outbox: Outbox,
    open_files: Option<OpenFiles>,
    /// Made when it is first needed.
    recovery: Option<RecoveryFolder>,
}

impl Worker {
    pub(super) fn new(folders: IoFolders, outbox: Outbox) -> Self {
        let open_files = folders.state.as_ref().map(|state| OpenFiles::new(&state.join("open")));
        Self { folders, outbox, open_files, recovery: None }
    }

    /// A panic becomes an answer, and the thread goes on.
    pub(super) fn obey(&mut self, work: Work) {
        let autosaved = match &work {
            Work::Chore(Chore::Autosave { document, .. }) => Some(*document),
            _ => None,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| match work {
            Work::Job(job) => self.carry_out(job),
            Work::Chore(chore) => self.do_chore(chore),
        }));
        if let Err(panic) = outcome {
            let message = format!("A file job failed: {}", panic_message(panic.as_ref()));
            tracing::error!("{message}");
            self.outbox.answer(match autosaved {
                Some(document) => IoDone::Autosaved { document, error: Some(message) },
                None => IoDone::Failed(format!("{message}; save your work under another name")),
            });
        }
    }

    fn carry_out(&mut self, job: IoJob) {
        let Some(given) = job.path else { return self.outbox.answer(IoDone::Cancelled) };
        let path = with_extension(given.clone(), &job.task);
        // Nobody was asked about replacing a file of this name.
        let unasked = path != given || matches!(job.task, IoTask::New(_));
        if unasked && path.exists() {
            let message = format!("{} is there already and was not replaced; choose another name", path.display());
            return self.outbox.answer(IoDone::Failed(message));
        }
        if matches!(job.task, IoTask::Open { .. } | IoTask::ChooseModel) && import::is_checkpoint_name(&path) {
            return self.import(&path);
        }
        let done = match job.task {
            IoTask::New(task) => return self.carry_out(IoJob { path: Some(path), task: *task }),
            IoTask::Open { taxonomy, mode, history_bytes } => {
                let mut opener = Opener { taxonomy: &taxonomy, mode, history_bytes, open_files: &mut self.open_files };
                opener.open(path)
            }
            IoTask::ChooseModel => Ok(IoDone::ModelChosen(path)),
            IoTask::OpenGuide => match photo::read_upright(&path).map(GuidePhoto::new) {
                Ok(Some(guide)) => Ok(IoDone::GuideOpened(guide)),
                Ok(None) => Err(format!("{}: the photo has no pixels; choose another one", path.display())),
                Err(error) => Err(error.to_string()),
            },
            IoTask::OpenPhoto => super::open::open_photo(&path),
            IoTask::ChooseAnimation { format } => match check_format(&path, format) {
                Ok(()) => Ok(IoDone::AnimationFileChosen(path)),
                Err(error) => Err(error.to_string()),
            },
            IoTask::ExportAnimation { format, animation, settings, ticket } => {
                return animation::write(&self.outbox, path, format, animation, settings, ticket);
            }
            IoTask::ChooseGrid { kind } => Ok(IoDone::GridFileChosen { path, kind }),
            IoTask::ExportGrid { grid, pictures, taxonomy, ticket } => {
                return animation::write_grid(&self.outbox, path, grid, pictures, taxonomy, ticket);
            }
            IoTask::ChooseData => Ok(IoDone::DataChosen(path)),
            IoTask::ChooseRun => Ok(IoDone::RunChosen(path)),
            IoTask::ChoosePairFolder => Ok(IoDone::PairFolderChosen(path)),
            IoTask::AddPair { name, picture, labels, attributes, taxonomy } => {
                training::add_pair(path, &name, &picture, &labels, &attributes, &taxonomy)
            }
            IoTask::SaveSession { document, session, history } => {
                return self.save_session(path, document, *session, &history);
            }
            IoTask::SaveMask { labels, taxonomy, transparent: true } => {
                export(path, &transparent_mask(&labels, &taxonomy), None)
            }
            IoTask::SaveMask { labels, taxonomy, transparent: false } => {
                let bytes = encode_mask_png(&labels, &taxonomy).map_err(|error| format!("{}: {error}", path.display()));
                bytes.and_then(|bytes| save(path, &bytes))
            }
            IoTask::Export { kind: ExportKind::Result, picture, session } => export(path, &picture, Some(&session)),
            IoTask::Export { kind: ExportKind::SideBySide, picture, session } => {
                match side_by_side(&session.document.labels.to_image(), &session.taxonomy, &picture) {
                    Some(both) => export(path, &both, Some(&session)),
                    None => Err("The result is no picture; render it again.".to_owned()),
                }
            }
        };
        self.outbox.answer(done.unwrap_or_else(IoDone::Failed));
    }

    /// A PyTorch checkpoint becomes a model file beside it, which is then opened.
    fn import(&mut self, checkpoint: &Path) {
        let model_file = import::model_beside(checkpoint);
        if model_file.exists() {
            let message =
                format!("{} is there already and was not replaced; open it, or move it away", model_file.display());
            return self.outbox.answer(IoDone::Failed(message));
        }
        let segmentor = import::segmentor_beside(checkpoint);
        let compute = ComputeDevice::cpu();
        let imported = import::import(checkpoint, segmentor.as_deref(), &ImportOptions::default(), &compute);
        match imported {
            Err(error) => self.outbox.answer(IoDone::Failed(format!(
                "{error}. More can be said on the command line: {}",
                import::command_line(checkpoint)
            ))),
            Ok((mut model, _)) => match model.save(&model_file, Precision::F32) {
                Err(error) => self.outbox.answer(IoDone::Failed(error.to_string())),
                Ok(()) => {
                    self.outbox.answer(IoDone::FileSaved(model_file.clone()));
                    self.outbox.answer(IoDone::ModelChosen(model_file));
                }
            },
        }
    }

    /// The session is answered for before the history beside it is written, which may take a while.
    fn save_session(&mut self, path: PathBuf, document: u64, session: Session, history: &History) {
        let saved = session.to_text().map_err(|error| format!("{}: {error}", path.display())).and_then(|text| {
            write_atomic(&path, text.as_bytes()).map(|()| text).map_err(|error| {
                format!("cannot write the session {}: {error}; save it somewhere else", path.display())
            })
        });
        match saved {
            Err(message) => self.outbox.answer(IoDone::Failed(message)),
            Ok(text) => {
                let open_elsewhere = self.open_files.as_mut().is_some_and(|files| !files.claim(&path));
                let saved = Box::new(session.document.clone());
                self.outbox.answer(IoDone::SessionSaved { path: path.clone(), document, saved, open_elsewhere });
                if let Err(error) = save_history(&path, &text, &session.document, history) {
                    tracing::warn!("{}: its undo history could not be written: {error}", path.display());
                }
            }
        }
    }

    fn do_chore(&mut self, chore: Chore) {
        match chore {
            Chore::Autosave { document, original, session } => {
                let error = self.autosave(document, original.as_deref(), &session).err();
                self.outbox.answer(IoDone::Autosaved { document, error });
            }
            Chore::RemoveRecovery(documents) => {
                for document in documents {
                    if let Some(Err(error)) = self.recovery.as_ref().map(|folder| folder.remove(document)) {
                        tracing::warn!("a recovery file could not be removed: {error}");
                    }
                }
            }
            Chore::FindRecovery => self.find_recovery(),
            Chore::Recover { id, document } => {
                let done = self.recover(&id, document).map(|opened| IoDone::SessionOpened(Box::new(opened)));
                self.outbox.answer(done.unwrap_or_else(IoDone::Failed));
            }
            Chore::DiscardRecovery(id) => {
                if let Err(error) = self.recovery().and_then(|folder| folder.discard(&id).map_err(said)) {
                    self.outbox.answer(IoDone::Failed(format!("It could not be discarded: {error}")));
                }
                self.find_recovery();
            }
            Chore::ReleaseRecovery => {
                if let Some(folder) = &mut self.recovery {
                    folder.release();
                }
            }
            Chore::KeepOpen(paths) => {
                if let Some(files) = &mut self.open_files {
                    // Claimed already, as a rule.
                    for path in &paths {
                        files.claim(path);
                    }
                    files.keep_only(&paths);
                }
            }
            Chore::CheckFiles(paths) => {
                let missing = paths.into_iter().filter(|path| !path.exists()).collect();
                self.outbox.answer(IoDone::FilesMissing(missing));
            }
            Chore::ListTraining => {
                if let Some(state) = &self.folders.state {
                    self.outbox.answer(training::list(state));
                }
            }
            Chore::KeepModel { from, name } => {
                let done = match &self.folders.state {
                    Some(state) => training::keep_model(state, &from, &name),
                    None => Err("there is no home folder to keep models in; open the run's own model file".to_owned()),
                };
                self.outbox.answer(done.unwrap_or_else(IoDone::Failed));
            }
            Chore::NameDirections { path, hash, names } => {
                self.outbox.answer(match name_directions(&path, &hash, &names) {
                    Ok(()) => IoDone::DirectionsNamed(path),
                    Err(error) => IoDone::DirectionsNotNamed { hash, names, error: error.to_string() },
                });
            }
            Chore::SavePreferences(preferences) => {
                if let Err(message) = self.save_preferences(&preferences) {
                    self.outbox.answer(IoDone::Failed(message));
                }
            }
            Chore::Diagnose(facts) => self.outbox.answer(IoDone::Diagnostics(self.diagnostics(facts))),
        }
    }

    fn recovery(&mut self) -> Result<&mut RecoveryFolder, String> {
        if self.recovery.is_none() {
            let state = self.folders.state.as_ref().ok_or("there is no home folder to keep recovery files in")?;
            let folder = state.join("recovery");
            let opened = RecoveryFolder::open(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            self.recovery = Some(opened);
        }
        self.recovery.as_mut().ok_or_else(|| "there is no recovery folder".to_owned())
    }

    fn autosave(&mut self, document: u64, original: Option<&Path>, session: &Session) -> Result<(), String> {
        let text = session.to_text().map_err(|error| error.to_string())?;
        self.recovery()?.write(document, original, &text).map_err(said)
    }

    fn find_recovery(&mut self) {
        match self.recovery().and_then(|folder| folder.abandoned().map_err(said)) {
            Ok(found) => self.outbox.answer(IoDone::RecoveryFound(found)),
            Err(error) => tracing::warn!("recovery files cannot be looked for: {error}"),
        }
    }

    /// Read first, so that a damaged file stays where it is.
    fn recover(&mut self, id: &str, document: u64) -> Result<OpenedSession, String> {
        let folder = self.recovery()?;
        let (path, loaded) = folder.read(id).map_err(|error| error.to_string())?;
        let original = folder.adopt(id, document).map_err(|error| format!("{}: {error}", path.display()))?;
        let origin = SessionOrigin::Recovered { document, original };
        let model_file_there = super::open::model_file_there(&loaded.session);
        Ok(OpenedSession { path, loaded, origin, history: None, model_file_there })
    }

    fn save_preferences(&self, preferences: &Preferences) -> Result<(), String> {
        let Some(path) = &self.folders.preferences else { return Ok(()) };
        let failed = |error: &dyn std::fmt::Display| format!("{}: preferences not saved: {error}", path.display());
        let text = preferences.to_text().map_err(|error| failed(&error))?;
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| failed(&error))?;
        write_atomic(path, text.as_bytes()).map_err(|error| failed(&error))
    }

    fn diagnostics(&self, mut text: String) -> String {
        for adapter in gpu::known_adapters() {
            text.push_str(&format!("Adapter: {}\n", adapter.name));
        }
        if let Some(state) = &self.folders.state {
            text.push_str("Log:\n");
            text.push_str(&log::last_lines(state));
        }
        text
    }
}

fn said(error: std::io::Error) -> String {
    error.to_string()
}

fn export(path: PathBuf, picture: &Picture, session: Option<&Session>) -> Result<IoDone, String> {
    export_png(&path, picture, session).map_err(|error| error.to_string())?;
    Ok(IoDone::FileSaved(path))
}

fn save(path: PathBuf, bytes: &[u8]) -> Result<IoDone, String> {
    write_atomic(&path, bytes)
        .map_err(|error| format!("cannot write {}: {error}; choose another place", path.display()))?;
    Ok(IoDone::FileSaved(path))
}
