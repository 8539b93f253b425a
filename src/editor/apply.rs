//! The one function that changes the editor's state.

use super::{
    Action, Chore, Command, Dialog, EditorState, Effect, ExportKind, Intent, IoJob, IoTask, Panel, PinSlot,
    ResultFilter, ThemeChoice, ViewMode,
};
use crate::document::{PaintRules, Side};

/// Carries a command out. The effects are for the app, in order.
pub fn apply(state: &mut EditorState, command: Command) -> Vec<Effect> {
    let mut effects = Vec::new();
    let generation = state.live.wanted;
    dispatch(state, command, &mut effects);
    let asked = effects.iter().any(|effect| matches!(effect, Effect::Render));
    if state.live.wanted != generation && !asked && !state.live.paused {
        effects.push(Effect::Render);
    }
    effects
}

fn dispatch(state: &mut EditorState, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Do(action) => start(state, action, effects),
        Command::Pointer(event, modifiers) => {
            if !state.choosing_takes(event, effects) {
                state.warn_about_lock(&event, modifiers.alt, effects);
                state.pointer(event, modifiers);
            }
        }
        Command::Hover(hover) => state.hover = hover,
        Command::SelectLabel(label) => state.choose_label(label),
        Command::SetBrushSize(diameter_px) => state.set_brush_size(diameter_px),
        Command::CanvasResized(size_px) => state.canvas_px = size_px.map(|side| side.max(1.0)),
        Command::ZoomAt { factor, at_px } => state.view = state.view.zoomed(&state.canvas(), factor, at_px),
        Command::PanBy(by_px) => state.view = state.view.panned(&state.canvas(), by_px),
        Command::Canvas(command) => state.change_canvas(command),
        Command::ToggleAttribute(attribute) => state.toggle_attribute(attribute),
        Command::ChooseAttribute { group, choice } => state.choose_attribute(group, choice),
        Command::SetStrength { attribute, value } => state.set_strength(attribute, value),
        Command::SetSeed(seed) => state.set_seed(seed),
        Command::SetOffset { direction, sigma } => state.set_offset(direction, sigma),
        Command::Latent(command) => state.latent_command(command, effects),
        Command::Label(command) => state.label_command(command),
        Command::NudgePart(by_px) => state.nudge_part(by_px),
        Command::JumpToHistory(done) => state.jump_to_history(done),
        Command::LayoutChanged(text) => state.set_dock_layout(&text, effects),
        Command::Hint(command) => state.hint_command(command),
        Command::Search(command) => {
            if let Some(chosen) = state.search_command(command) {
                dispatch(state, chosen, effects);
            }
        }
        Command::Shortcut(command) => state.shortcut_command(command),
        Command::FinishEdit => state.finish_edit(),
        Command::UseTemplate(name) => state.use_template(name, effects),
        Command::OpenSample(name) => state.intend(Intent::Sample(name), effects),
        Command::LoadModel(model) => state.load_model(model, effects),
        Command::OpenPath(path) => state.intend(Intent::Open(Some(path)), effects),
        Command::TypePath(text) => state.type_path(text),
        Command::Answer(answer) => state.answer(answer, effects),
        Command::ModelLoaded(summary) => state.model_loaded(*summary, effects),
        Command::ModelFailed(message) => state.model_failed(message, effects),
        Command::FrameArrived(frame) => state.frame_arrived(frame),
        Command::ObedienceArrived(obedience) => state.obedience_arrived(obedience),
        Command::PictureRead(picture) => state.picture_read(picture, effects),
        Command::PictureNotRead(message) => state.picture_not_read(message, effects),
        Command::RenderFailed { generation, message } => state.render_failed(generation, message),
        Command::DeviceReady(description) => state.model.device = Some(description),
        Command::EngineTrouble(message) => effects.push(Effect::error(message)),
        Command::Io(done) => state.io_done(done, effects),
        Command::Files(command) => state.files_command(command, effects),
        Command::Training(command) => state.training_command(command, effects),
        Command::Photo(command) => state.photo_command(command, effects),
        Command::Timeline(command) => state.timeline_command(command, effects),
        Command::Variation(command) => state.variation_command(command, effects),
        Command::Controls(command) => state.controls_command(command, effects),
        Command::CancelGrid => state.cancel_grid(effects),
        Command::CloseRequested => state.ask_to_quit(effects),
    }
}

fn start(state: &mut EditorState, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::New => state.intend(Intent::New, effects),
        Action::Open => state.intend(Intent::Open(None), effects),
        Action::Save => state.save(state.path.clone(), effects),
        Action::SaveAs => state.save(None, effects),
        Action::NewFrom => state.intend(Intent::NewFrom, effects),
        Action::Revert => state.intend(Intent::Revert, effects),
        Action::ShowRecovery => state.look_for_recovery(effects),
        Action::ClearRecent => state.clear_recent(),
        Action::SaveMask => state.save_mask(false, effects),
        Action::ExportMaskTransparent => state.save_mask(true, effects),
        Action::ExportResult => state.export(ExportKind::Result, effects),
        Action::ExportSideBySide => state.export(ExportKind::SideBySide, effects),
        Action::ShowPreferences => state.dialog = Some(Dialog::Preferences),
        Action::EditShortcuts => state.edit_shortcuts(),
        Action::CopyDiagnostics => effects.push(Effect::Chore(Chore::Diagnose(state.diagnostics()))),
        Action::Quit => state.ask_to_quit(effects),
        Action::Undo => state.undo(),
        Action::Redo => state.redo(),
        Action::Brush
        | Action::Eraser
        | Action::Fill
        | Action::Lasso
        | Action::Polygon
        | Action::Line
        | Action::Rectangle
        | Action::Ellipse
        | Action::Transform
        | Action::Warp
        | Action::Picker => state.choose_tool(action),
        Action::ToggleFillEverywhere => state.painting.fill_everywhere = !state.painting.fill_everywhere,
        Action::ToggleSymmetry => state.toggle_symmetry(),
        Action::CopyLeftHalf => state.copy_half(Side::Left),
        Action::CopyRightHalf => state.copy_half(Side::Right),
        Action::BrushSmaller => state.step_brush_size(false),
        Action::BrushLarger => state.step_brush_size(true),
        Action::ZoomFit => state.fit_views(),
        Action::ZoomActual => state.view = state.view.actual_size(&state.canvas()),
        Action::ZoomIn => zoom_by(state, 1.25),
        Action::ZoomOut => zoom_by(state, 0.8),
        Action::ViewSideBySide => state.set_view_mode(ViewMode::SideBySide),
        Action::ViewOverlay => state.set_view_mode(ViewMode::Overlay),
        Action::ViewWipe => state.set_view_mode(ViewMode::Wipe),
        Action::ViewMaskOnly => state.set_view_mode(ViewMode::MaskOnly),
        Action::ViewResultOnly => state.set_view_mode(ViewMode::ResultOnly),
        Action::CycleView => state.set_view_mode(state.canvas_view.mode.next()),
        Action::ToggleOutlines => state.canvas_view.outlines = !state.canvas_view.outlines,
        Action::ToggleLinkViews => state.toggle_link_views(),
        Action::ToggleObedience => state.toggle_obedience(effects),
        Action::OpenGuide => effects.push(Effect::Io(IoJob { path: None, task: IoTask::OpenGuide })),
        Action::RemoveGuide => state.canvas_view.guide = None,
        Action::OpenPhoto => effects.push(Effect::Io(IoJob { path: None, task: IoTask::OpenPhoto })),
        Action::PastePhoto => effects.push(Effect::Paste),
        Action::FitPhoto => state.fit_photo(effects),
        Action::UseFit => state.use_fit(effects),
        Action::CancelFit => state.cancel_fit(effects),
        Action::ToggleResultFilter => {
            state.result_filter = match state.result_filter {
                ResultFilter::Linear => ResultFilter::Nearest,
                ResultFilter::Nearest => ResultFilter::Linear,
            };
        }
        Action::ThemeDark => state.theme = ThemeChoice::Dark,
        Action::ThemeLight => state.theme = ThemeChoice::Light,
        Action::ThemeSystem => state.theme = ThemeChoice::System,
        Action::ToggleLive => state.toggle_live(effects),
        Action::RandomSeed => state.randomise_seed(),
        Action::PreviousSeed => state.step_seed(false),
        Action::NextSeed => state.step_seed(true),
        Action::ResetLatent => state.reset_latent(),
        Action::ResetAttributes => state.reset_attributes(),
        Action::OpenModel => effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChooseModel })),
        Action::ShowModelCard => state.dialog = Some(Dialog::ModelCard),
        Action::ShowShortcuts => state.dialog = Some(Dialog::Shortcuts),
        Action::CommandPalette => state.open_search(),
        Action::ShowTemplates => state.dialog = Some(Dialog::Templates),
        Action::ShowHints => state.show_hints(),
        Action::CutPart => state.cut_part(),
        Action::CopyPart => state.copy_part(),
        Action::PastePart => state.paste_part(),
        Action::RemovePart => state.remove_part(),
        Action::FlipPart => state.flip_part(true),
        Action::FlipPartUpsideDown => state.flip_part(false),
        Action::ClearHistory => state.clear_history(),
        Action::UnlockLabels => state.painting.rules = PaintRules::default(),
        Action::ShowAllLabels => state.show_all_labels(),
        Action::PanelLabels => state.toggle_panel(Panel::Labels),
        Action::PanelAttributes => state.toggle_panel(Panel::Attributes),
        Action::PanelLatent => state.toggle_panel(Panel::Latent),
        Action::PanelHistory => state.toggle_panel(Panel::History),
        Action::PanelTraining => state.toggle_panel(Panel::Training),
        Action::PanelTimeline => state.toggle_panel(Panel::Timeline),
        Action::PanelVariations => state.toggle_panel(Panel::Variations),
        Action::PanelControls => state.toggle_panel(Panel::Controls),
        Action::ResetLayout => state.reset_dock_layout(),
        Action::ToggleOverdrive => state.preferences.overdrive = !state.preferences.overdrive,
        Action::ToggleLatentLock => state.latent_locked = !state.latent_locked,
        Action::ResetCoordinates => state.reset_coordinates(),
        Action::MoreDirections => state.show_more_directions(),
        Action::PinA => state.pin(PinSlot::A),
        Action::PinB => state.pin(PinSlot::B),
        Action::SwapPins => state.swap_pins(),
        Action::Unpin => state.unpin_both(),
        Action::StopBlending => state.stop_blending(),
        Action::ShowAbout => state.dialog = Some(Dialog::About),
        Action::RollVariations
        | Action::TakeVariation
        | Action::MoreLikeVariation
        | Action::PinVariation
        | Action::SaveVariation => state.start_variation_action(action, effects),
        Action::ControlsOfRegion | Action::ControlsOfLabel | Action::LookAgain | Action::StopLooking => {
            state.start_controls_action(action, effects);
        }
        Action::ExportLatentGrid | Action::ExportAttributeGrid => state.start_grid_action(action, effects),
        Action::AddKeyframe
        | Action::AnimateSmile
        | Action::AnimateTurn
        | Action::AnimateClothes
        | Action::UpdateKeyframe
        | Action::RemoveKeyframe
        | Action::PlayTimeline
        | Action::ToggleTimelineLoop
        | Action::EditMoment
        | Action::ExportAnimation => state.start_timeline_action(action),
        Action::ChooseDataFolder
        | Action::CheckData
        | Action::StartTraining
        | Action::PauseTraining
        | Action::StopTraining
        | Action::SaveCheckpoint
        | Action::ContinueRun
        | Action::PinCanvas
        | Action::FollowTraining
        | Action::ShowCheckpoint
        | Action::UseCheckpoint
        | Action::AddPair
        | Action::ChoosePairFolder => state.start_training_action(action, effects),
    }
}

fn zoom_by(state: &mut EditorState, factor: f32) {
    let middle = state.canvas_px.map(|side| side / 2.0);
    state.view = state.view.zoomed(&state.canvas(), factor, middle);
}
