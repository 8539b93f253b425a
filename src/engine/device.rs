//! Where the engine computes.

use crate::gpu::{DeviceChoice, SharedGpu};

/// Where the engine computes, and so where its pictures lie.
#[derive(Clone, Debug)]
pub enum EngineDevice {
    /// A device that the engine opens itself; pictures come as pixels.
    Own(DeviceChoice),
    /// The device that draws the window; pictures come as textures on it.
    Window(Box<SharedGpu>),
}

impl From<DeviceChoice> for EngineDevice {
    fn from(choice: DeviceChoice) -> Self {
        Self::Own(choice)
    }
}

impl From<SharedGpu> for EngineDevice {
    fn from(shared: SharedGpu) -> Self {
        Self::Window(Box::new(shared))
    }
}
