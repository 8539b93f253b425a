//! The one list of things a menu entry, a button or a key can start.

mod availability;
mod category;

pub use category::Category;

use super::EditorState;

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
    EditShortcuts,
    CopyDiagnostics,
    ShowTemplates,
    Quit,
    Undo,
    Redo,
    ClearHistory,
    CutPart,
    CopyPart,
    PastePart,
    RemovePart,
    FlipPart,
    FlipPartUpsideDown,
    Brush,
    Eraser,
    Fill,
    Lasso,
    Polygon,
    Line,
    Rectangle,
    Ellipse,
    Transform,
    Warp,
    Picker,
    BrushSmaller,
    BrushLarger,
    ToggleFillEverywhere,
    ToggleSymmetry,
    CopyLeftHalf,
    CopyRightHalf,
    UnlockLabels,
    ShowAllLabels,
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
    ToggleObedience,
    OpenGuide,
    RemoveGuide,
    OpenPhoto,
    PastePhoto,
    FitPhoto,
    UseFit,
    CancelFit,
    ToggleResultFilter,
    ThemeDark,
    ThemeLight,
    ThemeSystem,
    PanelLabels,
    PanelAttributes,
    PanelLatent,
    PanelHistory,
    PanelTraining,
    PanelTimeline,
    PanelVariations,
    PanelControls,
    ResetLayout,
    ToggleLive,
    RandomSeed,
    PreviousSeed,
    NextSeed,
    ToggleLatentLock,
    ResetLatent,
    ResetCoordinates,
    MoreDirections,
    PinA,
    PinB,
    SwapPins,
    Unpin,
    StopBlending,
    RollVariations,
    TakeVariation,
    MoreLikeVariation,
    PinVariation,
    SaveVariation,
    ControlsOfRegion,
    ControlsOfLabel,
    LookAgain,
    StopLooking,
    ExportLatentGrid,
    ExportAttributeGrid,
    AddKeyframe,
    UpdateKeyframe,
    RemoveKeyframe,
    EditMoment,
    PlayTimeline,
    ToggleTimelineLoop,
    AnimateSmile,
    AnimateTurn,
    AnimateClothes,
    ExportAnimation,
    ResetAttributes,
    ToggleOverdrive,
    OpenModel,
    ShowModelCard,
    ChooseDataFolder,
    CheckData,
    StartTraining,
    PauseTraining,
    StopTraining,
    SaveCheckpoint,
    ContinueRun,
    PinCanvas,
    FollowTraining,
    ShowCheckpoint,
    UseCheckpoint,
    AddPair,
    ChoosePairFolder,
    CommandPalette,
    ShowShortcuts,
    ShowHints,
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
    pub const ALL: [Action; 133] = [
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
        Self::EditShortcuts,
        Self::CopyDiagnostics,
        Self::ShowTemplates,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::ClearHistory,
        Self::CutPart,
        Self::CopyPart,
        Self::PastePart,
        Self::RemovePart,
        Self::FlipPart,
        Self::FlipPartUpsideDown,
        Self::Brush,
        Self::Eraser,
        Self::Fill,
        Self::Lasso,
        Self::Polygon,
        Self::Line,
        Self::Rectangle,
        Self::Ellipse,
        Self::Transform,
        Self::Warp,
        Self::Picker,
        Self::BrushSmaller,
        Self::BrushLarger,
        Self::ToggleFillEverywhere,
        Self::ToggleSymmetry,
        Self::CopyLeftHalf,
        Self::CopyRightHalf,
        Self::UnlockLabels,
        Self::ShowAllLabels,
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
        Self::ToggleObedience,
        Self::OpenGuide,
        Self::RemoveGuide,
        Self::OpenPhoto,
        Self::PastePhoto,
        Self::FitPhoto,
        Self::UseFit,
        Self::CancelFit,
        Self::ToggleResultFilter,
        Self::ThemeDark,
        Self::ThemeLight,
        Self::ThemeSystem,
        Self::PanelLabels,
        Self::PanelAttributes,
        Self::PanelLatent,
        Self::PanelHistory,
        Self::PanelTraining,
        Self::PanelTimeline,
        Self::PanelVariations,
        Self::PanelControls,
        Self::ResetLayout,
        Self::ToggleLive,
        Self::RandomSeed,
        Self::PreviousSeed,
        Self::NextSeed,
        Self::ToggleLatentLock,
        Self::ResetLatent,
        Self::ResetCoordinates,
        Self::MoreDirections,
        Self::PinA,
        Self::PinB,
        Self::SwapPins,
        Self::Unpin,
        Self::StopBlending,
        Self::RollVariations,
        Self::TakeVariation,
        Self::MoreLikeVariation,
        Self::PinVariation,
        Self::SaveVariation,
        Self::ControlsOfRegion,
        Self::ControlsOfLabel,
        Self::LookAgain,
        Self::StopLooking,
        Self::ExportLatentGrid,
        Self::ExportAttributeGrid,
        Self::AddKeyframe,
        Self::UpdateKeyframe,
        Self::RemoveKeyframe,
        Self::EditMoment,
        Self::PlayTimeline,
        Self::ToggleTimelineLoop,
        Self::AnimateSmile,
        Self::AnimateTurn,
        Self::AnimateClothes,
        Self::ExportAnimation,
        Self::ResetAttributes,
        Self::ToggleOverdrive,
        Self::OpenModel,
        Self::ShowModelCard,
        Self::ChooseDataFolder,
        Self::CheckData,
        Self::StartTraining,
        Self::PauseTraining,
        Self::StopTraining,
        Self::SaveCheckpoint,
        Self::ContinueRun,
        Self::PinCanvas,
        Self::FollowTraining,
        Self::ShowCheckpoint,
        Self::UseCheckpoint,
        Self::AddPair,
        Self::ChoosePairFolder,
        Self::CommandPalette,
        Self::ShowShortcuts,
        Self::ShowHints,
        Self::ShowAbout,
    ];

    /// Name for files, such as the user's own keys.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The keys that start it: the user's own where there are any, else the usual ones. The first is the one shown.
    pub fn keys(self, state: &EditorState) -> Vec<&str> {
        match state.preferences.shortcuts.get(&self.name()) {
            Some(own) => own.iter().map(String::as_str).collect(),
            None => self.info().shortcuts.to_vec(),
        }
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
            Self::EditShortcuts => info("Change shortcuts…", "Give actions the keys that you like", &[]),
            Self::CopyDiagnostics => {
                info("Copy diagnostics", "Version, device and the last log lines, for a report of a problem", &[])
            }
            Self::ShowTemplates => {
                info("Templates…", "Starter layouts for faces and outfits, and finished samples", &["Ctrl+T"])
            }
            Self::Quit => info("Quit", "Close the window", &["Ctrl+Q"]),
            Self::Undo => info("Undo", "Take back the last change", &["Ctrl+Z"]),
            Self::Redo => info("Redo", "Bring back what was undone", &["Ctrl+Shift+Z", "Ctrl+Y"]),
            Self::ClearHistory => {
                info("Clear history", "Forget every undo step and free its memory; the document stays as it is", &[])
            }
            Self::CutPart => {
                info("Cut part", "Take the selected part off the mask; the hole takes the nearest labels", &["Ctrl+X"])
            }
            Self::CopyPart => info("Copy part", "Copy the selected part of the mask", &["Ctrl+C"]),
            Self::PastePart => info("Paste part", "Put the copied part on the mask, to be moved", &["Ctrl+V"]),
            Self::RemovePart => {
                info("Remove part", "Take the selected part away; the hole takes the nearest labels", &["Delete"])
            }
            Self::FlipPart => info("Flip part", "Turn the selected part around, left to right", &["F"]),
            Self::FlipPartUpsideDown => {
                info("Flip part upside down", "Turn the selected part upside down", &["Shift+F"])
            }
            Self::Brush => info("Brush", "Paint with the selected label", &["B"]),
            Self::Eraser => info("Eraser", "Paint with the background", &["E"]),
            Self::Fill => info("Fill", "Fill an area; with Shift every area of its label", &["G"]),
            Self::Lasso => info("Lasso", "Draw round an area to fill it with the selected label", &["L"]),
            Self::Polygon => info(
                "Polygon",
                "Click corner after corner; Enter, a double click or the first corner closes it",
                &["Shift+L"],
            ),
            Self::Line => info("Line", "A straight line as wide as the brush; Ctrl turns it in steps of 15°", &["N"]),
            Self::Rectangle => info("Rectangle", "Drag from corner to corner; Ctrl makes a square", &["U"]),
            Self::Ellipse => info("Ellipse", "Drag from corner to corner; Ctrl makes a circle", &["Shift+U"]),
            Self::Transform => info(
                "Move part",
                "Click a part, or draw round one, to move, scale, turn or flip it; Enter applies, Esc cancels",
                &["V"],
            ),
            Self::Warp => info("Warp", "Push labels along as if they were soft", &["W"]),
            Self::Picker => info("Picker", "Pick the label under the cursor; Alt does so with any tool", &["I"]),
            Self::BrushSmaller => info("Smaller brush", "Also Ctrl and the wheel", &["["]),
            Self::BrushLarger => info("Larger brush", "Also Ctrl and the wheel", &["]"]),
            Self::ToggleFillEverywhere => {
                info("Fill everywhere", "Fill every area of the label under the pointer, not only the one clicked", &[])
            }
            Self::ToggleSymmetry => info("Symmetry", "Mirror what the tools paint at an axis in the middle", &["Y"]),
            Self::CopyLeftHalf => info("Copy left half to right", "Make the mask symmetric; locked labels stay", &[]),
            Self::CopyRightHalf => info("Copy right half to left", "Make the mask symmetric; locked labels stay", &[]),
            Self::UnlockLabels => info("Unlock all labels", "Every label can be painted again, over everything", &[]),
            Self::ShowAllLabels => info("Show all labels", "Bring hidden labels back and end solo", &[]),
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
            Self::OpenGuide => info("Tracing photo…", "Lay a photo under the mask to trace it", &[]),
            Self::RemoveGuide => info("Remove tracing photo", "Take the photo under the mask away", &[]),
            Self::OpenPhoto => info(
                "Photo in…",
                "Frame a photograph; the model proposes mask and attributes and looks for the latent that comes nearest",
                &["Ctrl+Shift+O"],
            ),
            Self::PastePhoto => info("Paste photo", "Frame the picture on the clipboard; Ctrl+V does so too", &[]),
            Self::FitPhoto => info(
                "Fit look to photo",
                "Look again for the latent that comes nearest to the photo, with mask and attributes as they are now",
                &[],
            ),
            Self::UseFit => {
                info("Use fitted look", "Take over the latent found so far; undo brings the old one back", &[])
            }
            Self::CancelFit => info("Cancel fit", "Stop looking for a latent and leave the document as it is", &[]),
            Self::ToggleLinkViews => info("Link views", "Zoom and move mask and result together", &[]),
            Self::ToggleObedience => info(
                "Obedience",
                "Stripes where the model's segmentor S reads another label in the picture than the mask has, and how well each label is obeyed",
                &["Shift+O"],
            ),
            Self::ToggleResultFilter => {
                info("Smooth result", "Enlarge the picture smoothly instead of showing its pixels", &[])
            }
            Self::ThemeDark => info("Dark", "Dark theme", &[]),
            Self::ThemeLight => info("Light", "Light theme", &[]),
            Self::ThemeSystem => info("Follow the system", "The theme of the desktop", &[]),
            Self::PanelLabels => info("Labels panel", "Show or hide the labels to paint with", &[]),
            Self::PanelAttributes => info("Attributes panel", "Show or hide the attributes", &[]),
            Self::PanelLatent => info("Latent panel", "Show or hide seed and latent directions", &[]),
            Self::PanelHistory => info("History panel", "Show or hide the list of changes", &["Ctrl+H"]),
            Self::PanelTraining => {
                info("Training panel", "Show or hide training: data, settings, curves and probes", &["Ctrl+Shift+T"])
            }
            Self::PanelTimeline => {
                info("Timeline panel", "Show or hide keyframes: play, scrub and export", &["Ctrl+Shift+K"])
            }
            Self::PanelVariations => info(
                "Variations panel",
                "Show or hide the wall: many pictures of this mask to choose from",
                &["Ctrl+Shift+R"],
            ),
            Self::PanelControls => info(
                "What controls this panel",
                "Show or hide what changes a region of the picture: directions and attributes, the best first",
                &["Ctrl+Shift+Q"],
            ),
            Self::ControlsOfRegion => info(
                "What controls this?",
                "Draw round a region, or click a label, to see which directions and attributes change it; the mask stays as it is",
                &["Q"],
            ),
            Self::ControlsOfLabel => info(
                "What controls this label?",
                "See which directions and attributes change what the selected label covers, and the rest least",
                &["Shift+Q"],
            ),
            Self::LookAgain => info(
                "Look again at the region",
                "Measure anew what controls the region, with mask, attributes and latent as they are now",
                &[],
            ),
            Self::StopLooking => info("Stop measuring", "Leave what controls the region at what is known so far", &[]),
            Self::RollVariations => {
                info("Roll variations", "Fill the wall with other variations; pinned ones stay", &["Ctrl+R"])
            }
            Self::TakeVariation => {
                info("Take variation", "Give the document the latent of the variation that you point at", &[])
            }
            Self::MoreLikeVariation => info(
                "More like this",
                "Take the variation that you point at, and fill the wall with ones close to it",
                &["Shift+M"],
            ),
            Self::PinVariation => {
                info("Pin variation", "Keep the variation that you point at when the others are rolled", &["Shift+P"])
            }
            Self::SaveVariation => info(
                "Save variation as PNG…",
                "Write the picture of the variation that you point at, with its session inside",
                &[],
            ),
            Self::ExportLatentGrid => info(
                "Grid of masks × latents…",
                "Draw your mask and the templates with several latents, as one captioned picture",
                &[],
            ),
            Self::ExportAttributeGrid => info(
                "Grid of masks × attributes…",
                "Draw your mask and the templates with combinations of attributes, as one captioned picture",
                &[],
            ),
            Self::AnimateSmile => info(
                "No smile to smile",
                "A timeline in which a straight face begins to smile; undo brings yours back",
                &[],
            ),
            Self::AnimateTurn => info("Left to right", "A timeline in which a head turns; undo brings yours back", &[]),
            Self::AnimateClothes => {
                info("Change of clothes", "A timeline in which an outfit changes; undo brings yours back", &[])
            }
            Self::AddKeyframe => info(
                "Add keyframe",
                "Keep mask, attributes and latent as they are now as a keyframe of the timeline",
                &["Shift+K"],
            ),
            Self::UpdateKeyframe => info("Update keyframe", "Replace the chosen keyframe by what you edit now", &[]),
            Self::RemoveKeyframe => info("Remove keyframe", "Take the chosen keyframe away", &[]),
            Self::EditMoment => info(
                "Edit this moment",
                "Take mask, attributes and latent under the playhead over, to go on from there",
                &[],
            ),
            Self::PlayTimeline => info("Play timeline", "Play the keyframes, or stop", &["Ctrl+Alt+K"]),
            Self::ToggleTimelineLoop => info("Loop timeline", "Let the end lead back to the first keyframe", &[]),
            Self::ExportAnimation => {
                info("Export animation…", "Write the timeline as GIF, APNG, PNGs or MP4", &["Ctrl+Alt+E"])
            }
            Self::ResetLayout => info("Reset layout", "Put every panel back where it was at first", &[]),
            Self::ToggleLive => info("Live rendering", "Render after every change, or hold the picture still", &["P"]),
            Self::RandomSeed => info("Randomise seed", "Draw a new person with the same layout", &["R"]),
            Self::PreviousSeed => info("Previous seed", "Back through the seeds seen", &[","]),
            Self::NextSeed => info("Next seed", "Forward through the seeds seen", &["."]),
            Self::ToggleLatentLock => info(
                "Lock latent",
                "Keep seed, directions and coordinates as they are, so that nothing changes the person by accident while you paint",
                &["Shift+R"],
            ),
            Self::ResetLatent => info("Reset directions", "Set every latent direction to 0", &[]),
            Self::ResetCoordinates => info("Reset coordinates", "Give every coordinate of z back to the seed", &[]),
            Self::MoreDirections => info("More directions", "Show the next, weaker directions of the latent", &[]),
            Self::PinA => info("Pin A", "Keep this latent as A, to blend with B", &[]),
            Self::PinB => info("Pin B", "Keep this latent as B, to blend with A", &[]),
            Self::SwapPins => info("Swap A and B", "Exchange the two pinned latents", &[]),
            Self::Unpin => info("Remove pins", "Forget A and B", &[]),
            Self::StopBlending => info("Stop blending", "Back from the blend of A and B to your own latent", &[]),
            Self::ResetAttributes => info("Reset attributes", "Back to the taxonomy's defaults", &[]),
            Self::ToggleOverdrive => {
                info("Overdrive", "Let strengths go beyond what the model was trained on, from −1 to 2", &[])
            }
            Self::OpenModel => info("Open model…", "Use a model file", &[]),
            Self::ShowModelCard => info("About this model", "Data, licence and training of the model", &[]),
            Self::ChooseDataFolder => {
                info("Choose data set…", "Name a folder of images and masks to train on; it is checked at once", &[])
            }
            Self::CheckData => {
                info("Check data set", "Read every sample, count, and list what is amiss; once more gives it up", &[])
            }
            Self::StartTraining => {
                info("Start training", "Check the data set if that is still to be done, and train", &[])
            }
            Self::PauseTraining => {
                info("Pause training", "Hold the run, and go on from where it is; painting is faster meanwhile", &[])
            }
            Self::StopTraining => {
                info("Stop training", "Write a checkpoint and end the run; it can be continued later", &[])
            }
            Self::SaveCheckpoint => info("Checkpoint now", "Write a checkpoint and go on training", &[]),
            Self::ContinueRun => {
                info("Continue a run…", "Name the folder of a run to go on with from its newest checkpoint", &[])
            }
            Self::PinCanvas => info(
                "Pin this canvas",
                "Render mask, attributes and latent as they are now at every checkpoint of a training",
                &[],
            ),
            Self::FollowTraining => {
                info("Follow in canvas", "Show every new checkpoint in the canvas as soon as it is written", &[])
            }
            Self::ShowCheckpoint => {
                info("Show in canvas", "Let the checkpoint that is looked at draw the picture; nothing is copied", &[])
            }
            Self::UseCheckpoint => {
                info("Use as model", "Keep the model of the checkpoint that is looked at in the Model menu", &[])
            }
            Self::AddPair => info(
                "Add this pair…",
                "Add the mask with its tracing photo, or else with the result, to a data set for training",
                &[],
            ),
            Self::ChoosePairFolder => {
                info("Choose where pairs go…", "Name the data set that pairs from the canvas are added to", &[])
            }
            Self::CommandPalette => {
                info("Command palette…", "Find any command, template, sample or model by name", &["Ctrl+K"])
            }
            Self::ShowShortcuts => info("Keyboard shortcuts", "Every key, on one page", &["F1"]),
            Self::ShowHints => info("Show the first hints again", "The four hints of the first start", &[]),
            Self::ShowAbout => info("About SCGAN Studio", "Version and licence", &[]),
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

    #[test]
    fn no_label_shares_its_key_with_an_action() {
        for taxonomy in crate::taxonomy::Taxonomy::builtins() {
            for label in &taxonomy.labels {
                let Some(key) = label.hotkey else { continue };
                let key = key.to_ascii_uppercase().to_string();
                let taken = Action::ALL.into_iter().find(|action| action.info().shortcuts.contains(&key.as_str()));
                assert!(taken.is_none(), "{}: {} and {taken:?} share {key}", taxonomy.name, label.name);
            }
        }
    }
}
