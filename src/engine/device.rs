//! Where the engine computes.

use crate::gpu::{DeviceChoice, SharedGpu};

/// Where the engine computes, and so where its pictures lie. On a GPU the first pictures still come from the CPU, until
/// the GPU is ready.
#[derive(Clone, Debug)]
pub enum EngineDevice {
    /// A device that the engine opens itself; pictures come as pixels.
    Own(DeviceChoice),
    /// A GPU with a device that the window can use too.
    Window(Box<WindowGpu>),
}

/// A GPU with a device that the window can use too.
#[derive(Clone, Debug)]
pub struct WindowGpu {
    /// The device.
    pub shared: SharedGpu,
    /// Whether it draws the window; if so pictures come as textures.
    pub draws_window: bool,
    /// The choice it was opened for, to open a device apart for networks that the compute passes do not know.
    pub choice: DeviceChoice,
}

impl From<DeviceChoice> for EngineDevice {
    fn from(choice: DeviceChoice) -> Self {
        Self::Own(choice)
    }
}

impl From<WindowGpu> for EngineDevice {
    fn from(gpu: WindowGpu) -> Self {
        Self::Window(Box::new(gpu))
    }
}
