//! Which parts of a label lie on the right.

use std::ops::Range;

use crate::document::{MirrorAxis, Point, Side};
use crate::label_image::LabelImage;

/// A part is cut in two when the smaller piece is at least this share of it, as two brows that have grown together.
const CUT_SHARE: f64 = 0.25;
/// Parts with less than this share of the largest one's pixels do not say where the middle is.
const SPECK_SHARE: f64 = 0.2;

/// The pixels other than 0 that belong to the right side, as runs in rows: whole parts (8-connected), but for one that
/// lies on both sides.
///
/// Left and right are those of the axis. Without one they are those of the picture, unless several parts all lie on one
/// side of its middle, as the eyes of a head at the edge do: then the middle between the outermost ones parts them.
pub(super) fn on_the_right(image: &LabelImage, axis: Option<MirrorAxis>) -> Vec<(u32, Range<u32>)> {
    let parts = parts(image);
    let middle = middle(&parts, image.width());
    let is_right = |x: u32, y: u32| {
        let centre = Point::new(x as f32 + 0.5, y as f32 + 0.5);
        axis.map_or(f64::from(centre.x) > middle, |axis| axis.side_of(centre) == Side::Right)
    };
    parts.iter().flat_map(|part| part.on_the_right(is_right)).collect()
}

/// Runs of pixels that hang together.
#[derive(Default)]
struct PartRuns(Vec<(u32, Range<u32>)>);

impl PartRuns {
    fn pixels(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().flat_map(|(y, columns)| columns.clone().map(|x| (x, *y)))
    }

    fn on_the_right(&self, is_right: impl Fn(u32, u32) -> bool) -> Vec<(u32, Range<u32>)> {
        let (all, right) =
            self.pixels().fold((0u64, 0u64), |(all, right), (x, y)| (all + 1, right + u64::from(is_right(x, y))));
        let share = right as f64 / all.max(1) as f64;
        if share < CUT_SHARE {
            Vec::new()
        } else if share > 1.0 - CUT_SHARE {
            self.0.clone()
        } else {
            self.pixels().filter(|&(x, y)| is_right(x, y)).map(|(x, y)| (y, x..x + 1)).collect()
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|(_, columns)| u64::from(columns.end - columns.start)).sum()
    }

    /// Mean column of the pixels' centres.
    fn centre(&self) -> f64 {
        self.pixels().map(|(x, _)| f64::from(x) + 0.5).sum::<f64>() / self.count().max(1) as f64
    }
}

fn middle(parts: &[PartRuns], width: u32) -> f64 {
    let middle = f64::from(width) / 2.0;
    let largest = parts.iter().map(PartRuns::count).max().unwrap_or(0) as f64;
    let tell = parts.iter().filter(|part| part.count() as f64 >= SPECK_SHARE * largest);
    let centres: Vec<f64> = tell.map(PartRuns::centre).collect();
    let (first, last) = centres.iter().fold((f64::MAX, f64::MIN), |(first, last), &at| (first.min(at), last.max(at)));
    let all_on_one_side = last < middle || first > middle;
    if centres.len() > 1 && all_on_one_side { f64::midpoint(first, last) } else { middle }
}

/// The pixels other than 0, by what hangs together: every run joins the parts of the runs above that it touches.
fn parts(image: &LabelImage) -> Vec<PartRuns> {
    let mut runs: Vec<(u32, Range<u32>)> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0..0;
    for (y, row) in (0..).zip(image.ids().chunks_exact(image.width() as usize)) {
        let start = runs.len();
        let mut x = 0;
        for ids in row.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
            let columns = x..x + ids.len() as u32;
            x = columns.end;
            if ids[0] == 0 {
                continue;
            }
            let own = runs.len();
            parents.push(own);
            // Those that end before this one, and so before the next, are done with.
            while above.start < above.end && runs[above.start].1.end < columns.start {
                above.start += 1;
            }
            for upper in above.clone().take_while(|&upper| runs[upper].1.start <= columns.end) {
                let (a, b) = (root(&mut parents, upper), root(&mut parents, own));
                parents[a.max(b)] = a.min(b);
            }
            runs.push((y, columns));
        }
        above = start..runs.len();
    }
    let mut parts: Vec<PartRuns> = (0..runs.len()).map(|_| PartRuns::default()).collect();
    for (index, run) in runs.into_iter().enumerate() {
        let part = root(&mut parents, index);
        parts[part].0.push(run);
    }
    parts.retain(|part| !part.0.is_empty());
    parts
}

/// The first run of the part, with shorter ways for the next search.
fn root(parents: &mut [usize], mut run: usize) -> usize {
    while parents[run] != run {
        parents[run] = parents[parents[run]];
        run = parents[run];
    }
    run
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn image(rows: &[&str]) -> LabelImage {
        let ids = rows.iter().flat_map(|row| row.bytes()).map(|byte| u8::from(byte != b'.')).collect();
        LabelImage::from_ids(rows[0].len() as u32, rows.len() as u32, ids).unwrap()
    }

    fn shown(rows: &[&str], axis: Option<MirrorAxis>) -> Vec<String> {
        let mut shown: Vec<Vec<u8>> = rows.iter().map(|row| row.replace('#', "l").into_bytes()).collect();
        for (y, columns) in on_the_right(&image(rows), axis) {
            columns.for_each(|x| shown[y as usize][x as usize] = b'r');
        }
        shown.into_iter().map(|row| String::from_utf8(row).unwrap()).collect()
    }

    #[test]
    fn parts_go_whole_and_what_lies_on_both_sides_is_cut() {
        // The left one reaches over the middle.
        assert_eq!(shown(&["####....", "..###.##"], None), ["llll....", "..lll.rr"]);
        assert_eq!(shown(&["..####.."], None), ["..llrr.."]);
        // Corners hold together.
        assert_eq!(
            shown(&["#.......", ".#......", "......#.", ".....#.."], None),
            ["l.......", ".l......", "......r.", ".....r.."]
        );
    }

    #[test]
    fn parts_on_one_side_of_the_picture_have_a_middle_of_their_own() {
        assert_eq!(shown(&["##..##...........#"], None), ["ll..ll...........r"].map(str::to_owned));
        assert_eq!(shown(&["##..##............"], None), ["ll..rr............"].map(str::to_owned));
        assert_eq!(shown(&["##................"], None), ["ll................"].map(str::to_owned));
        let axis = MirrorAxis { through: Point::new(12.0, 0.0), angle_rad: 0.0 };
        assert_eq!(shown(&["##..##............"], Some(axis)), ["ll..ll............"].map(str::to_owned));
    }

    proptest! {
        #[test]
        fn only_pixels_of_the_label_are_right(width in 1u32..30, ids in prop::collection::vec(0u8..3, 1..300)) {
            let height = (ids.len() as u32 / width).max(1);
            let mut ids = ids;
            ids.resize((width * height) as usize, 0);
            let image = LabelImage::from_ids(width, height, ids).unwrap();
            let all = parts(&image).iter().map(PartRuns::count).sum::<u64>();
            prop_assert_eq!(all, image.ids().iter().filter(|id| **id != 0).count() as u64);
            for (y, columns) in on_the_right(&image, None) {
                prop_assert!(columns.clone().all(|x| image.get(x, y) != 0));
            }
        }
    }
}
