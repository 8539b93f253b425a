//! Opening the window, on the device that computes where that works.

use eframe::egui::ViewportBuilder;
use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupExisting};

use crate::gpu::{DeviceChoice, SharedGpu};

/// Set to 1 to draw the window on the device that computes, so that pictures reach it without a copy. Not the usual way
/// yet: it has not run on enough graphics cards.
const SHARE_DEVICE: &str = "SCGAN_SHARE_DEVICE";

/// Opens the window and returns when it is closed. `create` is given the window's device if Burn computes on it too.
///
/// A device that cannot present to the window, such as a card without a connection to the screen, is an error of the
/// first attempt; the second lets eframe find a device for the window, and pictures are copied to it.
pub(super) fn open<A: eframe::App + 'static>(
    viewport: &ViewportBuilder,
    device: DeviceChoice,
    create: impl Fn(&eframe::CreationContext<'_>, Option<SharedGpu>) -> A + Clone + 'static,
) -> eframe::Result {
    let wanted = std::env::var_os(SHARE_DEVICE).is_some_and(|value| value == "1");
    let shared = wanted.then(|| SharedGpu::open(device)).transpose().unwrap_or_else(|error| {
        tracing::warn!("{error}");
        None
    });
    if let Some(shared) = shared.flatten() {
        match attempt(viewport, Some(shared), create.clone()) {
            Err(eframe::Error::Wgpu(error)) => tracing::warn!("the window needs another graphics device: {error}"),
            result => return result,
        }
    }
    attempt(viewport, None, create)
}

fn attempt<A: eframe::App + 'static>(
    viewport: &ViewportBuilder,
    shared: Option<SharedGpu>,
    create: impl Fn(&eframe::CreationContext<'_>, Option<SharedGpu>) -> A + 'static,
) -> eframe::Result {
    let mut native = eframe::NativeOptions { viewport: viewport.clone(), ..Default::default() };
    if let Some(shared) = &shared {
        let setup = shared.setup.clone();
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
    eframe::run_native(&name, native, Box::new(move |creation| Ok(Box::new(create(creation, shared)))))
}
