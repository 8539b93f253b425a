//! A person as triangles: body and parts morphed, fitted, posed, and put into one list of draws.

use super::library::{Library, Part, PartTextures};
use super::morphs::Build;
use super::obj::Surface;
use super::rig::{Pose, skin};
use super::texture::TextureId;
use super::vector::{Motion, Vec3, add, add_scaled, cross, normalize, scale, smoothstep, sub};
use super::wardrobe::Garment;
use std::ops::Range;

/// Floats of a vertex: position, normal, position at rest, texture coordinates, limbs, three more.
pub(super) const VERTEX_FLOATS: usize = 16;
/// Floats of a draw's constants; `Draw` in the shader.
pub(super) const DRAW_FLOATS: usize = 48;
/// Shells that a beard is made of.
const BEARD_SHELLS: usize = 9;
/// On the base mesh: what is lower is no head.
const HEAD_FROM: f32 = 6.3;

/// What a mesh is made of; the numbers are the shader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Skin = 0,
    Eye = 1,
    Hair = 2,
    Brow = 3,
    Mouth = 4,
    Cloth = 5,
    Shoe = 6,
    Beard = 7,
}

/// A linear colour.
pub(super) type Colour = [f32; 3];

/// Where a garment ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cut {
    /// Along arms and legs; 1 is the wrist or ankle.
    pub(super) arm: f32,
    pub(super) leg: f32,
    /// Heights on the base mesh.
    pub(super) low: f32,
    pub(super) high: f32,
    /// How deep and wide the neckline is.
    pub(super) neck: [f32; 2],
}

impl Cut {
    pub(super) const NONE: Self = Self { arm: 99.0, leg: 99.0, low: -99.0, high: 99.0, neck: [0.0, 1.0] };

    /// As `is_cut` in the shader.
    fn removes(&self, rest: Vec3, limbs: [f32; 2]) -> bool {
        let forward = smoothstep(-0.2, 0.5, rest[2]);
        let shoulders = if self.high > 4.0 { 1.3 * (rest[0].abs() - 0.62).max(0.0) } else { 0.0 };
        let neckline = self.high + shoulders - self.neck[0] * (-(rest[0] / self.neck[1]).powi(2)).exp() * forward;
        limbs[0] > self.arm || limbs[1] > self.leg || rest[1] + 30.0 * limbs[0] < self.low || rest[1] > neckline
    }

    /// The part that surely covers the body: a little less than is worn.
    fn inner(&self, margin: f32) -> Self {
        Self {
            arm: (self.arm - 0.18 * margin).max(0.0),
            leg: (self.leg - 0.12 * margin).max(0.0),
            low: self.low + margin,
            high: self.high - margin,
            neck: [self.neck[0], self.neck[1] * 1.15],
        }
    }
}

/// A pattern in a second colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pattern {
    /// 0 none, 1 hoops, 2 stripes, 3 checks, 4 dots, 5 blocks.
    pub(super) kind: u8,
    pub(super) colour: Colour,
    /// Repetitions per decimetre.
    pub(super) per_dm: f32,
    pub(super) shift: f32,
}

/// What a garment is dyed with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fabric {
    Dyed(Colour, Pattern),
    /// The garment's own texture, times a colour.
    Own(Colour),
}

/// A garment as it is worn.
#[derive(Clone, Debug)]
pub(super) struct Worn<'a> {
    pub(super) garment: &'a Garment,
    pub(super) label: u8,
    pub(super) fabric: Fabric,
    pub(super) cut: Cut,
    /// How far it stands off the body beyond its mesh, in decimetres.
    pub(super) loose: f32,
}

/// How someone's skin looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct SkinLook {
    pub(super) texture: TextureId,
    pub(super) tint: Colour,
    /// Colours with how much of each.
    pub(super) lipstick: [f32; 4],
    pub(super) eye_shadow: [f32; 4],
    pub(super) blush: [f32; 4],
    pub(super) freckles: f32,
    pub(super) blemishes: f32,
    pub(super) lines: f32,
    pub(super) oil: f32,
    /// How far the texture's hue gives way to a usual one, 0–1.
    pub(super) hue_shift: f32,
    pub(super) beard: BeardLook,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct BeardLook {
    pub(super) colour: Colour,
    /// How dark the skin is with hair, 0–1.
    pub(super) stubble: f32,
    /// How long the hair is, in decimetres; 0: shaved.
    pub(super) length: f32,
}

/// Hair as it is dyed.
#[derive(Clone, Copy, Debug)]
pub(super) struct HairLook<'a> {
    pub(super) part: &'a Part,
    pub(super) colour: Colour,
    pub(super) streaks: Colour,
    pub(super) gloss: f32,
}

/// Ids of the labels that a figure's parts get.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FigureLabels {
    pub(super) face: u8,
    pub(super) nose: u8,
    pub(super) lips: u8,
    pub(super) ears: u8,
    /// The neck and all skin below.
    pub(super) neck: u8,
    pub(super) inner_mouth: u8,
    pub(super) eyes: u8,
    pub(super) brows: u8,
    pub(super) hair: u8,
    pub(super) footwear: u8,
}

/// Everything that a figure is made of.
pub(super) struct Recipe<'a> {
    pub(super) build: &'a Build,
    pub(super) pose: &'a Pose,
    /// Turn of the eyes in rad: upwards, to the figure's left.
    pub(super) gaze: [f32; 2],
    pub(super) skin: SkinLook,
    pub(super) hair: Option<HairLook<'a>>,
    pub(super) brows: &'a Part,
    pub(super) brow_colour: Colour,
    pub(super) lashes: Option<&'a Part>,
    pub(super) iris: TextureId,
    pub(super) teeth: Option<&'a Part>,
    pub(super) tongue: Option<&'a Part>,
    pub(super) worn: Vec<Worn<'a>>,
    pub(super) shoes: Option<(&'a Part, Fabric)>,
    pub(super) labels: FigureLabels,
    /// Leaves out what lies lower than this on the base mesh: nothing of it is in the picture.
    pub(super) from_height: f32,
}

/// Triangles to draw with one set of constants.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    pub(super) indices: Range<u32>,
    pub(super) textures: PartTextures,
    pub(super) constants: [f32; DRAW_FLOATS],
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
    pub(super) vertices: Vec<[f32; VERTEX_FLOATS]>,
    pub(super) indices: Vec<u32>,
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
    let mut figure = Assembly { library, recipe, body: &body, motions: &motions, figure: Figure::default() };
    figure.add_body();
    figure.add_eyes();
    for worn in &recipe.worn {
        figure.add_worn(worn);
    }
    figure.add_small_parts();
    let mut figure = figure.figure;
    figure.extent = extent(figure.vertices.iter().map(|vertex| [vertex[0], vertex[1], vertex[2]]));
    figure
}

fn extent(points: impl Iterator<Item = Vec3>) -> [Vec3; 2] {
    points.fold([[f32::MAX; 3], [f32::MIN; 3]], |[low, high], p| {
        [std::array::from_fn(|i| low[i].min(p[i])), std::array::from_fn(|i| high[i].max(p[i]))]
    })
}

/// Normals of positions, weighted by the faces' areas.
fn normals(positions: &[Vec3], surface: &Surface) -> Vec<Vec3> {
    let mut normals = vec![[0.0; 3]; positions.len()];
    for face in &surface.faces {
        let corner = face.map(|vertex| surface.position[vertex as usize] as usize);
        let [a, b, c, d] = corner.map(|index| positions[index]);
        let normal = cross(sub(c, a), sub(d, b));
        // The doubled corner of a triangle leaves the same direction.
        let normal = if corner[2] == corner[3] { cross(sub(b, a), sub(c, a)) } else { normal };
        for index in corner {
            normals[index] = add(normals[index], normal);
        }
    }
    normals.into_iter().map(normalize).collect()
}

struct Assembly<'a> {
    library: &'a Library,
    recipe: &'a Recipe<'a>,
    body: &'a [Vec3],
    motions: &'a [Motion],
    figure: Figure,
}

/// A mesh in its final place.
struct Placed<'a> {
    surface: &'a Surface,
    positions: &'a [Vec3],
    normals: &'a [Vec3],
    rest: &'a [Vec3],
    limbs: &'a [[f32; 2]],
}

impl Assembly<'_> {
    /// Adds the faces that `keep` chooses by their positions' indices, and the vertices that these need.
    fn add(
        &mut self,
        placed: &Placed<'_>,
        extra: impl Fn(usize) -> Vec3,
        keep: impl Fn(&[u32; 4]) -> bool,
    ) -> Range<u32> {
        const UNUSED: u32 = u32::MAX;
        let surface = placed.surface;
        let Figure { vertices, indices, .. } = &mut self.figure;
        let from = indices.len() as u32;
        let mut place = vec![UNUSED; surface.position.len()];
        for face in &surface.faces {
            if !keep(&face.map(|vertex| surface.position[vertex as usize])) {
                continue;
            }
            let [a, b, c, d] = face.map(|vertex| {
                let vertex = vertex as usize;
                if place[vertex] == UNUSED {
                    place[vertex] = vertices.len() as u32;
                    let (at, uv) = (surface.position[vertex] as usize, surface.uv[vertex]);
                    let ([x, y, z], [nx, ny, nz], [rx, ry, rz]) =
                        (placed.positions[at], placed.normals[at], placed.rest[at]);
                    let ([arm, leg], [e0, e1, e2]) = (placed.limbs[at], extra(at));
                    vertices.push([x, y, z, nx, ny, nz, rx, ry, rz, uv[0], uv[1], arm, leg, e0, e1, e2]);
                }
                place[vertex]
            });
            indices.extend([a, b, c]);
            if c != d {
                indices.extend([a, c, d]);
            }
        }
        from..indices.len() as u32
    }

    fn push(&mut self, indices: Range<u32>, textures: PartTextures, constants: Constants) {
        if !indices.is_empty() {
            let maps = [textures.normal.is_some(), textures.occlusion.is_some()].map(|is| f32::from(u8::from(is)));
            self.figure.draws.push(Draw { indices, textures, constants: constants.floats(maps) });
        }
    }

    fn add_body(&mut self) {
        let library = self.library;
        let mut positions = self.body.to_vec();
        skin(&mut positions, &library.rig.influences, self.motions);
        let normals = normals(&positions, &library.body);
        let hidden = self.hidden();
        let from_height = self.recipe.from_height;
        let placed = Placed {
            surface: &library.body,
            positions: &positions,
            normals: &normals,
            rest: &library.base,
            limbs: &library.limbs,
        };
        let shows = |corner: &[u32; 4]| {
            !corner.iter().all(|&at| hidden[at as usize])
                && corner.iter().any(|&at| library.base[at as usize][1] > from_height)
        };
        let indices = self.add(&placed, |at| [library.ears[at], 0.0, 0.0], shows);
        let look = self.recipe.skin;
        let constants = Constants::skin(&look, self.recipe.labels.face);
        let textures = PartTextures { diffuse: Some(look.texture), ..PartTextures::default() };
        self.push(indices, textures, constants.clone());
        let head = (0..BODY_VERTICES).filter(|&at| library.base[at][1] > HEAD_FROM).map(|at| positions[at]);
        self.figure.head = extent(head);
        if look.beard.length > 0.0 {
            self.add_beard(&placed, &look, textures, &constants);
        }
    }

    /// Shells over the face, thinned towards the tips by the shader.
    fn add_beard(&mut self, placed: &Placed<'_>, look: &SkinLook, textures: PartTextures, constants: &Constants) {
        let rest = placed.rest;
        let lower_face = |corner: &[u32; 4]| {
            corner.iter().all(|&at| {
                let [x, y, z] = rest[at as usize];
                (5.85..7.35).contains(&y) && z > 0.1 && x.abs() < 0.95
            })
        };
        for shell in 1..=BEARD_SHELLS {
            let height = shell as f32 / BEARD_SHELLS as f32;
            let out = |(position, normal): (&Vec3, &Vec3)| {
                // Hair hangs: tips are lower than roots.
                let lifted = add_scaled(*position, *normal, height * look.beard.length);
                [lifted[0], lifted[1] - 0.5 * height * height * look.beard.length, lifted[2]]
            };
            let positions: Vec<Vec3> = placed.positions.iter().zip(placed.normals).map(out).collect();
            let shell = Placed { positions: &positions, ..*placed };
            let indices = self.add(&shell, |_| [0.0; 3], lower_face);
            let mut constants = Constants { kind: Kind::Beard, ..constants.clone() };
            constants.beard[3] = height;
            self.push(indices, textures, constants);
        }
    }

    /// Which base vertices lie beneath clothes and shoes.
    fn hidden(&self) -> Vec<bool> {
        let library = self.library;
        let mut hidden = vec![false; library.base.len()];
        for worn in &self.recipe.worn {
            let inner = worn.cut.inner(0.10);
            for &vertex in &worn.garment.hides {
                let vertex = vertex as usize;
                hidden[vertex] |= !inner.removes(library.base[vertex], library.limbs[vertex]);
            }
        }
        if let Some((shoes, _)) = self.recipe.shoes {
            shoes.proxy.hides.iter().for_each(|&vertex| hidden[vertex as usize] = true);
        }
        hidden
    }

    /// A part on the morphed body, posed, with its normals.
    fn placed(&self, part: &Part, before_pose: impl Fn(&mut [Vec3])) -> (Vec<Vec3>, Vec<Vec3>) {
        let mut positions = part.proxy.fit(self.body);
        before_pose(&mut positions);
        skin(&mut positions, &part.influences, self.motions);
        let normals = normals(&positions, &part.surface);
        (positions, normals)
    }

    fn add_part(&mut self, part: &Part, textures: PartTextures, constants: Constants) {
        let (positions, normals) = self.placed(part, |_| {});
        let placed = Placed {
            surface: &part.surface,
            positions: &positions,
            normals: &normals,
            rest: &part.rest,
            limbs: &part.limbs,
        };
        let from_height = self.recipe.from_height;
        let indices =
            self.add(&placed, |_| [0.0; 3], |corner| corner.iter().any(|&at| part.rest[at as usize][1] > from_height));
        self.push(indices, textures, constants);
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
        let placed = Placed {
            surface: &part.surface,
            positions: &positions,
            normals: &normals,
            rest: &part.rest,
            limbs: &part.limbs,
        };
        let indices = self.add(&placed, |_| [0.0; 3], |_| true);
        let textures = PartTextures { diffuse: Some(self.recipe.iris), ..PartTextures::default() };
        self.push(
            indices,
            textures,
            Constants { surface: [0.2, 0.03, 1.0, 1.0], ..Constants::new(Kind::Eye, self.recipe.labels.eyes) },
        );
    }

    fn add_small_parts(&mut self) {
        let (recipe, labels) = (self.recipe, self.recipe.labels);
        for part in [recipe.teeth, recipe.tongue].into_iter().flatten() {
            let base = [0.86, 0.80, 0.74, 1.0];
            self.add_part(part, part.textures, Constants { base, ..Constants::new(Kind::Mouth, labels.inner_mouth) });
        }
        let hashed = [0.6, 0.02, 1.0, 1.0];
        let [r, g, b] = recipe.brow_colour;
        let brows = Constants { base: [r, g, b, 1.0], surface: hashed, ..Constants::new(Kind::Brow, labels.brows) };
        self.add_part(recipe.brows, recipe.brows.textures, brows);
        if let Some(lashes) = recipe.lashes {
            let base = [0.012, 0.010, 0.010, 1.0];
            let lash = Constants { base, surface: hashed, ..Constants::new(Kind::Brow, labels.eyes) };
            self.add_part(lashes, lashes.textures, lash);
        }
        if let Some((shoes, fabric)) = recipe.shoes {
            let constants = Constants::fabric(Kind::Shoe, labels.footwear, fabric, shoes.luminance, Cut::NONE);
            self.add_part(shoes, shoes.textures, constants);
        }
        if let Some(hair) = recipe.hair {
            let [r, g, b] = hair.colour;
            let [sr, sg, sb] = hair.streaks;
            let constants = Constants {
                base: [r, g, b, 0.65],
                second: [sr, sg, sb, 0.0],
                surface: [0.4, hair.gloss, hair.part.luminance, 1.0],
                ..Constants::new(Kind::Hair, labels.hair)
            };
            self.add_part(hair.part, hair.part.textures, constants);
        }
    }

    fn add_worn(&mut self, worn: &Worn<'_>) {
        let part = &worn.garment.part;
        let (mut positions, normals) = self.placed(part, |_| {});
        if worn.loose != 0.0 {
            for (position, normal) in positions.iter_mut().zip(&normals) {
                *position = add(*position, scale(*normal, worn.loose));
            }
        }
        let placed = Placed {
            surface: &part.surface,
            positions: &positions,
            normals: &normals,
            rest: &part.rest,
            limbs: &part.limbs,
        };
        let from_height = self.recipe.from_height;
        let keep = |corner: &[u32; 4]| {
            corner.iter().any(|&at| part.rest[at as usize][1] > from_height)
                && !corner.iter().all(|&at| worn.cut.removes(part.rest[at as usize], part.limbs[at as usize]))
        };
        let indices = self.add(&placed, |_| [0.0; 3], keep);
        let constants = Constants::fabric(Kind::Cloth, worn.label, worn.fabric, part.luminance, worn.cut);
        self.push(indices, part.textures, constants);
    }
}

/// Base vertices that are the body itself; helpers follow.
const BODY_VERTICES: usize = 13_380;

/// `Draw` of the shader.
#[derive(Clone, Debug)]
struct Constants {
    kind: Kind,
    label: u8,
    base: [f32; 4],
    second: [f32; 4],
    surface: [f32; 4],
    cut: Cut,
    pattern: [f32; 2],
    lipstick: [f32; 4],
    eye_shadow: [f32; 4],
    blush: [f32; 4],
    marks: [f32; 4],
    beard: [f32; 4],
    complexion: [f32; 4],
}

impl Constants {
    fn new(kind: Kind, label: u8) -> Self {
        Self {
            kind,
            label,
            base: [1.0; 4],
            second: [0.0; 4],
            surface: [0.6, 0.03, 0.5, 0.0],
            cut: Cut::NONE,
            pattern: [1.0, 0.0],
            lipstick: [0.0; 4],
            eye_shadow: [0.0; 4],
            blush: [0.0; 4],
            marks: [0.0; 4],
            beard: [0.0; 4],
            complexion: [0.0; 4],
        }
    }

    fn skin(look: &SkinLook, label: u8) -> Self {
        let ([r, g, b], [br, bg, bb]) = (look.tint, look.beard.colour);
        Self {
            base: [r, g, b, 1.0],
            lipstick: look.lipstick,
            eye_shadow: look.eye_shadow,
            blush: look.blush,
            marks: [look.freckles, look.blemishes, look.beard.stubble, look.lines],
            beard: [br, bg, bb, 0.0],
            complexion: [look.hue_shift, 0.0, 0.0, look.oil],
            ..Self::new(Kind::Skin, label)
        }
    }

    fn fabric(kind: Kind, label: u8, fabric: Fabric, luminance: f32, cut: Cut) -> Self {
        let (base, second, pattern) = match fabric {
            Fabric::Dyed([r, g, b], pattern) => {
                let [sr, sg, sb] = pattern.colour;
                ([r, g, b, 0.55], [sr, sg, sb, f32::from(pattern.kind)], [pattern.per_dm, pattern.shift])
            }
            Fabric::Own([r, g, b]) => ([r, g, b, 1.0], [0.0, 0.0, 0.0, 9.0], [1.0, 0.0]),
        };
        let surface = if kind == Kind::Shoe { [0.45, 0.04, luminance, 0.0] } else { [0.85, 0.025, luminance, 0.0] };
        Self { base, second, surface, cut, pattern, ..Self::new(kind, label) }
    }

    fn floats(&self, maps: [f32; 2]) -> [f32; DRAW_FLOATS] {
        let cut = &self.cut;
        let rows: [[f32; 4]; 12] = [
            [f32::from(self.kind as u8), f32::from(self.label), maps[0], maps[1]],
            self.base,
            self.second,
            self.surface,
            [cut.arm, cut.leg, cut.low, cut.high],
            [cut.neck[0], cut.neck[1], self.pattern[0], self.pattern[1]],
            self.lipstick,
            self.eye_shadow,
            self.blush,
            self.marks,
            self.beard,
            self.complexion,
        ];
        let mut floats = [0.0; DRAW_FLOATS];
        for (place, value) in floats.iter_mut().zip(rows.iter().flatten()) {
            *place = *value;
        }
        floats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_remove_what_lies_beyond_them_and_hide_less_than_they_leave() {
        let shirt = Cut { arm: 0.3, leg: 0.05, low: 0.5, high: 5.6, neck: [0.5, 0.6] };
        let cases = [
            ([0.0, 3.0, 1.0], [0.0, 0.0], false),
            ([2.0, 4.0, 0.2], [0.2, 0.0], false),
            ([3.0, 3.0, 0.2], [0.6, 0.0], true),
            ([0.8, 0.2, 0.5], [0.0, 0.0], true),
            // The neckline is lower in front, and over the shoulder there is none.
            ([0.0, 5.3, 1.0], [0.0, 0.0], true),
            ([0.0, 5.3, -0.5], [0.0, 0.0], false),
            ([1.5, 5.8, 0.1], [0.0, 0.0], false),
        ];
        for (rest, limbs, removed) in cases {
            assert_eq!(shirt.removes(rest, limbs), removed, "{rest:?}");
            assert!(!removed || shirt.inner(0.1).removes(rest, limbs), "hidden but not covered: {rest:?}");
        }
        // A skirt hides neither the face nor the arms, and something of the legs.
        let skirt = Cut { arm: 0.0, leg: 99.0, low: -3.0, high: 1.95, neck: [0.0, 1.0] }.inner(0.1);
        assert!(skirt.removes([0.0, 7.0, 1.5], [0.0; 2]) && skirt.removes([3.0, 0.0, 0.5], [0.7, 0.0]));
        assert!(!skirt.removes([1.0, -1.0, 0.5], [0.0, 0.3]));
    }
}
