//! Where the time goes, per step and kernel.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::training::{self, Effort};
use crate::engine::Renderer;
use crate::gpu::ComputeDevice;
use crate::kernels::profile::{Times, collect};
use crate::train::TrainConfig;

use super::latency::{Change, Requests};

/// Kernels named of each part; the others are summed up.
const NAMED: usize = 12;
/// Repetitions of each change.
const RENDERS: u32 = 5;

/// What one part of the work took.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    /// From beginning to end, each kernel waited for.
    whole: Duration,
    kernels: Times,
    /// How often it was done.
    repetitions: u32,
}

/// A picture after each kind of change, and an update of each kind.
pub(super) fn measure(
    renderer: &mut Renderer,
    config: &TrainConfig,
    compute: &ComputeDevice,
    effort: Effort,
) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut requests = Requests::new(renderer);
    for (name, change) in [
        ("picture after a mask", Change::Mask),
        ("picture after a latent", Change::Latent),
        ("picture after an attribute", Change::Attribute),
    ] {
        renderer.render(&requests.next(Change::Mask))?;
        renderer.render(&requests.next(change))?;
        let began = Instant::now();
        let (rendered, kernels) =
            collect(|| (0..RENDERS).try_for_each(|_| renderer.render(&requests.next(change)).map(drop)));
        let whole = began.elapsed();
        rendered?;
        parts.push(Part { name: name.to_owned(), whole, kernels, repetitions: RENDERS });
    }
    let taxonomy = renderer.card().taxonomy.clone();
    for (phase, whole, kernels) in training::profile(config, &taxonomy, compute, effort)? {
        let name = format!("update of {phase}, b {}", effort.batch);
        parts.push(Part { name, whole, kernels, repetitions: 1 });
    }
    Ok(parts)
}

/// A table per part, the dearest kernels first.
pub(super) fn table(key: &str, parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        let ms = |taken: Duration| taken.as_secs_f64() * 1e3 / f64::from(part.repetitions);
        text += &format!("\n{key}, {}: {:.2} ms\n", part.name, ms(part.whole));
        let mut kernels: Vec<_> = part.kernels.iter().collect();
        kernels.sort_by_key(|(_, time)| std::cmp::Reverse(time.taken));
        let mut row = |name: &str, taken: Duration, calls: u32| {
            let share = 100.0 * taken.as_secs_f64() / part.whole.as_secs_f64().max(1e-9);
            text += &format!("  {:>9.2} ms {share:>5.1} % {calls:>4} × {name}\n", ms(taken));
        };
        for (name, time) in kernels.iter().take(NAMED) {
            row(name, time.taken, time.calls / part.repetitions);
        }
        let sum = |of: &[(&String, &crate::kernels::profile::Time)]| {
            of.iter().fold((Duration::ZERO, 0), |(taken, calls), (_, time)| (taken + time.taken, calls + time.calls))
        };
        let (named, _) = sum(&kernels);
        let (others, calls) = sum(&kernels[NAMED.min(kernels.len())..]);
        if calls > 0 {
            row("other kernels", others, calls / part.repetitions);
        }
        row("everything else", part.whole.saturating_sub(named), 1);
    }
    text
}

pub(super) fn to_json(parts: &[Part]) -> Value {
    parts
        .iter()
        .map(|part| {
            let kernels: Value = part
                .kernels
                .iter()
                .map(|(name, time)| {
                    (name.clone(), json!({ "calls": time.calls, "ms": time.taken.as_secs_f64() * 1e3 }))
                })
                .collect::<serde_json::Map<_, _>>()
                .into();
            json!({
                "part": part.name,
                "repetitions": part.repetitions,
                "ms": part.whole.as_secs_f64() * 1e3,
                "kernels": kernels,
            })
        })
        .collect()
}
