//! A checkpoint's picture, large; or two of them in one place with a divider between them.

use std::sync::Arc;

use eframe::egui::{
    Color32, CursorIcon, EventFilter, Key, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::{film, theme};
use crate::editor::{Command, EditorState, TrainingCommand};
use crate::training::Probe;

/// One press of an arrow key, as a part of the width.
const KEY_STEP: f32 = 0.02;
/// Height of the row of pinned canvases, in points.
const ABOVE: f32 = 62.0;
const SIDES: std::ops::RangeInclusive<f32> = 120.0..=256.0;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(ui: &mut Ui, state: &EditorState, probe: &Arc<Probe>, shown: u64, commands: &mut Vec<Command>) {
    let probes = &state.training.probes;
    let Some(right) = probes.picture(probe.id, shown) else { return };
    let left = probes.compare.and_then(|step| probes.picture(probe.id, step));
    // As large as the panel has room for below what stands above it.
    let room = ui.available_width().min(ui.clip_rect().height() - ABOVE);
    let side = room.clamp(*SIDES.start(), *SIDES.end());
    let sense = if left.is_some() { Sense::click_and_drag() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), sense);
    let x = rect.left() + rect.width() * probes.wipe;
    let texture = film::texture(ui, state, right);
    ui.painter().image(texture.id(), rect, WHOLE, Color32::WHITE);
    match left {
        None => response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Step {shown}"))),
        Some(left) => {
            let texture = film::texture(ui, state, left);
            let clip = Rect::from_min_max(rect.min, pos2(x, rect.bottom()));
            ui.painter().with_clip_rect(clip.intersect(ui.clip_rect())).image(
                texture.id(),
                rect,
                WHOLE,
                Color32::WHITE,
            );
            divider(ui, rect, x, probes.wipe, &response, commands);
        }
    }
}

fn divider(ui: &Ui, rect: Rect, x: f32, part: f32, response: &Response, commands: &mut Vec<Command>) {
    response.widget_info(|| WidgetInfo::slider(true, f64::from(part), "Divider between two checkpoints"));
    let held = response.is_pointer_button_down_on() || response.clicked();
    let mut wanted =
        response.interact_pointer_pos().filter(|_| held).map(|at| (at.x - rect.left()) / rect.width().max(1.0));
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let steps =
            ui.input(|input| input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32);
        wanted = wanted.or_else(|| (steps != 0.0).then_some(part + steps * KEY_STEP));
    }
    commands.extend(wanted.map(|part| Command::Training(TrainingCommand::SetWipe(part))));
    if response.hovered() {
        ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
    let palette = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.vline(x, rect.y_range(), Stroke::new(3.0, Color32::from_black_alpha(110)));
    painter.vline(x, rect.y_range(), Stroke::new(1.0, Color32::WHITE));
    let lively = response.hovered() || response.has_focus();
    let fill = if lively { palette.accent } else { palette.panel };
    painter.circle(pos2(x, rect.center().y), 7.0, fill, Stroke::new(1.5, Color32::WHITE));
}
