//! A network that is laid out: its dispatches and buffers.

use burn::tensor::wgpu::wgpu;

use super::layout::Layout;
use crate::gpu::{PictureTexture, Planes, TextureError, TexturePass};
use crate::model::GeneratorConfig;
use crate::model::parameters::TensorMap;

/// The first step that a change outdates; earlier ones keep what they made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Step 1: the mask changed.
    Spatial,
    /// Step 2: the latent changed.
    Latent,
    /// Step 3: the attributes changed.
    Attributes,
}

/// One dispatch.
#[derive(Debug)]
pub(super) struct Dispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) group: wgpu::BindGroup,
    pub(super) workgroups: [u32; 3],
}

/// What a generator takes in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs<'a> {
    /// The label of each pixel, row by row.
    pub(super) labels: &'a [u8],
    /// z.
    pub(super) latent: &'a [f32],
    /// c.
    pub(super) attributes: &'a [f32],
}

/// A generator on a device.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) device: TexturePass,
    pub(super) dispatches: Vec<Dispatch>,
    /// Where each step begins.
    pub(super) starts: [usize; 3],
    pub(super) labels: wgpu::Buffer,
    pub(super) latent: wgpu::Buffer,
    pub(super) attributes: wgpu::Buffer,
    /// `[3, R, R]` in [−1, 1].
    pub(super) picture: wgpu::Buffer,
    pub(super) resolution: usize,
}

impl Network {
    /// Lays out a generator's tensors; none if it is of another kind than step by step.
    ///
    /// # Errors
    /// The device refuses a shader, or has no room.
    pub(super) fn new(
        device: &TexturePass,
        tensors: &TensorMap,
        config: &GeneratorConfig,
    ) -> Result<Option<Self>, TextureError> {
        device.checked(|| Layout::of(device, tensors, config))
    }

    /// The last picture as a texture; waits until it is there.
    ///
    /// # Errors
    /// The device was lost, hangs or refuses the work.
    pub(super) fn texture(&self) -> Result<PictureTexture, TextureError> {
        let side = self.resolution as u32;
        let strides = [side * side, side, 1];
        let planes = Planes { buffer: self.picture.clone(), offset: 0, width: side, height: side, strides };
        self.device.submit(&planes)?.wait()
    }

    /// The values of the last picture, `[3, R, R]` in [−1, 1].
    ///
    /// # Errors
    /// The device was lost or hangs.
    pub(super) fn read(&self) -> Result<Vec<f32>, TextureError> {
        self.device.read(&self.picture)
    }

    /// Queues the picture of new inputs, from the first step on that they outdate.
    ///
    /// # Errors
    /// The device refuses the work.
    pub(super) fn submit(&self, inputs: Inputs<'_>, from: Step) -> Result<(), TextureError> {
        let Inputs { labels, latent, attributes } = inputs;
        self.device.checked(|| {
            let queue = self.device.queue();
            if from == Step::Spatial {
                let labels: Vec<u32> = labels.iter().map(|label| u32::from(*label)).collect();
                queue.write_buffer(&self.labels, 0, bytemuck::cast_slice(&labels));
            }
            if from <= Step::Latent {
                queue.write_buffer(&self.latent, 0, bytemuck::cast_slice(latent));
            }
            queue.write_buffer(&self.attributes, 0, bytemuck::cast_slice(attributes));
            let mut encoder = self.device.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                for Dispatch { pipeline, group, workgroups: [x, y, z] } in
                    self.dispatches.iter().skip(self.starts[from as usize])
                {
                    pass.set_pipeline(pipeline);
                    pass.set_bind_group(0, group, &[]);
                    pass.dispatch_workgroups(*x, *y, *z);
                }
            }
            queue.submit([encoder.finish()]);
        })
    }
}
