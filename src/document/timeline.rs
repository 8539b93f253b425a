//! Keyframes: looks of the document at moments of an animation.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{LabelMap, LatentState};

/// How many keyframes there may be.
pub const MAX_KEYFRAMES: usize = 64;
/// Length of a timeline in seconds.
pub const TIMELINE_RANGE_S: RangeInclusive<f32> = 0.1..=60.0;

/// What a picture is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The mask.
    pub labels: LabelMap,
    /// Strength of each attribute, in the taxonomy's flat order.
    pub attributes: Vec<f32>,
    /// The latent code.
    pub latent: LatentState,
}

/// A look at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyframe {
    /// Seconds from the beginning.
    pub at_s: f32,
    /// The look.
    pub look: Look,
}

/// How a change between two keyframes gathers pace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ease {
    /// At the same pace throughout.
    Linear,
    /// Starts and ends gently.
    #[default]
    Smooth,
    /// Rests at the keyframes and hurries between them.
    Snappy,
}

impl Ease {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Smooth, Self::Snappy];

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Linear => "Linear",
            Self::Smooth => "Smooth",
            Self::Snappy => "Snappy",
        }
    }

    /// How much of the change has happened after a part (0–1) of the time: 0 at 0, 1 at 1, and the same from both ends.
    pub fn eased(self, part: f32) -> f32 {
        let gentle = |part: f32| part * part * (3.0 - 2.0 * part);
        match self {
            Self::Linear => part,
            Self::Smooth => gentle(part),
            Self::Snappy => gentle(gentle(part)),
        }
    }
}

/// Keyframes in order of time, and how they are played. Cloning is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    keyframes: Arc<[Keyframe]>,
    duration_s: f32,
    /// How changes gather pace.
    pub ease: Ease,
    /// Whether the end leads back to the first keyframe.
    pub looped: bool,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { keyframes: Arc::new([]), duration_s: 2.0, ease: Ease::Smooth, looped: false }
    }
}

impl Timeline {
    /// Sorts the keyframes by time. Times and the duration are clamped to what there may be; surplus keyframes are left
    /// out.
    pub fn new(mut keyframes: Vec<Keyframe>, duration_s: f32) -> Self {
        keyframes.truncate(MAX_KEYFRAMES);
        let most = *TIMELINE_RANGE_S.end();
        for keyframe in &mut keyframes {
            keyframe.at_s = if keyframe.at_s.is_finite() { keyframe.at_s.clamp(0.0, most) } else { 0.0 };
        }
        keyframes.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        let last_s = keyframes.last().map_or(0.0, |keyframe| keyframe.at_s);
        let duration_s = if duration_s.is_finite() { duration_s } else { last_s };
        let duration_s = duration_s.max(last_s).clamp(*TIMELINE_RANGE_S.start(), most);
        Self { keyframes: keyframes.into(), duration_s, ..Self::default() }
    }

    /// The looks one after the other, the same time apart; looped, the way back takes as long as one step.
    pub fn evenly(looks: Vec<Look>, duration_s: f32, looped: bool) -> Self {
        let steps = if looped { looks.len() } else { looks.len().saturating_sub(1) }.max(1);
        let at_s = |index: usize| duration_s * index as f32 / steps as f32;
        let keyframes = looks.into_iter().enumerate().map(|(index, look)| Keyframe { at_s: at_s(index), look });
        Self { looped, ..Self::new(keyframes.collect(), duration_s) }
    }

    /// The same, played in this manner.
    #[must_use]
    pub fn played(self, ease: Ease, looped: bool) -> Self {
        Self { ease, looped, ..self }
    }

    /// In order of time.
    pub fn keyframes(&self) -> &[Keyframe] {
        &self.keyframes
    }

    /// Seconds from the beginning to the end; not before the last keyframe.
    pub fn duration_s(&self) -> f32 {
        self.duration_s
    }

    /// The same manner of playing with other keyframes.
    #[must_use]
    pub fn with_keyframes(&self, keyframes: Vec<Keyframe>) -> Self {
        Self { ease: self.ease, looped: self.looped, ..Self::new(keyframes, self.duration_s) }
    }

    /// Faster or slower, so that it takes so long.
    #[must_use]
    pub fn lasting(&self, duration_s: f32) -> Self {
        if !duration_s.is_finite() {
            return self.clone();
        }
        let duration_s = duration_s.clamp(*TIMELINE_RANGE_S.start(), *TIMELINE_RANGE_S.end());
        let pace = duration_s / self.duration_s;
        let keyframes = self.keyframes.iter().cloned();
        let keyframes = keyframes.map(|keyframe| Keyframe { at_s: keyframe.at_s * pace, ..keyframe }).collect();
        Self { ease: self.ease, looped: self.looped, ..Self::new(keyframes, duration_s) }
    }

    /// The moments of `frames` pictures of the same length. Looped, the first frame follows the last; otherwise the last
    /// one shows the end.
    pub fn frame_times(&self, frames: usize) -> Vec<f32> {
        let steps = if self.looped { frames } else { frames.saturating_sub(1) }.max(1);
        (0..frames).map(|frame| self.duration_s * frame as f32 / steps as f32).collect()
    }

    /// Between which keyframes a moment lies, by index, and how much of the change has happened. `None` without any.
    pub fn between(&self, at_s: f32) -> Option<(usize, usize, f32)> {
        let last = self.keyframes.len().checked_sub(1)?;
        let at_s = if at_s.is_finite() { at_s.clamp(0.0, self.duration_s) } else { 0.0 };
        let after = self.keyframes.partition_point(|keyframe| keyframe.at_s <= at_s);
        if after == 0 && !self.looped {
            return Some((0, 0, 0.0));
        }
        if after <= last && after > 0 {
            let (from_s, to_s) = (self.keyframes[after - 1].at_s, self.keyframes[after].at_s);
            return Some((after - 1, after, self.ease.eased((at_s - from_s) / (to_s - from_s))));
        }
        if !self.looped || last == 0 {
            return Some((last, last, 0.0));
        }
        // On the way from the last keyframe over the end to the first.
        let (first_s, last_s) = (self.keyframes[0].at_s, self.keyframes[last].at_s);
        let way_s = self.duration_s - last_s + first_s;
        let gone_s = if after == 0 { self.duration_s - last_s + at_s } else { at_s - last_s };
        let part = if way_s > 0.0 { (gone_s / way_s).min(1.0) } else { 0.0 };
        Some((last, 0, self.ease.eased(part)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn look(seed: u64) -> Look {
        Look {
            labels: LabelMap::new(4, 4, 0),
            attributes: vec![],
            latent: LatentState { seed, ..LatentState::default() },
        }
    }

    fn timeline(times: &[f32], duration_s: f32) -> Timeline {
        let keyframe = |(seed, &at_s): (usize, &f32)| Keyframe { at_s, look: look(seed as u64) };
        Timeline::new(times.iter().enumerate().map(keyframe).collect(), duration_s)
    }

    #[test]
    fn keyframes_come_in_order_of_time_and_within_the_timeline() {
        let timeline = timeline(&[3.0, f32::NAN, 1.0, -4.0, 1e9], 2.0);
        let times: Vec<_> = timeline.keyframes().iter().map(|keyframe| keyframe.at_s).collect();
        assert_eq!(times, [0.0, 0.0, 1.0, 3.0, 60.0]);
        assert_eq!(timeline.duration_s(), 60.0);
        let faster = timeline.lasting(6.0);
        assert_eq!((faster.keyframes()[3].at_s, faster.duration_s()), (0.3, 6.0));
        assert_eq!(timeline.lasting(f32::NAN), timeline);
    }

    #[test]
    fn a_moment_lies_between_two_keyframes() {
        let mut timeline = Timeline { ease: Ease::Linear, ..timeline(&[1.0, 2.0, 4.0], 6.0) };
        assert_eq!(timeline.between(0.5), Some((0, 0, 0.0)));
        assert_eq!(timeline.between(1.25), Some((0, 1, 0.25)));
        assert_eq!(timeline.between(2.0), Some((1, 2, 0.0)));
        assert_eq!(timeline.between(5.0), Some((2, 2, 0.0)));
        timeline.looped = true;
        // From 4 s over 6 s, which is 0 s, to 1 s.
        assert_eq!(timeline.between(5.5), Some((2, 0, 0.5)));
        assert_eq!(timeline.between(0.25), Some((2, 0, 0.75)));
        assert_eq!(timeline.between(f32::NAN), Some((2, 0, 2.0 / 3.0)));
        assert_eq!(Timeline::default().between(0.0), None);
    }

    #[test]
    fn a_loop_does_not_show_its_first_frame_twice() {
        let mut timeline = Timeline::evenly(vec![look(1), look(2)], 2.0, false);
        assert_eq!(timeline.frame_times(5), [0.0, 0.5, 1.0, 1.5, 2.0]);
        timeline = Timeline::evenly(vec![look(1), look(2)], 2.0, true);
        assert_eq!(timeline.frame_times(4), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(timeline.keyframes()[1].at_s, 1.0);
        assert_eq!(timeline.frame_times(1), [0.0]);
        assert!(timeline.frame_times(0).is_empty());
    }

    #[test]
    fn eases_begin_and_end_at_the_keyframes_and_look_the_same_backwards() {
        for ease in Ease::ALL {
            assert_eq!((ease.eased(0.0), ease.eased(0.5), ease.eased(1.0)), (0.0, 0.5, 1.0));
            for step in 0..=32 {
                let part = step as f32 / 32.0;
                assert!((ease.eased(part) + ease.eased(1.0 - part) - 1.0).abs() < 1e-6);
            }
        }
    }
}
