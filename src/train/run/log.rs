//! `log.jsonl`: the curves of a run, a row of JSON per line.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::atomic_file::{read_capped, write_atomic};
use crate::train::evaluate::Scores;
use crate::train::losses::Losses;

/// Longest log that is read, in bytes; a run of the paper's length with a row every ten steps has 5 MB.
const MAX_LOG_BYTES: u64 = 256 << 20;

/// Losses and scores at a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogRow {
    /// Updates of G so far.
    pub step: u64,
    /// Training images so far, repeats counted.
    pub images_seen: u64,
    /// Images per second since the row before.
    pub images_per_s: f64,
    /// Time spent training so far, in s, over all sessions; without pauses, checkpoints and samples.
    pub seconds: f64,
    /// Losses of the last updates.
    pub losses: Losses,
    /// Scores, at checkpoints.
    pub scores: Option<Scores>,
}

/// The rows of the log in a run folder, in their order. A missing log has none; lines that are no rows, such as one that
/// was cut off while being written, are left out.
pub fn read_log(folder: &Path) -> Vec<LogRow> {
    let bytes = read_capped(&path_in(folder), MAX_LOG_BYTES).unwrap_or_default();
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Vec<LogRow> {
    // An empty object would be a row of zeros.
    let row = |line: &[u8]| serde_json::from_slice::<LogRow>(line).ok().filter(|_| contains(line, b"\"step\""));
    bytes.split(|byte| *byte == b'\n').filter_map(row).collect()
}

fn contains(line: &[u8], key: &[u8]) -> bool {
    line.windows(key.len()).any(|window| window == key)
}

/// Appends a row.
pub(super) fn append(folder: &Path, row: &LogRow) -> Result<(), RunError> {
    let path = path_in(folder);
    let mut line = encode(row, &path)?;
    line.push('\n');
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(RunError::io(&path))?;
    // One write, so that a kill leaves at most one line cut off.
    file.write_all(line.as_bytes()).map_err(RunError::io(&path))
}

/// Removes the log of a run that is started anew.
pub(super) fn remove(folder: &Path) -> Result<(), RunError> {
    let path = path_in(folder);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::io(&path)(error)),
        _ => Ok(()),
    }
}

/// Takes away the rows after `step`, and lines that are no rows, so that the curves go on where the checkpoint was.
/// Returns the rows that stay.
pub(super) fn cut_after(folder: &Path, step: u64) -> Result<Vec<LogRow>, RunError> {
    let path = path_in(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = read_capped(&path, MAX_LOG_BYTES).map_err(RunError::io(&path))?;
    let mut rows = parse(&bytes);
    rows.retain(|row| row.step <= step);
    let mut text = String::new();
    for row in &rows {
        text.push_str(&encode(row, &path)?);
        text.push('\n');
    }
    if text.as_bytes() != bytes {
        write_atomic(&path, text.as_bytes()).map_err(RunError::io(&path))?;
    }
    Ok(rows)
}

fn encode(row: &LogRow, path: &Path) -> Result<String, RunError> {
    let wrong =
        |error: serde_json::Error| RunError::Record { path: path.display().to_string(), reason: error.to_string() };
    serde_json::to_string(row).map_err(wrong)
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("log.jsonl")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile::survives;

    fn row(step: u64) -> LogRow {
        let losses = Losses { generator: Some(step as f32), ..Losses::default() };
        LogRow { step, images_seen: 16 * step, seconds: 0.5, losses, ..LogRow::default() }
    }

    #[test]
    fn rows_come_back_and_a_half_last_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_log(folder.path()), []);
        for step in [10, 20, 30] {
            append(folder.path(), &row(step)).unwrap();
        }
        let path = path_in(folder.path());
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..25]].concat()).unwrap();
        assert_eq!(read_log(folder.path()), [row(10), row(20), row(30)]);

        assert_eq!(cut_after(folder.path(), 20).unwrap(), [row(10), row(20)]);
        append(folder.path(), &row(25)).unwrap();
        assert_eq!(read_log(folder.path()), [row(10), row(20), row(25)]);
    }

    #[test]
    fn rows_of_older_programs_and_losses_that_are_no_numbers_are_read() {
        let old = br#"{"step":7,"images_seen":84,"images_per_s":3.5,"losses":{"generator":null,"discriminator":1.5}}"#;
        let rows = parse(old);
        assert_eq!((rows[0].step, rows[0].losses.discriminator, rows[0].losses.generator), (7, Some(1.5), None));
        assert_eq!(parse(b"{}\n[]\n\n\xff\n"), []);
    }

    #[test]
    fn damage_is_survived() {
        let lines: String = [1, 2, 3].map(|step| serde_json::to_string(&row(step)).unwrap() + "\n").concat();
        survives(lines.as_bytes(), 31, |bytes| drop(parse(bytes)));
    }
}
