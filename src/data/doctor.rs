//! A look at a data set before anything is trained on it.

use super::{DataError, OpenOptions, Opened, SampleSource, open_leniently};
use crate::taxonomy::{GroupKind, Taxonomy};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Samples are inspected as the networks see them, at this side.
const RESOLUTION: u32 = 128;
/// The most problems listed; more are only counted.
const MAX_LISTED: usize = 50;

/// What a data set holds and what is amiss in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// The first of them, each naming its file.
    pub problems: Vec<String>,
}

/// How many images have a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SizeCount {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of images.
    pub images: usize,
}

/// How much of the data a label is.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Reads every sample of a data set and counts. `progress` is told how many of how many are done, on this thread.
///
/// # Errors
/// The data set cannot be opened at all; single files that cannot be read, lack their mask or contradict their groups are
/// problems in the report.
pub fn inspect(
    spec: &str,
    taxonomy: Option<&Taxonomy>,
    seed: u64,
    mut progress: impl FnMut(usize, usize),
) -> Result<Report, DataError> {
    let options = OpenOptions { taxonomy: taxonomy.cloned(), seed, ..OpenOptions::default() };
    let Opened { source, problems, .. } = open_leniently(spec, &options, &mut |_| ControlFlow::Continue(()))?;
    let mut counts = Counts::new(source.taxonomy());
    let (sender, findings) = mpsc::channel();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (sender, source, next) = (sender.clone(), source.as_ref(), &next);
            scope.spawn(move || {
                let indices = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for index in indices.take_while(|index| *index < source.len()) {
                    let _ = sender.send((index, look_at(source, index)));
                }
            });
        }
        drop(sender);
        let mut failures = BTreeMap::new();
        for (done, (index, finding)) in findings.into_iter().enumerate() {
            match finding {
                Ok(finding) => counts.add(&finding),
                Err(error) => drop(failures.insert(index, error.to_string())),
            }
            progress(done + 1, source.len());
        }
        counts.problems = problems.into_iter().chain(failures.into_values()).collect();
    });
    Ok(counts.report(source.as_ref()))
}

/// What one sample adds to the counts.
struct Finding {
    size_px: Option<(u32, u32)>,
    histogram: [u64; 256],
    attributes: Vec<f32>,
}

fn look_at(source: &dyn SampleSource, index: usize) -> Result<Finding, DataError> {
    let size_px = source.size_px(index)?;
    let sample = source.sample(index, RESOLUTION)?;
    check_groups(source.taxonomy(), &sample.attributes)
        .map_err(|problem| DataError::content(std::path::Path::new(&sample.name), problem))?;
    Ok(Finding { size_px, histogram: sample.labels.histogram(), attributes: sample.attributes })
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

struct Counts {
    readable: usize,
    sizes: BTreeMap<(u32, u32), usize>,
    pixels: Vec<u64>,
    label_images: Vec<usize>,
    attribute_images: Vec<usize>,
    problems: Vec<String>,
}

impl Counts {
    fn new(taxonomy: &Taxonomy) -> Self {
        Self {
            readable: 0,
            sizes: BTreeMap::new(),
            pixels: vec![0; taxonomy.n_labels()],
            label_images: vec![0; taxonomy.n_labels()],
            attribute_images: vec![0; taxonomy.n_attributes()],
            problems: Vec::new(),
        }
    }

    fn add(&mut self, finding: &Finding) {
        self.readable += 1;
        if let Some(size) = finding.size_px {
            *self.sizes.entry(size).or_default() += 1;
        }
        for ((pixels, images), count) in self.pixels.iter_mut().zip(&mut self.label_images).zip(finding.histogram) {
            *pixels += count;
            *images += usize::from(count > 0);
        }
        for (images, value) in self.attribute_images.iter_mut().zip(&finding.attributes) {
            *images += usize::from(*value > 0.5);
        }
    }

    fn report(self, source: &dyn SampleSource) -> Report {
        let taxonomy = source.taxonomy();
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let all_pixels = self.pixels.iter().sum::<u64>() as f64;
        let counted = taxonomy.labels.iter().zip(self.pixels).zip(self.label_images);
        let labels = counted.map(|((label, pixels), images)| LabelCount {
            name: label.name.clone(),
            pixels,
            share: share(pixels as f64, all_pixels),
            images,
        });
        let named = taxonomy.groups.iter().flat_map(|group| group.attributes.iter().map(|name| (name, &group.name)));
        let attributes = named.zip(self.attribute_images).map(|((name, group), images)| AttributeCount {
            name: name.clone(),
            group: group.clone(),
            images,
            share: share(images as f64, self.readable as f64),
        });
        let mut sizes: Vec<SizeCount> =
            self.sizes.into_iter().map(|((width, height), images)| SizeCount { width, height, images }).collect();
        sizes.sort_by_key(|size| std::cmp::Reverse(size.images));
        Report {
            description: source.describe(),
            taxonomy: taxonomy.name.clone(),
            samples: source.len(),
            readable: self.readable,
            sizes,
            labels: labels.collect(),
            attributes: attributes.collect(),
            n_problems: self.problems.len(),
            problems: self.problems.into_iter().take(MAX_LISTED).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::label_image::{LabelImage, encode_mask_png};
    use std::fs;

    /// Three good pairs, one without a mask, one unreadable, one with two hair colours.
    #[test]
    fn counts_and_problems_of_a_small_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut taxonomy = Taxonomy::builtin("celeba-7").unwrap();
        taxonomy.groups[0].kind = GroupKind::AtMostOne;
        fs::write(root.join("taxonomy.ron"), taxonomy.to_ron().unwrap()).unwrap();
        fs::create_dir(root.join("images")).unwrap();
        fs::create_dir(root.join("masks")).unwrap();
        let mut rows = "file,Black_Hair,Blond_Hair,Brown_Hair,Male,Young\n".to_owned();
        for (name, side, row) in [
            ("a", 32, "1,0,0,0,0"),
            ("b", 32, "0,0,0,0,0"),
            ("c", 16, "1,0,0,0,0"),
            ("maskless", 16, "0,0,0,0,0"),
            ("broken", 16, "0,0,0,0,0"),
            ("motley", 16, "1,1,0,0,0"),
        ] {
            rows += &format!("{name},{row}\n");
            let mut labels = LabelImage::new(side, side, 0);
            for x in 0..if name == "a" { side / 2 } else { 0 } {
                (0..side).for_each(|y| labels.set(x, y, 1));
            }
            labels.to_rgb(&taxonomy).save(root.join(format!("images/{name}.png"))).unwrap();
            fs::write(root.join(format!("masks/{name}.png")), encode_mask_png(&labels, &taxonomy).unwrap()).unwrap();
        }
        fs::write(root.join("attributes.csv"), rows).unwrap();
        fs::remove_file(root.join("masks/maskless.png")).unwrap();
        fs::write(root.join("images/broken.png"), "nothing").unwrap();

        let mut steps = Vec::new();
        let report = inspect(root.to_str().unwrap(), None, 0, |done, of| steps.push((done, of))).unwrap();
        assert_eq!(steps, (1..=5).map(|done| (done, 5)).collect::<Vec<_>>());
        assert_eq!((report.samples, report.readable, report.n_problems), (5, 3, 3));
        for (problem, name) in report.problems.iter().zip(["maskless", "broken", "motley"]) {
            assert!(problem.contains(name), "{problem}");
        }
        let size = |side, images| SizeCount { width: side, height: side, images };
        assert_eq!(report.sizes, [size(32, 2), size(16, 1)]);
        assert_eq!((report.labels[0].images, report.labels[1].images, report.labels[2].images), (3, 1, 0));
        assert_eq!(report.labels[1].pixels, 128 * 64);
        assert!((report.labels[1].share - 1.0 / 6.0).abs() < 1e-9);
        assert_eq!((report.attributes[0].images, report.attributes[1].images), (2, 0));
        assert!(serde_json::to_string(&report).unwrap().contains("\"n_problems\":3"));
    }
}
