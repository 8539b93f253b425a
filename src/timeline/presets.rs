//! Ready-made timelines of the bundled templates.

use crate::document::{LabelMap, LatentState, Look, Timeline};
use crate::taxonomy::Taxonomy;
use crate::templates::template;

/// A timeline to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A straight face begins to smile; the paper's NoSmile2Smile.
    NoSmileToSmile,
    /// A head turns from left to right; the paper's Left2Right.
    LeftToRight,
    /// A person changes clothes.
    ChangeOfClothes,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NoSmileToSmile, Self::LeftToRight, Self::ChangeOfClothes];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSmileToSmile => "no-smile-to-smile",
            Self::LeftToRight => "left-to-right",
            Self::ChangeOfClothes => "change-of-clothes",
        }
    }

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NoSmileToSmile => "No smile to smile",
            Self::LeftToRight => "Left to right",
            Self::ChangeOfClothes => "Change of clothes",
        }
    }

    /// The taxonomy that its masks are of.
    pub const fn taxonomy(self) -> &'static str {
        match self {
            Self::NoSmileToSmile | Self::LeftToRight => "portrait",
            Self::ChangeOfClothes => "outfit",
        }
    }

    const fn templates(self) -> &'static [&'static str] {
        match self {
            Self::NoSmileToSmile => &["front", "slight-smile", "smiling", "broad-smile", "laughing"],
            Self::LeftToRight => &["left", "half-left", "front", "half-right", "right"],
            Self::ChangeOfClothes => &["standing", "skirt", "dress"],
        }
    }

    /// From one keyframe to the next.
    const fn step_s(self) -> f32 {
        match self {
            Self::NoSmileToSmile => 0.8,
            Self::LeftToRight => 0.6,
            Self::ChangeOfClothes => 1.0,
        }
    }

    /// The timeline, its masks square with `side_px` a side and one latent throughout.
    pub fn timeline(self, side_px: u32, latent: &LatentState) -> Timeline {
        let looks = self.templates().iter().filter_map(|name| template_look(name, side_px));
        let mut looks: Vec<Look> = looks.map(|look| Look { latent: latent.clone(), ..look }).collect();
        // The person stays the same; what changes is what the preset is about.
        let first = looks.first().map(|look| look.attributes.clone()).unwrap_or_default();
        if self != Self::ChangeOfClothes {
            looks.iter_mut().for_each(|look| look.attributes.clone_from(&first));
        }
        if self == Self::NoSmileToSmile
            && let Some(smiling) = Taxonomy::builtin(self.taxonomy()).and_then(|own| own.attribute_index("Smiling"))
        {
            let last = looks.len().saturating_sub(1).max(1) as f32;
            looks.iter_mut().enumerate().for_each(|(at, look)| look.attributes[smiling] = at as f32 / last);
        }
        let duration_s = self.step_s() * looks.len() as f32;
        // A face does not turn back in one step.
        Timeline::evenly(looks, duration_s, self != Self::LeftToRight)
    }
}

/// A template's mask, `side_px` a side, with its attributes and the first latent. `None` when there is no such template.
pub fn template_look(name: &str, side_px: u32) -> Option<Look> {
    let template = template(name)?;
    Some(Look {
        labels: LabelMap::from_image(&template.labels(side_px)),
        attributes: template.attributes(),
        latent: LatentState::default(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_preset_has_its_templates_and_fits_its_taxonomy() {
        for preset in Preset::ALL {
            let taxonomy = Taxonomy::builtin(preset.taxonomy()).unwrap();
            let timeline = preset.timeline(64, &LatentState { seed: 5, ..LatentState::default() });
            assert_eq!(timeline.keyframes().len(), preset.templates().len());
            for keyframe in timeline.keyframes() {
                assert_eq!(keyframe.look.attributes.len(), taxonomy.n_attributes());
                assert!(usize::from(keyframe.look.labels.to_image().max_id()) < taxonomy.n_labels());
                assert_eq!(keyframe.look.latent.seed, 5);
            }
        }
    }
}
