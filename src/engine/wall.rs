//! A wall of variations of one mask, drawn when nothing else is to be done.

use std::sync::Arc;
use std::time::Duration;

use super::picture::PicturePixels;
use crate::document::{LabelMap, LatentState};

/// Pictures of one mask that differ in latent and attributes. A newer wall replaces one that is not finished; one without
/// tiles only ends it.
#[derive(Clone, Debug, PartialEq)]
pub struct WallRequest {
    /// Grows with every wall, so that an answer can be matched with its question.
    pub number: u64,
    /// The label map, of any size; it shares its tiles with the document.
    pub labels: LabelMap,
    /// What to draw, in this order. Neighbours with one latent share the generator's second step.
    pub tiles: Vec<WallTile>,
}

/// One picture of a [`WallRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct WallTile {
    /// Comes back with the picture.
    pub id: u64,
    /// Which latent vector to use.
    pub latent: LatentState,
    /// One strength per attribute in the taxonomy's flat order.
    pub attributes: Arc<[f32]>,
}

/// A tile's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallPicture {
    /// The tile's.
    pub id: u64,
    /// Its pixels.
    pub picture: PicturePixels,
}

/// A batch takes about as long as a live picture on a slow machine, and one that has been begun is what a live request
/// may have to wait for.
const BATCH_TIME: Duration = Duration::from_millis(24);
/// More pictures than this are not read back together, so that the wall fills in steadily however fast the device is.
const BATCH_MAX: usize = 8;
/// Part of a new measurement in the estimate.
const NEWEST: f64 = 0.3;

/// A wall under way.
#[derive(Debug)]
pub(super) struct WallWork {
    request: WallRequest,
    drawn: usize,
}

impl WallWork {
    /// `None` for a wall without tiles.
    pub(super) fn new(request: WallRequest) -> Option<Self> {
        (!request.tiles.is_empty()).then_some(Self { request, drawn: 0 })
    }

    pub(super) fn number(&self) -> u64 {
        self.request.number
    }

    pub(super) fn labels(&self) -> &LabelMap {
        &self.request.labels
    }

    /// The next tiles, at most so many.
    pub(super) fn next(&self, count: usize) -> &[WallTile] {
        let rest = &self.request.tiles[self.drawn..];
        &rest[..count.min(rest.len())]
    }

    /// Notes that so many of the next are drawn; says whether there are more.
    pub(super) fn advance(&mut self, count: usize) -> bool {
        self.drawn = (self.drawn + count).min(self.request.tiles.len());
        self.drawn < self.request.tiles.len()
    }
}

/// How many pictures make a batch, from the time that they have taken.
#[derive(Debug, Default)]
pub(super) struct Pace {
    picture_s: Option<f64>,
}

impl Pace {
    /// Pictures in the next batch: one until something is known, and always one at least.
    pub(super) fn batch(&self) -> usize {
        let fitting = self.picture_s.map_or(1.0, |picture_s| BATCH_TIME.as_secs_f64() / picture_s.max(1e-6));
        (fitting as usize).clamp(1, BATCH_MAX)
    }

    /// Takes in what a batch has taken.
    pub(super) fn took(&mut self, time: Duration, pictures: usize) {
        if pictures > 0 {
            let newest = time.as_secs_f64() / pictures as f64;
            self.picture_s = Some(self.picture_s.map_or(newest, |known| known + NEWEST * (newest - known)));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn batches_grow_on_fast_devices_and_never_vanish_on_slow_ones() {
        let after = |picture_ms: f64| {
            let mut pace = Pace::default();
            assert_eq!(pace.batch(), 1, "nothing is known yet");
            for _ in 0..20 {
                let batch = pace.batch();
                pace.took(Duration::from_secs_f64(picture_ms / 1e3) * batch as u32, batch);
            }
            pace.batch()
        };
        assert_eq!([0.0, 0.5, 5.0, 13.0, 900.0].map(after), [BATCH_MAX, BATCH_MAX, 4, 1, 1]);
        let mut pace = Pace::default();
        pace.took(Duration::from_secs(1), 0);
        assert_eq!(pace.batch(), 1);
    }

    #[test]
    fn every_tile_comes_once_and_in_order() {
        let tile = |id| WallTile { id, latent: LatentState::default(), attributes: Arc::from([]) };
        let request = |tiles: Vec<WallTile>| WallRequest { number: 3, labels: LabelMap::new(1, 1, 0), tiles };
        assert!(WallWork::new(request(Vec::new())).is_none());
        let mut work = WallWork::new(request((0..7).map(tile).collect())).unwrap();
        let mut seen = Vec::new();
        for count in [2, 0, 1, 3, 9] {
            let ids: Vec<u64> = work.next(count).iter().map(|tile| tile.id).collect();
            let more = work.advance(ids.len());
            seen.extend(ids);
            assert_eq!(more, seen.len() < 7);
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    }
}
