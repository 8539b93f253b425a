//! Seeded draws for made pictures: one generator per picture, so a picture never depends on another one.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Random draws of one picture, a pure function of (seed, index).
#[derive(Clone, Debug)]
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    /// `stream` separates the kinds of picture, so equal seeds of different kinds share nothing.
    pub(crate) fn new(seed: u64, index: u64, stream: u64) -> Self {
        let state = mix(seed ^ mix(stream)) ^ mix(index.wrapping_add(0x9e37_79b9_7f4a_7c15));
        Self(Pcg64Mcg::seed_from_u64(mix(state)))
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// Uniform in [low, high).
    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Bell-shaped in [-1, 1]: the mean of three uniforms, standard deviation 1/3.
    pub(crate) fn bell(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit()) * (2.0 / 3.0) - 1.0
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Uniform in 0..count; 0 when `count` is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f32) as usize).min(count.saturating_sub(1))
    }

    /// One entry, drawn in proportion to the weights. The list must not be empty.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(T, f32)]) -> T {
        let total: f32 = choices.iter().map(|&(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for &(choice, weight) in choices {
            if left < weight {
                return choice;
            }
            left -= weight;
        }
        choices[choices.len() - 1].0
    }
}

/// SplitMix64's finaliser: turns neighbouring integers into unrelated ones.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
