//! The worker's real backend: a model on a device.

use super::device::EngineDevice;
use super::event::EngineEvent;
use super::home::{Home, Homes};
use super::obedience::Obedience;
use super::picture::PicturePixels;
use super::protocol::{LiveFrame, LiveRequest, ModelRef};
use super::renderer::{LoadError, RenderError, Renderer};
use super::wall::{WallPicture, WallTile};
use super::warm_up::{Bell, WarmUp};
use super::worker::{Backend, RenderFailure};
use crate::document::LabelMap;
use crate::gpu::ComputeDevice;
use crate::model::GeneratorConfig;

/// A model on the device that draws it now. On a GPU that is the CPU at first, until the GPU has the model's kernels.
pub(super) struct Live {
    wanted: EngineDevice,
    bell: Option<Bell>,
    /// The GPU; none where there is none, or it has failed.
    homes: Option<Homes>,
    device: ComputeDevice,
    model: Option<(ModelRef, Renderer)>,
    warming: Option<Warming>,
}

/// A network being made ready at its home.
struct Warming {
    network: GeneratorConfig,
    home: Home,
    work: WarmUp,
}

impl Live {
    /// Opens nothing yet.
    pub(super) fn new(wanted: EngineDevice) -> Self {
        Self { wanted, bell: None, homes: None, device: ComputeDevice::cpu(), model: None, warming: None }
    }

    fn device_event(&self) -> EngineEvent {
        let Self { device, homes, .. } = self;
        let description = match homes {
            Some(homes) if !device.is_gpu => format!("{}, preparing {}", device.description, homes.description()),
            _ => device.description.clone(),
        };
        EngineEvent::DeviceReady { description, is_gpu: device.is_gpu }
    }

    fn renderer(&mut self) -> Result<&mut Renderer, RenderFailure> {
        let (_, renderer) =
            self.model.as_mut().ok_or_else(|| RenderFailure::Request("no model is loaded: choose one".to_owned()))?;
        Ok(renderer)
    }

    fn warm(&mut self, network: GeneratorConfig, home: Home) {
        let work = WarmUp::start(network.clone(), home.compute.clone(), self.bell.clone());
        self.warming = Some(Warming { network, home, work });
    }

    /// Begins to make the model's network ready on the GPU.
    fn prepare(&mut self, network: &GeneratorConfig) -> Vec<EngineEvent> {
        match self.homes.as_mut().map(|homes| homes.of(network)) {
            None => Vec::new(),
            Some(Ok(home)) => {
                self.warm(network.clone(), home);
                Vec::new()
            }
            Some(Err(error)) => self.leave_gpu(&error.to_string()),
        }
    }

    /// Draws the model at its home from now on.
    fn move_home(&mut self, home: &Home) -> Result<Vec<EngineEvent>, LoadError> {
        let Some((model, _)) = &self.model else { return Ok(Vec::new()) };
        let renderer = Renderer::load(model, &home.compute)?;
        let renderer = match &home.textures {
            Some(textures) => renderer.with_textures(Box::new(textures.clone())),
            None => renderer,
        };
        self.model = Some((model.clone(), renderer));
        self.device = home.compute.clone();
        Ok(vec![self.device_event()])
    }

    fn leave_gpu(&mut self, reason: &str) -> Vec<EngineEvent> {
        self.homes = None;
        self.warming = None;
        vec![EngineEvent::MovedToCpu { reason: reason.to_owned() }, self.device_event()]
    }
}

fn failure(error: RenderError) -> RenderFailure {
    match error {
        RenderError::Device(_) => RenderFailure::Device(error.to_string()),
        _ => RenderFailure::Request(error.to_string()),
    }
}

impl Backend for Live {
    fn open(&mut self, bell: Bell) -> Vec<EngineEvent> {
        self.bell = Some(bell);
        match Homes::open(&self.wanted) {
            Ok(homes) => {
                self.homes = homes;
                vec![self.device_event()]
            }
            Err(error) => self.leave_gpu(&error.to_string()),
        }
    }

    fn load(&mut self, model: &ModelRef) -> Result<Vec<EngineEvent>, RenderFailure> {
        let cpu = ComputeDevice::cpu();
        let renderer = Renderer::load(model, &cpu).map_err(|error| match error {
            LoadError::Device(_) => RenderFailure::Device(error.to_string()),
            LoadError::File(_) => RenderFailure::Request(error.to_string()),
        })?;
        let card = renderer.card().clone();
        let mut events = vec![EngineEvent::ModelLoaded {
            model: model.clone(),
            card: Box::new(card.clone()),
            directions: renderer.singular_values().to_vec(),
        }];
        self.model = Some((model.clone(), renderer));
        let was_gpu = std::mem::replace(&mut self.device, cpu).is_gpu;
        events.extend(self.prepare(&card.generator));
        if was_gpu {
            events.push(self.device_event());
        }
        Ok(events)
    }

    fn background(&mut self) -> Vec<EngineEvent> {
        let Some(outcome) = self.warming.as_ref().and_then(|warming| warming.work.outcome()) else {
            return Vec::new();
        };
        let Some(Warming { network, home, .. }) = self.warming.take() else { return Vec::new() };
        let Some(homes) = &self.homes else { return Vec::new() };
        let of_the_model = self.model.as_ref().is_some_and(|(_, renderer)| renderer.card().generator == network);
        let events = match outcome {
            Ok(()) => {
                homes.ready(&network, &home);
                if of_the_model && !self.device.is_gpu {
                    self.move_home(&home).unwrap_or_else(|error| self.leave_gpu(&error.to_string()))
                } else {
                    Vec::new()
                }
            }
            Err(reason) if of_the_model => self.leave_gpu(&reason),
            Err(reason) => {
                tracing::warn!("a network could not be tuned: {reason}");
                homes.failed(&network);
                Vec::new()
            }
        };
        // One after the other, and never while the model itself waits.
        if self.warming.is_none()
            && let Some((network, home)) = self.homes.as_mut().and_then(Homes::next_wanted)
        {
            self.warm(network, home);
        }
        events
    }

    fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderFailure> {
        self.renderer()?.render(request).map_err(failure)
    }

    fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderFailure> {
        self.renderer()?.read(request).map_err(failure)
    }

    fn obedience(
        &mut self,
        request: &LiveRequest,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Obedience>, RenderFailure> {
        self.renderer()?.obedience(request, go_on).map_err(failure)
    }

    fn wall(
        &mut self,
        labels: &LabelMap,
        tiles: &[WallTile],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderFailure> {
        self.renderer()?.wall(labels, tiles, go_on).map_err(failure)
    }

    fn notices(&mut self) -> Vec<EngineEvent> {
        let failure = self.model.as_mut().and_then(|(_, renderer)| renderer.take_texture_failure());
        if failure.is_some() {
            // The next model would only fail again.
            if let Some(homes) = &mut self.homes {
                homes.without_textures();
            }
        }
        failure.into_iter().map(|reason| EngineEvent::PixelsInstead { reason }).collect()
    }

    fn recover(&mut self) {
        if let Some((_, renderer)) = &mut self.model {
            renderer.forget();
        }
    }

    fn on_gpu(&self) -> bool {
        self.device.is_gpu
    }

    fn move_to_cpu(&mut self, reason: &str) -> Result<Vec<EngineEvent>, String> {
        // When this was the window's device, the window has lost it too. What the window draws after that is wgpu's
        // affair; the engine and the document go on, and pictures come as pixels.
        self.device = ComputeDevice::cpu();
        let mut events = self.leave_gpu(reason);
        if let Some((model, _)) = self.model.take() {
            events.extend(self.load(&model).unwrap_or_else(|failure| match failure {
                RenderFailure::Request(message) | RenderFailure::Device(message) => {
                    vec![EngineEvent::LoadFailed { message }]
                }
            }));
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::time::Duration;

    use crossbeam_channel::bounded;

    use super::*;
    use crate::document::LatentState;
    use crate::gpu::{DeviceChoice, TunedNetworks};
    use crate::label_image::LabelImage;

    fn request() -> LiveRequest {
        LiveRequest {
            generation: 1,
            labels: LabelImage::new(32, 32, 1).into(),
            attributes: crate::model::Model::bundled_card("portrait").unwrap().taxonomy.default_attributes().into(),
            latent: LatentState::default(),
        }
    }

    /// The CPU in the part of a GPU, with a model loaded.
    fn on_pretended_gpu() -> (Live, crossbeam_channel::Receiver<()>) {
        let gpu = ComputeDevice { is_gpu: true, description: "a card".to_owned(), ..ComputeDevice::cpu() };
        let (bell, rung) = bounded(1);
        let mut live = Live::new(EngineDevice::Own(DeviceChoice::Cpu));
        live.bell = Some(bell);
        live.homes = Some(Homes::apart(gpu, TunedNetworks::read(None, "a card")));
        let events = live.load(&ModelRef::Bundled("portrait".to_owned())).unwrap();
        assert!(matches!(&events[..], [EngineEvent::ModelLoaded { .. }]), "{events:?}");
        (live, rung)
    }

    #[test]
    fn pictures_come_from_the_cpu_until_the_gpu_is_ready() {
        let (mut live, rung) = on_pretended_gpu();
        let EngineEvent::DeviceReady { description, is_gpu } = live.device_event() else { panic!() };
        assert!(description.contains("CPU") && description.contains("preparing a card") && !is_gpu, "{description}");
        let first = live.render(&request()).unwrap();
        assert!(!live.on_gpu());
        rung.recv_timeout(Duration::from_secs(60)).expect("the warm-up rings");
        let events = live.background();
        assert!(matches!(&events[..], [EngineEvent::DeviceReady { is_gpu: true, .. }]), "{events:?}");
        assert!(live.on_gpu() && live.background().is_empty());
        let second = live.render(&request()).unwrap();
        assert_eq!(first.picture.pixels(), second.picture.pixels());
        assert!(second.steps.spatial, "the other device has no step outputs yet");
        // Another model starts on the CPU again.
        live.load(&ModelRef::Bundled("outfit".to_owned())).unwrap();
        assert!(!live.on_gpu());
    }

    #[test]
    fn a_gpu_that_fails_to_get_ready_is_left_with_a_word() {
        let (mut live, rung) = on_pretended_gpu();
        rung.recv_timeout(Duration::from_secs(60)).expect("the warm-up rings");
        let impossible = GeneratorConfig { resolution: 0, ..live.model.as_ref().unwrap().1.card().generator.clone() };
        let home = live.homes.as_mut().unwrap().of(&impossible).unwrap();
        live.warm(impossible, home);
        rung.recv_timeout(Duration::from_secs(60)).expect("a panic rings too");
        assert!(live.background().is_empty(), "the model itself is not concerned");
        assert!(live.homes.is_some());

        let events = live.move_to_cpu("the cable was pulled").unwrap();
        assert!(matches!(&events[..], [EngineEvent::MovedToCpu { .. }, ..]), "{events:?}");
        assert!(live.homes.is_none() && live.render(&request()).is_ok());
    }
}
