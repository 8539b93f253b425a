//! Work for the io thread that needs no file from the user.

use std::path::PathBuf;

use super::Preferences;
use crate::model::DirectionNames;
use crate::session::Session;

/// Something for the io thread to do behind the scenes.
#[derive(Clone, Debug)]
pub enum Chore {
    /// Write a document's recovery file; answered by [`super::IoDone::Autosaved`].
    Autosave {
        /// Number of the document in this process.
        document: u64,
        /// The user's file, for its name.
        original: Option<PathBuf>,
        /// What to write.
        session: Box<Session>,
    },
    /// Remove documents' recovery files.
    RemoveRecovery(Vec<u64>),
    /// Look for what crashed processes left; answered by [`super::IoDone::RecoveryFound`] if there is something.
    FindRecovery,
    /// Open what a crashed process left, as this document.
    Recover {
        /// Name of the recovery file.
        id: String,
        /// The number it gets.
        document: u64,
    },
    /// Remove what a crashed process left; answered by [`super::IoDone::RecoveryFound`].
    DiscardRecovery(String),
    /// Leave what crashed processes left to the next start.
    ReleaseRecovery,
    /// These session files are open now, and no others.
    KeepOpen(Vec<PathBuf>),
    /// See which of these files are there; answered by [`super::IoDone::FilesMissing`].
    CheckFiles(Vec<PathBuf>),
    /// Look for runs and models that were trained here; answered by [`super::IoDone::TrainingFiles`].
    ListTraining,
    /// Copy a model to the user's models; answered by [`super::IoDone::ModelKept`].
    KeepModel {
        /// The model file.
        from: PathBuf,
        /// What it is called there, as far as that is free.
        name: String,
    },
    /// Put names of directions into a model file; answered by [`super::IoDone::DirectionsNamed`] or
    /// [`super::IoDone::DirectionsNotNamed`].
    NameDirections {
        /// The model file.
        path: PathBuf,
        /// Hash of the model that it must still hold.
        hash: String,
        /// The names, all of them.
        names: DirectionNames,
    },
    /// Write the preferences.
    SavePreferences(Box<Preferences>),
    /// Add to the facts what has to be read from files; answered by [`super::IoDone::Diagnostics`].
    Diagnose(String),
}
