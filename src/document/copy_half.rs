//! Makes a label map symmetric.

use super::painter::{mirrored, write};
use super::{LabelMap, MirrorAxis, PaintRules, Side};
use crate::taxonomy::LabelId;

/// Copies one side of an axis to the other, mirrored, each label as its mirrored label (`mirror_labels[label]`; itself
/// beyond the end). True when a pixel changed.
///
/// Pixels on the axis stay, and so do those whose mirror image is not on the map or, with a tilted axis, not wholly on
/// the other side. The side copied from does not change, so doing it twice does what doing it once does.
pub fn copy_half(
    map: &mut LabelMap,
    axis: MirrorAxis,
    from: Side,
    rules: PaintRules,
    mirror_labels: &[LabelId],
) -> bool {
    let (reflection, size) = (axis.reflection(), map.size());
    let source = map.clone();
    let copied = |x: u32, y: u32| {
        let (x, y) = reflection.pixel(x, y, size)?;
        let label = source.get(x, y).filter(|_| reflection.columns_on(from, y, size.0).contains(&x))?;
        Some(mirrored(mirror_labels, label))
    };
    let mut changed = false;
    for y in 0..size.1 {
        let mut columns = reflection.columns_on(from.opposite(), y, size.0);
        while let Some(x) = columns.next() {
            let label = copied(x, y);
            while columns.clone().next().is_some_and(|next| copied(next, y) == label) {
                columns.next();
            }
            changed |= label.is_some_and(|label| write(map, rules, y, x..columns.start, label));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg32;

    /// Labels 1 and 2 mirror each other.
    const MIRROR: [LabelId; 4] = [0, 2, 1, 3];

    fn noise(seed: u64) -> LabelMap {
        let mut rng = Pcg32::seed_from_u64(seed);
        let mut map = LabelMap::new(75, 70, 0);
        for (x, y) in (0..70).flat_map(|y| (0..75).map(move |x| (x, y))) {
            map.set(x, y, (rng.next_u32() % 5) as u8);
        }
        map
    }

    fn axes() -> impl Strategy<Value = MirrorAxis> {
        let angle = prop_oneof![Just(0.0f32), Just(std::f32::consts::FRAC_PI_2), -3.0f32..3.0];
        (-5.0f32..80.0, -5.0f32..75.0, angle)
            .prop_map(|(x, y, angle_rad)| MirrorAxis { through: Point::new(x, y), angle_rad })
    }

    fn sides() -> impl Strategy<Value = Side> {
        prop_oneof![Just(Side::Left), Just(Side::Right)]
    }

    fn rules() -> impl Strategy<Value = PaintRules> {
        (prop::collection::vec(0u8..5, 0..3), prop::option::weighted(0.3, 0u8..5))
            .prop_map(|(locked, only_over)| PaintRules { locked: locked.into_iter().collect(), only_over })
    }

    fn pixels() -> impl Iterator<Item = (u32, u32)> {
        (0..70).flat_map(|y| (0..75).map(move |x| (x, y)))
    }

    proptest! {
        #[test]
        fn twice_is_once_and_rules_are_obeyed(seed: u64, axis in axes(), from in sides(), rules in rules()) {
            let before = noise(seed);
            let mut once = before.clone();
            let changed = copy_half(&mut once, axis, from, rules, &MIRROR);
            prop_assert_eq!(changed, once != before);
            let mut twice = once.clone();
            prop_assert!(!copy_half(&mut twice, axis, from, rules, &MIRROR) && twice == once);
            let reflection = axis.reflection();
            for (x, y) in pixels() {
                let (old, new) = (before.get(x, y).unwrap_or(0), once.get(x, y).unwrap_or(0));
                prop_assert!(old == new || rules.allow(old, new));
                prop_assert!(old == new || reflection.columns_on(from.opposite(), y, 75).contains(&x));
            }
        }

        #[test]
        fn both_sides_are_each_other_s_mirror_images(seed: u64, axis in axes(), from in sides()) {
            let before = noise(seed);
            let mut map = before.clone();
            copy_half(&mut map, axis, from, PaintRules::default(), &MIRROR);
            let reflection = axis.reflection();
            for (x, y) in pixels() {
                let image = reflection.pixel(x, y, (75, 70));
                let Some((ix, iy)) = image.filter(|_| reflection.columns_on(from.opposite(), y, 75).contains(&x)) else {
                    prop_assert_eq!(map.get(x, y), before.get(x, y));
                    continue;
                };
                if reflection.columns_on(from, iy, 75).contains(&ix) {
                    prop_assert_eq!(map.get(x, y), before.get(ix, iy).map(|label| mirrored(&MIRROR, label)));
                } else {
                    prop_assert!(!reflection.is_exact(), "every image of one side is on the other");
                }
            }
        }
    }
}
