//! A graphics device without a window, for tests that look at pixels.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::OnceLock;

use eframe::egui_wgpu::{RendererOptions, WgpuSetup, WgpuSetupExisting};
use eframe::wgpu;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state};
use image::RgbaImage;

use super::canvas;

/// One device for all tests of the process, preferably a software one, whose pixels are the same everywhere. `None`,
/// with a line that says so, where there is none.
pub(super) fn device() -> Option<&'static WgpuSetupExisting> {
    static DEVICE: OnceLock<Option<WgpuSetupExisting>> = OnceLock::new();
    // The Vulkan loader crashes when instances are made on two threads at once: the probe is over after this.
    crate::gpu::adapters();
    let device = DEVICE.get_or_init(open).as_ref();
    if device.is_none() {
        eprintln!("skipped: no graphics adapter, not even a software one such as Mesa's lavapipe");
    }
    device
}

fn open() -> Option<WgpuSetupExisting> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let mut adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    adapters.sort_by_key(|adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu);
    let adapter = adapters.into_iter().next()?;
    let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).ok()?;
    Some(WgpuSetupExisting { instance, adapter, device, queue })
}

/// A renderer for a test harness, with the canvas installed as the app does it.
pub(super) fn renderer() -> Option<WgpuTestRenderer> {
    let setup = WgpuSetup::Existing(device()?.clone());
    let render_state = create_render_state(setup, RendererOptions::PREDICTABLE);
    canvas::install(&render_state);
    Some(WgpuTestRenderer::from_render_state(render_state))
}

/// What `draw` puts into a cleared RGBA picture of gamma values; `width` is a multiple of 64.
pub(super) fn picture(
    gpu: &WgpuSetupExisting,
    (width, height): (u32, u32),
    draw: impl FnOnce(&mut wgpu::RenderPass<'static>),
) -> RgbaImage {
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let attachment = wgpu::RenderPassColorAttachment {
        view: &view,
        resolve_target: None,
        ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        depth_slice: None,
    };
    let descriptor = wgpu::RenderPassDescriptor { color_attachments: &[Some(attachment)], ..Default::default() };
    draw(&mut encoder.begin_render_pass(&descriptor).forget_lifetime());
    let bytes = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(4 * width * height),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * width), rows_per_image: None };
    let copy = wgpu::TexelCopyBufferInfo { buffer: &bytes, layout };
    encoder.copy_texture_to_buffer(texture.as_image_copy(), copy, texture.size());
    gpu.queue.submit([encoder.finish()]);
    bytes.slice(..).map_async(wgpu::MapMode::Read, |result| result.unwrap());
    gpu.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let rgba = bytes.slice(..).get_mapped_range().unwrap().to_vec();
    RgbaImage::from_raw(width, height, rgba).unwrap()
}
