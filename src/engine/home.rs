//! Where a network is drawn once its kernels are ready there.

use std::sync::Arc;

use super::device::{EngineDevice, WindowGpu};
use crate::gpu::{self, ComputeDevice, DeviceChoice, SharedGpu, TensorTextures, TextureError, TunedNetworks};
use crate::model::GeneratorConfig;

/// A device for a network.
#[derive(Clone)]
pub(super) struct Home {
    /// The device.
    pub(super) compute: ComputeDevice,
    /// Draws its tensors, where that is the window's device.
    pub(super) textures: Option<TensorTextures>,
    /// Whether the window's device, drawing or not, is tuned there.
    tunes_window: bool,
}

/// The GPU's devices, and what is known of them.
pub(super) struct Homes {
    /// Pictures come from here unless the window's own device may draw them.
    apart: Apart,
    window: Option<WindowGpu>,
    textures: Option<TensorTextures>,
    tuned: Arc<TunedNetworks>,
}

/// A device that does not draw the window.
enum Apart {
    Open(ComputeDevice),
    /// Opened when it is first needed.
    Wanted(DeviceChoice),
}

impl Homes {
    /// The GPU that the engine was given; none where the CPU computes.
    pub(super) fn open(wanted: &EngineDevice) -> Result<Option<Self>, gpu::GpuError> {
        match wanted {
            EngineDevice::Own(choice) => {
                let compute = gpu::open(*choice)?;
                Ok(compute.is_gpu.then(|| Self::apart(compute, TunedNetworks::read(None, ""))))
            }
            EngineDevice::Window(gpu) => {
                let tuned = TunedNetworks::on(&gpu.shared.identity());
                let apart =
                    if gpu.draws_window { Apart::Wanted(gpu.choice) } else { Apart::Open(gpu.shared.compute.clone()) };
                let window = Some(WindowGpu::clone(gpu));
                Ok(Some(Self { apart, window, textures: None, tuned: Arc::new(tuned) }))
            }
        }
    }

    /// A device that the window does not use.
    pub(super) fn apart(compute: ComputeDevice, tuned: TunedNetworks) -> Self {
        Self { apart: Apart::Open(compute), window: None, textures: None, tuned: Arc::new(tuned) }
    }

    /// The GPU's name.
    pub(super) fn description(&self) -> String {
        match (&self.apart, &self.window) {
            (Apart::Open(compute), _) => compute.description.clone(),
            (Apart::Wanted(_), Some(window)) => window.shared.compute.description.clone(),
            (Apart::Wanted(choice), None) => choice.to_string(),
        }
    }

    /// Where a network belongs: on the window's device if it was tuned there, else apart from it.
    pub(super) fn of(&mut self, network: &GeneratorConfig) -> Result<Home, gpu::GpuError> {
        let drawing = self.window.as_ref().is_some_and(|window| window.draws_window);
        if let Some(window) = self.window.as_ref().filter(|_| drawing) {
            if self.tuned.has(&name(network))
                && let Some(home) = on_window(window, &mut self.textures)
            {
                return Ok(home);
            }
            self.tuned.want(&name(network));
        }
        let compute = match &self.apart {
            Apart::Open(compute) => compute.clone(),
            Apart::Wanted(choice) => gpu::open(*choice)?,
        };
        self.apart = Apart::Open(compute.clone());
        let tunes_window = self.window.is_some() && !drawing;
        Ok(Home { compute, textures: None, tunes_window })
    }

    /// Notes that a network is ready at its home.
    pub(super) fn ready(&self, network: &GeneratorConfig, home: &Home) {
        if home.tunes_window {
            self.tuned.mark(&name(network));
        }
    }

    /// Notes that a network cannot be made ready.
    pub(super) fn failed(&self, network: &GeneratorConfig) {
        self.tuned.give_up(&name(network));
    }

    /// A network that earlier runs wanted to draw on the window's device, with the device on which it can be tuned now.
    pub(super) fn next_wanted(&mut self) -> Option<(GeneratorConfig, Home)> {
        if self.window.as_ref().is_none_or(|window| window.draws_window) {
            return None;
        }
        loop {
            let text = self.tuned.next_wanted()?;
            let network = ron::from_str::<GeneratorConfig>(&text).ok().filter(|config| config.validate().is_ok());
            match network.map(|network| self.of(&network).map(|home| (network, home))) {
                Some(Ok(found)) => return Some(found),
                _ => self.tuned.give_up(&text),
            }
        }
    }

    /// After a texture has failed.
    pub(super) fn without_textures(&mut self) {
        self.window = None;
        self.textures = None;
    }
}

/// Whether the window may be drawn on this device: the network shown first is tuned there, and no other is waiting for it.
pub fn may_draw_window(shared: &SharedGpu, first: &GeneratorConfig) -> bool {
    let tuned = TunedNetworks::on(&shared.identity());
    tuned.has(&name(first)) && tuned.next_wanted().is_none()
}

/// The window's device, unless its shader is refused.
fn on_window(window: &WindowGpu, textures: &mut Option<TensorTextures>) -> Option<Home> {
    if textures.is_none() {
        *textures = window.shared.textures().map_err(|error: TextureError| tracing::warn!("{error}")).ok();
    }
    let textures = textures.clone()?;
    Some(Home { compute: window.shared.compute.clone(), textures: Some(textures), tunes_window: false })
}

fn name(network: &GeneratorConfig) -> String {
    // A plain struct of numbers always serialises; an empty name would only never be found again.
    ron::to_string(network).unwrap_or_default()
}
