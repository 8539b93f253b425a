//! Resampling of label ids, which cannot be averaged.

use super::LabelImage;
use crate::taxonomy::LabelId;

/// The source pixels that one target pixel covers along an axis, with how much of each, in units of 1 / target length.
struct Span {
    start: usize,
    weights: Vec<u64>,
}

pub(super) fn nearest(source: &LabelImage, width: u32, height: u32) -> LabelImage {
    let columns: Vec<usize> = (0..width).map(|x| centre(x, source.width(), width)).collect();
    let rows = (0..height).map(|y| centre(y, source.height(), height));
    let ids = rows.flat_map(|y| columns.iter().map(move |x| source.ids[y * source.width as usize + x])).collect();
    LabelImage { width, height, ids }
}

pub(super) fn majority(source: &LabelImage, width: u32, height: u32) -> LabelImage {
    let columns = spans(source.width(), width);
    let rows = spans(source.height(), height);
    let mut areas = vec![0; usize::from(source.max_id()) + 1];
    let mut ids = Vec::with_capacity(columns.len() * rows.len());
    for row in &rows {
        ids.extend(columns.iter().map(|column| largest_area(source, row, column, &mut areas)));
    }
    LabelImage { width, height, ids }
}

fn largest_area(source: &LabelImage, row: &Span, column: &Span, areas: &mut [u64]) -> LabelId {
    areas.fill(0);
    for (dy, row_weight) in row.weights.iter().enumerate() {
        let first = (row.start + dy) * source.width as usize + column.start;
        for (id, column_weight) in source.ids[first..].iter().zip(&column.weights) {
            areas[usize::from(*id)] += row_weight * column_weight;
        }
    }
    let mut best = 0;
    for (id, area) in areas.iter().enumerate() {
        if *area > areas[best] {
            best = id;
        }
    }
    best as LabelId
}

fn spans(source: u32, target: u32) -> Vec<Span> {
    (0..target)
        .map(|i| {
            if target >= source {
                return Span { start: centre(i, source, target), weights: vec![1] };
            }
            let (source, target, i) = (u64::from(source), u64::from(target), u64::from(i));
            let (begin, end) = (i * source, (i + 1) * source);
            let pixels = begin / target..end.div_ceil(target);
            let covered = |pixel: u64| ((pixel + 1) * target).min(end) - (pixel * target).max(begin);
            Span { start: pixels.start as usize, weights: pixels.map(covered).collect() }
        })
        .collect()
}

/// The source pixel under the centre of target pixel `i`.
fn centre(i: u32, source: u32, target: u32) -> usize {
    ((2 * u64::from(i) + 1) * u64::from(source) / (2 * u64::from(target))) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::tests::random_labels;
    use super::*;

    #[test]
    fn the_same_size_changes_nothing() {
        let labels = random_labels(13, 9, 11, 1);
        assert_eq!(nearest(&labels, 13, 9), labels);
        assert_eq!(majority(&labels, 13, 9), labels);
    }

    #[test]
    fn growing_and_shrinking_back_loses_nothing() {
        let labels = random_labels(13, 9, 11, 2);
        let grown = majority(&labels, 13 * 3, 9 * 5);
        assert_eq!(grown, nearest(&labels, 13 * 3, 9 * 5));
        assert_eq!(nearest(&grown, 13, 9), labels);
        assert_eq!(majority(&grown, 13, 9), labels);
    }

    /// Against area counts on a grid fine enough for both sizes.
    #[test]
    fn majority_agrees_with_brute_force() {
        for seed in 0..20 {
            let labels = random_labels(7, 10, 3, seed);
            let (width, height) = (5, 4);
            let small = majority(&labels, width, height);
            let fine = nearest(&labels, 7 * width, 10 * height);
            for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
                let counts = fine.crop(x * 7, y * 10, 7, 10).histogram();
                let best = (0..3).rev().max_by_key(|id| counts[*id]).unwrap();
                assert_eq!(usize::from(small.get(x, y)), best, "seed {seed} at ({x}, {y}): {:?}", &counts[..3]);
            }
        }
    }

    #[test]
    fn ties_go_to_the_smaller_id() {
        let labels = LabelImage::from_ids(2, 2, vec![5, 3, 3, 5]).unwrap();
        assert_eq!(majority(&labels, 1, 1).ids(), [3]);
    }

    #[test]
    fn one_axis_may_grow_while_the_other_shrinks() {
        let labels = LabelImage::from_ids(1, 3, vec![2, 4, 4]).unwrap();
        assert_eq!(majority(&labels, 3, 1).ids(), [4, 4, 4]);
    }
}
