//! The menus of the top bar.

use eframe::egui::{Button, RichText, Ui, vec2};

use super::{action_button, template_gallery, theme};
use crate::editor::{Action, Command, EditorState, sentence_case};
use crate::engine::ModelRef;
use crate::model::Model;

/// Width of a window, in points, below which titles stand closer together.
const NARROW: f32 = 1000.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    // In a narrow window the tool's options need the room.
    let padding = if ui.ctx().content_rect().width() < NARROW { 4.5 } else { 8.0 };
    ui.spacing_mut().button_padding = vec2(padding, 5.0);
    ui.spacing_mut().item_spacing.x = 0.0;
    menu(ui, "File", |ui| {
        items(ui, state, &[Action::New, Action::NewFrom, Action::Open, Action::OpenPhoto], commands);
        menu(ui, "Open recent", |ui| recent_items(ui, state, commands));
        ui.separator();
        items(ui, state, &[Action::Save, Action::SaveAs, Action::Revert, Action::ShowRecovery], commands);
        ui.separator();
        items(ui, state, &[Action::ExportResult, Action::ExportSideBySide], commands);
        items(ui, state, &[Action::SaveMask, Action::ExportMaskTransparent, Action::ExportAnimation], commands);
        ui.separator();
        items(ui, state, &[Action::ShowPreferences, Action::Quit], commands);
    });
    menu(ui, "Edit", |ui| {
        items(ui, state, &[Action::Undo, Action::Redo, Action::ClearHistory], commands);
        ui.separator();
        items(ui, state, &[Action::CutPart, Action::CopyPart, Action::PastePart, Action::RemovePart], commands);
        items(ui, state, &[Action::FlipPart, Action::FlipPartUpsideDown], commands);
        ui.separator();
        items(ui, state, &[Action::CopyLeftHalf, Action::CopyRightHalf], commands);
        ui.separator();
        items(ui, state, &[Action::UnlockLabels, Action::ShowAllLabels], commands);
        ui.separator();
        items(ui, state, &[Action::RandomSeed, Action::PreviousSeed, Action::NextSeed], commands);
        items(ui, state, &[Action::ToggleLatentLock, Action::FitPhoto], commands);
        ui.separator();
        items(ui, state, &[Action::ResetAttributes, Action::ResetLatent, Action::ResetCoordinates], commands);
    });
    menu(ui, "Tools", |ui| {
        items(ui, state, &[Action::Brush, Action::Eraser, Action::Fill, Action::Lasso, Action::Polygon], commands);
        items(ui, state, &[Action::Line, Action::Rectangle, Action::Ellipse], commands);
        items(ui, state, &[Action::Transform, Action::Warp, Action::Picker], commands);
        ui.separator();
        items(ui, state, &[Action::ToggleSymmetry, Action::ToggleFillEverywhere], commands);
        items(ui, state, &[Action::BrushSmaller, Action::BrushLarger], commands);
    });
    menu(ui, "View", |ui| {
        items(ui, state, &[Action::ZoomFit, Action::ZoomActual, Action::ZoomIn, Action::ZoomOut], commands);
        ui.separator();
        menu(ui, "Mask and result", |ui| {
            let views = [Action::ViewSideBySide, Action::ViewOverlay, Action::ViewWipe];
            items(ui, state, &views, commands);
            items(ui, state, &[Action::ViewMaskOnly, Action::ViewResultOnly, Action::CycleView], commands);
        });
        items(ui, state, &[Action::ToggleOutlines, Action::ToggleObedience, Action::ToggleLinkViews], commands);
        items(ui, state, &[Action::OpenGuide, Action::RemoveGuide], commands);
        items(ui, state, &[Action::ToggleLive, Action::ToggleResultFilter], commands);
        ui.separator();
        menu(ui, "Panels", |ui| {
            items(ui, state, &[Action::PanelLabels, Action::PanelHistory], commands);
            items(ui, state, &[Action::PanelAttributes, Action::PanelLatent], commands);
            let below = [Action::PanelVariations, Action::PanelControls, Action::PanelTimeline, Action::PanelTraining];
            items(ui, state, &below, commands);
            ui.separator();
            items(ui, state, &[Action::ResetLayout], commands);
        });
        menu(ui, "Theme", |ui| {
            items(ui, state, &[Action::ThemeDark, Action::ThemeLight, Action::ThemeSystem], commands);
        });
    });
    menu(ui, "Templates", |ui| {
        ui.set_width(template_gallery::WIDTH);
        if template_gallery::show(ui, commands) {
            ui.close();
        }
    });
    menu(ui, "Explore", |ui| {
        items(ui, state, &[Action::PanelVariations, Action::RollVariations], commands);
        let tile = [Action::TakeVariation, Action::MoreLikeVariation, Action::PinVariation, Action::SaveVariation];
        items(ui, state, &tile, commands);
        ui.separator();
        items(ui, state, &[Action::ControlsOfRegion, Action::ControlsOfLabel, Action::PanelControls], commands);
        ui.separator();
        items(ui, state, &[Action::ExportLatentGrid, Action::ExportAttributeGrid], commands);
        ui.separator();
        items(ui, state, &[Action::PanelTimeline], commands);
        items(ui, state, &[Action::AnimateSmile, Action::AnimateTurn, Action::AnimateClothes], commands);
    });
    menu(ui, "Model", |ui| {
        model_items(ui, state, commands);
        ui.separator();
        items(ui, state, &[Action::OpenModel, Action::ShowModelCard], commands);
    });
    menu(ui, "Training", |ui| {
        items(ui, state, &[Action::PanelTraining], commands);
        ui.separator();
        items(ui, state, &[Action::ChooseDataFolder, Action::CheckData], commands);
        ui.separator();
        let run = [Action::StartTraining, Action::PauseTraining, Action::SaveCheckpoint, Action::StopTraining];
        items(ui, state, &run, commands);
        items(ui, state, &[Action::ContinueRun], commands);
        ui.separator();
        items(ui, state, &[Action::PinCanvas, Action::FollowTraining], commands);
        items(ui, state, &[Action::ShowCheckpoint, Action::UseCheckpoint], commands);
        ui.separator();
        items(ui, state, &[Action::AddPair, Action::ChoosePairFolder], commands);
    });
    menu(ui, "Help", |ui| {
        items(ui, state, &[Action::CommandPalette, Action::ShowShortcuts, Action::EditShortcuts], commands);
        items(ui, state, &[Action::ShowHints], commands);
        ui.separator();
        items(ui, state, &[Action::CopyDiagnostics, Action::ShowAbout], commands);
    });
}

fn menu(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui)) {
    ui.menu_button(title, |ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 3.0);
        ui.set_min_width(theme::MENU_WIDTH);
        contents(ui);
    });
}

fn items(ui: &mut Ui, state: &EditorState, actions: &[Action], commands: &mut Vec<Command>) {
    for &action in actions {
        action_button::menu_item(ui, state, action, commands);
    }
}

fn item(ui: &mut Ui, title: &str, selected: bool, hint: &str) -> bool {
    let button = Button::selectable(selected, title).min_size(vec2(0.0, theme::ROW_HEIGHT));
    let clicked = ui.add(button).on_hover_text(hint).clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// Sessions opened or saved lately; those that are gone can't be chosen.
fn recent_items(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    if state.preferences.recent.is_empty() {
        ui.label(RichText::new("No session was opened or saved yet").weak());
        return;
    }
    for path in &state.preferences.recent {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let there = !state.files.missing.contains(path);
        let hint = if there { path.display().to_string() } else { format!("{} is not there", path.display()) };
        ui.add_enabled_ui(there, |ui| {
            if item(ui, &name, false, &hint) {
                commands.push(Command::OpenPath(path.clone()));
            }
        });
    }
    ui.separator();
    items(ui, state, &[Action::ClearRecent], commands);
}

fn model_items(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    for name in Model::bundled_names() {
        let current = state.model.loaded.as_ref().is_some_and(|model| model.name == name);
        if item(ui, &sentence_case(name), current, "Use this bundled model; the mask comes along where its labels do") {
            commands.push(Command::LoadModel(ModelRef::Bundled(name.to_owned())));
        }
    }
    for path in &state.training.models {
        let reference = ModelRef::File(path.clone());
        let current = state.model.loaded.as_ref().is_some_and(|model| model.reference == reference);
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        if item(ui, &name, current, &format!("Use this model that was trained here: {}", path.display())) {
            commands.push(Command::LoadModel(reference));
        }
    }
}
