//! What every checkpoint makes of a pinned canvas, beside each other.

use std::sync::Arc;

use eframe::egui::{Color32, ColorImage, Rect, Role, ScrollArea, Sense, TextureHandle, Ui, WidgetInfo, pos2, vec2};

use super::probes::frame;
use super::thumbnails::{self, Key};
use crate::editor::{Command, EditorState, TrainingCommand};
use crate::training::{Probe, ProbePicture};

const SIDE: f32 = 64.0;
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

pub(super) fn show(
    ui: &mut Ui,
    state: &EditorState,
    probe: &Arc<Probe>,
    steps: &[u64],
    shown: u64,
    commands: &mut Vec<Command>,
) {
    ScrollArea::horizontal().id_salt("film").auto_shrink([false, true]).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            for &step in steps {
                let Some(picture) = state.training.probes.picture(probe.id, step) else { continue };
                let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::click());
                let name = format!("Checkpoint of step {step}");
                response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, step == shown, &name));
                if ui.is_rect_visible(rect) {
                    let texture = texture(ui, state, picture);
                    ui.painter().image(texture.id(), rect, WHOLE, Color32::WHITE);
                    frame(ui, rect, &response, step == shown);
                }
                if response.on_hover_text(name).clicked() {
                    commands.push(Command::Training(TrainingCommand::SelectCheckpoint(step)));
                }
            }
        });
    });
}

/// A picture as a texture.
pub(super) fn texture(ui: &Ui, state: &EditorState, picture: &Arc<ProbePicture>) -> TextureHandle {
    let key = Key::Probe { run: state.training.probes.run_number(), probe: picture.probe, step: picture.step };
    thumbnails::texture(ui, key, || {
        ColorImage::from_rgba_unmultiplied([picture.width as usize, picture.height as usize], &picture.rgba)
    })
}
