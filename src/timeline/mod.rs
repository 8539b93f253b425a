//! Animations: in-between masks, the looks between keyframes, and ready-made timelines and grids.

mod distance;
mod grid;
mod morph;
mod pairing;
mod player;
mod presets;
mod shape;

pub use grid::{
    Grid, GridCell, MAX_GRID_PICTURES, attribute_combinations, seed_rows, template_caption, template_masks,
};
pub use morph::Morph;
pub use player::{MORPH_SIDE_PX, Player};
pub use presets::{Preset, template_look};
