//! What the editor asks of the outside.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use image::{RgbImage, RgbaImage};

use super::{Chore, ExportTicket, GridKind, GuidePhoto, OpenedSession, PairPicture, PhotoOrder};
use crate::document::{History, Snapshot};
use crate::engine::{EngineCommand, InfluenceRequest, WallRequest};
use crate::export::{Animation, AnimationFormat, ExportSettings};
use crate::label_image::{LabelImage, RawMask};
use crate::model::DirectionNames;
use crate::session::{Picture, RecoveryEntry, Session};
use crate::taxonomy::Taxonomy;
use crate::timeline::Grid;
use crate::training::TrainCommand;

/// An order to the outside. The app carries effects out in order.
#[derive(Debug)]
pub enum Effect {
    /// The picture is out of date: submit [`super::EditorState::live_request`] once before the next frame.
    Render,
    /// Tell the engine.
    Engine(EngineCommand),
    /// Have the engine draw the wall of variations, or leave it, in the place of the one before.
    DrawWall(Box<WallRequest>),
    /// Have the engine measure what controls change, in the place of what it was asked before.
    MeasureInfluence(Box<InfluenceRequest>),
    /// Tell the trainer thread.
    Train(TrainCommand),
    /// Read or write a file.
    Io(IoJob),
    /// Have something done by the io thread behind the scenes.
    Chore(Chore),
    /// Tell the thread for photos.
    Photo(PhotoOrder),
    /// Ask the desktop for what is on the clipboard, as if its keys had been pressed.
    Paste,
    /// Put a text on the clipboard.
    CopyText(String),
    /// Show a short message.
    Notify(Notice),
    /// Close the window.
    Quit,
}

/// A short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub kind: NoticeKind,
    /// One sentence.
    pub text: String,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// It worked.
    Success,
    /// Good to know.
    Info,
    /// It did not work.
    Error,
}

/// Work for the io thread.
#[derive(Debug)]
pub struct IoJob {
    /// The file, or `None` to ask the user for one.
    pub path: Option<PathBuf>,
    /// What to do with it.
    pub task: IoTask,
}

/// What to do with a file.
#[derive(Clone, Debug)]
pub enum IoTask {
    /// Read a session or a mask, or hand a model file on; told apart by content.
    Open {
        /// The taxonomy a mask is read with.
        taxonomy: Box<Taxonomy>,
        /// What a session becomes.
        mode: OpenMode,
        /// How much memory a session's undo history may take.
        history_bytes: usize,
    },
    /// Hand a model file on.
    ChooseModel,
    /// Read a photo to lay under the mask.
    OpenGuide,
    /// Read a photo to make a mask of.
    OpenPhoto,
    /// Write, unless there is a file of that name.
    New(Box<IoTask>),
    /// Write a session and its undo history.
    SaveSession {
        /// Number of the document.
        document: u64,
        /// What to write.
        session: Box<Session>,
        /// For the file beside it.
        history: History,
    },
    /// Write the mask as a PNG in label colours.
    SaveMask {
        /// Label map.
        labels: LabelImage,
        /// For the palette.
        taxonomy: Box<Taxonomy>,
        /// Nothing where the background is, instead of an indexed PNG.
        transparent: bool,
    },
    /// Write the picture as PNG, with the session inside.
    Export {
        /// What is in the picture.
        kind: ExportKind,
        /// The result.
        picture: Picture,
        /// What made it.
        session: Box<Session>,
    },
    /// Name the file of an animation.
    ChooseAnimation {
        /// As what it will be written.
        format: AnimationFormat,
    },
    /// Write an animation, on a thread of its own.
    ExportAnimation {
        /// As what.
        format: AnimationFormat,
        /// The frames.
        animation: Box<Animation>,
        /// Size and filters.
        settings: ExportSettings,
        /// Says how far it is, and whether to go on.
        ticket: Arc<ExportTicket>,
    },
    /// Name the file of a grid.
    ChooseGrid {
        /// What it shows.
        kind: GridKind,
    },
    /// Write a grid, on a thread of its own.
    ExportGrid {
        /// Its looks and captions.
        grid: Box<Grid>,
        /// A picture for each cell.
        pictures: Vec<RgbImage>,
        /// For the masks' colours.
        taxonomy: Box<Taxonomy>,
        /// Says how far it is, and whether to go on.
        ticket: Arc<ExportTicket>,
    },
    /// Name the folder of a data set.
    ChooseData,
    /// Name the folder of a run.
    ChooseRun,
    /// Name the data set that pairs are added to.
    ChoosePairFolder,
    /// Add a pair to the data set in the folder.
    AddPair {
        /// What its files are called, as far as that is free.
        name: String,
        /// The picture.
        picture: PairPicture,
        /// Label map.
        labels: LabelImage,
        /// A strength per attribute.
        attributes: Vec<f32>,
        /// Labels and attributes.
        taxonomy: Box<Taxonomy>,
    },
}

/// What opening a session means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Work on it, unless another window does.
    Usual,
    /// Work on it even if another window does.
    Anyway,
    /// Work on a copy.
    Copy,
    /// Go back to it.
    Revert,
}

/// What is in an exported picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// The result.
    Result,
    /// The mask, the result at its right.
    SideBySide,
}

impl IoTask {
    /// Title of the dialog that asks for the file.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Open",
            Self::ChooseModel => "Open model",
            Self::OpenGuide => "Open tracing photo",
            Self::OpenPhoto => "Open photo",
            Self::New(task) => task.title(),
            Self::SaveSession { .. } => "Save session",
            Self::SaveMask { .. } => "Save mask",
            Self::Export { kind: ExportKind::Result, .. } => "Export result",
            Self::Export { kind: ExportKind::SideBySide, .. } => "Export mask and result",
            Self::ChooseAnimation { .. } | Self::ExportAnimation { .. } => "Export animation",
            Self::ChooseGrid { .. } | Self::ExportGrid { .. } => "Export grid",
            Self::ChooseData => "Folder of images and masks",
            Self::ChooseRun => "Folder of the run to continue",
            Self::ChoosePairFolder | Self::AddPair { .. } => "Data set to add pairs to",
        }
    }

    /// Name of a new file, with the extension it gets when the user gives none; `None` when the task reads.
    pub fn default_file_name(&self) -> Option<&'static str> {
        match self {
            Self::Open { .. } | Self::ChooseModel | Self::OpenGuide | Self::OpenPhoto => None,
            Self::ChooseData | Self::ChooseRun | Self::ChoosePairFolder | Self::AddPair { .. } => None,
            Self::New(task) => task.default_file_name(),
            Self::ChooseGrid { kind } => Some(kind.default_file_name()),
            Self::ExportGrid { .. } => Some("grid.png"),
            Self::ChooseAnimation { format } | Self::ExportAnimation { format, .. } => Some(format.default_file_name()),
            Self::SaveSession { .. } => Some("untitled.scgan"),
            Self::SaveMask { .. } => Some("mask.png"),
            Self::Export { kind: ExportKind::Result, .. } => Some("result.png"),
            Self::Export { kind: ExportKind::SideBySide, .. } => Some("mask-and-result.png"),
        }
    }
}

/// How a file job ended.
#[derive(Clone, Debug)]
pub enum IoDone {
    /// A session was read.
    SessionOpened(Box<OpenedSession>),
    /// A session was not read because another window has it open.
    OpenElsewhere(PathBuf),
    /// A mask was read.
    MaskOpened {
        /// From where.
        path: PathBuf,
        /// Label map.
        labels: LabelImage,
    },
    /// A mask was read whose ids or colours are not the taxonomy's.
    MaskUnknown {
        /// From where.
        path: PathBuf,
        /// The mask as it was found.
        raw: Box<RawMask>,
    },
    /// A model file was named.
    ModelChosen(PathBuf),
    /// A photo to lie under the mask was read.
    GuideOpened(GuidePhoto),
    /// A photo was read, to be framed.
    PhotoOpened {
        /// The file's name.
        name: String,
        /// Its pixels, upright.
        photo: Arc<RgbaImage>,
    },
    /// The file of an animation was named.
    AnimationFileChosen(PathBuf),
    /// An animation was written, or not.
    AnimationWritten {
        /// Which one.
        ticket: Arc<ExportTicket>,
        /// Why not.
        error: Option<String>,
    },
    /// The file of a grid was named.
    GridFileChosen {
        /// Where.
        path: PathBuf,
        /// What it shows.
        kind: GridKind,
    },
    /// A grid was written, or not.
    GridWritten {
        /// Which one.
        ticket: Arc<ExportTicket>,
        /// Why not.
        error: Option<String>,
    },
    /// The folder of a data set was named.
    DataChosen(PathBuf),
    /// The folder of a run was named.
    RunChosen(PathBuf),
    /// The data set that pairs are added to was named.
    PairFolderChosen(PathBuf),
    /// A pair is in the data set.
    PairAdded {
        /// The data set.
        folder: PathBuf,
        /// What the pair's files are called.
        name: String,
    },
    /// The names of directions are in the model's file.
    DirectionsNamed(PathBuf),
    /// The names of directions could not be written into the model's file.
    DirectionsNotNamed {
        /// The model's hash.
        hash: String,
        /// The names.
        names: DirectionNames,
        /// Why not.
        error: String,
    },
    /// A checkpoint's model is among the user's models.
    ModelKept(PathBuf),
    /// What was trained here.
    TrainingFiles {
        /// Where runs lie.
        runs_folder: PathBuf,
        /// Names of the runs.
        runs: Vec<String>,
        /// Models kept, in order of their names.
        models: Vec<PathBuf>,
    },
    /// The session is on disk.
    SessionSaved {
        /// Where.
        path: PathBuf,
        /// Number of the document.
        document: u64,
        /// The document as saved.
        saved: Box<Snapshot>,
        /// Whether another window has that file open.
        open_elsewhere: bool,
    },
    /// A recovery file was written, or not.
    Autosaved {
        /// Number of the document.
        document: u64,
        /// Why not.
        error: Option<String>,
    },
    /// What crashed processes left.
    RecoveryFound(Vec<RecoveryEntry>),
    /// Which of the files asked about are not there.
    FilesMissing(BTreeSet<PathBuf>),
    /// The diagnostics, complete.
    Diagnostics(String),
    /// A mask or picture is on disk.
    FileSaved(PathBuf),
    /// The user closed the file dialog.
    Cancelled,
    /// This desktop has no file dialog; the task still needs a path.
    NoFileDialog(Box<IoTask>),
    /// It failed; the message names the file and what to do.
    Failed(String),
}
