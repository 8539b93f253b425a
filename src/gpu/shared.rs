//! One GPU device for Burn and for the window, so that a picture can be shown where it was computed.
//!
//! Burn makes the device, because its shaders need extensions that plain wgpu does not switch on. The window takes it
//! over when it can present with it; when not, it makes one of its own and pictures are copied.

use burn::tensor::Device;
use burn::tensor::wgpu::WgpuSetup;

use super::picture_texture::{TextureError, TexturePass};
use super::{ComputeDevice, DeviceChoice, GpuError, chosen, describe, keep_autotune_on_disk};

/// A GPU device that Burn and the window can share. Clones name the same device.
#[derive(Clone, Debug)]
pub struct SharedGpu {
    /// For the generator.
    pub compute: ComputeDevice,
    /// For the window: instance, adapter, device and queue.
    pub setup: WgpuSetup,
}

impl SharedGpu {
    /// Opens the GPU of a choice; none when the choice comes to the CPU. Once per process and GPU, on the thread that
    /// will make the window. [`super::open`] opens another device on the same GPU: whatever waits for the device
    /// (training, autotuning, reading back) belongs there, since a wait on this one stops the window.
    ///
    /// # Errors
    /// There is no such GPU, or it cannot be opened this way: let the window make its own device then.
    pub fn open(choice: DeviceChoice) -> Result<Option<Self>, GpuError> {
        let Some(adapter) = chosen(choice)? else { return Ok(None) };
        // Naming the API makes this a device of its own to Burn, apart from the one it opens by kind alone.
        let options = Device::wgpu_options().device_kind(adapter.kind.clone()).graphics_api(adapter.api);
        let (device, setup) = options
            .init_with_setup()
            .map_err(|error| GpuError::NotShared { name: adapter.name.clone(), message: error.to_string() })?;
        // The device is open, so Burn has read its configuration.
        keep_autotune_on_disk();
        Ok(Some(Self { compute: describe(adapter, device), setup }))
    }

    /// What draws planes on this device into textures.
    ///
    /// # Errors
    /// The device refuses the shader.
    pub fn pass(&self) -> Result<TexturePass, TextureError> {
        TexturePass::new(&self.setup.device, &self.setup.queue)
    }
}
