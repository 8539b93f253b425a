//! Which morphs make a person: sex, age and ancestry, the shape of the face, expressions.

use super::library::Library;
use super::vector::{Vec3, smoothstep};
use crate::dice::Dice;

/// An age of adults, in years. There are no others: it cannot be made of less than 20.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct AdultAge(f32);

impl AdultAge {
    /// The youngest people that are made, in years.
    pub const YOUNGEST: f32 = 20.0;
    /// The oldest, in years.
    pub const OLDEST: f32 = 80.0;

    /// An age, brought between the youngest and the oldest.
    pub fn new(years: f32) -> Self {
        // NaN is not above it either.
        Self(if years > Self::YOUNGEST { years.min(Self::OLDEST) } else { Self::YOUNGEST })
    }

    /// In years.
    pub fn years(self) -> f32 {
        self.0
    }

    /// How far from young (25) to old (90), 0–1.
    fn share_of_old(self) -> f32 {
        ((self.0 - 25.0) / 65.0).clamp(0.0, 1.0)
    }
}

/// What a body is made of.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) male: bool,
    pub(super) age: AdultAge,
    /// African, Asian, Caucasian; sum 1.
    pub(super) ancestry: [f32; 3],
    /// Names of morphs and how much of each.
    pub(super) shape: Vec<(String, f32)>,
    /// The same, of the moment.
    pub(super) expression: Vec<(&'static str, f32)>,
}

const ANCESTRIES: [&str; 3] = ["african", "asian", "caucasian"];

/// Pairs of opposite morphs and how much of them is still a face that one may meet. `*` stands for both sides.
const SHAPES: [(&str, &str, &str, f32); 51] = [
    ("head/head-fat", "decr", "incr", 0.45),
    ("head/head-scale-depth", "decr", "incr", 0.35),
    ("head/head-scale-horiz", "decr", "incr", 0.35),
    ("head/head-scale-vert", "decr", "incr", 0.35),
    ("head/head-angle", "in", "out", 0.35),
    ("forehead/forehead-nubian", "decr", "incr", 0.45),
    ("forehead/forehead-temple", "decr", "incr", 0.5),
    ("forehead/forehead-trans", "backward", "forward", 0.4),
    ("eyebrows/eyebrows-trans", "down", "up", 0.5),
    ("eyebrows/eyebrows-trans", "backward", "forward", 0.5),
    ("eyes/*-eye-bag", "decr", "incr", 0.5),
    ("eyes/*-eye-corner1", "down", "up", 0.5),
    ("eyes/*-eye-corner2", "down", "up", 0.5),
    ("eyes/*-eye-eyefold", "down", "up", 0.4),
    ("eyes/*-eye-eyefold", "concave", "convex", 0.5),
    ("eyes/*-eye-height1", "decr", "incr", 0.35),
    ("eyes/*-eye-height2", "decr", "incr", 0.35),
    ("eyes/*-eye-height3", "decr", "incr", 0.35),
    ("eyes/*-eye-push1", "in", "out", 0.3),
    ("eyes/*-eye-scale", "decr", "incr", 0.3),
    ("eyes/*-eye-trans", "in", "out", 0.35),
    ("eyes/*-eye-trans", "down", "up", 0.3),
    ("nose/nose-base", "down", "up", 0.5),
    ("nose/nose-curve", "concave", "convex", 0.6),
    ("nose/nose-flaring", "decr", "incr", 0.6),
    ("nose/nose-greek", "decr", "incr", 0.5),
    ("nose/nose-hump", "decr", "incr", 0.6),
    ("nose/nose-point", "down", "up", 0.5),
    ("nose/nose-point-width", "decr", "incr", 0.6),
    ("nose/nose-scale-depth", "decr", "incr", 0.45),
    ("nose/nose-scale-horiz", "decr", "incr", 0.45),
    ("nose/nose-scale-vert", "decr", "incr", 0.4),
    ("nose/nose-volume", "decr", "incr", 0.5),
    ("nose/nose-width1", "decr", "incr", 0.6),
    ("nose/nose-width2", "decr", "incr", 0.6),
    ("nose/nose-width3", "decr", "incr", 0.5),
    ("mouth/mouth-scale-horiz", "decr", "incr", 0.5),
    ("mouth/mouth-scale-vert", "decr", "incr", 0.4),
    ("mouth/mouth-trans", "down", "up", 0.4),
    ("mouth/mouth-upperlip-volume", "decr", "incr", 0.6),
    ("mouth/mouth-lowerlip-volume", "decr", "incr", 0.6),
    ("mouth/mouth-upperlip-height", "decr", "incr", 0.5),
    ("mouth/mouth-lowerlip-height", "decr", "incr", 0.5),
    ("mouth/mouth-cupidsbow", "decr", "incr", 0.6),
    ("mouth/mouth-angles", "down", "up", 0.2),
    ("cheek/*-cheek-bones", "decr", "incr", 0.6),
    ("cheek/*-cheek-volume", "decr", "incr", 0.6),
    ("cheek/*-cheek-inner", "decr", "incr", 0.5),
    ("ears/*-ear-scale", "decr", "incr", 0.4),
    ("ears/*-ear-wing", "decr", "incr", 0.45),
    ("ears/*-ear-lobe", "decr", "incr", 0.6),
];

/// Chin and jaw, and outlines of which a face has one.
const CHINS: [(&str, &str, &str, f32); 8] = [
    ("chin/chin-bones", "decr", "incr", 0.5),
    ("chin/chin-height", "decr", "incr", 0.5),
    ("chin/chin-jaw-drop", "decr", "incr", 0.5),
    ("chin/chin-prognathism", "decr", "incr", 0.35),
    ("chin/chin-prominent", "decr", "incr", 0.4),
    ("chin/chin-width", "decr", "incr", 0.5),
    ("neck/neck-scale-horiz", "decr", "incr", 0.35),
    ("neck/neck-double", "decr", "incr", 0.4),
];
const OUTLINES: [&str; 7] = ["oval", "round", "rectangular", "square", "triangular", "invertedtriangular", "diamond"];
const ASYMMETRIES: [&str; 13] = [
    "brown-1", "brown-2", "cheek-1", "cheek-2", "eye-1", "eye-3", "eye-7", "jaw-1", "jaw-2", "mouth-1", "mouth-2",
    "nose-1", "nose-3",
];

/// The shape of one face. Differences between the sides are small, as people's are.
pub(super) fn face_shape(dice: &mut Dice, age: AdultAge) -> Vec<(String, f32)> {
    let mut shape = Vec::new();
    for (stem, negative, positive, limit) in SHAPES.into_iter().chain(CHINS) {
        let amount = 0.95 * limit * dice.bell();
        let amount = amount.clamp(-limit, limit);
        let name = format!("{stem}-{}", if amount < 0.0 { negative } else { positive });
        if stem.contains('*') {
            for side in ["l", "r"] {
                shape.push((name.replace('*', side), amount.abs() * dice.range(0.85, 1.0)));
            }
        } else {
            shape.push((name, amount.abs()));
        }
    }
    let outline = OUTLINES[dice.below(OUTLINES.len())];
    shape.push((format!("head/head-{outline}"), dice.range(0.0, 0.6)));
    for _ in 0..3 {
        let (which, side) = (ASYMMETRIES[dice.below(ASYMMETRIES.len())], if dice.chance(0.5) { "l" } else { "r" });
        shape.push((format!("asym/asym-{which}-{side}"), dice.range(0.0, 0.3)));
    }
    // As they are, brows frown: their inner ends are low.
    shape.push(("eyebrows/eyebrows-angle-up".to_owned(), dice.range(0.3, 0.6)));
    // The lines that come with age.
    let old = ((age.years() - 35.0) / 40.0).clamp(0.0, 1.0);
    shape.push(("mouth/mouth-laugh-lines-in".to_owned(), 0.5 * old * dice.range(0.5, 1.0)));
    shape.push(("head/head-age-incr".to_owned(), 0.35 * old * dice.range(0.4, 1.0)));
    shape
}

/// What a face does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mood {
    /// 0 not at all, 1 laughing.
    pub(super) smile: f32,
    /// How far the mouth is open, 0–1.
    pub(super) open: f32,
}

/// The units of an expression; their sides differ a little.
pub(super) fn expression(dice: &mut Dice, smiling: bool) -> (Mood, Vec<(&'static str, f32)>) {
    let mut units: Vec<(&'static str, f32)> = Vec::new();
    let mood = if smiling {
        let smile = dice.range(0.6, 1.0);
        let open = if dice.chance(0.75) { dice.range(0.05, 0.24) * smile } else { 0.0 };
        Mood { smile, open }
    } else {
        Mood { smile: 0.0, open: if dice.chance(0.15) { dice.range(0.04, 0.12) } else { 0.0 } }
    };
    if smiling {
        units.push(("mouth-corner-puller", 0.45 + 0.55 * mood.smile));
        if mood.open > 0.0 {
            units.push(("mouth-open", mood.open));
            // Lips part over the upper teeth; the jaw drops only a little.
            units.push(("mouth-elevation", 0.5 * mood.smile));
            units.push(("mouth-part-later", dice.range(0.1, 0.3) * mood.smile));
            units.push(("mouth-upward-retraction", dice.range(0.1, 0.3) * mood.smile));
        }
        let squint = 0.10 * mood.smile;
        units.push(("eye-left-slit", squint * dice.range(0.7, 1.0)));
        units.push(("eye-right-slit", squint * dice.range(0.7, 1.0)));
    } else {
        let quiet = ["mouth-compression", "mouth-pursing", "mouth-protusion", "mouth-retraction"];
        if mood.open > 0.0 {
            units.push(("mouth-open", mood.open));
        } else {
            units.push((quiet[dice.below(quiet.len())], dice.range(0.0, 0.25)));
        }
        let eyes = dice.range(-0.8, 0.10);
        for (slit, wide) in [("eye-left-slit", "eye-left-opened-up"), ("eye-right-slit", "eye-right-opened-up")] {
            units.push(if eyes > 0.0 { (slit, eyes) } else { (wide, -eyes * 0.5) });
        }
    }
    let brows = [
        ("eyebrows-left-inner-up", "eyebrows-right-inner-up"),
        ("eyebrows-left-up", "eyebrows-right-up"),
        ("eyebrows-left-inner-up", "eyebrows-right-inner-up"),
    ];
    let (left, right) = brows[dice.below(brows.len())];
    let amount = 0.55 * dice.unit();
    // One in ten raises one brow alone.
    let other = if dice.chance(0.1) { 0.0 } else { amount * dice.range(0.8, 1.0) };
    units.extend([("eyebrows-left-inner-up", 0.55), ("eyebrows-right-inner-up", 0.55)]);
    units.push((left, amount));
    units.push((right, other));
    (mood, units)
}

/// A smile to order, both sides alike: from 0, a straight face, over 0.5, lips about to part, to 1, laughing.
pub(super) fn smile(amount: f32) -> (Mood, Vec<(&'static str, f32)>) {
    let parted = smoothstep(0.35, 1.0, amount);
    let mood = Mood { smile: amount, open: 0.34 * parted };
    let units = [
        ("mouth-corner-puller", amount.powf(0.6)),
        ("mouth-open", mood.open),
        ("mouth-elevation", 0.5 * parted),
        ("mouth-part-later", 0.25 * parted),
        ("mouth-upward-retraction", 0.25 * parted),
        ("eye-left-slit", 0.12 * amount),
        ("eye-right-slit", 0.12 * amount),
        ("eye-left-opened-up", 0.2 * (1.0 - amount)),
        ("eye-right-opened-up", 0.2 * (1.0 - amount)),
        ("eyebrows-left-inner-up", 0.75),
        ("eyebrows-right-inner-up", 0.75),
    ];
    (mood, units.to_vec())
}

impl Build {
    /// The base mesh as this person. Morphs that the folder lacks are passed over.
    pub(super) fn body(&self, library: &Library) -> Vec<Vec3> {
        let mut positions = library.base.clone();
        let mut apply = |name: &str, amount: f32| {
            if let Some(target) = library.target(name).filter(|_| amount.abs() > 1e-3) {
                target.apply(&mut positions, amount);
            }
        };
        let sex = if self.male { "male" } else { "female" };
        let old = self.age.share_of_old();
        for (age, age_share) in [("young", 1.0 - old), ("old", old)] {
            for (ancestry, share) in ANCESTRIES.iter().zip(self.ancestry) {
                apply(&format!("macrodetails/{ancestry}-{sex}-{age}"), share * age_share);
            }
            apply(&format!("macrodetails/universal-{sex}-{age}-averagemuscle-averageweight"), age_share);
        }
        for (name, amount) in &self.shape {
            apply(name, *amount);
        }
        for (unit, amount) in &self.expression {
            for (ancestry, share) in ANCESTRIES.iter().zip(self.ancestry) {
                apply(&format!("expression/units/{ancestry}/{unit}"), share * amount);
            }
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_are_only_adults(years in prop::num::f32::ANY) {
            let age = AdultAge::new(years).years();
            prop_assert!((AdultAge::YOUNGEST..=AdultAge::OLDEST).contains(&age));
        }

        #[test]
        fn shapes_and_expressions_stay_within_their_limits(seed: u64, smiling: bool) {
            let mut dice = Dice::new(seed, 0, 9);
            let shape = face_shape(&mut dice, AdultAge::new(60.0));
            prop_assert!(shape.iter().all(|(_, amount)| (0.0..=0.6).contains(amount)));
            let (mood, units) = expression(&mut dice, smiling);
            prop_assert_eq!(mood.smile > 0.0, smiling);
            prop_assert!(units.iter().all(|(_, amount)| (0.0..=1.0).contains(amount)));
        }
    }
}
