//! The leading eigenvectors of a symmetric matrix. Small enough to own: the linear-algebra crates with a symmetric
//! eigensolver would each compile for minutes to serve this one call.

use super::noise::Noise;

/// Vectors carried beyond those asked for; they make the leading ones converge.
const SURPLUS: usize = 12;
/// Rounds of the subspace iteration.
const ROUNDS: usize = 60;
/// Sweeps of Jacobi rotations over the small projected matrix; it converges quadratically.
const SWEEPS: usize = 12;

/// Eigenvalues and unit eigenvectors of a symmetric positive semidefinite `size × size` row-major matrix, the largest
/// `count` in descending order. Subspace iteration with a Rayleigh–Ritz projection (Golub and Van Loan, 8.2).
pub(super) fn leading_eigenvectors(matrix: &[f64], size: usize, count: usize) -> Vec<(f64, Vec<f64>)> {
    let width = (count + SURPLUS).min(size);
    let mut noise = Noise::new(1);
    let random = |noise: &mut Noise| noise.normal(size).into_iter().map(f64::from).collect();
    let mut basis: Vec<Vec<f64>> = (0..width).map(|_| random(&mut noise)).collect();
    orthonormalise(&mut basis);
    for _ in 0..ROUNDS {
        basis.iter_mut().for_each(|vector| *vector = multiply(matrix, vector));
        orthonormalise(&mut basis);
    }
    let images: Vec<Vec<f64>> = basis.iter().map(|vector| multiply(matrix, vector)).collect();
    let projected = basis.iter().map(|a| images.iter().map(|b| dot(a, b)).collect()).collect();
    let mut pairs: Vec<(f64, Vec<f64>)> = jacobi(projected)
        .into_iter()
        .map(|(value, weights)| {
            let mut vector = vec![0.0; size];
            for (weight, direction) in weights.iter().zip(&basis) {
                add_scaled(&mut vector, direction, *weight);
            }
            (value, vector)
        })
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs.truncate(count);
    pairs
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add_scaled(target: &mut [f64], vector: &[f64], factor: f64) {
    target.iter_mut().zip(vector).for_each(|(value, other)| *value += factor * other);
}

fn multiply(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(vector.len()).map(|row| dot(row, vector)).collect()
}

/// Gram–Schmidt, twice for accuracy. A vector that lies in the span of those before it becomes zero.
fn orthonormalise(basis: &mut [Vec<f64>]) {
    for index in 0..basis.len() {
        let (done, rest) = basis.split_at_mut(index);
        let Some(vector) = rest.first_mut() else { return };
        let before = dot(vector, vector).sqrt();
        for _ in 0..2 {
            for other in &*done {
                let overlap = dot(other, vector);
                add_scaled(vector, other, -overlap);
            }
        }
        let length = dot(vector, vector).sqrt();
        let scale = if length > 1e-12 * before { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|value| *value *= scale);
    }
}

/// All eigenpairs of a small symmetric matrix by cyclic Jacobi rotations.
fn jacobi(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let size = a.len();
    // Row k of `vectors` is the k-th eigenvector.
    let unit = |row: usize| (0..size).map(|column| f64::from(u8::from(row == column))).collect();
    let mut vectors: Vec<Vec<f64>> = (0..size).map(unit).collect();
    for _ in 0..SWEEPS {
        for p in 0..size {
            for q in p + 1..size {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (t * t + 1.0).sqrt();
                let sine = t * cosine;
                let rotate = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
                for row in &mut a {
                    (row[p], row[q]) = rotate(row[p], row[q]);
                }
                for column in 0..size {
                    (a[p][column], a[q][column]) = rotate(a[p][column], a[q][column]);
                    let rotated = rotate(vectors[p][column], vectors[q][column]);
                    (vectors[p][column], vectors[q][column]) = rotated;
                }
            }
        }
    }
    (0..size).map(|k| a[k][k]).zip(vectors).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenpairs_of_a_random_matrix_satisfy_their_equation() {
        let size = 40;
        let mut noise = Noise::new(9);
        // A = BᵀB with columns of falling length, as a trained layer has.
        let b: Vec<Vec<f64>> = (0..60)
            .map(|_| {
                noise.normal(size).iter().enumerate().map(|(i, v)| f64::from(*v) * 0.9f64.powi(i as i32)).collect()
            })
            .collect();
        let entry = |i: usize, j: usize| b.iter().map(|row| row[i] * row[j]).sum::<f64>();
        let matrix: Vec<f64> = (0..size * size).map(|k| entry(k / size, k % size)).collect();
        let pairs = leading_eigenvectors(&matrix, size, 8);
        assert_eq!(pairs.len(), 8);
        for (index, (value, vector)) in pairs.iter().enumerate() {
            let mut residual = multiply(&matrix, vector);
            add_scaled(&mut residual, vector, -value);
            assert!(dot(&residual, &residual).sqrt() < 1e-6 * pairs[0].0, "pair {index}");
            assert!((dot(vector, vector) - 1.0).abs() < 1e-9);
            assert!(index == 0 || pairs[index - 1].0 >= *value);
        }
        let trace: f64 = (0..size).map(|i| matrix[i * size + i]).sum();
        let all: f64 = leading_eigenvectors(&matrix, size, size).iter().map(|pair| pair.0).sum();
        assert!((trace - all).abs() < 1e-6 * trace);
    }
}
