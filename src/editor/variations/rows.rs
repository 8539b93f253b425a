//! Latents: from anywhere, or around a place.

use rand::RngExt as _;

use super::TilePicture;
use crate::document::{LatentPin, LatentState};
use crate::editor::{EditorState, OFFSET_LIMIT, SEED_LIMIT};
use crate::model::latent_from_seed;

/// No more tiles than this are on the wall.
pub const VARIATIONS_MAX: usize = 96;
/// How far near variations go, in standard deviations along each direction.
pub const DISTANCE_RANGE: std::ops::RangeInclusive<f32> = 0.1..=1.5;
/// So many latents at first, and so many more each time.
const ROWS: usize = 24;
/// The part of the distance that is left when one looks more closely.
const NARROWING: f32 = 0.6;
const FIRST_DISTANCE: f32 = 0.6;

/// Where the wall's latents come from.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Reach {
    /// A fresh seed each.
    #[default]
    Anywhere,
    /// The latent that was there when the wall was rolled, moved by so much along the leading directions, in standard
    /// deviations.
    Near(f32),
}

impl Reach {
    /// Near, as far as near is at first.
    pub const NEAR: Self = Self::Near(FIRST_DISTANCE);

    /// A closer look.
    pub(super) fn narrowed(self) -> Self {
        match self {
            Self::Anywhere => Self::NEAR,
            Self::Near(distance) => Self::Near((distance * NARROWING).max(*DISTANCE_RANGE.start())),
        }
    }
}

/// A latent with its pictures, one for each column.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: u64,
    /// What it was rolled from.
    seed: u64,
    pub(super) latent: LatentState,
    pub(super) pinned: bool,
    pub(super) pictures: Vec<Option<TilePicture>>,
}

impl EditorState {
    /// Rolls every row that is not pinned, around the document's latent as it is now.
    pub(super) fn roll_variations(&mut self) {
        self.variations.center = self.document.latent.clone();
        let count = self.variations.rows.len().max(ROWS);
        let pinned: Vec<Option<Row>> = std::mem::take(&mut self.variations.rows)
            .into_iter()
            .map(|row| row.pinned.then_some(row))
            .chain(std::iter::repeat(None))
            .take(count)
            .collect();
        self.variations.rows = pinned.into_iter().map(|row| row.unwrap_or_else(|| self.new_row())).collect();
        self.variations.stale = true;
    }

    pub(super) fn show_more_variations(&mut self) {
        let room = VARIATIONS_MAX.saturating_sub(self.variations.rows.len());
        for _ in 0..room.min(ROWS) {
            let row = self.new_row();
            self.variations.rows.push(row);
        }
        self.variations.stale = true;
    }

    /// Other latents, or the same ones farther away or nearer. What is pinned stays.
    pub(super) fn set_reach(&mut self, reach: Reach) {
        let reach = match reach {
            Reach::Near(distance) if !distance.is_finite() => return,
            Reach::Near(distance) => Reach::Near(distance.clamp(*DISTANCE_RANGE.start(), *DISTANCE_RANGE.end())),
            Reach::Anywhere => Reach::Anywhere,
        };
        let both_near = matches!((self.variations.reach, reach), (Reach::Near(_), Reach::Near(_)));
        self.variations.reach = reach;
        if !both_near {
            return self.roll_variations();
        }
        let mut rows = std::mem::take(&mut self.variations.rows);
        for row in rows.iter_mut().filter(|row| !row.pinned) {
            *row = self.row(row.seed);
        }
        self.variations.rows = rows;
        self.variations.stale = true;
    }

    fn new_row(&mut self) -> Row {
        let seed = self.rng.random_range(0..SEED_LIMIT);
        self.row(seed)
    }

    fn row(&mut self, seed: u64) -> Row {
        let latent = match self.variations.reach {
            Reach::Anywhere => LatentState { seed, ..LatentState::default() },
            Reach::Near(distance) => {
                let directions = self.model.loaded.as_ref().map_or(0, |model| model.directions.len());
                let by: Vec<f32> = latent_from_seed(seed, directions).iter().map(|step| step * distance).collect();
                displaced(&self.variations.center, &by)
            }
        };
        self.variations.last_row += 1;
        Row { id: self.variations.last_row, seed, latent, pinned: false, pictures: Vec::new() }
    }
}

/// A latent moved along the leading directions; of a blend both ends are, so that it stays one.
fn displaced(latent: &LatentState, by: &[f32]) -> LatentState {
    let mut moved = latent.clone();
    if moved.blend.is_some() && moved.pins.iter().all(Option::is_some) {
        moved.pins.iter_mut().flatten().for_each(|pin| displace_pin(pin, by));
    } else {
        moved.blend = None;
        displace(&mut moved.offsets, by);
    }
    moved
}

fn displace_pin(pin: &mut LatentPin, by: &[f32]) {
    match &mut pin.between {
        Some(blend) => blend.ends.iter_mut().for_each(|end| displace_pin(end, by)),
        None => displace(&mut pin.offsets, by),
    }
}

fn displace(offsets: &mut Vec<f32>, by: &[f32]) {
    offsets.resize(offsets.len().max(by.len()), 0.0);
    for (offset, step) in offsets.iter_mut().zip(by) {
        *offset = (*offset + step).clamp(-OFFSET_LIMIT, OFFSET_LIMIT);
    }
}
