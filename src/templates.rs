//! Starter layouts that come with the program (`assets/templates`): masks of rendered people, and attributes that suit them.
//!
//! `scgan dataset templates` makes the masks anew; who is seen in which is in `characters/templates.rs`.

use crate::label_image::{LabelImage, decode_mask_png};
use crate::taxonomy::Taxonomy;

/// Side of the stored masks in pixels, that of a new document.
pub const TEMPLATE_SIDE_PX: u32 = 512;

/// What a template is shown among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateGroup {
    /// One face, from neutral to laughing.
    Smile,
    /// The same face, turned from left to right.
    Turn,
    /// Faces of others.
    Face,
    /// Whole figures.
    Outfit,
}

impl TemplateGroup {
    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Smile => "A smile",
            Self::Turn => "A turn of the head",
            Self::Face => "Faces",
            Self::Outfit => "Outfits",
        }
    }
}

/// A starter layout.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What users call it, as in `template:front`.
    pub name: &'static str,
    /// The name of the built-in taxonomy its labels belong to.
    pub taxonomy: &'static str,
    /// What it is shown among.
    pub group: TemplateGroup,
    /// Names of the attributes that hold.
    pub holding: &'static [&'static str],
    png: &'static [u8],
}

/// Templates of a group and taxonomy by name and attributes; the files are named like them.
macro_rules! templates {
    ($($group:ident $taxonomy:literal { $($name:literal: [$($attribute:literal),*],)+ })+) => {
        &[$($(Template {
            name: $name,
            taxonomy: $taxonomy,
            group: TemplateGroup::$group,
            holding: &[$($attribute),*],
            png: include_bytes!(concat!("../assets/templates/", $name, ".png")),
        },)+)+]
    };
}

static TEMPLATES: &[Template] = templates! {
    Smile "portrait" {
        "front": ["Brown_Hair", "Young"],
        "slight-smile": ["Brown_Hair", "Young"],
        "smiling": ["Brown_Hair", "Young", "Smiling"],
        "broad-smile": ["Brown_Hair", "Young", "Smiling"],
        "laughing": ["Brown_Hair", "Young", "Smiling"],
    }
    Turn "portrait" {
        "left": ["Brown_Hair", "Young"],
        "half-left": ["Brown_Hair", "Young"],
        "half-right": ["Brown_Hair", "Young"],
        "right": ["Brown_Hair", "Young"],
    }
    Face "portrait" {
        "long-hair": ["Red_Hair", "Young", "Smiling"],
        "bob": ["Black_Hair", "Young"],
        "ponytail": ["Blond_Hair", "Young", "Smiling"],
        "curls": ["Black_Hair", "Young", "Smiling"],
        "older-woman": ["Grey_Hair", "Smiling"],
        "short-hair": ["Brown_Hair", "Male", "Young", "Smiling"],
        "fringe": ["Blond_Hair", "Male", "Young"],
        "afro": ["Black_Hair", "Male", "Young", "Smiling"],
        "beard": ["Brown_Hair", "Male", "Young", "Beard"],
        "older-man": ["Grey_Hair", "Male", "Beard"],
    }
    Outfit "outfit" {
        "standing": ["Top_Blue", "Bottom_Denim"],
        "skirt": ["Top_White", "Bottom_Black"],
        "dress": ["Top_Red", "Bottom_Black"],
        "long-dress": ["Top_Green", "Bottom_Black", "Patterned"],
        "leggings": ["Top_Yellow", "Bottom_Black"],
        "jeans": ["Top_White", "Bottom_Denim", "Male"],
        "shorts": ["Top_Blue", "Bottom_Beige", "Male"],
        "suit": ["Top_Black", "Bottom_Grey", "Male"],
        "overall": ["Top_Green", "Bottom_Black", "Male"],
        "walking": ["Top_Red", "Bottom_Beige", "Patterned", "Male"],
    }
};

/// All of them: portraits, then outfits.
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// The template of that name.
pub fn template(name: &str) -> Option<Template> {
    TEMPLATES.iter().copied().find(|template| template.name == name)
}

impl Template {
    /// The mask, square, `resolution` px a side. Beyond [`TEMPLATE_SIDE_PX`] its pixels only grow.
    pub fn labels(&self, resolution: u32) -> LabelImage {
        self.stored().resize_majority(resolution, resolution)
    }

    /// 0 or 1 each, in the taxonomy's flat order.
    pub fn attributes(&self) -> Vec<f32> {
        let holds = |name: &str| f32::from(u8::from(self.holding.contains(&name)));
        self.taxonomy().attribute_names().map(holds).collect()
    }

    #[expect(clippy::expect_used, reason = "the masks are embedded in the program and their own test reads them")]
    fn stored(&self) -> LabelImage {
        decode_mask_png(self.png, &self.taxonomy()).expect("an embedded mask")
    }

    #[expect(clippy::expect_used, reason = "the taxonomies are embedded in the program and their own test reads them")]
    fn taxonomy(&self) -> Taxonomy {
        Taxonomy::builtin(self.taxonomy).expect("an embedded taxonomy")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::taxonomy::GroupKind;
    use std::collections::HashSet;

    fn count(labels: &LabelImage, taxonomy: &Taxonomy, name: &str) -> u64 {
        labels.histogram()[usize::from(taxonomy.label_id(name).unwrap())]
    }

    /// Mean column of a label, from the middle to the right positive, in parts of the width.
    fn off_middle(labels: &LabelImage, taxonomy: &Taxonomy, name: &str) -> f64 {
        let id = taxonomy.label_id(name).unwrap();
        let columns = labels.ids().iter().zip(0..).filter(|(own, _)| **own == id);
        let columns: Vec<u32> = columns.map(|(_, at): (_, u32)| at % labels.width()).collect();
        f64::from(columns.iter().sum::<u32>()) / columns.len() as f64 / f64::from(labels.width()) - 0.5
    }

    #[test]
    fn every_template_is_a_mask_of_its_taxonomy_with_attributes_that_go_together() {
        let names: HashSet<&str> = templates().iter().map(|template| template.name).collect();
        assert_eq!(names.len(), templates().len());
        for own in templates() {
            let taxonomy = Taxonomy::builtin(own.taxonomy).unwrap();
            let labels = own.stored();
            assert_eq!([labels.width(), labels.height()], [TEMPLATE_SIDE_PX; 2], "{}", own.name);
            assert!(usize::from(labels.max_id()) < taxonomy.n_labels(), "{}", own.name);
            let must: &[&str] = match own.taxonomy {
                "portrait" => &["skin", "nose", "eyes", "brows", "lips", "hair", "neck", "clothes"],
                _ => &["hair", "face", "skin", "footwear"],
            };
            for name in must {
                assert!(count(&labels, &taxonomy, name) > 80, "{}: {name}", own.name);
            }
            assert!(own.holding.iter().all(|name| taxonomy.attribute_index(name).is_some()), "{}", own.name);
            let values = own.attributes();
            assert_eq!(values.iter().sum::<f32>(), own.holding.len() as f32);
            for (range, kind) in taxonomy.group_ranges() {
                let on = values[range].iter().sum::<f32>();
                assert!(kind == GroupKind::Independent || on == 1.0, "{}: {on} of a group are on", own.name);
            }
        }
        assert!(template("no such").is_none());
    }

    #[test]
    fn masks_come_at_any_size() {
        let front = template("front").unwrap();
        for size in [1, 64, 200, 512, 700] {
            assert_eq!((front.labels(size).width(), front.labels(size).height()), (size, size));
        }
    }

    #[test]
    fn the_mouth_opens_along_the_smile_and_nothing_else_moves_much() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let smile: Vec<_> = templates().iter().filter(|template| template.group == TemplateGroup::Smile).collect();
        let front = smile[0].labels(256);
        let mut before = 0;
        for own in &smile {
            let labels = own.labels(256);
            let opened = count(&labels, &taxonomy, "inner_mouth");
            assert!(opened >= before, "{}: {opened} px of the mouth after {before}", own.name);
            before = opened;
            let moved = labels.ids().iter().zip(front.ids()).filter(|(a, b)| a != b).count();
            assert!(moved < 256 * 256 / 30, "{}: {moved} px differ", own.name);
        }
        assert!(before > 300);
    }

    #[test]
    fn the_nose_leads_the_turn_and_left_mirrors_right() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let masks =
            ["left", "half-left", "front", "half-right", "right"].map(|name| template(name).unwrap().labels(256));
        let noses = masks
            .each_ref()
            .map(|labels| off_middle(labels, &taxonomy, "nose") - off_middle(labels, &taxonomy, "hair"));
        assert!(noses.is_sorted() && noses[0] < -0.05 && noses[4] > 0.05, "{noses:?}");
        for (left, right) in [(0, 4), (1, 3), (2, 2)] {
            let mirrored = masks[left].flip_horizontal(&taxonomy);
            let differ = mirrored.ids().iter().zip(masks[right].ids()).filter(|(a, b)| a != b).count();
            assert!(differ < 256 * 256 / 25, "{differ} px differ");
        }
    }

    #[test]
    fn outfits_are_what_they_are_called() {
        let taxonomy = Taxonomy::builtin("outfit").unwrap();
        let has = |name: &str, label: &str| count(&template(name).unwrap().labels(256), &taxonomy, label);
        for (name, one_piece) in
            [("standing", false), ("suit", false), ("dress", true), ("long-dress", true), ("overall", true)]
        {
            assert_eq!(has(name, "full_body") > 0, one_piece, "{name}");
            assert_eq!(has(name, "lower") > 0, !one_piece, "{name}");
        }
        assert!(has("shorts", "skin") > 2 * has("suit", "skin"));
        assert!(has("long-dress", "full_body") > has("dress", "full_body"));
    }
}
