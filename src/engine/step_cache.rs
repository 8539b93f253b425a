//! Remembers the generator's step outputs and decides which of them a request outdates.
//!
//! Inputs enter step by step, so a new label map outdates everything, a new latent vector steps 2 and 3, and a new
//! attribute only step 3.

use super::protocol::StepsRun;

/// The outputs of the last render, each beside the input it was made from.
///
/// `M`, `L`, `A` are the inputs (label map, latent, attributes); `S`, `B`, `I` the outputs of steps 1, 2 and 3. An
/// output is only ever present when those of the earlier steps that it was made from are.
#[derive(Debug)]
pub struct StepCache<M, L, A, S, B, I> {
    spatial: Option<(M, S)>,
    latent: Option<(L, B)>,
    attributes: Option<(A, I)>,
}

impl<M, L, A, S, B, I> Default for StepCache<M, L, A, S, B, I> {
    fn default() -> Self {
        Self { spatial: None, latent: None, attributes: None }
    }
}

impl<M: PartialEq, L: PartialEq, A: PartialEq, S, B, I> StepCache<M, L, A, S, B, I> {
    /// Drops the outputs that these inputs outdate and says which steps have to run.
    ///
    /// Dropping comes before running: if a step then fails half-way, what stays in the cache is still consistent.
    pub fn keep_valid(&mut self, mask: &M, latent: &L, attributes: &A) -> StepsRun {
        if self.spatial.as_ref().is_none_or(|(key, _)| key != mask) {
            self.clear();
        }
        if self.latent.as_ref().is_none_or(|(key, _)| key != latent) {
            self.latent = None;
            self.attributes = None;
        }
        if self.attributes.as_ref().is_none_or(|(key, _)| key != attributes) {
            self.attributes = None;
        }
        StepsRun {
            spatial: self.spatial.is_none(),
            latent: self.latent.is_none(),
            attributes: self.attributes.is_none(),
        }
    }

    /// Step 1's output: the remembered one, or the result of `run`.
    pub fn spatial<E>(&mut self, mask: M, run: impl FnOnce(&M) -> Result<S, E>) -> Result<&S, E> {
        filled(&mut self.spatial, mask, run)
    }

    /// Step 1's output for a label map, if it is remembered.
    pub fn spatial_of(&self, mask: &M) -> Option<&S> {
        self.spatial.as_ref().filter(|(key, _)| key == mask).map(|(_, output)| output)
    }

    /// Step 2's output: the remembered one, or the result of `run`.
    pub fn latent<E>(&mut self, latent: L, run: impl FnOnce(&L) -> Result<B, E>) -> Result<&B, E> {
        filled(&mut self.latent, latent, run)
    }

    /// Step 3's output: the remembered one, or the result of `run`.
    pub fn attributes<E>(&mut self, attributes: A, run: impl FnOnce(&A) -> Result<I, E>) -> Result<&I, E> {
        filled(&mut self.attributes, attributes, run)
    }

    /// Forgets everything, as after a failure that may have spoiled the outputs.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn filled<K, V, E>(entry: &mut Option<(K, V)>, key: K, run: impl FnOnce(&K) -> Result<V, E>) -> Result<&V, E> {
    let pair = match entry.take() {
        Some(pair) => pair,
        None => {
            let value = run(&key)?;
            (key, value)
        }
    };
    Ok(&entry.insert(pair).1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Outputs spell out the inputs they were made from, so a stale one shows.
    type Cache = StepCache<u8, u8, u8, String, String, String>;

    const ALL: StepsRun = StepsRun { spatial: true, latent: true, attributes: true };
    const FROM_LATENT: StepsRun = StepsRun { spatial: false, latent: true, attributes: true };
    const ATTRIBUTES_ONLY: StepsRun = StepsRun { spatial: false, latent: false, attributes: true };
    const NONE: StepsRun = StepsRun { spatial: false, latent: false, attributes: false };

    /// Renders like the engine does; `fail_at` makes that step (1, 2 or 3) fail if it runs.
    fn render(cache: &mut Cache, [m, l, a]: [u8; 3], fail_at: usize) -> Result<(StepsRun, String), usize> {
        let steps = cache.keep_valid(&m, &l, &a);
        let result = |step: usize, text: String| if step == fail_at { Err(step) } else { Ok(text) };
        let spatial = cache.spatial(m, |m| result(1, m.to_string()))?.clone();
        let basic = cache.latent(l, |l| result(2, format!("{spatial} {l}")))?.clone();
        let image = cache.attributes(a, |a| result(3, format!("{basic} {a}")))?.clone();
        Ok((steps, image))
    }

    #[test]
    fn each_input_reruns_its_step_and_the_later_ones() {
        let mut cache = Cache::default();
        let mut steps = |inputs| render(&mut cache, inputs, 0).unwrap().0;
        assert_eq!(steps([0, 0, 0]), ALL);
        assert_eq!(steps([0, 0, 0]), NONE);
        assert_eq!(steps([0, 0, 1]), ATTRIBUTES_ONLY);
        assert_eq!(steps([0, 1, 1]), FROM_LATENT);
        assert_eq!(steps([1, 1, 1]), ALL);
        assert_eq!(steps([1, 2, 3]), FROM_LATENT);
        assert_eq!(steps([1, 2, 3]), NONE);
    }

    #[test]
    fn clearing_forgets_everything() {
        let mut cache = Cache::default();
        render(&mut cache, [1, 2, 3], 0).unwrap();
        cache.clear();
        assert_eq!(cache.keep_valid(&1, &2, &3), ALL);
    }

    #[test]
    fn no_stale_output_survives_random_requests_and_failures() {
        let mut rng = Pcg64Mcg::seed_from_u64(0x57E9);
        let mut cache = Cache::default();
        let mut answered = 0;
        for _ in 0..5_000 {
            let inputs: [u8; 3] = std::array::from_fn(|_| rng.random_range(0..3));
            let fail_at = if rng.random_bool(0.3) { rng.random_range(1..=3) } else { 0 };
            if let Ok((_, image)) = render(&mut cache, inputs, fail_at) {
                assert_eq!(image, inputs.map(|i| i.to_string()).join(" "));
                answered += 1;
            }
        }
        assert!(answered > 3_000, "only {answered} requests were answered");
    }
}
