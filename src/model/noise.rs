//! Random numbers of the method (z, ε, shuffles), from a generator whose state can be saved.
//!
//! Written out instead of taken from a distributions crate, because a seed must name the same picture in every version.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

/// A stream of random numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noise(Pcg64Mcg);

impl Noise {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A value of U[0, 1) with 24 random bits.
    pub fn uniform(&mut self) -> f32 {
        (self.0.next_u64() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// `count` values of N(0, 1) (Box and Muller 1958).
    pub fn normal(&mut self, count: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            // 1 − u is in (0, 1], where the logarithm is finite.
            let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
            let (sine, cosine) = (std::f32::consts::TAU * self.uniform()).sin_cos();
            values.extend([radius * cosine, radius * sine]);
        }
        values.truncate(count);
        values
    }

    /// A random order of 0..count (Fisher and Yates).
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            // The bias of a remainder of 64 bits is far below anything measurable here.
            order.swap(last, (self.0.next_u64() % (last as u64 + 1)) as usize);
        }
        order
    }
}
