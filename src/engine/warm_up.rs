//! Makes a GPU's kernels before anybody waits for their pictures.
//!
//! The first pictures of a network on a GPU take up to a minute, in which shaders are compiled and the fastest kernels
//! found by trying. That happens here, on a thread beside the engine's, while the engine draws on the CPU.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use burn::tensor::Tensor;
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::gpu::ComputeDevice;
use crate::model::parameters::to_host;
use crate::model::{GeneratorConfig, Init, one_hot};
use crate::panic_message::panic_message;

/// Rings when the engine's thread should look up.
pub(super) type Bell = Sender<()>;

/// Pictures drawn: kernels are still exchanged and fused in the first ones.
const PICTURES: usize = 3;

/// A network being made ready on a device.
pub(super) struct WarmUp {
    outcome: Receiver<Result<(), String>>,
}

impl WarmUp {
    /// Starts a thread named `warm-up`, which rings when it is done.
    pub(super) fn start(config: GeneratorConfig, compute: ComputeDevice, bell: Option<Bell>) -> Self {
        let (sender, outcome) = bounded(1);
        let refused = sender.clone();
        let spawned = thread::Builder::new().name("warm-up".to_owned()).spawn(move || {
            let drawn = catch_unwind(AssertUnwindSafe(|| draw(&config, &compute)));
            let drawn = drawn.unwrap_or_else(|panic| Err(panic_message(panic.as_ref())));
            // A lost receiver is an engine that has ended.
            let _ = sender.try_send(drawn);
            if let Some(bell) = bell {
                let _ = bell.try_send(());
            }
        });
        if let Err(error) = spawned {
            // The queue is new, so there is room.
            let _ = refused.try_send(Err(error.to_string()));
        }
        Self { outcome }
    }

    /// How it ended; none while it goes on.
    pub(super) fn outcome(&self) -> Option<Result<(), String>> {
        match self.outcome.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err("the warm-up ended without a word".to_owned())),
        }
    }
}

/// Draws pictures of a network with weights of zero, which takes the same kernels as any others.
fn draw(config: &GeneratorConfig, compute: &ComputeDevice) -> Result<(), String> {
    let generator = config.init(&mut Init::zeros(compute));
    let device = &compute.device;
    let labels = vec![0; config.resolution * config.resolution];
    for _ in 0..PICTURES {
        let spatial = generator.spatial(one_hot(&labels, 1, config.n_labels, config.resolution, device));
        let basic = generator.latent(spatial, Tensor::zeros([1, config.n_z], device));
        let picture = generator.attributes(basic, Tensor::zeros([1, config.n_attributes], device));
        to_host(picture, "picture").map_err(|error| error.to_string())?;
    }
    Ok(())
}
