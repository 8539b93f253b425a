#![allow(clippy::unwrap_used)]

use super::*;
use crate::document::LabelSet;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

const MIRROR: [LabelId; 5] = [0, 2, 1, 3, 4];

fn blobs(seed: u64) -> LabelMap {
    let mut rng = Pcg32::seed_from_u64(seed);
    let mut map = LabelMap::new(90, 70, 0);
    for y in (0..70).step_by(6) {
        for x in (0..90).step_by(6) {
            let id = (rng.next_u32() % 5) as u8;
            (y..y + 6).for_each(|y| _ = map.fill_row(y, x..x + 6, id));
        }
    }
    map
}

fn all() -> impl Iterator<Item = (u32, u32)> {
    (0..70).flat_map(|y| (0..90).map(move |x| (x, y)))
}

fn rules() -> impl Strategy<Value = PaintRules> {
    (proptest::collection::vec(0u8..5, 0..3), proptest::option::of(0u8..5))
        .prop_map(|(locked, only_over)| PaintRules { locked: locked.into_iter().collect::<LabelSet>(), only_over })
}

proptest! {
    #[test]
    fn a_cut_goes_back_where_it_was(seed: u64, x in 0u32..90, y in 0u32..70, rules in rules()) {
        let before = blobs(seed);
        let mut map = before.clone();
        let part = PixelSet::part(&map, x, y).unwrap();
        let Some(region) = Region::cut(&mut map, &part, rules) else {
            prop_assert!(map == before && !rules.allow(before.get(x, y).unwrap(), 9));
            return Ok(());
        };
        for (x, y) in all() {
            let (old, new) = (before.get(x, y).unwrap(), map.get(x, y).unwrap());
            prop_assert!(old == new || (part.contains(x, y) && rules.allow(old, new)));
        }
        region.paste(&mut map, 0, 0, PaintRules::default());
        prop_assert!(map == before);
    }

    #[test]
    fn a_paste_puts_each_pixel_down_where_it_may(seed: u64, id in 0u8..5, dx in -120i32..120, dy in -90i32..90, rules in rules()) {
        let before = blobs(seed);
        let Some(set) = PixelSet::of_label(&before, id) else { return Ok(()) };
        let region = Region::copy(&before, &set);
        let mut map = before.clone();
        let changed = region.paste(&mut map, dx, dy, rules);
        prop_assert_eq!(changed, map != before);
        for (x, y) in all() {
            let from = x.checked_add_signed(-dx).zip(y.checked_add_signed(-dy));
            let hit = from.is_some_and(|(x, y)| set.contains(x, y)) && rules.allow(before.get(x, y).unwrap(), id);
            prop_assert_eq!(map.get(x, y), if hit { Some(id) } else { before.get(x, y) });
        }
        let mut moved = before.clone();
        region.moved(dx, dy).paste(&mut moved, 0, 0, rules);
        prop_assert!(moved == map);
    }

    #[test]
    fn flips_are_their_own_inverse_and_exchange_left_and_right(seed: u64, x in 0u32..60, y in 0u32..50) {
        let map = blobs(seed);
        let corners = [(0, 0), (25, 0), (20, 14)].map(|(dx, dy)| Point::new((x + dx) as f32, (y + dy) as f32));
        let region = Region::copy(&map, &PixelSet::polygon(&map, &corners).unwrap());
        let mut flipped = region.clone();
        flipped.flip_horizontally(&MIRROR);
        for (x, y) in (0..region.height()).flat_map(|y| (0..region.width()).map(move |x| (x, y))) {
            let expected = region.get(region.width() - 1 - x, y).map(|id| MIRROR[usize::from(id)]);
            prop_assert_eq!(flipped.get(x, y), expected);
        }
        flipped.flip_horizontally(&MIRROR);
        prop_assert_eq!(&flipped, &region);
        flipped.flip_vertically();
        prop_assert_eq!(flipped.get(0, 0), region.get(0, region.height() - 1));
        flipped.flip_vertically();
        prop_assert_eq!(&flipped, &region);
        prop_assert_eq!(region.get(region.width(), 0).or(region.get(0, region.height())), None);
    }
}

#[test]
fn a_label_beyond_the_mirror_table_stays() {
    let mut map = LabelMap::new(3, 1, 7);
    map.set(0, 0, 1);
    let mut region = Region::copy(
        &map,
        &PixelSet::polygon(&map, &[(0., 0.), (3., 0.), (3., 1.), (0., 1.)].map(|(x, y)| Point::new(x, y))).unwrap(),
    );
    region.flip_horizontally(&MIRROR);
    assert_eq!([0, 1, 2].map(|x| region.get(x, 0).unwrap()), [7, 7, 2]);
}

#[test]
fn the_outline_lies_where_the_pixels_were() {
    let mut map = LabelMap::new(20, 20, 0);
    map.fill_row(7, 5..9, 1);
    let outline = Region::copy(&map, &PixelSet::of_label(&map, 1).unwrap()).outline();
    let corners = [(9.0, 7.0), (9.0, 8.0), (5.0, 8.0), (5.0, 7.0)].map(|(x, y)| Point::new(x, y));
    assert_eq!(outline, [corners]);
}
