#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::label_image::tests::random_labels;
use crate::taxonomy::Taxonomy;
use crate::templates::template;

/// A mask of filled ellipses, later ones over earlier ones; some outside, some thinner than a pixel.
fn masks(width: u32, height: u32) -> impl Strategy<Value = LabelImage> {
    let side = width.max(height) as f32;
    let ellipse = (0u8..6, 0.0..side, 0.0..side, 0.3..side / 2.0, 0.3..side / 2.0);
    vec(ellipse, 0..8).prop_map(move |ellipses| {
        let mut mask = LabelImage::new(width, height, 0);
        for (label, x, y, radius_x, radius_y) in ellipses {
            for (column, row) in (0..width).flat_map(|column| (0..height).map(move |row| (column, row))) {
                let [dx, dy] = [(column as f32 - x) / radius_x, (row as f32 - y) / radius_y];
                if dx * dx + dy * dy <= 1.0 {
                    mask.set(column, row, label);
                }
            }
        }
        mask
    })
}

fn labels_of(mask: &LabelImage) -> Vec<bool> {
    mask.histogram().iter().map(|count| *count > 0).collect()
}

/// What holds for any two masks.
fn check(from: &LabelImage, to: &LabelImage, places: &[f32]) -> Result<(), TestCaseError> {
    let (there, back) = (Morph::new(from, to), Morph::new(to, from));
    let [width, height] = there.size();
    let ends = [from, to].map(|mask| mask.resize_nearest(width, height));
    prop_assert!(there.at(0.0) == ends[0] && there.at(1.0) == ends[1], "the ends are the masks");
    let [first, last] = ends.each_ref().map(labels_of);
    for &place in places {
        let between = there.at(place);
        prop_assert!(between == back.at(1.0 - place), "the same in reverse at {place}");
        for (label, there) in labels_of(&between).into_iter().enumerate() {
            prop_assert!(!there || first[label] || last[label], "label {label} comes from nowhere at {place}");
        }
    }
    Ok(())
}

/// Places whose distance from the other end is exact, so that a tie is the same tie in reverse.
fn places() -> impl Strategy<Value = f32> {
    (0u16..1 << 12).prop_map(|step| f32::from(step) / 4096.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_two_masks_keep_the_rules(from in masks(33, 27), to in masks(33, 27), places in vec(places(), 3)) {
        check(&from, &to, &places)?;
    }

    #[test]
    fn so_does_noise_and_so_do_different_sizes(
        sizes in [(1u32..24, 1u32..24), (1u32..24, 1u32..24)], n_labels in 1usize..9, seed in any::<u64>(), place in places(),
    ) {
        let [from, to] = [0, 1].map(|end| random_labels(sizes[end].0, sizes[end].1, n_labels, seed.wrapping_add(end as u64)));
        check(&from, &to, &[place])?;
    }

    #[test]
    fn a_mask_on_the_way_to_itself_stays(mask in masks(40, 40), place in 0.0f32..1.0) {
        let same = Morph::new(&mask, &mask).at(place);
        let differ = same.ids().iter().zip(mask.ids()).filter(|(a, b)| a != b).count();
        // Where a thin part is as far from its outline as what lies around it, a pixel may go either way.
        prop_assert!(differ * 200 <= mask.ids().len(), "{differ} pixels of {}", mask.ids().len());
    }
}

#[test]
fn places_outside_and_no_numbers_are_ends() {
    let [from, to] = [1, 2].map(|label| LabelImage::new(5, 4, label));
    let morph = Morph::new(&from, &to);
    for place in [-1.0, f32::NEG_INFINITY, f32::NAN] {
        assert_eq!(morph.at(place), from);
    }
    assert_eq!(morph.at(f32::INFINITY), to);
}

/// A line two pixels thick moves across and turns; a fade would lose it half-way.
#[test]
fn thin_parts_survive_and_keep_their_area() {
    let line = |y: u32, width: u32| {
        let mut mask = LabelImage::new(64, 64, 1);
        (0..width).for_each(|x| (0..2).for_each(|dy| mask.set(8 + x, y + dy, 2)));
        mask
    };
    let (from, to) = (line(12, 20), line(30, 30));
    let morph = Morph::new(&from, &to);
    for step in 0..=20 {
        let place = step as f32 / 20.0;
        let between = morph.at(place);
        let area = between.histogram()[2] as f32;
        assert!((area - (40.0 + 20.0 * place)).abs() <= 6.0, "{area} pixels at {place}");
        let rows: Vec<u32> = (0..64).filter(|&y| (0..64).any(|x| between.get(x, y) == 2)).collect();
        let middle = rows.iter().sum::<u32>() as f32 / rows.len() as f32;
        assert!(rows.len() <= 4 && (middle - (12.5 + 18.0 * place)).abs() <= 1.0, "rows {rows:?} at {place}");
    }
}

/// Both eyes are one label: each slides to its counterpart, and never are there three.
#[test]
fn pieces_of_a_label_move_to_their_counterparts() {
    let eyes = |places: [u32; 2]| {
        let mut mask = LabelImage::new(64, 40, 1);
        for x in places {
            (0..8).for_each(|dx| (0..4).for_each(|dy| mask.set(x + dx, 16 + dy, 3)));
        }
        mask
    };
    let morph = Morph::new(&eyes([6, 26]), &eyes([24, 44]));
    for step in 0..=16 {
        let between = morph.at(step as f32 / 16.0);
        let found = pieces(between.ids(), 64, 3);
        assert_eq!(found.len(), 2, "at {step}");
        assert!(found.iter().all(|piece| piece.bounds.width <= 10 && piece.area() >= 28), "at {step}");
    }
}

/// What opens grows from nothing, without a jump, and every part stays one piece.
#[test]
fn template_faces_change_without_jumps() {
    let taxonomy = Taxonomy::builtin("portrait").unwrap();
    let mouth = taxonomy.label_id("inner_mouth").unwrap();
    let mask = |name: &str| template(name).unwrap().labels(128);
    for (from, to) in [
        ("front", "laughing"),
        ("left", "half-left"),
        ("half-left", "front"),
        ("long-hair", "front"),
        ("left", "right"),
    ] {
        let morph = Morph::new(&mask(from), &mask(to));
        let mut before = morph.at(0.0);
        for step in 1..=48 {
            let now = morph.at(step as f32 / 48.0);
            let changed = now.ids().iter().zip(before.ids()).filter(|(a, b)| a != b).count();
            assert!(changed < 128 * 128 / 30, "{from} to {to}: {changed} pixels change at {step}");
            let [old, new] = [&before, &now].map(|mask| mask.histogram()[usize::from(mouth)]);
            assert!(old.abs_diff(new) < 24, "{from} to {to}: the mouth jumps from {old} to {new} at {step}");
            // The open mouth parts the lips.
            for (name, most) in [("nose", 1), ("lips", 2)] {
                let label = taxonomy.label_id(name).unwrap();
                let found = pieces(now.ids(), 128, label);
                let large = found.iter().filter(|piece| piece.area() > 4).count();
                assert!((1..=most).contains(&large), "{from} to {to}: {large} pieces of {name} at {step}");
            }
            before = now;
        }
    }
}

/// A head that turns all the way takes its features with it; a thing that is put elsewhere does not slide there.
#[test]
fn what_moves_with_the_whole_stays_in_one_piece() {
    let face = |left: u32, bag: [u32; 2]| {
        let mut mask = LabelImage::new(96, 64, 1);
        let mut draw = |x: u32, y: u32, width: u32, height: u32, label: u8| {
            (0..width).for_each(|dx| (0..height).for_each(|dy| mask.set(x + dx, y + dy, label)));
        };
        draw(left, 20, 4, 3, 2);
        draw(left + 12, 20, 4, 3, 2);
        draw(left + 6, 24, 4, 8, 3);
        draw(left + 3, 36, 10, 3, 4);
        draw(left + 2, 16, 4, 2, 6);
        draw(bag[0], bag[1], 5, 5, 5);
        mask
    };
    let count = |mask: &LabelImage, label: u8| pieces(mask.ids(), 96, label).len();
    let morph = Morph::new(&face(4, [2, 2]), &face(66, [2, 58]));
    for step in 0..=16 {
        let between = morph.at(step as f32 / 16.0);
        assert_eq!([2, 3, 4, 6].map(|label| count(&between, label)), [2, 1, 1, 1], "at {step}");
        let bag = pieces(between.ids(), 96, 5);
        assert!(bag.iter().all(|piece| piece.bounds.y < 16 || piece.bounds.y > 48), "at {step}");
    }
}
