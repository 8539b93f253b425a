//! The worker's real backend: a model on a device.

use super::device::EngineDevice;
use super::event::EngineEvent;
use super::picture::PicturePixels;
use super::protocol::{LiveFrame, LiveRequest, ModelRef};
use super::renderer::{LoadError, RenderError, Renderer};
use super::worker::{Backend, RenderFailure};
use crate::gpu::{self, ComputeDevice, SharedGpu, TensorTextures};

/// A device and, once loaded, a model on it.
pub(super) struct Live {
    wanted: EngineDevice,
    device: Option<ComputeDevice>,
    /// Draws pictures on the window's device.
    textures: Option<TensorTextures>,
    model: Option<(ModelRef, Renderer)>,
}

impl Live {
    /// Opens nothing yet.
    pub(super) fn new(wanted: EngineDevice) -> Self {
        Self { wanted, device: None, textures: None, model: None }
    }

    fn use_device(&mut self, device: ComputeDevice) -> EngineEvent {
        let ready = EngineEvent::DeviceReady { description: device.description.clone(), is_gpu: device.is_gpu };
        self.device = Some(device);
        ready
    }

    /// Computes on the window's device, and shows pictures in place if its shader compiles.
    fn join_window(&mut self, shared: &SharedGpu) -> Vec<EngineEvent> {
        let mut events = vec![self.use_device(shared.compute.clone())];
        match shared.textures() {
            Ok(textures) => self.textures = Some(textures),
            Err(error) => events.push(EngineEvent::PixelsInstead { reason: error.to_string() }),
        }
        events
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
        let choice = match self.wanted.clone() {
            EngineDevice::Own(choice) => choice,
            EngineDevice::Window(shared) => return self.join_window(&shared),
        };
        match gpu::open(choice) {
            Ok(device) => vec![self.use_device(device)],
            Err(error) => {
                let reason = error.to_string();
                self.move_to_cpu(&reason).unwrap_or_else(|message| vec![EngineEvent::LoadFailed { message }])
            }
        }
    }

    fn load(&mut self, model: &ModelRef) -> Result<EngineEvent, RenderFailure> {
        let no_device = || RenderFailure::Request("no compute device could be opened; try --device cpu".to_owned());
        let device = self.device.as_ref().ok_or_else(no_device)?;
        let renderer = Renderer::load(model, device).map_err(|error| match error {
            LoadError::Device(_) => RenderFailure::Device(error.to_string()),
            LoadError::File(_) => RenderFailure::Request(error.to_string()),
        })?;
        let renderer = match &self.textures {
            Some(textures) => renderer.with_textures(Box::new(textures.clone())),
            None => renderer,
        };
        let loaded = EngineEvent::ModelLoaded {
            model: model.clone(),
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
        if failure.is_some() {
            // The next model would only fail again.
            self.textures = None;
        }
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
        // When this was the window's device, the window has lost it too. What the window draws after that is wgpu's
        // affair; the engine and the document go on, and pictures come as pixels.
        self.textures = None;
        let mut events = vec![EngineEvent::MovedToCpu { reason: reason.to_owned() }];
        events.push(self.use_device(ComputeDevice::cpu()));
        if let Some((model, _)) = self.model.take() {
            events.push(self.load(&model).unwrap_or_else(|failure| match failure {
                RenderFailure::Request(message) | RenderFailure::Device(message) => EngineEvent::LoadFailed { message },
            }));
        }
        Ok(events)
    }
}
