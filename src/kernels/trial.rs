//! Whether kernels of our own may be used on a device: they must have given there what other operations give.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use burn::tensor::{Device, Tensor};

/// What is known about some kernels.
pub(super) struct Trial {
    /// Environment variable: 0 to do without the kernels, 1 to use them without a trial.
    variable: &'static str,
    /// What they compute, for people.
    what: &'static str,
    /// Devices that were looked at, and whether they passed.
    known: Mutex<Vec<(Device, bool)>>,
}

impl Trial {
    pub(super) const fn new(variable: &'static str, what: &'static str) -> Self {
        Self { variable, what, known: Mutex::new(Vec::new()) }
    }

    /// Whether `is_right` said yes of the device, with or without autodiff. The first call for each device asks.
    pub(super) fn passed(&self, device: &Device, is_right: impl FnOnce(&Device) -> bool) -> bool {
        let device = device.clone().inner();
        let Ok(mut known) = self.known.lock() else { return false };
        if let Some((_, passed)) = known.iter().find(|(known, _)| *known == device) {
            return *passed;
        }
        let passed = match std::env::var(self.variable).as_deref() {
            Ok("0") => false,
            Ok("1") => true,
            _ => {
                // A driver may take a kernel so badly that Burn panics; what the kernels replace still works there.
                let right = catch_unwind(AssertUnwindSafe(|| is_right(&device))).unwrap_or(false);
                if !right {
                    tracing::warn!("this GPU computes {} wrongly; Burn's own are used instead, slower", self.what);
                }
                right
            }
        };
        known.push((device, passed));
        passed
    }
}

/// Rows one behind the other; none where the device does not deliver.
pub(super) fn read(rows: Vec<Tensor<1>>) -> Option<Vec<f32>> {
    Tensor::cat(rows, 0).try_into_data().ok()?.try_into_vec::<f32>().ok()
}

/// How far both are apart, relative to the size of what is expected; NaN is far from everything.
pub(super) fn distance(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    let size = |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    size(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / size(&mut expected.iter().copied())
}

/// Waves between −1 and 1.
pub(super) fn wave(count: usize, pace: f32) -> Vec<f32> {
    (0..count).map(|at| (at as f32 * pace).sin()).collect()
}
