//! Work on samples on all cores, its results delivered in order.

use super::DataError;
use crate::panic_message::panic_message;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

/// While a sample takes longer than this, `progress` is asked again whether to go on.
const PATIENCE: Duration = Duration::from_millis(50);
/// Samples on order per thread; results that overtake a slow one wait, so this bounds memory.
const AHEAD: usize = 4;

/// Is told how many of how many samples are done, again and again, and says whether to go on.
pub type Progress<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Calls `work` for every index below `len` on threads named `NAME-0`, … and hands each result to `take` on this thread, in the
/// order of the indices. A panic in `work` is that sample's error.
///
/// # Errors
/// [`DataError::Cancelled`] within about one sample after `progress` breaks off; an error of `take`; no thread can be started.
pub(super) fn in_order<T: Send>(
    name: &str,
    len: usize,
    work: impl Fn(usize) -> Result<T, DataError> + Sync,
    take: impl FnMut(usize, Result<T, DataError>) -> Result<(), DataError>,
    progress: &mut Progress<'_>,
) -> Result<(), DataError> {
    in_order_on(n_cores(), name, len, work, take, progress)
}

/// The threads that [`in_order`] works on.
pub(super) fn n_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// [`in_order`] on so many threads, for work that often waits.
pub(super) fn in_order_on<T: Send>(
    n_threads: usize,
    name: &str,
    len: usize,
    work: impl Fn(usize) -> Result<T, DataError> + Sync,
    mut take: impl FnMut(usize, Result<T, DataError>) -> Result<(), DataError>,
    progress: &mut Progress<'_>,
) -> Result<(), DataError> {
    let n_threads = n_threads.clamp(1, len.max(1));
    let ahead = AHEAD * n_threads;
    let mut go_on = move |done| match progress(done, len) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(DataError::Cancelled),
    };
    thread::scope(|scope| {
        // Both ends are dropped when this closure returns, for whatever reason, and with that the threads end.
        let (order, orders) = bounded(ahead);
        let (finish, finished) = bounded(ahead);
        for number in 0..n_threads {
            let (orders, finish, work) = (orders.clone(), finish.clone(), &work);
            let thread = thread::Builder::new().name(format!("{name}-{number}"));
            // One thread is enough; without any the queue is closed below.
            let _ = thread.spawn_scoped(scope, move || labour(work, &orders, &finish));
        }
        drop((orders, finish));
        for index in 0..ahead.min(len) {
            let _ = order.try_send(index);
        }
        let mut early = BTreeMap::new();
        for index in 0..len {
            go_on(index)?;
            let result = loop {
                if let Some(result) = early.remove(&index) {
                    break result;
                }
                match finished.recv_timeout(PATIENCE) {
                    Ok((index, result)) => drop(early.insert(index, result)),
                    Err(RecvTimeoutError::Timeout) => go_on(index)?,
                    Err(RecvTimeoutError::Disconnected) => return Err(DataError::Stopped),
                }
            };
            if index + ahead < len {
                let _ = order.try_send(index + ahead);
            }
            take(index, result)?;
        }
        go_on(len)
    })
}

fn labour<T>(
    work: &impl Fn(usize) -> Result<T, DataError>,
    orders: &Receiver<usize>,
    finish: &Sender<(usize, Result<T, DataError>)>,
) {
    while let Ok(index) = orders.recv() {
        let result = catch_unwind(AssertUnwindSafe(|| work(index))).unwrap_or_else(|panic| {
            let message = format!("it panicked: {}", panic_message(panic.as_ref()));
            Err(DataError::Bug { index, message })
        });
        if finish.send((index, result)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn on(_: usize, _: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn results_come_in_order_and_a_panic_is_one_samples_error() {
        let mut seen = Vec::new();
        let work = |index: usize| {
            // Even ones dawdle, so that odd ones overtake them.
            thread::sleep(Duration::from_micros(if index.is_multiple_of(2) { 300 } else { 0 }));
            assert!(index != 7, "seven");
            Ok(index * index)
        };
        let take = |index, result: Result<usize, DataError>| {
            seen.push((index, result.map_err(|error| error.to_string())));
            Ok(())
        };
        in_order("test", 40, work, take, &mut on).unwrap();
        assert_eq!(seen.len(), 40);
        for (expected, (index, result)) in seen.into_iter().enumerate() {
            assert_eq!(index, expected);
            match result {
                Ok(square) => assert_eq!(square, index * index),
                Err(message) => assert!(index == 7 && message.contains("seven"), "{index}: {message}"),
            }
        }
        in_order("test", 0, |_| Ok(()), |_, _| panic!("nothing to take"), &mut on).unwrap();
    }

    #[test]
    fn breaking_off_stops_within_what_is_on_order() {
        let begun = AtomicUsize::new(0);
        let work = |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let mut until_ten = |done, _| if done < 10 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let cancelled = in_order("test", 100_000, work, |_, _| Ok(()), &mut until_ten);
        assert!(matches!(cancelled, Err(DataError::Cancelled)));
        let n_threads = thread::available_parallelism().map_or(1, usize::from);
        assert!(begun.load(Ordering::Relaxed) <= 10 + (AHEAD + 1) * n_threads);
    }

    /// A callback that breaks off while a sample hangs is heard before that sample is delivered.
    #[test]
    fn a_slow_sample_does_not_keep_progress_from_being_asked() {
        let mut asked = 0;
        let mut third_time = |done, _| {
            assert_eq!(done, 0);
            asked += 1;
            if asked < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let slow = |_| {
            thread::sleep(4 * PATIENCE);
            Ok(())
        };
        let cancelled = in_order("test", 1, slow, |_, _| panic!("taken"), &mut third_time);
        assert!(matches!(cancelled, Err(DataError::Cancelled)));
    }

    #[test]
    fn an_error_of_the_taker_ends_the_work() {
        let full = |index, _| if index < 3 { Ok(()) } else { Err(DataError::Stopped) };
        assert!(matches!(in_order("test", 1000, |_| Ok(()), full, &mut on), Err(DataError::Stopped)));
    }
}
