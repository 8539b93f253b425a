//! The paper's networks, to measure with.

use super::{GeneratorConfig, GeneratorKind, Init, Model, ModelCard, Provenance, SegmentorConfig};
use crate::gpu::ComputeDevice;
use crate::taxonomy::Taxonomy;

impl Model {
    /// The paper's step-by-step generator and segmentor for CelebA (width 64, 128×128 px, n_z = 512) with random weights.
    /// `None` in a build without the paper's taxonomy.
    pub fn full_size(compute: &ComputeDevice) -> Option<Self> {
        let taxonomy = Taxonomy::builtin("celeba-7")?;
        let (n_labels, n_attributes) = (taxonomy.n_labels(), taxonomy.n_attributes());
        let kind = GeneratorKind::StepByStep;
        let generator = GeneratorConfig { kind, resolution: 128, width: 64, n_z: 512, n_labels, n_attributes };
        let segmentor = SegmentorConfig::paper(64, n_labels);
        let mut init = Init::new(0, compute);
        Some(Self {
            generator: generator.init(&mut init),
            segmentor: Some(segmentor.init(&mut init)),
            head: None,
            card: ModelCard {
                name: "full-size".to_owned(),
                title: "The paper's networks, untrained".to_owned(),
                taxonomy,
                generator,
                segmentor: Some(segmentor),
                attribute_head: false,
                provenance: Provenance::default(),
                license: String::new(),
                direction_names: Default::default(),
                hash: String::new(),
            },
        })
    }
}
