#![allow(clippy::unwrap_used)]

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

fn noise(width: u32, height: u32, seed: u64) -> LabelImage {
    let mut rng = Pcg32::seed_from_u64(seed);
    let ids = (0..width * height).map(|_| (rng.next_u32() % 5) as u8).collect();
    LabelImage::from_ids(width, height, ids).unwrap()
}

/// Cells beyond the edge are part of the equality and of the hash.
fn padding_is_zero(map: &LabelMap) -> bool {
    let inside: u64 = map.counts().iter().sum();
    let all_nonzero: usize = map.tiles.iter().map(|tile| tile.0.iter().filter(|id| **id != 0).count()).sum();
    inside - map.counts()[0] == all_nonzero as u64
}

proptest! {
    #[test]
    fn an_image_survives_the_way_through_tiles(width in 1u32..200, height in 1u32..200, seed: u64) {
        let image = noise(width, height, seed);
        let map = LabelMap::from_image(&image);
        prop_assert!(map.to_image() == image);
        prop_assert_eq!(map.counts(), image.histogram());
        let part = Rect { x: width / 3, y: height / 4, width: width / 2, height };
        let inside = |&(x, y): &(u32, u32)| x >= part.x && x < part.x + part.width && y >= part.y;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(inside);
        prop_assert_eq!(map.ids_in(part), places.map(|(x, y)| image.get(x, y)).collect::<Vec<_>>());
        prop_assert!(padding_is_zero(&map));
    }

    #[test]
    fn writes_do_what_they_do_to_a_dense_image_and_leave_clones_alone(
        seed: u64, writes in vec((0u32..160, 0u32..160, 0u32..160, 0u8..5, any::<bool>()), 1..12),
    ) {
        let (width, height) = (130, 97);
        let mut dense = noise(width, height, seed);
        let mut map = LabelMap::from_image(&dense);
        for (x, y, length, id, replace) in writes {
            let (before, dense_before) = (map.clone(), dense.clone());
            let changed = if replace { map.replace((x % 5) as u8, id) } else { map.fill_row(y, x..x + length, id) };
            for (px, py) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                let hit = if replace { dense.get(px, py) == (x % 5) as u8 } else { py == y && (x..x + length).contains(&px) };
                if hit {
                    dense.set(px, py, id);
                }
            }
            prop_assert!(map.to_image() == dense && before.to_image() == dense_before);
            prop_assert_eq!(changed, dense != dense_before);
            prop_assert_eq!(map == before, dense == dense_before);
            prop_assert_eq!(map.content_hash() == before.content_hash(), map == before);
            prop_assert_eq!(map.content_hash(), LabelMap::from_image(&dense).content_hash());
            prop_assert_eq!(map.changed_rect_since(&before), naive_rect(&dense, &dense_before));
            prop_assert!(padding_is_zero(&map));
        }
    }

    #[test]
    fn runs_hold_what_passes_and_are_as_long_as_can_be(seed: u64, width in 1u32..150) {
        let map = LabelMap::from_image(&noise(width, 3, seed));
        let runs = map.runs_where(|id| id < 2);
        let pixels: Vec<_> = runs.iter().flat_map(|(y, columns)| columns.clone().map(move |x| (x, *y))).collect();
        let places = (0..3).flat_map(|y| (0..width).map(move |x| (x, y)));
        prop_assert_eq!(pixels, places.filter(|&(x, y)| map.get(x, y) < Some(2)).collect::<Vec<_>>());
        prop_assert!(runs.windows(2).all(|pair| pair[0].0 < pair[1].0 || pair[0].1.end < pair[1].1.start));
    }

    #[test]
    fn a_test_spares_the_pixels_that_fail_it(seed: u64, y in 0u32..4, a in 0u32..220, b in 0u32..220, id in 0u8..5) {
        let mut map = LabelMap::from_image(&noise(200, 3, seed));
        let before = map.clone();
        let columns = a.min(b)..a.max(b);
        let changed = map.fill_row_where(y, columns.clone(), id, |old| old % 2 == 1);
        prop_assert_eq!(changed, map != before);
        for (x, py) in (0..3).flat_map(|y| (0..200).map(move |x| (x, y))) {
            let hit = py == y && columns.contains(&x) && before.get(x, py).is_some_and(|old| old % 2 == 1);
            prop_assert_eq!(map.get(x, py), if hit { Some(id) } else { before.get(x, py) });
        }
    }
}

fn naive_rect(new: &LabelImage, old: &LabelImage) -> Option<Rect> {
    let places = (0..new.height()).flat_map(|y| (0..new.width()).map(move |x| (x, y)));
    places
        .filter(|&(x, y)| new.get(x, y) != old.get(x, y))
        .map(|(x, y)| Rect { x, y, width: 1, height: 1 })
        .reduce(Rect::union)
}

#[test]
fn a_uniform_map_shares_its_tiles() {
    let map = LabelMap::new(1024, 1000, 3);
    let mut distinct: Vec<_> = map.tiles.iter().map(Arc::as_ptr).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(map.counts()[3], 1_024_000);
    // One whole tile, and the bottom row that the edge cuts.
    assert_eq!(distinct.len(), 1 + 16);
}

#[test]
fn sizes_are_part_of_the_hash_and_of_the_change() {
    let (wide, tall) = (LabelMap::new(20, 10, 1), LabelMap::new(10, 20, 1));
    assert_ne!(wide.content_hash(), tall.content_hash());
    assert_eq!(wide.changed_rect_since(&tall), Some(Rect { x: 0, y: 0, width: 20, height: 10 }));
    assert_eq!(LabelMap::new(0, u32::MAX, 0).width(), 1);
}

#[test]
fn only_points_on_the_map_have_a_pixel() {
    let map = LabelMap::new(10, 8, 0);
    assert_eq!(map.pixel_at(Point::new(9.99, 0.0)), Some((9, 0)));
    for (x, y) in [(10.0, 0.0), (-0.01, 0.0), (0.0, 8.0), (f32::NAN, 0.0), (0.0, f32::INFINITY)] {
        assert_eq!(map.pixel_at(Point::new(x, y)), None);
    }
}

proptest! {
    #[test]
    fn bits_are_read_and_written_like_pixels(
        (width, height) in (1u32..200, 1u32..80), seed: u64, (y, word) in (0u32..90, 0u32..4), bits: u64, id in 0u8..4, only in 0u8..4,
    ) {
        let mut map = LabelMap::new(width, height, 0);
        let mut state = seed;
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            map.set(x, y, (state >> 60) as u8 % 4);
        }
        let columns = (64 * word..64 * word + 64).filter(|x| *x < width && y < height);
        let expected = columns.clone().filter(|x| map.get(*x, y) == Some(id)).fold(0, |bits, x| bits | 1u64 << (x % 64));
        prop_assert_eq!(map.bits_of(y, word, id), expected);

        let (before, mut slowly) = (map.clone(), map.clone());
        for x in columns.filter(|x| bits >> (x % 64) & 1 == 1) {
            if slowly.get(x, y) == Some(only) {
                slowly.set(x, y, id);
            }
        }
        prop_assert_eq!(map.fill_bits_where(y, word, bits, id, |old| old == only), slowly != before);
        prop_assert!(map == slowly);
        let mut counts = [0u64; 256];
        map.to_ids().iter().for_each(|id| counts[usize::from(*id)] += 1);
        prop_assert_eq!(map.counts(), counts);
    }
}
