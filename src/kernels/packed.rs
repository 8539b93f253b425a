//! Packed weights, kept: they are the same from picture to picture, and several times used between two updates.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::tensor::Bytes;

use super::Convolution;
use super::weights::Packed;

/// Packed weights by the memory they were packed from.
///
/// As long as an entry's weak reference is there, nobody can change that memory in place: Burn does so only through
/// `Arc::get_mut` and `Arc::make_mut`, and the first refuses and the second moves away when there are weak references.
/// Nor can its address be given to anyone else. So an entry whose memory still lives is still right.
static PACKED: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

struct Entry {
    memory: Weak<Bytes>,
    convolution: Convolution,
    /// First value of the weight in the memory.
    start: usize,
    shape: [usize; 4],
    packed: Arc<Packed>,
}

/// The packed form of the contiguous weight that starts at `start` in `memory`; `pack` makes it the first time.
pub(super) fn packed(
    memory: &Arc<Bytes>,
    convolution: Convolution,
    start: usize,
    shape: [usize; 4],
    pack: impl FnOnce() -> Arc<Packed>,
) -> Arc<Packed> {
    let mut entries = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    entries.retain(|entry| entry.memory.strong_count() > 0);
    let found = entries.iter().find(|entry| {
        std::ptr::eq(entry.memory.as_ptr(), Arc::as_ptr(memory))
            && (entry.convolution, entry.start, entry.shape) == (convolution, start, shape)
    });
    if let Some(entry) = found {
        return Arc::clone(&entry.packed);
    }
    // Packing uses the thread pool, and a thread that waits there may take up another render: hold no lock.
    drop(entries);
    let packed = pack();
    entries = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    entries.push(Entry { memory: Arc::downgrade(memory), convolution, start, shape, packed: Arc::clone(&packed) });
    packed
}

#[cfg(test)]
pub(super) fn remembered(memory: &Arc<Bytes>) -> usize {
    let entries = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    entries.iter().filter(|entry| std::ptr::eq(entry.memory.as_ptr(), Arc::as_ptr(memory))).count()
}
