//! What is tried: every attribute and every latent direction, from one end to the other, on several latents.

use std::sync::Arc;

use crate::document::LatentState;
use crate::taxonomy::{GroupKind, Taxonomy};

/// Directions go from minus to plus this many standard deviations.
pub const MOVE_SIGMA: f32 = 2.0;
/// Besides the document's, so that a ranking is about the model; always the same, so that it can be repeated.
const SEEDS: [u64; 3] = [101, 102, 103];
/// How many latents an influence is averaged over.
pub const LATENTS_MEASURED: usize = SEEDS.len() + 1;

/// Something that changes the picture besides the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// A latent direction, the strongest being 0.
    Direction(usize),
    /// An attribute, by its flat index.
    Attribute(usize),
}

/// An end of a control's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// A direction at −2 σ; an attribute that is off.
    Low,
    /// A direction at +2 σ; an attribute that is on.
    High,
}

impl End {
    /// Both ends.
    pub const BOTH: [Self; 2] = [Self::Low, Self::High];

    /// 0 for the low end, 1 for the high one.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Offset of a direction at this end, in standard deviations.
    pub fn offset(self) -> f32 {
        match self {
            Self::Low => -MOVE_SIGMA,
            Self::High => MOVE_SIGMA,
        }
    }
}

/// Every attribute and every one of so many directions, with the strengths of all attributes at both ends. Attributes
/// first, since on one latent they share more work.
pub fn controls(taxonomy: &Taxonomy, attributes: &[f32], directions: usize) -> Vec<(Control, [Arc<[f32]>; 2])> {
    let here: Arc<[f32]> = attributes.into();
    let mut controls = Vec::new();
    for (range, kind) in taxonomy.group_ranges() {
        for attribute in range.clone().filter(|&attribute| attribute < attributes.len()) {
            let with = |value: f32, others: bool| -> Arc<[f32]> {
                let mut strengths = attributes.to_vec();
                if others {
                    strengths[range.clone()].fill(0.0);
                }
                strengths[attribute] = value;
                strengths.into()
            };
            let chosen = attributes[attribute] != 0.0;
            let ends = match kind {
                GroupKind::Independent => [with(0.0, false), with(1.0, false)],
                // What would change if it were chosen; of the one that is chosen, if none were.
                GroupKind::AtMostOne | GroupKind::ExactlyOne if !chosen => [Arc::clone(&here), with(1.0, true)],
                GroupKind::AtMostOne => [with(0.0, true), with(1.0, true)],
                GroupKind::ExactlyOne => continue,
            };
            controls.push((Control::Attribute(attribute), ends));
        }
    }
    controls.extend((0..directions).map(|at| (Control::Direction(at), [Arc::clone(&here), Arc::clone(&here)])));
    controls
}

/// The latents that controls are tried on, the given one first; always [`LATENTS_MEASURED`].
pub fn latents(own: LatentState) -> impl Iterator<Item = LatentState> {
    let others = SEEDS.map(|seed| LatentState { seed, ..LatentState::default() });
    std::iter::once(own).chain(others)
}

/// The latent with the control at an end; an attribute leaves it as it is.
pub fn at_end(latent: &LatentState, control: Control, end: End) -> LatentState {
    let mut latent = latent.clone();
    if let Control::Direction(direction) = control {
        latent.offsets.resize(latent.offsets.len().max(direction + 1), 0.0);
        latent.offsets[direction] = end.offset();
    }
    latent
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn exclusive_attributes_take_each_other_s_place() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let mut attributes = taxonomy.default_attributes();
        let [black, blond, smiling] =
            ["Black_Hair", "Blond_Hair", "Smiling"].map(|name| taxonomy.attribute_index(name).unwrap());
        attributes[..5].fill(0.0);
        attributes[black] = 1.0;
        let controls = controls(&taxonomy, &attributes, 3);
        let ends = |control: Control| &controls.iter().find(|(other, _)| *other == control).unwrap().1;
        let [low, high] = ends(Control::Attribute(blond));
        assert_eq!((low[black], low[blond], high[black], high[blond]), (1.0, 0.0, 0.0, 1.0));
        let [low, high] = ends(Control::Attribute(smiling));
        assert_eq!((low[smiling], high[smiling], high[black]), (0.0, 1.0, 1.0));
        assert_eq!(ends(Control::Direction(2))[1][..], attributes[..]);

        let latent = latents(LatentState { seed: 9, ..LatentState::default() }).next().unwrap();
        let moved = End::BOTH.map(|end| at_end(&latent, Control::Direction(2), end).offsets);
        assert_eq!(moved, [vec![0.0, 0.0, -MOVE_SIGMA], vec![0.0, 0.0, MOVE_SIGMA]]);
        assert_eq!(at_end(&latent, Control::Attribute(0), End::High), latent);
        assert_eq!(latents(latent).count(), LATENTS_MEASURED);
    }
}
