//! Figures to order, for the templates: what a mask shows is said, the rest is as in any figure.

use super::{BOTTOMS, BeardLook, Cut, Fabric, Outfit, Piece, Source, TOPS, WAIST, colour, hem, posed};
use crate::characters::library::Library;
use crate::characters::looks::{self, HairChoice, HairColour};
use crate::characters::morphs::{AdultAge, Build, face_shape, smile};
use crate::characters::wardrobe::Garment;
use crate::dice::Dice;

/// A figure to order.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) struct FigurePlan {
    /// Where the rest is drawn from.
    pub(in crate::characters) seed: u64,
    pub(in crate::characters) ancestry: [f32; 3],
    /// The style's name in the folder.
    pub(in crate::characters) hair: &'static str,
    /// The shoes' name in the folder.
    pub(in crate::characters) shoes: &'static str,
    pub(in crate::characters) clothes: Clothes,
    pub(in crate::characters) belt: bool,
    /// How far the left leg is behind, in rad.
    pub(in crate::characters) stride: f32,
    /// Where the camera stands, in rad from the figure's front to its left.
    pub(in crate::characters) azimuth: f32,
}

/// What a figure wears.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) enum Clothes {
    /// With sleeves to `arm` (1: the wrist) and down to the height `low` on the base mesh, in decimetres.
    Dress { arm: f32, low: f32 },
    /// The same, top and skirt apart.
    Skirt { arm: f32, low: f32 },
    /// A top with sleeves and trousers of these lengths (1: wrist, ankle).
    Separates { top: Cloth, arm: f32, bottom: Cloth, leg: f32 },
    /// One garment for the whole body, by its name in the folder.
    Overall(&'static str),
}

/// What a top or trousers are cut from.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) enum Cloth {
    /// The part that is worn there of the suit of that name.
    Of(&'static str),
    Knit,
}

impl Outfit {
    /// The figure of a plan with these attributes; `None` if the folder has no such hair, shoes or garment.
    pub(in crate::characters) fn arranged(
        library: &Library,
        plan: &FigurePlan,
        holding: &[&'static str],
    ) -> Option<Self> {
        let drawn = Self::sample(library, plan.seed, 0);
        let mut dice = Dice::new(plan.seed, 0, 17);
        let dice = &mut dice;
        let has = |name: &str| holding.contains(&name);
        let (male, age) = (has("Male"), AdultAge::new(30.0));
        let hair = HairChoice::named(library, dice, plan.hair, HairColour::Brown)?;
        let beard = BeardLook { colour: hair.colour, stubble: 0.0, length: 0.0 };
        let mut dyed = |colours: &[(&str, super::Range3)]| {
            let (_, range) = colours.iter().find(|(name, _)| has(name)).or(colours.first())?;
            Some(colour(dice, *range))
        };
        let (top, bottom) = (dyed(&TOPS)?, dyed(&BOTTOMS)?);
        let pattern = if has("Patterned") { looks::pattern(dice, top) } else { looks::PLAIN };
        let shape = face_shape(dice, age).into_iter().map(|(name, amount)| (name, 0.5 * amount)).collect();
        let shoes = library.wardrobe.shoes.iter().position(|shoes| shoes.name == plan.shoes)?;
        Some(Self {
            // Poses are alike but for the stride, so that changes of clothes are nothing else.
            pose: posed(&mut Dice::new(0, 0, 18), [0.0; 3], plan.stride, 0.01),
            skin: looks::skin(library, dice, (male, age, plan.ancestry), beard),
            hair,
            brow_colour: hair.colour.map(|c| 0.6 * c),
            pieces: pieces(library, plan, Fabric::Dyed(top, pattern), Fabric::Dyed(bottom, looks::PLAIN))?,
            shoes,
            azimuth: plan.azimuth,
            elevation: 0.02,
            half_tan: 0.15,
            share: 0.93,
            off: [0.0, 0.0],
            build: Build { male, age, ancestry: plan.ancestry, shape, expression: smile(0.4).1 },
            attributes: holding.to_vec(),
            ..drawn
        })
    }
}

/// From the skin outwards.
fn pieces(library: &Library, plan: &FigurePlan, top: Fabric, bottom: Fabric) -> Option<Vec<Piece>> {
    let find = |garments: &[Garment], name: &str| garments.iter().position(|garment| garment.part.name == name);
    let wardrobe = &library.wardrobe;
    let knit = |arm: f32, low: f32| Cut { arm, leg: 0.06, low, high: 5.75, neck: [0.35, 0.7] };
    let mut pieces = match plan.clothes {
        Clothes::Dress { arm, low } => skirted(knit(arm, WAIST - 0.25), low, [(top, "full_body"); 2]),
        Clothes::Skirt { arm, low } => skirted(knit(arm, WAIST - 0.25), low, [(top, "upper"), (bottom, "lower")]),
        Clothes::Overall(name) => {
            let garment = Source::Overall(find(&wardrobe.overalls, name)?);
            vec![Piece { garment, label: "full_body", fabric: top, cut: Cut::NONE, loose: 0.04 }]
        }
        Clothes::Separates { top: upper, arm, bottom: lower, leg } => {
            let (garment, cut, loose) = match upper {
                Cloth::Of(name) => (Source::Top(find(&wardrobe.tops, name)?), Cut { arm, ..Cut::NONE }, 0.05),
                Cloth::Knit => (Source::Knit, knit(arm, 0.3), 0.1),
            };
            let upper = Piece { garment, label: "upper", fabric: top, cut, loose };
            let high = hem(library, &upper) + 0.3;
            // A band at the waist, so that no skin shows between top and trousers.
            let waist = Cut { arm: 0.0, leg: 0.06, high: (WAIST - 0.1).min(high), ..Cut::NONE };
            let worn = |garment, cut, loose| Piece { garment, label: "lower", fabric: bottom, cut, loose };
            let band = worn(Source::Knit, waist, -0.05);
            let lower = match lower {
                Cloth::Of(name) => {
                    let garment = Source::Bottom(find(&wardrobe.bottoms, name)?);
                    worn(garment, Cut { leg, high, ..Cut::NONE }, 0.02)
                }
                Cloth::Knit => worn(Source::Knit, Cut { leg, ..waist }, -0.02),
            };
            vec![band, lower, upper]
        }
    };
    if plan.belt {
        let cut = Cut { arm: 0.0, leg: 99.0, low: WAIST - 0.3, high: WAIST, neck: [0.0, 1.0] };
        let leather = Fabric::Dyed([0.15, 0.055, 0.02], looks::PLAIN);
        pieces.push(Piece { garment: Source::Knit, label: "accessory", fabric: leather, cut, loose: 0.22 });
    }
    Some(pieces)
}

/// Knitwear beneath the waistband of a skirt that ends at the height `low`.
fn skirted(knit: Cut, low: f32, [top, skirt]: [(Fabric, &'static str); 2]) -> Vec<Piece> {
    let cut = Cut { arm: 0.0, leg: 99.0, low, high: WAIST + 0.2, neck: [0.0, 1.0] };
    vec![
        Piece { garment: Source::Knit, label: top.1, fabric: top.0, cut: knit, loose: 0.05 },
        Piece { garment: Source::Skirt, label: skirt.1, fabric: skirt.0, cut, loose: 0.12 },
    ]
}
