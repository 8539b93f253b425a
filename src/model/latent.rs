//! z from a seed, and the few directions of z that matter.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::eigen::leading_eigenvectors;
use super::generator::Generator;
use super::noise::Noise;
use super::parameters::{ParameterError, to_host};
use crate::document::{LatentPin, LatentState};

/// Cells of the grid that the latent's layer fills, 8×8.
const CELLS: usize = 64;

/// z of a seed: `n_z` values of N(0, 1), the same in every version and on every device.
pub fn latent_from_seed(seed: u64, n_z: usize) -> Vec<f32> {
    Noise::new(seed).normal(n_z)
}

/// Below this sine of the angle between two codes their great circle has no certain direction.
const PARALLEL_SINE: f64 = 1e-4;

/// z `[n_z]` of a latent state: the spherical interpolation of the two pins when both are set and a blend is given,
/// else z(seed), or the fitted code, + Σ offset·direction with the raw coordinates put in place. What does not fit the model (surplus
/// offsets, coordinates past `n_z`) is ignored.
pub fn compose(state: &LatentState, n_z: usize, directions: &LatentDirections) -> Vec<f32> {
    match (&state.pins, state.blend) {
        ([Some(a), Some(b)], Some(blend)) => {
            slerp(pinned_code(a, n_z, directions), pinned_code(b, n_z, directions), blend)
        }
        _ => code(state.seed, &state.fitted, &state.offsets, &state.raw, n_z, directions),
    }
}

fn pinned_code(pin: &LatentPin, n_z: usize, directions: &LatentDirections) -> Vec<f32> {
    match &pin.between {
        Some(blend) => {
            let [a, b] = &blend.ends;
            slerp(pinned_code(a, n_z, directions), pinned_code(b, n_z, directions), blend.place)
        }
        None => code(pin.seed, &pin.fitted, &pin.offsets, &pin.raw, n_z, directions),
    }
}

fn code(
    seed: u64,
    fitted: &[f32],
    offsets: &[f32],
    raw: &BTreeMap<u16, f32>,
    n_z: usize,
    directions: &LatentDirections,
) -> Vec<f32> {
    let mut z = latent_from_seed(seed, n_z);
    // One of another model fits as far as it goes.
    z.iter_mut().zip(fitted).for_each(|(value, fitted)| *value = *fitted);
    directions.displace(&mut z, offsets);
    for (&index, &value) in raw {
        if let Some(coordinate) = z.get_mut(usize::from(index)) {
            *coordinate = value;
        }
    }
    z
}

/// From `a` (at 0) along the great circle to `b` (at 1), the norm going linearly from one's to the other's: a standard
/// normal code stays one of the length √n_z that the generator knows. Places outside 0–1 count as the nearer end, and
/// (nearly) parallel or opposite codes are joined by the straight line.
fn slerp(a: Vec<f32>, b: Vec<f32>, place: f32) -> Vec<f32> {
    if place <= 0.0 {
        return a;
    }
    if place >= 1.0 {
        return b;
    }
    let place = f64::from(place);
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
    let (norm_a, norm_b) = (dot(&a, &a).sqrt(), dot(&b, &b).sqrt());
    let cosine = (dot(&a, &b) / (norm_a * norm_b)).clamp(-1.0, 1.0);
    let angle = cosine.acos();
    let sine = angle.sin();
    // Also when a norm is zero and the cosine therefore is no number.
    let (weight_a, weight_b) = if sine > PARALLEL_SINE {
        let norm = (1.0 - place) * norm_a + place * norm_b;
        let weight = |share: f64, own: f64| (share * angle).sin() / sine * norm / own;
        (weight(1.0 - place, norm_a), weight(place, norm_b))
    } else {
        (1.0 - place, place)
    };
    a.iter().zip(&b).map(|(&a, &b)| (weight_a * f64::from(a) + weight_b * f64::from(b)) as f32).collect()
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
    /// because the norm that follows takes channel means away (closed-form factorisation: Shen and Zhou 2021). Where z
    /// is tiled, of the map from z to what it adds to the first block's skip path. At most `count` of them.
    pub fn of(generator: &Generator, count: usize) -> Result<Self, ParameterError> {
        match (generator.latent_layer(), generator.tiled_latent_map()) {
            (Some(layer), _) => Self::of_weight(layer.weight.val(), count),
            (None, Some(map)) => Self::of_map(map.inner(), count),
            (None, None) => Ok(Self::default()),
        }
    }

    fn of_weight(weight: Tensor<2>, count: usize) -> Result<Self, ParameterError> {
        let [rows, n_z] = weight.dims();
        let weight = weight.inner().reshape([rows / CELLS, CELLS, n_z]);
        Self::of_map((weight.clone() - weight.mean_dim(1)).reshape([rows, n_z]), count)
    }

    /// Right singular vectors of a map `[o, n_z]`.
    fn of_map(map: Tensor<2>, count: usize) -> Result<Self, ParameterError> {
        let n_z = map.dims()[1];
        let gram = to_host(map.clone().transpose().matmul(map), "the weight z enters through")?;
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
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    use super::*;

    const N_Z: usize = 512;

    fn between(seeds: [u64; 2], blend: f32) -> LatentState {
        let pins = seeds.map(|seed| Some(LatentPin { seed, ..LatentPin::default() }));
        LatentState { seed: 99, pins, blend: Some(blend), ..LatentState::default() }
    }

    fn norm(z: &[f32]) -> f32 {
        z.iter().map(|value| value * value).sum::<f32>().sqrt()
    }

    fn plain(state: &LatentState) -> Vec<f32> {
        compose(state, N_Z, &LatentDirections::default())
    }

    proptest! {
        #[test]
        fn a_blend_ends_at_its_pins_keeps_its_length_and_is_symmetric(a: u64, b: u64, place in 0.0f32..=1.0) {
            prop_assume!(a != b);
            let (start, end) = (latent_from_seed(a, N_Z), latent_from_seed(b, N_Z));
            prop_assert_eq!(plain(&between([a, b], 0.0)), start.clone());
            prop_assert_eq!(plain(&between([a, b], 1.0)), end.clone());
            let z = plain(&between([a, b], place));
            let expected = (1.0 - place) * norm(&start) + place * norm(&end);
            prop_assert!((norm(&z) / expected - 1.0).abs() < 1e-4, "{} instead of {}", norm(&z), expected);
            prop_assert!((norm(&z) / (N_Z as f32).sqrt() - 1.0).abs() < 0.2);
            let back = plain(&between([b, a], 1.0 - place));
            prop_assert!(z.iter().zip(&back).all(|(one, other)| (one - other).abs() < 1e-4));
        }
    }

    #[test]
    fn the_middle_is_as_far_from_both_pins() {
        let z = plain(&between([3, 4], 0.5));
        let cosine = |seed| {
            let pin = latent_from_seed(seed, N_Z);
            z.iter().zip(&pin).map(|(a, b)| a * b).sum::<f32>() / norm(&z) / norm(&pin)
        };
        assert!((cosine(3) - cosine(4)).abs() < 1e-4, "{} {}", cosine(3), cosine(4));
        assert!(cosine(3) > 0.6, "{}", cosine(3));
    }

    #[test]
    fn parallel_opposite_and_empty_codes_are_joined_by_a_line() {
        let a = latent_from_seed(5, 16);
        let scaled = |by: f32| a.iter().map(|value| value * by).collect::<Vec<_>>();
        for (other, middle) in [(scaled(1.0), 1.0), (scaled(3.0), 2.0), (scaled(-1.0), 0.0), (vec![0.0; 16], 0.5)] {
            let z = slerp(a.clone(), other, 0.5);
            assert!(z.iter().zip(scaled(middle)).all(|(got, wanted)| (got - wanted).abs() < 1e-4), "{z:?}");
        }
        assert_eq!(slerp(a.clone(), scaled(2.0), -3.0), a);
        assert_eq!(slerp(scaled(2.0), a.clone(), 7.0), a);
    }

    #[test]
    fn a_blend_needs_both_pins_and_pins_carry_offsets_and_coordinates() {
        let directions = LatentDirections { directions: vec![vec![1.0, 0.0, 0.0, 0.0]], singular_values: vec![1.0] };
        let seeded = latent_from_seed(8, 4);
        let mut state = LatentState { seed: 8, offsets: vec![2.0, 5.0], ..LatentState::default() };
        assert_eq!(compose(&state, 4, &directions), [seeded[0] + 2.0, seeded[1], seeded[2], seeded[3]]);
        state.raw = [(0, 0.25), (3, -7.0), (9, 1.0)].into();
        let composed = compose(&state, 4, &directions);
        assert_eq!(composed, [0.25, seeded[1], seeded[2], -7.0]);
        let pin = state.as_pin();
        state.pins = [Some(LatentPin::default()), None];
        state.blend = Some(1.0);
        assert_eq!(compose(&state, 4, &directions), composed, "one pin is no blend");
        let pinned = LatentState { pins: [Some(LatentPin::default()), Some(pin)], ..state };
        assert_eq!(compose(&pinned, 4, &directions), composed);
        assert_ne!(compose(&LatentState { blend: None, ..pinned.clone() }, 3, &directions).len(), 4);
    }

    #[test]
    fn a_fitted_code_takes_the_place_of_the_seed_s_and_is_pinned_with_it() {
        let directions = LatentDirections { directions: vec![vec![0.0, 1.0, 0.0]], singular_values: vec![1.0] };
        let state = LatentState { seed: 8, fitted: vec![0.5, -1.5, 2.0], offsets: vec![3.0], ..LatentState::default() };
        assert_eq!(compose(&state, 3, &directions), [0.5, 1.5, 2.0]);
        assert_eq!(compose(&state, 4, &directions)[3], latent_from_seed(8, 4)[3], "the seed fills up a shorter one");
        let pins = [Some(LatentPin::default()), Some(state.as_pin())];
        let blended = LatentState { pins, blend: Some(1.0), ..LatentState::default() };
        assert_eq!(compose(&blended, 3, &directions), compose(&state, 3, &directions));
    }

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
