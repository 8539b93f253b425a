//! Grids of looks: masks against latents, masks against attributes.

use image::RgbImage;

use super::template_look;
use crate::document::{LatentState, Look};
use crate::export::{Sheet, SheetCell};
use crate::taxonomy::{GroupKind, Taxonomy};
use crate::templates::template;

/// A grid with more pictures than this is a mistake.
pub const MAX_GRID_PICTURES: usize = 1024;

/// Looks in rows and columns, with a caption for each of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Over the columns, from the left.
    pub columns: Vec<String>,
    /// Beside the rows, from the top.
    pub rows: Vec<String>,
    /// Column after column: neighbours share their mask, hence what the generator makes of it.
    pub cells: Vec<GridCell>,
}

/// One look of a [`Grid`].
#[derive(Clone, Debug, PartialEq)]
pub struct GridCell {
    /// Counted from the left.
    pub column: usize,
    /// Counted from the top.
    pub row: usize,
    /// The look.
    pub look: Look,
}

impl Grid {
    /// The paper's latent grid: a column for each mask, a row for each latent.
    pub fn of_latents(masks: &[(String, Look)], latents: &[(String, LatentState)]) -> Self {
        Self::of(masks, latents, |look, latent| Look { latent: latent.clone(), ..look.clone() })
    }

    /// The paper's attribute grid turned so that masks stay in columns: a row for each set of attributes.
    pub fn of_attributes(masks: &[(String, Look)], attributes: &[(String, Vec<f32>)]) -> Self {
        Self::of(masks, attributes, |look, attributes| Look { attributes: attributes.clone(), ..look.clone() })
    }

    fn of<T>(masks: &[(String, Look)], rows: &[(String, T)], look: impl Fn(&Look, &T) -> Look) -> Self {
        let cells = masks.iter().enumerate().flat_map(|(column, (_, mask))| {
            let look = &look;
            rows.iter().enumerate().map(move |(row, (_, value))| GridCell { column, row, look: look(mask, value) })
        });
        Self {
            cells: cells.collect(),
            columns: masks.iter().map(|(caption, _)| caption.clone()).collect(),
            rows: rows.iter().map(|(caption, _)| caption.clone()).collect(),
        }
    }
}

impl Grid {
    /// The first look of each column, for a row of masks.
    pub fn masks(&self) -> impl Iterator<Item = &Look> {
        self.cells.iter().filter(|cell| cell.row == 0).map(|cell| &cell.look)
    }

    /// The grid with its pictures, one for each cell, below a row of masks if there are any.
    pub fn into_sheet(self, masks: Vec<RgbImage>, pictures: Vec<RgbImage>) -> Sheet {
        let above = usize::from(!masks.is_empty());
        let first = masks.into_iter().enumerate().map(|(column, picture)| SheetCell { column, row: 0, picture });
        let rest = self.cells.iter().zip(pictures);
        let rest = rest.map(|(cell, picture)| SheetCell { column: cell.column, row: cell.row + above, picture });
        let mask_row = (above == 1).then(|| "mask".to_owned());
        Sheet {
            cells: first.chain(rest).collect(),
            columns: self.columns,
            rows: mask_row.into_iter().chain(self.rows).collect(),
        }
    }
}

/// What a template is called over a column.
pub fn template_caption(name: &str) -> String {
    name.replace('-', " ")
}

/// A row for each seed.
pub fn seed_rows(seeds: impl IntoIterator<Item = u64>) -> Vec<(String, LatentState)> {
    seeds.into_iter().map(|seed| (format!("seed {seed}"), LatentState { seed, ..LatentState::default() })).collect()
}

/// Templates that differ as much as masks can: a row of all would be too long to look at.
const COLUMNS: [&str; 12] = [
    "front",
    "laughing",
    "left",
    "right",
    "long-hair",
    "short-hair",
    "standing",
    "skirt",
    "dress",
    "shorts",
    "suit",
    "walking",
];

/// A column for each of some bundled templates whose labels and attributes are this taxonomy's, `side_px` a side.
pub fn template_masks(taxonomy: &Taxonomy, side_px: u32) -> Vec<(String, Look)> {
    let fits =
        |name: &str| name == taxonomy.name && Taxonomy::builtin(name).is_some_and(|own| own.has_channels_of(taxonomy));
    let own = COLUMNS.into_iter().filter_map(template).filter(|template| fits(template.taxonomy));
    own.filter_map(|template| Some((template_caption(template.name), template_look(template.name, side_px)?))).collect()
}

/// Every combination of the attributes of these indices that their groups allow, with a caption: of exclusive ones at
/// most one is on. The others keep their strength in `usual`, but for those that a chosen one excludes.
pub fn attribute_combinations(taxonomy: &Taxonomy, varied: &[usize], usual: &[f32]) -> Vec<(String, Vec<f32>)> {
    let names: Vec<&str> = taxonomy.attribute_names().collect();
    let mut combinations = vec![(Vec::<usize>::new(), usual.to_vec())];
    for (range, kind) in taxonomy.group_ranges() {
        let own: Vec<usize> = range.clone().filter(|index| varied.contains(index)).collect();
        if own.is_empty() {
            continue;
        }
        let choices: Vec<Vec<usize>> = if kind == GroupKind::Independent {
            (0..1usize << own.len().min(MAX_INDEPENDENT)).map(|bits| chosen(&own, bits)).collect()
        } else {
            own.iter().map(|&index| vec![index]).collect()
        };
        let with = |(on, strengths): &(Vec<usize>, Vec<f32>), choice: &Vec<usize>| {
            let mut strengths = strengths.clone();
            let off = if kind == GroupKind::Independent { own.clone() } else { range.clone().collect() };
            off.iter().for_each(|&index| strengths[index] = 0.0);
            choice.iter().for_each(|&index| strengths[index] = 1.0);
            (on.iter().chain(choice).copied().collect(), strengths)
        };
        combinations =
            combinations.iter().flat_map(|before| choices.iter().map(|choice| with(before, choice))).collect();
    }
    let caption = |on: &[usize]| {
        let on: Vec<String> =
            on.iter().filter_map(|&index| names.get(index)).map(|name| name.replace('_', " ")).collect();
        if on.is_empty() { "none".to_owned() } else { on.join(", ") }
    };
    combinations.into_iter().map(|(on, strengths)| (caption(&on), strengths)).collect()
}

/// More attributes than this would make more rows than a picture holds.
const MAX_INDEPENDENT: usize = 6;

fn chosen(own: &[usize], bits: usize) -> Vec<usize> {
    own.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).map(|(_, &index)| index).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::template_look;
    use super::*;

    #[test]
    fn exclusive_attributes_are_never_on_together() {
        let taxonomy = Taxonomy::builtin("portrait").unwrap();
        let index = |name: &str| taxonomy.attribute_index(name).unwrap();
        let mut usual = taxonomy.default_attributes();
        usual[index("Red_Hair")] = 1.0;
        usual[index("Beard")] = 0.5;
        let varied = ["Black_Hair", "Blond_Hair", "Male", "Young"].map(index);
        let combinations = attribute_combinations(&taxonomy, &varied, &usual);
        assert_eq!(combinations.len(), 2 * 4);
        assert_eq!(combinations[0].0, "Black Hair");
        assert_eq!(combinations[7].0, "Blond Hair, Male, Young");
        for (caption, strengths) in &combinations {
            let hair: f32 = strengths[..5].iter().sum();
            assert_eq!((hair, strengths[index("Beard")]), (1.0, 0.5), "{caption}");
        }
        assert_eq!(attribute_combinations(&taxonomy, &[], &usual), [("none".to_owned(), usual)]);
    }

    #[test]
    fn masks_are_columns() {
        let masks = ["front", "left"].map(|name| (name.to_owned(), template_look(name, 8).unwrap()));
        let latents = seed_rows([1, 2, 3]);
        let grid = Grid::of_latents(&masks, &latents);
        assert_eq!((grid.columns.len(), grid.rows.len(), grid.cells.len()), (2, 3, 6));
        let last = &grid.cells[5];
        assert_eq!((last.column, last.row, last.look.latent.seed), (1, 2, 3));
        assert_eq!(last.look.labels, masks[1].1.labels);
        assert_eq!(grid.masks().map(|look| &look.labels).collect::<Vec<_>>(), [&masks[0].1.labels, &masks[1].1.labels]);

        let picture = |shade: usize| RgbImage::from_pixel(1, 1, image::Rgb([shade as u8; 3]));
        let sheet = grid.clone().into_sheet(vec![picture(0), picture(1)], (10..16).map(picture).collect());
        assert_eq!((sheet.columns, sheet.rows[0].as_str(), sheet.rows.len()), (grid.columns.clone(), "mask", 4));
        let places: Vec<_> = sheet.cells.iter().map(|cell| (cell.column, cell.row, cell.picture.as_raw()[0])).collect();
        assert_eq!(places[..4], [(0, 0, 0), (1, 0, 1), (0, 1, 10), (0, 2, 11)]);
        assert_eq!(grid.into_sheet(Vec::new(), (0..6).map(picture).collect()).rows.len(), 3);
    }

    #[test]
    fn templates_are_columns_of_their_own_taxonomy_only() {
        let masks = |name: &str| template_masks(&Taxonomy::builtin(name).unwrap(), 16);
        assert!(masks("portrait").iter().any(|(caption, _)| caption == "long hair"));
        assert!(masks("outfit").iter().all(|(caption, _)| caption != "front") && masks("celeba-7").is_empty());
    }
}
