//! A look at a region: asking for measurements, and taking them in.

use std::sync::Arc;

use super::request::{self, Asked};
use super::{EditorState, Effect, Finding};
use crate::engine::{InfluenceRequest, LiveFrame, Measurement};
use crate::influence::{Influence, ranking};

impl EditorState {
    /// Asks what changes the region as it is on the present mask.
    pub(super) fn look_again(&mut self, effects: &mut Vec<Effect>) {
        let Some(region) = self.controls.region.take() else { return };
        let mask = &self.document.labels;
        match region.on(mask) {
            Ok(region) => {
                self.controls.region = Some(region);
                self.look(effects);
            }
            Err(lost) => effects.push(Effect::info(lost)),
        }
    }

    pub(super) fn look(&mut self, effects: &mut Vec<Effect>) {
        let Some(region) = &self.controls.region else { return };
        if !self.can_render() || self.model.loading.is_some() {
            return effects.push(Effect::info("Choose a model that knows this mask, then look again."));
        }
        // It is about the document, so that is what is shown.
        self.timeline.end_preview();
        let number = self.controls.number + 1;
        let controls = self.controls_to_measure();
        let moves = self.moves_of(&controls);
        let request = InfluenceRequest {
            number,
            labels: self.document.labels.clone(),
            region: Arc::clone(region.pixels()),
            moves,
        };
        let asked = Asked::new(self, request.moves.len());
        let view = &mut self.controls;
        (view.number, view.failure, view.previewed, view.naming) = (number, None, None, None);
        view.order.clear();
        view.findings = controls
            .into_iter()
            .map(|(control, attributes)| Finding {
                control,
                influence: Influence::default(),
                pictures: None,
                attributes,
            })
            .collect();
        view.asked = Some(asked);
        effects.push(Effect::MeasureInfluence(Box::new(request)));
    }

    /// What is known so far stays.
    pub(super) fn stop_looking(&mut self, effects: &mut Vec<Effect>) {
        let (Some(region), Some(_)) = (&self.controls.region, self.controls.progress()) else { return };
        let request = InfluenceRequest {
            number: self.controls.number + 1,
            labels: self.document.labels.clone(),
            region: Arc::clone(region.pixels()),
            moves: Vec::new(),
        };
        self.controls.number = request.number;
        self.end_look();
        effects.push(Effect::MeasureInfluence(Box::new(request)));
    }

    pub(super) fn end_look(&mut self) {
        if let Some(asked) = &mut self.controls.asked {
            asked.end();
        }
        self.rank_controls();
    }

    fn rank_controls(&mut self) {
        let view = &mut self.controls;
        let influences: Vec<Influence> = view.findings.iter().map(|finding| finding.influence).collect();
        view.order = ranking(&influences);
        view.order.retain(|index| influences[*index].latents() > 0);
    }

    pub(super) fn controls_measured(&mut self, number: u64, measured: Vec<Measurement>) {
        let view = &mut self.controls;
        let Some(asked) = view.asked.as_mut().filter(|_| number == view.number) else { return };
        let mut complete = false;
        for Measurement { id, change, pictures } in measured {
            let Some(finding) = view.findings.get_mut(request::index_of(id)) else { continue };
            finding.influence.add(change);
            if let Some(pictures) = pictures {
                finding.pictures = Some(pictures.map(|picture| Arc::new(LiveFrame::still(picture))));
            }
            complete |= asked.note_one();
        }
        // Whoever is about to click must not have the list change under the pointer with every measurement.
        if complete {
            self.rank_controls();
        }
    }
}
