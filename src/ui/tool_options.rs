//! What the chosen tool can be told.

use eframe::egui::{Checkbox, ComboBox, RichText, Ui};

use super::value_slider::{Slider, value_slider};
use super::{action_button, theme};
use crate::document::tools::{DIAMETER_RANGE_PX, ToolKind};
use crate::editor::{Action, Command, EditorState, LabelCommand, sentence_case};
use crate::taxonomy::LabelId;

const SIZE_WIDTH: f32 = 110.0;
/// Where the menus leave less room.
const NARROW_SIZE_WIDTH: f32 = 80.0;
const NARROW_WINDOW: f32 = 960.0;
/// What a double click on the size sets, in mask pixels.
const USUAL_SIZE_PX: f32 = 26.0;
const OVER_WIDTH: f32 = 100.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    match state.painting.tool {
        ToolKind::Brush | ToolKind::Eraser | ToolKind::Line | ToolKind::Warp => brush_size(ui, state, commands),
        ToolKind::Fill => fill_everywhere(ui, state, commands),
        ToolKind::Transform => part(ui, state, commands),
        ToolKind::Lasso | ToolKind::Polygon | ToolKind::Rectangle | ToolKind::Ellipse | ToolKind::Picker => {}
    }
    if state.painting.tool != ToolKind::Picker {
        ui.add_space(theme::GAP_SMALL);
        paint_only_over(ui, state, commands);
    }
}

/// What can be done to the selected part.
fn part(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 2.0;
    for action in [Action::FlipPart, Action::FlipPartUpsideDown, Action::CutPart, Action::CopyPart, Action::PastePart] {
        action_button::plain_icon_button(ui, state, action, commands);
    }
    let (text, hint) = match state.part_has_twin() {
        Some(true) => ("Both sides", "The part on the other side of the axis goes the mirrored way"),
        Some(false) => (
            "This side only",
            "Nothing goes the mirrored way: the part lies on the axis, is pasted, or has no counterpart on the other side",
        ),
        None => return,
    };
    ui.add_space(theme::GAP_SMALL);
    ui.label(RichText::new(text).small().weak()).on_hover_text(hint);
}

fn fill_everywhere(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let info = Action::ToggleFillEverywhere.info();
    let mut everywhere = state.painting.fill_everywhere;
    let tick = ui.add(Checkbox::new(&mut everywhere, RichText::new("Everywhere")));
    let hint = format!("{}\nShift does the other", info.tooltip);
    if tick.on_hover_text(hint).accessible_name(info.title).clicked() {
        commands.push(Command::Do(Action::ToggleFillEverywhere));
    }
}

/// The slider is logarithmic: small brushes need finer control.
fn brush_size(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let diameter_px = state.painting.diameter_px();
    ui.label(RichText::new("Size").small().weak());
    let range = DIAMETER_RANGE_PX.start().ln()..=DIAMETER_RANGE_PX.end().ln();
    let smallest = *range.start();
    let slider = Slider { name: "Brush size", range, neutral: smallest, usual: USUAL_SIZE_PX.ln() };
    let width = if ui.ctx().content_rect().width() < NARROW_WINDOW { NARROW_SIZE_WIDTH } else { SIZE_WIDTH };
    let slider = value_slider(ui, width, diameter_px.ln(), &slider);
    if let Some(value) = slider.changed {
        commands.push(Command::SetBrushSize(value.exp().round()));
    }
    ui.label(RichText::new(format!("{diameter_px:>3.0} px")).monospace().small());
}

/// Which label's pixels the tools may change.
fn paint_only_over(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let chosen = state.painting.rules.only_over;
    let title = chosen.map_or_else(|| "anything".to_owned(), |label| state.label_title(label));
    ui.label(RichText::new("Over").small().weak());
    let response = ComboBox::from_id_salt("paint_only_over")
        .width(OVER_WIDTH)
        .height(420.0)
        .selected_text(title)
        .show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), "Anything").clicked() {
                commands.push(Command::Label(LabelCommand::PaintOnlyOver(None)));
            }
            for (index, label) in state.taxonomy.labels.iter().enumerate() {
                let Ok(id) = LabelId::try_from(index) else { break };
                let title = sentence_case(&label.name);
                if ui.selectable_label(chosen == Some(id), &title).on_hover_text(over_hint(&title)).clicked() {
                    commands.push(Command::Label(LabelCommand::PaintOnlyOver(Some(id))));
                }
            }
        })
        .response
        .on_hover_text("Paint only over this label; everything else stays as it is");
    response.accessible_name("Paint only over");
}

fn over_hint(title: &str) -> String {
    format!("Change only what is «{title}» now")
}
