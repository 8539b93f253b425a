//! When to write recovery files. Time is handed in, so that tests can make it up.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Chore, EditorState, Effect};
use crate::document::Snapshot;

/// A change waits this long for others before it is written, unless the user prefers otherwise. It leaves most of two
/// seconds to write it.
pub const AUTOSAVE_DELAY: Duration = Duration::from_millis(500);
/// How long a change may wait, in seconds.
pub const AUTOSAVE_DELAY_RANGE_S: RangeInclusive<f32> = 0.5..=60.0;
/// After a failure the next attempt waits this long.
const RETRY_DELAY: Duration = Duration::from_secs(10);

/// What is known about one document's recovery file.
#[derive(Debug, Default)]
pub(super) struct Autosave {
    /// The document's number in this process.
    pub(super) document: u64,
    /// What the file holds, or will when the writing is done; `None`: there is no file.
    covered: Option<Snapshot>,
    /// Since when there is something to write.
    waiting_since: Option<Duration>,
    /// Whether the io thread has an order for it.
    writing: bool,
    /// After a failure: not before this time.
    not_before: Option<Duration>,
    failed: bool,
    /// Whether there may be a recovery file; one that could not be replaced stays.
    on_disk: bool,
}

/// What has to be done about a recovery file.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    Write,
    Remove,
}

impl Autosave {
    pub(super) fn new(document: u64) -> Self {
        Self { document, ..Self::default() }
    }

    /// For a document that came from this process's recovery file.
    pub(super) fn recovered(document: u64, snapshot: Snapshot) -> Self {
        Self { document, covered: Some(snapshot), on_disk: true, ..Self::default() }
    }

    pub(super) fn has_file(&self) -> bool {
        self.on_disk || self.writing
    }

    /// What to do at `now` about a document that is worth recovering or not, when changes wait for `delay`.
    fn step(&mut self, snapshot: &Snapshot, worth: bool, now: Duration, delay: Duration) -> Step {
        if !worth {
            self.waiting_since = None;
            self.covered = None;
            return if std::mem::take(&mut self.on_disk) { Step::Remove } else { Step::Nothing };
        }
        if self.covered.as_ref() == Some(snapshot) {
            self.waiting_since = None;
            return Step::Nothing;
        }
        let since = *self.waiting_since.get_or_insert(now);
        let waits = now < since + delay || self.not_before.is_some_and(|time| now < time);
        if self.writing || waits {
            return Step::Nothing;
        }
        self.waiting_since = None;
        self.covered = Some(snapshot.clone());
        self.writing = true;
        self.on_disk = true;
        Step::Write
    }

    /// The io thread is done. True when it is the first failure in a row, worth a message.
    fn written(&mut self, failed: bool, now: Duration) -> bool {
        self.writing = false;
        let first = failed && !self.failed;
        self.failed = failed;
        self.not_before = failed.then(|| now + RETRY_DELAY);
        if failed {
            self.covered = None;
            self.waiting_since.get_or_insert(now);
        }
        first
    }
}

impl EditorState {
    /// Orders what has become due by `now`, for the document and for those put aside.
    pub(super) fn autosave(&mut self, now: Duration, effects: &mut Vec<Effect>) {
        self.files.now = now;
        let (wanted, delay) = (self.preferences.autosave, self.autosave_delay());
        let worth = wanted && self.is_dirty();
        match self.files.autosave.step(&self.document, worth, now, delay) {
            Step::Write => {
                let chore = Chore::Autosave {
                    document: self.files.autosave.document,
                    original: self.path.clone(),
                    session: Box::new(self.session()),
                };
                effects.push(Effect::Chore(chore));
            }
            Step::Remove => self.files.forsaken.push(self.files.autosave.document),
            Step::Nothing => {}
        }
        for parked in self.parked.iter_mut() {
            let worth = wanted && parked.is_dirty();
            match parked.autosave.step(&parked.document, worth, now, delay) {
                Step::Write => effects.push(Effect::Chore(parked.autosave_chore())),
                Step::Remove => self.files.forsaken.push(parked.autosave.document),
                Step::Nothing => {}
            }
        }
        let forsaken = std::mem::take(&mut self.files.forsaken);
        if !forsaken.is_empty() {
            effects.push(Effect::Chore(Chore::RemoveRecovery(forsaken)));
        }
    }

    fn autosave_delay(&self) -> Duration {
        Duration::try_from_secs_f32(self.preferences.autosave_delay_s).unwrap_or(AUTOSAVE_DELAY)
    }

    /// How long from the last [`super::FilesCommand::Tick`] on nothing becomes due, unless something changes.
    pub fn next_tick(&self) -> Option<Duration> {
        let delay = self.autosave_delay();
        let all = self.parked.iter().map(|parked| &parked.autosave).chain([&self.files.autosave]);
        let due = all.filter(|autosave| !autosave.writing).filter_map(|autosave| {
            let due = autosave.waiting_since? + delay;
            Some(autosave.not_before.map_or(due, |time| due.max(time)))
        });
        let due = due.min().map(|due| due.saturating_sub(self.files.now));
        self.next_moment().into_iter().chain(due).min()
    }

    pub(super) fn autosaved(&mut self, document: u64, error: Option<String>, effects: &mut Vec<Effect>) {
        let now = self.files.now;
        let parked = self.parked.iter_mut().map(|parked| &mut parked.autosave);
        let mut all = parked.chain([&mut self.files.autosave]);
        // A document that is gone meanwhile needs no news.
        let Some(autosave) = all.find(|autosave| autosave.document == document) else { return };
        if autosave.written(error.is_some(), now)
            && let Some(error) = error
        {
            effects.push(Effect::error(format!("Autosave does not work: {error}. Save the session yourself.")));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::document::{LabelMap, LatentState, Timeline};

    fn snapshot(seed: u64) -> Snapshot {
        let latent = LatentState { seed, ..LatentState::default() };
        Snapshot { labels: LabelMap::new(4, 4, 0), attributes: vec![], latent, timeline: Timeline::default() }
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    proptest! {
        /// Whatever happens when, the file is never further behind than the delay and two writings: one that was under
        /// way when the change came, and its own.
        #[test]
        fn the_file_follows_closely(
            steps in prop::collection::vec((1u64..120, prop::bool::weighted(0.4)), 1..300), write_ms in 1u64..400,
        ) {
            let mut autosave = Autosave::new(0);
            let (mut now, mut seed) = (ms(0), 0);
            let mut states = vec![(ms(0), 0)];
            let (mut on_disk, mut under_way) = (None, None);
            for (wait, change) in steps {
                now += ms(wait);
                if let Some((content, done)) = under_way.filter(|(_, done)| *done <= now) {
                    let _: Duration = done;
                    on_disk = Some(content);
                    under_way = None;
                    autosave.written(false, now);
                }
                if change {
                    seed += 1;
                    states.push((now, seed));
                }
                if autosave.step(&snapshot(seed), true, now, AUTOSAVE_DELAY) == Step::Write {
                    under_way = Some((seed, now + ms(write_ms)));
                }
                // Until when the state on disk was the newest one.
                let superseded = on_disk.map(|content| states.iter().find(|(_, s)| *s > content).map_or(now, |s| s.0));
                let behind = now - superseded.unwrap_or(ms(0));
                let most = AUTOSAVE_DELAY + 2 * ms(write_ms) + ms(3 * 120);
                prop_assert!(behind <= most, "{behind:?} behind at {now:?}");
            }
        }
    }

    #[test]
    fn a_clean_document_has_no_file_and_failures_wait() {
        let mut autosave = Autosave::new(0);
        assert_eq!(autosave.step(&snapshot(0), false, ms(0), AUTOSAVE_DELAY), Step::Nothing);
        assert_eq!(autosave.step(&snapshot(1), true, ms(100), AUTOSAVE_DELAY), Step::Nothing);
        assert_eq!(autosave.step(&snapshot(1), true, ms(600), AUTOSAVE_DELAY), Step::Write);
        assert_eq!(autosave.step(&snapshot(2), true, ms(2000), AUTOSAVE_DELAY), Step::Nothing, "one at a time");
        assert!(autosave.written(true, ms(2100)), "said");
        assert_eq!(autosave.step(&snapshot(2), true, ms(5000), AUTOSAVE_DELAY), Step::Nothing);
        assert_eq!(autosave.step(&snapshot(2), true, ms(12_200), AUTOSAVE_DELAY), Step::Write);
        assert!(!autosave.written(true, ms(12_300)), "said once");
        assert_eq!(autosave.step(&snapshot(2), true, ms(40_000), AUTOSAVE_DELAY), Step::Write);
        assert!(!autosave.written(false, ms(40_100)));
        assert_eq!(autosave.step(&snapshot(0), false, ms(40_200), AUTOSAVE_DELAY), Step::Remove);
        assert_eq!(autosave.step(&snapshot(0), false, ms(40_300), AUTOSAVE_DELAY), Step::Nothing);
    }
}
