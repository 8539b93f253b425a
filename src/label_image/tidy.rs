//! Outlines without ragged edges and specks.

use super::LabelImage;
use crate::taxonomy::LabelId;

/// Each pixel takes the label most frequent in the square of `2 · radius + 1` px around it; its own if another is as frequent.
pub(super) fn smoothed(source: &LabelImage, radius: u32) -> LabelImage {
    let (width, height) = (source.width, source.height);
    let mut ids = Vec::with_capacity(source.ids.len());
    let mut counts = vec![0_u32; usize::from(source.max_id()) + 1];
    for y in 0..height {
        for x in 0..width {
            counts.fill(0);
            for y in y.saturating_sub(radius)..=(y + radius).min(height - 1) {
                for x in x.saturating_sub(radius)..=(x + radius).min(width - 1) {
                    counts[usize::from(source.get(x, y))] += 1;
                }
            }
            ids.push(most_frequent(&counts, source.get(x, y)));
        }
    }
    LabelImage { width, height, ids }
}

/// Connected patches of fewer than `least_px` pixels take the label that most of the pixels around them have.
pub(super) fn without_specks(source: &LabelImage, least_px: usize) -> LabelImage {
    let mut tidy = source.clone();
    let mut is_known = vec![false; tidy.ids.len()];
    for start in 0..tidy.ids.len() {
        if is_known[start] {
            continue;
        }
        let (patch, around) = patch(&tidy, start);
        patch.iter().for_each(|&at| is_known[at] = true);
        if patch.len() < least_px && around.iter().any(|&count| count > 0) {
            let label = most_frequent(&around, tidy.ids[start]);
            patch.into_iter().for_each(|at| tidy.ids[at] = label);
        }
    }
    tidy
}

/// The pixels connected to `start` over sides, and how many sides they share with each other label.
fn patch(labels: &LabelImage, start: usize) -> (Vec<usize>, Vec<u32>) {
    let (width, label) = (labels.width as usize, labels.ids[start]);
    let mut around = vec![0; 256];
    let mut is_in = std::collections::HashSet::from([start]);
    let (mut patch, mut next) = (vec![start], 0);
    while let Some(&at) = patch.get(next) {
        next += 1;
        let x = at % width;
        let beside = [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            at.checked_sub(width),
            Some(at + width).filter(|&below| below < labels.ids.len()),
        ];
        for beside in beside.into_iter().flatten() {
            if labels.ids[beside] != label {
                around[usize::from(labels.ids[beside])] += 1;
            } else if is_in.insert(beside) {
                patch.push(beside);
            }
        }
    }
    (patch, around)
}

fn most_frequent(counts: &[u32], own: LabelId) -> LabelId {
    let mut best = own;
    for (count, label) in counts.iter().zip(0..=LabelId::MAX) {
        if *count > counts[usize::from(best)] {
            best = label;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::random_labels;
    use super::*;

    #[test]
    fn straight_edges_stay_and_teeth_go() {
        let mut halves = LabelImage::new(16, 16, 1);
        (0..16).for_each(|y| (8..16).for_each(|x| halves.set(x, y, 4)));
        let mut toothed = halves.clone();
        (0..16).step_by(4).for_each(|y| toothed.set(8, y, 1));
        assert_eq!(smoothed(&halves, 2), halves);
        assert_eq!(smoothed(&toothed, 2), halves);
    }

    #[test]
    fn specks_become_what_is_around_them_and_patches_stay() {
        let mut labels = LabelImage::new(20, 20, 2);
        let large = [(3, 3), (4, 3), (3, 4), (4, 4)];
        large.iter().for_each(|&(x, y)| labels.set(x, y, 5));
        let patch_only = labels.clone();
        [(10, 10), (11, 10), (19, 0), (0, 19)].iter().for_each(|&(x, y)| labels.set(x, y, 7));
        assert_eq!(without_specks(&labels, 4), patch_only);
        assert_eq!(without_specks(&labels, 1), labels);
        assert_eq!(without_specks(&LabelImage::new(2, 2, 3), 9), LabelImage::new(2, 2, 3));
    }

    #[test]
    fn no_label_is_invented() {
        let noise = random_labels(17, 9, 6, 3);
        for tidy in [smoothed(&noise, 1), smoothed(&noise, 30), without_specks(&noise, 5)] {
            assert_eq!((tidy.width(), tidy.height()), (17, 9));
            assert!(tidy.max_id() <= noise.max_id());
        }
    }
}
