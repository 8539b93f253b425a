//! Meshes in their final place, gathered into one list of triangles.

use crate::characters::library::Part;
use crate::characters::obj::Surface;
use crate::characters::vector::{Vec3, add, cross, normalize, sub};
use std::ops::Range;

/// Floats of a vertex: position, normal, position at rest, texture coordinates, limbs, how much of an ear, two more.
pub(in crate::characters) const VERTEX_FLOATS: usize = 16;

/// Vertices, and three indices a triangle.
#[derive(Clone, Debug, Default)]
pub(in crate::characters) struct Mesh {
    pub(in crate::characters) vertices: Vec<[f32; VERTEX_FLOATS]>,
    pub(in crate::characters) indices: Vec<u32>,
}

/// A surface in its final place: everything but the surface is by position.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) surface: &'a Surface,
    pub(super) positions: &'a [Vec3],
    pub(super) normals: &'a [Vec3],
    pub(super) rest: &'a [Vec3],
    pub(super) limbs: &'a [[f32; 2]],
    /// How much of an ear; empty where there is none.
    pub(super) ears: &'a [f32],
}

impl<'a> Placed<'a> {
    pub(super) fn of_part(part: &'a Part, positions: &'a [Vec3], normals: &'a [Vec3]) -> Self {
        let (surface, rest, limbs) = (&part.surface, &part.rest[..], &part.limbs[..]);
        Self { surface, positions, normals, rest, limbs, ears: &[] }
    }

    /// Whether a corner of a face is higher than `height` on the base mesh.
    pub(super) fn reaches_over(&self, corner: &[u32; 4], height: f32) -> bool {
        corner.iter().any(|&at| self.rest[at as usize][1] > height)
    }
}

impl Mesh {
    /// Adds the faces that `keep` chooses by their positions' indices, and the vertices that these need.
    pub(super) fn add(&mut self, placed: &Placed<'_>, keep: impl Fn(&[u32; 4]) -> bool) -> Range<u32> {
        const UNUSED: u32 = u32::MAX;
        let surface = placed.surface;
        let Self { vertices, indices } = self;
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
                    let (at, [u, v]) = (surface.position[vertex] as usize, surface.uv[vertex]);
                    let ([x, y, z], [nx, ny, nz], [rx, ry, rz]) =
                        (placed.positions[at], placed.normals[at], placed.rest[at]);
                    let ([arm, leg], ear) = (placed.limbs[at], placed.ears.get(at).copied().unwrap_or(0.0));
                    vertices.push([x, y, z, nx, ny, nz, rx, ry, rz, u, v, arm, leg, ear, 0.0, 0.0]);
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
}

/// Lowest and highest corner.
pub(super) fn extent(points: impl Iterator<Item = Vec3>) -> [Vec3; 2] {
    points.fold([[f32::MAX; 3], [f32::MIN; 3]], |[low, high], p| {
        [std::array::from_fn(|i| low[i].min(p[i])), std::array::from_fn(|i| high[i].max(p[i]))]
    })
}

/// Normals of positions, weighted by the faces' areas.
pub(super) fn normals(positions: &[Vec3], surface: &Surface) -> Vec<Vec3> {
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
