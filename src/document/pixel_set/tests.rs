#![allow(clippy::unwrap_used)]

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// Specks and blobs of three labels, over tile borders.
fn blobs(width: u32, height: u32, coarse: u32, seed: u64) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let mut map = LabelMap::new(width, height, 0);
    for y in (0..height).step_by(coarse as usize) {
        for x in (0..width).step_by(coarse as usize) {
            let id = (rng.next_u32() % 3) as u8;
            (y..y + coarse).for_each(|y| _ = map.fill_row(y, x..x + coarse, id));
        }
    }
    map
}

fn all(map: &LabelMap) -> impl Iterator<Item = (u32, u32)> {
    places(Rect { x: 0, y: 0, width: map.width(), height: map.height() })
}

/// What every set promises.
fn is_sound(set: &PixelSet) -> bool {
    let rect = set.rect();
    let is_tight = places(rect).filter(|&(x, y)| set.contains(x, y));
    let hull = is_tight.map(|(x, y)| Rect { x, y, width: 1, height: 1 }).reduce(Rect::union);
    hull == Some(rect) && set.count() == places(rect).filter(|&(x, y)| set.contains(x, y)).count()
}

/// The connected part by growing a set pixel by pixel.
fn slow_part(map: &LabelMap, x: u32, y: u32) -> Vec<(u32, u32)> {
    let (mut found, mut next) = (vec![(x, y)], 0);
    while let Some(&(x, y)) = found.get(next) {
        for near in (y.saturating_sub(1)..=y + 1).flat_map(|y| (x.saturating_sub(1)..=x + 1).map(move |x| (x, y))) {
            if map.get(near.0, near.1) == map.get(x, y) && !found.contains(&near) {
                found.push(near);
            }
        }
        next += 1;
    }
    found.sort_unstable_by_key(|&(x, y)| (y, x));
    found
}

proptest! {
    #[test]
    fn a_part_is_what_is_connected_over_edges_and_corners(
        (width, height) in (1u32..90, 1u32..20), (x, y) in (0u32..90, 0u32..20), coarse in 1u32..5, seed: u64,
    ) {
        let map = blobs(width, height, coarse, seed);
        let (x, y) = (x % width, y % height);
        let part = PixelSet::part(&map, x, y).unwrap();
        let found: Vec<_> = all(&map).filter(|&(x, y)| part.contains(x, y)).collect();
        prop_assert_eq!(found, slow_part(&map, x, y));
        prop_assert!(is_sound(&part));
        prop_assert_eq!(PixelSet::part(&map, width, y), None);
    }

    #[test]
    fn a_label_is_all_of_its_pixels(coarse in 1u32..9, seed: u64, id in 0u8..4) {
        let map = blobs(130, 70, coarse, seed);
        let set = PixelSet::of_label(&map, id);
        let found: Vec<_> = all(&map).filter(|&(x, y)| set.as_ref().is_some_and(|set| set.contains(x, y))).collect();
        prop_assert_eq!(found, all(&map).filter(|&(x, y)| map.get(x, y) == Some(id)).collect::<Vec<_>>());
        prop_assert!(set.is_none_or(|set| is_sound(&set)));
    }

    #[test]
    fn a_lasso_takes_what_the_lasso_paints(
        corners in vec((-20.0f32..60.0, -20.0f32..60.0).prop_map(|(x, y)| Point::new(x, y)), 0..9),
    ) {
        let map = LabelMap::new(40, 36, 0);
        let mut painted = map.clone();
        polygon_spans(corners.iter().copied(), map.size()).for_each(|(y, columns)| _ = painted.fill_row(y, columns, 1));
        let set = PixelSet::polygon(&map, &corners);
        prop_assert_eq!(&set, &PixelSet::of_label(&painted, 1));
        prop_assert!(set.is_none_or(|set| is_sound(&set)));
    }

    #[test]
    fn sets_unite_and_are_filtered(seed: u64, a in 0u8..3, b in 0u8..3, locked in 0u8..3, only in 0u8..3) {
        let map = blobs(80, 70, 7, seed);
        let (Some(first), Some(second)) = (PixelSet::of_label(&map, a), PixelSet::of_label(&map, b)) else { return Ok(()) };
        let both = first.union(&second);
        prop_assert!(is_sound(&both));
        prop_assert_eq!(both.filter(&map, |id| id == b), Some(second.clone()));
        for (x, y) in all(&map) {
            prop_assert_eq!(both.contains(x, y), first.contains(x, y) || second.contains(x, y));
        }
        let rules = PaintRules { locked: [locked].into_iter().collect(), only_over: Some(only) };
        let free = both.changeable(&map, rules);
        for (x, y) in all(&map) {
            // A label outside of all tells whether the pixel may change at all.
            let expected = both.contains(x, y) && rules.allow(map.get(x, y).unwrap(), 9);
            prop_assert_eq!(free.as_ref().is_some_and(|free| free.contains(x, y)), expected);
        }
    }
}

#[test]
fn corners_that_are_no_numbers_or_far_away_do_no_harm() {
    let map = LabelMap::new(10, 10, 0);
    let far = [(f32::NAN, 0.0), (f32::MIN, f32::MIN), (f32::MAX, f32::MIN), (0.0, f32::INFINITY), (f32::MAX, f32::MAX)];
    let corners: Vec<_> = far.iter().map(|&(x, y)| Point::new(x, y)).collect();
    assert_eq!(PixelSet::polygon(&map, &corners).map(|set| set.count()), Some(55));
    assert_eq!(PixelSet::polygon(&map, &corners[..3]), None);
}

#[test]
fn outlines_lie_where_the_pixels_are() {
    let mut map = LabelMap::new(60, 40, 0);
    for y in 10..20 {
        map.fill_row(y, 30..50, 1);
    }
    map.fill_row(15, 40..41, 0);
    let lines = PixelSet::of_label(&map, 1).unwrap().outlines();
    let corner = |x, y| Point::new(x, y);
    assert_eq!(lines.len(), 2, "one around the part, one around the hole");
    assert!(lines[0].contains(&corner(30.0, 10.0)) && lines[0].contains(&corner(50.0, 20.0)), "{lines:?}");
    assert!(lines[1].contains(&corner(40.0, 15.0)) && lines[1].contains(&corner(41.0, 16.0)), "{lines:?}");
}
