//! What the editor asks of the outside.

use std::path::PathBuf;

use crate::document::Snapshot;
use crate::engine::{EngineCommand, PicturePixels};
use crate::label_image::LabelImage;
use crate::session::{Loaded, Session};
use crate::taxonomy::Taxonomy;

/// An order to the outside. The app carries effects out in order.
#[derive(Debug)]
pub enum Effect {
    /// The picture is out of date: submit [`super::EditorState::live_request`] once before the next frame.
    Render,
    /// Tell the engine.
    Engine(EngineCommand),
    /// Read or write a file.
    Io(IoJob),
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
    },
    /// Hand a model file on.
    ChooseModel,
    /// Write a session.
    SaveSession(Box<Session>),
    /// Write the mask as an indexed PNG.
    SaveMask {
        /// Label map.
        labels: LabelImage,
        /// For the palette.
        taxonomy: Box<Taxonomy>,
    },
    /// Write the picture as PNG.
    ExportResult(PicturePixels),
}

impl IoTask {
    /// Title of the dialog that asks for the file.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Open",
            Self::ChooseModel => "Open model",
            Self::SaveSession(_) => "Save session",
            Self::SaveMask { .. } => "Save mask",
            Self::ExportResult(_) => "Export result",
        }
    }

    /// Name of a new file, with the extension it gets when the user gives none; `None` when the task reads.
    pub fn default_file_name(&self) -> Option<&'static str> {
        match self {
            Self::Open { .. } | Self::ChooseModel => None,
            Self::SaveSession(_) => Some("untitled.scgan"),
            Self::SaveMask { .. } => Some("mask.png"),
            Self::ExportResult(_) => Some("result.png"),
        }
    }
}

/// How a file job ended.
#[derive(Clone, Debug)]
pub enum IoDone {
    /// A session was read.
    SessionOpened {
        /// From where.
        path: PathBuf,
        /// What it holds.
        loaded: Box<Loaded>,
    },
    /// A mask was read.
    MaskOpened {
        /// From where.
        path: PathBuf,
        /// Label map.
        labels: LabelImage,
    },
    /// A model file was named.
    ModelChosen(PathBuf),
    /// The session is on disk.
    SessionSaved {
        /// Where.
        path: PathBuf,
        /// The document as saved.
        saved: Box<Snapshot>,
    },
    /// A mask or picture is on disk.
    FileSaved(PathBuf),
    /// The user closed the file dialog.
    Cancelled,
    /// This desktop has no file dialog; the task still needs a path.
    NoFileDialog(Box<IoTask>),
    /// It failed; the message names the file and what to do.
    Failed(String),
}
