//! Names that people gave latent directions of a model.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// Longest name, in characters.
pub const DIRECTION_NAME_CHARS: usize = 24;
/// No model has directions beyond this index.
const INDEX_LIMIT: usize = 4096;
/// No more names than this are read.
const NAMES_MAX: usize = 512;

/// Names by the index of the direction, the strongest direction being 0. Every name is one line of 1 to
/// [`DIRECTION_NAME_CHARS`] characters; what a file has besides is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DirectionNames(BTreeMap<usize, String>);

impl DirectionNames {
    /// From pairs of index and name, such as a file's; those that cannot be used are left out.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut names = Self::default();
        for (index, name) in pairs.into_iter().take(NAMES_MAX) {
            if let Ok(index) = index.parse() {
                names.set(index, name);
            }
        }
        names
    }

    /// Gives a direction a name, or takes it away when none is left after cutting it to what a name may be.
    pub fn set(&mut self, index: usize, name: &str) {
        match clean(name) {
            name if name.is_empty() => drop(self.0.remove(&index)),
            name if index < INDEX_LIMIT => drop(self.0.insert(index, name)),
            _ => {}
        }
    }

    /// A direction's name.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.0.get(&index).map(String::as_str)
    }

    /// Index and name, by index.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(|(index, name)| (*index, name.as_str()))
    }

    /// Whether no direction has a name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// On one line, not longer than a name may be.
fn clean(name: &str) -> String {
    let shown: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut: String = shown.trim().chars().take(DIRECTION_NAME_CHARS).collect();
    cut.trim_end().to_owned()
}

impl<'de> Deserialize<'de> for DirectionNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self::from_pairs(names.iter().map(|(index, name)| (index.as_str(), name.as_str()))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_set_cut_and_taken_away() {
        let mut names = DirectionNames::default();
        for (index, name) in [(3, "  Age\n"), (1, "x y"), (usize::MAX, "far"), (2, " \t "), (1, "")] {
            names.set(index, name);
        }
        assert_eq!(names.iter().collect::<Vec<_>>(), [(3, "Age")]);
        names.set(0, &"ä ".repeat(40));
        assert_eq!(names.get(0).map(|name| name.chars().count()), Some(DIRECTION_NAME_CHARS - 1));
    }

    #[test]
    fn what_a_file_says_is_used_as_far_as_it_can_be() {
        let text =
            r#"{"2": "Smile", "-1": "no", "x": "no", "7": "", "99999999999999999999": "no", "4000": "\u0007Jaw"}"#;
        let names: DirectionNames = serde_json::from_str(text).unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), [(2, "Smile"), (4000, "Jaw")]);
        assert!(serde_json::from_str::<DirectionNames>("[1]").is_err());
    }

    proptest! {
        #[test]
        fn names_come_back_as_they_were_written(pairs in proptest::collection::vec((0usize..5000, ".{0,40}"), 0..30)) {
            let mut names = DirectionNames::default();
            pairs.iter().for_each(|(index, name)| names.set(*index, name));
            let value = serde_json::to_value(&names).unwrap();
            prop_assert_eq!(serde_json::from_value::<DirectionNames>(value).unwrap(), names);
        }
    }
}
