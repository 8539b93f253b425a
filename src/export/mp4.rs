//! Films, by way of ffmpeg.

use std::ffi::OsStr;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{ExportError, Frames, Progress};

/// Looked for where the system looks for programs.
pub(super) const FFMPEG: &str = "ffmpeg";

pub(super) fn write(
    path: &Path,
    frames: &Frames<'_>,
    ffmpeg: &OsStr,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let failed = |source| ExportError::write(path, source);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".scgan-").suffix(".part").tempdir_in(parent).map_err(failed)?;
    let film = beside.path().join("film.mp4");
    let mut complaints = tempfile::tempfile_in(beside.path()).map_err(failed)?;
    let mut child =
        Running(start(ffmpeg, frames, &film, complaints.try_clone().map_err(failed)?).map_err(|source| {
            match source.kind() {
                io::ErrorKind::NotFound => ExportError::NoFfmpeg { path: path.to_owned(), source },
                _ => failed(source),
            }
        })?);
    let Some(mut input) = child.0.stdin.take() else { return Err(failed(io::ErrorKind::BrokenPipe.into())) };
    for index in 0..frames.len() {
        // When it has given up, it says why.
        if input.write_all(frames.frame(index).as_raw()).is_err() {
            break;
        }
        if progress(index + 1, frames.len()).is_break() {
            return Err(ExportError::cancelled(path));
        }
    }
    drop(input);
    let status = child.0.wait().map_err(failed)?;
    if !status.success() || !film.exists() {
        let mut text = String::new();
        let read = complaints.rewind().and_then(|()| complaints.read_to_string(&mut text));
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).filter(|_| read.is_ok());
        let message = last.map_or_else(|| status.to_string(), |line| line.trim().to_owned());
        return Err(ExportError::Ffmpeg { path: path.to_owned(), message });
    }
    std::fs::rename(&film, path).map_err(failed)
}

fn start(ffmpeg: &OsStr, frames: &Frames<'_>, film: &Path, complaints: std::fs::File) -> io::Result<Child> {
    let (width, height) = frames.size();
    let (size, rate) = (format!("{width}x{height}"), frames.animation.fps.to_string());
    Command::new(ffmpeg)
        .args(["-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i", "-", "-an"])
        // Half of the colour's resolution, which needs even sides, is what players understand.
        .args(["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-movflags", "+faststart"])
        .arg(film)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(complaints)
        .spawn()
}

/// A process that ends when nobody wants it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually ended already, and then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
