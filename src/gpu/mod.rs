//! Choice of the compute device: a real GPU through wgpu, or the CPU through Flex.
//!
//! Burn must never compute on a software Vulkan adapter (it crashes there), so adapters that report themselves as
//! CPUs are not offered at all.

mod adapters;
mod choice;
mod picture_texture;
mod shared;

pub use adapters::{Adapter, adapters, known_adapters};
pub use choice::{DeviceChoice, ParseDeviceChoiceError};
pub use picture_texture::{PendingTexture, PictureTexture, Planes, TENSOR_TO_TEXTURE_WGSL, TextureError, TexturePass};

pub use shared::SharedGpu;

use burn::tensor::Device;
use burn::tensor::wgpu::WgpuBackend;

/// Arithmetic of the convolutions; everything else is always f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvPrecision {
    /// f32 throughout: what the reference tensors are checked against.
    Full,
    /// Operands are cast to f16 around each convolution, which is what reaches a GPU's matrix units.
    Half,
}

/// An opened compute device and how to use it.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    /// Burn's handle, without autodiff.
    pub device: Device,
    /// Arithmetic of the convolutions on this device.
    pub conv: ConvPrecision,
    /// Shown to the user, for example `CPU (2 threads)` or `NVIDIA H200`.
    pub description: String,
    /// Whether this is a GPU.
    pub is_gpu: bool,
}

impl ComputeDevice {
    /// The CPU, in f32.
    pub fn cpu() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            device: Device::flex(),
            conv: ConvPrecision::Full,
            description: format!("CPU ({threads} threads)"),
            is_gpu: false,
        }
    }

    /// The same device with another arithmetic in its convolutions.
    #[must_use]
    pub fn with_conv(mut self, conv: ConvPrecision) -> Self {
        self.conv = conv;
        self
    }

    /// The same device recording gradients.
    #[must_use]
    pub fn autodiff(&self) -> Self {
        Self { device: self.device.clone().autodiff(), ..self.clone() }
    }
}

/// Why no compute device could be opened.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// `--device gpu` on a machine without one.
    #[error("no GPU was found; use `--device cpu`, or install a Vulkan, Metal or DirectX 12 driver")]
    NoGpu,
    /// `--device gpu:N` with N past the end.
    #[error("there is no GPU number {wanted}; found: {found}. Use one of these numbers or `--device auto`")]
    NoSuchGpu {
        /// The number asked for.
        wanted: usize,
        /// What is there, one `N: name` each.
        found: String,
    },
    /// A GPU that Burn and the window cannot use together.
    #[error("{name} cannot be shared with the window: {message}; pictures are copied instead")]
    NotShared {
        /// The GPU.
        name: String,
        /// Why.
        message: String,
    },
}

/// Opens the device a choice names. `Auto` takes the first GPU, else the CPU, and never fails.
pub fn open(choice: DeviceChoice) -> Result<ComputeDevice, GpuError> {
    Ok(chosen(choice)?.map_or_else(ComputeDevice::cpu, open_adapter))
}

/// Opens the device a choice names a second time, so that a long job on it does not stand in one queue with the pictures
/// of [`open`]: the driver gives both their turn. It is the device of [`SharedGpu`], so a program that shares that with the
/// window opens the other one with [`open`]. On the CPU, and where the API offers no second one, it is the same.
///
/// # Errors
/// As [`open`].
pub fn open_second(choice: DeviceChoice) -> Result<ComputeDevice, GpuError> {
    Ok(chosen(choice)?.map_or_else(ComputeDevice::cpu, |adapter| opened(adapter, second_device(adapter))))
}

/// Burn keeps one device for an adapter as such, and one for the adapter with a particular API.
#[cfg(not(target_os = "macos"))]
fn second_device(adapter: &Adapter) -> Device {
    match adapter.api {
        WgpuBackend::Vulkan => Device::vulkan(adapter.kind.clone()),
        _ => Device::wgpu(adapter.kind.clone()),
    }
}

#[cfg(target_os = "macos")]
fn second_device(adapter: &Adapter) -> Device {
    match adapter.api {
        WgpuBackend::Metal => Device::metal(adapter.kind.clone()),
        _ => Device::wgpu(adapter.kind.clone()),
    }
}

/// The GPU a choice names; none is the CPU.
fn chosen(choice: DeviceChoice) -> Result<Option<&'static Adapter>, GpuError> {
    match choice {
        DeviceChoice::Cpu => Ok(None),
        DeviceChoice::Auto => Ok(adapters().first()),
        DeviceChoice::Gpu(index) => {
            let found = adapters();
            if found.is_empty() {
                return Err(GpuError::NoGpu);
            }
            let wanted = index.unwrap_or(0);
            found.get(wanted).map(Some).ok_or_else(|| GpuError::NoSuchGpu { wanted, found: list(found) })
        }
    }
}

fn list(adapters: &[Adapter]) -> String {
    let names = adapters.iter().enumerate().map(|(i, a)| format!("{i}: {}", a.name));
    names.collect::<Vec<_>>().join(", ")
}

fn open_adapter(adapter: &Adapter) -> ComputeDevice {
    opened(adapter, Device::wgpu(adapter.kind.clone()))
}

fn opened(adapter: &Adapter, device: Device) -> ComputeDevice {
    // Opening the device reads Burn's own configuration, which would put the cache under the working directory.
    if device.sync().is_ok() {
        keep_autotune_on_disk();
    }
    describe(adapter, device)
}

fn describe(adapter: &Adapter, device: Device) -> ComputeDevice {
    // For comparisons: slower, and nearer to the CPU.
    let wanted = std::env::var_os("SCGAN_HALF_PRECISION").is_none_or(|value| value != "0");
    ComputeDevice {
        device,
        conv: if adapter.half_precision && wanted { ConvPrecision::Half } else { ConvPrecision::Full },
        description: adapter.name.clone(),
        is_gpu: true,
    }
}

/// Kernel timings found by autotuning outlive the process, so the second start does not stall on them.
fn keep_autotune_on_disk() {
    if let Some(folders) = directories::ProjectDirs::from("", "", "scgan") {
        cubecl_environment::environment::set_root(folders.cache_dir().join("autotune"));
    }
}
