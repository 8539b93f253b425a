//! Editor state, commands, and the one function that changes the state.
//!
//! Panels read [`EditorState`] and push [`Command`]s; [`apply`] is the only mutator and answers with [`Effect`]s, the
//! things that need a thread, a file or the window. Nothing here knows egui, so every gesture can be replayed in a test.

mod action;
mod apply;
mod attributes;
mod canvas_view;
mod command;
mod effect;
mod files;
mod latents;
mod live;
mod model;
mod painting;
mod path_entry;
mod state;
mod view;

pub use action::{Action, ActionInfo};
pub use apply::apply;
pub use attributes::{attribute_title, sentence_case};
pub use canvas_view::{CanvasCommand, CanvasView, GUIDE_SIDE_MAX_PX, GuidePhoto, ViewMode};
pub use command::{Command, DialogAnswer, PointerModifiers};
pub use effect::{Effect, IoDone, IoJob, IoTask, Notice, NoticeKind};
pub use files::{DEFAULT_SIDE_PX, default_snapshot};
pub use latents::{DIRECTIONS_SHOWN, OFFSET_LIMIT, SEED_LIMIT, SeedTrail};
pub use live::{Live, LiveStatus};
pub use model::{ModelSlot, ModelSummary};
pub use painting::Painting;
pub use path_entry::PathEntry;
pub use state::{Dialog, EditorState, Intent, ResultFilter, ThemeChoice};
pub use view::{Canvas, ZOOM_MAX};

#[cfg(test)]
mod tests;
