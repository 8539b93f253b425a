//! What a control changes: how much of a region of the picture, and how much of the rest.
//!
//! A control, a latent direction or an attribute, is moved from one end to the other on several latents. Of every latent
//! [`change`] compares the two pictures, and [`Influence`] averages over them, so that a ranking is about the model and the
//! mask rather than about one face.

mod change;
mod controls;
mod coverage;

pub use change::{COMPARED_SIDE_PX, Change, change, reduced};
pub use controls::{Control, End, LATENTS_MEASURED, MOVE_SIGMA, at_end, controls, latents};
pub use coverage::Coverage;

/// A change of this mean ΔE counts half: about twice what is just noticeable, so that nothing gets far by changing very
/// little very selectively.
pub const HALF_VISIBLE: f32 = 5.0;

/// The changes that a control made, averaged over latents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Influence {
    inside: f32,
    outside: f32,
    latents: u32,
}

impl Influence {
    /// Takes in what the control changed with one more latent. One that is no number is left out.
    pub fn add(&mut self, change: Change) {
        if change.inside.is_finite() && change.outside.is_finite() {
            self.latents += 1;
            let share = 1.0 / self.latents as f32;
            self.inside += (change.inside - self.inside) * share;
            self.outside += (change.outside - self.outside) * share;
        }
    }

    /// Mean ΔE within the region.
    pub fn inside(&self) -> f32 {
        self.inside
    }

    /// Mean ΔE in the rest of the picture; 0 where there is none.
    pub fn outside(&self) -> f32 {
        self.outside
    }

    /// How many latents it is averaged over.
    pub fn latents(&self) -> u32 {
        self.latents
    }

    /// The part of the change that is in the region if all places counted the same, inside / (inside + outside), in `0..=1`;
    /// one half says that the region changes as much as the rest. 0 where nothing changes.
    pub fn selectivity(&self) -> f32 {
        let sum = self.inside + self.outside;
        if sum > 0.0 { self.inside / sum } else { 0.0 }
    }

    /// How well it controls the region, in `0..1`: selectivity⁴ · inside / (inside + [`HALF_VISIBLE`]). The fourth power because
    /// what changes everything alike (selectivity ½) is no control of the region, however strong it is: it comes after what is
    /// barely seen, but only in the region.
    pub fn score(&self) -> f32 {
        let selectivity = self.selectivity();
        selectivity.powi(4) * self.inside / (self.inside + HALF_VISIBLE)
    }
}

/// Indices of influences, the best first; among equals the order stays.
pub fn ranking(influences: &[Influence]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..influences.len()).collect();
    order.sort_by(|&one, &other| influences[other].score().total_cmp(&influences[one].score()));
    order
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::document::{LabelMap, PixelSet};

    const SIDE: u32 = 32;

    /// A grey picture, made lighter by so much within columns 8 to 16 and elsewhere.
    fn picture(inside: i32, outside: i32) -> Vec<u8> {
        let shade = |x: u32| (100 + if (8..16).contains(&x) { inside } else { outside }) as u8;
        (0..SIDE * SIDE).flat_map(|at| [shade(at % SIDE), shade(at % SIDE), shade(at % SIDE), 255]).collect()
    }

    fn region() -> Coverage {
        let mut map = LabelMap::new(SIDE, SIDE, 0);
        for y in 0..SIDE {
            map.fill_row(y, 8..16, 1);
        }
        Coverage::new(&PixelSet::of_label(&map, 1).unwrap(), (SIDE, SIDE), (SIDE, SIDE))
    }

    fn influence(inside: i32, outside: i32) -> Influence {
        let mut influence = Influence::default();
        influence.add(change(&picture(-inside, -outside), &picture(inside, outside), &region()).unwrap());
        influence
    }

    #[test]
    fn what_changes_the_region_much_and_the_rest_little_comes_first() {
        // (inside, outside): selective, strong but everywhere, weak and selective, the rest only, nothing.
        let controls = [(0, 30), (40, 40), (1, 0), (30, 3), (0, 0), (12, 1)].map(|(a, b)| influence(a, b));
        assert_eq!(ranking(&controls)[..4], [3, 5, 2, 1]);
        assert_eq!((controls[0].score(), controls[4].score(), controls[4].selectivity()), (0.0, 0.0, 0.0));
        assert!((controls[1].selectivity() - 0.5).abs() < 1e-6 && controls[3].selectivity() > 0.9);
    }

    #[test]
    fn changes_are_averaged_over_latents_and_no_number_joins_them() {
        let mut influence = Influence::default();
        let change = |inside, outside| Change { inside, outside };
        for change in [change(4.0, 1.0), change(f32::NAN, 1.0), change(8.0, 3.0), change(1.0, f32::INFINITY)] {
            influence.add(change);
        }
        assert_eq!((influence.inside(), influence.outside(), influence.latents()), (6.0, 2.0, 2));
        assert_eq!(influence.selectivity(), 0.75);
        let expected = 0.75f32.powi(4) * 6.0 / (6.0 + HALF_VISIBLE);
        assert!((influence.score() - expected).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn a_score_grows_with_the_inside_and_falls_with_the_outside(a in 0.0f32..90.0, b in 0.0f32..90.0, more in 0.01f32..20.0) {
            let score = |inside, outside| {
                let mut influence = Influence::default();
                influence.add(Change { inside, outside });
                influence.score()
            };
            prop_assert!((0.0..1.0).contains(&score(a, b)));
            prop_assert!(score(a + more, b) >= score(a, b));
            prop_assert!(score(a, b + more) <= score(a, b));
        }
    }
}
