//! Tests only: an engine that renders when it is told to.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::warm_up::Bell;
use super::worker::{Backend, RenderFailure};
use super::{
    EngineEvent, EngineHandle, LiveFrame, LiveRequest, ModelRef, Obedience, Picture, PicturePixels, StepsRun,
    WallPicture, WallTile,
};
use crate::document::LabelMap;

/// The other end of a gated engine.
pub(crate) struct Gate {
    open: Sender<()>,
    begun: Arc<Mutex<Vec<LiveRequest>>>,
    walls: Arc<AtomicUsize>,
}

impl Gate {
    /// How many batches of walls have been begun.
    pub(crate) fn walls_begun(&self) -> usize {
        self.walls.load(Ordering::SeqCst)
    }

    /// Lets one more picture be finished.
    pub(crate) fn let_one_through(&self) {
        self.open.send(()).unwrap();
    }

    /// The requests that the engine has begun, oldest first.
    pub(crate) fn begun(&self) -> Vec<LiveRequest> {
        self.begun.lock().unwrap().clone()
    }
}

/// An engine without a model whose pictures, of one pixel, wait for the gate for ever.
pub(crate) fn gated_engine(wake: impl Fn() + Send + 'static) -> (EngineHandle, Gate) {
    let (open, gate) = unbounded();
    let begun = Arc::<Mutex<Vec<LiveRequest>>>::default();
    let walls = Arc::<AtomicUsize>::default();
    let backend = Gated { gate, begun: Arc::clone(&begun), walls: Arc::clone(&walls) };
    (EngineHandle::with_backend(move || backend, wake), Gate { open, begun, walls })
}

struct Gated {
    gate: Receiver<()>,
    begun: Arc<Mutex<Vec<LiveRequest>>>,
    walls: Arc<AtomicUsize>,
}

impl Backend for Gated {
    fn open(&mut self, _: Bell) -> Vec<EngineEvent> {
        Vec::new()
    }

    fn background(&mut self) -> Vec<EngineEvent> {
        Vec::new()
    }

    fn load(&mut self, model: &ModelRef) -> Result<Vec<EngineEvent>, RenderFailure> {
        Err(RenderFailure::Request(format!("{model}: this engine has no models")))
    }

    fn render(&mut self, request: &LiveRequest) -> Result<LiveFrame, RenderFailure> {
        self.begun.lock().unwrap().push(request.clone());
        // A closed gate lets go when its test is over.
        let _ = self.gate.recv();
        let picture = Picture::Pixels([0, 0, 0, 255].into());
        let steps = StepsRun { spatial: true, latent: true, attributes: true };
        Ok(LiveFrame { generation: request.generation, width: 1, height: 1, picture, steps, render_ms: 1.0 })
    }

    fn read(&mut self, _: &LiveRequest) -> Result<PicturePixels, RenderFailure> {
        Err(RenderFailure::Request("this engine has no models".to_owned()))
    }

    fn obedience(&mut self, _: &LiveRequest, _: &mut dyn FnMut() -> bool) -> Result<Option<Obedience>, RenderFailure> {
        Ok(None)
    }

    fn wall(
        &mut self,
        _: &LabelMap,
        tiles: &[WallTile],
        _: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<WallPicture>, RenderFailure> {
        self.walls.fetch_add(1, Ordering::SeqCst);
        // Tiles wait for the gate like pictures.
        let _ = self.gate.recv();
        let picture = PicturePixels { width: 1, height: 1, rgba: [0, 0, 0, 255].into() };
        Ok(tiles.iter().map(|tile| WallPicture { id: tile.id, picture: picture.clone() }).collect())
    }

    fn recover(&mut self) {}

    fn on_gpu(&self) -> bool {
        false
    }

    fn move_to_cpu(&mut self, reason: &str) -> Result<Vec<EngineEvent>, String> {
        Err(reason.to_owned())
    }
}
