//! From a data set's own labels to those of a built-in taxonomy, as told by `assets/label_merges/*.ron`.

use crate::cielab::{Lab, difference, lab_from_srgb};
use crate::label_image::LabelImage;
use crate::taxonomy::{LabelId, Taxonomy};
use image::RgbImage;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every so manieth pixel along both axes decides about colours: cloth has thousands.
const COLOR_STRIDE_PX: usize = 4;

/// A merge as its file says it, in names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelMerge {
    pub(super) target: String,
    merge: BTreeMap<String, Vec<String>>,
    rest: String,
    face: Face,
    colors: Vec<Colors>,
    pattern: Pattern,
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
    /// The embedded merge of Clothing Co-Parsing into `outfit`.
    pub(super) fn clothing_co_parsing() -> Result<Self, ron::error::SpannedError> {
        ron::from_str(include_str!("../../assets/label_merges/ccp-to-outfit.ron"))
    }

    /// What a label of the data set becomes. None: the merge and the taxonomy disagree.
    pub(super) fn label_id(&self, name: &str, taxonomy: &Taxonomy) -> Option<LabelId> {
        let merged = self.merge.iter().find(|(_, names)| names.iter().any(|known| known == name));
        taxonomy.label_id(merged.map_or(&self.rest, |(label, _)| label))
    }

    /// Turns the face's component into its own label, if there is one.
    pub(super) fn mark_face(&self, labels: &mut LabelImage, taxonomy: &Taxonomy) {
        let id = |name: &str| taxonomy.label_id(name);
        if let (Some(of), Some(touching), Some(becomes)) =
            (id(&self.face.of), id(&self.face.touching), id(&self.face.becomes))
            && let Some(face) = topmost_component(labels, of, touching)
        {
            for index in face {
                let (x, y) = (index as u32 % labels.width(), index as u32 / labels.width());
                labels.set(x, y, becomes);
            }
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
        if let Some(cloth) = Cloth::largest(&self.pattern.labels, image, labels, taxonomy) {
            set(&self.pattern.attribute, if cloth.spread >= self.pattern.least_spread { 1.0 } else { 0.0 });
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

/// The pixel indices of the 4-connected component of `of` that touches `touching` and reaches highest.
fn topmost_component(labels: &LabelImage, of: LabelId, touching: LabelId) -> Option<Vec<usize>> {
    let ids = labels.ids();
    let mut seen = vec![false; ids.len()];
    // Rows come top to bottom, so the first component found that touches is the one that reaches highest.
    for start in 0..ids.len() {
        if seen[start] || ids[start] != of {
            continue;
        }
        let mut component = vec![start];
        let mut touches = false;
        seen[start] = true;
        let mut next = 0;
        while let Some(&index) = component.get(next) {
            next += 1;
            for neighbour in neighbours(index, labels.width() as usize, ids.len()) {
                touches |= ids[neighbour] == touching;
                if ids[neighbour] == of && !seen[neighbour] {
                    seen[neighbour] = true;
                    component.push(neighbour);
                }
            }
        }
        if touches {
            return Some(component);
        }
    }
    None
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
    use super::*;
    use image::Rgb;

    fn outfit() -> (LabelMerge, Taxonomy) {
        let merge = LabelMerge::clothing_co_parsing().unwrap();
        let taxonomy = Taxonomy::builtin(&merge.target).unwrap();
        (merge, taxonomy)
    }

    #[test]
    fn every_name_in_the_file_is_the_taxonomys() {
        let (merge, taxonomy) = outfit();
        let face = [&merge.face.of, &merge.face.touching, &merge.face.becomes, &merge.rest];
        let cloth = merge.colors.iter().flat_map(|colors| &colors.labels).chain(&merge.pattern.labels);
        for label in face.into_iter().chain(merge.merge.keys()).chain(cloth) {
            assert!(taxonomy.label_id(label).is_some(), "{label}");
        }
        for (colors, (range, _)) in merge.colors.iter().zip(taxonomy.group_ranges()) {
            let group: Vec<&str> = taxonomy.attribute_names().skip(range.start).take(range.len()).collect();
            assert!(
                colors.named.len() == group.len() && colors.named.keys().all(|name| group.contains(&name.as_str()))
            );
        }
        assert!(taxonomy.attribute_index(&merge.pattern.attribute).is_some());
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
