//! As what an animation is exported.

use eframe::egui;
use eframe::egui::{Align, Button, ComboBox, DragValue, Grid, Layout, RichText, Ui};

use super::answer;
use crate::editor::{Command, DialogAnswer, EditorState, TimelineCommand};
use crate::export::{AnimationFormat, Dither, FPS_RANGE, FRAME_SIDE_RANGE, UpscaleFilter};
use crate::ui::theme;

const SIDES: [u32; 6] = [128, 256, 512, 1024, 2048, 4096];

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let options = &state.timeline.options;
    let mut say = |command: TimelineCommand| commands.push(Command::Timeline(command));
    ui.heading(RichText::new("Export animation").strong());
    Grid::new("export_animation").num_columns(2).spacing([16.0, 10.0]).show(ui, |ui| {
        choice(ui, "Format", options.format, &AnimationFormat::ALL, AnimationFormat::title, |format| {
            say(TimelineCommand::SetFormat(format));
        });
        size(ui, options.side_px, &mut say);
        choice(ui, "Enlarge", options.filter, &UpscaleFilter::ALL, UpscaleFilter::title, |filter| {
            say(TimelineCommand::SetFilter(filter));
        });
        if options.format == AnimationFormat::Gif {
            choice(ui, "Dithering", options.dither, &Dither::ALL, Dither::title, |dither| {
                say(TimelineCommand::SetDither(dither));
            });
        }
        let name = ui.label("Frames per second");
        let mut fps = options.fps;
        if ui.add(DragValue::new(&mut fps).range(FPS_RANGE).speed(0.1).max_decimals(0)).labelled_by(name.id).changed() {
            say(TimelineCommand::SetFps(fps));
        }
        ui.end_row();
    });
    let timeline = &state.document.timeline;
    let frames = options.frames(timeline);
    let summary = format!("{} · {frames} frames in {:.1} s", options.format.hint(), timeline.duration_s());
    ui.label(RichText::new(summary).small().weak());
    ui.add_space(theme::GAP_SMALL);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if ui.add(Button::new("Export…").min_size(egui::vec2(88.0, 30.0))).on_hover_text("Choose where to").clicked()
        {
            commands.push(Command::Timeline(TimelineCommand::Export));
        }
        answer(ui, "Cancel", DialogAnswer::Close, commands);
    });
}

fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    now: T,
    all: &[T],
    title: fn(T) -> &'static str,
    choose: impl FnOnce(T),
) {
    ui.label(name);
    let mut chosen = now;
    let list = ComboBox::from_id_salt(name).width(150.0).selected_text(title(now)).show_ui(ui, |ui| {
        all.iter().for_each(|&value| drop(ui.selectable_value(&mut chosen, value, title(value))));
    });
    list.response.accessible_name(name);
    ui.end_row();
    if chosen != now {
        choose(chosen);
    }
}

fn size(ui: &mut Ui, side_px: u32, say: &mut impl FnMut(TimelineCommand)) {
    let name = ui.label("Size");
    ui.horizontal(|ui| {
        let mut side = side_px;
        let value = DragValue::new(&mut side).range(FRAME_SIDE_RANGE).speed(2.0).suffix(" px");
        if ui.add(value).labelled_by(name.id).on_hover_text("Longer side of a frame").changed() {
            say(TimelineCommand::SetSide(side));
        }
        let list = ComboBox::from_id_salt("usual_sizes").width(64.0).selected_text("Usual");
        let list = list.show_ui(ui, |ui| {
            for side in SIDES {
                if ui.selectable_label(side == side_px, format!("{side} px")).clicked() {
                    say(TimelineCommand::SetSide(side));
                }
            }
        });
        list.response.accessible_name("Usual sizes");
    });
    ui.end_row();
}
