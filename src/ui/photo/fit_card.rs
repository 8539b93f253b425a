//! How the fit of a photo gets on: photo and picture beside each other, and what to do with it.

use std::sync::Arc;

use eframe::egui::{
    Align, Align2, Area, Button, Color32, CornerRadius, Frame, Id, Layout, Margin, Order, ProgressBar, Rect, RichText,
    Role, Sense, TextureHandle, Ui, WidgetInfo, pos2, vec2,
};

use super::texture::{opaque, texture};
use crate::editor::{Action, Command, EditorState, Panel, PhotoFit};
use crate::ui::theme;

const PICTURE: f32 = 128.0;
const GAP: f32 = 12.0;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// `places` says where the panels are on the screen.
pub(in crate::ui) fn show(ui: &Ui, state: &EditorState, places: &[(Panel, Rect)], commands: &mut Vec<Command>) {
    let Some(fit) = state.photo_fit() else { return };
    let window = ui.ctx().content_rect();
    let canvas = places.iter().find(|(panel, _)| *panel == Panel::Canvas).map_or(window, |(_, rect)| *rect);
    let at = canvas.left_bottom() + vec2(GAP, -GAP);
    let area = Area::new(Id::unique("photo_fit")).order(Order::Middle).default_pos(at).pivot(Align2::LEFT_BOTTOM);
    area.movable(true).constrain_to(window).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(Margin::same(14)).show(ui, |ui| card(ui, state, fit, commands));
    });
}

fn card(ui: &mut Ui, state: &EditorState, fit: &PhotoFit, commands: &mut Vec<Command>) {
    ui.set_width(2.0 * PICTURE + theme::GAP_SMALL);
    ui.spacing_mut().item_spacing.y = theme::GAP_SMALL;
    let title = if fit.is_done { "Nearest look found" } else { "Looking for the photo's look…" };
    ui.label(RichText::new(title).strong());
    ui.horizontal(|ui| {
        let photo = texture(ui, "fit_photo", &fit.framed, opaque);
        picture(ui, "Photo", Some(&photo));
        let found = fit.progress.as_ref();
        let found = found.map(|progress| texture(ui, "fit_found", progress, |progress| opaque(&progress.best.picture)));
        picture(ui, "Nearest picture so far", found.as_ref());
    });
    progress(ui, fit);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let used = button(ui, "Use", Action::UseFit, Action::UseFit.is_enabled(state));
        let cancelled = button(ui, if fit.is_done { "Discard" } else { "Cancel" }, Action::CancelFit, true);
        for (clicked, action) in [(used, Action::UseFit), (cancelled, Action::CancelFit)] {
            if clicked {
                commands.push(Command::Do(action));
            }
        }
    });
}

fn button(ui: &mut Ui, title: &str, action: Action, enabled: bool) -> bool {
    let button = Button::new(title).min_size(vec2(76.0, 28.0));
    ui.add_enabled(enabled, button).on_hover_text(action.info().tooltip).accessible_name(action.info().title).clicked()
}

fn picture(ui: &mut Ui, name: &str, texture: Option<&TextureHandle>) {
    let (rect, response) = ui.allocate_exact_size(vec2(PICTURE, PICTURE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let palette = theme::palette(ui.visuals());
    ui.painter().rect_filled(rect, 4, palette.surround);
    if let Some(texture) = texture {
        let image = eframe::egui::epaint::RectShape::filled(rect, CornerRadius::same(4), Color32::WHITE);
        ui.painter().add(image.with_texture(texture.id(), WHOLE));
    }
    response.on_hover_text(name);
}

fn progress(ui: &mut Ui, fit: &PhotoFit) {
    let (part, text) = match fit.progress.as_ref().map(Arc::as_ref) {
        None => (0.0, "Trying random latents".to_owned()),
        Some(progress) => {
            let best = &progress.best;
            let said = if best.loss < best.start_loss {
                format!("Difference {:.3}, at first {:.3}", best.loss, best.start_loss)
            } else {
                format!("Difference {:.3}", best.loss)
            };
            (progress.step as f32 / progress.steps.max(1) as f32, said)
        }
    };
    let accent = theme::palette(ui.visuals()).accent;
    let bar = ProgressBar::new(part).desired_height(6.0).corner_radius(3).fill(accent);
    let response = ui.add(bar);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Progress of the fit"));
    ui.label(RichText::new(text).small().weak())
        .on_hover_text("Mean difference of pixels, colours and the segmentor's features; 0 is the photo itself");
}
