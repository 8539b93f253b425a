//! Opening the window, on the device that computes where that works.

use eframe::egui::ViewportBuilder;
use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupExisting};

use crate::engine::WindowGpu;
use crate::gpu::{DeviceChoice, SharedGpu};

/// Set to 0 to keep the window off the device that computes, and copy pictures to it.
const SHARE_DEVICE: &str = "SCGAN_SHARE_DEVICE";

/// Opens the window and returns when it is closed. `create` is given the GPU, if there is one that window and engine can
/// share.
///
/// A device that cannot present to the window, such as a card without a connection to the screen, is an error of the first
/// attempt; the second lets eframe find a device for the window, and pictures are copied to it.
pub(super) fn open<A: eframe::App + 'static>(
    viewport: &ViewportBuilder,
    choice: DeviceChoice,
    create: impl Fn(&eframe::CreationContext<'_>, Option<WindowGpu>) -> A + Clone + 'static,
) -> eframe::Result {
    let shared = has_display().then(|| SharedGpu::open(choice)).transpose().unwrap_or_else(|error| {
        tracing::warn!("{error}");
        None
    });
    let gpu = shared.flatten().map(|shared| WindowGpu { shared, draws_window: true, choice });
    let shares = std::env::var_os(SHARE_DEVICE).is_none_or(|value| value != "0");
    if gpu.is_some() && shares {
        match attempt(viewport, gpu.clone(), create.clone()) {
            Err(eframe::Error::Wgpu(error)) => tracing::warn!("the window needs another graphics device: {error}"),
            result => return result,
        }
    }
    attempt(viewport, gpu.map(|gpu| WindowGpu { draws_window: false, ..gpu }), create)
}

/// Whether there may be a display. Without one no GPU is looked for: drivers would complain beside our own message.
fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(named)
}

fn attempt<A: eframe::App + 'static>(
    viewport: &ViewportBuilder,
    gpu: Option<WindowGpu>,
    create: impl Fn(&eframe::CreationContext<'_>, Option<WindowGpu>) -> A + 'static,
) -> eframe::Result {
    let mut native = eframe::NativeOptions { viewport: viewport.clone(), ..Default::default() };
    if let Some(gpu) = gpu.as_ref().filter(|gpu| gpu.draws_window) {
        let setup = gpu.shared.setup.clone();
        native.wgpu_options = WgpuConfiguration {
            wgpu_setup: WgpuSetup::Existing(WgpuSetupExisting {
                instance: setup.instance,
                adapter: setup.adapter,
                device: setup.device,
                queue: setup.queue,
            }),
            ..native.wgpu_options
        };
    }
    let name = viewport.app_id.clone().unwrap_or_default();
    eframe::run_native(&name, native, Box::new(move |creation| Ok(Box::new(create(creation, gpu)))))
}
