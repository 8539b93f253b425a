//! The lines above mask and result.

use eframe::egui::{Align, Frame, Layout, Margin, RichText, Ui, vec2};

use super::theme;
use crate::editor::{Action, CanvasCommand, Command, EditorState, ResultFilter, ViewMode};
use crate::ui::value_slider::{Slider, value_slider};
use crate::ui::{action_button, status_pill};

const VIEWS: [Action; 5] =
    [Action::ViewSideBySide, Action::ViewOverlay, Action::ViewWipe, Action::ViewMaskOnly, Action::ViewResultOnly];
const OPACITY_WIDTH: f32 = 84.0;
/// Room for the size and the zoom buttons; they are in the View menu too.
const ROOM_FOR_ZOOM: f32 = 400.0;
/// Room for everything about the result.
const ROOM_FOR_RESULT: f32 = 640.0;

/// Above the main stage: what it shows, and how.
pub(super) fn main(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let mode = state.canvas_view.mode;
    let alone = mode != ViewMode::SideBySide;
    line(ui, |ui| {
        let room = ui.available_width();
        let title = match mode {
            ViewMode::SideBySide | ViewMode::MaskOnly => "Mask",
            ViewMode::Overlay => "Mask over result",
            ViewMode::Wipe => "Mask and result",
            ViewMode::ResultOnly => "Result",
        };
        ui.label(RichText::new(title).strong());
        if mode.shows_mask() && room >= ROOM_FOR_ZOOM {
            let labels = &state.document.labels;
            ui.label(RichText::new(format!("{} × {}", labels.width(), labels.height())).small().weak());
        }
        if alone && mode.shows_result() && room >= ROOM_FOR_RESULT {
            status_pill::show(ui, state);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if room >= ROOM_FOR_ZOOM {
                for action in [Action::ZoomFit, Action::ZoomIn, Action::ZoomOut] {
                    action_button::plain_icon_button(ui, state, action, commands);
                }
                ui.add_space(theme::GAP_SMALL);
            }
            if alone && mode.shows_result() && room >= ROOM_FOR_RESULT {
                result_buttons(ui, state, commands);
                ui.add_space(theme::GAP_SMALL);
            }
            if mode.shows_mask() {
                action_button::toggle_icon_button(ui, state, Action::ToggleOutlines, commands);
            }
            views(ui, state, commands);
            if room >= ROOM_FOR_RESULT {
                opacities(ui, state, commands);
            }
        });
    });
}

/// Above the result beside the mask.
pub(super) fn result(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    line(ui, |ui| {
        ui.label(RichText::new("Result").strong());
        if let Some(frame) = &state.live.frame {
            ui.label(RichText::new(format!("{} × {}", frame.width, frame.height)).small().weak());
        }
        status_pill::show(ui, state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            result_buttons(ui, state, commands);
            action_button::toggle_icon_button(ui, state, Action::ToggleLinkViews, commands);
        });
    });
}

fn line(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| {
        let size = vec2(ui.available_width(), theme::STAGE_HEADER_HEIGHT);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), contents);
    });
}

/// From right to left.
fn result_buttons(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    action_button::plain_icon_button(ui, state, Action::ExportResult, commands);
    let filter = match state.result_filter {
        ResultFilter::Linear => theme::icon(Action::ToggleResultFilter),
        ResultFilter::Nearest => Some(theme::ICON_PIXELS),
    };
    if let Some(icon) = filter {
        action_button::icon_button_with(ui, state, Action::ToggleResultFilter, icon, commands);
    }
    let live = if state.live.paused { theme::ICON_PLAY } else { theme::ICON_PAUSE };
    action_button::icon_button_with(ui, state, Action::ToggleLive, live, commands);
}

fn views(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let fill = theme::palette(ui.visuals()).panel;
    let segment = Frame::new().fill(fill).corner_radius(theme::RADIUS + 2).inner_margin(Margin::same(1));
    segment.show(ui, |ui| {
        // The surrounding layout runs from the right.
        for view in VIEWS.into_iter().rev() {
            action_button::toggle_icon_button(ui, state, view, commands);
        }
    });
}

/// How much of what lies beneath the mask shows through, where something does. From right to left.
fn opacities(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let view = &state.canvas_view;
    if let Some(guide) = view.guide.as_ref().filter(|_| view.mode.shows_mask()) {
        let changed = opacity(ui, "Photo", "Photo opacity", guide.opacity(), 1.0);
        commands.extend(changed.map(|opacity| Command::Canvas(CanvasCommand::SetGuideOpacity(opacity))));
    }
    if view.mode == ViewMode::Overlay || (view.guide.is_some() && view.mode.shows_mask()) {
        let changed = opacity(ui, "Mask", "Mask opacity", view.mask_opacity, 0.5);
        commands.extend(changed.map(|opacity| Command::Canvas(CanvasCommand::SetMaskOpacity(opacity))));
    }
}

fn opacity(ui: &mut Ui, title: &str, name: &str, value: f32, usual: f32) -> Option<f32> {
    ui.add_space(theme::GAP_SMALL);
    let slider = Slider { name, range: 0.0..=1.0, neutral: 0.0, usual };
    let changed = value_slider(ui, OPACITY_WIDTH, value, &slider).changed;
    ui.label(RichText::new(title).small().weak());
    changed
}
