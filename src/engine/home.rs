//! Where a network is drawn once the GPU is ready for it.

use super::device::{EngineDevice, WindowGpu};
use super::passes::{Form, Passes};
use crate::gpu::{self, ComputeDevice, DeviceChoice, TexturePass};
use crate::model::GeneratorConfig;

/// How a GPU draws a network.
pub(super) enum Home {
    /// By compute passes on the device that the window uses too: ready at once, and nothing ever waits there for kernels to be
    /// chosen.
    Passes(TexturePass, Form),
    /// By Burn on a device apart, since choosing kernels stops everything else on a device.
    Burn(ComputeDevice),
}

/// The GPU's devices.
pub(super) struct Homes {
    /// None also after its compute passes have failed.
    window: Option<WindowGpu>,
    apart: Apart,
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
                Ok(compute.is_gpu.then(|| Self::apart(compute)))
            }
            EngineDevice::Window(gpu) => {
                Ok(Some(Self { window: Some(WindowGpu::clone(gpu)), apart: Apart::Wanted(gpu.choice) }))
            }
        }
    }

    /// A device that the window does not use.
    pub(super) fn apart(compute: ComputeDevice) -> Self {
        Self { window: None, apart: Apart::Open(compute) }
    }

    /// The GPU's name.
    pub(super) fn description(&self) -> String {
        match (&self.window, &self.apart) {
            (Some(window), _) => window.shared.compute.description.clone(),
            (None, Apart::Open(compute)) => compute.description.clone(),
            (None, Apart::Wanted(choice)) => choice.to_string(),
        }
    }

    /// Where a network belongs.
    pub(super) fn of(&mut self, network: &GeneratorConfig) -> Result<Home, gpu::GpuError> {
        if let Some(window) = self.window.as_ref().filter(|_| Passes::know(network)) {
            let form = if window.draws_window { Form::Texture } else { Form::Pixels };
            match window.shared.pass() {
                Ok(pass) => return Ok(Home::Passes(pass, form)),
                Err(error) => self.without_passes(&error.to_string()),
            }
        }
        let compute = match &self.apart {
            Apart::Open(compute) => compute.clone(),
            Apart::Wanted(choice) => gpu::open(*choice)?,
        };
        self.apart = Apart::Open(compute.clone());
        Ok(Home::Burn(compute))
    }

    /// After the compute passes have failed; the next network would only fail again.
    pub(super) fn without_passes(&mut self, reason: &str) {
        tracing::warn!("pictures by compute passes: {reason}");
        self.window = None;
    }
}
