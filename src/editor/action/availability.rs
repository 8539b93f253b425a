//! What an action would do now: nothing, something, or switch something off again.

use super::Action;
use crate::document::tools::ToolKind;
use crate::editor::{EditorState, Panel, PinSlot, ResultFilter, RunPhase, ThemeChoice, ViewMode};

impl Action {
    /// Whether starting it would do something now.
    pub fn is_enabled(self, state: &EditorState) -> bool {
        self.disabled_reason(state).is_none()
    }

    /// Why starting it would do nothing now.
    pub fn disabled_reason(self, state: &EditorState) -> Option<&'static str> {
        let (possible, reason) = match self {
            Self::Undo => (state.history.can_undo() || state.has_open_edit(), "There is nothing to undo"),
            Self::Redo => (state.history.can_redo() && !state.has_open_edit(), "Nothing has been undone"),
            Self::ClearHistory => (state.history.can_undo() || state.history.can_redo(), "The history is empty"),
            Self::CutPart | Self::CopyPart | Self::RemovePart | Self::FlipPart | Self::FlipPartUpsideDown => {
                (state.holds_part(), "Click a part with the move tool first")
            }
            Self::PastePart => (state.clipboard.is_some(), "Nothing has been copied"),
            Self::ExportResult | Self::ExportSideBySide => (state.live.frame.is_some(), "There is no picture yet"),
            Self::Revert => (state.path.is_some() && state.is_dirty(), "The session is as it is on disk"),
            Self::ClearRecent => (!state.preferences.recent.is_empty(), "The list is empty"),
            Self::RemoveGuide => (state.canvas_view.guide.is_some(), "There is no tracing photo"),
            Self::ToggleObedience => (
                state.model.loaded.as_ref().is_none_or(|model| model.has_segmentor),
                "This model has no segmentor to read pictures with",
            ),
            Self::ShowModelCard => (state.model.loaded.is_some(), "No model is loaded"),
            Self::UnlockLabels => (!state.painting.rules.allow_all(), "No label is locked"),
            Self::ShowAllLabels => (state.hides_labels(), "Every label is shown"),
            Self::ResetAttributes => (
                state.shown_attributes() != state.taxonomy.default_attributes(),
                "The attributes are at their defaults",
            ),
            Self::ResetLayout => (!state.preferences.dock_layout.is_empty(), "The panels are where they were at first"),
            _ => {
                return self
                    .latent_disabled_reason(state)
                    .or_else(|| state.training_disabled_reason(self))
                    .or_else(|| state.timeline_disabled_reason(self))
                    .or_else(|| state.variation_disabled_reason(self))
                    .or_else(|| state.controls_disabled_reason(self))
                    .or_else(|| state.grid_disabled_reason(self))
                    .or_else(|| state.photo_disabled_reason(self));
            }
        };
        (!possible).then_some(reason)
    }

    fn latent_disabled_reason(self, state: &EditorState) -> Option<&'static str> {
        let latent = &state.document.latent;
        let pinned = |slot: PinSlot| latent.pins[slot.index()].is_some();
        let changes = matches!(
            self,
            Self::RandomSeed
                | Self::PreviousSeed
                | Self::NextSeed
                | Self::ResetLatent
                | Self::ResetCoordinates
                | Self::StopBlending
        );
        if changes && state.latent_locked {
            return Some("The latent is locked");
        }
        let (possible, reason) = match self {
            Self::PreviousSeed => (state.seeds.can_go_back(), "There is no seed before this one"),
            Self::NextSeed => (state.seeds.can_go_forward(), "There is no seed after this one"),
            Self::ResetLatent => (latent.offsets.iter().any(|&offset| offset != 0.0), "Every direction is at 0"),
            Self::ResetCoordinates => (!latent.raw.is_empty(), "No coordinate has been set"),
            Self::MoreDirections => (state.has_more_directions(), "All directions of this model are shown"),
            Self::PinA | Self::PinB => (latent.blend.is_none(), "Stop blending first"),
            Self::SwapPins => (pinned(PinSlot::A) || pinned(PinSlot::B), "Nothing is pinned"),
            Self::Unpin => (pinned(PinSlot::A) || pinned(PinSlot::B), "Nothing is pinned"),
            Self::StopBlending => (latent.blend.is_some(), "A and B are not being blended"),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    /// The tool that the action chooses.
    pub const fn tool(self) -> Option<ToolKind> {
        Some(match self {
            Self::Brush => ToolKind::Brush,
            Self::Eraser => ToolKind::Eraser,
            Self::Fill => ToolKind::Fill,
            Self::Lasso => ToolKind::Lasso,
            Self::Polygon => ToolKind::Polygon,
            Self::Line => ToolKind::Line,
            Self::Rectangle => ToolKind::Rectangle,
            Self::Ellipse => ToolKind::Ellipse,
            Self::Transform => ToolKind::Transform,
            Self::Warp => ToolKind::Warp,
            Self::Picker => ToolKind::Picker,
            _ => return None,
        })
    }

    /// For actions that switch something on: whether it is on.
    pub fn is_on(self, state: &EditorState) -> Option<bool> {
        if let Some(tool) = self.tool() {
            return Some(state.painting.tool == tool);
        }
        match self {
            Self::ToggleFillEverywhere => Some(state.painting.fill_everywhere),
            Self::ToggleSymmetry => Some(state.painting.symmetry.is_some()),
            Self::ViewSideBySide => Some(state.canvas_view.mode == ViewMode::SideBySide),
            Self::ViewOverlay => Some(state.canvas_view.mode == ViewMode::Overlay),
            Self::ViewWipe => Some(state.canvas_view.mode == ViewMode::Wipe),
            Self::ViewMaskOnly => Some(state.canvas_view.mode == ViewMode::MaskOnly),
            Self::ViewResultOnly => Some(state.canvas_view.mode == ViewMode::ResultOnly),
            Self::ToggleOutlines => Some(state.canvas_view.outlines),
            Self::ToggleObedience => Some(state.obedience.on),
            Self::ToggleLinkViews => Some(state.canvas_view.link_views),
            Self::ThemeDark => Some(state.theme == ThemeChoice::Dark),
            Self::ThemeLight => Some(state.theme == ThemeChoice::Light),
            Self::ThemeSystem => Some(state.theme == ThemeChoice::System),
            Self::ToggleLive => Some(!state.live.paused),
            Self::ToggleResultFilter => Some(state.result_filter == ResultFilter::Linear),
            Self::ToggleOverdrive => Some(state.preferences.overdrive),
            Self::ToggleLatentLock => Some(state.latent_locked),
            Self::PinVariation => Some(state.current_is_pinned()),
            Self::ControlsOfRegion => Some(state.controls.is_choosing()),
            Self::PlayTimeline => Some(state.timeline.is_playing()),
            Self::ToggleTimelineLoop => Some(state.document.timeline.looped),
            Self::FollowTraining => Some(state.training.follow),
            Self::PauseTraining => Some(state.training.run.phase == RunPhase::Paused),
            _ => Panel::toggled_by(self).map(|panel| state.dock().shows(panel)),
        }
    }
}
