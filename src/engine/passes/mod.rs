//! The step-by-step generator as compute passes on a device of wgpu. Everything is compiled, laid out and bound when a model
//! is loaded, so a picture is one recording of some forty dispatches: nothing is tuned, and no kernel is compiled on the
//! way. Values are f32, images `[channels, side, side]`.

mod layout;
mod network;
mod trial;

use std::sync::Arc;

use self::network::{Inputs, Network, Step};
use super::picture::{Picture, to_rgba};
use super::protocol::StepsRun;
use super::step_cache::StepCache;
use crate::gpu::{TextureError, TexturePass};
use crate::label_image::LabelImage;
use crate::model::parameters::TensorMap;
use crate::model::{GeneratorConfig, GeneratorKind};

/// What a picture becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A texture of the device, which draws the window.
    Texture,
    /// Pixels in main memory.
    Pixels,
}

/// A generator on a device, and what its last picture was made of. The step outputs stay on the device.
#[derive(Debug)]
pub(super) struct Passes {
    network: Network,
    form: Form,
    made: Made,
}

type Made = StepCache<Arc<LabelImage>, Vec<f32>, Arc<[f32]>, (), (), Picture>;

impl Passes {
    /// Whether a generator can be laid out as passes.
    pub(super) fn know(config: &GeneratorConfig) -> bool {
        config.kind == GeneratorKind::StepByStep
    }

    /// Lays out a generator's tensors, once a trial on the device has given what the CPU gives.
    ///
    /// # Errors
    /// The device refuses or fails, or computes something else; or the generator is of a kind that the passes do not [know](Self::know).
    pub(super) fn new(
        device: &TexturePass,
        tensors: &TensorMap,
        config: &GeneratorConfig,
        form: Form,
    ) -> Result<Self, TextureError> {
        if !trial::passed(device)? {
            return Err(TextureError::Refused("a small network is computed wrongly".to_owned()));
        }
        let network = Network::new(device, tensors, config)?;
        let network = network.ok_or_else(|| TextureError::Refused(format!("no passes for {:?}", config.kind)))?;
        Ok(Self { network, form, made: Made::default() })
    }

    /// The picture of a mask at the model's size, z and c, and the steps that ran for it.
    ///
    /// # Errors
    /// The device was lost, hangs or refuses the work; the next picture starts afresh then.
    pub(super) fn draw(
        &mut self,
        labels: &Arc<LabelImage>,
        latent: Vec<f32>,
        attributes: &Arc<[f32]>,
    ) -> Result<(StepsRun, Picture), TextureError> {
        let steps = self.run(labels, latent, attributes)?;
        let Self { network, form, made } = self;
        let picture = made.attributes(Arc::clone(attributes), |_| match form {
            Form::Texture => network.texture().map(Picture::Texture),
            Form::Pixels => network.read().map(|values| Picture::Pixels(to_rgba(&values))),
        });
        Ok((steps, picture?.clone()))
    }

    /// The values of a picture of the same inputs, `[3, R, R]` in [−1, 1], and the steps that ran for them.
    ///
    /// # Errors
    /// As for [`Self::draw`].
    pub(super) fn values(
        &mut self,
        labels: &Arc<LabelImage>,
        latent: Vec<f32>,
        attributes: &Arc<[f32]>,
    ) -> Result<(StepsRun, Vec<f32>), TextureError> {
        let steps = self.run(labels, latent, attributes)?;
        Ok((steps, self.network.read()?))
    }

    /// Queues the steps that these inputs outdate.
    fn run(
        &mut self,
        labels: &Arc<LabelImage>,
        latent: Vec<f32>,
        attributes: &Arc<[f32]>,
    ) -> Result<StepsRun, TextureError> {
        let Self { network, made, .. } = self;
        let steps = made.keep_valid(labels, &latent, attributes);
        let from = match steps {
            StepsRun { spatial: true, .. } => Step::Spatial,
            StepsRun { latent: true, .. } => Step::Latent,
            StepsRun { attributes: true, .. } => Step::Attributes,
            _ => return Ok(steps),
        };
        let submitted = network.submit(Inputs { labels: labels.ids(), latent: &latent, attributes }, from);
        // What is queued after a failure is not known.
        let submitted = submitted.and_then(|()| {
            made.spatial(Arc::clone(labels), |_| Ok(()))?;
            made.latent(latent, |_| Ok(()))?;
            Ok(())
        });
        if submitted.is_err() {
            made.clear();
        }
        submitted.map(|()| steps)
    }

    /// Forgets the step outputs, so that the next picture runs every step.
    pub(super) fn forget(&mut self) {
        self.made.clear();
    }
}

/// The first adapter, also a software one.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) fn any_card() -> Option<TexturePass> {
    use burn::tensor::wgpu::wgpu;
    // The Vulkan loader crashes when instances are made on two threads at once.
    static DEVICE: std::sync::OnceLock<Option<(wgpu::Device, wgpu::Queue)>> = std::sync::OnceLock::new();
    let opened = DEVICE.get_or_init(|| {
        crate::gpu::adapters();
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let adapter = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY)).into_iter().next()?;
        Some(pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap())
    });
    opened.as_ref().map(|(device, queue)| TexturePass::new(device, queue).unwrap())
}
