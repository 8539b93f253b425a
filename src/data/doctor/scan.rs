//! Reading every sample.

use super::alike::{self, Picture};
use super::counts::Counts;
use super::preview::previews;
use super::report::{Duplicates, MAX_LISTED, ProblemKind, Problems, Report};
use crate::data::in_order::{Progress, in_order};
use crate::data::{DataError, Opened, SampleSource};
use crate::taxonomy::{GroupKind, Taxonomy};
use xxhash_rust::xxh3::xxh3_64;

/// Samples are inspected as the networks see them, at this side.
const RESOLUTION: u32 = 128;
/// Pictures that seem to be the same are compared at their stored size, up to this side.
const MAX_COMPARED_PX: u32 = 1024;
/// The most names listed of a group.
const MAX_NAMES: usize = 10;

/// What one sample adds to the report.
struct Finding {
    name: String,
    histogram: [u64; 256],
    attributes: Vec<f32>,
    picture: Picture,
}

/// Reads all samples and reports.
pub(super) fn scan(opened: &Opened, progress: &mut Progress<'_>) -> Result<Report, DataError> {
    let source = opened.source.as_ref();
    let taxonomy = source.taxonomy();
    let mut counts = Counts::new(taxonomy);
    let mut problems = Problems::default();
    opened.problems.iter().for_each(|problem| problems.add(ProblemKind::Missing, problem.clone()));
    let mut names = Vec::with_capacity(source.len());
    let mut pictures = Vec::with_capacity(source.len());
    let take = |_, finding: Result<Finding, DataError>| {
        match finding {
            Ok(Finding { name, histogram, attributes, picture }) => {
                counts.add(picture.size_px, &histogram, &attributes);
                names.push(name);
                pictures.push(Some(picture));
            }
            Err(error) => {
                problems.add(ProblemKind::of(&error), error.to_string());
                names.push(String::new());
                pictures.push(None);
            }
        }
        Ok(())
    };
    in_order("doctor", source.len(), |index| look_at(source, index), take, progress)?;

    let same = same_pictures(source, &pictures, progress)?;
    let mut repeats = vec![false; source.len()];
    same.iter().flat_map(|group| &group[1..]).for_each(|index| repeats[*index] = true);
    let alike = alike::look_alike(&pictures, &repeats);
    let named = |group: &[usize]| group.iter().take(MAX_NAMES).map(|index| names[*index].clone()).collect();
    let duplicates = same.iter().take(MAX_LISTED).map(|group| {
        let mut masks = group.iter().filter_map(|index| pictures[*index].as_ref()).map(|picture| picture.mask);
        let first = masks.next();
        Duplicates { images: group.len(), names: named(group), masks_differ: masks.any(|mask| Some(mask) != first) }
    });
    Ok(Report {
        description: source.describe(),
        taxonomy: taxonomy.name.clone(),
        samples: source.len(),
        readable: counts.readable,
        sizes: counts.sizes(),
        labels: counts.labels(taxonomy),
        attributes: counts.attributes(taxonomy),
        n_problems: problems.kinds.values().sum(),
        problem_kinds: problems.kinds,
        problems: problems.listed,
        n_duplicates: repeats.iter().filter(|repeats| **repeats).count(),
        duplicates: duplicates.collect(),
        n_lookalikes: alike.iter().map(|group| group.len() - 1).sum(),
        lookalikes: alike.iter().take(MAX_LISTED).map(|group| named(group)).collect(),
        previews: previews(source),
    })
}

fn look_at(source: &dyn SampleSource, index: usize) -> Result<Finding, DataError> {
    let size_px = source.size_px(index)?;
    let sample = source.sample(index, RESOLUTION)?;
    let taxonomy = source.taxonomy();
    sample.check(index, taxonomy, RESOLUTION)?;
    check_groups(taxonomy, &sample.attributes)
        .map_err(|problem| DataError::Attributes { sample: sample.name.clone(), problem })?;
    Ok(Finding {
        histogram: sample.labels.histogram(),
        attributes: sample.attributes,
        picture: Picture::of(&sample.image, sample.labels.ids(), size_px),
        name: sample.name,
    })
}

/// Exclusive attributes must exclude each other, or their loss learns nonsense.
fn check_groups(taxonomy: &Taxonomy, attributes: &[f32]) -> Result<(), String> {
    for (group, (range, kind)) in taxonomy.groups.iter().zip(taxonomy.group_ranges()) {
        let on = attributes.get(range).unwrap_or_default().iter().filter(|value| **value > 0.5).count();
        let (allowed, expected) = match kind {
            GroupKind::Independent => continue,
            GroupKind::AtMostOne => (on <= 1, "at most one"),
            GroupKind::ExactlyOne => (on == 1, "exactly one"),
        };
        if !allowed {
            return Err(format!("{on} attributes of group `{}` hold; expected {expected}", group.name));
        }
    }
    Ok(())
}

/// The groups of samples with one picture: those that seemed the same, read again at their stored size.
fn same_pictures(
    source: &dyn SampleSource,
    pictures: &[Option<Picture>],
    progress: &mut Progress<'_>,
) -> Result<Vec<Vec<usize>>, DataError> {
    let seeming = alike::same_at_first_sight(pictures);
    let suspects: Vec<(usize, usize)> = seeming
        .iter()
        .enumerate()
        .flat_map(|(group, members)| members.iter().map(move |index| (group, *index)))
        .collect();
    let hash = |place: usize| {
        let (group, index) = suspects[place];
        let stored = pictures[index].as_ref().and_then(|picture| picture.size_px);
        let side = stored.map_or(RESOLUTION, |(width, height)| width.max(height)).clamp(1, MAX_COMPARED_PX);
        Ok((group, xxh3_64(source.sample(index, side)?.image.as_raw())))
    };
    let mut hashed = Vec::new();
    let take = |place: usize, hash: Result<(usize, u64), DataError>| {
        // One that could be read a moment ago and cannot now is no duplicate that anyone can compare.
        hashed.extend(hash.ok().map(|hash| (hash, suspects[place].1)));
        Ok(())
    };
    let all = source.len();
    in_order("doctor", suspects.len(), hash, take, &mut |_, _| progress(all, all))?;
    Ok(alike::groups_by(hashed))
}
