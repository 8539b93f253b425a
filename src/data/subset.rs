//! A part of a data set.

use super::{DataError, Opened, Sample, SampleSource, Split};
use crate::taxonomy::Taxonomy;
use std::path::PathBuf;

/// Some samples of another source.
struct Subset {
    inner: Box<dyn SampleSource>,
    split: Split,
    indices: Vec<u32>,
}

impl Opened {
    /// The samples of that part only. A part without any is an error that says which there are.
    pub(super) fn part(self, split: Split, spec: &str) -> Result<Self, DataError> {
        if split == Split::All {
            return Ok(self);
        }
        let Self { source: inner, problems, splits } = self;
        let indices: Vec<u32> =
            splits.iter().enumerate().filter(|(_, part)| **part == split).map(|(index, _)| index as u32).collect();
        if indices.is_empty() {
            let parts = [Split::Train, Split::Validation, Split::Test]
                .map(|part| format!("{} in `{part}`", splits.iter().filter(|split| **split == part).count()));
            let problem = format!("no samples in its part `{split}`; there are {}", parts.join(", "));
            return Err(DataError::content(std::path::Path::new(spec), problem));
        }
        let source = Subset { inner, split, indices };
        Ok(Self { source: Box::new(source), problems, splits: Vec::new() })
    }
}

impl Subset {
    fn inner_index(&self, index: usize) -> Result<usize, DataError> {
        let inner = self.indices.get(index).map(|inner| *inner as usize);
        inner.ok_or(DataError::Index { index, len: self.indices.len() })
    }
}

impl SampleSource for Subset {
    fn taxonomy(&self) -> &Taxonomy {
        self.inner.taxonomy()
    }

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn describe(&self) -> String {
        format!("{}; of them {} in the part `{}`", self.inner.describe(), self.len(), self.split)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        self.inner.sample(self.inner_index(index)?, resolution)
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        self.inner.size_px(self.inner_index(index)?)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        self.inner_index(index).map_or_else(|_| Vec::new(), |index| self.inner.files(index))
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        self.inner.shared_files()
    }
}
