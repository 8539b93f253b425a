//! Typing a path, where the desktop has no file dialog.

use std::path::PathBuf;

use super::state::Dialog;
use super::{EditorState, Effect, IoJob, IoTask};

/// A file job that waits for the user to type a path.
#[derive(Debug)]
pub struct PathEntry {
    /// The path as typed so far.
    pub text: String,
    task: IoTask,
}

impl PathEntry {
    fn new(task: IoTask) -> Self {
        let text = task.default_file_name().map_or_else(String::new, |name| {
            std::env::current_dir().map_or_else(|_| name.to_owned(), |folder| folder.join(name).display().to_string())
        });
        Self { text, task }
    }

    /// What the path is for.
    pub fn title(&self) -> &'static str {
        self.task.title()
    }
}

impl EditorState {
    pub(super) fn ask_for_path(&mut self, task: IoTask) {
        self.path_entry = Some(PathEntry::new(task));
        self.dialog = Some(Dialog::TypePath);
    }

    pub(super) fn type_path(&mut self, text: String) {
        if let Some(entry) = &mut self.path_entry {
            entry.text = text;
        }
    }

    pub(super) fn take_path(&mut self, effects: &mut Vec<Effect>) {
        let Some(PathEntry { text, task }) = self.path_entry.take() else { return };
        match text.trim() {
            "" => self.after_save = None,
            path => {
                // A file dialog would have asked before it replaced a file.
                let task = if task.default_file_name().is_some() { IoTask::New(Box::new(task)) } else { task };
                effects.push(Effect::Io(IoJob { path: Some(PathBuf::from(path)), task }));
            }
        }
    }

    pub(super) fn drop_path(&mut self) {
        self.path_entry = None;
        self.after_save = None;
    }
}
