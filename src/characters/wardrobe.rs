//! Clothes, sorted into what tops, bottoms and whole garments are, so that they can be put together anew.

use super::library::{Part, PartTextures};
use super::obj::{Face, Obj, Surface, connected};
use super::proxy::{Binding, Proxy};
use super::rig::Rig;
use super::vector::{Vec3, dot, sub};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Height of the waist on the base mesh, in decimetres: what lies below is worn on the legs.
const WAIST: f32 = 1.2;
/// What reaches from below this height …
const THIGH: f32 = -1.5;
/// … to above this one is one garment for the whole body, or several that must be taken apart.
const CHEST: f32 = 3.0;
/// Shoes end below this height.
const CALF: f32 = -4.5;

/// A garment.
#[derive(Clone, Debug)]
pub(super) struct Garment {
    pub(super) part: Part,
    /// Base vertices of the body beneath it.
    pub(super) hides: Vec<u32>,
    /// Whether it is made for women, for men, or for both.
    pub(super) female: Option<bool>,
    /// Whether it reaches the wrists, or the ankles.
    pub(super) is_long: bool,
    /// Height of its lower edge around the trunk on the base mesh, where it is highest.
    pub(super) hem: f32,
}

/// Everything there is to wear.
#[derive(Debug, Default)]
pub(super) struct Wardrobe {
    pub(super) tops: Vec<Garment>,
    pub(super) bottoms: Vec<Garment>,
    pub(super) overalls: Vec<Garment>,
    pub(super) shoes: Vec<Part>,
    /// A tight second skin from neck to wrists and ankles, which knitwear is cut from.
    pub(super) knit: Option<Garment>,
    /// A skirt from waist to ankles, to be cut to length.
    pub(super) skirt: Option<Garment>,
}

/// Takes suits apart by connected pieces, and by the islands of their texture where all hangs together.
pub(super) fn sorted(
    base_obj: &Obj,
    clothes: Vec<(Part, Obj)>,
    base: &[Vec3],
    rig: &Rig,
    limbs: &[[f32; 2]],
) -> Wardrobe {
    let mut wardrobe = Wardrobe {
        knit: helper(base_obj, "helper-tights", base, rig, limbs),
        skirt: helper(base_obj, "helper-skirt", base, rig, limbs),
        ..Wardrobe::default()
    };
    for (part, obj) in clothes {
        if part.rest.iter().all(|position| position[1] < CALF) {
            wardrobe.shoes.push(part);
            continue;
        }
        let places = places(&part, &obj);
        let hidden_by = nearest_place(&part, &obj, &places, base);
        for place in [Place::Top, Place::Bottom, Place::Whole] {
            let surface = Surface::of(&obj, |index, _| places[index] == place);
            if surface.faces.len() < 40 {
                continue;
            }
            let reach =
                |limb: usize| surface.position.iter().map(|&at| part.limbs[at as usize][limb]).fold(0.0, f32::max);
            let hides =
                part.proxy.hides.iter().zip(&hidden_by).filter(|(_, by)| **by == place).map(|(v, _)| *v).collect();
            let female = match &part.name {
                name if name.contains("female") => Some(true),
                name if name.contains("male") => Some(false),
                _ => None,
            };
            let is_long = if place == Place::Top { reach(0) > 0.85 } else { reach(1) > 0.85 };
            let hem = hem(&surface, &part);
            let garment = Garment { hides, female, is_long, hem, part: Part { surface, ..part.clone() } };
            match place {
                Place::Top => wardrobe.tops.push(garment),
                Place::Bottom => wardrobe.bottoms.push(garment),
                Place::Whole => wardrobe.overalls.push(garment),
            }
        }
    }
    wardrobe
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Top,
    Bottom,
    Whole,
}

/// Where each face is worn.
fn places(part: &Part, obj: &Obj) -> Vec<Place> {
    let place_by = |pieces: &[u32]| {
        let mut extents: BTreeMap<u32, (f32, f32, f32, f32)> = BTreeMap::new();
        for (face, piece) in obj.faces.iter().zip(pieces) {
            let extent = extents.entry(*piece).or_insert((f32::MAX, f32::MIN, 0.0, 0.0));
            for corner in face.corners {
                let y = part.rest[corner[0] as usize][1];
                *extent = (extent.0.min(y), extent.1.max(y), extent.2 + y, extent.3 + 1.0);
            }
        }
        pieces
            .iter()
            .map(move |piece| {
                let (low, high, sum, count) = extents.get(piece).copied().unwrap_or_default();
                if low < THIGH && high > CHEST {
                    Place::Whole
                } else if sum / count.max(1.0) < WAIST {
                    Place::Bottom
                } else {
                    Place::Top
                }
            })
            .collect::<Vec<_>>()
    };
    let by_piece = place_by(&connected(obj, 0));
    if !by_piece.contains(&Place::Whole) {
        return by_piece;
    }
    let by_island = place_by(&connected(obj, 1));
    // A garment whose islands cross the waist too cannot be taken apart; its buttons belong to it.
    if by_island.contains(&Place::Whole) || !by_island.contains(&Place::Top) || !by_island.contains(&Place::Bottom) {
        return vec![Place::Whole; by_island.len()];
    }
    let refine = |(piece, island): (Place, Place)| if piece == Place::Whole { island } else { piece };
    by_piece.into_iter().zip(by_island).map(refine).collect()
}

/// How low a garment hangs on every side of the trunk, the highest of it; sleeves do not count.
fn hem(surface: &Surface, part: &Part) -> f32 {
    const SIDES: usize = 8;
    let mut lowest = [f32::MAX; SIDES];
    for &at in &surface.position {
        let ([x, y, z], [arm, _]) = (part.rest[at as usize], part.limbs[at as usize]);
        if arm < 0.02 {
            let turn = z.atan2(x) / std::f32::consts::TAU + 0.5;
            let side = &mut lowest[(turn * SIDES as f32) as usize % SIDES];
            *side = side.min(y);
        }
    }
    lowest.into_iter().fold(f32::MIN, f32::max)
}

/// For each hidden base vertex, the place of the nearest face's corner.
fn nearest_place(part: &Part, obj: &Obj, places: &[Place], base: &[Vec3]) -> Vec<Place> {
    if places.iter().all(|place| *place == places[0]) {
        return vec![places.first().copied().unwrap_or(Place::Top); part.proxy.hides.len()];
    }
    let corners: Vec<(Vec3, Place)> =
        obj.faces.iter().zip(places).map(|(face, place)| (part.rest[face.corners[0][0] as usize], *place)).collect();
    let nearest = |vertex: &u32| {
        let at = base[*vertex as usize];
        let distance = |corner: &Vec3| dot(sub(*corner, at), sub(*corner, at));
        corners.iter().min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0))).map_or(Place::Top, |(_, place)| *place)
    };
    part.proxy.hides.par_iter().map(nearest).collect()
}

/// A helper of the base mesh as a garment.
fn helper(obj: &Obj, group: &str, base: &[Vec3], rig: &Rig, limbs: &[[f32; 2]]) -> Option<Garment> {
    let is_of_group = |face: &Face| obj.groups[face.group as usize] == group;
    let mut surface = Surface::of(obj, |_, face| is_of_group(face));
    if surface.faces.is_empty() {
        return None;
    }
    let mut vertices: Vec<u32> = surface.position.clone();
    vertices.sort_unstable();
    vertices.dedup();
    let place: HashMap<u32, u32> = vertices.iter().zip(0..).map(|(vertex, at)| (*vertex, at)).collect();
    for position in &mut surface.position {
        *position = place[position];
    }
    let bind = |vertex: &u32| Binding { vertices: [*vertex; 3], weights: [1.0, 0.0, 0.0], offset: [0.0; 3] };
    let bindings: Vec<Binding> = vertices.iter().map(bind).collect();
    let part = Part {
        name: group.to_owned(),
        surface,
        influences: rig.of_bindings(&bindings),
        limbs: vertices.iter().map(|&vertex| limbs[vertex as usize]).collect(),
        rest: vertices.iter().map(|&vertex| base[vertex as usize]).collect(),
        textures: PartTextures::default(),
        luminance: 0.5,
        proxy: Proxy { bindings, ..Proxy::default() },
    };
    // Everything it can cover; where it is cut, the body shows again.
    let mut hides = vec![false; base.len()];
    for face in obj.faces.iter().filter(|face| obj.groups[face.group as usize] == "body") {
        for [vertex, _] in face.corners {
            hides[vertex as usize] = true;
        }
    }
    let covers = |vertex: &u32| hides[*vertex as usize];
    let hides = (0..base.len() as u32).filter(covers).collect();
    let hem = hem(&part.surface, &part);
    Some(Garment { part, hides, female: None, is_long: true, hem })
}
