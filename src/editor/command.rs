//! Everything that can happen to the editor.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    Action, CanvasCommand, ControlsCommand, HintCommand, IoDone, LabelCommand, LatentCommand, MappingTarget,
    ModelSummary, PhotoCommand, PreferenceChange, SearchCommand, ShortcutCommand, TimelineCommand, TrainingCommand,
    VariationCommand,
};
use crate::document::tools::PointerEvent;
use crate::engine::{LiveFrame, ModelRef, Obedience, PicturePixels};
use crate::taxonomy::LabelId;

/// Modifier keys held during a pointer event on the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PointerModifiers {
    /// Any tool picks instead.
    pub alt: bool,
    /// The fill tool takes every area of the label.
    pub shift: bool,
    /// Shapes are regular.
    pub ctrl: bool,
}

/// What panels, shortcuts and worker threads say to the editor. [`super::apply`] carries it out.
#[derive(Clone, Debug)]
pub enum Command {
    /// Start an action.
    Do(Action),
    /// A pointer event on the mask, in mask pixels.
    Pointer(PointerEvent, PointerModifiers),
    /// The pointer hovers over the mask at this place in mask pixels, or left it.
    Hover(Option<[f32; 2]>),
    /// Choose the label to paint with.
    SelectLabel(LabelId),
    /// The brush's diameter in mask pixels, for the selected label.
    SetBrushSize(f32),
    /// The area that shows the mask, in physical screen pixels.
    CanvasResized([f32; 2]),
    /// Zoom by `factor` and keep what is at `at_px` (physical pixels from the canvas's top left) in place.
    ZoomAt {
        /// Above 1 zooms in.
        factor: f32,
        /// Fixed point.
        at_px: [f32; 2],
    },
    /// Move the mask by physical screen pixels.
    PanBy([f32; 2]),
    /// Show mask and result differently.
    Canvas(CanvasCommand),
    /// Switch an independent attribute on or off.
    ToggleAttribute(usize),
    /// Choose one attribute of an exclusive group, by its index in the group, or none.
    ChooseAttribute {
        /// Index of the group in the taxonomy.
        group: usize,
        /// Index within the group.
        choice: Option<usize>,
    },
    /// Set an attribute's strength; repeats until [`Command::FinishEdit`] are one undo entry.
    SetStrength {
        /// Index in the flat order.
        attribute: usize,
        /// 0 is off, 1 is on.
        value: f32,
    },
    /// Set the latent seed; repeats until [`Command::FinishEdit`] are one undo entry.
    SetSeed(u64),
    /// Set a latent direction's offset; repeats until [`Command::FinishEdit`] are one undo entry.
    SetOffset {
        /// Index of the direction.
        direction: usize,
        /// In standard deviations.
        sigma: f32,
    },
    /// Something else in the latent panel.
    Latent(LatentCommand),
    /// A button in a row of the label palette.
    Label(LabelCommand),
    /// Move the part that the transform tool holds, right and down by mask pixels.
    NudgePart([i32; 2]),
    /// Undo or redo until this many changes of the history list are done.
    JumpToHistory(usize),
    /// The panels were arranged anew; the arrangement as [`super::DockLayout`] reads it.
    LayoutChanged(String),
    /// A button of a first hint.
    Hint(HintCommand),
    /// Something in the command palette.
    Search(SearchCommand),
    /// Something in the dialog for keys.
    Shortcut(ShortcutCommand),
    /// The slider or value was let go.
    FinishEdit,
    /// Replace mask and attributes by the template's.
    UseTemplate(&'static str),
    /// Start a new document from the bundled sample session of this name.
    OpenSample(&'static str),
    /// Use another model.
    LoadModel(ModelRef),
    /// Open a file: a session, a mask or a model, told apart by content.
    OpenPath(PathBuf),
    /// The path typed so far.
    TypePath(String),
    /// A button of the dialog.
    Answer(DialogAnswer),
    /// The engine has a model.
    ModelLoaded(Box<ModelSummary>),
    /// The engine could not load a model; the one before stays.
    ModelFailed(String),
    /// The engine made a picture.
    FrameArrived(LiveFrame),
    /// The engine compared a picture with its mask.
    ObedienceArrived(Obedience),
    /// The pixels to export are there.
    PictureRead(PicturePixels),
    /// The engine could not make the pixels for an export; what went wrong.
    PictureNotRead(String),
    /// The engine could not make a picture.
    RenderFailed {
        /// The request's generation.
        generation: u64,
        /// What went wrong and what to do.
        message: String,
    },
    /// The engine computes on this device from now on; its name.
    DeviceReady(String),
    /// Something went wrong in the engine, which goes on.
    EngineTrouble(String),
    /// A file job ended.
    Io(IoDone),
    /// Something about files, recovery or preferences.
    Files(FilesCommand),
    /// Something about training.
    Training(TrainingCommand),
    /// Something about a photo.
    Photo(PhotoCommand),
    /// Something in the timeline.
    Timeline(TimelineCommand),
    /// Something on the wall of variations.
    Variation(VariationCommand),
    /// Something about what controls a region.
    Controls(ControlsCommand),
    /// Stop the export of a grid; no file is left.
    CancelGrid,
    /// The window's close button.
    CloseRequested,
}

/// What happens about files, recovery and preferences.
#[derive(Clone, Debug)]
pub enum FilesCommand {
    /// So much time has passed since the start.
    Tick(Duration),
    /// The window is open.
    Started,
    /// The user came back to the window; files may have come and gone.
    Focused,
    /// Files were dropped on the window.
    Dropped(Vec<PathBuf>),
    /// Open what a crash left, by the name of its file.
    Recover(String),
    /// Throw away what a crash left.
    DiscardRecovery(String),
    /// Say what an id or colour becomes.
    MapLabel {
        /// Index in the question's list.
        row: usize,
        /// The label or labels it becomes.
        target: MappingTarget,
    },
    /// Change a preference.
    Prefer(PreferenceChange),
    /// What draws the window, in words.
    WindowDrawnBy(String),
}

/// A button of the open dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogAnswer {
    /// Save and then go on, or take the path as typed.
    Accept,
    /// Go on without saving.
    Discard,
    /// Close the dialog.
    Close,
}
