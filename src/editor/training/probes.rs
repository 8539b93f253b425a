//! Pinned canvases and what each checkpoint makes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::editor::{EditorState, Effect};
use crate::training::{Probe, ProbePicture, TrainCommand};

/// So many canvases can be pinned.
pub const PROBES_MAX: usize = 8;
/// So many checkpoints of a probe are kept; beyond that every second one goes.
const PICTURES_MAX: usize = 128;
/// Neither side of the divider ever disappears, so that it can be taken hold of again.
const WIPE_RANGE: std::ops::RangeInclusive<f32> = 0.02..=0.98;

/// Pinned canvases, their pictures, and what is looked at.
#[derive(Clone, Debug)]
pub struct Probes {
    /// In the order in which they were pinned.
    pub pinned: Vec<Arc<Probe>>,
    /// Which one is looked at; the first while it is none of them.
    pub selected: Option<u64>,
    /// The step looked at; the newest while there is no picture of it.
    pub at: Option<u64>,
    /// The step it is compared with.
    pub compare: Option<u64>,
    /// Where the divider is, as a part of the width.
    pub wipe: f32,
    pictures: BTreeMap<(u64, u64), Arc<ProbePicture>>,
    run: u64,
    last_id: u64,
}

impl Default for Probes {
    fn default() -> Self {
        Self {
            pinned: Vec::new(),
            selected: None,
            at: None,
            compare: None,
            wipe: 0.5,
            pictures: BTreeMap::new(),
            run: 0,
            last_id: 0,
        }
    }
}

impl Probes {
    /// The probe that is looked at.
    pub fn current(&self) -> Option<&Arc<Probe>> {
        let selected = self.pinned.iter().find(|probe| Some(probe.id) == self.selected);
        selected.or_else(|| self.pinned.first())
    }

    /// What a checkpoint makes of a probe.
    pub fn picture(&self, probe: u64, step: u64) -> Option<&Arc<ProbePicture>> {
        self.pictures.get(&(probe, step))
    }

    /// The steps of which a probe has pictures, in order.
    pub fn steps(&self, probe: u64) -> Vec<u64> {
        self.pictures.range((probe, 0)..=(probe, u64::MAX)).map(|((_, step), _)| *step).collect()
    }

    /// The step that is looked at: the chosen one, or else the newest.
    pub fn shown_step(&self, steps: &[u64]) -> Option<u64> {
        self.at.filter(|at| steps.contains(at)).or_else(|| steps.last().copied())
    }

    /// Tells the pictures of a run from those of another.
    pub fn run_number(&self) -> u64 {
        self.run
    }

    pub(super) fn set_wipe(&mut self, part: f32) {
        if part.is_finite() {
            self.wipe = part.clamp(*WIPE_RANGE.start(), *WIPE_RANGE.end());
        }
    }

    pub(super) fn add(&mut self, pictures: Vec<ProbePicture>) {
        for picture in pictures {
            if self.pinned.iter().any(|probe| probe.id == picture.probe) {
                let probe = picture.probe;
                self.pictures.insert((probe, picture.step), Arc::new(picture));
                self.thin(probe);
            }
        }
    }

    /// The first and the newest stay.
    fn thin(&mut self, probe: u64) {
        let steps = self.steps(probe);
        if steps.len() > PICTURES_MAX {
            let inner = &steps[1..steps.len() - 1];
            let doomed: BTreeSet<u64> = inner.iter().copied().step_by(2).collect();
            self.pictures.retain(|(of, step), _| *of != probe || !doomed.contains(step));
        }
    }

    /// Another run: its checkpoints make other pictures.
    pub(super) fn forget_pictures(&mut self) {
        self.pictures.clear();
        self.run += 1;
        self.at = None;
        self.compare = None;
    }

    fn unpin(&mut self, id: u64) {
        self.pinned.retain(|probe| probe.id != id);
        self.pictures.retain(|(probe, _), _| *probe != id);
    }
}

impl EditorState {
    /// Keeps mask, attributes and latent as they are now, to be rendered at every checkpoint.
    pub(super) fn pin_canvas(&mut self, effects: &mut Vec<Effect>) {
        self.finish_edit();
        if self.training.probes.pinned.len() >= PROBES_MAX {
            return;
        }
        let probes = &mut self.training.probes;
        probes.last_id += 1;
        let probe = Probe {
            id: probes.last_id,
            taxonomy: self.taxonomy.clone(),
            labels: self.document.labels.clone(),
            attributes: self.document.attributes.clone().into(),
            latent: self.document.latent.clone(),
        };
        probes.selected = Some(probe.id);
        probes.pinned.push(Arc::new(probe));
        self.tell_probes(effects);
        effects.push(Effect::success("Pinned: every checkpoint of a training renders this canvas."));
    }

    pub(super) fn unpin_canvas(&mut self, id: u64, effects: &mut Vec<Effect>) {
        self.training.probes.unpin(id);
        self.tell_probes(effects);
    }

    fn tell_probes(&self, effects: &mut Vec<Effect>) {
        effects.push(Effect::Train(TrainCommand::SetProbes(self.training.probes.pinned.clone())));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::document::{LabelMap, LatentState};
    use crate::taxonomy::Taxonomy;

    fn picture(probe: u64, step: u64) -> ProbePicture {
        ProbePicture { probe, step, width: 1, height: 1, rgba: vec![0; 4].into() }
    }

    #[test]
    fn the_strip_keeps_its_ends_and_thins_its_middle() {
        let mut probes = Probes::default();
        probes.pinned.push(Arc::new(Probe {
            id: 1,
            taxonomy: Taxonomy::builtin("portrait").unwrap(),
            labels: LabelMap::new(1, 1, 0),
            attributes: Vec::new().into(),
            latent: LatentState::default(),
        }));
        for step in 1..=500 {
            probes.add(vec![picture(1, step * 10), picture(9, step)]);
        }
        let steps = probes.steps(1);
        assert!(steps.len() <= PICTURES_MAX && steps.len() > PICTURES_MAX / 3, "{}", steps.len());
        assert_eq!((steps.first(), steps.last()), (Some(&10), Some(&5000)));
        assert!(probes.steps(9).is_empty(), "nobody pinned that");
        assert_eq!(probes.shown_step(&steps), Some(5000));
        probes.at = Some(10);
        assert_eq!(probes.shown_step(&steps), Some(10));
        probes.unpin(1);
        assert!(probes.steps(1).is_empty() && probes.current().is_none());
    }
}
