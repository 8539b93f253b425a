//! Two latents put aside, and the blend between them.

use eframe::egui::{Button, RichText, Ui, vec2};

use crate::document::LatentPin;
use crate::editor::{Action, Command, EditorState, LatentCommand, PinSlot};
use crate::ui::value_slider::{Slider, value_slider};
use crate::ui::{action_button, section, theme};

const CHIP_HEIGHT: f32 = 26.0;
const BLEND_VALUE_WIDTH: f32 = 34.0;

pub(super) fn show(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    section::group(ui, "Blend two latents");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.set_min_height(theme::ICON_BUTTON);
        let width = ((ui.available_width() - theme::ICON_BUTTON - 8.0) / 2.0).max(60.0);
        slot(ui, state, PinSlot::A, width, commands);
        action_button::plain_icon_button(ui, state, Action::SwapPins, commands);
        slot(ui, state, PinSlot::B, width, commands);
    });
    if state.can_blend() {
        blend(ui, state, commands);
    }
}

/// An empty place to pin to, or the pinned latent.
fn slot(ui: &mut Ui, state: &EditorState, slot: PinSlot, width: f32, commands: &mut Vec<Command>) {
    let action = match slot {
        PinSlot::A => Action::PinA,
        PinSlot::B => Action::PinB,
    };
    match &state.document.latent.pins[slot.index()] {
        None => {
            let info = action.info();
            let button = Button::new(RichText::new(info.title).small()).min_size(vec2(width, CHIP_HEIGHT));
            let tooltip = action_button::tooltip(ui, state, action);
            let response = ui.add_enabled(action.is_enabled(state), button);
            if response.on_hover_text(&tooltip).on_disabled_hover_text(tooltip).clicked() {
                commands.push(Command::Do(action));
            }
        }
        Some(pin) => pinned(ui, state, slot, pin, width, commands),
    }
}

fn pinned(ui: &mut Ui, state: &EditorState, slot: PinSlot, pin: &LatentPin, width: f32, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 0.0;
    let (letter, seed) = (slot.title(), pin.seed);
    let moved = pin.offsets.iter().filter(|&&offset| offset != 0.0).count() + pin.raw.len();
    let more = if moved > 0 { "+" } else { "" };
    let text = RichText::new(format!("{letter}  {seed}{more}")).small().strong();
    let button = Button::new(text).truncate().min_size(vec2(width - section::SMALL_BUTTON, CHIP_HEIGHT));
    let go = ui
        .scope(|ui| {
            ui.set_max_width(width - section::SMALL_BUTTON);
            ui.add_enabled(!state.latent_locked, button)
        })
        .inner
        .accessible_name(format!("Go to {letter}"));
    let parts = if moved > 0 { format!(", {moved} directions or coordinates set") } else { String::new() };
    if go.on_hover_text(format!("Pinned as {letter}: seed {seed}{parts}\nClick to go to it")).clicked() {
        commands.push(Command::Latent(LatentCommand::GoToPin(slot)));
    }
    let name = format!("Unpin {letter}");
    if section::small_button(ui, theme::ICON_REMOVE, &name, "Forget this latent", false).clicked() {
        commands.push(Command::Latent(LatentCommand::Unpin(slot)));
    }
    ui.spacing_mut().item_spacing.x = 4.0;
}

fn blend(ui: &mut Ui, state: &EditorState, commands: &mut Vec<Command>) {
    let blend = state.document.latent.blend;
    ui.horizontal(|ui| {
        ui.set_min_height(CHIP_HEIGHT);
        ui.add_enabled_ui(!state.latent_locked, |ui| {
            ui.label(RichText::new("A").small().weak());
            let room = ui.available_width() - BLEND_VALUE_WIDTH - section::SMALL_BUTTON - 4.0 * theme::GAP_SMALL;
            let slider = Slider { name: "Blend from A to B", range: 0.0..=1.0, neutral: 0.0, usual: 0.0 };
            let slider = value_slider(ui, room.max(40.0), blend.unwrap_or(0.0), &slider);
            if let Some(blend) = slider.changed {
                commands.push(Command::Latent(LatentCommand::SetBlend(blend)));
            }
            if slider.finished {
                commands.push(Command::FinishEdit);
            }
            ui.label(RichText::new("B").small().weak());
            match blend {
                Some(blend) => {
                    ui.label(RichText::new(format!("{blend:.2}")).monospace().small());
                    let info = Action::StopBlending.info();
                    if section::small_button(ui, theme::ICON_REMOVE, info.title, info.tooltip, false).clicked() {
                        commands.push(Command::Do(Action::StopBlending));
                    }
                }
                None => {
                    ui.label(RichText::new("off").monospace().small().weak())
                        .on_hover_text("Drag the slider to blend A and B");
                }
            }
        });
    });
}
