//! The wall of variations: latents, and where wanted attributes, of the mask as it is now.
//!
//! What is on the wall is fixed when it is rolled; the engine draws it when it has nothing else to do. A change of mask,
//! attributes or model outdates the pictures, and they are asked for anew once the change is finished.

mod columns;
mod rows;

pub use columns::{Column, Columns};
pub use rows::{DISTANCE_RANGE, Reach, VARIATIONS_MAX};

use std::sync::Arc;

use self::rows::Row;
use super::dock::SeenLayout;
use super::{Action, EditorState, Effect, ExportKind, IoJob, IoTask, Panel};
use crate::document::{LabelMap, LatentState};
use crate::engine::{LiveFrame, Picture, WallPicture, WallRequest, WallTile};
use crate::session;

/// A place on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileAt {
    /// A latent, counted from the first one.
    pub row: usize,
    /// A set of attributes, counted from the left.
    pub column: usize,
}

/// The wall, and what it is about.
#[derive(Debug, Default)]
pub struct Variations {
    /// Where its latents come from.
    pub reach: Reach,
    /// What its columns differ in, once that was chosen.
    columns: Option<Columns>,
    /// The tile that buttons and keys are about.
    pub current: Option<TileAt>,
    /// Whether that tile is shown in the place of the result.
    previewed: bool,
    rows: Vec<Row>,
    last_row: u64,
    /// Where near variations begin.
    center: LatentState,
    /// Grows when pictures of another mask or model are wanted.
    epoch: u64,
    asked: Option<Asked>,
    /// Whether the wall is another one than what was asked for.
    stale: bool,
    number: u64,
    failure: Option<String>,
    seen_layout: SeenLayout,
}

/// What the newest request was about.
#[derive(Debug)]
struct Asked {
    /// The document's generation when it was last compared.
    generation: u64,
    labels: LabelMap,
    model: String,
    strengths: Vec<Arc<[f32]>>,
    /// Whether the engine was told to stop meanwhile.
    stopped: bool,
}

/// A tile's picture, and what it is of.
#[derive(Clone, Debug)]
struct TilePicture {
    frame: Arc<LiveFrame>,
    strengths: Arc<[f32]>,
    epoch: u64,
}

/// What is to be seen of a tile.
#[derive(Clone, Debug)]
pub struct TileView {
    /// The picture, if there is one.
    pub frame: Option<Arc<LiveFrame>>,
    /// Whether that is of the mask and attributes as they are now.
    pub is_current: bool,
    /// Whether it stays when the others are rolled.
    pub is_pinned: bool,
    /// Whether the document has this latent, and these attributes.
    pub is_taken: bool,
}

/// Something on the wall.
#[derive(Clone, Debug)]
pub enum VariationCommand {
    /// Take latents from elsewhere.
    SetReach(Reach),
    /// Let the columns differ in something else.
    SetColumns(Columns),
    /// More of them.
    ShowMore,
    /// The pointer or the keyboard is at a tile, or has left it.
    Point(Option<TileAt>),
    /// The document gets the tile's latent, and its attributes where columns differ in them.
    Take(TileAt),
    /// Keep the tile's latent when the others are rolled, or no longer.
    TogglePin(TileAt),
    /// Take the tile, and look around it.
    MoreLike(TileAt),
    /// Write the tile's picture.
    Save(TileAt),
    /// Pictures came.
    Drawn {
        /// The wall's number.
        number: u64,
        /// The pictures.
        pictures: Vec<WallPicture>,
    },
    /// The engine gave the wall up.
    Failed {
        /// The wall's number.
        number: u64,
        /// Why, and what to do.
        message: String,
    },
}

impl Variations {
    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Why the wall is not drawn.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Latents that stay when the others are rolled, with the numbers that people see.
    pub(super) fn pinned_latents(&self) -> impl Iterator<Item = (usize, &LatentState)> {
        let rows = self.rows.iter().enumerate().filter(|(_, row)| row.pinned);
        rows.map(|(index, row)| (index + 1, &row.latent))
    }

    fn tile_id(row: &Row, column: usize) -> u64 {
        row.id << 8 | column as u64
    }
}

impl EditorState {
    /// The wall's columns as they are now.
    pub fn variation_columns(&self) -> Vec<Column> {
        self.columns_of_variations().of(&self.taxonomy, &self.document.attributes)
    }

    /// What the wall's columns differ in.
    pub fn columns_of_variations(&self) -> Columns {
        let chosen = self.variations.columns.filter(|columns| Columns::all(&self.taxonomy).contains(columns));
        chosen.unwrap_or_else(|| Columns::usual(&self.taxonomy))
    }

    /// How many rows of the wall are shown and drawn.
    pub fn variation_rows(&self) -> usize {
        self.variations.rows.len().min(VARIATIONS_MAX / self.columns_of_variations().count(&self.taxonomy).max(1))
    }

    /// What is to be seen of a tile.
    pub fn variation(&self, at: TileAt, column: &Column) -> Option<TileView> {
        let row = self.variations.rows.get(at.row)?;
        let picture = row.pictures.get(at.column).and_then(Option::as_ref);
        let same_column = column.caption.is_empty() || self.document.attributes == *column.strengths;
        Some(TileView {
            frame: picture.map(|picture| Arc::clone(&picture.frame)),
            is_current: picture.is_some_and(|picture| self.is_current(picture, &column.strengths)),
            is_pinned: row.pinned,
            is_taken: same_column && self.document.latent.as_pin() == row.latent.as_pin(),
        })
    }

    /// Part of the wall that is drawn, 0 to 1.
    pub fn variations_drawn(&self) -> f32 {
        let columns = self.variation_columns();
        let rows = self.variation_rows();
        let all = (rows * columns.len()).max(1);
        let missing = self.missing_tiles(&columns).count();
        1.0 - missing as f32 / all as f32
    }

    /// The picture on the canvas: that of the tile or control under the pointer, or the live one.
    pub fn shown_frame(&self) -> Option<&Arc<LiveFrame>> {
        self.previewed_frame().or(self.previewed_control()).or(self.live.frame.as_ref())
    }

    /// The tile that is shown in the place of the result, as soon as it is drawn.
    pub fn previewed_tile(&self) -> Option<TileAt> {
        self.variations.current.filter(|_| self.variations.previewed)
    }

    /// The picture of the tile under the pointer.
    pub fn previewed_frame(&self) -> Option<&Arc<LiveFrame>> {
        let at = self.previewed_tile()?;
        let picture = self.variations.rows.get(at.row)?.pictures.get(at.column)?.as_ref()?;
        Some(&picture.frame)
    }

    fn is_current(&self, picture: &TilePicture, strengths: &[f32]) -> bool {
        picture.epoch == self.variations.epoch && *picture.strengths == *strengths
    }

    fn missing_tiles<'a>(&'a self, columns: &'a [Column]) -> impl Iterator<Item = (&'a Row, usize, &'a Column)> {
        let rows = self.variations.rows.iter().take(self.variation_rows());
        let tiles = rows.flat_map(move |row| columns.iter().enumerate().map(move |(at, column)| (row, at, column)));
        tiles.filter(move |(row, at, column)| {
            let picture = row.pictures.get(*at).and_then(Option::as_ref);
            picture.is_none_or(|picture| !self.is_current(picture, &column.strengths))
        })
    }

    pub(super) fn variation_command(&mut self, command: VariationCommand, effects: &mut Vec<Effect>) {
        match command {
            VariationCommand::SetReach(reach) => self.set_reach(reach),
            VariationCommand::SetColumns(columns) => {
                self.variations.columns = Some(columns);
                self.variations.current = None;
                self.variations.stale = true;
            }
            VariationCommand::ShowMore => self.show_more_variations(),
            VariationCommand::Point(at) => {
                self.variations.previewed = at.is_some();
                self.variations.current = at.or(self.variations.current);
            }
            VariationCommand::Take(at) => self.take_variation(at, effects),
            VariationCommand::TogglePin(at) => {
                if let Some(row) = self.variations.rows.get_mut(at.row) {
                    row.pinned = !row.pinned;
                }
            }
            VariationCommand::MoreLike(at) => self.look_around(at, effects),
            VariationCommand::Save(at) => self.save_variation(at, effects),
            VariationCommand::Drawn { number, pictures } => self.variations_drawn_by(number, pictures),
            VariationCommand::Failed { number, message } => {
                if number == self.variations.number {
                    self.variations.failure = Some(message);
                }
            }
        }
        self.refresh_variations(effects);
    }

    pub(super) fn start_variation_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if action == Action::RollVariations {
            self.show_panel(Panel::Variations);
            self.roll_variations();
            return self.refresh_variations(effects);
        }
        let Some(at) = self.variations.current else { return };
        let command = match action {
            Action::TakeVariation => VariationCommand::Take(at),
            Action::MoreLikeVariation => VariationCommand::MoreLike(at),
            Action::PinVariation => VariationCommand::TogglePin(at),
            Action::SaveVariation => VariationCommand::Save(at),
            _ => return,
        };
        self.variation_command(command, effects);
    }

    pub(super) fn variation_disabled_reason(&self, action: Action) -> Option<&'static str> {
        let here = self.variations.current.is_some_and(|at| at.row < self.variations.rows.len());
        let drawn = || self.variations.current.is_some_and(|at| self.current_picture(at).is_some());
        let (possible, reason) = match action {
            Action::TakeVariation | Action::MoreLikeVariation if self.latent_locked => (false, "The latent is locked"),
            Action::TakeVariation | Action::MoreLikeVariation | Action::PinVariation => {
                (here, "Point at a variation first")
            }
            Action::SaveVariation if !here => (false, "Point at a variation first"),
            Action::SaveVariation => (drawn(), "Its picture is still to be drawn"),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    /// Whether the tile that buttons are about stays when the others are rolled.
    pub(super) fn current_is_pinned(&self) -> bool {
        self.variations.current.and_then(|at| self.variations.rows.get(at.row)).is_some_and(|row| row.pinned)
    }

    fn take_variation(&mut self, at: TileAt, effects: &mut Vec<Effect>) {
        let columns = self.variation_columns();
        let (Some(row), Some(column)) = (self.variations.rows.get(at.row), columns.get(at.column)) else { return };
        if self.latent_locked {
            return effects.push(Effect::info("The latent is locked: unlock it to take a variation."));
        }
        let seed = row.latent.seed;
        let pins = self.document.latent.pins.clone();
        // What the user has put aside stays, unless the variation is a blend of its own.
        let latent = match row.latent.blend {
            Some(_) => row.latent.clone(),
            None => LatentState { pins, ..row.latent.clone() },
        };
        if seed != self.document.latent.seed {
            self.seeds.visit(self.document.latent.seed);
            self.seeds.visit(seed);
        }
        self.edit_once(
            |document| {
                document.latent = latent;
                document.attributes = column.strengths.to_vec();
            },
            |_| "Variation".to_owned(),
        );
    }

    fn look_around(&mut self, at: TileAt, effects: &mut Vec<Effect>) {
        if self.latent_locked {
            return effects.push(Effect::info("The latent is locked: unlock it to look around a variation."));
        }
        self.take_variation(at, effects);
        self.variations.reach = self.variations.reach.narrowed();
        self.variations.previewed = false;
        self.roll_variations();
    }

    fn current_picture(&self, at: TileAt) -> Option<(&TilePicture, Column)> {
        let column = self.variation_columns().into_iter().nth(at.column)?;
        let picture = self.variations.rows.get(at.row)?.pictures.get(at.column)?.as_ref()?;
        self.is_current(picture, &column.strengths).then_some((picture, column))
    }

    /// The file carries a session of the tile, as the one of an exported result does.
    fn save_variation(&mut self, at: TileAt, effects: &mut Vec<Effect>) {
        let Some((picture, column)) = self.current_picture(at) else {
            return effects.push(Effect::info("The picture of this variation is still to be drawn."));
        };
        let Picture::Pixels(rgba) = &picture.frame.picture else { return };
        let (width, height) = (picture.frame.width, picture.frame.height);
        let picture = session::Picture { width, height, rgba: rgba.to_vec() };
        let mut session = Box::new(self.session());
        session.document.latent = self.variations.rows[at.row].latent.clone();
        session.document.attributes = column.strengths.to_vec();
        let task = IoTask::Export { kind: ExportKind::Result, picture, session };
        effects.push(Effect::Io(IoJob { path: None, task }));
    }

    fn variations_drawn_by(&mut self, number: u64, pictures: Vec<WallPicture>) {
        let wall = &mut self.variations;
        let Some(asked) = wall.asked.as_ref().filter(|_| number == wall.number) else { return };
        for WallPicture { id, picture } in pictures {
            let (row, column) = (id >> 8, (id & 0xff) as usize);
            let Some(row) = wall.rows.iter_mut().find(|known| known.id == row) else { continue };
            let Some(strengths) = asked.strengths.get(column).map(Arc::clone) else { continue };
            let frame = Arc::new(LiveFrame::still(picture));
            if row.pictures.len() <= column {
                row.pictures.resize(column + 1, None);
            }
            row.pictures[column] = Some(TilePicture { frame, strengths, epoch: wall.epoch });
        }
        wall.failure = None;
    }

    /// Asks for what is missing, once no edit is going on, and stops what is outdated.
    pub(super) fn refresh_variations(&mut self, effects: &mut Vec<Effect>) {
        if !self.shows_variations() || !self.can_render() || self.model.loading.is_some() {
            self.variations.previewed = false;
            return self.stop_variations(effects, true);
        }
        if self.variations.rows.is_empty() {
            self.roll_variations();
        }
        let outdated = self.variations_outdated();
        if outdated && (self.has_open_edit() || self.painting.is_active()) {
            self.stop_variations(effects, false);
        } else if outdated || self.variations.stale {
            self.ask_for_variations(effects);
        }
    }

    /// Whether mask, attributes or model are others than those asked for. Most of the time nothing has changed at all.
    fn variations_outdated(&mut self) -> bool {
        let generation = self.live.wanted;
        if self.variations.asked.as_ref().is_some_and(|asked| asked.generation == generation && !asked.stopped) {
            return false;
        }
        let columns = self.variation_columns();
        let hash = self.model.loaded.as_ref().map(|model| &model.hash);
        let Some(asked) = &mut self.variations.asked else { return true };
        let same = asked.labels == self.document.labels
            && hash == Some(&asked.model)
            && columns.iter().map(|column| &*column.strengths).eq(asked.strengths.iter().map(|strengths| &**strengths));
        if same && !asked.stopped {
            asked.generation = generation;
        }
        !same || asked.stopped
    }

    fn ask_for_variations(&mut self, effects: &mut Vec<Effect>) {
        let columns = self.variation_columns();
        let labels = self.document.labels.clone();
        let model = self.model.loaded.as_ref().map_or_else(String::new, |model| model.hash.clone());
        let wall = &mut self.variations;
        let same = wall.asked.as_ref().is_some_and(|asked| asked.labels == labels && asked.model == model);
        wall.epoch += u64::from(!same);
        wall.number += 1;
        wall.stale = false;
        wall.failure = None;
        wall.asked = Some(Asked {
            generation: self.live.wanted,
            labels: labels.clone(),
            model,
            strengths: columns.iter().map(|column| Arc::clone(&column.strengths)).collect(),
            stopped: false,
        });
        let missing = self.missing_tiles(&columns);
        let tiles = missing.map(|(row, at, column)| WallTile {
            id: Variations::tile_id(row, at),
            latent: row.latent.clone(),
            attributes: Arc::clone(&column.strengths),
        });
        let request = WallRequest { number: self.variations.number, labels, tiles: tiles.collect() };
        effects.push(Effect::DrawWall(Box::new(request)));
    }

    /// Tells the engine to leave the wall, once. Afterwards it is asked for anew, as far as it is still wanted.
    fn stop_variations(&mut self, effects: &mut Vec<Effect>, forget: bool) {
        let wall = &mut self.variations;
        let Some(asked) = &mut wall.asked else { return };
        if !asked.stopped {
            asked.stopped = true;
            wall.number += 1;
            let request = WallRequest { number: wall.number, labels: asked.labels.clone(), tiles: Vec::new() };
            effects.push(Effect::DrawWall(Box::new(request)));
        }
        if forget {
            // Pictures that are there already stay good as long as mask and model are the same.
            wall.stale = true;
        }
    }

    /// What is behind another tab is not drawn for nobody.
    fn shows_variations(&mut self) -> bool {
        self.variations.seen_layout.has_in_front(&self.preferences.dock_layout, Panel::Variations)
    }
}

#[cfg(test)]
mod tests;
