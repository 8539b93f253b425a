//! Portraits to order, for the templates: what a mask shows is said, the rest is as in any portrait.

use super::{BeardLook, CameraPlan, Portrait, TONGUE_FROM, Top, pose};
use crate::characters::figure::Cut;
use crate::characters::library::Library;
use crate::characters::looks::{self, HairChoice, HairColour};
use crate::characters::morphs::{AdultAge, Build, face_shape, smile};
use crate::dice::Dice;

/// A face to order.
#[derive(Clone, Copy, Debug)]
pub(in crate::characters) struct FacePlan {
    /// Where the rest is drawn from.
    pub(in crate::characters) seed: u64,
    /// In years.
    pub(in crate::characters) age: f32,
    pub(in crate::characters) ancestry: [f32; 3],
    /// How far the face is from the mean of all, 0–1; 0 is symmetrical.
    pub(in crate::characters) character: f32,
    /// The style's name in the folder.
    pub(in crate::characters) hair: &'static str,
    /// The eyebrows' name in the folder.
    pub(in crate::characters) brows: &'static str,
    /// The garment's name in the folder; without it, knitwear.
    pub(in crate::characters) top: Option<&'static str>,
    /// From 0, a straight face, to 1, laughing.
    pub(in crate::characters) smile: f32,
    /// Turn of the face to the right of the picture, in rad.
    pub(in crate::characters) yaw: f32,
    /// Tilt of the head to the right of the picture, in rad.
    pub(in crate::characters) roll: f32,
}

impl Portrait {
    /// The person of a plan with these attributes; `None` if the folder has no such hair, brows or garment.
    pub(in crate::characters) fn arranged(
        library: &Library,
        plan: &FacePlan,
        holding: &[&'static str],
    ) -> Option<Self> {
        let drawn = Self::sample(library, plan.seed, 0);
        let mut dice = Dice::new(plan.seed, 0, 15);
        let dice = &mut dice;
        let has = |name: &str| holding.contains(&name);
        let (male, age) = (has("Male"), AdultAge::new(plan.age));
        let colour = HairColour::ALL.into_iter().find(|colour| colour.attribute().is_some_and(has));
        let hair = HairChoice::named(library, dice, plan.hair, colour.unwrap_or(HairColour::Dyed))?;
        let natural = hair.colour.map(|c| 0.55 * c);
        let beard_colour = hair.colour.map(|c| (0.85 * c).max(0.016));
        let (stubble, length) = if has("Beard") { (0.9, 0.09) } else { (0.0, 0.0) };
        let shape = face_shape(dice, age).into_iter();
        let shape = shape.map(|(name, amount)| {
            // Brows are level and wrinkles those of the age, whatever the character.
            let is_kept =
                name.starts_with("eyebrows/eyebrows-angle") || name.contains("laugh-lines") || name.contains("age");
            (name, if is_kept { amount } else { plan.character * amount })
        });
        let (mood, expression) = smile(plan.smile);
        let build = Build { male, age, ancestry: plan.ancestry, shape: shape.collect(), expression };
        let top = match plan.top {
            Some(name) => Top::Garment(library.wardrobe.tops.iter().position(|garment| garment.part.name == name)?),
            None => Top::Knit(Cut { arm: 0.9, high: 5.85, neck: [0.3, 0.7], ..Cut::NONE }),
        };
        // Shoulders turn a little with the head.
        let azimuth = -0.6 * plan.yaw;
        Some(Self {
            pose: pose(&mut Dice::new(0, 0, 16), [0.02, plan.yaw + azimuth, -plan.roll]),
            gaze: [0.0, 0.0],
            skin: looks::skin(
                library,
                dice,
                (male, age, plan.ancestry),
                BeardLook { colour: beard_colour, stubble, length },
            ),
            hair,
            brows: library.brows.iter().position(|brows| brows.name == plan.brows)?,
            brow_colour: natural,
            shows_tongue: mood.open > TONGUE_FROM,
            top,
            camera: CameraPlan { azimuth, elevation: 0.0, roll: 0.0, half_tan: 0.14, share: 0.62, off: [0.0, 0.0] },
            attributes: holding.to_vec(),
            build,
            ..drawn
        })
    }
}
