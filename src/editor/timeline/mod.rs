//! Keyframes, the playhead and what it shows, and exports of animations.

mod export;

pub use export::{AnimationExport, AnimationOptions, ExportTicket};

use std::time::Duration;

use super::state::EditKey;
use super::{Action, Dialog, EditorState, Effect, Panel};
use crate::document::{Ease, Keyframe, LabelMap, Look, MAX_KEYFRAMES, Timeline};
use crate::engine::LiveRequest;
use crate::export::{AnimationFormat, Dither, UpscaleFilter};
use crate::taxonomy::Taxonomy;
use crate::timeline::{Player, Preset};

/// How long after the last one a keyframe is added, in seconds.
const STEP_S: f32 = 1.0;
/// Between two pictures while it plays.
const FRAME_TIME: Duration = Duration::from_millis(16);

/// Where the timeline is looked at.
#[derive(Debug, Default)]
pub struct TimelineView {
    /// Seconds from the beginning.
    pub playhead_s: f32,
    /// Index of the keyframe that buttons are about.
    pub selected: Option<usize>,
    /// How the next animation is exported.
    pub options: AnimationOptions,
    /// The export under way.
    pub export: Option<AnimationExport>,
    /// What the playhead shows instead of the document.
    preview: Option<Look>,
    player: Player,
    /// When the playhead was last moved on.
    playing_since: Option<Duration>,
    last_export: u64,
}

/// Something in the timeline panel or the dialog that exports an animation.
#[derive(Clone, Debug)]
pub enum TimelineCommand {
    /// Choose a keyframe and show it.
    Select(usize),
    /// Put a keyframe to another time, in seconds.
    Move {
        /// The keyframe's index.
        index: usize,
        /// Its new time.
        at_s: f32,
    },
    /// Show a moment, in seconds.
    Scrub(f32),
    /// Show the document again.
    Leave,
    /// Faster or slower; repeats until [`super::Command::FinishEdit`] are one undo entry.
    SetDuration(f32),
    /// How changes gather pace.
    SetEase(Ease),
    /// Replace the keyframes by ready-made ones.
    UsePreset(Preset),
    /// What is exported as what.
    SetFormat(AnimationFormat),
    /// Longer side of a frame, in pixels.
    SetSide(u32),
    /// Frames per second.
    SetFps(f32),
    /// How frames are enlarged.
    SetFilter(UpscaleFilter),
    /// How a GIF's colours stand for more.
    SetDither(Dither),
    /// Ask where to, and export.
    Export,
    /// Stop the export; no file is left.
    CancelExport,
}

/// The ready-made timeline that an action begins with.
fn preset_of(action: Action) -> Option<Preset> {
    match action {
        Action::AnimateSmile => Some(Preset::NoSmileToSmile),
        Action::AnimateTurn => Some(Preset::LeftToRight),
        Action::AnimateClothes => Some(Preset::ChangeOfClothes),
        _ => None,
    }
}

impl TimelineView {
    /// Whether the playhead moves by itself.
    pub fn is_playing(&self) -> bool {
        self.playing_since.is_some()
    }

    /// The document is about to change, so it is what is shown.
    pub(super) fn end_preview(&mut self) {
        self.preview = None;
        self.playing_since = None;
    }

    /// Whether the canvas shows a moment of the timeline instead of the document.
    pub fn is_shown(&self) -> bool {
        self.preview.is_some()
    }

    /// The moment that the canvas shows instead of the document.
    pub(super) fn shown_look(&self) -> Option<&Look> {
        self.preview.as_ref()
    }
}

impl EditorState {
    /// The mask on the canvas: the document's, or that of the moment under the playhead in the document's size.
    pub fn shown_labels(&self) -> &LabelMap {
        self.timeline.preview.as_ref().map_or(&self.document.labels, |look| &look.labels)
    }

    /// The request for the moment under the playhead, if it is shown.
    pub(super) fn preview_request(&self) -> Option<LiveRequest> {
        let look = self.timeline.preview.as_ref().filter(|_| self.can_render())?;
        Some(LiveRequest {
            generation: self.live.wanted,
            labels: look.labels.clone(),
            attributes: look.attributes.clone().into(),
            latent: look.latent.clone(),
        })
    }

    /// Whether a preset's masks are of this document's taxonomy.
    pub fn preset_fits(&self, preset: Preset) -> bool {
        Taxonomy::builtin(preset.taxonomy()).is_some_and(|own| own.has_channels_of(&self.taxonomy))
    }

    pub(super) fn timeline_command(&mut self, command: TimelineCommand, effects: &mut Vec<Effect>) {
        let options = &mut self.timeline.options;
        match command {
            TimelineCommand::Select(index) => self.select_keyframe(index),
            TimelineCommand::Move { index, at_s } => self.move_keyframe(index, at_s),
            TimelineCommand::Scrub(at_s) => {
                self.timeline.playing_since = None;
                self.finish_edit();
                self.show_moment(at_s);
            }
            TimelineCommand::Leave => self.leave_timeline(),
            TimelineCommand::SetDuration(duration_s) => {
                let shown = self.timeline.is_shown();
                self.edit(EditKey::Duration, |document| document.timeline = document.timeline.lasting(duration_s));
                self.timeline.playhead_s = self.timeline.playhead_s.min(self.document.timeline.duration_s());
                if shown {
                    self.show_moment(self.timeline.playhead_s);
                }
            }
            TimelineCommand::SetEase(ease) => {
                self.edit_timeline(|timeline| timeline.clone().played(ease, timeline.looped), "Timeline ease");
            }
            TimelineCommand::UsePreset(preset) => self.use_preset(preset),
            TimelineCommand::SetFormat(format) => options.format = format,
            TimelineCommand::SetSide(side_px) => options.set_side(side_px),
            TimelineCommand::SetFps(fps) => options.set_fps(fps),
            TimelineCommand::SetFilter(filter) => options.filter = filter,
            TimelineCommand::SetDither(dither) => options.dither = dither,
            TimelineCommand::Export => self.choose_animation_file(effects),
            TimelineCommand::CancelExport => self.cancel_animation(effects),
        }
    }

    pub(super) fn start_timeline_action(&mut self, action: Action) {
        match action {
            Action::AddKeyframe => self.add_keyframe(),
            Action::UpdateKeyframe => self.update_keyframe(),
            Action::RemoveKeyframe => self.remove_keyframe(),
            Action::PlayTimeline => self.toggle_playing(),
            Action::ToggleTimelineLoop => {
                let turn = |timeline: &Timeline| timeline.clone().played(timeline.ease, !timeline.looped);
                self.edit_timeline(turn, "Timeline loop");
            }
            Action::EditMoment => self.edit_moment(),
            Action::ExportAnimation => self.dialog = Some(Dialog::ExportAnimation),
            _ => preset_of(action).into_iter().for_each(|preset| self.use_preset(preset)),
        }
    }

    pub(super) fn timeline_disabled_reason(&self, action: Action) -> Option<&'static str> {
        let count = self.document.timeline.keyframes().len();
        let selected = self.timeline.selected.is_some_and(|index| index < count);
        if let Some(preset) = preset_of(action) {
            return (!self.preset_fits(preset)).then_some("Choose the bundled model that its masks are of first");
        }
        let (possible, reason) = match action {
            Action::AddKeyframe => (count < MAX_KEYFRAMES, "There are as many keyframes as there can be"),
            Action::UpdateKeyframe | Action::RemoveKeyframe => (selected, "Choose a keyframe first"),
            Action::PlayTimeline => (count > 1, "Add two keyframes first"),
            Action::EditMoment => (self.timeline.is_shown(), "Move the playhead first"),
            Action::ExportAnimation if self.timeline.export.is_some() => (false, "An export is under way"),
            Action::ExportAnimation if !self.can_render() => (false, "No fitting model is loaded"),
            Action::ExportAnimation => (count > 1, "Add two keyframes first"),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    fn edit_timeline(&mut self, change: impl FnOnce(&Timeline) -> Timeline, name: &str) {
        let shown = self.timeline.is_shown();
        self.edit_once(|document| document.timeline = change(&document.timeline), |_| name.to_owned());
        if shown {
            self.show_moment(self.timeline.playhead_s);
        }
    }

    /// The document becomes a keyframe: behind the last one, or under the playhead while that is shown.
    fn add_keyframe(&mut self) {
        self.finish_edit();
        let document = &self.document;
        let look = match &self.timeline.preview {
            Some(look) => look.clone(),
            None => Look {
                labels: document.labels.clone(),
                attributes: document.attributes.clone(),
                latent: document.latent.clone(),
            },
        };
        let last_s = document.timeline.keyframes().last().map(|keyframe| keyframe.at_s);
        let at_s = match last_s {
            _ if self.timeline.is_shown() => self.timeline.playhead_s,
            Some(last_s) => last_s + STEP_S,
            None => 0.0,
        };
        let add = |timeline: &Timeline| {
            let mut keyframes = timeline.keyframes().to_vec();
            keyframes.push(Keyframe { at_s, look });
            timeline.with_keyframes(keyframes)
        };
        self.edit_timeline(add, "Add keyframe");
        self.timeline.selected = self.document.timeline.keyframes().iter().rposition(|keyframe| keyframe.at_s <= at_s);
    }

    fn update_keyframe(&mut self) {
        let Some(index) = self.timeline.selected else { return };
        self.leave_timeline();
        let document = self.document.clone();
        let update = |timeline: &Timeline| {
            let mut keyframes = timeline.keyframes().to_vec();
            if let Some(keyframe) = keyframes.get_mut(index) {
                let (labels, attributes, latent) = (document.labels, document.attributes, document.latent);
                keyframe.look = Look { labels, attributes, latent };
            }
            timeline.with_keyframes(keyframes)
        };
        self.edit_timeline(update, "Update keyframe");
    }

    fn remove_keyframe(&mut self) {
        let Some(index) = self.timeline.selected.take() else { return };
        let remove = |timeline: &Timeline| {
            let mut keyframes = timeline.keyframes().to_vec();
            if index < keyframes.len() {
                keyframes.remove(index);
            }
            timeline.with_keyframes(keyframes)
        };
        self.edit_timeline(remove, "Remove keyframe");
    }

    fn move_keyframe(&mut self, index: usize, at_s: f32) {
        let Some(moved) = self.document.timeline.keyframes().get(index).cloned().filter(|_| at_s.is_finite()) else {
            return;
        };
        let moved = Keyframe { at_s, ..moved };
        let put = |timeline: &Timeline| {
            let mut keyframes = timeline.keyframes().to_vec();
            keyframes[index] = moved.clone();
            timeline.with_keyframes(keyframes)
        };
        self.edit_timeline(put, "Move keyframe");
        let keyframes = self.document.timeline.keyframes();
        self.timeline.selected = keyframes.iter().position(|keyframe| keyframe.look == moved.look);
    }

    fn select_keyframe(&mut self, index: usize) {
        let Some(at_s) = self.document.timeline.keyframes().get(index).map(|keyframe| keyframe.at_s) else { return };
        self.timeline.selected = Some(index);
        self.timeline.playing_since = None;
        self.finish_edit();
        self.show_moment(at_s);
    }

    fn use_preset(&mut self, preset: Preset) {
        if !self.preset_fits(preset) {
            return;
        }
        let timeline = preset.timeline(self.document.labels.width(), &self.document.latent);
        self.edit_timeline(|_| timeline, preset.title());
        self.timeline.selected = Some(0);
        self.show_moment(0.0);
        self.show_panel(Panel::Timeline);
    }

    /// Puts the playhead there and shows what is under it.
    fn show_moment(&mut self, at_s: f32) {
        let timeline = &self.document.timeline;
        let at_s = if at_s.is_finite() { at_s.clamp(0.0, timeline.duration_s()) } else { 0.0 };
        self.timeline.playhead_s = at_s;
        let (width, height) = (self.document.labels.width(), self.document.labels.height());
        self.timeline.preview = self.timeline.player.look(timeline, at_s).map(|look| {
            let fits = (look.labels.width(), look.labels.height()) == (width, height);
            let sized = || LabelMap::from_image(&look.labels.to_image().resize_nearest(width, height));
            let labels = if fits { look.labels.clone() } else { sized() };
            Look { labels, ..look }
        });
        self.touch();
    }

    /// Shows the document again, as before any change of it.
    pub(super) fn leave_timeline(&mut self) {
        let shown = self.timeline.is_shown();
        self.timeline.end_preview();
        if shown {
            self.touch();
        }
    }

    /// The moment under the playhead becomes the document.
    fn edit_moment(&mut self) {
        let Some(look) = self.timeline.preview.clone() else { return };
        self.edit_once(|document| document.set_look(look), |_| "Take moment".to_owned());
    }

    fn toggle_playing(&mut self) {
        self.finish_edit();
        if self.timeline.playing_since.take().is_none() {
            self.timeline.playing_since = Some(self.files.now);
            let at_end = self.timeline.playhead_s >= self.document.timeline.duration_s();
            self.show_moment(if at_end { 0.0 } else { self.timeline.playhead_s });
        }
    }

    /// Moves the playhead on while it plays.
    pub(super) fn play(&mut self, now: Duration) {
        let Some(since) = self.timeline.playing_since else { return };
        let timeline = &self.document.timeline;
        let (duration_s, looped) = (timeline.duration_s(), timeline.looped);
        let at_s = self.timeline.playhead_s + now.saturating_sub(since).as_secs_f32();
        if at_s >= duration_s && !looped {
            self.timeline.playing_since = None;
            return self.show_moment(duration_s);
        }
        self.timeline.playing_since = Some(now);
        if now > since {
            self.show_moment(at_s % duration_s);
        }
    }

    /// When the next picture is due while it plays.
    pub(super) fn next_moment(&self) -> Option<Duration> {
        self.timeline.is_playing().then_some(FRAME_TIME)
    }
}

#[cfg(test)]
mod tests;
