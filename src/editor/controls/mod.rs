//! «What controls this?»: which directions and attributes change a region of the picture most, and the rest least.
//!
//! A look is about the document as it was when it began. Later changes outdate it, which is said, and one looks again.

mod region;
mod request;

pub use region::ControlRegion;

use std::sync::Arc;

use self::region::Choosing;
use self::request::{Asked, LATENTS};
use super::dock::SeenLayout;
use super::{Action, EditorState, Effect, Panel};
use crate::engine::{InfluenceRequest, LiveFrame, Measurement, Picture, PicturePixels, StepsRun};
use crate::influence::{Influence, ranking};
use crate::model::DIRECTION_NAME_CHARS;
use crate::taxonomy::GroupKind;

/// Something that changes the picture besides the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// A latent direction, the strongest being 0.
    Direction(usize),
    /// An attribute, by its flat index.
    Attribute(usize),
}

/// Which findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kinds {
    /// Every one.
    #[default]
    All,
    /// Those about latent directions.
    Directions,
    /// Those about attributes.
    Attributes,
}

impl Kinds {
    /// Every choice.
    pub const EACH: [Self; 3] = [Self::All, Self::Directions, Self::Attributes];

    /// Name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::Directions => "Directions",
            Self::Attributes => "Attributes",
        }
    }

    fn includes(self, control: Control) -> bool {
        match self {
            Self::All => true,
            Self::Directions => matches!(control, Control::Direction(_)),
            Self::Attributes => matches!(control, Control::Attribute(_)),
        }
    }
}

/// An end of a control's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// A direction at −2 σ; an attribute that is off.
    Low,
    /// A direction at +2 σ; an attribute that is on.
    High,
}

impl End {
    /// Both ends.
    pub const BOTH: [Self; 2] = [Self::Low, Self::High];

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

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

    /// What is to be seen at an end of a control.
    pub fn end_title(&self, control: Control, end: End) -> String {
        match (control, end) {
            (Control::Direction(_), End::Low) => format!("−{} σ", request::MOVE),
            (Control::Direction(_), End::High) => format!("+{} σ", request::MOVE),
            (Control::Attribute(_), End::High) => "on".to_owned(),
            (Control::Attribute(attribute), End::Low) => {
                let others = self.attributes_of_control(attribute);
                let finding = self.controls.finding(control);
                let strengths = finding.and_then(|finding| finding.attributes[end.index()].get(others));
                // Another one of the group, as it was chosen when the look began.
                let chosen = strengths.is_some_and(|strengths| strengths.iter().any(|strength| *strength != 0.0));
                if chosen { "as it is".to_owned() } else { "off".to_owned() }
            }
        }
    }

    /// Whether the document has the control at that end.
    pub fn is_at(&self, control: Control, end: End) -> bool {
        match control {
            Control::Direction(direction) => self.offset(direction) == request::offset(end),
            Control::Attribute(attribute) => {
                let finding = self.controls.finding(control);
                finding.is_some_and(|finding| {
                    let range = self.attributes_of_control(attribute);
                    self.document.attributes.get(range.clone()) == finding.attributes[end.index()].get(range)
                })
            }
        }
    }

    /// The attributes that change with one: those of its group where they exclude each other.
    fn attributes_of_control(&self, attribute: usize) -> std::ops::Range<usize> {
        let mut ranges = self.taxonomy.group_ranges();
        let own = ranges.find(|(range, kind)| range.contains(&attribute) && *kind != GroupKind::Independent);
        own.map_or(attribute..attribute + 1, |(range, _)| range)
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

    /// Asks what changes the region as it is on the present mask.
    fn look_again(&mut self, effects: &mut Vec<Effect>) {
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

    fn look(&mut self, effects: &mut Vec<Effect>) {
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
    fn stop_looking(&mut self, effects: &mut Vec<Effect>) {
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

    fn end_look(&mut self) {
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

    fn controls_measured(&mut self, number: u64, measured: Vec<Measurement>) {
        let view = &mut self.controls;
        let Some(asked) = view.asked.as_mut().filter(|_| number == view.number) else { return };
        let mut complete = false;
        for Measurement { id, change, pictures } in measured {
            let Some(finding) = view.findings.get_mut(request::index_of(id)) else { continue };
            finding.influence.add(change);
            if let Some(pictures) = pictures {
                finding.pictures = Some(pictures.map(|picture| Arc::new(frame_of(picture))));
            }
            complete |= asked.note_one();
        }
        // Whoever is about to click must not have the list change under the pointer with every measurement.
        if complete {
            self.rank_controls();
        }
    }

    fn move_control(&mut self, control: Control, end: End, effects: &mut Vec<Effect>) {
        match control {
            Control::Direction(_) if self.latent_locked => {
                effects.push(Effect::info("The latent is locked: unlock it to move a direction."));
            }
            Control::Direction(direction) => {
                self.finish_edit();
                self.set_offset(direction, request::offset(end));
                self.finish_edit();
            }
            Control::Attribute(attribute) => {
                let range = self.attributes_of_control(attribute);
                let Some(finding) = self.controls.finding(control) else { return };
                let values = Arc::clone(&finding.attributes[end.index()]);
                if values.len() != self.document.attributes.len() || self.is_at(control, end) {
                    return;
                }
                self.edit_once(
                    |document| document.attributes[range.clone()].copy_from_slice(&values[range]),
                    |state| state.attribute_entry(attribute),
                );
            }
        }
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

fn frame_of(picture: PicturePixels) -> LiveFrame {
    LiveFrame {
        generation: 0,
        width: picture.width,
        height: picture.height,
        picture: Picture::Pixels(picture.rgba),
        steps: StepsRun::default(),
        render_ms: 0.0,
    }
}

/// How many latents a finding is averaged over, once all is measured.
pub const LATENTS_MEASURED: usize = LATENTS;

#[cfg(test)]
mod tests;
