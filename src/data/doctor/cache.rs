//! Reports kept on disk, so that a data set is decoded once and not before every run.
//!
//! A report is one RON file in the cache folder, named after the hash of what was asked for: the data set's canonical path and
//! the options it was opened with. Inside stands the fingerprint of the index that the report was made from. A file of another
//! version, one that does not match, or a damaged one is as good as none.

use super::report::Report;
use crate::atomic_file::{read_capped, write_atomic};
use crate::data::Opened;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// To be counted up when a report's form changes, or what is looked at.
const VERSION: u32 = 1;
const MAX_BYTES: u64 = 4 << 20;

#[derive(Serialize, Deserialize)]
struct Cached {
    version: u32,
    fingerprint: u64,
    report: Report,
}

/// The cache file for a data set opened with these options.
pub(super) fn file(folder: &Path, spec: &str, options: &str) -> PathBuf {
    let place = fs::canonicalize(spec).unwrap_or_else(|_| PathBuf::from(spec));
    let key = format!("{}\n{options}", place.display());
    folder.join(format!("{:016x}.ron", xxh3_64(key.as_bytes())))
}

/// Changes whenever a file of the data set is added, removed, replaced or written to (by name, size and time of the last
/// change). None for a data set that is not made of files: nothing would tell that it has changed.
pub(super) fn fingerprint(opened: &Opened) -> Option<u64> {
    let source = opened.source.as_ref();
    let mut hash = Xxh3::new();
    let mut files = 0;
    let mut add = |path: PathBuf| {
        files += 1;
        hash.update(path.as_os_str().as_encoded_bytes());
        // A file that is not there counts as that, so that its coming is noticed.
        let state = fs::metadata(&path).ok().map(|metadata| {
            let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            (metadata.len(), changed.map_or(0, |time| time.as_nanos()))
        });
        let (length, changed) = state.unwrap_or((u64::MAX, 0));
        hash.update(&length.to_le_bytes());
        hash.update(&changed.to_le_bytes());
    };
    source.shared_files().into_iter().for_each(&mut add);
    (0..source.len()).flat_map(|index| source.files(index)).for_each(&mut add);
    if files == 0 {
        return None;
    }
    // What the options made of the files: split, attributes, labels.
    let taxonomy = source.taxonomy().to_ron().unwrap_or_default();
    for text in [source.describe(), taxonomy].iter().chain(&opened.problems) {
        hash.update(text.as_bytes());
        hash.update(&[0]);
    }
    Some(hash.digest())
}

/// The report in the file, if it is of this version and fingerprint.
pub(super) fn read(file: &Path, fingerprint: u64) -> Option<Report> {
    parse(&read_capped(file, MAX_BYTES).ok()?, fingerprint)
}

fn parse(bytes: &[u8], fingerprint: u64) -> Option<Report> {
    let cached: Cached = ron::de::from_bytes(bytes).ok()?;
    (cached.version == VERSION && cached.fingerprint == fingerprint).then_some(cached.report)
}

/// Keeps a report. A cache that cannot be written costs time, not work, so that is only noted in the log.
pub(super) fn write(file: &Path, fingerprint: u64, report: &Report) {
    let cached = Cached { version: VERSION, fingerprint, report: report.clone() };
    let written = ron::to_string(&cached).map_err(|error| error.to_string()).and_then(|text| {
        let folder = file.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| write_atomic(file, text.as_bytes()));
        written.map_err(|error| error.to_string())
    });
    if let Err(error) = written {
        tracing::warn!("{}: the report cannot be kept: {error}", file.display());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::data::doctor::inspect;
    use crate::hostile;
    use std::ops::ControlFlow;

    fn report() -> Report {
        let (folder, _) = crate::data::doctor::tests::small_folder();
        inspect(folder.path().to_str().unwrap(), None, 0, &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_for_its_fingerprint_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder.path().join("deep/er"), "/somewhere", "options");
        let report = report();
        write(&file, 7, &report);
        assert_eq!(read(&file, 7), Some(Report { previews: Vec::new(), ..report }));
        assert_eq!(read(&file, 8), None);
        assert_eq!(read(Path::new("/nowhere"), 7), None);
    }

    #[test]
    fn hostile_files_are_ignored() {
        let cached = Cached { version: VERSION, fingerprint: 7, report: report() };
        let text = ron::to_string(&cached).unwrap();
        hostile::survives(text.as_bytes(), 9, |bytes| drop(parse(bytes, 7)));
        let deep = "[".repeat(100_000);
        assert_eq!(parse(deep.as_bytes(), 7), None);
        let other = Cached { version: VERSION + 1, ..cached };
        assert_eq!(parse(ron::to_string(&other).unwrap().as_bytes(), 7), None);
    }

    #[test]
    fn options_and_places_have_files_of_their_own() {
        let cache = Path::new("cache");
        let files = [("/a", "x"), ("/a", "y"), ("/b", "x")].map(|(spec, options)| file(cache, spec, options));
        assert!(files[0] != files[1] && files[0] != files[2] && files[1] != files[2]);
        let folder = tempfile::tempdir().unwrap();
        let [plain, dotted] = ["", "."].map(|end| file(cache, folder.path().join(end).to_str().unwrap(), ""));
        assert_eq!(plain, dotted);
    }
}
