//! When to save and stop before a run is complete.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The conventional exit code of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Ctrl-C (or a request to terminate), and the time limit.
pub(super) struct StopSignal {
    interrupted: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl StopSignal {
    /// Catches the first Ctrl-C; the second ends the program at once. The time limit, in seconds, counts from now.
    pub(super) fn install(time_limit: Option<u64>) -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag still down.
            flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&interrupted))?;
            flag::register(signal, Arc::clone(&interrupted))?;
        }
        let deadline = time_limit.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
        Ok(Self { interrupted, deadline })
    }

    /// Why to stop now, if so.
    pub(super) fn reason(&self) -> Option<&'static str> {
        if self.interrupted.load(Ordering::SeqCst) {
            Some("interrupt")
        } else {
            self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some("time limit")
        }
    }
}
