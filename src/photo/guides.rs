//! Where a model expects the person in the frame, to line a photograph up with.

use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;

/// What the guides outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideShape {
    /// A face: an oval, with the line of the eyes.
    Face,
    /// A figure: from the top of the head to the soles.
    Figure,
    /// Nothing that is known.
    None,
}

/// Guides in a frame; everything in parts of its side from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameGuides {
    /// What they outline.
    pub shape: GuideShape,
    /// The face or figure: left, top, right, bottom.
    pub area: [f32; 4],
    /// Height of the eyes, of a face.
    pub eyes: Option<f32>,
}

impl FrameGuides {
    /// Guides for a taxonomy, from a layout as its models know it.
    pub fn of(taxonomy: &Taxonomy, layout: &LabelImage) -> Self {
        let ids = |names: &[&str]| names.iter().filter_map(|name| taxonomy.label_id(name)).collect::<Vec<_>>();
        let face = ids(&["skin", "nose", "eyes", "left_eye", "right_eye", "brows", "lips", "inner_mouth"]);
        let has_face = taxonomy.label_id("nose").is_some();
        let has_garments =
            ["upper", "lower", "upper_clothes", "pants"].iter().any(|name| taxonomy.label_id(name).is_some());
        let (shape, area) = match (has_face, has_garments) {
            (true, _) => (GuideShape::Face, bounds(layout, |id| face.contains(&id))),
            (false, true) => (GuideShape::Figure, bounds(layout, |id| id != 0)),
            (false, false) => (GuideShape::None, None),
        };
        let Some(area) = area else { return Self { shape: GuideShape::None, area: [0.0, 0.0, 1.0, 1.0], eyes: None } };
        let eyes = ids(&["eyes", "left_eye", "right_eye"]);
        let eyes = bounds(layout, |id| eyes.contains(&id)).filter(|_| shape == GuideShape::Face);
        Self { shape, area, eyes: eyes.map(|[_, top, _, bottom]| (top + bottom) / 2.0) }
    }
}

fn bounds(layout: &LabelImage, wanted: impl Fn(u8) -> bool) -> Option<[f32; 4]> {
    let mut found: Option<[u32; 4]> = None;
    for y in 0..layout.height() {
        for x in 0..layout.width() {
            if wanted(layout.get(x, y)) {
                let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
                found = Some([left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)]);
            }
        }
    }
    let [width, height] = [layout.width() as f32, layout.height() as f32];
    found.map(|[left, top, right, bottom]| {
        [left as f32 / width, top as f32 / height, right as f32 / width, bottom as f32 / height]
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::templates::template;

    #[test]
    fn guides_follow_the_templates() {
        let guides = |taxonomy: &str, layout: &str| {
            FrameGuides::of(&Taxonomy::builtin(taxonomy).unwrap(), &template(layout).unwrap().labels(64))
        };
        let face = guides("portrait", "front");
        assert_eq!(face.shape, GuideShape::Face);
        let [left, top, right, bottom] = face.area;
        let eyes = face.eyes.unwrap();
        assert!(left < 0.5 && 0.5 < right && top < eyes && eyes < bottom, "{face:?}");
        let figure = guides("outfit", "standing");
        assert_eq!((figure.shape, figure.eyes), (GuideShape::Figure, None));
        assert!(figure.area[3] - figure.area[1] > 0.7, "{figure:?}");
        let mut plain = Taxonomy::builtin("outfit").unwrap();
        plain.labels.truncate(2);
        assert_eq!(FrameGuides::of(&plain, &LabelImage::new(4, 4, 1)).shape, GuideShape::None);
    }
}
