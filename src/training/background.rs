//! Work that gives way: a thread and its helpers at the lowest priority, in a pool of their own.
//!
//! Burn's CPU backend spreads its loops over the rayon pool of the thread that calls it. Left alone, training and the
//! live picture would share one pool and one priority, and a picture would wait for whatever chunk of training is being
//! worked on. So the trainer thread joins a pool of its own, whose threads the system runs only when nothing else wants
//! the processor. `cargo bench --profile release --bench live_while_training` shows what that does.

use std::cell::RefCell;
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

thread_local! {
    /// Ends with its thread.
    static POOL: RefCell<Option<ThreadPool>> = const { RefCell::new(None) };
}

/// Lowers this thread's priority as far as the system allows; threads that it starts later have it too, on Linux.
/// Where that is not possible, nothing happens.
pub fn lower_priority() {
    if let Err(reason) = set_lowest() {
        tracing::debug!("{:?} keeps its priority: {reason}", thread::current().name());
    }
}

/// Gives this thread and its parallel loops threads of their own, all of lowest priority, as many as the machine has.
/// Once per thread; more calls change nothing.
pub fn use_own_pool() {
    if POOL.with_borrow(Option::is_some) {
        return;
    }
    let name = thread::current().name().unwrap_or("background").to_owned();
    // The calling thread is number 0, so what it computes keeps its order on one thread.
    let pool = ThreadPoolBuilder::new()
        .use_current_thread()
        .thread_name(move |number| format!("{name}-{number}"))
        .start_handler(|_| lower_priority())
        .build();
    match pool {
        Ok(pool) => POOL.set(Some(pool)),
        Err(error) => tracing::warn!("training shares the threads of the live picture: {error}"),
    }
}

/// 19 is the weakest claim on a processor there is, on every Unix.
#[cfg(unix)]
fn set_lowest() -> Result<(), String> {
    const WEAKEST: i32 = 19;
    // On Linux a priority belongs to a thread, and no process named means the calling thread. Elsewhere it would be the
    // whole program, its window included, that gives way to other programs.
    if cfg!(target_os = "linux") {
        rustix::process::setpriority_process(None, WEAKEST).map_err(|error| error.to_string())
    } else {
        Err("this system has no priorities of threads that we know of".to_owned())
    }
}

#[cfg(not(unix))]
fn set_lowest() -> Result<(), String> {
    Err("this system has no priorities of threads that we know of".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn parallel_loops_stay_in_the_own_pool() {
        let names = thread::Builder::new()
            .name("gentle".to_owned())
            .spawn(|| {
                use_own_pool();
                use_own_pool();
                let names = Mutex::new(BTreeSet::new());
                (0..10_000).into_par_iter().with_max_len(8).for_each(|_| {
                    names.lock().unwrap().insert(thread::current().name().map(str::to_owned));
                });
                names.into_inner().unwrap()
            })
            .unwrap()
            .join()
            .unwrap();
        let own = |name: &Option<String>| name.as_ref().is_some_and(|name| name.starts_with("gentle"));
        assert!(names.iter().all(own), "{names:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_this_thread_gives_way() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        thread::spawn(move || {
            lower_priority();
            assert_eq!(nice(), 19);
            let inherited = thread::spawn(nice).join().unwrap();
            assert_eq!(inherited, 19);
        })
        .join()
        .unwrap();
        assert_eq!(nice(), before);
    }
}
