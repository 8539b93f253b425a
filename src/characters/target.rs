//! Morphs: text files of `vertex dx dy dz`.

use super::CharacterError;
use super::lines::{lines, read_text};
use super::vector::Vec3;
use std::path::Path;

/// How some vertices of the base mesh move, in decimetres.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Target {
    pub(super) moves: Vec<(u32, Vec3)>,
}

impl Target {
    /// Reads a target for a mesh of `n_vertices`.
    ///
    /// # Errors
    /// The file cannot be read, a line is malformed, or names a vertex that the mesh lacks.
    pub(super) fn read(path: &Path, n_vertices: usize) -> Result<Self, CharacterError> {
        Self::parse(path, &read_text(path)?, n_vertices)
    }

    fn parse(path: &Path, text: &str, n_vertices: usize) -> Result<Self, CharacterError> {
        let mut moves = Vec::new();
        for mut line in lines(path, text) {
            let vertex: u32 = line.integer()?;
            if vertex as usize >= n_vertices {
                return Err(line.error(format!("vertex {vertex} of a mesh of {n_vertices}")));
            }
            moves.push((vertex, line.vector()?));
        }
        Ok(Self { moves })
    }

    /// Moves the vertices, `amount` times as far as the file says.
    pub(super) fn apply(&self, positions: &mut [Vec3], amount: f32) {
        for (vertex, by) in &self.moves {
            let position = &mut positions[*vertex as usize];
            for (coordinate, by) in position.iter_mut().zip(by) {
                *coordinate += amount * by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;

    const TEXT: &str = "# basemesh hm08\n0 .026 -.5 -.131\n2 1 0 -2.5\n";

    fn parse(text: &str) -> Result<Target, CharacterError> {
        Target::parse(Path::new("nose.target"), text, 3)
    }

    #[test]
    fn vertices_move_by_the_amount() {
        let mut positions = vec![[1.0; 3]; 3];
        parse(TEXT).unwrap().apply(&mut positions, 2.0);
        let expected = [[1.052, 0.0, 0.738], [1.0; 3], [3.0, 1.0, -4.0]];
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
        assert!(positions.iter().flatten().zip(expected.iter().flatten()).all(near), "{positions:?}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, said) in [
            ("0 1 2", "target:1: \"nothing\""),
            ("#\n3 0 0 0", "target:2: vertex 3 of a mesh of 3"),
            ("x 0 0 0", "\"x\" where a whole number"),
            ("1 0 inf 0", "\"inf\""),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
    }

    #[test]
    fn hostile_files_are_answered() {
        hostile::survives(TEXT.as_bytes(), 12, |bytes| {
            if let Ok(target) = parse(&String::from_utf8_lossy(bytes)) {
                target.apply(&mut [[0.0; 3]; 3], 1.0);
            }
        });
    }
}
