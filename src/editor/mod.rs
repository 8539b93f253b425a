//! Editor state, commands, and the one function that changes the state.
//!
//! Panels read [`EditorState`] and push [`Command`]s; [`apply`] is the only mutator and answers with [`Effect`]s, the
//! things that need a thread, a file or the window. Nothing here knows egui, so every gesture can be replayed in a test.

mod action;
mod apply;
mod attributes;
mod canvas_view;
mod command;
mod command_search;
mod dock;
mod effect;
mod files;
mod hints;
mod history_view;
mod label_view;
mod latents;
mod live;
mod model;
mod painting;
mod part;
mod path_entry;
mod pins;
mod seed_trail;
mod state;
mod view;

pub use action::{Action, ActionInfo, Category};
pub use apply::apply;
pub use attributes::{attribute_title, sentence_case};
pub use canvas_view::{CanvasCommand, CanvasView, GUIDE_SIDE_MAX_PX, GuidePhoto, ViewMode};
pub use command::{Command, DialogAnswer, PointerModifiers};
pub use command_search::{CommandSearch, Found, SearchCommand};
pub use dock::{DockLayout, DockLayoutError, Node, Panel, Part};
pub use effect::{Effect, IoDone, IoJob, IoTask, Notice, NoticeKind};
pub use files::{DEFAULT_SIDE_PX, default_snapshot, template_title};
pub use hints::{Hint, HintCommand};
pub use label_view::LabelCommand;
pub use latents::{
    COORDINATE_LIMIT, COORDINATES_PER_PAGE, DIRECTIONS_SHOWN, LatentCommand, LatentView, OFFSET_LIMIT, SEED_LIMIT,
};
pub use live::{Live, LiveStatus};
pub use model::{ModelSlot, ModelSummary};
pub use painting::Painting;
pub use path_entry::PathEntry;
pub use pins::PinSlot;
pub use seed_trail::SeedTrail;
pub use state::{Dialog, EditorState, Intent, ResultFilter, ThemeChoice};
pub use view::{Canvas, ZOOM_MAX};

#[cfg(test)]
mod tests;
