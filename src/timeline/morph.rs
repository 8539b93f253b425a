//! In-between masks: what one mask becomes on the way to another.
//!
//! The labels lie over each other like cut paper, the largest at the bottom; what a smaller one covers is filled in from
//! around it, so that nothing shows a hole when the parts move apart. Each part is found at both ends; its two signed
//! distance fields are moved and stretched onto each other, so that an eye slides instead of fading, and blended. The
//! pixels where the blend is lowest become the part, as many as lie between the two areas: thin parts neither vanish nor
//! pop, and a part that one end lacks grows from nothing.
//!
//! Two masks and their mirror image in time give the same frames in reverse, and the ends are the masks themselves.

use super::pairing::{Pair, Pairing};
use super::shape::{Piece, pieces};
use crate::document::Rect;
use crate::label_image::LabelImage;
use crate::taxonomy::LabelId;

/// Places are multiples of one in this many, so that a place and its distance from the other end are both exact.
const PLACES: f32 = 65_536.0;
/// In-between parts lie this far off, so that both sides of a line half-way between two rows of pixels do not draw.
const NUDGE_PX: f32 = 0.02;
/// Parts are stretched by no more than this along an axis; beyond it they only blend.
const MAX_STRETCH: f32 = 2.0;
/// A part larger than this share of the mask says nothing about how its neighbours move.
const LANDMARK_SHARE: f32 = 0.05;
/// A part that one end lacks moves by no more than the mask's side by this.
const DRIFT_PART: u32 = 8;
/// Fewer small labels than this do not say how the whole moves.
const LANDMARKS: usize = 3;
/// How far, in pixels, a landmark's influence reaches before it fades.
const LANDMARK_REACH: f32 = 8.0;

/// Two masks of one size, prepared for any number of in-between masks.
pub struct Morph {
    ends: [LabelImage; 2],
    /// Covers what no part covers.
    base: LabelId,
    /// Later ones lie over earlier ones.
    parts: Vec<Part>,
}

/// A part of the masks that moves as one.
struct Part {
    label: LabelId,
    /// Where the part can be, and what the distances are known for.
    window: Rect,
    ends: [Option<End>; 2],
    /// How far it moves from the first end to the second, where one end lacks it; in pixels.
    drift: [f32; 2],
}

/// A part at one end.
struct End {
    /// Signed distance of each pixel of the window, in pixels, negative inside.
    distances: Vec<f32>,
    area: usize,
    centre: [f32; 2],
    spread: [f32; 2],
}

impl Morph {
    /// Prepares two masks. Masks of different sizes are enlarged to the larger width and height.
    pub fn new(from: &LabelImage, to: &LabelImage) -> Self {
        let (width, height) = (from.width().max(to.width()), from.height().max(to.height()));
        let ends = [from, to].map(|mask| mask.resize_nearest(width, height));
        let order = by_area(&ends);
        let base = order.first().copied().unwrap_or(0);
        let mut covered = [ends[0].ids().to_vec(), ends[1].ids().to_vec()];
        let side = width.max(height) as f32;
        let pairing = Pairing { width, side, motion: common_motion(&ends, &order) };
        let mut parts = Vec::new();
        for &label in order.iter().skip(1).rev() {
            let found = [0, 1].map(|end| pieces(&covered[end], width, label));
            let pairs = pairing.pair(found).into_iter();
            let mut own: Vec<_> =
                pairs.map(|pair| Part::new(label, pair, [width, height], base, &mut covered)).collect();
            // From whichever end one looks, so that sums over parts come out the same.
            own.sort_by_key(|part| (part.window.y, part.window.x, part.window.height, part.window.width));
            parts.append(&mut own);
        }
        parts.reverse();
        let mut morph = Self { ends, base, parts };
        morph.let_lone_parts_drift();
        morph
    }

    /// The mask at a place between the first (0) and the second (1); places outside, and what is no number, count as the
    /// nearer end or the first.
    pub fn at(&self, place: f32) -> LabelImage {
        let place = (place.clamp(0.0, 1.0) * PLACES).round() / PLACES;
        let shares = [1.0 - place, place];
        if shares[0] == 1.0 || place.is_nan() {
            return self.ends[0].clone();
        }
        if shares[1] == 1.0 {
            return self.ends[1].clone();
        }
        let mut between = LabelImage::new(self.ends[0].width(), self.ends[0].height(), self.base);
        let mut scratch = Scratch::default();
        for part in &self.parts {
            part.paint(shares, &mut between, &mut scratch);
        }
        between
    }

    /// Width and height of the masks, in pixels.
    pub fn size(&self) -> [u32; 2] {
        [self.ends[0].width(), self.ends[0].height()]
    }

    /// A part that only one end has moves as the small parts around it do.
    fn let_lone_parts_drift(&mut self) {
        let size = self.size();
        let largest = LANDMARK_SHARE * (size[0] * size[1]) as f32;
        let is_landmark = |end: &End| end.area as f32 <= largest;
        let landmarks: Vec<_> = self
            .parts
            .iter()
            .filter_map(|part| match &part.ends {
                [Some(from), Some(to)] if is_landmark(from) && is_landmark(to) => Some([from.centre, to.centre]),
                _ => None,
            })
            .collect();
        for part in &mut self.parts {
            let (end, centre) = match &part.ends {
                [Some(from), None] => (0, from.centre),
                [None, Some(to)] => (1, to.centre),
                _ => continue,
            };
            let (mut total, mut drift) = (0.0, [0.0; 2]);
            for landmark in &landmarks {
                let away = [0, 1].map(|axis| landmark[end][axis] - centre[axis]);
                let weight = 1.0 / (LANDMARK_REACH * LANDMARK_REACH + away[0] * away[0] + away[1] * away[1]);
                total += weight;
                for axis in 0..2 {
                    drift[axis] += weight * (landmark[1][axis] - landmark[0][axis]);
                }
            }
            if total > 0.0 {
                // No further than its distances are known.
                let most = size.map(|side| (side / DRIFT_PART) as f32);
                part.drift = [0, 1].map(|axis| (drift[axis] / total).clamp(-most[axis], most[axis]));
            }
        }
    }
}

/// The labels of both masks, those with the largest area first.
fn by_area(ends: &[LabelImage; 2]) -> Vec<LabelId> {
    let [from, to] = [ends[0].histogram(), ends[1].histogram()];
    let area = |label: LabelId| from[usize::from(label)] + to[usize::from(label)];
    let mut order: Vec<LabelId> = (0..=LabelId::MAX).filter(|&label| area(label) > 0).collect();
    order.sort_by_key(|&label| (std::cmp::Reverse(area(label)), label));
    order
}

/// How far the small labels of both masks move, in pixels: what a head's features do when it turns. The middle one counts,
/// so that what is put somewhere else does not.
fn common_motion(ends: &[LabelImage; 2], labels: &[LabelId]) -> [f32; 2] {
    let width = ends[0].width();
    let largest = LANDMARK_SHARE * ends[0].ids().len() as f32;
    let centre = |mask: &LabelImage, label: LabelId| {
        let (mut count, mut sum) = (0u32, [0.0f64; 2]);
        for index in (0u32..).zip(mask.ids()).filter(|(_, id)| **id == label).map(|(index, _)| index) {
            count += 1;
            sum[0] += f64::from(index % width);
            sum[1] += f64::from(index / width);
        }
        let small = count > 0 && count as f32 <= largest;
        small.then(|| sum.map(|sum| sum / f64::from(count)))
    };
    let ways = labels.iter().filter_map(|&label| {
        let [from, to] = [centre(&ends[0], label)?, centre(&ends[1], label)?];
        Some([0, 1].map(|axis| to[axis] - from[axis]))
    });
    let ways: Vec<[f64; 2]> = ways.collect();
    if ways.len() < LANDMARKS {
        return [0.0; 2];
    }
    [0, 1].map(|axis| {
        let mut along: Vec<f64> = ways.iter().map(|way| way[axis]).collect();
        along.sort_unstable_by(f64::total_cmp);
        // Both middle ones, so that the way back is the same.
        ((along[(along.len() - 1) / 2] + along[along.len() / 2]) / 2.0) as f32
    })
}

impl Part {
    /// Takes the part out of what covers each end; what lay around it closes the hole.
    fn new(label: LabelId, pair: Pair, [width, height]: [u32; 2], base: LabelId, covered: &mut [Vec<u8>; 2]) -> Self {
        let window = window(&pair, width, height);
        let [from, to] = covered;
        let [first, second] = pair;
        let ends = [(first, from), (second, to)].map(|(piece, covered)| {
            piece.map(|piece| {
                let (distances, around) = piece.signed_distances(window, width);
                match around {
                    Some(around) => {
                        let filling: Vec<u8> = around.iter().map(|&pixel| covered[pixel as usize]).collect();
                        piece.pixels.iter().zip(filling).for_each(|(&pixel, fill)| covered[pixel as usize] = fill);
                    }
                    None => piece.pixels.iter().for_each(|&pixel| covered[pixel as usize] = base),
                }
                End { distances, area: piece.area(), centre: piece.centre, spread: piece.spread }
            })
        });
        Self { label, window, ends, drift: [0.0; 2] }
    }

    fn paint(&self, shares: [f32; 2], mask: &mut LabelImage, scratch: &mut Scratch) {
        let area = |end: usize| self.ends[end].as_ref().map_or(0.0, |end| end.area as f32);
        let wanted = (shares[0] * area(0) + shares[1] * area(1)).round() as usize;
        if wanted == 0 {
            return;
        }
        self.blend(shares, scratch);
        let Scratch { blended, sorted, .. } = scratch;
        sorted.clone_from(blended);
        let last = wanted.min(sorted.len()) - 1;
        let (before, level, _) = sorted.select_nth_unstable_by(last, f32::total_cmp);
        let level = *level;
        // A whole edge may be at the level: then it is in or out, whichever comes closer to the area.
        let below = before.iter().filter(|value| **value < level).count();
        let up_to = blended.iter().filter(|value| **value <= level).count();
        let with_level = below == 0 || up_to.abs_diff(wanted) <= wanted.abs_diff(below);
        for (y, row) in (self.window.y..).zip(blended.chunks_exact(self.window.width as usize)) {
            for (x, value) in (self.window.x..).zip(row) {
                if *value < level || (with_level && *value == level) {
                    mask.set(x, y, self.label);
                }
            }
        }
    }

    /// The blended signed distances of the window.
    fn blend(&self, shares: [f32; 2], scratch: &mut Scratch) {
        scratch.blended.clear();
        scratch.blended.resize(self.window.width as usize * self.window.height as usize, 0.0);
        for (end, place) in self.ends.iter().zip(self.placed(shares)) {
            let Some((end, Placed { share, axes })) = end.as_ref().zip(place) else { continue };
            let [columns, rows] = [(0, self.window.width), (1, self.window.height)].map(|(axis, length)| {
                let origin = [self.window.x, self.window.y][axis] as f32;
                samples(axes[axis], origin, length)
            });
            add_sampled(&end.distances, share, &columns, &rows, &mut scratch.blended);
        }
    }

    /// Where each end's distances lie in the in-between mask.
    fn placed(&self, shares: [f32; 2]) -> [Option<Placed>; 2] {
        match &self.ends {
            [Some(from), Some(to)] => {
                let axes = [0, 1].map(|axis| {
                    let middle = shares[0] * from.centre[axis] + shares[1] * to.centre[axis] + NUDGE_PX;
                    let (narrow, wide) =
                        (from.spread[axis].min(to.spread[axis]), from.spread[axis].max(to.spread[axis]));
                    let stretches = wide <= MAX_STRETCH * narrow;
                    let spread = shares[0] * from.spread[axis] + shares[1] * to.spread[axis];
                    [from, to].map(|end| Axis {
                        centre: end.centre[axis],
                        middle,
                        scale: if stretches { end.spread[axis] / spread } else { 1.0 },
                    })
                });
                [0, 1].map(|end| Some(Placed { share: shares[end], axes: [axes[0][end], axes[1][end]] }))
            }
            ends => {
                let place = |end: usize, way: f32| {
                    let centre = ends[end].as_ref()?.centre;
                    // It keeps its shape while its area changes, or slivers would become dots.
                    let scale = 1.0 / shares[end].sqrt();
                    let axes = [0, 1].map(|axis| Axis {
                        centre: centre[axis],
                        middle: centre[axis] + way * self.drift[axis] + NUDGE_PX,
                        scale,
                    });
                    Some(Placed { share: 1.0, axes })
                };
                [place(0, shares[1]), place(1, -shares[0])]
            }
        }
    }
}

/// How an end takes part in an in-between mask.
struct Placed {
    share: f32,
    axes: [Axis; 2],
}

/// Which place of an end is seen at x: `centre + (x − middle) · scale`.
#[derive(Clone, Copy)]
struct Axis {
    centre: f32,
    middle: f32,
    scale: f32,
}

/// Two neighbouring cells and the share of the second.
#[derive(Clone, Copy)]
struct Sample {
    first: usize,
    second: usize,
    share: f32,
}

fn samples(axis: Axis, origin: f32, length: u32) -> Vec<Sample> {
    let last = (length - 1) as f32;
    let sample = |index: u32| {
        let x = origin + index as f32;
        // What reaches the mask's edge goes on beyond it.
        let at = (axis.centre + (x - axis.middle) * axis.scale - origin).clamp(0.0, last);
        let first = at.floor();
        let second = (first as usize + 1).min(length as usize - 1);
        Sample { first: first as usize, second, share: at - first }
    };
    (0..length).map(sample).collect()
}

/// Adds `share` times the bilinearly sampled distances.
fn add_sampled(distances: &[f32], share: f32, columns: &[Sample], rows: &[Sample], sum: &mut [f32]) {
    let width = columns.len();
    let mut between = vec![0.0; width];
    for (row, sum) in rows.iter().zip(sum.chunks_exact_mut(width)) {
        let upper = &distances[row.first * width..][..width];
        let lower = &distances[row.second * width..][..width];
        for ((between, upper), lower) in between.iter_mut().zip(upper).zip(lower) {
            *between = upper + (lower - upper) * row.share;
        }
        for (sum, column) in sum.iter_mut().zip(columns) {
            let (left, right) = (between[column.first], between[column.second]);
            *sum += share * (left + (right - left) * column.share);
        }
    }
}

/// Buffers that one part after the other uses.
#[derive(Default)]
struct Scratch {
    blended: Vec<f32>,
    sorted: Vec<f32>,
}

/// What both pieces cover, with room for what lies between them.
fn window(pair: &Pair, width: u32, height: u32) -> Rect {
    let is_alone = pair.iter().flatten().count() == 1;
    let rects = || pair.iter().flatten().map(|piece: &Piece| piece.bounds);
    let span = |low: fn(&Rect) -> u32, length: fn(&Rect) -> u32, side: u32| {
        let begin = rects().map(|rect| low(&rect)).min().unwrap_or(0);
        let end = rects().map(|rect| low(&rect) + length(&rect)).max().unwrap_or(side);
        let margin = 4 + (end - begin) / 5 + if is_alone { side / DRIFT_PART } else { 0 };
        let begin = begin.saturating_sub(margin);
        (begin, (end + margin).min(side) - begin)
    };
    let (x, columns) = span(|rect| rect.x, |rect| rect.width, width);
    let (y, rows) = span(|rect| rect.y, |rect| rect.height, height);
    Rect { x, y, width: columns, height: rows }
}

#[cfg(test)]
mod tests;
