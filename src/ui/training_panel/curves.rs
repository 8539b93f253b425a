//! Losses and scores as lines.

use eframe::egui::{Align, CornerRadius, Layout, RichText, Sense, Ui, vec2};
use egui_plot::{Line, Plot, PlotPoints};

use super::super::value_slider::{Slider, value_slider};
use super::{chip, empty, theme};
use crate::editor::{Command, CurveGroup, EditorState, SMOOTHING_RANGE, Series, TrainingCommand};

/// Heights of the plot, and what stands around it, in points.
const HEIGHTS: std::ops::RangeInclusive<f32> = 120.0..=320.0;
const AROUND: f32 = 96.0;
const SLIDER: f32 = 70.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let curves = &state.training.curves;
    ui.horizontal_wrapped(|ui| {
        for group in CurveGroup::ALL {
            if chip(ui, group.title(), "Draw these lines", curves.group == group) {
                commands.push(Command::Training(TrainingCommand::ShowCurves(group)));
            }
        }
        let slider = Slider { name: "Smoothing", range: SMOOTHING_RANGE, neutral: 0.0, usual: 0.8 };
        ui.label(RichText::new("Smooth").small().weak());
        if let Some(smoothing) = value_slider(ui, SLIDER, curves.smoothing, &slider).changed {
            commands.push(Command::Training(TrainingCommand::Smooth(smoothing)));
        }
    });
    let series = curves.series(&state.training.run.log);
    let height = (ui.clip_rect().height() - AROUND).clamp(*HEIGHTS.start(), *HEIGHTS.end());
    if series.is_empty() {
        return empty(ui, "The lines begin with the first entry in the log.");
    }
    legend(ui, &series);
    plot(ui, curves.group, &series, height);
}

/// Name, colour and newest value of each line.
fn legend(ui: &mut Ui, series: &[Series]) {
    let palette = theme::palette(ui.visuals());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 2.0);
        for (index, line) in series.iter().enumerate() {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().rect_filled(rect, CornerRadius::same(2), theme::curve_color(palette, index));
                let newest = line.points.last().map_or(0.0, |point| point[1]);
                ui.label(RichText::new(format!("{}:  {newest:.3}", line.name)).small());
                ui.add_space(8.0);
            });
        }
    });
}

fn plot(ui: &mut Ui, group: CurveGroup, series: &[Series], height: f32) {
    let palette = theme::palette(ui.visuals());
    Plot::new(("training_curves", group.title()))
        .height(height)
        .sense(Sense::hover())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .y_axis_min_width(34.0)
        .grid_spacing(14.0..=240.0)
        .x_axis_formatter(|mark, _| format!("{:.0}", mark.value))
        .show(ui, |plot| {
            for (index, series) in series.iter().enumerate() {
                let points = PlotPoints::from(series.points.clone());
                plot.line(Line::new(series.name, points).color(theme::curve_color(palette, index)).width(1.5));
            }
        });
}
