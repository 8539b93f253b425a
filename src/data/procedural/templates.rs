//! Starter layouts: fixed parameter sets, drawn with the same code as the samples.

use super::outfit::{Arm, Bottom, Hair, Neckline, Outer, Outfit, Shoe};
use super::portrait::{Fringe, Garment, HairColor, HairStyle, Portrait};
use super::{Drawing, Kind, taxonomy_of};
use crate::dice::Dice;
use crate::label_image::LabelImage;

/// A starter layout: a mask at any resolution, with attributes that suit it.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What users call it, as in `template:front`.
    pub name: &'static str,
    /// The name of the built-in taxonomy its labels belong to.
    pub taxonomy: &'static str,
    kind: Kind,
    drawing: fn() -> Drawing,
}

const TEMPLATES: &[Template] = &[
    portrait("front", front),
    portrait("left", || turned(-0.42)),
    portrait("right", || turned(0.42)),
    portrait("smiling", smiling),
    portrait("long-hair", long_hair),
    outfit("standing", standing),
    outfit("dress", dress),
    outfit("shorts", shorts),
];

/// Layouts that animations end in. They differ from a template in one thing, so lists leave them out.
const ENDS: &[Template] = &[portrait("front-smiling", front_smiling)];

const fn portrait(name: &'static str, drawing: fn() -> Drawing) -> Template {
    Template { name, taxonomy: "portrait", kind: Kind::Portrait, drawing }
}

const fn outfit(name: &'static str, drawing: fn() -> Drawing) -> Template {
    Template { name, taxonomy: "outfit", kind: Kind::Outfit, drawing }
}

/// All of them: portraits, then outfits.
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// The template of that name, also one that the list leaves out.
pub fn template(name: &str) -> Option<Template> {
    TEMPLATES.iter().chain(ENDS).copied().find(|template| template.name == name)
}

impl Template {
    /// The mask, square, `resolution` px a side.
    pub fn labels(&self, resolution: u32) -> LabelImage {
        (self.drawing)().scene(&taxonomy_of(self.kind)).labels(resolution)
    }

    /// 0 or 1 each, in the taxonomy's flat order.
    pub fn attributes(&self) -> Vec<f32> {
        (self.drawing)().attributes(&taxonomy_of(self.kind))
    }
}

/// A symmetrical neutral face: everything that samples vary is in the middle.
fn neutral() -> Portrait {
    let mut dice = Dice::new(0, 0, 1);
    Portrait {
        hair_color: HairColor::Brown,
        male: false,
        young: true,
        smiling: false,
        beard: false,
        yaw: 0.0,
        pitch: 0.0,
        tilt_degrees: 0.0,
        scale: 1.05,
        center_x: 64.0,
        center_y: 61.0,
        face_width: 0.98,
        jaw: 0.35,
        chin: 0.0,
        eye_spacing: 1.0,
        eye_size: 1.04,
        eye_open: 1.0,
        eye_slant: 0.3,
        gaze: 0.0,
        brow_height: 0.2,
        brow_thickness: 1.0,
        brow_arch: 0.9,
        nose_width: 0.98,
        nose_length: 1.0,
        mouth_width: 1.0,
        lip_fullness: 1.05,
        smile: 0.08,
        mouth_gap: 0.0,
        ear_size: 1.0,
        hair_style: HairStyle::Bob,
        fringe: Fringe::Centre,
        hair_volume: 0.4,
        hair_length: 0.5,
        part_side: 1.0,
        garment: Garment::Crew,
        neck_width: 11.8,
        shoulder_width: 0.95,
        ..Portrait::sample(&mut dice)
    }
}

fn of_portrait(portrait: Portrait) -> Drawing {
    Drawing::Portrait(Box::new(portrait))
}

fn front() -> Drawing {
    of_portrait(neutral())
}

fn turned(yaw: f32) -> Drawing {
    of_portrait(Portrait { yaw, ..neutral() })
}

fn front_smiling() -> Drawing {
    of_portrait(Portrait { smiling: true, smile: 0.9, mouth_gap: 4.2, ..neutral() })
}

fn smiling() -> Drawing {
    of_portrait(Portrait {
        smiling: true,
        smile: 0.9,
        mouth_gap: 4.2,
        male: true,
        hair_style: HairStyle::Quiff,
        fringe: Fringe::Back,
        jaw: 0.7,
        brow_thickness: 1.25,
        brow_arch: 0.6,
        neck_width: 13.4,
        shoulder_width: 1.04,
        garment: Garment::Shirt,
        ..neutral()
    })
}

fn long_hair() -> Drawing {
    of_portrait(Portrait {
        hair_style: HairStyle::Wavy,
        fringe: Fringe::Swept,
        hair_length: 0.6,
        hair_volume: 0.6,
        hair_color: HairColor::Red,
        tilt_degrees: 4.0,
        yaw: 0.12,
        garment: Garment::Scoop,
        ..neutral()
    })
}

/// A relaxed woman in a top and slim trousers.
fn relaxed() -> Outfit {
    let mut dice = Dice::new(0, 0, 2);
    Outfit {
        male: false,
        patterned: false,
        top_color: 3,
        bottom_color: 3,
        center_x: 64.0,
        height: 113.0,
        build: 1.0,
        leg_length: 1.0,
        sway: 1.4,
        stance: 0.6,
        head_tilt_degrees: 2.0,
        arms: [Arm::Down, Arm::Out],
        outer: Outer::Separates,
        bottom: Bottom::Slim,
        bottom_length: 0.6,
        neckline: Neckline::Round,
        sleeve: 0.97,
        ease: 1.2,
        hem: 0.7,
        shoe: Shoe::Sneaker,
        hair: Hair::Bob,
        hair_length: 0.5,
        part_side: 1.0,
        belt: false,
        bag: None,
        strap: false,
        hat: None,
        ..Outfit::sample(&mut dice)
    }
}

fn of_outfit(outfit: Outfit) -> Drawing {
    Drawing::Outfit(Box::new(outfit))
}

fn standing() -> Drawing {
    of_outfit(relaxed())
}

fn dress() -> Drawing {
    of_outfit(Outfit {
        outer: Outer::Dress,
        bottom: Bottom::Flared,
        bottom_length: 0.4,
        sleeve: 0.28,
        top_color: 2,
        hair: Hair::Long,
        shoe: Shoe::Pump,
        arms: [Arm::Akimbo, Arm::Down],
        bag: Some(1.0),
        ..relaxed()
    })
}

fn shorts() -> Drawing {
    of_outfit(Outfit {
        male: true,
        bottom: Bottom::Shorts,
        bottom_length: 0.7,
        sleeve: 0.42,
        top_color: 4,
        bottom_color: 2,
        hair: Hair::Short,
        arms: [Arm::Down, Arm::Pocket],
        ..relaxed()
    })
}
