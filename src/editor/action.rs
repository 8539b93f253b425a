//! The one list of things a menu entry, a button or a key can start.

use super::EditorState;
use crate::document::tools::ToolKind;

/// Something the user can start without further arguments. Menus, tooltips and shortcuts are all made from this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant's title and tooltip are in `info`")]
pub enum Action {
    New,
    Open,
    Save,
    SaveAs,
    SaveMask,
    ExportResult,
    NewFrom,
    Revert,
    ShowRecovery,
    ClearRecent,
    ExportMaskTransparent,
    ExportSideBySide,
    ShowPreferences,
    CopyDiagnostics,
    Quit,
    Undo,
    Redo,
    Brush,
    Eraser,
    Fill,
    Picker,
    BrushSmaller,
    BrushLarger,
    ZoomFit,
    ZoomActual,
    ZoomIn,
    ZoomOut,
    ViewSideBySide,
    ViewOverlay,
    ViewWipe,
    ViewMaskOnly,
    ViewResultOnly,
    CycleView,
    ToggleOutlines,
    ToggleLinkViews,
    ToggleResultFilter,
    ThemeDark,
    ThemeLight,
    ThemeSystem,
    ToggleLive,
    RandomSeed,
    PreviousSeed,
    NextSeed,
    ResetLatent,
    ResetAttributes,
    OpenModel,
    ShowModelCard,
    ShowShortcuts,
    ShowAbout,
}

/// What is said about an [`Action`].
#[derive(Clone, Copy, Debug)]
pub struct ActionInfo {
    /// Menu entry and accessible name.
    pub title: &'static str,
    /// One sentence for the tooltip.
    pub tooltip: &'static str,
    /// Keys such as `Ctrl+Shift+Z`, in this order of modifiers, Ctrl being Command on a Mac. The first is the one shown.
    pub shortcuts: &'static [&'static str],
}

const fn info(title: &'static str, tooltip: &'static str, shortcuts: &'static [&'static str]) -> ActionInfo {
    ActionInfo { title, tooltip, shortcuts }
}

impl Action {
    /// Every action, in menu order.
    pub const ALL: [Action; 49] = [
        Self::New,
        Self::Open,
        Self::Save,
        Self::SaveAs,
        Self::SaveMask,
        Self::ExportResult,
        Self::NewFrom,
        Self::Revert,
        Self::ShowRecovery,
        Self::ClearRecent,
        Self::ExportMaskTransparent,
        Self::ExportSideBySide,
        Self::ShowPreferences,
        Self::CopyDiagnostics,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::Brush,
        Self::Eraser,
        Self::Fill,
        Self::Picker,
        Self::BrushSmaller,
        Self::BrushLarger,
        Self::ZoomFit,
        Self::ZoomActual,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ViewSideBySide,
        Self::ViewOverlay,
        Self::ViewWipe,
        Self::ViewMaskOnly,
        Self::ViewResultOnly,
        Self::CycleView,
        Self::ToggleOutlines,
        Self::ToggleLinkViews,
        Self::ToggleResultFilter,
        Self::ThemeDark,
        Self::ThemeLight,
        Self::ThemeSystem,
        Self::ToggleLive,
        Self::RandomSeed,
        Self::PreviousSeed,
        Self::NextSeed,
        Self::ResetLatent,
        Self::ResetAttributes,
        Self::OpenModel,
        Self::ShowModelCard,
        Self::ShowShortcuts,
        Self::ShowAbout,
    ];

    /// Its name in files, such as `ZoomFit`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// Title, tooltip and shortcuts.
    pub const fn info(self) -> ActionInfo {
        match self {
            Self::New => info("New", "Start again from an empty mask", &["Ctrl+N"]),
            Self::Open => info("Open…", "Open a session, a mask or a model", &["Ctrl+O"]),
            Self::Save => info("Save", "Save the session: mask, attributes and latents", &["Ctrl+S"]),
            Self::SaveAs => info("Save as…", "Save the session to another file", &["Ctrl+Shift+S"]),
            Self::SaveMask => info("Save mask as PNG…", "Write the mask as an indexed PNG in the label colours", &[]),
            Self::ExportResult => info("Export result as PNG…", "Write the generated picture", &["Ctrl+E"]),
            Self::NewFrom => info("New from…", "Start from a copy of a session; the file stays as it is", &[]),
            Self::Revert => info("Revert", "Back to the session as it is on disk; undo brings the changes back", &[]),
            Self::ShowRecovery => info("Recover…", "Look for what a crash left behind", &[]),
            Self::ClearRecent => info("Clear the list", "Forget the recent files; the files themselves stay", &[]),
            Self::ExportMaskTransparent => {
                info("Export mask, transparent…", "Write the mask in label colours with no background", &[])
            }
            Self::ExportSideBySide => {
                info("Export mask and result…", "Write both beside each other into one picture", &["Ctrl+Shift+E"])
            }
            Self::ShowPreferences => info("Preferences…", "Device, sizes, autosave and undo memory", &["Ctrl+,"]),
            Self::CopyDiagnostics => {
                info("Copy diagnostics", "Version, device and the last log lines, for a report of a problem", &[])
            }
            Self::Quit => info("Quit", "Close the window", &["Ctrl+Q"]),
            Self::Undo => info("Undo", "Take back the last change", &["Ctrl+Z"]),
            Self::Redo => info("Redo", "Bring back what was undone", &["Ctrl+Shift+Z", "Ctrl+Y"]),
            Self::Brush => info("Brush", "Paint with the selected label", &["B"]),
            Self::Eraser => info("Eraser", "Paint with the background", &["E"]),
            Self::Fill => info("Fill", "Fill an area; with Shift every area of its label", &["G"]),
            Self::Picker => info("Picker", "Pick the label under the cursor; Alt does so with any tool", &["I"]),
            Self::BrushSmaller => info("Smaller brush", "Also Ctrl and the wheel", &["["]),
            Self::BrushLarger => info("Larger brush", "Also Ctrl and the wheel", &["]"]),
            Self::ZoomFit => info("Fit in window", "Show the whole mask", &["Ctrl+0"]),
            Self::ZoomActual => info("Actual size", "One screen pixel per mask pixel", &["Ctrl+1"]),
            Self::ZoomIn => info("Zoom in", "Also the wheel over the mask", &["Ctrl++", "Ctrl+="]),
            Self::ZoomOut => info("Zoom out", "Also the wheel over the mask", &["Ctrl+-"]),
            Self::ViewSideBySide => info("Side by side", "The mask and the result beside each other", &[]),
            Self::ViewOverlay => info("Mask over result", "Paint on a translucent mask over the result", &[]),
            Self::ViewWipe => info("Wipe", "Mask and result in one place, with a divider to drag", &[]),
            Self::ViewMaskOnly => info("Mask only", "The mask on the whole canvas", &[]),
            Self::ViewResultOnly => info("Result only", "The result on the whole canvas", &[]),
            Self::CycleView => info("Next view", "Through the five views, with the pointer over the canvas", &["Tab"]),
            Self::ToggleOutlines => info("Outlines", "Draw a line between labels", &["O"]),
            Self::ToggleLinkViews => info("Link views", "Zoom and move mask and result together", &[]),
            Self::ToggleResultFilter => {
                info("Smooth result", "Enlarge the picture smoothly instead of showing its pixels", &[])
            }
            Self::ThemeDark => info("Dark", "Dark theme", &[]),
            Self::ThemeLight => info("Light", "Light theme", &[]),
            Self::ThemeSystem => info("Follow the system", "The theme of the desktop", &[]),
            Self::ToggleLive => info("Live rendering", "Render after every change, or hold the picture still", &["P"]),
            Self::RandomSeed => info("Randomise seed", "Draw a new person with the same layout", &["R"]),
            Self::PreviousSeed => info("Previous seed", "Back through the seeds seen", &[","]),
            Self::NextSeed => info("Next seed", "Forward through the seeds seen", &["."]),
            Self::ResetLatent => info("Reset directions", "Set every latent direction to 0", &[]),
            Self::ResetAttributes => info("Reset attributes", "Back to the taxonomy's defaults", &[]),
            Self::OpenModel => info("Open model…", "Use a model file", &[]),
            Self::ShowModelCard => info("About this model", "Data, licence and training of the model", &[]),
            Self::ShowShortcuts => info("Keyboard shortcuts", "Every key, on one page", &["F1"]),
            Self::ShowAbout => info("About SCGAN Studio", "Version and licence", &[]),
        }
    }

    /// Whether starting it would do something now.
    pub fn is_enabled(self, state: &EditorState) -> bool {
        match self {
            Self::Undo => state.history.can_undo() || state.has_open_edit(),
            Self::Redo => state.history.can_redo() && !state.has_open_edit(),
            Self::ExportResult | Self::ExportSideBySide => state.live.frame.is_some(),
            Self::Revert => state.path.is_some() && state.is_dirty(),
            Self::ClearRecent => !state.preferences.recent.is_empty(),
            Self::ShowModelCard => state.model.loaded.is_some(),
            Self::PreviousSeed => state.seeds.can_go_back(),
            Self::NextSeed => state.seeds.can_go_forward(),
            Self::ResetLatent => state.document.latent.offsets.iter().any(|&offset| offset != 0.0),
            Self::ResetAttributes => state.document.attributes != state.taxonomy.default_attributes(),
            _ => true,
        }
    }

    /// For actions that switch something on: whether it is on.
    pub fn is_on(self, state: &EditorState) -> Option<bool> {
        use super::{ResultFilter, ThemeChoice, ViewMode};
        match self {
            Self::Brush => Some(state.painting.tool == ToolKind::Brush),
            Self::Eraser => Some(state.painting.tool == ToolKind::Eraser),
            Self::Fill => Some(state.painting.tool == ToolKind::Fill),
            Self::Picker => Some(state.painting.tool == ToolKind::Picker),
            Self::ViewSideBySide => Some(state.canvas_view.mode == ViewMode::SideBySide),
            Self::ViewOverlay => Some(state.canvas_view.mode == ViewMode::Overlay),
            Self::ViewWipe => Some(state.canvas_view.mode == ViewMode::Wipe),
            Self::ViewMaskOnly => Some(state.canvas_view.mode == ViewMode::MaskOnly),
            Self::ViewResultOnly => Some(state.canvas_view.mode == ViewMode::ResultOnly),
            Self::ToggleOutlines => Some(state.canvas_view.outlines),
            Self::ToggleLinkViews => Some(state.canvas_view.link_views),
            Self::ThemeDark => Some(state.theme == ThemeChoice::Dark),
            Self::ThemeLight => Some(state.theme == ThemeChoice::Light),
            Self::ThemeSystem => Some(state.theme == ThemeChoice::System),
            Self::ToggleLive => Some(!state.live.paused),
            Self::ToggleResultFilter => Some(state.result_filter == ResultFilter::Linear),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_list_holds_every_action_once_with_a_text_and_no_key_twice() {
        let unique: HashSet<_> = Action::ALL.into_iter().collect();
        assert_eq!(unique.len(), Action::ALL.len());
        let mut keys = HashSet::new();
        for action in Action::ALL {
            let info = action.info();
            assert!(!info.title.is_empty() && !info.tooltip.is_empty(), "{action:?}");
            for shortcut in info.shortcuts {
                assert!(keys.insert(*shortcut), "{action:?} shares {shortcut:?}");
            }
        }
    }
}
