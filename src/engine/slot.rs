//! A mailbox for values that a newer one replaces.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds at most one value; putting a newer one drops what nobody has taken yet. Neither side ever waits for the other.
#[derive(Debug)]
pub struct Slot<T> {
    value: Mutex<Option<T>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: Mutex::new(None) }
    }
}

impl<T> Slot<T> {
    /// An empty slot.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the newest value in and returns the one it replaces, if that was never taken.
    pub fn put(&self, value: T) -> Option<T> {
        self.lock().replace(value)
    }

    /// Whether nobody has put a value in that was not taken yet.
    pub fn is_empty(&self) -> bool {
        self.lock().is_none()
    }

    /// Takes the newest value out.
    pub fn take(&self) -> Option<T> {
        self.lock().take()
    }

    /// An `Option` is whole at every moment, so a panic elsewhere while the lock was held leaves nothing to distrust.
    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_newest_value_wins() {
        let slot = Slot::new();
        assert_eq!(slot.take(), None);
        assert_eq!(slot.put(1), None);
        assert_eq!(slot.put(2), Some(1));
        assert_eq!(slot.take(), Some(2));
        assert_eq!(slot.take(), None);
    }

    #[test]
    fn across_threads_values_arrive_in_order_and_the_last_one_arrives() {
        const LAST: u64 = 20_000;
        let slot = Arc::new(Slot::new());
        let writer = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || (1..=LAST).filter_map(|value| slot.put(value)).count() as u64)
        };
        let mut taken = Vec::new();
        while taken.last() != Some(&LAST) {
            match slot.take() {
                Some(value) => taken.push(value),
                None => thread::yield_now(),
            }
        }
        let replaced = writer.join().unwrap();
        assert!(taken.is_sorted_by(|a, b| a < b), "an older value came after a newer one");
        assert_eq!(taken.len() as u64 + replaced, LAST, "every value is taken or replaced, once");
    }

    #[test]
    fn replaced_values_are_dropped() {
        struct CountDrops(Arc<AtomicUsize>);
        impl Drop for CountDrops {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let drops = Arc::new(AtomicUsize::new(0));
        let slot = Slot::new();
        for _ in 0..5 {
            slot.put(CountDrops(Arc::clone(&drops)));
        }
        assert_eq!(drops.load(Ordering::SeqCst), 4);
        drop(slot);
        assert_eq!(drops.load(Ordering::SeqCst), 5);
    }

    #[test]
    fn a_panicking_user_does_not_poison_it() {
        let slot = Arc::new(Slot::new());
        slot.put(7);
        let poisoner = Arc::clone(&slot);
        let result = thread::spawn(move || {
            let _guard = poisoner.value.lock().unwrap();
            panic!("on purpose");
        })
        .join();
        assert!(result.is_err());
        assert_eq!(slot.take(), Some(7));
    }
}
