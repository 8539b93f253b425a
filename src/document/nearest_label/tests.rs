#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// A map of blobs of five labels, and one of its labels as the hole.
fn blobs(width: u32, height: u32, coarse: u32, seed: u64) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let mut map = LabelMap::new(width, height, 0);
    for y in (0..height).step_by(coarse as usize) {
        for x in (0..width).step_by(coarse as usize) {
            let id = (rng.next_u32() % 5) as u8;
            (y..y + coarse).for_each(|y| _ = map.fill_row(y, x..x + coarse, id));
        }
    }
    map
}

fn all(map: &LabelMap) -> impl Iterator<Item = (u32, u32)> + use<> {
    let width = map.width();
    (0..map.height()).flat_map(move |y| (0..width).map(move |x| (x, y)))
}

/// Looks at every pixel of the map for every pixel of the hole.
fn slow_fill(map: &LabelMap, hole: &PixelSet, may_fill: impl Fn(LabelId) -> bool) -> LabelMap {
    let sources: Vec<_> = all(map).filter(|&(x, y)| !hole.contains(x, y) && may_fill(map.get(x, y).unwrap())).collect();
    let mut filled = map.clone();
    for (x, y) in all(map).filter(|&(x, y)| hole.contains(x, y)) {
        let nearest = sources.iter().map(|&(from_x, from_y)| {
            (from_x.abs_diff(x).pow(2) + from_y.abs_diff(y).pow(2), map.get(from_x, from_y).unwrap())
        });
        if let Some((_, id)) = nearest.min() {
            filled.set(x, y, id);
        }
    }
    filled
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn fills_as_a_search_through_the_whole_map_does(
        (width, height) in (1u32..48, 1u32..40), coarse in 1u32..16, seed: u64, hole in 0u8..5, locked in 0u8..6, part: bool,
    ) {
        let map = blobs(width, height, coarse, seed);
        let found = all(&map).find(|&(x, y)| map.get(x, y) == Some(hole));
        let Some((x, y)) = found else { return Ok(()) };
        let hole = if part { PixelSet::part(&map, x, y) } else { PixelSet::of_label(&map, hole) }.unwrap();
        let may_fill = |id| id != locked;
        let mut filled = map.clone();
        let changed = fill_with_nearest(&mut filled, &hole, may_fill);
        prop_assert!(filled == slow_fill(&map, &hole, may_fill), "{:?}", hole.rect());
        prop_assert_eq!(changed, filled != map);
        prop_assert_eq!(filled.counts().iter().sum::<u64>(), u64::from(width * height));
    }

    /// A hole of several labels whose only sources are few and far away.
    #[test]
    fn finds_sources_however_far_they_are(seed: u64, sources in 0u32..4) {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut map = LabelMap::new(70, 50, 1);
        for id in 0..sources {
            map.set(rng.next_u32() % 70, rng.next_u32() % 50, 2 + id as u8);
        }
        let (x, y) = (rng.next_u32() % 66, rng.next_u32() % 46);
        let corners = [(0, 0), (4, 0), (4, 4), (0, 4)].map(|(dx, dy)| crate::document::Point::new((x + dx) as f32, (y + dy) as f32));
        let hole = PixelSet::polygon(&map, &corners).unwrap();
        let mut filled = map.clone();
        fill_with_nearest(&mut filled, &hole, |id| id != 1);
        prop_assert!(filled == slow_fill(&map, &hole, |id| id != 1));
    }
}

#[test]
fn a_hole_as_large_as_the_map_stays_and_one_pixel_fills_all_the_rest() {
    let mut map = LabelMap::new(100, 80, 3);
    let whole = PixelSet::of_label(&map, 3).unwrap();
    assert!(!fill_with_nearest(&mut map, &whole, |_| true));
    assert_eq!(map, LabelMap::new(100, 80, 3));
    map.set(70, 10, 4);
    let rest = PixelSet::of_label(&map, 3).unwrap();
    assert!(!fill_with_nearest(&mut map, &rest, |id| id != 4));
    assert!(fill_with_nearest(&mut map, &rest, |_| true));
    assert_eq!(map, LabelMap::new(100, 80, 4));
}

/// `cargo test --release --lib nearest_label -- --ignored --nocapture`
#[test]
#[ignore = "measures time"]
fn how_long_a_fill_takes() {
    for (side, radius, locked) in [(1024, 16.0f32, 9), (1024, 16.0, 1), (512, 128.0, 9), (1024, 400.0, 9)] {
        let mut map = LabelMap::new(side, side, 1);
        (0..side).for_each(|y| _ = map.fill_row(y, 0..side / 8, 3));
        let middle = side as f32 / 2.0;
        let corners: Vec<_> = (0..64)
            .map(|corner| (corner as f32 / 64.0 * std::f32::consts::TAU).sin_cos())
            .map(|(sin, cos)| crate::document::Point::new(middle + radius * cos, middle + radius * sin))
            .collect();
        let hole = PixelSet::polygon(&map, &corners).unwrap();
        let started = std::time::Instant::now();
        for _ in 0..10 {
            let mut filled = map.clone();
            fill_with_nearest(&mut filled, &hole, |id| id != locked);
        }
        println!("{side}², radius {radius}, locked {locked}: {:?} a fill", started.elapsed() / 10);
    }
}
