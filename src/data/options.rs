//! What is asked of a data set when it is opened, and how far that has come.

use super::DataError;
use crate::taxonomy::Taxonomy;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::ControlFlow;

/// Names met between two reports of [`IndexProgress`].
const REPORT_EVERY: usize = 1024;

/// What the samples of a data set shall be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenOptions {
    /// The labels and attributes that the samples must have; none: the format's usual ones.
    pub taxonomy: Option<Taxonomy>,
    /// Of the drawings, for procedural data.
    pub seed: u64,
    /// Which part of the samples.
    pub split: Split,
    /// Attributes by the data set's names, instead of the taxonomy's. Groups that the taxonomy has of them remain, the others
    /// are independent.
    pub attributes: Option<Vec<String>>,
}

/// A part of a data set.
///
/// Formats with official lists of parts use those where the list is there. Everywhere else the name of a sample decides, by a
/// hash: 90 % train, 5 % validation, 5 % test; so a sample stays where it is when others come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Split {
    /// Every sample.
    #[default]
    All,
    /// To learn from.
    Train,
    /// To choose settings by.
    Validation,
    /// To report figures on.
    Test,
}

impl Split {
    /// All of them, in the order they are listed to people.
    pub const ALL: [Self; 4] = [Self::All, Self::Train, Self::Validation, Self::Test];

    /// The name on the command line and in `split.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The split of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }

    /// Where a sample of that name belongs when no list says it.
    pub(super) fn of_name(name: &str) -> Self {
        Self::of_percent((xxhash_rust::xxh3::xxh3_64(name.as_bytes()) % 100) as u32)
    }

    /// Where a sample belongs whose name's hash has that remainder modulo 100.
    pub(super) fn of_percent(percent: u32) -> Self {
        match percent {
            0..90 => Self::Train,
            90..95 => Self::Validation,
            _ => Self::Test,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How far indexing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexProgress {
    /// File names and rows of lists met so far.
    pub names: usize,
}

/// Counts names for whoever waits, and stops when they no longer want to.
pub(super) struct Indexing<'a> {
    report: &'a mut dyn FnMut(IndexProgress) -> ControlFlow<()>,
    names: usize,
}

impl<'a> Indexing<'a> {
    pub(super) fn new(report: &'a mut dyn FnMut(IndexProgress) -> ControlFlow<()>) -> Self {
        Self { report, names: 0 }
    }

    /// Counts a file name or a row.
    pub(super) fn met(&mut self) -> Result<(), DataError> {
        self.names += 1;
        if self.names.is_multiple_of(REPORT_EVERY) { self.tell() } else { Ok(()) }
    }

    /// Reports now, whatever the count.
    pub(super) fn tell(&mut self) -> Result<(), DataError> {
        match (self.report)(IndexProgress { names: self.names }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DataError::Cancelled),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// A sample that changed parts with an upgrade would leak from test to train: these may not change.
    #[test]
    fn parts_are_pinned_and_of_their_size() {
        let parts: Vec<Split> = ["000001", "000002", "a", "photo 17"].into_iter().map(Split::of_name).collect();
        assert_eq!(parts, [Split::Train, Split::Train, Split::Train, Split::Train]);
        let of = |split| (0..20_000).filter(|i| Split::of_name(&format!("{i:06}")) == split).count();
        assert!((17_800..18_200).contains(&of(Split::Train)), "{}", of(Split::Train));
        assert!((900..1100).contains(&of(Split::Validation)) && (900..1100).contains(&of(Split::Test)));
    }

    #[test]
    fn options_survive_ron_and_default_to_everything() {
        let options = OpenOptions {
            taxonomy: Taxonomy::builtin("celeba-7"),
            seed: 3,
            split: Split::Test,
            attributes: Some(vec!["Male".to_owned()]),
        };
        let text = ron::to_string(&options).unwrap();
        assert_eq!(ron::from_str::<OpenOptions>(&text).unwrap(), options);
        assert_eq!(ron::from_str::<OpenOptions>("()").unwrap(), OpenOptions::default());
        assert!(Split::ALL.into_iter().all(|split| Split::from_name(split.name()) == Some(split)));
    }
}
