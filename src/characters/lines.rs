//! Text files of one record per line, as MakeHuman's formats are.

use super::CharacterError;
use super::vector::Vec3;
use crate::atomic_file::read_capped;
use std::path::Path;
use std::str::{FromStr, SplitWhitespace};

/// Longest file that is read; the longest of MakeHuman's own has 2 MB.
const MAX_BYTES: u64 = 64 << 20;

/// The text of a file; what is no UTF-8 becomes replacement characters, since only comments and names hold any.
pub(super) fn read_text(path: &Path) -> Result<String, CharacterError> {
    let bytes = read_capped(path, MAX_BYTES).map_err(CharacterError::io(path))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The lines that hold something, without comments.
pub(super) fn lines<'a>(path: &'a Path, text: &'a str) -> impl Iterator<Item = Line<'a>> {
    text.lines().zip(1..).filter_map(move |(text, number)| {
        let text = text.trim();
        let skip = text.is_empty() || text.starts_with('#') || text.starts_with("//");
        (!skip).then(|| Line { path, number, text, words: text.split_whitespace() })
    })
}

/// A line, read word by word.
pub(super) struct Line<'a> {
    path: &'a Path,
    number: usize,
    pub(super) text: &'a str,
    words: SplitWhitespace<'a>,
}

impl<'a> Line<'a> {
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    /// Everything after the words read so far.
    pub(super) fn rest(self) -> String {
        self.words.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn error(&self, problem: impl Into<String>) -> CharacterError {
        CharacterError::Line { path: self.path.to_path_buf(), line: self.number, problem: problem.into() }
    }

    /// The next word as an index or a count.
    pub(super) fn integer<T: FromStr>(&mut self) -> Result<T, CharacterError> {
        let word = self.words.next();
        word.and_then(|word| word.parse().ok())
            .ok_or_else(|| self.error(format!("{:?} where a whole number is expected", word.unwrap_or("nothing"))))
    }

    /// The next word as a finite number.
    pub(super) fn number(&mut self) -> Result<f32, CharacterError> {
        let word = self.words.next();
        let number = word.and_then(|word| word.parse().ok()).filter(|number: &f32| number.is_finite());
        number.ok_or_else(|| self.error(format!("{:?} where a number is expected", word.unwrap_or("nothing"))))
    }

    pub(super) fn vector(&mut self) -> Result<Vec3, CharacterError> {
        Ok([self.number()?, self.number()?, self.number()?])
    }
}
