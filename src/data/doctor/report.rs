//! What was found in a data set.

use super::preview::Preview;
use crate::data::DataError;
use crate::label_image::MaskPngError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most problems and groups that are listed; more are only counted.
pub(super) const MAX_LISTED: usize = 50;

/// What the index of a data set tells, before any image is opened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Glance {
    /// Format, place and number, for people.
    pub description: String,
    /// Name of the taxonomy.
    pub taxonomy: String,
    /// Number of labels.
    pub labels: usize,
    /// Number of attributes.
    pub attributes: usize,
    /// Number of samples, readable or not.
    pub samples: usize,
    /// Number of problems by name: images without a mask, masks without an image, …
    pub n_problems: usize,
    /// The first of them, each naming its file.
    pub problems: Vec<String>,
}

/// What a data set holds and what is amiss in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Format, place and number, for people.
    pub description: String,
    /// Name of the taxonomy.
    pub taxonomy: String,
    /// Number of samples, readable or not.
    pub samples: usize,
    /// Number of samples that were read.
    pub readable: usize,
    /// Stored sizes, the most frequent first; none for sources that draw at any size.
    pub sizes: Vec<SizeCount>,
    /// One per label, in id order.
    pub labels: Vec<LabelCount>,
    /// One per attribute, in flat order.
    pub attributes: Vec<AttributeCount>,
    /// Number of problems.
    pub n_problems: usize,
    /// How many of them are of each kind.
    pub problem_kinds: BTreeMap<ProblemKind, usize>,
    /// The first of them, those of the index before those of single samples.
    pub problems: Vec<Problem>,
    /// Number of samples whose picture is that of an earlier sample.
    pub n_duplicates: usize,
    /// The first groups of samples that have one picture.
    pub duplicates: Vec<Duplicates>,
    /// Number of samples that look like an earlier one without being the same picture.
    pub n_lookalikes: usize,
    /// The first groups of samples that look alike: names, at most ten of each group.
    pub lookalikes: Vec<Vec<String>>,
    /// Up to eight samples spread over the set. Not written to files.
    #[serde(skip)]
    pub previews: Vec<Preview>,
}

/// How many images have a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeCount {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of images.
    pub images: usize,
}

/// How much of the data a label is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelCount {
    /// Its name.
    pub name: String,
    /// Pixels, in samples of 128 px.
    pub pixels: u64,
    /// Share of all pixels, 0–1.
    pub share: f64,
    /// Number of images it occurs in.
    pub images: usize,
}

/// How often an attribute holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeCount {
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Number of images in which it holds.
    pub images: usize,
    /// Share of all images, 0–1.
    pub share: f64,
}

/// Something amiss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What sort of thing.
    pub kind: ProblemKind,
    /// The file, what is wrong with it and what to do.
    pub message: String,
}

/// Sorts of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A file or row that something refers to is not there.
    Missing,
    /// A file that cannot be read or decoded.
    Unreadable,
    /// A mask with ids or colours that the taxonomy lacks.
    ForeignLabel,
    /// Attributes that contradict their group.
    Attributes,
    /// A file that can be read but is not what it should be: another shape, another count.
    Content,
    /// The reader itself failed: a bug.
    Reader,
}

impl ProblemKind {
    /// For people: "3 missing".
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::ForeignLabel => "with foreign labels",
            Self::Attributes => "with contradictory attributes",
            Self::Content => "with wrong content",
            Self::Reader => "failures of the reader",
        }
    }

    pub(super) fn of(error: &DataError) -> Self {
        match error {
            DataError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => Self::Missing,
            DataError::Io { .. } | DataError::Image { .. } | DataError::Mat { .. } => Self::Unreadable,
            DataError::Mask { source: MaskPngError::UnknownId { .. } | MaskPngError::UnknownColor { .. }, .. } => {
                Self::ForeignLabel
            }
            DataError::Mask { .. } => Self::Unreadable,
            DataError::Attributes { .. } => Self::Attributes,
            DataError::Bug { .. } => Self::Reader,
            _ => Self::Content,
        }
    }
}

/// Problems as they come in.
#[derive(Default)]
pub(super) struct Problems {
    pub(super) kinds: BTreeMap<ProblemKind, usize>,
    pub(super) listed: Vec<Problem>,
}

impl Problems {
    pub(super) fn add(&mut self, kind: ProblemKind, message: String) {
        *self.kinds.entry(kind).or_default() += 1;
        if self.listed.len() < MAX_LISTED {
            self.listed.push(Problem { kind, message });
        }
    }
}

/// Samples that have one and the same picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Number of samples.
    pub images: usize,
    /// Their names, at most ten.
    pub names: Vec<String>,
    /// Whether their masks differ, so that one of them must be wrong.
    pub masks_differ: bool,
}

impl Report {
    /// Why training should not start, in one message: the first problem, how many more there are, and what to do. None if all
    /// is well; duplicates and rare labels are no reason.
    pub fn blocking(&self) -> Option<String> {
        let Some(first) = self.problems.first() else {
            return (self.readable == 0)
                .then(|| format!("{}: no samples to train on; choose another", self.description));
        };
        let usable = format!("{} of {} samples can be used", self.readable, self.samples);
        let first = &first.message;
        Some(match self.n_problems - 1 {
            0 => format!("{first} ({usable}); repair or remove it"),
            1 => format!("{first}; and 1 more problem ({usable}); `scgan dataset inspect` lists both"),
            more => format!("{first}; and {more} more problems ({usable}); `scgan dataset inspect` lists them"),
        })
    }

    /// What a person should know before training, though nothing is broken: labels and attributes that cannot be learned from
    /// these samples, and pictures that occur more than once.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut list = |names: Vec<&str>, what: &str| {
            if !names.is_empty() {
                remarks.push(format!("{what}: {}", names.join(", ")));
            }
        };
        if self.readable > 0 {
            let absent = self.labels.iter().filter(|label| label.images == 0);
            list(absent.map(|label| label.name.as_str()).collect(), "labels in no mask");
            let never = self.attributes.iter().filter(|attribute| attribute.images == 0);
            list(never.map(|attribute| attribute.name.as_str()).collect(), "attributes that never hold");
            let always = self.attributes.iter().filter(|attribute| attribute.images == self.readable);
            list(always.map(|attribute| attribute.name.as_str()).collect(), "attributes that always hold");
        }
        if self.n_duplicates > 0 {
            remarks.push(format!("{} samples repeat the picture of another", self.n_duplicates));
        }
        if self.duplicates.iter().any(|group| group.masks_differ) {
            remarks.push("some samples with one picture have different masks".to_owned());
        }
        remarks
    }
}
