//! A MakeHuman `data` folder, loaded: base mesh, skeleton, morphs, and the parts that figures are put together from.

use super::CharacterError;
use super::lines::read_text;
use super::material::Material;
use super::obj::{Obj, Surface};
use super::proxy::Proxy;
use super::rig::{Influence, Rig};
use super::target::Target;
use super::texture::{TextureId, Textures};
use super::vector::{Vec3, add_scaled, dot, length, scale, sub};
use super::wardrobe::{self, Wardrobe};
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of morphs that figures use.
const TARGET_FOLDERS: [&str; 15] = [
    "asym",
    "cheek",
    "chin",
    "ears",
    "expression/units/african",
    "expression/units/asian",
    "expression/units/caucasian",
    "eyebrows",
    "eyes",
    "forehead",
    "head",
    "macrodetails",
    "mouth",
    "neck",
    "nose",
];
/// The base mesh that targets, weights and proxies number the vertices of.
const BASE_VERTICES: usize = 19_158;

/// The textures of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct PartTextures {
    pub(super) diffuse: Option<TextureId>,
    pub(super) normal: Option<TextureId>,
    pub(super) occlusion: Option<TextureId>,
}

/// A mesh that follows the body.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) proxy: Proxy,
    pub(super) surface: Surface,
    pub(super) influences: Vec<Influence>,
    /// Along the arms and legs of each position; see [`Library::limbs`].
    pub(super) limbs: Vec<[f32; 2]>,
    /// Positions on the base mesh as it is.
    pub(super) rest: Vec<Vec3>,
    pub(super) textures: PartTextures,
    /// Mean of the diffuse texture's luminance over the faces, linear, 0–1.
    pub(super) luminance: f32,
}

/// A skin texture and whom it suits.
#[derive(Clone, Debug)]
pub(super) struct Skin {
    pub(super) female: bool,
    /// 0 young, 1 middle-aged, 2 old.
    pub(super) stage: usize,
    pub(super) dark: bool,
    pub(super) texture: TextureId,
}

/// Everything that figures are made from.
#[derive(Debug)]
pub struct Library {
    pub(super) base: Vec<Vec3>,
    pub(super) rig: Rig,
    pub(super) body: Surface,
    /// How far along the arms (0 shoulder, ½ elbow, 1 wrist, beyond: hand) and legs (hip, knee, ankle, foot) each base vertex is.
    pub(super) limbs: Vec<[f32; 2]>,
    /// How much of an ear each base vertex is.
    pub(super) ears: Vec<f32>,
    targets: HashMap<String, Target>,
    pub(super) skins: Vec<Skin>,
    pub(super) hair: Vec<Part>,
    pub(super) brows: Vec<Part>,
    pub(super) lashes: Vec<Part>,
    pub(super) eyes: Part,
    pub(super) irises: Vec<TextureId>,
    pub(super) teeth: Vec<Part>,
    pub(super) tongue: Vec<Part>,
    pub(super) wardrobe: Wardrobe,
    pub(super) textures: Textures,
}

impl Library {
    /// Loads MakeHuman's `data` folder, on all cores. Textures are decoded when they are needed.
    ///
    /// # Errors
    /// The base mesh, skeleton, eyes, skins, hair or clothes are missing, or a file is damaged; the error names it.
    pub fn open(folder: &Path) -> Result<Self, CharacterError> {
        let base_path = folder.join("3dobjs/base.obj");
        let obj = Obj::parse(&base_path, &read_text(&base_path)?)?;
        if obj.positions.len() != BASE_VERTICES {
            let found = obj.positions.len();
            let problem = format!("{found} vertices; expected the base mesh hm08, which has {BASE_VERTICES}");
            return Err(CharacterError::content(&base_path, problem));
        }
        let base = obj.positions.clone();
        let rig = Rig::read(&folder.join("rigs"), base.len())?;
        let limbs = limbs(&rig, &base);
        let targets = targets(folder, base.len())?;
        let mut loader = Loader { base: &base, rig: &rig, limbs: &limbs, textures: Textures::default() };
        let skins = skins(&folder.join("skins"), &mut loader.textures)?;
        let [hair, brows, lashes, teeth, tongue] =
            ["hair", "eyebrows", "eyelashes", "teeth", "tongue"].map(|kind| loader.parts(&folder.join(kind)));
        let (hair, brows) = (required(hair?, folder, "hair")?, required(brows?, folder, "eyebrows")?);
        let eyes = loader.parts(&folder.join("eyes"))?.into_iter().max_by_key(|part| part.surface.faces.len());
        let eyes = eyes.ok_or_else(|| missing(folder, "eyes"))?;
        let irises = loader.irises(&folder.join("eyes/materials"))?;
        let clothes = loader.clothes(&folder.join("clothes"))?;
        let textures = loader.textures;
        let wardrobe = wardrobe::sorted(&obj, clothes, &base, &rig, &limbs);
        if wardrobe.tops.is_empty() || wardrobe.bottoms.is_empty() || wardrobe.shoes.is_empty() {
            return Err(missing(folder, "clothes"));
        }
        let mut library = Self {
            body: Surface::of(&obj, |_, face| obj.groups[face.group as usize] == "body"),
            ears: ears(&targets, base.len()),
            lashes: lashes?,
            teeth: teeth?,
            tongue: tongue?,
            base,
            rig,
            limbs,
            targets,
            skins,
            hair,
            brows,
            eyes,
            irises,
            wardrobe,
            textures,
        };
        library.measure_luminance()?;
        library.drop_opaque_hair()?;
        if library.hair.is_empty() {
            return Err(missing(folder, "hair"));
        }
        Ok(library)
    }

    /// A morph by its path under `targets`, without the extension.
    pub(super) fn target(&self, name: &str) -> Option<&Target> {
        self.targets.get(name)
    }

    /// Hair is cards with strands on them; where a texture has no gaps between these, cards cover the face.
    fn drop_opaque_hair(&mut self) -> Result<(), CharacterError> {
        let mut kept = Vec::new();
        for part in self.hair.drain(..) {
            let Some(diffuse) = part.textures.diffuse else { continue };
            let level = self.textures.mips(diffuse)?.levels.first();
            let has_gaps = level.is_some_and(|level| {
                level.pixels().filter(|pixel| pixel.0[3] < 128).count() * 50 > level.pixels().count()
            });
            if has_gaps {
                kept.push(part);
            }
        }
        self.hair = kept;
        Ok(())
    }

    fn measure_luminance(&mut self) -> Result<(), CharacterError> {
        let textures = &self.textures;
        let wardrobe = &mut self.wardrobe;
        let cloth = wardrobe.tops.iter_mut().chain(&mut wardrobe.bottoms).chain(&mut wardrobe.overalls);
        let mut parts: Vec<&mut Part> =
            cloth.map(|garment| &mut garment.part).chain(&mut wardrobe.shoes).chain(&mut self.hair).collect();
        parts.par_iter_mut().try_for_each(|part| {
            if let Some(diffuse) = part.textures.diffuse {
                part.luminance = luminance(&part.surface, textures.mips(diffuse)?.levels.first());
            }
            Ok(())
        })
    }
}

/// Mean luminance at the middles of the faces, weighted by opacity; linear.
fn luminance(surface: &Surface, texture: Option<&image::RgbaImage>) -> f32 {
    let Some(texture) = texture else { return 0.5 };
    let (mut sum, mut weight) = (0.0, 1e-3);
    for face in &surface.faces {
        let uv: [f32; 2] =
            std::array::from_fn(|axis| face.iter().map(|&v| surface.uv[v as usize][axis]).sum::<f32>() / 4.0);
        let at = |axis: usize, side: u32| ((uv[axis].rem_euclid(1.0) * side as f32) as u32).min(side - 1);
        let [r, g, b, a] =
            texture.get_pixel(at(0, texture.width()), at(1, texture.height())).0.map(|c| f32::from(c) / 255.0);
        sum += a * (0.2126 * r.powf(2.2) + 0.7152 * g.powf(2.2) + 0.0722 * b.powf(2.2));
        weight += a;
    }
    (sum / weight).clamp(0.004, 1.0)
}

fn missing(folder: &Path, what: &str) -> CharacterError {
    CharacterError::content(folder, format!("{what}/ holds nothing to use; name MakeHuman's `data` folder"))
}

fn required(parts: Vec<Part>, folder: &Path, what: &str) -> Result<Vec<Part>, CharacterError> {
    if parts.is_empty() { Err(missing(folder, what)) } else { Ok(parts) }
}

/// Files of an extension in a folder and the folders in it, sorted; none if the folder is missing.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, CharacterError> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if depth == 0 && !folder.is_dir() {
            return Ok(found);
        }
        for entry in fs::read_dir(&folder).map_err(CharacterError::io(&folder))? {
            let path = entry.map_err(CharacterError::io(&folder))?.path();
            if path.is_dir() && depth < 1 {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn targets(folder: &Path, n_vertices: usize) -> Result<HashMap<String, Target>, CharacterError> {
    let mut paths = Vec::new();
    for name in TARGET_FOLDERS {
        let below = folder.join("targets").join(name);
        if !below.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&below).map_err(CharacterError::io(&below))? {
            let path = entry.map_err(CharacterError::io(&below))?.path();
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            // Only adults are made, so shapes of others are not even read.
            let is_adult = !stem.contains("-baby") && !stem.contains("-child");
            if path.extension().is_some_and(|extension| extension == "target") && is_adult {
                paths.push((format!("{name}/{stem}"), path));
            }
        }
    }
    if paths.is_empty() {
        return Err(missing(folder, "targets"));
    }
    paths.into_par_iter().map(|(name, path)| Ok((name, Target::read(&path, n_vertices)?))).collect()
}

fn skins(folder: &Path, textures: &mut Textures) -> Result<Vec<Skin>, CharacterError> {
    let mut skins = Vec::new();
    for path in files(folder, "png")? {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let stage = ["young", "middleage", "old"].iter().position(|stage| name.starts_with(stage));
        if let Some(stage) = stage.filter(|_| name.contains("diffuse")) {
            let (female, dark) = (name.contains("female"), name.contains("dark"));
            skins.push(Skin { female, stage, dark, texture: textures.add(path) });
        }
    }
    if [false, true].iter().all(|&female| skins.iter().any(|skin| skin.female == female)) {
        return Ok(skins);
    }
    Err(CharacterError::content(
        folder,
        "no textures/young_…_male_diffuse.png and …female… ; name MakeHuman's `data` folder",
    ))
}

struct Loader<'a> {
    base: &'a [Vec3],
    rig: &'a Rig,
    limbs: &'a [[f32; 2]],
    textures: Textures,
}

impl Loader<'_> {
    fn parts(&mut self, folder: &Path) -> Result<Vec<Part>, CharacterError> {
        self.clothes(folder).map(|parts| parts.into_iter().map(|(part, _)| part).collect())
    }

    /// The proxies of a folder with their meshes.
    fn clothes(&mut self, folder: &Path) -> Result<Vec<(Part, Obj)>, CharacterError> {
        let paths = files(folder, "mhclo")?;
        let (base, rig, limbs) = (self.base, self.rig, self.limbs);
        let read = |path: &PathBuf| {
            let proxy = Proxy::parse(path, &read_text(path)?, base.len())?;
            let obj = Obj::parse(&proxy.obj, &read_text(&proxy.obj)?)?;
            if obj.positions.len() != proxy.bindings.len() {
                let problem =
                    format!("{} vertices are bound, the mesh has {}", proxy.bindings.len(), obj.positions.len());
                return Err(CharacterError::content(path, problem));
            }
            let material = match &proxy.material {
                Some(path) if path.is_file() => Material::parse(path, &read_text(path)?),
                _ => Material::default(),
            };
            let along = |binding: &super::proxy::Binding| {
                std::array::from_fn(|limb| {
                    let corners = binding.vertices.iter().zip(binding.weights);
                    corners.map(|(vertex, weight)| weight * limbs[*vertex as usize][limb]).sum()
                })
            };
            let part = Part {
                name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
                surface: Surface::of(&obj, |_, _| true),
                influences: rig.of_bindings(&proxy.bindings),
                limbs: proxy.bindings.iter().map(along).collect(),
                rest: proxy.fit(base),
                textures: PartTextures::default(),
                luminance: 0.5,
                proxy,
            };
            Ok((part, obj, material))
        };
        let read: Vec<_> = paths.par_iter().map(read).collect::<Result<_, CharacterError>>()?;
        let mut texture =
            |path: Option<PathBuf>| path.filter(|path| path.is_file()).map(|path| self.textures.add(path));
        let with_textures = |(part, obj, material): (Part, Obj, Material)| {
            let textures = PartTextures {
                diffuse: texture(material.diffuse),
                normal: texture(material.normal),
                occlusion: texture(material.occlusion),
            };
            (Part { textures, ..part }, obj)
        };
        Ok(read.into_iter().map(with_textures).collect())
    }

    fn irises(&mut self, folder: &Path) -> Result<Vec<TextureId>, CharacterError> {
        let irises: Vec<TextureId> = files(folder, "png")?.into_iter().map(|path| self.textures.add(path)).collect();
        if irises.is_empty() { Err(CharacterError::content(folder, "no textures of irises")) } else { Ok(irises) }
    }
}

/// Where along shoulder–elbow–wrist and hip–knee–ankle each vertex lies.
fn limbs(rig: &Rig, base: &[Vec3]) -> Vec<[f32; 2]> {
    let chains = [["upperarm01", "lowerarm01", "wrist"], ["upperleg01", "lowerleg01", "foot"]];
    let bones: [&[&str]; 2] =
        [&["upperarm", "lowerarm", "wrist", "metacarpal", "finger"], &["upperleg", "lowerleg", "foot", "toe"]];
    let joints =
        chains.map(|chain| ["L", "R"].map(|side| chain.map(|bone| rig.joint(&format!("{bone}.{side}"), base))));
    let along = |vertex: usize, limb: usize| {
        let position = base[vertex];
        let side = usize::from(position[0] < 0.0);
        let [Some(a), Some(b), Some(c)] = joints[limb][side] else { return 0.0 };
        if rig.share(vertex, bones[limb]) < 0.3 {
            return 0.0;
        }
        let part = |from: Vec3, to: Vec3| {
            let axis = sub(to, from);
            dot(sub(position, from), axis) / dot(axis, axis).max(1e-6)
        };
        let (upper, lower) = (part(a, b), part(b, c));
        // Which half is nearer decides, so that the two meet at the joint.
        let distance =
            |from: Vec3, to: Vec3, at: f32| length(sub(position, add_scaled(from, sub(to, from), at.clamp(0.0, 1.0))));
        if distance(a, b, upper) <= distance(b, c, lower) {
            0.5 * upper.clamp(0.0, 1.0)
        } else {
            0.5 + 0.5 * lower.max(0.0)
        }
    };
    (0..base.len()).map(|vertex| [along(vertex, 0), along(vertex, 1)]).collect()
}

/// The ears are what moves when they are turned outwards.
fn ears(targets: &HashMap<String, Target>, n_vertices: usize) -> Vec<f32> {
    let mut ears = vec![0.0_f32; n_vertices];
    for side in ["l", "r"] {
        let Some(target) = targets.get(&format!("ears/{side}-ear-wing-incr")) else { continue };
        let most = target.moves.iter().map(|(_, by)| length(*by)).fold(1e-6, f32::max);
        for (vertex, by) in &target.moves {
            ears[*vertex as usize] = length(scale(*by, 1.0 / most)).min(1.0);
        }
    }
    ears
}
