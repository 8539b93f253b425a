//! The live engine: a thread that owns a model and renders the newest request.

mod protocol;
mod slot;
mod step_cache;

pub use protocol::{EngineCommand, LatentRequest, LiveFrame, LiveRequest, ModelRef, StepsRun};
pub use slot::Slot;
pub use step_cache::StepCache;
