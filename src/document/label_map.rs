//! The label map: label ids in copy-on-write tiles, so that a copy for undo costs only what changes later.

use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Point, Rect};
use crate::label_image::{LabelImage, MAX_SIDE};
use crate::taxonomy::LabelId;

/// Side of a tile, in pixels.
pub const TILE_SIDE_PX: u32 = 64;
const TILE_SIDE: usize = TILE_SIDE_PX as usize;

/// Row-major ids. Cells beyond the map's right and bottom edge stay 0, so equal tiles are equal arrays.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Tile([LabelId; TILE_SIDE * TILE_SIDE]);

impl Tile {
    pub(super) const BYTES: usize = size_of::<Tile>();

    pub(super) fn cells(&self) -> &[LabelId] {
        &self.0
    }

    fn row(&self, y: usize, columns: Range<usize>) -> &[LabelId] {
        &self.0[y * TILE_SIDE + columns.start..y * TILE_SIDE + columns.end]
    }

    fn row_mut(&mut self, y: usize, columns: Range<usize>) -> &mut [LabelId] {
        &mut self.0[y * TILE_SIDE + columns.start..y * TILE_SIDE + columns.end]
    }
}

/// The piece of a row that lies in one tile: index of the tile, row within it, columns within it.
type RowPart = (usize, usize, Range<usize>);

/// An editable image of label ids in 64×64 tiles that clones share until one of them changes.
///
/// Writing an id where it already is changes nothing and copies nothing. Writes outside the map do nothing.
#[derive(Clone)]
pub struct LabelMap {
    width: u32,
    height: u32,
    tiles: Vec<Arc<Tile>>,
}

impl LabelMap {
    /// A map of one label. The sides are brought into `1..=MAX_SIDE`.
    pub fn new(width: u32, height: u32, fill: LabelId) -> Self {
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        let tiles = width.div_ceil(TILE_SIDE_PX) * height.div_ceil(TILE_SIDE_PX);
        let empty = Arc::new(Tile([0; TILE_SIDE * TILE_SIDE]));
        let mut map = Self { width, height, tiles: vec![empty; tiles as usize] };
        if fill != 0 {
            map.fill_uniformly(fill);
        }
        map
    }

    /// The same ids in tiles.
    pub fn from_image(image: &LabelImage) -> Self {
        let mut map = Self::new(image.width(), image.height(), 0);
        let rows = image.ids().chunks_exact((image.width() as usize).max(1));
        for (y, row) in (0..map.height).zip(rows) {
            map.write_row(y, 0, row);
        }
        map
    }

    /// The same ids as a dense image.
    pub fn to_image(&self) -> LabelImage {
        // The count matches and the sides are in range, so the second arm is never taken.
        LabelImage::from_ids(self.width, self.height, self.to_ids())
            .unwrap_or_else(|_| LabelImage::new(self.width, self.height, 0))
    }

    /// All ids in row-major order.
    pub(super) fn to_ids(&self) -> Vec<LabelId> {
        let mut ids = Vec::with_capacity(self.width as usize * self.height as usize);
        self.row_slices().for_each(|row| ids.extend_from_slice(row));
        ids
    }

    /// Columns and rows, in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The ids in a part of the map, row by row; what lies outside the map is left out.
    pub fn ids_in(&self, part: Rect) -> Vec<LabelId> {
        let mut ids = Vec::with_capacity(part.width as usize * part.height as usize);
        for y in part.y..part.y.saturating_add(part.height) {
            self.row_parts(y, part.x..part.x.saturating_add(part.width))
                .for_each(|piece| ids.extend_from_slice(self.part(&piece)));
        }
        ids
    }

    /// Columns, in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows, in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The label of pixel `(x, y)`, or `None` outside the map.
    pub fn get(&self, x: u32, y: u32) -> Option<LabelId> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let tile = &self.tiles[self.first_tile_of_row(y) + x as usize / TILE_SIDE];
        Some(tile.0[y as usize % TILE_SIDE * TILE_SIDE + x as usize % TILE_SIDE])
    }

    /// The pixel under a point, or `None` outside the map.
    pub fn pixel_at(&self, point: Point) -> Option<(u32, u32)> {
        let inside = |value: f32, side: u32| value >= 0.0 && value < side as f32;
        (inside(point.x, self.width) && inside(point.y, self.height)).then_some((point.x as u32, point.y as u32))
    }

    /// Gives pixel `(x, y)` a label. True when that changed it.
    pub fn set(&mut self, x: u32, y: u32, id: LabelId) -> bool {
        self.fill_row(y, x..x.saturating_add(1), id)
    }

    /// Gives the pixels `columns` of row `y` a label; what lies outside the map is left out. True when a pixel changed.
    pub fn fill_row(&mut self, y: u32, columns: Range<u32>, id: LabelId) -> bool {
        let mut changed = false;
        for part in self.row_parts(y, columns) {
            // Looking first keeps tiles shared under a stroke that repaints its own label.
            let old = self.part(&part);
            if old[0] != id || run_length(old) < old.len() {
                let (index, tile_y, columns) = part;
                Arc::make_mut(&mut self.tiles[index]).row_mut(tile_y, columns).fill(id);
                changed = true;
            }
        }
        changed
    }

    /// Gives the pixels of row `y` from column `x` on these labels; what lies outside the map is left out. True when a
    /// pixel changed.
    pub(super) fn write_row(&mut self, y: u32, x: u32, ids: &[LabelId]) -> bool {
        let mut changed = false;
        for part in self.row_parts(y, x..x.saturating_add(ids.len() as u32)) {
            let ids = &ids[(self.column(&part) - x) as usize..][..part.2.len()];
            if self.part(&part) != ids {
                let (index, tile_y, columns) = part;
                Arc::make_mut(&mut self.tiles[index]).row_mut(tile_y, columns).copy_from_slice(ids);
                changed = true;
            }
        }
        changed
    }

    /// Puts the labels of the pixels `columns` of row `y` into `ids`, in place of what was there; what lies outside the
    /// map is left out.
    pub(super) fn read_row(&self, y: u32, columns: Range<u32>, ids: &mut Vec<LabelId>) {
        ids.clear();
        self.row_parts(y, columns).for_each(|part| ids.extend_from_slice(self.part(&part)));
    }

    /// Gives those pixels of row `y` in `columns` a label whose present label passes `test`. True when a pixel changed.
    pub(super) fn fill_row_where(
        &mut self,
        y: u32,
        columns: Range<u32>,
        id: LabelId,
        test: impl Fn(LabelId) -> bool,
    ) -> bool {
        let changes = |old: LabelId| old != id && test(old);
        let mut changed = false;
        for part in self.row_parts(y, columns) {
            if runs(self.part(&part)).any(|(old, _)| changes(old)) {
                let (index, tile_y, columns) = part;
                let row = Arc::make_mut(&mut self.tiles[index]).row_mut(tile_y, columns);
                let mut start = 0;
                while start < row.len() {
                    let run = start..start + run_length(&row[start..]);
                    start = run.end;
                    if changes(row[run.start]) {
                        row[run].fill(id);
                    }
                }
                changed = true;
            }
        }
        changed
    }

    /// Gives those pixels of the `word`th 64 columns of row `y` whose bit is set a label, if their present label passes
    /// `test`; what lies outside the map is left out. True when a pixel changed.
    pub(super) fn fill_bits_where(
        &mut self,
        y: u32,
        word: u32,
        bits: u64,
        id: LabelId,
        test: impl Fn(LabelId) -> bool,
    ) -> bool {
        let Some((index, tile_y, columns)) = self.row_parts(y, word_columns(word)).next() else { return false };
        let row = self.tiles[index].row(tile_y, columns.clone());
        let changes = |old: LabelId| old != id && test(old);
        // Most rows of a tile are of one label.
        let changing = match row.first() {
            Some(&old) if run_length(row) == row.len() && !changes(old) => 0,
            Some(_) if run_length(row) == row.len() => u64::MAX >> (u64::BITS as usize - row.len()),
            _ => row.iter().enumerate().fold(0, |bits, (column, old)| bits | u64::from(changes(*old)) << column),
        };
        let bits = bits & changing;
        if bits == 0 {
            return false;
        }
        let row = Arc::make_mut(&mut self.tiles[index]).row_mut(tile_y, columns);
        if bits.count_ones() as usize == row.len() {
            row.fill(id);
        } else {
            row.iter_mut().enumerate().filter(|(column, _)| bits >> column & 1 == 1).for_each(|(_, old)| *old = id);
        }
        true
    }

    /// Which of the `word`th 64 columns of row `y` have a label, the first one as the lowest bit; 0 outside the map.
    pub(super) fn bits_of(&self, y: u32, word: u32, id: LabelId) -> u64 {
        let part = self.row_parts(y, word_columns(word)).next();
        part.map_or(0, |part| equal_bits(self.part(&part), id))
    }

    /// Turns every pixel of one label into another. True when a pixel changed.
    pub fn replace(&mut self, from: LabelId, to: LabelId) -> bool {
        if from == to {
            return false;
        }
        let mut changed = false;
        for y in 0..self.height {
            for part in self.row_parts(y, 0..self.width) {
                if self.part(&part).contains(&from) {
                    let (index, tile_y, columns) = part;
                    let row = Arc::make_mut(&mut self.tiles[index]).row_mut(tile_y, columns);
                    row.iter_mut().filter(|id| **id == from).for_each(|id| *id = to);
                    changed = true;
                }
            }
        }
        changed
    }

    /// The longest runs of pixels whose label passes `test`, row by row.
    pub(super) fn runs_where(&self, test: impl Fn(LabelId) -> bool) -> Vec<(u32, Range<u32>)> {
        let ids = self.to_ids();
        let mut found = Vec::new();
        for (y, row) in (0..self.height).zip(ids.chunks_exact(self.width as usize)) {
            let mut start = 0;
            for run in row.chunk_by(|a, b| test(*a) == test(*b)) {
                let end = start + run.len() as u32;
                if test(run[0]) {
                    found.push((y, start..end));
                }
                start = end;
            }
        }
        found
    }

    /// SHA-256 of the size and the ids: equal for equal maps, whichever way they were painted.
    pub fn content_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.width.to_le_bytes());
        hasher.update(self.height.to_le_bytes());
        for tile in &self.tiles {
            hasher.update(tile.0);
        }
        hasher.finalize().into()
    }

    /// Pixels of each label id.
    pub fn counts(&self) -> [u64; 256] {
        let mut counts = [0; 256];
        for row in self.row_slices() {
            // Eight at a time where they are equal, as nearly everywhere.
            let (words, rest) = row.as_chunks::<8>();
            for word in words {
                if u64::from_ne_bytes(*word) == u64::from_ne_bytes([word[0]; 8]) {
                    counts[usize::from(word[0])] += 8;
                } else {
                    word.iter().for_each(|id| counts[usize::from(*id)] += 1);
                }
            }
            rest.iter().for_each(|id| counts[usize::from(*id)] += 1);
        }
        counts
    }

    /// The smallest rectangle around the pixels that differ from an older state of the map; `None` when none does, and
    /// the whole map when the sizes differ. Costs next to nothing where the two share tiles.
    pub fn changed_rect_since(&self, older: &LabelMap) -> Option<Rect> {
        if (self.width, self.height) != (older.width, older.height) {
            return Some(Rect { x: 0, y: 0, width: self.width, height: self.height });
        }
        let across = self.tiles_across();
        let tiles = self.tiles.iter().zip(&older.tiles).enumerate();
        tiles
            .filter(|(_, (new, old))| !Arc::ptr_eq(new, old))
            .filter_map(|(index, (new, old))| {
                let (x, y) = ((index % across) as u32 * TILE_SIDE_PX, (index / across) as u32 * TILE_SIDE_PX);
                difference(new, old).map(|rect| Rect { x: rect.x + x, y: rect.y + y, ..rect })
            })
            .reduce(Rect::union)
    }

    pub(super) fn tiles(&self) -> &[Arc<Tile>] {
        &self.tiles
    }

    /// Exclusive-ors a whole tile with `cells`. False, and nothing is right any more, when there is no such tile or the
    /// outcome has ids from `n_labels` on or ids beyond the map's edge.
    pub(super) fn mix_tile(&mut self, index: usize, cells: &[LabelId], n_labels: usize) -> bool {
        let across = self.tiles_across();
        let room = |side: u32, tile: usize| (side as usize - tile * TILE_SIDE).min(TILE_SIDE);
        if index >= self.tiles.len() || cells.len() != TILE_SIDE * TILE_SIDE {
            return false;
        }
        let (columns, rows) = (room(self.width, index % across), room(self.height, index / across));
        let tile = Arc::make_mut(&mut self.tiles[index]);
        tile.0.iter_mut().zip(cells).for_each(|(old, new)| *old ^= new);
        tile.0.iter().enumerate().all(|(cell, &id)| {
            let inside = cell % TILE_SIDE < columns && cell / TILE_SIDE < rows;
            if inside { usize::from(id) < n_labels } else { id == 0 }
        })
    }

    fn tiles_across(&self) -> usize {
        self.width.div_ceil(TILE_SIDE_PX) as usize
    }

    fn first_tile_of_row(&self, y: u32) -> usize {
        (y / TILE_SIDE_PX) as usize * self.tiles_across()
    }

    /// Whole tiles of one label share one tile; only those that the right or bottom edge cuts are made one by one.
    fn fill_uniformly(&mut self, id: LabelId) {
        let whole = Arc::new(Tile([id; TILE_SIDE * TILE_SIDE]));
        let (across, whole_across) = (self.tiles_across(), self.width as usize / TILE_SIDE);
        let whole_down = self.height as usize / TILE_SIDE;
        for (index, tile) in self.tiles.iter_mut().enumerate() {
            if index % across < whole_across && index / across < whole_down {
                *tile = Arc::clone(&whole);
            }
        }
        self.replace(0, id);
    }

    fn part(&self, (index, tile_y, columns): &RowPart) -> &[LabelId] {
        self.tiles[*index].row(*tile_y, columns.clone())
    }

    /// The column of the map at which a part starts.
    fn column(&self, (index, _, columns): &RowPart) -> u32 {
        (index % self.tiles_across() * TILE_SIDE + columns.start) as u32
    }

    /// All ids in row-major order, in slices.
    fn row_slices(&self) -> impl Iterator<Item = &[LabelId]> {
        (0..self.height).flat_map(move |y| self.row_parts(y, 0..self.width).map(move |part| self.part(&part)))
    }

    /// The pieces of a row, clipped to the map, from left to right. Borrows nothing, so that the tiles can be written
    /// meanwhile.
    fn row_parts(&self, y: u32, columns: Range<u32>) -> impl DoubleEndedIterator<Item = RowPart> + use<> {
        let (start, end) = (columns.start as usize, columns.end.min(self.width) as usize);
        let touched = if y < self.height && start < end { start / TILE_SIDE..end.div_ceil(TILE_SIDE) } else { 0..0 };
        let (first, tile_y) = (self.first_tile_of_row(y), y as usize % TILE_SIDE);
        touched.map(move |tile| {
            let left = tile * TILE_SIDE;
            (first + tile, tile_y, start.saturating_sub(left)..(end - left).min(TILE_SIDE))
        })
    }
}

impl From<LabelImage> for LabelMap {
    fn from(image: LabelImage) -> Self {
        Self::from_image(&image)
    }
}

impl PartialEq for LabelMap {
    fn eq(&self, other: &Self) -> bool {
        let same_size = (self.width, self.height) == (other.width, other.height);
        same_size && self.tiles.iter().zip(&other.tiles).all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
    }
}

impl Eq for LabelMap {}

impl std::fmt::Debug for LabelMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LabelMap({}×{})", self.width, self.height)
    }
}

/// How many ids are equal from the first on. Eight at a time: label maps are made of long runs.
pub(super) fn run_length(ids: &[LabelId]) -> usize {
    let Some(&first) = ids.first() else { return 0 };
    if ids.get(1) != Some(&first) {
        return 1;
    }
    let eight = u64::from_ne_bytes([first; 8]);
    let (words, _) = ids.as_chunks::<8>();
    let whole = 8 * words.iter().take_while(|word| u64::from_ne_bytes(**word) == eight).count();
    whole + ids[whole..].iter().take_while(|id| **id == first).count()
}

/// The columns of the `word`th tile from the left.
fn word_columns(word: u32) -> Range<u32> {
    let start = word.saturating_mul(TILE_SIDE_PX);
    start..start.saturating_add(TILE_SIDE_PX)
}

/// A bit for each of at most 64 ids: whether it is `id`. Eight at a time: a byte of the difference that is 0 keeps its
/// highest bit clear, and a multiplication brings the eight highest bits together.
fn equal_bits(ids: &[LabelId], id: LabelId) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let (words, rest) = ids.as_chunks::<8>();
    let mut bits = 0;
    for (index, word) in words.iter().enumerate() {
        let difference = u64::from_le_bytes(*word) ^ u64::from_le_bytes([id; 8]);
        let equal = !(((difference & LOW) + LOW) | difference) & !LOW;
        bits |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    let first = 8 * words.len();
    rest.iter().enumerate().fold(bits, |bits, (column, own)| bits | u64::from(*own == id) << (first + column))
}

/// The runs of equal ids, as an id and where it is.
fn runs(ids: &[LabelId]) -> impl Iterator<Item = (LabelId, Range<usize>)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let id = *ids.get(start)?;
        let run = start..start + run_length(&ids[start..]);
        start = run.end;
        Some((id, run))
    })
}

/// The smallest rectangle around the cells in which two tiles differ.
fn difference(a: &Tile, b: &Tile) -> Option<Rect> {
    let differs = a.0.iter().zip(&b.0).enumerate().filter(|(_, (a, b))| a != b).map(|(cell, _)| cell);
    differs
        .map(|cell| Rect { x: (cell % TILE_SIDE) as u32, y: (cell / TILE_SIDE) as u32, width: 1, height: 1 })
        .reduce(Rect::union)
}

#[cfg(test)]
mod tests;
