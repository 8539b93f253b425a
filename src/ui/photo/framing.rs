//! What of a photo becomes the picture: a square to drag, with guides where the model expects the person.

use eframe::egui::epaint::EllipseShape;
use eframe::egui::{
    Align, Align2, Button, Color32, ColorImage, CursorIcon, EventFilter, FontId, Id, Key, Layout, Modifiers, Painter,
    Pos2, Rect, Response, RichText, Role, Sense, Spinner, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::texture::texture;
use crate::editor::{Action, Command, DialogAnswer, EditorState, PhotoCommand, PhotoFraming};
use crate::engine::ModelRef;
use crate::photo::{Framing, GuideShape};
use crate::ui::theme;

/// Width of the dialog's contents, in points.
pub(in crate::ui) const WIDTH: f32 = 640.0;
/// What else there is in the dialog and around it, in points.
const OTHER_HEIGHT: f32 = 250.0;
const HEIGHT_RANGE: [f32; 2] = [220.0, 560.0];
/// Room around the photo, as a part of its size.
const MARGIN: f32 = 1.08;
/// How near to a corner the pointer takes hold of it, in points.
const CORNER: f32 = 16.0;
/// Steps of the arrow keys, as parts of the frame's side; the larger with Shift.
const NUDGES: [(Modifiers, f32); 2] = [(Modifiers::SHIFT, 0.05), (Modifiers::NONE, 0.005)];
const ZOOM: f32 = 1.02;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// What is being dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grip {
    Frame,
    /// The corner across from this place, in pixels of the photo.
    Corner {
        fixed: [f32; 2],
    },
}

pub(in crate::ui) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let Some(framing) = &state.photo.framing else { return };
    ui.heading(RichText::new("Frame the photo").strong());
    ui.label(RichText::new(advice(framing)).weak());
    let height = (ui.ctx().content_rect().height() - OTHER_HEIGHT).clamp(HEIGHT_RANGE[0], HEIGHT_RANGE[1]);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Frame on the photo"));
    let view = View::new(rect, framing);
    draw(ui, framing, &view, &response);
    if !framing.is_reading()
        && let Some(frame) = dragged(ui, framing, &view, &response).or_else(|| keyed(ui, framing, &response))
    {
        commands.push(Command::Photo(PhotoCommand::Frame(frame)));
    }
    if state.model.loaded.as_ref().is_some_and(|model| matches!(model.reference, ModelRef::Bundled(_))) {
        let honest = "The bundled models know drawings only: expect a rough mask of a photograph, correct it with the \
                      brush, then choose «Fit look to photo» again.";
        ui.label(RichText::new(honest).small().weak());
    }
    ui.add_space(theme::GAP_SMALL);
    buttons(ui, state, framing, commands);
}

fn advice(framing: &PhotoFraming) -> &'static str {
    match framing.guides.shape {
        GuideShape::Face => "Drag the frame until the face fills the oval and the eyes lie on the line.",
        GuideShape::Figure => "Drag the frame until head and soles touch the two lines.",
        GuideShape::None => "Drag the frame to what is to become the picture.",
    }
}

fn buttons(ui: &mut Ui, state: &EditorState, framing: &PhotoFraming, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let (width, height) = framing.photo.dimensions();
        let button = |title: &str| Button::new(title).min_size(vec2(88.0, 30.0));
        let whole = ui.add_enabled(!framing.is_reading(), button("Whole photo"));
        if whole.on_hover_text("Frame the whole photo; what is missing is filled in").clicked() {
            commands.push(Command::Photo(PhotoCommand::Frame(Framing::whole(width, height))));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let read =
                ui.add_enabled(Action::OpenPhoto.is_enabled(state) && !framing.is_reading(), button("Read photo"));
            let read =
                read.on_hover_text("Mask and attributes become what the model reads here; undo brings yours back");
            if read.clicked() {
                commands.push(Command::Photo(PhotoCommand::Read));
            }
            if ui.add(button("Cancel")).on_hover_text("Leave the document as it is").clicked() {
                commands.push(Command::Answer(DialogAnswer::Close));
            }
            if framing.is_reading() {
                ui.label(RichText::new("Reading mask and attributes…").weak());
                ui.add(Spinner::new().size(16.0));
            }
        });
    });
}

/// From pixels of the photo to the screen.
struct View {
    rect: Rect,
    photo: Rect,
    scale: f32,
}

impl View {
    fn new(rect: Rect, framing: &PhotoFraming) -> Self {
        let (width, height) = framing.photo.dimensions();
        let size = vec2(width as f32, height as f32);
        let room = rect.size() / (size * MARGIN);
        let scale = room.x.min(room.y);
        Self { rect, photo: Rect::from_center_size(rect.center(), size * scale), scale }
    }

    fn frame(&self, frame: Framing) -> Rect {
        let corner = self.photo.min + vec2(frame.x, frame.y) * self.scale;
        Rect::from_min_size(corner, Vec2::splat(frame.side * self.scale))
    }

    fn pixel(&self, at: Pos2) -> [f32; 2] {
        ((at - self.photo.min) / self.scale).into()
    }
}

fn draw(ui: &Ui, framing: &PhotoFraming, view: &View, response: &Response) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(view.rect);
    painter.rect_filled(view.rect, theme::RADIUS, palette.surround);
    let texture = texture(ui, "framing", &framing.photo, |photo| {
        ColorImage::from_rgba_unmultiplied([photo.width() as usize, photo.height() as usize], photo.as_raw())
    });
    painter.image(texture.id(), view.photo, WHOLE, Color32::WHITE);
    let frame = view.frame(framing.frame);
    let shade = Color32::from_black_alpha(150);
    let (whole, inner) = (view.rect, frame.intersect(view.rect));
    for part in [
        Rect::from_min_max(whole.min, pos2(whole.right(), inner.top())),
        Rect::from_min_max(pos2(whole.left(), inner.bottom()), whole.max),
        Rect::from_min_max(pos2(whole.left(), inner.top()), inner.left_bottom()),
        Rect::from_min_max(inner.right_top(), pos2(whole.right(), inner.bottom())),
    ] {
        if part.is_positive() {
            painter.rect_filled(part, 0, shade);
        }
    }
    guides(&painter, framing, frame);
    let width = if response.has_focus() { 3.0 } else { 2.0 };
    painter.rect_stroke(frame, 0, Stroke::new(width, palette.accent), StrokeKind::Middle);
    for corner in corners(frame) {
        let handle = Rect::from_center_size(corner, Vec2::splat(10.0));
        painter.rect(handle, 2, Color32::WHITE, Stroke::new(1.5, palette.accent), StrokeKind::Middle);
    }
}

/// White on a dark edge, so that they are seen on every photo.
fn guides(painter: &Painter, framing: &PhotoFraming, frame: Rect) {
    let guides = &framing.guides;
    let at = |x: f32, y: f32| frame.lerp_inside(vec2(x, y));
    let [left, top, right, bottom] = guides.area;
    let strokes = [Stroke::new(3.0, Color32::from_black_alpha(110)), Stroke::new(1.2, Color32::from_white_alpha(220))];
    for stroke in strokes {
        let line = |from: Pos2, to: Pos2| {
            painter.line_segment([from, to], stroke);
        };
        match guides.shape {
            GuideShape::Face => {
                let oval = Rect::from_min_max(at(left, top), at(right, bottom));
                let radius = oval.size() / 2.0;
                painter.add(EllipseShape::stroke(oval.center(), radius, stroke));
                if let Some(eyes) = guides.eyes {
                    line(at(left, eyes), at(right, eyes));
                }
                line(at(0.5, top), at(0.5, bottom));
            }
            GuideShape::Figure => {
                for y in [top, bottom] {
                    line(at(left - 0.1, y), at(right + 0.1, y));
                }
                line(at(0.5, top), at(0.5, bottom));
            }
            GuideShape::None => {
                for part in [1.0 / 3.0, 2.0 / 3.0] {
                    line(at(part, 0.0), at(part, 1.0));
                    line(at(0.0, part), at(1.0, part));
                }
            }
        }
    }
    if guides.shape == GuideShape::Figure {
        for (y, text, anchor) in [(top, "head", Align2::LEFT_BOTTOM), (bottom, "soles", Align2::LEFT_TOP)] {
            let place = at(right + 0.02, y);
            painter.text(place + vec2(1.0, 1.0), anchor, text, FontId::proportional(11.5), Color32::BLACK);
            painter.text(place, anchor, text, FontId::proportional(11.5), Color32::WHITE);
        }
    }
}

fn corners(frame: Rect) -> [Pos2; 4] {
    [frame.left_top(), frame.right_top(), frame.left_bottom(), frame.right_bottom()]
}

fn dragged(ui: &Ui, framing: &PhotoFraming, view: &View, response: &Response) -> Option<Framing> {
    let frame = framing.frame;
    let shown = view.frame(frame);
    let corner_at = |at: Pos2| corners(shown).into_iter().position(|corner| corner.distance(at) < CORNER);
    if let Some(at) = response.hover_pos() {
        ui.ctx().set_cursor_icon(match corner_at(at) {
            Some(0 | 3) => CursorIcon::ResizeNwSe,
            Some(_) => CursorIcon::ResizeNeSw,
            None if shown.contains(at) => CursorIcon::Move,
            None => CursorIcon::Default,
        });
        let scroll = ui.input(|input| input.smooth_scroll_delta.y);
        if scroll != 0.0 {
            return Some(frame.scaled((-scroll / 400.0).exp()));
        }
    }
    let id = Id::unique("photo_frame_grip");
    if response.drag_started()
        && let Some(at) = ui.input(|input| input.pointer.press_origin())
    {
        let grip = corner_at(at).map_or(Grip::Frame, |corner| {
            let fixed = view.pixel(corners(shown)[3 - corner]);
            Grip::Corner { fixed }
        });
        ui.data_mut(|data| data.insert_temp(id, grip));
    }
    if !response.dragged() {
        return None;
    }
    match ui.data(|data| data.get_temp::<Grip>(id))? {
        Grip::Frame => {
            let by = response.drag_delta() / view.scale;
            (by != Vec2::ZERO).then(|| frame.moved(by.into()))
        }
        Grip::Corner { fixed } => {
            let [x, y] = view.pixel(response.interact_pointer_pos()?);
            let by = [x - fixed[0], y - fixed[1]];
            let side = by[0].abs().max(by[1].abs()).max(crate::photo::FRAME_SIDE_MIN_PX);
            let start = |axis: usize| if by[axis] < 0.0 { fixed[axis] - side } else { fixed[axis] };
            Some(Framing { x: start(0), y: start(1), side })
        }
    }
}

/// Arrow keys move the frame, + and − change its size, unless another control has the keys.
fn keyed(ui: &Ui, framing: &PhotoFraming, response: &Response) -> Option<Framing> {
    if ui.memory(|memory| memory.focused().is_none()) || response.clicked() {
        response.request_focus();
    }
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let frame = framing.frame;
    let arrows = [
        (Key::ArrowLeft, [-1.0, 0.0]),
        (Key::ArrowRight, [1.0, 0.0]),
        (Key::ArrowUp, [0.0, -1.0]),
        (Key::ArrowDown, [0.0, 1.0]),
    ];
    ui.input_mut(|input| {
        for (modifiers, part) in NUDGES {
            for (key, direction) in arrows {
                if input.consume_key(modifiers, key) {
                    return Some(frame.moved(direction.map(|way: f32| way * part * frame.side)));
                }
            }
        }
        let larger = input.consume_key(Modifiers::NONE, Key::Plus) || input.consume_key(Modifiers::NONE, Key::Equals);
        if larger {
            return Some(frame.scaled(ZOOM));
        }
        input.consume_key(Modifiers::NONE, Key::Minus).then(|| frame.scaled(1.0 / ZOOM))
    })
}
