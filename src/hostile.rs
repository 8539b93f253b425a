//! Feeds a reader damaged versions of a good file: what a hostile or broken disk, download or user may hand it.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Calls `read` with `bytes` cut at every place of the first and last 4 KiB and at 200 random ones, and with 500 random
/// mutations. `read` may answer as it likes; it may not panic.
pub(crate) fn survives(bytes: &[u8], seed: u64, read: impl Fn(&[u8])) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let edge = bytes.len().min(4096);
    let cuts = (0..edge).chain(bytes.len() - edge..bytes.len());
    for cut in cuts.chain((0..200).map(|_| rng.random_range(0..=bytes.len())).collect::<Vec<_>>()) {
        attempt(&format!("cut at byte {cut} of {}", bytes.len()), &bytes[..cut], &read);
    }
    for round in 0..500 {
        let mut damaged = bytes.to_vec();
        let mutations: Vec<String> = (0..rng.random_range(1..=4)).map(|_| mutate(&mut damaged, &mut rng)).collect();
        attempt(&format!("seed {seed}, round {round}: {}", mutations.join(", ")), &damaged, &read);
    }
}

fn attempt(what: &str, bytes: &[u8], read: &impl Fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| read(bytes))) {
        eprintln!("the reader panicked on: {what}");
        resume_unwind(panic);
    }
}

/// Changes `bytes` at one random place and says how.
fn mutate(bytes: &mut Vec<u8>, rng: &mut Pcg64Mcg) -> String {
    if bytes.is_empty() {
        bytes.push(rng.random());
        return "a byte out of nothing".to_owned();
    }
    // Headers hold what matters most, and they are small: aim at them half of the time.
    let reach = if rng.random() { bytes.len() } else { bytes.len().min(256) };
    let at = rng.random_range(0..reach);
    match rng.random_range(0..6) {
        0 => bytes[at] ^= 1_u8 << rng.random_range(0..8_u32),
        1 => bytes[at] = rng.random(),
        2 => {
            let extreme = [0x00, 0x7f, 0x80, 0xff][rng.random_range(0..4)];
            let end = (at + [2, 4, 8][rng.random_range(0..3)]).min(bytes.len());
            bytes[at..end].fill(extreme);
            return format!("{at}..{end} = {extreme:#x}");
        }
        3 => drop(bytes.drain(at..(at + rng.random_range(1..64)).min(bytes.len()))),
        4 => {
            let inserted: Vec<u8> = (0..rng.random_range(1..64)).map(|_| rng.random()).collect();
            drop(bytes.splice(at..at, inserted));
        }
        _ => {
            let from = rng.random_range(0..bytes.len());
            let copied = bytes[from..(from + 32).min(bytes.len())].to_vec();
            drop(bytes.splice(at..at, copied));
        }
    }
    format!("changed at {at}")
}
