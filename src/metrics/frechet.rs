//! The Fréchet distance between two sets of features, each taken for a normal distribution.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

use super::eigenvalues::{dot, symmetric_eigenvalues};

/// Rows of features that are gathered before their products are added up.
const BLOCK_ROWS: usize = 256;
/// A pivot below this part of the largest variance is rounding.
const RANK_TOLERANCE: f64 = 64.0 * f64::EPSILON;

/// Mean and covariance of features, `n` values each.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// `[n]`.
    pub mean: Vec<f64>,
    /// `[n, n]`, row-major, symmetric; divided by N − 1.
    pub covariance: Vec<f64>,
    /// N, the number of samples; `None` where a foreign file does not say.
    pub samples: Option<usize>,
}

/// Why there is no distance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrechetError {
    /// A covariance needs two.
    #[error("a distance needs at least two samples on each side, here are {0}; take more with --count")]
    TooFew(usize),
    /// Features of two networks.
    #[error("features of {0} and {1} values cannot be compared; both must come from the same network")]
    Lengths(usize, usize),
    /// NaN or infinite.
    #[error("the features are not all numbers; the network's weights are damaged")]
    NotFinite,
    /// The CPU had no memory for it.
    #[error("the features could not be multiplied: {0}")]
    Compute(String),
}

/// Adds features up to a [`Gaussian`], in any number of pieces and with constant memory.
#[derive(Clone, Debug)]
pub struct Moments {
    mean: Vec<f64>,
    /// Sum of (x − mean)(x − mean)ᵀ.
    scatter: Vec<f64>,
    samples: usize,
    pending: Vec<f32>,
}

impl Moments {
    /// Of features with `length` values each.
    pub fn new(length: usize) -> Self {
        Self { mean: vec![0.0; length], scatter: vec![0.0; length * length], samples: 0, pending: Vec::new() }
    }

    /// Adds rows of features, `[b, n]`.
    ///
    /// # Errors
    /// Values that are not finite.
    pub fn push(&mut self, rows: &[f32]) -> Result<(), FrechetError> {
        if rows.iter().any(|value| !value.is_finite()) {
            return Err(FrechetError::NotFinite);
        }
        self.pending.extend_from_slice(rows);
        if self.pending.len() >= BLOCK_ROWS * self.mean.len() { self.merge() } else { Ok(()) }
    }

    /// Mean and covariance of all that was added.
    ///
    /// # Errors
    /// Fewer than two samples.
    pub fn finish(mut self) -> Result<Gaussian, FrechetError> {
        self.merge()?;
        if self.samples < 2 {
            return Err(FrechetError::TooFew(self.samples));
        }
        let scale = 1.0 / (self.samples - 1) as f64;
        self.scatter.iter_mut().for_each(|value| *value *= scale);
        Ok(Gaussian { mean: self.mean, covariance: self.scatter, samples: Some(self.samples) })
    }

    /// Joins the moments of the rows that were gathered with those so far.
    fn merge(&mut self) -> Result<(), FrechetError> {
        let length = self.mean.len();
        let rows = self.pending.len() / length.max(1);
        if rows == 0 {
            return Ok(());
        }
        let mut block: Vec<f64> = std::mem::take(&mut self.pending).into_iter().map(f64::from).collect();
        let mut mean = vec![0.0; length];
        for row in block.chunks_exact(length) {
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value);
        }
        mean.iter_mut().for_each(|mean| *mean /= rows as f64);
        for row in block.chunks_exact_mut(length) {
            row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
        }
        let centred = Matrix::new(block, rows, length);
        let scatter = centred.clone().transposed().times(centred)?;
        self.join(&mean, &scatter, rows);
        Ok(())
    }

    /// The moments of both together.
    ///
    /// # Errors
    /// The CPU had no memory for it.
    pub fn joined(mut self, mut other: Self) -> Result<Self, FrechetError> {
        self.merge()?;
        other.merge()?;
        if other.samples > 0 {
            self.join(&other.mean, &other.scatter, other.samples);
        }
        Ok(self)
    }

    /// Adds the moments of `rows` samples, at least one, which loses no digits to large means (Chan, Golub and LeVeque 1979).
    fn join(&mut self, mean: &[f64], scatter: &[f64], rows: usize) {
        let length = self.mean.len().max(1);
        let (before, all) = (self.samples as f64, (self.samples + rows) as f64);
        let shift: Vec<f64> = mean.iter().zip(&self.mean).map(|(new, old)| new - old).collect();
        let weight = before * rows as f64 / all;
        self.scatter.par_chunks_exact_mut(length).zip(scatter.par_chunks_exact(length)).zip(&shift).for_each(
            |((sums, new), row)| {
                for ((sum, new), column) in sums.iter_mut().zip(new).zip(&shift) {
                    *sum += new + weight * row * column;
                }
            },
        );
        self.mean.iter_mut().zip(&shift).for_each(|(mean, shift)| *mean += shift * rows as f64 / all);
        self.samples += rows;
    }
}

/// ‖μ₁ − μ₂‖² + Tr Σ₁ + Tr Σ₂ − 2 Tr √(Σ₁Σ₂), never below zero. Symmetric.
///
/// With Σ₁ = L Lᵀ, the eigenvalues of Σ₁Σ₂ that are not zero are those of Lᵀ Σ₂ L, which is symmetric and no larger than
/// the rank of Σ₁: where samples are fewer than values, hundreds of zeros that rounding would turn into something drop out.
///
/// # Errors
/// Different lengths, or values that are not finite.
pub fn frechet_distance(a: &Gaussian, b: &Gaussian) -> Result<f64, FrechetError> {
    let size = a.mean.len();
    if b.mean.len() != size {
        return Err(FrechetError::Lengths(size, b.mean.len()));
    }
    let all = [&a.mean, &a.covariance, &b.mean, &b.covariance];
    if all.iter().any(|values| values.iter().any(|value| !value.is_finite())) {
        return Err(FrechetError::NotFinite);
    }
    let (of_a, of_b) = (factor(&a.covariance, size), factor(&b.covariance, size));
    let (smaller, other) = if of_a.columns <= of_b.columns { (of_a, b) } else { (of_b, a) };
    let rank = smaller.columns;
    let other = Matrix::new(other.covariance.clone(), size, size);
    let product = Matrix::new(other.times(smaller.clone())?, size, rank);
    let product = symmetrised(&smaller.transposed().times(product)?, rank);
    let root: f64 = symmetric_eigenvalues(product, rank).iter().map(|value| value.max(0.0).sqrt()).sum();
    let between: f64 = a.mean.iter().zip(&b.mean).map(|(a, b)| (a - b) * (a - b)).sum();
    let distance = between + trace(&a.covariance, size) + trace(&b.covariance, size) - 2.0 * root;
    Ok(distance.max(0.0))
}

fn trace(matrix: &[f64], size: usize) -> f64 {
    (0..size).map(|k| matrix[k * size + k]).sum()
}

fn symmetrised(matrix: &[f64], size: usize) -> Vec<f64> {
    let at = |row: usize, column: usize| matrix[row * size + column];
    (0..size * size).map(|k| (at(k / size, k % size) + at(k % size, k / size)) / 2.0).collect()
}

/// L `[size, rank]` with L Lᵀ = Σ, by Cholesky's method with pivots (Golub and Van Loan, 4.2.8): it ends where only
/// rounding is left, so the rank comes out, too.
fn factor(covariance: &[f64], size: usize) -> Matrix {
    let mut left: Vec<f64> = (0..size).map(|k| covariance[k * size + k]).collect();
    let tolerance = RANK_TOLERANCE * left.iter().copied().fold(0.0, f64::max);
    let mut lower = vec![0.0; size * size];
    let mut rank = 0;
    while let Some((pivot, &variance)) = left.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))
        && variance > tolerance
    {
        let scale = 1.0 / variance.sqrt();
        let of_pivot = lower[pivot * size..][..rank].to_vec();
        let rows = lower.par_chunks_exact_mut(size).zip(left.par_iter_mut()).enumerate().with_min_len(64);
        rows.for_each(|(row, (lower, left))| {
            // A row that has been a pivot has nothing left.
            if *left <= f64::NEG_INFINITY {
                return;
            }
            let value = (covariance[row * size + pivot] - dot(&lower[..rank], &of_pivot)) * scale;
            lower[rank] = value;
            *left -= value * value;
        });
        left[pivot] = f64::NEG_INFINITY;
        rank += 1;
    }
    let values = lower.chunks_exact(size.max(1)).flat_map(|row| &row[..rank]).copied().collect();
    Matrix::new(values, size, rank)
}

/// An f64 matrix that Burn multiplies on the CPU.
#[derive(Clone, Debug)]
struct Matrix {
    tensor: Tensor<2>,
    columns: usize,
}

impl Matrix {
    fn new(values: Vec<f64>, rows: usize, columns: usize) -> Self {
        let data = TensorData::new(values, [rows, columns]);
        Self { tensor: Tensor::from_data(data, (&Device::flex(), DType::F64)), columns }
    }

    fn transposed(self) -> Self {
        let columns = self.tensor.dims()[0];
        Self { tensor: self.tensor.transpose(), columns }
    }

    fn times(self, other: Self) -> Result<Vec<f64>, FrechetError> {
        let data = self.tensor.matmul(other.tensor).try_into_data();
        let data = data.map_err(|error| FrechetError::Compute(error.to_string()))?;
        data.try_into_vec().map_err(|error| FrechetError::Compute(format!("{error:?}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::model::Noise;

    /// `rows` of `length` features, mixed so that they correlate.
    fn features(noise: &mut Noise, rows: usize, length: usize) -> Vec<f32> {
        let mixing = noise.normal(length * length);
        let drawn = noise.normal(rows * length);
        let value = |mix: &[f32], row: &[f32]| 3.0 + mix.iter().zip(row).map(|(a, b)| a * b).sum::<f32>();
        let mixed = |row| mixing.chunks_exact(length).map(|mix| value(mix, row)).collect::<Vec<_>>();
        drawn.chunks_exact(length).flat_map(mixed).collect()
    }

    fn gaussian(rows: &[f32], length: usize) -> Gaussian {
        let mut moments = Moments::new(length);
        moments.push(rows).unwrap();
        moments.finish().unwrap()
    }

    fn diagonal(mean: Vec<f64>, deviations: &[f64]) -> Gaussian {
        let size = mean.len();
        let at = |k: usize| if k / size == k % size { deviations[k / size] * deviations[k / size] } else { 0.0 };
        Gaussian { mean, covariance: (0..size * size).map(at).collect(), samples: None }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn independent_features_have_the_distance_of_their_means_and_deviations(
            values in proptest::collection::vec((-3.0f64..3.0, -3.0f64..3.0, 0.0f64..2.0, 0.0f64..2.0), 1..30),
        ) {
            let a = diagonal(values.iter().map(|v| v.0).collect(), &values.iter().map(|v| v.2).collect::<Vec<_>>());
            let b = diagonal(values.iter().map(|v| v.1).collect(), &values.iter().map(|v| v.3).collect::<Vec<_>>());
            let expected: f64 = values.iter().map(|v| (v.0 - v.1).powi(2) + (v.2 - v.3).powi(2)).sum();
            prop_assert!((frechet_distance(&a, &b).unwrap() - expected).abs() < 1e-6 * (1.0 + expected));
        }

        #[test]
        fn two_features_have_the_distance_of_the_closed_form(seed: u64, rows in 3usize..40) {
            let mut noise = Noise::new(seed);
            let [a, b] = [0, 1].map(|_| gaussian(&features(&mut noise, rows, 2), 2));
            let (p, q) = (&a.covariance, &b.covariance);
            let trace = p[0] * q[0] + p[1] * q[2] + p[2] * q[1] + p[3] * q[3];
            let determinant = (p[0] * p[3] - p[1] * p[2]) * (q[0] * q[3] - q[1] * q[2]);
            let root = (trace + 2.0 * determinant.max(0.0).sqrt()).sqrt();
            let means: f64 = a.mean.iter().zip(&b.mean).map(|(a, b)| (a - b).powi(2)).sum();
            let expected = means + p[0] + p[3] + q[0] + q[3] - 2.0 * root;
            let found = frechet_distance(&a, &b).unwrap();
            prop_assert!((found - expected).abs() < 1e-6 * (1.0 + p[0] + p[3] + q[0] + q[3]), "{found} {expected}");
        }

        #[test]
        fn fewer_samples_than_features_give_what_a_larger_space_gives(seed: u64, rows in 2usize..12) {
            let mut noise = Noise::new(seed);
            let length = 8;
            let sets = [0, 1].map(|_| features(&mut noise, rows, length));
            let [a, b] = [&sets[0], &sets[1]].map(|rows| gaussian(rows, length));
            // Every feature three times: the same points, all distances √3 times as long.
            let thrice = |rows: &Vec<f32>| rows.chunks_exact(length).flat_map(|row| row.repeat(3)).collect::<Vec<f32>>();
            let [long_a, long_b] = [&sets[0], &sets[1]].map(|rows| gaussian(&thrice(rows), 3 * length));
            let (short, long) = (frechet_distance(&a, &b).unwrap(), frechet_distance(&long_a, &long_b).unwrap());
            let size = trace(&a.covariance, length) + trace(&b.covariance, length);
            prop_assert!((3.0 * short - long).abs() < 1e-6 * size, "{short} {long}");
            prop_assert!((short - frechet_distance(&b, &a).unwrap()).abs() < 1e-6 * size);
            prop_assert!(frechet_distance(&a, &a).unwrap() < 1e-6 * size);
        }

        #[test]
        fn moments_in_pieces_are_those_of_the_definition(seed: u64, cut in 0usize..600) {
            let (rows, length) = (600, 3);
            let features = features(&mut Noise::new(seed), rows, length);
            let mut moments = Moments::new(length);
            let (first, second) = features.split_at(cut * length);
            moments.push(first).unwrap();
            let mut others = Moments::new(length);
            for rows in second.chunks(17 * length) {
                others.push(rows).unwrap();
            }
            let found = moments.joined(others).unwrap().finish().unwrap();
            let at = |row: usize, k: usize| f64::from(features[row * length + k]);
            let mean = |k: usize| (0..rows).map(|row| at(row, k)).sum::<f64>() / rows as f64;
            for i in 0..length {
                prop_assert!((found.mean[i] - mean(i)).abs() < 1e-9);
                for j in 0..length {
                    let product = |row: usize| (at(row, i) - mean(i)) * (at(row, j) - mean(j));
                    let expected = (0..rows).map(product).sum::<f64>() / (rows - 1) as f64;
                    prop_assert!((found.covariance[i * length + j] - expected).abs() < 1e-8);
                }
            }
            prop_assert_eq!(found.samples, Some(rows));
        }
    }

    #[test]
    fn what_has_no_distance_is_refused() {
        let mut moments = Moments::new(2);
        moments.push(&[1.0, 2.0]).unwrap();
        assert_eq!(moments.clone().finish(), Err(FrechetError::TooFew(1)));
        assert_eq!(moments.push(&[f32::NAN, 1.0]), Err(FrechetError::NotFinite));
        let [two, three] = [2, 3].map(|n| diagonal(vec![0.0; n], &vec![1.0; n]));
        assert_eq!(frechet_distance(&two, &three), Err(FrechetError::Lengths(2, 3)));
        let endless = Gaussian { mean: vec![f64::INFINITY, 0.0], ..two.clone() };
        assert_eq!(frechet_distance(&two, &endless), Err(FrechetError::NotFinite));
    }

    #[test]
    fn constant_features_are_a_point() {
        let [a, b] = [1.0, 3.0].map(|value| gaussian(&[value; 40], 4));
        assert_eq!(frechet_distance(&a, &b).unwrap(), 16.0);
    }
}
