//! Documents from and to files, templates and other taxonomies.

use std::path::{Path, PathBuf};

use super::state::{Dialog, Intent};
use super::{
    CanvasCommand, Chore, DialogAnswer, EditorState, Effect, FilesCommand, IoDone, IoJob, IoTask, ModelSummary, Notice,
    NoticeKind, OpenMode, OpenedSession, PhotoCommand,
};
use crate::document::{LabelMap, LatentState, Snapshot, Timeline};
use crate::engine::ModelRef;
use crate::label_image::LabelImage;
use crate::session::{ModelIdentity, Session, View};
use crate::taxonomy::Taxonomy;
use crate::templates::{Template, template, templates};

/// Side of a new mask, in pixels: finer than the models, so that strokes look smooth.
pub const DEFAULT_SIDE_PX: u32 = 512;

/// What waits for a model that understands it.
#[derive(Debug)]
pub(super) enum Pending {
    Session(Box<OpenedSession>),
    Template(&'static str),
}

/// A first document: the taxonomy's first template, or an empty mask.
pub fn default_snapshot(taxonomy: &Taxonomy, side_px: u32) -> Snapshot {
    let first = templates().iter().find(|template| fits(template, taxonomy));
    match first {
        Some(template) => template_snapshot(template, side_px),
        None => blank_snapshot(taxonomy, side_px),
    }
}

/// Whether a template's labels and attributes are this taxonomy's; a model of someone's may have another one of the name.
fn fits(template: &Template, taxonomy: &Taxonomy) -> bool {
    Taxonomy::builtin(template.taxonomy).is_some_and(|own| {
        let labels = |taxonomy: &Taxonomy| taxonomy.labels.iter().map(|label| label.name.clone()).collect::<Vec<_>>();
        own.name == taxonomy.name
            && labels(&own) == labels(taxonomy)
            && own.attribute_names().eq(taxonomy.attribute_names())
    })
}

fn blank_snapshot(taxonomy: &Taxonomy, side_px: u32) -> Snapshot {
    Snapshot {
        labels: LabelMap::new(side_px, side_px, 0),
        attributes: taxonomy.default_attributes(),
        latent: LatentState::default(),
        timeline: Timeline::default(),
    }
}

fn template_snapshot(template: &Template, side_px: u32) -> Snapshot {
    Snapshot {
        labels: LabelMap::from_image(&template.labels(side_px)),
        attributes: template.attributes(),
        latent: LatentState::default(),
        timeline: Timeline::default(),
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
        // Closing concerns all documents; the question is asked about the one that is seen.
        let unsaved = if intent == Intent::Quit { self.show_unsaved() } else { self.is_dirty() };
        if unsaved {
            self.dialog = Some(Dialog::Unsaved(intent));
        } else {
            self.carry_out(intent, effects);
        }
    }

    fn carry_out(&mut self, intent: Intent, effects: &mut Vec<Effect>) {
        self.files.agreed = Some((self.files.autosave.document, self.document.clone()));
        match intent {
            Intent::New => {
                self.replace_document(blank_snapshot(&self.taxonomy, DEFAULT_SIDE_PX), None);
                effects.push(Effect::Render);
            }
            Intent::Open(path) => self.open(path, OpenMode::Usual, effects),
            Intent::NewFrom => self.open(None, OpenMode::Copy, effects),
            Intent::Sample(name) => self.open_sample(name, effects),
            Intent::Revert => match self.path.clone() {
                Some(path) => self.open(Some(path), OpenMode::Revert, effects),
                None => effects.push(Effect::info("It was never saved, so there is nothing to go back to.")),
            },
            Intent::Recover(id) => {
                let document = self.files.number_document();
                effects.push(Effect::Chore(Chore::Recover { id, document }));
            }
            Intent::Adopt => {
                if let Some(opened) = self.files.arrived.take() {
                    self.adopt_session(*opened, effects);
                }
            }
            Intent::Quit => self.quit(effects),
        }
    }

    /// Whatever was given up on the way to an earlier quit counts again.
    pub(super) fn ask_to_quit(&mut self, effects: &mut Vec<Effect>) {
        self.files.given_up.clear();
        self.intend(Intent::Quit, effects);
    }

    /// The present document's changes were given up; those of documents put aside were not.
    fn give_up_and_quit(&mut self, effects: &mut Vec<Effect>) {
        self.files.given_up.push(self.files.autosave.document);
        self.intend(Intent::Quit, effects);
    }

    /// Whatever is unsaved now was given up, so it need not be recovered either.
    fn quit(&mut self, effects: &mut Vec<Effect>) {
        let files = self.recovery_files();
        if !files.is_empty() {
            effects.push(Effect::Chore(Chore::RemoveRecovery(files)));
        }
        self.save_preferences(effects);
        effects.push(Effect::Quit);
    }

    pub(super) fn open(&mut self, path: Option<PathBuf>, mode: OpenMode, effects: &mut Vec<Effect>) {
        let taxonomy = Box::new(self.taxonomy.clone());
        let task = IoTask::Open { taxonomy, mode, history_bytes: self.preferences.history_bytes };
        effects.push(Effect::Io(IoJob { path, task }));
    }

    pub(super) fn answer(&mut self, answer: DialogAnswer, effects: &mut Vec<Effect>) {
        match (self.dialog.take(), answer) {
            (Some(Dialog::Unsaved(Intent::Revert)), DialogAnswer::Accept | DialogAnswer::Discard) => {
                self.carry_out(Intent::Revert, effects);
            }
            (Some(Dialog::Unsaved(intent)), DialogAnswer::Accept) => {
                self.after_save = Some(intent);
                self.save(self.path.clone(), effects);
            }
            (Some(Dialog::Unsaved(Intent::Quit)), DialogAnswer::Discard) => self.give_up_and_quit(effects),
            (Some(Dialog::Unsaved(intent)), DialogAnswer::Discard) => self.carry_out(intent, effects),
            (Some(Dialog::Unsaved(Intent::Quit)), DialogAnswer::Close) => self.files.given_up.clear(),
            (Some(Dialog::Unsaved(Intent::Adopt)), DialogAnswer::Close) => self.files.arrived = None,
            (Some(Dialog::TypePath), DialogAnswer::Accept) => self.take_path(effects),
            (Some(Dialog::TypePath), _) => self.drop_path(),
            (Some(Dialog::OpenElsewhere(path)), DialogAnswer::Accept) => {
                self.open(Some(path), OpenMode::Copy, effects);
            }
            (Some(Dialog::OpenElsewhere(path)), DialogAnswer::Discard) => {
                self.open(Some(path), OpenMode::Anyway, effects);
            }
            (Some(Dialog::MapLabels), DialogAnswer::Accept) => self.apply_mapping(effects),
            (Some(Dialog::MapLabels), _) => self.files.mapping = None,
            (Some(Dialog::FramePhoto), _) => self.drop_photo(effects),
            (Some(Dialog::Recovery), _) => effects.push(Effect::Chore(Chore::ReleaseRecovery)),
            _ => {}
        }
        self.ask_what_waited();
    }

    pub(super) fn save(&mut self, path: Option<PathBuf>, effects: &mut Vec<Effect>) {
        self.finish_edit();
        let task = IoTask::SaveSession {
            document: self.files.autosave.document,
            session: Box::new(self.session()),
            history: self.history.clone(),
        };
        effects.push(Effect::Io(IoJob { path, task }));
    }

    pub(super) fn session(&self) -> Session {
        let model = self.model.loaded.as_ref().filter(|model| model.taxonomy == self.taxonomy);
        let file = match model.map(|model| &model.reference) {
            Some(ModelRef::File(path)) => path.to_str().map(str::to_owned),
            _ => None,
        };
        let identity =
            |model: &ModelSummary| ModelIdentity { name: model.name.clone(), hash: model.hash.clone(), file };
        Session {
            model: model.map_or_else(|| self.files.made_with.clone(), identity),
            taxonomy: self.taxonomy.clone(),
            document: self.document.clone(),
            view: self.view,
            workspace: self.workspace(),
        }
    }

    pub(super) fn use_template(&mut self, name: &'static str, effects: &mut Vec<Effect>) {
        let Some(template) = template(name) else { return };
        if !fits(&template, &self.taxonomy) {
            let own = ModelRef::Bundled(template.taxonomy.to_owned());
            if self.can_render() && self.model.loaded.as_ref().is_some_and(|model| model.reference == own) {
                // The model is there and still has other labels, so loading it again would not help.
                return;
            }
            self.pending = Some(Pending::Template(name));
            self.load_model(own, effects);
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
            IoDone::SessionOpened(opened) => self.session_opened(opened, effects),
            IoDone::MaskOpened { path, labels } => self.mask_opened(&path, &labels, effects),
            IoDone::MaskUnknown { path, raw } => self.ask_for_mask_labels(path, *raw),
            IoDone::OpenElsewhere(path) => self.ask(Dialog::OpenElsewhere(path)),
            IoDone::GuideOpened(photo) => self.change_canvas(CanvasCommand::SetGuide(Some(photo))),
            IoDone::PhotoOpened { name, photo } => {
                self.photo_command(PhotoCommand::Opened { name, photo }, effects);
            }
            IoDone::ModelChosen(path) => self.load_model(ModelRef::File(path), effects),
            IoDone::AnimationFileChosen(path) => self.export_animation(path, effects),
            IoDone::GridFileChosen { path, kind } => self.export_grid(path, kind, effects),
            IoDone::GridWritten { ticket, error } => self.grid_written(&ticket, error, effects),
            IoDone::AnimationWritten { ticket, error } => self.animation_written(&ticket, error, effects),
            IoDone::DataChosen(path) => self.data_chosen(&path, effects),
            IoDone::RunChosen(path) => self.continue_run(path, effects),
            IoDone::PairFolderChosen(path) => self.training.pairs_folder = Some(path),
            IoDone::PairAdded { folder, name } => {
                effects.push(Effect::success(format!("Added {name} to {}", short(&folder))));
                self.training.pairs_folder = Some(folder);
            }
            IoDone::ModelKept(path) => {
                effects.push(Effect::success(format!("{} is in the Model menu now", short(&path))));
                self.load_model(ModelRef::File(path), effects);
                Self::list_training(effects);
            }
            IoDone::DirectionsNamed(path) => {
                effects.push(Effect::success(format!("The names are saved in {}", short(&path))));
            }
            IoDone::DirectionsNotNamed { hash, names, error } => self.keep_names(hash, names, &error, effects),
            IoDone::TrainingFiles { runs_folder, runs, models } => self.training_files(runs_folder, runs, models),
            IoDone::SessionSaved { path, document, saved, open_elsewhere } => {
                self.session_saved(path, document, *saved, open_elsewhere, effects);
            }
            IoDone::FileSaved(path) => effects.push(Effect::success(format!("Saved {}", short(&path)))),
            IoDone::Autosaved { document, error } => self.autosaved(document, error, effects),
            IoDone::RecoveryFound(found) => self.recovery_found(found, effects),
            IoDone::FilesMissing(missing) => self.files.missing = missing,
            IoDone::Diagnostics(text) => {
                effects.push(Effect::CopyText(text));
                effects.push(Effect::success("The diagnostics are on the clipboard."));
            }
            IoDone::Cancelled => self.after_save = None,
            IoDone::NoFileDialog(task) => self.ask_for_path(*task),
            IoDone::Failed(message) => {
                self.after_save = None;
                effects.push(Effect::error(message));
            }
        }
    }

    pub(super) fn files_command(&mut self, command: FilesCommand, effects: &mut Vec<Effect>) {
        match command {
            FilesCommand::Tick(now) => self.tick(now, effects),
            FilesCommand::Started => {
                effects.push(Effect::Chore(Chore::FindRecovery));
                Self::list_training(effects);
            }
            FilesCommand::Focused => self.check_recent(effects),
            FilesCommand::Dropped(paths) => self.files_dropped(paths, effects),
            FilesCommand::Recover(id) => {
                self.dialog = None;
                self.files.recovery.retain(|entry| entry.id != id);
                self.intend(Intent::Recover(id), effects);
            }
            FilesCommand::DiscardRecovery(id) => effects.push(Effect::Chore(Chore::DiscardRecovery(id))),
            FilesCommand::MapLabel { row, target } => self.map_label(row, target),
            FilesCommand::Prefer(change) => self.change_preference(change),
            FilesCommand::WindowDrawnBy(graphics) => self.files.graphics = Some(graphics),
        }
    }

    fn session_saved(
        &mut self,
        path: PathBuf,
        document: u64,
        saved: Snapshot,
        open_elsewhere: bool,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::success(format!("Saved {}", short(&path))));
        if open_elsewhere {
            let name = short(&path);
            effects
                .push(Effect::info(format!("{name} is open in another window too, which still shows its old state.")));
        }
        self.preferences.remember(&path);
        self.note_saved(document, path, saved);
        if let Some(intent) = self.after_save.take() {
            self.intend(intent, effects);
        }
    }

    /// A mask can be undone; it keeps attributes and latents.
    fn mask_opened(&mut self, path: &Path, labels: &LabelImage, effects: &mut Vec<Effect>) {
        if usize::from(labels.max_id()) >= self.taxonomy.n_labels() {
            // Another model came while it was read.
            return self.open(Some(path.to_owned()), OpenMode::Usual, effects);
        }
        let labels = LabelMap::from_image(labels);
        self.edit_once(|document| document.labels = labels, |_| format!("Open {}", short(path)));
        self.view = View::Fit;
        effects.push(Effect::success(format!("Opened {}", short(path))));
        effects.push(Effect::Render);
    }
}

/// A file's name without its folder.
pub(super) fn short(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
