//! A compute pass that turns planar floats on a GPU into a texture on the same device: no copy to main memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use burn::tensor::wgpu::wgpu;

/// The pass's shader.
pub const TENSOR_TO_TEXTURE_WGSL: &str = include_str!("../../shaders/tensor_to_texture.wgsl");

/// Side of a workgroup, in pixels, as in the shader.
const WORKGROUP_PX: u32 = 8;
/// How often a waiting thread asks whether the device is done.
const POLL_PERIOD: Duration = Duration::from_micros(50);
/// A device that takes longer over one picture has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no texture.
#[derive(Debug, thiserror::Error)]
pub enum TextureError {
    /// The device refused the shader, the pipeline or the pass.
    #[error("the graphics device refused to draw the picture: {0}")]
    Refused(String),
    /// The planes are not where they claim to be.
    #[error("the picture does not lie in its buffer as expected: {0}")]
    Layout(String),
    /// The device stopped answering.
    #[error("the graphics device does not answer: {0}")]
    Device(String),
}

/// Where three planes of f32 lie in a buffer.
#[derive(Clone, Debug)]
pub struct Planes {
    /// The buffer; needs [`wgpu::BufferUsages::STORAGE`].
    pub buffer: wgpu::Buffer,
    /// Where the red value of pixel (0, 0) is, in bytes.
    pub offset: u64,
    /// Pixels per row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Distances between channels, rows and columns, in f32 elements.
    pub strides: [u32; 3],
}

/// A finished picture on a device: `rgba8unorm`, opaque, row 0 at the top. Nothing writes to it any more. Clones share
/// the texture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureTexture {
    texture: wgpu::Texture,
}

impl PictureTexture {
    /// The texture; it can be bound, and copied from.
    pub fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// A view of all of it.
    pub fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor::default())
    }
}

/// A picture whose work is on the device's queue. Whatever is submitted later on that queue may sample it at once.
#[derive(Debug)]
pub struct PendingTexture {
    picture: PictureTexture,
    device: wgpu::Device,
    done: Arc<AtomicBool>,
}

impl PendingTexture {
    /// Waits until the device has drawn it. A blocking poll would hold the lock that presenting a frame needs, so this
    /// asks again and again instead, and the window goes on.
    ///
    /// # Errors
    /// The device was lost or hangs.
    pub fn wait(self) -> Result<PictureTexture, TextureError> {
        wait_until(&self.device, &self.done)?;
        Ok(self.picture)
    }
}

fn wait_until(device: &wgpu::Device, done: &AtomicBool) -> Result<(), TextureError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let polled = device.poll(wgpu::PollType::Poll);
        if done.load(Ordering::Acquire) {
            return Ok(());
        }
        if let Err(error) = polled {
            return Err(TextureError::Device(error.to_string()));
        }
        if Instant::now() > deadline {
            return Err(TextureError::Device(format!("no picture after {} s", PATIENCE.as_secs())));
        }
        thread::sleep(POLL_PERIOD);
    }
}

/// The compute pass, on one device. Every picture gets a texture of its own, so the window never samples one that is
/// being drawn; the driver's allocator recycles them.
#[derive(Clone, Debug)]
pub struct TexturePass {
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
}

impl TexturePass {
    /// Compiles the shader.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<Self, TextureError> {
        let pipeline = checked(device, || {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("tensor to texture"),
                source: wgpu::ShaderSource::Wgsl(TENSOR_TO_TEXTURE_WGSL.into()),
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("tensor to texture"),
                layout: None,
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        })?;
        Ok(Self { device: device.clone(), queue: queue.clone(), pipeline })
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The device's queue.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// Does something with the device that it may refuse.
    ///
    /// # Errors
    /// It refuses, or has no memory left.
    pub fn checked<T>(&self, job: impl FnOnce() -> T) -> Result<T, TextureError> {
        checked(&self.device, job)
    }

    /// Copies a buffer of f32 to main memory once everything queued before is done; asks as [`PendingTexture::wait`] does.
    ///
    /// # Errors
    /// The device was lost or hangs.
    pub fn read(&self, buffer: &wgpu::Buffer) -> Result<Vec<f32>, TextureError> {
        let lost = |error: String| TextureError::Device(error);
        let read_back = self.checked(|| {
            let read_back = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("values read back"),
                size: buffer.size(),
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(buffer, 0, &read_back, 0, buffer.size());
            self.queue.submit([encoder.finish()]);
            read_back
        })?;
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        read_back.slice(..).map_async(wgpu::MapMode::Read, move |_| flag.store(true, Ordering::Release));
        wait_until(&self.device, &done)?;
        let mapped = read_back.slice(..).get_mapped_range().map_err(|error| lost(error.to_string()))?;
        Ok(bytemuck::pod_collect_to_vec(&mapped))
    }

    /// Queues the work that draws the planes, behind everything that the queue already holds; waits for nothing.
    ///
    /// # Errors
    /// The planes reach past their buffer or the device's limits, or the device refuses the work.
    pub fn submit(&self, planes: &Planes) -> Result<PendingTexture, TextureError> {
        let binding = Binding::of(planes, &self.device.limits())?;
        checked(&self.device, || self.encode(planes, &binding))
    }

    fn encode(&self, planes: &Planes, binding: &Binding) -> PendingTexture {
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("generated picture"),
            size: wgpu::Extent3d { width: planes.width, height: planes.height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::STORAGE_BINDING
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let picture = PictureTexture { texture };
        // Not created with contents: on a lost device that panics, while a refused write is an error.
        let uniform = binding.uniform(planes);
        let layout = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("layout of the planes"),
            size: uniform.len() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&layout, 0, &uniform);
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("tensor to texture"),
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: &planes.buffer,
                        offset: binding.offset,
                        size: std::num::NonZeroU64::new(binding.size),
                    }),
                },
                wgpu::BindGroupEntry { binding: 1, resource: layout.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::TextureView(&picture.view()) },
            ],
        });
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(planes.width.div_ceil(WORKGROUP_PX), planes.height.div_ceil(WORKGROUP_PX), 1);
        }
        self.queue.submit([encoder.finish()]);
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        self.queue.on_submitted_work_done(move || flag.store(true, Ordering::Release));
        PendingTexture { picture, device: self.device.clone(), done }
    }
}

/// The part of the buffer that is bound: it starts at the last allowed place before the planes.
#[derive(Debug, PartialEq)]
struct Binding {
    offset: u64,
    size: u64,
    /// Elements between the binding's start and the first value.
    first: u32,
}

impl Binding {
    fn of(planes: &Planes, limits: &wgpu::Limits) -> Result<Self, TextureError> {
        let Planes { buffer, offset, width, height, strides } = planes;
        let wrong = |what: &str| {
            let size = buffer.size();
            TextureError::Layout(format!("{what} ({width}×{height}, strides {strides:?}, offset {offset} of {size})"))
        };
        let largest = limits.max_texture_dimension_2d;
        if !(1..=largest).contains(width) || !(1..=largest).contains(height) {
            return Err(wrong("the size is out of range"));
        }
        if offset % 4 != 0 {
            return Err(wrong("it starts inside a number"));
        }
        let start = offset - offset % u64::from(limits.min_storage_buffer_offset_alignment.max(4));
        let first = (offset - start) / 4;
        let [channel, row, column] = strides.map(u64::from);
        let last = first + 2 * channel + u64::from(height - 1) * row + u64::from(width - 1) * column;
        let size = (last + 1) * 4;
        let fits = start.checked_add(size).is_some_and(|end| end <= buffer.size());
        if !fits || u32::try_from(last).is_err() || size > limits.max_storage_buffer_binding_size {
            return Err(wrong("it ends past its buffer"));
        }
        // Below the alignment, so it fits.
        Ok(Self { offset: start, size, first: first as u32 })
    }

    /// The shader's `Planes`.
    fn uniform(&self, planes: &Planes) -> Vec<u8> {
        let [channel, row, column] = planes.strides;
        let words = [planes.width, planes.height, self.first, channel, row, column];
        words.into_iter().flat_map(u32::to_ne_bytes).collect()
    }
}

/// Runs what talks to the device and returns its validation error, which would otherwise end in a panic.
fn checked<T>(device: &wgpu::Device, job: impl FnOnce() -> T) -> Result<T, TextureError> {
    let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
    let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let out_of_memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let value = job();
    // The scopes are a stack, last in first out. Natively the answers are there at once.
    let scopes = [out_of_memory.pop(), validation.pop(), internal.pop()].map(pollster::block_on);
    match scopes.into_iter().flatten().next() {
        Some(error) => Err(TextureError::Refused(error.to_string())),
        None => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::wgpu::wgpu::naga;
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    use super::*;

    #[test]
    fn the_shader_is_valid_and_its_constants_are_ours() {
        let module = naga::front::wgsl::parse_str(TENSOR_TO_TEXTURE_WGSL)
            .unwrap_or_else(|error| unreachable!("{}", error.emit_to_string(TENSOR_TO_TEXTURE_WGSL)));
        // No capability beyond WebGPU's core.
        Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).unwrap();
        let entry = module.entry_points.first().unwrap();
        assert_eq!((entry.name.as_str(), entry.workgroup_size), ("main", [WORKGROUP_PX, WORKGROUP_PX, 1]));
    }
}
