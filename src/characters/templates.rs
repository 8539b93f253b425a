//! Who is seen in the bundled templates, and their masks.

use super::outfit::{Cloth, Clothes, FigurePlan, Outfit};
use super::portrait::{FacePlan, Portrait};
use super::{CharacterError, Picture, Studio, values};
use crate::label_image::LabelImage;
use crate::taxonomy::Taxonomy;
use crate::templates::Template;

/// A template is drawn so many times finer than it is stored, so that the outlines of hair settle.
const FINENESS: u32 = 2;
/// How far around a pixel its label is looked for, in stored pixels: single hairs are not to be painted around.
const SMOOTHED_PX: u32 = 2;
/// The smallest patch of a label, as a part of the picture.
const SMALLEST_PATCH: f32 = 2.5e-4;

const CAUCASIAN: [f32; 3] = [0.0, 0.0, 1.0];
const ASIAN: [f32; 3] = [0.0, 1.0, 0.0];
const AFRICAN: [f32; 3] = [1.0, 0.0, 0.0];
const MIXED: [f32; 3] = [0.4, 0.2, 0.4];

/// The face of the smile and of the turn.
const FACE: FacePlan = FacePlan {
    seed: 1,
    age: 27.0,
    ancestry: CAUCASIAN,
    character: 0.0,
    hair: "long01",
    brows: "eyebrow001",
    top: None,
    smile: 0.0,
    yaw: 0.0,
    roll: 0.0,
};

/// The figure that changes clothes.
const FIGURE: FigurePlan = FigurePlan {
    seed: 1,
    ancestry: CAUCASIAN,
    hair: "bob02",
    shoes: "shoes04",
    clothes: Clothes::Separates { top: Cloth::Knit, arm: 0.97, bottom: Cloth::Of("male_casualsuit01"), leg: 99.0 },
    belt: false,
    stride: 0.04,
    azimuth: 0.12,
};

const MAN: FigurePlan =
    FigurePlan { seed: 2, hair: "short02", shoes: "shoes02", stride: -0.05, azimuth: -0.1, ..FIGURE };

enum Plan {
    Face(FacePlan),
    Figure(FigurePlan),
}

/// The plan of a template; `None` if there is none of that name.
fn plan(name: &str) -> Option<Plan> {
    let turned = |degrees: f32| FacePlan { yaw: degrees.to_radians(), ..FACE };
    let other = |seed, ancestry, hair| FacePlan { seed, ancestry, hair, character: 0.7, ..FACE };
    let separates = |top, arm, bottom, leg| Clothes::Separates { top, arm, bottom, leg };
    let face = Plan::Face;
    let figure = Plan::Figure;
    Some(match name {
        "front" => face(FACE),
        "slight-smile" => face(FacePlan { smile: 0.25, ..FACE }),
        "smiling" => face(FacePlan { smile: 0.5, ..FACE }),
        "broad-smile" => face(FacePlan { smile: 0.75, ..FACE }),
        "laughing" => face(FacePlan { smile: 1.0, ..FACE }),
        "left" => face(turned(-40.0)),
        "half-left" => face(turned(-20.0)),
        "half-right" => face(turned(20.0)),
        "right" => face(turned(40.0)),
        "long-hair" => face(FacePlan { yaw: -0.25, roll: 0.12, smile: 0.5, ..other(2, CAUCASIAN, "long01") }),
        "bob" => face(FacePlan { yaw: 0.15, ..other(4, ASIAN, "bob02") }),
        "ponytail" => face(FacePlan { yaw: -0.45, smile: 0.6, ..other(3, CAUCASIAN, "ponytail01") }),
        "curls" => face(FacePlan { smile: 0.8, yaw: -0.1, ..other(5, MIXED, "afro01") }),
        "older-woman" => face(FacePlan { age: 68.0, smile: 0.5, ..other(6, CAUCASIAN, "bob01") }),
        "short-hair" => face(FacePlan { smile: 0.6, ..other(7, CAUCASIAN, "short02") }),
        "fringe" => face(FacePlan { yaw: 0.2, ..other(8, ASIAN, "short03") }),
        "afro" => face(FacePlan { smile: 0.9, yaw: 0.15, ..other(9, AFRICAN, "afro01") }),
        "beard" => face(FacePlan { age: 34.0, yaw: -0.1, ..other(10, MIXED, "short04") }),
        "older-man" => face(FacePlan { age: 70.0, yaw: 0.25, ..other(11, CAUCASIAN, "short01") }),
        "standing" => figure(FIGURE),
        "skirt" => figure(FigurePlan { clothes: Clothes::Skirt { arm: 0.28, low: -3.0 }, ..FIGURE }),
        "dress" => figure(FigurePlan { clothes: Clothes::Dress { arm: 0.2, low: -2.6 }, belt: true, ..FIGURE }),
        "long-dress" => figure(FigurePlan {
            clothes: Clothes::Dress { arm: 0.97, low: -6.2 },
            hair: "long01",
            stride: 0.2,
            azimuth: 0.45,
            ..FIGURE
        }),
        "leggings" => figure(FigurePlan {
            clothes: separates(Cloth::Knit, 0.1, Cloth::Knit, 0.98),
            hair: "ponytail01",
            stride: -0.28,
            azimuth: -0.5,
            ..FIGURE
        }),
        "jeans" => figure(FigurePlan {
            clothes: separates(Cloth::Of("male_casualsuit01"), 99.0, Cloth::Of("male_casualsuit01"), 99.0),
            ..MAN
        }),
        "shorts" => {
            figure(FigurePlan { clothes: separates(Cloth::Knit, 0.35, Cloth::Of("male_casualsuit04"), 0.42), ..MAN })
        }
        "suit" => figure(FigurePlan {
            clothes: separates(Cloth::Of("male_elegantsuit01"), 99.0, Cloth::Of("male_elegantsuit01"), 99.0),
            hair: "short03",
            ..MAN
        }),
        "overall" => figure(FigurePlan { clothes: Clothes::Overall("male_worksuit01"), hair: "afro01", ..MAN }),
        "walking" => figure(FigurePlan {
            clothes: separates(Cloth::Of("male_casualsuit02"), 0.4, Cloth::Of("male_casualsuit02"), 99.0),
            hair: "short04",
            stride: 0.3,
            azimuth: 0.6,
            ..MAN
        }),
        _ => return None,
    })
}

impl Studio {
    /// A bundled template as it is made, `size_px` a side: the picture of the person, the mask, the attributes.
    ///
    /// # Errors
    /// The folder lacks a part of the person, a texture cannot be read, or the device is lost.
    pub fn template(&self, template: &Template, size_px: u32, taxonomy: &Taxonomy) -> Result<Picture, CharacterError> {
        let library = &self.library;
        let staged = match plan(template.name) {
            Some(Plan::Face(plan)) => {
                Portrait::arranged(library, &plan, template.holding).map(|portrait| portrait.stage(library, taxonomy))
            }
            Some(Plan::Figure(plan)) => {
                Outfit::arranged(library, &plan, template.holding).map(|outfit| outfit.stage(library, taxonomy))
            }
            None => None,
        };
        let (figure, scene) = staged.ok_or_else(|| CharacterError::Template(template.name.to_owned()))?;
        let drawn = self.renderer.draw(library, &figure, &scene, FINENESS * size_px)?;
        let fine = LabelImage::from_ids(drawn.image.width(), drawn.image.height(), drawn.labels);
        let fine = fine.map_err(|error| CharacterError::Device(error.to_string()))?;
        let least_px = (SMALLEST_PATCH * (size_px * size_px) as f32) as usize;
        let labels = fine.resize_majority(size_px, size_px).tidied(SMOOTHED_PX, least_px);
        Ok(Picture {
            image: image::imageops::thumbnail(&drawn.image, size_px, size_px),
            labels: labels.ids().to_vec(),
            attributes: values(template.holding, taxonomy),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::templates::templates;

    #[test]
    fn every_template_has_a_plan_that_its_attributes_fit() {
        for template in templates() {
            let has = |name: &str| template.holding.contains(&name);
            match plan(template.name).unwrap() {
                Plan::Face(plan) => {
                    assert_eq!(template.taxonomy, "portrait", "{}", template.name);
                    assert_eq!(has("Young"), plan.age < 40.0, "{}", template.name);
                    assert_eq!(has("Smiling"), plan.smile >= 0.5, "{}", template.name);
                }
                Plan::Figure(_) => assert_eq!(template.taxonomy, "outfit", "{}", template.name),
            }
        }
    }
}
