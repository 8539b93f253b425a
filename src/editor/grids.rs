//! The paper's grids: masks against latents, and masks against attributes, drawn in the background and written as one
//! picture with captions.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

use super::exports::Awaited;
use super::{Action, EditorState, Effect, ExportTicket, IoJob, IoTask, Panel};
use crate::document::{LatentState, Look};
use crate::engine::{EngineCommand, LiveRequest, PicturePixels};
use crate::taxonomy::GroupKind;
use crate::timeline::{Grid, attribute_combinations, seed_rows, template_masks};

/// Rows of a grid of latents: the document's, the pinned variations, and then the first seeds.
const LATENT_ROWS: usize = 4;
const FILLING_SEEDS: std::ops::Range<u64> = 1..8;
/// So many of an exclusive group, and so many independent attributes, are combined: twelve rows at most.
const EXCLUSIVE: usize = 3;
const INDEPENDENT: usize = 2;

/// What the rows of a grid differ in. Its columns are masks: the templates, and the document's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridKind {
    /// Latents.
    Latents,
    /// Combinations of attributes.
    Attributes,
}

impl GridKind {
    /// Name of the file as it is proposed.
    pub const fn default_file_name(self) -> &'static str {
        match self {
            Self::Latents => "masks-and-latents.png",
            Self::Attributes => "masks-and-attributes.png",
        }
    }
}

/// A grid on its way to a file.
#[derive(Debug)]
pub struct GridExport {
    number: u64,
    path: PathBuf,
    grid: Grid,
    pictures: Vec<RgbImage>,
    ticket: Arc<ExportTicket>,
}

impl GridExport {
    /// How much is done, 0 to 1. Nearly all of the time goes into drawing.
    pub fn progress(&self) -> f32 {
        let drawn = self.pictures.len() as f32 / self.grid.cells.len().max(1) as f32;
        if self.ticket.written() > 0 { 1.0 } else { drawn.min(1.0) }
    }
}

impl EditorState {
    pub(super) fn start_grid_action(&mut self, action: Action, effects: &mut Vec<Effect>) {
        let kind = match action {
            Action::ExportLatentGrid => GridKind::Latents,
            _ => GridKind::Attributes,
        };
        effects.push(Effect::Io(IoJob { path: None, task: IoTask::ChooseGrid { kind } }));
    }

    pub(super) fn grid_disabled_reason(&self, action: Action) -> Option<&'static str> {
        let (possible, reason) = match action {
            Action::ExportLatentGrid | Action::ExportAttributeGrid if self.grid_export.is_some() => {
                (false, "A grid is being drawn")
            }
            Action::ExportAttributeGrid if self.taxonomy.n_attributes() == 0 => (false, "This model has no attributes"),
            Action::ExportLatentGrid | Action::ExportAttributeGrid => (self.can_render(), "No fitting model is loaded"),
            _ => return None,
        };
        (!possible).then_some(reason)
    }

    /// The grid as it would be drawn now.
    fn grid(&self, kind: GridKind) -> Grid {
        let masks = self.grid_masks();
        match kind {
            GridKind::Latents => Grid::of_latents(&masks, &self.grid_latents()),
            GridKind::Attributes => {
                let varied = self.varied_attributes();
                Grid::of_attributes(&masks, &attribute_combinations(&self.taxonomy, &varied, &self.document.attributes))
            }
        }
    }

    /// The templates that the model understands, all with the document's attributes and latent, and the document's mask
    /// unless it is one of them.
    fn grid_masks(&self) -> Vec<(String, Look)> {
        let document = &self.document;
        let side_px = document.labels.width().max(document.labels.height());
        let own = Look {
            labels: document.labels.clone(),
            attributes: document.attributes.clone(),
            latent: document.latent.clone(),
        };
        let templates = template_masks(&self.taxonomy, side_px);
        let is_template = templates.iter().any(|(_, look)| look.labels == own.labels);
        let templates = templates.into_iter().map(|(name, look)| (name, Look { labels: look.labels, ..own.clone() }));
        let mine = (!is_template).then(|| ("your mask".to_owned(), own.clone()));
        mine.into_iter().chain(templates).collect()
    }

    fn grid_latents(&self) -> Vec<(String, LatentState)> {
        let own = &self.document.latent;
        let caption = |latent: &LatentState, otherwise: &str| {
            let plain = LatentState { seed: latent.seed, pins: latent.pins.clone(), ..LatentState::default() };
            if *latent == plain { format!("seed {}", latent.seed) } else { otherwise.to_owned() }
        };
        let mut rows = vec![(caption(own, "your latent"), own.clone())];
        let pinned = self.variations.pinned_latents();
        rows.extend(pinned.map(|(number, latent)| (caption(latent, &format!("variation {number}")), latent.clone())));
        for row in seed_rows(FILLING_SEEDS) {
            if rows.len() < LATENT_ROWS && !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }

    /// The first of the exclusive attributes, and the first of those that are combined freely.
    fn varied_attributes(&self) -> Vec<usize> {
        let groups = || self.taxonomy.group_ranges();
        let exclusive = groups().find(|(_, kind)| *kind != GroupKind::Independent);
        let exclusive = exclusive.into_iter().flat_map(|(range, _)| range.take(EXCLUSIVE));
        let independent = groups().filter(|(_, kind)| *kind == GroupKind::Independent).flat_map(|(range, _)| range);
        exclusive.chain(independent.take(INDEPENDENT)).collect()
    }

    /// The panel with the progress is opened, so that the export can be seen and stopped.
    pub(super) fn export_grid(&mut self, path: PathBuf, kind: GridKind, effects: &mut Vec<Effect>) {
        if self.grid_export.is_some() || !self.can_render() {
            return;
        }
        self.finish_edit();
        self.show_panel(Panel::Variations);
        self.last_grid += 1;
        let (number, grid) = (self.last_grid, self.grid(kind));
        self.grid_export =
            Some(GridExport { number, path, grid, pictures: Vec::new(), ticket: Arc::new(ExportTicket::default()) });
        self.ask_for_grid_cell(effects);
    }

    /// One at a time, so that a stroke never waits for more than one.
    fn ask_for_grid_cell(&mut self, effects: &mut Vec<Effect>) {
        let Some(export) = &self.grid_export else { return };
        let Some(cell) = export.grid.cells.get(export.pictures.len()) else { return };
        let Look { labels, attributes, latent } = cell.look.clone();
        let request = LiveRequest { generation: self.live.wanted, labels, attributes: attributes.into(), latent };
        self.exports.push_back(Awaited::GridCell(export.number));
        effects.push(Effect::Engine(EngineCommand::ReadPicture(Box::new(request))));
    }

    pub(super) fn grid_cell_read(&mut self, number: u64, pixels: PicturePixels, effects: &mut Vec<Effect>) {
        let Some(export) = self.grid_export.as_mut().filter(|export| export.number == number) else { return };
        let Some(picture) = pixels.to_rgb() else {
            self.grid_export = None;
            return effects.push(Effect::error("The grid was not exported: a cell is no picture; try again."));
        };
        export.pictures.push(picture);
        if export.pictures.len() < export.grid.cells.len() {
            return self.ask_for_grid_cell(effects);
        }
        let task = IoTask::ExportGrid {
            grid: Box::new(export.grid.clone()),
            pictures: export.pictures.clone(),
            taxonomy: Box::new(self.taxonomy.clone()),
            ticket: Arc::clone(&export.ticket),
        };
        effects.push(Effect::Io(IoJob { path: Some(export.path.clone()), task }));
    }

    /// A cell could not be drawn, so there is no grid.
    pub(super) fn grid_cell_not_read(&mut self, number: u64) {
        self.grid_export.take_if(|export| export.number == number);
    }

    pub(super) fn cancel_grid(&mut self, effects: &mut Vec<Effect>) {
        if let Some(export) = self.grid_export.take() {
            export.ticket.cancel();
            effects.push(Effect::info("The export was cancelled. No file was left."));
        }
    }

    /// Nothing is said about one that was cancelled.
    pub(super) fn grid_written(
        &mut self,
        ticket: &Arc<ExportTicket>,
        error: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(export) = self.grid_export.take_if(|export| Arc::ptr_eq(&export.ticket, ticket)) else { return };
        effects.push(match error {
            Some(error) => Effect::error(error),
            None => Effect::success(format!("Saved {}", super::files::short(&export.path))),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::editor::tests::editor;
    use crate::editor::{Command, IoDone, VariationCommand, apply};
    use crate::timeline::MAX_GRID_PICTURES;

    fn cell() -> Command {
        Command::PictureRead(PicturePixels { width: 2, height: 2, rgba: vec![7; 16].into() })
    }

    fn start(state: &mut EditorState, kind: GridKind) -> Vec<Effect> {
        apply(state, Command::Io(IoDone::GridFileChosen { path: "/tmp/grid.png".into(), kind }))
    }

    fn reads(effects: &[Effect]) -> usize {
        effects.iter().filter(|effect| matches!(effect, Effect::Engine(EngineCommand::ReadPicture(_)))).count()
    }

    fn written(effects: &[Effect]) -> Option<&IoTask> {
        effects.iter().find_map(|effect| match effect {
            Effect::Io(IoJob { path: Some(_), task }) => Some(task),
            _ => None,
        })
    }

    #[test]
    fn one_click_asks_where_to_draws_cell_after_cell_and_writes() {
        let mut state = editor(61);
        let effects = apply(&mut state, Command::Do(Action::ExportLatentGrid));
        let asked = |effect: &Effect| {
            matches!(effect, Effect::Io(IoJob { path: None, task: IoTask::ChooseGrid { kind: GridKind::Latents } }))
        };
        assert!(effects.iter().any(asked));
        let mut effects = start(&mut state, GridKind::Latents);
        assert!(state.dock().shows(Panel::Variations) && !Action::ExportAttributeGrid.is_enabled(&state));
        let cells = state.grid_export.as_ref().unwrap().grid.cells.len();
        assert_eq!(cells, 6 * LATENT_ROWS, "six templates, of which one is the document's mask");
        for _ in 0..cells {
            assert_eq!((reads(&effects), written(&effects).is_none()), (1, true), "one at a time");
            effects = apply(&mut state, cell());
        }
        let Some(IoTask::ExportGrid { grid, pictures, ticket, .. }) = written(&effects) else { unreachable!() };
        assert_eq!((grid.cells.len(), pictures.len()), (cells, cells));
        assert_eq!(state.grid_export.as_ref().unwrap().progress(), 1.0);
        let ticket = Arc::clone(ticket);
        apply(&mut state, Command::Io(IoDone::GridWritten { ticket, error: None }));
        assert!(state.grid_export.is_none() && Action::ExportLatentGrid.is_enabled(&state));
    }

    #[test]
    fn a_cancelled_grid_asks_for_nothing_more() {
        let mut state = editor(62);
        start(&mut state, GridKind::Attributes);
        apply(&mut state, cell());
        apply(&mut state, Command::CancelGrid);
        assert!(state.grid_export.is_none());
        assert_eq!(reads(&apply(&mut state, cell())), 0);
        let effects = start(&mut state, GridKind::Attributes);
        assert_eq!(reads(&effects), 1);
        apply(&mut state, Command::PictureNotRead("no".to_owned()));
        assert!(state.grid_export.is_none());
    }

    #[test]
    fn grids_are_of_the_templates_the_own_mask_and_what_was_pinned() {
        let mut state = editor(63);
        apply(&mut state, Command::Do(Action::CopyLeftHalf));
        apply(&mut state, Command::SelectLabel(3));
        state.document.labels.set(1, 1, 3);
        apply(&mut state, Command::Do(Action::RollVariations));
        apply(&mut state, Command::Variation(VariationCommand::TogglePin(crate::editor::TileAt { row: 4, column: 0 })));
        let latents = state.grid(GridKind::Latents);
        assert_eq!(latents.columns[0], "your mask");
        assert_eq!((latents.columns.len(), latents.rows.len()), (7, LATENT_ROWS));
        let attributes = state.grid(GridKind::Attributes);
        assert_eq!((attributes.rows.len(), attributes.rows[0].as_str()), (12, "Black Hair"));
        assert!(attributes.cells.len() <= MAX_GRID_PICTURES);
        let latent = &state.document.latent;
        assert!(attributes.cells.iter().all(|cell| cell.look.latent == *latent));
    }
}
