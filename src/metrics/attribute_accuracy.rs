//! How often an attribute is read off a picture as it was asked for.

use crate::taxonomy::{GroupKind, Taxonomy};

/// Attributes that a classifier's logits say are on, in the taxonomy's flat order: an independent one above zero, at most
/// one of a group where one or none may hold, and the strongest where exactly one holds.
pub fn attributes_from_logits(taxonomy: &Taxonomy, logits: &[f32]) -> Vec<bool> {
    let mut on = vec![false; logits.len()];
    for (range, kind) in taxonomy.group_ranges() {
        if kind == GroupKind::Independent {
            range.for_each(|at| on[at] = logits[at] > 0.0);
        } else if let Some(strongest) = range.max_by(|&a, &b| logits[a].total_cmp(&logits[b])) {
            on[strongest] = kind == GroupKind::ExactlyOne || logits[strongest] > 0.0;
        }
    }
    on
}

/// Right and wrong readings of one attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttributeCounts {
    /// Pictures that should have it.
    pub on: u64,
    /// Those of them read as having it.
    pub on_right: u64,
    /// Pictures that should not have it.
    pub off: u64,
    /// Those of them read as not having it.
    pub off_right: u64,
}

impl AttributeCounts {
    /// Counts a picture.
    pub fn add(&mut self, asked: bool, read: bool) {
        let (count, right) =
            if asked { (&mut self.on, &mut self.on_right) } else { (&mut self.off, &mut self.off_right) };
        *count += 1;
        *right += u64::from(asked == read);
    }

    /// Part of all readings that are right, in `0..=1`; 0 over no pictures.
    pub fn accuracy(&self) -> f64 {
        ratio(self.on_right + self.off_right, self.on + self.off).unwrap_or(0.0)
    }

    /// Mean of the parts that are right where the attribute is on and where it is off, so that a rare attribute is not
    /// right by never being read. A side without pictures is left out.
    pub fn balanced_accuracy(&self) -> f64 {
        match (ratio(self.on_right, self.on), ratio(self.off_right, self.off)) {
            (Some(on), Some(off)) => (on + off) / 2.0,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => 0.0,
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_are_read_by_their_kind() {
        let outfit = Taxonomy::builtin("outfit").unwrap();
        let names: Vec<&str> = outfit.attribute_names().collect();
        let on = |set: &[(&str, f32)]| {
            let logit = |name: &&str| set.iter().find(|(known, _)| known == name).map_or(-1.0, |(_, logit)| *logit);
            let logits: Vec<f32> = names.iter().map(logit).collect();
            let read = attributes_from_logits(&outfit, &logits);
            names.iter().zip(read).filter(|(_, on)| *on).map(|(name, _)| *name).collect::<Vec<_>>()
        };
        // Exactly one of a group, whatever the logits.
        let read = on(&[("Top_Red", -0.5), ("Bottom_Black", 2.0), ("Bottom_White", 1.0)]);
        assert!(read.contains(&"Top_Red") && read.contains(&"Bottom_Black") && !read.contains(&"Bottom_White"));
        let portrait = Taxonomy::builtin("portrait").unwrap();
        let none = attributes_from_logits(&portrait, &vec![-1.0; portrait.n_attributes()]);
        assert!(none.iter().all(|on| !on));
        let both = attributes_from_logits(&portrait, &vec![1.0; portrait.n_attributes()]);
        for (range, kind) in portrait.group_ranges() {
            let count = both[range.clone()].iter().filter(|on| **on).count();
            assert_eq!(count, if kind == GroupKind::Independent { range.len() } else { 1 });
        }
    }

    proptest! {
        #[test]
        fn accuracies_are_those_of_their_definitions(pairs in proptest::collection::vec(any::<(bool, bool)>(), 0..60)) {
            let mut counts = AttributeCounts::default();
            pairs.iter().for_each(|&(asked, read)| counts.add(asked, read));
            let part = |asked: &dyn Fn(bool) -> bool| {
                let of: Vec<_> = pairs.iter().filter(|pair| asked(pair.0)).collect();
                (!of.is_empty()).then(|| of.iter().filter(|pair| pair.0 == pair.1).count() as f64 / of.len() as f64)
            };
            prop_assert_eq!(counts.accuracy(), part(&|_| true).unwrap_or(0.0));
            let sides: Vec<f64> = [part(&|on| on), part(&|on| !on)].into_iter().flatten().collect();
            let balanced = if sides.is_empty() { 0.0 } else { sides.iter().sum::<f64>() / sides.len() as f64 };
            prop_assert!((counts.balanced_accuracy() - balanced).abs() < 1e-12);
        }
    }
}
