//! The labels of masks that other programs wrote, where no built-in taxonomy has them: `assets/label_sets/*.ron`.

use crate::taxonomy::{Label, Taxonomy};
use serde::Deserialize;

const LABEL_SETS: [(&str, &str); 2] = [
    ("lapa-11", include_str!("../../assets/label_sets/lapa-11.ron")),
    ("multimodal-24", include_str!("../../assets/label_sets/multimodal-24.ron")),
];

/// The contents of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelSet {
    name: String,
    title: String,
    labels: Vec<String>,
}

/// The embedded label set of that name, as a taxonomy without attributes.
pub(super) fn label_set(name: &str) -> Option<Taxonomy> {
    let (_, text) = LABEL_SETS.iter().find(|(known, _)| *known == name)?;
    let set: LabelSet = ron::from_str(text).ok()?;
    Some(taxonomy(&set.name, &set.title, &set.labels))
}

/// A taxonomy of these labels, in colours that no one chose but that differ.
pub(super) fn taxonomy(name: &str, title: &str, labels: &[String]) -> Taxonomy {
    let label = |(id, name): (usize, &String)| {
        // Odd factors permute the 256 values of each channel, so the first 256 colours are all different.
        let color = [67, 131, 29].map(|factor: usize| (24 + id * factor) as u8);
        Label { name: name.clone(), color, hotkey: None, mirror: None }
    };
    let labels = labels.iter().enumerate().map(label).collect();
    Taxonomy { name: name.to_owned(), title: title.to_owned(), labels, groups: Vec::new() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_files_are_sound() {
        for ((name, _), count) in LABEL_SETS.iter().zip([11, 24]) {
            let set = label_set(name).unwrap();
            set.validate().unwrap();
            assert_eq!((set.name.as_str(), set.n_labels(), set.labels[0].name.as_str()), (*name, count, "background"));
        }
    }
}
