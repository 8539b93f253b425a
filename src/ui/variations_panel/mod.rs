//! The wall of variations: many pictures of the mask as it is now, to look at and to choose from.

mod tile;

use eframe::egui::{
    Align, Align2, Button, ComboBox, Frame, Label, Layout, Margin, ProgressBar, Rect, RichText, ScrollArea, Sense,
    TextStyle, Ui, vec2,
};

use super::value_slider::{Slider, value_slider};
use super::{action_button, section, theme};
use crate::editor::{
    Action, Column, Columns, Command, DISTANCE_RANGE, EditorState, GridExport, Reach, TileAt, VARIATIONS_MAX,
    VariationCommand,
};

/// Side of a tile, in points, as far as the panel's width does not make it a little larger.
const TILE: f32 = 92.0;
const TILE_MAX: f32 = 132.0;
/// Beside each other, tiles are no wider, so that more than one row of them is seen.
const COLUMN_MAX: f32 = 98.0;
const SPACE: f32 = 4.0;
const CAPTION: f32 = 15.0;
const SLIDER: f32 = 96.0;
const PROGRESS: f32 = 120.0;
/// Less room than this, in points, is too little for one line of controls.
const WIDE: f32 = 640.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.painter().rect_filled(ui.max_rect(), 0, theme::palette(ui.visuals()).panel);
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 0, bottom: 6 }).show(ui, |ui| {
        toolbar(ui, state, commands);
        ui.add_space(theme::GAP_SMALL);
        if let Some(reason) = unavailable(state) {
            ui.add(Label::new(RichText::new(reason).weak()).wrap());
            return;
        }
        ScrollArea::vertical().id_salt("variations").auto_shrink(false).show(ui, |ui| wall(ui, state, commands));
    });
}

fn unavailable(state: &EditorState) -> Option<String> {
    if let Some(message) = state.variations.failure() {
        return Some(format!("The wall could not be drawn: {message}"));
    }
    (!state.can_render()).then(|| "Choose a model in the Model menu to see variations of this mask here.".to_owned())
}

fn say(commands: &mut Vec<Command>, command: VariationCommand) {
    commands.push(Command::Variation(command));
}

fn toolbar(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let wide = ui.available_width() > WIDE;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        action_button::plain_icon_button(ui, state, Action::RollVariations, commands);
        ui.add_space(theme::GAP_SMALL);
        reach(ui, state, commands);
        if wide {
            ui.add_space(theme::GAP_SMALL);
            columns(ui, state, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            grids(ui, state, commands);
            if wide {
                ui.add_space(theme::GAP_SMALL);
                tile_actions(ui, state, commands);
                progress(ui, state, commands);
            }
        });
    });
    if !wide {
        ui.horizontal(|ui| {
            columns(ui, state, commands);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                tile_actions(ui, state, commands);
                progress(ui, state, commands);
            });
        });
    }
}

/// What keys do with the tile that was pointed at last. From right to left.
fn tile_actions(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    for action in [Action::SaveVariation, Action::MoreLikeVariation] {
        action_button::plain_icon_button(ui, state, action, commands);
    }
    action_button::toggle_icon_button(ui, state, Action::PinVariation, commands);
}

/// Where latents come from, and how far away.
fn reach(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let now = state.variations.reach;
    let is_near = matches!(now, Reach::Near(_));
    let mut choose = |ui: &mut Ui, title: &str, hint: &str, on: bool, reach: Reach| {
        let button = Button::selectable(on, title).min_size(vec2(0.0, theme::ROW_HEIGHT - 2.0));
        if ui.add(button).on_hover_text(hint).clicked() && !on {
            say(commands, VariationCommand::SetReach(reach));
        }
    };
    choose(ui, "Anywhere", "A fresh seed for each variation", !is_near, Reach::Anywhere);
    choose(ui, "Nearby", "Small changes of the latent as it is now", is_near, Reach::NEAR);
    if let Reach::Near(distance) = now {
        let slider = Slider { name: "Distance of variations", range: DISTANCE_RANGE, neutral: 0.1, usual: 0.6 };
        if let Some(distance) = value_slider(ui, SLIDER, distance, &slider).changed {
            say(commands, VariationCommand::SetReach(Reach::Near(distance)));
        }
    }
}

fn columns(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let (now, taxonomy) = (state.columns_of_variations(), &state.taxonomy);
    let list = ComboBox::from_id_salt("variation_columns").width(150.0).selected_text(now.title(taxonomy));
    let shown = list.show_ui(ui, |ui| {
        for columns in Columns::all(taxonomy) {
            if ui.selectable_label(columns == now, columns.title(taxonomy)).clicked() && columns != now {
                say(commands, VariationCommand::SetColumns(columns));
            }
        }
    });
    let hint = "What the columns differ in: one row for each latent, one column for each choice of this attribute";
    shown.response.on_hover_text(hint).accessible_name("Columns of variations");
}

/// The grids that can be exported, in one click each.
fn grids(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let menu = ui.menu_button("Export grid", |ui| {
        action_button::menu_item(ui, state, Action::ExportLatentGrid, commands);
        action_button::menu_item(ui, state, Action::ExportAttributeGrid, commands);
    });
    menu.response.on_hover_text("A figure of your mask and the templates, with captions, as PNG");
}

/// How far an export is, with a button to stop it; else how far the wall is. From right to left.
fn progress(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.add_space(theme::GAP_SMALL);
    match &state.grid_export {
        Some(export) => exporting(ui, export, commands),
        None => {
            let drawn = state.variations_drawn();
            if state.can_render() && state.variations.row_count() > 0 && drawn < 1.0 {
                let text = RichText::new(format!("{:.0} %", drawn * 100.0)).small().weak();
                ui.label(text).on_hover_text("The wall is drawn while you do nothing else");
            }
        }
    }
}

fn exporting(ui: &mut Ui, export: &GridExport, commands: &mut Vec<Command>) {
    let stop = section::small_button(ui, theme::ICON_REMOVE, "Cancel grid", "No file is left", false);
    if stop.clicked() {
        commands.push(Command::CancelGrid);
    }
    let text = format!("Grid {:.0} %", export.progress() * 100.0);
    ui.add(ProgressBar::new(export.progress()).desired_width(PROGRESS).text(text));
}

fn wall(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let columns = state.variation_columns();
    let rows = state.variation_rows();
    let mut pointed = None;
    ui.spacing_mut().item_spacing = vec2(SPACE, SPACE);
    if let [column] = columns.as_slice() {
        let (per_line, side) = fitting(ui.available_width());
        let more = rows < VARIATIONS_MAX && rows > 0;
        let places: Vec<Option<usize>> = (0..rows).map(Some).chain(more.then_some(None)).collect();
        for line in places.chunks(per_line) {
            ui.horizontal(|ui| {
                for place in line {
                    match place {
                        Some(row) => {
                            let at = TileAt { row: *row, column: 0 };
                            pointed = tile::show(ui, state, at, column, side, commands).or(pointed);
                        }
                        None => show_more(ui, side, commands),
                    }
                }
            });
        }
    } else {
        let width = ui.available_width() / columns.len() as f32 - SPACE;
        let side = width.floor().clamp(48.0, COLUMN_MAX);
        captions(ui, &columns, side);
        for row in 0..rows {
            ui.horizontal(|ui| {
                for (index, column) in columns.iter().enumerate() {
                    let at = TileAt { row, column: index };
                    pointed = tile::show(ui, state, at, column, side, commands).or(pointed);
                }
            });
        }
    }
    if pointed != state.previewed_tile() {
        say(commands, VariationCommand::Point(pointed));
    }
}

/// How many tiles are beside each other, and how large they are, so that a line is filled.
fn fitting(width: f32) -> (usize, f32) {
    let count = ((width + SPACE) / (TILE + SPACE)).floor().max(1.0);
    let side = ((width + SPACE) / count - SPACE).floor().clamp(48.0, TILE_MAX);
    (count as usize, side)
}

fn captions(ui: &mut Ui, columns: &[Column], side: f32) {
    let color = theme::palette(ui.visuals()).text_weak;
    ui.horizontal(|ui| {
        for column in columns {
            let (rect, _) = ui.allocate_exact_size(vec2(side, CAPTION), Sense::hover());
            let clipped = ui.painter().with_clip_rect(rect.expand2(vec2(SPACE / 2.0, 0.0)));
            let font = TextStyle::Small.resolve(ui.style());
            clipped.text(rect.center(), Align2::CENTER_CENTER, &column.caption, font, color);
        }
    });
}

fn show_more(ui: &mut Ui, side: f32, commands: &mut Vec<Command>) {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    let button = Button::new(RichText::new("More").weak());
    let response = ui.put(Rect::from_center_size(rect.center(), vec2(side - 16.0, theme::ROW_HEIGHT)), button);
    if response.on_hover_text("Add variations to the wall").accessible_name("More variations").clicked() {
        say(commands, VariationCommand::ShowMore);
    }
}
