//! The canvas on the graphics card: label map, result, guide and differences as textures, one shader that composes them.

mod pipeline;
mod stage_uniforms;
mod textures;

use std::sync::Arc;

use eframe::egui::{PaintCallback, PaintCallbackInfo, Rect};
use eframe::egui_wgpu::{self, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor};
use eframe::wgpu;
use image::RgbaImage;

use self::pipeline::Pipeline;
pub(super) use self::stage_uniforms::{StageLook, StageUniforms};
use self::textures::{DifferenceTexture, GuideTexture, LabelTexture, ResultTexture};
use crate::document::LabelMap;
use crate::engine::{LiveFrame, Obedience};

/// The stages that may be on screen at once; each has uniforms of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StageSlot {
    /// The mask, or the only stage.
    Main,
    /// The result beside the mask.
    Result,
}

const SLOTS: usize = 2;

/// Prepares the window's renderer for the canvas, once at the start. Without it the canvas stays empty.
pub fn install(render_state: &RenderState) {
    let gpu = CanvasGpu::new(&render_state.device, &render_state.queue, render_state.target_format);
    render_state.renderer.write().callback_resources.insert(gpu);
}

/// What the stages show, shared by all of them.
#[derive(Clone)]
pub(super) struct Contents {
    /// The mask; a clone shares its tiles.
    pub(super) labels: LabelMap,
    /// The newest picture.
    pub(super) frame: Option<Arc<LiveFrame>>,
    /// The photo under the mask.
    pub(super) guide: Option<Arc<RgbaImage>>,
    /// Where the picture disobeys.
    pub(super) obedience: Option<Arc<Obedience>>,
}

/// A shape that draws one stage into `area`, which must lie on whole physical pixels.
pub(super) fn shape(area: Rect, slot: StageSlot, uniforms: StageUniforms, contents: Contents) -> PaintCallback {
    egui_wgpu::Callback::new_paint_callback(area, StagePaint { slot, uniforms, contents })
}

struct StagePaint {
    slot: StageSlot,
    uniforms: StageUniforms,
    contents: Contents,
}

impl CallbackTrait for StagePaint {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(gpu) = resources.get_mut::<CanvasGpu>() {
            gpu.update(device, queue, &self.contents);
            gpu.set_uniforms(queue, self.slot, &self.uniforms);
        }
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        if let Some(gpu) = resources.get::<CanvasGpu>() {
            gpu.draw(pass, self.slot);
        }
    }
}

/// Everything of the canvas that lives on the graphics card.
struct CanvasGpu {
    pipeline: Pipeline,
    labels: LabelTexture,
    result: ResultTexture,
    guide: GuideTexture,
    differences: DifferenceTexture,
    stages: [StageBinding; SLOTS],
}

struct StageBinding {
    uniforms: wgpu::Buffer,
    written: Option<StageUniforms>,
    bind_group: wgpu::BindGroup,
}

impl CanvasGpu {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue, target: wgpu::TextureFormat) -> Self {
        let pipeline = Pipeline::new(device, target);
        let labels = LabelTexture::new(device, queue);
        let (result, guide) = (ResultTexture::new(device), GuideTexture::new(device));
        let differences = DifferenceTexture::new(device);
        let stages = std::array::from_fn(|_| {
            let uniforms = pipeline.uniform_buffer(device);
            let views = [labels.view(), result.view(), guide.view(), differences.view()];
            let bind_group = pipeline.bind_group(device, &uniforms, views);
            StageBinding { uniforms, written: None, bind_group }
        });
        Self { pipeline, labels, result, guide, differences, stages }
    }

    /// Uploads what changed since the last call.
    fn update(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, contents: &Contents) {
        // All four, since each call also uploads.
        let replaced = [
            self.labels.update(device, queue, &contents.labels),
            self.result.update(device, queue, contents.frame.as_ref()),
            self.guide.update(device, queue, contents.guide.as_ref()),
            self.differences.update(device, queue, contents.obedience.as_ref()),
        ];
        if replaced.contains(&true) {
            let views = [self.labels.view(), self.result.view(), self.guide.view(), self.differences.view()];
            for stage in &mut self.stages {
                stage.bind_group = self.pipeline.bind_group(device, &stage.uniforms, views);
            }
        }
    }

    fn set_uniforms(&mut self, queue: &wgpu::Queue, slot: StageSlot, uniforms: &StageUniforms) {
        let stage = &mut self.stages[slot as usize];
        if stage.written.as_ref() != Some(uniforms) {
            queue.write_buffer(&stage.uniforms, 0, &uniforms.to_bytes());
            stage.written = Some(uniforms.clone());
        }
    }

    fn draw(&self, pass: &mut wgpu::RenderPass<'_>, slot: StageSlot) {
        self.pipeline.draw(pass, &self.stages[slot as usize].bind_group);
    }
}

#[cfg(test)]
mod tests;
