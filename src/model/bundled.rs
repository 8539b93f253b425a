//! The models inside the program, so that it shows a picture on its first start.

use super::file::{ModelFileError, ModelFileProblem};
use super::{Model, ModelCard};
use crate::gpu::ComputeDevice;

// A static is in the program once; a constant would be copied into every codegen unit that names it.
static BUNDLED: [(&str, &[u8]); 2] = [
    ("portrait", include_bytes!("../../assets/models/portrait.safetensors")),
    ("outfit", include_bytes!("../../assets/models/outfit.safetensors")),
];

impl Model {
    /// Names of the bundled models; the first one is opened on the first start.
    pub fn bundled_names() -> Vec<&'static str> {
        BUNDLED.iter().map(|(name, _)| *name).collect()
    }

    /// Puts a bundled model on a device.
    pub fn bundled(name: &str, compute: &ComputeDevice) -> Result<Self, ModelFileError> {
        Self::from_bytes(bundled_bytes(name)?, name, compute)
    }

    /// The card of a bundled model.
    pub fn bundled_card(name: &str) -> Result<ModelCard, ModelFileError> {
        Self::read_card(bundled_bytes(name)?, name)
    }
}

fn bundled_bytes(name: &str) -> Result<&'static [u8], ModelFileError> {
    let found = BUNDLED.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, bytes)| *bytes)
        .ok_or_else(|| ModelFileError::new(name, ModelFileProblem::NotBundled(Model::bundled_names().join(", "))))
}
