//! What a figure is made of and how it looks: what sampling decides.

use super::garments::Cut;
use crate::characters::library::Part;
use crate::characters::morphs::Build;
use crate::characters::rig::Pose;
use crate::characters::texture::TextureId;
use crate::characters::wardrobe::Garment;

/// A linear colour.
pub(in crate::characters) type Colour = [f32; 3];

/// A pattern in a second colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::characters) struct Pattern {
    /// 0 none, 1 hoops, 2 stripes, 3 checks, 4 dots, 5 blocks.
    pub(in crate::characters) kind: u8,
    pub(in crate::characters) colour: Colour,
    /// Repetitions per decimetre.
    pub(in crate::characters) per_dm: f32,
    pub(in crate::characters) shift: f32,
}

/// What a garment is dyed with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::characters) enum Fabric {
    Dyed(Colour, Pattern),
    /// The garment's own texture, times a colour.
    Own(Colour),
}

/// A garment as it is worn.
#[derive(Clone, Debug)]
pub(in crate::characters) struct Worn<'a> {
    pub(in crate::characters) garment: &'a Garment,
    pub(in crate::characters) label: u8,
    pub(in crate::characters) fabric: Fabric,
    pub(in crate::characters) cut: Cut,
    /// How far it stands off the body beyond its mesh, in decimetres.
    pub(in crate::characters) loose: f32,
}

/// How someone's skin looks.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) struct SkinLook {
    pub(in crate::characters) texture: TextureId,
    pub(in crate::characters) tint: Colour,
    /// Colours with how much of each.
    pub(in crate::characters) lipstick: [f32; 4],
    pub(in crate::characters) eye_shadow: [f32; 4],
    pub(in crate::characters) blush: [f32; 4],
    pub(in crate::characters) freckles: f32,
    pub(in crate::characters) blemishes: f32,
    pub(in crate::characters) lines: f32,
    pub(in crate::characters) oil: f32,
    /// How far the texture's hue gives way to a usual one, 0–1.
    pub(in crate::characters) hue_shift: f32,
    pub(in crate::characters) beard: BeardLook,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::characters) struct BeardLook {
    pub(in crate::characters) colour: Colour,
    /// How dark the skin is with hair, 0–1.
    pub(in crate::characters) stubble: f32,
    /// How long the hair is, in decimetres; 0: shaved.
    pub(in crate::characters) length: f32,
}

/// Hair as it is dyed.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) struct HairLook<'a> {
    pub(in crate::characters) part: &'a Part,
    pub(in crate::characters) colour: Colour,
    pub(in crate::characters) streaks: Colour,
    pub(in crate::characters) gloss: f32,
    /// Height on the base mesh where hair before the face is cut off; brows are at 7.45.
    pub(in crate::characters) fringe: f32,
}

/// Ids of the labels that a figure's parts get.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::characters) struct FigureLabels {
    pub(in crate::characters) face: u8,
    pub(in crate::characters) nose: u8,
    pub(in crate::characters) lips: u8,
    pub(in crate::characters) ears: u8,
    /// The neck and all skin below.
    pub(in crate::characters) neck: u8,
    pub(in crate::characters) inner_mouth: u8,
    pub(in crate::characters) eyes: u8,
    pub(in crate::characters) brows: u8,
    pub(in crate::characters) hair: u8,
    pub(in crate::characters) footwear: u8,
}

/// Everything that a figure is made of.
pub(in crate::characters) struct Recipe<'a> {
    pub(in crate::characters) build: &'a Build,
    pub(in crate::characters) pose: &'a Pose,
    /// Turn of the eyes in rad: upwards, to the figure's left.
    pub(in crate::characters) gaze: [f32; 2],
    pub(in crate::characters) skin: SkinLook,
    pub(in crate::characters) hair: Option<HairLook<'a>>,
    pub(in crate::characters) brows: &'a Part,
    pub(in crate::characters) brow_colour: Colour,
    /// With how much of their opacity is there.
    pub(in crate::characters) lashes: Option<(&'a Part, f32)>,
    pub(in crate::characters) iris: TextureId,
    pub(in crate::characters) teeth: Option<&'a Part>,
    pub(in crate::characters) tongue: Option<&'a Part>,
    pub(in crate::characters) worn: Vec<Worn<'a>>,
    pub(in crate::characters) shoes: Option<(&'a Part, Fabric)>,
    pub(in crate::characters) labels: FigureLabels,
    /// Leaves out what lies lower than this on the base mesh: nothing of it is in the picture.
    pub(in crate::characters) from_height: f32,
}
