//! The lines above mask and result.

use eframe::egui::{Align, Frame, Layout, Margin, RichText, Ui, vec2};

use super::theme;
use crate::editor::{Action, CanvasCommand, Command, EditorState, ResultFilter, ViewMode};
use crate::ui::value_slider::{Slider, value_slider};
use crate::ui::{action_button, status_pill};

const VIEWS: [Action; 5] =
    [Action::ViewSideBySide, Action::ViewOverlay, Action::ViewWipe, Action::ViewMaskOnly, Action::ViewResultOnly];
const OPACITY_SLIDER: f32 = 84.0;
/// With its title.
const OPACITY_WIDTH: f32 = 132.0;
/// Width of what is never left out: the title, the views and the outlines.
const FIRST: f32 = 330.0;
const SIZE_WIDTH: f32 = 70.0;
const PILL_WIDTH: f32 = 165.0;
const ZOOM_WIDTH: f32 = 104.0;
const RESULT_WIDTH: f32 = 136.0;
/// Title, status and two buttons above the result.
const RESULT_FIRST: f32 = 258.0;
const BUTTON_WIDTH: f32 = 32.0;

/// What is left of a line's width. Everything that does not fit is in the View menu too.
struct Room(f32);

impl Room {
    fn new(ui: &Ui, first: f32) -> Self {
        Self(ui.available_width() - first)
    }

    /// Takes a width if there is so much left.
    fn has(&mut self, width: f32) -> bool {
        let fits = self.0 >= width;
        self.0 -= if fits { width } else { 0.0 };
        fits
    }
}

/// Above the main stage: what it shows, and how.
pub(super) fn main(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let view = &state.canvas_view;
    let mode = view.mode;
    // Beside the mask, the result has a line of its own.
    let result_here = mode.shows_result() && mode != ViewMode::SideBySide;
    let has_guide = view.guide.is_some() && mode.shows_mask();
    line(ui, |ui| {
        // In order of importance.
        let mut room = Room::new(ui, FIRST);
        let mask_opacity = (mode == ViewMode::Overlay || has_guide) && room.has(OPACITY_WIDTH);
        let guide_opacity = has_guide && room.has(OPACITY_WIDTH);
        let zoom = room.has(ZOOM_WIDTH);
        let pill = result_here && room.has(PILL_WIDTH);
        let result = result_here && room.has(RESULT_WIDTH);
        let size = mode.shows_mask() && room.has(SIZE_WIDTH);
        ui.label(RichText::new(title(mode)).strong());
        if size {
            let labels = &state.document.labels;
            ui.label(RichText::new(format!("{} × {}", labels.width(), labels.height())).small().weak());
        }
        if pill {
            status_pill::show(ui, state);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if zoom {
                for action in [Action::ZoomFit, Action::ZoomIn, Action::ZoomOut] {
                    action_button::plain_icon_button(ui, state, action, commands);
                }
                ui.add_space(theme::GAP_SMALL);
            }
            if result {
                result_buttons(ui, state, commands);
                ui.add_space(theme::GAP_SMALL);
            }
            if mode.shows_mask() {
                action_button::toggle_icon_button(ui, state, Action::ToggleOutlines, commands);
            }
            views(ui, state, commands);
            if let Some(guide) = view.guide.as_ref().filter(|_| guide_opacity) {
                let changed = opacity(ui, "Photo", "Photo opacity", guide.opacity(), 1.0);
                commands.extend(changed.map(|opacity| Command::Canvas(CanvasCommand::SetGuideOpacity(opacity))));
            }
            if mask_opacity {
                let changed = opacity(ui, "Mask", "Mask opacity", view.mask_opacity, 0.5);
                commands.extend(changed.map(|opacity| Command::Canvas(CanvasCommand::SetMaskOpacity(opacity))));
            }
        });
    });
}

fn title(mode: ViewMode) -> &'static str {
    match mode {
        ViewMode::SideBySide | ViewMode::MaskOnly => "Mask",
        ViewMode::Overlay => "Mask over result",
        ViewMode::Wipe => "Mask and result",
        ViewMode::ResultOnly => "Result",
    }
}

/// What is seen in the result's place.
fn result_title(state: &EditorState) -> &'static str {
    if state.previewed_frame().is_some() {
        "Variation"
    } else if state.previewed_control().is_some() {
        "Preview"
    } else {
        "Result"
    }
}

/// Above the result beside the mask.
pub(super) fn result(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    line(ui, |ui| {
        let mut room = Room::new(ui, RESULT_FIRST);
        let link = room.has(BUTTON_WIDTH);
        let filter = room.has(BUTTON_WIDTH);
        let obedience = room.has(BUTTON_WIDTH);
        let size = room.has(SIZE_WIDTH);
        ui.label(RichText::new(result_title(state)).strong());
        if let Some(frame) = state.shown_frame().filter(|_| size) {
            ui.label(RichText::new(format!("{} × {}", frame.width, frame.height)).small().weak());
        }
        status_pill::show(ui, state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            action_button::plain_icon_button(ui, state, Action::ExportResult, commands);
            if filter {
                filter_button(ui, state, commands);
            }
            live_button(ui, state, commands);
            if obedience {
                action_button::toggle_icon_button(ui, state, Action::ToggleObedience, commands);
            }
            if link {
                action_button::toggle_icon_button(ui, state, Action::ToggleLinkViews, commands);
            }
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
    filter_button(ui, state, commands);
    live_button(ui, state, commands);
    action_button::toggle_icon_button(ui, state, Action::ToggleObedience, commands);
}

fn filter_button(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let icon = match state.result_filter {
        ResultFilter::Linear => theme::icon(Action::ToggleResultFilter),
        ResultFilter::Nearest => Some(theme::ICON_PIXELS),
    };
    if let Some(icon) = icon {
        action_button::icon_button_with(ui, state, Action::ToggleResultFilter, icon, commands);
    }
}

fn live_button(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let icon = if state.live.paused { theme::ICON_PLAY } else { theme::ICON_PAUSE };
    action_button::icon_button_with(ui, state, Action::ToggleLive, icon, commands);
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

/// A slider with its title, from right to left; the opacity asked for.
fn opacity(ui: &mut Ui, title: &str, name: &str, value: f32, usual: f32) -> Option<f32> {
    ui.add_space(theme::GAP_SMALL);
    let slider = Slider { name, range: 0.0..=1.0, neutral: 0.0, usual };
    let changed = value_slider(ui, OPACITY_SLIDER, value, &slider).changed;
    ui.label(RichText::new(title).small().weak());
    changed
}
