//! Keyframes over time, and the playhead below them.

use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{
    Align2, Color32, ColorImage, CornerRadius, CursorIcon, Id, Key, Rect, Response, Role, Sense, Stroke, StrokeKind,
    TextStyle, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

use super::super::value_slider::{Slider, value_slider};
use super::theme;
use crate::document::{Keyframe, LabelMap};
use crate::editor::{Command, EditorState, TimelineCommand};

const SIDE: f32 = 56.0;
const PICTURE_PX: u32 = 112;
const CAPTION: f32 = 16.0;
/// Where the slider's rail begins and ends, in points from its edges.
const INSET: f32 = 6.0;
/// How far an arrow key moves a keyframe, in seconds.
const KEY_STEP_S: f32 = 0.1;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let timeline = &state.document.timeline;
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), SIDE + CAPTION), Sense::hover());
    // A picture's left edge is at its time, and there is room for the last one.
    let width = row.width() - SIDE;
    let place =
        Place { left: row.left() + INSET, width: (width - 2.0 * INSET).max(1.0), duration_s: timeline.duration_s() };
    for (index, keyframe) in timeline.keyframes().iter().enumerate() {
        let rect = Rect::from_min_size(pos2(place.x(keyframe.at_s), row.top()), vec2(SIDE, SIDE));
        let response = ui.interact(rect, Id::unique(("keyframe", index)), Sense::click_and_drag());
        show_keyframe(ui, state, index, keyframe, rect, &place, response, commands);
    }
    let slider = Slider { name: "Playhead", range: 0.0..=timeline.duration_s(), neutral: 0.0, usual: 0.0 };
    let playhead_s = state.timeline.playhead_s.min(timeline.duration_s());
    if let Some(at_s) = value_slider(ui, width, playhead_s, &slider).changed {
        commands.push(Command::Timeline(TimelineCommand::Scrub(at_s)));
    }
    if state.timeline.is_shown() {
        let x = place.x(playhead_s);
        ui.painter().vline(x, row.top()..=row.bottom() + INSET, Stroke::new(1.5, theme::palette(ui.visuals()).accent));
    }
}

/// Where moments are on the screen.
struct Place {
    left: f32,
    width: f32,
    duration_s: f32,
}

impl Place {
    fn x(&self, at_s: f32) -> f32 {
        self.left + self.width * at_s / self.duration_s
    }

    fn at_s(&self, x: f32) -> f32 {
        ((x - self.left) / self.width * self.duration_s).clamp(0.0, self.duration_s)
    }
}

#[allow(clippy::too_many_arguments, reason = "what is drawn, where, and what is done with it")]
fn show_keyframe(
    ui: &Ui,
    state: &EditorState,
    index: usize,
    keyframe: &Keyframe,
    rect: Rect,
    place: &Place,
    response: Response,
    commands: &mut Vec<Command>,
) {
    let chosen = state.timeline.selected == Some(index);
    let name = format!("Keyframe {} at {:.2} s", index + 1, keyframe.at_s);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &name));
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged() || response.drag_stopped());
    let moved_s = pointer.map(|pointer| place.at_s(pointer.x - SIDE / 2.0));
    let shown = moved_s.map_or(rect, |at_s| Rect::from_min_size(pos2(place.x(at_s), rect.top()), rect.size()));
    paint(ui, state, keyframe, shown, moved_s.unwrap_or(keyframe.at_s), chosen, &response);
    if response.drag_stopped()
        && let Some(at_s) = moved_s
    {
        commands.push(Command::Timeline(TimelineCommand::Move { index, at_s }));
    } else if response.clicked() {
        commands.push(Command::Timeline(TimelineCommand::Select(index)));
    }
    if response.has_focus() {
        let steps = ui.input(|input| {
            let presses = |key| input.num_presses(key) as f32;
            if input.modifiers.alt { presses(Key::ArrowRight) - presses(Key::ArrowLeft) } else { 0.0 }
        });
        if steps != 0.0 {
            let at_s = (keyframe.at_s + steps * KEY_STEP_S).clamp(0.0, place.duration_s);
            commands.push(Command::Timeline(TimelineCommand::Move { index, at_s }));
        }
    }
    response
        .on_hover_cursor(CursorIcon::Grab)
        .on_hover_text(format!("{name}\nClick to show it, drag to move it; Alt and the arrow keys move it too"));
}

fn paint(ui: &Ui, state: &EditorState, keyframe: &Keyframe, rect: Rect, at_s: f32, chosen: bool, response: &Response) {
    if !ui.is_rect_visible(rect) {
        return;
    }
    let palette = theme::palette(ui.visuals());
    let picture = texture(ui, state, &keyframe.look.labels);
    ui.painter().image(picture.id(), rect, WHOLE, Color32::WHITE);
    let marked = chosen || response.has_focus() || response.dragged();
    let stroke = if marked { Stroke::new(2.0, palette.accent) } else { theme::swatch_stroke(palette) };
    ui.painter().rect_stroke(rect, CornerRadius::same(3), stroke, StrokeKind::Inside);
    let at = pos2(rect.left(), rect.bottom() + CAPTION / 2.0);
    let color = if chosen { palette.text } else { palette.text_weak };
    ui.painter().text(at, Align2::LEFT_CENTER, format!("{at_s:.1} s"), TextStyle::Small.resolve(ui.style()), color);
}

/// Masks and their small pictures. Masks share their tiles with the document's, so comparing them costs little.
type Shelf = Arc<Mutex<Vec<(LabelMap, String, TextureHandle)>>>;

/// More pictures than this, and the oldest go.
const KEPT: usize = 2 * crate::document::MAX_KEYFRAMES;

fn texture(ui: &Ui, state: &EditorState, labels: &LabelMap) -> TextureHandle {
    let shelf = ui.data_mut(|data| data.get_temp_mut_or_default::<Shelf>(Id::unique("keyframe_pictures")).clone());
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    let taxonomy = &state.taxonomy;
    if let Some((.., texture)) = shelf.iter().find(|(mask, name, _)| *name == taxonomy.name && mask == labels) {
        return texture.clone();
    }
    let picture = labels.to_image().resize_majority(PICTURE_PX, PICTURE_PX).to_rgb(taxonomy);
    let image = ColorImage::from_rgb([PICTURE_PX as usize; 2], picture.as_raw());
    let texture = ui.ctx().load_texture("keyframe", image, TextureOptions::LINEAR);
    if shelf.len() >= KEPT {
        drop(shelf.remove(0));
    }
    shelf.push((labels.clone(), taxonomy.name.clone(), texture.clone()));
    texture
}
