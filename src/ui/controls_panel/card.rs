//! One control: its picture at both ends, what it changes, and its way to a slider.

use eframe::egui::{
    Align, Align2, Button, Color32, CornerRadius, CursorIcon, Id, Key, Label, Layout, Rect, RichText, Role, Sense,
    Stroke, StrokeKind, TextEdit, TextStyle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::say;
use crate::editor::{Command, Control, ControlsCommand, EditorState, End, Finding};
use crate::ui::picture_textures::texture;
use crate::ui::{section, theme};

/// A card is no narrower, in points.
pub(super) const LEAST_WIDTH: f32 = 318.0;
/// Side of a picture.
const PICTURE: f32 = 76.0;
const PADDING: f32 = 6.0;
const BAR: f32 = 5.0;
const BAR_LABEL: f32 = 46.0;
const BAR_VALUE: f32 = 30.0;
const BAR_ROW: f32 = 14.0;
const CORNERS: u8 = 4;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// Draws a card; answers with the picture that the pointer or the keyboard is at. `most` is the longest bar's ΔE.
pub(super) fn show(
    ui: &mut Ui,
    state: &EditorState,
    finding: &Finding,
    width: f32,
    most: f32,
    commands: &mut Vec<Command>,
) -> Option<(Control, End)> {
    let (rect, _) = ui.allocate_exact_size(vec2(width, PICTURE + 2.0 * PADDING), Sense::hover());
    if !ui.is_rect_visible(rect) {
        return None;
    }
    let palette = theme::palette(ui.visuals());
    ui.painter().rect_filled(rect, CornerRadius::same(CORNERS), palette.widget);
    let inner = rect.shrink(PADDING);
    let mut pointed = None;
    for end in End::BOTH {
        let left = inner.left() + if end == End::Low { 0.0 } else { PICTURE + 3.0 };
        let place = Rect::from_min_size(pos2(left, inner.top()), vec2(PICTURE, PICTURE));
        if picture(ui, state, finding, end, place, commands) {
            pointed = Some((finding.control, end));
        }
    }
    let text = inner.with_min_x(inner.left() + 2.0 * PICTURE + 14.0);
    let mut beside = ui.new_child(UiBuilder::new().max_rect(text).layout(Layout::top_down(Align::LEFT)));
    beside.spacing_mut().item_spacing.y = 2.0;
    title(&mut beside, state, finding, commands);
    bars(&mut beside, state, finding, most);
    pointed
}

/// The picture at one end, which is a button. Answers whether it is pointed at.
fn picture(
    ui: &mut Ui,
    state: &EditorState,
    finding: &Finding,
    end: End,
    rect: Rect,
    commands: &mut Vec<Command>,
) -> bool {
    let control = finding.control;
    let palette = theme::palette(ui.visuals());
    let response = ui.interact(rect, Id::unique(("control", control, end)), Sense::click());
    let caption = state.end_title(control, end);
    let name = format!("{}: {caption}", state.control_title(control));
    let is_at = state.is_at(control, end);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_at, &name));
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(CORNERS), palette.panel);
    if let Some(pictures) = &finding.pictures {
        painter.image(texture(ui, &pictures[end as usize]).id(), rect, WHOLE, Color32::WHITE);
    }
    let font = TextStyle::Small.resolve(ui.style());
    let text = painter.layout_no_wrap(caption, font, Color32::WHITE);
    let plate = Rect::from_min_size(rect.left_bottom() - vec2(0.0, text.size().y + 2.0), text.size() + vec2(8.0, 2.0));
    painter.rect_filled(plate, CornerRadius { ne: CORNERS, ..CornerRadius::ZERO }, Color32::from_black_alpha(150));
    painter.galley(plate.left_top() + vec2(4.0, 1.0), text, Color32::WHITE);
    let over = response.hovered() && !ui.ctx().any_popup_open() && state.dialog.is_none();
    let (line, color) = if over || response.has_focus() {
        (2.0, palette.accent)
    } else if is_at {
        (2.0, palette.text)
    } else {
        let stroke = theme::swatch_stroke(palette);
        (stroke.width, stroke.color)
    };
    painter.rect_stroke(rect, CornerRadius::same(CORNERS), Stroke::new(line, color), StrokeKind::Inside);
    if response.clicked() {
        say(commands, ControlsCommand::Move(control, end));
    }
    let focused = response.has_focus();
    let lock = state.latent_locked && matches!(control, Control::Direction(_));
    let lock = if lock { "\nThe latent is locked" } else { "" };
    let hint = format!("{name}\nClick or Enter sets the slider to this{lock}");
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(hint);
    over || focused
}

/// The name, and the button that makes it a slider, or the field for its name.
fn title(ui: &mut Ui, state: &EditorState, finding: &Finding, commands: &mut Vec<Command>) {
    let control = finding.control;
    let name = state.control_title(control);
    let Control::Direction(direction) = control else {
        ui.add(Label::new(RichText::new(name).strong()).truncate());
        ui.label(RichText::new("Attribute").small().weak());
        return;
    };
    ui.add(Label::new(RichText::new(&name).strong()).truncate());
    if let Some((_, typed)) = state.controls.naming().filter(|(named, _)| *named == direction) {
        return name_field(ui, state, typed, commands);
    }
    let named = state.named_directions().contains(&direction);
    let (text, accessible) = match named {
        true => ("Rename…", format!("Rename the slider {name}")),
        false => ("Add as slider…", format!("Add {name} as slider")),
    };
    let place = if state.names_go_into_file() { "in the model's file" } else { "for this model, in your preferences" };
    let hint = format!("Give it a name; it becomes a slider of yours at the top of the latent panel, saved {place}");
    let button = Button::new(RichText::new(text).small()).min_size(vec2(0.0, section::SMALL_BUTTON - 4.0));
    if ui.add(button).on_hover_text(hint).accessible_name(accessible).clicked() {
        say(commands, ControlsCommand::BeginName(direction));
    }
}

fn name_field(ui: &mut Ui, state: &EditorState, typed: &str, commands: &mut Vec<Command>) {
    let mut text = typed.to_owned();
    let field =
        TextEdit::singleline(&mut text).hint_text("Name, then Enter").desired_width(ui.available_width() - 12.0);
    let response = ui.add(field.font(TextStyle::Small)).accessible_name("Name of the slider");
    if response.changed() {
        say(commands, ControlsCommand::TypeName(text));
    }
    if response.lost_focus() {
        let keep = !ui.input(|input| input.key_pressed(Key::Escape));
        say(commands, ControlsCommand::EndName { keep });
    } else if !response.has_focus() && state.dialog.is_none() {
        response.request_focus();
    }
}

/// How much changes in the region and in the rest.
fn bars(ui: &mut Ui, state: &EditorState, finding: &Finding, most: f32) {
    let palette = theme::palette(ui.visuals());
    let influence = &finding.influence;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 2.0 * BAR_ROW), Sense::hover());
    let rows = [("Region", influence.inside(), palette.accent), ("Rest", influence.outside(), palette.text_weak)];
    for ((label, value, color), top) in rows.into_iter().zip([rect.top(), rect.top() + BAR_ROW]) {
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), BAR_ROW));
        let font = TextStyle::Small.resolve(ui.style());
        ui.painter().text(row.left_center(), Align2::LEFT_CENTER, label, font.clone(), palette.text_weak);
        let number = format!("{value:.1}");
        ui.painter().text(row.right_center(), Align2::RIGHT_CENTER, number, font, palette.text);
        let left = row.left() + BAR_LABEL;
        let full = Rect::from_min_max(
            pos2(left, row.center().y - BAR / 2.0),
            pos2(row.right() - BAR_VALUE, row.center().y + BAR / 2.0),
        );
        ui.painter().rect_filled(full, CornerRadius::same(2), palette.panel);
        let length = full.width() * (value / most).clamp(0.0, 1.0);
        ui.painter().rect_filled(Rect::from_min_size(full.min, vec2(length, BAR)), CornerRadius::same(2), color);
    }
    let name = state.control_title(finding.control);
    let said =
        format!("{name} changes the region by {:.1} and the rest by {:.1}", influence.inside(), influence.outside());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    response.on_hover_text(format!(
        "{said} from one end to the other\nMean colour difference ΔE over {} latents; 2.3 is just noticeable\n{:.0} % selective",
        influence.latents(),
        influence.selectivity() * 100.0
    ));
}
