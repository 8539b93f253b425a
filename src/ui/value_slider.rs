//! A slim slider whose bar grows from a neutral value, for latents and strengths.

use std::ops::RangeInclusive;

use eframe::egui::{
    CornerRadius, CursorIcon, EventFilter, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::theme;

const HEIGHT: f32 = 20.0;
const RAIL: f32 = 4.0;
const HANDLE_RADIUS: f32 = 6.0;
/// Values this close to neutral (as a part of the range) snap to it while dragging.
const SNAP: f32 = 0.015;
/// Steps over the whole range, for the arrow keys.
const KEY_STEPS: f32 = 60.0;

/// What the user did with a slider.
pub(super) struct SliderResponse {
    /// The new value.
    pub(super) changed: Option<f32>,
    /// Whether the gesture is over.
    pub(super) finished: bool,
}

/// What a slider is about.
pub(super) struct Slider<'a> {
    /// Accessible name.
    pub(super) name: &'a str,
    /// Ends of the rail.
    pub(super) range: RangeInclusive<f32>,
    /// Where the bar begins.
    pub(super) neutral: f32,
    /// What a double click sets.
    pub(super) usual: f32,
}

/// A slider as wide as `width`.
pub(super) fn value_slider(ui: &mut Ui, width: f32, value: f32, slider: &Slider<'_>) -> SliderResponse {
    let Slider { name, neutral, usual, .. } = *slider;
    let range = slider.range.clone();
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click_and_drag());
    let rail = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * HANDLE_RADIUS, RAIL));
    let mut changed = None;
    // A quick click may begin and end within one frame.
    let held = response.is_pointer_button_down_on() || response.clicked();
    if response.double_clicked() {
        changed = Some(usual);
    } else if let Some(pointer) = response.interact_pointer_pos().filter(|_| held) {
        changed = Some(snapped(value_at(rail, &range, pointer.x), &range, neutral));
    }
    let keyed = requested(ui, &response, value, &range);
    let changed = keyed.or(changed).filter(|&new| new != value);
    if changed.is_some() {
        response.mark_changed();
    }
    let shown = changed.unwrap_or(value);
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(shown), name));
    describe(ui, &response, &range);
    paint(ui, &response, rail, shown, &range, neutral);
    let released = response.drag_stopped() || response.clicked() || response.double_clicked();
    response
        .on_hover_cursor(CursorIcon::ResizeHorizontal)
        .on_hover_text(format!("{name}: {shown:.2}\nDouble-click: back to {usual:.0}"));
    SliderResponse { changed, finished: released || keyed.is_some() }
}

fn value_at(rail: Rect, range: &RangeInclusive<f32>, x: f32) -> f32 {
    let part = ((x - rail.left()) / rail.width()).clamp(0.0, 1.0);
    range.start() + part * (range.end() - range.start())
}

fn snapped(value: f32, range: &RangeInclusive<f32>, neutral: f32) -> f32 {
    let close = (value - neutral).abs() <= SNAP * (range.end() - range.start());
    if close { neutral } else { value }
}

/// What arrow keys or a screen reader ask for.
fn requested(ui: &Ui, response: &Response, value: f32, range: &RangeInclusive<f32>) -> Option<f32> {
    use eframe::egui::accesskit::{Action, ActionData};
    let step = (range.end() - range.start()) / KEY_STEPS;
    let (mut steps, mut target) = (0.0, None);
    // Asked before `input`, which holds the context's lock.
    let focused = response.has_focus();
    if focused {
        // Otherwise egui goes on to another widget.
        let arrows = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
    ui.input(|input| {
        if focused {
            steps += input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32;
        }
        steps += input.num_accesskit_action_requests(response.id, Action::Increment) as f32;
        steps -= input.num_accesskit_action_requests(response.id, Action::Decrement) as f32;
        for request in input.accesskit_action_requests(response.id, Action::SetValue) {
            if let Some(ActionData::NumericValue(wanted)) = request.data {
                target = Some(wanted as f32);
            }
        }
    });
    let target = target.or_else(|| (steps != 0.0).then_some(value + steps * step))?;
    target.is_finite().then(|| target.clamp(*range.start(), *range.end()))
}

fn describe(ui: &Ui, response: &Response, range: &RangeInclusive<f32>) {
    use eframe::egui::accesskit::Action;
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(f64::from(*range.start()));
        node.set_max_numeric_value(f64::from(*range.end()));
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

fn paint(ui: &Ui, response: &Response, rail: Rect, value: f32, range: &RangeInclusive<f32>, neutral: f32) {
    if !ui.is_rect_visible(response.rect) {
        return;
    }
    let palette = theme::palette(ui.visuals());
    let x_of = |value: f32| {
        let part = ((value - range.start()) / (range.end() - range.start())).clamp(0.0, 1.0);
        rail.left() + part * rail.width()
    };
    let (x, origin) = (x_of(value), x_of(neutral));
    let enabled = ui.is_enabled();
    let bar = if enabled { palette.accent } else { palette.text_weak };
    let painter = ui.painter();
    painter.rect_filled(rail, CornerRadius::same(2), palette.widget_hover);
    let filled = Rect::from_x_y_ranges(x.min(origin)..=x.max(origin), rail.y_range());
    painter.rect_filled(filled, CornerRadius::same(2), bar);
    if origin > rail.left() + 1.0 && origin < rail.right() - 1.0 {
        painter.vline(origin, rail.y_range().expand(2.5), Stroke::new(1.0, palette.text_weak));
    }
    let lively = response.hovered() || response.dragged() || response.has_focus();
    let radius = if lively { HANDLE_RADIUS } else { HANDLE_RADIUS - 1.0 };
    let at = value != neutral;
    let fill = if at && enabled { palette.accent } else { palette.text_weak };
    painter.circle(pos2(x, rail.center().y), radius, fill, Stroke::new(2.0, palette.panel));
    if response.has_focus() {
        painter.circle_stroke(pos2(x, rail.center().y), radius + 2.0, Stroke::new(1.0, palette.accent));
    }
}
