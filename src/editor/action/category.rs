//! Which part of the program an action belongs to.

use super::Action;

/// Heading under which the palette and the shortcut sheet list an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Sessions, masks and pictures on disk.
    File,
    /// Undo and redo.
    Edit,
    /// What paints the mask.
    Tools,
    /// Locking and hiding labels.
    Labels,
    /// Strengths of the attributes.
    Attributes,
    /// Seed, directions and pins.
    Latent,
    /// Zoom, panels and themes.
    View,
    /// What draws the picture.
    Model,
    /// Data sets, runs and checkpoints.
    Training,
    /// Keyframes and animations.
    Timeline,
    /// Keys, hints and the version.
    Help,
}

impl Category {
    /// Every category, in the order of the lists.
    pub const ALL: [Self; 11] = [
        Self::File,
        Self::Edit,
        Self::Tools,
        Self::Labels,
        Self::Attributes,
        Self::Latent,
        Self::View,
        Self::Model,
        Self::Training,
        Self::Timeline,
        Self::Help,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::Tools => "Tools",
            Self::Labels => "Labels",
            Self::Attributes => "Attributes",
            Self::Latent => "Latent",
            Self::View => "View",
            Self::Model => "Model",
            Self::Training => "Training",
            Self::Timeline => "Timeline",
            Self::Help => "Help",
        }
    }
}

impl Action {
    /// Where lists put it.
    pub const fn category(self) -> Category {
        match self {
            Self::New
            | Self::Open
            | Self::Save
            | Self::SaveAs
            | Self::SaveMask
            | Self::ExportResult
            | Self::NewFrom
            | Self::Revert
            | Self::ShowRecovery
            | Self::ClearRecent
            | Self::ExportMaskTransparent
            | Self::ExportSideBySide
            | Self::ExportLatentGrid
            | Self::ExportAttributeGrid
            | Self::ShowPreferences
            | Self::ShowTemplates
            | Self::OpenPhoto
            | Self::PastePhoto
            | Self::Quit => Category::File,
            Self::Undo
            | Self::Redo
            | Self::ClearHistory
            | Self::CutPart
            | Self::CopyPart
            | Self::PastePart
            | Self::RemovePart
            | Self::FlipPart
            | Self::FlipPartUpsideDown => Category::Edit,
            Self::Brush
            | Self::Eraser
            | Self::Fill
            | Self::Lasso
            | Self::Polygon
            | Self::Line
            | Self::Rectangle
            | Self::Ellipse
            | Self::Transform
            | Self::Warp
            | Self::Picker
            | Self::BrushSmaller
            | Self::BrushLarger
            | Self::ToggleFillEverywhere
            | Self::ToggleSymmetry
            | Self::CopyLeftHalf
            | Self::CopyRightHalf => Category::Tools,
            Self::UnlockLabels | Self::ShowAllLabels => Category::Labels,
            Self::ResetAttributes | Self::ToggleOverdrive => Category::Attributes,
            Self::RandomSeed
            | Self::PreviousSeed
            | Self::NextSeed
            | Self::ToggleLatentLock
            | Self::ResetLatent
            | Self::ResetCoordinates
            | Self::MoreDirections
            | Self::PinA
            | Self::PinB
            | Self::SwapPins
            | Self::Unpin
            | Self::StopBlending
            | Self::RollVariations
            | Self::TakeVariation
            | Self::MoreLikeVariation
            | Self::PinVariation
            | Self::SaveVariation
            | Self::ControlsOfRegion
            | Self::ControlsOfLabel
            | Self::LookAgain
            | Self::StopLooking
            | Self::FitPhoto
            | Self::UseFit
            | Self::CancelFit => Category::Latent,
            Self::ZoomFit
            | Self::ZoomActual
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ViewSideBySide
            | Self::ViewOverlay
            | Self::ViewWipe
            | Self::ViewMaskOnly
            | Self::ViewResultOnly
            | Self::CycleView
            | Self::ToggleOutlines
            | Self::ToggleLinkViews
            | Self::ToggleObedience
            | Self::OpenGuide
            | Self::RemoveGuide
            | Self::ToggleResultFilter
            | Self::ToggleLive
            | Self::ThemeDark
            | Self::ThemeLight
            | Self::ThemeSystem
            | Self::PanelLabels
            | Self::PanelAttributes
            | Self::PanelLatent
            | Self::PanelHistory
            | Self::PanelTraining
            | Self::PanelTimeline
            | Self::PanelVariations
            | Self::PanelControls
            | Self::ResetLayout => Category::View,
            Self::OpenModel | Self::ShowModelCard => Category::Model,
            Self::ChooseDataFolder
            | Self::CheckData
            | Self::StartTraining
            | Self::PauseTraining
            | Self::StopTraining
            | Self::SaveCheckpoint
            | Self::ContinueRun
            | Self::PinCanvas
            | Self::FollowTraining
            | Self::ShowCheckpoint
            | Self::UseCheckpoint
            | Self::AddPair
            | Self::ChoosePairFolder => Category::Training,
            Self::AddKeyframe
            | Self::UpdateKeyframe
            | Self::RemoveKeyframe
            | Self::EditMoment
            | Self::PlayTimeline
            | Self::ToggleTimelineLoop
            | Self::AnimateSmile
            | Self::AnimateTurn
            | Self::AnimateClothes
            | Self::ExportAnimation => Category::Timeline,
            Self::CommandPalette
            | Self::ShowShortcuts
            | Self::EditShortcuts
            | Self::ShowHints
            | Self::CopyDiagnostics
            | Self::ShowAbout => Category::Help,
        }
    }
}
