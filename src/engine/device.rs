//! Where the engine computes.

use crate::gpu::{DeviceChoice, SharedGpu};

/// Where the engine computes, and so where its pictures lie. On a GPU the first pictures still come from the CPU, until
/// the GPU's kernels are there.
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
    /// Whether it draws the window. If so, pictures of the networks tuned on it come as textures, and those of others
    /// from a second device as pixels. If not, pictures come from it as pixels, and it is tuned for the next start.
    pub draws_window: bool,
    /// The choice it was opened for, to open the second device.
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
