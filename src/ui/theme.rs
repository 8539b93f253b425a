//! The one place for colours, spacing, radii, text sizes and icons.

mod glyphs;

use eframe::egui;
use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Visuals, vec2,
};

pub use self::glyphs::*;
use crate::editor::ThemeChoice;

/// Space between unrelated things, in points.
pub const GAP: f32 = 12.0;
/// Space between things that belong together, in points.
pub const GAP_SMALL: f32 = 6.0;
/// Corners of panels' parts, in points.
pub const RADIUS: u8 = 6;
/// Height of a row in a list, in points.
pub const ROW_HEIGHT: f32 = 28.0;
/// Space between a dialog's edge and its contents, in points.
pub const DIALOG_MARGIN: i8 = 20;
/// Height of the top bar, in points.
pub const TOP_BAR_HEIGHT: f32 = 46.0;
/// Height of the status bar, in points.
pub const STATUS_BAR_HEIGHT: f32 = 26.0;
/// Width of the column of tools, in points.
pub const TOOL_RAIL_WIDTH: f32 = 42.0;
/// Least width of a menu, in points.
pub const MENU_WIDTH: f32 = 202.0;
/// Height of a panel's heading, in points.
pub const PANEL_HEADING_HEIGHT: f32 = 38.0;
/// Side of an icon button, in points.
pub const ICON_BUTTON: f32 = 30.0;
/// Height of an icon's glyph, in points.
pub const ICON_SIZE: f32 = 18.0;
/// Height of the line above mask and result, in points.
pub const STAGE_HEADER_HEIGHT: f32 = 38.0;

/// Under what floats: menus, dialogs and notices.
pub const SHADOW: Shadow = Shadow { offset: [0, 5], blur: 18, spread: 0, color: Color32::from_black_alpha(72) };

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Around mask and result: neutral, so that it does not colour the eye's judgement.
    pub surround: Color32,
    /// Panels and bars.
    pub panel: Color32,
    /// Menus and dialogs.
    pub raised: Color32,
    /// Lines between areas.
    pub line: Color32,
    /// Outlines of controls.
    pub outline: Color32,
    /// Buttons and rails at rest.
    pub widget: Color32,
    /// Buttons under the pointer.
    pub widget_hover: Color32,
    /// Buttons being pressed.
    pub widget_active: Color32,
    /// Text.
    pub text: Color32,
    /// Secondary text.
    pub text_weak: Color32,
    /// The one saturated colour: what is on, and how far.
    pub accent: Color32,
    /// Area of what is selected.
    pub selection: Color32,
    /// Text on `selection`.
    pub selection_text: Color32,
    /// It worked, it is up to date.
    pub success: Color32,
    /// It goes on.
    pub busy: Color32,
    /// It failed.
    pub error: Color32,
}

const DARK: Palette = Palette {
    surround: Color32::from_rgb(0x12, 0x13, 0x15),
    panel: Color32::from_rgb(0x1d, 0x1e, 0x21),
    raised: Color32::from_rgb(0x26, 0x27, 0x2b),
    line: Color32::from_rgb(0x2d, 0x2f, 0x34),
    outline: Color32::from_rgb(0x46, 0x49, 0x51),
    widget: Color32::from_rgb(0x2e, 0x30, 0x35),
    widget_hover: Color32::from_rgb(0x3a, 0x3c, 0x43),
    widget_active: Color32::from_rgb(0x45, 0x48, 0x50),
    text: Color32::from_rgb(0xe6, 0xe7, 0xea),
    text_weak: Color32::from_rgb(0x9c, 0xa0, 0xa8),
    accent: Color32::from_rgb(0x7d, 0x8c, 0xff),
    selection: Color32::from_rgb(0x34, 0x39, 0x63),
    selection_text: Color32::from_rgb(0xee, 0xf0, 0xff),
    success: Color32::from_rgb(0x5c, 0xc4, 0x8a),
    busy: Color32::from_rgb(0xf0, 0xb4, 0x4c),
    error: Color32::from_rgb(0xff, 0x7a, 0x70),
};

const LIGHT: Palette = Palette {
    surround: Color32::from_rgb(0xd9, 0xdb, 0xdf),
    panel: Color32::from_rgb(0xf6, 0xf6, 0xf8),
    raised: Color32::from_rgb(0xff, 0xff, 0xff),
    line: Color32::from_rgb(0xd0, 0xd2, 0xd8),
    outline: Color32::from_rgb(0xb4, 0xb8, 0xc1),
    widget: Color32::from_rgb(0xe3, 0xe5, 0xea),
    widget_hover: Color32::from_rgb(0xd6, 0xd9, 0xe0),
    widget_active: Color32::from_rgb(0xc8, 0xcc, 0xd5),
    text: Color32::from_rgb(0x1c, 0x1e, 0x22),
    text_weak: Color32::from_rgb(0x5c, 0x60, 0x69),
    accent: Color32::from_rgb(0x4a, 0x58, 0xd6),
    selection: Color32::from_rgb(0xd6, 0xdb, 0xff),
    selection_text: Color32::from_rgb(0x24, 0x2d, 0x85),
    success: Color32::from_rgb(0x1f, 0x8a, 0x52),
    busy: Color32::from_rgb(0xa8, 0x6a, 0x00),
    error: Color32::from_rgb(0xc2, 0x2f, 0x26),
};

/// The colours in use.
pub fn palette(visuals: &Visuals) -> &'static Palette {
    if visuals.dark_mode { &DARK } else { &LIGHT }
}

/// Fonts and both themes, once at the start.
pub fn install(ctx: &Context) {
    egui_material_icons::initialize(ctx);
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    // Ctrl+0 fits the mask here, and the app asks before it quits.
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        options.quit_shortcuts.clear();
    });
}

/// egui's name for the user's choice.
pub fn preference(choice: ThemeChoice) -> egui::ThemePreference {
    match choice {
        ThemeChoice::Dark => egui::ThemePreference::Dark,
        ThemeChoice::Light => egui::ThemePreference::Light,
        ThemeChoice::System => egui::ThemePreference::System,
    }
}

fn style(palette: &Palette, visuals: Visuals) -> Style {
    let mut style = Style { visuals: self::visuals(palette, visuals), ..Style::default() };
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, proportional(11.5)),
        (TextStyle::Body, proportional(13.5)),
        (TextStyle::Button, proportional(13.5)),
        (TextStyle::Heading, proportional(15.0)),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GAP_SMALL, GAP_SMALL);
    spacing.button_padding = vec2(9.0, 4.0);
    spacing.interact_size = vec2(36.0, 26.0);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_width = 240.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.icon_spacing = 7.0;
    spacing.tooltip_width = 320.0;
    spacing.scroll.floating = true;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.45;
    style.animation_time = 0.1;
    style
}

fn visuals(palette: &Palette, mut visuals: Visuals) -> Visuals {
    let radius = CornerRadius::same(RADIUS);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(palette.text_weak);
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.raised;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.extreme_bg_color = palette.surround;
    visuals.faint_bg_color = palette.widget;
    visuals.hyperlink_color = palette.accent;
    visuals.error_fg_color = palette.error;
    visuals.warn_fg_color = palette.busy;
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(1.0, palette.selection_text);
    visuals.popup_shadow = SHADOW;
    visuals.window_shadow = visuals.popup_shadow;

    let widgets = &mut visuals.widgets;
    for (widget, fill) in [
        (&mut widgets.noninteractive, palette.raised),
        (&mut widgets.inactive, palette.widget),
        (&mut widgets.hovered, palette.widget_hover),
        (&mut widgets.active, palette.widget_active),
        (&mut widgets.open, palette.widget_hover),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    widgets.inactive.bg_stroke = Stroke::new(1.0, palette.outline);
    widgets.hovered.bg_stroke = Stroke::new(1.0, palette.outline);
    // egui shows the widget with the keyboard's focus as active.
    widgets.active.bg_stroke = Stroke::new(1.5, palette.accent);
    visuals
}

/// A taxonomy colour.
pub fn label_color([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// A faint line that separates a label's colour from any background.
pub fn swatch_stroke(palette: &Palette) -> Stroke {
    Stroke::new(1.0, palette.text.gamma_multiply(0.22))
}

/// Where a picture is transparent.
pub fn checkerboard(palette: &Palette) -> [Color32; 2] {
    [palette.widget, palette.widget_hover]
}

/// The colour an attribute's title names, for the dot beside it.
pub fn named_color(title: &str) -> Option<Color32> {
    Some(match title.to_lowercase().as_str() {
        "black" => Color32::from_rgb(0x1f, 0x1c, 0x1d),
        "brown" => Color32::from_rgb(0x6b, 0x45, 0x2d),
        "blond" => Color32::from_rgb(0xe3, 0xc1, 0x78),
        "red" => Color32::from_rgb(0xb8, 0x3f, 0x30),
        "grey" | "gray" => Color32::from_rgb(0x9a, 0x9a, 0x9d),
        "white" => Color32::from_rgb(0xf4, 0xf3, 0xef),
        "blue" => Color32::from_rgb(0x3c, 0x68, 0xb4),
        "green" => Color32::from_rgb(0x4c, 0x8c, 0x57),
        "yellow" => Color32::from_rgb(0xe6, 0xc8, 0x45),
        "denim" => Color32::from_rgb(0x4a, 0x63, 0x86),
        "beige" => Color32::from_rgb(0xd3, 0xc1, 0xa1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f32 {
        let [red, green, blue, _] = egui::Rgba::from(color).to_array();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_in_both_themes() {
        for palette in [DARK, LIGHT] {
            for background in [palette.panel, palette.raised, palette.surround, palette.widget, palette.widget_hover] {
                assert!(contrast(palette.text, background) >= 7.0, "{background:?}");
            }
            for background in [palette.panel, palette.raised, palette.surround] {
                assert!(contrast(palette.text_weak, background) >= 4.5, "{background:?}");
            }
            assert!(contrast(palette.selection_text, palette.selection) >= 7.0);
            for status in [palette.success, palette.busy, palette.error, palette.accent] {
                assert!(contrast(status, palette.panel) >= 3.0, "{status:?}");
            }
        }
    }
}
