//! The buffers and textures of one picture in the making; a renderer has as many as pictures are in flight.

use super::pipelines::{COLOUR, DEPTH, DRAW_BYTES, FRAME_BYTES, LABEL, Pipelines};
use super::wgpu;

/// Draws that a picture may have.
pub(super) const MAX_DRAWS: usize = 64;
/// Distance of the draws' constants in their buffer, in bytes: what every device allows.
pub(super) const DRAW_STRIDE: u64 = 256;
const _: () = assert!(DRAW_BYTES <= DRAW_STRIDE);

/// Everything of a picture that lives on the device.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) size_px: u32,
    pub(super) factor: u32,
    pub(super) colour: wgpu::TextureView,
    pub(super) label: wgpu::TextureView,
    pub(super) depth: wgpu::TextureView,
    pub(super) shadows: [wgpu::TextureView; 3],
    pub(super) picture: wgpu::Texture,
    pub(super) picture_view: wgpu::TextureView,
    pub(super) read_back: wgpu::Buffer,
    pub(super) frame: wgpu::Buffer,
    pub(super) draws: wgpu::Buffer,
    pub(super) vertices: wgpu::Buffer,
    pub(super) indices: wgpu::Buffer,
    pub(super) shadow_group: wgpu::BindGroup,
    pub(super) frame_group: wgpu::BindGroup,
    pub(super) draw_group: wgpu::BindGroup,
    pub(super) resolve_group: wgpu::BindGroup,
}

impl Slot {
    pub(super) fn new(device: &wgpu::Device, pipelines: &Pipelines, size_px: u32, factor: u32, shadow_px: u32) -> Self {
        let attachment = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING;
        let texture = |side: u32, layers: u32, format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("characters"),
                size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: layers },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage,
                view_formats: &[],
            })
        };
        let whole = |texture: &wgpu::Texture| texture.create_view(&wgpu::TextureViewDescriptor::default());
        let samples_px = size_px * factor;
        let colour = whole(&texture(samples_px, 1, COLOUR, attachment));
        let label = whole(&texture(samples_px, 1, LABEL, attachment));
        let depth = whole(&texture(samples_px, 1, DEPTH, attachment));
        let shadow_map = texture(shadow_px, 3, DEPTH, attachment);
        let shadows = std::array::from_fn(|layer| {
            shadow_map.create_view(&wgpu::TextureViewDescriptor {
                dimension: Some(wgpu::TextureViewDimension::D2),
                base_array_layer: layer as u32,
                array_layer_count: Some(1),
                ..wgpu::TextureViewDescriptor::default()
            })
        });
        let all_shadows = shadow_map.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..wgpu::TextureViewDescriptor::default()
        });
        let picture = texture(size_px, 1, COLOUR, attachment | wgpu::TextureUsages::COPY_SRC);
        let written = wgpu::BufferUsages::COPY_DST;
        let frame = buffer(device, FRAME_BYTES, wgpu::BufferUsages::UNIFORM | written);
        let draws = buffer(device, DRAW_STRIDE * MAX_DRAWS as u64, wgpu::BufferUsages::UNIFORM | written);
        let group = |layout, entries: &[wgpu::BindGroupEntry<'_>]| {
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("characters"), layout, entries })
        };
        let view = |binding, view| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) };
        let uniform = || wgpu::BindGroupEntry { binding: 0, resource: frame.as_entire_binding() };
        let sampler = wgpu::BindingResource::Sampler(&pipelines.shadow_sampler);
        let one_draw = wgpu::BufferBinding { buffer: &draws, offset: 0, size: std::num::NonZeroU64::new(DRAW_BYTES) };
        Self {
            shadow_group: group(&pipelines.shadow_frame, &[uniform()]),
            frame_group: group(
                &pipelines.frame,
                &[uniform(), view(1, &all_shadows), wgpu::BindGroupEntry { binding: 2, resource: sampler }],
            ),
            draw_group: group(
                &pipelines.draw,
                &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(one_draw) }],
            ),
            resolve_group: group(&pipelines.resolve_frame, &[uniform(), view(3, &colour), view(4, &label)]),
            read_back: buffer(device, row_bytes(size_px) * u64::from(size_px), wgpu::BufferUsages::MAP_READ | written),
            vertices: buffer(device, 1 << 20, wgpu::BufferUsages::VERTEX | written),
            indices: buffer(device, 1 << 18, wgpu::BufferUsages::INDEX | written),
            picture_view: whole(&picture),
            size_px,
            factor,
            colour,
            label,
            depth,
            shadows,
            picture,
            frame,
            draws,
        }
    }

    /// Makes room for a mesh.
    pub(super) fn reserve(&mut self, device: &wgpu::Device, vertex_bytes: u64, index_bytes: u64) {
        let written = wgpu::BufferUsages::COPY_DST;
        if self.vertices.size() < vertex_bytes {
            self.vertices = buffer(device, vertex_bytes.next_power_of_two(), wgpu::BufferUsages::VERTEX | written);
        }
        if self.indices.size() < index_bytes {
            self.indices = buffer(device, index_bytes.next_power_of_two(), wgpu::BufferUsages::INDEX | written);
        }
    }
}

/// Bytes of a row that is read back: devices want multiples of 256.
pub(super) fn row_bytes(size_px: u32) -> u64 {
    u64::from(4 * size_px).next_multiple_of(256)
}

fn buffer(device: &wgpu::Device, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor { label: Some("characters"), size, usage, mapped_at_creation: false })
}
