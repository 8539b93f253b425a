//! Made-up reports and checkpoints for tests of the editor and its panels.

use std::collections::BTreeMap;

use crate::data::doctor::{AttributeCount, LabelCount, Problem, ProblemKind, Report, SizeCount};
use crate::taxonomy::Taxonomy;
use crate::train::{CheckpointInfo, Kept};

/// A report on nine images.
pub(crate) fn report(taxonomy: &Taxonomy) -> Report {
    let share = 1.0 / taxonomy.n_labels() as f64;
    let labels = taxonomy.labels.iter();
    let labels = labels.map(|label| LabelCount { name: label.name.clone(), pixels: 900, share, images: 9 });
    let groups = taxonomy.groups.iter();
    let attributes = groups.flat_map(|group| group.attributes.iter().map(|name| (name.clone(), group.name.clone())));
    let attributes = attributes.map(|(name, group)| AttributeCount { name, group, images: 3, share: 0.33 });
    Report {
        description: "plain folder /data/pairs, 9 samples".to_owned(),
        taxonomy: taxonomy.name.clone(),
        samples: 9,
        readable: 9,
        sizes: vec![SizeCount { width: 256, height: 256, images: 9 }],
        labels: labels.collect(),
        attributes: attributes.collect(),
        n_problems: 0,
        problem_kinds: BTreeMap::new(),
        problems: Vec::new(),
        n_duplicates: 0,
        duplicates: Vec::new(),
        n_lookalikes: 0,
        lookalikes: Vec::new(),
        previews: Vec::new(),
    }
}

/// A mask with an unknown label.
pub(crate) fn problem(number: usize) -> Problem {
    Problem { kind: ProblemKind::ForeignLabel, message: format!("masks/{number}.png: label 255 is unknown") }
}

/// A checkpoint that is nowhere.
pub(crate) fn checkpoint(step: u64) -> CheckpointInfo {
    CheckpointInfo {
        step,
        path: format!("/runs/checkpoints/step-{step}.safetensors").into(),
        model: format!("/runs/checkpoints/model-{step}.safetensors").into(),
        bytes: 12_000_000,
        kept: if step.is_multiple_of(20) { Kept::EveryNth } else { Kept::Last },
        score: None,
    }
}
