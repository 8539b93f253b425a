//! For which networks the window's device has its kernels chosen.
//!
//! Autotuning times a dozen kernels for every new shape and waits for the device each time. On a device that also draws
//! the window those waits stop the window, so a network is drawn there only after it was tuned, on an earlier start,
//! while the window had a device of its own. Burn keeps the choices on disk; this remembers that they are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::atomic_file::{read_capped, write_atomic};

const FILE: &str = "tuned.ron";
const MAX_BYTES: u64 = 1 << 20;

/// Networks by description, on one card with one driver. A file that cannot be read or written only costs the
/// shortcut, so that is logged and no error.
#[derive(Debug)]
pub struct TunedNetworks {
    path: Option<PathBuf>,
    record: Mutex<Record>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// Card, driver and program.
    identity: String,
    tuned: BTreeSet<String>,
    wanted: BTreeSet<String>,
}

impl TunedNetworks {
    /// What is known of the card `identity`; nothing if the file is about another card, driver or program.
    pub fn on(identity: &str) -> Self {
        let folders = directories::ProjectDirs::from("", "", "scgan");
        Self::read(folders.map(|folders| folders.cache_dir().join(FILE)), identity)
    }

    /// As [`Self::on`], with the file's place; none keeps nothing.
    pub fn read(path: Option<PathBuf>, identity: &str) -> Self {
        let identity = format!("{identity}, scgan {}", env!("CARGO_PKG_VERSION"));
        let known = path.as_deref().and_then(read).filter(|record| record.identity == identity);
        let record = known.unwrap_or_else(|| Record { identity, ..Record::default() });
        Self { path, record: Mutex::new(record) }
    }

    /// Whether this network was tuned.
    pub fn has(&self, network: &str) -> bool {
        self.record().tuned.contains(network)
    }

    /// A network that is to be tuned at the next opportunity.
    pub fn next_wanted(&self) -> Option<String> {
        self.record().wanted.first().cloned()
    }

    /// The network was tuned.
    pub fn mark(&self, network: &str) {
        self.change(|record| record.tuned.insert(network.to_owned()) | record.wanted.remove(network));
    }

    /// The network would be drawn on the window's device if it were tuned.
    pub fn want(&self, network: &str) {
        self.change(|record| !record.tuned.contains(network) && record.wanted.insert(network.to_owned()));
    }

    /// The network cannot be tuned; nobody asks for it again.
    pub fn give_up(&self, network: &str) {
        self.change(|record| record.wanted.remove(network));
    }

    fn change(&self, change: impl FnOnce(&mut Record) -> bool) {
        let mut record = self.record();
        if change(&mut record)
            && let Some(path) = &self.path
            && let Err(error) = write(path, &record)
        {
            tracing::warn!("{}: {error}", path.display());
        }
    }

    /// Every change is whole when the lock is free, so a panic elsewhere leaves nothing to distrust.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Option<Record> {
    let bytes = read_capped(path, MAX_BYTES).ok()?;
    ron::from_str(std::str::from_utf8(&bytes).ok()?).ok()
}

fn write(path: &Path, record: &Record) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    write_atomic(path, ron::to_string(record).map_err(std::io::Error::other)?.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile::survives;

    #[test]
    fn it_remembers_across_starts_but_not_across_cards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache").join(FILE);
        let first = TunedNetworks::read(Some(path.clone()), "card A");
        first.want("n1");
        first.want("n2");
        first.mark("n1");
        first.want("n1");
        let second = TunedNetworks::read(Some(path.clone()), "card A");
        assert!(second.has("n1") && !second.has("n2"));
        assert_eq!(second.next_wanted().as_deref(), Some("n2"));
        second.give_up("n2");
        assert_eq!(TunedNetworks::read(Some(path.clone()), "card A").next_wanted(), None);
        assert!(!TunedNetworks::read(Some(path), "card B").has("n1"));
    }

    #[test]
    fn a_damaged_file_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        TunedNetworks::read(Some(path.clone()), "card").mark("n");
        let bytes = std::fs::read(&path).unwrap();
        survives(&bytes, 41, |bytes| {
            std::fs::write(&path, bytes).unwrap();
            TunedNetworks::read(Some(path.clone()), "card").has("n");
        });
    }
}
