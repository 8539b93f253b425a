//! Proxies (`.mhclo`): meshes that follow the body, each vertex bound to three of the body's.

use super::CharacterError;
use super::lines::{Line, lines};
use super::vector::Vec3;
use std::path::{Path, PathBuf};

/// Far more than any proxy has.
const MAX_VERTICES: usize = 1 << 20;

/// How a mesh is bound to the base mesh.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Proxy {
    /// The mesh's file.
    pub(super) obj: PathBuf,
    /// The material's file.
    pub(super) material: Option<PathBuf>,
    /// Words the author gave, in lower case.
    pub(super) tags: Vec<String>,
    pub(super) bindings: Vec<Binding>,
    /// For x, y and z: two base vertices, and how far apart they are where offsets have their written size.
    pub(super) scales: [Option<(u32, u32, f32)>; 3],
    /// Base vertices that the mesh hides.
    pub(super) hides: Vec<u32>,
}

/// A vertex of a proxy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Binding {
    pub(super) vertices: [u32; 3],
    pub(super) weights: Vec3,
    pub(super) offset: Vec3,
}

impl Proxy {
    /// Reads a proxy for a base mesh of `n_vertices`; file names are relative to its folder.
    ///
    /// # Errors
    /// A malformed line, a vertex that the base mesh lacks, or no mesh.
    pub(super) fn parse(path: &Path, text: &str, n_vertices: usize) -> Result<Self, CharacterError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut proxy = Self::default();
        let mut section = Section::Head;
        for mut line in lines(path, text) {
            match line.text.split_whitespace().next().unwrap_or_default() {
                "obj_file" => proxy.obj = folder.join(second(line)),
                "material" => proxy.material = Some(folder.join(second(line))),
                "tag" => proxy.tags.push(second(line).to_lowercase()),
                axis @ ("x_scale" | "y_scale" | "z_scale") => {
                    line.word();
                    let axis = usize::from(axis.as_bytes()[0] - b'x');
                    let [a, b] = [vertex(&mut line, n_vertices)?, vertex(&mut line, n_vertices)?];
                    proxy.scales[axis] = Some((a, b, line.number()?));
                }
                "verts" => section = Section::Vertices,
                "delete_verts" => {
                    section = Section::Hidden;
                    line.word();
                    hidden(line, n_vertices, &mut proxy.hides)?;
                }
                word if word.starts_with(|c: char| c.is_ascii_digit()) => match section {
                    Section::Head => return Err(line.error("a number before `verts`")),
                    Section::Vertices => proxy.bindings.push(binding(line, n_vertices)?),
                    Section::Hidden => hidden(line, n_vertices, &mut proxy.hides)?,
                },
                _ => {}
            }
            if proxy.bindings.len() > MAX_VERTICES {
                return Err(CharacterError::content(path, "more than a million vertices; replace the file"));
            }
        }
        if proxy.obj.as_os_str().is_empty() || proxy.bindings.is_empty() {
            return Err(CharacterError::content(path, "no `obj_file`, or no vertices under `verts`; replace the file"));
        }
        Ok(proxy)
    }

    /// The mesh's positions on a body of these base positions.
    pub(super) fn fit(&self, body: &[Vec3]) -> Vec<Vec3> {
        let scale: Vec3 = std::array::from_fn(|axis| match self.scales[axis] {
            Some((a, b, at_rest)) if at_rest.abs() > 1e-6 => {
                (body[a as usize][axis] - body[b as usize][axis]).abs() / at_rest.abs()
            }
            _ => 1.0,
        });
        let place = |binding: &Binding| {
            let corners = binding.vertices.map(|vertex| body[vertex as usize]);
            std::array::from_fn(|axis| {
                let within: f32 =
                    corners.iter().zip(binding.weights).map(|(corner, weight)| weight * corner[axis]).sum();
                within + binding.offset[axis] * scale[axis]
            })
        };
        self.bindings.iter().map(place).collect()
    }
}

#[derive(Clone, Copy)]
enum Section {
    Head,
    Vertices,
    Hidden,
}

fn second(mut line: Line<'_>) -> String {
    line.word();
    line.rest()
}

fn vertex(line: &mut Line<'_>, n_vertices: usize) -> Result<u32, CharacterError> {
    let vertex: u32 = line.integer()?;
    if (vertex as usize) < n_vertices {
        return Ok(vertex);
    }
    Err(line.error(format!("vertex {vertex} of a mesh of {n_vertices}")))
}

/// `v`, or `v v v  w w w  dx dy dz`.
fn binding(mut line: Line<'_>, n_vertices: usize) -> Result<Binding, CharacterError> {
    let first = vertex(&mut line, n_vertices)?;
    if line.text.split_whitespace().count() == 1 {
        return Ok(Binding { vertices: [first; 3], weights: [1.0, 0.0, 0.0], offset: [0.0; 3] });
    }
    let vertices = [first, vertex(&mut line, n_vertices)?, vertex(&mut line, n_vertices)?];
    Ok(Binding { vertices, weights: line.vector()?, offset: line.vector()? })
}

/// Vertices and ranges: `3 7 - 9`. Ranges that end past the mesh end with it.
fn hidden(mut line: Line<'_>, n_vertices: usize, into: &mut Vec<u32>) -> Result<(), CharacterError> {
    let mut range = false;
    while let Some(word) = line.word() {
        if word == "-" {
            range = true;
            continue;
        }
        let Ok(index) = word.parse::<u32>() else {
            return Err(line.error(format!("{word:?} where a vertex is expected")));
        };
        let last = into.last().copied().filter(|_| range);
        let from = last.map_or(index, |last| last.saturating_add(1));
        let end = index.min(n_vertices.saturating_sub(1) as u32);
        if into.len() + (end.saturating_sub(from) as usize) > MAX_VERTICES {
            return Err(line.error("ranges that overlap without end"));
        }
        into.extend(from..=end);
        range = false;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;

    const TEXT: &str = "# a hat\nname hat\nobj_file hat.obj\nmaterial hat.mhmat\ntag Winter\nx_scale 0 1 2.0\nz_scale 0 3 1\nz_depth 50\nverts 0\n2\n0 1 2 0.5 0.25 0.25 1 2 3\n\ndelete_verts\n0 2 - 3\n";

    fn parse(text: &str) -> Result<Proxy, CharacterError> {
        Proxy::parse(Path::new("hats/hat.mhclo"), text, 4)
    }

    #[test]
    fn bindings_scales_and_hidden_ranges_are_read_and_fitted() {
        let proxy = parse(TEXT).unwrap();
        assert_eq!(proxy.obj, Path::new("hats/hat.obj"));
        assert_eq!(proxy.material.as_deref(), Some(Path::new("hats/hat.mhmat")));
        assert_eq!((&proxy.tags[..], &proxy.hides[..]), (&["winter".to_owned()][..], &[0, 2, 3][..]));
        let body = [[0.0; 3], [4.0, 0.0, 0.0], [0.0, 8.0, 0.0], [0.0, 0.0, 0.5]];
        // x: 4 apart instead of 2; y has no scale; z: half.
        assert_eq!(proxy.fit(&body), [[0.0, 8.0, 0.0], [1.0 + 2.0, 2.0 + 2.0, 1.5]]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, said) in [
            ("obj_file a.obj\nverts 0\n4", "vertex 4 of a mesh of 4"),
            ("obj_file a.obj\nverts 0\n1 2 3 0.1", "\"nothing\""),
            ("3", "before `verts`"),
            ("obj_file a.obj", "no vertices"),
            ("verts 0\n1", "no `obj_file`"),
            ("obj_file a.obj\nverts 0\n1\ndelete_verts\n0 - x", "\"x\" where a vertex"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }

    #[test]
    fn hostile_files_are_answered() {
        hostile::survives(TEXT.as_bytes(), 13, |bytes| {
            if let Ok(proxy) = parse(&String::from_utf8_lossy(bytes)) {
                assert_eq!(proxy.fit(&[[1.0; 3]; 4]).len(), proxy.bindings.len());
                assert!(proxy.hides.iter().all(|&vertex| vertex < 4));
            }
        });
    }
}
