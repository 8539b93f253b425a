//! Adding up what the samples say.

use super::report::{AttributeCount, LabelCount, SizeCount};
use crate::taxonomy::Taxonomy;
use std::collections::BTreeMap;

/// Sums over the samples that could be read.
pub(super) struct Counts {
    pub(super) readable: usize,
    sizes: BTreeMap<(u32, u32), usize>,
    pixels: Vec<u64>,
    label_images: Vec<usize>,
    attribute_images: Vec<usize>,
}

impl Counts {
    pub(super) fn new(taxonomy: &Taxonomy) -> Self {
        Self {
            readable: 0,
            sizes: BTreeMap::new(),
            pixels: vec![0; taxonomy.n_labels()],
            label_images: vec![0; taxonomy.n_labels()],
            attribute_images: vec![0; taxonomy.n_attributes()],
        }
    }

    pub(super) fn add(&mut self, size_px: Option<(u32, u32)>, histogram: &[u64; 256], attributes: &[f32]) {
        self.readable += 1;
        if let Some(size) = size_px {
            *self.sizes.entry(size).or_default() += 1;
        }
        for ((pixels, images), count) in self.pixels.iter_mut().zip(&mut self.label_images).zip(histogram) {
            *pixels += count;
            *images += usize::from(*count > 0);
        }
        for (images, value) in self.attribute_images.iter_mut().zip(attributes) {
            *images += usize::from(*value > 0.5);
        }
    }

    /// The most frequent first.
    pub(super) fn sizes(&self) -> Vec<SizeCount> {
        let sizes = self.sizes.iter();
        let mut sizes: Vec<SizeCount> =
            sizes.map(|(&(width, height), &images)| SizeCount { width, height, images }).collect();
        sizes.sort_by_key(|size| std::cmp::Reverse(size.images));
        sizes
    }

    pub(super) fn labels(&self, taxonomy: &Taxonomy) -> Vec<LabelCount> {
        let all_pixels = self.pixels.iter().sum::<u64>();
        let counted = taxonomy.labels.iter().zip(&self.pixels).zip(&self.label_images);
        counted
            .map(|((label, &pixels), &images)| LabelCount {
                name: label.name.clone(),
                pixels,
                share: share(pixels as f64, all_pixels as f64),
                images,
            })
            .collect()
    }

    pub(super) fn attributes(&self, taxonomy: &Taxonomy) -> Vec<AttributeCount> {
        let named = taxonomy.groups.iter().flat_map(|group| group.attributes.iter().map(|name| (name, &group.name)));
        named
            .zip(&self.attribute_images)
            .map(|((name, group), &images)| AttributeCount {
                name: name.clone(),
                group: group.clone(),
                images,
                share: share(images as f64, self.readable as f64),
            })
            .collect()
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
