//! Editor state, commands, and the one function that changes the state.
//!
//! Panels read [`EditorState`] and push [`Command`]s; [`apply`] is the only mutator and answers with [`Effect`]s, the
//! things that need a thread, a file or the window. Nothing here knows egui, so every gesture can be replayed in a test.

mod action;
mod apply;
mod attributes;
mod autosave;
mod canvas_view;
mod chore;
mod command;
mod command_search;
mod controls;
mod desk;
mod dock;
mod dropped;
mod effect;
mod exports;
mod files;
mod grids;
mod hints;
mod history_view;
mod label_mapping;
mod label_view;
mod latents;
mod live;
mod model;
mod obedience;
mod opened;
mod painting;
mod parked;
mod part;
mod path_entry;
mod photo;
mod pins;
mod preferences;
mod seed_trail;
mod shortcut_editor;
mod state;
mod timeline;
mod training;
mod variations;
mod view;
mod workspace;

pub use action::{Action, ActionInfo, Category};
pub use apply::apply;
pub use attributes::{attribute_title, sentence_case};
pub use autosave::{AUTOSAVE_DELAY, AUTOSAVE_DELAY_RANGE_S};
pub use canvas_view::{CanvasCommand, CanvasView, GUIDE_SIDE_MAX_PX, GuidePhoto, ViewMode};
pub use chore::Chore;
pub use command::{Command, DialogAnswer, FilesCommand, PointerModifiers};
pub use command_search::{CommandSearch, Found, SearchCommand};
pub use controls::{Control, ControlRegion, ControlsCommand, ControlsView, End, Finding, Kinds, LATENTS_MEASURED};
pub use desk::{Desk, PreferenceChange};
pub use dock::{DockLayout, DockLayoutError, Node, Panel, Part};
pub use effect::{Effect, ExportKind, IoDone, IoJob, IoTask, Notice, NoticeKind, OpenMode};
pub use files::{DEFAULT_SIDE_PX, default_snapshot, template_title};
pub use grids::{GridExport, GridKind};
pub use hints::{Hint, HintCommand};
pub use label_mapping::{LabelMapping, MappingRow, MappingSource, MappingTarget};
pub use label_view::LabelCommand;
pub use latents::{
    COORDINATE_LIMIT, COORDINATES_PER_PAGE, DIRECTIONS_SHOWN, LatentCommand, LatentView, OFFSET_LIMIT, SEED_LIMIT,
};
pub use live::{Live, LiveStatus};
pub use model::{ModelSlot, ModelSummary};
pub use obedience::{ObedienceScore, ObedienceView};
pub use opened::{OpenedSession, SessionOrigin};
pub use painting::Painting;
pub use path_entry::PathEntry;
pub use photo::{PhotoCommand, PhotoFit, PhotoFraming, PhotoOrder, PhotoView};
pub use pins::PinSlot;
pub use preferences::{
    HISTORY_BYTES_RANGE, PREFERENCES_MAX_BYTES, Preferences, PreferencesError, RECENT_FILES, UI_SCALE_RANGE,
};
pub use seed_trail::SeedTrail;
pub use shortcut_editor::{KeyOwner, Listening, ShortcutCommand, ShortcutEditor, ShortcutQuestion};
pub use state::{Dialog, EditorState, Intent, ResultFilter, ThemeChoice};
pub use timeline::{AnimationExport, AnimationOptions, ExportTicket, TimelineCommand, TimelineView};
pub use training::{
    CheckState, CurveGroup, Curves, DataChoice, DataKind, PROBES_MAX, PairPicture, Preset, Probes, RunPhase,
    RunSettings, RunView, SMOOTHING_RANGE, Series, StartMode, Training, TrainingCommand, TrainingTab,
};
pub use variations::{
    Column, Columns, DISTANCE_RANGE, Reach, TileAt, TileView, VARIATIONS_MAX, VariationCommand, Variations,
};
pub use view::{Canvas, ZOOM_MAX};

#[cfg(test)]
mod tests;
