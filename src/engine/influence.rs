//! Measuring what controls change in a region of the picture, when nothing else is to be done.

use std::sync::Arc;

use super::picture::PicturePixels;
use super::wall::{WallPicture, WallTile};
use crate::document::{LabelMap, LatentState, PixelSet};
use crate::influence::{COMPARED_SIDE_PX, Change, Coverage, change, reduced};

/// Pictures that are handed on are no larger than this: they are looked at for a moment.
const KEPT_SIDE_PX: u32 = 256;

/// Controls to be measured. A newer request replaces one that is not finished; one without moves only ends it.
#[derive(Clone, Debug, PartialEq)]
pub struct InfluenceRequest {
    /// Grows with every request, so that an answer can be matched with its question.
    pub number: u64,
    /// The label map, of any size; it shares its tiles with the document.
    pub labels: LabelMap,
    /// The region, in pixels of the label map.
    pub region: Arc<PixelSet>,
    /// What to measure, in this order. Neighbours with one latent share the generator's second step.
    pub moves: Vec<ControlMove>,
}

/// A control at both ends of its way.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlMove {
    /// Comes back with the measurement.
    pub id: u64,
    /// Latents at both ends.
    pub latents: [LatentState; 2],
    /// Attributes at both ends: a strength each, in the taxonomy's flat order.
    pub attributes: [Arc<[f32]>; 2],
    /// Whether the pictures come back with the measurement.
    pub keeps_pictures: bool,
}

/// What a control changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The move's.
    pub id: u64,
    /// How far apart the pictures are.
    pub change: Change,
    /// The pictures at both ends, of at most 256 px a side, where they were asked for.
    pub pictures: Option<[PicturePixels; 2]>,
}

/// Measurements under way. Pictures come one by one, in pairs of both ends.
#[derive(Debug)]
pub(super) struct InfluenceWork {
    request: InfluenceRequest,
    tiles: Vec<WallTile>,
    drawn: usize,
    /// The picture at the first end, while the other one is still to be drawn.
    first: Option<PicturePixels>,
    coverage: Option<Coverage>,
}

impl InfluenceWork {
    /// `None` for a request without moves.
    pub(super) fn new(request: InfluenceRequest) -> Option<Self> {
        let ends = |wanted: &ControlMove| {
            [0, 1].map(|end| WallTile {
                id: wanted.id,
                latent: wanted.latents[end].clone(),
                attributes: Arc::clone(&wanted.attributes[end]),
            })
        };
        let tiles: Vec<WallTile> = request.moves.iter().flat_map(ends).collect();
        (!tiles.is_empty()).then_some(Self { request, tiles, drawn: 0, first: None, coverage: None })
    }

    pub(super) fn number(&self) -> u64 {
        self.request.number
    }

    pub(super) fn labels(&self) -> &LabelMap {
        &self.request.labels
    }

    /// The next pictures to draw, at most so many.
    pub(super) fn next(&self, count: usize) -> &[WallTile] {
        let rest = &self.tiles[self.drawn..];
        &rest[..count.min(rest.len())]
    }

    pub(super) fn is_finished(&self) -> bool {
        self.drawn >= self.tiles.len()
    }

    /// Takes in the next pictures; answers with what they complete.
    pub(super) fn take(&mut self, pictures: Vec<WallPicture>) -> Vec<Measurement> {
        let mut measured = Vec::new();
        for WallPicture { picture, .. } in pictures {
            let wanted = self.drawn / 2;
            self.drawn += 1;
            match self.first.take() {
                None => self.first = Some(picture),
                Some(first) => measured.extend(self.measured(wanted, [first, picture])),
            }
        }
        measured
    }

    /// A pair that cannot be compared, which would be two pictures of different sizes, is left out.
    fn measured(&mut self, index: usize, pictures: [PicturePixels; 2]) -> Option<Measurement> {
        let wanted = self.request.moves.get(index)?;
        let small = |picture: &PicturePixels, side_px| reduced(&picture.rgba, (picture.width, picture.height), side_px);
        let [(first, size), (second, _)] =
            [small(&pictures[0], COMPARED_SIDE_PX)?, small(&pictures[1], COMPARED_SIDE_PX)?];
        if self.coverage.as_ref().is_none_or(|coverage| coverage.size() != size) {
            let mask = (self.request.labels.width(), self.request.labels.height());
            self.coverage = Some(Coverage::new(&self.request.region, mask, size));
        }
        let change = change(&first, &second, self.coverage.as_ref()?)?;
        let kept = |picture: &PicturePixels| {
            let (rgba, (width, height)) = small(picture, KEPT_SIDE_PX)?;
            Some(PicturePixels { width, height, rgba: rgba.into() })
        };
        let pictures = if wanted.keeps_pictures { Some([kept(&pictures[0])?, kept(&pictures[1])?]) } else { None };
        Some(Measurement { id: wanted.id, change, pictures })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const SIDE: u32 = 8;

    /// Half of the mask's columns.
    fn request(moves: u64) -> InfluenceRequest {
        let mut labels = LabelMap::new(32, 32, 0);
        for y in 0..32 {
            labels.fill_row(y, 0..16, 1);
        }
        let region = Arc::new(PixelSet::of_label(&labels, 1).unwrap());
        let wanted = |id| ControlMove {
            id,
            latents: [-2.0, 2.0].map(|offset| LatentState { offsets: vec![offset], ..LatentState::default() }),
            attributes: [0.0, 1.0].map(|strength| Arc::from([strength])),
            keeps_pictures: id == 0,
        };
        InfluenceRequest { number: 5, labels, region, moves: (0..moves).map(wanted).collect() }
    }

    /// Grey, with another grey in the left half.
    fn picture(left: u8, right: u8) -> WallPicture {
        let shade = |at: u32| if at % SIDE < SIDE / 2 { left } else { right };
        let rgba: Vec<u8> = (0..SIDE * SIDE).flat_map(|at| [shade(at), shade(at), shade(at), 255]).collect();
        WallPicture { id: 0, picture: PicturePixels { width: SIDE, height: SIDE, rgba: rgba.into() } }
    }

    #[test]
    fn both_ends_of_every_control_are_drawn_and_compared() {
        assert!(InfluenceWork::new(request(0)).is_none());
        let mut work = InfluenceWork::new(request(2)).unwrap();
        let offsets: Vec<f32> = work.next(9).iter().map(|tile| tile.latent.offsets[0]).collect();
        assert_eq!(offsets, [-2.0, 2.0, -2.0, 2.0]);
        assert_eq!(work.next(1)[0].attributes[..], [0.0]);
        // Broken off in the middle of a pair.
        assert!(work.take(vec![picture(50, 80)]).is_empty());
        let measured = work.take(vec![picture(90, 80), picture(10, 80)]);
        assert_eq!(measured.len(), 1);
        assert!(measured[0].change.inside > 10.0 && measured[0].change.outside == 0.0, "{:?}", measured[0].change);
        assert_eq!(measured[0].pictures.as_ref().unwrap()[1], picture(90, 80).picture);
        assert!(!work.is_finished());
        let measured = work.take(vec![picture(10, 140)]);
        assert!(work.is_finished() && work.next(4).is_empty());
        assert_eq!((measured[0].id, &measured[0].pictures), (1, &None));
        assert!(measured[0].change.inside == 0.0 && measured[0].change.outside > 10.0);
    }
}
