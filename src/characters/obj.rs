//! Meshes in Wavefront's OBJ: positions, texture coordinates, faces of three or four corners, groups.

use super::CharacterError;
use super::lines::lines;
use super::vector::Vec3;
use std::collections::HashMap;
use std::path::Path;

/// Far more than any mesh of MakeHuman's has.
const MAX_ELEMENTS: usize = 1 << 20;

/// A mesh as its file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Obj {
    pub(super) positions: Vec<Vec3>,
    /// Origin at the texture's lower left.
    pub(super) uvs: Vec<[f32; 2]>,
    pub(super) faces: Vec<Face>,
    /// Names that faces point at.
    pub(super) groups: Vec<String>,
}

/// A triangle or a quad; a triangle's last corner is there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Face {
    /// Position and texture coordinate of each corner.
    pub(super) corners: [[u32; 2]; 4],
    /// Index in [`Obj::groups`].
    pub(super) group: u32,
}

impl Obj {
    /// Reads an OBJ's text, `path` naming it in errors. Materials, normals and smoothing groups are passed over.
    ///
    /// # Errors
    /// A line that is no OBJ, an index out of range, or more than a million elements.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, CharacterError> {
        let mut obj = Self { groups: vec![String::new()], ..Self::default() };
        let mut group = 0;
        for mut line in lines(path, text) {
            match line.word() {
                Some("v") => obj.positions.push(line.vector()?),
                Some("vt") => obj.uvs.push([line.number()?, line.number()?]),
                Some("g") => {
                    let name = line.rest();
                    group = obj.groups.iter().position(|known| *known == name).unwrap_or(obj.groups.len());
                    if group == obj.groups.len() {
                        obj.groups.push(name);
                    }
                    continue;
                }
                Some("f") => {
                    let mut corners = Vec::with_capacity(4);
                    while let Some(word) = line.word() {
                        let corner = corner(word, [obj.positions.len(), obj.uvs.len()]);
                        corners.push(corner.ok_or_else(|| line.error(format!("{word:?} names no vertex")))?);
                    }
                    let corners = match corners[..] {
                        [a, b, c] => [a, b, c, c],
                        [a, b, c, d] => [a, b, c, d],
                        _ => return Err(line.error(format!("a face of {} corners; expected 3 or 4", corners.len()))),
                    };
                    obj.faces.push(Face { corners, group: group as u32 });
                }
                _ => {}
            }
            if obj.positions.len().max(obj.uvs.len()).max(obj.faces.len()) > MAX_ELEMENTS {
                return Err(line.error(format!("more than {MAX_ELEMENTS} elements")));
            }
        }
        if obj.uvs.is_empty() {
            obj.uvs.push([0.0; 2]);
        }
        Ok(obj)
    }
}

/// `position/uv/normal`, of which only the first must be there, counted from 1 or backwards from −1.
fn corner(word: &str, counts: [usize; 2]) -> Option<[u32; 2]> {
    let mut parts = word.split('/');
    let index = |text: &str, count: usize| {
        let number: i64 = text.parse().ok()?;
        let index = if number < 0 { count as i64 + number } else { number - 1 };
        (0..count as i64).contains(&index).then_some(index as u32)
    };
    let position = index(parts.next()?, counts[0])?;
    let uv = match parts.next() {
        None | Some("") => 0,
        Some(text) => index(text, counts[1])?,
    };
    Some([position, uv])
}

/// A mesh as it is drawn: a vertex for each pair of position and texture coordinate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Surface {
    /// The position that each vertex takes.
    pub(super) position: Vec<u32>,
    /// Origin at the texture's upper left.
    pub(super) uv: Vec<[f32; 2]>,
    /// Vertices of each face; of a triangle the last is there twice.
    pub(super) faces: Vec<[u32; 4]>,
}

impl Surface {
    /// The faces of `obj` that `keep` chooses.
    pub(super) fn of(obj: &Obj, keep: impl Fn(usize, &Face) -> bool) -> Self {
        let mut surface = Self::default();
        let mut known = HashMap::new();
        for (index, face) in obj.faces.iter().enumerate() {
            if !keep(index, face) {
                continue;
            }
            surface.faces.push(face.corners.map(|corner| {
                *known.entry(corner).or_insert_with(|| {
                    let [u, v] = obj.uvs.get(corner[1] as usize).copied().unwrap_or_default();
                    surface.position.push(corner[0]);
                    surface.uv.push([u, 1.0 - v]);
                    surface.position.len() as u32 - 1
                })
            }));
        }
        surface
    }
}

/// Which faces hang together: equal numbers for faces that share a corner, by `key` of the corner (0 position, 1 texture
/// coordinate).
pub(super) fn connected(obj: &Obj, key: usize) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..obj.positions.len().max(obj.uvs.len()) as u32).collect();
    let mut root = |mut at: u32, join: Option<u32>| {
        while parent[at as usize] != at {
            parent[at as usize] = parent[parent[at as usize] as usize];
            at = parent[at as usize];
        }
        if let Some(other) = join {
            parent[at as usize] = other;
        }
        at
    };
    for face in &obj.faces {
        for corner in &face.corners[1..] {
            let other = root(corner[key], None);
            root(face.corners[0][key], Some(other));
        }
    }
    obj.faces.iter().map(|face| root(face.corners[0][key], None)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;

    pub(crate) const CUBE: &str = "# a box without lid\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nv 0 0 1\nv 1 0 1\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 .25\ng front\nf 1/1 2/2 3/3 4/4\ng below\nf 1/1/7 2/2 6/3 5/4\nf -1/-1 -2/1 -3//2\n";

    fn parse(text: &str) -> Result<Obj, CharacterError> {
        Obj::parse(Path::new("cube.obj"), text)
    }

    #[test]
    fn faces_groups_and_relative_indices_are_read() {
        let obj = parse(CUBE).unwrap();
        assert_eq!((obj.positions.len(), obj.uvs.len(), obj.faces.len()), (6, 4, 3));
        assert_eq!(obj.faces[0].corners, [[0, 0], [1, 1], [2, 2], [3, 3]]);
        assert_eq!(obj.faces[2].corners, [[5, 3], [4, 0], [3, 0], [3, 0]]);
        assert_eq!(obj.groups, ["", "front", "below"]);
        assert_eq!(obj.faces[1].group, 2);
    }

    #[test]
    fn surfaces_share_vertices_within_and_flip_v() {
        let obj = parse(CUBE).unwrap();
        let surface = Surface::of(&obj, |_, face| obj.groups[face.group as usize] != "front");
        assert_eq!(surface.faces.len(), 2);
        assert_eq!(surface.position.len(), 7);
        assert_eq!(surface.uv[3], [0.0, 0.75]);
        assert_eq!(connected(&obj, 0)[0], connected(&obj, 0)[1]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, said) in [
            ("v 1 2", "obj:1: \"nothing\""),
            ("v 1 2 nan", "\"nan\""),
            ("\nv 0 0 0\nf 1 1 2", "obj:3: \"2\" names no vertex"),
            ("v 0 0 0\nf 1 1", "2 corners"),
            ("v 0 0 0\nf 1 1 1 1 1", "5 corners"),
            ("v 0 0 0\nf 1/9 1 1", "names no vertex"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }

    #[test]
    fn hostile_files_are_answered() {
        hostile::survives(CUBE.as_bytes(), 11, |bytes| {
            if let Ok(obj) = parse(&String::from_utf8_lossy(bytes)) {
                let surface = Surface::of(&obj, |_, _| true);
                assert!(surface.position.iter().all(|&index| (index as usize) < obj.positions.len()));
                assert_eq!(connected(&obj, 0).len(), obj.faces.len());
                assert_eq!(connected(&obj, 1).len(), obj.faces.len());
            }
        });
    }
}
