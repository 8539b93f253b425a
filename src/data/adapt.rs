//! A source with other labels or attributes than its own.

use super::plan::{Offer, Plan};
use super::{DataError, OpenOptions, Sample, SampleSource};
use crate::taxonomy::Taxonomy;
use std::path::{Path, PathBuf};

/// Another source's samples after a plan.
struct Adapted {
    inner: Box<dyn SampleSource>,
    plan: Plan,
}

/// The source with the taxonomy and the attributes that the options ask for, `place` naming it in errors.
pub(super) fn adapt(
    inner: Box<dyn SampleSource>,
    options: &OpenOptions,
    place: &Path,
) -> Result<Box<dyn SampleSource>, DataError> {
    let own = inner.taxonomy().clone();
    let same = options.taxonomy.as_ref().is_none_or(|asked| asked.has_channels_of(&own));
    if same && options.attributes.is_none() {
        return Ok(inner);
    }
    let columns: Vec<String> = own.attribute_names().map(str::to_owned).collect();
    let plan = Plan::new(Offer { native: own.clone(), usual: own, columns: &columns, place }, options)?;
    Ok(Box::new(Adapted { inner, plan }))
}

impl SampleSource for Adapted {
    fn taxonomy(&self) -> &Taxonomy {
        &self.plan.taxonomy
    }

    fn len(&self) -> usize {
        self.inner.len()
    }

    fn describe(&self) -> String {
        format!("{}, as `{}`", self.inner.describe(), self.plan.taxonomy.name)
    }

    fn sample(&self, index: usize, resolution: u32) -> Result<Sample, DataError> {
        let Sample { name, image, labels, attributes } = self.inner.sample(index, resolution)?;
        let values: Vec<u8> = attributes.iter().map(|value| u8::from(*value > 0.5)).collect();
        let labels = self.plan.merged(labels);
        let attributes = self.plan.attributes(&values, &image, &labels);
        Ok(Sample { name, image, labels, attributes })
    }

    fn size_px(&self, index: usize) -> Result<Option<(u32, u32)>, DataError> {
        self.inner.size_px(index)
    }

    fn files(&self, index: usize) -> Vec<PathBuf> {
        self.inner.files(index)
    }

    fn shared_files(&self) -> Vec<PathBuf> {
        self.inner.shared_files()
    }
}
