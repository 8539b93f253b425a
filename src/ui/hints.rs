//! The first hints: four small cards, one after the other, each beside what it is about.

use eframe::egui::{
    Align, Align2, Area, Button, Frame, Id, Layout, Margin, Order, Rect, RichText, Stroke, Ui, pos2, vec2,
};

use super::theme;
use crate::editor::{Command, EditorState, Hint, HintCommand, Panel};

const WIDTH: f32 = 270.0;
const GAP: f32 = 12.0;

/// `places` says where the panels are on the screen.
pub(super) fn show(ui: &Ui, state: &EditorState, places: &[(Panel, Rect)], commands: &mut Vec<Command>) {
    let Some(hint) = state.hint() else { return };
    let panel = match hint {
        Hint::Canvas => Panel::Canvas,
        Hint::Attributes => Panel::Attributes,
        Hint::Latent => Panel::Latent,
        Hint::Labels => Panel::Labels,
    };
    let find = |panel| places.iter().find(|(place, _)| *place == panel).map(|(_, rect)| *rect);
    let window = ui.ctx().content_rect();
    let Some(target) = find(panel).or_else(|| find(Panel::Canvas)) else { return };
    let (at, pivot) = anchor(target, window, panel);
    let palette = theme::palette(ui.visuals());
    if panel != Panel::Canvas {
        let outline = Stroke::new(2.0, palette.accent);
        let painter = ui.ctx().layer_painter(eframe::egui::LayerId::new(Order::Middle, Id::unique("hint_outline")));
        let whole = target.with_min_y(target.top() - theme::PANEL_HEADING_HEIGHT);
        painter.rect_stroke(whole.shrink(1.0), theme::RADIUS, outline, eframe::egui::StrokeKind::Inside);
    }
    let area = Area::new(Id::unique("first_hint")).order(Order::Middle).fixed_pos(at).pivot(pivot).constrain_to(window);
    area.show(ui.ctx(), |ui| {
        let frame = Frame::popup(ui.style()).inner_margin(Margin::same(14)).stroke(Stroke::new(1.0, palette.accent));
        frame.show(ui, |ui| card(ui, hint, commands));
    });
}

/// Beside a panel, on the side where there is more room; at the top of the canvas.
fn anchor(target: Rect, window: Rect, panel: Panel) -> (eframe::egui::Pos2, Align2) {
    let top = target.top();
    if panel == Panel::Canvas {
        return (pos2(target.center().x, top + theme::STAGE_HEADER_HEIGHT + GAP), Align2::CENTER_TOP);
    }
    if target.center().x < window.center().x {
        (pos2(target.right() + GAP, top), Align2::LEFT_TOP)
    } else {
        (pos2(target.left() - GAP, top), Align2::RIGHT_TOP)
    }
}

fn card(ui: &mut Ui, hint: Hint, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    ui.spacing_mut().item_spacing.y = theme::GAP_SMALL;
    ui.label(RichText::new(hint.title()).heading().strong());
    ui.label(hint.text());
    ui.horizontal(|ui| {
        let place = Hint::ALL.iter().position(|&other| other == hint).unwrap_or_default() + 1;
        ui.label(RichText::new(format!("{place} of {}", Hint::ALL.len())).small().weak());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let got_it = ui.add(Button::new("Got it").min_size(vec2(72.0, 28.0)));
            if got_it.on_hover_text("On to the next hint").clicked() {
                commands.push(Command::Hint(HintCommand::GotIt));
            }
            let skip = ui.add(Button::new("Skip all").frame_when_inactive(false));
            if skip.on_hover_text("No more hints. Help brings them back").clicked() {
                commands.push(Command::Hint(HintCommand::Skip));
            }
        });
    });
}
