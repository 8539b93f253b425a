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
mod desk;
mod dropped;
mod effect;
mod exports;
mod files;
mod label_mapping;
mod latents;
mod live;
mod model;
mod opened;
mod painting;
mod parked;
mod path_entry;
mod preferences;
mod state;
mod view;
mod workspace;

pub use action::{Action, ActionInfo};
pub use apply::apply;
pub use attributes::{attribute_title, sentence_case};
pub use autosave::AUTOSAVE_DELAY;
pub use canvas_view::{CanvasCommand, CanvasView, GUIDE_SIDE_MAX_PX, GuidePhoto, ViewMode};
pub use chore::Chore;
pub use command::{Command, DialogAnswer, FilesCommand, PointerModifiers};
pub use desk::{Desk, PreferenceChange};
pub use effect::{Effect, ExportKind, IoDone, IoJob, IoTask, Notice, NoticeKind, OpenMode};
pub use files::{DEFAULT_SIDE_PX, default_snapshot};
pub use label_mapping::{LabelMapping, MappingRow, MappingSource};
pub use latents::{DIRECTIONS_SHOWN, OFFSET_LIMIT, SEED_LIMIT, SeedTrail};
pub use live::{Live, LiveStatus};
pub use model::{ModelSlot, ModelSummary};
pub use opened::{OpenedSession, SessionOrigin};
pub use painting::Painting;
pub use path_entry::PathEntry;
pub use preferences::{
    HISTORY_BYTES_RANGE, PREFERENCES_MAX_BYTES, Preferences, PreferencesError, RECENT_FILES, UI_SCALE_RANGE,
};
pub use state::{Dialog, EditorState, Intent, ResultFilter, ThemeChoice};
pub use view::{Canvas, ZOOM_MAX};

#[cfg(test)]
mod tests;
