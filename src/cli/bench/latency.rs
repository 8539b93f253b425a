//! How fast a model answers each kind of change.

use anyhow::ensure;

use crate::document::{LabelMap, LatentState};
use crate::engine::{LiveRequest, Renderer, StepsRun};
use crate::label_image::LabelImage;

/// How often each kind of change is rendered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repetitions {
    /// Unmeasured first: a GPU compiles and tunes its kernels on first use.
    pub(super) warm_up: usize,
    /// Measured.
    pub(super) measured: usize,
}

/// Median time from request to picture, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    /// After a stroke: all steps.
    pub(super) full_ms: f64,
    /// After a change of the latent: steps 2 and 3.
    pub(super) latent_ms: f64,
    /// After a change of an attribute: step 3.
    pub(super) attribute_ms: f64,
}

/// What changes between one request and the next.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Mask,
    Latent,
    Attribute,
}

impl Change {
    fn steps(self) -> StepsRun {
        let spatial = matches!(self, Self::Mask);
        StepsRun { spatial, latent: spatial || matches!(self, Self::Latent), attributes: true }
    }
}

/// Measures one renderer. The model must have attributes.
pub(super) fn measure(renderer: &mut Renderer, repetitions: Repetitions) -> anyhow::Result<Latency> {
    let mut requests = Requests::new(renderer);
    // The first picture runs every step, whatever changes.
    renderer.render(&requests.next(Change::Mask))?;
    let mut median_of = |change: Change| -> anyhow::Result<f64> {
        let mut times = Vec::new();
        for at in 0..repetitions.warm_up + repetitions.measured {
            let frame = renderer.render(&requests.next(change))?;
            ensure!(frame.steps == change.steps(), "the steps {:?} ran; please report this", frame.steps);
            if at >= repetitions.warm_up {
                times.push(f64::from(frame.render_ms));
            }
        }
        Ok(median(times))
    };
    Ok(Latency {
        full_ms: median_of(Change::Mask)?,
        latent_ms: median_of(Change::Latent)?,
        attribute_ms: median_of(Change::Attribute)?,
    })
}

/// Requests that differ from their predecessor in one thing.
pub(super) struct Requests {
    masks: [LabelMap; 2],
    n_attributes: usize,
    generation: u64,
    /// How often each input has changed.
    changes: [u64; 3],
}

impl Requests {
    pub(super) fn new(renderer: &Renderer) -> Self {
        let card = renderer.card();
        let image = |shift| chequerboard(card.resolution() as u32, card.taxonomy.n_labels(), shift);
        let mask = |shift| LabelMap::from_image(&image(shift));
        Self { masks: [mask(0), mask(1)], n_attributes: card.taxonomy.n_attributes(), generation: 0, changes: [0; 3] }
    }

    pub(super) fn next(&mut self, change: Change) -> LiveRequest {
        self.generation += 1;
        self.changes[change as usize] += 1;
        let [mask, seed, attribute] = self.changes;
        LiveRequest {
            generation: self.generation,
            labels: self.masks[(mask % 2) as usize].clone(),
            attributes: vec![(attribute % 2) as f32; self.n_attributes].into(),
            latent: LatentState { seed, ..LatentState::default() },
        }
    }
}

/// A chequerboard of all labels.
pub(super) fn chequerboard(side: u32, n_labels: usize, shift: usize) -> LabelImage {
    let mut labels = LabelImage::new(side, side, 0);
    for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
        let block = (x / 16 + 3 * (y / 16)) as usize + shift;
        labels.set(x, y, (block % n_labels) as u8);
    }
    labels
}

/// The middle value, or the mean of the two middle ones; 0 of nothing.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![5.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 100.0]), 3.5);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn masks_hold_every_label_and_differ() {
        let [first, second] = [0, 1].map(|shift| chequerboard(128, 7, shift));
        assert_ne!(first, second);
        assert!(first.histogram()[..7].iter().all(|&count| count > 0));
    }
}
