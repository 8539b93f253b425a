//! Materials (`.mhmat`), as far as they name textures.

use super::lines::lines;
use std::path::{Path, PathBuf};

/// The textures of a mesh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Material {
    pub(super) diffuse: Option<PathBuf>,
    pub(super) normal: Option<PathBuf>,
    pub(super) occlusion: Option<PathBuf>,
}

impl Material {
    /// Reads a material; textures are relative to its folder. Unknown keys are passed over: a material without textures is one.
    pub(super) fn parse(path: &Path, text: &str) -> Self {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut material = Self::default();
        for mut line in lines(path, text) {
            let slot = match line.word() {
                Some("diffuseTexture") => &mut material.diffuse,
                Some("normalmapTexture") => &mut material.normal,
                Some("aomapTexture") => &mut material.occlusion,
                _ => continue,
            };
            let name = line.rest();
            *slot = (!name.is_empty()).then(|| folder.join(name));
        }
        material
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hostile;

    const TEXT: &str = "// skin\nname young\ndiffuseColor 1 1 1\ndiffuseTexture ../textures/young skin.png\nnormalmapTexture n.png\naomapTexture\n";

    #[test]
    fn textures_are_named_from_the_folder() {
        let material = Material::parse(Path::new("skins/young/young.mhmat"), TEXT);
        assert_eq!(material.diffuse.unwrap(), Path::new("skins/young/../textures/young skin.png"));
        assert_eq!((material.normal.unwrap(), material.occlusion), (PathBuf::from("skins/young/n.png"), None));
    }

    #[test]
    fn hostile_files_are_answered() {
        hostile::survives(TEXT.as_bytes(), 14, |bytes| {
            let _ = Material::parse(Path::new("a.mhmat"), &String::from_utf8_lossy(bytes));
        });
    }
}
