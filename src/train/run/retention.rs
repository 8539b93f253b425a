//! Which checkpoints stay. A full-size one takes 750 MB; the small model of each takes 30 MB.

use std::fs;
use std::path::{Path, PathBuf};

use crate::train::checkpoint::{self, CheckpointFile};

use super::error::RunError;
use super::scores::ScoreBook;

/// Newest checkpoints that stay: the newest, and the one before it in case the newest is bad.
const NEWEST: usize = 2;
/// Most small models that stay, spread over the run.
const MODELS: usize = 64;
/// Sub-folder of a run.
const FOLDER: &str = "models";

/// A checkpoint of a run as it lies on the disk.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointInfo {
    /// Updates of G.
    pub step: u64,
    /// Everything that is needed to go on. Of [`Kept::ModelOnly`] this is the model.
    pub path: PathBuf,
    /// The small model of that step (averaged G in f16, S, attribute head), to look at and to use. It may be missing in
    /// the folders of older programs.
    pub model: PathBuf,
    /// Bytes on the disk of both.
    pub bytes: u64,
    /// Why it is still there.
    pub kept: Kept,
    /// Mean IoU, 0 to 1, of what S sees in generated pictures with the masks asked for; higher is better.
    pub score: Option<f64>,
}

/// Why a checkpoint is still there. The first reason that holds counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// One of the newest two.
    Last,
    /// The best score.
    Best,
    /// The first in so many updates.
    EveryNth,
    /// Only the small model is, to scrub through the run.
    ModelOnly,
}

/// The small model of a step.
pub(super) fn model_path(run: &Path, step: u64) -> PathBuf {
    run.join(FOLDER).join(format!("step-{step:08}.safetensors"))
}

/// What is there, oldest first.
pub(super) fn list(run: &Path, scores: &ScoreBook, keep_every: u64) -> Vec<CheckpointInfo> {
    let files = checkpoint::list(run);
    let reasons = reasons(&files, u64::MAX, scores, keep_every);
    let full = files.iter().zip(reasons).map(|(file, kept)| {
        let model = model_path(run, file.step);
        CheckpointInfo {
            step: file.step,
            bytes: bytes_of(&file.path) + bytes_of(&model),
            path: file.path.clone(),
            model,
            // What no rule keeps goes with the next checkpoint.
            kept: kept.unwrap_or(Kept::Last),
            score: scores.of(file.step),
        }
    });
    let mut infos: Vec<CheckpointInfo> = full.collect();
    for step in model_steps(run) {
        if files.iter().all(|file| file.step != step) {
            let model = model_path(run, step);
            let (bytes, score) = (bytes_of(&model), scores.of(step));
            infos.push(CheckpointInfo { step, path: model.clone(), model, bytes, kept: Kept::ModelOnly, score });
        }
    }
    infos.sort_by_key(|info| info.step);
    infos
}

/// Removes what no rule keeps, now that the checkpoint after `phases` phases has been written whole.
pub(super) fn thin(run: &Path, phases: u64, scores: &ScoreBook, keep_every: u64) {
    let files = checkpoint::list(run);
    let reasons = reasons(&files, phases, scores, keep_every);
    let (kept, gone): (Vec<_>, Vec<_>) = files.iter().zip(reasons).partition(|(_, kept)| kept.is_some());
    for (file, _) in gone {
        remove(&file.path);
    }
    let mut steps = model_steps(run);
    let is_full = |step: u64| kept.iter().any(|(file, _)| file.step == step);
    while steps.len() > MODELS {
        let Some(at) = most_crowded(&steps, is_full) else { break };
        remove(&model_path(run, steps.remove(at)));
    }
}

/// Why each of `files` (oldest first) stays, if it does, when the one after `phases` phases is known to be whole. Later
/// ones are left from before a resume and are not counted: they may be damaged.
fn reasons(files: &[CheckpointFile], phases: u64, scores: &ScoreBook, keep_every: u64) -> Vec<Option<Kept>> {
    let known = files.partition_point(|file| file.phases <= phases);
    let best = files.iter().filter_map(|file| Some((scores.of(file.step)?, file.step)));
    let best = best.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, step)| step);
    // Of the last one's phases when a step has several.
    let best_at = best.and_then(|step| files.iter().rposition(|file| file.step == step));
    let mut window = 0;
    let mut reason = |at: usize, file: &CheckpointFile| {
        let own_window = file.step.checked_div(keep_every).unwrap_or(0);
        let first_in_window = own_window > window;
        window = window.max(own_window);
        if at + NEWEST >= known {
            Some(Kept::Last)
        } else if best_at == Some(at) {
            Some(Kept::Best)
        } else {
            first_in_window.then_some(Kept::EveryNth)
        }
    };
    files.iter().enumerate().map(|(at, file)| reason(at, file)).collect()
}

/// The place whose neighbours are closest together, but the first, the last, and those that `stays` names.
fn most_crowded(steps: &[u64], stays: impl Fn(u64) -> bool) -> Option<usize> {
    let inner = (1..steps.len().saturating_sub(1)).filter(|&at| !stays(steps[at]));
    inner.min_by_key(|&at| steps[at + 1] - steps[at - 1])
}

/// Steps of the small models, oldest first.
fn model_steps(run: &Path) -> Vec<u64> {
    let names = fs::read_dir(run.join(FOLDER)).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let step = |name: std::ffi::OsString| {
        name.to_str()?.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse::<u64>().ok()
    };
    let mut steps: Vec<u64> = names.filter_map(step).collect();
    steps.sort_unstable();
    steps
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!("{}: an old checkpoint could not be removed: {error}", path.display());
    }
}

/// Makes the folder of the small models.
pub(super) fn create_model_folder(run: &Path) -> Result<(), RunError> {
    let folder = run.join(FOLDER);
    fs::create_dir_all(&folder).map_err(RunError::io(&folder))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(steps: &[u64]) -> Vec<CheckpointFile> {
        steps.iter().map(|&step| CheckpointFile { step, phases: 6 * step, path: PathBuf::new() }).collect()
    }

    fn book(scores: &[(u64, f64)]) -> ScoreBook {
        let mut book = ScoreBook::default();
        for &(step, score) in scores {
            book.set(step, score);
        }
        book
    }

    #[test]
    fn the_newest_two_the_best_and_the_first_of_every_so_many_stay() {
        use Kept::{Best, EveryNth, Last};
        let files = files(&[10, 20, 30, 40, 50, 60, 70, 80]);
        let scores = book(&[(10, 0.2), (30, 0.9), (50, 0.4), (80, 0.1)]);
        let all = reasons(&files, 480, &scores, 25);
        assert_eq!(all, [None, None, Some(Best), None, Some(EveryNth), None, Some(Last), Some(Last)]);
        let none = reasons(&files, 480, &ScoreBook::default(), 0);
        assert_eq!(none.iter().filter(|kept| kept.is_some()).count(), 2);
        // The last one may be the best as well, and a score that is no number is none.
        let last = reasons(&files, 480, &book(&[(80, 0.5), (10, f64::NAN)]), 0);
        assert_eq!(last.iter().flatten().collect::<Vec<_>>(), [&Last, &Last]);
        assert!(reasons(&[], 0, &scores, 5).is_empty());
    }

    #[test]
    fn what_a_checkpoint_was_resumed_before_does_not_count_as_newest() {
        // Steps 70 and 80 are damaged; the run went on from 60 and has just written 65.
        let files = files(&[50, 60, 65, 70, 80]);
        let kept = reasons(&files, 6 * 65, &ScoreBook::default(), 0);
        assert_eq!(kept.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true, true, true]);
    }

    #[test]
    fn thinning_step_by_step_keeps_what_it_once_chose() {
        let mut left: Vec<u64> = Vec::new();
        for step in (10..=400).step_by(10) {
            left.push(step);
            let files = files(&left);
            let kept = reasons(&files, 6 * step, &ScoreBook::default(), 95);
            left = left.into_iter().zip(kept).filter_map(|(step, kept)| kept.map(|_| step)).collect();
        }
        assert_eq!(left, [100, 190, 290, 380, 390, 400]);
    }

    #[test]
    fn models_are_thinned_where_they_are_dense() {
        assert_eq!(most_crowded(&[0, 10, 11, 12, 50], |_| false), Some(2));
        assert_eq!(most_crowded(&[0, 10, 11, 12, 50], |step| step == 11), Some(1));
        assert_eq!(most_crowded(&[0, 10], |_| false), None);
        let folder = tempfile::tempdir().unwrap();
        create_model_folder(folder.path()).unwrap();
        for step in 0..200 {
            fs::write(model_path(folder.path(), step), b"model").unwrap();
            thin(folder.path(), step, &ScoreBook::default(), 0);
        }
        let steps = model_steps(folder.path());
        assert_eq!((steps.len(), steps[0], steps[MODELS - 1]), (MODELS, 0, 199));
        let widest = steps.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(widest <= 8, "{steps:?}");
    }
}
