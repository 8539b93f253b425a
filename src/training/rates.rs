//! How fast a run goes, lately.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Rates are those of this time.
const WINDOW: Duration = Duration::from_secs(20);
/// More marks than this are not needed for a rate.
const MAX_MARKS: usize = 256;

/// Steps and images over the last seconds, without pauses.
#[derive(Debug)]
pub(super) struct Rates {
    /// Time, steps and images; the oldest first.
    marks: VecDeque<(Instant, u64, u64)>,
}

impl Rates {
    /// From now on.
    pub(super) fn new(now: Instant, step: u64, images: u64) -> Self {
        Self { marks: [(now, step, images)].into() }
    }

    /// Notes a finished step.
    pub(super) fn mark(&mut self, now: Instant, step: u64, images: u64) {
        self.marks.push_back((now, step, images));
        while self.marks.len() > MAX_MARKS
            || (self.marks.len() > 2 && self.marks.get(1).is_some_and(|mark| now - mark.0 > WINDOW))
        {
            self.marks.pop_front();
        }
    }

    /// Steps and images per second; zero before the first step.
    pub(super) fn per_second(&self) -> (f64, f64) {
        let (Some(first), Some(last)) = (self.marks.front(), self.marks.back()) else { return (0.0, 0.0) };
        let seconds = (last.0 - first.0).as_secs_f64();
        if seconds <= 0.0 {
            return (0.0, 0.0);
        }
        ((last.1 - first.1) as f64 / seconds, (last.2 - first.2) as f64 / seconds)
    }

    /// Seconds that so many steps take.
    pub(super) fn seconds_for(&self, steps: u64) -> Option<f64> {
        let (rate, _) = self.per_second();
        (rate > 0.0).then(|| steps as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let mut rates = Rates::new(start, 100, 1000);
        assert_eq!((rates.per_second(), rates.seconds_for(5)), ((0.0, 0.0), None));
        for second in 1..=100 {
            rates.mark(start + Duration::from_secs(second), 100 + second, 1000 + 8 * second);
        }
        // Then twice as fast.
        for half in 1..=100 {
            let now = start + Duration::from_secs(100) + Duration::from_millis(500 * half);
            rates.mark(now, 200 + half, 1800 + 8 * half);
        }
        let (steps, images) = rates.per_second();
        assert!((steps - 2.0).abs() < 1e-9 && (images - 16.0).abs() < 1e-9, "{steps} {images}");
        assert!(rates.seconds_for(10).is_some_and(|seconds| (seconds - 5.0).abs() < 1e-9));
    }
}
