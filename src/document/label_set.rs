//! Sets of labels, and which pixels a tool may change.

use serde::{Deserialize, Serialize};

use crate::taxonomy::{LabelId, MAX_LABELS};

/// A set of labels, as bits. Ids from [`MAX_LABELS`] on are never in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LabelSet(u64);

const _: () = assert!(MAX_LABELS <= 64, "a label set has 64 bits");

impl LabelSet {
    /// The set of no labels.
    pub const EMPTY: Self = Self(0);

    /// Whether the label is in the set.
    pub fn contains(self, label: LabelId) -> bool {
        self.0 & bit(label) != 0
    }

    /// Whether no label is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Puts the label in, or takes it out.
    pub fn set(&mut self, label: LabelId, included: bool) {
        if included {
            self.0 |= bit(label);
        } else {
            self.0 &= !bit(label);
        }
    }

    /// The labels in the set, in increasing order.
    pub fn iter(self) -> impl Iterator<Item = LabelId> {
        (0..MAX_LABELS as LabelId).filter(move |&label| self.contains(label))
    }
}

impl FromIterator<LabelId> for LabelSet {
    fn from_iter<I: IntoIterator<Item = LabelId>>(labels: I) -> Self {
        Self(labels.into_iter().fold(0, |bits, label| bits | bit(label)))
    }
}

fn bit(label: LabelId) -> u64 {
    if usize::from(label) < MAX_LABELS { 1 << label } else { 0 }
}

/// Which pixels a tool may change. Every tool obeys it, and so does everything a tool does to the other side of a
/// mirror axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaintRules {
    /// Locked labels neither lose nor gain a pixel.
    pub locked: LabelSet,
    /// When given, only pixels of this label change.
    pub only_over: Option<LabelId>,
}

impl PaintRules {
    /// Whether a pixel of label `old` may become `new`.
    pub fn allow(&self, old: LabelId, new: LabelId) -> bool {
        !self.locked.contains(old) && !self.locked.contains(new) && self.only_over.is_none_or(|label| label == old)
    }

    /// Whether everything is allowed, so that whole runs can be written at once.
    pub fn allow_all(&self) -> bool {
        self.locked.is_empty() && self.only_over.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut set: LabelSet = [3, 63, 0, 64, 255].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 63]);
        set.set(3, false);
        set.set(200, true);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63]);
        assert!(!set.contains(64) && !set.contains(255) && !set.is_empty() && LabelSet::EMPTY.is_empty());
    }

    #[test]
    fn locked_labels_neither_lose_nor_gain() {
        let rules = PaintRules { locked: [2].into_iter().collect(), only_over: None };
        assert!(!rules.allow(2, 1) && !rules.allow(1, 2) && rules.allow(1, 3));
        let rules = PaintRules { only_over: Some(1), ..rules };
        assert!(rules.allow(1, 3) && !rules.allow(3, 1) && !rules.allow_all());
        assert!(PaintRules::default().allow_all());
    }
}
