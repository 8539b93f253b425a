//! Working memory that is used again: fresh pages of the operating system cost more than filling them.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Buffers kept at most.
const KEPT: usize = 12;
/// Values kept at most in one buffer (64 MB); larger ones are rare and would only take memory away.
const KEPT_VALUES: usize = 16 << 20;

static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// Working memory of f32. It holds arbitrary values at first: whatever is read must have been written.
pub(super) struct Scratch {
    values: Vec<f32>,
    length: usize,
}

impl Scratch {
    /// `length` arbitrary values; NaN in tests, so that one that is read unwritten shows.
    pub(super) fn new(length: usize) -> Self {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = (0..free.len()).filter(|&at| free[at].len() >= length).min_by_key(|&at| free[at].len());
        let found = fitting.map(|at| free.swap_remove(at));
        drop(free);
        let mut values = found.unwrap_or_else(|| vec![0.0; length]);
        if cfg!(test) {
            values.fill(f32::NAN);
        }
        Self { values, length }
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.length]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.length]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.values.len() > KEPT_VALUES {
            return;
        }
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() == KEPT {
            // The smallest one is the cheapest to make again.
            if let Some(smallest) = (0..KEPT).min_by_key(|&at| free[at].len()) {
                free.swap_remove(smallest);
            }
        }
        free.push(std::mem::take(&mut self.values));
    }
}
