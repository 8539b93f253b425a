//! z from a seed, and the few directions of z that matter.

use burn::tensor::Tensor;

use super::eigen::leading_eigenvectors;
use super::generator::Generator;
use super::noise::Noise;
use super::parameters::{ParameterError, to_host};

/// Cells of the grid that the latent's layer fills, 8×8.
const CELLS: usize = 64;

/// z of a seed: `n_z` values of N(0, 1), the same in every version and on every device.
pub fn latent_from_seed(seed: u64, n_z: usize) -> Vec<f32> {
    Noise::new(seed).normal(n_z)
}

/// Unit vectors in the space of z, the most influential first.
#[derive(Clone, Debug, Default)]
pub struct LatentDirections {
    /// Each `[n_z]`, of length 1. Along any of them z is N(0, 1), so an offset is counted in standard deviations.
    pub directions: Vec<Vec<f32>>,
    /// How strongly each moves the first feature map, descending.
    pub singular_values: Vec<f32>,
}

impl LatentDirections {
    /// Right singular vectors of the weight of the layer z enters through, centred per channel over its 64 cells
    /// because the norm that follows takes channel means away (closed-form factorisation: Shen and Zhou 2021). At most
    /// `count` of them; none for the all-at-once generator, where z enters no layer of its own.
    pub fn of(generator: &Generator, count: usize) -> Result<Self, ParameterError> {
        match generator.latent_layer() {
            Some(layer) => Self::of_weight(layer.weight.val(), count),
            None => Ok(Self::default()),
        }
    }

    fn of_weight(weight: Tensor<2>, count: usize) -> Result<Self, ParameterError> {
        let [rows, n_z] = weight.dims();
        let weight = weight.inner().reshape([rows / CELLS, CELLS, n_z]);
        let centred = (weight.clone() - weight.mean_dim(1)).reshape([rows, n_z]);
        let gram = to_host(centred.clone().transpose().matmul(centred), "latent_fc.weight")?;
        let gram: Vec<f64> = gram.values.into_iter().map(f64::from).collect();
        let mut found = Self::default();
        for (eigenvalue, vector) in leading_eigenvectors(&gram, n_z, count) {
            found.directions.push(facing_forward(vector.into_iter().map(|value| value as f32).collect()));
            found.singular_values.push(eigenvalue.max(0.0).sqrt() as f32);
        }
        Ok(found)
    }

    /// z + Σ offset·direction; surplus offsets are ignored.
    pub fn displace(&self, z: &mut [f32], offsets: &[f32]) {
        for (direction, offset) in self.directions.iter().zip(offsets) {
            for (value, step) in z.iter_mut().zip(direction) {
                *value += offset * step;
            }
        }
    }
}

/// An eigenvector's sign is arbitrary: make the largest component positive, so that a slider never flips.
fn facing_forward(mut direction: Vec<f32>) -> Vec<f32> {
    let largest = direction.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if largest.is_some_and(|value| value < 0.0) {
        direction.iter_mut().for_each(|value| *value = -*value);
    }
    direction
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn planted_directions_are_found_in_order_and_channel_means_are_ignored() {
        let (channels, n_z) = (3, 10);
        let mut noise = Noise::new(7);
        // Two orthogonal directions of z, one three times as strong, and a constant per channel along a third.
        let mut weight = vec![0.0; channels * CELLS * n_z];
        for (row, values) in weight.chunks_mut(n_z).enumerate() {
            let cell = noise.normal(2);
            values[0] = cell[0];
            values[4] = -3.0 * cell[1];
            values[7] = 50.0 * (row / CELLS) as f32;
        }
        let weight = Tensor::from_data(TensorData::new(weight, [channels * CELLS, n_z]), &Device::flex());
        let found = LatentDirections::of_weight(weight, 3).unwrap();
        assert!(found.directions[0][4] > 0.99, "{:?}", found.directions[0]);
        assert!(found.directions[1][0] > 0.99, "{:?}", found.directions[1]);
        assert!(found.singular_values[0] > 2.0 * found.singular_values[1]);
        assert!(found.singular_values[2] < 1e-2 * found.singular_values[1]);
        let mut z = vec![0.0; n_z];
        found.displace(&mut z, &[2.0]);
        let length: f32 = z.iter().map(|value| value * value).sum::<f32>().sqrt();
        assert!((length - 2.0).abs() < 1e-4);
    }

    #[test]
    fn a_seed_names_its_latent_for_ever() {
        let z = latent_from_seed(2021, 4096);
        assert_eq!(z, latent_from_seed(2021, 4096));
        assert_ne!(z, latent_from_seed(2022, 4096));
        let mean = z.iter().sum::<f32>() / 4096.0;
        let variance = z.iter().map(|value| value * value).sum::<f32>() / 4096.0;
        assert!(mean.abs() < 0.06 && (variance - 1.0).abs() < 0.1, "{mean} {variance}");
        // A longer latent starts with the shorter one.
        assert_eq!(latent_from_seed(2021, 8), z[..8]);
    }
}
