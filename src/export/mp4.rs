//! Films, by way of ffmpeg.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{ExportError, Frames, Progress};

/// Looked for where the system looks for programs.
pub(super) const FFMPEG: &str = "ffmpeg";
/// More than this of what ffmpeg complains about is not read.
const MAX_COMPLAINT_BYTES: u64 = 64 << 10;

/// How often a finishing ffmpeg is looked after, and the user asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);

/// Whether there is an ffmpeg, so that nothing is drawn in vain.
pub(super) fn check(path: &Path, ffmpeg: &OsStr) -> Result<(), ExportError> {
    let mut asked = Command::new(ffmpeg);
    asked.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().map(drop).map_err(|source| not_started(path, source))
}

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
    // Not beside the film, whose disk may be full.
    let mut complaints = tempfile::tempfile().map_err(failed)?;
    let own = complaints.try_clone().map_err(failed)?;
    // Half of the colour's resolution, which players understand, needs even sides.
    let [width, height] = <[u32; 2]>::from(frames.size()).map(|px| px + px % 2);
    let started = start(ffmpeg, [width, height], frames.animation.fps, &film, own);
    let mut child = Running(started.map_err(|source| not_started(path, source))?);
    let Some(mut input) = child.0.stdin.take() else { return Err(failed(io::ErrorKind::BrokenPipe.into())) };
    let all = frames.len();
    let mut accepted = 0;
    for picture in &frames.animation.frames {
        // When it has given up, it says why.
        let wrote = input.write_all(frames.settings.filter.resized(picture, width, height).as_raw());
        accepted += usize::from(wrote.is_ok());
        if progress(accepted, all).is_break() {
            return Err(ExportError::cancelled(path));
        }
        if wrote.is_err() {
            break;
        }
    }
    drop(input);
    let status = loop {
        match child.0.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if progress(accepted, all).is_break() => return Err(ExportError::cancelled(path)),
            None => thread::sleep(PATIENCE),
        }
    };
    // On a full disk it may say that all went well.
    if !status.success() || accepted < all || !is_whole(&film).unwrap_or(false) {
        let mut text = Vec::new();
        let read = complaints.rewind().and_then(|()| complaints.take(MAX_COMPLAINT_BYTES).read_to_end(&mut text));
        let text = String::from_utf8_lossy(&text);
        // The first line is the cause, the last one often only says that it failed.
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).filter(|_| read.is_ok());
        let message = match first {
            Some(line) => line.to_owned(),
            None if status.success() => "the film is not complete".to_owned(),
            None => status.to_string(),
        };
        return Err(ExportError::Ffmpeg { path: path.to_owned(), message });
    }
    File::open(&film).and_then(|film| film.sync_all()).map_err(failed)?;
    std::fs::rename(&film, path).map_err(failed)
}

/// Whether the boxes of an MP4 file fill it to its end, and its index and its pictures are among them (ISO/IEC 14496-12).
fn is_whole(film: &Path) -> io::Result<bool> {
    let mut file = File::open(film)?;
    let length = file.metadata()?.len();
    let (mut at, mut has_index, mut has_pictures) = (0, false, false);
    while at < length {
        file.seek(io::SeekFrom::Start(at))?;
        let (mut short, mut kind, mut long) = ([0; 4], [0; 4], [0; 8]);
        file.read_exact(&mut short)?;
        file.read_exact(&mut kind)?;
        let size = match u32::from_be_bytes(short) {
            // Up to the end.
            0 => length - at,
            1 => {
                file.read_exact(&mut long)?;
                u64::from_be_bytes(long)
            }
            size => u64::from(size),
        };
        if !(8..=length - at).contains(&size) {
            return Ok(false);
        }
        has_index |= kind == *b"moov";
        has_pictures |= kind == *b"mdat";
        at += size;
    }
    Ok(has_index && has_pictures)
}

fn not_started(path: &Path, source: io::Error) -> ExportError {
    match source.kind() {
        io::ErrorKind::NotFound => ExportError::NoFfmpeg { path: path.to_owned(), source },
        _ => ExportError::Ffmpeg { path: path.to_owned(), message: source.to_string() },
    }
}

fn start(ffmpeg: &OsStr, [width, height]: [u32; 2], fps: f32, film: &Path, complaints: File) -> io::Result<Child> {
    let (size, rate) = (format!("{width}x{height}"), fps.to_string());
    Command::new(ffmpeg)
        .args(["-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i", "-", "-an"])
        // The colours' meaning is said, or players guess it by the film's size.
        .args(["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-color_range", "tv"])
        .args(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "iec61966-2-1"])
        // Each encoder takes the quality that it knows.
        .args(["-crf", "17", "-q:v", "2", "-movflags", "+faststart"])
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
