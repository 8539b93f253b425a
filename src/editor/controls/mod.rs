//! «What controls this?»: which directions and attributes change a region of the picture most, and the rest least.
//!
//! A look is about the document as it was when it began. Later changes outdate it, which is said, and one looks again.

mod control;
mod look;
mod region;
mod request;

pub use crate::influence::{Control, End, LATENTS_MEASURED};
pub use control::Kinds;
pub use region::ControlRegion;

use std::sync::Arc;

use self::region::Choosing;
use self::request::Asked;
use super::dock::SeenLayout;
use super::{Action, EditorState, Effect, Panel};
use crate::engine::{LiveFrame, Measurement};
use crate::influence::Influence;
use crate::model::DIRECTION_NAME_CHARS;

/// What a look found out about a control.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The control.
    pub control: Control,
    /// What it changes.
    pub influence: Influence,
    /// The document's picture with the control at both ends, once drawn.
    pub pictures: Option<[Arc<LiveFrame>; 2]>,
    /// What the attributes are at both ends.
    attributes: [Arc<[f32]>; 2],
}

/// Region, findings, and what is being chosen.
#[derive(Debug, Default)]
pub struct ControlsView {
    region: Option<ControlRegion>,
    choosing: Option<Choosing>,
    findings: Vec<Finding>,
    kinds: Kinds,
    /// Indices of findings, the best first.
    order: Vec<usize>,
    asked: Option<Asked>,
    number: u64,
    failure: Option<String>,
    /// What is shown in the place of the result.
    previewed: Option<(Control, End)>,
    /// The direction that becomes a slider, and the name typed so far.
    naming: Option<(usize, String)>,
    /// Whether the panel is shown.
    shown: bool,
    seen_layout: SeenLayout,
}

/// Something in the panel.
#[derive(Clone, Debug)]
pub enum ControlsCommand {
    /// The pointer or the keyboard is at a picture, or has left it.
    Point(Option<(Control, End)>),
    /// Show these findings.
    Show(Kinds),
    /// Move a control of the document to an end.
    Move(Control, End),
    /// Start to type the name of a slider.
    BeginName(usize),
    /// The name typed so far.
    TypeName(String),
    /// The direction becomes a slider of this name in the latent panel, or not.
    EndName {
        /// Whether it does.
        keep: bool,
    },
    /// Measurements came.
    Measured {
        /// The request's number.
        number: u64,
        /// What they say.
        measured: Vec<Measurement>,
    },
    /// The engine gave up.
    Failed {
        /// The request's number.
        number: u64,
        /// Why, and what to do.
        message: String,
    },
}

impl ControlsView {
    /// The region in question.
    pub fn region(&self) -> Option<&ControlRegion> {
        self.region.as_ref()
    }

    /// What is known and to be shown, the best first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let known = self.order.iter().filter_map(|index| self.findings.get(*index));
        known.filter(|finding| self.kinds.includes(finding.control))
    }

    /// Whether anything is known.
    pub fn has_findings(&self) -> bool {
        !self.order.is_empty()
    }

    /// Which findings are shown.
    pub fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Part of the look that is done, while it goes on.
    pub fn progress(&self) -> Option<f32> {
        self.asked.as_ref().and_then(Asked::progress)
    }

    /// Why the look failed.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The direction that gets a name, and the name typed so far.
    pub fn naming(&self) -> Option<(usize, &str)> {
        self.naming.as_ref().map(|(direction, name)| (*direction, name.as_str()))
    }

    /// Whether the pointer chooses a region.
    pub fn is_choosing(&self) -> bool {
        self.choosing.is_some()
    }

    /// What is shown in the place of the result, as soon as it is drawn.
    pub fn previewed(&self) -> Option<(Control, End)> {
        self.previewed
    }

    fn finding(&self, control: Control) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.control == control)
    }
}

impl EditorState {
    /// What a control is called.
    pub fn control_title(&self, control: Control) -> String {
        match control {
            Control::Direction(direction) => self.direction_name(direction),
            Control::Attribute(attribute) => self.attribute_title(attribute),
        }
    }

    /// The picture that the panel shows in the place of the result.
    pub fn previewed_control(&self) -> Option<&Arc<LiveFrame>> {
        let (control, end) = self.controls.previewed?;
        Some(&self.controls.finding(control)?.pictures.as_ref()?[end.index()])
    }

    /// Whether mask, attributes, latent or model are others than those that the findings are about.
    pub fn controls_are_outdated(&self) -> bool {
        self.controls.asked.as_ref().is_some_and(|asked| !asked.is_about(self))
    }

    pub(super) fn controls_command(&mut self, command: ControlsCommand, effects: &mut Vec<Effect>) {
        match command {
            ControlsCommand::Point(at) => self.controls.previewed = at,
            ControlsCommand::Show(kinds) => self.controls.kinds = kinds,
            ControlsCommand::Move(control, end) => self.move_control(control, end, effects),
            ControlsCommand::BeginName(direction) => {
                let usual = super::latents::usual_name(direction);
                let name = self.direction_name(direction);
                // What is to be replaced is not in the way.
                self.controls.naming = Some((direction, if name == usual { String::new() } else { name }));
            }
            ControlsCommand::TypeName(text) => {
                if let Some((_, name)) = &mut self.controls.naming {
                    *name = text.chars().take(DIRECTION_NAME_CHARS).collect();
                }
            }
            ControlsCommand::EndName { keep } => {
                if let Some((direction, name)) = self.controls.naming.take().filter(|_| keep) {
                    self.name_direction(direction, &name, effects);
                }
            }
            ControlsCommand::Measured { number, measured } => self.controls_measured(number, measured),
            ControlsCommand::Failed { number, message } => {
                if number == self.controls.number {
                    self.controls.failure = Some(message);
                    self.end_look();
                }
            }
        }
    }

    pub(super) fn start_controls_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::ControlsOfRegion => self.choose_region(),
            Action::ControlsOfLabel => self.choose_label_region(self.painting.label, effects),
            Action::LookAgain => self.look_again(effects),
            Action::StopLooking => self.stop_looking(effects),
            _ => {}
        }
    }

    pub(super) fn controls_disabled_reason(&self, action: Action) -> Option<&'static str> {
        let (possible, reason) = match action {
            Action::ControlsOfRegion | Action::ControlsOfLabel | Action::LookAgain if !self.can_render() => {
                (false, "Choose a model that knows this mask first")
            }
            Action::LookAgain => (self.controls.region.is_some(), "Choose a region first"),
            Action::StopLooking => (self.controls.progress().is_some(), "Nothing is being looked for"),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    /// Another model has other directions.
    pub(super) fn forget_controls_of_other_model(&mut self) {
        let hash = self.model.loaded.as_ref().map(|model| &model.hash);
        if self.controls.asked.as_ref().is_some_and(|asked| Some(&asked.model) != hash) {
            let view = &mut self.controls;
            (view.asked, view.previewed, view.naming, view.failure) = (None, None, None, None);
            view.findings.clear();
            view.order.clear();
        }
    }

    /// A hidden panel shows, chooses and measures nothing.
    pub(super) fn refresh_controls(&mut self, effects: &mut Vec<Effect>) {
        let shown = self.controls.seen_layout.shows(&self.preferences.dock_layout, Panel::Controls);
        if !shown && std::mem::replace(&mut self.controls.shown, false) {
            (self.controls.choosing, self.controls.previewed, self.controls.naming) = (None, None, None);
            self.stop_looking(effects);
        }
        self.controls.shown = shown;
    }

    /// The region's outlines, and the line that is being drawn, in mask pixels.
    pub fn region_overlay(&self) -> crate::document::tools::Overlay {
        let mut overlay = self.controls.choosing.as_ref().map(Choosing::overlay).unwrap_or_default();
        let region =
            self.controls.region.as_ref().filter(|region| self.controls.shown && region.fits(&self.document.labels));
        if overlay.outlines.is_empty()
            && let Some(region) = region
        {
            overlay.outlines.extend_from_slice(region.outlines());
        }
        overlay
    }
}

#[cfg(test)]
mod tests;
