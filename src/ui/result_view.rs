//! The generated picture.

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{
    Align, Color32, CornerRadius, Frame, Layout, Margin, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextureId,
    Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{action_button, status_pill, theme};
use crate::editor::{Action, Command, EditorState, LiveStatus, ResultFilter};

const MARGIN: f32 = 18.0;
const WHOLE_TEXTURE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(ui: &mut Ui, state: &EditorState, result: Option<TextureId>, commands: &mut Vec<Command>) {
    header(ui, state, commands);
    let area = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(area, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Result"));
    match (result, &state.live.frame) {
        (Some(texture), Some(frame)) => {
            let size = vec2(frame.width as f32, frame.height as f32);
            picture(ui, area, size, texture);
        }
        _ => placeholder(ui, area, state),
    }
}

fn header(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| {
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), theme::STAGE_HEADER_HEIGHT),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.label(RichText::new("Result").strong());
                if let Some(frame) = &state.live.frame {
                    ui.label(RichText::new(format!("{} × {}", frame.width, frame.height)).small().weak());
                }
                status_pill::show(ui, state);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
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
                });
            },
        );
    });
}

fn picture(ui: &Ui, area: Rect, size: Vec2, texture: TextureId) {
    let palette = theme::palette(ui.visuals());
    let room = (area.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(16.0));
    let scale = (room.x / size.x).min(room.y / size.y);
    let rect = Rect::from_center_size(area.center(), size * scale).round_to_pixels(ui.pixels_per_point());
    let painter = ui.painter().with_clip_rect(area);
    painter.image(texture, rect, WHOLE_TEXTURE, Color32::WHITE);
    painter.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(1.0, palette.line), StrokeKind::Outside);
}

fn placeholder(ui: &mut Ui, area: Rect, state: &EditorState) {
    let text = match state.live_status() {
        LiveStatus::Loading(name) => format!("Loading the {name} model…"),
        LiveStatus::NoModel => "Choose a model in the Model menu to see a picture here.".to_owned(),
        LiveStatus::Paused => "Live rendering is paused.".to_owned(),
        LiveStatus::Failed(message) => message,
        LiveStatus::Rendering | LiveStatus::UpToDate { .. } => "Rendering the first picture…".to_owned(),
    };
    let middle = Rect::from_center_size(area.center(), vec2(area.width().min(320.0), 48.0));
    ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| ui.label(RichText::new(text).weak()));
    });
}
