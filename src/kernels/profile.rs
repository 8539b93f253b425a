//! Where the time goes: what each kernel takes, while someone asks for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use burn::tensor::Device;

thread_local! {
    static COLLECTED: RefCell<Option<Times>> = const { RefCell::new(None) };
}

/// Times by what was computed, such as `conv 3×3, 256→128 at 32×32`.
pub type Times = BTreeMap<String, Time>;

/// What one kind of call took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Time {
    /// How often it was called.
    pub calls: u32,
    /// All calls together.
    pub taken: Duration,
}

/// The result of `run`, and what the kernels took that it called on this thread. Every kernel is waited for, so that a
/// GPU, which otherwise works behind the caller's back, is measured too; that makes the whole slower.
pub fn collect<R>(run: impl FnOnce() -> R) -> (R, Times) {
    COLLECTED.set(Some(Times::new()));
    let result = run();
    (result, COLLECTED.take().unwrap_or_default())
}

/// Runs a kernel and notes its time if someone [`collect`]s. `device` is waited for before and after.
pub(super) fn timed<R>(device: Option<&Device>, name: impl FnOnce() -> String, run: impl FnOnce() -> R) -> R {
    if COLLECTED.with_borrow(Option::is_none) {
        return run();
    }
    let wait = || {
        // A lost device shows in whoever reads the result.
        let _ = device.map(Device::sync);
    };
    wait();
    let began = Instant::now();
    let result = run();
    wait();
    let taken = began.elapsed();
    COLLECTED.with_borrow_mut(|collected| {
        if let Some(times) = collected {
            let time = times.entry(name()).or_default();
            time.calls += 1;
            time.taken += taken;
        }
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_noted() {
        let call = |name: &str| timed(None, || name.to_owned(), || 7);
        assert_eq!(call("before"), 7);
        let (sum, times) = collect(|| call("a") + call("b") + call("a"));
        assert_eq!(sum, 21);
        assert_eq!(
            times.iter().map(|(name, time)| (name.as_str(), time.calls)).collect::<Vec<_>>(),
            [("a", 2), ("b", 1)]
        );
        call("after");
        assert!(collect(|| ()).1.is_empty());
    }
}
