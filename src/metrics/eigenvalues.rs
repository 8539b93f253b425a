//! Eigenvalues of a large symmetric matrix. Only values are needed, so a reduction and a short iteration do, in seconds
//! for 2048 rows; the linear-algebra crates with a symmetric eigensolver would each compile for minutes to serve this one
//! call.

use rayon::prelude::*;

/// Implicit QR steps per eigenvalue before the iteration is given up. Three are usual.
const MAX_STEPS: usize = 60;
/// Rows that a task works on at least.
const ROWS_PER_TASK: usize = 32;

/// Eigenvalues of a symmetric `size × size` row-major matrix of finite values, in no order: Householder's reduction to a
/// tridiagonal matrix (Golub and Van Loan, 8.3.1), then implicit QR steps with Wilkinson's shift (8.3.2).
pub(super) fn symmetric_eigenvalues(matrix: Vec<f64>, size: usize) -> Vec<f64> {
    debug_assert_eq!(matrix.len(), size * size);
    let (mut diagonal, mut off) = tridiagonal(matrix, size);
    diagonalise(&mut diagonal, &mut off);
    diagonal
}

/// Diagonal and off-diagonal of a tridiagonal matrix with the same eigenvalues.
fn tridiagonal(mut a: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut off = vec![0.0; size.saturating_sub(1)];
    let mut reflector = vec![0.0; size];
    let mut image = vec![0.0; size];
    for k in 0..size.saturating_sub(2) {
        let first = k + 1;
        let row = &a[k * size + first..(k + 1) * size];
        let length = norm(row);
        if length == 0.0 {
            continue;
        }
        let v = &mut reflector[first..];
        v.copy_from_slice(row);
        // Away from the first entry, so that nothing cancels.
        let target = if v[0] > 0.0 { -length } else { length };
        v[0] -= target;
        off[k] = target;
        let scale = std::f64::consts::SQRT_2 / norm(v);
        v.iter_mut().for_each(|value| *value *= scale);
        // I − v vᵀ, from both sides: A − v wᵀ − w vᵀ with w = A v − ½ (vᵀ A v) v.
        let (v, w) = (&reflector[first..], &mut image[first..]);
        let trailing = &mut a[first * size..];
        let rows = || trailing.par_chunks_exact(size).with_min_len(ROWS_PER_TASK);
        rows().zip(w.par_iter_mut()).for_each(|(row, w)| *w = dot(&row[first..], v));
        let half = dot(v, w) / 2.0;
        w.iter_mut().zip(v).for_each(|(w, v)| *w -= half * v);
        let w = &image[first..];
        let rows = trailing.par_chunks_exact_mut(size).with_min_len(ROWS_PER_TASK);
        rows.zip(v.par_iter().zip(w)).for_each(|(row, (v_row, w_row))| {
            for ((value, v), w) in row[first..].iter_mut().zip(v).zip(w) {
                *value -= v_row * w + w_row * v;
            }
        });
    }
    if size >= 2 {
        off[size - 2] = a[(size - 1) * size + size - 2];
    }
    ((0..size).map(|k| a[k * size + k]).collect(), off)
}

/// Turns the diagonal of a tridiagonal matrix into its eigenvalues.
fn diagonalise(diagonal: &mut [f64], off: &mut [f64]) {
    let largest = diagonal.iter().chain(&*off).fold(0.0f64, |largest, value| largest.max(value.abs()));
    let is_zero = |diagonal: &[f64], off: &[f64], k: usize| {
        off[k].abs() <= f64::EPSILON * (diagonal[k].abs() + diagonal[k + 1].abs() + f64::EPSILON * largest)
    };
    let mut last = diagonal.len().saturating_sub(1);
    let mut steps_left = MAX_STEPS * diagonal.len();
    while last > 0 && steps_left > 0 {
        if is_zero(diagonal, off, last - 1) {
            last -= 1;
            continue;
        }
        // The part that no zero divides.
        let first = (0..last).rev().find(|&k| is_zero(diagonal, off, k)).map_or(0, |k| k + 1);
        qr_step(&mut diagonal[first..=last], &mut off[first..last]);
        steps_left -= 1;
    }
}

/// One implicit QR step on a tridiagonal matrix of at least two rows: rotations chase the entry that the first of them
/// makes beside the diagonal down to the end.
fn qr_step(diagonal: &mut [f64], off: &mut [f64]) {
    let last = off.len();
    // The eigenvalue of the last 2 × 2 block that is nearer to its last entry.
    let half = (diagonal[last - 1] - diagonal[last]) / 2.0;
    let (b, root) = (off[last - 1], half.hypot(off[last - 1]));
    let shift = diagonal[last] - b * (b / (half + if half < 0.0 { -root } else { root }));
    let (mut x, mut z) = (diagonal[0] - shift, off[0]);
    for k in 0..last {
        let length = x.hypot(z);
        let (c, s) = if length > 0.0 { (x / length, z / length) } else { (1.0, 0.0) };
        if k > 0 {
            off[k - 1] = length;
        }
        let (p, q, b) = (diagonal[k], diagonal[k + 1], off[k]);
        diagonal[k] = c * c * p + 2.0 * c * s * b + s * s * q;
        diagonal[k + 1] = s * s * p - 2.0 * c * s * b + c * c * q;
        off[k] = c * s * (q - p) + (c * c - s * s) * b;
        if k + 1 < last {
            (x, z) = (off[k], s * off[k + 1]);
            off[k + 1] *= c;
        }
    }
}

/// Σ a·b.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Independent sums, which the compiler turns into vectors.
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Noise;

    fn normal(noise: &mut Noise, count: usize) -> Vec<f64> {
        noise.normal(count).into_iter().map(f64::from).collect()
    }

    /// Q diag(values) Qᵀ, Q a product of reflections at random vectors.
    fn with_eigenvalues(values: &[f64], seed: u64) -> Vec<f64> {
        let size = values.len();
        let mut noise = Noise::new(seed);
        let mut a = vec![0.0; size * size];
        for (k, value) in values.iter().enumerate() {
            a[k * size + k] = *value;
        }
        for _ in 0..3 {
            let v = normal(&mut noise, size);
            let scale = 2.0 / dot(&v, &v);
            for _ in 0..2 {
                // From the left, and by symmetry of what is asked for, from the right after turning the matrix over.
                let sums: Vec<f64> = (0..size).map(|j| (0..size).map(|i| v[i] * a[i * size + j]).sum()).collect();
                for i in 0..size {
                    for j in 0..size {
                        a[i * size + j] -= scale * v[i] * sums[j];
                    }
                }
                a = (0..size * size).map(|at| a[at % size * size + at / size]).collect();
            }
        }
        a
    }

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_eigenvalues_that_went_in_come_out(
            values in proptest::collection::vec(-5.0f64..5.0, 1..40),
            zeros in 0usize..10,
            seed: u64,
        ) {
            let values: Vec<f64> = values.into_iter().chain(vec![0.0; zeros]).collect();
            let found = sorted(symmetric_eigenvalues(with_eigenvalues(&values, seed), values.len()));
            for (found, expected) in found.iter().zip(sorted(values)) {
                prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    #[test]
    fn a_graded_matrix_keeps_its_trace_and_its_squares() {
        let size = 120;
        let values: Vec<f64> = (0..size).map(|k| 0.8f64.powi(k)).collect();
        let found = symmetric_eigenvalues(with_eigenvalues(&values, 4), size as usize);
        let sum = |values: &[f64], power: i32| values.iter().map(|value| value.powi(power)).sum::<f64>();
        for power in [1, 2, 3] {
            assert!((sum(&found, power) - sum(&values, power)).abs() < 1e-13 * f64::from(size));
        }
    }

    #[test]
    fn small_and_empty_matrices_need_no_reduction() {
        assert_eq!(symmetric_eigenvalues(Vec::new(), 0), Vec::<f64>::new());
        assert_eq!(symmetric_eigenvalues(vec![3.0], 1), [3.0]);
        assert_eq!(symmetric_eigenvalues(vec![0.0; 9], 3), [0.0; 3]);
        let pair = sorted(symmetric_eigenvalues(vec![2.0, 1.0, 1.0, 2.0], 2));
        assert!((pair[0] - 1.0).abs() < 1e-15 && (pair[1] - 3.0).abs() < 1e-15, "{pair:?}");
    }
}
