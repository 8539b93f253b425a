//! The step-by-step generator as compute passes on a device of wgpu. Everything is compiled, laid out and bound when a model
//! is loaded, so a picture is one recording of some forty dispatches: nothing is tuned, and no kernel is compiled on the
//! way. Values are f32, images `[channels, side, side]`.

mod layout;
mod network;
mod trial;

use std::sync::Arc;

use self::network::{Inputs, Network, Step};
use super::picture::Picture;
use super::protocol::StepsRun;
use super::step_cache::StepCache;
use crate::gpu::{TextureError, TexturePass};
use crate::label_image::LabelImage;
use crate::model::{Generator, GeneratorConfig, parameters};

/// A generator on the device that draws the window, and what its last picture was made of. The step outputs stay on the device.
#[derive(Debug)]
pub(super) struct Passes {
    network: Network,
    made: Made,
}

type Made = StepCache<Arc<LabelImage>, Vec<f32>, Arc<[f32]>, (), (), Picture>;

impl Passes {
    /// Lays out a generator where a trial on the device gives what the CPU gives. None elsewhere, and for a generator of another
    /// kind than step by step.
    pub(super) fn new(device: &TexturePass, generator: &Generator, config: &GeneratorConfig) -> Option<Self> {
        match Self::tried(device, generator, config) {
            Ok(passes) => passes,
            Err(error) => {
                tracing::warn!("pictures by compute passes: {error}");
                None
            }
        }
    }

    fn tried(
        device: &TexturePass,
        generator: &Generator,
        config: &GeneratorConfig,
    ) -> Result<Option<Self>, TextureError> {
        if !trial::passed(device)? {
            return Err(TextureError::Refused("a small network is computed wrongly".to_owned()));
        }
        let tensors =
            parameters::read(generator, "generator").map_err(|error| TextureError::Device(error.to_string()))?;
        let network = Network::new(device, &tensors, config)?;
        Ok(network.map(|network| Self { network, made: Made::default() }))
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
        let Self { network, made } = self;
        let steps = made.keep_valid(labels, &latent, attributes);
        let from = match steps {
            StepsRun { spatial: true, .. } => Step::Spatial,
            StepsRun { latent: true, .. } => Step::Latent,
            _ => Step::Attributes,
        };
        let inputs = Inputs { labels: labels.ids(), latent: &latent, attributes };
        let drawn = made.attributes(Arc::clone(attributes), |_| network.draw(inputs, from).map(Picture::Texture));
        match drawn.cloned() {
            Ok(picture) => {
                made.spatial(Arc::clone(labels), |_| Ok::<_, TextureError>(()))?;
                made.latent(latent, |_| Ok::<_, TextureError>(()))?;
                Ok((steps, picture))
            }
            Err(error) => {
                made.clear();
                Err(error)
            }
        }
    }

    /// The values of the last picture, `[3, R, R]` in [−1, 1].
    ///
    /// # Errors
    /// The device was lost or hangs.
    pub(super) fn read(&self) -> Result<Vec<f32>, TextureError> {
        self.network.read()
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
