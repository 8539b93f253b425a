//! Reading a data set through before anything is trained on it, on a thread of its own.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::event::TrainEvent;
use super::protocol::CheckProgress;
use crate::data::doctor::{self, Report};
use crate::data::{self, DataError, OpenOptions};
use crate::engine::Slot;
use crate::panic_message::panic_message;
use crate::taxonomy::Taxonomy;

/// Progress is told this often; every telling draws the window anew.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(150);

/// What a data set holds, as far as the editor wants to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The data set, as it is opened.
    pub data: String,
    /// Counts and problems.
    pub report: Report,
    /// Labels and attributes, where the data set can be opened in spite of its problems.
    pub taxonomy: Option<Taxonomy>,
}

/// What to check.
pub(super) struct Asked {
    /// Folder, or `procedural:portrait` and the like.
    pub(super) data: String,
    /// Which samples, with which labels and attributes.
    pub(super) options: Box<OpenOptions>,
    /// Labels and attributes for a folder that does not say its own, where the options name none.
    pub(super) taxonomy: Option<Box<Taxonomy>>,
    /// Where reports are kept for the next check of the same files.
    pub(super) reports: Option<PathBuf>,
}

/// A check under way. Dropping it gives it up.
pub(super) struct Check {
    given_up: Arc<AtomicBool>,
}

impl Check {
    pub(super) fn start(
        id: u64,
        asked: Asked,
        events: Sender<TrainEvent>,
        progress: Arc<Slot<CheckProgress>>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let given_up = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&given_up);
        let (outbox, waker) = (events.clone(), Arc::clone(&wake));
        let job = move || {
            let mut told: Option<Instant> = None;
            let mut tell = |done: usize, of: usize| {
                if stop.load(Ordering::SeqCst) {
                    return ControlFlow::Break(());
                }
                if told.is_none_or(|told| told.elapsed() >= PROGRESS_INTERVAL) {
                    told = Some(Instant::now());
                    progress.put(CheckProgress { id, done, of });
                    waker();
                }
                ControlFlow::Continue(())
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&asked, &mut tell)))
                .unwrap_or_else(|panic| Err(format!("the check failed: {}", panic_message(panic.as_ref()))));
            let event = match outcome {
                _ if stop.load(Ordering::SeqCst) => TrainEvent::CheckFailed { id, message: None },
                Ok(checked) => TrainEvent::Checked { id, checked: Box::new(checked) },
                Err(message) => TrainEvent::CheckFailed { id, message: Some(message) },
            };
            // Without a listener nobody wants to know.
            let _ = outbox.send(event);
            waker();
        };
        if let Err(error) = thread::Builder::new().name("check".to_owned()).spawn(job) {
            let message = Some(format!("the data set cannot be checked now: {error}; close other programs"));
            let _ = events.send(TrainEvent::CheckFailed { id, message });
            wake();
        }
        Self { given_up }
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::SeqCst);
    }
}

fn check(asked: &Asked, progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>) -> Result<Checked, String> {
    if asked.data.starts_with(data::DRAWN) {
        return drawn(&asked.data, &asked.options);
    }
    let mut read = |options: &OpenOptions| doctor::checked(&asked.data, options, asked.reports.as_deref(), progress);
    let fallback = asked.taxonomy.as_ref().filter(|_| asked.options.taxonomy.is_none());
    let (report, taxonomy) = match (read(&asked.options), fallback) {
        (Ok(report), _) => (report, None),
        (Err(DataError::Cancelled), _) => return Err("the check was given up".to_owned()),
        (Err(error), None) => return Err(error.to_string()),
        // What is wrong is said as it is without a taxonomy: that is how the folder should be.
        (Err(error), Some(taxonomy)) => {
            let options = OpenOptions { taxonomy: Some(taxonomy.as_ref().clone()), ..asked.options.as_ref().clone() };
            match read(&options) {
                Ok(report) => (report, options.taxonomy),
                Err(_) => return Err(error.to_string()),
            }
        }
    };
    let taxonomy = taxonomy.or_else(|| match data::open(&asked.data, &asked.options) {
        Ok(source) => Some(source.taxonomy().clone()),
        Err(_) => Taxonomy::builtin(&report.taxonomy),
    });
    Ok(Checked { data: asked.data.clone(), report, taxonomy })
}

/// Drawings are what they should be, and there are many: it is enough to look at some.
fn drawn(data: &str, options: &OpenOptions) -> Result<Checked, String> {
    let source = data::open(data, options).map_err(|error| error.to_string())?;
    let taxonomy = source.taxonomy().clone();
    let report = Report {
        description: source.describe(),
        taxonomy: taxonomy.name.clone(),
        samples: source.len(),
        readable: source.len(),
        sizes: Vec::new(),
        labels: Vec::new(),
        attributes: Vec::new(),
        n_problems: 0,
        problem_kinds: BTreeMap::new(),
        problems: Vec::new(),
        n_duplicates: 0,
        duplicates: Vec::new(),
        n_lookalikes: 0,
        lookalikes: Vec::new(),
        previews: doctor::previews(source.as_ref()),
    };
    Ok(Checked { data: data.to_owned(), report, taxonomy: Some(taxonomy) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::super::tests::small_data_set;
    use super::*;
    use crate::data::Split;

    fn asked(folder: &Path) -> Asked {
        let (data, options) = (folder.display().to_string(), Box::default());
        Asked { data, options, taxonomy: None, reports: None }
    }

    #[test]
    fn a_check_reads_the_part_and_the_attributes_that_are_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        small_data_set(folder.path());
        let whole = asked(folder.path());
        let mut go_on = |_, _| ControlFlow::Continue(());
        let mut samples = |options| {
            let asked = Asked { options: Box::new(options), data: whole.data.clone(), taxonomy: None, reports: None };
            check(&asked, &mut go_on).map(|checked| (checked.report.samples, checked.taxonomy))
        };
        let of = |split| OpenOptions { split, ..OpenOptions::default() };
        let parts = [Split::Train, Split::Validation, Split::Test];
        let counts = parts.map(|split| samples(of(split)).map_or(0, |(samples, _)| samples));
        assert_eq!(counts.iter().sum::<usize>(), 3, "{counts:?}");
        let one = OpenOptions { attributes: Some(vec!["Smiling".to_owned()]), ..OpenOptions::default() };
        let (_, taxonomy) = samples(one).unwrap();
        assert_eq!(taxonomy.unwrap().attribute_names().collect::<Vec<_>>(), ["Smiling"]);
    }

    #[test]
    fn a_check_stops_where_it_is_told_to() {
        let folder = tempfile::tempdir().unwrap();
        small_data_set(folder.path());
        let asked = asked(folder.path());
        let mut calls = 0;
        let given_up = check(&asked, &mut |_, _| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert!(given_up.unwrap_err().contains("given up") && calls == 1);
        assert_eq!(check(&asked, &mut |_, _| ControlFlow::Continue(())).unwrap().report.readable, 3);
    }

    #[test]
    fn a_folder_without_a_taxonomy_takes_the_models() {
        let folder = tempfile::tempdir().unwrap();
        small_data_set(folder.path());
        std::fs::remove_file(folder.path().join("taxonomy.ron")).unwrap();
        // A column that no built-in taxonomy has.
        let table = folder.path().join("attributes.csv");
        let rows = std::fs::read_to_string(&table).unwrap();
        let wider =
            rows.lines().enumerate().map(|(row, line)| format!("{line},{}\n", if row == 0 { "Odd" } else { "0" }));
        std::fs::write(&table, wider.collect::<String>()).unwrap();
        let taxonomy = Taxonomy::builtin("portrait").map(Box::new);
        let mut go_on = |_, _| ControlFlow::Continue(());
        let alone = asked(folder.path());
        assert!(check(&alone, &mut go_on).is_err());
        let with_model = Asked { taxonomy, ..alone };
        let checked = check(&with_model, &mut go_on).unwrap();
        assert_eq!((checked.report.readable, checked.taxonomy.unwrap().name.as_str()), (3, "portrait"));
    }
}
