//! The skeleton (`.mhskel`), its weights (`.mhw`), poses, and linear blend skinning.

use super::CharacterError;
use super::lines::read_text;
use super::proxy::Binding;
use super::vector::{Motion, Vec3, add_scaled, scale};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Bones that move a vertex at most; weaker ones are dropped.
const INFLUENCES: usize = 4;
const MAX_BONES: usize = 1024;

/// How a vertex follows the bones: their indices, and weights that sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Influence {
    pub(super) bones: [u16; INFLUENCES],
    pub(super) weights: [f32; INFLUENCES],
}

/// A skeleton on the base mesh.
#[derive(Clone, Debug)]
pub(super) struct Rig {
    /// Parents come before their children.
    bones: Vec<Bone>,
    index: HashMap<String, usize>,
    /// Of each base vertex.
    pub(super) influences: Vec<Influence>,
}

#[derive(Clone, Debug)]
struct Bone {
    name: String,
    parent: Option<usize>,
    /// Base vertices whose mean is the joint.
    head: Vec<u32>,
}

/// Turns of bones about their heads: rad about x, y and z of the figure at rest, passed on to children.
pub(super) type Pose = [(&'static str, Vec3)];

#[derive(Deserialize)]
struct SkeletonFile {
    bones: BTreeMap<String, BoneFile>,
    joints: HashMap<String, Vec<u32>>,
}

#[derive(Deserialize)]
struct BoneFile {
    head: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct WeightsFile {
    weights: BTreeMap<String, Vec<(u32, f32)>>,
}

impl Rig {
    /// Reads `default.mhskel` and `default_weights.mhw` of a folder, for a base mesh of `n_vertices`.
    ///
    /// # Errors
    /// A file is missing, no JSON of that kind, or names a bone, joint or vertex that is not there.
    pub(super) fn read(folder: &Path, n_vertices: usize) -> Result<Self, CharacterError> {
        let [skeleton, weights] = ["default.mhskel", "default_weights.mhw"].map(|name| folder.join(name));
        let mut rig = Self::parse_skeleton(&skeleton, &read_text(&skeleton)?, n_vertices)?;
        rig.parse_weights(&weights, &read_text(&weights)?, n_vertices)?;
        Ok(rig)
    }

    fn parse_skeleton(path: &Path, text: &str, n_vertices: usize) -> Result<Self, CharacterError> {
        let wrong = |problem: String| CharacterError::content(path, format!("{problem}; replace the file"));
        let file: SkeletonFile = serde_json::from_str(text).map_err(|error| wrong(format!("no skeleton: {error}")))?;
        if file.bones.len() > MAX_BONES {
            return Err(wrong(format!("{} bones; expected at most {MAX_BONES}", file.bones.len())));
        }
        let (mut bones, mut index) = (Vec::new(), HashMap::new());
        while bones.len() < file.bones.len() {
            let before = bones.len();
            for (name, bone) in &file.bones {
                let parent = match &bone.parent {
                    None => None,
                    Some(parent) if index.contains_key(parent) => index.get(parent).copied(),
                    Some(_) => continue,
                };
                if index.contains_key(name) {
                    continue;
                }
                let head = file
                    .joints
                    .get(&bone.head)
                    .filter(|head| !head.is_empty() && head.iter().all(|&vertex| (vertex as usize) < n_vertices));
                let head = head.ok_or_else(|| wrong(format!("the bone {name} has no joint on the base mesh")))?;
                index.insert(name.clone(), bones.len());
                bones.push(Bone { name: name.clone(), parent, head: head.clone() });
            }
            if bones.len() == before {
                return Err(wrong("a bone's parents lead to no root".to_owned()));
            }
        }
        if bones.is_empty() {
            return Err(wrong("no bones".to_owned()));
        }
        let rest = Influence { bones: [0; INFLUENCES], weights: [1.0, 0.0, 0.0, 0.0] };
        Ok(Self { bones, index, influences: vec![rest; n_vertices] })
    }

    fn parse_weights(&mut self, path: &Path, text: &str, n_vertices: usize) -> Result<(), CharacterError> {
        let wrong = |problem: String| CharacterError::content(path, format!("{problem}; replace the file"));
        let file: WeightsFile = serde_json::from_str(text).map_err(|error| wrong(format!("no weights: {error}")))?;
        let mut of_vertex: Vec<Vec<(u16, f32)>> = vec![Vec::new(); n_vertices];
        for (name, weights) in &file.weights {
            let Some(&bone) = self.index.get(name) else {
                return Err(wrong(format!("the bone {name} is not in the skeleton")));
            };
            for &(vertex, weight) in weights {
                let Some(list) = of_vertex.get_mut(vertex as usize).filter(|_| weight.is_finite()) else {
                    return Err(wrong(format!("the bone {name} has vertex {vertex} of {n_vertices}, weight {weight}")));
                };
                list.push((bone as u16, weight));
            }
        }
        for (influence, list) in self.influences.iter_mut().zip(of_vertex) {
            if let Some(strongest) = strongest(list) {
                *influence = strongest;
            }
        }
        Ok(())
    }

    /// How the vertices of a proxy follow the bones: as the base vertices that they are bound to.
    pub(super) fn of_bindings(&self, bindings: &[Binding]) -> Vec<Influence> {
        let of = |binding: &Binding| {
            let mut list: Vec<(u16, f32)> = Vec::with_capacity(3 * INFLUENCES);
            for (vertex, share) in binding.vertices.iter().zip(binding.weights) {
                let influence = &self.influences[*vertex as usize];
                for (bone, weight) in influence.bones.iter().zip(influence.weights) {
                    match list.iter_mut().find(|(known, _)| known == bone) {
                        Some((_, sum)) => *sum += share * weight,
                        None => list.push((*bone, share * weight)),
                    }
                }
            }
            strongest(list).unwrap_or(self.influences[binding.vertices[0] as usize])
        };
        bindings.iter().map(of).collect()
    }

    /// Where a bone begins on a body; none if there is no bone of that name.
    pub(super) fn joint(&self, bone: &str, body: &[Vec3]) -> Option<Vec3> {
        self.index.get(bone).map(|&index| mean(&self.bones[index].head, body))
    }

    /// How much the bones whose names begin with one of `prefixes` move a base vertex, 0–1.
    pub(super) fn share(&self, vertex: usize, prefixes: &[&str]) -> f32 {
        let influence = &self.influences[vertex];
        let belongs =
            |bone: &u16| prefixes.iter().any(|prefix| self.bones[usize::from(*bone)].name.starts_with(prefix));
        influence.bones.iter().zip(influence.weights).filter(|(bone, _)| belongs(bone)).map(|(_, weight)| weight).sum()
    }

    /// How each bone moves from the rest pose. Bones that the skeleton lacks are passed over.
    pub(super) fn motions(&self, body: &[Vec3], pose: &Pose) -> Vec<Motion> {
        let mut motions: Vec<Motion> = Vec::with_capacity(self.bones.len());
        for bone in &self.bones {
            let parent = bone.parent.map_or(Motion::IDENTITY, |parent| motions[parent]);
            let turn = pose.iter().find(|(name, _)| *name == bone.name);
            motions.push(match turn {
                Some((_, angles)) => parent.after(&Motion::euler(*angles).about(mean(&bone.head, body))),
                None => parent,
            });
        }
        motions
    }
}

/// Linear blend skinning.
pub(super) fn skin(positions: &mut [Vec3], influences: &[Influence], motions: &[Motion]) {
    for (position, influence) in positions.iter_mut().zip(influences) {
        let mut moved = [0.0; 3];
        for (bone, weight) in influence.bones.iter().zip(influence.weights) {
            if weight > 0.0 {
                moved = add_scaled(moved, motions[usize::from(*bone)].point(*position), weight);
            }
        }
        *position = moved;
    }
}

fn mean(vertices: &[u32], body: &[Vec3]) -> Vec3 {
    let sum = vertices.iter().fold([0.0; 3], |sum, &vertex| add_scaled(sum, body[vertex as usize], 1.0));
    scale(sum, 1.0 / vertices.len().max(1) as f32)
}

fn strongest(mut list: Vec<(u16, f32)>) -> Option<Influence> {
    list.retain(|(_, weight)| *weight > 0.0);
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list.truncate(INFLUENCES);
    let sum: f32 = list.iter().map(|(_, weight)| weight).sum();
    if sum <= 1e-6 {
        return None;
    }
    let mut influence = Influence { bones: [0; INFLUENCES], weights: [0.0; INFLUENCES] };
    for (slot, (bone, weight)) in list.into_iter().enumerate() {
        (influence.bones[slot], influence.weights[slot]) = (bone, weight / sum);
    }
    Some(influence)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;
    use std::f32::consts::FRAC_PI_2;

    const SKELETON: &str = r#"{"name":"arm","bones":{
        "elbow":{"head":"e","tail":"x","parent":"shoulder"},
        "shoulder":{"head":"s","tail":"e","parent":null}},
        "joints":{"s":[0],"e":[1,2]}}"#;
    const WEIGHTS: &str = r#"{"weights":{"shoulder":[[0,1.0],[1,0.5],[2,0.5]],"elbow":[[1,0.5],[2,1.5],[3,0.3]]}}"#;

    fn rig() -> Rig {
        let mut rig = Rig::parse_skeleton(Path::new("a.mhskel"), SKELETON, 4).unwrap();
        rig.parse_weights(Path::new("a.mhw"), WEIGHTS, 4).unwrap();
        rig
    }

    #[test]
    fn children_follow_parents_and_weights_sum_to_1() {
        let rig = rig();
        assert_eq!(rig.influences[2].weights, [0.75, 0.25, 0.0, 0.0]);
        assert_eq!(rig.share(2, &["elb"]), 0.75);
        let body = [[0.0; 3], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]];
        let mut posed = body.to_vec();
        let turn = [0.0, 0.0, FRAC_PI_2];
        skin(&mut posed, &rig.influences, &rig.motions(&body, &[("shoulder", turn), ("elbow", turn), ("tail", turn)]));
        // The elbow is up at (0, 1), and the hand beyond it has turned twice.
        let near = |a: Vec3, b: Vec3| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(posed[0], [0.0; 3]) && near(posed[1], [0.0, 1.0, 0.0]) && near(posed[3], [-1.0, 1.0, 0.0]));
    }

    #[test]
    fn proxies_follow_what_they_are_bound_to() {
        let rig = rig();
        let binding = Binding { vertices: [0, 3, 3], weights: [0.25, 0.5, 0.25], offset: [0.0; 3] };
        let influence = rig.of_bindings(&[binding])[0];
        assert_eq!(influence.weights[..2], [0.75, 0.25]);
        assert_eq!(rig.bones[usize::from(influence.bones[0])].name, "elbow");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let skeleton = |text: &str| Rig::parse_skeleton(Path::new("a.mhskel"), text, 2).unwrap_err().to_string();
        let circle = r#"{"bones":{"a":{"head":"j","parent":"b"},"b":{"head":"j","parent":"a"}},"joints":{"j":[0]}}"#;
        assert!(skeleton(circle).contains("no root"));
        assert!(skeleton(SKELETON).contains("elbow has no joint") || skeleton(SKELETON).contains("shoulder"));
        assert!(skeleton("{}").contains("no skeleton") && skeleton(r#"{"bones":{},"joints":{}}"#).contains("no bones"));
        let weights = |text: &str| rig().parse_weights(Path::new("a.mhw"), text, 4).unwrap_err().to_string();
        assert!(weights(r#"{"weights":{"knee":[]}}"#).contains("knee is not in"));
        assert!(weights(r#"{"weights":{"elbow":[[9,1]]}}"#).contains("vertex 9 of 4"));
    }

    #[test]
    fn hostile_files_are_answered() {
        hostile::survives(SKELETON.as_bytes(), 15, |bytes| {
            if let Ok(rig) = Rig::parse_skeleton(Path::new("a"), &String::from_utf8_lossy(bytes), 4) {
                assert_eq!(rig.motions(&[[0.0; 3]; 4], &[]).len(), rig.bones.len());
            }
        });
        hostile::survives(WEIGHTS.as_bytes(), 16, |bytes| {
            let _ = rig().parse_weights(Path::new("a"), &String::from_utf8_lossy(bytes), 4);
        });
    }
}
