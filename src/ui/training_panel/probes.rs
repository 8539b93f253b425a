//! Pinned canvases over training time.

use std::sync::Arc;

use eframe::egui::{
    Align, Color32, ColorImage, CornerRadius, Layout, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::super::value_slider::{Slider, value_slider};
use super::thumbnails::{self, Key};
use super::{action, chip, empty, film, section, theme, titled_action, wipe};
use crate::editor::{Action, Command, EditorState, TrainingCommand};
use crate::training::Probe;

/// Wider than this, in points, the controls stand beside the picture.
const BESIDE: f32 = 300.0;
const MASK: f32 = 44.0;
const MASK_PX: u32 = 88;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let probes = &state.training.probes;
    ui.horizontal_wrapped(|ui| {
        action(ui, state, Action::PinCanvas, commands);
        if probes.pinned.is_empty() {
            return;
        }
        for (index, probe) in probes.pinned.iter().enumerate() {
            let current = probes.current().is_some_and(|current| current.id == probe.id);
            pinned(ui, probe, index + 1, current, commands);
        }
    });
    let Some(probe) = probes.current() else {
        return empty(
            ui,
            "Pin the canvas to watch it learn: mask, attributes and latent are kept as they are now, and every checkpoint renders them.",
        );
    };
    let steps = probes.steps(probe.id);
    let Some(shown) = probes.shown_step(&steps) else {
        return empty(ui, "The first picture comes with the first checkpoint of a training.");
    };
    if ui.available_width() > BESIDE {
        ui.horizontal_top(|ui| {
            wipe::show(ui, state, probe, shown, commands);
            ui.vertical(|ui| controls(ui, state, probe, &steps, shown, commands));
        });
    } else {
        wipe::show(ui, state, probe, shown, commands);
        controls(ui, state, probe, &steps, shown, commands);
    }
}

fn controls(
    ui: &mut Ui,
    state: &EditorState,
    probe: &Arc<Probe>,
    steps: &[u64],
    shown: u64,
    commands: &mut Vec<Command>,
) {
    let probes = &state.training.probes;
    ui.label(RichText::new(format!("Step {shown}")).strong());
    scrub(ui, steps, shown, commands);
    film::show(ui, state, probe, steps, shown, commands);
    ui.horizontal_wrapped(|ui| {
        let first = steps.first().copied().filter(|first| *first != shown);
        let comparing = probes.compare.is_some();
        let hint = "Show two checkpoints in one place, with a divider to drag";
        if chip(ui, "Compare", hint, comparing) {
            let with = if comparing { None } else { Some(first.unwrap_or(shown)) };
            commands.push(Command::Training(TrainingCommand::Compare(with)));
        }
        if let Some(with) = probes.compare {
            let text = format!("step {with} left, step {shown} right");
            ui.label(RichText::new(text).small().weak());
            if with != shown && ui.button("Compare with this one").on_hover_text("Put this step at the left").clicked()
            {
                commands.push(Command::Training(TrainingCommand::Compare(Some(shown))));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        let there = state.training.run.checkpoints.iter().any(|checkpoint| checkpoint.step == shown);
        if there {
            titled_action(ui, state, Action::ShowCheckpoint, "Show in canvas", commands);
            titled_action(ui, state, Action::UseCheckpoint, "Use as model", commands);
        } else {
            section::group(ui, "This checkpoint was thinned out; its picture is what is left.");
        }
        titled_action(ui, state, Action::FollowTraining, "Follow in canvas", commands);
    });
}

/// Goes through training time.
fn scrub(ui: &mut Ui, steps: &[u64], shown: u64, commands: &mut Vec<Command>) {
    let last = steps.len().saturating_sub(1);
    if last == 0 {
        return;
    }
    let at = steps.iter().position(|step| *step == shown).unwrap_or(last);
    let slider = Slider { name: "Training time", range: 0.0..=last as f32, neutral: 0.0, usual: last as f32 };
    let width = ui.available_width().min(420.0);
    if let Some(index) = value_slider(ui, width, at as f32, &slider).changed {
        let index = (index.round().max(0.0) as usize).min(last);
        if index != at {
            commands.push(Command::Training(TrainingCommand::SelectCheckpoint(steps[index])));
        }
    }
}

/// The mask of a pinned canvas, with a button that takes it away.
fn pinned(ui: &mut Ui, probe: &Arc<Probe>, number: usize, current: bool, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (rect, response) = ui.allocate_exact_size(vec2(MASK, MASK), Sense::click());
        let name = format!("Pinned canvas {number}");
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, current, &name));
        if ui.is_rect_visible(rect) {
            let texture = thumbnails::texture(ui, Key::Pinned(probe.id), || {
                let picture = probe.labels.to_image().resize_majority(MASK_PX, MASK_PX).to_rgb(&probe.taxonomy);
                ColorImage::from_rgb([MASK_PX as usize; 2], picture.as_raw())
            });
            ui.painter().image(texture.id(), rect, WHOLE, Color32::WHITE);
            frame(ui, rect, &response, current);
        }
        if response.on_hover_text(format!("{name}\nShow what the checkpoints make of it")).clicked() {
            commands.push(Command::Training(TrainingCommand::SelectProbe(probe.id)));
        }
        let name = format!("Unpin canvas {number}");
        if section::small_button(ui, theme::ICON_REMOVE, &name, "Render it no more", false).clicked() {
            commands.push(Command::Training(TrainingCommand::Unpin(probe.id)));
        }
    });
}

/// Marks what is chosen, or has the keyboard.
pub(super) fn frame(ui: &Ui, rect: Rect, response: &Response, chosen: bool) {
    let palette = theme::palette(ui.visuals());
    let stroke =
        if chosen || response.has_focus() { Stroke::new(2.0, palette.accent) } else { theme::swatch_stroke(palette) };
    ui.painter().rect_stroke(rect, CornerRadius::same(2), stroke, StrokeKind::Inside);
}
