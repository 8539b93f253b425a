//! The look of a timeline at any moment.

use std::collections::HashMap;

use super::Morph;
use crate::document::{Keyframe, LabelMap, LatentState, Look, Timeline};
use crate::label_image::LabelImage;

/// In-between masks are no larger than this on a side, in pixels: twice what the bundled models see, since a mask of
/// four times as many pixels takes four times as long.
pub const MORPH_SIDE_PX: u32 = 256;

/// Plays a timeline: keeps what is worked out once for every two neighbouring keyframes.
#[derive(Default)]
pub struct Player {
    /// The keyframes of the timeline it was made for.
    timeline: Timeline,
    morphs: HashMap<(usize, usize), Morph>,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Player({} morphs)", self.morphs.len())
    }
}

impl Player {
    /// The look at a moment in seconds: a keyframe's own at its time, otherwise one in between, its mask at most
    /// [`MORPH_SIDE_PX`] on a side. `None` without keyframes.
    pub fn look(&mut self, timeline: &Timeline, at_s: f32) -> Option<Look> {
        let (from, to, place) = timeline.between(at_s)?;
        if self.timeline.keyframes() != timeline.keyframes() {
            self.morphs.clear();
        }
        self.timeline = timeline.clone();
        let keyframes = timeline.keyframes();
        let (first, second) = (&keyframes.get(from)?.look, &keyframes.get(to)?.look);
        if place <= 0.0 || from == to {
            return Some(first.clone());
        }
        if place >= 1.0 {
            return Some(second.clone());
        }
        let labels = if first.labels == second.labels {
            first.labels.clone()
        } else {
            let morph = self.morphs.entry((from, to)).or_insert_with(|| prepare(&first.labels, &second.labels));
            LabelMap::from_image(&morph.at(place))
        };
        Some(Look {
            labels,
            attributes: mixed(&first.attributes, &second.attributes, place),
            latent: LatentState::between(&first.latent, &second.latent, place),
        })
    }

    /// The looks of so many frames, from the beginning to the end; see [`Timeline::frame_times`].
    pub fn frames(&mut self, timeline: &Timeline, frames: usize) -> Vec<Look> {
        timeline.frame_times(frames).into_iter().filter_map(|at_s| self.look(timeline, at_s)).collect()
    }

    /// Which keyframes would have to be worked out for a moment, if any: more than a moment's work.
    pub fn is_ready(&self, timeline: &Timeline, at_s: f32) -> bool {
        let Some((from, to, place)) = timeline.between(at_s) else { return true };
        let keyframes = |index: usize| timeline.keyframes().get(index).map(|Keyframe { look, .. }| &look.labels);
        place <= 0.0 || place >= 1.0 || keyframes(from) == keyframes(to) || {
            self.timeline.keyframes() == timeline.keyframes() && self.morphs.contains_key(&(from, to))
        }
    }
}

fn prepare(from: &LabelMap, to: &LabelMap) -> Morph {
    let longest = from.width().max(from.height()).max(to.width()).max(to.height());
    let fit = |labels: &LabelMap| -> LabelImage {
        let side = |px: u32| if longest > MORPH_SIDE_PX { (px * MORPH_SIDE_PX / longest).max(1) } else { px };
        labels.to_image().resize_majority(side(labels.width()), side(labels.height()))
    };
    Morph::new(&fit(from), &fit(to))
}

fn mixed(from: &[f32], to: &[f32], place: f32) -> Vec<f32> {
    from.iter().zip(to).map(|(from, to)| from + (to - from) * place).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::template_look;
    use super::*;

    #[test]
    fn keyframes_are_met_exactly_and_the_rest_lies_between() {
        let mut looks = ["front", "smiling"].map(|name| template_look(name, 512).unwrap());
        looks[1].attributes[0] = 2.0;
        looks[1].latent.seed = 8;
        let timeline = Timeline::evenly(looks.to_vec(), 2.0, true);
        let mut player = Player::default();
        assert!(!player.is_ready(&timeline, 0.5) && player.is_ready(&timeline, 1.0));
        let frames = player.frames(&timeline, 8);
        assert_eq!((&frames[0], &frames[4]), (&looks[0], &looks[1]));
        assert_eq!((frames[2].labels.width(), frames[2].attributes[0]), (MORPH_SIDE_PX, 1.0));
        assert_eq!(frames[2].latent.blend, Some(0.5));
        assert_eq!(frames[2].latent.pins.each_ref().map(|pin| pin.as_ref().unwrap().seed), [0, 8]);
        // The way back is the way there.
        for (there, back) in [(1, 7), (2, 6), (3, 5)] {
            assert_eq!(frames[there].labels, frames[back].labels);
        }
        assert!(player.is_ready(&timeline, 0.5));
        assert!(player.look(&Timeline::default(), 0.0).is_none());
    }
}
