//! From a data set's own labels to those of a built-in taxonomy, as told by `assets/label_merges/*.ron`.

use crate::cielab::{Lab, difference, lab_from_srgb};
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};
use image::RgbImage;
use ron::extensions::Extensions;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every so manieth pixel along both axes decides about colours: cloth has thousands.
const COLOR_STRIDE_PX: usize = 4;

/// The embedded merges.
const MERGES: [&str; 7] = [
    include_str!("../../assets/label_merges/ccp-to-outfit.ron"),
    include_str!("../../assets/label_merges/celebamask-to-celeba-7.ron"),
    include_str!("../../assets/label_merges/celebamask-to-portrait.ron"),
    include_str!("../../assets/label_merges/lapa-to-celeba-7.ron"),
    include_str!("../../assets/label_merges/lapa-to-portrait.ron"),
    include_str!("../../assets/label_merges/multimodal-to-fashion-7.ron"),
    include_str!("../../assets/label_merges/multimodal-to-outfit.ron"),
];

/// A merge as its file says it, in names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelMerge {
    /// Whose labels are merged: a taxonomy's or label set's name.
    pub(super) source: String,
    /// The built-in taxonomy whose labels they become.
    pub(super) target: String,
    /// By the target's labels, the labels that become it.
    merge: BTreeMap<String, Vec<String>>,
    /// What all others become; none: there may be no others.
    #[serde(default)]
    rest: Option<String>,
    #[serde(default)]
    face: Option<Face>,
    #[serde(default)]
    below: Option<Below>,
    #[serde(default)]
    colors: Vec<Colors>,
    #[serde(default)]
    pattern: Option<Pattern>,
    /// The target's attributes that the data set knows by other names.
    #[serde(default)]
    attributes: BTreeMap<String, AttributeSource>,
}

/// Where the value of an attribute comes from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) enum AttributeSource {
    /// It holds where that attribute of the data set does.
    Is(String),
    /// It holds where that attribute of the data set does not.
    Not(String),
    /// The data set does not tell: 0.
    Never,
    /// It is estimated from the picture.
    Seen,
}

/// Pieces of a label that lie below all of some others become another: legs below the clothes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    of: String,
    under: Vec<String>,
    becomes: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Face {
    of: String,
    touching: String,
    becomes: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Colors {
    labels: Vec<String>,
    named: BTreeMap<String, [u8; 3]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    labels: Vec<String>,
    attribute: String,
    least_spread: f32,
}

impl LabelMerge {
    /// The embedded merge of the labels called `source` into those of the taxonomy, if there is one.
    pub(super) fn find(source: &str, target: &Taxonomy) -> Option<Self> {
        let of_target = |merge: &Self| {
            let builtin = Taxonomy::builtin(&merge.target);
            builtin.is_some_and(|builtin| builtin.has_labels_of(target))
        };
        // A test reads all of them, so they are sound.
        MERGES.iter().filter_map(|text| Self::parse(text).ok()).find(|merge| merge.source == source && of_target(merge))
    }

    fn parse(text: &str) -> Result<Self, ron::error::SpannedError> {
        ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME).from_str(text)
    }

    /// What a label of the data set becomes. None: the merge does not know it, or not the taxonomy.
    pub(super) fn label_id(&self, name: &str, taxonomy: &Taxonomy) -> Option<LabelId> {
        let merged = self.merge.iter().find(|(_, names)| names.iter().any(|known| known == name));
        taxonomy.label_id(merged.map(|(label, _)| label).or(self.rest.as_ref())?)
    }

    /// Where an attribute of the target comes from, unless the data set has it by that name.
    pub(super) fn attribute(&self, name: &str) -> Option<AttributeSource> {
        let named = self.attributes.get(name).cloned();
        let seen = self.colors.iter().any(|colors| colors.named.contains_key(name))
            || self.pattern.as_ref().is_some_and(|pattern| pattern.attribute == name);
        named.or_else(|| seen.then_some(AttributeSource::Seen))
    }

    /// Tells apart what the data set has as one label and the taxonomy as two, by where it lies.
    pub(super) fn refine(&self, labels: &mut LabelImage, taxonomy: &Taxonomy) {
        self.mark_face(labels, taxonomy);
        self.mark_below(labels, taxonomy);
    }

    /// Turns the face's component into its own label, if there is one.
    fn mark_face(&self, labels: &mut LabelImage, taxonomy: &Taxonomy) {
        let id = |name: &str| taxonomy.label_id(name);
        let Some(face) = &self.face else { return };
        let (Some(of), Some(touching), Some(becomes)) = (id(&face.of), id(&face.touching), id(&face.becomes)) else {
            return;
        };
        let found = components(labels, of, touching).find(|component| component.touches);
        if let Some(found) = found {
            paint(labels, &found.pixels, becomes);
        }
    }

    /// The centre of a piece decides, and the lowest row of what it must lie below.
    fn mark_below(&self, labels: &mut LabelImage, taxonomy: &Taxonomy) {
        let Some(below) = &self.below else { return };
        let under: Vec<LabelId> = below.under.iter().filter_map(|name| taxonomy.label_id(name)).collect();
        let (Some(of), Some(becomes)) = (taxonomy.label_id(&below.of), taxonomy.label_id(&below.becomes)) else {
            return;
        };
        let width = labels.width() as usize;
        let Some(lowest) = labels.ids().iter().rposition(|id| under.contains(id)).map(|index| index / width) else {
            return;
        };
        let is_below =
            |pixels: &[usize]| pixels.iter().map(|index| index / width).sum::<usize>() > lowest * pixels.len();
        let pieces: Vec<Component> = components(labels, of, of).filter(|piece| is_below(&piece.pixels)).collect();
        for piece in pieces {
            paint(labels, &piece.pixels, becomes);
        }
    }

    /// Attributes estimated from the picture, for want of annotated ones: of each group of colours the one nearest in CIELAB to the
    /// mean over the label that covers most, and the pattern where colours spread widely. What cannot be seen keeps its default.
    pub(super) fn estimate_attributes(&self, image: &RgbImage, labels: &LabelImage, taxonomy: &Taxonomy) -> Vec<f32> {
        let mut attributes = taxonomy.default_attributes();
        let mut set = |name: &str, value: f32| {
            if let Some(attribute) = taxonomy.attribute_index(name).and_then(|index| attributes.get_mut(index)) {
                *attribute = value;
            }
        };
        for colors in &self.colors {
            let Some(cloth) = Cloth::largest(&colors.labels, image, labels, taxonomy) else { continue };
            let mut named: Vec<(f32, &String)> = colors
                .named
                .iter()
                .map(|(name, color)| (difference(cloth.mean, lab_from_srgb(*color)), name))
                .collect();
            named.sort_by(|one, other| one.0.total_cmp(&other.0));
            for (rank, (_, name)) in named.into_iter().enumerate() {
                set(name, if rank == 0 { 1.0 } else { 0.0 });
            }
        }
        if let Some(pattern) = &self.pattern
            && let Some(cloth) = Cloth::largest(&pattern.labels, image, labels, taxonomy)
        {
            set(&pattern.attribute, if cloth.spread >= pattern.least_spread { 1.0 } else { 0.0 });
        }
        attributes
    }
}

/// How a label looks in a picture.
struct Cloth {
    mean: Lab,
    /// Root mean square of ΔE to the mean.
    spread: f32,
}

impl Cloth {
    /// The one of the labels that covers most; none if all are absent.
    fn largest(names: &[String], image: &RgbImage, labels: &LabelImage, taxonomy: &Taxonomy) -> Option<Self> {
        let histogram = labels.histogram();
        let ids = names.iter().filter_map(|name| taxonomy.label_id(name));
        let largest = ids.max_by_key(|id| histogram[usize::from(*id)])?;
        Self::of(largest, image, labels)
    }

    fn of(id: LabelId, image: &RgbImage, labels: &LabelImage) -> Option<Self> {
        let rows = (0..image.height()).step_by(COLOR_STRIDE_PX);
        let places = rows.flat_map(|y| (0..image.width()).step_by(COLOR_STRIDE_PX).map(move |x| (x, y)));
        let places = places.filter(|(x, y)| labels.get(*x, *y) == id);
        let colors: Vec<Lab> = places.map(|(x, y)| lab_from_srgb(image.get_pixel(x, y).0)).collect();
        if colors.is_empty() {
            return None;
        }
        let count = colors.len() as f32;
        let mean = [0, 1, 2].map(|axis| colors.iter().map(|color| color[axis]).sum::<f32>() / count);
        let variance = colors.iter().map(|color| difference(*color, mean).powi(2)).sum::<f32>() / count;
        Some(Self { mean, spread: variance.sqrt() })
    }
}

/// A 4-connected piece of one label.
struct Component {
    /// Row-major indices.
    pixels: Vec<usize>,
    /// Whether it has a pixel of the other label beside it.
    touches: bool,
}

/// The pieces of `of`, the one that reaches highest first, each with whether it touches `touching`.
fn components(labels: &LabelImage, of: LabelId, touching: LabelId) -> impl Iterator<Item = Component> {
    let (ids, width) = (labels.ids(), labels.width() as usize);
    let mut seen = vec![false; ids.len()];
    // Rows come top to bottom, so the first piece met is the one that reaches highest.
    (0..ids.len()).filter_map(move |start| {
        if seen[start] || ids[start] != of {
            return None;
        }
        let mut component = Component { pixels: vec![start], touches: false };
        seen[start] = true;
        let mut next = 0;
        while let Some(&index) = component.pixels.get(next) {
            next += 1;
            for neighbour in neighbours(index, width, ids.len()) {
                component.touches |= ids[neighbour] == touching;
                if ids[neighbour] == of && !seen[neighbour] {
                    seen[neighbour] = true;
                    component.pixels.push(neighbour);
                }
            }
        }
        Some(component)
    })
}

fn paint(labels: &mut LabelImage, pixels: &[usize], id: LabelId) {
    for index in pixels {
        let (x, y) = (*index as u32 % labels.width(), *index as u32 / labels.width());
        labels.set(x, y, id);
    }
}

fn neighbours(index: usize, width: usize, len: usize) -> impl Iterator<Item = usize> {
    let column = index % width;
    let left = (column > 0).then(|| index - 1);
    let right = (column + 1 < width).then_some(index + 1);
    let above = index.checked_sub(width);
    let below = Some(index + width).filter(|below| *below < len);
    [left, right, above, below].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::label_set::label_set;
    use super::*;
    use image::Rgb;

    fn merge_of(source: &str, target: &str) -> (LabelMerge, Taxonomy) {
        let taxonomy = Taxonomy::builtin(target).unwrap();
        (LabelMerge::find(source, &taxonomy).unwrap(), taxonomy)
    }

    fn outfit() -> (LabelMerge, Taxonomy) {
        merge_of("clothing-co-parsing", "outfit")
    }

    #[test]
    fn every_name_in_the_files_is_the_taxonomys() {
        for text in MERGES {
            let merge = LabelMerge::parse(text).unwrap();
            let taxonomy = Taxonomy::builtin(&merge.target).unwrap();
            let face = merge.face.iter().flat_map(|face| [&face.of, &face.touching, &face.becomes]);
            let below =
                merge.below.iter().flat_map(|below| [&below.of, &below.becomes].into_iter().chain(&below.under));
            let cloth = merge.colors.iter().flat_map(|colors| &colors.labels);
            let pattern = merge.pattern.iter().flat_map(|pattern| &pattern.labels);
            let labels = face.chain(below).chain(cloth).chain(pattern).chain(&merge.rest).chain(merge.merge.keys());
            for label in labels {
                assert!(taxonomy.label_id(label).is_some(), "{} to {}: {label}", merge.source, merge.target);
            }
            for (colors, (range, _)) in merge.colors.iter().zip(taxonomy.group_ranges()) {
                let group: Vec<&str> = taxonomy.attribute_names().skip(range.start).take(range.len()).collect();
                assert!(
                    colors.named.len() == group.len() && colors.named.keys().all(|name| group.contains(&name.as_str()))
                );
            }
            let pattern = merge.pattern.iter().map(|pattern| &pattern.attribute);
            for attribute in pattern.chain(merge.attributes.keys()) {
                assert!(taxonomy.attribute_index(attribute).is_some(), "{attribute}");
            }
        }
    }

    #[test]
    fn every_label_of_a_source_is_merged_and_no_name_is_made_up() {
        for text in MERGES {
            let merge = LabelMerge::parse(text).unwrap();
            let taxonomy = Taxonomy::builtin(&merge.target).unwrap();
            let source = Taxonomy::builtin(&merge.source).or_else(|| label_set(&merge.source));
            // Clothing Co-Parsing lists its own names.
            let Some(source) = source else { continue };
            for label in &source.labels {
                assert!(merge.label_id(&label.name, &taxonomy).is_some(), "{}: {}", merge.source, label.name);
            }
            for name in merge.merge.values().flatten() {
                assert!(source.label_id(name).is_some(), "{}: {name}", merge.source);
            }
        }
    }

    #[test]
    fn skin_below_the_clothes_is_legs() {
        let (merge, taxonomy) = merge_of("multimodal-24", "fashion-7");
        let id = |name: &str| taxonomy.label_id(name).unwrap();
        let [arms, upper, pants, legs] = ["arms", "upper_clothes", "pants_shorts", "legs"].map(id);
        let rows = [[arms, upper, upper, arms], [arms, pants, pants, 0], [0, arms, arms, 0], [0, arms, 0, 0]];
        let mut labels = LabelImage::from_ids(4, 4, rows.concat()).unwrap();
        merge.refine(&mut labels, &taxonomy);
        let expected = [[arms, upper, upper, arms], [arms, pants, pants, 0], [0, legs, legs, 0], [0, legs, 0, 0]];
        assert_eq!(labels.ids(), expected.concat());
    }

    #[test]
    fn labels_merge_as_documented() {
        let (merge, taxonomy) = outfit();
        for (name, expected) in [
            ("null", "background"),
            ("hat", "hair"),
            ("skin", "skin"),
            ("tie", "upper"),
            ("romper", "full_body"),
            ("tights", "lower"),
            ("socks", "footwear"),
            ("sunglasses", "accessory"),
        ] {
            assert_eq!(merge.label_id(name, &taxonomy), taxonomy.label_id(expected), "{name}");
        }
    }

    /// Rows of label initials: b(ackground), h(air), s(kin), u(pper).
    fn picture(rows: &[&str]) -> LabelImage {
        let (_, taxonomy) = outfit();
        let id = |initial| {
            ["background", "hair", "skin", "upper"].iter().find(|name| name.starts_with(initial)).unwrap().to_owned()
        };
        let ids =
            rows.iter().flat_map(|row| row.chars()).map(|initial| taxonomy.label_id(id(initial)).unwrap()).collect();
        LabelImage::from_ids(rows[0].len() as u32, rows.len() as u32, ids).unwrap()
    }

    #[test]
    fn the_face_is_the_topmost_skin_that_touches_hair() {
        let (merge, taxonomy) = outfit();
        let face = taxonomy.label_id("face").unwrap();
        // A raised hand above, a shoulder below that also touches the hair.
        let mut labels = picture(&["sbbhhbb", "bbbhsbb", "bbbhssb", "bbbhbbb", "ssshuub"]);
        merge.mark_face(&mut labels, &taxonomy);
        let at = |x, y| labels.get(x, y) == face;
        assert_eq!([at(0, 0), at(4, 1), at(5, 2), at(2, 4)], [false, true, true, false]);
        assert_eq!(labels.histogram()[usize::from(face)], 3);

        let mut hatless = picture(&["ssb", "buu"]);
        merge.mark_face(&mut hatless, &taxonomy);
        assert_eq!(hatless, picture(&["ssb", "buu"]));
    }

    #[test]
    fn colours_and_patterns_are_estimated_from_the_cloth() {
        let (merge, taxonomy) = outfit();
        let labels = LabelImage::new(64, 64, taxonomy.label_id("upper").unwrap());
        let estimated = |image: &RgbImage| {
            let values = merge.estimate_attributes(image, &labels, &taxonomy);
            assert_eq!(values.len(), taxonomy.n_attributes());
            let on = taxonomy.attribute_names().zip(values).filter(|(_, value)| *value == 1.0);
            on.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(estimated(&RgbImage::from_pixel(64, 64, Rgb([180, 40, 50]))), ["Top_Red", "Bottom_Black"]);
        let checked =
            RgbImage::from_fn(64, 64, |x, _| if x / 8 % 2 == 0 { Rgb([250; 3]) } else { Rgb([190, 190, 230]) });
        assert_eq!(estimated(&checked), ["Top_White", "Bottom_Black"]);
        let bold = RgbImage::from_fn(64, 64, |x, _| if x / 8 % 2 == 0 { Rgb([250; 3]) } else { Rgb([20, 20, 90]) });
        assert!(estimated(&bold).contains(&"Patterned".to_owned()));
    }
}
