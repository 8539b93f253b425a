//! Small headings and buttons within a panel.

use eframe::egui::{Button, Response, RichText, Ui, vec2};
use egui_material_icons::MaterialIcon;

/// Side of a small icon button, in points.
pub(super) const SMALL_BUTTON: f32 = 22.0;
const SMALL_ICON: f32 = 15.0;

/// The name of a group within a panel.
pub(super) fn group(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).small().weak());
}

/// A frameless icon button for a row; `lit` while what it switches is on.
pub(super) fn small_button(ui: &mut Ui, icon: MaterialIcon, name: &str, hint: &str, lit: bool) -> Response {
    let button = Button::new(icon.rich_text().size(SMALL_ICON))
        .min_size(vec2(SMALL_BUTTON, SMALL_BUTTON))
        .frame_when_inactive(lit)
        .selected(lit);
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(2.0, 2.0);
        ui.add(button)
    });
    let text = if hint.is_empty() { name.to_owned() } else { format!("{name}\n{hint}") };
    response.inner.on_hover_text(&text).on_disabled_hover_text(text).accessible_name(name)
}
