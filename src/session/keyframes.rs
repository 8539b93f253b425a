//! Keyframes in a session file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SessionFormatError;
use super::check::{check_attributes, check_latent, within};
use super::format::{Mask, attributes_in_order, wrong_count};
use crate::document::{Ease, Keyframe, LatentState, Look, MAX_KEYFRAMES, TIMELINE_RANGE_S, Timeline};
use crate::taxonomy::Taxonomy;

/// The timeline, as the file spells it.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Timeline")]
pub(super) struct TimelineSection {
    duration_s: f32,
    #[serde(default)]
    ease: Ease,
    #[serde(default)]
    looped: bool,
    #[serde(default)]
    keyframes: Vec<KeyframeSection>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Keyframe")]
struct KeyframeSection {
    at_s: f32,
    mask: Mask,
    /// By name.
    #[serde(default)]
    attributes: BTreeMap<String, f32>,
    #[serde(default)]
    latent: LatentState,
}

impl TimelineSection {
    /// `None` for a timeline that nobody has touched, so that the file stays as short as it was.
    pub(super) fn of(timeline: &Timeline, taxonomy: &Taxonomy) -> Result<Option<Self>, SessionFormatError> {
        if *timeline == Timeline::default() {
            return Ok(None);
        }
        let keyframe = |Keyframe { at_s, look }: &Keyframe| {
            if look.attributes.len() != taxonomy.n_attributes() {
                let expected = taxonomy.n_attributes().to_string();
                return Err(wrong_count("attributes of a keyframe", look.attributes.len(), expected));
            }
            let names = taxonomy.attribute_names().map(str::to_owned);
            Ok(KeyframeSection {
                at_s: *at_s,
                mask: Mask::encode(&look.labels, taxonomy)?,
                attributes: names.zip(look.attributes.iter().copied()).collect(),
                latent: look.latent.clone(),
            })
        };
        Ok(Some(Self {
            duration_s: timeline.duration_s(),
            ease: timeline.ease,
            looped: timeline.looped,
            keyframes: timeline.keyframes().iter().map(keyframe).collect::<Result<_, _>>()?,
        }))
    }

    /// Everything but the masks' pixels.
    pub(super) fn check(&self) -> Result<(), SessionFormatError> {
        within(|| "the timeline's duration".to_owned(), self.duration_s, TIMELINE_RANGE_S)?;
        if self.keyframes.len() > MAX_KEYFRAMES {
            return Err(wrong_count("keyframes", self.keyframes.len(), format!("at most {MAX_KEYFRAMES}")));
        }
        self.keyframes.iter().try_for_each(|keyframe| {
            within(|| "a keyframe's time".to_owned(), keyframe.at_s, 0.0..=*TIMELINE_RANGE_S.end())?;
            check_attributes(&keyframe.attributes)?;
            check_latent(&keyframe.latent)
        })
    }

    pub(super) fn decode(
        self,
        taxonomy: &Taxonomy,
        warnings: &mut Vec<String>,
    ) -> Result<Timeline, SessionFormatError> {
        let mut keyframes = Vec::new();
        for KeyframeSection { at_s, mask, attributes, latent } in self.keyframes {
            let labels = mask.decode(taxonomy)?;
            let attributes = attributes_in_order(&attributes, taxonomy, warnings);
            keyframes.push(Keyframe { at_s, look: Look { labels, attributes, latent } });
        }
        Ok(Timeline::new(keyframes, self.duration_s).played(self.ease, self.looped))
    }
}
