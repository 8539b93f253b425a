//! Sets of attributes beside each other.

use std::sync::Arc;

use crate::editor::{attribute_title, sentence_case};
use crate::taxonomy::{GroupKind, Taxonomy};

/// What the wall's columns differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Nothing: all tiles have the document's attributes.
    One,
    /// One choice of an exclusive group each, by the group's index.
    Group(usize),
    /// One attribute, off and on, by its flat index.
    Attribute(usize),
}

/// A set of attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What to write over it; nothing where there is only one.
    pub caption: String,
    /// One strength per attribute.
    pub strengths: Arc<[f32]>,
}

impl Columns {
    /// Everything that columns may differ in.
    pub fn all(taxonomy: &Taxonomy) -> Vec<Self> {
        let own = taxonomy.group_ranges().enumerate().flat_map(|(group, (range, kind))| match kind {
            GroupKind::Independent => range.map(Self::Attribute).collect::<Vec<_>>(),
            GroupKind::AtMostOne | GroupKind::ExactlyOne => vec![Self::Group(group)],
        });
        std::iter::once(Self::One).chain(own).collect()
    }

    /// What they differ in until somebody chooses: the first exclusive group.
    pub(super) fn usual(taxonomy: &Taxonomy) -> Self {
        Self::all(taxonomy).into_iter().find(|columns| matches!(columns, Self::Group(_))).unwrap_or(Self::One)
    }

    /// Name for people.
    pub fn title(self, taxonomy: &Taxonomy) -> String {
        match self {
            Self::One => "Attributes as they are".to_owned(),
            Self::Group(group) => taxonomy.groups.get(group).map_or_else(String::new, |group| group.name.clone()),
            Self::Attribute(index) => taxonomy.attribute_names().nth(index).map_or_else(String::new, sentence_case),
        }
    }

    /// How many columns there are.
    pub(super) fn count(self, taxonomy: &Taxonomy) -> usize {
        match self {
            Self::One => 1,
            Self::Attribute(_) => 2,
            Self::Group(group) => taxonomy
                .groups
                .get(group)
                .map_or(1, |group| group.attributes.len() + usize::from(group.kind == GroupKind::AtMostOne)),
        }
    }

    /// The columns over these attributes. What a taxonomy does not have is a single column.
    pub(super) fn of(self, taxonomy: &Taxonomy, attributes: &[f32]) -> Vec<Column> {
        let with = |caption: String, change: &dyn Fn(&mut [f32])| {
            let mut strengths = attributes.to_vec();
            change(&mut strengths);
            Column { caption, strengths: strengths.into() }
        };
        let alone = || vec![with(String::new(), &|_| {})];
        match self {
            Self::One => alone(),
            Self::Attribute(index) => {
                let Some(name) = taxonomy.attribute_names().nth(index).filter(|_| index < attributes.len()) else {
                    return alone();
                };
                let title = sentence_case(name);
                [("off", 0.0), ("on", 1.0)]
                    .map(|(state, strength)| with(format!("{title} {state}"), &|strengths| strengths[index] = strength))
                    .into()
            }
            Self::Group(group) => {
                let range = taxonomy.group_ranges().nth(group).map(|(range, _)| range);
                let (Some(range), Some(group)) = (range, taxonomy.groups.get(group)) else { return alone() };
                if range.end > attributes.len() || group.kind == GroupKind::Independent {
                    return alone();
                }
                let choice = |caption: String, chosen: Option<usize>| {
                    with(caption, &|strengths| {
                        strengths[range.clone()].fill(0.0);
                        if let Some(chosen) = chosen {
                            strengths[range.start + chosen] = 1.0;
                        }
                    })
                };
                let named = group.attributes.iter().enumerate();
                let named = named.map(|(index, name)| choice(attribute_title(group, name), Some(index)));
                let none = (group.kind == GroupKind::AtMostOne).then(|| choice("None".to_owned(), None));
                named.chain(none).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn columns_differ_in_one_group_only_and_keep_its_rule() {
        for taxonomy in Taxonomy::builtins() {
            let usual: Vec<f32> =
                taxonomy.default_attributes().iter().enumerate().map(|(at, value)| value + at as f32 / 64.0).collect();
            for columns in Columns::all(&taxonomy) {
                let made = columns.of(&taxonomy, &usual);
                assert_eq!(made.len(), columns.count(&taxonomy), "{columns:?}");
                assert!(!columns.title(&taxonomy).is_empty());
                for column in &made {
                    let changed: Vec<usize> =
                        (0..usual.len()).filter(|&at| column.strengths[at] != usual[at]).collect();
                    let own = match columns {
                        Columns::One => 0..0,
                        Columns::Attribute(index) => index..index + 1,
                        Columns::Group(group) => taxonomy.group_ranges().nth(group).unwrap().0,
                    };
                    assert!(changed.iter().all(|at| own.contains(at)), "{columns:?}: {changed:?}");
                    if let Columns::Group(_) = columns {
                        assert!(column.strengths[own].iter().sum::<f32>() <= 1.0);
                    }
                }
                let distinct = made.iter().enumerate().all(|(at, one)| {
                    made[..at].iter().all(|other| other.strengths != one.strengths && other.caption != one.caption)
                });
                assert!(distinct, "{columns:?}");
            }
        }
        let portrait = Taxonomy::builtin("portrait").unwrap();
        for foreign in [Columns::Group(99), Columns::Attribute(99), Columns::Group(1)] {
            assert_eq!(foreign.of(&portrait, &portrait.default_attributes()).len(), 1);
        }
    }
}
