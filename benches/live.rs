//! How long a picture takes on the CPU after each kind of change, with what the step cache saves.
//!
//! `cargo bench --profile release --bench live [REPETITIONS]`. It prints and judges nothing: times on a busy machine
//! would make a poor gate.

#![allow(missing_docs)]

use std::sync::Arc;

use anyhow::{Context, ensure};
use scgan::document::LatentState;
use scgan::engine::{LiveRequest, ModelRef, Renderer, StepCounts};
use scgan::gpu::ComputeDevice;
use scgan::label_image::LabelImage;
use scgan::model::Model;

const WARM_UP: usize = 3;
const REPETITIONS: usize = 21;

fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench`.
    let repetitions = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(REPETITIONS);
    let compute = ComputeDevice::cpu();
    println!("{}, {repetitions} pictures each; the fastest is what a quiet machine does", compute.description);
    println!(
        "{:<19} {:>9} {:>10} {:>13} {:>13} {:>15}",
        "", "full ms", "latent ms", "attribute ms", "latent/full", "attribute/full"
    );
    let bundled = Renderer::load(&ModelRef::Bundled("portrait".to_owned()), &compute)?;
    let full_size = Renderer::new(Model::full_size(&compute).context("the taxonomy celeba-7 is missing")?, &compute)?;
    for (name, mut renderer) in [("bundled", bundled), ("full size", full_size)] {
        let times = measure(&mut renderer, repetitions)?;
        for (kind, at) in [("median", times[0].len() / 2), ("fastest", 0)] {
            let [full, latent, attribute] = [0, 1, 2].map(|change: usize| times[change][at]);
            let (of_latent, of_attribute) = (latent / full, attribute / full);
            println!(
                "{name:<10} {kind:<8} {full:>9.2} {latent:>10.2} {attribute:>13.2} {of_latent:>13.3} {of_attribute:>15.3}"
            );
        }
    }
    Ok(())
}

/// Times in milliseconds, in order, after a change of the mask, of the latent and of the attributes. The kinds take
/// turns, so that whatever else the machine does slows all of them and the ratios hold.
fn measure(renderer: &mut Renderer, repetitions: usize) -> anyhow::Result<[Vec<f64>; 3]> {
    let mut requests = Requests::new(renderer);
    renderer.render(&requests.next(0))?;
    let before = renderer.step_counts();
    let mut times = [const { Vec::new() }; 3];
    for at in 0..WARM_UP + repetitions {
        for (change, times) in times.iter_mut().enumerate() {
            let frame = renderer.render(&requests.next(change))?;
            if at >= WARM_UP {
                times.push(f64::from(frame.render_ms));
            }
        }
    }
    let rounds = (WARM_UP + repetitions) as u64;
    let expected = StepCounts {
        spatial: before.spatial + rounds,
        latent: before.latent + 2 * rounds,
        attributes: before.attributes + 3 * rounds,
    };
    ensure!(renderer.step_counts() == expected, "other steps ran than the changes ask for");
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    Ok(times)
}

/// Requests that differ from the one before in one thing.
struct Requests {
    masks: [Arc<LabelImage>; 2],
    n_attributes: usize,
    changes: [u64; 3],
}

impl Requests {
    fn new(renderer: &Renderer) -> Self {
        let card = renderer.card();
        let side = card.resolution() as u32;
        let mask = |shift: u32| {
            let block = |x: u32, y: u32| x / 16 + 3 * (y / 16) + shift;
            let mut labels = LabelImage::new(side, side, 0);
            for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
                labels.set(x, y, (block(x, y) % card.taxonomy.n_labels() as u32) as u8);
            }
            Arc::new(labels)
        };
        Self { masks: [mask(0), mask(1)], n_attributes: card.taxonomy.n_attributes(), changes: [0; 3] }
    }

    fn next(&mut self, change: usize) -> LiveRequest {
        self.changes[change] += 1;
        let [mask, seed, attribute] = self.changes;
        LiveRequest {
            generation: mask + seed + attribute,
            labels: Arc::clone(&self.masks[(mask % 2) as usize]),
            attributes: vec![(attribute % 2) as f32; self.n_attributes].into(),
            latent: LatentState { seed, ..LatentState::default() },
        }
    }
}
