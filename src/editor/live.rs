//! Keeping the picture up to date.

use std::sync::Arc;

use super::{EditorState, Effect};
use crate::engine::{LiveFrame, LiveRequest, StepsRun};

/// What is shown and what was asked for. Generations grow with every change of the document.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Generation of the document as it is now.
    pub wanted: u64,
    /// Generation of the document shown; 0 before the first picture.
    pub shown: u64,
    /// The newest picture.
    pub frame: Option<Arc<LiveFrame>>,
    /// Whether the user holds the picture still.
    pub paused: bool,
    /// Why the newest request failed.
    pub failure: Option<String>,
}

/// What the status pill says.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveStatus {
    /// A model is being loaded; its name.
    Loading(String),
    /// There is no model that understands this mask.
    NoModel,
    /// Held still by the user.
    Paused,
    /// A newer picture is on its way.
    Rendering,
    /// The picture shows the document; how long it took.
    UpToDate {
        /// From the request to its pixels, in milliseconds.
        render_ms: f32,
    },
    /// The newest request failed.
    Failed(String),
}

impl EditorState {
    /// The document changed.
    pub(super) fn touch(&mut self) {
        self.live.wanted += 1;
        self.live.failure = None;
    }

    /// Takes the picture away, since it shows something else than the document. Answers still on their way are dropped.
    pub(super) fn forget_picture(&mut self) {
        self.live.frame = None;
        self.live.shown = self.live.wanted;
        self.touch();
    }

    /// Whether the loaded model understands the document.
    pub fn can_render(&self) -> bool {
        self.model.loaded.as_ref().is_some_and(|model| model.taxonomy == self.taxonomy)
    }

    /// The request for what is shown now, the document or a moment of the timeline, unless paused or without a fitting model.
    pub fn live_request(&self) -> Option<LiveRequest> {
        if self.live.paused { None } else { self.preview_request().or_else(|| self.picture_request()) }
    }

    /// The request for the document as it is now, unless no fitting model is loaded.
    pub(super) fn picture_request(&self) -> Option<LiveRequest> {
        if !self.can_render() {
            return None;
        }
        let document = &self.document;
        Some(LiveRequest {
            generation: self.live.wanted,
            labels: document.labels.clone(),
            attributes: document.attributes.clone().into(),
            latent: document.latent.clone(),
        })
    }

    pub(super) fn toggle_live(&mut self, effects: &mut Vec<Effect>) {
        self.live.paused = !self.live.paused;
        if !self.live.paused {
            effects.push(Effect::Render);
        }
    }

    /// An answer older than the picture on screen is dropped. One for which nothing had to be rendered, as after a stroke
    /// too small to matter, leaves the time of the one before on the status.
    pub(super) fn frame_arrived(&mut self, mut frame: LiveFrame) {
        if frame.generation > self.live.shown {
            if let Some(shown) = self.live.frame.as_ref().filter(|_| frame.steps == StepsRun::default()) {
                frame.render_ms = shown.render_ms;
            }
            self.live.shown = frame.generation;
            self.live.frame = Some(Arc::new(frame));
            self.live.failure = None;
        }
    }

    pub(super) fn render_failed(&mut self, generation: u64, message: String) {
        if generation == self.live.wanted {
            self.live.failure = Some(message);
        }
    }

    /// What the status pill says.
    pub fn live_status(&self) -> LiveStatus {
        if let Some(name) = &self.model.loading {
            return LiveStatus::Loading(name.clone());
        }
        if let Some(message) = &self.live.failure {
            return LiveStatus::Failed(message.clone());
        }
        if !self.can_render() {
            return LiveStatus::NoModel;
        }
        match &self.live.frame {
            _ if self.live.paused => LiveStatus::Paused,
            Some(frame) if self.live.shown >= self.live.wanted => LiveStatus::UpToDate { render_ms: frame.render_ms },
            _ => LiveStatus::Rendering,
        }
    }
}
