//! One picture of the wall.

use eframe::egui::{
    Align2, Color32, CornerRadius, CursorIcon, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{Column, say};
use crate::editor::{Action, Command, EditorState, TileAt, TileView, VariationCommand};
use crate::ui::picture_textures::texture;
use crate::ui::{action_button, section, theme};

const CORNERS: u8 = 3;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };
/// A picture of the mask before, until the new one is there.
const OUTDATED: Color32 = Color32::from_rgba_premultiplied(90, 90, 90, 90);

/// Draws a tile; answers with its place while the pointer or the keyboard is there.
pub(super) fn show(
    ui: &mut Ui,
    state: &EditorState,
    at: TileAt,
    column: &Column,
    side: f32,
    commands: &mut Vec<Command>,
) -> Option<TileAt> {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    let view = state.variation(at, column)?;
    let id = Id::unique(("variation", at.row, at.column));
    let response = ui.interact(rect, id, Sense::click());
    let name = name(at, column);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, view.is_taken, &name));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    // The buttons on the tile are within it, and take its hovering away.
    let inside = ui.rect_contains_pointer(rect) && !ui.ctx().any_popup_open() && state.dialog.is_none();
    if ui.is_rect_visible(rect) {
        paint(ui, rect, &view, &response, inside);
    }
    if inside {
        buttons(ui, rect, at, &view, &name, state.latent_locked, commands);
    }
    if response.clicked() {
        say(commands, VariationCommand::Take(at));
    }
    let pointed = (inside || response.has_focus()).then_some(at);
    response.context_menu(|ui| menu(ui, state, commands));
    let lock = if state.latent_locked { "\nThe latent is locked" } else { "" };
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(format!("{name}\nClick or Enter takes it{lock}"));
    pointed
}

fn name(at: TileAt, column: &Column) -> String {
    let number = at.row + 1;
    if column.caption.is_empty() {
        format!("Variation {number}")
    } else {
        format!("Variation {number}, {}", column.caption)
    }
}

/// About the tile that was pointed at last, which is the one with the menu.
fn menu(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.set_min_width(theme::MENU_WIDTH);
    for action in [Action::TakeVariation, Action::MoreLikeVariation, Action::PinVariation, Action::SaveVariation] {
        action_button::menu_item(ui, state, action, commands);
    }
}

fn paint(ui: &Ui, rect: Rect, view: &TileView, response: &Response, inside: bool) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(CORNERS), palette.widget);
    if let Some(frame) = &view.frame {
        let tint = if view.is_current { Color32::WHITE } else { OUTDATED };
        painter.image(texture(ui, frame).id(), rect, WHOLE, tint);
    }
    let (width, color) = if response.has_focus() || inside {
        (2.0, palette.accent)
    } else if view.is_taken {
        (2.0, palette.text)
    } else {
        let line = theme::swatch_stroke(palette);
        (line.width, line.color)
    };
    painter.rect_stroke(rect, CornerRadius::same(CORNERS), Stroke::new(width, color), StrokeKind::Inside);
    if view.is_pinned && !inside {
        let place = Rect::from_min_size(rect.left_top() + vec2(4.0, 4.0), vec2(18.0, 18.0));
        painter.rect_filled(place, CornerRadius::same(9), palette.accent);
        let icon = theme::icon(Action::PinVariation).map_or("", |icon| icon.codepoint);
        let mut font = TextStyle::Body.resolve(ui.style());
        font.size = 12.0;
        painter.text(place.center(), Align2::CENTER_CENTER, icon, font, palette.panel);
    }
}

/// What can be done with a tile besides taking it, over its lower edge.
fn buttons(
    ui: &mut Ui,
    rect: Rect,
    at: TileAt,
    view: &TileView,
    name: &str,
    locked: bool,
    commands: &mut Vec<Command>,
) {
    let height = section::SMALL_BUTTON + 4.0;
    let bar = Rect::from_min_max(pos2(rect.left() + 2.0, rect.bottom() - height), rect.right_bottom() - vec2(2.0, 2.0));
    if bar.width() < 3.0 * section::SMALL_BUTTON {
        return;
    }
    let palette = theme::palette(ui.visuals());
    ui.painter().rect_filled(bar, CornerRadius::same(CORNERS), palette.panel.gamma_multiply(0.86));
    // Over the tile, so the place of the next one stays.
    let mut over = ui.new_child(UiBuilder::new().max_rect(bar.shrink2(vec2(2.0, 0.0))));
    over.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        let button = |ui: &mut Ui, action: Action, title: &str, hint: &str, lit: bool, possible: bool| {
            let Some(icon) = theme::icon(action) else { return false };
            let name = format!("{title}: {}", name.to_lowercase());
            ui.add_enabled_ui(possible, |ui| section::small_button(ui, icon, &name, hint, lit)).inner.clicked()
        };
        let pinned = view.is_pinned;
        let (title, hint) = if pinned {
            ("Unpin", "It goes when the others are rolled")
        } else {
            ("Pin", "It stays when the others are rolled")
        };
        if button(ui, Action::PinVariation, title, hint, pinned, true) {
            say(commands, VariationCommand::TogglePin(at));
        }
        let hint = "Take it, and fill the wall with variations close to it";
        if button(ui, Action::MoreLikeVariation, "More like this", hint, false, !locked) {
            say(commands, VariationCommand::MoreLike(at));
        }
        let hint = "Write the picture as PNG, with its session inside";
        if button(ui, Action::SaveVariation, "Save", hint, false, view.is_current) {
            say(commands, VariationCommand::Save(at));
        }
    });
}
