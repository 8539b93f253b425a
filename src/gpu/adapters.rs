//! The GPUs of this machine, without its software renderers.

use std::sync::OnceLock;

use burn::tensor::DeviceKind;
use burn::tensor::wgpu::wgpu;

/// A real GPU.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// The driver's name for it.
    pub name: String,
    /// How Burn addresses it.
    pub kind: DeviceKind,
    /// The API that it was found with.
    pub api: wgpu::Backend,
    /// Whether its shaders can compute in f16.
    pub half_precision: bool,
}

static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();

/// The GPUs as far as they were probed for: unlike [`adapters`], this never probes.
pub fn known_adapters() -> &'static [Adapter] {
    ADAPTERS.get().map_or(&[], Vec::as_slice)
}

/// All GPUs, discrete ones first. Software adapters (lavapipe, WARP) are left out. Probed once per process: Vulkan
/// loaders crash when instances come and go on several threads.
pub fn adapters() -> &'static [Adapter] {
    ADAPTERS.get_or_init(|| {
        // The order in which Burn looks for an API; it stays with the first that has a GPU, and so do we.
        let apis = [wgpu::Backends::VULKAN, wgpu::Backends::METAL, wgpu::Backends::DX12];
        apis.into_iter().map(probe).find(|found| !found.is_empty()).unwrap_or_default()
    })
}

fn probe(api: wgpu::Backends) -> Vec<Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = api;
    let instance = wgpu::Instance::new(descriptor);
    let found = pollster::block_on(instance.enumerate_adapters(api));
    let mut counts = Counts::default();
    let mut adapters: Vec<Adapter> = found.iter().filter_map(|adapter| counts.describe(adapter)).collect();
    adapters.sort_by_key(|adapter| match adapter.kind {
        DeviceKind::DiscreteGpu(_) => 0,
        DeviceKind::IntegratedGpu(_) => 1,
        _ => 2,
    });
    adapters
}

/// Burn numbers each kind of adapter from zero on its own.
#[derive(Default)]
struct Counts {
    discrete: usize,
    integrated: usize,
    virtual_gpu: usize,
}

impl Counts {
    fn describe(&mut self, adapter: &wgpu::Adapter) -> Option<Adapter> {
        let info = adapter.get_info();
        let next = |count: &mut usize| {
            *count += 1;
            *count - 1
        };
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu(next(&mut self.discrete)),
            wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu(next(&mut self.integrated)),
            wgpu::DeviceType::VirtualGpu => DeviceKind::VirtualGpu(next(&mut self.virtual_gpu)),
            wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => return None,
        };
        let half_precision = adapter.features().contains(wgpu::Features::SHADER_F16);
        Some(Adapter { name: info.name, kind, api: info.backend, half_precision })
    }
}
