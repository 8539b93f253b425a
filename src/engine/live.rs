//! The worker's real backend: a model on a device.

use super::event::EngineEvent;
use super::picture::PicturePixels;
use super::protocol::{LiveFrame, LiveRequest, ModelRef};
use super::renderer::{RenderError, Renderer};
use super::worker::{Backend, RenderFailure};
use crate::gpu::{self, ComputeDevice, DeviceChoice, GpuError};

/// A device and, once loaded, a model on it.
pub(super) struct Live {
    choice: DeviceChoice,
    device: Option<ComputeDevice>,
    model: Option<(ModelRef, Renderer)>,
}

impl Live {
    /// Opens nothing yet.
    pub(super) fn new(choice: DeviceChoice) -> Self {
        Self { choice, device: None, model: None }
    }

    fn use_device(&mut self, choice: DeviceChoice) -> Result<EngineEvent, GpuError> {
        let device = gpu::open(choice)?;
        let ready = EngineEvent::DeviceReady { description: device.description.clone(), is_gpu: device.is_gpu };
        self.device = Some(device);
        Ok(ready)
    }

    fn renderer(&mut self) -> Result<&mut Renderer, RenderFailure> {
        let (_, renderer) =
            self.model.as_mut().ok_or_else(|| RenderFailure::Request("no model is loaded: choose one".to_owned()))?;
        Ok(renderer)
    }
}

fn failure(error: RenderError) -> RenderFailure {
    match error {
        RenderError::Device(_) => RenderFailure::Device(error.to_string()),
        _ => RenderFailure::Request(error.to_string()),
    }
}

impl Backend for Live {
    fn open(&mut self) -> Vec<EngineEvent> {
        match self.use_device(self.choice) {
            Ok(ready) => vec![ready],
            Err(error) => {
                let reason = error.to_string();
                self.move_to_cpu(&reason).unwrap_or_else(|message| vec![EngineEvent::LoadFailed { message }])
            }
        }
    }

    fn load(&mut self, model: &ModelRef) -> Result<EngineEvent, String> {
        let device = self.device.as_ref().ok_or("no compute device could be opened; try --device cpu")?;
        let renderer = Renderer::load(model, device).map_err(|error| error.to_string())?;
        let loaded = EngineEvent::ModelLoaded {
            card: Box::new(renderer.card().clone()),
            directions: renderer.singular_values().to_vec(),
        };
        self.model = Some((model.clone(), renderer));
        Ok(loaded)
    }

    fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderFailure> {
        self.renderer()?.render(request).map_err(failure)
    }

    fn read(&mut self, request: &LiveRequest) -> Result<PicturePixels, RenderFailure> {
        self.renderer()?.read(request).map_err(failure)
    }

    fn notices(&mut self) -> Vec<EngineEvent> {
        let failure = self.model.as_mut().and_then(|(_, renderer)| renderer.take_texture_failure());
        failure.into_iter().map(|reason| EngineEvent::PixelsInstead { reason }).collect()
    }

    fn recover(&mut self) {
        if let Some((_, renderer)) = &mut self.model {
            renderer.forget();
        }
    }

    fn on_gpu(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.is_gpu)
    }

    fn move_to_cpu(&mut self, reason: &str) -> Result<Vec<EngineEvent>, String> {
        let mut events = vec![EngineEvent::MovedToCpu { reason: reason.to_owned() }];
        events.push(self.use_device(DeviceChoice::Cpu).map_err(|error| error.to_string())?);
        if let Some((model, _)) = self.model.take() {
            events.push(self.load(&model)?);
        }
        Ok(events)
    }
}
