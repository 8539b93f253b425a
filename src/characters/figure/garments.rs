//! Clothes on a figure: where they end, and the skin that they hide.

use super::recipe::Recipe;
use crate::characters::library::Library;
use crate::characters::vector::{Vec3, smoothstep};

/// Where a garment ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::characters) struct Cut {
    /// Along arms and legs; 1 is the wrist or ankle.
    pub(in crate::characters) arm: f32,
    pub(in crate::characters) leg: f32,
    /// Heights on the base mesh.
    pub(in crate::characters) low: f32,
    pub(in crate::characters) high: f32,
    /// How deep and wide the neckline is.
    pub(in crate::characters) neck: [f32; 2],
}

impl Cut {
    pub(in crate::characters) const NONE: Self =
        Self { arm: 99.0, leg: 99.0, low: -99.0, high: 99.0, neck: [0.0, 1.0] };

    /// As `is_cut` in the shader.
    pub(super) fn removes(&self, rest: Vec3, limbs: [f32; 2]) -> bool {
        self.beyond(rest, limbs).contains(&true)
    }

    /// Whether a face lies wholly beyond one of the ends. A belt is narrower than faces are, so it may run between corners that
    /// are all removed.
    pub(super) fn removes_face(&self, corners: impl Iterator<Item = (Vec3, [f32; 2])>) -> bool {
        let beyond = corners.map(|(rest, limbs)| self.beyond(rest, limbs));
        let shared = beyond.reduce(|a, b| std::array::from_fn(|end| a[end] && b[end]));
        shared.is_some_and(|shared| shared.contains(&true))
    }

    /// Beyond which ends a place is: along the arm, along the leg, below, above.
    fn beyond(&self, rest: Vec3, limbs: [f32; 2]) -> [bool; 4] {
        let forward = smoothstep(-0.2, 0.5, rest[2]);
        let shoulders = if self.high > 4.0 { 1.3 * (rest[0].abs() - 0.62).max(0.0) } else { 0.0 };
        let neckline = self.high + shoulders - self.neck[0] * (-(rest[0] / self.neck[1]).powi(2)).exp() * forward;
        [limbs[0] > self.arm, limbs[1] > self.leg, rest[1] + 30.0 * limbs[0] < self.low, rest[1] > neckline]
    }

    /// The part that surely covers the body: a little less than is worn.
    fn inner(&self, margin: f32) -> Self {
        Self {
            arm: (self.arm - 0.18 * margin).max(0.0),
            leg: (self.leg - 0.12 * margin).max(0.0),
            low: self.low + margin,
            high: self.high - margin,
            neck: [self.neck[0], self.neck[1] * 1.15],
        }
    }
}

/// Which base vertices lie beneath clothes and shoes.
pub(super) fn hidden(library: &Library, recipe: &Recipe<'_>) -> Vec<bool> {
    let mut hidden = vec![false; library.base.len()];
    for worn in &recipe.worn {
        let inner = worn.cut.inner(0.10);
        for &vertex in &worn.garment.hides {
            let vertex = vertex as usize;
            hidden[vertex] |= !inner.removes(library.base[vertex], library.limbs[vertex]);
        }
    }
    if let Some((shoes, _)) = recipe.shoes {
        shoes.proxy.hides.iter().for_each(|&vertex| hidden[vertex as usize] = true);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_may_run_between_the_corners_of_a_face() {
        let belt = Cut { arm: 0.0, leg: 99.0, low: 1.3, high: 1.6, neck: [0.0, 1.0] };
        let face = |low: f32, high: f32| [low, low, high, high].map(|y| ([0.2, y, 1.0], [0.0; 2]));
        let removes = |[low, high]: [f32; 2]| belt.removes_face(face(low, high).into_iter());
        assert!(!removes([1.2, 1.7]) && !removes([1.4, 1.5]) && !removes([1.0, 1.4]));
        assert!(removes([0.5, 1.2]) && removes([1.7, 2.0]));
        assert!(belt.removes_face([([2.0, 1.5, 0.0], [0.2, 0.0]); 4].into_iter()), "an arm");
    }

    #[test]
    fn cuts_remove_what_lies_beyond_them_and_hide_less_than_they_leave() {
        let shirt = Cut { arm: 0.3, leg: 0.05, low: 0.5, high: 5.6, neck: [0.5, 0.6] };
        let cases = [
            ([0.0, 3.0, 1.0], [0.0, 0.0], false),
            ([2.0, 4.0, 0.2], [0.2, 0.0], false),
            ([3.0, 3.0, 0.2], [0.6, 0.0], true),
            ([0.8, 0.2, 0.5], [0.0, 0.0], true),
            // The neckline is lower in front, and over the shoulder there is none.
            ([0.0, 5.3, 1.0], [0.0, 0.0], true),
            ([0.0, 5.3, -0.5], [0.0, 0.0], false),
            ([1.5, 5.8, 0.1], [0.0, 0.0], false),
        ];
        for (rest, limbs, removed) in cases {
            assert_eq!(shirt.removes(rest, limbs), removed, "{rest:?}");
            assert!(!removed || shirt.inner(0.1).removes(rest, limbs), "hidden but not covered: {rest:?}");
        }
        // A skirt hides neither the face nor the arms, and something of the legs.
        let skirt = Cut { arm: 0.0, leg: 99.0, low: -3.0, high: 1.95, neck: [0.0, 1.0] }.inner(0.1);
        assert!(skirt.removes([0.0, 7.0, 1.5], [0.0; 2]) && skirt.removes([3.0, 0.0, 0.5], [0.7, 0.0]));
        assert!(!skirt.removes([1.0, -1.0, 0.5], [0.0, 0.3]));
    }
}
