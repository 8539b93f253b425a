//! The worker's real backend: a model on a device.

use super::device::EngineDevice;
use super::event::EngineEvent;
use super::home::Homes;
use super::obedience::Obedience;
use super::picture::PicturePixels;
use super::protocol::{LiveFrame, LiveRequest, ModelRef};
use super::renderer::{LoadError, RenderError, Renderer};
use super::wall::{WallPicture, WallTile};
use super::warm_up::{Bell, Ready, WarmUp};
use super::worker::{Backend, RenderFailure};
use crate::document::LabelMap;
use crate::gpu::ComputeDevice;

/// A model on the device that draws it now. On a GPU that is the CPU at first, until the GPU has the model's kernels.
pub(super) struct Live {
    wanted: EngineDevice,
    bell: Option<Bell>,
    /// The GPU; none where there is none, or it has failed.
    homes: Option<Homes>,
    device: ComputeDevice,
    model: Option<(ModelRef, Renderer)>,
    /// The GPU being made ready for the model.
    warming: Option<WarmUp>,
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

    /// Begins to make the GPU ready for the model.
    fn prepare(&mut self) -> Vec<EngineEvent> {
        let (Some(homes), Some((_, renderer))) = (&mut self.homes, &self.model) else { return Vec::new() };
        let network = renderer.card().generator.clone();
        let prepared = renderer.tensors().map_err(|error| error.to_string()).and_then(|tensors| {
            let home = homes.of(&network).map_err(|error| error.to_string())?;
            Ok(WarmUp::start(network, tensors, home, homes.description(), self.bell.clone()))
        });
        match prepared {
            Ok(work) => {
                self.warming = Some(work);
                Vec::new()
            }
            Err(reason) => self.leave_gpu(&reason),
        }
    }

    /// Draws the model on the GPU from now on.
    fn move_to(&mut self, ready: Ready) -> Result<Vec<EngineEvent>, LoadError> {
        let Some((model, renderer)) = &mut self.model else { return Ok(Vec::new()) };
        self.device = match ready {
            Ready::Passes(passes, description) => {
                renderer.draw_by(*passes);
                ComputeDevice { is_gpu: true, description, ..ComputeDevice::cpu() }
            }
            Ready::Burn(compute) => {
                *renderer = Renderer::load(model, &compute)?;
                compute
            }
        };
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
        let mut events = vec![EngineEvent::ModelLoaded {
            model: model.clone(),
            card: Box::new(renderer.card().clone()),
            directions: renderer.singular_values().to_vec(),
        }];
        self.model = Some((model.clone(), renderer));
        self.warming = None;
        let was_gpu = std::mem::replace(&mut self.device, cpu).is_gpu;
        events.extend(self.prepare());
        if was_gpu {
            events.push(self.device_event());
        }
        Ok(events)
    }

    fn background(&mut self) -> Vec<EngineEvent> {
        let Some(outcome) = self.warming.as_ref().and_then(WarmUp::outcome) else { return Vec::new() };
        let by_passes = self.warming.take().is_some_and(|work| work.by_passes);
        match outcome {
            Ok(ready) => self.move_to(ready).unwrap_or_else(|error| self.leave_gpu(&error.to_string())),
            Err(reason) if by_passes => {
                if let Some(homes) = &mut self.homes {
                    homes.without_passes(&reason);
                }
                self.prepare()
            }
            Err(reason) => self.leave_gpu(&reason),
        }
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
    use crate::engine::home::Home;
    use crate::engine::passes::Form;
    use crate::gpu::DeviceChoice;
    use crate::label_image::LabelImage;
    use crate::model::GeneratorConfig;
    use crate::model::parameters::TensorMap;

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
        live.homes = Some(Homes::apart(gpu));
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
        let home = Home::Burn(ComputeDevice { is_gpu: true, ..ComputeDevice::cpu() });
        let bell = live.bell.clone();
        live.warming = Some(WarmUp::start(impossible, TensorMap::default(), home, "a card".to_owned(), bell));
        rung.recv_timeout(Duration::from_secs(60)).expect("a panic rings too");
        let events = live.background();
        assert!(matches!(&events[..], [EngineEvent::MovedToCpu { .. }, ..]), "{events:?}");
        assert!(live.homes.is_none() && live.render(&request()).is_ok());
    }

    #[test]
    fn compute_passes_that_fail_leave_the_gpu_to_burn() {
        let Some(card) = crate::engine::passes::any_card() else { return println!("skipped: no graphics adapter") };
        let (mut live, rung) = on_pretended_gpu();
        rung.recv_timeout(Duration::from_secs(60)).expect("the warm-up rings");
        let network = live.model.as_ref().unwrap().1.card().generator.clone();
        // Without weights there is nothing to lay out.
        let home = Home::Passes(card, Form::Pixels);
        let bell = live.bell.clone();
        live.warming = Some(WarmUp::start(network, TensorMap::default(), home, "a card".to_owned(), bell));
        rung.recv_timeout(Duration::from_secs(60)).expect("a failure rings");
        assert!(live.background().is_empty() && live.homes.is_some() && live.warming.is_some());
        rung.recv_timeout(Duration::from_secs(60)).expect("the second warm-up rings");
        let events = live.background();
        assert!(matches!(&events[..], [EngineEvent::DeviceReady { is_gpu: true, .. }]), "{events:?}");
    }

    #[test]
    fn a_card_draws_by_compute_passes_once_they_are_laid_out() {
        let Some(card) = crate::engine::passes::any_card() else { return println!("skipped: no graphics adapter") };
        let (mut live, rung) = on_pretended_gpu();
        rung.recv_timeout(Duration::from_secs(60)).expect("the warm-up rings");
        let (network, tensors) = {
            let (_, renderer) = live.model.as_ref().unwrap();
            (renderer.card().generator.clone(), renderer.tensors().unwrap())
        };
        let first = live.render(&request()).unwrap();
        let home = Home::Passes(card, Form::Pixels);
        live.warming = Some(WarmUp::start(network, tensors, home, "a card".to_owned(), live.bell.clone()));
        rung.recv_timeout(Duration::from_secs(120)).expect("it rings");
        let events = live.background();
        let [EngineEvent::DeviceReady { is_gpu: true, description }] = &events[..] else { panic!("{events:?}") };
        assert_eq!(description, "a card");
        let second = live.render(&request()).unwrap();
        assert!(second.steps.spatial, "the card has no step outputs yet");
        let (first, second) = (first.picture.pixels().unwrap(), second.picture.pixels().unwrap());
        let worst = first.iter().zip(second.iter()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(first.len() == second.len() && worst <= Some(1), "{worst:?}");
    }

    #[test]
    fn a_cable_that_is_pulled_leaves_the_cpu() {
        let (mut live, rung) = on_pretended_gpu();
        rung.recv_timeout(Duration::from_secs(60)).expect("the warm-up rings");
        let events = live.move_to_cpu("the cable was pulled").unwrap();
        assert!(matches!(&events[..], [EngineEvent::MovedToCpu { .. }, ..]), "{events:?}");
        assert!(live.homes.is_none() && live.render(&request()).is_ok());
    }
}
