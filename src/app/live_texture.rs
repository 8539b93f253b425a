//! A picture that was drawn on the window's own device, shown where it lies.

use eframe::egui::TextureId;
use eframe::egui_wgpu::RenderState;
use eframe::wgpu::FilterMode;

use crate::editor::ResultFilter;
use crate::gpu::PictureTexture;

/// The egui name of the newest picture. One name serves all pictures in turn.
pub(super) struct LiveTexture {
    window: RenderState,
    shown: Option<Shown>,
}

struct Shown {
    id: TextureId,
    picture: PictureTexture,
    filter: ResultFilter,
}

impl LiveTexture {
    pub(super) fn new(window: RenderState) -> Self {
        Self { window, shown: None }
    }

    /// The name to draw the picture with. The pictures must lie on the window's device.
    pub(super) fn show(&mut self, picture: &PictureTexture, filter: ResultFilter) -> TextureId {
        let id = match &self.shown {
            Some(shown) if shown.picture == *picture && shown.filter == filter => return shown.id,
            shown => shown.as_ref().map(|shown| shown.id),
        };
        let mode = match filter {
            ResultFilter::Linear => FilterMode::Linear,
            ResultFilter::Nearest => FilterMode::Nearest,
        };
        let (device, view) = (&self.window.device, picture.view());
        let mut renderer = self.window.renderer.write();
        let id = match id {
            Some(id) => {
                renderer.update_egui_texture_from_wgpu_texture(device, &view, mode, id);
                id
            }
            None => renderer.register_native_texture(device, &view, mode),
        };
        self.shown = Some(Shown { id, picture: picture.clone(), filter });
        id
    }
}
