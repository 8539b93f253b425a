//! How long a picture takes after each kind of change, with what the step cache saves.
//!
//! `cargo bench --profile release --bench live [REPETITIONS] [gpu[:N]]`, on the CPU or into a texture on a GPU. It prints and judges
//! nothing: times on a busy machine would make a poor gate.

#![allow(missing_docs)]

use anyhow::{Context, ensure};
use scgan::document::{LabelMap, LatentState};
use scgan::engine::{Form, LiveRequest, ModelRef, Renderer, StepCounts};
use scgan::gpu::{ComputeDevice, DeviceChoice, SharedGpu};
use scgan::model::Model;

const WARM_UP: usize = 3;
const REPETITIONS: usize = 63;
/// Whatever else the machine does comes and goes: of so many pictures in a row the fastest was hardly disturbed.
const BLOCK: usize = 7;
/// Kinds of change: mask, latent, attributes, nothing.
const KINDS: usize = 4;

fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench`.
    let repetitions = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(REPETITIONS);
    let device = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(DeviceChoice::Cpu);
    let shared = SharedGpu::open(device)?;
    let compute = ComputeDevice::cpu();
    let name = shared.as_ref().map_or(&compute.description, |shared| &shared.compute.description);
    println!("{name}, {repetitions} pictures of each kind, in turns");
    println!("«blocks»: the median of the fastest of {BLOCK} in a row; its ratios are what a quiet machine does");
    println!(
        "{:<19} {:>9} {:>10} {:>13} {:>10} {:>12} {:>15}",
        "", "full ms", "latent ms", "attribute ms", "same ms", "latent/full", "attribute/full"
    );
    let bundled = Renderer::load(&ModelRef::Bundled("portrait".to_owned()), &compute)?;
    let full_size = Renderer::new(Model::full_size(&compute).context("the taxonomy celeba-7 is missing")?, &compute)?;
    for (name, mut renderer) in [("bundled", bundled), ("full size", full_size)] {
        if let Some(shared) = &shared {
            renderer.draw_on(&shared.pass()?, Form::Texture)?;
        }
        let times = measure(&mut renderer, repetitions)?;
        for (kind, summary) in [("median", median as fn(&[f64]) -> f64), ("blocks", block_minima), ("fastest", fastest)]
        {
            let [full, latent, attribute, same] = std::array::from_fn(|change| summary(&times[change]));
            let (of_latent, of_attribute) = (latent / full, attribute / full);
            println!(
                "{name:<10} {kind:<8} {full:>9.2} {latent:>10.2} {attribute:>13.2} {same:>10.3} {of_latent:>12.3} {of_attribute:>15.3}"
            );
        }
    }
    Ok(())
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn fastest(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

fn block_minima(times: &[f64]) -> f64 {
    median(&times.chunks(BLOCK).map(fastest).collect::<Vec<_>>())
}

/// Times in milliseconds, in the order in which they were taken, after each kind of change. The kinds take turns, so that
/// whatever else the machine does slows all of them and the ratios hold.
fn measure(renderer: &mut Renderer, repetitions: usize) -> anyhow::Result<[Vec<f64>; KINDS]> {
    let mut requests = Requests::new(renderer);
    renderer.render(&requests.next(0))?;
    let before = renderer.step_counts();
    let mut times = [const { Vec::new() }; KINDS];
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
    Ok(times)
}

/// Requests that differ from the one before in one thing, or in none.
struct Requests {
    masks: [LabelMap; 2],
    n_attributes: usize,
    changes: [u64; KINDS],
}

impl Requests {
    fn new(renderer: &Renderer) -> Self {
        let card = renderer.card();
        let side = card.resolution() as u32;
        let mask = |shift: u32| {
            let block = |x: u32, y: u32| x / 16 + 3 * (y / 16) + shift;
            let mut labels = LabelMap::new(side, side, 0);
            for (x, y) in (0..side).flat_map(|y| (0..side).map(move |x| (x, y))) {
                labels.set(x, y, (block(x, y) % card.taxonomy.n_labels() as u32) as u8);
            }
            labels
        };
        Self { masks: [mask(0), mask(1)], n_attributes: card.taxonomy.n_attributes(), changes: [0; KINDS] }
    }

    fn next(&mut self, change: usize) -> LiveRequest {
        self.changes[change] += 1;
        let [mask, seed, attribute, _] = self.changes;
        LiveRequest {
            generation: self.changes.iter().sum(),
            labels: self.masks[(mask % 2) as usize].clone(),
            attributes: vec![(attribute % 2) as f32; self.n_attributes].into(),
            latent: LatentState { seed, ..LatentState::default() },
        }
    }
}
