//! A look at a data set before anything is trained on it.
//!
//! [`glance`] reads the index only: names and counts. [`inspect`] decodes every sample on all cores. [`checked`] is what a run
//! calls before it starts: the report of an earlier scan if nothing has changed since, else a new one.

mod alike;
mod cache;
mod counts;
mod preview;
mod report;
mod scan;
#[cfg(test)]
pub(super) mod tests;

pub use preview::{PREVIEW_PX, Preview, contact_sheet, previews};
pub use report::{AttributeCount, Duplicates, Glance, LabelCount, Problem, ProblemKind, Report, SizeCount};

use super::in_order::Progress;
use super::{DataError, open_leniently};
use crate::taxonomy::Taxonomy;
use report::MAX_LISTED;
use std::path::{Path, PathBuf};

/// Where reports are kept, within the program's state folder.
pub fn cache_folder(state_folder: &Path) -> PathBuf {
    state_folder.join("data-set-reports")
}

/// What the index tells, without opening an image.
///
/// # Errors
/// The data set cannot be opened at all.
pub fn glance(spec: &str, taxonomy: Option<&Taxonomy>, seed: u64) -> Result<Glance, DataError> {
    let opened = open_leniently(spec, taxonomy, seed)?;
    let (source, problems) = (opened.source, opened.problems);
    Ok(Glance {
        description: source.describe(),
        taxonomy: source.taxonomy().name.clone(),
        labels: source.taxonomy().n_labels(),
        attributes: source.taxonomy().n_attributes(),
        samples: source.len(),
        n_problems: problems.len(),
        problems: problems.into_iter().take(MAX_LISTED).collect(),
    })
}

/// Reads every sample of a data set on all cores and reports. `progress` is told, on this thread, how many of how many are done;
/// when it breaks off, the scan stops within about a sample.
///
/// # Errors
/// The data set cannot be opened at all, or [`DataError::Cancelled`]; single files that cannot be read, lack their mask or
/// contradict their groups are problems in the report.
pub fn inspect(
    spec: &str,
    taxonomy: Option<&Taxonomy>,
    seed: u64,
    progress: &mut Progress<'_>,
) -> Result<Report, DataError> {
    checked(spec, taxonomy, seed, None, progress)
}

/// As [`inspect`], but a report in the folder `cache` that was made from the same files is taken instead, and a new one is kept
/// there. Ask [`Report::blocking`] whether to go on.
///
/// # Errors
/// As [`inspect`]; a cache that cannot be read or written is none.
pub fn checked(
    spec: &str,
    taxonomy: Option<&Taxonomy>,
    seed: u64,
    cache: Option<&Path>,
    progress: &mut Progress<'_>,
) -> Result<Report, DataError> {
    let opened = open_leniently(spec, taxonomy, seed)?;
    // Before the scan: a file that changes meanwhile makes the next fingerprint another.
    let kept = cache.and_then(|folder| {
        let options = format!("{seed}\n{}", taxonomy.and_then(|taxonomy| taxonomy.to_ron().ok()).unwrap_or_default());
        Some((cache::file(folder, spec, &options), cache::fingerprint(&opened)?))
    });
    if let Some((file, fingerprint)) = &kept
        && let Some(report) = cache::read(file, *fingerprint)
    {
        return Ok(Report { previews: previews(opened.source.as_ref()), ..report });
    }
    let report = scan::scan(&opened, progress)?;
    if let Some((file, fingerprint)) = &kept {
        cache::write(file, *fingerprint, &report);
    }
    Ok(report)
}
