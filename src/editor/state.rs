//! What the editor knows.

use std::collections::VecDeque;
use std::path::PathBuf;

use rand::SeedableRng;
use rand_pcg::Pcg32;

use super::autosave::Autosave;
use super::exports::Awaited;
use super::files::{DEFAULT_SIDE_PX, Pending, default_snapshot};
use super::parked::Parked;
use super::{
    Canvas, CanvasView, CommandSearch, ControlsView, Desk, GridExport, LatentView, Live, ModelSlot, ObedienceView,
    Painting, PathEntry, PhotoView, Preferences, SeedTrail, ShortcutEditor, TimelineView, Training, Variations,
};
use crate::document::{History, Point, Region, Snapshot};
use crate::session::View;
use crate::taxonomy::{LabelId, Taxonomy};

/// How the result is enlarged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ResultFilter {
    /// Smoothly.
    #[default]
    Linear,
    /// As square pixels.
    Nearest,
}

/// Which theme the window uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
    /// The desktop's.
    System,
}

/// What covers the window until it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// There are unsaved changes and the user is about to do this.
    Unsaved(Intent),
    /// Every shortcut.
    Shortcuts,
    /// The model's card.
    ModelCard,
    /// A path for a file, typed.
    TypePath,
    /// Version and licence.
    About,
    /// What crashed processes left.
    Recovery,
    /// This session file is open in another window.
    OpenElsewhere(PathBuf),
    /// What the labels of a mask or document become.
    MapLabels,
    /// The preferences.
    Preferences,
    /// The keys of all actions, to be changed.
    EditShortcuts,
    /// Starter layouts.
    Templates,
    /// Every command, by name.
    CommandPalette,
    /// How an animation is exported.
    ExportAnimation,
    /// What of a photo becomes the picture.
    FramePhoto,
}

/// What would throw unsaved changes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A new document.
    New,
    /// Another file; `None` asks which.
    Open(Option<PathBuf>),
    /// A new document from a file, to be asked for.
    NewFrom,
    /// A bundled sample session, by its name.
    Sample(&'static str),
    /// The document as it is on disk.
    Revert,
    /// What a crash left, by the name of its file.
    Recover(String),
    /// The session that was read, now that it would replace unsaved work nobody was asked about.
    Adopt,
    /// Close the window.
    Quit,
}

/// An edit that may still go on, such as a slider being dragged.
#[derive(Debug)]
struct OpenEdit {
    key: EditKey,
    /// What it is called, where the key does not say.
    name: Option<String>,
    before: Snapshot,
}

/// What an open edit changes; repeats with the same key belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditKey {
    Stroke,
    Attribute(usize),
    Direction(usize),
    Coordinate(u16),
    Blend,
    Seed,
    Duration,
}

/// Everything the editor knows. Panels read it; only [`super::apply`] changes it.
#[derive(Debug)]
pub struct EditorState {
    /// Labels and attributes of the document.
    pub taxonomy: Taxonomy,
    /// Mask, attributes and latents.
    pub document: Snapshot,
    /// Undo and redo.
    pub history: History,
    /// Tools.
    pub painting: Painting,
    /// Pixels per label as of the last finished edit.
    pub pixel_counts: [u64; 256],
    /// Zoom and pan of the mask.
    pub view: View,
    /// What the canvas shows of mask and result.
    pub canvas_view: CanvasView,
    /// The area that shows the mask, in physical pixels.
    pub canvas_px: [f32; 2],
    /// Where the pointer hovers, in mask pixels.
    pub hover: Option<[f32; 2]>,
    /// Seeds seen.
    pub seeds: SeedTrail,
    /// The model.
    pub model: ModelSlot,
    /// The picture.
    pub live: Live,
    /// Where the picture disobeys.
    pub obedience: ObedienceView,
    /// How the picture is enlarged.
    pub result_filter: ResultFilter,
    /// Dark or light.
    pub theme: ThemeChoice,
    /// The session's file.
    pub path: Option<PathBuf>,
    /// What covers the window.
    pub dialog: Option<Dialog>,
    /// Whether the latent is kept as it is.
    pub latent_locked: bool,
    /// What was cut or copied from a mask.
    pub clipboard: Option<Region>,
    /// What the latent panel shows.
    pub latent_view: LatentView,
    pub(super) hint_index: usize,
    /// What is looked for in the command palette.
    pub search: CommandSearch,
    /// What goes on in the dialog for keys.
    pub shortcut_editor: ShortcutEditor,
    /// The path being typed.
    pub path_entry: Option<PathEntry>,
    /// What the user prefers, whatever the document.
    pub preferences: Preferences,
    /// Recovery, recent files and what else there is about files.
    pub files: Desk,
    /// Data set, settings, run and checkpoints.
    pub training: Training,
    /// The photo being framed or fitted.
    pub photo: PhotoView,
    /// Playhead and exports.
    pub timeline: TimelineView,
    /// The wall of variations.
    pub variations: Variations,
    /// What controls a region of the picture.
    pub controls: ControlsView,
    /// The grid that is being exported.
    pub grid_export: Option<GridExport>,
    pub(super) last_grid: u64,
    /// The document as it is on disk or as it began; `None` when neither is any good, as after a crash.
    pub(super) saved: Option<Snapshot>,
    pub(super) pending: Option<Pending>,
    pub(super) after_save: Option<Intent>,
    pub(super) parked: Vec<Parked>,
    pub(super) exports: VecDeque<Awaited>,
    pub(super) rng: Pcg32,
    edit: Option<OpenEdit>,
}

impl EditorState {
    /// A first document for the taxonomy. `entropy` seeds the randomise button.
    pub fn new(taxonomy: Taxonomy, entropy: u64) -> Self {
        let document = default_snapshot(&taxonomy, DEFAULT_SIDE_PX);
        Self {
            history: History::new(Preferences::default().history_bytes),
            painting: Painting::new(taxonomy.n_labels(), DEFAULT_SIDE_PX),
            pixel_counts: document.labels.counts(),
            view: View::Fit,
            canvas_view: CanvasView::default(),
            canvas_px: [600.0, 600.0],
            hover: None,
            seeds: SeedTrail::new(document.latent.seed),
            model: ModelSlot::default(),
            live: Live { wanted: 1, ..Live::default() },
            obedience: ObedienceView::default(),
            result_filter: ResultFilter::Linear,
            theme: ThemeChoice::Dark,
            path: None,
            dialog: None,
            latent_locked: false,
            clipboard: None,
            latent_view: LatentView::default(),
            hint_index: 0,
            search: CommandSearch::default(),
            shortcut_editor: ShortcutEditor::default(),
            path_entry: None,
            preferences: Preferences::default(),
            files: Desk::default(),
            training: Training::default(),
            photo: PhotoView::default(),
            timeline: TimelineView::default(),
            variations: Variations::default(),
            controls: ControlsView::default(),
            grid_export: None,
            last_grid: 0,
            saved: Some(document.clone()),
            pending: None,
            after_save: None,
            parked: Vec::new(),
            exports: VecDeque::new(),
            rng: Pcg32::seed_from_u64(entropy),
            edit: None,
            taxonomy,
            document,
        }
    }

    /// Whether the document differs from what is on disk, or from how it began.
    pub fn is_dirty(&self) -> bool {
        self.saved.as_ref() != Some(&self.document)
    }

    /// The sizes that the view relates.
    pub fn canvas(&self) -> Canvas {
        let labels = &self.document.labels;
        Canvas { size_px: self.canvas_px, mask: [labels.width() as f32, labels.height() as f32] }
    }

    /// The label under the pointer.
    pub fn hovered_label(&self) -> Option<LabelId> {
        let [x, y] = self.hover?;
        let (x, y) = self.document.labels.pixel_at(Point::new(x, y))?;
        self.document.labels.get(x, y)
    }

    /// Whether an edit is still going on.
    pub fn has_open_edit(&self) -> bool {
        self.edit.is_some()
    }

    /// Starts an edit, unless it is the one going on.
    pub(super) fn open_edit(&mut self, key: EditKey) {
        if self.edit.as_ref().is_some_and(|edit| edit.key == key) {
            return;
        }
        self.finish_edit();
        self.timeline.end_preview();
        self.edit = Some(OpenEdit { key, name: None, before: self.document.clone() });
    }

    /// The open edit's name in the history.
    pub(super) fn rename_edit(&mut self, name: impl Into<String>) {
        if let Some(edit) = &mut self.edit {
            edit.name = Some(name.into());
        }
    }

    /// Changes the document within an edit that stays open.
    pub(super) fn edit(&mut self, key: EditKey, change: impl FnOnce(&mut Snapshot)) {
        self.open_edit(key);
        change(&mut self.document);
        self.touch();
    }

    /// Changes the document as an edit of its own; `name` is asked for after the change.
    pub(super) fn edit_once(&mut self, change: impl FnOnce(&mut Snapshot), name: impl FnOnce(&Self) -> String) {
        self.finish_edit();
        self.timeline.end_preview();
        let before = self.document.clone();
        change(&mut self.document);
        if before.labels != self.document.labels {
            self.pixel_counts = self.document.labels.counts();
        }
        let name = name(self);
        self.history.commit(&name, before, &self.document);
        self.touch();
    }

    /// Closes the open edit: it becomes one entry, or none when nothing changed.
    pub(super) fn finish_edit(&mut self) {
        self.cancel_gesture();
        let Some(edit) = self.edit.take() else { return };
        match edit.key {
            EditKey::Stroke => self.pixel_counts = self.document.labels.counts(),
            EditKey::Seed => self.visit_current_seed(),
            EditKey::Attribute(_)
            | EditKey::Direction(_)
            | EditKey::Coordinate(_)
            | EditKey::Blend
            | EditKey::Duration => {}
        }
        let name = edit.name.unwrap_or_else(|| self.edit_title(edit.key));
        self.history.commit(&name, edit.before, &self.document);
    }

    /// While a gesture is under way, that is what is undone: a polygon goes, a moved part goes back.
    pub(super) fn undo(&mut self) {
        let gesture = self.painting.is_active();
        let before = self.edit.as_ref().map(|edit| edit.before.clone());
        self.finish_edit();
        if gesture && before.is_none_or(|before| before == self.document) {
            return;
        }
        if let Some(before) = self.history.undo(&self.document) {
            self.restore(before);
        }
    }

    pub(super) fn redo(&mut self) {
        self.finish_edit();
        if let Some(after) = self.history.redo(&self.document) {
            self.restore(after);
        }
    }

    fn restore(&mut self, document: Snapshot) {
        self.document = document;
        self.document_restored();
    }

    /// The document is another one than a moment ago.
    pub(super) fn document_restored(&mut self) {
        self.timeline.end_preview();
        self.pixel_counts = self.document.labels.counts();
        self.touch();
    }

    /// Another document with a history of its own.
    pub(super) fn replace_document(&mut self, document: Snapshot, path: Option<PathBuf>) {
        self.cancel_gesture();
        self.edit = None;
        self.history = self.new_history();
        self.seeds = SeedTrail::new(document.latent.seed);
        self.saved = Some(document.clone());
        self.files.forsaken.push(self.files.autosave.document);
        self.files.autosave = Autosave::new(self.files.number_document());
        self.path = path;
        self.view = View::Fit;
        self.restore(document);
    }

    /// An empty history of the preferred size.
    pub(super) fn new_history(&self) -> History {
        History::new(self.preferences.history_bytes)
    }
}
