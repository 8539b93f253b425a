//! The mask: painting, zooming and panning.

use eframe::egui;
use eframe::egui::emath::GuiRounding as _;
use eframe::egui::{
    Align, Color32, CornerRadius, CursorIcon, Event, Frame, Key, Layout, Margin, MouseWheelUnit, PointerButton, Pos2,
    Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, TextureId, Ui, WidgetInfo, pos2, vec2,
};

use super::{action_button, brush_cursor, theme};
use crate::document::Point;
use crate::document::tools::{PointerEvent, ToolKind};
use crate::editor::{Action, Command, EditorState, PointerModifiers};

/// One notch of a wheel.
const LINE_PX: f32 = 50.0;
const ZOOM_PER_PX: f32 = 0.0035;
const WHOLE_TEXTURE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(ui: &mut Ui, state: &EditorState, mask: Option<TextureId>, commands: &mut Vec<Command>) {
    header(ui, state, commands);
    let scale = ui.pixels_per_point();
    let area = ui.available_rect_before_wrap().round_to_pixels(scale);
    let response = ui.allocate_rect(area, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Mask"));
    let size_px = [area.width() * scale, area.height() * scale];
    if size_px != state.canvas_px {
        commands.push(Command::CanvasResized(size_px));
    }
    let stage = Stage { area, scale, state };
    input(ui, &stage, &response, commands);
    paint(ui, &stage, mask, &response);
}

fn header(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| {
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), theme::STAGE_HEADER_HEIGHT),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.label(RichText::new("Mask").strong());
                let labels = &state.document.labels;
                ui.label(RichText::new(format!("{} × {}", labels.width(), labels.height())).small().weak());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    action_button::plain_icon_button(ui, state, Action::ZoomFit, commands);
                    action_button::plain_icon_button(ui, state, Action::ZoomIn, commands);
                    action_button::plain_icon_button(ui, state, Action::ZoomOut, commands);
                });
            },
        );
    });
}

/// From screen points to mask pixels and back.
struct Stage<'a> {
    area: Rect,
    /// Physical pixels per point.
    scale: f32,
    state: &'a EditorState,
}

impl Stage<'_> {
    fn canvas_px(&self, at: Pos2) -> [f32; 2] {
        let offset = (at - self.area.min) * self.scale;
        [offset.x, offset.y]
    }

    fn mask_point(&self, at: Pos2) -> [f32; 2] {
        self.state.view.mask_from_canvas(&self.state.canvas(), self.canvas_px(at))
    }

    /// Points per mask pixel.
    fn zoom(&self) -> f32 {
        self.state.view.zoom(&self.state.canvas()) / self.scale
    }

    fn mask_rect(&self) -> Rect {
        let canvas = self.state.canvas();
        let [x, y] = self.state.view.origin_px(&canvas);
        let size = vec2(canvas.mask[0], canvas.mask[1]) * self.zoom();
        Rect::from_min_size(self.area.min + vec2(x, y) / self.scale, size)
    }
}

fn input(ui: &Ui, stage: &Stage, response: &Response, commands: &mut Vec<Command>) {
    let over = response.contains_pointer() && !ui.ctx().any_popup_open() && stage.state.dialog.is_none();
    let mut painting = stage.state.painting.is_active();
    let panning = ui.input(|input| input.key_down(Key::Space)) && !painting;
    if response.dragged_by(PointerButton::Middle) || (panning && response.dragged_by(PointerButton::Primary)) {
        let delta = response.drag_delta() * stage.scale;
        commands.push(Command::PanBy([delta.x, delta.y]));
    }
    ui.input(|input| {
        if let Some(touch) = input.multi_touch().filter(|_| over) {
            if painting {
                commands.push(Command::Pointer(PointerEvent::Cancel, PointerModifiers::default()));
                painting = false;
            }
            let moved = touch.translation_delta * stage.scale;
            commands.push(Command::PanBy([moved.x, moved.y]));
        }
        for event in &input.events {
            if over {
                wheel(stage, event, input.pointer.latest_pos(), commands);
            }
            paint_event(stage, event, input.modifiers, over && !panning, &mut painting, commands);
        }
    });
    let hover = response.hover_pos().filter(|_| over).map(|at| stage.mask_point(at));
    if hover != stage.state.hover {
        commands.push(Command::Hover(hover));
    }
}

/// The wheel zooms to the pointer, Ctrl and the wheel size the brush, a pinch zooms.
fn wheel(stage: &Stage, event: &Event, pointer: Option<Pos2>, commands: &mut Vec<Command>) {
    let Some(at_px) = pointer.map(|at| stage.canvas_px(at)) else { return };
    match event {
        Event::Zoom(factor) => commands.push(Command::ZoomAt { factor: *factor, at_px }),
        Event::MouseWheel { unit, delta, modifiers, .. } if delta.y != 0.0 => {
            let pixels = match unit {
                MouseWheelUnit::Point => delta.y,
                MouseWheelUnit::Line => delta.y * LINE_PX,
                MouseWheelUnit::Page => delta.y * LINE_PX * 4.0,
            };
            if modifiers.command || modifiers.ctrl {
                let larger = if pixels > 0.0 { Action::BrushLarger } else { Action::BrushSmaller };
                commands.push(Command::Do(larger));
            } else {
                commands.push(Command::ZoomAt { factor: (pixels * ZOOM_PER_PX).exp(), at_px });
            }
        }
        _ => {}
    }
}

/// Every pointer event counts, so that a fast stroke stays smooth.
fn paint_event(
    stage: &Stage,
    event: &Event,
    held: egui::Modifiers,
    may_begin: bool,
    painting: &mut bool,
    commands: &mut Vec<Command>,
) {
    let point = |at: Pos2| {
        let [x, y] = stage.mask_point(at);
        Point::new(x, y)
    };
    let mut push = |event, modifiers: egui::Modifiers| {
        let modifiers = PointerModifiers { alt: modifiers.alt, shift: modifiers.shift, ctrl: modifiers.command };
        commands.push(Command::Pointer(event, modifiers));
    };
    match *event {
        Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers }
            if may_begin && stage.area.contains(pos) =>
        {
            *painting = true;
            let (extend, constrain) = (modifiers.shift, modifiers.command);
            push(PointerEvent::Press { at: point(pos), extend, constrain }, modifiers);
        }
        Event::PointerMoved(pos) if *painting => {
            push(PointerEvent::Move { at: point(pos), constrain: held.command }, egui::Modifiers::NONE);
        }
        Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, modifiers } if *painting => {
            *painting = false;
            push(PointerEvent::Release { at: point(pos) }, modifiers);
        }
        Event::Key { key: Key::Escape, pressed: true, .. } if *painting => {
            *painting = false;
            push(PointerEvent::Cancel, egui::Modifiers::NONE);
        }
        _ => {}
    }
}

fn paint(ui: &Ui, stage: &Stage, mask: Option<TextureId>, response: &Response) {
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(stage.area);
    let rect = stage.mask_rect();
    if let Some(texture) = mask {
        painter.image(texture, rect, WHOLE_TEXTURE, Color32::WHITE);
        painter.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(1.0, palette.line), StrokeKind::Outside);
    }
    let hovering = response.hover_pos().filter(|_| response.hovered() || stage.state.painting.is_active());
    let Some(at) = hovering else { return };
    let (space, alt) = ui.input(|input| (input.key_down(Key::Space), input.modifiers.alt));
    let painting = &stage.state.painting;
    let icon = match painting.tool {
        _ if space || response.dragged_by(PointerButton::Middle) => {
            if response.dragged() {
                CursorIcon::Grabbing
            } else {
                CursorIcon::Grab
            }
        }
        _ if alt && !painting.is_active() => CursorIcon::Crosshair,
        ToolKind::Fill
        | ToolKind::Lasso
        | ToolKind::Polygon
        | ToolKind::Rectangle
        | ToolKind::Ellipse
        | ToolKind::Picker => CursorIcon::Crosshair,
        ToolKind::Brush | ToolKind::Eraser | ToolKind::Line => {
            let label = stage.state.taxonomy.labels.get(usize::from(painting.painted_label()));
            let color = label.map_or(palette.text, |label| theme::label_color(label.color));
            brush_cursor::paint(&painter, at, painting.diameter_px() / 2.0 * stage.zoom(), color);
            CursorIcon::None
        }
    };
    ui.ctx().set_cursor_icon(icon);
}
