//! Sessions that were read: which document they become.

use std::path::PathBuf;

use super::autosave::Autosave;
use super::files::{Pending, short};
use super::state::{Dialog, Intent};
use super::{EditorState, Effect};
use crate::document::{History, Snapshot};
use crate::engine::ModelRef;
use crate::model::Model;
use crate::session::{Loaded, ModelIdentity, sample_session};

/// A session that was read.
#[derive(Clone, Debug)]
pub struct OpenedSession {
    /// From where.
    pub path: PathBuf,
    /// What it holds.
    pub loaded: Loaded,
    /// What it is to the user.
    pub origin: SessionOrigin,
    /// Its undo history, if one was kept.
    pub history: Option<History>,
    /// Whether the model file that it names is there.
    pub model_file_there: bool,
}

/// What an opened session is to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOrigin {
    /// Their file, which saving writes again.
    File,
    /// A copy of a file, or what lay inside a picture: saving asks for a name.
    Copy,
    /// One that comes with the program: a new document.
    Sample,
    /// The present document's file, to go back to.
    Revert,
    /// What a crash left.
    Recovered {
        /// Number of the document, whose recovery file it is now.
        document: u64,
        /// The user's file that it was opened from or saved to.
        original: Option<PathBuf>,
    },
}

impl EditorState {
    /// A session whose model is not in use waits for it.
    pub(super) fn session_opened(&mut self, opened: Box<OpenedSession>, effects: &mut Vec<Effect>) {
        if opened.origin == SessionOrigin::Revert && opened.loaded.session.taxonomy == self.taxonomy {
            return self.revert_to(*opened, effects);
        }
        match self.model_to_load(&opened) {
            Some(model) => {
                self.pending = Some(Pending::Session(opened));
                self.load_model(model, effects);
            }
            None => self.adopt_session(*opened, effects),
        }
    }

    /// The model of a session, unless it is in use or nowhere.
    fn model_to_load(&self, opened: &OpenedSession) -> Option<ModelRef> {
        let ModelIdentity { name, hash, file } = &opened.loaded.session.model;
        let in_use = self.model.loaded.as_ref();
        if opened.origin == SessionOrigin::Sample && self.taxonomy == opened.loaded.session.taxonomy {
            let own = ModelRef::Bundled(name.clone());
            if self.model.wanted.as_ref() == Some(&own) {
                // On its way already, as at the start.
                return None;
            }
        }
        if in_use.is_some_and(|model| model.name == *name && (file.is_none() || model.hash == *hash)) {
            return None;
        }
        match file {
            Some(file) if opened.model_file_there => Some(ModelRef::File(PathBuf::from(file))),
            _ if in_use.is_some_and(|model| model.name == *name) => None,
            _ => Model::bundled_names().contains(&name.as_str()).then(|| ModelRef::Bundled(name.clone())),
        }
    }

    /// A session carries its taxonomy, so it can be painted on even without its model.
    /// Strokes may have come after the question about unsaved changes, or the document of its taxonomy may be another
    /// one: then the question is asked again.
    pub(super) fn adopt_session(&mut self, opened: OpenedSession, effects: &mut Vec<Effect>) {
        self.finish_edit();
        if opened.loaded.session.taxonomy != self.taxonomy {
            self.switch_taxonomy(opened.loaded.session.taxonomy.clone());
        }
        let agreed = self.files.agreed.take();
        if self.is_dirty() && agreed != Some((self.files.autosave.document, self.document.clone())) {
            self.files.arrived = Some(Box::new(opened));
            return self.ask(Dialog::Unsaved(Intent::Adopt));
        }
        let OpenedSession { path, loaded: Loaded { session, warnings, newer_version }, origin, history, .. } = opened;
        match origin {
            SessionOrigin::Recovered { .. } => effects.push(Effect::success("Recovered. Save it to keep it.")),
            SessionOrigin::Sample => {}
            _ => effects.push(Effect::success(format!("Opened {}", short(&path)))),
        }
        effects.extend(said(warnings));
        if let Some(version) = newer_version {
            effects.push(Effect::info(format!(
                "It was made by a newer SCGAN Studio (session version {version}). What this one does not know is left \
                 out, so Save asks for another file."
            )));
        }
        self.say_which_model(&session.model, effects);
        let document = session.document;
        match origin {
            SessionOrigin::File | SessionOrigin::Revert if newer_version.is_none() => {
                self.preferences.remember(&path);
                self.replace_document(document, Some(path));
            }
            SessionOrigin::File | SessionOrigin::Revert | SessionOrigin::Copy | SessionOrigin::Sample => {
                self.replace_document(document, None);
            }
            SessionOrigin::Recovered { document: number, original } => {
                self.replace_document(document.clone(), original);
                self.saved = None;
                self.files.autosave = Autosave::recovered(number, document);
            }
        }
        if let Some(history) = history {
            self.history = history;
        }
        self.files.made_with = session.model;
        self.adopt_workspace(&session.workspace);
        self.view = session.view;
        effects.push(Effect::Render);
    }

    /// A bundled session becomes a new document.
    pub(super) fn open_sample(&mut self, name: &str, effects: &mut Vec<Effect>) {
        let Some(sample) = sample_session(name) else { return };
        match sample.session() {
            Ok(loaded) => {
                let opened = OpenedSession {
                    path: PathBuf::from(sample.name),
                    loaded,
                    origin: SessionOrigin::Sample,
                    history: None,
                    model_file_there: false,
                };
                self.session_opened(Box::new(opened), effects);
            }
            // Only in a build whose samples were never tested.
            Err(error) => effects.push(Effect::error(format!("The sample «{name}» cannot be opened: {error}"))),
        }
    }

    fn say_which_model(&self, model: &ModelIdentity, effects: &mut Vec<Effect>) {
        if !self.can_render() && self.model.loading.is_none() {
            let name = model.file.as_ref().unwrap_or(&model.name);
            effects.push(Effect::info(format!("To render it, open the model «{name}» (Model, Open model).")));
        } else if self.model.loaded.as_ref().is_some_and(|loaded| !model.hash.is_empty() && loaded.hash != model.hash) {
            effects.push(Effect::info("It was made with another version of this model; the picture may differ."));
        }
    }

    /// Back to the file, as an edit: undo brings the changes back.
    fn revert_to(&mut self, opened: OpenedSession, effects: &mut Vec<Effect>) {
        let session = opened.loaded.session;
        self.edit_once(|document| document.clone_from(&session.document), |_| "Revert".to_owned());
        self.saved = Some(session.document);
        self.adopt_workspace(&session.workspace);
        effects
            .push(Effect::success(format!("Back to {} as saved. Undo brings the changes back.", short(&opened.path))));
        effects.push(Effect::Render);
    }

    pub(super) fn pending_path(&self) -> Option<PathBuf> {
        match &self.pending {
            Some(Pending::Session(opened)) if opened.origin == SessionOrigin::File => Some(opened.path.clone()),
            _ => None,
        }
    }

    /// What is on disk now, for the document that was saved.
    pub(super) fn note_saved(&mut self, number: u64, path: PathBuf, snapshot: Snapshot) {
        if self.files.autosave.document == number {
            self.saved = Some(snapshot);
            self.path = Some(path);
        } else if let Some(parked) = self.parked.iter_mut().find(|parked| parked.autosave.document == number) {
            parked.saved = Some(snapshot);
            parked.path = Some(path);
        }
    }
}

/// A few warnings in full; of many how many there are.
fn said(warnings: Vec<String>) -> impl Iterator<Item = Effect> {
    const MOST: usize = 4;
    let more = warnings.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| Effect::info(format!("… and {more} more things in the file that are unknown here.")));
    warnings.into_iter().take(MOST).map(Effect::info).chain(rest)
}
