//! Every command, template and model by name.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align2, CornerRadius, Id, Key, Modifiers, Rect, Response, Role, ScrollArea, Sense, TextEdit, TextStyle, Ui,
    WidgetInfo, WidgetText, pos2, vec2,
};

use super::{action_button, theme};
use crate::editor::{Command, EditorState, Found, SearchCommand};

/// Width of the palette, in points.
pub(super) const WIDTH: f32 = 560.0;
const ROW_HEIGHT: f32 = 32.0;
const LIST_HEIGHT: f32 = 380.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let lines = state.found();
    let marked = state.search.marked.min(lines.len().saturating_sub(1));
    keys(ui, marked, lines.len(), commands);
    field(ui, state, commands);
    ui.add_space(2.0);
    if lines.is_empty() {
        ui.label("Nothing is called that. Try fewer letters.");
        return;
    }
    ui.spacing_mut().item_spacing.y = 1.0;
    ScrollArea::vertical().max_height(LIST_HEIGHT.min(ui.ctx().content_rect().height() - 190.0)).show(ui, |ui| {
        for (index, line) in lines.iter().enumerate() {
            let response = row(ui, state, line, index == marked);
            if index == marked {
                follow(ui, state, &response);
            }
            if response.clicked() {
                commands.push(Command::Search(SearchCommand::Choose(index)));
            }
        }
    });
}

/// Before the text field, which would take them.
fn keys(ui: &Ui, marked: usize, lines: usize, commands: &mut Vec<Command>) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let page = 8.min(lines.saturating_sub(1)) as isize;
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, page), (Key::PageUp, -page)] {
        if pressed(key) {
            commands.push(Command::Search(SearchCommand::Step(by)));
        }
    }
    if pressed(Key::Enter) {
        commands.push(Command::Search(SearchCommand::Choose(marked)));
    }
}

fn field(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let mut query = state.search.query.clone();
    let field = TextEdit::singleline(&mut query)
        .hint_text("Type a command, a template or a model")
        .desired_width(f32::INFINITY)
        .margin(vec2(10.0, 8.0))
        .font(TextStyle::Heading);
    let response = ui.add(field).accessible_name("Find a command");
    if response.changed() {
        commands.push(Command::Search(SearchCommand::Type(query)));
    }
    if !response.has_focus() {
        response.request_focus();
    }
}

/// Keeps the marked line in sight, when it changes.
fn follow(ui: &Ui, state: &EditorState, response: &Response) {
    let key = Id::unique("palette_marked");
    if ui.data_mut(|data| data.get_temp(key) != Some(state.search.clone())) {
        ui.data_mut(|data| data.insert_temp(key, state.search.clone()));
        response.scroll_to_me(None);
    }
}

fn row(ui: &mut Ui, state: &EditorState, line: &Found, marked: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::CLICK);
    let name = format!("{}, {}", line.title, line.category);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, line.disabled.is_none(), marked, &name));
    if ui.is_rect_visible(rect) {
        paint(ui, state, rect, line, marked, response.hovered());
    }
    let hint = line.action.map(|action| action.info().tooltip).unwrap_or_default();
    if hint.is_empty() { response } else { response.on_hover_text(hint) }
}

fn paint(ui: &Ui, state: &EditorState, rect: Rect, line: &Found, marked: bool, hovered: bool) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter();
    if marked {
        painter.rect_filled(rect, CornerRadius::same(theme::RADIUS), palette.selection);
    } else if hovered {
        painter.rect_filled(rect, CornerRadius::same(theme::RADIUS), palette.widget);
    }
    let weak = if marked { palette.selection_text } else { palette.text_weak };
    let middle = rect.center().y;
    let icon = match (line.action, line.category) {
        (Some(action), _) => theme::icon(action),
        (None, "Template") => Some(theme::ICON_TEMPLATE),
        (None, _) => Some(theme::ICON_MODEL),
    };
    if let Some(icon) = icon {
        let glyph = WidgetText::from(icon.rich_text().size(16.0)).into_galley(ui, None, f32::INFINITY, TextStyle::Body);
        let at = pos2(rect.left() + 19.0, middle) - glyph.size() / 2.0;
        painter.galley_with_override_text_color(at, glyph, weak);
    }
    let small = TextStyle::Small.resolve(ui.style());
    let mut right = rect.right() - 10.0;
    if let Some(key) = line.action.and_then(|action| action_button::shortcut_text(ui, state, action)) {
        let mono = TextStyle::Monospace.resolve(ui.style());
        right = painter.text(pos2(right, middle), Align2::RIGHT_CENTER, key, mono, weak).left() - 12.0;
    }
    let said = line.disabled.unwrap_or(line.category);
    painter.text(pos2(right, middle), Align2::RIGHT_CENTER, said, small, weak);
    let title = painter.layout_job(title(ui, line, marked));
    painter.galley(pos2(rect.left() + 38.0, middle - title.size().y / 2.0), title, palette.text);
}

/// The title, with the characters that match in the accent colour.
fn title(ui: &Ui, line: &Found, marked: bool) -> LayoutJob {
    let palette = theme::palette(ui.visuals());
    let font = TextStyle::Body.resolve(ui.style());
    let mut job = LayoutJob::default();
    for (index, character) in line.title.chars().enumerate() {
        let color = match (line.disabled.is_some(), line.matched.contains(&index)) {
            (true, _) if !marked => palette.text_weak,
            (false, true) if !marked => palette.accent,
            _ if marked => palette.selection_text,
            _ => palette.text,
        };
        let mut format = TextFormat::simple(font.clone(), color);
        if line.matched.contains(&index) && line.disabled.is_none() {
            format.underline = eframe::egui::Stroke::new(1.0, color);
        }
        job.append(character.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job
}
