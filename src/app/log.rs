//! The log file: what is on standard error is also kept for a report of a problem.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::fmt::MakeWriter;

use crate::atomic_file::read_capped;
use crate::session::folders;

const FOLDER: &str = "logs";
const PREFIX: &str = "scgan";
const SUFFIX: &str = "log";
/// One a day.
const FILES: usize = 5;
const LINES_SHOWN: usize = 60;
const MAX_BYTES: u64 = 64 << 20;

static FILE: OnceLock<NonBlocking> = OnceLock::new();

/// Where the subscriber writes: nowhere until the editor starts, so that only the editor keeps a log file.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogFile;

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Box<dyn Write + 'a>;

    fn make_writer(&'a self) -> Self::Writer {
        match FILE.get() {
            Some(file) => Box::new(file.clone()),
            None => Box::new(io::sink()),
        }
    }
}

/// Starts the log file in the state folder. What is left to write is written when the guard is dropped.
pub(super) fn start() -> Option<WorkerGuard> {
    let folder = folders::state_folder()?.join(FOLDER);
    // The appender complains on standard error about a folder that it then makes itself.
    fs::create_dir_all(&folder)
        .inspect_err(|error| tracing::warn!("{}: no log file: {error}", folder.display()))
        .ok()?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(FILES)
        .build(&folder)
        .inspect_err(|error| tracing::warn!("{}: no log file: {error}", folder.display()))
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    FILE.set(writer).ok()?;
    note_panics();
    Some(guard)
}

/// Panics go to the log too: they say where the program broke.
fn note_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!("{panic}");
        usual(panic);
    }));
}

/// The last lines of the newest log file.
pub(super) fn last_lines(state: &Path) -> String {
    let files = fs::read_dir(state.join(FOLDER)).into_iter().flatten().flatten().map(|file| file.path());
    // The names hold the date, so the last by name is the newest.
    let newest: Option<PathBuf> = files.filter(|path| path.extension().is_some_and(|ext| ext == SUFFIX)).max();
    let Some(bytes) = newest.and_then(|path| read_capped(&path, MAX_BYTES).ok()) else { return "none\n".to_owned() };
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_newest_file_s_last_lines_are_shown() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(last_lines(state.path()), "none\n");
        let folder = state.path().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("scgan.2026-01-02.log"), "old\n").unwrap();
        let lines: String = (0..100).map(|number| format!("line {number}\n")).collect();
        fs::write(folder.join("scgan.2026-02-01.log"), lines).unwrap();
        let last = last_lines(state.path());
        assert_eq!(last.lines().count(), LINES_SHOWN);
        assert!(last.starts_with("line 40\n") && last.ends_with("line 99\n"));
    }
}
