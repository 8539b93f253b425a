//! A person as triangles: body and parts morphed, fitted, posed, and put into one list of draws.

mod constants;
mod garments;
mod mesh;
mod recipe;

pub(super) use self::constants::DRAW_FLOATS;
pub(super) use self::garments::Cut;
pub(super) use self::mesh::VERTEX_FLOATS;
pub(super) use self::recipe::{BeardLook, Colour, Fabric, FigureLabels, HairLook, Pattern, Recipe, SkinLook, Worn};

use self::constants::{Constants, Kind};
use self::garments::hidden;
use self::mesh::{Mesh, Placed, extent, normals};
use super::library::{Library, Part, PartTextures};
use super::rig::skin;
use super::vector::{Motion, Vec3, add_scaled, normalize};
use std::ops::Range;

/// Shells that a beard is made of.
const BEARD_SHELLS: usize = 9;
/// Base vertices that are the body itself; helpers follow.
const BODY_VERTICES: usize = 13_380;
/// How far skin lies beneath clothes, in decimetres.
const SUNK: f32 = 0.12;
/// On the base mesh: what is lower is no head.
const HEAD_FROM: f32 = 6.3;

/// Triangles to draw with one set of constants.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    pub(super) indices: Range<u32>,
    pub(super) textures: PartTextures,
    pub(super) constants: [f32; DRAW_FLOATS],
    /// Whether the labels of what it covers stay. Such draws come last.
    pub(super) keeps_labels: bool,
}

/// An eyeball: centre, radius, direction of gaze.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Eyeball {
    pub(super) centre: Vec3,
    pub(super) radius: f32,
    pub(super) gaze: Vec3,
}

/// A figure ready to be drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Figure {
    pub(super) mesh: Mesh,
    pub(super) draws: Vec<Draw>,
    /// Left, right.
    pub(super) eyes: [Eyeball; 2],
    /// Lowest and highest corner of the head without hair.
    pub(super) head: [Vec3; 2],
    /// The same of everything that is drawn.
    pub(super) extent: [Vec3; 2],
}

/// Morphs, fits and poses everything.
pub(super) fn assemble(library: &Library, recipe: &Recipe<'_>) -> Figure {
    let body = recipe.build.body(library);
    let motions = library.rig.motions(&body, recipe.pose);
    let mut assembly = Assembly { library, recipe, body: &body, motions: &motions, figure: Figure::default() };
    assembly.add_body();
    assembly.add_eyes();
    for worn in &recipe.worn {
        assembly.add_worn(worn);
    }
    assembly.add_small_parts();
    assembly.add_hair();
    assembly.add_lashes();
    let mut figure = assembly.figure;
    figure.extent = extent(figure.mesh.vertices.iter().map(|vertex| [vertex[0], vertex[1], vertex[2]]));
    figure
}

struct Assembly<'a> {
    library: &'a Library,
    recipe: &'a Recipe<'a>,
    body: &'a [Vec3],
    motions: &'a [Motion],
    figure: Figure,
}

impl Assembly<'_> {
    /// Adds the faces of `placed` that `keep` chooses by their positions' indices, as one draw.
    fn push(
        &mut self,
        placed: &Placed<'_>,
        textures: PartTextures,
        constants: &Constants,
        keep: impl Fn(&[u32; 4]) -> bool,
    ) {
        let from_height = self.recipe.from_height;
        let indices = self.figure.mesh.add(placed, |corner| placed.reaches_over(corner, from_height) && keep(corner));
        if !indices.is_empty() {
            let constants = constants.floats(textures);
            self.figure.draws.push(Draw { indices, textures, constants, keeps_labels: false });
        }
    }

    fn add_body(&mut self) {
        let (library, recipe) = (self.library, self.recipe);
        let mut positions = self.body.to_vec();
        skin(&mut positions, &library.rig.influences, self.motions);
        let normals = normals(&positions, &library.body);
        let hidden = hidden(library, recipe);
        // What is half hidden sinks in at that end, so that it does not come through the cloth.
        for ((position, normal), _) in positions.iter_mut().zip(&normals).zip(&hidden).filter(|(_, hidden)| **hidden) {
            *position = add_scaled(*position, *normal, -SUNK);
        }
        let placed = Placed {
            surface: &library.body,
            positions: &positions,
            normals: &normals,
            rest: &library.base,
            limbs: &library.limbs,
            ears: &library.ears,
        };
        let look = recipe.skin;
        let constants = Constants::skin(&look, recipe.labels.face);
        let textures = PartTextures { diffuse: Some(look.texture), ..PartTextures::default() };
        self.push(&placed, textures, &constants, |corner| !corner.iter().all(|&at| hidden[at as usize]));
        let head = (0..BODY_VERTICES).filter(|&at| library.base[at][1] > HEAD_FROM).map(|at| positions[at]);
        self.figure.head = extent(head);
        if look.beard.length > 0.0 {
            self.add_beard(&placed, &look, textures, constants);
        }
    }

    /// Shells over the face, thinned towards the tips by the shader.
    fn add_beard(&mut self, placed: &Placed<'_>, look: &SkinLook, textures: PartTextures, skin: Constants) {
        let rest = placed.rest;
        let lower_face = |corner: &[u32; 4]| {
            corner.iter().all(|&at| {
                let [x, y, z] = rest[at as usize];
                (5.85..7.35).contains(&y) && z > 0.1 && x.abs() < 0.95
            })
        };
        let mut constants = skin;
        constants.kind = Kind::Beard;
        for shell in 1..=BEARD_SHELLS {
            let height = shell as f32 / BEARD_SHELLS as f32;
            let out = |(position, normal): (&Vec3, &Vec3)| {
                // Hair hangs: tips are lower than roots.
                let lifted = add_scaled(*position, *normal, height * look.beard.length);
                [lifted[0], lifted[1] - 0.5 * height * height * look.beard.length, lifted[2]]
            };
            let positions: Vec<Vec3> = placed.positions.iter().zip(placed.normals).map(out).collect();
            constants.beard[3] = height;
            self.push(&Placed { positions: &positions, ears: &[], ..*placed }, textures, &constants, lower_face);
        }
    }

    /// A part on the morphed body, posed, with its normals.
    fn placed(&self, part: &Part, before_pose: impl Fn(&mut [Vec3])) -> (Vec<Vec3>, Vec<Vec3>) {
        let mut positions = part.proxy.fit(self.body);
        before_pose(&mut positions);
        skin(&mut positions, &part.influences, self.motions);
        let normals = normals(&positions, &part.surface);
        (positions, normals)
    }

    fn add_part(&mut self, part: &Part, textures: PartTextures, constants: &Constants) {
        let (positions, normals) = self.placed(part, |_| {});
        self.push(&Placed::of_part(part, &positions, &normals), textures, constants, |_| true);
    }

    fn add_eyes(&mut self) {
        let part = &self.library.eyes;
        let is_left: Vec<bool> = part.rest.iter().map(|position| position[0] > 0.0).collect();
        let fitted = part.proxy.fit(self.body);
        let balls = [true, false].map(|left| {
            let [low, high] = extent(fitted.iter().zip(&is_left).filter(|(_, is)| **is == left).map(|(p, _)| *p));
            let radius = 0.25 * (high[0] - low[0] + high[1] - low[1]);
            ([0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), high[2] - radius], radius)
        });
        let turn = Motion::euler([-self.recipe.gaze[0], self.recipe.gaze[1], 0.0]);
        let turned = |positions: &mut [Vec3]| {
            for (position, left) in positions.iter_mut().zip(&is_left) {
                *position = turn.about(balls[usize::from(!left)].0).point(*position);
            }
        };
        let (positions, normals) = self.placed(part, turned);
        let head =
            part.influences.first().map_or(Motion::IDENTITY, |influence| self.motions[usize::from(influence.bones[0])]);
        let gaze = normalize(head.direction(turn.direction([0.0, 0.0, 1.0])));
        self.figure.eyes = balls.map(|(centre, radius)| Eyeball { centre: head.point(centre), radius, gaze });
        let textures = PartTextures { diffuse: Some(self.recipe.iris), ..PartTextures::default() };
        let constants = Constants::eye(self.recipe.labels.eyes);
        self.push(&Placed::of_part(part, &positions, &normals), textures, &constants, |_| true);
    }

    fn add_small_parts(&mut self) {
        let (recipe, labels) = (self.recipe, self.recipe.labels);
        for part in [recipe.teeth, recipe.tongue].into_iter().flatten() {
            self.add_part(part, part.textures, &Constants::mouth(labels.inner_mouth));
        }
        let brows = Constants::hairs(labels.brows, recipe.brow_colour, 1.6);
        self.add_part(recipe.brows, recipe.brows.textures, &brows);
        if let Some((shoes, fabric)) = recipe.shoes {
            let constants = Constants::fabric(Kind::Shoe, labels.footwear, fabric, shoes.luminance, Cut::NONE);
            self.add_part(shoes, shoes.textures, &constants);
        }
    }

    fn add_hair(&mut self) {
        if let Some(hair) = &self.recipe.hair {
            self.add_part(hair.part, hair.part.textures, &Constants::hair(hair, self.recipe.labels.hair));
        }
    }

    /// Lashes are finer than any label: skin and eye keep theirs beneath them.
    fn add_lashes(&mut self) {
        let Some((lashes, opacity)) = self.recipe.lashes else { return };
        let lash = Constants::hairs(self.recipe.labels.face, [0.012, 0.010, 0.010], opacity);
        let before = self.figure.draws.len();
        self.add_part(lashes, lashes.textures, &lash);
        self.figure.draws[before..].iter_mut().for_each(|draw| draw.keeps_labels = true);
    }

    fn add_worn(&mut self, worn: &Worn<'_>) {
        let part = &worn.garment.part;
        let (mut positions, normals) = self.placed(part, |_| {});
        if worn.loose != 0.0 {
            for (position, normal) in positions.iter_mut().zip(&normals) {
                *position = add_scaled(*position, *normal, worn.loose);
            }
        }
        let is_worn = |corner: &[u32; 4]| {
            let corners = corner.iter().map(|&at| (part.rest[at as usize], part.limbs[at as usize]));
            !worn.cut.removes_face(corners)
        };
        let constants = Constants::fabric(Kind::Cloth, worn.label, worn.fabric, part.luminance, worn.cut);
        self.push(&Placed::of_part(part, &positions, &normals), part.textures, &constants, is_worn);
    }
}
