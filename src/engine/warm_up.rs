//! Makes a GPU ready for a network before anybody waits for its pictures.
//!
//! Compute passes are compiled and tried in less than a second. Burn's first pictures of a network take up to a minute, in which
//! shaders are compiled and the fastest kernels found by trying. Both happen here, on a thread beside the engine's, while the engine
//! draws on the CPU.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use burn::tensor::Tensor;
use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use super::home::Home;
use super::passes::Passes;
use crate::gpu::ComputeDevice;
use crate::model::parameters::{TensorMap, to_host};
use crate::model::{GeneratorConfig, Init, one_hot};
use crate::panic_message::panic_message;

/// Rings when the engine's thread should look up.
pub(super) type Bell = Sender<()>;

/// Pictures that Burn draws: kernels are still exchanged and fused in the first ones.
const PICTURES: usize = 3;

/// What draws the model from now on.
pub(super) enum Ready {
    Passes(Box<Passes>, String),
    Burn(ComputeDevice),
}

/// A network being made ready.
pub(super) struct WarmUp {
    outcome: Receiver<Result<Ready, String>>,
    /// Whether Burn could still draw it where this fails.
    pub(super) by_passes: bool,
}

impl WarmUp {
    /// Starts a thread named `warm-up`, which rings when it is done. `description`: the GPU's name. `tensors`: the generator's.
    pub(super) fn start(
        config: GeneratorConfig,
        tensors: TensorMap,
        home: Home,
        description: String,
        bell: Option<Bell>,
    ) -> Self {
        let (sender, outcome) = bounded(1);
        let refused = sender.clone();
        let by_passes = matches!(home, Home::Passes(..));
        let spawned = thread::Builder::new().name("warm-up".to_owned()).spawn(move || {
            let made = catch_unwind(AssertUnwindSafe(|| match home {
                Home::Passes(pass, form) => {
                    let passes = Passes::new(&pass, &tensors, &config, form).map_err(|error| error.to_string())?;
                    Ok(Ready::Passes(Box::new(passes), description))
                }
                Home::Burn(compute) => draw(&config, &compute).map(|()| Ready::Burn(compute)),
            }));
            let made = made.unwrap_or_else(|panic| Err(panic_message(panic.as_ref())));
            // A lost receiver is an engine that has ended, or has another model by now.
            let _ = sender.try_send(made);
            if let Some(bell) = bell {
                let _ = bell.try_send(());
            }
        });
        if let Err(error) = spawned {
            // The queue is new, so there is room.
            let _ = refused.try_send(Err(error.to_string()));
        }
        Self { outcome, by_passes }
    }

    /// How it ended; none while it goes on.
    pub(super) fn outcome(&self) -> Option<Result<Ready, String>> {
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
