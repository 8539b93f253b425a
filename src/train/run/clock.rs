//! Time spent training, and how many images it took in.

use std::time::{Duration, Instant};

/// Counts only while it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Of earlier sessions, in s.
    earlier_s: f64,
    /// Of this session.
    active: Duration,
    first_images: u64,
    /// Time and images at the last lap.
    lap: (Duration, u64),
}

impl Clock {
    /// At `seconds` of training time and `images` images.
    pub(super) fn at(seconds: f64, images: u64) -> Self {
        Self { earlier_s: seconds, active: Duration::ZERO, first_images: images, lap: (Duration::ZERO, images) }
    }

    /// Begins to count.
    pub(super) fn start(&self) -> Instant {
        Instant::now()
    }

    /// Ends what [`Clock::start`] began.
    pub(super) fn stop(&mut self, running: Instant) {
        self.active += running.elapsed();
    }

    /// Time in s, over all sessions.
    pub(super) fn seconds(&self) -> f64 {
        self.earlier_s + self.active.as_secs_f64()
    }

    /// Images per second in this session, when there are `images`.
    pub(super) fn images_per_s(&self, images: u64) -> f64 {
        rate(images.saturating_sub(self.first_images), self.active)
    }

    /// Images per second since the last lap, when there are `images`.
    pub(super) fn lap(&mut self, images: u64) -> f64 {
        let (active, before) = std::mem::replace(&mut self.lap, (self.active, images));
        rate(images.saturating_sub(before), self.active.saturating_sub(active))
    }
}

fn rate(images: u64, time: Duration) -> f64 {
    images as f64 / time.as_secs_f64().max(1e-9)
}
