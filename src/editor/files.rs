//! Documents from and to files, templates and other taxonomies.

use std::path::{Path, PathBuf};

use super::state::{Dialog, Intent, new_history};
use super::{
    DialogAnswer, EditorState, Effect, IoDone, IoJob, IoTask, LatentView, Notice, NoticeKind, Painting, SeedTrail,
};
use crate::data::procedural::{Template, template, templates};
use crate::document::{History, LabelMap, LatentState, Snapshot};
use crate::engine::{EngineCommand, ModelRef, PicturePixels};
use crate::label_image::LabelImage;
use crate::model::Model;
use crate::session::{Loaded, ModelIdentity, Session, View};
use crate::taxonomy::Taxonomy;

/// Side of a new mask, in pixels: finer than the models, so that strokes look smooth.
pub const DEFAULT_SIDE_PX: u32 = 512;

/// What waits for a model that understands it.
#[derive(Debug)]
pub(super) enum Pending {
    Session { path: PathBuf, loaded: Box<Loaded> },
    Template(&'static str),
}

/// A document put aside while a model with another taxonomy is in use.
#[derive(Debug)]
pub(super) struct Parked {
    document: Snapshot,
    saved: Snapshot,
    history: History,
    painting: Painting,
    seeds: SeedTrail,
    path: Option<PathBuf>,
}

/// A first document: the taxonomy's first template, or an empty mask.
pub fn default_snapshot(taxonomy: &Taxonomy, side_px: u32) -> Snapshot {
    let first = templates().iter().find(|template| template.taxonomy == taxonomy.name);
    match first {
        Some(template) => template_snapshot(template, side_px),
        None => blank_snapshot(taxonomy, side_px),
    }
}

fn blank_snapshot(taxonomy: &Taxonomy, side_px: u32) -> Snapshot {
    Snapshot {
        labels: LabelMap::new(side_px, side_px, 0),
        attributes: taxonomy.default_attributes(),
        latent: LatentState::default(),
    }
}

fn template_snapshot(template: &Template, side_px: u32) -> Snapshot {
    Snapshot {
        labels: LabelMap::from_image(&template.labels(side_px)),
        attributes: template.attributes(),
        latent: LatentState::default(),
    }
}

/// A template's name for people: `long-hair` is "Long hair".
pub fn template_title(name: &str) -> String {
    super::sentence_case(&name.replace('-', " "))
}

impl Effect {
    pub(super) fn error(text: impl Into<String>) -> Self {
        Self::Notify(Notice { kind: NoticeKind::Error, text: text.into() })
    }

    pub(super) fn success(text: impl Into<String>) -> Self {
        Self::Notify(Notice { kind: NoticeKind::Success, text: text.into() })
    }

    pub(super) fn info(text: impl Into<String>) -> Self {
        Self::Notify(Notice { kind: NoticeKind::Info, text: text.into() })
    }
}

impl EditorState {
    /// Carries the intent out at once, or asks first when changes would be lost.
    pub(super) fn intend(&mut self, intent: Intent, effects: &mut Vec<Effect>) {
        self.finish_edit();
        if self.is_dirty() || (intent == Intent::Quit && self.parked.values().any(|p| p.document != p.saved)) {
            self.dialog = Some(Dialog::Unsaved(intent));
        } else {
            self.carry_out(intent, effects);
        }
    }

    fn carry_out(&mut self, intent: Intent, effects: &mut Vec<Effect>) {
        match intent {
            Intent::New => {
                self.replace_document(blank_snapshot(&self.taxonomy, DEFAULT_SIDE_PX), None);
                effects.push(Effect::Render);
            }
            Intent::Open(path) => self.open(path, effects),
            Intent::Quit => effects.push(Effect::Quit),
        }
    }

    fn open(&mut self, path: Option<PathBuf>, effects: &mut Vec<Effect>) {
        let task = IoTask::Open { taxonomy: Box::new(self.taxonomy.clone()) };
        effects.push(Effect::Io(IoJob { path, task }));
    }

    pub(super) fn answer(&mut self, answer: DialogAnswer, effects: &mut Vec<Effect>) {
        match (self.dialog.take(), answer) {
            (Some(Dialog::Unsaved(intent)), DialogAnswer::Accept) => {
                self.after_save = Some(intent);
                self.save(self.path.clone(), effects);
            }
            (Some(Dialog::Unsaved(intent)), DialogAnswer::Discard) => self.carry_out(intent, effects),
            (Some(Dialog::TypePath), DialogAnswer::Accept) => self.take_path(effects),
            (Some(Dialog::TypePath), _) => self.drop_path(),
            _ => {}
        }
    }

    pub(super) fn save(&mut self, path: Option<PathBuf>, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let task = IoTask::SaveSession(Box::new(self.session()));
        effects.push(Effect::Io(IoJob { path, task }));
    }

    fn session(&self) -> Session {
        let model = self.model.loaded.as_ref().filter(|model| model.taxonomy == self.taxonomy);
        let model = model.map(|model| ModelIdentity { name: model.name.clone(), hash: model.hash.clone() });
        Session {
            model: model.unwrap_or_default(),
            taxonomy: self.taxonomy.clone(),
            document: self.document.clone(),
            view: self.view,
        }
    }

    pub(super) fn save_mask(&mut self, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let taxonomy = Box::new(self.taxonomy.clone());
        let task = IoTask::SaveMask { labels: self.document.labels.to_image(), taxonomy };
        effects.push(Effect::Io(IoJob { path: None, task }));
    }

    /// Asks for the pixels of the document's picture, which may lie on the graphics card; see
    /// [`EditorState::picture_read`].
    pub(super) fn export_result(&mut self, effects: &mut Vec<Effect>) {
        match self.picture_request() {
            Some(request) => effects.push(Effect::Engine(EngineCommand::ReadPicture(request))),
            None => effects.push(Effect::info("There is no picture yet to export.")),
        }
    }

    pub(super) fn picture_read(&mut self, picture: PicturePixels, effects: &mut Vec<Effect>) {
        effects.push(Effect::Io(IoJob { path: None, task: IoTask::ExportResult(picture) }));
    }

    pub(super) fn use_template(&mut self, name: &'static str, effects: &mut Vec<Effect>) {
        let Some(template) = template(name) else { return };
        if template.taxonomy != self.taxonomy.name {
            self.pending = Some(Pending::Template(name));
            self.load_model(ModelRef::Bundled(template.taxonomy.to_owned()), effects);
            return;
        }
        let side_px = self.document.labels.width().max(self.document.labels.height());
        let layout = template_snapshot(&template, side_px);
        self.edit_once(
            |document| {
                document.labels = layout.labels;
                document.attributes = layout.attributes;
            },
            |_| format!("Template {}", template_title(name)),
        );
        effects.push(Effect::Render);
    }

    pub(super) fn io_done(&mut self, done: IoDone, effects: &mut Vec<Effect>) {
        match done {
            IoDone::SessionOpened { path, loaded } => self.session_opened(path, loaded, effects),
            IoDone::MaskOpened { path, labels } => self.mask_opened(&path, &labels, effects),
            IoDone::ModelChosen(path) => self.load_model(ModelRef::File(path), effects),
            IoDone::SessionSaved { path, saved } => self.session_saved(path, *saved, effects),
            IoDone::FileSaved(path) => effects.push(Effect::success(format!("Saved {}", short(&path)))),
            IoDone::Cancelled => self.after_save = None,
            IoDone::NoFileDialog(task) => self.ask_for_path(*task),
            IoDone::Failed(message) => {
                self.after_save = None;
                effects.push(Effect::error(message));
            }
        }
    }

    fn session_saved(&mut self, path: PathBuf, saved: Snapshot, effects: &mut Vec<Effect>) {
        effects.push(Effect::success(format!("Saved {}", short(&path))));
        self.saved = saved;
        self.path = Some(path);
        if let Some(intent) = self.after_save.take() {
            self.intend(intent, effects);
        }
    }

    /// A mask can be undone; it keeps attributes and latents.
    fn mask_opened(&mut self, path: &Path, labels: &LabelImage, effects: &mut Vec<Effect>) {
        let labels = LabelMap::from_image(labels);
        self.edit_once(|document| document.labels = labels, |_| format!("Open {}", short(path)));
        self.view = View::Fit;
        effects.push(Effect::success(format!("Opened {}", short(path))));
        effects.push(Effect::Render);
    }

    /// A session whose bundled model is not in use waits for it.
    fn session_opened(&mut self, path: PathBuf, loaded: Box<Loaded>, effects: &mut Vec<Effect>) {
        let name = loaded.session.model.name.clone();
        let in_use = self.model.loaded.as_ref().is_some_and(|model| model.name == name);
        if !in_use && Model::bundled_names().contains(&name.as_str()) {
            self.pending = Some(Pending::Session { path, loaded });
            self.load_model(ModelRef::Bundled(name), effects);
        } else {
            self.adopt_session(path, *loaded, effects);
        }
    }

    /// A session carries its taxonomy, so it can be painted on even without its model.
    pub(super) fn adopt_session(&mut self, path: PathBuf, loaded: Loaded, effects: &mut Vec<Effect>) {
        let Loaded { session, warnings } = loaded;
        effects.push(Effect::success(format!("Opened {}", short(&path))));
        effects.extend(warnings.into_iter().map(Effect::info));
        if session.taxonomy != self.taxonomy {
            self.switch_taxonomy(session.taxonomy);
        }
        if !self.can_render() && self.model.loading.is_none() {
            let model = &session.model.name;
            effects.push(Effect::info(format!("To render it, open the model «{model}» (Model, Open model).")));
        } else if self.model.loaded.as_ref().is_some_and(|model| model.hash != session.model.hash) {
            effects.push(Effect::info("It was made with another version of this model; the picture may differ."));
        }
        self.replace_document(session.document, Some(path));
        self.view = session.view;
        effects.push(Effect::Render);
    }

    /// Puts the present document aside and takes out the new taxonomy's, or makes one.
    pub(super) fn switch_taxonomy(&mut self, taxonomy: Taxonomy) {
        self.finish_edit();
        let side_px = DEFAULT_SIDE_PX;
        let next = self.parked.remove(&taxonomy.name).unwrap_or_else(|| {
            let document = default_snapshot(&taxonomy, side_px);
            Parked {
                saved: document.clone(),
                history: new_history(),
                painting: Painting::new(taxonomy.n_labels(), side_px),
                seeds: SeedTrail::new(document.latent.seed),
                path: None,
                document,
            }
        });
        let name = std::mem::replace(&mut self.taxonomy, taxonomy).name;
        let present = Parked {
            document: std::mem::replace(&mut self.document, next.document),
            saved: std::mem::replace(&mut self.saved, next.saved),
            history: std::mem::replace(&mut self.history, next.history),
            painting: std::mem::replace(&mut self.painting, next.painting),
            seeds: std::mem::replace(&mut self.seeds, next.seeds),
            path: std::mem::replace(&mut self.path, next.path),
        };
        self.parked.insert(name, present);
        self.view = View::Fit;
        self.show_all_labels();
        self.latent_view = LatentView::default();
        self.pixel_counts = self.document.labels.counts();
    }
}

fn short(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
