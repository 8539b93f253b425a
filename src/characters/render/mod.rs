//! Draws figures offscreen on a device of its own, also a software one. Any number of threads may draw at once: each picture
//! has buffers of its own, and a thread waits for its own picture only.

mod pipelines;
mod slot;

use self::pipelines::Pipelines;
use self::slot::{DRAW_STRIDE, MAX_DRAWS, Slot, row_bytes};
use super::CharacterError;
use super::figure::{Draw, Figure};
use super::library::{Library, PartTextures};
use super::scene::Scene;
use super::texture::TextureId;
use crate::gpu::DeviceChoice;
use burn::tensor::wgpu::wgpu;
use crossbeam_channel::{RecvTimeoutError, bounded};
use image::RgbImage;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The largest picture, in px a side.
pub const MAX_SIZE_PX: u32 = 1024;

/// How often a device is asked whether a picture is done.
const ASK_EVERY: Duration = Duration::from_micros(200);

/// A picture and the label of each of its pixels, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) image: RgbImage,
    pub(super) labels: Vec<u8>,
}

/// A device with everything compiled, and the textures that were needed so far.
#[derive(Debug)]
pub(super) struct Renderer {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// The driver's name for it.
    pub(super) adapter: String,
    pipelines: Pipelines,
    blank: wgpu::TextureView,
    views: Vec<OnceLock<wgpu::TextureView>>,
    materials: Mutex<HashMap<PartTextures, wgpu::BindGroup>>,
    slots: Mutex<Vec<Slot>>,
    /// Held by the thread that asks the device what is ready.
    asking: Mutex<()>,
    /// The first thing the device refused.
    failure: Arc<Mutex<Option<String>>>,
}

impl Renderer {
    /// Opens the device that `choice` names: `cpu` is a software adapter, `auto` a GPU if there is one.
    ///
    /// # Errors
    /// There is no such adapter, or it refuses the shader.
    pub(super) fn open(choice: DeviceChoice, library: &Library) -> Result<Self, CharacterError> {
        let adapter = adapter(choice)?;
        let opened = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()));
        let (device, queue) = opened.map_err(|error| CharacterError::Device(error.to_string()))?;
        let failure = Arc::new(Mutex::new(None));
        let first = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
        }));
        let pipelines = Pipelines::new(&device);
        let blank = image::RgbaImage::from_pixel(1, 1, image::Rgba([255; 4]));
        let blank = upload(&device, &queue, &[blank], wgpu::TextureFormat::Rgba8Unorm);
        let renderer = Self {
            adapter: adapter.get_info().name,
            views: (0..2 * library.textures.len()).map(|_| OnceLock::new()).collect(),
            materials: Mutex::default(),
            slots: Mutex::default(),
            asking: Mutex::default(),
            device,
            queue,
            pipelines,
            blank,
            failure,
        };
        renderer.check()?;
        Ok(renderer)
    }

    fn check(&self) -> Result<(), CharacterError> {
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(failure) => Err(CharacterError::Device(format!("{} refused: {failure}", self.adapter))),
            None => Ok(()),
        }
    }

    /// Draws a picture of `size_px` a side, at most [`MAX_SIZE_PX`].
    ///
    /// # Errors
    /// A texture cannot be read, or the device is lost.
    pub(super) fn draw(
        &self,
        library: &Library,
        figure: &Figure,
        scene: &Scene,
        size_px: u32,
    ) -> Result<Drawn, CharacterError> {
        let size_px = size_px.clamp(1, MAX_SIZE_PX);
        let materials = figure.draws.iter().take(MAX_DRAWS).map(|draw| self.material(library, draw.textures));
        let materials = materials.collect::<Result<Vec<_>, _>>()?;
        let mut slot = self.slot(size_px);
        let (vertices, indices): (&[u8], &[u8]) =
            (bytemuck::cast_slice(&figure.mesh.vertices), bytemuck::cast_slice(&figure.mesh.indices));
        slot.reserve(&self.device, vertices.len() as u64, indices.len() as u64);
        self.queue.write_buffer(&slot.vertices, 0, vertices);
        self.queue.write_buffer(&slot.indices, 0, indices);
        self.queue.write_buffer(&slot.frame, 0, bytemuck::cast_slice(&scene.floats(figure, slot.factor, size_px)[..]));
        let mut constants = vec![0_u8; DRAW_STRIDE as usize * materials.len()];
        for (place, draw) in constants.chunks_exact_mut(DRAW_STRIDE as usize).zip(&figure.draws) {
            let bytes: &[u8] = bytemuck::cast_slice(&draw.constants[..]);
            place[..bytes.len()].copy_from_slice(bytes);
        }
        self.queue.write_buffer(&slot.draws, 0, &constants);
        self.queue.submit([self.encode(&slot, &figure.draws, &materials)]);
        let drawn = self.read(&slot)?;
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
        Ok(drawn)
    }

    fn slot(&self, size_px: u32) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = slots.iter().position(|slot| slot.size_px == size_px) {
            return slots.swap_remove(at);
        }
        // Buffers for other sizes are not kept beside these.
        slots.clear();
        drop(slots);
        let (factor, shadow_px) = match size_px {
            0..=160 => (4, 768),
            161..=320 => (4, 1024),
            _ => (3, 1536),
        };
        Slot::new(&self.device, &self.pipelines, size_px, factor, shadow_px)
    }

    fn encode(&self, slot: &Slot, draws: &[Draw], materials: &[wgpu::BindGroup]) -> wgpu::CommandBuffer {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (pipeline, view) in self.pipelines.shadows.iter().zip(&slot.shadows) {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                depth_stencil_attachment: Some(depth_attachment(view)),
                ..wgpu::RenderPassDescriptor::default()
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &slot.shadow_group, &[]);
            draw_range(&mut pass, slot, draws, materials, 0..draws.len());
        }
        let fine_from = draws.iter().position(|draw| draw.keeps_labels).unwrap_or(draws.len());
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(colour_attachment(&slot.colour)), Some(colour_attachment(&slot.label))],
                depth_stencil_attachment: Some(depth_attachment(&slot.depth)),
                ..wgpu::RenderPassDescriptor::default()
            });
            pass.set_bind_group(0, &slot.frame_group, &[]);
            pass.set_pipeline(&self.pipelines.depth);
            draw_range(&mut pass, slot, draws, materials, 0..fine_from);
            pass.set_pipeline(&self.pipelines.surface);
            draw_range(&mut pass, slot, draws, materials, 0..fine_from);
            pass.set_pipeline(&self.pipelines.fine_surface);
            draw_range(&mut pass, slot, draws, materials, fine_from..draws.len());
            pass.set_pipeline(&self.pipelines.backdrop);
            pass.draw(0..3, 0..1);
        }
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(colour_attachment(&slot.picture_view))],
                ..wgpu::RenderPassDescriptor::default()
            });
            pass.set_pipeline(&self.pipelines.resolve);
            pass.set_bind_group(0, &slot.resolve_group, &[]);
            pass.draw(0..3, 0..1);
        }
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(row_bytes(slot.size_px) as u32),
            rows_per_image: None,
        };
        let to = wgpu::TexelCopyBufferInfo { buffer: &slot.read_back, layout };
        encoder.copy_texture_to_buffer(slot.picture.as_image_copy(), to, slot.picture.size());
        encoder.finish()
    }

    /// Waits for the picture and takes it apart.
    fn read(&self, slot: &Slot) -> Result<Drawn, CharacterError> {
        let lost = |error: String| CharacterError::Device(format!("{}: {error}", self.adapter));
        let (done, drawn) = bounded(1);
        // The receiver waits below; if it has given up, nobody is to be told.
        slot.read_back.slice(..).map_async(wgpu::MapMode::Read, move |mapped| drop(done.try_send(mapped)));
        // A blocking poll would keep all other threads from submitting until this picture is done. So one thread at a time asks
        // what is ready, on behalf of all that wait.
        loop {
            if let Ok(_turn) = self.asking.try_lock() {
                self.device.poll(wgpu::PollType::Poll).map_err(|error| lost(error.to_string()))?;
            }
            match drawn.recv_timeout(ASK_EVERY) {
                Ok(mapped) => break mapped.map_err(|error| lost(error.to_string()))?,
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(lost("a picture was dropped".to_owned())),
            }
        }
        self.check()?;
        let size = slot.size_px as usize;
        let (mut rgb, mut labels) = (Vec::with_capacity(3 * size * size), Vec::with_capacity(size * size));
        {
            let mapped = slot.read_back.slice(..).get_mapped_range().map_err(|error| lost(error.to_string()))?;
            for row in mapped.chunks_exact(row_bytes(slot.size_px) as usize) {
                for pixel in row.chunks_exact(4).take(size) {
                    rgb.extend_from_slice(&pixel[..3]);
                    labels.push(pixel[3]);
                }
            }
        }
        slot.read_back.unmap();
        let image = RgbImage::from_raw(slot.size_px, slot.size_px, rgb);
        image.map(|image| Drawn { image, labels }).ok_or_else(|| lost("a picture was cut off".to_owned()))
    }

    fn material(&self, library: &Library, textures: PartTextures) -> Result<wgpu::BindGroup, CharacterError> {
        let locked = || self.materials.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = locked().get(&textures) {
            return Ok(group.clone());
        }
        let diffuse = self.view(library, textures.diffuse, true)?;
        let normal = self.view(library, textures.normal, false)?;
        let occlusion = self.view(library, textures.occlusion, false)?;
        let view = |binding, view| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) };
        let sampler = wgpu::BindingResource::Sampler(&self.pipelines.map_sampler);
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("material"),
            layout: &self.pipelines.material,
            entries: &[
                view(0, diffuse),
                view(1, normal),
                view(2, occlusion),
                wgpu::BindGroupEntry { binding: 3, resource: sampler },
            ],
        });
        locked().insert(textures, group.clone());
        Ok(group)
    }

    fn view(
        &self,
        library: &Library,
        texture: Option<TextureId>,
        is_colour: bool,
    ) -> Result<&wgpu::TextureView, CharacterError> {
        let Some(id) = texture else { return Ok(&self.blank) };
        let place = &self.views[2 * id.0 + usize::from(is_colour)];
        if let Some(view) = place.get() {
            return Ok(view);
        }
        let mips = library.textures.mips(id)?;
        let format = if is_colour { wgpu::TextureFormat::Rgba8UnormSrgb } else { wgpu::TextureFormat::Rgba8Unorm };
        Ok(place.get_or_init(|| upload(&self.device, &self.queue, &mips.levels, format)))
    }
}

fn upload(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    levels: &[image::RgbaImage],
    format: wgpu::TextureFormat,
) -> wgpu::TextureView {
    let (width, height) = levels.first().map_or((1, 1), image::RgbaImage::dimensions);
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("texture of a character"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: levels.len().max(1) as u32,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    for (level, image) in levels.iter().enumerate() {
        let to = wgpu::TexelCopyTextureInfo { mip_level: level as u32, ..texture.as_image_copy() };
        let layout =
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * image.width()), rows_per_image: None };
        let size = wgpu::Extent3d { width: image.width(), height: image.height(), depth_or_array_layers: 1 };
        queue.write_texture(to, image.as_raw(), layout, size);
    }
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

fn draw_range(
    pass: &mut wgpu::RenderPass<'_>,
    slot: &Slot,
    draws: &[Draw],
    materials: &[wgpu::BindGroup],
    range: Range<usize>,
) {
    pass.set_vertex_buffer(0, slot.vertices.slice(..));
    pass.set_index_buffer(slot.indices.slice(..), wgpu::IndexFormat::Uint32);
    for (index, (draw, material)) in draws.iter().zip(materials).enumerate().take(range.end).skip(range.start) {
        pass.set_bind_group(1, &slot.draw_group, &[(index as u64 * DRAW_STRIDE) as u32]);
        pass.set_bind_group(2, material, &[]);
        pass.draw_indexed(draw.indices.clone(), 0, 0..1);
    }
}

fn depth_attachment(view: &wgpu::TextureView) -> wgpu::RenderPassDepthStencilAttachment<'_> {
    wgpu::RenderPassDepthStencilAttachment {
        view,
        depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Store }),
        stencil_ops: None,
    }
}

fn colour_attachment(view: &wgpu::TextureView) -> wgpu::RenderPassColorAttachment<'_> {
    wgpu::RenderPassColorAttachment {
        view,
        resolve_target: None,
        ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Store },
        depth_slice: None,
    }
}

/// The adapter of a choice. Looked for once: the Vulkan loader crashes when instances come and go on several threads.
fn adapter(choice: DeviceChoice) -> Result<wgpu::Adapter, CharacterError> {
    static ADAPTERS: OnceLock<Vec<wgpu::Adapter>> = OnceLock::new();
    // The probe for computing must be over before another instance is made.
    crate::gpu::adapters();
    let adapters = ADAPTERS.get_or_init(|| {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let mut found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        found.sort_by_key(|adapter| match adapter.get_info().device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => 3,
        });
        found
    });
    let is_software = |adapter: &&wgpu::Adapter| {
        matches!(adapter.get_info().device_type, wgpu::DeviceType::Cpu | wgpu::DeviceType::Other)
    };
    let mut gpus = adapters.iter().filter(|adapter| !is_software(adapter));
    let chosen = match choice {
        DeviceChoice::Auto => adapters.first(),
        DeviceChoice::Cpu => adapters.iter().find(is_software),
        DeviceChoice::Gpu(number) => gpus.nth(number.unwrap_or(0)),
    };
    chosen.cloned().ok_or_else(|| {
        let wanted = match choice {
            DeviceChoice::Cpu => {
                "no software adapter was found; install one such as Mesa's lavapipe, or use --device auto"
            }
            DeviceChoice::Gpu(_) => "no such GPU was found; use --device auto",
            DeviceChoice::Auto => {
                "no graphics adapter was found; install a Vulkan driver, or a software one such as Mesa's lavapipe"
            }
        };
        CharacterError::Device(wanted.to_owned())
    })
}
