//! Which icon stands for what.

use eframe::egui::Color32;
use egui_material_icons::{MaterialIcon, icons};

use super::Palette;
use crate::document::ChangeKind;
use crate::editor::{Action, NoticeKind};

/// The icon of an action, where it has one.
pub fn icon(action: Action) -> Option<MaterialIcon> {
    Some(match action {
        Action::New => icons::ICON_NOTE_ADD,
        Action::Open | Action::OpenModel => icons::ICON_FOLDER_OPEN,
        Action::Save => icons::ICON_SAVE,
        Action::SaveAs => icons::ICON_SAVE_AS,
        Action::SaveMask => icons::ICON_IMAGE,
        Action::ExportResult => icons::ICON_DOWNLOAD,
        Action::Undo => icons::ICON_UNDO,
        Action::Redo => icons::ICON_REDO,
        Action::Brush => icons::ICON_BRUSH,
        Action::Eraser => icons::ICON_INK_ERASER,
        Action::Fill => icons::ICON_FORMAT_COLOR_FILL,
        Action::Lasso => icons::ICON_LASSO_SELECT,
        Action::Polygon => icons::ICON_POLYLINE,
        Action::Line => icons::ICON_DIAGONAL_LINE,
        Action::Rectangle => icons::ICON_RECTANGLE,
        Action::Ellipse => icons::ICON_CIRCLE,
        Action::Transform => icons::ICON_TRANSFORM,
        Action::Warp => icons::ICON_WAVES,
        Action::CutPart => icons::ICON_CONTENT_CUT,
        Action::CopyPart => icons::ICON_CONTENT_COPY,
        Action::PastePart => icons::ICON_CONTENT_PASTE,
        Action::RemovePart => icons::ICON_DELETE,
        Action::FlipPart => icons::ICON_SWAP_HORIZ,
        Action::FlipPartUpsideDown => icons::ICON_SWAP_VERT,
        Action::ToggleFillEverywhere => icons::ICON_SELECT_ALL,
        Action::ToggleSymmetry => icons::ICON_FLIP,
        Action::CopyLeftHalf => icons::ICON_KEYBOARD_TAB,
        Action::CopyRightHalf => icons::ICON_KEYBOARD_TAB_RTL,
        Action::Picker => icons::ICON_COLORIZE,
        Action::BrushSmaller => icons::ICON_REMOVE,
        Action::BrushLarger => icons::ICON_ADD,
        Action::ZoomFit => icons::ICON_FIT_SCREEN,
        Action::ZoomIn => icons::ICON_ZOOM_IN,
        Action::ZoomOut => icons::ICON_ZOOM_OUT,
        Action::ViewSideBySide => icons::ICON_SPLITSCREEN_LANDSCAPE,
        Action::ViewOverlay => icons::ICON_LAYERS,
        Action::ViewWipe => icons::ICON_COMPARE,
        Action::ViewMaskOnly => icons::ICON_CATEGORY,
        Action::ViewResultOnly => icons::ICON_PORTRAIT,
        Action::ToggleOutlines => icons::ICON_PENTAGON,
        Action::ToggleLinkViews => icons::ICON_LINK,
        Action::ToggleObedience => icons::ICON_RULE,
        Action::OpenPhoto => icons::ICON_PHOTO_CAMERA,
        Action::PastePhoto => icons::ICON_CONTENT_PASTE,
        Action::OpenGuide => icons::ICON_ADD_PHOTO_ALTERNATE,
        Action::RemoveGuide => icons::ICON_HIDE_IMAGE,
        Action::ToggleResultFilter => icons::ICON_BLUR_ON,
        Action::ThemeDark => icons::ICON_DARK_MODE,
        Action::ThemeLight => icons::ICON_LIGHT_MODE,
        Action::ThemeSystem => icons::ICON_CONTRAST,
        Action::RandomSeed => icons::ICON_CASINO,
        Action::PreviousSeed => icons::ICON_CHEVRON_LEFT,
        Action::NextSeed => icons::ICON_CHEVRON_RIGHT,
        Action::ResetLatent | Action::ResetAttributes => icons::ICON_RESTART_ALT,
        Action::ShowModelCard | Action::ShowAbout => icons::ICON_INFO,
        Action::ShowShortcuts | Action::EditShortcuts => icons::ICON_KEYBOARD,
        Action::ShowTemplates => icons::ICON_GRID_VIEW,
        Action::ClearHistory => icons::ICON_DELETE_SWEEP,
        Action::UnlockLabels => icons::ICON_LOCK_OPEN,
        Action::ShowAllLabels => icons::ICON_VISIBILITY,
        Action::PanelLabels => icons::ICON_PALETTE,
        Action::PanelAttributes => icons::ICON_TUNE,
        Action::PanelLatent => icons::ICON_SCATTER_PLOT,
        Action::PanelHistory => icons::ICON_HISTORY,
        Action::ResetLayout => icons::ICON_DASHBOARD,
        Action::ToggleOverdrive => icons::ICON_BOLT,
        Action::ToggleLatentLock => icons::ICON_LOCK_OPEN,
        Action::ResetCoordinates => icons::ICON_RESTART_ALT,
        Action::MoreDirections => icons::ICON_EXPAND_MORE,
        Action::PinA | Action::PinB => icons::ICON_KEEP,
        Action::SwapPins => icons::ICON_SWAP_HORIZ,
        Action::Unpin => icons::ICON_KEEP_OFF,
        Action::StopBlending => icons::ICON_CLOSE,
        Action::CommandPalette => icons::ICON_SEARCH,
        Action::ShowHints => icons::ICON_LIGHTBULB,
        Action::Revert => icons::ICON_HISTORY,
        Action::ShowRecovery => icons::ICON_RESTORE,
        Action::ShowPreferences => icons::ICON_SETTINGS,
        Action::CopyDiagnostics => icons::ICON_CONTENT_COPY,
        Action::PanelTraining => icons::ICON_MODEL_TRAINING,
        Action::ChooseDataFolder | Action::ChoosePairFolder | Action::ContinueRun => icons::ICON_FOLDER_OPEN,
        Action::CheckData => icons::ICON_FACT_CHECK,
        Action::PanelTimeline => icons::ICON_MOVIE,
        Action::PanelVariations => icons::ICON_APPS,
        Action::RollVariations => icons::ICON_CASINO,
        Action::TakeVariation => icons::ICON_TOUCH_APP,
        Action::MoreLikeVariation => icons::ICON_ZOOM_IN_MAP,
        Action::PinVariation => icons::ICON_KEEP,
        Action::SaveVariation => icons::ICON_DOWNLOAD,
        Action::PanelControls => icons::ICON_QUERY_STATS,
        Action::ControlsOfRegion => icons::ICON_LASSO_SELECT,
        Action::ControlsOfLabel => icons::ICON_PALETTE,
        Action::LookAgain => icons::ICON_SYNC,
        Action::StopLooking => icons::ICON_STOP,
        Action::ExportLatentGrid | Action::ExportAttributeGrid => icons::ICON_GRID_ON,
        Action::AnimateSmile | Action::AnimateTurn | Action::AnimateClothes => icons::ICON_ANIMATION,
        Action::AddKeyframe => icons::ICON_ADD,
        Action::UpdateKeyframe => icons::ICON_SYNC,
        Action::RemoveKeyframe => icons::ICON_DELETE,
        Action::EditMoment => icons::ICON_EDIT,
        Action::PlayTimeline => icons::ICON_PLAY_ARROW,
        Action::ToggleTimelineLoop => icons::ICON_REPEAT,
        Action::ExportAnimation => icons::ICON_DOWNLOAD,
        Action::StartTraining => icons::ICON_PLAY_ARROW,
        Action::PauseTraining => icons::ICON_PAUSE,
        Action::StopTraining => icons::ICON_STOP,
        Action::SaveCheckpoint => icons::ICON_SAVE,
        Action::PinCanvas => icons::ICON_KEEP,
        Action::FollowTraining => icons::ICON_SYNC,
        Action::ShowCheckpoint => icons::ICON_VISIBILITY,
        Action::UseCheckpoint => icons::ICON_BOOKMARK_ADD,
        Action::AddPair => icons::ICON_LIBRARY_ADD,
        Action::NewFrom
        | Action::ClearRecent
        | Action::CycleView
        | Action::ExportMaskTransparent
        | Action::ExportSideBySide
        | Action::Quit
        | Action::ToggleLive
        | Action::FitPhoto
        | Action::UseFit
        | Action::CancelFit
        | Action::ZoomActual => return None,
    })
}

/// The icon of an action that is on, where that one says more than the light behind it.
pub fn icon_while_on(action: Action) -> Option<MaterialIcon> {
    match action {
        Action::ToggleLatentLock => Some(icons::ICON_LOCK),
        Action::PlayTimeline => Some(icons::ICON_PAUSE),
        Action::PauseTraining => Some(icons::ICON_PLAY_ARROW),
        _ => icon(action),
    }
}

/// Pauses the live picture.
pub const ICON_PAUSE: MaterialIcon = icons::ICON_PAUSE;
/// Goes on rendering.
pub const ICON_PLAY: MaterialIcon = icons::ICON_PLAY_ARROW;
/// Marks what is on in a menu.
pub const ICON_TICK: MaterialIcon = icons::ICON_CHECK;
/// Actual pixels of the result.
pub const ICON_PIXELS: MaterialIcon = icons::ICON_GRID_ON;

/// A locked label, or a locked latent.
pub const ICON_LOCKED: MaterialIcon = icons::ICON_LOCK;
/// A label that can be locked, or a latent that can.
pub const ICON_UNLOCKED: MaterialIcon = icons::ICON_LOCK_OPEN;
/// A label that is drawn.
pub const ICON_SHOWN: MaterialIcon = icons::ICON_VISIBILITY;
/// A label that is not drawn.
pub const ICON_HIDDEN: MaterialIcon = icons::ICON_VISIBILITY_OFF;
/// Draws this label alone.
pub const ICON_SOLO: MaterialIcon = icons::ICON_FILTER_CENTER_FOCUS;
/// Back to the usual value.
pub const ICON_RESET: MaterialIcon = icons::ICON_RESTART_ALT;
/// Takes something away.
pub const ICON_REMOVE: MaterialIcon = icons::ICON_CLOSE;
/// One more of something.
pub const ICON_ADD: MaterialIcon = icons::ICON_ADD;
/// Opens a list of seeds.
pub const ICON_SEEDS: MaterialIcon = icons::ICON_HISTORY;
/// One page back.
pub const ICON_PAGE_BACK: MaterialIcon = icons::ICON_CHEVRON_LEFT;
/// One page on.
pub const ICON_PAGE_ON: MaterialIcon = icons::ICON_CHEVRON_RIGHT;
/// The state before all changes.
pub const ICON_START: MaterialIcon = icons::ICON_FLAG;
/// A starter layout.
pub const ICON_TEMPLATE: MaterialIcon = icons::ICON_FACE;
/// A model.
pub const ICON_MODEL: MaterialIcon = icons::ICON_MODEL_TRAINING;

/// Removes a file.
pub const ICON_DELETE: MaterialIcon = icons::ICON_DELETE;
/// Keeps a checkpoint as a model.
pub const ICON_KEEP_MODEL: MaterialIcon = icons::ICON_BOOKMARK_ADD;

/// Lines in a plot, in the order in which they come.
pub fn curve_color(palette: &Palette, index: usize) -> Color32 {
    let colors = [palette.accent, palette.busy, palette.success, palette.error];
    colors[index % colors.len()]
}

/// Icon of an entry in the history list.
pub fn change_icon(kind: ChangeKind) -> MaterialIcon {
    match kind {
        ChangeKind::Mask => icons::ICON_BRUSH,
        ChangeKind::Attributes => icons::ICON_TUNE,
        ChangeKind::Latent => icons::ICON_CASINO,
        ChangeKind::Timeline => icons::ICON_MOVIE,
        ChangeKind::Several => icons::ICON_LAYERS,
    }
}

/// Icon and colour of a notice.
pub fn notice_mark(kind: NoticeKind, palette: &Palette) -> (MaterialIcon, Color32) {
    match kind {
        NoticeKind::Success => (icons::ICON_CHECK_CIRCLE, palette.success),
        NoticeKind::Info => (icons::ICON_INFO, palette.accent),
        NoticeKind::Error => (icons::ICON_ERROR, palette.error),
    }
}
