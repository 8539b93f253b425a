//! How different pictures are from each other.

use image::RgbImage;

use super::DIVERSITY_LATENTS;
use super::scores::{Diversity, Pair};

/// Sums over pairs of pictures.
#[derive(Default)]
pub(super) struct Differences {
    pictures: Vec<(RgbImage, Vec<f32>)>,
    pixels: f64,
    features: f64,
    pairs: usize,
}

impl Differences {
    /// Compares a picture with all before it.
    pub(super) fn push(&mut self, image: &RgbImage, features: &[f32]) {
        for (other, other_features) in &self.pictures {
            self.pixels += mean_difference(image, other);
            self.features += euclidean(features, other_features);
            self.pairs += 1;
        }
        self.pictures.push((image.clone(), features.to_vec()));
    }
}

/// Mean absolute difference of bytes, as a part of 255.
fn mean_difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / 255.0 / a.as_raw().len().max(1) as f64
}

fn euclidean(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// Means over the pairs of each mask, and over those of the real pictures.
pub(super) fn scores(variations: &[Differences], reals: &Differences, has_features: bool) -> Diversity {
    let pairs: usize = variations.iter().map(|mask| mask.pairs).sum();
    let mean = |of: fn(&Differences) -> f64| {
        let generated = variations.iter().map(of).sum::<f64>() / pairs as f64;
        (pairs > 0 && reals.pairs > 0).then(|| Pair { generated, real: of(reals) / reals.pairs as f64 })
    };
    Diversity {
        masks: variations.len(),
        latents: DIVERSITY_LATENTS,
        pixels: mean(|differences| differences.pixels),
        features: mean(|differences| differences.features).filter(|_| has_features),
    }
}
