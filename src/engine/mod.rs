//! The live engine: a thread that owns a model and renders the newest request.

mod device;
mod event;
#[cfg(test)]
pub(crate) mod gated;
mod handle;
mod home;
mod influence;
mod live;
mod obedience;
mod passes;
mod picture;
mod protocol;
mod renderer;
mod slot;
mod step_cache;
mod wall;
mod warm_up;
mod worker;

pub use device::{EngineDevice, WindowGpu};
pub use event::EngineEvent;
pub use handle::EngineHandle;
pub use influence::{ControlMove, InfluenceRequest, Measurement};
pub use obedience::{AGREES, Obedience};
pub use passes::Form;
pub use picture::{Picture, PicturePixels};
pub use protocol::{EngineCommand, LiveFrame, LiveRequest, ModelRef, StepCounts, StepsRun};
pub use renderer::{LATENT_DIRECTIONS, LoadError, RenderError, Renderer};
pub use slot::Slot;
pub use step_cache::StepCache;
pub use wall::{WallPicture, WallRequest, WallTile};
