//! The labels to paint with: choose, lock, hide, solo.

use eframe::egui::{
    Align2, Color32, CornerRadius, FontId, Id, Painter, Pos2, Rect, Response, RichText, Role, Sense, Stroke,
    StrokeKind, TextStyle, Ui, WidgetInfo, WidgetText, pos2, vec2,
};
use egui_material_icons::MaterialIcon;

use super::theme::{self, Palette};
use crate::editor::{Command, EditorState, LabelCommand, ObedienceScore, sentence_case};
use crate::taxonomy::{Label, LabelId};

const SWATCH: f32 = 18.0;
const KEY_CAP: f32 = 17.0;
/// Width of one of the row's buttons.
const BUTTON: f32 = 21.0;
/// Labels' names keep at least this much room; what is right of them gives way.
const NAME_ROOM: f32 = 60.0;

/// From this IoU on a label is well obeyed …
const GOOD: f32 = 0.75;
/// … and from this one on halfway.
const FAIR: f32 = 0.5;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let pixels = state.pixel_counts.iter().sum::<u64>().max(1);
    for (index, label) in state.taxonomy.labels.iter().enumerate() {
        let Ok(id) = LabelId::try_from(index) else { break };
        let share = state.pixel_counts[index] as f64 / pixels as f64;
        let row = Row { id, label, title: sentence_case(&label.name), share, selected: id == state.painting.label };
        row.show(ui, state, commands);
    }
    if state.obedience.on {
        ui.add_space(theme::GAP_SMALL);
        let text = match state.overall_obedience() {
            Some(whole) if whole.outdated => "Obedience: the picture has changed…".to_owned(),
            Some(whole) => format!("Obedience: S agrees on {} of the pixels", percent(whole.score.into())),
            None => "Obedience: S has not read the picture yet".to_owned(),
        };
        let hint =
            "The model's segmentor S reads the picture; the bars say how well each label is where the mask has it";
        ui.label(RichText::new(text).small().weak()).on_hover_text(hint);
    }
}

struct Row<'a> {
    id: LabelId,
    label: &'a Label,
    title: String,
    share: f64,
    selected: bool,
}

/// A button at the right of a row.
struct Switch {
    on: bool,
    icon: MaterialIcon,
    name: String,
    hint: &'static str,
    command: LabelCommand,
}

impl Row<'_> {
    fn show(&self, ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW_HEIGHT), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), self.selected, &self.title));
        let switches = self.switches(state);
        let right = rect.right() - 7.0 - if self.label.hotkey.is_some() { KEY_CAP + 5.0 } else { 0.0 };
        let places: Vec<_> = (0..switches.len())
            .map(|index| {
                let left = right - BUTTON * (switches.len() - index) as f32;
                Rect::from_min_size(pos2(left, rect.top()), vec2(BUTTON, rect.height()))
            })
            .collect();
        let ids = |index: usize| Id::unique(("label_switch", &self.label.name, index));
        let focused = (0..switches.len()).any(|index| ui.memory(|memory| memory.has_focus(ids(index))));
        let lively = ui.rect_contains_pointer(rect) || response.has_focus() || focused;
        // The name ends where the first button that shows begins.
        let first = switches.iter().position(|switch| lively || switch.on);
        let busy = first.is_some();
        let name_end = first.map_or(right, |index| places[index].left());
        self.paint(ui, rect, &response, lively, name_end, !busy, state);
        for (index, (switch, place)) in switches.iter().zip(places).enumerate() {
            let button = ui.interact(place, ids(index), Sense::click());
            button.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), switch.on, &switch.name));
            if lively || switch.on {
                paint_switch(ui, place, switch, &button, self.selected);
            }
            if button.on_hover_text(format!("{}\n{}", switch.name, switch.hint)).clicked() {
                commands.push(Command::Label(switch.command));
            }
        }
        if response.on_hover_text(self.tooltip(state)).clicked() {
            commands.push(Command::SelectLabel(self.id));
        }
    }

    fn switches(&self, state: &EditorState) -> [Switch; 3] {
        let (id, title) = (self.id, &self.title);
        let locked = state.painting.rules.locked.contains(id);
        let hidden = state.canvas_view.hidden.contains(id);
        let solo = state.canvas_view.solo == Some(id);
        [
            Switch {
                on: solo,
                icon: theme::ICON_SOLO,
                name: format!("Solo {title}"),
                hint: "Dim everything else on the canvas",
                command: LabelCommand::ToggleSolo(id),
            },
            Switch {
                on: hidden,
                icon: if hidden { theme::ICON_HIDDEN } else { theme::ICON_SHOWN },
                name: format!("Hide {title}"),
                hint: "Leave it out on the canvas; the mask stays as it is",
                command: LabelCommand::ToggleHidden(id),
            },
            Switch {
                on: locked,
                icon: if locked { theme::ICON_LOCKED } else { theme::ICON_UNLOCKED },
                name: format!("Lock {title}"),
                hint: "No tool changes a locked label",
                command: LabelCommand::ToggleLock(id),
            },
        ]
    }

    fn tooltip(&self, state: &EditorState) -> String {
        let key = self.label.hotkey.map(|key| format!("  ({})", key.to_ascii_uppercase())).unwrap_or_default();
        let count = state.pixel_counts[usize::from(self.id)];
        let obedience = match state.label_obedience(self.id) {
            Some(label) if label.outdated => "\nObedience: the picture has changed".to_owned(),
            Some(label) => format!(
                "\nObedience {}: of the pixels that the mask or S calls so, this part is so for both",
                percent(label.score.into())
            ),
            None => String::new(),
        };
        format!("{}{key}\n{} of the mask, {count} pixels{obedience}", self.title, percent(self.share))
    }

    /// Swatch, name, share and key; the name ends at `right`.
    #[allow(clippy::too_many_arguments, reason = "one row, painted in one go")]
    fn paint(
        &self,
        ui: &Ui,
        rect: Rect,
        response: &Response,
        lively: bool,
        right: f32,
        share: bool,
        state: &EditorState,
    ) {
        if !ui.is_rect_visible(rect) {
            return;
        }
        let palette = theme::palette(ui.visuals());
        let painter = ui.painter();
        let radius = CornerRadius::same(theme::RADIUS);
        if self.selected {
            painter.rect_filled(rect, radius, palette.selection);
        } else if lively {
            painter.rect_filled(rect, radius, palette.widget);
        }
        if response.has_focus() {
            painter.rect_stroke(rect, radius, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
        }
        let middle = rect.center().y;
        let swatch = Rect::from_center_size(pos2(rect.left() + 7.0 + SWATCH / 2.0, middle), vec2(SWATCH, SWATCH));
        let shown = state.draws_label(self.id);
        let color = theme::label_color(self.label.color).gamma_multiply(if shown { 1.0 } else { 0.3 });
        painter.rect_filled(swatch, CornerRadius::same(4), color);
        painter.rect_stroke(swatch, CornerRadius::same(4), theme::swatch_stroke(palette), StrokeKind::Inside);

        let (text, weak) = if self.selected {
            (palette.selection_text, palette.selection_text)
        } else {
            (palette.text, palette.text_weak)
        };
        let small = TextStyle::Small.resolve(ui.style());
        let mut right = right;
        if let Some(key) = self.label.hotkey {
            key_cap(ui, pos2(rect.right() - 7.0 - KEY_CAP / 2.0, middle), key, weak);
        }
        let name_left = swatch.right() + 9.0;
        if share && self.share > 0.0 && right - name_left > NAME_ROOM + 34.0 {
            let at = pos2(right, middle);
            right = painter.text(at, Align2::RIGHT_CENTER, percent(self.share), small, weak).left() - 6.0;
        }
        if let Some(obedience) = state.label_obedience(self.id) {
            let bar =
                Rect::from_min_max(pos2(name_left, rect.bottom() - 4.0), pos2(rect.right() - 7.0, rect.bottom() - 1.5));
            obedience_bar(painter, bar, obedience, palette);
        }
        let room = Rect::from_min_max(pos2(name_left, rect.top()), pos2(right.max(name_left), rect.bottom()));
        clipped(
            &painter.with_clip_rect(room.intersect(painter.clip_rect())),
            ui,
            room.left_center(),
            &self.title,
            text,
            room.width(),
        );
    }
}

/// As long as the part that is obeyed; pale while the picture is newer.
fn obedience_bar(painter: &Painter, place: Rect, obedience: ObedienceScore, palette: &Palette) {
    let color = match obedience.score {
        score if score >= GOOD => palette.success,
        score if score >= FAIR => palette.busy,
        _ => palette.error,
    };
    let strength = if obedience.outdated { 0.35 } else { 1.0 };
    painter.rect_filled(place, CornerRadius::same(1), palette.outline.gamma_multiply(0.5));
    let length = place.width() * obedience.score.clamp(0.0, 1.0);
    let filled = Rect::from_min_size(place.min, vec2(length, place.height()));
    painter.rect_filled(filled, CornerRadius::same(1), color.gamma_multiply(strength));
}

/// Text that ends in … where it does not fit.
fn clipped(painter: &Painter, ui: &Ui, at: Pos2, text: &str, color: Color32, width: f32) {
    let text = WidgetText::from(text);
    let galley = text.into_galley(ui, Some(eframe::egui::TextWrapMode::Truncate), width, TextStyle::Body);
    painter.galley(at - vec2(0.0, galley.size().y / 2.0), galley, color);
}

fn key_cap(ui: &Ui, center: Pos2, key: char, color: Color32) {
    let cap = Rect::from_center_size(center, vec2(KEY_CAP, KEY_CAP));
    let outline = theme::swatch_stroke(theme::palette(ui.visuals()));
    ui.painter().rect_stroke(cap, CornerRadius::same(4), outline, StrokeKind::Inside);
    let family = TextStyle::Small.resolve(ui.style()).family;
    ui.painter().text(cap.center(), Align2::CENTER_CENTER, key.to_ascii_uppercase(), FontId::new(10.5, family), color);
}

fn paint_switch(ui: &Ui, place: Rect, switch: &Switch, button: &Response, selected: bool) {
    let palette = theme::palette(ui.visuals());
    let rest = if selected { palette.selection_text } else { palette.text_weak };
    let color = match (button.hovered() || button.has_focus(), switch.on) {
        (true, _) | (false, true) if !selected => palette.text,
        _ => rest,
    };
    let painter = ui.painter();
    let area = Rect::from_center_size(place.center(), vec2(BUTTON - 1.0, BUTTON - 1.0));
    if button.hovered() {
        painter.rect_filled(area, CornerRadius::same(4), palette.widget_active.gamma_multiply(0.7));
    }
    if button.has_focus() {
        painter.rect_stroke(area, CornerRadius::same(4), Stroke::new(1.5, palette.accent), StrokeKind::Inside);
    }
    let glyph = WidgetText::from(switch.icon.rich_text().size(14.0));
    let galley = glyph.into_galley(ui, None, f32::INFINITY, TextStyle::Body);
    let strength = if switch.on || button.hovered() { 1.0 } else { 0.65 };
    let at = place.center() - galley.size() / 2.0;
    painter.galley_with_override_text_color(at, galley, color.gamma_multiply(strength));
}

/// A share that is not nothing never reads 0 %.
fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        small if small < 1.0 => "<1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}
